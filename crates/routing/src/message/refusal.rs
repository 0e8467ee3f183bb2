//! Why something cannot be.

use caruso_contact::DialRule;

/// Why something that somebody wants cannot be. Nothing happened then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such number in `routing.xml`.
    #[error("nobody answers the called number")]
    UnknownNumber,
    /// As many contacts as there may be, or as many agents.
    #[error("there are as many contacts or agents as there may be")]
    Full,
    /// The contact's id was used before.
    #[error("the contact is known already")]
    ContactExists,
    /// No team of the agent serves a queue.
    #[error("the agent serves no queue")]
    NoAgent,
    /// What is asked for is for conversations, and the contact is a call.
    #[error("the contact is a call: it is answered at the telephone")]
    IsCall,
    /// What is asked for is for calls, and the contact is none.
    #[error("the contact is no call")]
    NoCall,
    /// The agent does not have the message for which they want to call.
    #[error("you do not have this message, or nobody is to be called because of this contact")]
    NoMessage,
    /// A colleague calls the customer at this moment.
    #[error("a colleague is calling this customer")]
    CalledByOther,
    /// The agent's phone holds the call.
    #[error("the telephone holds the call: it is taken back there")]
    HeldByPhone,
    /// No agent talks with the customer.
    #[error("no agent talks with the customer")]
    NobodyTalks,
    /// Another supervisor listens to the conversation.
    #[error("another supervisor listens already")]
    ListenedTo,
    /// The supervisor listens to another conversation.
    #[error("you listen to a conversation: end that first")]
    Listening,
    /// The supervisor does not listen to the conversation.
    #[error("you do not listen to this conversation")]
    NotListening,
    /// The contact is over.
    #[error("the contact is over")]
    NoContact,
    /// The contact does not wait: an agent has it, or a telephone rings for it.
    #[error("the contact does not wait in a queue")]
    NotWaiting,
    /// A priority beyond the largest.
    #[error("a priority is a whole number from 0 to 9")]
    UnknownPriority,
    /// No such queue in `routing.xml`.
    #[error("there is no such queue")]
    UnknownQueue,
    /// As many wait in the queue as may.
    #[error("the queue is full")]
    QueueFull,
    /// The agent who is to take it is not ready.
    #[error("the agent chosen is not ready")]
    NotReady,
    /// The agent consults a colleague already.
    #[error("a colleague is being consulted: complete or end that first")]
    Consulting,
    /// The agent consults nobody.
    #[error("no colleague is being consulted")]
    NotConsulting,
    /// The agent has not signed in.
    #[error("the agent has not signed in")]
    NotSignedIn,
    /// The supervisor has not signed in as an agent.
    #[error("you have no desk for a customer: sign in as an agent first")]
    NoDesk,
    /// The agent's phone is not registered.
    #[error("the agent's phone is not registered")]
    NoPhone,
    /// A customer who is to be called back stays in the queue whose rules say when and how often.
    #[error("the customer is to be called back, and keeps the queue that does it")]
    IsCallback,
    /// The supervisor's own phone is not registered.
    #[error("no telephone of your own is registered")]
    NoOwnPhone,
    /// The agent has not laid the contact aside.
    #[error("you have not laid this contact aside")]
    NotLaidAside,
    /// The agent is busy with a contact.
    #[error("the agent is busy with a contact")]
    InContact,
    /// No such reason in `routing.xml`.
    #[error("the reason is unknown")]
    UnknownReason,
    /// The contact is not being offered to this agent.
    #[error("the contact is not being offered to this agent")]
    NotOffered,
    /// The agent does not talk with this contact.
    #[error("the agent does not talk with this contact")]
    NotTalking,
    /// The contact is not in wrap-up with this agent.
    #[error("the contact is not in wrap-up with this agent")]
    NotInWrapUp,
    /// The application has no rules for calls that agents make.
    #[error("agents of this application call nobody")]
    NoOutbound,
    /// No such destination in `routing.xml`.
    #[error("there is no such outside number to pass customers on to")]
    UnknownDestination,
    /// The application's rules say nothing of calls from phones.
    #[error("customers are called from the desk, not by the telephone's keys")]
    NoPhoneCalls,
    /// No such purpose in `routing.xml`.
    #[error("there is no such purpose")]
    UnknownPurpose,
    /// A rule forbids the call. That is recorded.
    #[error("{}", .0.words())]
    Denied(DialRule),
    /// The contact's queue has no such disposition.
    #[error("the queue has no such disposition")]
    UnknownDisposition,
}
