//! Filters in SQL against the evaluator in memory: for generated expressions over generated rows
//! both must choose the same objects. Missing values, unknown codes and relations are included.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_database::DbBackend;
use caruso_expression::{Budget, Object, Type, Value, check, parse};
use caruso_object_model::{ClassSchema, Data, Model};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;

use super::lab::{Lab, beside, execute};
use super::{query, suite};
use crate::{Engine, Error, Query, StoredObject};

/// Conditions that are tried on each table; fewer where a server answers.
fn cases(backend: DbBackend) -> usize {
    if backend == DbBackend::Sqlite { 2_000 } else { 500 }
}

pub(super) const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="odd" country="NL">
  <enum name="kind">
    <value name="a" stored="1"/><value name="b" stored="B"/><value name="c" stored="z"/>
  </enum>
  <class id="t" name="Thing" table="T$ding" key="number" revision="v#">
    <attribute id="t1" name="number" column="order" type="int" required="yes"/>
    <attribute id="t2" name="kind" column="SRT" type="choice" enum="kind"/>
    <attribute id="t3" name="other_kind" column="SRT 2" type="choice" enum="kind"/>
    <attribute id="t4" name="flag" column="VLAG" type="bool" stored="J/N"/>
    <attribute id="t5" name="plain" column="plain" type="bool"/>
    <attribute id="t6" name="title" column="Naam Ä" type="text"/>
    <attribute id="t7" name="title_2" column="NAAM2" type="text"/>
    <attribute id="t8" name="amount" column="BEDRAG" type="decimal" decimals="2"/>
    <attribute id="t9" name="count" column="N" type="int"/>
    <attribute id="ta" name="day" column="DAT" type="date" stored="yyyymmdd"/>
    <attribute id="tb" name="iso_day" column="DAT2" type="date"/>
    <attribute id="tc" name="at" column="TIJD" type="instant"/>
    <attribute id="tf" name="met" column="DAT3" time-column="UUR" type="instant"
               zone="Europe/Amsterdam"/>
    <attribute id="tg" name="seen" column="DAT4" time-column="UUR4" type="instant"
               stored="ddmmyyyy" time-stored="hhmm" missing="0" zone="Europe/Amsterdam"/>
    <attribute id="th" name="price" column="PRIJS" type="money" decimals="2" currency="EUR"/>
    <attribute id="ti" name="paid" column="BETAALD" currency-column="VAL" type="money"
               decimals="2"/>
    <attribute id="tj" name="cost" column="KOSTEN" type="money" decimals="2" stored="EUR 1.234,50"/>
    <to-one id="td" name="parent" class="Thing" column="OUDER"/>
    <to-many id="te" name="children" class="Thing" inverse="parent"/>
  </class>
</business-objects>"#;

const COLUMNS: [&str; 20] = [
    "SRT", "SRT 2", "VLAG", "plain", "Naam Ä", "NAAM2", "BEDRAG", "N", "DAT", "DAT2", "TIJD",
    "DAT3", "UUR", "DAT4", "UUR4", "PRIJS", "BETAALD", "VAL", "KOSTEN", "OUDER",
];

/// Cells by column; every one of them may also be NULL. Some codes mean nothing.
const CELLS: [&[&str]; 20] = [
    &["'1'", "'B'", "'z'", "'?'"],
    &["'1'", "'B'", "'z'", "'?'"],
    &["'J'", "'N'", "'j'"],
    &["1", "0", "7"],
    &["''", "'a'", "'A'", "'ab'", "'äb'", "'b''a'", "'✌%_'"],
    &["''", "'a'", "'A'", "'ab'", "'äb'", "'b'"],
    &["0", "100", "-100", "123", "-5", "9223372036854775807"],
    &["0", "1", "-1", "2", "9223372036854775807", "-9223372036854775808"],
    &["20240229", "20231231", "19991231"],
    &["'2024-02-29'", "'2023-12-31'", "'1999-12-31'"],
    &[
        "'2024-02-29T12:00:00.000000Z'",
        "'2024-02-29T12:00:00.000001Z'",
        "'1999-12-31T23:59:59.999999Z'",
    ],
    // the clocks were set back in the night of the second
    &["'2024-02-29'", "'2024-10-27'", "'1999-12-31'"],
    &["'12:00:00'", "'02:30:00'", "'02:30:00.000001'", "'23:59:59.999999'"],
    &["29022024", "27102024", "31121999", "0", "5", "99999999"],
    &["1200", "230", "0", "2359", "2360", "-5"],
    &["0", "1250", "-5", "100"],
    &["0", "1250", "-5", "100"],
    &["'EUR'", "'USD'", "'EUR'", "'eur'", "'XXX'", "''"],
    &[
        "'EUR 12,50'",
        "'EUR -0,05'",
        "'USD 12,50'",
        "'EUR 1.000,00'",
        "'EUR 9.999.999.999.999.999,99'",
        "'EUR 12.50'",
        "'eur 12,50'",
        "'EUR -0,00'",
        "'EUR 99.999.999.999.999.999,99'",
        "''",
    ],
    &["1", "2", "3", "4", "5"],
];

