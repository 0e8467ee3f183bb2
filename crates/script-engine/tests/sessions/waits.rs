//! Waits go on by themselves, also when the engine was not there at their time.

use std::time::Duration;

use caruso_api::contact::v1 as contact;
use caruso_dialogue::{Channel, Shown};
use caruso_script_engine::{By, Engine, Settings, Start};
use contact::report_request::Stand;
use uuid::Uuid;

use crate::peers::{World, id, lock, open, settings, until};

async fn waits(engine: &Engine, about: &str) -> Uuid {
    let (request, script) = (format!("start-{about}"), "waiting".to_owned());
    let start = Start { request, script, channel: Channel::Web, ..Start::default() };
    let view = engine.start(start).await.expect("it starts");
    let answer = crate::answer(&view, about, about);
    let view = engine.answer(answer, By::component("self-service")).await.expect("a choice");
    assert!(matches!(view.shown, Shown::Paused { .. }), "{view:?}");
    id(&view)
}

#[tokio::test]
async fn a_wait_whose_time_comes_while_the_engine_is_away_ends_when_it_is_back() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let session = waits(&engine, "soon").await;
    let late = waits(&engine, "late").await;
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    // nobody asks for the session before
    let created = async {
        while lock(&world.orders).is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), created).await.expect("it went on");
    let view = until(&engine, session, |view| view.step == "more").await;
    assert!(matches!(until(&engine, late, |_| true).await.shown, Shown::Paused { .. }));
    let no = crate::answer(&view, "no", "false");
    engine.answer(no, By::component("self-service")).await.expect("an answer");
    let handed_off = async {
        loop {
            let reports = lock(&world.reports).clone();
            let is_it =
                |it: &&contact::ReportRequest| matches!(it.stand, Some(Stand::HandedOff(_)));
            if let Some(report) = reports.iter().find(is_it) {
                return report.clone();
            }
            tokio::task::yield_now().await;
        }
    };
    let handed_off = tokio::time::timeout(Duration::from_secs(20), handed_off).await;
    let again = handed_off.expect("a colleague gets it").contact_id;
    let reports = lock(&world.reports).clone();
    let of_it = reports.iter().filter(|it| it.contact_id == session.to_string());
    let stands: Vec<_> = of_it.filter_map(|it| it.stand.clone()).collect();
    let finished = Stand::Finished(contact::Finished {});
    assert_eq!(stands.last(), Some(&finished), "who waits has gone");
    assert_ne!(again, session.to_string(), "who is handed off later is another contact");
    engine.close().await;
}

#[tokio::test]
async fn old_sessions_that_wait_are_not_given_up() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let waiting = waits(&engine, "late").await;
    let start = Start {
        request: "unfinished".to_owned(),
        script: "waiting".to_owned(),
        channel: Channel::Web,
        ..Start::default()
    };
    let left = id(&engine.start(start).await.expect("it starts"));
    engine.close().await;

    // at its start, an engine looks through what is old
    let longest = Duration::ZERO;
    let engine = open(folder.path(), &world, Settings { longest, ..settings() }).await;
    until(&engine, left, |view| matches!(view.shown, Shown::Cancelled { .. })).await;
    assert!(matches!(until(&engine, waiting, |_| true).await.shown, Shown::Paused { .. }));
    engine.close().await;
}
