//! The same log gives the same decisions: what happened is exported and decided again, both by
//! command, and nothing of it tells who anybody is.

use std::path::Path;

use caruso_tests::{Installation, run};
use serde_json::Value;

/// Names and numbers of whoever takes part in the stories.
const SECRETS: [&str; 9] = [
    "anna",
    "bram",
    "sofie",
    "help the others",
    "0612345678",
    "+31612345678",
    "+31305550190",
    "Jansen",
    "de Vries",
];

/// Exports all that was decided under an application, and decides it again.
///
/// # Panics
/// Where a decision differs.
pub(crate) fn decides_the_same(application: &Path, system: &Installation) {
    let log = system.data().join("contacts.jsonl");
    let log = log.to_str().expect("a path of text");
    let exported = system.run(&["contacts", "export", "--output", log]);
    assert!(exported.status.success(), "{exported:?}");
    let text = std::fs::read_to_string(log).expect("it was written");
    let told: Vec<_> = SECRETS.iter().filter(|secret| text.contains(**secret)).collect();
    assert!(told.is_empty(), "the log tells {told:?}");

    let application = application.to_str().expect("a path of text");
    let replay = |log: &str| run(&["--format", "json", "replay", log, "--config", application]);
    let replayed = replay(log);
    let said = String::from_utf8_lossy(&replayed.stdout).into_owned();
    assert!(replayed.status.success(), "{said} {replayed:?}");
    let same: Value = serde_json::from_str(&said).expect("a document");
    assert!(same["decisions"].as_u64().is_some_and(|it| it > 5), "little was decided: {said}");
    println!("{said}");

    let broken = &text[..text.trim_end().rfind('\n').expect("several lines")];
    std::fs::write(log, broken).expect("writable");
    let refused = replay(log);
    let error = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && error.contains("[CY0103]"), "{error}");
}
