//! What came of a day, in figures: for each queue and in all.
//!
//! Counts, waits and service level are those of `metrics`, over the same events, so that they are
//! the figures of the reports.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ContactEvent, ContactId, Event, QueueId, Time,
};
use caruso_metrics::{Figures, Outcome, Visit};
use caruso_routing::Domain;

/// The figures of a day. All are whole numbers, so that the same day gives the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Each queue that somebody entered.
    pub queues: BTreeMap<QueueId, Row>,
    /// All of them together: who went on to another queue counts in each.
    pub all: Row,
    /// Formula `occupancy`: talk, hold and wrap-up / the same and the time ready or ringing, of all
    /// agents; in hundredths of a per cent, rounded down; nothing where nobody was there.
    pub occupancy_basis_points: Option<u32>,
}

/// The figures of a queue. *Offered = answered + abandoned + flowed out + still waiting.*
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// Stays in the queue.
    pub offered: u32,
    /// An agent answered.
    pub answered: u32,
    /// The customer hung up while waiting.
    pub abandoned: u32,
    /// Went elsewhere, or we ended the wait.
    pub flowed_out: u32,
    /// Wait at the end.
    pub still_waiting: u32,
    /// Formula `SL-negative`: answered within the threshold / (answered + abandoned), in hundredths
    /// of a per cent, rounded down; nothing where none was.
    pub service_level_basis_points: Option<u32>,
    /// Formula `ASA`: mean wait of the answered, cut to milliseconds.
    pub average_wait: Option<Duration>,
    /// The wait that nine of ten answered did not exceed (nearest rank).
    pub wait_of_90_percent: Option<Duration>,
    /// Formula `max-wait`: longest wait of all offered, whatever came of them.
    pub longest_wait: Duration,
}

/// Counts while a day is told.
#[derive(Clone, Debug, Default)]
pub struct Meter {
    figures: Figures,
    arrived: BTreeSet<ContactId>,
    /// Calls that agents made: they come to a queue by a transfer alone, and of what agents do by
    /// themselves another configuration says nothing.
    dialled: BTreeSet<ContactId>,
    entries: u32,
    agents: BTreeMap<AgentId, (AgentState, Time)>,
    busy: Duration,
    idle: Duration,
}

impl Meter {
    /// Of a day that begins with this state at this moment. Contacts that go on then belong to the
    /// day before and are in no figure; what agents do with them is.
    pub fn new(state: &Domain, from: Time) -> Self {
        let agents = state.agents().map(|(agent, it)| (agent.clone(), (it.state.clone(), from)));
        Self { agents: agents.collect(), ..Self::default() }
    }

    /// Takes the next event.
    pub fn tell(&mut self, at: Time, event: &Event) {
        if let Event::Contact { contact, event: ContactEvent::Dialled { .. } } = event {
            self.dialled.insert(*contact);
        }
        if event.contact().is_some_and(|contact| self.dialled.contains(&contact)) {
            return;
        }
        self.figures.apply(at, event);
        match event {
            Event::Contact { contact, event: ContactEvent::Arrived { .. } } => {
                self.arrived.insert(*contact);
            }
            Event::Contact { contact, event: ContactEvent::QueueEntered { .. } } => {
                self.entries += u32::from(self.arrived.contains(contact));
            }
            Event::Agent { agent, event: AgentEvent::StateChanged { to, .. } } => {
                let before = self.agents.insert(agent.clone(), (to.clone(), at));
                self.spend(before, at);
            }
            _ => {}
        }
    }

    fn spend(&mut self, state: Option<(AgentState, Time)>, until: Time) {
        let Some((state, since)) = state else { return };
        match state {
            AgentState::Dialling { .. }
            | AgentState::Talking { .. }
            | AgentState::WrapUp { .. } => {
                self.busy += until.since(since);
            }
            AgentState::Ready | AgentState::Offered { .. } => self.idle += until.since(since),
            AgentState::SignedOut | AgentState::NotReady { .. } => {}
        }
    }

    /// The figures as of a moment, with this threshold of the service level.
    ///
    /// # Panics
    /// Where somebody was lost or counted twice, which cannot be.
    pub fn finish(mut self, threshold: Duration, as_of: Time) -> Tally {
        for state in std::mem::take(&mut self.agents).into_values() {
            self.spend(Some(state), as_of);
        }
        let mut queues: BTreeMap<QueueId, Sums> = BTreeMap::new();
        let mut all = Sums::default();
        let latest = Time::from_millis(u64::MAX);
        for visit in self.figures.visits_between(Time::default(), latest) {
            queues.entry(visit.queue.clone()).or_default().add(visit, threshold, as_of);
            all.add(visit, threshold, as_of);
        }
        let all = all.row();
        assert_eq!(all.offered, self.entries, "nobody is lost and nobody counted twice");
        let queues = queues.into_iter().map(|(queue, sums)| (queue, sums.row())).collect();
        let occupancy_basis_points =
            basis_points(self.busy.as_millis(), (self.busy + self.idle).as_millis());
        Tally { queues, all, occupancy_basis_points }
    }
}

#[derive(Default)]
struct Sums {
    row: Row,
    within: u32,
    waits: Vec<Duration>,
}

