//! What a durable step costs with many sessions at once, beside the disk's own flush. (A step in
//! memory: the benchmark of `caruso-dialogue`.)
//!
//! Every line `figure …` is one that `cargo xtask bench dialogue` prints beside its goal.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use caruso_component::Release;
use caruso_script_engine::{Answer, By, Editions, Engine, Peers, Settings, Start};
use uuid::Uuid;

/// Questions of the script.
const LENGTH: usize = 50;
const SESSIONS: usize = 200;
const RUN: Duration = Duration::from_secs(3);

fn main() {
    let release = release();
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

/// Sessions that answer as fast as they are answered; a finished one begins anew.
async fn durable(release: &Release) {
    let folder = tempfile::tempdir_in(".").expect("a folder on the disk at hand");
    let editions = Editions::open(folder.path().join("editions"));
    editions.adopt(release).expect("a sound application");
    println!("figure disk.fsync_ms {} 100", flush(folder.path()).as_secs_f64() * 1000.0);
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
    println!("figure dialogue.durable_per_second {} {}", waits.len() as f64 / seconds, waits.len());
    println!("figure dialogue.durable_p99_ms {} {}", at(99), waits.len());
    println!("  a step takes {:.1} ms (median), {:.1} ms (99 of 100)", at(50), at(99));
    engine.close().await;
}

/// The disk alone: 100 appends of 4 KiB, each flushed.
fn flush(folder: &Path) -> Duration {
    let mut file = File::create(folder.join("flush")).expect("a file");
    let started = Instant::now();
    for _ in 0..100 {
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("flushed");
    }
    started.elapsed() / 100
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
            row: view.row.clone(),
            value: "true".into(),
            special: None,
            reason: String::new(),
        };
        let asked = Instant::now();
        view = engine.answer(answer, By::component("bench")).await.expect("a good answer");
        waits.push(asked.elapsed());
    }
}
