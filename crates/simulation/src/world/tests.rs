use std::time::Duration;

use caruso_contact::{Channel, EndCause, Party, QueueId, ScriptId};

use super::*;
use crate::day::{ROUTING, agent, compiled, contact, with_voicemail};

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn at(seconds: u64) -> Time {
    Time::from_millis(seconds * 1000)
}

fn queue(name: &str) -> QueueId {
    QueueId::new(name).expect("a name")
}

fn stay(name: &str) -> Stay {
    Stay {
        queue: queue(name),
        attributes: BTreeMap::new(),
        patience: None,
        ring_time: seconds(3),
        talk_time: seconds(60),
        wrap_up_time: seconds(10),
    }
}

fn customer(number: u128, arrives: u64, stays: Vec<Stay>) -> Customer {
    Customer {
        contact: contact(number),
        arrives: at(arrives),
        channel: Channel::Voice,
        called: "100".to_owned(),
        script: ScriptId::new("script").expect("a name"),
        script_time: seconds(5),
        stays,
    }
}

fn works(name: &str) -> Vec<Move> {
    let changes = [Change::PhoneCame, Change::SignIn(vec!["all".to_owned()]), Change::Ready];
    let agent = agent(name);
    changes.map(|change| Move { at: at(0), agent: agent.clone(), change }).into()
}

/// What is told of contacts and of agents' states, in words.
fn told(scenario: &Scenario) -> Vec<String> {
    told_under(ROUTING, scenario)
}

fn told_under(routing: &str, scenario: &Scenario) -> Vec<String> {
    let mut told = Vec::new();
    let played = play(compiled(routing), scenario, &mut |at, event| {
        let event = match event {
            Event::Contact { contact, event } => match event {
                ContactEvent::QueueEntered { queue, .. } => {
                    format!("{} in {queue}", number(*contact))
                }
                ContactEvent::Connected { agent, .. } => {
                    format!("{} with {agent}", number(*contact))
                }
                ContactEvent::Ended { by, cause } => {
                    let gave_up = *by == Party::Customer && *cause == EndCause::HungUp;
                    format!("{} {}", number(*contact), if gave_up { "hung up" } else { "ended" })
                }
                _ => return,
            },
            Event::Agent { agent, event: AgentEvent::StateChanged { to, .. } } => match to {
                AgentState::SignedOut => format!("{agent} gone"),
                AgentState::Ready => format!("{agent} ready"),
                _ => return,
            },
            Event::Agent { .. } => return,
        };
        told.push(format!("{} {event}", at.as_millis() / 1000));
    });
    assert_eq!(played.turned_away, 0);
    told
}

fn number(contact: ContactId) -> u128 {
    contact.0.as_u128()
}

#[test]
fn a_call_goes_its_way_as_long_as_each_thing_takes() {
    let scenario = Scenario {
        customers: vec![customer(1, 10, vec![stay("calm")])],
        moves: works("anna"),
        until: None,
    };
    assert_eq!(
        told(&scenario),
        ["0 anna ready", "15 1 in calm", "18 1 with anna", "78 1 hung up", "88 anna ready"]
    );
}

#[test]
fn who_has_no_patience_left_hangs_up_and_who_is_passed_on_waits_anew() {
    let impatient = Stay { patience: Some(seconds(20)), ..stay("calm") };
    let passed_on = vec![stay("calm"), Stay { talk_time: seconds(30), ..stay("urgent") }];
    let scenario = Scenario {
        customers: vec![customer(1, 10, passed_on), customer(2, 11, vec![impatient])],
        moves: works("anna"),
        until: None,
    };
    assert_eq!(
        told(&scenario),
        [
            "0 anna ready",
            "15 1 in calm",
            "16 2 in calm",
            "18 1 with anna",
            "36 2 hung up",
            "78 1 in urgent",
            "88 anna ready",
            "91 1 with anna",
            "121 1 hung up",
            "131 anna ready"
        ]
    );
}

#[test]
fn who_stops_working_during_a_call_ends_it_first_and_takes_no_other() {
    let mut moves = works("anna");
    moves.push(Move { at: at(30), agent: agent("anna"), change: Change::SignOut });
    let customers = vec![
        customer(1, 10, vec![stay("calm")]),
        customer(2, 11, vec![Stay { wrap_up_time: seconds(500), ..stay("calm") }]),
    ];
    let scenario = Scenario { customers, moves, until: Some(at(200)) };
    assert_eq!(
        told(&scenario),
        [
            "0 anna ready",
            "15 1 in calm",
            "16 2 in calm",
            "18 1 with anna",
            "78 1 hung up",
            "88 anna gone"
        ]
    );
}

#[test]
fn a_conversation_is_closed_by_the_agent_and_wrap_up_may_take_its_time() {
    let last = Stay { wrap_up_time: seconds(500), ..stay("calm") };
    let written = Customer { channel: Channel::Web, ..customer(1, 10, vec![last]) };
    let scenario = Scenario { customers: vec![written], moves: works("anna"), until: None };
    assert_eq!(
        told(&scenario),
        ["0 anna ready", "15 1 in calm", "18 1 with anna", "78 1 ended", "108 anna ready"]
    );
}

#[test]
fn a_phone_that_rings_too_long_is_not_answered() {
    let slow = Stay { ring_time: seconds(25), patience: Some(seconds(300)), ..stay("calm") };
    let customers = vec![customer(1, 10, vec![slow])];
    let scenario = Scenario { customers, moves: works("anna"), until: None };
    assert_eq!(told(&scenario), ["0 anna ready", "15 1 in calm", "315 1 hung up"]);
}

#[test]
fn the_same_scenario_comes_to_the_same_bytes_and_an_unknown_number_is_another() {
    let mut other = customer(1, 10, vec![stay("gone")]);
    other.called = "200".to_owned();
    let scenario = Scenario { customers: vec![other], moves: works("bram"), until: None };
    assert!(told(&scenario).contains(&"15 1 in calm".to_owned()), "the fallback");
    let bytes = || {
        let mut bytes = Vec::new();
        play(compiled(ROUTING), &scenario, &mut |at, event| {
            bytes.extend(at.as_millis().to_be_bytes());
            bytes.extend(serde_json::to_vec(event).expect("JSON"));
        });
        bytes
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn who_wraps_up_for_longer_than_the_queue_allows_closes_it_in_time_and_is_ready_again() {
    let slow = Stay { wrap_up_time: seconds(500), ..stay("urgent") };
    let customers = vec![customer(1, 10, vec![slow])];
    let scenario = Scenario { customers, moves: works("anna"), until: None };
    let told = told(&scenario);
    assert_eq!(told.last().map(String::as_str), Some("138 anna ready"), "a minute is allowed");
}

#[test]
fn who_may_leave_a_message_speaks_for_a_while_and_an_agent_has_the_message_then() {
    let mut moves = works("anna");
    moves.iter_mut().for_each(|it| it.at = at(200));
    let scenario =
        Scenario { customers: vec![customer(1, 10, vec![stay("calm")])], moves, until: None };
    assert_eq!(
        told_under(&with_voicemail(), &scenario),
        [
            "15 1 in calm",
            "85 1 in calm",
            "200 anna ready",
            "203 1 with anna",
            "263 1 ended",
            "273 anna ready"
        ]
    );
}
