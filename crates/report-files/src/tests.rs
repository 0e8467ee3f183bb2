//! The files, read back.

use std::io::{Cursor, Read as _};

use caruso_metrics::{Dimension, Value};
use caruso_reports::{Group, Interval, Row, Table, TableColumn};

use crate::ansi::{encoded, width};
use crate::{pdf, xlsx};

/// A table with names that are formulas, and so many rows and columns.
fn table(rows: usize, columns: usize) -> Table {
    let column = |index: usize| TableColumn {
        id: format!("c{index}"),
        title: if index == 0 { "=Offered".to_owned() } else { format!("Average wait {index}") },
        figure: "offered",
        definition: "ASA: Σ wait of the answered / A".to_owned(),
        unit: "",
        has_contacts: true,
    };
    let values: Vec<Value> = (0..columns)
        .map(|index| match index % 4 {
            0 => Value::Count(12),
            1 => Value::Millis(42_400),
            2 => Value::PerMille(780),
            _ => Value::Nothing,
        })
        .collect();
    let row = |interval: usize| Row {
        interval,
        label: String::new(),
        groups: vec![Group { id: "x".to_owned(), title: "=1+1 Łódź é".to_owned() }],
        values: values.clone(),
        compared: Vec::new(),
    };
    Table {
        report: "own".to_owned(),
        title: "Own: [all] the figures of a long day".to_owned(),
        zone: "Europe/Amsterdam".to_owned(),
        days: ("2026-11-22".to_owned(), "2026-11-22".to_owned()),
        compared_days: None,
        as_of: "2026-11-22 11:00:00".to_owned(),
        interval: Interval::Whole,
        by: vec![Dimension::Queue],
        columns: (0..columns).map(column).collect(),
        rows: (0..rows).map(row).collect(),
        total: Row { groups: Vec::new(), ..row(0) },
        chart: None,
    }
}

fn part(book: &[u8], name: &str) -> String {
    let mut book = zip::ZipArchive::new(Cursor::new(book)).expect("a workbook is a zip");
    let mut text = String::new();
    let mut part = book.by_name(name).expect("a part of every workbook");
    part.read_to_string(&mut text).expect("XML");
    text
}

#[test]
fn a_workbook_has_numbers_that_can_be_computed_with_and_no_formula() {
    let book = xlsx(&table(2, 4)).expect("a small one");
    let sheet = part(&book, "xl/worksheets/sheet1.xml");
    assert!(!sheet.contains("<f>"), "no formula: {sheet}");
    assert!(sheet.contains("<v>12</v>"), "{sheet}");
    assert!(sheet.contains("<v>0.78</v>"), "{sheet}");
    // 42 s of a day
    let days = sheet.split("<v>").filter_map(|it| it.split_once("</v>")?.0.parse::<f64>().ok());
    assert!(days.into_iter().any(|it| (it * 86_400.0 - 42.0).abs() < 1e-6), "{sheet}");
    let texts = part(&book, "xl/sharedStrings.xml");
    assert!(texts.contains("=1+1 Łódź é") && texts.contains("=Offered"), "{texts}");
    assert!(part(&book, "xl/styles.xml").contains("quotePrefix=\"1\""));
    let names = part(&book, "xl/workbook.xml");
    assert!(names.contains("name=\"Own all the figures of a long d\""), "{names}");
    assert!(part(&book, "xl/worksheets/sheet2.xml").contains("<row"), "the formulas");
}

/// The texts of a document by page, in the letters of WinAnsi.
fn pages(document: &[u8]) -> Vec<Vec<u8>> {
    let find = |from: usize, what: &[u8]| {
        document[from..].windows(what.len()).position(|it| it == what).map(|at| from + at)
    };
    let mut pages = Vec::new();
    let mut from = 0;
    while let Some(start) = find(from, b"stream\n") {
        let end = find(start, b"\nendstream").expect("a stream ends");
        let packed = &document[start + 7..end];
        pages.push(miniz_oxide::inflate::decompress_to_vec_zlib(packed).expect("packed"));
        from = end + 10;
    }
    pages
}

/// As letters, or as hexadecimal digits where a text has others than those of ASCII.
fn holds(page: &[u8], text: &str) -> bool {
    let text = encoded(text);
    let digits: String = text.iter().map(|it| format!("{it:02X}")).collect();
    let has = |wanted: &[u8]| page.windows(wanted.len()).any(|it| it.eq_ignore_ascii_case(wanted));
    has(&text) || has(digits.as_bytes())
}

#[test]
fn a_document_has_every_row_and_column_and_the_formulas() {
    let small = pages(&pdf(&table(2, 4)));
    assert_eq!(small.len(), 2, "the table, and the formulas");
    for text in ["Own: [all]", "=1+1", "0:42", "78.0 %", "Total", "1 / 2"] {
        assert!(holds(&small[0], text), "{text}");
    }
    assert!(holds(&small[1], "ASA: Sum of wait of the answered / A"));
    let large = pages(&pdf(&table(200, 40)));
    let tables = large.iter().filter(|it| holds(it, "Own: [all]")).count();
    assert!(tables > 6, "{tables}: rows and columns go on");
    let totals = large.iter().filter(|it| holds(it, "Total")).count();
    for index in 1..40 {
        // at the end of the title's last line
        let ends = [format!("({index})"), format!(" {index})")];
        assert!(large.iter().any(|page| ends.iter().any(|it| holds(page, it))), "column {index}");
    }
    assert_eq!(totals * large.iter().filter(|it| holds(it, "=1+1")).count(), totals * tables);
}

#[test]
fn letters_that_the_font_has_not_come_near_and_widths_are_those_of_helvetica() {
    assert_eq!(encoded("é – €"), [0xe9, b' ', 0x96, b' ', 0x80]);
    assert_eq!(encoded("Őz"), b"Oz");
    assert_eq!(encoded("A − B ≤ Σ"), b"A - B <= Sum of");
    assert_eq!(encoded("漢\t"), b"? ");
    assert!((width(b"Hello", 1000.0, false) - 2278.0).abs() < 0.01);
    assert!(width(b"Hello", 9.0, true) > width(b"Hello", 9.0, false));
}
