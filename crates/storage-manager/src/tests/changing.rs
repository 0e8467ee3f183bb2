use std::collections::BTreeMap;

use caruso_expression::Value;
use caruso_object_model::{Operation, UnitOfWork};
use jiff::Timestamp;

use super::lab::{Lab, number};
use super::{author, example, query, suite};
use crate::{Applied, Engine, Error};

pub(super) fn attributes(list: &[(&str, Value)]) -> BTreeMap<String, Value> {
    list.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

pub(super) fn create(class: &str, list: &[(&str, Value)]) -> Operation {
    Operation::Create { class: class.into(), attributes: attributes(list) }
}

pub(super) fn update(class: &str, key: &str, revision: &str, list: &[(&str, Value)]) -> Operation {
    let (class, key, revision) = (class.into(), key.into(), revision.into());
    Operation::Update { class, key, revision, attributes: attributes(list) }
}

pub(super) fn now() -> Timestamp {
    "2026-01-31T12:00:00.1234567Z".parse().expect("an instant")
}

pub(super) async fn apply(
    engine: &Engine,
    key: &str,
    operations: Vec<Operation>,
) -> Result<Applied, Error> {
    let unit = UnitOfWork {
        idempotency_key: key.into(),
        operations,
        reason: "dialogue script fault, session s1".into(),
        contact: "c1".into(),
    };
    engine.apply(&unit, &author(), now()).await
}

pub(super) fn report() -> Operation {
    create(
        "FaultReport",
        &[
            ("customer", "100001".into()),
            ("connection", "871687100041000874".into()),
            ("kind", "smell_of_gas".into()),
            ("urgency", "emergency".into()),
            ("reported_at", Value::Instant(now())),
            ("contact", "c1".into()),
        ],
    )
}

async fn count(engine: &Engine, table: &str) -> i64 {
    let database = engine.databases.values().next().expect("there is one");
    number(&database.own, &format!("SELECT COUNT(*) FROM \"{table}\"")).await
}

suite!(
    a_deleted_object_is_gone_unless_others_lead_to_it,
    what_would_come_is_told_and_nothing_changes,
    a_unit_of_work_happens_once_however_often_it_comes,
    repeats_that_come_together_write_once,
    a_change_against_an_old_revision_changes_nothing,
    of_changes_that_come_together_one_is_made,
    the_index_of_numbers_follows_every_change,
    broken_rules_are_named_and_change_nothing,
);

async fn a_unit_of_work_happens_once_however_often_it_comes(lab: &Lab) {
    let engine = example(lab).await;
    let before = count(&engine, "STORING").await;
    let first = apply(&engine, "k1", vec![report()]).await.expect("it is sound");
    assert!(!first.is_repeat);
    let made = &first.objects[0];
    assert_eq!(made.attributes["urgency"], Value::from("emergency"));
    let stored: Timestamp = "2026-01-31T12:00:00.123456Z".parse().expect("an instant");
    assert_eq!(made.attributes["reported_at"], Value::Instant(stored));
    assert_eq!(engine.read("FaultReport", &made.key).await.expect("it is there"), *made);
    let again = apply(&engine, "k1", vec![report()]).await.expect("a repeat");
    assert!(again.is_repeat);
    assert_eq!(again.objects, first.objects);
    assert_eq!(count(&engine, "STORING").await, before + 1);
    assert_eq!(count(&engine, "caruso_change").await, 1);
    let other = create(
        "Interaction",
        &[
            ("channel", "telephone".into()),
            ("topic", "fault".into()),
            ("started_at", Value::Instant(now())),
        ],
    );
    let error = apply(&engine, "k1", vec![other]).await.expect_err("the key is taken");
    assert!(error.to_string().contains("the idempotency key was used"), "{error}");
}

async fn repeats_that_come_together_write_once(lab: &Lab) {
    let engine = example(lab).await;
    let before = count(&engine, "STORING").await;
    let (a, b, c) = tokio::join!(
        apply(&engine, "k1", vec![report()]),
        apply(&engine, "k1", vec![report()]),
        apply(&engine, "k2", vec![report()]),
    );
    let repeats = [&a, &b].map(|it| it.as_ref().expect("it is sound").is_repeat);
    assert_eq!(repeats.iter().filter(|is_repeat| **is_repeat).count(), 1);
    assert!(c.is_ok());
    assert_eq!(count(&engine, "STORING").await, before + 2);
}

async fn a_change_against_an_old_revision_changes_nothing(lab: &Lab) {
    let engine = example(lab).await;
    let notes = |text: &str| update("Customer", "100001", "1", &[("notes", text.into())]);
    let done = apply(&engine, "k1", vec![notes("first")]).await.expect("it is current");
    assert_eq!(done.objects[0].revision, "2");
    let before = count(&engine, "STORING").await;
    let error = apply(&engine, "k2", vec![report(), notes("second")]).await.expect_err("it is old");
    assert!(matches!(error, Error::RevisionConflict { operation: 1, .. }), "{error}");
    assert_eq!(count(&engine, "STORING").await, before, "nothing of the unit has happened");
    let eva = engine.read("Customer", "100001").await.expect("she is there");
    assert_eq!(eva.attributes["notes"], Value::from("first"));
    let cleared = update("Customer", "100001", "2", &[("notes", Value::Null)]);
    let done = apply(&engine, "k3", vec![cleared]).await.expect("it is current");
    assert_eq!(done.objects[0].attributes.get("notes"), None);
}

async fn of_changes_that_come_together_one_is_made(lab: &Lab) {
    let engine = example(lab).await;
    let made = apply(&engine, "k1", vec![report()]).await.expect("it is sound").objects.remove(0);
    let change = async |by: &'static str| {
        let change = update("FaultReport", &made.key, &made.revision, &[("contact", by.into())]);
        (by, apply(&engine, by, vec![change]).await)
    };
    let all = tokio::join!(change("a"), change("b"), change("c"), change("d"));
    let (mut done, mut refused) = (Vec::new(), 0);
    for (by, answer) in [all.0, all.1, all.2, all.3] {
        match answer {
            Ok(applied) => done.push((by, applied.objects[0].clone())),
            Err(Error::RevisionConflict { operation: 0, .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    let [(by, after)] = &done[..] else { panic!("{done:?}") };
    assert_eq!(refused, 3);
    assert_eq!(after.attributes["contact"], Value::from(*by));
    assert_eq!(engine.read("FaultReport", &made.key).await.expect("it is there"), *after);
    let history = engine.history("FaultReport", &made.key, 0, "").await.expect("it is kept");
    let updates = history.changes.iter().filter(|change| change.operation == "update");
    let [update] = &updates.collect::<Vec<_>>()[..] else { panic!("{:?}", history.changes) };
    assert_eq!(update.before, attributes(&[("contact", "c1".into())]));
    assert_eq!(update.after, attributes(&[("contact", (*by).into())]));
    assert_eq!(update.revision, after.revision);
}

async fn the_index_of_numbers_follows_every_change(lab: &Lab) {
    let engine = example(lab).await;
    let point = |number: &str| {
        create(
            "ContactPoint",
            &[("customer", "100002".into()), ("kind", "mobile".into()), ("value", number.into())],
        )
    };
    let made = apply(&engine, "k1", vec![point("06-99 88 77 66")]).await.expect("it is sound");
    let made = &made.objects[0];
    let owners = async |number: &str| {
        let found = engine.find_by_number(number).await.expect("it is a number");
        found.objects.into_iter().map(|object| object.key).collect::<Vec<_>>()
    };
    assert_eq!(owners("0699887766").await, ["100002"]);
    let changed =
        update("ContactPoint", &made.key, &made.revision, &[("value", "0612345678".into())]);
    apply(&engine, "k2", vec![changed]).await.expect("it is sound");
    assert_eq!(owners("0699887766").await, [""; 0]);
    assert_eq!(owners("0612345678").await, ["100001", "100002"]);
    let mail = [("kind", "email".into()), ("value", "a@example.nl".into())];
    let changed = update("ContactPoint", &made.key, "2", &mail);
    apply(&engine, "k3", vec![changed]).await.expect("it is sound");
    assert_eq!(owners("0612345678").await, ["100001"]);
}

async fn broken_rules_are_named_and_change_nothing(lab: &Lab) {
    let engine = example(lab).await;
    let Operation::Create { class, attributes: mut broken } = report() else { unreachable!() };
    broken.insert("connection".into(), "871687100041000000".into());
    let broken = Operation::Create { class, attributes: broken };
    let error = apply(&engine, "k1", vec![broken]).await.expect_err("it leads nowhere");
    assert_eq!(
        error.to_string(),
        "operation 0: FaultReport.connection: there is no Connection with this key"
    );
    let customer = create(
        "Customer",
        &[
            ("number", "100001".into()),
            ("name", "Another Eva".into()),
            ("segment", "household".into()),
            ("language", "en".into()),
            ("is_life_support", Value::Bool(false)),
        ],
    );
    let error = apply(&engine, "k1", vec![customer]).await.expect_err("the key is taken");
    assert!(matches!(error, Error::Duplicate { operation: 0, .. }), "{error}");
    let error = apply(&engine, "k1", vec![update("Customer", "7", "1", &[])]).await;
    assert!(matches!(error, Err(Error::NotFound(_))));
    let page = query(&engine, "Customer", "name eq 'Another Eva'").await.expect("it is sound");
    assert_eq!(page.objects, []);
    assert!(apply(&engine, "k1", vec![report()]).await.is_ok(), "a failed key is free again");
}

async fn a_deleted_object_is_gone_unless_others_lead_to_it(lab: &Lab) {
    let engine = example(lab).await;
    let delete = |class: &str, key: &str, revision: &str| Operation::Delete {
        class: class.into(),
        key: key.into(),
        revision: revision.into(),
    };
    let error = apply(&engine, "k1", vec![delete("Customer", "100001", "1")]).await;
    assert!(matches!(error, Err(Error::InUse { operation: 0, .. })), "{error:?}");
    let error = apply(&engine, "k1", vec![delete("Customer", "100001", "2")]).await;
    assert!(matches!(error, Err(Error::RevisionConflict { .. })), "{error:?}");
    let points = query(&engine, "ContactPoint", "customer.number eq '100001'").await;
    let points = points.expect("it is sound").objects;
    assert_eq!(points.len(), 3);
    let gone = points.iter().map(|it| delete("ContactPoint", &it.key, &it.revision)).collect();
    let done = apply(&engine, "k2", gone).await.expect("nothing leads to them");
    assert_eq!(done.objects, points, "answered as they were");
    assert!(matches!(engine.read("ContactPoint", &points[0].key).await, Err(Error::NotFound(_))));
    let found = engine.find_by_number("0612345678").await.expect("a number");
    assert_eq!(found.objects, [], "the index of numbers follows");
}

async fn what_would_come_is_told_and_nothing_changes(lab: &Lab) {
    let engine = example(lab).await;
    let before = count(&engine, "STORING").await;
    let unit = UnitOfWork {
        idempotency_key: "k1".into(),
        operations: vec![report()],
        reason: String::new(),
        contact: String::new(),
    };
    let would = engine.validate(&unit, &author(), now()).await.expect("it is sound");
    assert_eq!(would[0].attributes["kind"], Value::from("smell_of_gas"));
    assert_eq!(count(&engine, "STORING").await, before);
    assert_eq!(count(&engine, "caruso_change").await, 0);
    let done = engine.apply(&unit, &author(), now()).await.expect("it is sound");
    assert!(!done.is_repeat, "the key was not used up");
}
