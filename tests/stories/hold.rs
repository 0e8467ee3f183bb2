//! A customer on hold: who hears whom, at the desk and at the telephone, and what is told of it.

use caruso_api::contact::v1::AgentState;
use caruso_tests::{
    Customer, Desk, DeskPhone, Installation, Network, Plan, sound, until, utilities,
};

use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_on_hold_hears_music_and_the_agent_nothing() {
    let test = "hold::a_customer_on_hold_hears_music_and_the_agent_nothing";
    let Some(network) = Network::enter(test) else { return };
    let plan = Plan { address: network.address(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = DeskPhone::register(network, system.sip, "101", AGENT_HERTZ).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let customer = Customer::call(network, system.sip, "0612345678", '1', CUSTOMER_HERTZ).await;
    customer.press_and_speak('1', CUSTOMER_HERTZ);
    let id = anna.until_state(AgentState::Offered).await.contact_id;
    phone.answer().await;
    talk(&customer, &phone).await;

    anna.hold(&id).await.expect("she talks");
    anna.until("the desk shows it", |desk| is_held(desk, Some(false))).await;
    are_apart(&customer, &phone).await;
    anna.retrieve(&id).await.expect("she has put the customer on hold");
    talk(&customer, &phone).await;

    let has_key = phone.hold();
    if has_key {
        anna.until("the desk shows it", |desk| is_held(desk, Some(true))).await;
        are_apart(&customer, &phone).await;
        let refused = anna.retrieve(&id).await.expect_err("the telephone holds the call");
        assert!(refused.message().contains("telephone"), "{refused}");
        phone.take_back();
        anna.until("the desk shows it", |desk| is_held(desk, None)).await;
        talk(&customer, &phone).await;
    }
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    is_told(&system, if has_key { 2 } else { 1 }).await;
    drop((anna, phone));
    decides_the_same(&utilities(), &system);
}

/// Whether the desk shows the customer on hold, and where.
fn is_held(desk: &caruso_api::desk::v1::WatchDeskResponse, by_telephone: Option<bool>) -> bool {
    let contact = desk.status.as_ref().and_then(|status| status.contact.as_ref());
    contact.is_some_and(|it| it.hold.as_ref().map(|hold| hold.is_by_telephone) == by_telephone)
}

async fn talk(customer: &Customer, phone: &DeskPhone) {
    until(&format!("the agent hears the customer: {}", phone.output()), async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    until("the customer hears the agent", async || {
        sound::ends_with_tone(&customer.heard(), AGENT_HERTZ).then_some(())
    })
    .await;
}

/// The customer hears something that is not the agent, and the agent nothing of the customer.
async fn are_apart(customer: &Customer, phone: &DeskPhone) {
    let second = sound::RATE as usize;
    let before = customer.heard().len();
    let before_at_agent = phone.heard().len();
    until("the customer hears music", async || {
        let heard = customer.heard();
        let since = heard.get(before..)?;
        let last = since.get(since.len().checked_sub(second)?..)?;
        let is_music = sound::level(last) > sound::AUDIBLE && sound::share(last, AGENT_HERTZ) < 0.2;
        is_music.then_some(())
    })
    .await;
    // a telephone that holds takes no sound at all; what was under way when it began still counts
    let heard = phone.heard();
    let since = &heard[before_at_agent.min(heard.len())..];
    let is_quiet = match since.len().checked_sub(second / 2) {
        Some(start) => sound::share(&since[start..], CUSTOMER_HERTZ) < 0.2,
        None => true,
    };
    assert!(is_quiet, "the agent hears the customer on hold");
}

async fn is_told(system: &Installation, holds: usize) {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contact = until("the contact is over", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.segments.iter().all(|it| it.ended_at.is_some()))
    })
    .await;
    let kinds: Vec<&str> = contact.segments.iter().skip(3).map(|it| it.kind.as_str()).collect();
    let mut expected = vec!["with-agent"];
    expected.extend(["on-hold", "with-agent"].repeat(holds));
    expected.push("wrap-up");
    assert_eq!(kinds, expected);
    until("time on hold is in the report", async || {
        let rows = sofie.report().await;
        let row = rows.into_iter().find(|row| row.queue == "faults")?;
        row.average_hold_time.filter(|time| time.as_secs() > 0)
    })
    .await;
}
