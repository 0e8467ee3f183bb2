//! Figures of offers to agents. One contact may be offered many times.

use super::Measure::Offer as Of;
use super::Takes::Nothing;
use super::Unit::{Count, Share};
use super::{Figure, row};
use crate::OfferOutcome::{Accepted, NotTaken, Ringing, Withdrawn};
use crate::tally::Tally;

pub(super) const ALL: &[Figure] = &[
    row(
        "offers",
        "Offers",
        Count,
        Nothing,
        "offers to agents; accepted + not taken + withdrawn + those that ring",
        Of(|_| Tally::one(true)),
    ),
    row(
        "offers-accepted",
        "Offers taken",
        Count,
        Nothing,
        "the agent took it",
        Of(|it| Tally::one(it.outcome == Accepted)),
    ),
    row(
        "offers-not-taken",
        "Offers not taken",
        Count,
        Nothing,
        "the agent did not: no answer, declined, busy, unreachable",
        Of(|it| Tally::one(it.outcome == NotTaken)),
    ),
    row(
        "offers-withdrawn",
        "Offers withdrawn",
        Count,
        Nothing,
        "the customer left first, or a colleague was the first, or a restart took it back",
        Of(|it| Tally::one(it.outcome == Withdrawn)),
    ),
    row(
        "offers-ringing",
        "Offers that ring",
        Count,
        Nothing,
        "neither of these yet",
        Of(|it| Tally::one(it.outcome == Ringing)),
    ),
    row(
        "agent-answer-rate",
        "Answer rate of agents",
        Share,
        Nothing,
        "offers taken / (offers taken + offers not taken)",
        Of(|it| {
            let is_accepted = it.outcome == Accepted;
            Tally::of(is_accepted, is_accepted || it.outcome == NotTaken)
        }),
    ),
];
