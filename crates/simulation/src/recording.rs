//! A recorded contact log: lines of JSON with a header, the events, and a last line by which one
//! that broke off is told from a whole one.
//!
//! ```text
//! {"format":"caruso-contact-log","version":1,"after":0,"through":2,"state":{…}}
//! {"position":1,"id":UUID,"at":MILLISECONDS,"release":DIGEST,"event":{…}}
//! {"position":2,…}
//! {"end":{"events":2,"position":2}}
//! ```

use std::fmt;

use caruso_contact::{Event, EventId, Time};
use caruso_routing::Domain;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::codes;

/// What a recorded log calls itself.
pub const FORMAT: &str = "caruso-contact-log";
/// The version of its form that is written, and the only one that is read.
pub const VERSION: u32 = 1;
/// Most events of a log that is replayed; a year of a small centre.
pub const MOST_EVENTS: usize = 2_000_000;
/// Most bytes of a line: the state of ten thousand contacts and agents fits.
pub const MOST_BYTES_OF_LINE: usize = 64 * 1024 * 1024;

/// An event with its place in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its position: one more than that of the event before.
    pub position: u64,
    /// Its id.
    pub id: EventId,
    /// When it was decided.
    pub at: Time,
    /// Digest of the release under which it was decided.
    pub release: String,
    /// What happened.
    pub event: Event,
}

/// A whole log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recording {
    /// The state of routing before the first event.
    pub state: Domain,
    /// The events. They were decided by one owner, in this order.
    pub events: Vec<Recorded>,
}

#[derive(Serialize, Deserialize)]
struct Header {
    format: String,
    version: u32,
    after: u64,
    through: u64,
    state: Domain,
}

#[derive(Deserialize)]
struct Name {
    format: String,
    version: u32,
}

#[derive(Deserialize)]
struct Last {
    end: End,
}

#[derive(Deserialize)]
struct End {
    events: usize,
    position: u64,
}

/// Why a log cannot be replayed, with the place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Fault {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// One of [`codes`].
    pub code: &'static str,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column, code, message, hint } = self;
        write!(f, "{line}:{column}: {message} [{code}]\n    {hint}")
    }
}

/// The first line of a log of the events after one position up to and including another.
///
/// # Errors
/// None of states that a router had.
pub fn header_line(after: u64, through: u64, state: Domain) -> serde_json::Result<String> {
    let format = FORMAT.to_owned();
    serde_json::to_string(&Header { format, version: VERSION, after, through, state })
}

/// The line of an event.
///
/// # Errors
/// None of events that a router told.
pub fn event_line(event: &Recorded) -> serde_json::Result<String> {
    serde_json::to_string(event)
}

/// The last line of a log with so many events, the last of which has this position.
pub fn end_line(events: usize, position: u64) -> String {
    json!({ "end": { "events": events, "position": position } }).to_string()
}

/// Reads a log line by line.
#[derive(Debug, Default)]
pub struct Reader {
    lines: usize,
    bounds: Option<(u64, u64)>,
    recording: Recording,
    is_whole: bool,
}

impl Reader {
    /// Takes the next line, without its end.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn line(&mut self, text: &str) -> Result<(), Fault> {
        self.lines += 1;
        if self.is_whole {
            return Err(self.fault(1, codes::ORDER, "something stands behind the last line"));
        }
        let Some((_, through)) = self.bounds else { return self.header(text) };
        if text.starts_with("{\"end\"") {
            return self.end(text, through);
        }
        let event: Recorded = serde_json::from_str(text).map_err(|it| self.unreadable(&it))?;
        let last = self.last_position();
        if event.position != last + 1 || event.position > through {
            let position = event.position;
            let message = format!("event {position} stands behind event {last}");
            return Err(self.fault(1, codes::ORDER, message));
        }
        if self.recording.events.last().is_some_and(|before| before.at > event.at) {
            let message = format!("event {} is earlier than the one before", event.position);
            return Err(self.fault(1, codes::ORDER, message));
        }
        if self.recording.events.len() >= MOST_EVENTS {
            let message = format!("the log has more than {MOST_EVENTS} events");
            return Err(self.fault(1, codes::TOO_LONG, message));
        }
        self.recording.events.push(event);
        Ok(())
    }

    /// The log, after its last line.
    ///
    /// # Errors
    /// It is empty or breaks off.
    pub fn finish(self) -> Result<Recording, Fault> {
        if self.lines == 0 {
            return Err(Fault { line: 1, ..self.fault(1, codes::FORMAT, "the file is empty") });
        }
        if !self.is_whole {
            return Err(self.fault(1, codes::BROKEN_OFF, "the log breaks off behind this line"));
        }
        Ok(self.recording)
    }

    fn header(&mut self, text: &str) -> Result<(), Fault> {
        let foreign = |it: &Self| it.fault(1, codes::FORMAT, "the file is no contact log");
        let name: Name = serde_json::from_str(text).map_err(|_| foreign(self))?;
        if name.format != FORMAT {
            return Err(foreign(self));
        }
        if name.version != VERSION {
            let message = format!("the log has version {}, known is {VERSION}", name.version);
            return Err(self.fault(1, codes::FORMAT, message));
        }
        let header: Header = serde_json::from_str(text).map_err(|it| self.unreadable(&it))?;
        self.bounds = Some((header.after, header.through));
        self.recording.state = header.state;
        Ok(())
    }

    fn end(&mut self, text: &str, through: u64) -> Result<(), Fault> {
        let Last { end } = serde_json::from_str(text).map_err(|it| self.unreadable(&it))?;
        let (events, last) = (self.recording.events.len(), self.last_position());
        if end.events != events || end.position != last || last != through {
            let message = format!(
                "the log has {events} events up to {last}, and should have {} up to {through}",
                end.events
            );
            return Err(self.fault(1, codes::ORDER, message));
        }
        self.is_whole = true;
        Ok(())
    }

    fn last_position(&self) -> u64 {
        let after = self.bounds.map_or(0, |(after, _)| after);
        self.recording.events.last().map_or(after, |event| event.position)
    }

    fn unreadable(&self, error: &serde_json::Error) -> Fault {
        let (column, what) = (error.column().max(1), error.classify());
        let what = match what {
            serde_json::error::Category::Eof => "the line breaks off",
            serde_json::error::Category::Syntax => "the line is no JSON",
            _ => "the line is not what stands here in a contact log",
        };
        self.fault(column, codes::LINE, what)
    }

    fn fault(&self, column: usize, code: &'static str, message: impl Into<String>) -> Fault {
        let hint = match code {
            codes::FORMAT => "write it with `caruso contacts export`, of the same version",
            codes::TOO_LONG => "export a shorter period: `--from`, `--to`",
            _ => "export it again: `caruso contacts export`",
        };
        Fault { line: self.lines, column, code, message: message.into(), hint }
    }
}

