//! Figures of what agents do with their time. What goes on has gone on until now.

use super::Measure::AgentTime as Of;
use super::Takes::{Nothing, Reason};
use super::Unit::{Share, Time};
use super::{Figure, row};
use crate::Activity::{Dialling, NotReady, Offered, Ready, Talking, WrapUp};
use crate::AgentTime;
use crate::tally::{Tally, millis};

fn time(it: &AgentTime<'_>, counts: bool) -> Tally {
    Tally::time(counts.then_some(it.length))
}

/// Milliseconds of the part among those of the whole.
fn share(it: &AgentTime<'_>, part: bool, whole: bool) -> Tally {
    let length = millis(it.length);
    Tally { part: if part { length } else { 0 }, whole: if whole { length } else { 0 } }
}

fn is_busy(it: &AgentTime<'_>) -> bool {
    matches!(it.activity, Talking | Dialling | WrapUp)
}

fn is_idle(it: &AgentTime<'_>) -> bool {
    matches!(it.activity, Ready | Offered)
}

pub(super) const ALL: &[Figure] = &[
    row(
        "signed-in-time",
        "Signed in",
        Time,
        Nothing,
        "Σ ready + not ready + ringing + dialling + talking + wrap-up",
        Of(|it, _| time(it, true)),
    ),
    row(
        "ready-time",
        "Ready",
        Time,
        Nothing,
        "Σ time ready",
        Of(|it, _| time(it, it.activity == Ready)),
    ),
    row(
        "not-ready-time",
        "Not ready",
        Time,
        Reason,
        "Σ time not ready, for every reason or the one that is said",
        Of(|it, with| {
            let NotReady(reason) = it.activity else { return Tally::default() };
            time(it, with.reason.as_ref().is_none_or(|only| only == reason))
        }),
    ),
    row(
        "ringing-time",
        "Ringing",
        Time,
        Nothing,
        "Σ time in which the agent's phone rings for an offer",
        Of(|it, _| time(it, it.activity == Offered)),
    ),
    row(
        "dialling-time",
        "Dialling",
        Time,
        Nothing,
        "Σ time in which a call of the agent is not answered yet",
        Of(|it, _| time(it, it.activity == Dialling)),
    ),
    row(
        "talking-time",
        "Talking",
        Time,
        Nothing,
        "Σ time with a customer, on hold included",
        Of(|it, _| time(it, it.activity == Talking)),
    ),
    row(
        "wrap-up-time",
        "Wrap-up",
        Time,
        Nothing,
        "Σ time in wrap-up",
        Of(|it, _| time(it, it.activity == WrapUp)),
    ),
    row(
        "availability",
        "Availability",
        Share,
        Nothing,
        "(signed in − not ready) / signed in",
        Of(|it, _| share(it, !matches!(it.activity, NotReady(_)), true)),
    ),
    row(
        "occupancy",
        "Occupancy",
        Share,
        Nothing,
        "(talking + dialling + wrap-up) / (talking + dialling + wrap-up + ready + ringing)",
        Of(|it, _| share(it, is_busy(it), is_busy(it) || is_idle(it))),
    ),
    row(
        "utilisation-talk",
        "Share of talking",
        Share,
        Nothing,
        "talking / (talking + dialling + wrap-up + ready + ringing)",
        Of(|it, _| share(it, it.activity == Talking, is_busy(it) || is_idle(it))),
    ),
];