impl Sums {
    fn add(&mut self, visit: &Visit, threshold: Duration, as_of: Time) {
        let wait = visit.wait(as_of);
        let row = &mut self.row;
        row.longest_wait = row.longest_wait.max(wait);
        let count = match visit.outcome {
            Outcome::Waiting => &mut row.still_waiting,
            Outcome::Abandoned { .. } => &mut row.abandoned,
            Outcome::FlowedOut { .. } => &mut row.flowed_out,
            Outcome::Answered { .. } => {
                self.within += u32::from(wait <= threshold);
                self.waits.push(wait);
                &mut row.answered
            }
        };
        *count += 1;
    }

    fn row(mut self) -> Row {
        self.waits.sort_unstable();
        let Row { answered, abandoned, flowed_out, still_waiting, .. } = self.row;
        let sum: Duration = self.waits.iter().sum();
        let rank = (self.waits.len() * 9).div_ceil(10);
        let decided = u128::from(answered) + u128::from(abandoned);
        Row {
            offered: answered + abandoned + flowed_out + still_waiting,
            service_level_basis_points: basis_points(self.within.into(), decided),
            average_wait: sum.checked_div(answered).map(whole_millis),
            wait_of_90_percent: rank.checked_sub(1).map(|rank| self.waits[rank]),
            ..self.row
        }
    }
}

fn whole_millis(duration: Duration) -> Duration {
    Duration::from_millis(u64::try_from(duration.as_millis()).unwrap_or(u64::MAX))
}

fn basis_points(part: u128, whole: u128) -> Option<u32> {
    (part * 10_000).checked_div(whole).and_then(|share| u32::try_from(share).ok())
}

#[cfg(test)]
mod tests {
    use caruso_contact::{Channel, EndCause, OfferId, Party, Personal, StateCause};
    use uuid::Uuid;

    use super::*;
    use crate::day::{agent, contact};

    fn at(seconds: u64) -> Time {
        Time::from_millis(seconds * 1000)
    }

    fn of(number: u128, event: ContactEvent) -> Event {
        Event::Contact { contact: contact(number), event }
    }

    fn arrived(number: u128) -> Event {
        let called = "100".to_owned();
        of(
            number,
            ContactEvent::Arrived {
                calling: None,
                signalled: None,
                called,
                channel: Channel::Voice,
            },
        )
    }

    fn entered(number: u128) -> Event {
        let queue = QueueId::new("calm").expect("a name");
        let attributes = Personal::Known(BTreeMap::new());
        of(
            number,
            ContactEvent::QueueEntered {
                queue,
                priority: 0,
                counts_from: None,
                attributes,
                answers: None,
                since: None,
                declared: BTreeMap::new(),
            },
        )
    }

    fn connected(number: u128) -> Event {
        let offer = OfferId(Uuid::from_u128(number));
        of(number, ContactEvent::Connected { offer, agent: agent("anna") })
    }

    #[test]
    fn everybody_is_counted_once_and_waits_are_ranked() {
        let mut meter = Meter::default();
        for number in 1..=10 {
            meter.tell(at(0), &arrived(number));
            meter.tell(at(0), &entered(number));
        }
        for number in 1..=7u8 {
            meter.tell(at(u64::from(number) * 10), &connected(number.into()));
        }
        let ended = |by, cause| ContactEvent::Ended { by, cause };
        meter.tell(at(80), &of(8, ended(Party::Customer, EndCause::HungUp)));
        meter.tell(at(90), &of(9, ended(Party::System, EndCause::QueueFull)));
        // of before the day began
        meter.tell(at(95), &entered(77));
        let tally = meter.finish(Duration::from_secs(20), at(100));
        let all = &tally.all;
        assert_eq!([all.offered, all.answered, all.abandoned], [10, 7, 1]);
        assert_eq!([all.flowed_out, all.still_waiting], [1, 1]);
        assert_eq!(all.service_level_basis_points, Some(2_500));
        assert_eq!(all.average_wait, Some(Duration::from_secs(40)));
        assert_eq!(all.wait_of_90_percent, Some(Duration::from_secs(70)));
        assert_eq!(all.longest_wait, Duration::from_secs(100));
        assert_eq!(tally.queues.values().next(), Some(all));
        assert_eq!(Meter::default().finish(Duration::ZERO, at(1)), Tally::default());
    }

    #[test]
    fn occupancy_is_work_of_the_time_in_which_somebody_was_there() {
        let mut meter = Meter::default();
        let to = |state| Event::Agent {
            agent: agent("anna"),
            event: AgentEvent::StateChanged {
                from: AgentState::SignedOut,
                to: state,
                cause: StateCause::Chosen,
            },
        };
        let contact = contact(1);
        let reason = caruso_contact::reason::id(caruso_contact::reason::SIGNED_IN);
        meter.tell(at(0), &to(AgentState::NotReady { reason }));
        meter.tell(at(100), &to(AgentState::Ready));
        meter.tell(at(130), &to(AgentState::Talking { contact }));
        meter.tell(at(180), &to(AgentState::WrapUp { contact }));
        let tally = meter.finish(Duration::ZERO, at(200));
        assert_eq!(tally.occupancy_basis_points, Some(7_000));
    }
}
