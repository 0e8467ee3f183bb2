//! What a step costs: decided in memory, and made durable with many sessions at once.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use caruso_application::Application;
use caruso_component::Release;
use caruso_dialogue::{Input, Script, State, View, handle};
use caruso_script_engine::{Answer, By, Editions, Engine, Peers, Settings, Start};
use uuid::Uuid;

/// Questions of the script.
const LENGTH: usize = 50;
const SESSIONS: usize = 200;
const RUN: Duration = Duration::from_secs(3);

fn main() {
    let release = release();
    let files = release.files().iter().map(|(path, content)| (path.as_str(), &content[..]));
    let application = Application::compile(files).expect("a sound application");
    in_memory(&application.scripts["long"]);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    runtime.expect("a runtime").block_on(durable(&release));
}

/// The application of the tests, and a script of yes-no questions.
fn release() -> Release {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/application");
    let mut files = BTreeMap::new();
    for below in ["", "objects/", "scripts/", "prompts/"] {
        for entry in std::fs::read_dir(root.join(below)).expect("a folder") {
            let path = entry.expect("a file").path();
            if let (true, Some(name)) = (path.is_file(), path.file_name()) {
                let content = std::fs::read(&path).expect("readable");
                files.insert(format!("{below}{}", name.to_string_lossy()), content.into());
            }
        }
    }
    files.insert("scripts/long.xml".to_owned(), long_script().into());
    Release::new(files)
}

/// Each question leads to the next; only the very first answer could lead elsewhere.
fn long_script() -> String {
    let mut text = String::from(
        r#"<!DOCTYPE script SYSTEM "dialogue-script.dtd">
        <script id="long" version="1.0.0" language="en" channels="agent" start="q0">
        <title>Fifty questions</title>"#,
    );
    for n in 0..LENGTH {
        let next = if n + 1 < LENGTH { format!("q{}", n + 1) } else { "over".to_owned() };
        let other = if n == 0 { r#"<next when="not q0" to="q2"/>"# } else { "" };
        text.push_str(&format!(
            r#"<ask id="q{n}" type="yes-no"><say>Question {n}?</say>{other}
            <next to="{next}"/></ask>"#
        ));
    }
    text + r#"<info id="over"><say>Done.</say><next to="end"/></info><end id="end" outcome="done"/>
        </script>"#
}

fn take(script: &Script, state: &mut State, input: &Input) {
    let now = jiff::Timestamp::UNIX_EPOCH;
    let outcome = handle(script, state, input, now).expect("it fits");
    outcome.events.iter().for_each(|event| state.apply(event));
}

fn answer(state: &State, step: usize, value: bool) -> Input {
    Input::Answer {
        request: format!("r{}", state.sequence()),
        sequence: state.sequence(),
        step: format!("q{step}"),
        value: value.to_string(),
    }
}

/// One answer with its view, when none, half and all of the questions were answered before; then
/// the first answer changed with all behind it answered.
fn in_memory(script: &Script) {
    let mut state = State::default();
    let start =
        caruso_dialogue::Start { session: "s".into(), request: "r".into(), ..Default::default() };
    take(script, &mut state, &Input::Start(start));
    println!("in memory, one answer and its view:");
    for step in 0..LENGTH {
        if step == 0 || step == LENGTH / 2 || step == LENGTH - 1 {
            let micros = measure(script, &state, &answer(&state, step, true));
            println!("  question {:>2} of {LENGTH}: {micros:>7.1} µs", step + 1);
        }
        let input = answer(&state, step, true);
        take(script, &mut state, &input);
    }
    let micros = measure(script, &state, &answer(&state, 0, false));
    println!("  the first changed, {LENGTH} answered: {micros:>7.1} µs");
}

/// Microseconds that the input takes, the state copied before.
fn measure(script: &Script, state: &State, input: &Input) -> f64 {
    let mut spent = Duration::ZERO;
    let mut rounds = 0;
    while rounds < 1000 {
        let mut state = state.clone();
        let started = Instant::now();
        take(script, &mut state, input);
        std::hint::black_box(View::of(script, &state));
        spent += started.elapsed();
        rounds += 1;
    }
    spent.as_secs_f64() * 1e6 / f64::from(rounds)
}

/// Sessions that answer as fast as they are answered; a finished one begins anew.
async fn durable(release: &Release) {
    let folder = tempfile::tempdir_in(".").expect("a folder on the disk at hand");
    let editions = Editions::open(folder.path().join("editions"));
    editions.adopt(release).expect("a sound application");
    let engine = Engine::open(folder.path(), editions, Peers::none(), Settings::default()).await;
    let engine = engine.expect("it opens");
    let started = Instant::now();
    let tasks = (0..SESSIONS).map(|_| {
        let engine = engine.clone();
        tokio::spawn(async move {
            let mut waits = Vec::new();
            while started.elapsed() < RUN {
                session(&engine, started, &mut waits).await;
            }
            waits
        })
    });
    let mut waits = Vec::new();
    for task in tasks.collect::<Vec<_>>() {
        waits.extend(task.await.expect("no session fails"));
    }
    let seconds = started.elapsed().as_secs_f64();
    waits.sort_unstable();
    let figures = engine.figures();
    let at = |share: usize| waits[(waits.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    let commit = figures.commit_time.as_secs_f64() * 1000.0 / figures.commits as f64;
    println!("durable, {SESSIONS} sessions at once:");
    println!(
        "  {:.0} steps/s, {} commits of {commit:.2} ms",
        waits.len() as f64 / seconds,
        figures.commits
    );
    println!("  a step takes {:.1} ms (median), {:.1} ms (99 of 100)", at(50), at(99));
    engine.close().await;
}

async fn session(engine: &Engine, began: Instant, waits: &mut Vec<Duration>) {
    let request = Uuid::now_v7().to_string();
    let start = Start { request, script: "long".into(), ..Start::default() };
    let mut view = engine.start(start).await.expect("it starts");
    while view.step.starts_with('q') && began.elapsed() < RUN {
        let answer = Answer {
            request: format!("r{}", view.sequence),
            session: view.session.parse().expect("an id"),
            sequence: view.sequence,
            step: view.step.clone(),
            value: "true".into(),
        };
        let asked = Instant::now();
        view = engine.answer(answer, By::component("bench")).await.expect("a good answer");
        waits.push(asked.elapsed());
    }
}
