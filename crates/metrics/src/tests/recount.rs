//! Random but possible days: the identity, and a recount that knows nothing of the fold.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_contact::{
    AgentId, ConsultationEnd, ContactEvent, ContactId, Event, OfferEnd, Party, QueueId, Time,
};
use proptest::prelude::*;

use super::day::Day;
use super::incoming::IncomingCalls;
use super::period::Period;
use crate::Counts;

const QUEUES: [&str; 2] = ["faults", "moving"];

/// Where a contact of the random day is.
#[derive(Clone, Copy, PartialEq)]
enum Stage {
    Ivr,
    Waiting,
    Offered,
    Talking,
    OnHold,
    Speaking,
    Consulting,
    Outside,
    WrapUp,
    Over,
}

/// A day of `steps`: each lets some seconds pass and then one contact do one thing that is
/// possible where it is.
pub(super) fn day_of(steps: &[(u8, u8, u8)]) -> Day {
    let mut day = Day::default();
    let mut contacts: Vec<(ContactId, Stage)> = Vec::new();
    let mut now = 0;
    for (pass, who, what) in steps {
        now += u64::from(*pass);
        match contacts.get_mut(usize::from(*who)) {
            Some((id, stage)) => *stage = go_on(&mut day, now, *id, *stage, *what),
            None => contacts.push((day.arrive(now), Stage::Ivr)),
        }
    }
    day
}

fn go_on(day: &mut Day, now: u64, id: ContactId, stage: Stage, what: u8) -> Stage {
    let by = if what.is_multiple_of(2) { Party::Customer } else { Party::System };
    match (stage, what % 8) {
        (Stage::Ivr | Stage::Waiting, 0) => {
            day.end(now, id, by);
            Stage::Over
        }
        (Stage::Ivr, _) | (Stage::Waiting, 1) => {
            day.enter(now, id, QUEUES[usize::from(what) / 8 % 2]);
            Stage::Waiting
        }
        (Stage::Waiting, 2) => {
            day.end(now, id, Party::System);
            Stage::Over
        }
        (Stage::Waiting, 4) => {
            day.promise(now, id, u64::from(what));
            Stage::Waiting
        }
        (Stage::Waiting, 3) => {
            day.speak(now, id);
            Stage::Speaking
        }
        (Stage::Speaking, _) => speak_on(day, now, id, what),
        (Stage::Waiting, _) => {
            day.offer(now, id, "anna");
            Stage::Offered
        }
        (Stage::Offered, 0..3) => {
            day.end_offer(now, id, OfferEnd::NoAnswer);
            Stage::Waiting
        }
        (Stage::Offered, 3) => {
            day.end_offer(now, id, OfferEnd::CallerGone);
            day.end(now, id, Party::Customer);
            Stage::Over
        }
        (Stage::Offered, _) => {
            day.connect(now, id);
            Stage::Talking
        }
        (Stage::Talking, 0..3) => {
            day.hold(now, id);
            Stage::OnHold
        }
        (Stage::OnHold, 5) => {
            day.consult(now, id);
            Stage::Consulting
        }
        (Stage::Consulting, _) => consult_on(day, now, id, by, what),
        (Stage::OnHold, 0..5) => {
            day.retrieve(now, id);
            Stage::Talking
        }
        (Stage::Talking, 3 | 4) => pass_on(day, now, id, what),
        (Stage::Outside, _) => outside_on(day, now, id, by, what),
        (Stage::Talking | Stage::OnHold, _) => {
            day.end(now, id, by);
            Stage::WrapUp
        }
        (Stage::WrapUp, _) => {
            day.finish(now, id);
            Stage::Over
        }
        (Stage::Over, _) => Stage::Over,
    }
}

/// An agent passes a customer on, to a queue or outside.
fn pass_on(day: &mut Day, now: u64, id: ContactId, what: u8) -> Stage {
    if what % 8 == 4 {
        let agent = day.go_outside(now, id);
        day.finish_as(now + 7, id, agent);
        return Stage::Outside;
    }
    let agent = day.transfer(now, id);
    day.enter_again(now, id, QUEUES[usize::from(what) / 8 % 2]);
    day.finish_as(now + 7, id, agent);
    Stage::Waiting
}

/// What becomes of who was passed on outside.
fn outside_on(day: &mut Day, now: u64, id: ContactId, by: Party, what: u8) -> Stage {
    if what % 8 < 3 {
        day.come_back(now, id, QUEUES[usize::from(what) / 8 % 2]);
        return Stage::Waiting;
    }
    day.answer_outside(now, id);
    day.end(now + 5, id, if by == Party::System { Party::Outside } else { by });
    Stage::Over
}

/// What becomes of who may leave a message.
fn speak_on(day: &mut Day, now: u64, id: ContactId, what: u8) -> Stage {
    if what % 8 < 5 {
        day.leave_message(now, id, QUEUES[usize::from(what) / 8 % 2]);
        return Stage::Waiting;
    }
    day.end(now, id, Party::Customer);
    Stage::Over
}

