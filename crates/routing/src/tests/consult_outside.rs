//! Asking somebody outside about a customer.

use caruso_contact::{ConsultationEnd, DestinationId, EndCause, Party};

use super::*;
use crate::{NotReached, Stage};

fn ask(to: &str) -> Input {
    Input::Consult {
        agent: agent("anna"),
        contact: contact(1),
        asked: DestinationId::new(to).expect("a name").into(),
        note: String::new().into(),
        script_session: None,
    }
}

fn wish(of: fn(AgentId, ContactId) -> Input) -> Input {
    of(agent("anna"), contact(1))
}

const COMPLETE: fn(AgentId, ContactId) -> Input =
    |agent, contact| Input::Complete { agent, contact };
const RETRIEVE: fn(AgentId, ContactId) -> Input =
    |agent, contact| Input::Retrieve { agent, contact };

fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk
}

/// Anna has asked, and it rings there.
fn ringing() -> Desk {
    let mut desk = talking();
    assert_eq!(desk.take(ask("partner")), ["part 1", "play music 1", "ask outside"]);
    desk
}

fn leg(desk: &Desk) -> OfferId {
    let known = desk.router.domain().contact(contact(1)).expect("it goes on");
    known.consultation.as_ref().expect("somebody is asked").offer
}

fn answers(desk: &mut Desk) -> Vec<String> {
    let offer = leg(desk);
    desk.take(Input::Answered { offer })
}

fn ends(desk: &Desk) -> Vec<ConsultationEnd> {
    let told = desk.log.iter().filter_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::ConsultationEnded { reason, .. }, .. } => {
            Some(*reason)
        }
        _ => None,
    });
    told.collect()
}

#[test]
fn who_answers_outside_is_switched_conferred_with_and_given_the_customer() {
    let mut desk = ringing();
    assert_eq!(answers(&mut desk), ["bridge agents"]);
    assert_eq!(desk.take(wish(RETRIEVE)), ["bridge 1", "play music to agent"]);
    let hold = wish(|agent, contact| Input::Hold { agent, contact });
    assert_eq!(desk.take(hold), ["part 1", "play music 1", "bridge agents"]);
    assert_eq!(desk.take(wish(|agent, contact| Input::Confer { agent, contact })), ["confer 1"]);
    let offer = leg(&desk);
    assert_eq!(desk.take(wish(COMPLETE)), ["drop agent", "bridge 1"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    let known = desk.router.domain().contact(contact(1)).map(|it| it.stage.clone());
    assert!(
        matches!(known, Some(Stage::Outside { is_connected: true, offer: it, .. }) if it == offer)
    );
    desk.dispose("anna", 1).expect("she wraps up");
    assert_eq!(desk.take(Input::AgentGone { offer }), ["file 1", "drop caller 1 hung-up"]);
    let end = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Ended { by, cause }, .. } => Some((*by, *cause)),
        _ => None,
    });
    assert_eq!(end, Some((Party::Outside, EndCause::HungUp)));
}

#[test]
fn where_nobody_answers_outside_the_agent_has_the_customer_back() {
    for (because, end) in [
        (NotReached::Busy, ConsultationEnd::Busy),
        (NotReached::Rejected, ConsultationEnd::Rejected),
        (NotReached::NoAnswer, ConsultationEnd::NoAnswer),
        (NotReached::Congestion, ConsultationEnd::Unreachable),
    ] {
        let mut desk = ringing();
        let offer = leg(&desk);
        assert_eq!(desk.take(Input::OutsideNotReached { offer, because }), ["bridge 1"]);
        assert_eq!((desk.state("anna"), ends(&desk)), ("talking 1".to_owned(), vec![end]));
    }
    let mut desk = ringing();
    assert!(desk.pass(44).is_empty(), "the ring time is not over");
    assert_eq!(desk.pass(1), ["bridge 1", "drop agent"]);
    assert_eq!(ends(&desk), [ConsultationEnd::NoAnswer]);
    let mut desk = ringing();
    desk.take(wish(RETRIEVE));
    let offer = leg(&desk);
    let because = NotReached::Busy;
    assert!(desk.take(Input::OutsideNotReached { offer, because }).is_empty(), "she has them");
}

#[test]
fn who_is_given_away_while_it_rings_is_called_for_and_comes_back_to_the_queue() {
    let mut desk = ringing();
    let offer = leg(&desk);
    assert_eq!(desk.take(wish(COMPLETE)), ["drop agent", "play music 1"]);
    assert_eq!(desk.take(Input::Answered { offer }), ["bridge 1"]);

    let mut desk = ringing();
    let offer = leg(&desk);
    desk.take(wish(|agent, contact| Input::HangUp { agent, contact }));
    let because = NotReached::NoAnswer;
    assert_eq!(desk.take(Input::OutsideNotReached { offer, because }), ["play music 1"]);
    desk.dispose("anna", 1).expect("she wraps up");
    assert_eq!(desk.state("anna"), "offered 1");
}

#[test]
fn who_hangs_up_outside_or_is_let_go_leaves_the_agent_with_the_customer() {
    let mut desk = ringing();
    answers(&mut desk);
    let offer = leg(&desk);
    assert!(desk.take(Input::AgentGone { offer }).is_empty(), "the customer is on hold");
    assert_eq!(desk.take(wish(RETRIEVE)), ["bridge 1"]);
    let mut desk = ringing();
    let let_go = wish(|agent, contact| Input::EndConsultation { agent, contact });
    assert_eq!(desk.take(let_go), ["drop agent", "bridge 1"]);
    assert_eq!(ends(&desk), [ConsultationEnd::Cancelled]);
    let mut desk = ringing();
    answers(&mut desk);
    let gone = desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(gone.iter().filter(|it| *it == "drop agent").count(), 2);
    assert_eq!(desk.state("anna"), "wrap-up 1");
}

#[test]
fn nobody_is_asked_at_a_number_that_the_application_does_not_name() {
    let mut desk = talking();
    assert_eq!(desk.try_take(ask("+31207654321")), Err(Refusal::UnknownDestination));
    desk.take(ask("partner"));
    assert_eq!(desk.try_take(ask("partner")), Err(Refusal::Consulting));
}
