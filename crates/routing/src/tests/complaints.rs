//! What people complain about in other queues, each as a test that bears its name. Those that are
//! about more than the core, and where they are tested, stand in `docs/complaints.md`.

use super::*;

#[test]
fn agents_are_stuck_in_a_state() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    let ends = |desk: &mut Desk, state: &str| {
        assert_eq!(desk.state("anna"), state);
        let due = desk.router.next_deadline().expect("every state that has a contact ends");
        let mut other = Desk { router: desk.router.clone(), log: Vec::new(), ..*desk };
        other.now = due;
        other.take(Input::Tick);
        assert_ne!(other.state("anna"), state, "it ends by itself");
    };
    desk.call(1, "calm");
    ends(&mut desk, "offered 1");
    desk.answer("anna");
    ends(&mut desk, "talking 1");
    desk.take(Input::Hold { agent: agent("anna"), contact: contact(1) });
    ends(&mut desk, "talking 1");
    desk.take(Input::CallerGone { contact: contact(1) });
    ends(&mut desk, "wrap-up 1");
    desk.dispose("anna", 1).expect("in wrap-up");
    desk.take(dial("anna", 2, "0612345678"));
    let known = desk.router.domain().agent(&agent("anna")).expect("known");
    assert_eq!(known.state.name(), "dialling");
    desk.now = desk.router.next_deadline().expect("it does not ring for ever");
    desk.take(Input::Tick);
    assert_eq!(desk.state("anna"), "ready");
}

#[test]
fn an_agent_without_a_phone_is_still_available() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    assert_eq!(desk.state("anna"), "not-ready phone-lost");
    assert_eq!(desk.call(1, "calm"), ["play music 1"], "nobody is rung");
    let refused = desk.try_take(Input::SetReady { agent: agent("anna") });
    assert_eq!(refused.expect_err("she has none"), Refusal::NoPhone);
}

#[test]
fn wrap_up_is_ignored_or_begins_anew() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    desk.answer("anna");
    desk.take(Input::CallerGone { contact: contact(1) });
    let ends = desk.router.next_deadline();
    desk.pass(10);
    // whatever happens to queues, teams, skills and phones meanwhile
    desk.call(2, "urgent");
    desk.take(Input::TeamsKnown { agent: agent("anna"), teams: vec!["calm".to_owned()] });
    let skills = skills(&[("gas", 5)]);
    desk.take(Input::SkillsKnown { agent: agent("anna"), skills });
    desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    desk.take(Input::PhoneRegistered { agent: agent("anna") });
    desk.router.adopt(configuration());
    assert_eq!(desk.state("anna"), "wrap-up 1");
    let finishing = desk.router.domain().wrap_up(&agent("anna")).expect("she finishes it");
    assert_eq!(Some(finishing.deadline), ends);
}

#[test]
fn who_came_first_is_served_last_because_of_the_queue_they_wait_in() {
    let text = ROUTING.replace(" priority=\"1\"", "");
    let mut desk = Desk::with(compiled(&text));
    for (number, queue) in [(1, "calm"), (2, "urgent"), (3, "calm"), (4, "urgent")] {
        desk.call(number, queue);
    }
    desk.ready("anna", "all");
    for number in 1..=4 {
        assert_eq!(desk.state("anna"), format!("offered {number}"));
        desk.take(Input::CallerGone { contact: contact(number) });
    }
}

#[test]
fn a_queue_of_lower_priority_starves() {
    let mut desk = Desk::with(aged());
    desk.call(1, "calm");
    desk.pass(15);
    desk.call(2, "urgent");
    desk.ready("anna", "all");
    assert_eq!(desk.state("anna"), "offered 1", "waiting makes up for priority");
}

#[test]
fn the_phone_rings_again_right_after_the_agent_declined() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "calm");
    let effects = desk.take(Input::Decline { agent: agent("anna"), contact: contact(1) });
    assert_eq!(effects, ["drop agent"]);
    desk.call(2, "urgent");
    assert_eq!(desk.state("anna"), "not-ready rejected");
}

#[test]
fn when_one_of_many_phones_answers_the_others_ring_again() {
    let mut desk = Desk::with(compiled(&ringing_all()));
    for name in ["anna", "bram", "cees"] {
        desk.ready(name, "all");
    }
    desk.call(1, "urgent");
    let (anna, bram) = (desk.offer("anna"), desk.offer("bram"));
    let first = desk.take(Input::Answered { offer: anna });
    let second = desk.take(Input::Answered { offer: bram });
    assert!(!first.iter().chain(&second).any(|it| it.starts_with("ring")));
    assert_eq!(second, ["drop agent"], "one alone has the customer");
}

#[test]
fn who_goes_offline_keeps_the_contacts_that_were_given_to_them() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.ready("bram", "all");
    desk.call(1, "calm");
    let effects = desk.take(Input::PhoneUnregistered { agent: agent("anna") });
    assert_eq!(effects, ["drop agent", "ring bram for 1"]);
}

#[test]
fn a_new_configuration_with_thousands_of_agents_stops_everything() {
    let mut desk = Desk::new();
    for number in 0..3_000 {
        let agent = AgentId::new(&format!("agent-{number}")).expect("a name");
        desk.take(Input::SignIn { agent, teams: vec!["all".to_owned()] });
    }
    let before = desk.log.len();
    desk.router.adopt(aged());
    assert_eq!(desk.take(Input::Tick), Vec::<String>::new(), "nothing is sent for it");
    assert_eq!(desk.log.len(), before, "and nothing is told");
}

#[test]
fn a_contact_waits_for_ever_for_a_skill_and_nobody_says_so() {
    let mut desk = Desk::new();
    desk.ready("anna", "all");
    desk.call(1, "expert");
    let waits = desk.router.waiting(contact(1), desk.now).expect("it waits");
    let told = waits.sentences(&|queue| queue.to_string(), &|agent| agent.to_string()).join(" ");
    assert!(told.contains("skill.gas ge 3"), "{told}");
}
