//! What the contact side and the telephone side say to each other: messages with ids, no handles.

use std::time::Duration;

use caruso_contact::{ContactId, EndCause, ListeningMode, OfferId};
use caruso_media::Sound;
use caruso_routing::{NotReached, NotTaken, Permit};
use caruso_sip::Messages;
use serde::{Deserialize, Serialize};

use super::recording::Terms;

/// From the contact side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Command {
    /// The customer's call is ours: answer it.
    AnswerCaller { contact: ContactId },
    /// The customer's call cannot be taken; a busy installation asks to try again later.
    RefuseCaller { contact: ContactId, retry_after: Option<Duration> },
    /// Play sounds to the customer, one after the other. Whatever played before stops.
    Play { contact: ContactId, sounds: Vec<Sound>, repeats: bool },
    /// Ring an agent's phone for this contact.
    Ring { offer: OfferId, contact: ContactId, extension: String, calling: String },
    /// Call a remote phone whose line stays open, for nobody yet; nothing where it is open, or does
    /// not stay.
    OpenLine { extension: String },
    /// End that line, or with what it is used for.
    CloseLine { extension: String },
    /// The agent takes at the desk what is announced on their line.
    AnswerLine { offer: OfferId },
    /// Ring the phone of an agent who wants to call a customer, and keep the permit to call them.
    Dial { contact: ContactId, offer: OfferId, extension: String, permit: Permit },
    /// Call the customer for a phone that calls us, with this permit; the phone waits, hears what
    /// the network says, and is answered when the customer and the agent are to hear each other.
    CallForPhone { contact: ContactId, offer: OfferId, permit: Permit },
    /// Ring a colleague's phone for one that calls us, which waits.
    CallColleague { offer: OfferId, colleague: OfferId, extension: String, calling: String },
    /// A phone calls a number of ours: from now on it is the customer of this contact.
    TakeAsCaller { offer: OfferId, contact: ContactId },
    /// Refuse the call of a phone that waits, with a status and words.
    RefusePhone { offer: OfferId, code: u16, words: String },
    /// Call the customer with the permit that is kept; the agent of the offer hears what the
    /// network says, or a ringing tone.
    CallCustomer { contact: ContactId, offer: OfferId },
    /// Call the customer back, who has hung up, with this permit; the agent of the offer hears what
    /// the network says, or a ringing tone.
    CallBack { contact: ContactId, offer: OfferId, permit: Permit },
    /// Call an outside number for the customer, with this permit; the offer names its leg, and the
    /// customer hears what the network says, or a ringing tone.
    CallOutside { contact: ContactId, offer: OfferId, permit: Permit },
    /// Call an outside number that an agent asks, with this permit; the offer names its leg, and
    /// the agent hears what the network says, or a ringing tone, until they are bridged.
    AskOutside { agent: OfferId, offer: OfferId, permit: Permit },
    /// Let the customer and the leg of the offer hear each other.
    Bridge { contact: ContactId, offer: OfferId },
    /// Let the agents of two offers hear each other, and nobody else.
    BridgeAgents { a: OfferId, b: OfferId },
    /// Let the customer and the agents of two offers hear each other, all three.
    Confer { contact: ContactId, a: OfferId, b: OfferId },
    /// Let the supervisor of an offer hear the customer and the agent of another, and be heard by
    /// those whom the mode says.
    Listen { contact: ContactId, offer: OfferId, supervisor: OfferId, mode: ListeningMode },
    /// Play sounds to an agent, again and again, who hears nobody else meanwhile.
    PlayToAgent { offer: OfferId, sounds: Vec<Sound> },
    /// Let the customer no longer hear the agent, nor the agent the customer.
    Part { contact: ContactId },
    /// Tell the agent's phone whether it passed the customer on; 200, or a status that refuses.
    AnswerReferral { offer: OfferId, code: u16 },
    /// End the agent's leg in whatever state it is.
    DropAgent { offer: OfferId },
    /// End the customer's leg.
    DropCaller { contact: ContactId, cause: EndCause },
    /// Let the customer leave a message after this greeting and a tone; the leg ends with it.
    Record { contact: ContactId, say: Sound, terms: Terms },
    /// So many messages wait for whoever has this extension, from now on.
    TellMessages { extension: String, messages: Messages },
    /// End the customer's leg after these sounds. Whatever played before stops.
    SeeOff { contact: ContactId, cause: EndCause, sounds: Vec<Sound> },
}

/// From the telephone side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Event {
    /// A customer calls; the call rings until it is answered or refused.
    Arrived { contact: ContactId, calling: Option<String>, called: String },
    /// The phone of this extension calls somebody, and waits to hear what becomes of it: the ids
    /// are for its leg and for the contact that it may be.
    PhoneCalls { offer: OfferId, contact: ContactId, extension: String, called: String },
    /// The customer whom we call answered.
    CustomerAnswered { contact: ContactId },
    /// The customer whom we call was not reached.
    CustomerNotReached { contact: ContactId, because: NotReached },
    /// Whoever was called outside for a customer was not reached. That they answered, and are gone,
    /// is told as of an agent.
    OutsideNotReached { offer: OfferId, because: NotReached },
    /// The customer hung up, or the leg failed.
    CallerGone { contact: ContactId },
    /// The customer pressed a key.
    Key { contact: ContactId, key: char },
    /// What the customer left as a message is over, and how long it is; nothing where nobody spoke.
    Recorded { contact: ContactId, length: Option<Duration> },
    /// What was to be played was played to its end.
    Played { contact: ContactId },
    /// The agent's phone answered.
    AgentAnswered { offer: OfferId },
    /// The offer is announced on a line of the agent that stays open.
    LineAnnounced { offer: OfferId },
    /// A line ended that nobody used, or could not be opened.
    LineLost { extension: String },
    /// The agent's phone did not take the call.
    AgentNotTaken { offer: OfferId, because: NotTaken },
    /// The agent hung up.
    AgentGone { offer: OfferId },
    /// The agent's phone passes the customer on to a number, and waits for the answer.
    AgentRefers { offer: OfferId, to: String },
    /// The agent's phone wants those at the other ends of two of its calls to have each other, and
    /// waits for the answer on the first.
    AgentJoins { offer: OfferId, other: OfferId },
    /// The agent's phone no longer answers, though nobody hung up.
    AgentLost { offer: OfferId },
    /// The agent's phone holds the call: it takes no sound from us.
    AgentHeld { offer: OfferId },
    /// The agent's phone takes sound again.
    AgentRetrieved { offer: OfferId },
    /// A phone can be called from now on.
    PhoneRegistered { extension: String },
    /// A phone can no longer be called.
    PhoneUnregistered { extension: String },
}
