//! What comes in comes out, in every interval and however it is told apart.

use std::collections::BTreeMap;

use caruso_contact::{AgentState, ContactId, ReasonId, Time};
use proptest::prelude::*;
use uuid::Uuid;

use super::at;
use super::day::Day;
use super::recount::day_of;
use crate::{Dimension, Fact, Figures, Parameters, Source, Value, figure};

/// Sum and what it consists of.
const IDENTITIES: [(&str, &[&str]); 6] = [
    ("offered", &["answered", "abandoned", "flowed-out", "still-waiting"]),
    ("offers", &["offers-accepted", "offers-not-taken", "offers-withdrawn", "offers-ringing"]),
    ("conversations", &["conversations-incoming", "conversations-outgoing"]),
    ("transfers", &["transfers-blind", "transfers-consulted"]),
    (
        "transfers",
        &[
            "transfers-to-queue",
            "transfers-to-colleague",
            "transfers-outside",
            "transfers-to-nobody",
        ],
    ),
    (
        "signed-in-time",
        &[
            "ready-time",
            "not-ready-time",
            "ringing-time",
            "dialling-time",
            "talking-time",
            "wrap-up-time",
        ],
    ),
];

fn number(id: &str, facts: &[Fact<'_>]) -> u64 {
    let with = Parameters { as_of: at(10_000), ..Parameters::default() };
    match figure(id).expect("a figure").of(facts.iter().cloned(), &with) {
        Value::Count(number) | Value::Millis(number) => number,
        other => panic!("{id} is {other:?}"),
    }
}

/// Holds each identity against every group of every interval; gives the sums of all.
fn conserved(figures: &Figures, interval: u64) -> BTreeMap<&'static str, u64> {
    let mut sums = BTreeMap::new();
    for (sum, parts) in IDENTITIES {
        let source = figure(sum).expect("a figure").source();
        for dimension in Dimension::ALL.into_iter().filter(|it| source.knows(*it)) {
            let mut groups: BTreeMap<(u64, Option<&str>), Vec<Fact<'_>>> = BTreeMap::new();
            for fact in figures.facts(source, at(0), at(10_000), at(10_000)) {
                let interval = fact.at().as_millis() / 1000 / interval;
                let key = (interval, fact.in_dimension(dimension));
                groups.entry(key).or_default().push(fact);
            }
            let mut all = 0;
            for (key, facts) in &groups {
                let is: u64 = parts.iter().map(|id| number(id, facts)).sum();
                assert_eq!(number(sum, facts), is, "{sum} of {key:?} by {}", dimension.name());
                all += is;
            }
            let before = sums.insert(sum, all).unwrap_or(all);
            assert_eq!(before, all, "{sum} is as much by {}", dimension.name());
        }
    }
    sums
}

proptest! {
    #[test]
    fn whatever_happens_nothing_is_lost_in_any_interval_and_group(
        steps in prop::collection::vec((0_u8..40, 0_u8..12, any::<u8>()), 0..120),
        interval in 1_u64..4_000,
    ) {
        conserved(&day_of(&steps).figures(), interval);
    }
}

#[test]
fn an_agents_day_is_the_sum_of_what_they_did() {
    let mut day = Day::default();
    day.sign_in(100, "anna", &["faults"]);
    let contact = ContactId(Uuid::from_u128(1));
    let pause = AgentState::NotReady { reason: ReasonId::new("break").expect("a name") };
    let states = [
        (100, AgentState::Ready),
        (1_000, AgentState::Talking { contact }),
        (2_900, AgentState::WrapUp { contact }),
        (3_000, pause),
        (5_400, AgentState::Ready),
        (9_100, AgentState::SignedOut),
    ];
    let mut before = AgentState::SignedOut;
    for (second, state) in states {
        day.change(second, "anna", before, state.clone());
        before = state;
    }
    let figures = day.figures();
    let times: Vec<_> = figures.facts(Source::AgentTimes, at(0), at(10_000), at(9_500)).collect();
    let seconds = |id| number(id, &times) / 1000;
    assert_eq!(seconds("signed-in-time"), 9_000);
    assert_eq!([seconds("ready-time"), seconds("talking-time")], [900 + 3_700, 1_900]);
    assert_eq!([seconds("wrap-up-time"), seconds("not-ready-time")], [100, 2_400]);
    let quarter = |it: &Fact<'_>| it.at() == at(900);
    let in_second: Vec<_> = times.iter().filter(|it| quarter(it)).cloned().collect();
    assert_eq!(number("ready-time", &in_second), 100_000);
    assert_eq!(number("talking-time", &in_second), 800_000, "900 to 1,800, from 1,000 on");
    conserved(&figures, 900);
}

#[test]
fn what_an_agent_does_now_has_gone_on_until_now() {
    let mut day = Day::default();
    day.sign_in(100, "anna", &["faults"]);
    day.change(100, "anna", AgentState::SignedOut, AgentState::Ready);
    let figures = day.figures();
    let ready = |as_of| {
        let times: Vec<_> = figures.facts(Source::AgentTimes, at(0), at(10_000), as_of).collect();
        number("ready-time", &times)
    };
    assert_eq!([ready(at(150)), ready(at(2_000))], [50_000, 1_900_000]);
    assert_eq!(ready(Time::from_millis(0)), 0);
}

#[test]
fn who_passes_on_and_where_to_is_told_apart() {
    let mut day = Day::default();
    let mut contacts = Vec::new();
    for _ in 0..4 {
        let contact = day.arrive(0);
        day.enter(10, contact, "faults");
        day.offer(10, contact, "anna");
        day.connect(20, contact);
        contacts.push(contact);
    }
    let [to_queue, outside, asked, left] = contacts[..] else { panic!("four") };
    day.transfer(60, to_queue);
    day.enter_again(60, to_queue, "moving");
    day.go_outside(70, outside);
    day.consult(80, asked);
    day.complete(90, asked);
    day.transfer(95, left);
    day.end(95, left, caruso_contact::Party::Customer);
    let sums = conserved(&day.figures(), 10_000);
    assert_eq!((sums["transfers"], sums["conversations"]), (4, 5));
    let figures = day.figures();
    let transfers: Vec<_> = figures.facts(Source::Transfers, at(0), at(100), at(100)).collect();
    let count = |id| number(id, &transfers);
    assert_eq!([count("transfers-to-queue"), count("transfers-outside")], [1, 1]);
    assert_eq!([count("transfers-to-colleague"), count("transfers-consulted")], [1, 1]);
    assert_eq!(count("transfers-to-nobody"), 1);
}
