//! Every figure over contacts and agents, defined once, for the live status and for reports.
//!
//! One fold, [`Figures`], takes the events of the contact log in their order. The live status
//! ([`Figures::queues`], [`Figures::agents`], [`Figures::contacts`]) and the facts of reports
//! ([`Figures::facts`]) are read off the same state, so that they cannot disagree: the figures of
//! today are the report's row of today. What can be computed over facts stands in the catalogue
//! ([`figures`]), each [`Figure`] with its formula's id, the formula in words, and its code.
//!
//! The unit is the [`Visit`], one stay of a contact in a queue. However often a contact is offered
//! to agents during it, it counts once. A visit counts in the interval, and on the day, in which
//! the contact **entered the queue**, whenever it ends.
//!
//! Calls that we make are no visits: they wait in no queue, and are facts of their own
//! ([`OutgoingCall`]); so are offers to agents, their conversations, transfers, and the time that
//! agents spend in each state.
//!
//! Invariant: *offered = answered + abandoned + flowed out + still waiting*, for every queue,
//! interval and moment ([`Counts::offered`] is not stored beside the others, but their sum; that
//! this sum is the number of entries is tested against a naive recount).
//!
//! What it is not: it has no clock and knows no time zones; the start of the day comes in as a
//! moment. Durations are whole milliseconds, quotients are rounded half up, nothing is a float.
//!
//! ```
//! use caruso_contact::*;
//! use caruso_metrics::{Figures, Parameters, Source, Value, figure};
//! use uuid::Uuid;
//!
//! let mut figures = Figures::default();
//! let contact = ContactId(Uuid::from_u128(7));
//! let queue = QueueId::new("faults").expect("a name");
//! let (called, channel) = ("0305550100".to_owned(), Channel::Voice);
//! for (seconds, event) in [
//!     (0, ContactEvent::Arrived { calling: None, signalled: None, called, channel }),
//!     (5, ContactEvent::QueueEntered {
//!         queue: queue.clone(), priority: 0, counts_from: None,
//!         attributes: Personal::Known(Default::default()),
//!         answers: None, since: None, declared: Default::default(),
//!     }),
//!     (25, ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp }),
//! ] {
//!     let event = Event::Contact { contact, event };
//!     figures.apply(Time::from_millis(seconds * 1000), &event);
//! }
//! let hour = Time::from_millis(3_600_000);
//! let visits = || figures.facts(Source::Visits, Time::from_millis(0), hour, hour);
//! let value = |id| figure(id).map(|it| it.of(visits(), &Parameters::default()));
//! assert_eq!(value("abandoned"), Some(Value::Count(1)));
//! assert_eq!(value("max-wait"), Some(Value::Millis(20_000)));
//! assert_eq!(value("ASA"), Some(Value::Nothing));
//! ```

mod agent_time;
mod catalogue;
mod conversation;
mod counts;
mod fact;
mod figures;
mod offer;
mod outgoing;
mod tally;
mod transfer;
mod visit;

pub use agent_time::{Activity, AgentTime, QUARTER};
pub use catalogue::{
    DEFAULT_SERVICE_LEVEL, Figure, Parameters, Takes, figure, figures, service_levels,
};
pub use conversation::Conversation;
pub use counts::Counts;
pub use fact::{Dimension, Fact, Source};
pub use figures::{AgentNow, Figures, QueueNow};
pub use offer::{Offer, OfferOutcome};
pub use outgoing::{CallOutcome, OutgoingCall};
pub use tally::{Tally, Unit, Value};
pub use transfer::{Transfer, TransferTo};
pub use visit::{Instead, Outcome, Visit};

#[cfg(test)]
mod tests;
