//! The outbox: errands stand with their events, leave at least once, and end somehow.

use std::path::Path;
use std::time::Duration;

use caruso_contact::{ContactId, Time};
use caruso_journal::{
    Batch, DeadLetter, Errand, Fact, Failed, Installation, Journal, Retry, Settled,
};
use serde_json::json;
use uuid::Uuid;

const RETRY: Retry =
    Retry { first: Duration::from_secs(1), longest: Duration::from_secs(60), attempts: 3 };

async fn open(path: &Path) -> Journal {
    let installation = Installation { realm: "demo".into(), site: "main".into() };
    Journal::open(path, &installation).await.expect("the journal opens")
}

fn errand(key: &str, due_at: u64) -> Errand {
    let due_at = Time::from_millis(due_at);
    Errand { key: key.into(), contact_id: None, body: json!({ "of": key }), due_at }
}

async fn send(journal: &Journal, errands: Vec<Errand>) {
    let mut batch = Batch::new("session", "anna");
    batch.facts.push(Fact::new("queued", 1, json!({})));
    batch.errands = errands;
    journal.append(batch).expect("open").durable().await.expect("written");
}

async fn claim(journal: &Journal, now: u64) -> Vec<String> {
    let waiting = journal.claim(Time::from_millis(now), 10).await.expect("readable");
    waiting.due.into_iter().map(|due| due.key).collect()
}

async fn settle(journal: &Journal, settled: Settled) {
    let mut batch = Batch::new("session", "anna");
    batch.settled.push(settled);
    journal.append(batch).expect("open").durable().await.expect("written");
}

#[tokio::test]
async fn an_errand_is_claimed_once_and_again_after_a_restart_until_it_is_done() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    send(&journal, vec![errand("one", 5), errand("two", 10), errand("one", 5)]).await;
    journal.errands_added().await;
    let waiting = journal.claim(Time::from_millis(5), 10).await.expect("readable");
    assert_eq!(waiting.due.len(), 1);
    assert_eq!(waiting.due[0].body, Some(json!({ "of": "one" })));
    assert_eq!(waiting.next_at, Some(Time::from_millis(10)));
    assert_eq!(claim(&journal, 10).await, ["two"]);
    assert_eq!(claim(&journal, 10).await, [""; 0]);
    settle(&journal, Settled::Done { key: "two".into() }).await;
    journal.release("two");
    journal.close().await;

    let journal = open(&path).await;
    assert_eq!(claim(&journal, 10).await, ["one"]);
}

#[tokio::test]
async fn a_failing_errand_waits_longer_and_ends_as_a_dead_letter() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    send(&journal, vec![errand("one", 0)]).await;
    let mut now = 0;
    for wait in [1_000, 2_000] {
        let waiting = journal.claim(Time::from_millis(now), 10).await.expect("readable");
        let at = Time::from_millis(now);
        let failed = journal.failed(&waiting.due[0], at, &RETRY, "the ERP is down").await;
        now += wait;
        assert_eq!(failed.expect("written"), Failed::Again { at: Time::from_millis(now) });
        assert_eq!(claim(&journal, now - 1).await, [""; 0]);
    }
    let waiting = journal.claim(Time::from_millis(now), 10).await.expect("readable");
    assert_eq!(waiting.due[0].failures, 2);
    let at = Time::from_millis(now);
    let failed = journal.failed(&waiting.due[0], at, &RETRY, "the ERP is down").await;
    assert_eq!(failed.expect("decided"), Failed::Exhausted);
    let reason = "the ERP is down".to_owned();
    settle(&journal, Settled::Dead { key: "one".into(), reason: reason.clone() }).await;
    journal.release("one");
    assert_eq!(claim(&journal, u64::MAX / 4).await, [""; 0]);
    let letter = DeadLetter { key: "one".into(), stream: "session".into(), reason };
    assert_eq!(journal.dead_letters(10).await.expect("readable"), [letter]);
}

#[tokio::test]
async fn an_errand_about_a_forgotten_person_has_no_body() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    let contact = ContactId(Uuid::from_u128(1));
    send(&journal, vec![Errand { contact_id: Some(contact), ..errand("one", 0) }]).await;
    journal.forget(contact).await.expect("forgotten");
    let waiting = journal.claim(Time::from_millis(0), 10).await.expect("readable");
    assert_eq!(waiting.due[0].body, None);
}
