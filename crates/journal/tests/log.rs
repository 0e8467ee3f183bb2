//! The log: order, durability, conditions, personal fields, failure.

use std::path::Path;

use caruso_contact::{ContactId, Time};
use caruso_journal::{
    Batch, Condition, Error, Fact, Installation, Journal, Life, Receipt, Snapshot, Submitted,
};
use serde_json::json;
use sqlx::Connection as _;
use uuid::Uuid;

fn installation() -> Installation {
    Installation { realm: "demo".into(), site: "main".into() }
}

async fn open(path: &Path) -> Journal {
    Journal::open(path, &installation()).await.expect("the journal opens")
}

fn batch(stream: &str, numbers: impl IntoIterator<Item = u64>) -> Batch {
    let mut batch = Batch::new(stream, "anna");
    batch.recorded_at = Time::from_millis(1_000);
    batch.release_digest = "sha256:1".into();
    batch.facts = numbers.into_iter().map(|n| Fact::new("counted", 1, json!({ "n": n }))).collect();
    batch
}

async fn numbers(journal: &Journal) -> Vec<u64> {
    let events = journal.read_after(0, 1000).await.expect("readable");
    let positions: Vec<u64> = events.iter().map(|event| event.position).collect();
    assert_eq!(positions, (1..=events.len() as u64).collect::<Vec<_>>());
    events.iter().map(|event| event.payload["n"].as_u64().expect("a number")).collect()
}

#[tokio::test]
async fn positions_come_at_once_and_the_events_survive_reopening() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let first = journal.append(batch("a", [1, 2])).expect("open");
    let second = journal.append(batch("b", [3])).expect("open");
    assert_eq!((first.receipt().first, first.receipt().last), (1, 2));
    assert_eq!(*second.receipt(), Receipt { stream: "b".into(), first: 3, last: 3 });
    assert_eq!(journal.position(), 3);
    first.durable().await.expect("written");
    second.durable().await.expect("written");
    journal.close().await;
    assert!(matches!(journal.append(batch("a", [9])), Err(Error::Closed)));

    let journal = open(&path).await;
    assert_eq!(numbers(&journal).await, [1, 2, 3]);
    let of_b = journal.read_stream("b", 0, 10).await.expect("readable");
    assert_eq!(of_b.len(), 1);
    let event = &of_b[0];
    assert_eq!((event.realm.as_str(), event.site.as_str()), ("demo", "main"));
    assert_eq!((event.actor.as_str(), event.type_name.as_str()), ("anna", "counted"));
    assert_eq!(event.recorded_at, Time::from_millis(1_000));
    assert_eq!(journal.append(batch("a", [4])).expect("open").receipt().first, 4);
}

#[tokio::test]
async fn many_writers_share_commits() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    let appended = (0..300).map(|n| journal.append(batch("a", [n])).expect("open").durable());
    futures::future::try_join_all(appended).await.expect("written");
    assert_eq!(numbers(&journal).await, (0..300).collect::<Vec<_>>());
    let figures = journal.figures();
    assert_eq!(figures.events, 300);
    assert!(figures.commits < 30, "{figures:?}");
}

#[tokio::test]
async fn a_tail_gives_what_is_there_and_then_what_comes() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    let _one = journal.append(batch("a", [1, 2])).expect("open").durable().await;
    let mut tail = journal.tail(1);
    assert_eq!(tail.next().await.expect("there").payload["n"], 2);
    let (event, appended) = tokio::join!(tail.next(), async {
        tokio::task::yield_now().await;
        journal.append(batch("b", [3])).expect("open").durable().await
    });
    appended.expect("written");
    assert_eq!(event.expect("came").position, 3);
    journal.close().await;
    assert!(matches!(tail.next().await, Err(Error::Closed)));
}

#[tokio::test]
async fn a_stream_takes_an_append_only_where_the_caller_saw_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let at = |expected| Condition { request: None, expected: Some(expected) };
    let first = journal.submit(batch("a", [1, 2]), at(0)).await.expect("a new stream");
    assert!(matches!(first, Submitted::First(_)));
    let racing = [at(2), at(2), at(2)].map(|at| journal.submit(batch("a", [3]), at));
    let racing = futures::future::join_all(racing).await;
    let conflict = |result: &Result<Submitted, Error>| {
        matches!(result, Err(Error::Conflict { expected: 2, actual: 3, .. }))
    };
    assert_eq!(racing.iter().filter(|result| conflict(result)).count(), 2);
    journal.close().await;

    let journal = open(&path).await;
    assert!(journal.submit(batch("a", [4]), at(2)).await.is_err());
    assert!(journal.submit(batch("a", [4]), at(3)).await.is_ok());
}

