//! What values say about their column.

use std::collections::BTreeMap;

use caruso_database::{Catalog, DbBackend, Physical, Raw};
use caruso_object_model::Model;

use super::catalogs::*;
use crate::import::{Profile, Sample, Samples, first_model};

/// The attribute that a column of these values becomes, without its id, name and column.
fn guessed(column_name: &str, physical: Physical, cells: &[Option<Raw>]) -> String {
    let options = options(DbBackend::Postgres);
    let table = table("T", &["ID"], vec![filled("ID", int()), filled(column_name, physical)]);
    let profile = Profile::of(cells.iter().cloned(), options.country);
    let columns = BTreeMap::from([(column_name.to_owned(), profile)]);
    let sample = Sample { rows: cells.len() as u64, is_whole: true, columns };
    let samples = Samples { tables: BTreeMap::from([(name("T"), sample)]), unread: Vec::new() };
    let file = first_model(&Catalog { tables: vec![table] }, &samples, &options).remove(0);
    let (_, findings) = Model::read([("m.xml", file.as_bytes())]);
    assert_eq!(findings, [], "{file}");
    let (_, rest) = file.split_once(&format!("column=\"{column_name}\" ")).expect("it is there");
    let (attribute, _) = rest.split_once('>').expect("it ends");
    attribute.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn texts(values: &[&str]) -> Vec<Option<Raw>> {
    values.iter().map(|value| Some(Raw::Text((*value).into()))).collect()
}

fn ints(values: &[i64]) -> Vec<Option<Raw>> {
    values.iter().map(|value| Some(Raw::Int(*value))).collect()
}

/// So often that codes could be codes.
fn often(values: &[&str]) -> Vec<Option<Raw>> {
    texts(values).into_iter().cycle().take(60).collect()
}

#[test]
fn texts_become_what_all_of_them_are() {
    let cases: &[(&str, u32, Vec<Option<Raw>>, &str)] = &[
        ("A", 1, texts(&["J", "N", "J"]), r#"type="bool" required="yes" stored="J/N""#),
        ("A", 1, texts(&["X", " "]), r#"type="bool" required="yes" stored="X/ ""#),
        ("A", 4, texts(&["YES", "NO"]), r#"type="bool" required="yes" stored="YES/NO""#),
        ("A", 1, texts(&["J", "N", "?"]), r#"type="text" required="yes" length="1""#),
        ("A", 2, often(&["P", "Z", "R"]), r#"type="choice" required="yes" enum="a""#),
        ("A", 9, often(&["a b", "c d"]), r#"type="text" required="yes" length="9""#),
        ("A", 2, texts(&["P", "Z", "R"]), r#"type="text" required="yes" length="2""#),
        (
            "A",
            8,
            texts(&["20260131", "20260201", "20260202"]),
            r#"type="date" required="yes" stored="yyyymmdd""#,
        ),
        (
            "A",
            10,
            texts(&["2026-01-31", "2026-02-01", "2026-02-02"]),
            r#"type="date" required="yes""#,
        ),
        (
            "TEL",
            20,
            texts(&["06 12345678", "030-1234567", "+31612345678", "0612345670", "none"]),
            r#"type="text" required="yes" length="20" search="phone""#,
        ),
        (
            "WORK_PHONE",
            20,
            texts(&["06 12345678", "030-1234567", "+31612345678", "none", "n/a", "", "ext. 12"]),
            r#"type="text" required="yes" length="20" search="phone""#,
        ),
        (
            "PHONE_KIND",
            20,
            texts(&["06 12345678", "1", "2", "1", "2", "3", "none"]),
            r#"type="text" required="yes" length="20""#,
        ),
        (
            "OMSCHR",
            20,
            texts(&["06 12345678", "030-1234567", "+31612345678"]),
            r#"type="text" required="yes" length="20""#,
        ),
    ];
    for (column, length, cells, expected) in cases {
        let attribute = guessed(column, text(*length), cells);
        assert_eq!(attribute, *expected, "{column} {length}");
    }
}

#[test]
fn amounts_with_their_currency_are_money_where_all_are_written_alike() {
    let cases: &[(&str, u32, Vec<Option<Raw>>, &str)] = &[
        (
            "A",
            20,
            texts(&["EUR 12,50", "USD -0,05", "EUR 1.000,00"]),
            r#"type="money" required="yes" decimals="2" stored="EUR 1.234,50""#,
        ),
        (
            "A",
            20,
            texts(&["12.500 KWD", "0.050 KWD", "9.000 EUR"]),
            r#"type="money" required="yes" decimals="3" stored="1234.50 EUR""#,
        ),
        (
            "A",
            20,
            texts(&["12.50 EUR", "5 EUR", "9.00 EUR"]),
            r#"type="text" required="yes" length="20""#,
        ),
        (
            "A",
            20,
            texts(&["12.50 EUR", "EUR 5.00", "9.00 EUR"]),
            r#"type="text" required="yes" length="20""#,
        ),
    ];
    for (column, length, cells, expected) in cases {
        let attribute = guessed(column, text(*length), cells);
        assert_eq!(attribute, *expected, "{column} {length}");
    }
}

#[test]
fn numbers_become_what_all_of_them_are() {
    let long = Physical::Int { bits: 64, is_unsigned: false };
    let cases: &[(&str, Vec<Option<Raw>>, &str)] = &[
        (
            "D",
            ints(&[20_260_131, 0, 20_240_229, 99_991_231, 20_240_301]),
            r#"type="date" stored="yyyymmdd" missing="0 99991231""#,
        ),
        ("D", ints(&[20_260_131, 20_260_231, 20_240_229, 20_240_301]), r#"type="int""#),
        ("D", ints(&[0, 0, 0, 0]), r#"type="int""#),
        (
            "T",
            ints(&[20_260_131_134_500, 20_260_131_134_501, 20_260_131_235_959]),
            r#"type="instant" required="yes" stored="yyyymmddhhmmss""#,
        ),
        (
            "CREATED_AT",
            ints(&[1_700_000_000, 1_700_000_001, 1_700_000_002]),
            r#"type="instant" required="yes" stored="epoch-seconds""#,
        ),
        ("AMOUNT", ints(&[1_700_000_000, 1_700_000_001, 1_700_000_002]), r#"type="int""#),
        ("IS_VIP", ints(&[0, 1, 1]), r#"type="bool" required="yes""#),
        ("COUNT", ints(&[0, 1, 1]), r#"type="int""#),
        ("IS_VIP", ints(&[0, 1, 2]), r#"type="int""#),
    ];
    for (column, cells, expected) in cases {
        let attribute =
            guessed(column, long.clone(), cells).replace("\"int\" required=\"yes\"", "\"int\"");
        assert_eq!(attribute, *expected, "{column}");
    }
}

#[test]
fn a_column_that_is_never_empty_and_holds_nothing_is_not_required() {
    let day = |text: &str| Some(Raw::Date(text.parse().expect("a day")));
    let cells = [day("2026-01-31"), Some(Raw::Null), day("2026-02-01")];
    assert_eq!(guessed("D", Physical::Date, &cells), r#"type="date""#);
    assert_eq!(guessed("D", Physical::Date, &cells[..1]), r#"type="date" required="yes""#);
}

#[test]
fn cells_that_cannot_be_read_hinder_every_guess() {
    let mut cells = texts(&["J", "N"]);
    cells.push(None);
    assert_eq!(guessed("A", text(1), &cells), r#"type="text" required="yes" length="1""#);
}
