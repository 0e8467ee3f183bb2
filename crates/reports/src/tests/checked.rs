//! Mistakes in report files, each at its place.

use std::collections::BTreeSet;

use super::{reports, scope};
use crate::{codes, read};

fn findings(files: &[(&str, &str)]) -> Vec<(&'static str, String)> {
    let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
    let (_, findings) = read(files, &scope());
    findings.iter().map(|it| (it.code, it.to_string())).collect()
}

fn report(attributes: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE report SYSTEM \"report.dtd\">\n<report id=\"own\" {attributes}>\n\
         <title language=\"en\">Own</title>\n{content}</report>"
    )
}

fn overlay(of: &str, attributes: &str, content: &str) -> String {
    format!(
        "<!DOCTYPE report-overlay SYSTEM \"report.dtd\">\n\
         <report-overlay report=\"{of}\" {attributes}>\n{content}</report-overlay>"
    )
}

/// Code, file, and what is said of it.
fn mistakes() -> Vec<(&'static str, String, &'static str)> {
    let columns = "<column figure=\"offered\"/>";
    let many: String =
        (0..41).map(|it| format!("<column id=\"c{it}\" figure=\"offered\"/>")).collect();
    let drawn = "<column figure=\"offered\"/><column figure=\"ASA\"/>\
                 <chart columns=\"offered ASA\"/>";
    vec![
        (
            codes::NAME_OF_FILE,
            report("", columns).replace("\"own\"", "\"other\""),
            "reports/own.xml:2:13: ",
        ),
        (
            codes::UNKNOWN_FIGURE,
            report("", "<column figure=\"offerd\"/>"),
            "reports/own.xml:4:17: there is no figure `offerd`\n    did you mean `offered`?",
        ),
        (
            codes::DUPLICATE,
            report("", &columns.repeat(2)),
            "reports/own.xml:4:43: a second column `offered`",
        ),
        (
            codes::DURATION,
            report("within=\"20\"", columns),
            "reports/own.xml:2:26: `20` is not a duration",
        ),
        (
            codes::UNFIT_SETTING,
            report("", "<column figure=\"offered\" within=\"2s\"/>"),
            "reports/own.xml:4:34: the figure `offered` takes no `within`",
        ),
        (
            codes::UNKNOWN_NAME,
            report("queues=\"faults movin\"", columns),
            "reports/own.xml:2:33: the queue `movin` is unknown\n    did you mean `moving`?",
        ),
        (
            codes::DIMENSION,
            report("", "<column figure=\"ready-time\"/>"),
            "reports/own.xml:4:17: `ready-time` counts time of agents, which cannot be told apart",
        ),
        (
            codes::CHART,
            report("", drawn),
            "reports/own.xml:4:73: `ASA` is measured in another unit than `offered`",
        ),
        (
            codes::OVERLAY,
            overlay("incoming", "", ""),
            "reports/own.xml:2:25: there is no report `incoming`",
        ),
        (codes::TOO_MANY, report("", &many), "reports/own.xml:2:1: the report has 41 columns"),
    ]
}

#[test]
fn every_mistake_is_found_at_its_place() {
    let mut seen = BTreeSet::new();
    for (code, text, said) in mistakes() {
        let found = findings(&[("reports/own.xml", &text)]);
        let is_it = |it: &&(&str, String)| it.0 == code && it.1.starts_with(said);
        assert!(found.iter().any(|it| is_it(&it)), "{code} {said}: {found:#?}");
        seen.insert(code);
    }
    let all: BTreeSet<&str> = codes::ALL.iter().map(|(code, _)| *code).collect();
    assert_eq!(seen, all, "a sample for each code");
}

#[test]
fn an_overlay_changes_a_report_that_everybody_has() {
    let text = overlay(
        "incoming-calls",
        "within=\"30s\" service-level=\"SL-negative\" by=\"queue channel\"",
        "<title language=\"nl\">Inkomend</title><without column=\"promises-kept\"/>\n\
         <column figure=\"ASA\"><title language=\"en\">Speed</title></column>\
         <column figure=\"answer-rate\"/><chart columns=\"offered\"/>",
    );
    let reports = reports(&[("reports/incoming.xml", &text)]);
    let changed = &reports["incoming-calls"];
    let ids: Vec<&str> = changed.columns.iter().map(|it| it.id.as_str()).collect();
    assert!(!ids.contains(&"promises-kept") && ids.ends_with(&["answer-rate"]), "{ids:?}");
    let speed = changed.columns.iter().find(|it| it.id == "ASA").expect("still there");
    assert_eq!(speed.titles["en"], "Speed");
    assert_eq!(
        (changed.titles["nl"].as_str(), changed.titles["en"].as_str()),
        ("Inkomend", "Incoming calls")
    );
    assert_eq!((changed.within.as_secs(), changed.service_level.id), (30, "SL-negative"));
    assert_eq!(changed.chart.as_ref().map(|it| it.columns.len()), Some(1));
    assert_eq!(changed.by.len(), 2);
}

#[test]
fn what_an_overlay_gets_wrong_is_said_of_the_overlay() {
    let wrong = overlay("agent-availability", "by=\"queue\"", "<without column=\"ready\"/>");
    let found = findings(&[("reports/agents.xml", &wrong)]);
    assert!(
        found.iter().all(|(_, it)| it.starts_with("reports/agents.xml:2:")
            || it.starts_with("reports/agents.xml:3:18: the report has no column `ready`")),
        "{found:#?}"
    );
    let twice = overlay("waiting", "", "");
    let found = findings(&[("reports/a.xml", &twice), ("reports/b.xml", &twice)]);
    assert_eq!(found[0].0, codes::OVERLAY);
    assert!(found[0].1.starts_with("reports/b.xml:2:25: a second overlay"), "{found:?}");
}

#[test]
fn the_reports_that_everybody_has_have_no_mistake_and_are_all_that_are_promised() {
    let known: Vec<String> = reports(&[]).into_keys().collect();
    assert_eq!(known.len(), crate::standard_files().count());
    for id in &known {
        assert!(crate::DTD.contains(id.as_str()), "{id} is named in the DTD");
    }
}
