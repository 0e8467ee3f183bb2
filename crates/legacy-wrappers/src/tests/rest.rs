//! Calls over HTTP, of a real little server.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use super::*;
use crate::Remote;
use crate::conformance::{Examples, Outcome, Trial};

const CHAPTER: &str = "## REST by an OpenAPI description";
const EXAMPLES: &str = r#"
[[operation]]
name = "create_repair"
arguments = { customer_id = "7", text = "no light", address_city = "Leiden", tags = "a\nb" }
undo = { operation = "cancel_repair", arguments = { number = "number" } }

[[operation]]
name = "create_repair"
arguments = { customer_id = "blocked" }
refused = true

[[class]]
name = "Repair"
where = { customer = ["1"] }
"#;

/// A server in Python, on a port of its own; it ends with this.
pub(super) struct Server {
    child: Child,
    pub(super) address: String,
}

impl Server {
    pub(super) fn start(folder: &Path, program: &str) -> Self {
        let file = folder.join("server.py");
        fs::write(&file, program).expect("a writable folder");
        let mut child = Command::new("python3");
        let child = child.arg(file).stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("python3 is installed");
        let mut port = String::new();
        let output = child.stdout.take().expect("it was asked for");
        BufReader::new(output).read_line(&mut port).expect("it says its port");
        Self { child, address: format!("http://127.0.0.1:{}", port.trim()) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // dead already is as good
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn repairs(folder: &Path, remote: Option<Remote>, definition: &str) -> Program {
    let description = guide::blocks(CHAPTER, "json")[0];
    let model = guide::blocks(CHAPTER, "xml")[1];
    let files = [
        ("objects/repairs.xml", model),
        ("repairs/openapi.json", description),
        ("repairs/rest.xml", definition),
    ];
    let installation = Installation { remote, ..Installation::default() };
    added("repairs", &files, &folder.join("data"), &installation)
}

fn definition() -> &'static str {
    guide::blocks(CHAPTER, "xml")[0]
}

fn remote(server: &Server, token: &str) -> Remote {
    let remote = Remote::new(&format!("{}/shop", server.address)).expect("an address");
    remote.with_token(Some("X-Api-Key"), token).expect("a header")
}

#[tokio::test]
async fn calls_over_http_pass_every_case_as_a_program_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), include_str!("rest.py"));
    let program = repairs(folder.path(), Some(remote(&server, "s3cret")), definition());
    let examples = Examples::read("e.toml", EXAMPLES, &program.declared).expect("they fit");
    let keys = BTreeMap::from([("Repair".to_owned(), vec!["number".to_owned()])]);
    let trial = Trial { program, examples, limits: Limits::default(), keys, run: "t".into() };
    let report = trial.report().await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    let tried: Vec<_> = report.cases.iter().map(|it| it.name).collect();
    for name in ["same-key-killed", "undo", "refuses", "pages", "searches", "unknown-key"] {
        assert!(tried.contains(&name), "{tried:?}");
    }
}

fn hosted(remote: Option<Remote>, definition: &str, folder: TempDir) -> Bench {
    let program = repairs(folder.path(), remote, definition);
    let (programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    Bench { folder, host, programs, stop, task }
}

async fn create(bench: &Bench, customer: &str, text: &str, key: &str) -> Result<Arc<Done>, Error> {
    let arguments = [("customer_id", customer), ("text", text)];
    bench.invoke_as("create_repair", &arguments, key).await
}

#[tokio::test]
async fn what_the_other_system_says_is_what_an_agent_reads() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), include_str!("rest.py"));
    // a system that knows no keys
    let definition = definition().replace("key-header=\"Idempotency-Key\"", "seconds=\"1\"");
    let bench = hosted(Some(remote(&server, "s3cret")), &definition, folder);
    bench.ready().await;
    let done = create(&bench, "7", "no light", "k1").await.expect("it is done");
    assert_eq!(done.results["number"], Value::Text("R0301".into()));
    assert_eq!(done.summary, "The repair is ordered.");
    let refused = create(&bench, "blocked", "", "k2").await;
    assert_eq!(refused, Err(Error::Refused("This customer pays first.".into())));
    for (text, key) in [("odd", "k3"), ("odd", "k3"), ("slow", "k4"), ("slow", "k4")] {
        let Err(Error::Refused(words)) = create(&bench, "7", text, key).await else {
            panic!("{text}: nobody knows")
        };
        assert!(words.starts_with("It is not known whether this was done."), "{words}");
    }
    let gone = bench.invoke_as("cancel_repair", &[("number", "R9/../x")], "k5").await;
    assert_eq!(gone, Err(Error::Refused("There is no such repair.".into())));
    bench.end().await;
    let mut seen = Vec::new();
    let stream = std::net::TcpStream::connect(&server.address["http://".len()..]);
    let mut stream = stream.expect("it listens");
    let request = b"GET /seen HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    std::io::Write::write_all(&mut stream, request).expect("sent");
    std::io::Read::read_to_end(&mut stream, &mut seen).expect("answered");
    let seen = String::from_utf8_lossy(&seen);
    assert!(seen.ends_with(r#"["no light", "", "odd", "slow"]"#), "each once: {seen}");
}

#[tokio::test]
async fn a_system_that_cannot_be_reached_or_does_not_know_us_comes_later() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bench = hosted(None, definition(), folder);
    bench.ready().await;
    let nowhere = "the site file says no `url` of this wrapper";
    assert_eq!(create(&bench, "7", "", "k").await, Err(Error::Later(nowhere.into())));
    bench.end().await;

    let folder = tempfile::tempdir().expect("a temporary folder");
    let server = Server::start(folder.path(), include_str!("rest.py"));
    let bench = hosted(Some(remote(&server, "guessed")), definition(), folder);
    bench.ready().await;
    let who = Err(Error::Later("Who is asking?".into()));
    assert_eq!(create(&bench, "7", "", "k").await, who);
    drop(server);
    let Err(Error::Later(words)) = create(&bench, "7", "", "k").await else { panic!("gone") };
    assert!(words.contains("refused"), "{words}");
    bench.end().await;
}
