//! How many events a second become durable, beside the disk's own flush.
//!
//! Every line `figure …` is one that `cargo xtask bench journal` prints beside its goal.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use caruso_contact::{ContactId, EventId};
use caruso_journal::{Batch, Fact, Installation, Journal};
use serde_json::json;
use uuid::Uuid;

const RUN: Duration = Duration::from_secs(2);

fn main() {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_time().build().expect("a runtime");
    let folder = tempfile::tempdir_in(".").expect("a folder on the disk at hand");
    let fsync = millis(flush(folder.path()));
    println!("fsync of 4 KiB appended: {fsync:.2} ms");
    println!("figure disk.fsync_ms {fsync} 100");
    println!(
        "{:>8} {:>10} {:>10} {:>12} {:>10} {:>10}",
        "writers", "events/s", "commits/s", "a group", "commit ms", "CPU ms"
    );
    for writers in [1, 8, 64, 200] {
        let path = folder.path().join(format!("{writers}.db"));
        runtime.block_on(run(&path, writers));
    }
}

/// The disk alone: 100 appends, each flushed.
fn flush(folder: &Path) -> Duration {
    let mut file = File::create(folder.join("flush")).expect("a file");
    let started = Instant::now();
    for _ in 0..100 {
        file.write_all(&[7; 4096]).expect("written");
        file.sync_data().expect("flushed");
    }
    started.elapsed() / 100
}

async fn run(path: &Path, writers: usize) {
    let installation = Installation { realm: "bench".into(), site: "main".into() };
    let journal = Journal::open(path, &installation).await.expect("the journal opens");
    let (started, worked) = (Instant::now(), cpu());
    let tasks = (0..writers).map(|writer| {
        let journal = journal.clone();
        tokio::spawn(async move {
            while started.elapsed() < RUN {
                let appended = journal.append(arrival(writer)).expect("open");
                appended.durable().await.expect("written");
            }
        })
    });
    for task in tasks.collect::<Vec<_>>() {
        task.await.expect("no writer fails");
    }
    let (seconds, worked) = (started.elapsed().as_secs_f64(), cpu() - worked);
    let figures = journal.figures();
    let (events, commits) = (figures.events as f64, figures.commits as f64);
    println!(
        "{writers:>8} {:>10.0} {:>10.0} {:>12.1} {:>10.2} {:>10.3}",
        events / seconds,
        commits / seconds,
        events / commits,
        millis(figures.commit_time) / commits,
        millis(worked) / commits
    );
    println!("figure journal.commit_cpu_{writers} {} {}", millis(worked) / commits, commits);
    println!("figure journal.events_{writers} {} {}", events / seconds, figures.events);
    println!("figure journal.group_{writers} {} {}", events / commits, figures.commits);
    journal.close().await;
}

/// What this process has worked so far, as the operating system counts it, in hundredths of a
/// second.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let (_, fields) = stat.rsplit_once(')').expect("behind the name");
    let ticks = fields.split_whitespace().skip(11).take(2).map(|it| it.parse::<u64>());
    Duration::from_millis(ticks.map(|it| it.expect("a count")).sum::<u64>() * 10)
}

/// An event as the communication server writes it, its personal field included.
fn arrival(writer: usize) -> Batch {
    let contact = ContactId(Uuid::from_u128(writer as u128));
    let event = json!({ "kind": "arrived", "calling": "0612345678", "called": "0305550100" });
    let fact = Fact {
        event_id: EventId(Uuid::now_v7()),
        contact_id: Some(contact),
        type_name: "contact.arrived".into(),
        schema_version: 1,
        payload: json!({ "contact": contact, "event": event }),
        personal: vec!["/event/calling".into()],
    };
    let mut batch = Batch::new("contacts", "communication-server");
    batch.facts.push(fact);
    batch
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
