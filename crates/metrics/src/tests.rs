//! Figures against hand-counted days; and against a naive recount of random days.

use std::time::Duration;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ConsultationEnd, ContactEvent, ContactId, Event, OfferEnd,
    Party, StateCause, Time,
};

use crate::{Counts, Figures};

mod conserved;
mod day;
mod incoming;
mod levels;
mod outgoing;
mod period;
mod recount;
mod reference;

use day::{Day, queue};
use incoming::IncomingCalls;
use period::Period;

const T: Duration = Duration::from_secs(20);

fn at(seconds: u64) -> Time {
    Time::from_millis(seconds * 1000)
}

fn hour(day: &Day, as_of: u64) -> Vec<IncomingCalls> {
    let period = Period::new(at(0), at(3600), None);
    day.figures().incoming_calls(period, T, at(as_of))
}

fn seconds(duration: Option<Duration>) -> Option<u64> {
    duration.map(|it| it.as_secs())
}

#[test]
fn a_contact_offered_again_after_nobody_answered_counts_once() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.enter(10, contact, "faults");
    day.offer(12, contact, "anna");
    day.end_offer(32, contact, OfferEnd::NoAnswer);
    day.offer(33, contact, "bram");
    day.connect(40, contact);
    day.end(100, contact, Party::Customer);
    day.finish(160, contact);
    let rows = hour(&day, 200);
    assert_eq!(rows.len(), 1);
    let row = &rows[0];
    assert_eq!(row.counts, Counts { answered: 1, ..Counts::default() });
    assert_eq!(row.counts.offered(), 1);
    assert_eq!(seconds(row.average_speed_of_answer), Some(30));
    assert_eq!(seconds(row.average_handle_time), Some(120));
    assert_eq!(row.service_level_basis_points, Some(0));
}

/// Handled: 10 s + 20 s and 0 s on hold, which is a part of talking.
#[test]
fn time_on_hold_is_a_part_of_the_handle_time() {
    let mut day = Day::default();
    let (held, not_held) = (day.arrive(0), day.arrive(0));
    for contact in [held, not_held] {
        day.enter(10, contact, "faults");
        day.offer(12, contact, "anna");
        day.connect(20, contact);
    }
    day.hold(30, held);
    day.retrieve(40, held);
    day.hold(50, held);
    for contact in [held, not_held] {
        day.end(70, contact, Party::Customer);
    }
    assert_eq!(hour(&day, 80)[0].average_hold_time, None, "nothing is handled yet");
    for contact in [held, not_held] {
        day.finish(80, contact);
    }
    let row = &hour(&day, 90)[0];
    assert_eq!(seconds(row.average_hold_time), Some(15));
    assert_eq!(seconds(row.average_handle_time), Some(60));
}

/// Faults: Anna talks 20 s and wraps up 30 s. Moving: Bram talks 30 s and wraps up 10 s, before she
/// is done.
#[test]
fn a_transfer_to_a_queue_is_a_stay_in_each_and_every_agent_counts_where_they_talked() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.enter(0, contact, "faults");
    day.offer(0, contact, "anna");
    day.connect(10, contact);
    let anna = day.transfer(30, contact);
    day.enter_again(30, contact, "moving");
    day.offer(31, contact, "bram");
    day.connect(35, contact);
    day.end(65, contact, Party::Customer);
    day.finish(75, contact);
    assert_eq!(day.figures().contacts().count(), 1, "Anna still wraps up");
    day.finish_as(60, contact, anna);
    assert_eq!(day.figures().contacts().count(), 0);
    let rows = hour(&day, 100);
    let answered = Counts { answered: 1, ..Counts::default() };
    assert_eq!((rows[0].counts, rows[1].counts), (answered, answered));
    assert_eq!(seconds(rows[0].average_handle_time), Some(50));
    assert_eq!(seconds(rows[1].average_handle_time), Some(40));
    assert_eq!(seconds(rows[1].average_speed_of_answer), Some(5));
}

