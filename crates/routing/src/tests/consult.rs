//! Asking a colleague about a customer, and what becomes of it.

use caruso_contact::{ConsultationEnd, OfferEnd};

use super::*;
use crate::Destination;

fn consult(name: &str, colleague: &str) -> Input {
    Input::Consult {
        agent: agent(name),
        contact: contact(1),
        asked: agent(colleague).into(),
        note: "which meter is it?".to_owned().into(),
        script_session: None,
    }
}

fn hold(name: &str) -> Input {
    Input::Hold { agent: agent(name), contact: contact(1) }
}

fn retrieve(name: &str) -> Input {
    Input::Retrieve { agent: agent(name), contact: contact(1) }
}

fn complete(name: &str) -> Input {
    Input::Complete { agent: agent(name), contact: contact(1) }
}

fn end(name: &str) -> Input {
    Input::EndConsultation { agent: agent(name), contact: contact(1) }
}

fn hang_up(name: &str) -> Input {
    Input::HangUp { agent: agent(name), contact: contact(1) }
}

fn caller_gone() -> Input {
    Input::CallerGone { contact: contact(1) }
}

/// Anna talks with the first customer; Bram is ready.
fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.ready("bram", "all");
    desk
}

/// And has asked Bram, whose phone rings.
fn ringing() -> Desk {
    let mut desk = talking();
    desk.take(consult("anna", "bram"));
    desk
}

/// Who has answered.
fn consulting() -> Desk {
    let mut desk = ringing();
    desk.answer("bram");
    desk
}

/// What somebody does.
type Way = fn(&Desk) -> Input;

fn states(desk: &Desk) -> [String; 2] {
    [desk.state("anna"), desk.state("bram")]
}

fn ends(desk: &Desk) -> Vec<ConsultationEnd> {
    let ends = desk.log.iter().filter_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::ConsultationEnded { reason, .. }, .. } => {
            Some(*reason)
        }
        _ => None,
    });
    ends.collect()
}

#[test]
fn a_colleague_who_is_asked_gets_the_customer_when_the_agent_completes() {
    let mut desk = talking();
    let told = desk.take(consult("anna", "bram"));
    assert_eq!(told, ["part 1", "play music 1", "ring bram for 1"]);
    assert_eq!(states(&desk), ["talking 1", "offered 1"]);
    assert_eq!(desk.answer("bram"), ["bridge agents"]);
    assert_eq!(states(&desk), ["talking 1", "talking 1"]);
    assert_eq!(desk.take(complete("anna")), ["drop agent", "bridge 1"]);
    assert_eq!(states(&desk), ["wrap-up 1", "talking 1"]);
    assert_eq!(ends(&desk), [ConsultationEnd::Completed]);
    desk.dispose("anna", 1).expect("in wrap-up");
    assert_eq!(desk.take(caller_gone()), ["drop agent"]);
    let disposed = desk.dispose("bram", 1).expect("in wrap-up");
    assert_eq!(told_of(&disposed), ["file 1"]);
}

fn told_of(decision: &Decision) -> Vec<String> {
    decision.effects.iter().map(|effect| told(&effect.action)).collect()
}

#[test]
fn holding_and_taking_back_switches_between_customer_and_colleague() {
    let mut desk = consulting();
    assert_eq!(desk.take(retrieve("anna")), ["bridge 1", "play music to agent"]);
    assert_eq!(desk.take(hold("anna")), ["part 1", "play music 1", "bridge agents"]);
    assert_eq!(desk.take(retrieve("anna")), ["bridge 1", "play music to agent"]);
    assert_eq!(desk.take(end("anna")), ["drop agent"], "she is with the customer already");
    assert_eq!(states(&desk), ["talking 1", "ready"]);
}