const ROWS: i64 = 60;

/// Who made the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Maker {
    /// The engine, for an owned database.
    Us,
    /// Somebody before us, with the types that such tables have.
    Others,
}

/// Rows by a fixed rule, so that a failure can be looked at again.
fn rows(backend: DbBackend, maker: Maker) -> Vec<String> {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let row = |number: i64, next: &mut dyn FnMut(usize) -> usize| {
        let cells = CELLS.iter().zip(COLUMNS).map(|(cells, column)| match next(cells.len() + 1) {
            0 => "NULL".to_owned(),
            index => cell(backend, maker, column, cells[index - 1]),
        });
        format!("({number}, 1, {})", cells.collect::<Vec<_>>().join(", "))
    };
    (1..=ROWS).map(|number| row(number, &mut next)).collect()
}

/// A cell of the table that an owned file has, in that of another engine or maker.
fn cell(backend: DbBackend, maker: Maker, column: &str, cell: &str) -> String {
    let is_file = backend == DbBackend::Sqlite;
    match column {
        "plain" if backend == DbBackend::Postgres && maker == Maker::Us => match cell {
            "1" => "TRUE".into(),
            "0" => "FALSE".into(),
            _ => "NULL".into(),
        },
        "BEDRAG" | "PRIJS" | "BETAALD" if is_file && maker == Maker::Us => cell.into(),
        // a binary number would be another one
        "BEDRAG" if is_file && cell.len() > 15 => "NULL".into(),
        "BEDRAG" | "PRIJS" | "BETAALD" => {
            let number = Decimal::new(cell.parse().expect("a number"), 2);
            number.to_string()
        }
        "TIJD" if is_file && maker == Maker::Others => {
            // whole seconds, as such files have them
            format!("'{}'", cell[1..20].replace('T', " "))
        }
        // digits in a text
        "UUR4" if maker == Maker::Others => match cell.parse::<u16>() {
            Ok(number) => format!("'{number:04}'"),
            Err(_) => format!("'{cell}'"),
        },
        "TIJD" if !is_file => cell.replace("Z'", "'").replace('T', " "),
        _ => cell.into(),
    }
}

