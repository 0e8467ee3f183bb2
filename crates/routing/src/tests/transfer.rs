//! Passing a contact on: to a queue, to a colleague, and what becomes of it.

use caruso_contact::{OfferEnd, QueueId};

use super::*;
use crate::Destination;

fn to_queue_named(name: &str) -> Destination {
    Destination::Queue(QueueId::new(name).expect("a name"))
}

fn to_agent(name: &str) -> Destination {
    Destination::Agent(agent(name))
}

fn transfer(name: &str, number: u128, to: Destination) -> Input {
    let note = "knows the way".to_owned().into();
    Input::Transfer { agent: agent(name), contact: contact(number), to, note }
}

/// Anna talks with the first customer, whom she had from the calm queue.
fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk
}

#[test]
fn who_is_transferred_to_a_queue_waits_there_while_the_agent_wraps_up() {
    let mut desk = talking();
    let told = desk.take(transfer("anna", 1, to_queue_named("urgent")));
    assert_eq!(told, ["drop agent", "play music 1"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk.pass(1);
    desk.ready("bram", "all");
    assert_eq!(desk.state("bram"), "offered 1");
    assert_eq!(desk.answer("bram"), ["bridge 1"]);
    assert_eq!((desk.state("anna"), desk.state("bram")), ("wrap-up 1".into(), "talking 1".into()));
    assert_eq!(desk.take(Input::CallerGone { contact: contact(1) }), ["drop agent"]);
    let disposed = desk.dispose("bram", 1).expect("disposed");
    assert!(disposed.effects.is_empty(), "Anna is not done with it");
    assert_eq!(desk.pass(30), ["file 1"], "her wrap-up is that of the calm queue");
    assert_eq!((desk.state("anna"), desk.state("bram")), ("ready".into(), "ready".into()));
}

#[test]
fn who_is_transferred_to_a_colleague_is_offered_to_nobody_else() {
    let mut desk = talking();
    desk.ready("cees", "all");
    desk.ready("bram", "all");
    let told = desk.take(transfer("anna", 1, to_agent("bram")));
    assert_eq!(told, ["drop agent", "play music 1", "ring bram for 1"]);
    assert_eq!(desk.state("bram"), "offered 1");
    assert_eq!(desk.answer("bram"), ["bridge 1"]);
    desk.dispose("anna", 1).expect("disposed");
    assert_eq!(desk.state("anna"), "ready");
    assert_eq!(desk.take(hang_up("bram")), ["drop caller 1 hung-up", "drop agent"]);
    desk.dispose("bram", 1).expect("disposed");
}

fn hang_up(name: &str) -> Input {
    Input::HangUp { agent: agent(name), contact: contact(1) }
}

#[test]
fn whom_a_colleague_does_not_take_comes_back_to_the_queue_in_the_old_place() {
    let ends: [fn(&Desk) -> Input; 4] = [
        |_| Input::Decline { agent: agent("bram"), contact: contact(1) },
        |desk| Input::NotTaken { offer: desk.offer("bram"), because: NotTaken::Busy },
        |desk| Input::AgentGone { offer: desk.offer("bram") },
        |_| Input::PhoneUnregistered { agent: agent("bram") },
    ];
    for end in ends {
        let mut desk = talking();
        desk.call(2, "calm");
        desk.take(Input::PhoneRegistered { agent: agent("bram") });
        desk.take(Input::SignIn { agent: agent("bram"), teams: vec!["all".into()] });
        desk.call(3, "calm");
        desk.take(Input::CallerGone { contact: contact(2) });
        desk.take(Input::CallerGone { contact: contact(3) });
        desk.take(Input::SetReady { agent: agent("bram") });
        desk.take(transfer("anna", 1, to_agent("bram")));
        desk.call(4, "calm");
        let input = end(&desk);
        desk.take(input);
        assert!(desk.state("bram").starts_with("not-ready"), "{}", desk.state("bram"));
        desk.dispose("anna", 1).expect("disposed");
        assert_eq!(desk.state("anna"), "offered 1", "before the fourth, who came later");
    }
}

#[test]
fn the_longest_wait_counts_anew_after_a_transfer() {
    let mut desk = talking();
    desk.pass(3_700);
    desk.ready("bram", "all");
    desk.take(transfer("anna", 1, to_agent("bram")));
    desk.take(Input::Decline { agent: agent("bram"), contact: contact(1) });
    assert!(desk.pass(20).is_empty(), "the customer waits");
    assert_eq!(desk.pass(3_600), ["drop caller 1 waited-too-long", "file 1"]);
}

#[test]
fn a_contact_goes_only_where_it_can_be_taken() {
    let mut desk = talking();
    let note = || String::new().into();
    let to = to_queue_named("urgent");
    let of_bram = Input::Transfer { agent: agent("bram"), contact: contact(1), to, note: note() };
    assert_eq!(desk.try_take(of_bram), Err(Refusal::NotTalking));
    let unknown = transfer("anna", 1, to_queue_named("nowhere"));
    assert_eq!(desk.try_take(unknown), Err(Refusal::UnknownQueue));
    for name in ["anna", "bram"] {
        let to_nobody = transfer("anna", 1, to_agent(name));
        assert_eq!(desk.try_take(to_nobody), Err(Refusal::NotReady));
    }
    for number in 2..5 {
        desk.call(number, "urgent");
    }
    let full = transfer("anna", 1, to_queue_named("urgent"));
    assert_eq!(desk.try_take(full), Err(Refusal::QueueFull));
    assert_eq!(desk.state("anna"), "talking 1", "nothing happened");
}

#[test]
fn who_hangs_up_while_being_passed_on_leaves_nobody_busy() {
    for to in [to_queue_named("urgent"), to_agent("bram")] {
        let mut desk = talking();
        desk.ready("bram", "calm");
        desk.take(transfer("anna", 1, to));
        desk.take(Input::CallerGone { contact: contact(1) });
        assert_eq!(desk.state("bram"), "ready");
        let disposed = desk.dispose("anna", 1).expect("disposed");
        assert_eq!(told(&disposed.effects[0].action), "file 1");
    }
}

#[test]
fn a_restart_while_a_colleague_is_rung_puts_the_customer_into_the_queue() {
    let mut desk = talking();
    desk.ready("bram", "all");
    desk.take(transfer("anna", 1, to_agent("bram")));
    desk.recover(&[1]);
    let mut reasons = desk.log.iter().rev().filter_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::OfferEnded { reason, .. }, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reasons.next(), Some(OfferEnd::Cancelled));
    assert_eq!(desk.state("bram"), "offered 1", "now as the first of the queue");
    let mut dead = talking();
    dead.ready("bram", "all");
    dead.take(transfer("anna", 1, to_agent("bram")));
    dead.recover(&[]);
    assert_eq!((dead.state("anna"), dead.state("bram")), ("wrap-up 1".into(), "ready".into()));
}

#[test]
fn a_conversation_is_transferred_like_a_call() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(reported(1, crate::Stand::GoesOn));
    desk.take(reported(1, to_queue("calm")));
    desk.take(Input::Accept { agent: agent("anna"), contact: contact(1) });
    desk.ready("bram", "all");
    desk.take(transfer("anna", 1, to_agent("bram")));
    desk.take(Input::Accept { agent: agent("bram"), contact: contact(1) });
    assert_eq!((desk.state("anna"), desk.state("bram")), ("wrap-up 1".into(), "talking 1".into()));
}
