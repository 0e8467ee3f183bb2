//! Whoever writes a wrapper is told by command whether it behaves.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use caruso_tests::{Copy, Process, run, until, utilities};
use serde_json::{Value, json};

fn told(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    text(&output.stdout) + &text(&output.stderr)
}

/// The outcome of each case, by its name.
fn cases(output: &Output) -> Vec<(String, String)> {
    let report: Value = serde_json::from_slice(&output.stdout).expect("a report");
    let cases = report["cases"].as_array().expect("a list");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    cases.iter().map(|case| (text(&case["case"]), text(&case["outcome"]))).collect()
}

#[test]
fn the_wrappers_of_the_example_are_tried_by_command() {
    let folder = utilities();
    let folder = folder.to_str().expect("a plain path");
    for name in ["erp", "billing"] {
        let tried = run(&["wrapper", "test", name, "--app", folder]);
        assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));
        assert!(told(&tried).contains(&format!("{name}: ")), "{}", told(&tried));
        assert!(told(&tried).contains(" passed, 0 failed"), "{}", told(&tried));
    }
    let unknown = run(&["wrapper", "test", "epr", "--app", folder]);
    assert_eq!(unknown.status.code(), Some(1));
    assert!(
        told(&unknown).contains("declares no wrapper `epr`; did you mean `erp`"),
        "{unknown:?}"
    );
}

#[test]
fn a_wrapper_that_forgets_its_keys_is_found_out() {
    let copy = Copy::new();
    let folder = copy.path().to_str().expect("a plain path");
    let made = run(&["wrapper", "new", "orders", "--app", folder]);
    assert_eq!(made.status.code(), Some(0), "{}", told(&made));
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let own = elsewhere.path().join("own.py");
    for (file, to) in [("wrapper.py", "own.py"), ("caruso_wrapper.py", "caruso_wrapper.py")] {
        let made = copy.path().join("orders").join(file);
        fs::copy(made, elsewhere.path().join(to)).expect("it was made");
    }
    let remembers = "    if key not in orders:  # the same key";
    let forgets = format!("    key = str(len(orders))\n{remembers}");
    copy.replace("orders/wrapper.py", remembers, &forgets);
    let tried = run(&["--format", "json", "wrapper", "test", "orders", "--app", folder]);
    assert_eq!(tried.status.code(), Some(1), "{}", told(&tried));
    let failed: Vec<_> = cases(&tried).into_iter().filter(|(_, it)| it == "failed").collect();
    assert_eq!(failed, [("same-key".to_owned(), "failed".to_owned())]);

    // another program in its place, by what the application declares
    let own = own.to_str().expect("a plain path");
    let tried = run(&["wrapper", "test", "orders", "--app", folder, "--", "python3", own]);
    assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));

    let examples = copy.path().join("orders/wrapper.test.toml");
    fs::write(&examples, "[[operation]]\nname = \"create_order\"\n").expect("writable");
    let tried = run(&["wrapper", "test", "orders", "--app", folder]);
    let place =
        format!("{}:2:8: no operation `create_order` is declared [CW0202]", examples.display());
    assert_eq!(tried.status.code(), Some(1));
    assert!(told(&tried).contains(&place), "{}", told(&tried));
}

/// The invoices of the example, read by the file of the guide in the place of the program.
fn without_a_program() -> Copy {
    let copy = Copy::new();
    let guide = fs::read_to_string(utilities().join("../../docs/guide/wrappers.md"));
    let guide = guide.expect("the guide is there");
    let (_, chapter) = guide.split_once("## Files without a program").expect("it has the chapter");
    let file = chapter.split("```xml\n").nth(2).and_then(|it| it.split("```").next());
    fs::write(copy.path().join("billing/files.xml"), file.expect("its file")).expect("writable");
    copy.replace("application.xml", "billing/wrapper.py", "billing/files.xml");
    copy.replace("objects/billing.xml", " writable=\"yes\"", "");
    copy
}

