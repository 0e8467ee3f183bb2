//! Agents call customers: which phone rings first, who hears whom, and what becomes of it when
//! nobody answers or nobody may be called.

use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use caruso_api::contact::v1::{AgentState, Contact};
use caruso_media::g711::Law;
use caruso_test_kit::sipp::{Called, Callee, Does};
use caruso_tests::{
    CALLER_ID, Desk, DeskPhone, Installation, Network, Phone, Plan, State, sound, until, utilities,
};
use serde_json::Value;

use crate::replay::decides_the_same;

const CUSTOMER_HERTZ: u32 = 1_000;
const AGENT_HERTZ: u32 = 440;

async fn installed(network: Network, trunk: SocketAddr) -> (Installation, DeskPhone, Desk) {
    by(network, vec![trunk]).await
}

/// The same with several trunks, the preferred first.
async fn by(network: Network, trunks: Vec<SocketAddr>) -> (Installation, DeskPhone, Desk) {
    let plan = Plan { address: network.address(), trunks, ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = DeskPhone::register(network, system.sip, "101", AGENT_HERTZ).await;
    let anna = Desk::log_in(&system.http, "anna").await;
    anna.until("the phone is registered", |desk| {
        desk.status.as_ref().is_some_and(|status| status.is_phone_registered)
    })
    .await;
    (system, phone, anna)
}

/// Waits until the contact is over, and gives it.
pub(crate) async fn over(system: &Installation, id: &str) -> Contact {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    until("the contact is over", async || {
        let contacts = sofie.contacts().await;
        let it = contacts.into_iter().find(|it| it.contact_id == id)?;
        let is_over = it.segments.iter().all(|it| it.ended_at.is_some()) && it.ended_at.is_some();
        is_over.then_some(it)
    })
    .await
}

pub(crate) fn kinds(contact: &Contact) -> Vec<&str> {
    contact.segments.iter().map(|it| it.kind.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_calls_a_customer_and_they_talk() {
    let test = "outbound::an_agent_calls_a_customer_and_they_talk";
    let Some(network) = Network::enter(test) else { return };
    let customer = Phone::open(network.address()).await;
    let (system, phone, mut anna) = installed(network, customer.address).await;

    let denied = anna.dial("0900 1234567", "service").await.expect_err("it costs by the minute");
    assert!(denied.message().contains("may not be called"), "{denied}");
    let id = anna.dial("06 1234 5678", "service").await.expect("she may");
    let shown = anna.until_state(AgentState::Dialling).await;
    assert_eq!((shown.contact_id.as_str(), shown.calling_number.as_str()), (&*id, "+31612345678"));
    assert_eq!(customer.state(), State::Idle, "first the agent is at the phone");
    let twice = anna.dial("0612345678", "service").await.expect_err("she is busy");
    assert!(twice.message().contains("busy"), "{twice}");
    phone.answer().await;
    let rings = State::Ringing(Some(CALLER_ID.to_owned()));
    customer.until("ringing", |state| *state == rings).await;
    anna.until("the customer is known before the answer", |desk| !desk.customers.is_empty()).await;
    until("the agent hears that it rings", async || {
        let heard = phone.heard();
        heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
    })
    .await;
    customer.answer();
    customer.until("talking", |state| *state == State::Talking).await;
    customer.speak(CUSTOMER_HERTZ);
    anna.until_state(AgentState::Talking).await;
    until("they hear each other", async || {
        let both = sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ)
            && sound::ends_with_tone(&customer.heard(), AGENT_HERTZ);
        both.then_some(())
    })
    .await;
    anna.hold(&id).await.expect("as with any call");
    anna.retrieve(&id).await.expect("and back");
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;

    let contact = over(&system, &id).await;
    let expected = ["dialling", "with-agent", "on-hold", "with-agent", "wrap-up"];
    assert_eq!(kinds(&contact), expected);
    assert!(contact.outbound.is_some_and(|it| it.is_permitted && it.called_at.is_some()));
    anna.until("not ready, as before", |desk| {
        let status = desk.status.as_ref();
        status.is_some_and(|it| it.state() == AgentState::NotReady && it.reason == "signed-in")
    })
    .await;
    is_told(&system, &id).await;
    drop(anna);
    decides_the_same(&utilities(), &system);
}

/// The report of incoming calls knows nothing of it, and the command shows which way it went; the
/// call that was forbidden stands there as well.
async fn is_told(system: &Installation, id: &str) {
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    assert!(sofie.report().await.iter().all(|row| row.offered == 0));
    let denied = sofie.contacts().await.into_iter().find(|it| it.end_cause == "denied");
    let denied = denied.and_then(|it| it.outbound).expect("it is recorded");
    assert!(!denied.is_permitted && denied.called_at.is_none());
    let shown = system.run(&["contacts", "show", id]);
    let report = system.run(&["--format", "json", "report", "outgoing-calls"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).expect("a document");
    let row = &report["rows"][0]["figures"];
    let counts = ["outgoing-wanted", "outgoing-answered", "outgoing-denied"];
    let counts = counts.map(|it| row[it].as_u64());
    assert_eq!(counts, [Some(2), Some(1), Some(1)], "{report}");
    assert!(row["outgoing-AHT"].as_u64().is_some_and(|it| it > 0), "{report}");
    let said = String::from_utf8_lossy(&shown.stderr).into_owned();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("direction    out") && shown.contains("permitted"), "{shown}{said}");
}

/// A far end that nobody of ours made, and where it listens.
pub(crate) fn far_end(network: Network, does: Does) -> Option<(Called, SocketAddr)> {
    let free = UdpSocket::bind((network.address(), 0)).and_then(|it| it.local_addr());
    let address = free.expect("a free port");
    let said = sound::tone(CUSTOMER_HERTZ, 20);
    let says = said.iter().map(|sample| Law::A.encode(*sample)).collect();
    match (Callee { address, does, says }).start() {
        Ok(called) => Some((called.expect("SIPp runs"), address)),
        Err(missing) => {
            println!("{missing}; this story needs it");
            None
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_says_is_what_the_agent_is_told() {
    let test = "outbound::what_the_network_says_is_what_the_agent_is_told";
    let Some(network) = Network::enter(test) else { return };
    for (code, cause) in [(486, "busy"), (480, "no-answer"), (404, "unreachable")] {
        let Some((far, address)) = far_end(network, Does::Refuses(code)) else { return };
        let (system, phone, mut anna) = installed(network, address).await;
        let id = anna.dial("0612345678", "service").await.expect("she may");
        phone.answer().await;
        let shown = anna.until_state(AgentState::WrapUp).await;
        assert_eq!(shown.end_cause, cause, "{}", far.output());
        anna.dispose(&id, "wrong-number").await;
        assert_eq!(kinds(&over(&system, &id).await), ["dialling", "wrap-up"]);
        far.finish(Duration::from_secs(20)).await.expect("it went as told");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_is_called_by_the_next_trunk_where_the_first_is_out_of_service() {
    let test = "outbound::a_customer_is_called_by_the_next_trunk_where_the_first_is_out_of_service";
    let Some(network) = Network::enter(test) else { return };
    let customer = Phone::open(network.address()).await;
    let Some((far, address)) = far_end(network, Does::Refuses(503)) else { return };
    let trunks = vec![address, customer.address];
    let (system, phone, mut anna) = by(network, trunks).await;
    let id = anna.dial("06 1234 5678", "service").await.expect("she may");
    anna.until_state(AgentState::Dialling).await;
    phone.answer().await;
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.answer();
    customer.until("talking", |state| *state == State::Talking).await;
    anna.until_state(AgentState::Talking).await;
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    assert_eq!(kinds(&over(&system, &id).await), ["dialling", "with-agent", "wrap-up"]);
    far.finish(Duration::from_secs(20)).await.expect("it was asked first");
    // operators see the trunks in their order, and the phone
    let told = system.run(&["--format", "json", "telephone"]);
    let told: Value = serde_json::from_slice(&told.stdout).expect("a document");
    let servers: Vec<_> = told["trunks"].as_array().expect("trunks").iter().collect();
    assert_eq!(servers[0]["server"], address.to_string());
    assert_eq!(servers[1]["server"], customer.address.to_string());
    let phones = told["phones"].as_array().expect("phones");
    assert_eq!((phones.len(), &phones[0]["extension"]), (1, &Value::from("101")));
    assert!(phones[0]["expires_in_seconds"].as_u64().is_some_and(|it| it > 0), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_who_hangs_up_while_it_rings_cancels_the_call() {
    let test = "outbound::an_agent_who_hangs_up_while_it_rings_cancels_the_call";
    let Some(network) = Network::enter(test) else { return };
    // the second answers in the moment in which it is cancelled, and is hung up on
    for does in [Does::Rings, Does::AnswersTooLate] {
        let Some((far, address)) = far_end(network, does) else { return };
        let (_system, phone, mut anna) = installed(network, address).await;
        let id = anna.dial("0612345678", "service").await.expect("she may");
        phone.answer().await;
        until("the agent hears that it rings", async || {
            let heard = phone.heard();
            heard.windows(4_000).step_by(4_000).any(|it| sound::share(it, 425) > 0.5).then_some(())
        })
        .await;
        anna.hang_up(&id).await.expect("she calls");
        anna.until_state(AgentState::WrapUp).await;
        let output = far.output();
        let finished = far.finish(Duration::from_secs(20)).await;
        finished.unwrap_or_else(|failed| panic!("{does:?}: {failed} {output}"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_network_plays_before_the_answer_is_heard() {
    let test = "outbound::what_the_network_plays_before_the_answer_is_heard";
    let Some(network) = Network::enter(test) else { return };
    let plays = Does::AnswersAfterSound(Duration::from_secs(6));
    let Some((far, address)) = far_end(network, plays) else { return };
    let (_system, phone, mut anna) = installed(network, address).await;
    let id = anna.dial("0612345678", "service").await.expect("she may");
    phone.answer().await;
    until(&format!("the agent hears the network: {}", far.output()), async || {
        sound::ends_with_tone(&phone.heard(), CUSTOMER_HERTZ).then_some(())
    })
    .await;
    anna.until_state(AgentState::Dialling).await;
    anna.until_state(AgentState::Talking).await;
    anna.hang_up(&id).await.expect("she talks");
    anna.until_state(AgentState::WrapUp).await;
    far.finish(Duration::from_secs(20)).await.expect("it went as told");
}
