//! Instants whose day and time of day stand in two columns.

use caruso_database::DbBackend;
use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation};
use std::sync::Arc;

use super::changing::{apply, create, now, update};
use super::lab::{Lab, beside, execute, number};
use super::{author, query, suite, values};
use crate::{
    Aggregate, Engine, Error, Function, Installation, LoadOptions, Measure, Order, Query, Transfer,
};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="visits" country="NL">
  <type name="moment" type="instant" stored="yyyymmdd" time-stored="hhmm" zone="Europe/Amsterdam"/>
  <class id="v" name="Visit" table="BEZOEK" key="number" writable="yes">
    <attribute id="v1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="v2" name="begun" column="DATUM" time-column="TIJD" type="instant"
               zone="Europe/Amsterdam"/>
    <attribute id="v3" name="ended" column="DATUM2" time-column="TIJD2" of="moment" missing="0"/>
    <derived id="v4" name="first" value="ended.or(begun)"/>
    <roll-up id="v7" name="latest" of="later" function="greatest" attribute="begun"/>
    <to-one id="v5" name="before" class="Visit" column="VORIG"/>
    <to-many id="v6" name="later" class="Visit" inverse="before"/>
    <constraint id="v8" name="order" test="not has(ended) or not has(begun) or ended ge begun">
      <message language="en">It ends before it begins.</message>
    </constraint>
    <unique name="once" attributes="begun"/>
    <index attributes="ended"/>
  </class>
</business-objects>"#;

