//! Sessions over a real journal, with a storage manager and an ERP that do what tests want.

mod conversations;
mod interrupts;
mod kills;
mod pages;
mod peers;
mod waits;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::script::v1 as proto;
use caruso_dialogue::{ActionState, Channel, Datum, Shown, View};
use caruso_script_engine::{
    Answer, By, Catalogue, Editions, Elsewhere, Engine, Error, Mailer, Settings, Start,
};
use peers::{Mode, World, id, lock, open, release, settings, until};
use proto::script_catalogue_server::ScriptCatalogue as _;
use tonic::Request;
use uuid::Uuid;

fn start(request: &str, script: &str, customer: &str) -> Start {
    let reference = Datum::Reference { class: String::new(), key: customer.to_owned() };
    Start {
        request: request.to_owned(),
        script: script.to_owned(),
        actor: Some("anna".to_owned()),
        contact: Some("01990000-0000-7000-8000-000000000001".parse().expect("an id")),
        inputs: BTreeMap::from([("customer".to_owned(), reference)]),
        ..Start::default()
    }
}

fn answer(view: &View, request: &str, value: &str) -> Answer {
    Answer {
        request: request.to_owned(),
        session: id(view),
        sequence: view.sequence,
        step: view.step.clone(),
        row: view.row.clone(),
        value: value.to_owned(),
        special: None,
        reason: String::new(),
    }
}

async fn say(engine: &Engine, view: &View, value: &str) -> Result<Arc<View>, Error> {
    let request = Uuid::now_v7().to_string();
    engine.answer(answer(view, &request, value), By::user("anna")).await
}

/// A session of Jansen or Smit, whose data has come.
async fn begin(engine: &Engine, request: &str, customer: &str) -> Arc<View> {
    let view = engine.start(start(request, "fault", customer)).await.expect("it starts");
    until(engine, id(&view), |view| view.sequence == 3).await
}

/// Up to the question before the actions.
async fn to_description(engine: &Engine, request: &str) -> Arc<View> {
    let view = begin(engine, request, "K-1").await;
    assert_eq!(view.step, "kind");
    let view = say(engine, &view, "no_supply").await.expect("a choice");
    assert_eq!(view.step, "smells_gas");
    let view = say(engine, &view, "false").await.expect("an answer");
    assert_eq!(view.step, "description");
    assert!(view.prompts[0].text.contains("Jansen"));
    view
}

fn states(view: &View) -> Vec<ActionState> {
    view.actions.iter().map(|action| action.state).collect()
}

fn is_settled(view: &View) -> bool {
    view.actions.len() == 2 && !states(view).contains(&ActionState::Queued)
}

#[tokio::test]
async fn the_fault_report_reads_the_customer_and_writes_everything_once() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let view = to_description(&engine, "s1").await;
    let view = say(&engine, &view, "since this morning").await.expect("a text");
    let view = until(&engine, id(&view), is_settled).await;
    assert_eq!(view.shown, Shown::End { outcome: "reported".into() });
    assert_eq!(view.prompts[0].text, "The order is SO-1.");
    assert_eq!(states(&view), [ActionState::Confirmed, ActionState::Confirmed]);
    assert_eq!(view.actions[0].result, "The ERP has service order SO-1.");
    assert_eq!(view.actions[1].result, "Fault report 1");

    let orders = lock(&world.orders).clone();
    let (key, order) = orders.first_key_value().expect("one order");
    assert_eq!((orders.len(), key.as_str()), (1, order.idempotency_key.as_str()));
    assert_eq!(order.actor, "anna");
    let reports = world.created("FaultReport");
    assert_eq!(reports.len(), 1);
    let is_text = |name: &str, text: &str| {
        let value = reports[0].attributes.get(name).and_then(|value| value.kind.clone());
        format!("{value:?}").contains(text)
    };
    assert!(is_text("description", "since this morning") && is_text("service_order", "SO-1"));
    assert!(is_text("customer", "Reference(\"K-1\")") && is_text("kind", "Choice(\"no_supply\")"));
    engine.close().await;
}

