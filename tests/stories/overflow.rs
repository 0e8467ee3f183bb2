//! A queue that cannot keep its customers: they go on to another, or hear why they cannot wait.

use std::time::{SystemTime, UNIX_EPOCH};

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State, sound};

use crate::replay::decides_the_same;

const MAIN: &str = "0305550100";
const EVA: &str = "0612345678";
const OTHER: &str = "0687654321";
/// What the prompt is, instead of a voice: easily told apart from the menu and the music.
const HERTZ: u32 = 700;
const SECONDS: u32 = 2;

/// Faults have room for one; who waits there for ten seconds goes on to those who move house, and
/// nobody waits there while nobody has signed in.
fn overflowing() -> Copy {
    let copy = Copy::new();
    copy.replace(
        "routing.xml",
        "maximum-length=\"100\" wrap-up=\"required\"",
        "maximum-length=\"1\" wrap-up=\"required\"",
    );
    copy.replace(
        "routing.xml",
        "<overflow on=\"full\" say=\"all-lines-busy\"/>",
        "<overflow on=\"full\" say=\"all-lines-busy\"/>\
         <overflow on=\"unserved\" say=\"all-lines-busy\"/>\
         <overflow on=\"wait\" after=\"10s\" to=\"moving\"/>",
    );
    says_a_tone(&copy);
    copy
}

fn says_a_tone(copy: &Copy) {
    let tone = caruso_media::wav::write(&sound::tone(HERTZ, SECONDS)).expect("two seconds");
    std::fs::write(copy.path().join("prompts/en/all-lines-busy.wav"), tone).expect("writable");
}

/// Faults are taken on one day of the week, which is neither today nor a neighbour of it.
fn closed_today() -> Copy {
    let copy = Copy::new();
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    // its first day was a Thursday
    let today = (now.as_secs() / 86_400 + 3) % 7;
    let day = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"][today as usize];
    let hours = format!(
        "<hours id=\"office\" zone=\"Europe/Amsterdam\">\
         <open days=\"{day}\" from=\"09:00\" to=\"17:00\"/></hours><queue id=\"faults\""
    );
    copy.replace("routing.xml", "<queue id=\"faults\"", &format!("{hours} hours=\"office\""));
    copy.replace(
        "routing.xml",
        "<overflow on=\"full\"",
        "<overflow on=\"closed\" say=\"all-lines-busy\"/><overflow on=\"full\"",
    );
    says_a_tone(&copy);
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn who_calls_outside_of_the_hours_is_told_so() {
    let copy = closed_today();
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    is_seen_off(&system, EVA).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contacts = sofie.contacts().await;
    let ends: Vec<&str> = contacts.iter().map(|it| it.end_cause.as_str()).collect();
    assert_eq!(ends, ["out-of-hours"]);
    let report = sofie.report().await;
    let faults = report.iter().find(|row| row.queue == "faults").expect("a row");
    assert_eq!([faults.offered, faults.flowed_out], [1, 1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_cannot_wait_is_told_so_or_goes_on_to_another_queue() {
    let copy = overflowing();
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let status = sofie.status();

    is_seen_off(&system, EVA).await;

    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("her secret");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.until_state(AgentState::NotReady).await;
    let first = asks_for_help(&system, EVA).await;
    status.until_waiting("faults", 1).await;
    is_told_why_it_waits(&mut sofie).await;
    is_seen_off(&system, OTHER).await;
    status.until_waiting("moving", 1).await;

    anna.become_ready().await;
    let contact = anna.until_state(AgentState::Offered).await;
    assert_eq!(contact.queue, "moving");
    phone.answer();
    anna.until_state(AgentState::Talking).await;
    anna.hang_up(&contact.contact_id).await.expect("she talks");
    first.until("over", |state| matches!(state, State::Ended(_))).await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact.contact_id, "calls-back").await;

    let report = sofie.report().await;
    let row = |queue: &str| report.iter().find(|row| row.queue == queue).expect("a row");
    let faults = row("faults");
    assert_eq!([faults.offered, faults.flowed_out, faults.answered], [3, 3, 0]);
    let moving = row("moving");
    assert_eq!([moving.offered, moving.flowed_out, moving.answered], [1, 0, 1]);
    let contacts = sofie.contacts().await;
    let mut ends: Vec<&str> = contacts.iter().map(|it| it.end_cause.as_str()).collect();
    ends.sort_unstable();
    assert_eq!(ends, ["hung-up", "queue-full", "unserved"]);
    let why = contacts.iter().flat_map(|it| &it.offers).flat_map(|it| &it.why);
    let told = "They came over from the queue Faults.";
    assert!(why.clone().any(|it| it == told), "{:?}", why.collect::<Vec<_>>());
    decides_the_same(copy.path(), &system);
}

/// The supervisor sees of who waits what it takes, who is there, and when it goes on.
async fn is_told_why_it_waits(sofie: &mut Desk) {
    let contacts = sofie.contacts().await;
    let told: Vec<&str> = contacts.iter().flat_map(|it| &it.waiting).map(String::as_str).collect();
    assert_eq!(told.len(), 4, "of one contact: {told:?}");
    assert!(told[0].ends_with(" in the queue Faults, the first in line."), "{told:?}");
    assert!(told[1].starts_with("The queue asks for skill.electricity ge 3"), "{told:?}");
    assert!(told[1].contains("; contact.segment is household; in "), "{told:?}");
    assert!(told[1].ends_with(" it asks for skill.electricity ge 2 instead."), "{told:?}");
    assert_eq!(told[2], "Anna de Vries is not ready.");
    assert!(
        told[3].starts_with("If nobody takes the contact, it leaves the queue in "),
        "{told:?}"
    );
}

/// A customer who has asked for the faults.
async fn asks_for_help(system: &Installation, from: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, MAIN, from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('1');
    customer
}

/// A customer who hears a prompt to its end, and then the call is over.
async fn is_seen_off(system: &Installation, from: &str) {
    let customer = asks_for_help(system, from).await;
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
    let heard = customer.heard();
    let most_of_a_second = sound::RATE as usize * 4 / 5;
    let (before, last) = heard.split_at(heard.len().saturating_sub(most_of_a_second));
    assert!(sound::share(last, HERTZ) > 0.9, "it is not cut off");
    assert!(sound::ends_with_tone(before, HERTZ), "the whole of it");
}
