//! Figures of calls that agents make.

use super::Measure::OutgoingCall as Of;
use super::Takes::Nothing;
use super::Unit::{Average, Count, Share};
use super::{Figure, row};
use crate::CallOutcome::{Answered, Denied, NotMade, NotReached, Ringing};
use crate::tally::Tally;

pub(super) const ALL: &[Figure] = &[
    row(
        "outgoing-wanted",
        "Wanted",
        Count,
        Nothing,
        "calls that agents wanted to make; answered + not reached + not made + denied + those that \
         ring",
        Of(|_| Tally::one(true)),
    ),
    row(
        "outgoing-answered",
        "Answered",
        Count,
        Nothing,
        "the customer answered",
        Of(|it| Tally::one(it.outcome == Answered)),
    ),
    row(
        "outgoing-not-reached",
        "Not reached",
        Count,
        Nothing,
        "the customer was called and did not answer: busy, no answer, declined, unreachable, \
         congestion, or the agent gave up",
        Of(|it| Tally::one(it.outcome == NotReached)),
    ),
    row(
        "outgoing-not-made",
        "Not made",
        Count,
        Nothing,
        "the agent's own phone did not take the call",
        Of(|it| Tally::one(it.outcome == NotMade)),
    ),
    row(
        "outgoing-denied",
        "Denied",
        Count,
        Nothing,
        "a rule forbade the call",
        Of(|it| Tally::one(it.outcome == Denied)),
    ),
    row(
        "outgoing-ringing",
        "Ringing",
        Count,
        Nothing,
        "neither of these yet",
        Of(|it| Tally::one(it.outcome == Ringing)),
    ),
    row(
        "outgoing-answer-rate",
        "Reached",
        Share,
        Nothing,
        "answered / (answered + not reached)",
        Of(|it| {
            let is_answered = it.outcome == Answered;
            Tally::of(is_answered, is_answered || it.outcome == NotReached)
        }),
    ),
    row(
        "outgoing-AHT",
        "Average handle time",
        Average,
        Nothing,
        "Σ (ringing at the customer + talk + wrap-up of who made the call) / calls whose wrap-up \
         is over, reached or not",
        Of(|it| Tally::time(it.handle_time)),
    ),
];