/// The engine is dropped with its runtime, at whatever it was doing.
#[test]
fn a_session_killed_in_the_middle_goes_on_with_the_same_view_and_doubles_nothing() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let runtime = || tokio::runtime::Runtime::new().expect("a runtime");
    let kill = |runtime: tokio::runtime::Runtime| {
        runtime.shutdown_timeout(std::time::Duration::from_secs(5))
    };
    let first = runtime();
    let before = first.block_on(async {
        let engine = open(folder.path(), &world, settings()).await;
        to_description(&engine, "s1").await
    });
    kill(first);

    let second = runtime();
    world.erp.send_replace(Mode::LosesAnswers);
    second.block_on(async {
        let engine = open(folder.path(), &world, settings()).await;
        assert_eq!(until(&engine, id(&before), |_| true).await, before);
        let view = say(&engine, &before, "").await.expect("passed");
        assert!(matches!(view.shown, Shown::Waiting { .. }));
        let mut attempts = world.attempts.clone();
        while lock(&attempts).len() < 2 {
            attempts = world.attempts.clone();
            tokio::task::yield_now().await;
        }
    });
    kill(second);

    world.erp.send_replace(Mode::Up);
    runtime().block_on(async {
        let engine = open(folder.path(), &world, settings()).await;
        let view = until(&engine, id(&before), is_settled).await;
        assert_eq!(view.shown, Shown::End { outcome: "reported".into() });
        engine.close().await;
    });
    assert_eq!((lock(&world.orders).len(), world.created("FaultReport").len()), (1, 1));
}

#[tokio::test]
async fn a_wrapper_that_is_down_gets_the_order_when_it_is_back() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.erp.send_replace(Mode::Down);
    let engine = open(folder.path(), &world, settings()).await;
    let start = Start { contact: None, ..start("s1", "impatient", "K-1") };
    let view = engine.start(start).await.expect("it starts");
    let view = say(&engine, &view, "").await.expect("passed");
    assert_eq!(states(&view), [ActionState::Queued]);
    let view = until(&engine, id(&view), |view| view.step == "later").await;
    assert_eq!(states(&view), [ActionState::Queued], "it goes on without a result");
    assert!(lock(&world.attempts).len() > 2 && lock(&world.orders).is_empty());
    world.erp.send_replace(Mode::Up);
    let is_confirmed = |view: &View| states(view) == [ActionState::Confirmed];
    let view = until(&engine, id(&view), is_confirmed).await;
    assert_eq!(view.step, "later", "what is late changes nothing");
    assert_eq!(lock(&world.orders).len(), 1);
    engine.close().await;
}

#[tokio::test]
async fn an_action_has_failed_when_it_was_tried_for_as_long_as_the_script_says() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.erp.send_replace(Mode::Down);
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start("s1", "brief", "K-1")).await.expect("it starts");
    let is_over = |view: &View| matches!(view.shown, Shown::End { .. });
    let view = until(&engine, id(&view), is_over).await;
    assert_eq!((view.step.as_str(), states(&view)), ("not_ordered", vec![ActionState::Failed]));
    assert_eq!(view.actions[0].result, "Service order could not be carried out in time");
    assert!(lock(&world.attempts).len() > 2 && lock(&world.orders).is_empty());
    engine.close().await;
}

#[tokio::test]
async fn a_session_speaks_the_language_of_its_start_also_when_it_is_read_back() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let settings = Settings { most_sessions: 1, ..settings() };
    let engine = open(folder.path(), &world, settings).await;
    let begin = |request: &str, language: &str| {
        let language = language.to_owned();
        engine.start(Start { language, ..start(request, "impatient", "K-1") })
    };
    let dutch = begin("s1", "nl-BE").await.expect("it starts");
    let french = begin("s2", "fr").await.expect("it starts");
    assert_eq!((&*french.prompts[0].text, &*french.language), ("Ready?", "en"));
    // only one is in memory
    let again = until(&engine, id(&dutch), |_| true).await;
    assert_eq!((&*again.prompts[0].text, &*again.language), ("Klaar?", "nl"));
    assert_eq!(again, dutch);
    engine.close().await;
}

