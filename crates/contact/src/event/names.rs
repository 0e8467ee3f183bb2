//! The names that the words of events have in JSON, in reports and on the wire.

use super::{
    Channel, ConsultationEnd, EndCause, HoldPlace, IvrEnd, OfferEnd, Overflow, Party, WrapUpEnd,
};
use crate::DialRule;

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
    }
    Overflow {
        Waited = "waited",
        Full = "full",
        Unserved = "unserved",
        Closed = "closed",
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
        Denied = "denied",
        NotDialled = "not-dialled",
        Busy = "busy",
        NoAnswer = "no-answer",
        Rejected = "rejected",
        Unreachable = "unreachable",
        Congestion = "congestion",
    }
    Channel {
        Voice = "voice",
        Web = "web",
        Message = "message",
    }
    WrapUpEnd {
        Finished = "finished",
        TimeOver = "time-over",
    }
    Party {
        Customer = "customer",
        Agent = "agent",
        System = "system",
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
