//! The rows of incoming and outgoing calls, put together of the catalogue's figures.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_contact::{QueueId, Time};

use super::period::Period;
use crate::tally::half_up;
use crate::{Counts, Fact, Figures, Parameters, Source, Tally, Value, figure};

/// One interval of one queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IncomingCalls {
    pub(crate) interval_start: Time,
    pub(crate) queue: QueueId,
    pub(crate) counts: Counts,
    pub(crate) average_speed_of_answer: Option<Duration>,
    pub(crate) average_handle_time: Option<Duration>,
    pub(crate) average_hold_time: Option<Duration>,
    pub(crate) average_consult_time: Option<Duration>,
    pub(crate) longest_wait: Duration,
    pub(crate) service_level_basis_points: Option<u32>,
    pub(crate) promises: u32,
    pub(crate) promises_kept_basis_points: Option<u32>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutgoingCalls {
    pub(crate) wanted: u32,
    pub(crate) answered: u32,
    pub(crate) not_reached: u32,
    pub(crate) not_made: u32,
    pub(crate) denied: u32,
    pub(crate) average_handle_time: Option<Duration>,
}

type Cells<'a> = BTreeMap<(Time, QueueId), Vec<Fact<'a>>>;

impl Figures {
    fn cells(&self, source: Source, period: Period, as_of: Time) -> Cells<'_> {
        let mut cells = Cells::new();
        for fact in self.facts(source, period.from(), period.to(), as_of) {
            let (interval, queue) = (period.interval_of(fact.at()), fact.queue().cloned());
            let (Some(interval), Some(queue)) = (interval, queue) else { continue };
            cells.entry((interval, queue)).or_default().push(fact);
        }
        cells
    }

    pub(crate) fn incoming_calls(
        &self,
        period: Period,
        within: Duration,
        as_of: Time,
    ) -> Vec<IncomingCalls> {
        let with = Parameters { within, as_of, ..Parameters::default() };
        let cells = self.cells(Source::Visits, period, as_of);
        cells.into_iter().map(|(key, facts)| incoming(key, &facts, &with)).collect()
    }

    pub(crate) fn outgoing_calls(&self, period: Period) -> Vec<OutgoingCalls> {
        let cells = self.cells(Source::OutgoingCalls, period, period.to());
        cells.into_values().map(|facts| outgoing(&facts)).collect()
    }
}

fn incoming((at, queue): (Time, QueueId), facts: &[Fact<'_>], with: &Parameters) -> IncomingCalls {
    let count = |id| count(id, facts, with);
    let time = |id| time(id, facts, with);
    let counts = Counts {
        answered: count("answered"),
        abandoned: count("abandoned"),
        flowed_out: count("flowed-out"),
        still_waiting: count("still-waiting"),
    };
    assert_eq!(count("offered"), counts.offered());
    IncomingCalls {
        interval_start: at,
        queue,
        counts,
        average_speed_of_answer: time("ASA"),
        average_handle_time: time("AHT"),
        average_hold_time: time("average-hold-time"),
        average_consult_time: time("average-consult-time"),
        longest_wait: time("max-wait").expect("somebody entered"),
        service_level_basis_points: basis_points("SL-negative", facts, with),
        promises: count("promises"),
        promises_kept_basis_points: basis_points("promises-kept", facts, with),
    }
}

fn outgoing(facts: &[Fact<'_>]) -> OutgoingCalls {
    let with = Parameters::default();
    let count = |id| count(id, facts, &with);
    let row = OutgoingCalls {
        wanted: count("outgoing-wanted"),
        answered: count("outgoing-answered"),
        not_reached: count("outgoing-not-reached"),
        not_made: count("outgoing-not-made"),
        denied: count("outgoing-denied"),
        average_handle_time: time("outgoing-AHT", facts, &with),
    };
    let ended = row.answered + row.not_reached + row.not_made + row.denied;
    assert_eq!(row.wanted, ended + count("outgoing-ringing"));
    row
}

fn value(id: &str, facts: &[Fact<'_>], with: &Parameters) -> Value {
    figure(id).expect("a figure").of(facts.iter().cloned(), with)
}

fn count(id: &str, facts: &[Fact<'_>], with: &Parameters) -> u32 {
    match value(id, facts, with) {
        Value::Count(count) => u32::try_from(count).expect("a short day"),
        other => panic!("{id} is {other:?}"),
    }
}

fn time(id: &str, facts: &[Fact<'_>], with: &Parameters) -> Option<Duration> {
    match value(id, facts, with) {
        Value::Nothing => None,
        Value::Millis(millis) => Some(Duration::from_millis(millis)),
        other => panic!("{id} is {other:?}"),
    }
}

/// Finer than reports show it.
fn basis_points(id: &str, facts: &[Fact<'_>], with: &Parameters) -> Option<u32> {
    let figure = figure(id).expect("a figure");
    let mut tally = Tally::default();
    for fact in facts {
        tally.add(figure.measure(fact, with), figure.unit);
    }
    let share = half_up(tally.part * 10_000, tally.whole)?;
    Some(u32::try_from(share).expect("a share"))
}