#[tokio::test]
async fn what_is_sent_in_messages_waits_for_actions_and_is_the_same_after_a_restart() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.erp.send_replace(Mode::Down);
    let hasty = Settings { tell_within: Duration::from_millis(1), ..settings() };
    let by = || By::component("communication-server");
    let start = || Start {
        actor: None,
        contact: None,
        language: "nl".to_owned(),
        ..start("mail-1", "impatient", "K-1")
    };
    let engine = open(folder.path(), &world, hasty).await;
    let told = engine.begin(start(), by()).await.expect("it begins");
    assert!(told.messages.is_empty(), "it waits for the order: {told:?}");
    assert!(matches!(told.view.shown, Shown::Waiting { .. }));
    let session = id(&told.view);
    until(&engine, session, |view| view.step == "later").await;
    let told = engine.begin(start(), by()).await.expect("again");
    assert_eq!(told.messages, ["Klaar?"]);
    assert_eq!(told.view.shown, Shown::End { outcome: "later".to_owned() });
    let late = engine.reply(session, "mail-2".into(), "?".into(), by()).await.expect("it is over");
    assert!(late.messages.is_empty());
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    let again = engine.begin(start(), by()).await.expect("again");
    assert_eq!(again.messages, ["Klaar?"]);
    let agents = engine.start(Start { request: "s2".into(), ..start() }).await.expect("it starts");
    let refused = engine.reply(id(&agents), "mail-3".into(), "?".into(), by()).await;
    assert_eq!(refused.expect_err("nobody writes to a desk").code(), Some("CX0102"));
    engine.close().await;
}

#[tokio::test]
async fn what_the_erp_refuses_for_good_is_shown_and_the_script_goes_on_without_it() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.erp.send_replace(Mode::Refuses);
    let engine = open(folder.path(), &world, settings()).await;
    let view = to_description(&engine, "s1").await;
    let view = say(&engine, &view, "").await.expect("passed");
    let view = until(&engine, id(&view), is_settled).await;
    assert_eq!(view.shown, Shown::End { outcome: "reported-only".into() });
    assert_eq!(states(&view), [ActionState::Failed, ActionState::Confirmed]);
    assert_eq!(view.actions[0].result, "no orders for this customer");
    let tried = lock(&world.attempts).iter().filter(|key| key.contains("service_order")).count();
    assert_eq!(tried, 1, "a refusal is not tried again");
    engine.close().await;
}

#[tokio::test]
async fn an_action_that_never_succeeds_is_given_up_and_shown() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.erp.send_replace(Mode::Down);
    let mut settings = settings();
    settings.retry.attempts = 3;
    let engine = open(folder.path(), &world, settings).await;
    let view = to_description(&engine, "s1").await;
    let view = say(&engine, &view, "").await.expect("passed");
    let view = until(&engine, id(&view), is_settled).await;
    assert_eq!(view.actions[0].result, "Service order could not be carried out");
    let tried = lock(&world.attempts).iter().filter(|key| key.contains("service_order")).count();
    assert_eq!(tried, 3);
    engine.close().await;
}

#[tokio::test]
async fn data_that_does_not_come_in_time_counts_as_missing() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.storage.send_replace(Mode::Silent);
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start("s1", "fault", "K-1")).await.expect("it starts");
    assert_eq!(view.step, "kind", "a question that needs no data is asked at once");
    let view = say(&engine, &view, "meter").await.expect("a choice");
    assert!(matches!(view.shown, Shown::Waiting { .. }));
    let view = until(&engine, id(&view), |view| matches!(view.shown, Shown::End { .. })).await;
    assert_eq!(view.step, "unknown_customer");
    world.storage.send_replace(Mode::Up);
    engine.close().await;
}

