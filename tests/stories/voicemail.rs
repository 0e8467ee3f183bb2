//! Customers leave messages: what they say is kept, heard at the desk, and answered by a call.

use caruso_api::contact::v1::{AgentState, Channel, Contact};
use caruso_tests::{Copy, Desk, Installation, Lamp, Network, Phone, Plan, State, To, sound, until};
use http::StatusCode;
use std::net::IpAddr;

const NUMBER: &str = "0305550100";
const MOVING: char = '2';
const EVA: &str = "0612345678";
const CUSTOMER_HERTZ: u32 = 700;

/// The example, where nobody waits for longer than two seconds.
async fn impatient(address: IpAddr) -> (Copy, Phone, Plan) {
    let copy = Copy::new();
    let (long, short) = ("after=\"5m\" take=\"message\"", "after=\"2s\" take=\"message\"");
    copy.replace("routing.xml", long, short);
    let customer = Phone::open(address).await;
    let trunks = vec![customer.address];
    let plan = Plan { application: copy.path().to_owned(), trunks, address, ..Plan::default() };
    (copy, customer, plan)
}

/// The customer waits, hears the greeting and the tone, and speaks.
async fn speaks(system: &Installation, customer: &Phone) {
    customer.call(system.sip, NUMBER, EVA);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press(MOVING);
    until("the tone is heard", async || {
        let heard = customer.heard();
        let tone = heard.len().checked_sub(3_200).map(|start| &heard[start..]);
        tone.filter(|it| sound::share(it, 1_000) > 0.5).map(drop)
    })
    .await;
    customer.speak(CUSTOMER_HERTZ);
}

/// The message that waits.
async fn left(sofie: &mut Desk) -> Contact {
    until("a message waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.voicemail.is_some())
    })
    .await
}

async fn at_desk(system: &Installation) -> (Desk, Phone) {
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    anna.become_ready().await;
    (anna, phone)
}

/// How long the message is, by what the desk says.
fn seconds(contact: &Contact) -> i64 {
    let length = contact.voicemail.as_ref().and_then(|it| it.length);
    length.expect("it has a length").seconds
}

