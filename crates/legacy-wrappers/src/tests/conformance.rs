//! The trial: wrappers that behave pass it, and one that does one thing wrong fails just that.

use std::collections::BTreeMap;

use super::*;
use crate::DeclaredClass;
use crate::conformance::{Case, Examples, Outcome, Report, Trial, UNFIT_EXAMPLE};

const PROGRAM: &str = include_str!("conformance/wrapper.py");
const EXAMPLES: &str = r#"
[[operation]]
name = "order"
arguments = { customer = "7", text = "a lamp" }
undo = { operation = "cancel", arguments = { order = "order" } }

[[operation]]
name = "order"
arguments = { customer = "blocked" }
refused = true

[[class]]
name = "Customer"
change = { key = "2", values = { city = "Leiden" } }
create = { id = "9", name = "Di", city = "Breda" }
"#;
/// Every flaw of the program, each the name of the case that finds it.
const FLAWS: [&str; 26] = [
    "describes",
    "unknown-fields",
    "largest-request",
    "several-at-once",
    "unknown-request",
    "unknown-operation",
    "missing-argument",
    "wrong-type",
    "refuses",
    "same-key",
    "same-key-restarted",
    "same-key-killed",
    "undo",
    "objects",
    "unknown-key",
    "get",
    "searches",
    "pages",
    "stale",
    "change-unknown-key",
    "change",
    "change-same-key",
    "create",
    "delete",
    "ends",
    "clean-output",
];

fn declared() -> Declared {
    let order = [("customer", Type::Text, true), ("text", Type::Text, false)];
    let mut declared = declare("order", &order, &[("order", Type::Text)]);
    let cancel = declare("cancel", &[("order", Type::Text, true)], &[]);
    declared.operations.extend(cancel.operations);
    let members = ["id", "name", "city"].map(|name| (name.to_owned(), Type::Text)).into();
    let class = DeclaredClass { members, searches: ["city".to_owned()].into(), is_writable: true };
    declared.classes.insert("Customer".into(), class);
    declared
}

fn limits() -> Limits {
    // long enough for a program that answers at once on a busy machine
    let long = Duration::from_secs(5);
    Limits { start: long, invoke: Duration::from_secs(4), read: long }
}

async fn tried(flaw: &str) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join(format!("{flaw}.py"));
    fs::write(&file, PROGRAM).expect("a writable folder");
    let declared = declared();
    let examples = Examples::read("examples.toml", EXAMPLES, &declared).expect("they fit");
    let program = program(file, folder.path(), declared);
    let keys = BTreeMap::from([("Customer".to_owned(), vec!["id".to_owned()])]);
    Trial { program, examples, limits: limits(), keys, run: "t".into() }.report().await
}

fn failed(report: &Report) -> Vec<&Case> {
    let is_failed = |case: &&Case| matches!(case.outcome, Outcome::Failed(_));
    report.cases.iter().filter(is_failed).collect()
}

#[tokio::test]
async fn a_wrapper_that_behaves_passes_every_case() {
    let report = tried("none").await;
    let others: Vec<_> = report.cases.iter().filter(|it| it.outcome != Outcome::Passed).collect();
    assert!(others.is_empty(), "{others:#?}");
    let tried: Vec<&str> = report.cases.iter().map(|case| case.name).collect();
    let missing: Vec<_> = FLAWS.iter().filter(|flaw| !tried.contains(flaw)).collect();
    assert!(missing.is_empty(), "no flaw is known of {missing:?}");
    let unknown: Vec<_> = tried.iter().filter(|name| !FLAWS.contains(name)).collect();
    assert!(unknown.is_empty(), "no program here fails {unknown:?}");
    assert!(report.has_passed(true));
}

/// A few at a time, as some wait for a time limit.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrapper_that_does_one_thing_wrong_fails_just_that() {
    for some in FLAWS.chunks(4) {
        let some: Vec<_> = some.iter().map(|flaw| (*flaw, tokio::spawn(tried(flaw)))).collect();
        for (flaw, report) in some {
            let report = report.await.expect("no panic");
            let failed = failed(&report);
            let names: Vec<_> = failed.iter().map(|case| case.name).collect();
            assert_eq!(names.first(), Some(&flaw), "{failed:#?}");
            assert!(names.iter().all(|name| *name == flaw), "{failed:#?}");
            assert!(!report.has_passed(false));
        }
    }
}

