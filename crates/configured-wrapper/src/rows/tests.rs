//! Files in memory.

use caruso_markup::Finding;
use serde_json::json;

use super::*;
use crate::{Configured, Contents, HeldClass, Kind};

fn classes() -> BTreeMap<String, HeldClass> {
    let members = [
        ("number", Type::Text),
        ("customer", Type::Text),
        ("issued_on", Type::Date),
        ("amount", Type::Money(None)),
        ("status", Type::Text),
    ];
    let class = HeldClass {
        members: members.map(|(name, kind)| (name.to_owned(), kind)).into(),
        required: ["number".to_owned(), "amount".to_owned()].into(),
        keys: vec!["number".to_owned()],
        searches: ["customer".to_owned()].into(),
        is_writable: false,
    };
    [("Invoice".to_owned(), class)].into()
}

fn read(text: &str) -> Result<Table, Vec<Finding>> {
    let text = format!("<!DOCTYPE files SYSTEM \"wrapper.dtd\">\n<files>{text}</files>");
    let files = Contents::from([("a.xml", text.as_bytes())]);
    let mut findings = Vec::new();
    let configured = Configured::read("a.xml", &files, &classes(), &mut findings);
    if !findings.is_empty() {
        return Err(findings);
    }
    let Some(Kind::Files(files)) = configured.map(|it| it.kind) else { panic!("files") };
    Ok(files.tables["Invoice"].clone())
}

const CSV: &str = r#"<table class="Invoice" pattern="*.csv" separator=";" header="yes"
    encoding="windows-1252" decimal="comma">
  <column attribute="number" name="Nr"/>
  <column attribute="customer" name="Klant" stored="padded:6"/>
  <column attribute="issued_on" name="Datum" stored="dd-mm-yyyy"/>
  <column attribute="amount" name="Bedrag"/>
  <column attribute="status" name="Stand"><code is="é" value="open"/></column></table>"#;
const FIXED: &str = r#"<table class="Invoice" pattern="f.txt" rows="F" last="* TOTAAL">
  <column attribute="number" at="1" length="4"/>
  <column attribute="customer" at="5" length="2"/>
  <column attribute="amount" at="7" length="5" stored="decimals:2"/></table>"#;

fn number(object: &Object) -> &str {
    object["number"].as_str().expect("a text")
}

#[test]
fn a_delimited_file_becomes_objects_and_a_bad_row_is_told_with_its_line() {
    let table = read(CSV).expect("it fits");
    let text = b"Bedrag;Klant;Nr;Datum;Stand\r\n1.234,50;000017;\"A;1\";31-01-2026;\xe9\r\n\
        x;000017;A2;31-01-2026;\xe9\n7,00;000018;A3;;\n7,00;18;A4;;\n7,00;000018;A3;;\n1;2\n";
    let mut rows = Rows::default();
    rows.add(&table, "in.csv", text).expect("it is read");
    let first = json!({"number": "A;1", "customer": "17", "issued_on": "2026-01-31",
        "amount": "1234.50", "status": "open"});
    let expected = [
        "in.csv:3: `amount` is no number of its form",
        "in.csv:5: `customer` is not of its form",
        "in.csv:6: its key is that of a row above",
        "in.csv:7: `number` is not there",
    ];
    assert_eq!(rows.told, expected);
    let found = rows.get(["A;1", "A2", "A3"]);
    assert_eq!(Json::Object(found[1].clone()), first);
    assert_eq!((found.len(), rows.count(), rows.left_out), (2, 2, 4));
}

#[test]
fn a_file_without_its_columns_is_not_read() {
    let table = read(CSV).expect("it fits");
    let mut rows = Rows::default();
    let said = rows.add(&table, "in.csv", b"Bedrag;Klant;Datum;Stand\n").expect_err("no key");
    assert_eq!(said, "in.csv:1: the first line has no column `Nr`");
    assert!(rows.add(&table, "in.csv", b"").expect_err("nothing").contains("no first line"));
}

#[test]
fn lines_of_fixed_width_are_rows_where_they_begin_so() {
    let table = read(FIXED).expect("it fits");
    let text = b"* head\nF001 70012345\nF00218\nF003 9 1850\n* TOTAAL 3\n";
    let mut rows = Rows::default();
    rows.add(&table, "f.txt", text).expect("it is read");
    assert_eq!(rows.get(["F003"])[0]["amount"], json!("18.50"));
    assert_eq!(rows.told, ["f.txt:3: `amount` is missing"]);
    assert!(table.is_whole(text) && !table.is_whole(b"* head\nF001 70012345\n"));
}