#[tokio::test]
async fn a_repeated_request_gives_the_same_session_and_changes_nothing() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let starts = (0..5).map(|_| engine.start(start("s1", "fault", "K-1")));
    let views = futures::future::try_join_all(starts).await.expect("they all start");
    assert!(views.iter().all(|view| view.session == views[0].session));
    let view = until(&engine, id(&views[0]), |view| view.sequence == 3).await;
    let send = || engine.answer(answer(&view, "r1", "no_supply"), By::user("anna"));
    let answered = futures::future::try_join_all((0..5).map(|_| send())).await;
    let answered = answered.expect("they are all answered");
    assert!(answered.iter().all(|view| view.step == "smells_gas" && view.sequence == 4));
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    let again = engine.start(start("s1", "fault", "K-1")).await.expect("known");
    assert_eq!((&again.session, again.sequence), (&view.session, 4));
    let again = engine.answer(answer(&view, "r1", "no_supply"), By::user("anna")).await;
    assert_eq!(again.expect("known").sequence, 4);
    engine.close().await;
}

#[tokio::test]
async fn of_two_answers_at_once_one_wins_and_the_other_is_told() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let view = begin(&engine, "s1", "K-2").await;
    let send = |request, value| engine.answer(answer(&view, request, value), By::user("anna"));
    let (one, other) = tokio::join!(send("r1", "no_supply"), send("r2", "meter"));
    let (won, lost) = if one.is_ok() { (one, other) } else { (other, one) };
    assert_eq!(won.expect("one wins").step, "description");
    assert_eq!(lost.expect_err("the other does not").code(), Some("CX0103"));
    engine.close().await;
}

#[tokio::test]
async fn requests_that_make_no_sense_are_refused_with_their_code() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let code = |result: Result<Arc<View>, Error>| result.expect_err("it is refused").code();
    assert_eq!(code(engine.start(start("s0", "unknown", "K-1")).await), Some("CX0101"));
    assert_eq!(code(engine.start(start("", "fault", "K-1")).await), Some("CX0102"));
    assert_eq!(code(engine.start(start("s0", "menu", "K-1")).await), Some("CX0102"));
    let view = begin(&engine, "s1", "K-2").await;
    assert_eq!(code(say(&engine, &view, "flood").await), Some("CX0104"));
    let foreign = engine.answer(answer(&view, "r1", "meter"), By::user("bram")).await;
    assert_eq!(code(foreign), Some("CX0106"));
    let nobody = Answer { session: Uuid::nil(), ..answer(&view, "r2", "meter") };
    assert_eq!(code(engine.answer(nobody, By::user("anna")).await), Some("CX0106"));
    engine.cancel(id(&view), "gone".into(), By::user("anna")).await.expect("broken off");
    engine.cancel(id(&view), "gone".into(), By::user("anna")).await.expect("again");
    assert_eq!(code(say(&engine, &view, "meter").await), Some("CX0105"));
    let view = until(&engine, id(&view), |_| true).await;
    assert_eq!(view.shown, Shown::Cancelled { reason: "gone".into() });
    engine.close().await;
}

#[tokio::test]
async fn the_telephone_menu_finds_the_caller_and_hands_over() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let number = Datum::Text("0612345678".into());
    let start = Start {
        channel: Channel::Ivr,
        actor: None,
        inputs: BTreeMap::from([("calling_number".to_owned(), number)]),
        ..start("s1", "menu", "")
    };
    let view = engine.start(start).await.expect("it starts");
    let Shown::Question(question) = &view.shown else { panic!("the menu asks at once") };
    assert_eq!(question.choices[0].key.as_deref(), Some("1"));
    assert_eq!(question.keypad.as_ref().expect("for the keypad").timeout_seconds, 6);
    let by = By::component("communication-server");
    engine.answer(answer(&view, "r1", "fault"), by).await.expect("a key");
    let is_over = |view: &View| matches!(view.shown, Shown::HandOff { .. });
    let view = until(&engine, id(&view), is_over).await;
    let Shown::HandOff { queue, attributes } = &view.shown else { panic!("it waits for that") };
    assert_eq!((queue.as_str(), attributes["segment"].as_str()), ("faults", "household"));
    engine.close().await;
}

