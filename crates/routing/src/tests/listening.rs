//! A supervisor who listens to an agent and a customer.

use caruso_contact::{ListeningMode, OfferId};

use super::*;
use crate::Destination;

use ListeningMode::{Barge, Listen, Whisper};

fn listen(name: &str, number: u128, mode: ListeningMode) -> Input {
    Input::Listen { supervisor: agent(name), contact: contact(number), mode }
}

/// Anna talks with a customer, and the supervisor has a telephone.
fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.take(Input::PhoneRegistered { agent: agent("sofie") });
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk
}

impl Desk {
    fn leg(&self, number: u128) -> OfferId {
        let known = self.router.domain().contact(contact(number)).expect("it goes on");
        known.listening.as_ref().expect("somebody listens").offer
    }

    fn picks_up(&mut self, number: u128) -> Vec<String> {
        let offer = self.leg(number);
        self.take(Input::Answered { offer })
    }

    /// How each listening to a contact ended.
    fn listened(&self, number: u128) -> Vec<&'static str> {
        let told = self.log.iter().filter_map(|(_, event)| match event {
            Event::Contact { contact: id, event: ContactEvent::ListeningEnded { reason, .. } } => {
                (*id == contact(number)).then(|| reason.name())
            }
            _ => None,
        });
        told.collect()
    }
}

#[test]
fn a_supervisor_is_rung_hears_both_and_is_heard_as_they_say() {
    let mut desk = talking();
    assert_eq!(desk.take(listen("sofie", 1, Listen)), ["ring sofie for 1"]);
    assert!(desk.take(listen("sofie", 1, Listen)).is_empty(), "it rings already");
    assert_eq!(desk.picks_up(1), ["listen 1"]);
    assert_eq!(desk.take(listen("sofie", 1, Whisper)), ["whisper 1"]);
    assert_eq!(desk.take(listen("sofie", 1, Barge)), ["barge 1"]);
    let offer = desk.leg(1);
    assert_eq!(desk.take(Input::AgentGone { offer }), ["bridge 1"]);
    assert_eq!(desk.listened(1), ["finished"]);
    assert_eq!(desk.state("anna"), "talking 1", "she notices nothing but the sign");
}

#[test]
fn on_hold_the_supervisor_stays_and_hears_both_again() {
    let mut desk = talking();
    desk.take(listen("sofie", 1, Listen));
    desk.picks_up(1);
    desk.take(Input::Hold { agent: agent("anna"), contact: contact(1) });
    assert!(desk.take(listen("sofie", 1, Whisper)).is_empty(), "once the customer is back");
    let back = desk.take(Input::Retrieve { agent: agent("anna"), contact: contact(1) });
    assert_eq!(back, ["bridge 1", "whisper 1"]);
}

