use std::time::Duration;

use super::*;

/// A log to which three sessions were added one by one, and a registry that has them.
fn three(folder: &Path) -> (Registry, Vec<u8>) {
    let (mut registry, mut log) = load(folder).expect("the first start");
    for id in ["s1", "s2", "s3"] {
        registry.open(Duration::ZERO, id, "a", "1.0.0", vec![1]).expect("room");
        log.add(&registry.take_unsaved()).expect("written");
    }
    (registry, std::fs::read(folder.join("directory.log")).expect("there"))
}

fn names(registry: &Registry) -> Vec<&str> {
    registry.sessions().keys().map(String::as_str).collect()
}

fn restarted(folder: &Path, content: &[u8]) -> Result<Registry, Error> {
    std::fs::write(folder.join("directory.log"), content).expect("own file");
    load(folder).map(|(registry, _)| registry)
}

#[test]
fn a_directory_survives_a_restart_with_later_revisions() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut registry, _) = three(folder.path());
    let (mut restored, mut log) = load(folder.path()).expect("the second start");
    assert!(restored.revision() > registry.revision());
    assert_eq!(names(&restored), ["s1", "s2", "s3"]);
    assert_eq!(restored.resume(Duration::ZERO, "s1", "a", &[1]), Some(1));
    registry.leave("s2", 2);
    log.add(&registry.take_unsaved()).expect("written");
    let (again, _) = load(folder.path()).expect("the third start");
    assert_eq!(names(&again), ["s1", "s3"]);
}

#[test]
fn wherever_a_crash_cut_the_log_off_what_was_whole_is_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_, whole) = three(folder.path());
    let mut before = 0;
    for end in 0..=whole.len() {
        let registry = restarted(folder.path(), &whole[..end]).expect("it starts");
        assert!(registry.sessions().len() >= before, "cut at {end}");
        before = registry.sessions().len();
        let mut with_room = whole[..end].to_vec();
        with_room.extend([0; 64]);
        // half a record and zeros are told from damage by the check sum of its length
        if let Ok(registry) = restarted(folder.path(), &with_room) {
            assert_eq!(registry.sessions().len(), before, "cut at {end}, with room behind");
        }
    }
    assert_eq!(before, 3);
}

#[test]
fn damage_before_the_end_is_refused_and_never_misread() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (_, whole) = three(folder.path());
    // the record of s3 is the last; a damaged last one is as one that was never written
    let last = whole.windows(2).rposition(|it| it == b"s3").expect("there") - 64;
    for at in 0..whole.len() {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x40;
        match restarted(folder.path(), &damaged) {
            Err(error) => assert!(matches!(error, Error::Damaged(_)), "{error}"),
            Ok(registry) => {
                assert!(at >= last, "a changed byte at {at} passed unseen");
                assert_eq!(names(&registry), ["s1", "s2"]);
            }
        }
    }
}

#[test]
fn a_log_that_has_grown_begins_again_with_what_there_is() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (mut registry, mut log) = load(folder.path()).expect("the first start");
    let mut at = 0;
    while !log.is_over() {
        at += 1;
        let stream = registry.open(Duration::ZERO, "s", "a", &"1".repeat(1000), vec![1]);
        log.add(&registry.take_unsaved()).expect("written");
        registry.leave("s", stream.expect("room"));
        log.add(&registry.take_unsaved()).expect("written");
        assert!(at < 10_000, "it ends");
    }
    let path = folder.path().join("directory.log");
    let grown = std::fs::metadata(&path).expect("there").len();
    log.begin(&all(&registry)).expect("written");
    assert!(!log.is_over());
    assert!(std::fs::metadata(&path).expect("there").len() < grown / 100);
}