/// Outside there is no second stay, and no time that an agent is occupied: 20 s + 30 s of Anna.
#[test]
fn a_transfer_outside_is_one_stay_without_the_time_that_they_talk_there() {
    for ends in [Party::Customer, Party::Outside] {
        let mut day = Day::default();
        let contact = day.arrive(0);
        day.enter(0, contact, "faults");
        day.offer(0, contact, "anna");
        day.connect(10, contact);
        let anna = day.go_outside(30, contact);
        day.answer_outside(40, contact);
        day.finish_as(60, contact, anna);
        assert_eq!(day.figures().contacts().count(), 1, "they still talk");
        day.end(1_000, contact, ends);
        assert_eq!(day.figures().contacts().count(), 0);
        let rows = hour(&day, 2_000);
        assert_eq!(rows.len(), 1);
        assert_eq!(rows[0].counts, Counts { answered: 1, ..Counts::default() });
        assert_eq!(seconds(rows[0].average_handle_time), Some(50));
    }
}

/// Passed on by name there is no second stay: 20 s + 30 s of Anna, 30 s + 10 s of Bram.
#[test]
fn a_transfer_to_a_colleague_is_one_stay_handled_by_two() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.enter(0, contact, "faults");
    day.offer(0, contact, "anna");
    day.connect(10, contact);
    let anna = day.transfer(30, contact);
    day.offer(30, contact, "bram");
    day.connect(35, contact);
    day.finish_as(60, contact, anna);
    day.end(65, contact, Party::Customer);
    day.finish(75, contact);
    let rows = hour(&day, 100);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].counts, Counts { answered: 1, ..Counts::default() });
    assert_eq!(seconds(rows[0].average_handle_time), Some(90));
    assert_eq!(seconds(rows[0].average_speed_of_answer), Some(10));
}

#[test]
fn who_leaves_while_being_passed_on_abandons_only_a_queue_that_they_wait_in() {
    let mut day = Day::default();
    let (by_name, to_queue) = (day.arrive(0), day.arrive(0));
    for contact in [by_name, to_queue] {
        day.enter(0, contact, "faults");
        day.offer(0, contact, "anna");
        day.connect(10, contact);
        let anna = day.transfer(30, contact);
        day.finish_as(40, contact, anna);
    }
    day.offer(41, by_name, "bram");
    day.end_offer(45, by_name, OfferEnd::CallerGone);
    day.end(45, by_name, Party::Customer);
    day.enter_again(41, to_queue, "moving");
    day.end(45, to_queue, Party::Customer);
    let rows = hour(&day, 100);
    assert_eq!(rows[0].counts, Counts { answered: 2, ..Counts::default() });
    assert_eq!(rows[1].counts, Counts { abandoned: 1, ..Counts::default() });
    assert_eq!(day.figures().contacts().count(), 0);
}

/// Two agents, 10 s and 5 s with a colleague on the line: a part of the one stay.
#[test]
fn time_with_a_colleague_on_the_line_is_a_part_of_the_handle_time() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.enter(0, contact, "faults");
    day.offer(2, contact, "anna");
    day.connect(10, contact);
    day.hold(20, contact);
    day.consult(20, contact);
    day.end_consultation(25, contact, ConsultationEnd::Finished);
    day.consult(30, contact);
    let before = day.complete(40, contact);
    day.consult(50, contact);
    day.end_consultation(60, contact, ConsultationEnd::CallOver);
    day.end(60, contact, Party::Customer);
    day.finish_as(70, contact, before);
    day.finish(80, contact);
    let row = &hour(&day, 90)[0];
    assert_eq!(row.counts, Counts { answered: 1, ..Counts::default() });
    assert_eq!(seconds(row.average_consult_time), Some(25));
    assert_eq!(seconds(row.average_hold_time), Some(20));
    assert_eq!(seconds(row.average_handle_time), Some(30 + 30 + 20 + 20));
}

