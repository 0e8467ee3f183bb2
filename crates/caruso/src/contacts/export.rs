//! `caruso contacts export`: the contact log for replay, into a file.
//!
//! One message is in memory at a time; the next comes when this one is written. Where the
//! connection breaks, the export goes on behind the last event that came.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::contacts_client::ContactsClient;
use caruso_api::contact::v1::export_response::Part;
use caruso_component::InterfaceChannel;
use caruso_contact::{EventId, Time};
use caruso_simulation::{MOST_BYTES_OF_LINE, Recorded, end_line, event_line, header_line};
use clap::Args;
use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use tonic::Code;

/// A broken export goes on so many times, after a pause.
const MOST_TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(500);

/// What `caruso contacts export` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// From this moment on: 2026-11-22, 2026-11-22T08:00, or with a zone, 2026-11-22T07:00Z
    #[arg(long, value_parser = moment)]
    from: Option<Timestamp>,
    /// Up to, not including, this moment
    #[arg(long, value_parser = moment)]
    to: Option<Timestamp>,
    /// File to write; without it, the log is printed
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// A moment as people write it: without a zone, by the clock of this machine.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Ok(moment);
    }
    let local = text.parse::<DateTime>().or_else(|_| text.parse::<Date>().map(DateTime::from));
    let moment = local.and_then(|local| local.to_zoned(TimeZone::system()));
    let moment = moment.map(|moment| moment.timestamp());
    moment.map_err(|_| "expected a moment such as 2026-11-22 or 2026-11-22T08:00".to_owned())
}

/// Writes the log; says how much where it went to a file.
pub(super) async fn export(
    client: &mut ContactsClient<InterfaceChannel>,
    options: Options,
) -> anyhow::Result<()> {
    let Options { from, to, output } = options;
    let request = wire::ExportRequest { from: from.map(wired), to: to.map(wired), ..empty() };
    let Some(path) = output else {
        let mut writing = Writing::new(std::io::stdout().lock());
        return writing.all(client, request).await.map(drop);
    };
    let file = File::create(&path).with_context(|| format!("cannot write {}", path.display()))?;
    let mut writing = Writing::new(BufWriter::new(file));
    let events = writing.all(client, request).await?;
    println!("{}: {events} events", path.display());
    Ok(())
}

fn empty() -> wire::ExportRequest {
    wire::ExportRequest { from: None, to: None, bounds: None, after: 0 }
}

fn wired(moment: Timestamp) -> prost_types::Timestamp {
    prost_types::Timestamp { seconds: moment.as_second(), nanos: moment.subsec_nanosecond() }
}

/// A log while it is written.
struct Writing<W> {
    to: W,
    bounds: Option<wire::ExportBounds>,
    state: Vec<u8>,
    has_header: bool,
    events: usize,
    last: u64,
}

impl<W: Write> Writing<W> {
    fn new(to: W) -> Self {
        Self { to, bounds: None, state: Vec::new(), has_header: false, events: 0, last: 0 }
    }

    /// Takes everything, in several tries if it must be; how many events there were.
    async fn all(
        &mut self,
        client: &mut ContactsClient<InterfaceChannel>,
        first: wire::ExportRequest,
    ) -> anyhow::Result<usize> {
        let mut tries = 0;
        loop {
            let mut request = first;
            if self.has_header {
                (request.bounds, request.after) = (self.bounds, self.last);
            } else {
                (self.bounds, self.state) = (None, Vec::new());
            }
            match self.stream(client, request).await {
                Ok(()) if self.is_whole() => break,
                Ok(()) => tries += 1,
                Err(error) if is_passing(&error) => tries += 1,
                Err(error) => return Err(error),
            }
            if tries >= MOST_TRIES {
                bail!("the export broke off {tries} times, last behind event {}", self.last);
            }
            tokio::time::sleep(PAUSE).await;
        }
        writeln!(self.to, "{}", end_line(self.events, self.last))?;
        self.to.flush()?;
        Ok(self.events)
    }

