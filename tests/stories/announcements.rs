//! Customers who wait hear their place in line, each their own, and the music again after it.

use std::path::Path;

use caruso_api::contact::v1::AgentState;
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State, sound, until};

use crate::replay::decides_the_same;

/// Sounds instead of voices, easily told apart: "you are number", "one" and "two".
const PLACE: u32 = 700;
const ONE: u32 = 1_200;
const TWO: u32 = 1_600;
/// Samples a second.
const RATE: usize = 8_000;

fn telling() -> Copy {
    let copy = Copy::new();
    copy.replace(
        "routing.xml",
        "script=\"place-in-line\" after=\"30s\" every=\"90s\"",
        "script=\"place-in-line\" after=\"2s\" every=\"1h\"",
    );
    let prompts = copy.path().join("prompts/en");
    for (name, hertz) in [("line-place-1", PLACE), ("phrases/one", ONE), ("phrases/two", TWO)] {
        says(&prompts.join(format!("{name}.wav")), hertz);
    }
    copy
}

fn says(file: &Path, hertz: u32) {
    let tone = caruso_media::wav::write(&sound::tone(hertz, 1)).expect("a second");
    std::fs::write(file, tone).expect("writable");
}

/// Whether half a second of a tone was heard that follows another one.
fn follows(heard: &[i16], first: u32, then: u32) -> bool {
    let is_mostly =
        |part: &[i16], hertz| sound::level(part) > 100.0 && sound::share(part, hertz) > 0.5;
    let parts: Vec<&[i16]> = heard.chunks_exact(RATE / 4).collect();
    parts.windows(8).any(|parts| {
        parts[..3].iter().any(|part| is_mostly(part, first))
            && parts[3..].iter().any(|part| is_mostly(part, then))
    })
}

async fn waits(system: &Installation, from: &str) -> Phone {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, "0305550100", from);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('2');
    customer
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_hears_their_own_place_and_then_the_music() {
    let copy = telling();
    let application = copy.path().to_owned();
    let system =
        Installation::up(Plan { application: application.clone(), ..Plan::default() }).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let first = waits(&system, "0612345678").await;
    until("the first waits", async || {
        let contacts = sofie.contacts().await;
        contacts.into_iter().find(|it| !it.waiting.is_empty())
    })
    .await;
    let second = waits(&system, "0687654321").await;
    for (customer, place, other) in [(&first, ONE, TWO), (&second, TWO, ONE)] {
        until("the place is told", async || follows(&customer.heard(), PLACE, place).then_some(()))
            .await;
        assert!(!follows(&customer.heard(), PLACE, other), "the place of somebody else");
    }
    let told = first.heard().len();
    until("music plays again", async || {
        let heard = first.heard();
        let quiet = |part: &[i16]| sound::share(part, PLACE) + sound::share(part, ONE) < 0.2;
        let music =
            heard[told..].chunks_exact(RATE).filter(|it| sound::level(it) > 100.0 && quiet(it));
        (music.count() > 4).then_some(())
    })
    .await;
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("the demo's secret");
    anna.become_ready().await;
    anna.until_state(AgentState::Offered).await;
    phone.answer();
    let talks = anna.until_state(AgentState::Talking).await;
    first.hang_up();
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&talks.contact_id, "move-recorded").await;
    drop((anna, sofie, second));
    decides_the_same(&application, &system);
}
