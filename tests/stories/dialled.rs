//! Agents dial at their phones: customers, colleagues, numbers of ours, and what nobody may call.

use std::net::SocketAddr;

use caruso_api::contact::v1::{AgentState, Contact};
use caruso_tests::{
    CALLER_ID, Desk, DeskPhone, Installation, Network, Phone, Plan, State, sound, until, utilities,
};

use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const ANNA_HERTZ: u32 = 440;
const BRAM_HERTZ: u32 = 620;

/// The installation with a phone of anna's that can dial, and her desk.
async fn installed(network: Network, trunk: SocketAddr) -> (Installation, Phone, Desk) {
    let plan = Plan { address: network.address(), trunks: vec![trunk], ..Plan::default() };
    let system = Installation::up(plan).await;
    let (phone, desk) = registered(&system, "101", "anna").await;
    (system, phone, desk)
}

async fn registered(system: &Installation, extension: &str, agent: &str) -> (Phone, Desk) {
    let secret = format!("phone-{extension}");
    let phone = Phone::register(system.sip, extension, &secret).await.expect("it may");
    let desk = Desk::log_in(&system.http, agent).await;
    desk.until("the phone is registered", |desk| {
        desk.status.as_ref().is_some_and(|status| status.is_phone_registered)
    })
    .await;
    (phone, desk)
}

async fn is_not_ready(desk: &Desk, reason: &str) {
    desk.until(&format!("not ready: {reason}"), |desk| {
        let status = desk.status.as_ref();
        status.is_some_and(|it| it.state() == AgentState::NotReady && it.reason == reason)
    })
    .await;
}

/// The phone is refused with a status, as the softphone words it, and the desk says why.
async fn is_refused(phone: &Phone, desk: &Desk, number: &str, status: &str, reason: &str) {
    let is_told = |state: &State| matches!(state, State::Ended(how) if how.contains(status));
    phone.until(&format!("refused: {status}"), is_told).await;
    says_why(desk, number, reason).await;
}

async fn says_why(desk: &Desk, number: &str, reason: &str) {
    desk.until(&format!("the desk says why of {number}"), |desk| {
        let refused = desk.status.as_ref().and_then(|it| it.refused_call.as_ref());
        refused.is_some_and(|it| it.number == number && it.reason.contains(reason))
    })
    .await;
}

async fn both_hear(one: &Phone, hertz: u32, other: &Phone, other_hertz: u32) {
    until("they hear each other", async || {
        let both = sound::ends_with_tone(&one.heard(), other_hertz)
            && sound::ends_with_tone(&other.heard(), hertz);
        both.then_some(())
    })
    .await;
}