#[tokio::test]
async fn a_running_session_stays_on_its_script_which_is_kept_until_it_ends() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let old = begin(&engine, "s1", "K-2").await;
    let newer = release("What can I help you with?", "What is it about?");
    engine.editions().adopt(&newer).expect("a sound application");
    let new = begin(&engine, "s2", "K-2").await;
    engine.close().await;
    let editions = || std::fs::read_dir(folder.path().join("editions")).expect("there").count();
    assert_eq!(editions(), 2);

    let engine = open(folder.path(), &world, settings()).await;
    engine.editions().adopt(&newer).expect("a sound application");
    let first_text = |view: &View| view.prompts[0].text.clone();
    let old = until(&engine, id(&old), |_| true).await;
    let new = until(&engine, id(&new), |_| true).await;
    assert_eq!(first_text(&old), "What can I help you with?");
    assert_eq!(first_text(&new), "What is it about?");
    engine.cancel(id(&old), "done".into(), By::user("anna")).await.expect("broken off");
    engine.close().await;

    let none_is_young = Settings { longest: std::time::Duration::ZERO, ..settings() };
    let kept = Editions::open(folder.path().join("editions"));
    kept.adopt(&newer).expect("a sound application");
    let engine = Engine::open(folder.path(), kept, world.peers(), none_is_young).await;
    let engine = engine.expect("it opens");
    let is_over = |view: &View| matches!(view.shown, Shown::Cancelled { .. });
    until(&engine, id(&new), is_over).await;
    while editions() > 1 {
        tokio::task::yield_now().await;
    }
    let gone = engine.watch(id(&old), By::user("anna")).await;
    assert_eq!(gone.expect_err("its script is gone").code(), Some("CX0106"));
    engine.close().await;
}

#[tokio::test]
async fn each_row_has_its_answers_and_its_action_also_after_a_restart() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let settings = || Settings { most_sessions: 1, ..settings() };
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start("s1", "rows", "K-1")).await.expect("it starts");
    let view = until(&engine, id(&view), |view| view.step == "reason").await;
    assert_eq!((view.row.as_str(), view.row_title.as_str()), ("871", "The electricity"));
    let view = say(&engine, &view, "It hums.").await.expect("a text");
    let view = until(&engine, id(&view), |view| view.row == "872" && view.step == "reason").await;
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    let again = until(&engine, id(&view), |_| true).await;
    assert_eq!(again, view);
    let view = say(&engine, &again, "It smells.").await.expect("a text");
    let view = until(&engine, id(&view), |view| view.step == "last").await;
    assert_eq!(view.prompts[0].text, "2 visits. Is that all?");
    assert_eq!(states(&view), [ActionState::Confirmed, ActionState::Confirmed]);
    assert_ne!(view.actions[0].result, view.actions[1].result, "each has its own order");
    let answers = view.trail.iter().filter(|it| it.step == "reason");
    let answers: Vec<_> = answers.map(|it| (it.row.as_str(), it.value.as_str())).collect();
    assert_eq!(answers, [("871", "It hums."), ("872", "It smells.")]);
    engine.close().await;
}

#[tokio::test]
async fn a_running_session_keeps_the_scripts_that_it_calls() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let start = |request| start(request, "caller", "K-1");
    let old = engine.start(start("s1")).await.expect("it starts");
    let newer = release("Who is called?", "Who calls?");
    engine.editions().adopt(&newer).expect("a sound application");
    let new = engine.start(start("s2")).await.expect("it starts");
    engine.close().await;

    // also when it is read back from its events
    let engine = open(folder.path(), &world, settings()).await;
    engine.editions().adopt(&newer).expect("a sound application");
    for (view, text) in [(old, "Who is called?"), (new, "Who calls?")] {
        let view = say(&engine, &view, "true").await.expect("an answer");
        assert_eq!((view.step.as_str(), view.prompts[0].text.as_str()), ("sub/name", text));
        let view = say(&engine, &view, "Eva").await.expect("a name");
        assert_eq!(view.prompts[0].text, "Thank you, Eva.");
    }
    engine.close().await;
}

