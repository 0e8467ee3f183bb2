//! The communication server is replaced while customers talk, wait, and answer a script: they go on
//! in the process that they are in, and are served by what the other one decides.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Desk, Installation, Phone, Plan, State, sound, until, utilities};

use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;
const SERVER: &str = "communication-server";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_talks_waits_or_answers_a_script_goes_on_when_the_server_is_replaced() {
    let mut system = Installation::of_processes(Plan::default()).await;
    let agent = Phone::register(system.sip, "101", "phone-101").await.expect("her extension");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;

    // one talks, two wait, one is in the menu
    let talks = moves(&system, "0610000001").await;
    anna.until_state(AgentState::Offered).await;
    rings(&agent).await;
    agent.answer();
    let first = anna.until_state(AgentState::Talking).await.contact_id;
    let waits = moves(&system, "0610000002").await;
    let gives_up = moves(&system, "0610000003").await;
    let sofie = Desk::log_in(&system.http, "sofie").await;
    sofie.floor().await.expect("a supervisor may").waiting(2).await;
    let asked = in_menu(&system, "0610000004").await;
    drop(anna);

    system.stand_by(SERVER).await;
    system.hand_over(SERVER);

    // they hear each other, and what she does at the desk reaches the call
    hear_each_other(&talks, &agent).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    assert_eq!(anna.until_state(AgentState::Talking).await.contact_id, first);
    anna.hold(&first).await.expect("she talks");
    until("music", async || (!sound::ends_with_tone(&talks.heard(), AGENT_HERTZ)).then_some(()))
        .await;
    anna.retrieve(&first).await.expect("it is held");
    hear_each_other(&talks, &agent).await;

    // who hangs up while waiting has, and the menu asks again
    let floor = sofie.floor().await.expect("a supervisor may");
    floor.waiting(2).await;
    gives_up.hang_up();
    floor.waiting(1).await;
    asked.press('1');
    floor.waiting(2).await;
    let newcomer = moves(&system, "0610000005").await;
    floor.waiting(3).await;

    // in their order, wherever they are
    talks.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&first, "advice-given").await;
    for customer in [waits, asked, newcomer] {
        anna.become_ready().await;
        let offered = anna.until_state(AgentState::Offered).await.contact_id;
        rings(&agent).await;
        agent.answer();
        anna.until_state(AgentState::Talking).await;
        hear_each_other(&customer, &agent).await;
        customer.hang_up();
        anna.until_state(AgentState::WrapUp).await;
        anna.dispose(&offered, "advice-given").await;
    }
    system.until_former_ends(SERVER).await;
    let ends = anna.contacts().await.into_iter().map(|it| it.end_cause);
    assert_eq!(ends.collect::<Vec<_>>(), ["hung-up"; 4]);
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_end_with_either_process_and_nobody_stays_bound_to_them() {
    let mut system = Installation::of_processes(Plan::default()).await;
    let agent = Phone::register(system.sip, "101", "phone-101").await.expect("her extension");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    for dies in [format!("former-{SERVER}"), SERVER.to_owned()] {
        anna.become_ready().await;
        let talks = moves(&system, "0610000001").await;
        anna.until_state(AgentState::Offered).await;
        rings(&agent).await;
        agent.answer();
        let contact = anna.until_state(AgentState::Talking).await.contact_id;
        let waits = moves(&system, "0610000002").await;
        system.stand_by(SERVER).await;
        system.hand_over(SERVER);
        anna = Desk::log_in(&system.http, "anna").await;
        anna.until_state(AgentState::Talking).await;

        // as long as it has calls of the process before, it cannot be replaced itself
        system.stand_by(SERVER).await;
        let again = system.run(&["services", "replace", SERVER]);
        assert!(String::from_utf8_lossy(&again.stderr).contains("[CR0128]"), "{again:?}");
        assert!(system.until_next_ends(SERVER).await.contains("start again when they have ended"));
        hear_each_other(&talks, &agent).await;

        system.kill(&dies);
        if dies == SERVER {
            for phone in [&talks, &waits, &agent] {
                phone.until("the call is over", |it| matches!(it, State::Ended(_))).await;
            }
            system.until_former_ends(SERVER).await;
            system.start(SERVER);
            system.until_serves(SERVER).await;
            anna = Desk::log_in(&system.http, "anna").await;
        } else {
            // nobody tells the phone
            agent.hang_up();
            agent.until("the call is over", |it| matches!(it, State::Ended(_))).await;
        }
        anna.until_state(AgentState::WrapUp).await;
        anna.dispose(&contact, "advice-given").await;
        drop((talks, waits));
        let ongoing = anna.contacts().await.into_iter().filter(|it| it.ended_at.is_none());
        assert_eq!(ongoing.count(), 0, "nobody is thought to wait still");
    }
}

/// A customer who waits for somebody about moving house.
async fn moves(system: &Installation, from: &str) -> Phone {
    let customer = in_menu(system, from).await;
    customer.press('1');
    customer
}

/// A customer whom the menu asks what it is about.
async fn in_menu(system: &Installation, from: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, "0305550100", from);
    customer.until("talking to the menu", |state| *state == State::Talking).await;
    customer
}

async fn rings(phone: &Phone) {
    phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
}

async fn hear_each_other(customer: &Phone, agent: &Phone) {
    customer.speak(CUSTOMER_HERTZ);
    agent.speak(AGENT_HERTZ);
    until("they hear each other", async || {
        let hears = |phone: &Phone, hertz| sound::ends_with_tone(&phone.heard(), hertz);
        (hears(agent, CUSTOMER_HERTZ) && hears(customer, AGENT_HERTZ)).then_some(())
    })
    .await;
}