/// Waits until as many contacts are over, and gives them, newest first.
async fn over(system: &Installation, count: usize) -> Vec<Contact> {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    until("the contacts are over", async || {
        let contacts = sofie.contacts().await;
        let is_over = |it: &Contact| {
            it.ended_at.is_some() && it.segments.iter().all(|it| it.ended_at.is_some())
        };
        (contacts.len() == count && contacts.iter().all(is_over)).then_some(contacts)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_called_by_the_phone_and_it_counts_like_a_call_from_the_desk() {
    let test = "dialled::a_customer_is_called_by_the_phone_and_it_counts_like_a_call_from_the_desk";
    let Some(network) = Network::enter(test) else { return };
    let customer = Phone::open(network.address()).await;
    let plan =
        Plan { address: network.address(), trunks: vec![customer.address], ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = DeskPhone::register(network, system.sip, "101", ANNA_HERTZ).await;
    let mut anna = Desk::log_in(&system.http, "anna").await;

    anna.become_ready().await;
    phone.dial(system.sip, "09001234567");
    says_why(&anna, "09001234567", "may not be called").await;
    phone.dial(system.sip, "0612345678");
    let shown = anna.until_state(AgentState::Dialling).await;
    assert_eq!(shown.calling_number, "+31612345678");
    anna.until("what was refused is forgotten", |desk| {
        desk.status.as_ref().is_some_and(|it| it.refused_call.is_none())
    })
    .await;
    let rings = State::Ringing(Some(CALLER_ID.to_owned()));
    customer.until("ringing", |state| *state == rings).await;
    customer.answer();
    anna.until_state(AgentState::Talking).await;
    customer.speak(CUSTOMER_HERTZ);
    until("they hear each other", async || {
        let both = sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ)
            && sound::ends_with_tone(&customer.heard(), ANNA_HERTZ);
        both.then_some(())
    })
    .await;
    let id = shown.contact_id;
    anna.hold(&id).await.expect("as with any call");
    anna.retrieve(&id).await.expect("and back");
    phone.hang_up();
    customer.until("hung up on", |state| matches!(state, State::Ended(_))).await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    anna.until_state(AgentState::Ready).await;

    // busy: the phone is told what the network says
    phone.dial(system.sip, "0612345678");
    customer.until("ringing", |state| *state == rings).await;
    customer.hang_up();
    let shown = anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&shown.contact_id, "wrong-number").await;

    let contacts = over(&system, 3).await;
    let called = contacts.iter().find(|it| it.contact_id == id).expect("it is kept");
    let outbound = called.outbound.as_ref().expect("we called");
    assert_eq!(outbound.evidence[0], "Dialled at the telephone.");
    let kinds: Vec<&str> = called.segments.iter().map(|it| it.kind.as_str()).collect();
    assert_eq!(kinds, ["dialling", "with-agent", "on-hold", "with-agent", "wrap-up"]);
    let shown = system.run(&["--format", "json", "report", "outgoing-calls"]);
    let report: serde_json::Value = serde_json::from_slice(&shown.stdout).expect("a document");
    let row = &report["rows"][0]["figures"];
    let counts = ["wanted", "answered", "not-reached", "denied"];
    let counts = counts.map(|it| row[format!("outgoing-{it}")].as_u64());
    assert_eq!(counts, [Some(3), Some(1), Some(1), Some(1)], "{report}");
    drop(anna);
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_is_told_by_a_status_why_it_cannot_call_and_the_desk_in_words() {
    let test = "dialled::a_phone_is_told_by_a_status_why_it_cannot_call_and_the_desk_in_words";
    let Some(network) = Network::enter(test) else { return };
    let customer = Phone::open(network.address()).await;
    let (system, phone, anna) = installed(network, customer.address).await;
    phone.call(system.sip, "hello", "");
    is_refused(&phone, &anna, "hello", "484", "not a telephone number").await;
    phone.call(system.sip, "09001234567", "");
    is_refused(&phone, &anna, "09001234567", "403", "may not be called").await;
    phone.call(system.sip, "101", "");
    phone.until("busy", |state| matches!(state, State::Ended(how) if how == "busy")).await;
    // nobody has signed in there
    let brams = Phone::register(system.sip, "102", "phone-102").await.expect("it may");
    brams.call(system.sip, "0612345678", "");
    brams.until("refused", |state| matches!(state, State::Ended(how) if how.contains("403"))).await;
    assert_eq!(customer.state(), State::Idle, "nothing of all that left the house");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_not_signed_in_calls_an_emergency_number_all_the_same() {
    let test = "dialled::who_has_not_signed_in_calls_an_emergency_number_all_the_same";
    let Some(network) = Network::enter(test) else { return };
    let help = Phone::open(network.address()).await;
    let plan = Plan { address: network.address(), trunks: vec![help.address], ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("it may");
    phone.call(system.sip, "112", "");
    help.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    help.answer();
    phone.until("talking", |state| *state == State::Talking).await;
    help.speak(CUSTOMER_HERTZ);
    phone.speak(ANNA_HERTZ);
    both_hear(&phone, ANNA_HERTZ, &help, CUSTOMER_HERTZ).await;
    phone.hang_up();
    help.until("hung up on", |state| matches!(state, State::Ended(_))).await;
    let contacts = over(&system, 1).await;
    assert!(contacts[0].segments.iter().all(|it| it.kind != "wrap-up"));
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_call_each_other_and_are_offered_nobody() {
    let test = "dialled::agents_call_each_other_and_are_offered_nobody";
    let Some(network) = Network::enter(test) else { return };
    let nobody = Phone::open(network.address()).await;
    let (system, annas, mut anna) = installed(network, nobody.address).await;
    let (brams, mut bram) = registered(&system, "102", "bram").await;
    anna.become_ready().await;
    bram.become_ready().await;

    annas.call(system.sip, "102", "");
    let rings = State::Ringing(Some("101".to_owned()));
    brams.until("ringing", |state| *state == rings).await;
    is_not_ready(&anna, "own-call").await;
    is_not_ready(&bram, "own-call").await;
    brams.answer();
    annas.until("talking", |state| *state == State::Talking).await;
    brams.until("talking", |state| *state == State::Talking).await;
    annas.speak(ANNA_HERTZ);
    brams.speak(BRAM_HERTZ);
    both_hear(&annas, ANNA_HERTZ, &brams, BRAM_HERTZ).await;
    brams.hang_up();
    annas.until("hung up on", |state| matches!(state, State::Ended(_))).await;
    anna.until_state(AgentState::Ready).await;
    bram.until_state(AgentState::Ready).await;

    // who declines is blamed for nothing, and the phone is told
    annas.call(system.sip, "bram", "");
    brams.until("ringing", |state| *state == rings).await;
    is_not_ready(&anna, "own-call").await;
    is_not_ready(&bram, "own-call").await;
    brams.hang_up();
    let is_declined = |state: &State| matches!(state, State::Ended(how) if how.contains("603"));
    annas.until("declined", is_declined).await;
    bram.until_state(AgentState::Ready).await;
    anna.until_state(AgentState::Ready).await;

    // a number of ours leads an agent where it leads anybody
    annas.call(system.sip, "0305550100", "");
    annas.until("talking", |state| *state == State::Talking).await;
    is_not_ready(&anna, "own-call").await;
    annas.press('1');
    brams.until("ringing for her", |state| matches!(state, State::Ringing(_))).await;
    brams.answer();
    bram.until_state(AgentState::Talking).await;
    annas.hang_up();
    let shown = bram.until_state(AgentState::WrapUp).await;
    anna.until_state(AgentState::Ready).await;
    bram.dispose(&shown.contact_id, "advice-given").await;
    assert_eq!(over(&system, 1).await[0].calling_number, "101", "internal calls are no contacts");
    drop((anna, bram));
    decides_the_same(&utilities(), &system);
}