#[tokio::test]
async fn a_release_with_mistakes_is_refused_and_the_one_before_stays() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let findings = engine.editions().adopt(&release("to=\"known\"", "to=\"know\""));
    let findings = findings.expect_err("there is no step `know`");
    assert!(findings.iter().any(|it| it.starts_with("scripts/fault.xml:")), "{findings:?}");
    assert!(engine.start(start("s1", "fault", "K-1")).await.is_ok());
    engine.close().await;
}

#[tokio::test]
async fn what_a_changed_answer_takes_back_is_taken_back_once_whatever_dies_meanwhile() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    world.erp.send_replace(Mode::Down);
    let view = engine.start(start("s1", "correctable", "K-1")).await.expect("it starts");
    let view = until(&engine, id(&view), |view| view.sequence == 2).await;
    let view = say(&engine, &view, "meter").await.expect("a choice");
    let view = until(&engine, id(&view), |view| view.step == "content").await;
    let undone: Vec<&str> = view.trail[0].undone.iter().map(String::as_str).collect();
    assert_eq!(undone, ["Service order", "Fault report"]);
    assert_eq!(world.created("FaultReport").len(), 1);

    let change = Answer { step: "kind".to_owned(), ..answer(&view, "change", "nothing") };
    let view = engine.answer(change, By::user("anna")).await.expect("it may be changed");
    assert_eq!(states(&view), [ActionState::Undoing; 2], "the order may have arrived or not");
    engine.close().await;
    assert!(lock(&world.orders).is_empty());

    let engine = open(folder.path(), &world, settings()).await;
    world.storage.send_replace(Mode::LosesAnswers);
    world.erp.send_replace(Mode::LosesAnswers);
    let before = lock(&world.attempts).len();
    while lock(&world.attempts).len() < before + 6 {
        tokio::task::yield_now().await;
    }
    engine.close().await;
    world.storage.send_replace(Mode::Up);
    world.erp.send_replace(Mode::Up);
    let engine = open(folder.path(), &world, settings()).await;
    let view = until(&engine, id(&view), |view| states(view) == [ActionState::Undone; 2]).await;
    assert_eq!(view.step, "content");
    assert!(world.created("FaultReport").is_empty());
    let asked: Vec<String> = lock(&world.orders).values().map(|it| it.operation.clone()).collect();
    assert_eq!(asked, ["create_service_order", "cancel_service_order"]);
    let view = say(&engine, &view, "").await.expect("passed");
    assert_eq!(view.shown, Shown::End { outcome: "over".into() });
    engine.close().await;
}

/// What became of an e-mail to an address.
async fn mailed(settings: Settings, address: &str) -> Arc<View> {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings).await;
    let view = engine.start(Start { contact: None, ..start("s1", "mailing", "K-1") }).await;
    let view = say(&engine, &view.expect("it starts"), address).await.expect("a text");
    let is_over = |view: &View| matches!(view.shown, Shown::End { .. });
    let view = until(&engine, id(&view), is_over).await;
    engine.close().await;
    view
}

#[tokio::test]
async fn an_email_leaves_through_the_outbox_or_says_why_it_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let mailer = Mailer::to_folder(folder.path(), "Us <us@example.org>").expect("sound");
    let with_mail = Settings { mailer: Some(mailer), ..settings() };
    let view = mailed(with_mail.clone(), "anna@example.com").await;
    assert_eq!(view.step, "sent");
    assert_eq!(view.actions[0].result, "Sent to anna@example.com");
    let mut files = std::fs::read_dir(folder.path()).expect("a folder");
    let file = files.next().expect("one e-mail").expect("a file").path();
    assert!(files.next().is_none());
    let text = std::fs::read_to_string(file).expect("readable");
    assert!(text.contains("Subject: News\r\n") && text.contains("There are none."), "{text}");

    let view = mailed(with_mail, "nobody").await;
    assert_eq!((view.step.as_str(), view.actions[0].state), ("unsent", ActionState::Failed));
    assert_eq!(view.actions[0].result, "`nobody` is no e-mail address");
    let view = mailed(settings(), "anna@example.com").await;
    assert_eq!(view.actions[0].result, "This installation sends no e-mails.");
}