/// The table as others would have made it.
fn others_table(backend: DbBackend) -> &'static str {
    match backend {
        DbBackend::Postgres => {
            r#"CREATE TABLE "T$ding" ("order" integer PRIMARY KEY, "v#" smallint, "SRT" char(3),
               "SRT 2" varchar(5), "VLAG" char(1), "plain" smallint,
               "Naam Ä" text COLLATE "en-x-icu", "NAAM2" varchar(20), "BEDRAG" numeric(30, 2),
               "N" bigint, "DAT" numeric(8, 0), "DAT2" date, "TIJD" timestamp, "DAT3" date,
               "UUR" time, "DAT4" numeric(30, 0), "UUR4" char(6), "PRIJS" numeric(10, 2),
               "BETAALD" numeric(12, 2), "VAL" char(4), "KOSTEN" char(32), "OUDER" integer)"#
        }
        DbBackend::MySql => {
            r#"CREATE TABLE "T$ding" ("order" int PRIMARY KEY, "v#" smallint, "SRT" char(3),
               "SRT 2" varchar(5), "VLAG" char(1), "plain" smallint, "Naam Ä" text,
               "NAAM2" varchar(20) COLLATE utf8mb4_bin, "BEDRAG" decimal(30, 2), "N" bigint,
               "DAT" decimal(8, 0), "DAT2" date, "TIJD" timestamp(6) NULL, "DAT3" date,
               "UUR" time(6), "DAT4" decimal(30, 0), "UUR4" char(6),
               "PRIJS" decimal(10, 2), "BETAALD" decimal(12, 2), "VAL" char(4),
               "KOSTEN" char(32), "OUDER" int)
               DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"#
        }
        _ => {
            r#"CREATE TABLE "T$ding" ("order" INTEGER PRIMARY KEY, "v#" INTEGER, "SRT" CHAR(3),
               "SRT 2" VARCHAR(5), "VLAG" CHAR(1), "plain" BOOLEAN,
               "Naam Ä" TEXT COLLATE NOCASE, "NAAM2" VARCHAR(20) COLLATE RTRIM,
               "BEDRAG" DECIMAL(10, 2), "N" BIGINT, "DAT" INT, "DAT2" DATE, "TIJD" DATETIME,
               "DAT3" DATE, "UUR" TIME, "DAT4" INT, "UUR4" CHAR(6),
               "PRIJS" DECIMAL(10, 2), "BETAALD" DECIMAL(12, 2), "VAL" CHAR(4) COLLATE NOCASE,
               "KOSTEN" CHAR(32) COLLATE NOCASE, "OUDER" INT)"#
        }
    }
}

pub(super) async fn engine(lab: &Lab, maker: Maker) -> Engine {
    let (model, findings) = Model::read([("odd.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let (model, installation) = (Arc::new(model), lab.installation("odd"));
    let connection = beside(&installation).await;
    if maker == Maker::Others {
        execute(&connection, others_table(lab.backend())).await;
    }
    let open = async || Engine::open("odd", model.clone(), &Data::default(), &installation).await;
    if maker == Maker::Us {
        open().await.expect("it opens");
    }
    // rows may lead to rows that come later
    match lab.backend() {
        DbBackend::Sqlite => execute(&connection, "PRAGMA foreign_keys = OFF").await,
        DbBackend::MySql => execute(&connection, "SET foreign_key_checks = 0").await,
        _ if maker == Maker::Us => {
            let drop = "ALTER TABLE \"T$ding\" DROP CONSTRAINT \"caruso_fk_T$ding_OUDER\"";
            execute(&connection, drop).await;
        }
        _ => {}
    }
    let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
    let rows = rows(lab.backend(), maker).join(", ");
    let insert = format!("INSERT INTO \"T$ding\" (\"order\", \"v#\", {columns}) VALUES {rows}");
    execute(&connection, &insert).await;
    connection.close().await.expect("it closes");
    open().await.expect("it opens")
}

/// An object with its relations as deep as the generated conditions go.
pub(super) fn linked(all: &[StoredObject], object: &StoredObject, depth: u8) -> Object {
    let mut values = object.attributes.clone();
    values.remove("parent");
    if depth > 0 {
        let parent = object.attributes.get("parent").map(ToString::to_string);
        let parent = all.iter().find(|other| Some(&other.key) == parent.as_ref());
        if let Some(parent) = parent {
            values.insert("parent".into(), linked(all, parent, depth - 1).into());
        }
        let is_child = |other: &&StoredObject| {
            other.attributes.get("parent").is_some_and(|key| key.to_string() == object.key)
        };
        let children = all.iter().filter(is_child);
        let children: Vec<Value> =
            children.map(|child| linked(all, child, depth - 1).into()).collect();
        values.insert("children".into(), children.into());
    }
    values
}

fn comparison() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["eq", "ne", "lt", "le", "gt", "ge"])
}

fn equality() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["eq", "ne"])
}

fn one(list: &'static [&'static str]) -> impl Strategy<Value = &'static str> {
    prop::sample::select(list.to_vec())
}

