//! Figures of stays in queues.

use super::Measure::Visit as Of;
use super::Takes::{Nothing, Short, Within};
use super::Unit::{Average, Count, Longest, Share};
use super::{Figure, Parameters, row};
use crate::tally::Tally;
use crate::{Instead, Outcome, Visit};

pub(super) fn is_answered(visit: &Visit) -> bool {
    matches!(visit.outcome, Outcome::Answered { .. })
}

pub(super) fn is_abandoned(visit: &Visit) -> bool {
    matches!(visit.outcome, Outcome::Abandoned { .. })
}

pub(super) fn is_flowed_out(visit: &Visit) -> bool {
    matches!(visit.outcome, Outcome::FlowedOut { .. })
}

pub(super) fn is_within(visit: &Visit, with: &Parameters) -> bool {
    visit.wait(with.as_of) <= with.within
}

/// `B_s`.
pub(super) fn is_short(visit: &Visit, with: &Parameters) -> bool {
    is_abandoned(visit) && visit.wait(with.as_of) <= with.short
}

fn has_waited(visit: &Visit) -> bool {
    visit.outcome != Outcome::Waiting
}

pub(super) const ALL: &[Figure] = &[
    row(
        "offered",
        "Offered",
        Count,
        Nothing,
        "O: stays in a queue that began; O = A + B + F + W",
        Of(|_, _| Tally::one(true)),
    ),
    row(
        "answered",
        "Answered",
        Count,
        Nothing,
        "A: an agent answered",
        Of(|it, _| Tally::one(is_answered(it))),
    ),
    row(
        "abandoned",
        "Abandoned",
        Count,
        Nothing,
        "B: the customer hung up while waiting, also while an agent's phone rang",
        Of(|it, _| Tally::one(is_abandoned(it))),
    ),
    row(
        "flowed-out",
        "Flowed out",
        Count,
        Nothing,
        "F: went to another queue, a message or a callback, or we ended the wait",
        Of(|it, _| Tally::one(is_flowed_out(it))),
    ),
    row(
        "still-waiting",
        "Still waiting",
        Count,
        Nothing,
        "W: neither of these yet",
        Of(|it, _| Tally::one(!has_waited(it))),
    ),
    row(
        "short-abandoned",
        "Abandoned soon",
        Count,
        Short,
        "B_s: abandoned after a wait of at most s",
        Of(|it, with| Tally::one(is_short(it, with))),
    ),
    row(
        "answered-within",
        "Answered in time",
        Count,
        Within,
        "A_T: answered after a wait of at most T",
        Of(|it, with| Tally::one(is_answered(it) && is_within(it, with))),
    ),
    row(
        "abandoned-within",
        "Abandoned in time",
        Count,
        Within,
        "B_T: abandoned after a wait of at most T",
        Of(|it, with| Tally::one(is_abandoned(it) && is_within(it, with))),
    ),
    row(
        "chose-callback",
        "Chose a callback",
        Count,
        Nothing,
        "of F: wanted to be called back instead of waiting on",
        Of(|it, _| Tally::one(it.instead == Some(Instead::Callback))),
    ),
    row(
        "chose-message",
        "Chose to leave a message",
        Count,
        Nothing,
        "of F: was given to leave a message instead of waiting on",
        Of(|it, _| Tally::one(it.instead == Some(Instead::Message))),
    ),
    row(
        "callbacks",
        "Callbacks",
        Count,
        Nothing,
        "of O: the customer has hung up and is called back when it is their turn",
        Of(|it, _| Tally::one(it.is_callback)),
    ),
    row(
        "abandonment-rate",
        "Abandonment rate",
        Share,
        Nothing,
        "B / O; who chose to be called back has not abandoned",
        Of(|it, _| Tally::of(is_abandoned(it), true)),
    ),
    row(
        "abandonment-rate-short-excluded",
        "Abandonment rate without the soon",
        Share,
        Short,
        "(B − B_s) / (O − B_s)",
        Of(|it, with| {
            let is_short = is_short(it, with);
            Tally::of(is_abandoned(it) && !is_short, !is_short)
        }),
    ),
    row(
        "answer-rate",
        "Answer rate",
        Share,
        Nothing,
        "A / O",
        Of(|it, _| Tally::of(is_answered(it), true)),
    ),
    row(
        "waited-within",
        "Waited at most T",
        Share,
        Within,
        "O whose wait, whatever came of it, was at most T / (A + B + F)",
        Of(|it, with| Tally::of(has_waited(it) && is_within(it, with), has_waited(it))),
    ),
    row(
        "ASA",
        "Average speed of answer",
        Average,
        Nothing,
        "Σ wait of the answered / A, from entering the queue to the answer",
        Of(|it, with| Tally::time(is_answered(it).then(|| it.wait(with.as_of)))),
    ),
    row(
        "average-wait",
        "Average wait",
        Average,
        Nothing,
        "Σ wait / (A + B + F)",
        Of(|it, with| Tally::time(has_waited(it).then(|| it.wait(with.as_of)))),
    ),
    row(
        "average-wait-abandoned",
        "Average patience of the abandoned",
        Average,
        Nothing,
        "Σ wait of the abandoned / B",
        Of(|it, with| Tally::time(is_abandoned(it).then(|| it.wait(with.as_of)))),
    ),
    row(
        "max-wait",
        "Longest wait",
        Longest,
        Nothing,
        "longest wait of all offered, those who abandoned or still wait included",
        Of(|it, with| Tally::time(Some(it.wait(with.as_of)))),
    ),
    row(
        "handled",
        "Handled",
        Count,
        Nothing,
        "of A: those of whom every agent has wrapped up",
        Of(|it, _| Tally::one(it.handle_time.is_some())),
    ),
    row(
        "AHT",
        "Average handle time",
        Average,
        Nothing,
        "Σ (talk + hold + wrap-up of all agents who had the contact) / handled",
        Of(|it, _| Tally::time(it.handle_time)),
    ),
    row(
        "average-hold-time",
        "Average time on hold",
        Average,
        Nothing,
        "Σ time on hold / handled; a part of AHT",
        Of(|it, _| Tally::time(it.handle_time.map(|_| it.hold_time))),
    ),
    row(
        "average-consult-time",
        "Average time asking",
        Average,
        Nothing,
        "Σ time with a colleague on the line who is asked / handled; a part of AHT",
        Of(|it, _| Tally::time(it.handle_time.map(|_| it.consult_time))),
    ),
    row(
        "promises",
        "Promises",
        Count,
        Nothing,
        "of A: those who had been told how long it is likely to take",
        Of(|it, _| Tally::one(it.kept_promise().is_some())),
    ),
    row(
        "promises-kept",
        "Promises kept",
        Share,
        Nothing,
        "answered no later than first told / promises",
        Of(|it, _| Tally::of(it.kept_promise() == Some(true), it.kept_promise().is_some())),
    ),
    row(
        "messages",
        "Messages",
        Count,
        Nothing,
        "of O: messages that customers had left",
        Of(|it, _| Tally::one(it.message_length.is_some())),
    ),
    row(
        "average-message-length",
        "Average length of messages",
        Average,
        Nothing,
        "Σ length / messages",
        Of(|it, _| Tally::time(it.message_length)),
    ),
];