    async fn stream(
        &mut self,
        client: &mut ContactsClient<InterfaceChannel>,
        request: wire::ExportRequest,
    ) -> anyhow::Result<()> {
        let mut parts = client.export(request).await?.into_inner();
        while let Some(message) = parts.message().await? {
            match message.part {
                Some(Part::Bounds(bounds)) => {
                    (self.bounds, self.last) = (Some(bounds), bounds.after);
                }
                Some(Part::State(piece)) => self.piece(&piece)?,
                Some(Part::Events(page)) => self.page(page)?,
                None => {}
            }
        }
        Ok(())
    }

    fn is_whole(&self) -> bool {
        self.has_header && self.bounds.is_some_and(|bounds| bounds.through == self.last)
    }

    fn piece(&mut self, piece: &[u8]) -> anyhow::Result<()> {
        self.state.extend(piece);
        if self.state.len() > MOST_BYTES_OF_LINE {
            bail!("the state at the beginning is larger than a log can have");
        }
        if let (true, Some(bounds)) = (piece.is_empty(), self.bounds) {
            let state = std::mem::take(&mut self.state);
            let state = serde_json::from_slice(&state).context("the state is not readable")?;
            writeln!(self.to, "{}", header_line(bounds.after, bounds.through, state)?)?;
            self.has_header = true;
        }
        Ok(())
    }

    fn page(&mut self, page: wire::ExportedEvents) -> anyhow::Result<()> {
        for event in page.events {
            let position = event.position;
            let event = recorded(event).with_context(|| format!("event {position}"))?;
            writeln!(self.to, "{}", event_line(&event)?)?;
            (self.events, self.last) = (self.events + 1, position);
        }
        Ok(())
    }
}

fn recorded(event: wire::ExportedEvent) -> anyhow::Result<Recorded> {
    let at = event.recorded_at.unwrap_or_default();
    let millis = u64::try_from(at.seconds)? * 1000 + u64::try_from(at.nanos)? / 1_000_000;
    Ok(Recorded {
        position: event.position,
        id: event.event_id.parse::<EventId>()?,
        at: Time::from_millis(millis),
        release: event.release_digest,
        event: serde_json::from_slice(&event.payload)?,
    })
}

/// Whether it may be otherwise in a moment.
fn is_passing(error: &anyhow::Error) -> bool {
    let status = error.downcast_ref::<tonic::Status>();
    status.is_some_and(|it| matches!(it.code(), Code::Unavailable | Code::Unknown | Code::Aborted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_read_with_and_without_a_zone() {
        assert_eq!(moment("1970-01-01T00:00:01Z").expect("an instant").as_second(), 1);
        let day = moment("2026-11-22").expect("a day");
        assert_eq!(moment("2026-11-22T00:00").expect("a minute"), day);
        for wrong in ["", "yesterday", "2026-13-01", "08:00"] {
            assert!(moment(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_log_that_came_in_two_streams_is_written_as_one() {
        let mut writing = Writing::new(Vec::new());
        writing.bounds = Some(wire::ExportBounds { after: 4, through: 6 });
        let state = br#"{"agents":{},"contacts":{},"lines":{},"ready":[],"offers":{},
            "deadlines":[],"wrap_ups":{},"wrap_up_deadlines":[]}"#;
        let event = |position| wire::ExportedEvent {
            position,
            event_id: "00000000-0000-7000-8000-000000000001".to_owned(),
            recorded_at: Some(prost_types::Timestamp { seconds: 5, nanos: 7_000_000 }),
            release_digest: "sha256:1".to_owned(),
            payload: br#"{"agent":"agent-00001","event":{"kind":"phone-registered"}}"#.to_vec(),
        };
        for piece in [&state[..20], &state[20..], &[]] {
            writing.piece(piece).expect("a piece");
        }
        for position in [5, 6] {
            assert!(!writing.is_whole());
            writing.page(wire::ExportedEvents { events: vec![event(position)] }).expect("a page");
        }
        assert!(writing.is_whole());
        let text = String::from_utf8(writing.to).expect("text") + &end_line(2, 6);
        let mut reader = caruso_simulation::Reader::default();
        text.lines().for_each(|line| reader.line(line).expect("it is well"));
        let read = reader.finish().expect("whole");
        assert_eq!(read.events.iter().map(|it| it.at.as_millis()).collect::<Vec<_>>(), [5007; 2]);
    }
}
