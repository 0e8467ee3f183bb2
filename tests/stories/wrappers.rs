//! Whoever writes a wrapper is told by command whether it behaves.

use std::fs;
use std::process::Output;

use caruso_tests::{Copy, run, utilities};
use serde_json::Value;

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
    copy.replace("erp/wrapper.py", "if row[-1] == key), None)", "if row[-1] == \"\"), None)");
    let folder = copy.path().to_str().expect("a plain path");
    let tried = run(&["--format", "json", "wrapper", "test", "erp", "--app", folder]);
    assert_eq!(tried.status.code(), Some(1), "{}", told(&tried));
    let failed: Vec<_> = cases(&tried).into_iter().filter(|(_, it)| it == "failed").collect();
    assert_eq!(failed, [("same-key".to_owned(), "failed".to_owned())]);

    // another program in its place, by what the application declares
    let own = utilities().join("erp/wrapper.py");
    let own = own.to_str().expect("a plain path");
    let tried = run(&["wrapper", "test", "erp", "--app", folder, "--", "python3", own]);
    assert_eq!(tried.status.code(), Some(0), "{}", told(&tried));

    let examples = copy.path().join("erp/wrapper.test.toml");
    fs::write(&examples, "[[operation]]\nname = \"create_order\"\n").expect("writable");
    let tried = run(&["wrapper", "test", "erp", "--app", folder]);
    let place =
        format!("{}:2:8: no operation `create_order` is declared [CW0202]", examples.display());
    assert_eq!(tried.status.code(), Some(1));
    assert!(told(&tried).contains(&place), "{}", told(&tried));
}