#[tokio::test]
async fn the_catalogue_knows_what_runs_and_whether_a_draft_is_sound() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let catalogue = Catalogue::new(engine.clone());
    begin(&engine, "s1", "K-1").await;
    begin(&engine, "s2", "K-2").await;
    let before = engine.editions().adopt(&release("", "")).expect("sound").digest().to_owned();
    let newer = release("id=\"fault\" version=\"1.0.0\"", "id=\"fault\" version=\"1.1.0\"");
    engine.editions().adopt(&newer).expect("sound");
    begin(&engine, "s3", "K-1").await;
    let listed = catalogue.list(Request::new(proto::ListRequest {})).await.expect("it knows");
    let listed = listed.into_inner();
    let fault = listed.scripts.iter().find(|it| it.name == "fault").expect("it is in force");
    assert_eq!((fault.version.as_str(), fault.title.as_str()), ("1.1.0", "Report a fault"));
    assert_eq!(fault.channels, [proto::Channel::Agent as i32]);
    assert_eq!(fault.optional_inputs, ["customer"]);
    let running: Vec<_> =
        fault.running.iter().map(|it| (it.version.as_str(), it.sessions)).collect();
    assert_eq!(running, [("1.0.0", 2), ("1.1.0", 1)]);
    assert_eq!(fault.running[0].release_digest, before);
    assert_eq!(fault.running[1].release_digest, listed.release_digest);

    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/application/scripts/impatient.xml");
    let text = std::fs::read_to_string(file).expect("readable");
    let looked = async |name: &str, text: String| {
        let request = proto::ValidateRequest { name: name.to_owned(), text };
        catalogue.validate(Request::new(request)).await.map(|it| it.into_inner().findings)
    };
    assert_eq!(looked("impatient", text.clone()).await.expect("looked at"), []);
    let wrong = text.replace("to=\"later\"", "to=\"latr\"");
    let found = looked("impatient", wrong).await.expect("looked at");
    let first = found.first().expect("a mistake");
    assert!(first.is_error && first.line == 13, "{found:?}");
    assert_eq!(first.file, "scripts/impatient.xml");
    let odd = text.replace(
        "<next to=\"later\"/>",
        "<next when=\"true\" to=\"later\"/><next to=\"ordered\"/>",
    );
    assert!(!looked("impatient", odd).await.expect("looked at").is_empty());
    let refused = looked("../impatient", text).await.expect_err("no name of a file");
    assert_eq!(refused.code(), tonic::Code::InvalidArgument);
    engine.close().await;
}

#[tokio::test]
async fn who_gives_a_session_away_works_with_it_no_more() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let view = begin(&engine, "s1", "K-1").await;
    let to = |request: &str| Elsewhere {
        request: request.to_owned(),
        actor: Some("bram".to_owned()),
        ..Elsewhere::default()
    };
    let stranger = engine.go_on(id(&view), to("c1"), By::user("bram")).await;
    assert!(matches!(stranger, Err(Error::UnknownSession)), "nobody takes what is another's");
    let view = engine.go_on(id(&view), to("c1"), By::user("anna")).await.expect("it is hers");
    let kept = engine.answer(answer(&view, "a1", "no_supply"), By::user("anna")).await;
    assert!(matches!(kept, Err(Error::UnknownSession)));
    let taken = engine.answer(answer(&view, "a2", "no_supply"), By::user("bram")).await;
    assert_eq!(taken.expect("it is his now").step, "smells_gas");
    engine.close().await;
}
