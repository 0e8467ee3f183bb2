//! Every figure over contacts and agents, defined once, for the live status and for reports.
//!
//! One fold, [`Figures`], takes the events of the contact log in their order. The live status
//! ([`Figures::queues`], [`Figures::agents`], [`Figures::contacts`]) and the report of incoming
//! calls ([`Figures::incoming_calls`]) read the same state, so that they cannot disagree: the
//! figures of today are the report's row of today.
//!
//! The unit is the [`Visit`], one stay of a contact in a queue. However often a contact is offered
//! to agents during it, it counts once. A visit counts in the interval, and on the day, in which
//! the contact **entered the queue**, whenever it ends.
//!
//! Calls that we make are no visits: they wait in no queue, and [`Figures::outgoing_calls`] counts
//! them by themselves, with the time that agents spent on them.
//!
//! Invariant: *offered = answered + abandoned + flowed out + still waiting*, for every queue,
//! interval and moment ([`Counts::offered`] is not stored beside the others, but their sum; that
//! this sum is the number of entries is tested against a naive recount).
//!
//! What it is not: it has no clock and knows no time zones; the start of the day comes in as a
//! moment. Durations are whole milliseconds, quotients are rounded half up, nothing is a float.
//!
//! ```
//! use std::time::Duration;
//! use caruso_contact::*;
//! use caruso_metrics::{Figures, Period};
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
//! let period = Period::new(Time::from_millis(0), hour, None)?;
//! let rows = figures.incoming_calls(period, Duration::from_secs(20), hour);
//! assert_eq!(rows[0].counts.abandoned, 1);
//! assert_eq!(rows[0].longest_wait, Duration::from_secs(20));
//! # Ok::<(), caruso_metrics::Error>(())
//! ```

mod counts;
mod figures;
mod outgoing;
mod period;
mod report;
mod visit;

pub use counts::Counts;
pub use figures::{AgentNow, Figures, QueueNow};
pub use outgoing::OutgoingCalls;
pub use period::{Error, MAX_INTERVALS, Period};
pub use report::IncomingCalls;
pub use visit::{Outcome, Visit};

#[cfg(test)]
mod tests;
