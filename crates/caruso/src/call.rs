//! `caruso call`: a simulated caller, real SIP and RTP, in the terminal.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use caruso_softphone::{Ended, Event, Frame, Softphone, frames, in_words, wav};
use clap::Args;
use serde_json::json;
use tokio::time::{Instant, sleep_until};

use crate::{Format, demo};

/// The first key is pressed this long after the answer, each further one after the pause.
const FIRST_KEY: Duration = Duration::from_secs(3);
const BETWEEN_KEYS: Duration = Duration::from_secs(1);
/// A frame above this level is sound, not noise.
const AUDIBLE: f64 = 200.0;
/// Most of what was heard is recorded: an hour.
const MOST_FRAMES: usize = 50 * 3600;

/// What `caruso call` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    /// The number to call
    number: String,
    /// Where the communication server speaks SIP
    #[arg(long, default_value = "127.0.0.1:5060")]
    to: SocketAddr,
    /// The calling number
    #[arg(long, default_value = "0612345678")]
    from: String,
    /// Keys to press, the first three seconds after the answer
    #[arg(long, default_value = "")]
    dtmf: String,
    /// What to say after the keys: WAV, 8 or 16 kHz, mono, 16 bit [default: a customer's words]
    #[arg(long)]
    wav: Option<PathBuf>,
    /// Write what was heard to a WAV file
    #[arg(long)]
    record: Option<PathBuf>,
    /// Hang up after so many seconds; without it, when the other side does, or at Ctrl-C
    #[arg(long)]
    seconds: Option<u64>,
}

/// Calls, and tells what happens; 1 when nobody answered.
pub(crate) async fn call(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let words = words(&options)?;
    if let Some(key) = options.dtmf.chars().find(|key| !is_key(*key)) {
        bail!("`{key}` is no key; a telephone has 0 to 9, * and #");
    }
    let local: IpAddr = if options.to.ip().is_loopback() {
        Ipv4Addr::LOCALHOST.into()
    } else {
        local_towards(options.to)?
    };
    let mut phone = Softphone::open(local).await?;
    phone.call(options.to, &options.number, &options.from).await?;
    let mut caller = Conversation {
        phone,
        format,
        keys: options.dtmf.chars().collect::<Vec<_>>().into_iter(),
        words: Some(words),
        heard: Vec::new(),
        answered: None,
    };
    let hang_up = options.seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds));
    let how = caller.talk(hang_up).await;
    caller.report(how);
    if let Some(path) = &options.record {
        let samples: Vec<i16> = caller.heard.concat();
        std::fs::write(path, wav::write(&samples)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
    }
    let is_answered = caller.answered.is_some();
    caller.phone.close().await;
    Ok(if is_answered { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn is_key(key: char) -> bool {
    key.is_ascii_digit() || matches!(key, '*' | '#')
}

fn words(options: &Options) -> anyhow::Result<Vec<i16>> {
    let Some(path) = &options.wav else { return Ok(wav::read(demo::CUSTOMER)?) };
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    wav::read(&bytes).with_context(|| format!("in {}", path.display()))
}

/// The address from which this machine reaches the server.
fn local_towards(server: SocketAddr) -> anyhow::Result<IpAddr> {
    let any: SocketAddr = if server.is_ipv4() {
        (Ipv4Addr::UNSPECIFIED, 0).into()
    } else {
        (std::net::Ipv6Addr::UNSPECIFIED, 0).into()
    };
    // connecting a datagram socket asks the routing table and sends nothing
    let probe = std::net::UdpSocket::bind(any)?;
    probe.connect(server).with_context(|| format!("{server} cannot be reached from here"))?;
    Ok(probe.local_addr()?.ip())
}

struct Conversation {
    phone: Softphone,
    format: Format,
    keys: std::vec::IntoIter<char>,
    words: Option<Vec<i16>>,
    heard: Vec<Frame>,
    answered: Option<Instant>,
}

impl Conversation {
    async fn talk(&mut self, hang_up: Option<Instant>) -> Ended {
        let mut next_key = None;
        let mut hang_up = hang_up;
        loop {
            tokio::select! {
                event = self.phone.next() => match event {
                    Event::Ringing => self.tell("ringing", ""),
                    Event::Answered => {
                        self.answered = Some(Instant::now());
                        self.tell("answered", "");
                        next_key = Some(Instant::now() + FIRST_KEY);
                    }
                    Event::Heard(frame) => {
                        if self.heard.len() < MOST_FRAMES {
                            self.heard.push(frame);
                        }
                    }
                    Event::Ended(how) => return how,
                    Event::Key(_) | Event::Incoming { .. } => {}
                },
                () = at(next_key) => next_key = self.press_or_speak().await,
                () = at(hang_up) => {
                    hang_up = None;
                    self.phone.hang_up();
                }
                () = crate::up::stop_signal() => self.phone.hang_up(),
            }
        }
    }

    /// Presses the next key, or, after the last, says the words once.
    async fn press_or_speak(&mut self) -> Option<Instant> {
        if let Some(key) = self.keys.next() {
            self.tell("pressed", &key.to_string());
            // without a call there is nobody to hear it, and the end of the call follows
            let _ = self.phone.press(key).await;
            return Some(Instant::now() + BETWEEN_KEYS);
        }
        let (words, voice) = (self.words.take()?, self.phone.voice()?);
        tokio::spawn(async move {
            for frame in frames(&words) {
                if voice.send(frame).await.is_err() {
                    return;
                }
            }
        });
        None
    }

    fn tell(&self, event: &str, detail: &str) {
        match self.format {
            Format::Text if detail.is_empty() => println!("{event}"),
            Format::Text => println!("{event} {detail}"),
            Format::Json => println!("{}", json!({ "event": event, "detail": detail })),
        }
    }

    fn report(&self, how: Ended) {
        let seconds = self.answered.map_or(0.0, |at| at.elapsed().as_secs_f64());
        let audible = self.heard.iter().filter(|frame| level(frame) > AUDIBLE).count();
        let (heard, audible) = (self.heard.len() as f64 / 50.0, audible as f64 / 50.0);
        match self.format {
            Format::Text => {
                println!("{}", in_words(how));
                println!(
                    "talked {seconds:.1} s; heard {heard:.1} s, of which {audible:.1} s with sound"
                );
            }
            Format::Json => println!(
                "{}",
                json!({
                    "event": "ended",
                    "cause": in_words(how),
                    "talked_seconds": seconds,
                    "heard_seconds": heard,
                    "audible_seconds": audible,
                })
            ),
        }
    }
}

async fn at(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Root of the mean square.
fn level(frame: &Frame) -> f64 {
    let square: f64 = frame.iter().map(|sample| f64::from(*sample).powi(2)).sum();
    (square / frame.len() as f64).sqrt()
}