/// Waits until this much of what is said is on disk: pieces of 200 ms, of 1,640 bytes each.
async fn until_recorded(system: &Installation, pieces: u64) {
    let folder = system.data().join("communication-server/recordings");
    until("it is on disk", async || {
        let files = std::fs::read_dir(&folder).ok()?.filter_map(Result::ok);
        let largest = files.filter_map(|it| it.metadata().ok()).map(|it| it.len()).max()?;
        (largest >= 16 + pieces * 1_640).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_heard_at_the_desk_and_the_customer_is_called_with_a_click() {
    let (_copy, customer, plan) = impatient(Plan::default().address).await;
    let system = Installation::up(plan).await;
    speaks(&system, &customer).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    until_recorded(&system, 15).await;
    customer.press('#');
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
    let message = left(&mut sofie).await;
    assert_eq!(message.channel(), Channel::Voicemail);
    assert!((2..10).contains(&seconds(&message)), "{:?}", message.voicemail);

    let (mut anna, phone) = at_desk(&system).await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, message.contact_id);
    assert_eq!(phone.state(), State::Idle, "no telephone rings");
    let nothing = anna.recording(&system.http, &message.contact_id, None).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND, "it is not hers yet");
    anna.accept(&message.contact_id).await.expect("it is offered");
    let talks = anna.until_state(AgentState::Talking).await;
    assert!(talks.voicemail.expect("a message").can_call_back);
    let heard = anna.recording(&system.http, &message.contact_id, None).await;
    assert_eq!(
        (heard.status, &heard.headers["content-type"]),
        (StatusCode::OK, &"audio/wav".parse().expect("text"))
    );
    let samples = caruso_media::wav::read(&heard.content).expect("a WAV file");
    assert!(sound::audible_seconds(&samples) > 2.0);
    let middle = &samples[4_000..12_000];
    assert!(sound::share(middle, CUSTOMER_HERTZ) > 0.9, "the tone that was spoken");
    let part = anna.recording(&system.http, &message.contact_id, Some("bytes=100-299")).await;
    assert_eq!((part.status, part.content.len()), (StatusCode::PARTIAL_CONTENT, 200));
    assert_eq!(part.content, heard.content[100..300]);
    let told = format!("bytes 100-299/{}", heard.content.len());
    assert_eq!(part.headers["content-range"], told);

    let call = anna.call_back(&message.contact_id).await.expect("a permit is given");
    phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    phone.answer();
    customer.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    customer.answer();
    let desk = anna.until("she talks with the customer", |desk| {
        let status = desk.status.as_ref();
        let contact = status.and_then(|status| status.contact.as_ref());
        status.is_some_and(|it| it.state() == AgentState::Talking)
            && contact.is_some_and(|it| it.contact_id == call)
    });
    let talks = desk.await.status.and_then(|status| status.contact).expect("the call");
    assert_eq!(talks.calling_number, "+31612345678");
    customer.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&call, "move-recorded").await;
    let told = sofie.contacts().await.into_iter().find(|it| it.contact_id == message.contact_id);
    let told = told.expect("it is in the history");
    assert_eq!(told.end_cause, "called-back");
    let kinds: Vec<&str> = told.segments.iter().map(|it| it.kind.as_str()).collect();
    let expected = ["ivr", "waiting", "voicemail", "waiting", "offered", "with-agent", "wrap-up"];
    assert_eq!(kinds, expected);
    let rows = sofie.report().await;
    let sums = rows.iter().fold([0; 3], |sums, it| {
        [sums[0] + it.offered, sums[1] + it.answered, sums[2] + it.flowed_out]
    });
    assert_eq!(sums, [2, 1, 1], "the call flowed out, the message was answered");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_said_before_a_kill_is_a_message_and_who_says_nothing_leaves_none() {
    let (_copy, customer, plan) = impatient(Plan::default().address).await;
    let mut system = Installation::of_processes(plan).await;
    speaks(&system, &customer).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    until_recorded(&system, 15).await;
    system.kill("communication-server");
    system.start("communication-server");
    system.until_serves("communication-server").await;
    let message = left(&mut sofie).await;
    assert!((2..10).contains(&seconds(&message)), "{:?}", message.voicemail);
    let heard = sofie.recording(&system.http, &message.contact_id, None).await;
    let samples = caruso_media::wav::read(&heard.content).expect("a WAV file");
    assert!(sound::share(&samples[4_000..12_000], CUSTOMER_HERTZ) > 0.9);

    let silent = Phone::open(system.sip.ip()).await;
    silent.call(system.sip, NUMBER, "0687654321");
    silent.until("talking", |state| *state == State::Talking).await;
    silent.press(MOVING);
    silent.until("over, for want of words", |state| matches!(state, State::Ended(_))).await;
    let told = until("it is over", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| it.end_cause == "no-message")
    })
    .await;
    assert!(told.voicemail.is_none());
    let nothing = sofie.recording(&system.http, &told.contact_id, None).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_telephone_shows_how_many_messages_wait() {
    let test = "voicemail::a_telephone_shows_how_many_messages_wait";
    let Some(network) = Network::enter(test) else { return };
    let (_copy, customer, plan) = impatient(network.address()).await;
    let system = Installation::up(plan).await;
    let Some(lamp) = Lamp::register(network, system.sip, "101").await else { return };
    lamp.shows(0, 0).await;
    speaks(&system, &customer).await;
    until_recorded(&system, 15).await;
    customer.press('#');
    lamp.shows(1, 0).await;

    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let message = anna.until_state(AgentState::Offered).await.contact_id;
    anna.accept(&message).await.expect("it is offered");
    anna.until_state(AgentState::Talking).await;
    lamp.shows(0, 0).await;
    anna.transfer(&message, To::Queue("moving".to_owned()), "").await.expect("she has it");
    lamp.shows(0, 1).await;
}
