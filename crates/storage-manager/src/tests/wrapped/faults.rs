//! Wrappers that are away, slow, shy, or give something else; and what is not done of them.

use std::time::{Duration, Instant};

use caruso_object_model::{Operation, UnitOfWork};
use jiff::Timestamp;

use super::shelf::State;
use super::*;
use crate::tests::{author, query};
use crate::{Branch, Error, Given, Query};

fn invoices() -> Branch {
    Branch { relation: "invoices".into(), ..Branch::default() }
}

#[tokio::test]
async fn a_wrapper_that_is_away_is_said_and_the_rest_of_an_answer_comes() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    shelf.is(State::Away);
    let error = engine.read("Invoice", "F1").await.expect_err("it is away");
    assert_eq!(error.to_string(), "wrapper `billing` does not answer");
    let tree = engine.fetch("Customer", "1", &[invoices()]).await.expect("the customer is there");
    assert!(matches!(tree.limbs[0].error, Some(Error::Away { .. })));
    let error = query(&engine, "Customer", "invoices.exists(i, i.status eq 'open')").await;
    assert!(matches!(error, Err(Error::Away { .. })));
    assert!(query(&engine, "Customer", "name eq 'Eva'").await.is_ok());
    // as soon as it is back, so are the invoices
    shelf.is(State::Well);
    let tree = engine.fetch("Customer", "1", &[invoices()]).await.expect("the customer is there");
    assert!(tree.limbs[0].error.is_none() && tree.limbs[0].trees.len() == 2);
}

#[tokio::test]
async fn a_slow_wrapper_makes_a_late_limb_and_not_a_late_answer() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    shelf.is(State::Slow);
    let start = Instant::now();
    let notes = Branch { relation: "invoice".into(), ..Branch::default() };
    let branches = [invoices()];
    let (tree, note) = tokio::join!(
        engine.fetch("Customer", "1", &branches),
        engine.fetch("Note", "1", std::slice::from_ref(&notes)),
    );
    for tree in [tree, note] {
        let limb = &tree.expect("the root is there").limbs[0];
        assert!(matches!(limb.error, Some(Error::Late { .. })), "{:?}", limb.error);
    }
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    let error = query(&engine, "Invoice", "").await.expect_err("it is slow");
    assert_eq!(error.to_string(), "wrapper `billing` takes too long");
}

#[tokio::test]
async fn more_than_a_request_may_have_is_refused_with_what_would_help() {
    let (mut model, data) = (model(Holder::Wrapper, ""), Data::default());
    model = model.of_databases(&["billing/Invoice"]);
    let mut shelf = Shelf::default();
    for number in 0..1_200 {
        let (key, customer) = (format!("F{number}"), Value::Int(number % 3));
        let status = Value::from(if number % 300 == 0 { "paid" } else { "open" });
        let number = Value::from(key.as_str());
        let values = [("number", number), ("customer", customer), ("status", status)];
        shelf.put("Invoice", &key, &values);
    }
    let mut installation = Lab::file().installation("crm");
    installation.databases.clear();
    let shelf = Arc::new(shelf);
    let source = shelf.clone();
    let opened = Engine::open_with("w", model.into(), &data, &installation, source).await;
    let engine = opened.expect("it opens");
    let error = query(&engine, "Invoice", "amount gt 5").await.expect_err("1,200 invoices");
    let expected = "wrapper `billing` gives at most 1000 of Invoice to a request; \
                    ask for a key, or say more of: customer, status";
    assert_eq!(error.to_string(), expected);
    let error = query(&engine, "Invoice", "status eq 'open'").await.expect_err("1,196 invoices");
    assert!(error.to_string().ends_with("say more of: customer"), "{error}");
    // all pages of the wrapper are read, and every page of the answer is a full one
    let rest = "status eq 'paid' and number ne 'F0'";
    assert_eq!(query(&engine, "Invoice", rest).await.expect("few").objects.len(), 3);
    // many keys are asked in several rounds
    let keys: Vec<String> = (0..450).map(|number| format!("F{number}")).collect();
    shelf.asked();
    assert_eq!(engine.read_many("Invoice", &keys).await.expect("they come").0.len(), 450);
    assert_eq!(shelf.asked().len(), 3);
    shelf.is(State::Shy);
    assert!(matches!(query(&engine, "Invoice", "").await, Err(Error::TooManyBehind { .. })));
    assert!(query(&engine, "Invoice", "status eq 'paid'").await.is_ok());
}

