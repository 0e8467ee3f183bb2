//! What is to be done.

use caruso_contact::{
    AgentId, ContactId, EndCause, ListeningMode, OfferId, QueueId, ScriptId, Time,
};
use serde::Serialize;

use crate::{Permit, Wait};

/// What the shell does with legs, prompts and records. A conversation on the web or by messages has
/// neither legs nor prompts: of what is said of one, the shell carries out [`Action::File`] alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum Action {
    /// Answer the customer and let the script talk.
    StartIvr {
        /// The contact.
        contact: ContactId,
        /// The script.
        script: ScriptId,
        /// In which it begins, as BCP 47 has it; nothing for the script's own.
        language: Option<String>,
    },
    /// End the script's session; the customer is gone.
    StopIvr {
        /// The contact.
        contact: ContactId,
    },
    /// Play to the waiting customer, again and again.
    PlayMusic {
        /// The contact.
        contact: ContactId,
        /// Id of the prompt.
        prompt: String,
        /// Id of a prompt that is heard after each time: what the customer may do but wait.
        offer: Option<String>,
    },
    /// Let a script talk with a customer who waits. The music that plays stops.
    TalkAside {
        /// The contact.
        contact: ContactId,
        /// The script.
        script: ScriptId,
        /// In which it begins, as BCP 47 has it; nothing for the script's own.
        language: Option<String>,
        /// What it is to tell of the wait, if that is what it is for.
        wait: Option<Wait>,
    },
    /// Ring the agent's phone.
    Ring {
        /// The offer; it names the leg from now on.
        offer: OfferId,
        /// The contact.
        contact: ContactId,
        /// The agent.
        agent: AgentId,
    },
    /// Ring the agent's phone, and keep the permit to call the customer for when it answers.
    Dial {
        /// The agent's leg from now on.
        offer: OfferId,
        /// The contact.
        contact: ContactId,
        /// The agent.
        agent: AgentId,
        /// The right to call the customer.
        permit: Permit,
    },
    /// Call the customer, with the permit that was given with [`Action::Dial`]; the agent hears
    /// what the network says.
    CallCustomer {
        /// The contact.
        contact: ContactId,
        /// The agent's leg.
        offer: OfferId,
    },
    /// Call the customer back, with this permit; the agent, whose phone has answered, hears what
    /// the network says.
    CallBack {
        /// The contact.
        contact: ContactId,
        /// The agent's leg.
        offer: OfferId,
        /// The right to call the customer.
        permit: Permit,
    },
    /// Ring a colleague whom an agent asks by another line of their phone, which waits to be
    /// answered.
    RingForLine {
        /// The colleague's leg from now on.
        offer: OfferId,
        /// The contact.
        contact: ContactId,
        /// The colleague.
        agent: AgentId,
        /// The agent's line.
        line: OfferId,
    },
    /// Call the customer for an agent's phone that calls us, with this permit. The phone hears what
    /// the network says, and is answered when the customer is there.
    CallForPhone {
        /// The contact.
        contact: ContactId,
        /// The agent's leg.
        offer: OfferId,
        /// The right to call the customer.
        permit: Permit,
    },
    /// Call an outside number for a customer, with this permit; the customer hears what the network
    /// says. The leg is told of as an agent's is.
    CallOutside {
        /// The contact.
        contact: ContactId,
        /// Names the leg from now on.
        offer: OfferId,
        /// The right to call the number.
        permit: Permit,
    },
    /// Call an outside number that an agent asks about a customer, with this permit; the agent
    /// hears what the network says. The leg is told of as an agent's is.
    AskOutside {
        /// The leg of the agent who asks.
        agent: OfferId,
        /// Names the leg from now on.
        offer: OfferId,
        /// The right to call the number.
        permit: Permit,
    },
    /// End the leg of this offer, in whatever state it is; nothing if there is none.
    DropAgent {
        /// The offer.
        offer: OfferId,
    },
    /// Let customer and agent talk.
    Bridge {
        /// The contact.
        contact: ContactId,
        /// The agent's leg.
        offer: OfferId,
    },
    /// Let customer and agent no longer hear each other; both legs stay.
    Part {
        /// The contact.
        contact: ContactId,
    },
    /// Let two agents talk; whom they heard before they hear no longer.
    BridgeAgents {
        /// The leg of who asks.
        a: OfferId,
        /// The leg of who is asked.
        b: OfferId,
    },
    /// Let the customer and two agents hear each other, all three.
    Confer {
        /// The contact.
        contact: ContactId,
        /// The leg of who asks.
        a: OfferId,
        /// The leg of who is asked.
        b: OfferId,
    },
    /// Let a supervisor hear customer and agent, and those hear the supervisor whom the mode says.
    Listen {
        /// The contact.
        contact: ContactId,
        /// The agent's leg.
        offer: OfferId,
        /// The supervisor's leg.
        supervisor: OfferId,
        /// Who hears the supervisor.
        mode: ListeningMode,
    },
    /// Play to an agent who waits, again and again.
    PlayToAgent {
        /// The agent's leg.
        offer: OfferId,
        /// Id of the prompt.
        prompt: String,
    },
    /// Let the customer leave a message, as the queue says, and say when it is over; the customer's
    /// leg ends with it.
    Record {
        /// The contact.
        contact: ContactId,
        /// The queue.
        queue: QueueId,
        /// Until when the recording is kept.
        keep_until: Time,
    },
    /// End the customer's leg, in whatever state it is.
    DropCaller {
        /// The contact.
        contact: ContactId,
        /// Why.
        cause: EndCause,
        /// Id of a prompt that the customer hears to its end before.
        prompt: Option<String>,
    },
    /// The contact is complete: hand it to whoever keeps the customer's history.
    File {
        /// The contact.
        contact: ContactId,
    },
}
