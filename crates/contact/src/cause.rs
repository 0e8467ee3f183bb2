//! How and why things happen to a contact: the words of events, of the log and of reports.

use serde::{Deserialize, Serialize};

use crate::DialRule;

/// How a customer reached us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// By telephone.
    Voice,
    /// On a page that they filled in.
    Web,
    /// By mail, chat or SMS.
    Message,
    /// By telephone, and left a message.
    Voicemail,
}

impl Channel {
    /// Whether it is a call, with a leg that is there or not. The others are conversations: the
    /// customer reads and writes whenever they like, or has said what there is to say.
    pub fn is_call(self) -> bool {
        self == Self::Voice
    }
}

/// How a dialogue script ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum IvrEnd {
    /// It handed the contact to a queue.
    HandedOff,
    /// It reached its end; the customer needs nobody.
    Finished,
    /// It could not go on; the number's fallback takes over.
    Failed,
    /// The customer left.
    CallerGone,
}

/// Why an offer ended without a conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OfferEnd {
    /// The phone rang until the offer's deadline.
    NoAnswer,
    /// The agent declined, at the phone or at the desk.
    Rejected,
    /// The phone was busy.
    Busy,
    /// The phone could not be reached.
    Unreachable,
    /// The customer left first.
    CallerGone,
    /// The system took it back: it was restarted.
    Cancelled,
    /// The phones of several agents rang, and a colleague was the first.
    AnsweredElsewhere,
}

/// Why a contact does not wait on in its queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Overflow {
    /// It has waited there as long as the queue allows.
    Waited,
    /// As many wait there as may.
    Full,
    /// Nobody has signed in who serves the queue.
    Unserved,
    /// It came outside of the queue's hours.
    Closed,
}

/// Why a contact waits for one agent alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preference {
    /// The script named the agent.
    Named,
    /// The customer has talked with the agent before.
    Acquainted,
}

/// Why a contact waits no longer for one agent alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PreferenceEnd {
    /// It has waited for them as long as the queue allows.
    TimeOver,
    /// The agent is no longer there: not ready, or signed out.
    Away,
}

/// Where a call is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HoldPlace {
    /// At the agent's desk.
    Desk,
    /// At the agent's telephone, which takes it back itself.
    Telephone,
}

/// Why a consultation ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConsultationEnd {
    /// The colleague has the customer from now on, or is offered them where the phone still rings.
    Completed,
    /// The agent or the colleague ended it after they had talked.
    Finished,
    /// The agent, or a restart, took it back while the phone rang.
    Cancelled,
    /// The phone rang until the deadline.
    NoAnswer,
    /// The colleague declined, at the phone or at the desk.
    Rejected,
    /// The colleague's phone was busy.
    Busy,
    /// The colleague's phone could not be reached.
    Unreachable,
    /// The customer's call is over.
    CallOver,
}

/// A side of a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The customer.
    Customer,
    /// The agent.
    Agent,
    /// We.
    System,
    /// Whoever an agent passed the customer on to, at an outside number.
    Outside,
}

/// Why the customer is no longer with us.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndCause {
    /// Somebody hung up.
    HungUp,
    /// The dialogue script was all that the customer needed.
    Finished,
    /// The queue was full.
    QueueFull,
    /// Nobody answered within the longest wait of the queue, or the longest there is.
    WaitedTooLong,
    /// Nobody had signed in who serves the queue.
    Unserved,
    /// The call came outside of the hours of its queue.
    OutOfHours,
    /// The conversation reached the longest duration there is.
    TalkedTooLong,
    /// The system was restarted and the call did not survive it.
    Restarted,
    /// The agent closed a conversation.
    Closed,
    /// A conversation was not finished: the customer left, or was not understood.
    BrokenOff,
    /// Nobody said within the longest time there is what became of a conversation.
    Lost,
    /// A supervisor ended it.
    EndedBySupervisor,
    /// A rule forbids the call that an agent wanted to make: nobody was called.
    Denied,
    /// The phone of the agent who wanted to make the call did not take it: nobody was called.
    NotDialled,
    /// The line of the customer whom we called was busy.
    Busy,
    /// The customer whom we called did not answer.
    NoAnswer,
    /// The call that we made was declined.
    Rejected,
    /// The number that we called cannot be reached, or there is no such number.
    Unreachable,
    /// The network had no room for the call that we made, or failed.
    Congestion,
    /// A customer who was to be called back has talked with us meanwhile, or asked again.
    CalledAgain,
    /// The customer was to leave a message and left none.
    NoMessage,
    /// The agent who has the customer's message calls them.
    CalledBack,
}