/// Conditions over instants in two columns.
fn moment(of: &'static str) -> impl Strategy<Value = String> {
    let moments = one(&[
        "'2024-02-29T11:00:00Z'",
        "'2024-02-29T11:00:00.0000005Z'",
        "'2024-02-29T10:59:30Z'",
        "'2024-10-27T00:30:00Z'",
        "'2024-10-27T00:30:00.000001Z'",
        "'2024-10-27T01:30:00Z'",
        "'2024-10-27T01:30:00.5Z'",
        "'1999-12-31T22:59:59.999999Z'",
        "'-000001-01-01T00:00:00Z'",
    ]);
    let lists =
        one(&["['2024-02-29T11:00:00Z']", "['2024-10-27T00:30:00Z', '1999-12-31T23:00:00Z']"]);
    let both = || one(&["met", "seen"]);
    prop_oneof![
        (both(), comparison(), moments).prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        comparison().prop_map(move |o| format!("{of}met {o} {of}seen")),
        (both(), lists).prop_map(move |(a, list)| format!("{of}{a} in {list}")),
        comparison().prop_map(move |o| format!("{of}seen.or({of}met) {o} {of}met")),
    ]
}

/// Conditions over money.
fn money(of: &'static str) -> impl Strategy<Value = String> {
    let euros = || one(&["'12.50 EUR'", "'0 EUR'", "money('-0.051 EUR')", "'1.005 EUR'"]);
    let any = || {
        one(&[
            "'12.5 USD'",
            "'12.50 EUR'",
            "money('0 JPY')",
            "'-0.05 EUR'",
            "'9.995 EUR'",
            "'1000 EUR'",
        ])
    };
    // of currencies of their own, in two columns and in one
    let own = || one(&["paid", "cost"]);
    let lists = one(&["['12.5 EUR', '1 USD']", "['-0.05 USD']", "['0 EUR', '1 JPY']"]);
    let parts = one(&["price.amount", "paid.amount", "cost.amount"]);
    let currencies = one(&["price.currency", "paid.currency", "cost.currency"]);
    prop_oneof![
        (comparison(), euros()).prop_map(move |(o, v)| format!("{of}price {o} {v}")),
        (own(), comparison(), any()).prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        (own(), comparison(), any()).prop_map(move |(a, o, v)| format!("{v} {o} {of}{a}")),
        comparison().prop_map(move |o| format!("{of}paid {o} {of}price")),
        // a file of others has amounts as binary numbers, with which whole ones do not compare
        (own(), comparison()).prop_map(move |(a, o)| format!("{of}{a} {o} {of}{a}")),
        (own(), lists).prop_map(move |(a, list)| format!("{of}{a} in {list}")),
        (parts, comparison()).prop_map(move |(a, o)| format!("{of}{a} {o} 1.00")),
        (currencies, comparison()).prop_map(move |(a, o)| format!("{of}{a} {o} 'EUR'")),
        comparison().prop_map(move |o| format!("{of}price.or('1 EUR') {o} '1 EUR'")),
        one(&["price", "paid", "cost", "paid.amount", "cost.currency", "price.currency"])
            .prop_map(move |a| format!("has({of}{a})")),
    ]
}

