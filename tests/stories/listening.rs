//! A supervisor listens to an agent and a customer: who hears whom, told by tones.

use caruso_api::contact::v1::{AgentState, ListeningMode};
use caruso_tests::{Desk, DeskPhone, Network, sound, until, utilities};
use tonic::Code;

use crate::consult::{ANNA_HERTZ, CUSTOMER_HERTZ, Scene, ends_with, hears_music, step};
use crate::replay::decides_the_same;

const SOFIE_HERTZ: u32 = 840;

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_listens_whispers_and_barges_in() {
    let test = "listening::a_supervisor_listens_whispers_and_barges_in";
    let Some(network) = Network::enter(test) else { return };
    let mut scene = Scene::begin(network).await;
    let sofies = DeskPhone::register(network, scene.system.sip, "103", SOFIE_HERTZ).await;
    let mut sofie = Desk::log_in(&scene.system.http, "sofie").await;
    let id = scene.id.clone();
    let refused = scene.bram.listen(&id, ListeningMode::Listen).await.expect_err("an agent");
    assert_eq!(refused.code(), Code::PermissionDenied);
    until("her telephone can be called", async || {
        sofie.listen(&id, ListeningMode::Listen).await.ok()
    })
    .await;
    sofies.answer().await;
    scene
        .anna
        .until("Anna sees it", |desk| listener(desk) == Some(("Sofie Bakker", "listen")))
        .await;
    hear(&scene, &sofies, [false, false]).await;
    sofie.listen(&id, ListeningMode::Whisper).await.expect("she listens");
    hear(&scene, &sofies, [true, false]).await;
    sofie.listen(&id, ListeningMode::Barge).await.expect("she listens");
    hear(&scene, &sofies, [true, true]).await;
    scene
        .anna
        .until("Anna sees it", |desk| listener(desk) == Some(("Sofie Bakker", "barge")))
        .await;

    // on hold the customer hears music, and afterwards all are as before
    scene.anna.hold(&id).await.expect("she talks");
    hears_music("the customer", || scene.customer.heard()).await;
    sofie.listen(&id, ListeningMode::Whisper).await.expect("once the customer is back");
    scene.anna.retrieve(&id).await.expect("the customer is on hold");
    hear(&scene, &sofies, [true, false]).await;

    // she hangs up: the two talk on, and nobody listens
    sofies.hang_up();
    scene.anna.until("nobody listens", |desk| listener(desk).is_none()).await;
    scene.anna_talks_with_customer().await;

    // once more; the call is over, and with it the listening
    sofie.listen(&id, ListeningMode::Listen).await.expect("her telephone is free");
    sofies.answer().await;
    hear(&scene, &sofies, [false, false]).await;
    let Scene { system, mut anna, bram, annas, brams, customer, .. } = scene;
    customer.hang_up().await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&id, "advice-given").await;
    is_told(&mut sofie).await;
    drop((anna, bram, sofie, annas, brams, sofies));
    decides_the_same(&utilities(), &system);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_supervisor_takes_the_customer_over_who_hears_no_gap() {
    let test = "listening::a_supervisor_takes_the_customer_over_who_hears_no_gap";
    let Some(network) = Network::enter(test) else { return };
    let scene = Scene::begin(network).await;
    let sofies = DeskPhone::register(network, scene.system.sip, "103", SOFIE_HERTZ).await;
    let mut watching = Desk::log_in(&scene.system.http, "sofie").await;
    let id = scene.id.clone();
    until("her telephone can be called", async || {
        watching.listen(&id, ListeningMode::Whisper).await.ok()
    })
    .await;
    sofies.answer().await;
    hear(&scene, &sofies, [true, false]).await;
    let refused = watching.take_over(&id).await.expect_err("she is no agent");
    assert!(refused.message().contains("sign in as an agent"), "{refused}");

    // as an agent, too, she has a desk, which signs her in
    let roles = ["--role", "supervisor", "--role", "agent", "--team", "service"];
    let changed = scene.system.run(&[&["people", "change", "sofie"], &roles[..]].concat());
    assert!(changed.status.success(), "{}", String::from_utf8_lossy(&changed.stderr));
    let mut sofie = Desk::log_in(&scene.system.http, "sofie").await;
    sofie.until_state(AgentState::NotReady).await;
    let before = scene.customer.heard().len();
    sofie.take_over(&id).await.expect("she listens, and has signed in");
    let Scene { system, mut anna, bram, annas, brams, customer, .. } = scene;
    ends_with("the customer hears Sofie", || customer.heard(), SOFIE_HERTZ).await;
    ends_with("Sofie hears the customer", || sofies.heard(), CUSTOMER_HERTZ).await;
    let quiet = longest_silence(&customer.heard()[before..]);
    assert!(quiet < sound::RATE as usize / 5, "a gap of {quiet} samples");

    // the agent reads who has the customer now; the script goes on with the supervisor
    let parted = anna.until_state(AgentState::WrapUp).await;
    assert_eq!((&*parted.taken_over_by, parted.is_transferred), ("Sofie Bakker", true));
    anna.dispose(&id, "advice-given").await;
    anna.until_state(AgentState::Ready).await;
    let goes_on = sofie.until("her script goes on", |desk| step(desk) == Some("kind")).await;
    assert_eq!(goes_on.script_problem, "");
    sofie.answer("kind", "partial").await;
    customer.hang_up().await;
    sofie.until_state(AgentState::WrapUp).await;
    sofie.dispose(&id, "advice-given").await;
    sofie.until_state(AgentState::NotReady).await;

    let told = sofie.contacts().await.remove(0);
    let done: Vec<_> = told.interventions.iter().map(|it| (&*it.supervisor, &*it.what)).collect();
    assert_eq!((done, &*told.agent), (vec![("Sofie Bakker", "took-over")], "sofie"));
    let with = told.segments.iter().filter(|it| it.kind == "with-agent");
    let with: Vec<_> = with.map(|it| (&*it.agent, &*it.end_cause)).collect();
    assert_eq!(with, [("anna", "transferred"), ("sofie", "hung-up")]);
    drop((anna, bram, sofie, watching, annas, brams, sofies));
    decides_the_same(&utilities(), &system);
}

