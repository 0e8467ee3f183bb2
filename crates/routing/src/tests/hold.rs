//! Holding a call, at the desk and at the telephone.

use super::*;

fn hold(name: &str, number: u128) -> Input {
    Input::Hold { agent: agent(name), contact: contact(number) }
}

fn retrieve(name: &str, number: u128) -> Input {
    Input::Retrieve { agent: agent(name), contact: contact(number) }
}

fn talking() -> Desk {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk
}

#[test]
fn a_customer_on_hold_hears_music_until_the_agent_is_back() {
    let mut desk = talking();
    assert_eq!(desk.take(hold("anna", 1)), ["part 1", "play music 1"]);
    assert_eq!(desk.state("anna"), "talking 1");
    assert!(desk.take(hold("anna", 1)).is_empty(), "the same request again");
    assert_eq!(desk.take(retrieve("anna", 1)), ["bridge 1"]);
    assert!(desk.take(retrieve("anna", 1)).is_empty(), "the same request again");
    assert_eq!(desk.take(hold("anna", 1)), ["part 1", "play music 1"]);
}

#[test]
fn what_the_telephone_holds_is_taken_back_there() {
    let mut desk = talking();
    let offer = desk.offer("anna");
    assert_eq!(desk.take(Input::PhoneHeld { offer }), ["part 1", "play music 1"]);
    assert_eq!(desk.try_take(retrieve("anna", 1)), Err(Refusal::HeldByPhone));
    assert!(desk.take(hold("anna", 1)).is_empty(), "it is held");
    assert_eq!(desk.take(Input::PhoneRetrieved { offer }), ["bridge 1"]);
    // the desk holds, and then the telephone as well
    desk.take(hold("anna", 1));
    assert!(desk.take(Input::PhoneRetrieved { offer }).is_empty(), "the desk holds it");
    assert!(desk.take(Input::PhoneHeld { offer }).is_empty(), "the music plays");
    assert_eq!(desk.try_take(retrieve("anna", 1)), Err(Refusal::HeldByPhone));
    assert_eq!(desk.take(Input::PhoneRetrieved { offer }), ["bridge 1"]);
}

#[test]
fn whoever_hangs_up_while_the_customer_is_on_hold_ends_the_call() {
    let ends: [fn(&Desk) -> Input; 3] = [
        |_| Input::CallerGone { contact: contact(1) },
        |desk| Input::AgentGone { offer: desk.offer("anna") },
        |_| Input::HangUp { agent: agent("anna"), contact: contact(1) },
    ];
    for end in ends {
        let mut desk = talking();
        desk.take(hold("anna", 1));
        let input = end(&desk);
        desk.take(input);
        assert_eq!(desk.state("anna"), "wrap-up 1");
        assert_eq!(desk.try_take(retrieve("anna", 1)), Err(Refusal::NotTalking));
        desk.dispose("anna", 1).expect("disposed");
        assert_eq!(desk.state("anna"), "ready");
    }
}

#[test]
fn only_the_agent_of_a_call_holds_it_and_only_a_call_is_held() {
    let mut desk = talking();
    desk.ready("bram", "all");
    assert_eq!(desk.try_take(hold("bram", 1)), Err(Refusal::NotTalking));
    assert_eq!(desk.try_take(hold("anna", 2)), Err(Refusal::NotTalking));
    desk.take(reported(2, crate::Stand::GoesOn));
    desk.take(reported(2, to_queue("calm")));
    desk.take(Input::Accept { agent: agent("bram"), contact: contact(2) });
    assert_eq!(desk.try_take(hold("bram", 2)), Err(Refusal::NoCall));
}

#[test]
fn a_call_on_hold_that_died_with_the_process_ends_with_a_cause() {
    let mut desk = talking();
    desk.take(hold("anna", 1));
    desk.recover(&[]);
    assert_eq!(desk.state("anna"), "wrap-up 1");
}
