//! Passing a customer on to an outside number, and what becomes of it there.

use caruso_contact::{DestinationId, EndCause, Party};

use super::*;
use crate::{Destination, NotReached, Stage};

fn pass_on(to: &str) -> Input {
    let to = Destination::Outside(DestinationId::new(to).expect("a name"));
    let note = "knows the way".to_owned().into();
    Input::Transfer { agent: agent("anna"), contact: contact(1), to, note }
}

/// What ends the ringing outside.
type Ends = fn(&Desk) -> Input;

/// The leg of the outside number that is called for the first customer.
fn leg(desk: &Desk) -> OfferId {
    match desk.router.domain().contact(contact(1)).map(|it| &it.stage) {
        Some(Stage::Outside { offer, .. }) => *offer,
        other => panic!("nobody is called: {other:?}"),
    }
}

fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk
}

/// Anna has passed the first customer on, and it rings outside.
fn ringing() -> Desk {
    let mut desk = talking();
    let told = desk.take(pass_on("partner"));
    assert_eq!(told, ["drop agent", "play music 1", "call outside for 1"]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
    desk
}

fn end(desk: &Desk) -> Option<(Party, EndCause)> {
    desk.log.iter().find_map(|(_, event)| match event {
        Event::Contact { event: ContactEvent::Ended { by, cause }, .. } => Some((*by, *cause)),
        _ => None,
    })
}

#[test]
fn the_customer_talks_with_whoever_answers_while_the_agent_is_ready_again() {
    for (hangs_up, expected, told) in [
        (0, Party::Customer, vec!["file 1", "drop agent"]),
        (1, Party::Outside, vec!["file 1", "drop caller 1 hung-up"]),
    ] {
        let mut desk = ringing();
        let offer = leg(&desk);
        assert_eq!(desk.take(Input::Answered { offer }), ["bridge 1"]);
        assert!(desk.take(Input::Answered { offer }).is_empty(), "once");
        desk.dispose("anna", 1).expect("disposed");
        assert_eq!(desk.state("anna"), "ready");
        desk.call(2, "calm");
        assert_eq!(desk.state("anna"), "offered 2", "the first is no longer hers");
        let ends = match hangs_up {
            0 => Input::CallerGone { contact: contact(1) },
            _ => Input::AgentGone { offer },
        };
        assert_eq!(desk.take(ends), told);
        assert_eq!(end(&desk), Some((expected, EndCause::HungUp)));
        assert!(desk.router.domain().contact(contact(1)).is_none());
    }
}

#[test]
fn whom_nobody_talks_with_outside_comes_back_in_the_old_place() {
    let ends: [(Ends, EndCause); 3] = [
        (|it| not_reached(it, NotReached::Busy), EndCause::Busy),
        (|it| not_reached(it, NotReached::Congestion), EndCause::Congestion),
        (|it| Input::AgentGone { offer: leg(it) }, EndCause::Unreachable),
    ];
    for (ends, expected) in ends {
        let mut desk = ringing();
        desk.call(2, "calm");
        let input = ends(&desk);
        let offer = leg(&desk);
        assert_eq!(desk.take(input), ["play music 1"]);
        let told = desk.log.iter().find_map(|(_, event)| match event {
            Event::Contact { event: ContactEvent::OutsideNotReached { cause, .. }, .. } => {
                Some(*cause)
            }
            _ => None,
        });
        assert_eq!(told, Some(expected));
        desk.dispose("anna", 1).expect("disposed");
        assert_eq!(desk.state("anna"), "offered 1", "before the second, who came later");
        // an answer that comes too late
        assert_eq!(desk.take(Input::Answered { offer }), ["drop agent"]);
        assert_eq!(desk.state("anna"), "offered 1");
    }
}

fn not_reached(desk: &Desk, because: NotReached) -> Input {
    Input::OutsideNotReached { offer: leg(desk), because }
}

#[test]
fn it_rings_and_they_talk_for_no_longer_than_they_may() {
    let mut desk = ringing();
    assert!(desk.pass(44).iter().all(|it| it != "drop agent"));
    assert_eq!(
        desk.pass(1),
        ["play music 1", "drop agent", "ring anna for 1"],
        "the ring time is over"
    );
    let mut desk = ringing();
    let offer = leg(&desk);
    desk.take(Input::Answered { offer });
    desk.dispose("anna", 1).expect("disposed");
    desk.pass(crate::LONGEST_TALK.as_secs() - 1);
    assert_eq!(end(&desk), None);
    desk.pass(1);
    assert_eq!(end(&desk), Some((Party::System, EndCause::TalkedTooLong)));
}

#[test]
fn nobody_is_passed_on_to_a_number_that_the_application_does_not_name() {
    let mut desk = talking();
    assert_eq!(desk.try_take(pass_on("+31207654321")), Err(Refusal::UnknownDestination));
    assert_eq!(desk.state("anna"), "talking 1");
    let before = desk.log.len();
    desk.take(Input::CallerGone { contact: contact(1) });
    assert_eq!(desk.try_take(pass_on("partner")), Err(Refusal::NotTalking));
    assert!(desk.log.len() > before);
}

#[test]
fn what_is_no_call_goes_nowhere_outside() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(reported(1, crate::Stand::GoesOn));
    desk.take(reported(1, to_queue("calm")));
    desk.take(Input::Accept { agent: agent("anna"), contact: contact(1) });
    assert_eq!(desk.try_take(pass_on("partner")), Err(Refusal::NoCall));
}

#[test]
fn a_restart_and_a_supervisor_end_both_legs_with_their_cause() {
    for is_answered in [false, true] {
        let mut desk = ringing();
        if is_answered {
            let offer = leg(&desk);
            desk.take(Input::Answered { offer });
        }
        let told = desk.recover(&[]);
        assert!(told.contains(&"drop agent".to_owned()), "{told:?}");
        assert_eq!(end(&desk), Some((Party::System, EndCause::Restarted)));
        let mut desk = ringing();
        if is_answered {
            let offer = leg(&desk);
            desk.take(Input::Answered { offer });
        }
        let told = desk.take(Input::End { supervisor: agent("sofie"), contact: contact(1) });
        let ended = ["drop caller 1 ended-by-supervisor", "drop agent"];
        assert!(ended.iter().all(|it| told.contains(&(*it).to_owned())), "{told:?}");
        assert_eq!(end(&desk), Some((Party::System, EndCause::EndedBySupervisor)));
    }
}