/// What becomes of a colleague on the line.
fn consult_on(day: &mut Day, now: u64, id: ContactId, by: Party, what: u8) -> Stage {
    match what % 8 {
        0..4 => {
            day.end_consultation(now, id, ConsultationEnd::Finished);
            Stage::OnHold
        }
        4 => {
            let agent = day.complete(now, id);
            day.finish_as(now + 7, id, agent);
            Stage::Talking
        }
        _ => {
            day.end_consultation(now, id, ConsultationEnd::CallOver);
            day.end(now, id, by);
            Stage::WrapUp
        }
    }
}

/// What one entry of a queue came to, read off the events that follow it.
struct Entry {
    queue: QueueId,
    at: Time,
    end: Option<(Time, &'static str)>,
    handle_millis: Option<u64>,
    hold_millis: u64,
    consult_millis: u64,
    is_left: bool,
    promised_until: Option<Time>,
}

fn entries(day: &Day) -> Vec<Entry> {
    let mut entries = Vec::new();
    for (index, (at, event)) in day.events.iter().enumerate() {
        if let Event::Contact { contact, event: ContactEvent::QueueEntered { queue, .. } } = event {
            let queue = queue.clone();
            let mut entry = Entry {
                queue,
                at: *at,
                end: None,
                handle_millis: None,
                hold_millis: 0,
                consult_millis: 0,
                is_left: false,
                promised_until: None,
            };
            entry.read_on(*contact, &day.events[index + 1..]);
            entries.push(entry);
        }
    }
    entries
}

/// A conversation of one agent in a stay, in milliseconds.
struct Talk {
    agent: AgentId,
    since: Time,
    held_since: Option<Time>,
    asked_since: Option<Time>,
    talked: u64,
    held: u64,
    consulted: u64,
}

impl Talk {
    fn begun(agent: &AgentId, since: Time) -> Self {
        let (held_since, asked_since) = (None, None);
        let agent = agent.clone();
        Self { agent, since, held_since, asked_since, talked: 0, held: 0, consulted: 0 }
    }

    fn go_on(&mut self, at: Time, event: &ContactEvent) {
        let passed =
            |since: &mut Option<Time>| since.take().map_or(0, |it| millis(at) - millis(it));
        match event {
            ContactEvent::Held { .. } => self.held_since = Some(at),
            ContactEvent::ConsultationAnswered { .. } => self.asked_since = Some(at),
            ContactEvent::ConsultationEnded { .. } => {
                self.consulted += passed(&mut self.asked_since);
            }
            ContactEvent::Transferred { .. }
            | ContactEvent::AgentLost { .. }
            | ContactEvent::Ended { .. } => {
                self.talked = millis(at) - millis(self.since);
                self.held += passed(&mut self.held_since);
            }
            ContactEvent::Retrieved { .. } => self.held += passed(&mut self.held_since),
            _ => {}
        }
    }
}

impl Entry {
    fn read_on(&mut self, id: ContactId, rest: &[(Time, Event)]) {
        let mut talk: Option<Talk> = None;
        // whose wrap-up goes on, since when
        let mut finishing: Vec<(Talk, Time)> = Vec::new();
        for (at, event) in rest {
            let Event::Contact { contact, event } = event else { continue };
            if *contact != id {
                continue;
            }
            if let Some(talk) = &mut talk {
                talk.go_on(*at, event);
            }
            if let ContactEvent::WaitAnnounced { estimate: Some(told), .. } = event
                && !self.is_left
            {
                self.promised_until.get_or_insert(told.until);
            }
            let end = match event {
                ContactEvent::QueueEntered { .. } | ContactEvent::VoicemailStarted { .. } => {
                    Some("flowed out")
                }
                ContactEvent::Connected { agent, .. } => {
                    talk = Some(Talk::begun(agent, *at));
                    Some("answered")
                }
                ContactEvent::Ended { by: Party::Customer, .. } => Some("abandoned"),
                ContactEvent::Ended { .. } => Some("flowed out"),
                ContactEvent::WrapUpStarted { .. } => {
                    finishing.extend(talk.take().map(|talk| (talk, *at)));
                    None
                }
                ContactEvent::WrapUpEnded { agent, .. } => {
                    let whose = finishing.iter().position(|(talk, _)| talk.agent == *agent);
                    if let Some((talk, since)) = whose.map(|index| finishing.remove(index)) {
                        self.finished(&talk, millis(*at) - millis(since));
                    }
                    None
                }
                _ => None,
            };
            if let Some(end) = end {
                self.end.get_or_insert((*at, end));
            }
            // the wrap-up of who passed it on is told after the next stay began
            self.is_left |= matches!(event, ContactEvent::QueueEntered { .. });
            if self.is_left && finishing.is_empty() {
                return;
            }
        }
    }