#[cfg(test)]
mod tests {
    use caruso_contact::{AgentEvent, AgentId};
    use uuid::Uuid;

    use super::*;

    fn recorded(position: u64) -> Recorded {
        let agent = AgentId::new("agent-00001").expect("a name");
        Recorded {
            position,
            id: EventId(Uuid::from_u128(position.into())),
            at: Time::from_millis(position * 10),
            release: "sha256:1".to_owned(),
            event: Event::Agent { agent, event: AgentEvent::PhoneRegistered },
        }
    }

    fn lines(events: impl IntoIterator<Item = u64>) -> Vec<String> {
        let header = header_line(4, 6, Domain::default()).expect("JSON");
        let events = events.into_iter().map(|it| event_line(&recorded(it)).expect("JSON"));
        std::iter::once(header).chain(events).chain([end_line(2, 6)]).collect()
    }

    fn read(lines: &[String]) -> Result<Recording, Fault> {
        let mut reader = Reader::default();
        lines.iter().try_for_each(|line| reader.line(line))?;
        reader.finish()
    }

    #[test]
    fn a_whole_log_is_read_as_it_was_written() {
        let read = read(&lines([5, 6])).expect("whole");
        assert_eq!(read.events, [recorded(5), recorded(6)]);
    }

    #[test]
    fn what_is_wrong_with_a_log_is_said_with_its_place() {
        let whole = lines([5, 6]);
        let with = |line: usize, text: &str| {
            let mut lines = whole.clone();
            text.clone_into(&mut lines[line]);
            lines
        };
        let half = &whole[1][..40];
        let again = [&whole[..], &whole[3..]].concat();
        for (lines, expected) in [
            (vec![], "1:1: the file is empty [CY0101]"),
            (with(0, "<?xml"), "1:1: the file is no contact log [CY0101]"),
            (with(0, &whole[0].replace("n\":1", "n\":9")), "1:1: the log has version 9, known"),
            (with(1, half), "2:40: the line breaks off [CY0102]"),
            (with(1, "{}"), "2:2: the line is not what stands here in a contact log [CY0102]"),
            (whole[..3].to_vec(), "3:1: the log breaks off behind this line [CY0103]"),
            (lines([5, 7]), "3:1: event 7 stands behind event 5 [CY0104]"),
            (lines([5, 5]), "3:1: event 5 stands behind event 5 [CY0104]"),
            (lines([5]), "3:1: the log has 1 events up to 5, and should have 2 up to 6 [CY0104]"),
            (again, "5:1: something stands behind the last line [CY0104]"),
        ] {
            let fault = read(&lines).expect_err(expected).to_string();
            assert!(fault.starts_with(expected), "{fault}");
        }
    }

    #[test]
    fn a_log_that_is_too_long_is_refused_at_its_place() {
        let mut reader = Reader::default();
        let header = header_line(0, u64::MAX, Domain::default()).expect("JSON");
        reader.line(&header).expect("a header");
        reader.recording.events = vec![recorded(7); MOST_EVENTS];
        let fault = reader.line(&event_line(&recorded(8)).expect("JSON")).expect_err("too long");
        assert_eq!((fault.line, fault.code), (2, codes::TOO_LONG));
    }
}
