//! The service level, in all variants that are in use; no two products agree.

use super::Measure::Visit as Of;
use super::Takes::{Within, WithinAndShort};
use super::Unit::Share;
use super::visits::{is_abandoned, is_answered, is_flowed_out, is_short, is_within};
use super::{Figure, row};
use crate::Instead;
use crate::tally::Tally;

/// The variant of who chooses none.
pub const DEFAULT_SERVICE_LEVEL: &str = "SL-short-excluded";

/// All variants.
pub fn service_levels() -> &'static [Figure] {
    ALL
}

pub(super) const ALL: &[Figure] = &[
    row(
        "SL-answered",
        "Service level of the answered",
        Share,
        Within,
        "A_T / A: who abandons vanishes, which flatters",
        Of(|it, with| Tally::of(is_answered(it) && is_within(it, with), is_answered(it))),
    ),
    row(
        "SL-positive",
        "Service level, abandoned in time are good",
        Share,
        Within,
        "(A_T + B_T) / (A + B)",
        Of(|it, with| {
            let is_decided = is_answered(it) || is_abandoned(it);
            Tally::of(is_decided && is_within(it, with), is_decided)
        }),
    ),
    row(
        "SL-negative",
        "Service level, abandoned are bad",
        Share,
        Within,
        "A_T / (A + B)",
        Of(|it, with| {
            let is_decided = is_answered(it) || is_abandoned(it);
            Tally::of(is_answered(it) && is_within(it, with), is_decided)
        }),
    ),
    row(
        "SL-short-excluded",
        "Service level",
        Share,
        WithinAndShort,
        "A_T / (A + B − B_s): who hangs up soon does not count",
        Of(|it, with| {
            let counts = is_answered(it) || is_abandoned(it) && !is_short(it, with);
            Tally::of(is_answered(it) && is_within(it, with), counts)
        }),
    ),
    row(
        "SL-ignore",
        "Service level, abandoned in time ignored",
        Share,
        Within,
        "A_T / (A + B − B_T)",
        Of(|it, with| {
            let counts = is_answered(it) || is_abandoned(it) && !is_within(it, with);
            Tally::of(is_answered(it) && is_within(it, with), counts)
        }),
    ),
    row(
        "SL-flowouts",
        "Service level, flowed out are bad",
        Share,
        Within,
        "A_T / (A + B + F)",
        Of(|it, with| {
            let counts = is_answered(it) || is_abandoned(it) || is_flowed_out(it);
            Tally::of(is_answered(it) && is_within(it, with), counts)
        }),
    ),
    row(
        "SL-removed",
        "Service level, removed in time are good",
        Share,
        Within,
        "(A_T + B_T + callbacks chosen within T) / O",
        Of(|it, with| {
            let chose = is_flowed_out(it) && it.instead == Some(Instead::Callback);
            let is_removed = is_answered(it) || is_abandoned(it) || chose;
            Tally::of(is_removed && is_within(it, with), true)
        }),
    ),
];
