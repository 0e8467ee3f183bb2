//! Call legs: one dialog with one peer, from its INVITE to its end.
//!
//! A leg is a task of its own that owns the dialog. The application holds a [`Leg`] to command it
//! and [`LegEvents`] to hear of it. Every leg ends with exactly one [`LegEvent::Ended`], whatever
//! happens, and takes its dialog out of the stack's tables. Dropping every clone of a [`Leg`]
//! hangs up.

mod incoming;
mod outgoing;
mod referral;
mod talk;
mod timer;

pub(crate) use incoming::Arrival;
pub(crate) use outgoing::Departure;
pub use referral::Named;
pub(crate) use timer::{Said, Terms};

use crate::sdp::{self, Local, Negotiated, Session};
use rsipstack::dialog::DialogId;
use std::sync::{Arc, OnceLock};
use tokio::sync::mpsc;

/// Commands waiting for a leg's task.
const COMMANDS: usize = 16;
/// Events waiting for the application; keys beyond it are dropped, other events wait.
const EVENTS: usize = 64;

/// Number of a leg, unique within its endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LegId(pub u64);

/// Commands to a call leg.
#[derive(Clone, Debug)]
pub struct Leg {
    id: LegId,
    commands: mpsc::Sender<Command>,
    offer: Option<Arc<Session>>,
    /// Whether the caller insists on acknowledging provisional answers (RFC 3262).
    wants_reliable: bool,
    /// Known once the call is answered.
    dialog: Arc<OnceLock<DialogId>>,
}

/// What happens on a call leg, in order.
#[derive(Debug)]
pub struct LegEvents {
    events: mpsc::Receiver<LegEvent>,
}

/// One thing that happened on a leg.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LegEvent {
    /// Outgoing: the peer rings. Once.
    Ringing,
    /// Outgoing: sound comes before the answer, such as a ringing tone or an announcement of the
    /// network (RFC 3960). Once.
    Early(Negotiated),
    /// Outgoing, offered by [`Local::secured`]: the answer as the peer wrote it. Before
    /// [`LegEvent::Answered`].
    Described(String),
    /// Outgoing: the peer has answered; audio may flow.
    Answered(Negotiated),
    /// Incoming: the caller has seen our answer. With what it answered when its INVITE had no
    /// offer, so that the answer to ours comes only now.
    Confirmed(Option<Negotiated>),
    /// The peer has changed the session: hold, resume, or another address. It is answered.
    Changed(Negotiated),
    /// A key, sent as SIP INFO.
    Key(char),
    /// The peer wants to be replaced by this number (REFER, RFC 3515) and waits for
    /// [`Leg::answer_referral`].
    Refers(String),
    /// The peer has two calls with us and wants those at their other ends to have each other (REFER
    /// with Replaces, RFC 5589 §7), and waits for [`Leg::answer_referral`]. The other call is the
    /// one for which [`Leg::is_named`] holds.
    Joins(Named),
    /// The last event.
    Ended(Ended),
}

/// How a leg ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With this final status, sent by the peer to an outgoing call or by us to an incoming one.
    Rejected {
        /// 300 to 699.
        code: u16,
    },
    /// The caller gave up before an answer.
    Cancelled,
    /// After the answer.
    HungUp {
        /// Who sent BYE.
        by: Side,
    },
    /// Without any of these.
    Failed(Failure),
}

/// One of the two ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// This endpoint.
    Us,
    /// The other.
    Peer,
}

/// Why a leg failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// Nobody can be reached at the target.
    Unreachable,
    /// The application let an incoming call ring for too long; the caller got 480.
    Unanswered,
    /// The caller never acknowledged our answer.
    Unacknowledged,
    /// The peer's session description cannot be used.
    Media,
    /// The peer was asked whether it is still there and does not answer, or has not refreshed the
    /// session in time (RFC 4028 §10).
    Gone,
    /// The endpoint was closed.
    Closed,
}

/// Why a command is not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The leg has ended.
    #[error("the call leg has ended")]
    Ended,
    /// More commands are waiting than a leg takes.
    #[error("the call leg has too many commands waiting")]
    Busy,
    /// The offer and our media do not fit; reject with 488.
    #[error("the session cannot be answered")]
    Session(#[from] sdp::Error),
}

#[derive(Debug)]
pub(crate) enum Command {
    Ring,
    Progress { session: Session },
    Answer { session: Session, local: Local, agreed: Option<Negotiated> },
    Reject { code: u16, reason: Option<String> },
    Probe,
    AnswerReferral { code: u16 },
    HangUp,
}

