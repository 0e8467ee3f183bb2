//! A customer calls again and gets the agent who knows the matter.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Desk, Installation, Phone, Plan, State, utilities};

use crate::replay::decides_the_same;

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_again_gets_the_agent_who_knows_the_matter() {
    let system = Installation::up(Plan::default()).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let mut bram = Desk::log_in(&system.http, "bram").await;
    let annas = register(&system, "101").await;
    let _brams = register(&system, "102").await;
    anna.become_ready().await;
    let first = moves(&system, "0612345678").await;
    let contact = anna.until_state(AgentState::Offered).await.contact_id;
    annas.answer();
    first.until("talking", |state| *state == State::Talking).await;
    bram.become_ready().await;
    anna.until_state(AgentState::Talking).await;
    first.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    // she finishes it while the customer waits again, whom the network writes otherwise now;
    // Bram is ready all the time
    let again = moves(&system, "0031612345678").await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let waiting = caruso_tests::until("the customer waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.contact_id != contact && !it.waiting.is_empty())
    })
    .await;
    let told = waiting.waiting.join(" ");
    assert!(told.contains("It waits for Anna de Vries alone"), "{told}");
    anna.dispose(&contact, "calls-back").await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, waiting.contact_id);
    assert_eq!(offered.why[1], "The customer knows you: they talked with you last.");
    annas.answer();
    anna.until_state(AgentState::Talking).await;
    again.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&offered.contact_id, "move-recorded").await;
    drop((anna, bram, sofie));
    decides_the_same(&utilities(), &system);
}

pub(crate) async fn register(system: &Installation, extension: &str) -> Phone {
    let secret = format!("phone-{extension}");
    Phone::register(system.sip, extension, &secret).await.expect("the demo's secret")
}

/// A customer who wants to talk about moving.
pub(crate) async fn moves(system: &Installation, from: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, "0305550100", from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    customer
}
