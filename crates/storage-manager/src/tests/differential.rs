//! Filters in SQL against the evaluator in memory: for generated expressions over generated rows
//! both must choose the same objects. Missing values, unknown codes and relations are included.

use std::collections::BTreeMap;

use caruso_expression::{Budget, Object, Type, Value, check, parse};
use caruso_object_model::{ClassSchema, Data, Model};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

use super::{options, query};
use crate::{Engine, Error, Query, StoredObject};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
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
    <to-one id="td" name="parent" class="Thing" column="OUDER"/>
    <to-many id="te" name="children" class="Thing" inverse="parent"/>
  </class>
</business-objects>"#;

const COLUMNS: [&str; 12] = [
    "SRT", "SRT 2", "VLAG", "plain", "Naam Ä", "NAAM2", "BEDRAG", "N", "DAT", "DAT2", "TIJD",
    "OUDER",
];

/// Cells by column; every one of them may also be NULL. Some codes mean nothing.
const CELLS: [&[&str]; 12] = [
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
    &["1", "2", "3", "4", "5"],
];

const ROWS: i64 = 60;

/// Rows by a fixed rule, so that a failure can be looked at again.
fn rows() -> Vec<String> {
    let mut state = 7_u64;
    let mut next = |below: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or(0) % below
    };
    let row = |number: i64, next: &mut dyn FnMut(usize) -> usize| {
        let cells = CELLS.iter().map(|cells| match next(cells.len() + 1) {
            0 => "NULL",
            index => cells[index - 1],
        });
        format!("({number}, 1, {})", cells.collect::<Vec<_>>().join(", "))
    };
    (1..=ROWS).map(|number| row(number, &mut next)).collect()
}

async fn engine(folder: &TempDir) -> Engine {
    let (model, findings) = Model::read([("odd.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let options = options(folder, "odd", true);
    let engine =
        Engine::open("odd", model.into(), &Data::default(), &options).await.expect("it opens");
    let columns = COLUMNS.map(|column| format!("\"{column}\"")).join(", ");
    let insert = format!(
        "PRAGMA foreign_keys = OFF; \
         INSERT INTO \"T$ding\" (\"order\", \"v#\", {columns}) VALUES {}",
        rows().join(", ")
    );
    let connection = Database::connect(&options.databases["odd"].url).await.expect("it opens");
    connection.execute_unprepared(&insert).await.expect("the rows are sound");
    connection.close().await.expect("it closes");
    engine
}

/// An object with its relations as deep as the generated conditions go.
fn linked(all: &[StoredObject], object: &StoredObject, depth: u8) -> Object {
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
    let members =
        || one(&["kind", "flag", "plain", "title", "amount", "count", "day", "at", "parent"]);
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

fn condition() -> impl Strategy<Value = String> {
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

#[test]
fn sql_and_memory_choose_the_same_objects() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = TempDir::new().expect("a folder");
    let engine = runtime.block_on(engine(&folder));
    let query_all = Query { class: "Thing".into(), page_size: 500, ..Query::default() };
    let all = runtime.block_on(engine.query(&query_all)).expect("it is sound").objects;
    assert_eq!(i64::try_from(all.len()), Ok(ROWS));
    let whole: BTreeMap<&str, Object> =
        all.iter().map(|object| (object.key.as_str(), linked(&all, object, 3))).collect();
    let class = engine.model.class("Thing").expect("it is there");
    let schema = ClassSchema { model: engine.model(), class };
    let mut runner = TestRunner::new(Config { cases: 2_000, ..Config::default() });
    let outcome = runner.run(&condition(), |text| {
        let expression = parse(&text).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?;
        let checked = check(&expression, &schema, Some(&Type::Bool))
            .map_err(|errors| TestCaseError::fail(format!("{text}: {errors:?}")))?;
        let budget = Budget { steps: 1_000_000, bytes: 1_000_000 };
        let in_memory: Vec<_> = whole
            .iter()
            .filter(|(_, values)| checked.evaluate(*values, budget) == Ok(Value::Bool(true)))
            .map(|(key, _)| *key)
            .collect();
        let query = Query { filter: text.clone(), ..query_all.clone() };
        let page = match runtime.block_on(engine.query(&query)) {
            Ok(page) => page,
            Err(error) => return Err(TestCaseError::fail(format!("{text}: {error:?}"))),
        };
        let mut in_sql: Vec<_> = page.objects.iter().map(|object| object.key.as_str()).collect();
        in_sql.sort_unstable();
        prop_assert_eq!(in_sql, in_memory, "{}", text);
        Ok(())
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}

#[tokio::test]
async fn what_engines_do_differently_is_refused() {
    let folder = TempDir::new().expect("a folder");
    let engine = engine(&folder).await;
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
