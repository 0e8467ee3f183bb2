//! What is printed of a trial.

use caruso_legacy_wrappers::conformance::{Case, Outcome, Report};

use super::new::declared;
use super::test::text;

fn case(name: &'static str, about: &str, outcome: Outcome, wrote: &[&str]) -> Case {
    Case {
        name,
        about: about.into(),
        title: "does the same key once",
        expected: "the same results",
        outcome,
        wrote: wrote.iter().map(|line| (*line).to_owned()).collect(),
    }
}

#[test]
fn a_report_says_what_was_expected_and_what_came() {
    let failed = Outcome::Failed("the program ended: exit status: 1".into());
    let report = Report {
        cases: vec![
            case("describes", "", Outcome::Passed, &[]),
            case("same-key", "order", failed, &["KeyError: 'order'"]),
            case("same-key", "cancel", Outcome::Skipped("give an example".into()), &[]),
        ],
    };
    insta::assert_snapshot!(text("erp", &report), @r"
    passed  erp: does the same key once [describes]
    failed  order: does the same key once [same-key]
            expected: the same results
            came:     the program ended: exit status: 1
            wrote:    KeyError: 'order'
    skipped cancel: does the same key once [same-key]
            give an example
    erp: 1 passed, 1 failed, 1 skipped
    ");
}

#[test]
fn advice_is_a_failure_only_where_that_is_wanted() {
    let advice = case("wrong-type", "order", Outcome::Advised("it ended".into()), &[]);
    let report = Report { cases: vec![advice] };
    assert!(report.has_passed(false) && !report.has_passed(true));
    assert!(text("erp", &report).ends_with("erp: 0 passed, 0 failed, 1 with advice\n"));
}

#[test]
fn a_new_wrapper_is_declared_behind_the_titles() {
    let manifest = "<application>\n  <title>A</title>\n  <title>B</title>\n  <web/>\n";
    let expected =
        "<application>\n  <title>A</title>\n  <title>B</title>\n\n  <wrapper/>\n  <web/>\n";
    assert_eq!(declared(manifest, "  <wrapper/>\n"), expected);
    assert_eq!(declared("<application/>", "  <wrapper/>\n"), "<application/>");
}
