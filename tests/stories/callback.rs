//! Customers who hang up and keep their place: who is called when, what becomes of it, and that no
//! restart loses anybody.

use caruso_api::contact::v1::{AgentState, Contact};
use caruso_tests::{CALLER_ID, Desk, Installation, Phone, Plan, State, sound, until, utilities};

use crate::replay::decides_the_same;

const MOVES: &str = "0305550102";
const EVA: &str = "0612345678";
const CUSTOMER_HERTZ: u32 = 1_000;

/// The customer wants to be called back at the number from which they call, and hangs up.
async fn hangs_up(system: &Installation, customer: &Phone) {
    customer.call(system.sip, MOVES, EVA);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('1');
    customer.press('1');
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
}

/// The latest contact that waits to be called back.
async fn to_call_back(sofie: &mut Desk) -> Contact {
    until("the customer is to be called back", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.callback.is_some() && it.ended_at.is_none())
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_presses_a_key_and_keeps_the_place() {
    let (customer, plan) = planned().await;
    let system = Installation::up(plan).await;
    customer.call(system.sip, "0305550100", EVA);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let waits = until("the customer waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| !it.waiting.is_empty())
    })
    .await;
    for _ in 0..3 {
        customer.press('1');
    }
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
    let kept = to_call_back(&mut sofie).await;
    assert_eq!(kept.contact_id, waits.contact_id);
    assert_eq!(kept.segments.len(), 2, "the same stay: {:?}", kept.segments);
    let (mut anna, phone) = at_desk(&system).await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(
        (offered.contact_id, offered.queued_at),
        (waits.contact_id, waits.segments[1].started_at)
    );
    phone.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.answer();
    let talks = anna.until_state(AgentState::Talking).await;
    anna.hang_up(&talks.contact_id).await.expect("she talks");
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&talks.contact_id, "move-recorded").await;
    drop((anna, sofie));
    decides_the_same(&utilities(), &system);
}

async fn at_desk(system: &Installation) -> (Desk, Phone) {
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    anna.become_ready().await;
    (anna, phone)
}

async fn planned() -> (Phone, Plan) {
    let customer = Phone::open(Plan::default().address).await;
    let plan = Plan { trunks: vec![customer.address], ..Plan::default() };
    (customer, plan)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hangs_up_is_called_in_turn_also_after_a_kill() {
    let (customer, plan) = planned().await;
    let mut system = Installation::of_processes(plan).await;
    hangs_up(&system, &customer).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let waits = to_call_back(&mut sofie).await;
    assert!(waits.waiting[0].contains("is to be called back"), "{:?}", waits.waiting);
    assert_eq!(waits.calling_number, "+31612345678");
    system.kill("communication-server");
    system.start("communication-server");
    system.until_serves("communication-server").await;

    let (mut anna, phone) = at_desk(&system).await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, waits.contact_id);
    assert!(offered.callback.is_some() && offered.outbound.is_none());
    assert_eq!(offered.calling_number, "+31612345678");
    assert_eq!(offered.attributes["topic"], "moving", "what the menu knew");
    phone.answer();
    let rings = State::Ringing(Some(CALLER_ID.to_owned()));
    customer.until("ringing", |state| *state == rings).await;
    let dials = anna.until_state(AgentState::Dialling).await;
    let outbound = dials.outbound.expect("it is permitted, and shown by what");
    assert!(outbound.is_permitted && outbound.purpose == "move");
    customer.answer();
    customer.until("talking", |state| *state == State::Talking).await;
    anna.until_state(AgentState::Talking).await;
    customer.speak(CUSTOMER_HERTZ);
    until("they hear each other", async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&offered.contact_id, "move-recorded").await;
    let told = sofie.contacts().await.into_iter().find(|it| it.contact_id == waits.contact_id);
    let told = told.expect("it is in the history");
    let kinds: Vec<&str> = told.segments.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["ivr", "waiting", "offered", "dialling", "with-agent", "wrap-up"]);
    let rows = sofie.report().await;
    let sums = rows.iter().fold((0, 0), |sums, it| (sums.0 + it.offered, sums.1 + it.answered));
    assert_eq!(sums, (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_twice_is_called_once_in_the_place_of_the_first_time() {
    let (customer, plan) = planned().await;
    let system = Installation::up(plan).await;
    hangs_up(&system, &customer).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let first = to_call_back(&mut sofie).await;
    hangs_up(&system, &customer).await;
    let still_waits = until("one of both is over", async || {
        let contacts = sofie.contacts().await;
        let waiting: Vec<_> = contacts.iter().filter(|it| it.ended_at.is_none()).collect();
        (contacts.len() == 2 && waiting.len() == 1).then(|| waiting[0].contact_id.clone())
    })
    .await;
    assert_eq!(still_waits, first.contact_id);
    let (mut anna, phone) = at_desk(&system).await;
    assert_eq!(anna.until_state(AgentState::Offered).await.contact_id, first.contact_id);
    phone.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.answer();
    let talks = anna.until_state(AgentState::Talking).await;
    anna.hang_up(&talks.contact_id).await.expect("she talks");
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&talks.contact_id, "move-recorded").await;
    anna.until_state(AgentState::Ready).await;
    let ongoing = sofie.contacts().await.into_iter().filter(|it| it.ended_at.is_none());
    assert_eq!(ongoing.count(), 0, "nobody else is to be called");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_take_the_call_waits_on_and_who_calls_again_is_helped_at_once() {
    let (customer, plan) = planned().await;
    let system = Installation::up(plan).await;
    hangs_up(&system, &customer).await;
    let (mut anna, phone) = at_desk(&system).await;
    let offered = anna.until_state(AgentState::Offered).await;
    phone.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    anna.until_state(AgentState::Dialling).await;
    customer.hang_up();
    phone.until("over", |state| matches!(state, State::Ended(_))).await;
    anna.until_state(AgentState::Ready).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let waits = to_call_back(&mut sofie).await;
    assert_eq!(waits.contact_id, offered.contact_id);
    assert_eq!(waits.callback.expect("it is one").attempts, 1);
    assert!(waits.waiting[0].contains("called once and not reached"), "{:?}", waits.waiting);

    let again = Phone::open(system.sip.ip()).await;
    again.call(system.sip, MOVES, "31612345678");
    again.until("talking", |state| *state == State::Talking).await;
    again.press('2');
    let second = anna.until_state(AgentState::Offered).await;
    phone.answer();
    anna.until_state(AgentState::Talking).await;
    let settled = until("nobody calls back any more", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.contact_id == waits.contact_id && it.ended_at.is_some())
    })
    .await;
    assert_eq!(settled.end_cause, "called-again");
    again.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&second.contact_id, "calls-back").await;
}
