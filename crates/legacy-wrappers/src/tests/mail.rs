//! E-mails, to a real mail server.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};

use caruso_test_kit::smtp;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use super::*;
use crate::MailServer;
use crate::conformance::{Examples, Outcome, Trial};

const EXAMPLES: &str = r#"
[[operation]]
name = "confirm_visit"
arguments = { to = "eva@example.com", name = "Eva de Vries", day = "2026-12-24" }

[[operation]]
name = "confirm_visit"
arguments = { to = "eva@example.com, all@example.com", name = "Eva", day = "2026-12-24" }
refused = true
"#;

/// The e-mails of the guide, sent by way of a port of this machine.
fn visits(folder: &Path, port: u16, definition: &str) -> Program {
    let files = [("visits/mail.xml", definition)];
    let mail = MailServer { host: "127.0.0.1".into(), port, credentials: None };
    let installation = Installation { mail: Some(mail), ..Installation::default() };
    added("visits", &files, &folder.join("data"), &installation)
}

fn definition() -> &'static str {
    guide::blocks("## Mail", "xml")[0]
}

fn hosted(folder: TempDir, program: Program) -> Bench {
    let (programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    Bench { folder, host, programs, stop, task }
}

fn visit(to: &str, key: &str) -> Invocation {
    let day = ("day".to_owned(), Value::Date("2026-12-24".parse().expect("a day")));
    let mut visit = invocation("confirm_visit", &[("to", to), ("name", "Eva")], key);
    visit.arguments.extend([day]);
    visit
}

/// A mail server; nothing where there is no program for it, which is said.
async fn server() -> Option<smtp::MailServer> {
    match smtp::MailServer::start().await {
        Ok(started) => Some(started.expect("it starts")),
        Err(missing) => {
            println!("{missing}");
            None
        }
    }
}

#[tokio::test]
async fn e_mails_pass_every_case_as_a_program_does() {
    let Some(peer) = server().await else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = visits(folder.path(), peer.address().port(), definition());
    let examples = Examples::read("e.toml", EXAMPLES, &program.declared).expect("they fit");
    let (limits, keys) = (Limits::default(), BTreeMap::new());
    let trial = Trial { program, examples, limits, keys, run: "t".into() };
    let report = trial.report().await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    for name in ["same-key-killed", "same-key-restarted", "refuses", "wrong-type"] {
        assert!(report.cases.iter().any(|it| it.name == name), "{name}");
    }
}

#[tokio::test]
async fn an_e_mail_is_sent_once_for_its_key_and_nobody_adds_a_header() {
    let Some(peer) = server().await else { return };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = visits(folder.path(), peer.address().port(), definition());
    let bench = hosted(folder, program);
    bench.ready().await;
    let done = bench.host.invoke(visit("Eva de Vries <eva@example.com>", "s1/mail")).await;
    assert_eq!(done.expect("it is taken").summary, "The confirmation is on its way.");
    let again = bench.host.invoke(visit("Eva de Vries <eva@example.com>", "s1/mail")).await;
    assert!(again.is_ok(), "{again:?}");
    let refused = bench.host.invoke(visit("eva@example.com\r\nBcc: all@example.com", "k2")).await;
    let Err(Error::Refused(words)) = refused else { panic!("{refused:?}") };
    assert!(words.contains("a line break"), "{words}");
    let taken = peer.taken();
    let [mail] = taken.as_slice() else { panic!("one: {taken:?}") };
    for line in [
        "From: \"Lek and Linge Energy\" <service@example.org>",
        "To: \"Eva de Vries\" <eva@example.com>",
        "Subject: Your visit on 2026-12-24",
        "Message-ID: <s1.mail@example.org>",
        "Dear Eva,",
    ] {
        assert!(mail.contains(line), "{line}: {mail}");
    }
    bench.end().await;
}

#[tokio::test]
async fn a_mail_server_that_is_away_gets_it_later_even_what_must_not_be_sent_twice() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
    let port = listener.local_addr().expect("bound").port();
    drop(listener);
    let once = definition().replace("<message ", "<message repeat=\"no\" ");
    for (name, definition) in [("a", definition()), ("b", once.as_str())] {
        let part = tempfile::tempdir_in(folder.path()).expect("a folder");
        let program = visits(part.path(), port, definition);
        let bench = hosted(part, program);
        bench.ready().await;
        for _ in 0..2 {
            let away = bench.host.invoke(visit("eva@example.com", name)).await;
            assert!(matches!(away, Err(Error::Later(_))), "{away:?}");
        }
        bench.end().await;
    }
}

/// A mail server that has its connection break when it has a whole e-mail, before it says so.
async fn breaks(listener: tokio::net::TcpListener, had: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        let (reader, mut writer) = stream.into_split();
        let mut lines = BufReader::new(reader).lines();
        let mut answer = "220 here\r\n";
        let mut is_letter = false;
        while writer.write_all(answer.as_bytes()).await.is_ok() {
            let Ok(Some(line)) = lines.next_line().await else { break };
            answer = match line.split_whitespace().next().unwrap_or_default() {
                "." if is_letter => {
                    had.fetch_add(1, Ordering::SeqCst);
                    break;
                }
                _ if is_letter => "",
                "DATA" => {
                    is_letter = true;
                    "354 go on\r\n"
                }
                _ => "250 fine\r\n",
            };
        }
    }
}

#[tokio::test]
async fn where_nobody_knows_whether_it_was_taken_the_file_says_whether_it_is_sent_again() {
    let once = definition().replace("<message ", "<message repeat=\"no\" ");
    for (definition, is_once) in [(definition(), false), (once.as_str(), true)] {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback");
        let port = listener.local_addr().expect("bound").port();
        let had = Arc::new(AtomicUsize::new(0));
        let server = tokio::spawn(breaks(listener, Arc::clone(&had)));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let program = visits(folder.path(), port, definition);
        let bench = hosted(folder, program);
        bench.ready().await;
        for _ in 0..2 {
            match bench.host.invoke(visit("eva@example.com", "k")).await {
                Err(Error::Refused(words)) if is_once => {
                    assert!(words.contains("It is not known whether this was done."), "{words}");
                }
                Err(Error::Later(_)) if !is_once => {}
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(had.load(Ordering::SeqCst), if is_once { 1 } else { 2 });
        bench.end().await;
        server.abort();
    }
}
