//! What agents do with their phones by themselves.

use caruso_contact::{AgentId, ContactId, OfferId};

use crate::KnownOfNumber;

/// What an agent does with their phone, without the desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtPhone {
    /// The phone calls an outside number. Where a rule forbids it, that is all that happens.
    Dials {
        /// Whose phone.
        agent: AgentId,
        /// The new id of the contact.
        contact: ContactId,
        /// Names the leg of the phone, which waits to be answered; never used before.
        offer: OfferId,
        /// Whom, as the phone has it.
        number: String,
        /// What is known of the number.
        known: KnownOfNumber,
    },
    /// The phone, whose agent talks with a customer, calls a colleague by another line to ask about
    /// them.
    Consults {
        /// Whose phone.
        agent: AgentId,
        /// About whom.
        contact: ContactId,
        /// Who is asked; must be ready.
        colleague: AgentId,
        /// Names the leg of the other line, which waits to be answered; never used before.
        line: OfferId,
    },
    /// The phone is in a call that is no contact of the agent: they are offered nobody.
    Begins {
        /// Whose phone.
        agent: AgentId,
    },
    /// That call is over: the agent is what they were before.
    Ends {
        /// Whose phone.
        agent: AgentId,
    },
}