/// A wrapper of the example, by the examples that stand beside it.
async fn tried_of_the_example(name: &str, folder: &TempDir) -> Report {
    let release = running::example();
    let application = release.compiled(Application::compile).expect("the example is sound");
    let wrapper = application.wrappers.iter().find(|it| it.name == name).expect("declared");
    let program = install(&release, wrapper, folder.path(), &Installation::default())
        .expect("a writable folder");
    let file = wrapper.program.rsplit_once('.').expect("it has an ending").0;
    let file = format!("{file}.test.toml");
    let text = Release::file(&release, &file).expect("examples beside the program");
    let text = std::str::from_utf8(text).expect("a text");
    let examples = Examples::read(&file, text, &program.declared).expect("they fit");
    let keys = BTreeMap::from([("Invoice".to_owned(), vec!["number".to_owned()])]);
    let limits = Limits::default();
    Trial { program, examples, limits, keys, run: "t".into() }.report().await
}

#[tokio::test]
async fn the_wrappers_of_the_example_pass() {
    for name in ["erp", "billing"] {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let report = tried_of_the_example(name, &folder).await;
        assert!(report.has_passed(false), "{:#?}", failed(&report));
        let is_skipped = |case: &&Case| matches!(case.outcome, Outcome::Skipped(_));
        assert_eq!(report.cases.iter().find(is_skipped), None);
        let passed = report.cases.iter().filter(|it| it.outcome == Outcome::Passed).count();
        assert!(passed >= 10, "{report:#?}");
    }
}

#[tokio::test]
async fn what_a_program_wrote_before_it_died_stands_beside_the_case() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("broken.py");
    fs::write(&file, "raise SystemExit('no ERP here')\n").expect("a writable folder");
    let program = program(file, folder.path(), declared());
    let (examples, keys) = (Examples::default(), BTreeMap::new());
    let trial = Trial { program, examples, limits: limits(), keys, run: "t".into() };
    let report = trial.report().await;
    let [case] = report.cases.as_slice() else { panic!("nothing else is tried: {report:#?}") };
    assert_eq!((case.name, case.wrote.as_slice()), ("describes", &["no ERP here".to_owned()][..]));
    assert_eq!(case.outcome, Outcome::Failed("the program ended: exit status: 1".into()));
}

#[tokio::test]
async fn what_nobody_gave_an_example_of_is_skipped_and_said() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let file = folder.path().join("none.py");
    fs::write(&file, PROGRAM).expect("a writable folder");
    let program = program(file, folder.path(), declared());
    let keys = BTreeMap::from([("Customer".to_owned(), vec!["id".to_owned()])]);
    let examples = Examples::default();
    let trial = Trial { program, examples, limits: limits(), keys, run: "t".into() };
    let report = trial.report().await;
    let skipped = report.cases.iter().filter_map(|case| match &case.outcome {
        Outcome::Skipped(how) => Some((case.name, case.about.as_str(), how.contains("example"))),
        _ => None,
    });
    let expected =
        [("same-key", "cancel", true), ("same-key", "order", true), ("change", "Customer", true)];
    assert_eq!(skipped.collect::<Vec<_>>(), expected);
    let kept = fs::read_to_string(folder.path().join("kept.json")).expect("written at the end");
    assert!(kept.contains(r#""orders": {}"#), "{kept}");
}

#[test]
fn examples_that_do_not_fit_are_found_at_their_place() {
    let found = |text: &str| {
        let found = Examples::read("examples.toml", text, &declared()).expect_err(text);
        let found = found.into_iter().map(|it| (it.code, it.line, it.column, it.message));
        found.collect::<Vec<_>>()
    };
    let unreadable = found("[[operation]]\nname = \n");
    assert_eq!((unreadable[0].0, unreadable[0].1), ("CW0201", 2));
    assert_eq!(found("[[operation]]\nname = 'order'\nundone = 1\n")[0].1, 3);
    let unfit = |line, column, words: &str| (UNFIT_EXAMPLE, line, column, words.to_owned());
    let text = "\
[[operation]]
name = 'ordre'
[[operation]]
name = 'order'
arguments = { customer = 7, colour = 'red' }
undo = { operation = 'cancel', arguments = { number = 'order' } }
[[class]]
name = 'Order'
[[class]]
name = 'Customer'
where = { name = ['Ada'] }
change = { key = '1', values = { town = 'Delft', city = ['Delft'] } }
";
    let expected = [
        unfit(2, 8, "no operation `ordre` is declared"),
        unfit(5, 38, "`order` has no parameter `colour`"),
        unfit(5, 26, "`customer` must be text"),
        unfit(6, 8, "`cancel` has no parameter `number` of type text"),
        unfit(8, 8, "the wrapper holds no class `Order`"),
        unfit(11, 18, "`Customer` is not looked for by `name`"),
        unfit(12, 57, "`city` must be text"),
        unfit(12, 41, "`Customer` has no `town`"),
    ];
    assert_eq!(found(text), expected);
    let missing = "[[operation]]\nname = 'order'\n";
    assert_eq!(found(missing), [unfit(2, 8, "the argument `customer` is missing")]);
    assert!(found(&"[[class]]\nname = 'Customer'\n".repeat(101))[0].3.contains("more than 100"));
}