#[test]
fn going_back_to_the_customer_lets_the_colleague_go() {
    let mut desk = consulting();
    assert_eq!(desk.take(end("anna")), ["drop agent", "bridge 1"]);
    assert_eq!((states(&desk), ends(&desk)), (both("talking 1", "ready"), vec![FINISHED]));
    let mut rung = ringing();
    assert_eq!(rung.take(end("anna")), ["drop agent", "bridge 1"]);
    assert_eq!(states(&rung), ["talking 1", "ready"], "it is not his fault");
    assert_eq!(ends(&rung), [ConsultationEnd::Cancelled]);
}

const FINISHED: ConsultationEnd = ConsultationEnd::Finished;

fn both(anna: &str, bram: &str) -> [String; 2] {
    [anna.to_owned(), bram.to_owned()]
}

#[test]
fn who_answers_while_the_agent_is_with_the_customer_waits_with_music() {
    let mut desk = ringing();
    assert_eq!(desk.take(retrieve("anna")), ["bridge 1"]);
    assert_eq!(desk.answer("bram"), ["play music to agent"]);
    assert_eq!(desk.take(hold("anna")), ["part 1", "play music 1", "bridge agents"]);
}

#[test]
fn an_agent_who_hangs_up_gives_the_customer_to_the_colleague() {
    let gone = |desk: &Desk| Input::AgentGone { offer: desk.offer("anna") };
    let lost = |desk: &Desk| Input::AgentLost { offer: desk.offer("anna") };
    let ways: [Way; 3] = [gone, lost, |_| hang_up("anna")];
    for way in ways {
        let mut desk = consulting();
        let input = way(&desk);
        assert_eq!(desk.take(input), ["drop agent", "bridge 1"]);
        assert_eq!(states(&desk), ["wrap-up 1", "talking 1"]);
        // and while his phone rings it is his, or comes back to the old place in the queue
        let mut taken = ringing();
        let input = way(&taken);
        assert_eq!(taken.take(input), ["drop agent", "play music 1"]);
        assert_eq!(states(&taken), ["wrap-up 1", "offered 1"]);
        assert_eq!(taken.answer("bram"), ["bridge 1"]);
        let mut missed = ringing();
        let input = way(&missed);
        missed.take(input);
        assert_eq!(missed.pass(20), ["drop agent"]);
        assert_eq!(states(&missed), ["wrap-up 1", "not-ready no-answer"]);
        missed.dispose("anna", 1).expect("in wrap-up");
        assert_eq!(missed.state("anna"), "offered 1");
    }
}

#[test]
fn a_colleague_who_leaves_leaves_the_agent_with_the_customer_as_they_were() {
    let gone = |desk: &Desk| Input::AgentGone { offer: desk.offer("bram") };
    let lost = |desk: &Desk| Input::AgentLost { offer: desk.offer("bram") };
    let ways: [(Way, &[&str]); 3] =
        [(gone, &[]), (lost, &[]), (|_| hang_up("bram"), &["drop agent"])];
    for (way, expected) in ways {
        let mut desk = consulting();
        let input = way(&desk);
        assert_eq!(desk.take(input), expected);
        assert_eq!((states(&desk), ends(&desk)), (both("talking 1", "ready"), vec![FINISHED]));
        assert_eq!(desk.take(retrieve("anna")), ["bridge 1"], "the customer was on hold");
        assert_eq!(desk.take(consult("anna", "bram"))[2..], ["ring bram for 1"], "once more");
    }
}

