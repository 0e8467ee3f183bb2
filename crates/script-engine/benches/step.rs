//! What a durable step costs with many sessions at once, beside the disk's own flush; what a
//! session takes of memory, and how long it takes to come back from the disk. (A step in memory:
//! the benchmark of `caruso-dialogue`.)
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
/// Sessions whose memory is measured.
const RESTING: usize = 2000;

fn main() {
    let release = release();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_time().build();
    let runtime = runtime.expect("a runtime");
    runtime.block_on(memory(&release));
    runtime.block_on(durable(&release));
}

/// Sessions of 50 answers, in memory and at rest. What rests leaves its memory to others, so the
/// second half of them is to add nothing.
async fn memory(release: &Release) {
    let folder = tempfile::tempdir_in(".").expect("a folder on the disk at hand");
    let editions = Editions::open(folder.path().join("editions"));
    editions.adopt(release).expect("a sound application");
    let engine = Engine::open(folder.path(), editions, Peers::none(), Settings::default()).await;
    let engine = engine.expect("it opens");
    begin(&engine, 100).await;
    let empty = resident_kb();
    let first = begin(&engine, RESTING).await;
    let live = resident_kb();
    println!("figure dialogue.live_session_kb {} {RESTING}", (live - empty) / RESTING as f64);
    rest(&engine);
    begin(&engine, RESTING).await;
    rest(&engine);
    let resting = (resident_kb() - live) / RESTING as f64;
    println!("figure dialogue.resting_session_kb {} {RESTING}", resting.max(0.0));
    let began = Instant::now();
    for session in &first {
        let watched = engine.watch(*session, By::component("bench")).await;
        watched.expect("it is on the disk").next().await.expect("the engine runs");
    }
    let each = began.elapsed().as_secs_f64() * 1000.0 / first.len() as f64;
    println!("figure dialogue.resume_ms {each} {}", first.len());
    engine.close().await;
}

/// All sessions were used before the first call, and none between the two.
fn rest(engine: &Engine) {
    engine.rest();
    engine.rest();
}

/// Sessions of 50 answers.
async fn begin(engine: &Engine, count: usize) -> Vec<Uuid> {
    let mut begun = Vec::new();
    for _ in 0..count.div_ceil(SESSIONS) {
        let tasks = (0..SESSIONS.min(count)).map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { session(&engine, Instant::now(), &mut Vec::new()).await })
        });
        for task in tasks.collect::<Vec<_>>() {
            begun.push(task.await.expect("no session fails"));
        }
    }
    begun
}

/// Kilobytes of this process that are in memory.
fn resident_kb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:")).expect("it is there");
    line.trim().trim_end_matches(" kB").parse().expect("a number")
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

/// One session, to its last step unless the time is over.
async fn session(engine: &Engine, began: Instant, waits: &mut Vec<Duration>) -> Uuid {
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
    view.session.parse().expect("an id")
}