#[test]
fn customers_abandon_and_what_we_end_flows_out() {
    let mut day = Day::default();
    let (left, left_ringing, ended) = (day.arrive(0), day.arrive(0), day.arrive(0));
    for contact in [left, left_ringing, ended] {
        day.enter(0, contact, "faults");
    }
    day.offer(1, left_ringing, "anna");
    day.end(7, left, Party::Customer);
    day.end_offer(9, left_ringing, OfferEnd::CallerGone);
    day.end(9, left_ringing, Party::Customer);
    day.end(3600, ended, Party::System);
    let rows = hour(&day, 4000);
    let expected = Counts { abandoned: 2, flowed_out: 1, ..Counts::default() };
    assert_eq!(rows[0].counts, expected);
    assert_eq!(rows[0].longest_wait, Duration::from_secs(3600));
    assert_eq!(rows[0].average_speed_of_answer, None);
    assert_eq!(rows[0].average_handle_time, None);
    assert_eq!(rows[0].service_level_basis_points, Some(0));
}

#[test]
fn entering_another_queue_is_flowing_out_of_the_first() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.enter(0, contact, "faults");
    day.enter(30, contact, "moving");
    let rows = hour(&day, 50);
    assert_eq!(rows[0].counts, Counts { flowed_out: 1, ..Counts::default() });
    assert_eq!(rows[1].counts, Counts { still_waiting: 1, ..Counts::default() });
    assert_eq!(rows[1].longest_wait, Duration::from_secs(20));
}

#[test]
fn a_promise_is_kept_by_the_first_word_to_those_who_were_answered() {
    let mut day = Day::default();
    let ids: [_; 4] = std::array::from_fn(|_| day.arrive(0));
    for (id, within) in ids.into_iter().zip([60, 60, 10, 5]) {
        day.enter(0, id, "faults");
        day.promise(1, id, within);
    }
    day.promise(30, ids[2], 100);
    for (id, agent, seconds) in [(ids[0], "anna", 61), (ids[1], "bram", 62), (ids[2], "cees", 70)] {
        day.offer(2, id, agent);
        day.connect(seconds, id);
    }
    day.end(80, ids[3], Party::Customer);
    let rows = hour(&day, 90);
    assert_eq!(rows[0].promises, 3, "whoever hung up was promised nothing");
    assert_eq!(rows[0].promises_kept_basis_points, Some(3333), "the first of them alone");
}

#[test]
fn a_contact_that_never_enters_a_queue_is_in_no_row() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    day.end(5, contact, Party::Customer);
    assert_eq!(hour(&day, 10), []);
    assert_eq!(day.figures().contacts().count(), 0);
}

/// A = 2 (waits 20 s and 21 s), B = 1, still waiting 1: SL-negative = 1 / 3.
#[test]
fn the_service_level_counts_the_abandoned_and_the_wait_that_is_just_in_time() {
    let mut day = Day::default();
    for wait in [20, 21] {
        let contact = day.arrive(0);
        day.enter(0, contact, "faults");
        day.offer(1, contact, "anna");
        day.connect(wait, contact);
    }
    let abandoned = day.arrive(30);
    day.enter(30, abandoned, "faults");
    day.end(31, abandoned, Party::Customer);
    let waits = day.arrive(40);
    day.enter(40, waits, "faults");
    let row = &hour(&day, 41)[0];
    assert_eq!(row.service_level_basis_points, Some(3_333));
    assert_eq!(row.average_speed_of_answer, Some(Duration::from_millis(20_500)));
    assert_eq!(row.counts.offered(), 4);
}

#[test]
fn a_contact_counts_in_the_interval_in_which_it_entered_the_queue() {
    let mut day = Day::default();
    for entered in [899, 900] {
        let contact = day.arrive(entered);
        day.enter(entered, contact, "faults");
        day.offer(entered + 2, contact, "anna");
        day.connect(entered + 4, contact);
    }
    let quarter = Some(Duration::from_secs(900));
    let period = Period::new(at(0), at(3600), quarter);
    let rows = day.figures().incoming_calls(period, T, at(3600));
    let told: Vec<_> = rows.iter().map(|it| (it.interval_start, it.counts.answered)).collect();
    assert_eq!(told, [(at(0), 1), (at(900), 1)]);
}