#[test]
fn who_does_not_take_a_consultation_is_not_ready_and_the_customer_stays_on_hold() {
    let ways: [(Way, &str, ConsultationEnd); 4] = [
        (
            |_| Input::Decline { agent: agent("bram"), contact: contact(1) },
            "not-ready rejected",
            ConsultationEnd::Rejected,
        ),
        (
            |desk| Input::NotTaken { offer: desk.offer("bram"), because: NotTaken::Busy },
            "not-ready phone-busy",
            ConsultationEnd::Busy,
        ),
        (
            |desk| Input::AgentGone { offer: desk.offer("bram") },
            "not-ready rejected",
            ConsultationEnd::Rejected,
        ),
        (
            |_| Input::PhoneUnregistered { agent: agent("bram") },
            "not-ready phone-lost",
            ConsultationEnd::Unreachable,
        ),
    ];
    for (way, state, end) in ways {
        let mut desk = ringing();
        let input = way(&desk);
        desk.take(input);
        assert_eq!((states(&desk), ends(&desk)), (both("talking 1", state), vec![end]));
        assert_eq!(desk.take(retrieve("anna")), ["bridge 1"]);
    }
    let mut desk = ringing();
    assert_eq!(desk.pass(20), ["drop agent"]);
    assert_eq!(states(&desk), ["talking 1", "not-ready no-answer"]);
    let rang = desk.router.domain().next_deadline().expect("the longest talk");
    assert!(rang > desk.now.after(crate::LONGEST_TALK / 2), "nothing else is due");
}

#[test]
fn a_customer_who_hangs_up_ends_the_consultation() {
    for mut desk in [ringing(), consulting()] {
        assert_eq!(desk.take(caller_gone()), ["drop agent", "drop agent"]);
        assert_eq!(states(&desk), ["wrap-up 1", "ready"]);
        assert_eq!(ends(&desk), [ConsultationEnd::CallOver]);
        let disposed = desk.dispose("anna", 1).expect("in wrap-up");
        assert_eq!(told_of(&disposed), ["file 1"]);
    }
}

#[test]
fn a_colleague_can_do_nothing_with_the_customer_before_it_is_completed() {
    let mut desk = consulting();
    let to = Destination::Agent(agent("anna"));
    let transfer = Input::Transfer {
        agent: agent("bram"),
        contact: contact(1),
        to,
        note: String::new().into(),
    };
    for input in [hold("bram"), retrieve("bram"), complete("bram"), end("bram"), transfer] {
        assert_eq!(desk.try_take(input), Err(Refusal::NotTalking));
    }
    let offer = desk.offer("bram");
    assert_eq!(desk.take(Input::PhoneHeld { offer }), [""; 0]);
    assert_eq!(desk.take(Input::PhoneRetrieved { offer }), [""; 0]);
}

#[test]
fn a_consultation_needs_a_call_and_a_colleague_who_is_ready_and_there_is_one_at_a_time() {
    let mut desk = consulting();
    desk.ready("cees", "all");
    assert_eq!(desk.try_take(consult("anna", "cees")), Err(Refusal::Consulting));
    let queue = caruso_contact::QueueId::new("calm").expect("a name");
    let transfer = Input::Transfer {
        agent: agent("anna"),
        contact: contact(1),
        to: Destination::Queue(queue),
        note: String::new().into(),
    };
    assert_eq!(desk.try_take(transfer), Err(Refusal::Consulting));
    let mut alone = talking();
    for input in [complete("anna"), end("anna")] {
        assert_eq!(alone.try_take(input), Err(Refusal::NotConsulting));
    }
    for name in ["anna", "dirk"] {
        assert_eq!(alone.try_take(consult("anna", name)), Err(Refusal::NotReady));
    }
    let offer = alone.offer("anna");
    alone.take(Input::PhoneHeld { offer });
    assert_eq!(alone.try_take(consult("anna", "bram")), Err(Refusal::HeldByPhone));
    let mut written = Desk::new();
    written.ready("anna", "all");
    written.take(reported(1, crate::Stand::GoesOn));
    written.take(reported(1, to_queue("calm")));
    written.take(Input::Accept { agent: agent("anna"), contact: contact(1) });
    written.ready("bram", "all");
    assert_eq!(written.try_take(consult("anna", "bram")), Err(Refusal::NoCall));
}

#[test]
fn the_key_of_the_telephone_parts_the_agent_from_whom_they_talk_with() {
    let mut desk = consulting();
    let offer = desk.offer("anna");
    assert_eq!(desk.take(Input::PhoneHeld { offer }), [""; 0], "from the colleague");
    assert_eq!(desk.take(Input::PhoneRetrieved { offer }), [""; 0]);
    desk.take(retrieve("anna"));
    let told = desk.take(Input::PhoneHeld { offer });
    assert_eq!(told, ["part 1", "play music 1", "play music to agent"], "from the customer");
    let told = desk.take(Input::PhoneRetrieved { offer });
    assert_eq!(told, ["bridge 1", "play music to agent"]);
}