#[tokio::test]
async fn a_repeated_request_gives_the_first_receipt() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let request = || Condition { request: Some("r1".into()), expected: None };
    let twice = [1, 2].map(|n| journal.submit(batch("a", [n]), request()));
    let twice = futures::future::try_join_all(twice).await.expect("both are answered");
    assert_eq!(twice.iter().filter(|one| matches!(one, Submitted::Repeat(_))).count(), 1);
    for one in twice {
        let (Submitted::First(appended) | Submitted::Repeat(appended)) = one;
        assert_eq!(appended.durable().await.expect("written").last, 1);
    }
    journal.close().await;
    let journal = open(&path).await;
    let again = journal.submit(batch("a", [9]), request()).await.expect("answered");
    let Submitted::Repeat(again) = again else { panic!("it was seen before the restart") };
    assert_eq!(again.durable().await.expect("long ago").first, 1);
    assert_eq!(numbers(&journal).await.len(), 1);
}

fn caller(contact: ContactId, number: &str) -> Batch {
    let payload = json!({ "called": "0305550100", "event": { "calling": number } });
    let mut fact = Fact::new("contact.arrived", 1, payload);
    fact.contact_id = Some(contact);
    fact.personal = vec!["/event/calling".into(), "/not/there".into()];
    let mut batch = Batch::new("contacts", "communication-server");
    batch.facts.push(fact);
    batch
}

async fn calling(journal: &Journal) -> Vec<serde_json::Value> {
    let events = journal.read_after(0, 10).await.expect("readable");
    events.iter().map(|event| event.payload["event"]["calling"].clone()).collect()
}

#[tokio::test]
async fn a_forgotten_contact_reads_as_erased_and_leaves_nothing_in_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let [jansen, smit] = [1, 2].map(|n| ContactId(Uuid::from_u128(n)));
    let _sent = journal.append(caller(jansen, "0612345678")).expect("open");
    let sent = journal.append(caller(smit, "0687654321")).expect("open");
    sent.durable().await.expect("written");
    assert_eq!(calling(&journal).await, [json!("0612345678"), json!("0687654321")]);

    journal.forget(jansen).await.expect("forgotten");
    let late = journal.append(caller(jansen, "0612345678")).expect("open");
    late.durable().await.expect("written");
    let erased = json!({ "erased": true });
    assert_eq!(calling(&journal).await, [erased.clone(), json!("0687654321"), erased.clone()]);
    let events = journal.read_after(0, 10).await.expect("readable");
    assert_eq!(events[0].payload["called"], "0305550100");
    assert!(events[1].key_id.is_some() && events[2].key_id.is_none());
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let content = std::fs::read(entry.expect("a file").path()).expect("readable");
        let stands = |text: &str| content.windows(text.len()).any(|part| part == text.as_bytes());
        assert!(!stands("0612345678") && !stands("0687654321"));
    }
    journal.close().await;
    assert_eq!(calling(&open(&path).await).await[0], erased);
}

#[tokio::test]
async fn a_destroyed_key_is_nowhere_in_the_files() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let jansen = ContactId(Uuid::from_u128(1));
    journal.append(caller(jansen, "0612345678")).expect("open").durable().await.expect("written");
    let url = format!("sqlite:{}", path.display());
    let mut beside = sqlx::SqliteConnection::connect(&url).await.expect("a second connection");
    let secret: Vec<u8> = sqlx::query_scalar("SELECT secret FROM keys")
        .fetch_one(&mut beside)
        .await
        .expect("one key");
    beside.close().await.expect("closed");
    journal.forget(jansen).await.expect("forgotten");
    for entry in std::fs::read_dir(folder.path()).expect("a folder") {
        let content = std::fs::read(entry.expect("a file").path()).expect("readable");
        assert!(!content.windows(secret.len()).any(|part| part == secret));
    }
}

#[tokio::test]
async fn what_is_kept_elsewhere_under_the_key_of_a_contact_is_gone_with_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let jansen = ContactId(Uuid::from_u128(1));
    let key = journal.key(jansen).await.expect("open").expect("made");
    let sealed = key.seal(b"hello", b"message 1").expect("randomness");
    assert_eq!(sealed.len(), 5 + caruso_journal::Key::OVERHEAD);
    journal.close().await;
    let journal = open(&path).await;
    let key = journal.key(jansen).await.expect("open").expect("kept");
    assert_eq!(key.open(&sealed, b"message 1").as_deref(), Some(b"hello".as_slice()));
    journal.forget(jansen).await.expect("forgotten");
    assert!(journal.key(jansen).await.expect("open").is_none(), "and none is made again");
}

