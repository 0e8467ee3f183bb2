use std::collections::BTreeMap;

use caruso_expression::Value;

use super::utilities;
use crate::{MAX_OPERATIONS, Operation, UnitOfWork};

fn attributes(list: &[(&str, Value)]) -> BTreeMap<String, Value> {
    list.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

fn create(class: &str, list: &[(&str, Value)]) -> Operation {
    Operation::Create { class: class.to_owned(), attributes: attributes(list) }
}

fn update(class: &str, list: &[(&str, Value)]) -> Operation {
    let (key, revision) = ("1".to_owned(), "1".to_owned());
    Operation::Update { class: class.to_owned(), key, revision, attributes: attributes(list) }
}

fn unit(operations: Vec<Operation>) -> UnitOfWork {
    UnitOfWork {
        idempotency_key: "k".into(),
        operations,
        reason: "test".into(),
        contact: String::new(),
    }
}

fn violations(operation: Operation) -> Vec<String> {
    match unit(vec![operation]).check(&utilities()) {
        Ok(()) => Vec::new(),
        Err(violations) => violations.iter().map(ToString::to_string).collect(),
    }
}

fn instant() -> Value {
    Value::Instant("2026-01-31T12:00:00Z".parse().expect("an instant"))
}

#[test]
fn a_sound_unit_of_work_has_no_violations() {
    let report = create(
        "FaultReport",
        &[
            ("customer", "100001".into()),
            ("kind", "no_supply".into()),
            ("urgency", "high".into()),
            ("reported_at", instant()),
            ("description", Value::Null),
        ],
    );
    let customer =
        update("Customer", &[("notes", "called".into()), ("segment", "business".into())]);
    assert_eq!(unit(vec![report, customer]).check(&utilities()), Ok(()));
}

#[test]
fn every_broken_rule_is_named() {
    let broken = create(
        "FaultReport",
        &[
            ("customer", Value::Int(5)),
            ("kind", "leak".into()),
            ("urgency", Value::Null),
            ("number", Value::Int(3)),
            ("servce_order", "x".into()),
            ("service_order", "x".repeat(41).into()),
        ],
    );
    assert_eq!(
        violations(broken),
        [
            "operation 0: FaultReport.customer: the key of a Customer is a text, not a int",
            "operation 0: FaultReport.kind: \
             it is one of: no_supply, partial, smell_of_gas, meter, other",
            "operation 0: FaultReport.number: the database assigns the key",
            "operation 0: FaultReport.servce_order: there is no such attribute",
            "operation 0: FaultReport.service_order: it has at most 40 characters",
            "operation 0: FaultReport.urgency: a value is required",
            "operation 0: FaultReport.reported_at: a value is required",
        ]
    );
    assert_eq!(
        violations(create("Custmer", &[])),
        ["operation 0: Custmer: there is no such class"]
    );
    let reading = Value::Decimal("1.2345".parse().expect("a decimal"));
    assert_eq!(
        violations(update("Move", &[("meter_reading", reading)])),
        ["operation 0: Move.meter_reading: it has at most 3 decimals"]
    );
    let changes = [("number", "1".into()), ("name", "".into()), ("connections", Value::Null)];
    assert_eq!(
        violations(update("Customer", &changes)),
        [
            "operation 0: Customer.connections: the other side of the relation is changed",
            "operation 0: Customer.name: a value is required",
            "operation 0: Customer.number: the key of an object does not change",
        ]
    );
}

#[test]
fn a_deletion_names_a_class_that_exists() {
    let delete = |class: &str| Operation::Delete {
        class: class.to_owned(),
        key: "1".into(),
        revision: "1".into(),
    };
    assert_eq!(violations(delete("Customer")), [""; 0]);
    assert_eq!(violations(delete("Custmer")), ["operation 0: Custmer: there is no such class"]);
}

#[test]
fn units_of_work_have_limits() {
    assert!(unit(Vec::new()).check(&utilities()).is_err());
    let note = update("Customer", &[("notes", Value::Null)]);
    assert!(unit(vec![note.clone(); MAX_OPERATIONS]).check(&utilities()).is_ok());
    assert!(unit(vec![note.clone(); MAX_OPERATIONS + 1]).check(&utilities()).is_err());
    let mut keyless = unit(vec![note]);
    keyless.idempotency_key.clear();
    assert!(keyless.check(&utilities()).is_err());
}