#[test]
fn a_later_file_takes_the_place_of_an_object() {
    let table = read(FIXED).expect("it fits");
    let mut rows = Rows::default();
    for (file, line) in [("1", &b"F001 100000\nF002 100000"[..]), ("2", b"F001 200000")] {
        rows.add(&table, file, line).expect("it is read");
    }
    let customers: Vec<_> = rows.get(["F001", "F002"]);
    assert_eq!((&customers[0]["customer"], &customers[1]["customer"]), (&json!("2"), &json!("1")));
    assert_eq!(rows.told, Vec::<String>::new());
}

#[test]
fn pages_go_through_all_that_fits_once() {
    let table = read(FIXED).expect("it fits");
    let lines: String = (0..25).map(|it| format!("F{it:03} {}00100\n", it % 2)).collect();
    let mut rows = Rows::default();
    rows.add(&table, "f", lines.as_bytes()).expect("it is read");
    let wanted = BTreeMap::from([("customer".to_owned(), vec![json!("1"), json!("9")])]);
    let (mut cursor, mut found, mut pages) = (String::new(), Vec::new(), 0);
    loop {
        let page = rows.query(&table, &wanted, 5, &cursor);
        found.extend(page.objects.iter().map(|it| number(it).to_owned()));
        pages += 1;
        cursor = page.next;
        if cursor.is_empty() {
            break;
        }
    }
    let expected: Vec<_> = (0..25).filter(|it| it % 2 == 1).map(|it| format!("F{it:03}")).collect();
    assert_eq!((found, pages), (expected, 3));
    let money = BTreeMap::from([("amount".to_owned(), vec![json!("1")])]);
    assert_eq!(rows.query(&table, &money, 100, "").objects.len(), 25);
    let nobody = BTreeMap::from([("status".to_owned(), vec![json!("open")])]);
    assert_eq!(rows.query(&table, &nobody, 100, ""), Page::default());
}

#[test]
fn a_page_of_large_objects_ends_before_a_line_would_be_too_long() {
    let table = read(CSV).expect("it fits");
    let mut text = "Bedrag;Klant;Nr;Datum;Stand\n".to_owned();
    for number in 0..10 {
        text.push_str(&format!("1;;{number}{};;\n", "x".repeat(100_000)));
    }
    let mut rows = Rows::default();
    rows.add(&table, "in.csv", text.as_bytes()).expect("it is read");
    let page = rows.query(&table, &BTreeMap::new(), 200, "");
    assert!((1..10).contains(&page.objects.len()) && !page.next.is_empty());
}

#[test]
fn what_does_not_fit_is_found_at_its_place() {
    let found = |text: &str| {
        let found = read(text).expect_err("it does not fit").into_iter();
        found
            .map(|it| format!("{}:{} {} {}", it.line, it.column, it.code, it.message))
            .collect::<Vec<_>>()
    };
    let expected = [
        "2:27 CW0304 `a/b` is no name of files in one folder",
        "2:43 CW0304 `;;` separates no fields",
        "2:86 CW0303 `yyyymmdd` is no form of text",
        "2:116 CW0302 the class has no attribute `custmer`",
        "2:138 CW0303 nothing says where the column is",
        "2:8 CW0302 attribute `customer` needs a column",
        "2:8 CW0302 attribute `number` needs a column",
    ];
    let said = found(
        "<table class='Invoice' pattern='a/b' separator=';;'><column attribute='number' \
         stored='yyyymmdd' at='1'/><column attribute='custmer' at='2'/>\
         <column attribute='amount'/></table>",
    );
    let codes = |all: &[&str]| -> Vec<String> {
        all.iter().filter_map(|it| it.split_once(' ').map(|(_, rest)| rest.to_owned())).collect()
    };
    let said: Vec<&str> = said.iter().map(String::as_str).collect();
    let (mut said, mut expected) = (codes(&said), codes(&expected));
    said.sort();
    expected.retain(|it| !it.contains("`number` needs"));
    expected.sort();
    assert_eq!(said, expected);
    assert!(
        found("<table class='Order' pattern='a'><column attribute='a'/></table>")[0]
            .contains("CW0302 the model has no class `Order`")
    );
}