fn model() -> Arc<Model> {
    let (model, findings) = Model::read([("visits.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    model.into()
}

fn at(text: &str) -> Value {
    Value::Instant(text.parse().expect("an instant"))
}

async fn open(installation: &Installation) -> Engine {
    let opened = Engine::open("visits", model(), &Data::default(), installation).await;
    opened.expect("it opens")
}

async fn engine(lab: &Lab) -> (Engine, Installation) {
    let installation = lab.installation("visits");
    (open(&installation).await, installation)
}

fn visit(number: i64, more: &[(&str, Value)]) -> Operation {
    create("Visit", &[&[("number", Value::Int(number))], more].concat())
}

suite!(
    both_columns_are_written_and_read_together,
    a_day_without_a_time_is_a_finding_and_a_time_without_a_day_is_nothing,
    pages_go_by_moments,
    figures_and_derived_values_are_of_moments,
    rules_are_about_the_whole_moment,
    files_bring_moments_and_other_engines_take_them,
    times_that_only_a_server_has_are_findings,
);

async fn both_columns_are_written_and_read_together(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let begun = at("2024-06-30T22:30:00.25Z");
    let ended = at("2024-07-01T07:05:59Z");
    let operation = visit(1, &[("begun", begun.clone()), ("ended", ended)]);
    let made = apply(&engine, "k1", vec![operation]).await.expect("it is sound").objects;
    assert_eq!(made[0].attributes["begun"], begun);
    // the column has no seconds
    assert_eq!(made[0].attributes["ended"], at("2024-07-01T07:05:00Z"));
    let connection = beside(&installation).await;
    let stored = "SELECT \"DATUM2\" * 10000 + \"TIJD2\" FROM \"BEZOEK\"";
    assert_eq!(number(&connection, stored).await, 202_407_010_905);
    let day = "SELECT COUNT(*) FROM \"BEZOEK\" WHERE \"DATUM\" = '2024-07-01'";
    assert_eq!(number(&connection, day).await, 1, "the day is that of the zone");

    let change = update("Visit", "1", &made[0].revision, &[("begun", Value::Null)]);
    let changed = apply(&engine, "k2", vec![change]).await.expect("it is sound").objects;
    assert!(!changed[0].attributes.contains_key("begun"));
    assert_ne!(changed[0].revision, made[0].revision);
    let both = "SELECT COUNT(*) FROM \"BEZOEK\" WHERE \"DATUM\" IS NULL AND \"TIJD\" IS NULL";
    assert_eq!(number(&connection, both).await, 1);
    let late = update("Visit", "1", &made[0].revision, &[("begun", Value::Null)]);
    let error = apply(&engine, "k3", vec![late]).await.expect_err("it has changed since");
    assert!(matches!(error, Error::RevisionConflict { .. }), "{error}");
    let history = engine.history("Visit", "1", 0, "").await.expect("it has one").changes;
    let last = history.iter().find(|change| change.operation == "update").expect("a change");
    assert_eq!(last.before["begun"], begun);
    // somebody else changes the time alone
    execute(&connection, "UPDATE \"BEZOEK\" SET \"TIJD2\" = 906").await;
    let read = engine.read("Visit", "1").await.expect("it is there");
    assert_eq!(read.attributes["ended"], at("2024-07-01T07:06:00Z"));
    assert_ne!(read.revision, changed[0].revision);
}

/// Visits with all that may be wrong with two columns.
async fn dirty(lab: &Lab) -> Engine {
    let (engine, installation) = engine(lab).await;
    drop(engine);
    let connection = beside(&installation).await;
    let rows = [
        "(1, '2024-01-31', '14:25:00', 20240131, 1425)",
        "(2, '2024-01-31', NULL, 20240131, NULL)",
        "(3, NULL, '14:25:00', 0, 1425)",
        "(4, NULL, NULL, NULL, NULL)",
        // the clocks were set forth
        "(5, '2024-03-31', '02:30:00', 20240331, 230)",
        "(6, '2024-01-30', '00:00:00', 20240130, 2400)",
        "(7, '2024-01-29', '09:00:00', 20241331, -1)",
        "(8, '2024-01-28', '09:00:00', 2147483647, 0)",
    ];
    let columns = "\"NR\", \"DATUM\", \"TIJD\", \"DATUM2\", \"TIJD2\"";
    let rows = rows.join(", ");
    execute(&connection, &format!("INSERT INTO \"BEZOEK\" ({columns}) VALUES {rows}")).await;
    open(&installation).await
}

async fn a_day_without_a_time_is_a_finding_and_a_time_without_a_day_is_nothing(lab: &Lab) {
    let engine = dirty(lab).await;
    let all = query(&engine, "Visit", "").await.expect("the page arrives").objects;
    let found: Vec<(&str, bool, String)> = all
        .iter()
        .map(|it| {
            let has = it.attributes.contains_key("begun");
            (it.key.as_str(), has, it.unreadable.join(" "))
        })
        .collect();
    let expected = [
        ("1", true, ""),
        ("2", false, "begun ended"),
        ("3", false, ""),
        ("4", false, ""),
        ("5", false, "begun ended first"),
        ("6", true, "ended"),
        ("7", true, "ended"),
        ("8", true, "ended"),
    ];
    assert_eq!(found, expected.map(|(key, has, what)| (key, has, what.to_owned())));
    for (filter, expected) in [
        ("has(ended) and number ne 5", "1"),
        ("not has(begun) and number ne 5", "2 3 4"),
        ("begun eq '2024-01-31T13:25:00Z'", "1"),
        ("begun lt '2024-01-31T13:25:00Z'", "6 7 8"),
        ("begun ne '2024-01-31T13:25:00Z' and number ne 5", "6 7 8"),
        ("begun in ['2024-01-31T13:25:00Z', '2024-01-29T23:00:00Z']", "1 6"),
        ("begun eq ended", "1"),
    ] {
        // where the clocks never showed it, a database knows no better
        let filter = format!("({filter}) and number ne 5");
        let page = query(&engine, "Visit", &filter).await.expect(&filter);
        let keys: Vec<&str> = page.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys.join(" "), expected, "{filter}");
    }
}

async fn pages_go_by_moments(lab: &Lab) {
    let (engine, _) = engine(lab).await;
    let operations = (0..40).map(|index| {
        let (day, hour) = (index * 7 % 5 + 1, index * 11 % 24);
        let begun = at(&format!("2024-02-0{day}T{hour:02}:00:{index:02}Z"));
        let begun = if index % 9 == 0 { Value::Null } else { begun };
        visit(index, &[("begun", begun)])
    });
    apply(&engine, "k", operations.collect()).await.expect("it is sound");
    for is_descending in [false, true] {
        let order = vec![Order { attribute: "begun".into(), is_descending }];
        let query = Query { class: "Visit".into(), order, page_size: 7, ..Query::default() };
        let whole = engine.query(&Query { page_size: 100, ..query.clone() }).await;
        let whole = values(&whole.expect("it is sound"), "begun");
        let known: Vec<_> = whole.iter().filter(|it| !it.is_null()).collect();
        let is_sorted = known.is_sorted_by(|one, other| {
            one.compare(other)
                != Some(if is_descending {
                    std::cmp::Ordering::Less
                } else {
                    std::cmp::Ordering::Greater
                })
        });
        assert!(is_sorted && known.len() == 35, "{known:?}");
        assert!(whole[35..].iter().all(Value::is_null), "what is missing comes last");
        let (mut paged, mut page_token) = (Vec::new(), String::new());
        loop {
            let page = engine.query(&Query { page_token, ..query.clone() }).await;
            let page = page.expect("it is sound");
            paged.extend(values(&page, "begun"));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        assert_eq!(paged, whole);
    }
}

async fn figures_and_derived_values_are_of_moments(lab: &Lab) {
    let (engine, _) = engine(lab).await;
    let (one, two) = (at("2024-02-01T10:00:00.5Z"), at("2024-02-02T09:00:00Z"));
    let three = at("2024-02-03T00:00:00Z");
    let operations = vec![
        visit(1, &[("begun", two.clone())]),
        visit(2, &[("begun", one.clone()), ("ended", three.clone()), ("before", "1".into())]),
        visit(3, &[("begun", three.clone()), ("before", "1".into())]),
        visit(4, &[]),
    ];
    apply(&engine, "k", operations).await.expect("it is sound");
    let page = query(&engine, "Visit", "").await.expect("it is sound");
    let first = [two.clone(), three.clone(), three.clone(), Value::Null];
    assert_eq!(values(&page, "first"), first);
    assert_eq!(values(&page, "latest")[..2], [three.clone(), Value::Null]);
    let found = query(&engine, "Visit", "latest gt '2024-02-02T00:00:00Z'").await;
    assert_eq!(found.expect("it is sound").objects.len(), 1);
    let function = |function| Measure { function, attribute: Some("begun".into()) };
    let functions = [Function::Count, Function::Least, Function::Greatest];
    let request = Aggregate {
        class: "Visit".into(),
        measures: functions.map(function).to_vec(),
        ..Aggregate::default()
    };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    assert_eq!(groups[0].measures, [Value::Int(3), one, three]);
    let sum = Aggregate { measures: vec![function(Function::Sum)], ..request };
    let error = engine.aggregate(&sum).await.expect_err("moments have no sum");
    assert!(matches!(error, Error::Filter(_)), "{error}");
}

async fn rules_are_about_the_whole_moment(lab: &Lab) {
    let (engine, _) = engine(lab).await;
    let noon = at("2024-02-01T12:00:00Z");
    let later = at("2024-02-01T13:00:00Z");
    let operation = visit(1, &[("begun", noon.clone())]);
    apply(&engine, "k1", vec![operation]).await.expect("it is sound");
    // the same day, another time
    apply(&engine, "k2", vec![visit(2, &[("begun", later.clone())])]).await.expect("it is sound");
    let again = visit(3, &[("begun", noon.clone())]);
    let error = apply(&engine, "k3", vec![again]).await.expect_err("there is one");
    let Error::Duplicate { attributes, .. } = &error else { panic!("{error}") };
    assert_eq!(*attributes, ["begun"]);
    let wrong = visit(4, &[("begun", at("2024-02-01T13:00:01Z")), ("ended", noon)]);
    let error = apply(&engine, "k4", vec![wrong]).await.expect_err("it ends too early");
    assert!(error.to_string().contains("It ends before it begins"), "{error}");
}

async fn files_bring_moments_and_other_engines_take_them(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("visits.csv");
    let rows = "number,begun,ended\n\
                1,2024-02-01T12:00:00.000001Z,\n\
                2,2024-02-01T13:00:00Z,2024-02-01T14:00:00Z\n\
                3,2024-02-01T13:00:00Z,\n";
    std::fs::write(&path, rows).expect("it is written");
    let options = LoadOptions::default();
    let loaded = engine.load("Visit", &path, &options, &author(), now(), &mut |_| {}).await;
    let loaded = loaded.expect("it is loaded");
    assert_eq!((loaded.created, loaded.refused), (2, 1), "{:?}", loaded.reasons);
    std::fs::write(&path, "number,begun\n9,2024-02-01T13:00:00Z\n").expect("it is written");
    let loaded = engine.load("Visit", &path, &options, &author(), now(), &mut |_| {}).await;
    let reasons = loaded.expect("it is read").reasons;
    assert_eq!(reasons[0].reason, "there is one with this `begun`");
    drop(engine);

    let elsewhere = Lab::file().installation("visits");
    let transfer = Transfer {
        model: model(),
        digest: "test".to_owned(),
        name: "visits".to_owned(),
        from: installation.databases["visits"].address.clone(),
        to: elsewhere.databases["visits"].address.clone(),
        folder: elsewhere.data.join("transfer"),
    };
    std::fs::create_dir_all(elsewhere.data.parent().expect("a folder")).expect("it is there");
    transfer.copy(&mut |_, _| {}).await.expect("it is copied");
    let verified = transfer.verify(&mut |_, _| {}).await.expect("it is compared");
    assert_eq!((verified[0].from_rows, verified[0].differing), (2, 0));
    // a day without a time is not the same as neither
    let connection = beside(&elsewhere).await;
    execute(&connection, "UPDATE \"BEZOEK\" SET \"TIJD\" = NULL WHERE \"NR\" = 1").await;
    let connection = beside(&installation).await;
    execute(
        &connection,
        "UPDATE \"BEZOEK\" SET \"DATUM\" = NULL, \"TIJD\" = NULL WHERE \"NR\" = 1",
    )
    .await;
    let verified = transfer.verify(&mut |_, _| {}).await.expect("it is compared");
    assert_eq!(verified[0].differing, 1);
}

async fn times_that_only_a_server_has_are_findings(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let odd: &[&str] = match lab.backend() {
        DbBackend::Postgres => &["'24:00:00'"],
        DbBackend::MySql => &["'-10:00:00'", "'34:00:00'"],
        _ => &["'24:00:00'", "'9:00:00'", "'09:00'", "'09:00:00.5'", "'09:00:00.000000'", "''"],
    };
    let connection = beside(&installation).await;
    for (index, time) in odd.iter().enumerate() {
        let values = format!("({index}, '2024-01-31', {time})");
        let columns = "\"NR\", \"DATUM\", \"TIJD\"";
        execute(&connection, &format!("INSERT INTO \"BEZOEK\" ({columns}) VALUES {values}")).await;
    }
    let page = query(&engine, "Visit", "").await.expect("the page arrives");
    assert_eq!(page.objects.len(), odd.len());
    for object in &page.objects {
        assert_eq!(
            object.unreadable,
            ["begun"],
            "{}",
            odd[object.key.parse::<usize>().expect("0")]
        );
    }
    let found = query(&engine, "Visit", "has(begun)").await.expect("it is sound");
    assert_eq!(found.objects, []);
    let ordered = Query {
        class: "Visit".into(),
        order: vec![Order { attribute: "begun".into(), is_descending: false }],
        page_size: 1,
        ..Query::default()
    };
    let page = engine.query(&ordered).await.expect("it is sound");
    assert_eq!((page.objects.len(), page.next_page_token.is_empty()), (1, odd.len() == 1));
}