/// Conditions over one object; `of` goes before every attribute (`parent.`, or nothing).
fn leaf(of: &'static str) -> impl Strategy<Value = String> {
    let kinds = one(&["kind", "other_kind"]);
    let flags = || one(&["flag", "plain"]);
    let days = || one(&["day", "iso_day"]);
    let texts = || one(&["title", "title_2"]);
    let strings = || one(&["''", "'a'", "'A'", "'ab'", "'b'", "'ä'", "'b\\'a'", "'%'", "'_'"]);
    let numbers = one(&[
        "0",
        "1",
        "-1",
        "1.23",
        "1.225",
        "1.2300",
        "-0.05",
        "-0.051",
        "0.5",
        "9223372036854775807",
        "92233720368547758.07",
        "92233720368547758.075",
        "9223372036854775807.5",
        "-99999999999999999999.0",
    ]);
    let dates = one(&["'2024-02-29'", "'2024-01-01'", "'1999-12-31'", "'-000001-01-01'"]);
    let instants = one(&[
        "'2024-02-29T12:00:00Z'",
        "'2024-02-29T12:00:00.0000005Z'",
        "'2024-02-29T13:00:00+01:00'",
        "'1999-12-31T23:59:59.999999Z'",
    ]);
    let tests = one(&["contains", "startsWith", "endsWith"]);
    let members = || {
        one(&[
            "kind", "flag", "plain", "title", "amount", "count", "day", "at", "met", "seen",
            "price", "paid", "cost", "parent",
        ])
    };
    prop_oneof![
        (kinds, equality(), one(&["'a'", "'b'", "'c'"]))
            .prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        equality().prop_map(move |o| format!("{of}kind {o} {of}other_kind")),
        one(&["['a']", "['a', 'c']"]).prop_map(move |list| format!("{of}kind in {list}")),
        flags().prop_map(move |a| format!("{of}{a}")),
        (flags(), equality(), any::<bool>()).prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        equality().prop_map(move |o| format!("{of}flag {o} {of}plain")),
        (texts(), comparison(), strings()).prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        comparison().prop_map(move |o| format!("{of}title {o} {of}title_2")),
        (texts(), tests, strings()).prop_map(move |(a, t, v)| format!("{of}{a}.{t}({v})")),
        one(&["contains", "startsWith", "endsWith"])
            .prop_map(move |t| format!("{of}title.{t}({of}title_2)")),
        (texts(), comparison()).prop_map(move |(a, o)| format!("size({of}{a}) {o} 1")),
        (one(&["amount", "count"]), comparison(), numbers)
            .prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        one(&["[1, 0]", "[1.23, 1.225]", "[-1]"]).prop_map(move |l| format!("{of}amount in {l}")),
        (days(), comparison(), dates).prop_map(move |(a, o, v)| format!("{of}{a} {o} {v}")),
        (days(), comparison(), days()).prop_map(move |(a, o, b)| format!("{of}{a} {o} {of}{b}")),
        (comparison(), instants).prop_map(move |(o, v)| format!("{of}at {o} {v}")),
        moment(of),
        moment(of),
        moment(of),
        money(of),
        money(of),
        members().prop_map(move |a| format!("has({of}{a})")),
        members().prop_map(move |a| format!("{of}{a} == null")),
        comparison().prop_map(move |o| format!("{of}count.or(0) {o} 0")),
        equality().prop_map(move |o| format!("{of}kind.or('b') {o} 'b'")),
        equality().prop_map(move |o| format!("({of}flag ? {of}title : {of}title_2) {o} 'a'")),
        equality().prop_map(move |o| format!("({of}plain ? 'a' : 'b') {o} {of}title")),
        equality().prop_map(move |o| format!("({of}count gt 0) {o} {of}flag")),
        any::<bool>().prop_map(|value| value.to_string()),
    ]
}

pub(super) fn condition() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        4 => leaf(""),
        1 => leaf("parent."),
        1 => leaf("parent.parent."),
        1 => leaf("c.").prop_map(|body| format!("children.exists(c, {body})")),
        1 => leaf("c.").prop_map(|body| format!("children.all(c, {body})")),
        1 => leaf("c.parent.").prop_map(|body| format!("children.exists(c, {body})")),
        1 => leaf("c.")
            .prop_map(|body| format!("parent.children.all(c, {body} or c.number == number)")),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            inner.clone().prop_map(|a| format!("not ({a})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) and ({b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("({a}) or ({b})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("({a}) ? ({b}) : ({c})")),
        ]
    })
}

suite!(
    an_argument_means_what_the_same_constant_means,
    sql_and_memory_choose_the_same_objects,
    sql_and_memory_choose_the_same_objects_of_tables_that_were_there,
    what_engines_do_differently_is_refused,
);

async fn sql_and_memory_choose_the_same_objects(lab: &Lab) {
    choose_the_same(&engine(lab, Maker::Us).await, cases(lab.backend())).await;
}

async fn sql_and_memory_choose_the_same_objects_of_tables_that_were_there(lab: &Lab) {
    choose_the_same(&engine(lab, Maker::Others).await, cases(lab.backend())).await;
}

/// Filters that were once answered differently.
const KNOWN: [&str; 1] = ["not (plain eq false) and parent.at eq '1999-12-31T23:59:59.999999Z'"];

