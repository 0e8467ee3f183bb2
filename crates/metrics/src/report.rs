//! The report of incoming calls: one row for each interval and queue.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_contact::{QueueId, Time};

use crate::{Counts, Figures, Outcome, Period, Visit};

/// One interval of one queue. A visit belongs to the interval in which it was entered (rule
/// `by-entry`), so that a row may still change while its contacts wait or are handled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IncomingCalls {
    /// Beginning of the interval.
    pub interval_start: Time,
    /// The queue.
    pub queue: QueueId,
    /// How the visits came out; at least one was offered.
    pub counts: Counts,
    /// Formula `ASA`: Σ wait of the answered / answered, from entering the queue to the answer;
    /// rounded half up to milliseconds; nothing if none was answered.
    pub average_speed_of_answer: Option<Duration>,
    /// Formula `AHT`: Σ handle time / handled, where handled are the answered whose wrap-up is
    /// over; rounded half up to milliseconds; nothing if there are none.
    pub average_handle_time: Option<Duration>,
    /// Formula `average-hold-time`: Σ time on hold / handled, handled as in `AHT`, of which it is a
    /// part; rounded half up to milliseconds; nothing if there are none.
    pub average_hold_time: Option<Duration>,
    /// Formula `average-consult-time`: Σ consult time / handled, handled as in `AHT`, of which it
    /// is a part; rounded half up to milliseconds; nothing if there are none.
    pub average_consult_time: Option<Duration>,
    /// Formula `max-wait`: longest wait of all offered, whatever came of them.
    pub longest_wait: Duration,
    /// Formula `SL-negative`: answered within the threshold / (answered + abandoned), where a wait
    /// as long as the threshold is within; in hundredths of a per cent, rounded half up; nothing
    /// if none was answered or abandoned. Those who flowed out or still wait do not count.
    pub service_level_basis_points: Option<u32>,
    /// Formula `promises`: of the answered, those who had been told how long it is likely to take.
    pub promises: u32,
    /// Formula `promises-kept`: answered no later than they were first told / `promises`; in
    /// hundredths of a per cent, rounded half up; nothing if there are none. Nine of ten are to be.
    pub promises_kept_basis_points: Option<u32>,
}

impl Figures {
    /// The report of incoming calls, by interval and then queue. A queue has no row for an
    /// interval in which nobody entered it.
    ///
    /// `threshold` is that of the service level; `as_of` is the moment up to which those who still
    /// wait have waited.
    pub fn incoming_calls(
        &self,
        period: Period,
        threshold: Duration,
        as_of: Time,
    ) -> Vec<IncomingCalls> {
        let mut rows: BTreeMap<(Time, &QueueId), Sums> = BTreeMap::new();
        for visit in self.visits_between(period.from(), period.to()) {
            let Some(interval) = period.interval_of(visit.entered_at) else { continue };
            rows.entry((interval, &visit.queue)).or_default().add(visit, threshold, as_of);
        }
        rows.into_iter().map(|((interval, queue), sums)| sums.row(interval, queue)).collect()
    }
}

#[derive(Default)]
struct Sums {
    counts: Counts,
    answered_within: u64,
    answer_millis: u64,
    handled: u64,
    handle_millis: u64,
    hold_millis: u64,
    consult_millis: u64,
    longest_wait: Duration,
    promises: u64,
    promises_kept: u64,
}

impl Sums {
    fn add(&mut self, visit: &Visit, threshold: Duration, as_of: Time) {
        let wait = visit.wait(as_of);
        self.counts.add(visit.outcome);
        self.longest_wait = self.longest_wait.max(wait);
        if matches!(visit.outcome, Outcome::Answered { .. }) {
            self.answered_within += u64::from(wait <= threshold);
            self.answer_millis = self.answer_millis.saturating_add(millis(wait));
        }
        if let Some(is_kept) = visit.kept_promise() {
            self.promises += 1;
            self.promises_kept += u64::from(is_kept);
        }
        if let Some(handle_time) = visit.handle_time {
            self.handled += 1;
            self.handle_millis = self.handle_millis.saturating_add(millis(handle_time));
            self.hold_millis = self.hold_millis.saturating_add(millis(visit.hold_time));
            self.consult_millis = self.consult_millis.saturating_add(millis(visit.consult_time));
        }
    }

    fn row(self, interval_start: Time, queue: &QueueId) -> IncomingCalls {
        let answered = u64::from(self.counts.answered);
        let decided = answered + u64::from(self.counts.abandoned);
        let basis_points = |part: u64, whole| {
            half_up(part * 10_000, whole).and_then(|share| u32::try_from(share).ok())
        };
        IncomingCalls {
            interval_start,
            queue: queue.clone(),
            counts: self.counts,
            average_speed_of_answer: average(self.answer_millis, answered),
            average_handle_time: average(self.handle_millis, self.handled),
            average_hold_time: average(self.hold_millis, self.handled),
            average_consult_time: average(self.consult_millis, self.handled),
            longest_wait: self.longest_wait,
            service_level_basis_points: basis_points(self.answered_within, decided),
            promises: u32::try_from(self.promises).unwrap_or(u32::MAX),
            promises_kept_basis_points: basis_points(self.promises_kept, self.promises),
        }
    }
}

pub(crate) fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

pub(crate) fn average(sum_millis: u64, count: u64) -> Option<Duration> {
    half_up(sum_millis, count).map(Duration::from_millis)
}

/// The quotient rounded half up; nothing when dividing by nothing.
fn half_up(sum: u64, count: u64) -> Option<u64> {
    let quotient = sum.checked_div(count)?;
    let rest = sum % count;
    Some(quotient + u64::from(rest >= count - rest))
}