#[test]
fn a_wrapper_without_a_program_is_checked_and_tried_like_one_with() {
    let copy = without_a_program();
    let folder = copy.path().to_str().expect("a plain path");
    let check = || run(&["check", folder]);
    assert_eq!(check().status.code(), Some(0), "{}", told(&check()));
    let tried = run(&["wrapper", "test", "billing", "--app", folder]);
    assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));
    assert!(told(&tried).contains(" passed, 0 failed"), "{}", told(&tried));

    // where the installation says that the files are
    let elsewhere = tempfile::tempdir().expect("a temporary folder");
    let site = elsewhere.path().join("site.toml");
    let site = site.to_str().expect("a plain path");
    fs::write(site, "[wrapper.billing]\nfolder = \"/nowhere\"\n").expect("writable");
    let tried = run(&["wrapper", "test", "billing", "--app", folder, "--site", site]);
    assert_eq!(tried.status.code(), Some(1), "{}", told(&tried));
    assert!(told(&tried).contains("/nowhere: No such file or directory"), "{}", told(&tried));

    copy.replace("billing/files.xml", "attribute=\"due_on\"", "attribute=\"due\"");
    let place = "billing/files.xml:8:24: the class has no attribute `due` [CW0302]";
    assert!(told(&check()).contains(place), "{}", told(&check()));
}

/// Passed, all of it, with nothing left out.
fn is_perfect(name: &str, folder: &str) {
    let test = ["--format", "json", "wrapper", "test", name, "--app", folder, "--strict"];
    let tried = run(&test);
    assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));
    let cases = cases(&tried);
    assert!(cases.len() >= 10 && cases.iter().all(|(_, it)| it == "passed"), "{cases:?}");
}

#[test]
fn a_new_wrapper_is_declared_and_behaves_as_it_was_made() {
    let copy = Copy::new();
    let folder = copy.path().to_str().expect("a plain path");
    let new = |arguments: &[&str]| run(&[&["wrapper", "new"], arguments].concat());
    for (name, language, class) in [
        ("orders", "python", None),
        ("tickets", "python", Some("Ticket")),
        ("shop", "node", None),
        ("depot", "node", Some("Article")),
    ] {
        let mut arguments = vec![name, "--language", language, "--app", folder];
        arguments.extend(class.iter().flat_map(|class| ["--class", *class]));
        let made = new(&arguments);
        assert_eq!(made.status.code(), Some(0), "{}", told(&made));
        is_perfect(name, folder);
    }
    let check = run(&["check", folder]);
    assert_eq!(check.status.code(), Some(0), "{}", told(&check));

    let manifest = || fs::read_to_string(copy.path().join("application.xml")).expect("a file");
    let before = manifest();
    for (arguments, words) in [
        (&["orders", "--app", folder][..], "orders/caruso_wrapper.py is there already"),
        (&["monitor"], "`monitor` is the name of another component"),
        (&["../up"], "must have small letters"),
        (&["more", "--class", "a/b"], "the class `a/b` must have letters"),
        (&["more", "--class", "Customer", "--app", folder], "declared twice [CB0101]"),
    ] {
        let made = new(arguments);
        assert_eq!(made.status.code(), Some(1), "{}", told(&made));
        assert!(told(&made).contains(words), "{}", told(&made));
    }
    assert_eq!(manifest(), before);
    assert!(!copy.path().join("more").exists());
}

/// A program whose functions have every type and every answer.
const IN_PYTHON: &str = r#"
import datetime, decimal
from caruso_wrapper import Later, Stale, Wrapper
wrapper = Wrapper()
@wrapper.operation("Share out")
def share(key, amount: decimal.Decimal, on: datetime.date, price: "money", ways: int = 2):
    print("to the log")
    return {"each": amount / ways, "on": on.replace(day=1), "price": price, "by": wrapper.actor}
@wrapper.operation("Wait")
def wait(key):
    raise Later("At night.")
held = wrapper.holds("Thing", writable=True)
@held.apply
def apply(change, key, was, values, wish):
    raise Stale
wrapper.run()
"#;