#[test]
fn the_status_shows_who_waits_since_when_and_which_agents_are_ready() {
    let mut day = Day::default();
    let (first, second) = (day.arrive(10), day.arrive(11));
    day.enter(15, second, "faults");
    day.enter(20, first, "faults");
    day.sign_in(5, "anna", &["faults", "moving"]);
    day.change(6, "anna", AgentState::SignedOut, AgentState::Ready);
    let figures = day.figures();
    let queues = figures.queues(at(0));
    let faults = queues[&queue("faults")];
    assert_eq!((faults.waiting, faults.agents_ready), (2, 1));
    assert_eq!(faults.longest_waiting_since, Some(at(15)));
    assert_eq!(faults.today.offered(), 2);
    assert_eq!(queues[&queue("moving")].agents_ready, 1);
    let anna = &figures.agents()[&day::agent("anna")];
    assert_eq!((&anna.state, anna.since), (&AgentState::Ready, at(6)));
}

#[test]
fn who_waits_since_yesterday_waits_but_is_not_offered_today() {
    let mut day = Day::default();
    let contact = day.arrive(10);
    day.enter(15, contact, "faults");
    let queues = day.figures().queues(at(100));
    let faults = queues[&queue("faults")];
    assert_eq!((faults.waiting, faults.today.offered()), (1, 0));
}

#[test]
fn the_status_shows_each_contact_in_its_segment_until_wrap_up_is_over() {
    let mut day = Day::default();
    let contact = day.arrive(0);
    let segment = |day: &Day| {
        let figures = day.figures();
        let it = figures.contacts().next()?;
        it.current_segment().map(|segment| segment.kind.name())
    };
    let mut told = vec![segment(&day)];
    day.enter(10, contact, "faults");
    told.push(segment(&day));
    day.offer(12, contact, "anna");
    told.push(segment(&day));
    day.connect(14, contact);
    told.push(segment(&day));
    day.end(20, contact, Party::Agent);
    told.push(segment(&day));
    day.finish(30, contact);
    told.push(segment(&day));
    let expected = ["ivr", "waiting", "offered", "with-agent", "wrap-up"];
    assert_eq!(told[..5], expected.map(Some));
    assert_eq!(told[5], None);
}

#[test]
fn forgetting_keeps_what_may_still_change() {
    let mut day = Day::default();
    let (done, talks) = (day.arrive(0), day.arrive(0));
    for contact in [done, talks] {
        day.enter(1, contact, "faults");
        day.offer(2, contact, "anna");
        day.connect(3, contact);
    }
    day.end(9, done, Party::Agent);
    day.finish(10, done);
    let mut figures = day.figures();
    figures.forget_before(at(1));
    assert_eq!(figures.visits_between(at(0), at(100)).count(), 2);
    figures.forget_before(at(2));
    assert_eq!(figures.visits_between(at(0), at(100)).count(), 1);
}

#[test]
fn events_of_contacts_and_agents_that_never_began_change_nothing() {
    let mut figures = Figures::default();
    let contact = ContactId(uuid::Uuid::from_u128(1));
    let event = ContactEvent::QueueEntered {
        queue: queue("faults"),
        priority: 0,
        counts_from: None,
        attributes: std::collections::BTreeMap::new().into(),
        answers: None,
        since: None,
        declared: Default::default(),
    };
    figures.apply(at(1), &Event::Contact { contact, event });
    let agent = AgentId::new("anna").expect("a name");
    let (from, to) = (AgentState::SignedOut, AgentState::Ready);
    let event = AgentEvent::StateChanged { from, to, cause: StateCause::Chosen };
    figures.apply(at(1), &Event::Agent { agent, event });
    assert!(figures.queues(at(0)).is_empty() && figures.agents().is_empty());
}
