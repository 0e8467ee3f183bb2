//! A telephone in software: registers, calls, answers, presses keys, speaks and listens.
//!
//! Real SIP and RTP, by the same crates that the communication server uses, with one call at a time
//! and a socket of its own. The simulated customer, the demo phone, `caruso call` and tests are
//! made of it.
//!
//! What it is not: it knows no queues and no agents, and it plays nothing through loudspeakers;
//! sound goes in and out in frames of 20 ms.
//!
//! Invariant: every call that begins (by [`Softphone::call`] or [`Event::Incoming`]) ends with
//! exactly one [`Event::Ended`].
//!
//! ```
//! # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
//! use caruso_softphone::{Event, Softphone};
//! let here = std::net::Ipv4Addr::LOCALHOST.into();
//! let (mut customer, mut agent) = (Softphone::open(here).await?, Softphone::open(here).await?);
//! customer.call(agent.address(), "101", "0612345678").await?;
//! let Event::Incoming { from } = agent.next().await else { panic!("a call comes first") };
//! assert_eq!(from.as_deref(), Some("0612345678"));
//! agent.answer().await?;
//! while !matches!(customer.next().await, Event::Answered) {}
//! agent.hang_up();
//! while !matches!(customer.next().await, Event::Ended(_)) {}
//! # Ok::<(), caruso_softphone::Error>(()) }).expect("a call");
//! ```

mod line;
mod registration;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use caruso_media::{MediaNode, Prompts};
use caruso_sip::sdp::Local;
use caruso_sip::{Call, Caller, Endpoint, Incoming, LegEvent, Options, Target};
use tokio::sync::mpsc;

pub use caruso_media::{FRAME_SAMPLES, Frame, wav};
pub use caruso_sip::{Account, Ended, Failure, Secret, Side, Transport};
use line::{CODECS, Line};
use registration::Registration;

/// The media node answers within this time, or it is broken.
const SOUND_PATIENCE: Duration = Duration::from_secs(5);