async fn choose_the_same(engine: &Engine, cases: usize) {
    let query_all = Query { class: "Thing".into(), page_size: 500, ..Query::default() };
    let all = engine.query(&query_all).await.expect("it is sound").objects;
    assert_eq!(i64::try_from(all.len()), Ok(ROWS));
    let whole: BTreeMap<&str, Object> =
        all.iter().map(|object| (object.key.as_str(), linked(&all, object, 3))).collect();
    let class = engine.model.class("Thing").expect("it is there");
    let schema = ClassSchema { model: engine.model(), class };
    let mut runner = TestRunner::new(Config::default());
    let generated =
        (0..cases).map(|_| condition().new_tree(&mut runner).expect("a condition").current());
    for text in KNOWN.map(str::to_owned).into_iter().chain(generated) {
        let expression = parse(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
        let checked = check(&expression, &schema, Some(&Type::Bool))
            .unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let budget = Budget { steps: 1_000_000, bytes: 1_000_000 };
        let in_memory: Vec<_> = whole
            .iter()
            .filter(|(_, values)| checked.evaluate(*values, budget) == Ok(Value::Bool(true)))
            .map(|(key, _)| *key)
            .collect();
        let query = Query { filter: text.clone(), ..query_all.clone() };
        let page = engine.query(&query).await;
        let page = page.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        let mut in_sql: Vec<_> = page.objects.iter().map(|object| object.key.as_str()).collect();
        in_sql.sort_unstable();
        assert_eq!(in_sql, in_memory, "{text}");
    }
}

/// Filters with an argument, and constants for it; each statement is made once and used again.
const ARGUMENTS: [(&str, &[&str]); 13] = [
    ("kind eq X or flag", &["'a'", "'c'", "'b'"]),
    ("kind ne X", &["'a'", "'b'"]),
    ("title ge X and title_2 ne X", &["'a'", "''", "'äb'"]),
    ("title.contains(X) or X.startsWith(title_2)", &["'b'", "''", "'ab'"]),
    ("amount lt X", &["1", "1.23", "1.225", "-99999999999999999999.0", "0"]),
    ("count ge X", &["0", "9223372036854775807", "1"]),
    ("count ge X or amount eq X", &["1.5", "0.5", "1.0"]),
    ("day gt X or iso_day eq X", &["'2024-02-29'", "'-000001-01-01'", "'1999-12-31'"]),
    ("at le X", &["'2024-02-29T12:00:00Z'", "'2024-02-29T12:00:00.0000005Z'"]),
    ("price ge X or paid ne X", &["'12.50 EUR'", "'0 EUR'"]),
    ("cost le X and paid.amount ge 0.01", &["'12.50 EUR'", "'0 USD'", "'12.505 USD'"]),
    (
        "met le X and seen ge X or met eq X",
        &["'2024-02-29T11:00:00Z'", "'2024-10-27T00:30:00Z'", "'2024-10-27T01:30:00Z'"],
    ),
    ("children.exists(c, c.count.or(X) eq X and c.count in [X, 1])", &["0", "-1", "2"]),
];

async fn an_argument_means_what_the_same_constant_means(lab: &Lab) {
    for maker in [Maker::Us, Maker::Others] {
        let engine = engine(lab, maker).await;
        for (template, constants) in ARGUMENTS {
            // again from the first, when the statement is there
            for constant in constants.iter().chain(constants.iter()) {
                let written = template.replace('X', constant);
                let written = query(&engine, "Thing", &written).await.expect(&written);
                let argument = match constant.strip_prefix('\'') {
                    Some(text) => Value::from(text.trim_end_matches('\'')),
                    None => constant
                        .parse()
                        .map(Value::Int)
                        .unwrap_or_else(|_| Value::Decimal(constant.parse().expect("a number"))),
                };
                let query = Query {
                    class: "Thing".into(),
                    filter: template.replace('X', "argument.x"),
                    arguments: [("x".to_owned(), argument)].into(),
                    ..Query::default()
                };
                let given = engine.query(&query).await.expect(template);
                assert_eq!(given.objects, written.objects, "{template} with {constant}");
            }
        }
    }
}

async fn what_engines_do_differently_is_refused(lab: &Lab) {
    let engine = engine(lab, Maker::Us).await;
    for filter in [
        "count + 1 gt 2",
        "-count gt 2",
        "amount gt count",
        "string(count) eq '1'",
        "int(amount) eq 1",
        "size(children) gt 1",
        "size(children.filter(c, c.flag)) gt 1",
        "children.map(c, c.count).exists(n, n gt 1)",
    ] {
        let error = query(&engine, "Thing", filter).await.expect_err(filter);
        assert!(matches!(error, Error::Filter(_)), "{filter}: {error}");
    }
}
