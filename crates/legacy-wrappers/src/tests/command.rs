//! Programs that are started for each operation.

use std::collections::BTreeMap;

use super::*;
use crate::conformance::{Examples, Outcome, Trial};

const EXAMPLES: &str = r#"
[[operation]]
name = "create_ticket"
arguments = { customer = "7", text = "no light; rm -rf /" }
undo = { operation = "close_ticket", arguments = { ticket = "ticket" } }

[[operation]]
name = "create_ticket"
arguments = { customer = "blocked" }
refused = true
"#;

/// The wrapper of the guide.
fn tickets(folder: &Path, definition: &str, program: &str) -> Program {
    let files = [("tickets/tickets.py", program), ("tickets/command.xml", definition)];
    added("tickets", &files, &folder.join("data"), &Installation::default())
}

fn guide(number: usize) -> &'static str {
    guide::blocks("## Commands without a program", ["xml", "python"][number])[0]
}

#[tokio::test]
async fn commands_pass_every_case_as_a_program_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let program = tickets(folder.path(), guide(0), guide(1));
    let examples = Examples::read("e.toml", EXAMPLES, &program.declared).expect("they fit");
    let (limits, keys) = (Limits::default(), BTreeMap::new());
    let trial = Trial { program, examples, limits, keys, run: "t".into() };
    let report = trial.report().await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    let tried: Vec<_> = report.cases.iter().map(|it| it.name).collect();
    for name in ["same-key-killed", "same-key-restarted", "undo", "refuses", "wrong-type"] {
        assert!(tried.contains(&name), "{tried:?}");
    }
    let kept = fs::read_to_string(folder.path().join("data/files/tickets.csv")).expect("kept");
    assert!(kept.contains("no light; rm -rf /"), "{kept}");
}

fn hosted(folder: TempDir, definition: &str, program: &str) -> Bench {
    let program = tickets(folder.path(), definition, program);
    let (programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    Bench { folder, host, programs, stop, task }
}

const ONCE: &str = r#"<!DOCTYPE command SYSTEM "wrapper.dtd">
<command program="tickets.py" seconds="1">
  <run operation="bill" repeat="no" output="none">
    <parameter name="how" type="text"/><argument of="how"/>
    <exit code="3" means="refused"/><exit code="75" means="later"/>
  </run>
</command>"#;
const BILLS: &str = "\
import os, sys, time
open(os.environ['CARUSO_DATA'] + '/bills', 'a').write(sys.argv[1] + '\\n')
secrets = [name for name in os.environ if name.startswith('CARUSO_')]
if sorted(secrets) != ['CARUSO_ACTOR', 'CARUSO_DATA', 'CARUSO_KEY']: sys.exit(9)
if sys.argv[1] == 'dies': sys.exit(1)
if sys.argv[1] == 'busy': sys.exit(75)
if sys.argv[1] == 'refuses':
    print('no such bill', file=sys.stderr)
    sys.exit(3)
if sys.argv[1] == 'sleeps': time.sleep(60)
";

#[tokio::test]
async fn what_must_not_be_done_twice_is_not_begun_again_where_nobody_knows() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bench = hosted(folder, ONCE, BILLS);
    bench.ready().await;
    let bill = async |how: &str, key: &str| bench.invoke_as("bill", &[("how", how)], key).await;
    assert!(bill("works", "k1").await.is_ok());
    assert!(bill("works", "k1").await.is_ok());
    for (how, key) in [("dies", "k2"), ("dies", "k2"), ("sleeps", "k3"), ("sleeps", "k3")] {
        let Err(Error::Refused(words)) = bill(how, key).await else { panic!("{how}: done") };
        assert!(words.starts_with("It is not known whether this was done."), "{words}");
    }
    assert_eq!(bill("refuses", "k4").await, Err(Error::Refused("no such bill".into())));
    for _ in 0..2 {
        let later = Error::Later("the program ended with 75".into());
        assert_eq!(bill("busy", "k5").await, Err(later));
    }
    let begun = bench.data("data/files/bills");
    assert_eq!(begun, "works\ndies\nsleeps\nrefuses\nbusy\nbusy\n");
    bench.end().await;
}
