//! The same table in every form.

use caruso_metrics::Dimension;

use super::day::Day;
use super::{plan, reports, table};
use crate::{Compare, GridCell, Query, Table, guarded, number, text};

const OWN: &str = r#"<!DOCTYPE report SYSTEM "report.dtd">
<report id="own" by="agent" interval="1h"><title language="en">Own</title>
<column figure="offered"/><column figure="answered"><title language="en">@taken</title></column>
<column figure="service-level"/><column figure="ASA"/></report>"#;

fn small(compare: Compare) -> Table {
    let reports = reports(&[("reports/own.xml", OWN)]);
    let mut day = Day::begun();
    let contact = day.enter(9 * 3600, "faults");
    day.answer(9 * 3600 + 12, contact, "anna");
    day.enter(10 * 3600, "faults");
    let query = Query { compare: Some(compare), ..Query::default() };
    table(&day.figures, &plan(&reports["own"], &query, 11 * 3600))
}

#[test]
fn the_text_of_a_table_is_aligned_and_says_what_its_figures_mean() {
    insta::assert_snapshot!(small(Compare::No).text());
}

#[test]
fn the_csv_of_a_table_has_numbers_and_no_formula() {
    let text = small(Compare::No).csv();
    let lines: Vec<&str> = text.split_terminator("\r\n").collect();
    assert_eq!(
        lines,
        [
            "Interval,Agent,Offered,'@taken,Service level (%),Average speed of answer (s)",
            "09:00,'=Anna,1,1,100.0,12",
            "10:00,nobody,1,0,,",
            "Total,,2,1,100.0,12",
        ]
    );
}

#[test]
fn what_a_spreadsheet_would_compute_is_kept_from_it() {
    for text in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"] {
        assert_eq!(guarded(text), format!("'{text}"));
    }
    assert_eq!(guarded("Faults = 1"), "Faults = 1");
}

#[test]
fn the_json_of_a_table_has_its_formulas_and_the_same_figures() {
    let table = small(Compare::Previous);
    let json = table.json();
    assert_eq!(json["columns"][2]["figure"], "SL-short-excluded");
    assert_eq!(json["rows"][0]["groups"]["agent"]["title"], "=Anna");
    assert_eq!(json["rows"][1]["groups"]["agent"]["id"], serde_json::Value::Null);
    assert_eq!(json["total"]["figures"]["service-level"].to_string(), "100.0");
    assert_eq!(json["total"]["compared"]["offered"], 0);
    assert_eq!(json["compared_days"]["first"], "2026-11-21");
}

#[test]
fn every_form_has_the_same_cells() {
    let table = small(Compare::Previous);
    assert_eq!(table.by, [Dimension::Agent]);
    let grid = table.grid();
    let lines: Vec<String> = table.csv().split_terminator("\r\n").map(str::to_owned).collect();
    assert_eq!(lines.len(), grid.rows.len() + 2);
    let printed = table.text();
    for (row, line) in grid.rows.iter().chain([&grid.total]).zip(&lines[1..]) {
        assert_eq!(row.len(), grid.header.len());
        let fields = row.iter().map(|cell| match cell {
            GridCell::Text(text) => guarded(text),
            GridCell::Value(value) => number(*value),
        });
        assert_eq!(fields.collect::<Vec<_>>().join(","), *line);
        let words: Vec<String> = row.iter().map(GridCell::text).collect();
        let words = words.iter().flat_map(|it| it.split(' ')).filter(|it| !it.is_empty());
        let words: Vec<&str> = words.collect();
        let is_row = |it: &str| it.split_whitespace().collect::<Vec<_>>() == words;
        assert!(printed.lines().any(is_row), "{words:?} in {printed}");
    }
    let values = table.rows.iter().flat_map(|it| &it.values);
    assert!(values.map(|it| text(*it)).any(|it| it == "0:12"));
}
