//! `kill -9` at any moment: what was acknowledged is there, exactly once.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Command, Stdio};

use caruso_journal::{Batch, Condition, Errand, Fact, Installation, Journal};
use serde_json::json;

const ROUNDS: u64 = 25;
const FOLDER: &str = "CARUSO_TEST_KILL_FOLDER";
const ROUND: &str = "CARUSO_TEST_KILL_ROUND";
const WRITERS: u64 = 8;

async fn open(path: &Path) -> Journal {
    let installation = Installation { realm: "demo".into(), site: "main".into() };
    Journal::open(path, &installation).await.expect("the journal opens")
}

/// Appends `word` with an errand of the same name; prints it once it is durable.
async fn append(journal: &Journal, stream: &str, word: String) {
    let mut batch = Batch::new(stream, "writer");
    batch.facts.push(Fact::new("word", 1, json!({ "word": word })));
    let (key, body) = (word.clone(), json!({ "word": word }));
    batch.errands.push(Errand { key, contact_id: None, body, due_at: Default::default() });
    let condition = Condition { request: Some(word.clone()), expected: None };
    let submitted = journal.submit(batch, condition).await.expect("the journal works");
    let caruso_journal::Submitted::First(appended) = submitted else { panic!("{word} is new") };
    appended.durable().await.expect("written");
    println!("ack {word}");
}

/// The process that is killed is this program again, running this test alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_killed_writer_acknowledges_what_it_wrote() {
    let own = tempfile::tempdir().expect("a folder");
    let given = std::env::var_os(FOLDER).map(std::path::PathBuf::from);
    let round = std::env::var(ROUND).unwrap_or_default();
    let words = if given.is_some() { 100_000 } else { 3 };
    let path = given.as_deref().unwrap_or(own.path()).join("log.db");
    let journal = open(&path).await;
    let writers = (0..WRITERS).map(|writer| {
        let (journal, round) = (journal.clone(), round.clone());
        tokio::spawn(async move {
            for n in 0..words {
                append(&journal, &format!("w{writer}"), format!("{round}-{writer}-{n}")).await;
            }
        })
    });
    for writer in writers.collect::<Vec<_>>() {
        writer.await.expect("no writer fails");
    }
    assert_eq!(journal.position(), WRITERS * words);
}

/// Starts the writer, kills it after `lines` acknowledgements, gives all it acknowledged.
fn kill_after(folder: &Path, round: u64, lines: usize) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().expect("this program"))
        .args(["--exact", "the_killed_writer_acknowledges_what_it_wrote", "--nocapture"])
        .env(FOLDER, folder)
        .env(ROUND, round.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the writer starts");
    let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut text = String::new();
    for _ in 0..lines {
        output.read_line(&mut text).expect("readable");
    }
    child.kill().expect("it runs");
    child.wait().expect("it ended");
    let mut rest = Vec::new();
    output.read_to_end(&mut rest).expect("readable");
    text.push_str(&String::from_utf8_lossy(&rest));
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let acks = text[..whole].lines().filter_map(|line| line.split_once("ack "));
    acks.map(|(_, word)| word.to_owned()).collect()
}

async fn words(journal: &Journal) -> Vec<String> {
    let mut words = Vec::new();
    loop {
        let read = journal.read_after(words.len() as u64, 1000).await.expect("readable");
        if read.is_empty() {
            return words;
        }
        for event in read {
            assert_eq!(event.position, words.len() as u64 + 1, "no gaps");
            words.push(event.payload["word"].as_str().expect("a word").to_owned());
        }
    }
}

#[tokio::test]
async fn what_was_acknowledged_before_a_kill_is_there_exactly_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        // From the first moments of the process to deep in its work, never in a pattern.
        let lines = usize::try_from(round * round * 7 % 211).expect("small");
        acknowledged.extend(kill_after(folder.path(), round, lines));
        let journal = open(&folder.path().join("log.db")).await;
        let mut words = words(&journal).await;
        words.sort_unstable();
        let there = words.len();
        words.dedup();
        assert_eq!(words.len(), there, "nothing is doubled");
        for word in &acknowledged {
            assert!(words.binary_search(word).is_ok(), "{word} was acknowledged in round {round}");
        }
        let errands = errands(&journal).await;
        assert_eq!(errands, there, "an errand stands with its event");
        journal.close().await;
    }
    assert!(acknowledged.len() > 1000, "{}", acknowledged.len());
}

async fn errands(journal: &Journal) -> usize {
    let mut count = 0;
    loop {
        let waiting = journal.claim(Default::default(), 256).await.expect("readable");
        if waiting.due.is_empty() {
            return count;
        }
        count += waiting.due.len();
    }
}
