//! What supervisors do, and what becomes of it.

use caruso_contact::{AgentEvent, EndCause, ImposedState, QueueId};

use super::*;

fn sofie() -> AgentId {
    agent("sofie")
}

fn impose(name: &str, state: ImposedState) -> Input {
    let words = "please help the others".to_owned();
    Input::Impose { supervisor: sofie(), agent: agent(name), state, words }
}

fn at_break() -> ImposedState {
    ImposedState::NotReady { reason: ReasonId::new("break").expect("a name") }
}

fn send(number: u128, queue: &str) -> Input {
    let queue = QueueId::new(queue).expect("a name");
    Input::Move { supervisor: sofie(), contact: contact(number), queue }
}

fn forward(number: u128) -> Input {
    Input::BringForward { supervisor: sofie(), contact: contact(number) }
}

fn end(number: u128) -> Input {
    Input::End { supervisor: sofie(), contact: contact(number) }
}

impl Desk {
    fn imposed(&self, name: &str) -> Option<(String, String)> {
        let agent = self.router.domain().agent(&agent(name))?;
        agent.imposed.as_ref().map(|it| (it.supervisor.to_string(), it.words.clone()))
    }

    fn interventions(&self, number: u128) -> Vec<&'static str> {
        let told = self.log.iter().filter_map(|(_, event)| match event {
            Event::Contact {
                contact: id,
                event: ContactEvent::Intervened { what, supervisor },
            } => (*id == contact(number) && *supervisor == sofie()).then(|| what.name()),
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn an_agent_is_made_not_ready_ready_and_signed_out_and_knows_by_whom() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(impose("anna", at_break()));
    assert_eq!(desk.state("anna"), "not-ready break");
    let by_sofie = Some(("sofie".to_owned(), "please help the others".to_owned()));
    assert_eq!(desk.imposed("anna"), by_sofie);
    desk.take(Input::SetReady { agent: agent("anna") });
    assert_eq!(desk.imposed("anna"), None, "she has chosen otherwise since");
    desk.take(impose("anna", ImposedState::SignedOut));
    assert_eq!((&*desk.state("anna"), desk.imposed("anna")), ("signed-out", by_sofie));
    let refused = desk.try_take(impose("anna", ImposedState::Ready));
    assert_eq!(refused.err(), Some(Refusal::NotSignedIn), "nobody is at work against their will");
}

#[test]
fn what_is_imposed_during_a_contact_comes_after_it() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.take(impose("anna", at_break()));
    assert_eq!(desk.state("anna"), "talking 1");
    assert_eq!(
        desk.try_take(impose("anna", ImposedState::SignedOut)).err(),
        Some(Refusal::InContact)
    );
    desk.take(Input::CallerGone { contact: contact(1) });
    assert!(desk.imposed("anna").is_some(), "it still holds");
    desk.pass(60);
    assert_eq!(desk.state("anna"), "not-ready break");
    assert!(desk.imposed("anna").is_some());
    let chosen = |(_, event): &&(Time, Event)| {
        matches!(event, Event::Agent { event: AgentEvent::Imposed { .. }, .. })
    };
    assert_eq!(desk.log.iter().filter(chosen).count(), 1);
}

#[test]
fn who_is_brought_forward_is_the_next_whatever_the_priority() {
    for configuration in [configuration(), aged()] {
        let mut desk = Desk::with(configuration);
        for number in [1, 2, 3] {
            desk.call(number, "calm");
            desk.pass(5);
        }
        desk.take(forward(3));
        desk.take(forward(3));
        assert_eq!(desk.interventions(3), ["brought-forward"], "the first is the first");
        desk.take(forward(2));
        let waiting = desk.router.waiting(contact(2), desk.now).expect("it waits");
        assert_eq!(waiting.ahead, 0);
        desk.ready("anna", "all");
        assert_eq!(desk.state("anna"), "offered 2");
    }
}

#[test]
fn a_contact_waits_in_the_queue_that_it_was_sent_to_with_its_wait_behind_it() {
    let mut desk = Desk::new();
    desk.call(1, "urgent");
    desk.pass(10);
    desk.call(2, "calm");
    desk.take(send(1, "calm"));
    desk.take(send(1, "calm"));
    assert_eq!(desk.interventions(1), ["moved"], "it is there already");
    let waiting = desk.router.waiting(contact(1), desk.now).expect("it waits");
    assert_eq!((waiting.queue.as_str(), waiting.ahead), ("calm", 0));
    assert_eq!(desk.try_take(send(1, "no-such")).err(), Some(Refusal::UnknownQueue));
    assert_eq!(desk.try_take(send(9, "calm")).err(), Some(Refusal::NoContact));
    for number in 3..=5 {
        desk.call(number, "urgent");
    }
    assert_eq!(desk.try_take(send(1, "urgent")).err(), Some(Refusal::QueueFull));
    desk.ready("anna", "all");
    assert_eq!(desk.try_take(send(3, "calm")).err(), Some(Refusal::NotWaiting), "it rings");
}

#[test]
fn a_call_ends_wherever_it_is_and_nobody_is_stuck_with_it() {
    let mut desk = Desk::new();
    desk.take(arrival(1));
    desk.call(2, "calm");
    for number in [1, 2] {
        desk.take(end(number));
    }
    desk.ready("anna", "all");
    desk.call(3, "calm");
    desk.take(end(3));
    assert_eq!(desk.state("anna"), "ready", "it was none of her doing");
    desk.call(4, "calm");
    desk.answer("anna");
    let effects = desk.take(end(4));
    assert!(effects.iter().any(|it| it.starts_with("drop caller 4")), "{effects:?}");
    assert_eq!(desk.state("anna"), "wrap-up 4");
    for number in 1..=4 {
        assert_eq!(desk.interventions(number), ["ended"]);
        let told = desk.log.iter().find_map(|(_, event)| match event {
            Event::Contact { contact: id, event: ContactEvent::Ended { cause, .. } } => {
                (*id == contact(number)).then_some(*cause)
            }
            _ => None,
        });
        assert_eq!(told, Some(EndCause::EndedBySupervisor));
        assert_eq!(desk.try_take(end(number)).err(), Some(Refusal::NoContact));
    }
}

fn prioritize(number: u128, priority: u8) -> Input {
    Input::SetPriority { supervisor: sofie(), contact: contact(number), priority }
}

/// The numbers of those who wait in all queues, the first in its line first.
fn line(desk: &Desk, queue: &str) -> Vec<u128> {
    let queue = QueueId::new(queue).expect("a name");
    let line = desk.router.domain().lines.get(&queue).into_iter().flatten();
    line.map(|place| place.contact.0.as_u128()).collect()
}

#[test]
fn a_priority_that_a_supervisor_gives_decides_who_is_first_and_is_told_in_why() {
    let mut desk = Desk::new();
    for number in 1..=3 {
        desk.call(number, "calm");
    }
    desk.take(prioritize(3, 7));
    desk.take(prioritize(2, 2));
    assert!(desk.take(prioritize(3, 7)).is_empty(), "it has that already");
    assert_eq!(line(&desk, "calm"), [3, 2, 1]);
    assert_eq!(desk.interventions(3), ["prioritized"]);
    let waits = desk.router.waiting(contact(3), desk.now).expect("it waits");
    assert_eq!(waits.prioritized, Some((sofie(), 7)));

    // it goes along to another queue, and down again
    desk.take(send(2, "urgent"));
    desk.take(prioritize(3, 0));
    assert_eq!(line(&desk, "calm"), [1, 3]);
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 2");
    let why = desk.log.iter().rev().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Offered { why, .. }, .. } => Some(why.clone()),
        _ => None,
    });
    let why = why.expect("it was offered");
    assert_eq!((why.priority, why.prioritized_by), (2, Some(sofie())));
    assert_eq!(desk.try_take(prioritize(2, 5)).err(), Some(Refusal::NotWaiting));
    assert_eq!(desk.try_take(prioritize(9, 5)).err(), Some(Refusal::NoContact));
    assert_eq!(desk.try_take(prioritize(1, 10)).err(), Some(Refusal::UnknownPriority));
}

#[test]
fn where_waiting_makes_up_for_priority_it_does_so_for_one_that_was_given() {
    let mut desk = Desk::with(overflowing());
    desk.call(1, "calm");
    desk.pass(9);
    desk.call(2, "calm");
    desk.call(3, "calm");
    // a priority is worth ten seconds
    desk.take(prioritize(2, 1));
    assert_eq!(line(&desk, "calm"), [1, 2, 3]);
    desk.take(prioritize(3, 2));
    assert_eq!(line(&desk, "calm"), [3, 1, 2]);
}
