//! Filters over what a wrapper holds against the evaluator in memory: generated conditions choose
//! the same objects, or are refused for what they compare.

use caruso_expression::{Budget, Object, Type, check, parse};
use caruso_object_model::ClassSchema;
use proptest::strategy::{Strategy as _, ValueTree as _};
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::tests::differential::{MODEL, Maker, condition, engine as in_database, linked};
use crate::{Error, Query, StoredObject};

/// Conditions that are tried.
const CASES: usize = 1_000;

/// The classes of the file behind a wrapper that looks by some of their attributes.
fn behind_a_wrapper() -> Model {
    let mut text = MODEL.replace("database=\"odd\"", "wrapper=\"odd\"");
    let names = [
        " table=\"",
        " column=\"",
        " time-column=\"",
        " time-stored=\"",
        " missing=\"",
        " zone=\"",
        " revision=\"",
    ];
    for name in names {
        text = without(&text, name);
    }
    let text = text.replace(" stored=\"J/N\"", "").replace(" stored=\"yyyymmdd\"", "");
    let mut text = text.replace("stored=\"ddmmyyyy\"", "");
    // a wrapper gives money of the currency that the model names, and no other
    for id in ["ti", "tj"] {
        let start = text.find(&format!("<attribute id=\"{id}\"")).expect("it is there");
        let end = start + text[start..].find("/>").expect("it ends") + 2;
        text.replace_range(start..end, "");
    }
    let names = ["parent", "kind", "flag", "title", "count", "day"];
    let indexes = names.map(|name| format!("<index attributes=\"{name}\"/>")).concat();
    let text = text.replace("</class>", &format!("{indexes}</class>"));
    let (model, findings) = Model::read([("odd.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

async fn behind(all: &[StoredObject]) -> Engine {
    let mut shelf = Shelf::default();
    for object in all {
        let values: Vec<(&str, Value)> = object
            .attributes
            .iter()
            .map(|(name, value)| match name.as_str() {
                "parent" => ("parent", Value::from(value.to_string())),
                name => (name, value.clone()),
            })
            .collect();
        shelf.put("Thing", &object.key, &values);
    }
    let mut installation = Lab::file().installation("odd");
    installation.databases.clear();
    let (model, data) = (behind_a_wrapper().into(), Data::default());
    let opened = Engine::open_with("odd", model, &data, &installation, Arc::new(shelf)).await;
    opened.expect("it opens")
}

#[tokio::test]
async fn a_wrapper_and_memory_choose_the_same_objects() {
    let query_all = Query { class: "Thing".into(), page_size: 500, ..Query::default() };
    let database = in_database(&Lab::file(), Maker::Us).await;
    let all = database.query(&query_all).await.expect("it is sound").objects;
    let whole: BTreeMap<&str, Object> =
        all.iter().map(|object| (object.key.as_str(), linked(&all, object, 3))).collect();
    let engine = behind(&all).await;
    let class = engine.model.class("Thing").expect("it is there");
    let schema = ClassSchema { model: engine.model(), class };
    let mut runner = TestRunner::new(Config::default());
    let mut refused = 0;
    for _ in 0..CASES {
        let text = condition().new_tree(&mut runner).expect("a condition").current();
        if text.contains("paid") || text.contains("cost") {
            continue;
        }
        let expression = parse(&text).expect("it parses");
        let checked = check(&expression, &schema, Some(&Type::Bool)).expect("it checks");
        let query = Query { filter: text.clone(), ..query_all.clone() };
        let mut chosen: Vec<String> = match engine.query(&query).await {
            Ok(page) => page.objects.into_iter().map(|object| object.key).collect(),
            Err(Error::Filter(_)) => {
                refused += 1;
                continue;
            }
            Err(error) => panic!("{text}: {error}"),
        };
        let budget = Budget { steps: 1_000_000, bytes: 1_000_000 };
        let in_memory: Vec<&str> = whole
            .iter()
            .filter(|(_, values)| checked.evaluate(*values, budget) == Ok(Value::Bool(true)))
            .map(|(key, _)| *key)
            .collect();
        chosen.sort_unstable();
        assert_eq!(chosen, in_memory, "{text}");
    }
    assert!(refused < CASES * 3 / 4, "{refused} of {CASES} were refused");
    eprintln!("{refused} of {CASES} conditions compare values of several objects");
}