#[test]
fn functions_in_python_get_values_of_their_types() {
    let module = utilities().join("../../crates/legacy-wrappers/python");
    let ask = |requests: &[&str]| -> Vec<Value> {
        let mut python = Command::new("python3");
        python.args(["-c", IN_PYTHON]).env("PYTHONPATH", &module);
        python.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut python = python.spawn().expect("python3 is there");
        let lines = requests.join("\n") + "\n";
        python.stdin.take().expect("piped").write_all(lines.as_bytes()).expect("it reads");
        let output = python.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", told(&output));
        let answers = String::from_utf8_lossy(&output.stdout).into_owned();
        answers.lines().map(|line| serde_json::from_str(line).expect("an answer")).collect()
    };
    let invoke = |arguments: &str| {
        format!(
            "{{\"id\":1,\"do\":\"invoke\",\"operation\":\"share\",\"key\":\"k\",\
             \"actor\":\"anna\",\"arguments\":{arguments}}}"
        )
    };
    let answers = ask(&[
        &invoke(r#"{"amount":"10.50","on":"2026-03-14","price":"3.00 EUR"}"#),
        &invoke(r#"{"amount":9,"on":"2026-03-14","price":"3.00 EUR","ways":3}"#),
        &invoke(r#"{"amount":true,"on":"2026-03-14","price":"3.00 EUR"}"#),
        &invoke(r#"{"amount":"1","on":"2026-13-14","price":"3.00 EUR"}"#),
        &invoke(r#"{"amount":"1","on":"2026-03-14","price":3}"#),
        &invoke(r#"{"amount":"1","on":"2026-03-14"}"#),
        r#"{"id":2,"do":"invoke","operation":"wait","key":"k","arguments":{}}"#,
        r#"{"id":3,"do":"apply","class":"Thing","change":"delete","key":"1","was":{},"values":{},
            "idempotency_key":"k"}"#
            .replace('\n', "")
            .as_str(),
        r#"{"id":4,"do":"query","class":"Thing","where":{},"limit":1,"cursor":null}"#,
    ]);
    let results = json!({"each": "5.25", "on": "2026-03-01", "price": "3.00 EUR", "by": "anna"});
    assert_eq!(answers[0]["results"], results);
    assert_eq!(answers[1]["results"]["each"], "3");
    for (answer, refused) in [
        (2, "“amount” must be decimal."),
        (3, "“on” must be date."),
        (4, "“price” must be money."),
        (5, "“price” is missing."),
        (8, "This wrapper cannot query objects of “Thing”."),
    ] {
        assert_eq!(answers[answer]["refused"], refused);
    }
    assert_eq!(answers[6], json!({"id": 2, "later": "At night."}));
    assert_eq!(answers[7], json!({"id": 3, "stale": true}));
}

/// Copies all that is in a folder, with the folders in it.
fn copy_all(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("it is there") {
        let entry = entry.expect("readable");
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &to);
        } else {
            fs::copy(&path, &to).expect("a copy");
        }
    }
}

#[test]
fn the_staff_directory_in_node_behaves_in_an_application_as_its_readme_says() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let company = folder.path().join("my-company");
    let path = company.to_str().expect("a plain path");
    let made = run(&["new", path]);
    assert_eq!(made.status.code(), Some(0), "{}", told(&made));
    let example = utilities().join("../directory");
    for part in ["directory", "objects"] {
        copy_all(&example.join(part), &company.join(part));
    }
    let readme = fs::read_to_string(example.join("README.md")).expect("it has one");
    let declared = readme.split("```xml\n").nth(1).and_then(|it| it.split("```").next());
    let manifest = company.join("application.xml");
    let text = fs::read_to_string(&manifest).expect("made");
    let declared = format!("</title>\n{}", declared.expect("what is declared"));
    fs::write(&manifest, text.replace("</title>", &declared)).expect("writable");
    let check = run(&["check", path]);
    assert_eq!(check.status.code(), Some(0), "{}", told(&check));
    is_perfect("directory", path);
}

/// The program `caruso`, for commands that run in a folder of their own.
fn caruso() -> PathBuf {
    let test = std::env::current_exe().expect("a test knows where it is");
    test.ancestors().nth(2).expect("tests stand in target/<profile>/deps").join("caruso")
}

#[test]
fn a_new_wrapper_without_an_application_comes_with_what_to_paste() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let new = || {
        let mut command = Command::new(caruso());
        command.args(["wrapper", "new", "depot", "--language", "node", "--class", "Article"]);
        command.current_dir(folder.path()).output().expect("the program was built")
    };
    let made = new();
    assert_eq!(made.status.code(), Some(0), "{}", told(&made));
    for words in [
        "<wrapper name=\"depot\" program=\"depot/wrapper.mjs\"/>",
        "into objects/depot.xml:",
        "<business-objects wrapper=\"depot\" country=\"NL\">",
    ] {
        assert!(told(&made).contains(words), "{}", told(&made));
    }
    let text = fs::read_to_string(folder.path().join("depot/wrapper.mjs")).expect("made");
    assert!(text.contains("the class Article") && !text.contains('@'), "{text}");
    let again = new();
    assert_eq!(again.status.code(), Some(1));
    assert!(told(&again).contains("depot is there already; nothing was written"), "{again:?}");
}

/// What `caruso services` says of the component `erp`; nothing while it is not there.
fn erp_at(service_manager: &str) -> Option<Value> {
    let output = run(&["--format", "json", "services", "--service-manager", service_manager]);
    let directory: Value = serde_json::from_slice(&output.stdout).ok()?;
    let components = directory["components"].as_array()?;
    components.iter().find(|it| it["component"] == "erp").cloned()
}

#[tokio::test]
async fn a_program_of_another_folder_joins_a_running_system_and_leaves_when_it_is_drained() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let data = folder.path().join("data");
    let start = |name: &str, arguments: &[&str]| {
        let mut command = Command::new(caruso());
        command.args(["--format", "json"]).args(arguments.iter().take_while(|it| **it != "--"));
        command.args(["--dev", "--data"]).arg(&data).current_dir(folder.path());
        command.args(arguments.iter().skip_while(|it| **it != "--"));
        Process::start(name, &mut command, folder.path())
    };
    let application = utilities();
    let application = application.to_str().expect("a plain path");
    let listen = ["--listen", "127.0.0.1:0"];
    let manager =
        start("manager", &[&["run", "service-manager", application], &listen[..]].concat());
    let address = until("the service manager is ready", async || {
        let printed = manager.printed();
        let event: Value = serde_json::from_str(printed.lines().next()?).ok()?;
        event["service_manager"].as_str().map(str::to_owned)
    })
    .await;

    // one that speaks for the ERP by lines
    let program = utilities().join("../../crates/legacy-wrappers/src/tests/erp.py");
    fs::copy(program, folder.path().join("own.py")).expect("a copy");
    let program = ["--", "python3", "own.py"];
    let wrap = ["wrap", "erp", "--service-manager", &address];
    let mut wrapper = start("wrapper", &[&wrap[..], &program].concat());
    let erp = until("the wrapper serves", async || {
        let erp = erp_at(&address)?;
        let offers = erp["offers"].as_array()?.len();
        (erp["state"] == "serving" && offers > 0).then_some(erp)
    })
    .await;
    let instance = erp["instance"].as_str().expect("an instance");
    let drained = run(&["services", "--service-manager", &address, "drain", instance]);
    assert_eq!(drained.status.code(), Some(0), "{}", told(&drained));
    let ended = until("the wrapper has left", async || wrapper.ended()).await;
    assert!(ended.success(), "{}", wrapper.complained());
    let program = fs::read_dir(data.join("erp/files")).expect("the program's own folder");
    assert_eq!(program.count(), 0, "nothing was ordered");

    let other = run(&["wrap", "monitor", "--dev", "--data", "x", "--", "true"]);
    assert!(told(&other).contains("`monitor` is a component of its own"), "{}", told(&other));
}