/// Why wrap-up ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WrapUpEnd {
    /// The agent closed it.
    Finished,
    /// Its time was over.
    TimeOver,
    /// The agent went on without closing it, as the queue allows.
    Skipped,
}

macro_rules! names {
    ($($type:ident { $($variant:ident = $name:literal),* $(,)? })*) => {
        $(impl $type {
            /// Stable name, the same as in JSON.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        })*

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn names_are_the_same_as_in_json() {
                $($({
                    let json = serde_json::to_value($type::$variant).expect("a string");
                    assert_eq!(json, $name);
                })*)*
            }
        }
    };
}

names! {
    IvrEnd {
        HandedOff = "handed-off",
        Finished = "finished",
        Failed = "failed",
        CallerGone = "caller-gone",
    }
    OfferEnd {
        NoAnswer = "no-answer",
        Rejected = "rejected",
        Busy = "busy",
        Unreachable = "unreachable",
        CallerGone = "caller-gone",
        Cancelled = "cancelled",
        AnsweredElsewhere = "answered-elsewhere",
    }
    Overflow {
        Waited = "waited",
        Full = "full",
        Unserved = "unserved",
        Closed = "closed",
    }
    Preference {
        Named = "named",
        Acquainted = "acquainted",
    }
    PreferenceEnd {
        TimeOver = "time-over",
        Away = "away",
    }
    HoldPlace {
        Desk = "desk",
        Telephone = "telephone",
    }
    ConsultationEnd {
        Completed = "completed",
        Finished = "finished",
        Cancelled = "cancelled",
        NoAnswer = "no-answer",
        Rejected = "rejected",
        Busy = "busy",
        Unreachable = "unreachable",
        CallOver = "call-over",
    }
    EndCause {
        HungUp = "hung-up",
        Finished = "finished",
        QueueFull = "queue-full",
        WaitedTooLong = "waited-too-long",
        Unserved = "unserved",
        TalkedTooLong = "talked-too-long",
        Restarted = "restarted",
        Closed = "closed",
        BrokenOff = "broken-off",
        Lost = "lost",
        OutOfHours = "out-of-hours",
        EndedBySupervisor = "ended-by-supervisor",
        Denied = "denied",
        NotDialled = "not-dialled",
        Busy = "busy",
        NoAnswer = "no-answer",
        Rejected = "rejected",
        Unreachable = "unreachable",
        Congestion = "congestion",
        CalledAgain = "called-again",
        NoMessage = "no-message",
        CalledBack = "called-back",
    }
    Channel {
        Voice = "voice",
        Web = "web",
        Message = "message",
        Voicemail = "voicemail",
    }
    WrapUpEnd {
        Finished = "finished",
        TimeOver = "time-over",
        Skipped = "skipped",
    }
    Party {
        Customer = "customer",
        Agent = "agent",
        System = "system",
        Outside = "outside",
    }
    DialRule {
        NotANumber = "not-a-number",
        Destination = "destination",
        DoNotCall = "do-not-call",
        DoNotCallUnknown = "do-not-call-unknown",
        OutOfHours = "out-of-hours",
        TooManyAttempts = "too-many-attempts",
    }
}