#[test]
fn it_ends_with_the_conversation_and_when_the_agent_passes_the_customer_on() {
    let mut desk = talking();
    desk.take(listen("sofie", 1, Barge));
    desk.picks_up(1);
    let to = Destination::Queue(caruso_contact::QueueId::new("urgent").expect("a name"));
    let note = String::new().into();
    desk.take(Input::Transfer { agent: agent("anna"), contact: contact(1), to, note });
    assert_eq!(desk.listened(1), ["passed"]);

    let mut desk = talking();
    desk.take(listen("sofie", 1, Listen));
    desk.picks_up(1);
    let effects = desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(effects.iter().filter(|it| *it == "drop agent").count(), 2);
    assert_eq!(desk.listened(1), ["call-over"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
}

#[test]
fn a_supervisors_telephone_that_is_lost_or_not_answered_costs_the_customer_nothing() {
    let mut desk = talking();
    desk.take(listen("sofie", 1, Listen));
    desk.pass(20);
    desk.take(listen("sofie", 1, Listen));
    let offer = desk.leg(1);
    desk.take(Input::NotTaken { offer, because: NotTaken::Busy });
    desk.take(listen("sofie", 1, Listen));
    desk.picks_up(1);
    let offer = desk.leg(1);
    desk.take(Input::AgentLost { offer });
    assert_eq!(desk.listened(1), ["no-answer", "busy", "finished"]);
    assert_eq!(desk.state("anna"), "talking 1");
}

#[test]
fn who_may_listen_to_what_is_said() {
    let mut desk = talking();
    let refused = |desk: &mut Desk, input| desk.try_take(input).err();
    desk.take(Input::PhoneRegistered { agent: agent("tess") });
    assert_eq!(refused(&mut desk, listen("nina", 1, Listen)), Some(Refusal::NoOwnPhone));
    assert_eq!(refused(&mut desk, listen("anna", 1, Listen)), Some(Refusal::InContact));
    assert_eq!(refused(&mut desk, listen("sofie", 9, Listen)), Some(Refusal::NoContact));
    desk.call(2, "calm");
    assert_eq!(refused(&mut desk, listen("sofie", 2, Listen)), Some(Refusal::NobodyTalks));
    desk.take(listen("sofie", 1, Listen));
    assert_eq!(refused(&mut desk, listen("tess", 1, Listen)), Some(Refusal::ListenedTo));
    let stop = Input::StopListening { supervisor: agent("tess"), contact: contact(1) };
    assert_eq!(refused(&mut desk, stop), Some(Refusal::NotListening));
    desk.ready("bram", "all");
    desk.answer("bram");
    assert_eq!(refused(&mut desk, listen("sofie", 2, Listen)), Some(Refusal::Listening));
    let stop = Input::StopListening { supervisor: agent("sofie"), contact: contact(1) };
    desk.take(stop);
    desk.take(listen("sofie", 2, Listen));
}

fn take_over(name: &str, number: u128) -> Input {
    Input::TakeOver { supervisor: agent(name), contact: contact(number) }
}

#[test]
fn a_supervisor_who_takes_over_has_the_customer_and_is_then_not_ready_as_before() {
    let mut desk = talking();
    desk.take(Input::SignIn { agent: agent("sofie"), teams: vec!["all".into()] });
    desk.take(Input::SetNotReady {
        agent: agent("sofie"),
        reason: caruso_contact::ReasonId::new("break").expect("a name"),
    });
    desk.take(listen("sofie", 1, Listen));
    desk.picks_up(1);
    desk.take(Input::Hold { agent: agent("anna"), contact: contact(1) });
    assert_eq!(desk.take(take_over("sofie", 1)), ["bridge 1", "drop agent"]);
    assert_eq!(desk.listened(1), ["took-over"]);
    assert_eq!((&*desk.state("anna"), &*desk.state("sofie")), ("wrap-up 1", "talking 1"));
    assert!(desk.take(take_over("sofie", 1)).is_empty(), "the same request again");
    let done = desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Intervened { supervisor, what }, .. } => {
            Some((supervisor.clone(), what.name()))
        }
        _ => None,
    });
    assert_eq!(done, Some((agent("sofie"), "took-over")));

    // the agent goes on with others, and the customer with the supervisor
    desk.dispose("anna", 1).expect("she wraps up");
    assert_eq!(desk.state("anna"), "ready");
    assert_eq!(desk.take(Input::Hold { agent: agent("sofie"), contact: contact(1) }).len(), 2);
    desk.take(Input::HangUp { agent: agent("sofie"), contact: contact(1) });
    assert_eq!(desk.state("sofie"), "wrap-up 1");
    desk.dispose("sofie", 1).expect("so does she");
    assert_eq!(desk.state("sofie"), "not-ready break");
    assert!(desk.router.domain().contact(contact(1)).is_none());
}

#[test]
fn who_hears_nobody_or_is_no_agent_takes_nobody_over() {
    let mut desk = talking();
    let refused = |desk: &mut Desk, input| desk.try_take(input).err();
    assert_eq!(refused(&mut desk, take_over("sofie", 9)), Some(Refusal::NoContact));
    assert_eq!(refused(&mut desk, take_over("sofie", 1)), Some(Refusal::NotListening));
    desk.take(listen("sofie", 1, Listen));
    assert_eq!(refused(&mut desk, take_over("sofie", 1)), Some(Refusal::NotListening));
    desk.picks_up(1);
    assert_eq!(refused(&mut desk, take_over("tess", 1)), Some(Refusal::NotListening));
    assert_eq!(refused(&mut desk, take_over("sofie", 1)), Some(Refusal::NoDesk));
    desk.take(Input::SignIn { agent: agent("sofie"), teams: vec!["all".into()] });
    desk.take(take_over("sofie", 1));
    assert_eq!(desk.state("sofie"), "talking 1");
}