/// Why a telephone cannot do what it is asked.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot speak SIP, call or register.
    #[error(transparent)]
    Sip(#[from] caruso_sip::Error),
    /// It cannot send sound.
    #[error(transparent)]
    Sound(#[from] caruso_media::Error),
    /// Sound cannot be prepared: no ports, or the node is silent.
    #[error("no ports for sound")]
    NoPorts,
    /// A call is going on.
    #[error("the telephone is busy")]
    Busy,
    /// No call that could be answered.
    #[error("nobody calls")]
    NoCall,
    /// The call's other side offers no sound that can be understood.
    #[error("the call cannot be answered")]
    Answer(#[from] caruso_sip::LegError),
}

/// What happens at the telephone.
#[expect(clippy::large_enum_variant, reason = "frames are what happens most")]
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Somebody calls; it rings until it is answered, rejected or over.
    Incoming {
        /// The calling number; nothing if withheld.
        from: Option<String>,
    },
    /// The called side rings.
    Ringing,
    /// Both sides can speak.
    Answered,
    /// The other side pressed a key.
    Key(char),
    /// 20 ms of what the other side says.
    Heard(Frame),
    /// The call is over.
    Ended(Ended),
}

/// A telephone.
#[derive(Debug)]
pub struct Softphone {
    endpoint: Arc<Endpoint>,
    calls: mpsc::Receiver<Incoming>,
    node: MediaNode,
    sound: caruso_media::Events,
    line: Option<Line>,
    legs: u64,
    registration: Option<Registration>,
    account: Option<Account>,
}

impl Softphone {
    /// Opens a telephone at an address of this machine, on a free port.
    ///
    /// # Errors
    /// [`Error::Sip`] when the address is not ours, [`Error::Sound`].
    pub async fn open(address: IpAddr) -> Result<Self, Error> {
        let mut options = Options::new(SocketAddr::new(address, 0));
        options.user_agent = concat!("caruso-softphone/", env!("CARGO_PKG_VERSION")).to_owned();
        // whoever reaches it may call it, as with any telephone behind its exchange
        options.trunks = ["0.0.0.0/0", "::/0"].iter().filter_map(|all| all.parse().ok()).collect();
        let (endpoint, calls) = Endpoint::bind(options).await?;
        let media = caruso_media::Options::new(address);
        let (node, sound) = MediaNode::start(media, Prompts::default())?;
        let endpoint = Arc::new(endpoint);
        Ok(Self {
            endpoint,
            calls,
            node,
            sound,
            line: None,
            legs: 0,
            registration: None,
            account: None,
        })
    }

    /// Where it can be called.
    pub fn address(&self) -> SocketAddr {
        self.endpoint.local_addr()
    }

    /// Registers, and stays so until [`close`](Self::close) or drop.
    ///
    /// # Errors
    /// [`Error::Sip`] when the registrar refuses or does not answer.
    pub async fn register(&mut self, account: Account) -> Result<(), Error> {
        let endpoint = Arc::clone(&self.endpoint);
        self.registration = Some(Registration::begin(endpoint, account.clone()).await?);
        self.account = Some(account);
        Ok(())
    }

    /// Calls a number at a server: by its extension, where it is registered there.
    ///
    /// # Errors
    /// [`Error::Busy`], or what keeps the call from being made; nothing is sent then.
    pub async fn call(&mut self, server: SocketAddr, to: &str, from: &str) -> Result<(), Error> {
        if self.line.is_some() {
            return Err(Error::Busy);
        }
        let (sound, tap, address) = self.prepare_sound().await?;
        let account = self.account.as_ref().filter(|account| account.registrar == server);
        let login = account.map(|it| (it.extension.clone(), it.secret.clone()));
        let from = login.as_ref().map_or(from, |(extension, _)| extension);
        let call = Call {
            target: Target::Uri(format!("sip:{to}@{server}")),
            from: Caller { number: from.to_owned(), name: None },
            local: Local::new(address, &CODECS),
            headers: Vec::new(),
            max_forwards: 70,
            login,
        };
        let (leg, events) = self.endpoint.call(call)?;
        self.line = Some(Line::new(leg, events, sound, Some(tap)));
        Ok(())
    }

    /// Answers who calls.
    ///
    /// # Errors
    /// [`Error::NoCall`], [`Error::Answer`].
    pub async fn answer(&mut self) -> Result<(), Error> {
        if self.line.as_ref().is_none_or(|line| line.is_up) {
            return Err(Error::NoCall);
        }
        let (sound, tap, address) = self.prepare_sound().await?;
        let Some(line) = &mut self.line else { return Err(Error::NoCall) };
        let agreed = line.leg.answer(&Local::new(address, &CODECS))?;
        line.take_sound(sound, tap);
        if let Some(agreed) = agreed {
            line.agree(&self.node, agreed).await?;
        }
        Ok(())
    }

    /// Ends the call, whatever its state; nothing where there is none. [`Event::Ended`] follows.
    pub fn hang_up(&self) {
        if let Some(line) = &self.line {
            // a leg that has ended tells so itself
            let _ =
                if line.is_unanswered() { line.leg.reject(603, None) } else { line.leg.hang_up() };
        }
    }

    /// Presses a key; nothing without a call.
    ///
    /// # Errors
    /// [`Error::Sound`] when the media node has ended.
    pub async fn press(&self, key: char) -> Result<(), Error> {
        if let Some(leg) = self.line.as_ref().and_then(|line| line.sound) {
            self.node.send(caruso_media::Command::SendKey { leg, key }).await?;
        }
        Ok(())
    }

    /// Where to put what is to be said, frame by frame; nothing before a call is answered. It takes
    /// frames as fast as they are spoken.
    pub fn voice(&self) -> Option<mpsc::Sender<Frame>> {
        self.line.as_ref()?.tap.as_ref().map(|tap| tap.speak.clone())
    }

    /// The next thing that happens. Cancel safe.
    pub async fn next(&mut self) -> Event {
        loop {
            let is_free = self.line.is_none();
            let event = tokio::select! {
                Some(call) = self.calls.recv() => self.incoming(call, is_free),
                event = Line::next(&mut self.line) => match event {
                    line::Happened::Leg(event) => self.happened(event).await,
                    line::Happened::Frame(frame) => Some(Event::Heard(frame)),
                },
                Some(event) = self.sound.next() => match event {
                    caruso_media::Event::Key { key, .. } => Some(Event::Key(key)),
                    _ => None,
                },
            };
            if let Some(event) = event {
                return event;
            }
        }
    }

    /// Takes back the registration, ends the call and closes.
    pub async fn close(mut self) {
        self.hang_up();
        if let Some(registration) = self.registration.take() {
            registration.end(&self.endpoint).await;
        }
    }

    fn incoming(&mut self, call: Incoming, is_free: bool) -> Option<Event> {
        if !is_free {
            let _ = call.leg.reject(486, None);
            return None;
        }
        if call.leg.ring().is_err() {
            return None;
        }
        self.line = Some(Line::incoming(call.leg, call.events));
        Some(Event::Incoming { from: call.invitation.calling_number })
    }

    async fn happened(&mut self, event: LegEvent) -> Option<Event> {
        let line = self.line.as_mut()?;
        match event {
            LegEvent::Ringing | LegEvent::Early(_) => Some(Event::Ringing),
            LegEvent::Answered(agreed) => {
                // a node that has ended is noticed by whoever speaks
                let _ = line.agree(&self.node, agreed).await;
                line.is_up = true;
                Some(Event::Answered)
            }
            LegEvent::Confirmed(agreed) => {
                if let Some(agreed) = agreed {
                    let _ = line.agree(&self.node, agreed).await;
                }
                line.is_up = true;
                Some(Event::Answered)
            }
            LegEvent::Changed(agreed) => {
                let _ = line.agree(&self.node, agreed).await;
                None
            }
            LegEvent::Key(key) => Some(Event::Key(key)),
            // it offers plain sound alone
            LegEvent::Described(_) => None,
            LegEvent::Refers(_) | LegEvent::Joins(_) => {
                // it transfers nobody: not implemented
                let _ = line.leg.answer_referral(501);
                None
            }
            LegEvent::Ended(how) => {
                let sound = line.sound;
                self.line = None;
                if let Some(leg) = sound {
                    let _ = self.node.send(caruso_media::Command::Release { leg }).await;
                }
                Some(Event::Ended(how))
            }
        }
    }

    /// Ports for one call, with a tap.
    async fn prepare_sound(
        &mut self,
    ) -> Result<(caruso_media::LegId, caruso_media::Tap, SocketAddr), Error> {
        self.legs += 1;
        let leg = caruso_media::LegId(self.legs);
        self.node.send(caruso_media::Command::Allocate { leg }).await?;
        let tap = self.node.tap(leg).await?;
        let allocated = async {
            while let Some(event) = self.sound.next().await {
                match event {
                    caruso_media::Event::Allocated { leg: of, address } if of == leg => {
                        return Ok(address);
                    }
                    caruso_media::Event::Refused { leg: of, .. } if of == leg => break,
                    // what belongs to an earlier call is over
                    _ => {}
                }
            }
            Err(Error::NoPorts)
        };
        let address = tokio::time::timeout(SOUND_PATIENCE, allocated).await;
        Ok((leg, tap, address.unwrap_or(Err(Error::NoPorts))?))
    }
}

/// Cuts samples into frames; the last one is filled up with silence.
pub fn frames(samples: &[i16]) -> impl Iterator<Item = Frame> {
    samples.chunks(FRAME_SAMPLES).map(|chunk| {
        let mut frame = [0; FRAME_SAMPLES];
        frame[..chunk.len()].copy_from_slice(chunk);
        frame
    })
}

/// How a call ended, in words.
pub fn in_words(how: Ended) -> String {
    match how {
        Ended::Rejected { code: 404 } => "nobody has this number (404)".to_owned(),
        Ended::Rejected { code: 486 | 600 } => "busy".to_owned(),
        Ended::Rejected { code } => format!("not taken (status {code})"),
        Ended::Cancelled => "the caller gave up".to_owned(),
        Ended::HungUp { by: Side::Us } => "we hung up".to_owned(),
        Ended::HungUp { by: Side::Peer } => "the other side hung up".to_owned(),
        Ended::Failed(Failure::Unreachable) => "nobody answers there".to_owned(),
        Ended::Failed(Failure::Unanswered) => "rang too long".to_owned(),
        Ended::Failed(Failure::Unacknowledged) => "the answer was never acknowledged".to_owned(),
        Ended::Failed(Failure::Media) => "no sound in common".to_owned(),
        Ended::Failed(Failure::Gone) => "the other side no longer answers".to_owned(),
        Ended::Failed(Failure::Closed) => "the telephone was closed".to_owned(),
    }
}

#[cfg(test)]
mod tests;