/// Samples for which nothing was heard in one go, in steps of 20 ms.
fn longest_silence(heard: &[i16]) -> usize {
    let step = sound::RATE as usize / 50;
    let (mut longest, mut now) = (0, 0);
    for piece in heard.chunks_exact(step) {
        now = if sound::level(piece) > sound::AUDIBLE { 0 } else { now + step };
        longest = longest.max(now);
    }
    longest
}

/// The supervisor hears both; the agent and the customer hear each other, and her if they may.
async fn hear(scene: &Scene, sofies: &DeskPhone, [agent, customer]: [bool; 2]) {
    let (both, hers) = ([ANNA_HERTZ, CUSTOMER_HERTZ], [SOFIE_HERTZ]);
    let hears = |heard: Vec<i16>, voices: &[u32], others: &[u32]| {
        let last = heard.get(heard.len().checked_sub(sound::RATE as usize)?..)?;
        let has = |hertz: &u32| sound::share(last, *hertz) > 0.2;
        let lacks = |hertz: &u32| sound::share(last, *hertz) < 0.05;
        (voices.iter().all(has) && others.iter().all(lacks)).then_some(())
    };
    until("the supervisor hears both", async || hears(sofies.heard(), &both, &hers)).await;
    let with = |own: u32, may: bool| match may {
        true => (vec![own, SOFIE_HERTZ], Vec::new()),
        false => (vec![own], vec![SOFIE_HERTZ]),
    };
    let (voices, others) = with(CUSTOMER_HERTZ, agent);
    let what = format!("Anna hears {voices:?} and not {others:?}");
    until(&what, async || hears(scene.annas.heard(), &voices, &others)).await;
    let (voices, others) = with(ANNA_HERTZ, customer);
    let what = format!("the customer hears {voices:?} and not {others:?}");
    until(&what, async || hears(scene.customer.heard(), &voices, &others)).await;
}

fn listener(desk: &caruso_api::desk::v1::WatchDeskResponse) -> Option<(&str, &str)> {
    let listener = desk.status.as_ref()?.contact.as_ref()?.listener.as_ref()?;
    Some((&listener.supervisor, &listener.mode))
}

/// The history tells who listened, how, and why it ended.
async fn is_told(sofie: &mut Desk) {
    let contacts = sofie.contacts().await;
    let told = contacts[0].segments.iter().filter(|it| it.agent == "sofie");
    let told: Vec<_> = told.map(|it| (&*it.kind, &*it.end_cause)).collect();
    let expected = [
        ("listening", "whisper"),
        ("whispering", "barge"),
        ("barging", "whisper"),
        ("whispering", "finished"),
        ("listening", "call-over"),
    ];
    assert_eq!(told, expected);
}