#[tokio::test]
async fn what_does_not_fit_is_unreadable_in_its_object_alone() {
    let (model, data) = (model(Holder::Wrapper, ""), Data::default());
    let mut shelf = Shelf::default();
    let values = [
        ("number", Value::from("F1")),
        ("status", Value::from("lost")),
        ("amount", amount("1.234")),
        ("due", Value::from("soon")),
        ("is_disputed", Value::Int(1)),
        ("customer", Value::from("Eva")),
        ("colour", Value::from("red")),
    ];
    shelf.put("Invoice", "F1", &values);
    shelf.put("Invoice", "F2", &[("number", Value::from("F2")), ("amount", amount("2"))]);
    shelf.put("Invoice", "F2", &[("number", Value::from("F2")), ("amount", amount("3"))]);
    shelf.put("Invoice", "", &[("amount", amount("4"))]);
    let wrong = Given { values: Default::default(), unreadable: vec!["number".into()] };
    let objects = shelf.objects.get_mut().expect("no panic");
    objects.entry("Invoice".into()).or_default().push(("x".into(), wrong));
    let installation = Lab::file().installation("crm");
    let opened = Engine::open_with("w", model.into(), &data, &installation, Arc::new(shelf)).await;
    let page = query(&opened.expect("it opens"), "Invoice", "").await.expect("it is a page");
    let [first, second] = page.objects.as_slice() else { panic!("two have keys: {page:?}") };
    let mut unreadable = first.unreadable.clone();
    unreadable.sort_unstable();
    assert_eq!(unreadable, ["amount", "customer", "due", "is_disputed", "status"]);
    let readable: Vec<&str> = first.attributes.keys().map(String::as_str).collect();
    assert_eq!(readable, ["is_large", "number", "title"]);
    assert_eq!((second.unreadable.len(), &second.attributes["amount"]), (0, &amount("2")));
}

#[tokio::test]
async fn what_may_only_be_read_is_changed_by_operations_alone() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    let (class, key) = ("Payment".to_owned(), "NL1,2026-02-01".to_owned());
    let delete = Operation::Delete { class, key, revision: "r".into() };
    let unit = |operation| UnitOfWork {
        idempotency_key: "k".into(),
        operations: vec![operation],
        reason: String::new(),
        contact: String::new(),
    };
    let words = "Payment is held by wrapper `billing`; it is changed by its operations";
    let now = Timestamp::now();
    let error = engine.apply(&unit(delete.clone()), &author(), now).await.expect_err("not here");
    assert_eq!(error.to_string(), words);
    let error = engine.validate(&unit(delete), &author(), now).await.expect_err("not here");
    assert_eq!(error.to_string(), words);
    let error = engine.history("Payment", "NL1", 0, "").await.expect_err("nobody keeps it");
    assert_eq!(error.to_string(), words);

    // what a database holds leads there only if there is something
    let note = |invoice: &str| Operation::Create {
        class: "Note".into(),
        attributes: [("number", Value::Int(9)), ("invoice", Value::from(invoice))]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    };
    let error = engine.apply(&unit(note("F9")), &author(), now).await.expect_err("no such invoice");
    assert!(error.to_string().contains("there is no Invoice with this key"), "{error}");
    shelf.is(State::Away);
    let away = engine.apply(&unit(note("F1")), &author(), now).await;
    assert!(matches!(away, Err(Error::Away { .. })), "it is tried again later");
    shelf.is(State::Well);
    engine.apply(&unit(note("F1")), &author(), now).await.expect("it is there");
}

#[tokio::test]
async fn only_what_the_wrapper_looks_by_is_asked_of_it() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    let table = [
        ("amount gt 5", "billing: Invoice"),
        ("amount gt 5 and status eq 'open'", "billing: Invoice status=open"),
        ("status in ['open', 'paid']", "billing: Invoice status=open,paid"),
        ("status eq 'open' or number eq 'F1'", "billing: Invoice"),
        ("not (status eq 'open')", "billing: Invoice"),
        ("number eq 'F1' and status eq 'open'", "billing: Invoice F1"),
        ("customer.number eq 2", "billing: Invoice customer=2"),
        ("customer.name eq 'Eva' and status eq 'paid'", "billing: Invoice customer=1 status=paid"),
        ("notes.exists(n, n.number lt 3)", "billing: Invoice F1 F3"),
    ];
    for (filter, expected) in table {
        shelf.asked();
        let query = Query { class: "Invoice".into(), filter: filter.into(), ..Query::default() };
        engine.query(&query).await.expect(filter);
        assert_eq!(shelf.asked(), [expected], "{filter}");
    }
    // nobody is asked for what cannot be
    query(&engine, "Invoice", "customer.name eq 'Nobody'").await.expect("it is sound");
    assert_eq!(shelf.asked(), [""; 0]);
}
