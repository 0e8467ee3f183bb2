//! A wrapper of files: it passes the trial as programs do, and a file that is replaced is read as
//! the old or the new one.

use std::collections::BTreeMap;

use super::*;
use crate::conformance::{Examples, Outcome, Trial};
use crate::protocol::Query;

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects wrapper="counter" country="NL">
  <class id="x1" name="Receipt" key="number"><label language="en">Receipt</label>
    <attribute id="x1a" name="number" type="text" required="yes">
      <label language="en">Number</label></attribute>
    <attribute id="x1b" name="customer" type="text">
      <label language="en">Customer</label></attribute>
    <attribute id="x1c" name="amount" type="decimal" decimals="2">
      <label language="en">Amount</label></attribute>
    <index attributes="customer"/></class>
</business-objects>"#;
const DEFINITION: &str = r#"<!DOCTYPE files SYSTEM "wrapper.dtd">
<files><table class="Receipt" pattern="receipts.csv" separator=";" header="yes" rows="F">
  <column attribute="number" name="No"/>
  <column attribute="customer" name="Customer"/>
  <column attribute="amount" name="Amount" stored="decimals:2"/>
</table></files>"#;

/// The wrapper `counter`, which reads `folder`.
fn counter(folder: &Path, definition: &str) -> Program {
    let files = [("objects/counter.xml", MODEL), ("counter/files.xml", definition)];
    let installation = Installation { folder: Some(folder.to_owned()), ..Installation::default() };
    added("counter", &files, &folder.join("data"), &installation)
}

/// So many receipts, all of which say the same of their customer.
fn receipts(customer: &str, count: usize) -> String {
    let rows = (0..count).map(|it| format!("F{it:05};{customer};{}\n", 100 + it));
    std::iter::once("No;Customer;Amount\n".to_owned()).chain(rows).collect()
}

/// As a file is put in the place of another one.
fn replace(folder: &Path, text: &str) {
    let apart = folder.join("receipts.new");
    fs::write(&apart, text).expect("a writable folder");
    let file = fs::File::options().write(true).open(&apart).expect("it is there");
    let before = std::time::SystemTime::now() - Duration::from_secs(60);
    file.set_modified(before).expect("own file");
    fs::rename(&apart, folder.join("receipts.csv")).expect("the same folder");
}

#[tokio::test]
async fn a_wrapper_of_files_passes_every_case_as_a_program_does() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    replace(folder.path(), &receipts("7", 450));
    let program = counter(folder.path(), DEFINITION);
    let text = "[[class]]\nname = \"Receipt\"\nwhere = { customer = [\"7\"] }\n";
    let examples = Examples::read("e.toml", text, &program.declared).expect("they fit");
    let keys = BTreeMap::from([("Receipt".to_owned(), vec!["number".to_owned()])]);
    let trial = Trial { program, examples, limits: Limits::default(), keys, run: "t".into() };
    let report = trial.report().await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    let tried: Vec<_> = report.cases.iter().map(|it| it.name).collect();
    for name in ["describes", "largest-request", "several-at-once", "pages", "searches", "ends"] {
        assert!(tried.contains(&name), "{tried:?}");
    }
}

/// The host of a wrapper that reads a folder.
fn hosted(folder: TempDir, definition: &str) -> Bench {
    let program = counter(folder.path(), definition);
    let (programs, program) = watch::channel(Some(program));
    let stop = CancellationToken::new();
    let (host, task) = Host::start(program, Limits::default(), stop.clone());
    Bench { folder, host, programs, stop, task }
}

/// The customers of the first receipts, or why there are none.
async fn customers(bench: &Bench, limit: usize) -> Result<Vec<String>, Error> {
    let (class, wanted) = ("Receipt".to_owned(), BTreeMap::new());
    let query = Query { class, wanted, limit, cursor: String::new() };
    let found = timeout(PATIENCE, bench.host.query(query)).await.expect("an answer in time")?;
    let customer = |it: &crate::Object| match it.values.get("customer") {
        Some(Value::Text(customer)) => customer.clone(),
        _ => String::new(),
    };
    Ok(found.objects.iter().map(customer).collect())
}

#[tokio::test]
async fn a_file_that_is_replaced_is_read_as_the_old_or_the_new_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    replace(folder.path(), &receipts("0", 100));
    let bench = hosted(folder, DEFINITION);
    bench.ready().await;
    let path = bench.folder.path().to_owned();
    let (done, mut is_done) = watch::channel(false);
    let replacing = std::thread::spawn(move || {
        for turn in 1..=100 {
            replace(&path, &receipts(&turn.to_string(), 100));
        }
        done.send_replace(true);
    });
    let mut seen = std::collections::BTreeSet::new();
    while !*is_done.borrow_and_update() {
        let found = match customers(&bench, 200).await {
            Ok(found) => found,
            // it went between the look at the folder and the reading
            Err(Error::Later(_)) => continue,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found.len(), 100);
        assert!(found.iter().all(|it| it == &found[0]), "half of each: {found:?}");
        seen.insert(found[0].clone());
    }
    replacing.join().expect("no panic");
    assert_eq!(customers(&bench, 1).await, Ok(vec!["100".to_owned()]));
    assert!(!seen.is_empty());
    bench.end().await;
}

#[tokio::test]
async fn a_file_that_is_being_written_is_not_read_before_its_last_line_is_there() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let definition = DEFINITION.replace("rows=\"F\"", "rows=\"F\" last=\"END\"");
    replace(folder.path(), &format!("{}END\n", receipts("old", 3)));
    let bench = hosted(folder, &definition);
    bench.ready().await;
    assert_eq!(customers(&bench, 9).await, Ok(vec!["old".to_owned(); 3]));
    // half of it, however long that has been so
    replace(bench.folder.path(), &receipts("new", 2));
    assert_eq!(customers(&bench, 9).await, Ok(vec!["old".to_owned(); 3]));
    // all of it, a moment ago
    let whole = format!("{}END\n", receipts("new", 4));
    fs::write(bench.folder.path().join("receipts.csv"), whole).expect("a writable folder");
    assert_eq!(customers(&bench, 9).await, Ok(vec!["old".to_owned(); 3]));
    let taken = async { while customers(&bench, 9).await != Ok(vec!["new".to_owned(); 4]) {} };
    timeout(PATIENCE, taken).await.expect("it is read when it has come to rest");
    bench.end().await;
}

#[tokio::test]
async fn what_is_no_file_of_rows_is_said_and_a_bad_row_hides_no_other() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let bench = hosted(folder, DEFINITION);
    bench.ready().await;
    let missing = "there is no file receipts.csv of the other system";
    assert_eq!(customers(&bench, 9).await, Err(Error::Later(missing.into())));
    replace(bench.folder.path(), "No;Amount\nF1;100\n");
    let unfit = "receipts.csv:1: the first line has no column `Customer`";
    assert_eq!(customers(&bench, 9).await, Err(Error::Later(unfit.into())));
    replace(bench.folder.path(), "No;Customer;Amount\nF1;a;1,00\nF2;b;100\n");
    assert_eq!(customers(&bench, 9).await, Ok(vec!["b".to_owned()]));
    bench.end().await;
}
