//! The shared words of everything that has to do with a contact.
//!
//! A **contact** is a customer reaching us, or us calling a customer. What happens to it, and to
//! the agents, is a list of **events**: append-only facts, written by the one owner of the contact.
//! Everything else is derived from them by a fold: the contact's **segments** ([`Contact`]), the
//! agents' states, the live status, the reports.
//!
//! What it is not: it decides nothing (that is `routing`), stores nothing (`journal`) and counts
//! nothing (`metrics`).
//!
//! Invariant: events are JSON of a stable form ([`Event::SCHEMA_VERSION`]), and what belongs to a
//! person in them is a [`Personal`], named by [`Event::personal_pointers`], so that the journal
//! can keep it under the person's key.
//!
//! ```
//! use caruso_contact::*;
//! use uuid::Uuid;
//!
//! let arrived = ContactEvent::Arrived {
//!     calling: Some("0612345678".to_owned().into()),
//!     signalled: None,
//!     called: "0305550100".into(),
//!     channel: Channel::Voice,
//! };
//! let id = ContactId(Uuid::from_u128(7));
//! let mut contact = Contact::begin(id, Time::from_millis(0), &arrived).expect("an arrival");
//! contact.apply(
//!     Time::from_millis(4_000),
//!     &ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp },
//! );
//! assert!(contact.is_over());
//! ```

mod agent;
mod agent_event;
mod cause;
mod consulted;
mod contact;
mod dial;
mod envelope;
mod estimate;
mod event;
mod id;
mod intervention;
mod personal;
mod pseudonym;
mod skill;
mod time;
mod waiting;
mod why;

pub use agent::{AgentState, StateCause, reason};
pub use agent_event::AgentEvent;
pub use cause::{
    Channel, ConsultationEnd, EndCause, HoldPlace, IvrEnd, OfferEnd, Overflow, Party, Preference,
    PreferenceEnd, WrapUpEnd,
};
pub use consulted::Consulted;
pub use contact::{
    Callback, Consultation, Contact, Intervened, Listening, OfferTold, Outbound, Outside, Segment,
    SegmentKind, Transfer, Voicemail,
};
pub use dial::{DialEvidence, DialRule};
pub use envelope::Envelope;
pub use estimate::Estimate;
pub use event::{Answer, ContactEvent, Event};
pub use id::{
    AgentId, ContactId, DestinationId, DispositionId, EventId, IdSource, MAX_NAME_BYTES, NotAName,
    OfferId, PurposeId, QueueId, ReasonId, ScriptId, SkillId,
};
pub use intervention::{Imposed, ImposedState, Intervention, ListeningEnd, ListeningMode};
pub use personal::Personal;
pub use pseudonym::Pseudonyms;
pub use skill::{AttributeValue, NotAProficiency, Proficiency, Skills};
pub use time::{Time, spoken};
pub use waiting::Waiting;
pub use why::{Asked, Candidate, Clause, Excluded, MAX_NAMED, Strategy, Why};
