//! A voice says texts, and programs that misbehave do no harm.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use caruso_speech::{MAX_OUTPUT, Options, PROGRAM, Voice, WAITING, is_installed};

/// A program of a few lines of shell.
fn program(folder: &Path, name: &str, body: &str) -> PathBuf {
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\n{body}\n")).expect("writable");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("ours");
    path
}

fn voice(program: PathBuf, time_limit: Duration) -> Voice {
    Voice::new(Options { program, time_limit, ..Options::default() })
}

/// Root of the mean square.
fn level(samples: &[i16]) -> f64 {
    let power: f64 = samples.iter().map(|it| f64::from(*it).powi(2)).sum();
    (power / f64::from(u32::try_from(samples.len()).expect("short"))).sqrt()
}

/// A WAV file at 8 kHz with 100 samples, for a program to write.
fn file(folder: &Path) -> PathBuf {
    let path = folder.join("said.wav");
    fs::write(&path, caruso_media::wav::write(&[1_000; 100]).expect("small")).expect("writable");
    path
}

const LIMIT: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_said_in_its_language_and_takes_as_long_as_it_should() {
    if !is_installed(PROGRAM.as_ref()) {
        return println!("left out: {PROGRAM} is not installed");
    }
    let voice = Voice::new(Options { time_limit: LIMIT, ..Options::default() });
    let said = voice.say("en-GB", "You typed 0 4 2.").await.expect("it is said");
    let seconds = f64::from(u32::try_from(said.len()).expect("short")) / 8_000.0;
    assert!((0.8..4.0).contains(&seconds), "{seconds} s");
    assert!(level(&said) > 500.0, "it is not silence");
    let longer = voice.say("en", "You typed 0 4 2 0 4 2 0 4 2.").await.expect("it is said");
    assert!(longer.len() > said.len() + 8_000, "more digits take longer");
    let dutch = voice.say("nl", "You typed 0 4 2.").await.expect("it is said");
    assert_ne!(dutch, said, "another voice");
    assert_eq!(voice.say("xx", "Hello").await, None, "a voice that does not exist");
    assert_eq!(voice.say("en; rm", "Hello").await, None);
    assert_eq!(voice.say("en", " ").await, None);
    let options_in_text = voice.say("en", "--version -v de -f /etc/passwd").await;
    assert!(options_in_text.is_some_and(|it| it.len() > 8_000), "a text is never an option");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_said_once_however_many_ask_for_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, said) = (folder.path().join("log"), file(folder.path()));
    let body = format!("cat > /dev/null; echo x >> {}; cat {}", log.display(), said.display());
    let voice = voice(program(folder.path(), "once", &body), LIMIT);
    let asked = (0..20).map(|_| {
        let voice = voice.clone();
        tokio::spawn(async move { voice.say("en", "Hello").await })
    });
    for asked in asked.collect::<Vec<_>>() {
        let samples = asked.await.expect("no panic").expect("it is said");
        assert_eq!(samples[..], [1_000; 100]);
    }
    assert_eq!(fs::read_to_string(&log).expect("it ran"), "x\n");
    voice.say("de", "Hello").await.expect("another voice");
    assert_eq!(fs::read_to_string(&log).expect("it ran"), "x\nx\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_kept_has_a_limit_and_what_does_not_fit_is_said_anew() {
    let folder = tempfile::tempdir().expect("a folder");
    let (log, said) = (folder.path().join("log"), file(folder.path()));
    let body = format!("cat > /dev/null; echo x >> {}; cat {}", log.display(), said.display());
    let program = program(folder.path(), "small", &body);
    let voice = Voice::new(Options { program, time_limit: LIMIT, cache: 100 });
    for _ in 0..2 {
        voice.say("en", "Hello").await.expect("it is said");
    }
    assert_eq!(fs::read_to_string(&log).expect("it ran"), "x\nx\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_hangs_dies_writes_rubbish_or_too_much_says_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = file(folder.path());
    let too_much = MAX_OUTPUT / 1_000 + 2;
    for (name, body) in [
        ("dies", "cat > /dev/null; kill -9 $$".to_owned()),
        ("fails", format!("cat {}; exit 3", said.display())),
        ("rubbish", "cat > /dev/null; echo this is no sound".to_owned()),
        ("silent", "cat > /dev/null".to_owned()),
        ("too-much", format!("cat {}; head -c {too_much}000 /dev/zero", said.display())),
        ("endless", format!("cat {}; exec cat /dev/zero", said.display())),
    ] {
        let voice = voice(program(folder.path(), name, &body), LIMIT);
        let begun = Instant::now();
        assert_eq!(voice.say("en", "Hello").await, None, "{name}");
        assert!(begun.elapsed() < LIMIT, "{name} was not waited for to the end");
    }
    let missing = voice(folder.path().join("missing"), LIMIT);
    assert_eq!(missing.say("en", "Hello").await, None);
    // it need not read what it says
    let deaf = voice(program(folder.path(), "deaf", &format!("cat {}", said.display())), LIMIT);
    assert!(deaf.say("en", &"word ".repeat(2_000)).await.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_hangs_is_killed_at_its_time_limit() {
    let folder = tempfile::tempdir().expect("a folder");
    let pid = folder.path().join("pid");
    let body = format!("echo $$ > {}; exec sleep 1000", pid.display());
    let voice = voice(program(folder.path(), "hangs", &body), Duration::from_secs(1));
    assert_eq!(voice.say("en", "Hello").await, None);
    let pid = fs::read_to_string(&pid).expect("it ran");
    let process = PathBuf::from(format!("/proc/{}", pid.trim()));
    let until = Instant::now() + LIMIT;
    let is_gone = || {
        // a process that was killed and not yet waited for has no command line
        fs::read(process.join("cmdline")).map_or(true, |it| it.is_empty())
    };
    while !is_gone() {
        assert!(Instant::now() < until, "it still runs");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_more_texts_wait_than_may() {
    let folder = tempfile::tempdir().expect("a folder");
    let slow = program(folder.path(), "slow", "exec sleep 1000");
    let voice = voice(slow, Duration::from_secs(2));
    let asked = (0..WAITING + 20).map(|number| {
        let voice = voice.clone();
        tokio::spawn(async move {
            let begun = Instant::now();
            let said = voice.say("en", &format!("text {number}")).await;
            (said, begun.elapsed())
        })
    });
    let mut at_once = 0;
    for asked in asked.collect::<Vec<_>>() {
        let (said, took) = asked.await.expect("no panic");
        assert_eq!(said, None);
        at_once += usize::from(took < Duration::from_secs(1));
    }
    assert!(at_once >= 20, "{at_once} were refused at once");
}