impl Leg {
    fn new(id: LegId, offer: Option<Arc<Session>>) -> (Self, mpsc::Receiver<Command>) {
        let (commands, receiver) = mpsc::channel(COMMANDS);
        let dialog = Arc::default();
        (Self { id, commands, offer, wants_reliable: false, dialog }, receiver)
    }

    /// Answered: whether it is the call that a peer names in [`LegEvent::Joins`].
    pub fn is_named(&self, named: &Named) -> bool {
        self.dialog.get().is_some_and(|dialog| named.is(dialog))
    }

    /// Its number.
    pub fn id(&self) -> LegId {
        self.id
    }

    /// What the caller offers; `None` on an outgoing leg and when it leaves the offer to us.
    pub fn offer(&self) -> Option<&Session> {
        self.offer.as_deref()
    }

    /// Incoming, unanswered: 180 Ringing.
    ///
    /// # Errors
    /// When the leg has ended.
    pub fn ring(&self) -> Result<(), Error> {
        self.command(Command::Ring)
    }

    /// Incoming, unanswered: 183 Session Progress with our session, so that the caller hears what
    /// comes before the answer (RFC 3960). Gives what was agreed, or `None` when the caller made no
    /// offer, or insists on acknowledging provisional answers: then it hears nothing before the
    /// answer. [`answer`](Self::answer) is to be given the same `local` later.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn progress(&self, local: &Local) -> Result<Option<Negotiated>, Error> {
        let Some(offer) = self.offer.as_ref().filter(|_| !self.wants_reliable) else {
            return Ok(None);
        };
        let (session, agreed) = offer.answer(local, self.id.0)?;
        self.command(Command::Progress { session })?;
        Ok(Some(agreed))
    }

    /// Incoming, unanswered: 200 OK with our session. Gives what was agreed, or `None` when the
    /// caller made no offer and [`LegEvent::Confirmed`] will tell.
    ///
    /// # Errors
    /// [`Error::Session`] when no codec of `local` is in the offer; the leg still waits.
    pub fn answer(&self, local: &Local) -> Result<Option<Negotiated>, Error> {
        let (session, agreed) = match &self.offer {
            Some(offer) => {
                let (session, agreed) = offer.answer(local, self.id.0)?;
                (session, Some(agreed))
            }
            None => (Session::offer(local, self.id.0), None),
        };
        self.command(Command::Answer { session, local: local.clone(), agreed })?;
        Ok(agreed)
    }

    /// Incoming, unanswered: a final status, 300 to 699, with words for the Reason field.
    ///
    /// # Errors
    /// When the leg has ended.
    pub fn reject(&self, code: u16, reason: Option<&str>) -> Result<(), Error> {
        let reason = reason.map(|text| {
            let plain: String = text.chars().filter(|c| !c.is_control() && *c != '"').collect();
            format!("SIP;cause={code};text=\"{plain}\"")
        });
        self.command(Command::Reject { code, reason })
    }

    /// Answered: asks the peer whether it is still there, at once rather than when the session is
    /// to be refreshed. A peer that does not answer within 16 T1 has gone: [`Failure::Gone`].
    /// Before the call is answered it does nothing.
    ///
    /// # Errors
    /// When the leg has ended.
    pub fn probe(&self) -> Result<(), Error> {
        self.command(Command::Probe)
    }

    /// Answers a [`LegEvent::Refers`]: with 200 the peer hears that it was done, and that nothing
    /// more will be told; 400 to 699 refuse it. Without a referral it does nothing.
    ///
    /// # Errors
    /// When the leg has ended.
    pub fn answer_referral(&self, code: u16) -> Result<(), Error> {
        self.command(Command::AnswerReferral { code })
    }

    /// Ends the leg, whatever its state: 480 to an unanswered caller, CANCEL of an unanswered
    /// call of ours, BYE later. [`LegEvent::Ended`] comes at once; the rest of the exchange goes
    /// on behind it.
    ///
    /// # Errors
    /// When the leg has ended already.
    pub fn hang_up(&self) -> Result<(), Error> {
        self.command(Command::HangUp)
    }

    fn command(&self, command: Command) -> Result<(), Error> {
        self.commands.try_send(command).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Error::Busy,
            mpsc::error::TrySendError::Closed(_) => Error::Ended,
        })
    }
}

impl LegEvents {
    fn new() -> (mpsc::Sender<LegEvent>, Self) {
        let (sender, events) = mpsc::channel(EVENTS);
        (sender, Self { events })
    }

    /// The next event; `None` after [`LegEvent::Ended`].
    pub async fn next(&mut self) -> Option<LegEvent> {
        self.events.recv().await
    }
}