#[test]
fn after_a_restart_nobody_is_left_in_a_consultation() {
    for begin in [ringing, consulting] {
        let mut dead = begin();
        dead.recover(&[]);
        assert_eq!(states(&dead), ["wrap-up 1", "ready"]);
    }
    let mut alive = ringing();
    alive.recover(&[1]);
    assert_eq!(
        (states(&alive), ends(&alive)),
        (both("talking 1", "ready"), vec![ConsultationEnd::Cancelled],)
    );
}

#[test]
fn a_withdrawn_offer_of_a_colleague_is_no_offer_of_the_contact() {
    let mut desk = ringing();
    desk.take(end("anna"));
    let of_contact = desk.log.iter().any(|(_, event)| {
        let Event::Contact { event, .. } = event else { return false };
        matches!(event, ContactEvent::OfferEnded { reason: OfferEnd::Cancelled, .. })
    });
    assert!(!of_contact, "the customer is not back in the queue");
}

fn confer(name: &str) -> Input {
    Input::Confer { agent: agent(name), contact: contact(1) }
}

/// And all three hear each other.
fn conferring() -> Desk {
    let mut desk = consulting();
    assert_eq!(desk.take(confer("anna")), ["confer 1"]);
    desk
}

#[test]
fn whoever_leaves_a_conference_the_other_agent_talks_on_with_the_customer() {
    let mut desk = conferring();
    assert_eq!(desk.take(confer("anna")), [""; 0], "they do already");
    let gone = Input::AgentGone { offer: desk.offer("bram") };
    assert_eq!(desk.take(gone), ["bridge 1"]);
    assert_eq!(states(&desk), ["talking 1", "ready"]);
    let mut let_go = conferring();
    assert_eq!(let_go.take(end("anna")), ["drop agent", "bridge 1"]);
    let mut left = conferring();
    let gone = Input::AgentGone { offer: left.offer("anna") };
    assert_eq!(left.take(gone), ["drop agent", "bridge 1"]);
    assert_eq!(states(&left), ["wrap-up 1", "talking 1"]);
    let mut alone = conferring();
    assert_eq!(alone.take(caller_gone()), ["drop agent", "drop agent"]);
    assert_eq!(states(&alone), ["wrap-up 1", "ready"]);
}

#[test]
fn a_conference_becomes_a_consultation_again_when_the_customer_is_put_on_hold() {
    let mut desk = conferring();
    let offer = desk.offer("anna");
    assert_eq!(desk.take(Input::PhoneHeld { offer }), [""; 0], "the two others talk on");
    assert_eq!(desk.take(Input::PhoneRetrieved { offer }), [""; 0]);
    assert_eq!(desk.take(hold("anna")), ["part 1", "play music 1", "bridge agents"]);
    assert_eq!(desk.take(end("anna")), ["drop agent", "bridge 1"], "once");
    let mut with_customer = consulting();
    with_customer.take(retrieve("anna"));
    assert_eq!(with_customer.take(confer("anna")), ["confer 1"]);
}

#[test]
fn a_conference_needs_a_colleague_on_the_line() {
    let mut desk = ringing();
    assert_eq!(desk.try_take(confer("anna")), Err(Refusal::NotConsulting));
    assert_eq!(talking().try_take(confer("anna")), Err(Refusal::NotConsulting));
    desk.answer("bram");
    assert_eq!(desk.try_take(confer("bram")), Err(Refusal::NotTalking));
    desk.take(retrieve("anna"));
    let offer = desk.offer("anna");
    desk.take(Input::PhoneHeld { offer });
    assert_eq!(desk.try_take(confer("anna")), Err(Refusal::HeldByPhone));
}
