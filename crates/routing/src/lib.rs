//! Queues and agents: who talks with whom, and why.
//!
//! A pure core. The shell gives a [`Router`] what happened ([`Input`]) with the time, and gets
//! facts to append to the log and effects to carry out ([`Decision`]). The state ([`Domain`]) is
//! the fold of the facts, so that replaying a log rebuilds it; the router reads no clock, no
//! random numbers and nothing else from outside, so that the same inputs give the same bytes.
//!
//! What it is not: it knows no SIP, no media and no scripts; it names legs by [`OfferId`] and
//! [`ContactId`] and has no handles. It does not count (that is `metrics`).
//!
//! Invariants, each with a test in `tests.rs` or `oracle.rs`:
//! - a contact is offered to at most one agent, and an agent is offered at most one contact; an
//!   agent who talks may have one colleague beside them, who loses nobody the customer;
//! - nobody is overtaken by somebody behind whom the same agent could serve: an agent gets the
//!   first contact, by priority, then arrival, of all whom they may take; a contact whose offer
//!   failed, or whose requirement was relaxed, keeps its place;
//! - no contact waits while an agent of its queue is ready who meets its requirement;
//! - no customer is called but with a [`Permit`], and an agent who calls one is offered nobody;
//! - every state has an owner and ends by itself:
//!
//! | state of an agent | owner | ends at the latest |
//! | --- | --- | --- |
//! | ready, not ready, signed out | the agent; ready also the phone's registration | – |
//! | offered | the offer | offer time-out of the queue |
//! | dialling | the agent's phone, then the customer's | offer time-out, then `ring-time` |
//! | talking, on hold | the two legs | [`LONGEST_TALK`] |
//! | wrap-up | the agent | wrap-up time of the queue |
//!
//! | state of a contact | owner | ends at the latest |
//! | --- | --- | --- |
//! | in the IVR, a call | the script's runner in the shell, which has its own limit | – |
//! | in the IVR, a conversation | whoever reports on it | [`LONGEST_CONVERSATION`] |
//! | leaving a message | whoever has the sound | [`LONGEST_GREETING`] and the longest message |
//! | waiting | the customer | overflow of the queue, [`LONGEST_WAIT`], [`LONGEST_WRITTEN_WAIT`] |
//! | offered, dialling, talking | as of the agent | as of the agent |
//! | outside | the customer's leg and that of the outside number | `ring-time`, [`LONGEST_TALK`] |
//!
//! A colleague who is consulted is offered, then talking, as the agent who asks is: the phone rings
//! as long as one of the queue does, and the consultation ends at the latest with the call.
//!
//! An agent who passes a contact on wraps up while it goes on with somebody else.
//!
//! ```
//! use std::sync::Arc;
//! use caruso_contact::{AgentId, Time};
//! use caruso_routing::{Configuration, Domain, Input, Refusal, Router};
//! use uuid::Uuid;
//!
//! let mut count = 0;
//! let mut ids = || { count += 1; Uuid::from_u128(count) };
//! let mut router = Router::new(Arc::new(Configuration::default()), Domain::default());
//! let agent = AgentId::new("anna").expect("a name");
//! let input = Input::SignIn { agent, teams: vec!["night".into()] };
//! let refused = router.handle(input, Time::from_millis(0), &mut ids);
//! assert_eq!(refused, Err(Refusal::NoAgent));
//! ```
//!
//! [`OfferId`]: caruso_contact::OfferId
//! [`ContactId`]: caruso_contact::ContactId

use std::time::Duration;

mod capacity;
pub mod codes;
mod compile;
mod configuration;
mod domain;
mod floor;
mod hours;
mod message;
mod needs;
mod ongoing;
mod overlay;
mod pace;
mod permit;
mod renamed;
mod router;
mod zones;

pub use capacity::{CAPACITY, Capacity};
pub use compile::{Scope, advice, compile, unmet};
pub use configuration::{
    Announcement, Attribute, AttributeType, Callback, CallbackOffer, Configuration, Number, Onward,
    Overflows, PreferredAgent, Queue, Titles, Voicemail, WrapUp, title,
};
pub use domain::{Agent, Domain, Finishing};
pub use hours::{Closed, Hours, Opening};
pub use message::{
    Action, After, AtPhone, Conversation, Decision, Destination, Effect, Input, NotReached,
    NotTaken, Refusal, Stand,
};
pub use needs::{MAX_STEPS, Needs, Part, Requirement};
pub use ongoing::{
    Announced, CalledBack, Consultation, Listening, Ongoing, Place, Preferred, Required, Ringing,
    Stage,
};
pub use overlay::overlaid;
pub use pace::Wait;
pub use permit::{
    Denied, KnownOfNumber, LONGEST_COUNT, Listed, OutboundRules, OutsideNumber, Permit, PhoneRules,
    Purpose, called_number, is_emergency, permit,
};
pub use router::Router;

/// The text of `routing.dtd`, by which `routing.xml` is checked.
pub const DTD: &str = include_str!("../../../scripts-dtd/routing.dtd");
/// Most contacts that go on at once; the next one is refused.
pub const MAX_CONTACTS: usize = 10_000;
/// Most agents that are known at once; the next one is refused.
pub const MAX_AGENTS: usize = 10_000;
/// Most conversations that scripts lead at once; of further ones nothing is known until they are
/// over. So strangers on the web leave room for calls.
pub const MAX_CONVERSATIONS: usize = 5_000;
/// Longest wait of a call in one queue; then the contact ends.
pub const LONGEST_WAIT: Duration = Duration::from_secs(3600);
/// Longest wait of a conversation in a queue, over a weekend; then the contact ends.
pub const LONGEST_WRITTEN_WAIT: Duration = Duration::from_secs(3 * 24 * 3600);
/// A conversation of which nobody has said for so long what became of it ends.
pub const LONGEST_CONVERSATION: Duration = Duration::from_secs(2 * 24 * 3600);
/// Longest conversation; then it ends.
pub const LONGEST_TALK: Duration = Duration::from_secs(4 * 3600);
/// A customer who is on hold for so long is one to be remembered: the desk says so.
pub const HOLD_REMINDER: Duration = Duration::from_secs(60);
/// Whoever asked to be called back is not called before: they hear that it was understood, and put
/// the telephone away.
pub const CALLBACK_REST: Duration = Duration::from_secs(20);
/// How long the greeting and the tone before a message may take, and what is between its end and
/// its being told.
pub const LONGEST_GREETING: Duration = Duration::from_secs(120);
/// How long after a callback the next one may be, in a queue that the current release no longer has
/// or that calls nobody back any more.
const DEFAULT_AGAIN: Duration = Duration::from_secs(900);
/// Offer time-out of a queue that the current release no longer has.
const DEFAULT_OFFER_TIMEOUT: Duration = Duration::from_secs(20);
/// Wrap-up time of a queue that the current release no longer has.
const DEFAULT_WRAP_UP_TIME: Duration = Duration::from_secs(60);

#[cfg(test)]
mod oracle;
#[cfg(test)]
mod tests;
