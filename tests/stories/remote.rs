//! An agent whose phone is an outside number: it is called, confirms, and talks; an answering
//! machine has no customer.

use std::time::Duration;

use caruso_api::contact::v1::AgentState;
use caruso_test_kit::sipp::Does;
use caruso_tests::{
    CALLER_ID, Customer, Desk, Installation, Network, Phone, Plan, State, sound, until, utilities,
};

use crate::outbound::far_end;
use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;
const TONES_HERTZ: u32 = 800;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_reaches_an_agent_at_an_outside_number_who_confirms() {
    let test = "remote::a_customer_reaches_an_agent_at_an_outside_number_who_confirms";
    let Some(network) = Network::enter(test) else { return };
    let phone = Phone::open(network.address()).await;
    let plan = Plan {
        address: network.address(),
        trunks: vec![phone.address],
        remote_phone: Some(("101", "+31687654321")),
        ..Plan::default()
    };
    let system = Installation::up(plan).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);

    // a machine answers, which presses nothing
    let rings = State::Ringing(Some(CALLER_ID.to_owned()));
    phone.until("ringing", |state| *state == rings).await;
    phone.answer();
    phone.until("answered", |state| *state == State::Talking).await;
    until("it is asked to confirm", async || {
        let heard = phone.heard();
        heard.windows(800).step_by(800).any(|it| sound::share(it, TONES_HERTZ) > 0.5).then_some(())
    })
    .await;
    phone.press('2');
    let offered = anna.until_state(AgentState::Offered).await;
    phone.until("let go", |state| matches!(state, State::Ended(_))).await;
    anna.until("not ready, as after any offer", |desk| {
        let status = desk.status.as_ref();
        status.is_some_and(|it| it.state() == AgentState::NotReady && it.reason == "no-answer")
    })
    .await;

    // then she is there
    anna.become_ready().await;
    phone.until("ringing again", |state| *state == rings).await;
    phone.answer();
    phone.until("answered", |state| *state == State::Talking).await;
    phone.press('1');
    anna.until_state(AgentState::Talking).await;
    phone.speak(AGENT_HERTZ);
    until("they hear each other", async || {
        let both = sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ)
            && sound::ends_with_tone(&customer.heard(), AGENT_HERTZ);
        both.then_some(())
    })
    .await;
    phone.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&offered.contact_id, "advice-given").await;
    anna.until_state(AgentState::Ready).await;
    drop(anna);
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_remote_phone_is_called_by_the_next_trunk_where_the_first_is_out_of_service() {
    let test =
        "remote::a_remote_phone_is_called_by_the_next_trunk_where_the_first_is_out_of_service";
    let Some(network) = Network::enter(test) else { return };
    let phone = Phone::open(network.address()).await;
    let Some((far, address)) = far_end(network, Does::Refuses(503)) else { return };
    let plan = Plan {
        address: network.address(),
        trunks: vec![address, phone.address],
        remote_phone: Some(("101", "+31687654321")),
        ..Plan::default()
    };
    let system = Installation::up(plan).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    let offered = anna.until_state(AgentState::Offered).await;
    far.finish(Duration::from_secs(20)).await.expect("it was asked first");
    phone.answer();
    phone.until("answered", |state| *state == State::Talking).await;
    phone.press('1');
    anna.until_state(AgentState::Talking).await;
    until("she hears the customer", async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let told = sofie.contacts().await.pop().expect("it is there");
    let outcomes: Vec<_> = told.offers.iter().map(|it| it.outcome.as_str()).collect();
    assert_eq!((told.contact_id, outcomes), (offered.contact_id, vec!["accepted"]));
}
