//! Figures of contacts that agents passed on.

use super::Measure::Transfer as Of;
use super::Takes::Nothing;
use super::Unit::Count;
use super::{Figure, row};
use crate::TransferTo::{Colleague, Nowhere, Outside, Queue};
use crate::tally::Tally;

pub(super) const ALL: &[Figure] = &[
    row(
        "transfers",
        "Transfers",
        Count,
        Nothing,
        "contacts that an agent passed on; to a queue + to a colleague + outside + to nobody",
        Of(|_| Tally::one(true)),
    ),
    row(
        "transfers-blind",
        "Transfers without asking",
        Count,
        Nothing,
        "of transfers: without having asked there",
        Of(|it| Tally::one(!it.is_consulted)),
    ),
    row(
        "transfers-consulted",
        "Transfers after asking",
        Count,
        Nothing,
        "of transfers: whoever took it had been asked before",
        Of(|it| Tally::one(it.is_consulted)),
    ),
    row(
        "transfers-to-queue",
        "To a queue",
        Count,
        Nothing,
        "of transfers: to whoever serves a queue",
        Of(|it| Tally::one(it.to == Queue)),
    ),
    row(
        "transfers-to-colleague",
        "To a colleague",
        Count,
        Nothing,
        "of transfers: to a colleague by name",
        Of(|it| Tally::one(it.to == Colleague)),
    ),
    row(
        "transfers-outside",
        "Outside",
        Count,
        Nothing,
        "of transfers: to an outside number",
        Of(|it| Tally::one(it.to == Outside)),
    ),
    row(
        "transfers-to-nobody",
        "To nobody",
        Count,
        Nothing,
        "of transfers: the customer left in that moment",
        Of(|it| Tally::one(it.to == Nowhere)),
    ),
];