#[tokio::test]
async fn a_failed_commit_breaks_the_journal_for_good() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let url = format!("sqlite:{}", path.display());
    let mut beside = sqlx::SqliteConnection::connect(&url).await.expect("a second connection");
    sqlx::query("BEGIN IMMEDIATE").execute(&mut beside).await.expect("it takes the file");
    let lost = journal.append(batch("a", [1])).expect("the journal does not know yet");
    let waits = journal.append(batch("a", [2])).expect("the journal does not know yet");
    assert!(matches!(lost.durable().await, Err(Error::Broken(_))));
    assert!(matches!(waits.durable().await, Err(Error::Broken(_))));
    sqlx::query("ROLLBACK").execute(&mut beside).await.expect("it lets go");
    assert!(matches!(journal.append(batch("a", [3])), Err(Error::Broken(_))));
    assert!(matches!(journal.tail(0).next().await, Err(Error::Broken(_))));
}

#[tokio::test]
async fn a_journal_has_one_process_and_one_installation() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let second = Journal::open(&path, &installation()).await;
    assert!(matches!(second, Err(Error::InUse(_))));
    journal.close().await;
    let other = Installation { site: "elsewhere".into(), ..installation() };
    let foreign = Journal::open(&path, &other).await.expect_err("another site's");
    assert!(foreign.to_string().contains("site `main`"), "{foreign}");
    open(&path).await.close().await;
}

#[tokio::test]
async fn a_batch_beyond_the_limits_is_refused_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    assert!(matches!(journal.append(batch("a", 0..257)), Err(Error::TooLarge { facts: 257, .. })));
    let mut long = batch("a", []);
    long.facts.push(Fact::new("long", 1, json!("x".repeat(300_000))));
    assert!(matches!(journal.append(long), Err(Error::TooLarge { .. })));
    assert_eq!(journal.position(), 0);
}

#[tokio::test]
async fn open_streams_keep_their_release_until_they_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let journal = open(&folder.path().join("log.db")).await;
    let send = async |stream: &str, life, release: &str| {
        let mut batch = batch(stream, [1]);
        (batch.life, batch.release_digest) = (Some(life), release.into());
        journal.append(batch).expect("open").durable().await.expect("written");
    };
    send("a", Life::Begins, "sha256:1").await;
    send("b", Life::Begins, "sha256:2").await;
    let later = Time::from_millis(1_001);
    assert_eq!(journal.open_since_before(later).await.expect("readable"), ["a", "b"]);
    assert!(journal.open_since_before(Time::from_millis(1_000)).await.expect("read").is_empty());
    send("a", Life::Ends, "sha256:2").await;
    assert_eq!(journal.open_since_before(later).await.expect("readable"), ["b"]);
    assert_eq!(journal.open_releases().await.expect("readable"), ["sha256:2"]);
}

fn snapshot(position: u64, at: u64, form: &str) -> Snapshot {
    let state = position.to_string().into_bytes();
    Snapshot { position, recorded_at: Time::from_millis(at), form: form.into(), state }
}

#[tokio::test]
async fn the_latest_state_that_is_old_enough_is_found_and_older_ones_go() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("log.db");
    let journal = open(&path).await;
    let at = async |journal: &Journal, form: &str, at: u64| {
        let found = journal.snapshot("a", form, Time::from_millis(at)).await;
        found.expect("readable").map(|it| it.position)
    };
    assert_eq!(at(&journal, "one", 99).await, None);
    for (position, since) in [(10, 0), (20, 0), (30, 0), (40, 25)] {
        let kept = journal.keep("a", snapshot(position, position, "one"), Time::from_millis(since));
        kept.await.expect("open");
    }
    let other = snapshot(50, 50, "one");
    journal.keep("b", other.clone(), Time::default()).await.expect("open");
    journal.close().await;

    let journal = open(&path).await;
    assert_eq!(at(&journal, "one", 99).await, Some(40));
    assert_eq!(at(&journal, "one", 29).await, Some(20));
    assert_eq!(at(&journal, "one", 19).await, None, "nobody asks for those before 25 any more");
    assert_eq!(at(&journal, "two", 99).await, None, "it has another form");
    journal.keep("a", snapshot(60, 60, "two"), Time::default()).await.expect("open");
    assert_eq!(at(&journal, "one", 99).await, None, "nobody reads that form any more");
    let found = journal.snapshot("b", "one", Time::from_millis(50)).await.expect("readable");
    assert_eq!(found, Some(other));
    let state = vec![0; caruso_journal::MOST_STATE_BYTES + 1];
    let huge = Snapshot { state, ..snapshot(70, 70, "two") };
    let refused = journal.keep("a", huge, Time::default()).await;
    assert!(matches!(refused, Err(Error::TooLarge { .. })));
}