    fn finished(&mut self, talk: &Talk, wrap_up: u64) {
        *self.handle_millis.get_or_insert(0) += talk.talked + wrap_up;
        self.hold_millis += talk.held;
        self.consult_millis += talk.consulted;
    }
}

fn millis(time: Time) -> u64 {
    time.as_millis()
}

/// The row of one queue and one interval, counted from a list.
fn row(entries: &[&Entry], now: Time, threshold: Duration) -> (Counts, [Option<u64>; 8]) {
    let count = |wanted: &str| {
        let it = entries.iter().filter(|it| it.end.map_or("waits", |(_, end)| end) == wanted);
        u32::try_from(it.count()).expect("a short day")
    };
    let counts = Counts {
        answered: count("answered"),
        abandoned: count("abandoned"),
        flowed_out: count("flowed out"),
        still_waiting: count("waits"),
    };
    let wait = |it: &&&Entry| millis(it.end.map_or(now, |(at, _)| at)) - millis(it.at);
    let answered = entries.iter().filter(|it| matches!(it.end, Some((_, "answered"))));
    let waits: Vec<u64> = answered.map(|it| wait(&it)).collect();
    let handled: Vec<u64> = entries.iter().filter_map(|it| it.handle_millis).collect();
    let done = || entries.iter().filter(|it| it.handle_millis.is_some());
    let held: Vec<u64> = done().map(|it| it.hold_millis).collect();
    let consulted: Vec<u64> = done().map(|it| it.consult_millis).collect();
    let within = waits.iter().filter(|it| u128::from(**it) <= threshold.as_millis()).count();
    let decided = counts.answered + counts.abandoned;
    let level = rounded(within as f64 * 10_000.0 / f64::from(decided));
    let longest = entries.iter().map(|it| wait(&it)).max();
    let promised: Vec<bool> = entries
        .iter()
        .filter_map(|it| match it.end {
            Some((at, "answered")) => Some(at <= it.promised_until?),
            _ => None,
        })
        .collect();
    let kept: Vec<u64> = promised.iter().map(|kept| if *kept { 10_000 } else { 0 }).collect();
    let promises = Some(promised.len() as u64);
    let [held, consulted] = [mean(&held), mean(&consulted)];
    (counts, [mean(&waits), mean(&handled), longest, level, held, consulted, promises, mean(&kept)])
}

fn mean(values: &[u64]) -> Option<u64> {
    rounded(values.iter().sum::<u64>() as f64 / values.len() as f64)
}

fn rounded(value: f64) -> Option<u64> {
    value.is_finite().then(|| (value + 0.5).floor() as u64)
}

fn told(row: &IncomingCalls) -> (Counts, [Option<u64>; 8]) {
    let millis = |it: Duration| u64::try_from(it.as_millis()).expect("a short day");
    let figures = [
        row.average_speed_of_answer.map(millis),
        row.average_handle_time.map(millis),
        Some(millis(row.longest_wait)),
        row.service_level_basis_points.map(u64::from),
        row.average_hold_time.map(millis),
        row.average_consult_time.map(millis),
        Some(u64::from(row.promises)),
        row.promises_kept_basis_points.map(u64::from),
    ];
    (row.counts, figures)
}

proptest! {
    #[test]
    fn the_report_equals_a_naive_recount_and_the_status_of_the_day_its_row(
        steps in prop::collection::vec((0_u8..40, 0_u8..12, any::<u8>()), 0..120),
        interval in 1_u64..2_000,
    ) {
        let day = day_of(&steps);
        let figures = day.figures();
        let now = Time::from_millis(5_000_000);
        let interval = Duration::from_secs(interval).max(Duration::from_secs(5));
        let threshold = Duration::from_secs(20);
        let period = Period::new(Time::from_millis(0), now, Some(interval));
        let all = entries(&day);
        let mut expected: BTreeMap<(Time, QueueId), Vec<&Entry>> = BTreeMap::new();
        for entry in &all {
            let start = period.interval_of(entry.at).expect("within the day");
            expected.entry((start, entry.queue.clone())).or_default().push(entry);
        }
        let rows = figures.incoming_calls(period, threshold, now);
        let is: Vec<_> =
            rows.iter().map(|it| ((it.interval_start, it.queue.clone()), told(it))).collect();
        let should: Vec<_> =
            expected.iter().map(|(key, it)| (key.clone(), row(it, now, threshold))).collect();
        prop_assert_eq!(is, should);
        let whole = Period::new(Time::from_millis(0), now, None);
        let queues = figures.queues(Time::from_millis(0));
        prop_assert_eq!(queues.len(), figures.incoming_calls(whole, threshold, now).len());
        for row in figures.incoming_calls(whole, threshold, now) {
            let queue = queues[&row.queue];
            prop_assert_eq!(queue.today, row.counts);
            prop_assert_eq!(queue.waiting, row.counts.still_waiting);
            let offered = all.iter().filter(|it| it.queue == row.queue).count();
            prop_assert_eq!(offered, row.counts.offered() as usize);
        }
    }
}
