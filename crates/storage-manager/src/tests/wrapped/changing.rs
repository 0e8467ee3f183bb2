//! One set of assertions, of changing a class in a database and the same behind a wrapper; and what
//! may go wrong behind a wrapper alone.

use caruso_object_model::{Operation, UnitOfWork, User};
use jiff::Timestamp;

use super::shelf::Mishap;
use super::*;
use crate::tests::changing::{apply, create, now, update};
use crate::tests::{author, query, suite};
use crate::{Applied, Error, StoredObject};

suite!(
    an_object_is_made_changed_and_ended_once_for_each_key,
    a_change_against_an_old_revision_changes_nothing,
    broken_rules_are_named_and_change_nothing,
    what_would_come_is_told_and_nothing_changes,
    users_change_what_rules_allow,
    changes_are_kept_and_followed,
);

const BOTH: [Holder; 2] = [Holder::Database, Holder::Wrapper];

fn delete(class: &str, key: &str, revision: &str) -> Operation {
    Operation::Delete { class: class.into(), key: key.into(), revision: revision.into() }
}

fn new(number: &str, values: &[(&str, Value)]) -> Operation {
    let all = [[("number", Value::from(number))].as_slice(), values].concat();
    create("Invoice", &all)
}

async fn read(engine: &Engine, key: &str) -> StoredObject {
    engine.read("Invoice", key).await.expect("it is there")
}

async fn an_object_is_made_changed_and_ended_once_for_each_key(lab: &Lab) {
    for holder in BOTH {
        let (engine, shelf) = engine(lab, holder, "").await;
        let values = [("amount", amount("7.50")), ("customer", Value::from("2"))];
        let made = apply(&engine, "k1", vec![new("F9", &values)]).await.expect("it is sound");
        assert!(!made.is_repeat);
        assert_eq!(made.objects, [read(&engine, "F9").await], "{holder:?}");
        shelf.asked();
        let again = apply(&engine, "k1", vec![new("F9", &values)]).await.expect("a repeat");
        assert!(again.is_repeat);
        assert_eq!(again.objects[0].attributes, made.objects[0].attributes);
        assert_eq!(shelf.asked(), [""; 0], "what came of it is known");
        let other = apply(&engine, "k1", vec![new("F8", &values)]).await.expect_err("taken");
        assert!(other.to_string().contains("the idempotency key was used"), "{other}");

        let changes = [("amount", Value::Null), ("is_disputed", Value::Bool(true))];
        let change = update("Invoice", "F9", &made.objects[0].revision, &changes);
        let changed = apply(&engine, "k2", vec![change]).await.expect("it is current").objects;
        assert_eq!(changed, [read(&engine, "F9").await]);
        assert_ne!(changed[0].revision, made.objects[0].revision);
        assert_eq!(changed[0].attributes.get("amount"), None);
        assert_eq!(changed[0].attributes["customer"], Value::Int(2));
        let page = query(&engine, "Invoice", "is_disputed").await.expect("it is sound");
        assert_eq!(page.objects.len(), 2);

        let end = delete("Invoice", "F9", &changed[0].revision);
        let ended = apply(&engine, "k3", vec![end]).await.expect("it is current").objects;
        assert_eq!(ended[0].revision, changed[0].revision, "answered as it was");
        assert!(matches!(engine.read("Invoice", "F9").await, Err(Error::NotFound(_))));
    }
}

async fn a_change_against_an_old_revision_changes_nothing(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        let old = read(&engine, "F1").await;
        let pay = |key: &'static str| {
            let change = update("Invoice", "F1", &old.revision, &[("status", "paid".into())]);
            apply(&engine, key, vec![change])
        };
        pay("k1").await.expect("it is current");
        let error = pay("k2").await.expect_err("it is old");
        assert!(matches!(error, Error::RevisionConflict { operation: 0, .. }), "{error}");
        let end = delete("Invoice", "F1", &old.revision);
        let error = apply(&engine, "k3", vec![end]).await.expect_err("it is old");
        assert!(matches!(error, Error::RevisionConflict { .. }), "{holder:?}: {error}");
        assert_eq!(read(&engine, "F1").await.attributes["status"], Value::from("paid"));
    }
}

async fn broken_rules_are_named_and_change_nothing(lab: &Lab) {
    for holder in BOTH {
        let (engine, shelf) = engine(lab, holder, "").await;
        let f1 = read(&engine, "F1").await.revision;
        let table = [
            (new("F9", &[("customer", "9".into())]), "there is no Customer with this key"),
            (new("F9", &[("corrects", "F0".into())]), "there is no Invoice with this key"),
            (new("F9", &[("amount", amount("-100.01"))]), "Nobody is given so much."),
            (new("F9", &[("amount", amount("1.234"))]), "it has at most 2 decimals"),
            (new("F9", &[("colour", "red".into())]), "there is no such attribute"),
            (create("Invoice", &[]), "a value is required"),
            (update("Invoice", "F1", &f1, &[("number", "F0".into())]), "does not change"),
            (update("Invoice", "F1", &f1, &[("amount", amount("-200"))]), "Nobody is given"),
            (update("Invoice", "F1", &f1, &[("corrects", "F0".into())]), "there is no Invoice"),
        ];
        for (operation, expected) in table {
            shelf.asked();
            let error = apply(&engine, "k1", vec![operation]).await.expect_err(expected);
            assert!(error.to_string().contains(expected), "{holder:?}: {error}");
            let changing = ["create", "update", "delete"];
            let is_change = |asked: &String| changing.iter().any(|it| asked.contains(it));
            assert!(!shelf.asked().iter().any(is_change), "{expected}");
        }
        let error = apply(&engine, "k1", vec![new("F1", &[])]).await.expect_err("it is taken");
        assert!(matches!(error, Error::Duplicate { operation: 0, .. }), "{holder:?}: {error}");
        let gone = apply(&engine, "k1", vec![update("Invoice", "F0", &f1, &[])]).await;
        assert!(matches!(gone, Err(Error::NotFound(_))), "{holder:?}");
        let done = apply(&engine, "k1", vec![new("F9", &[])]).await;
        assert!(done.is_ok(), "a failed key is free again");
    }
}

async fn what_would_come_is_told_and_nothing_changes(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        let before = read(&engine, "F1").await;
        let unit = |operation| UnitOfWork {
            idempotency_key: "k1".into(),
            operations: vec![operation],
            reason: String::new(),
            contact: String::new(),
        };
        let change = update("Invoice", "F1", &before.revision, &[("amount", amount("9"))]);
        let last = read(&engine, "f5").await.revision;
        for operation in [change, delete("Invoice", "f5", &last), new("F9", &[])] {
            let would = engine.validate(&unit(operation), &author(), now()).await;
            assert_eq!(would.expect("it is sound").len(), 1, "{holder:?}");
        }
        assert_eq!(read(&engine, "F1").await, before);
        assert!(engine.read("Invoice", "F9").await.is_err());
        assert!(apply(&engine, "k1", vec![new("F9", &[])]).await.is_ok(), "the key is free");
    }
}

const RULES: &str = r#"<rule action="read" when="status ne 'paid'"/>
    <rule action="create" when="amount lt 50"/>
    <rule action="update" when="status eq 'open'" attributes="due status"/>
    <rule action="delete" role="boss"/>"#;

async fn users_change_what_rules_allow(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, RULES).await;
        let user = User { name: "anna".into(), roles: Vec::new() };
        let anna = engine.on_behalf_of(user);
        let paid = read(&engine, "F2").await.revision;
        let open = read(&anna, "F1").await.revision;
        let denied = [
            update("Invoice", "F1", &open, &[("amount", amount("1"))]),
            delete("Invoice", "F1", &open),
            new("F9", &[("amount", amount("50")), ("status", "open".into())]),
        ];
        for operation in denied {
            let error = apply(&anna, "k1", vec![operation]).await.expect_err("no rule allows it");
            assert!(matches!(error, Error::Denied { .. }), "{holder:?}: {error}");
        }
        let unseen = [
            update("Invoice", "F2", &paid, &[("due", Value::Null)]),
            // she would not see what she made
            new("F9", &[("amount", amount("5")), ("status", "paid".into())]),
        ];
        for operation in unseen {
            let error = apply(&anna, "k1", vec![operation]).await.expect_err("she does not see it");
            assert!(matches!(error, Error::NotFound(_)), "{holder:?}: {error}");
        }
        assert!(engine.read("Invoice", "F9").await.is_err());
        let due = update("Invoice", "F1", &open, &[("due", Value::Null)]);
        let done = apply(&anna, "k1", vec![due]).await.expect("a rule allows it").objects;
        assert_eq!(done, [read(&anna, "F1").await]);
    }
}

async fn changes_are_kept_and_followed(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        let revision = read(&engine, "F1").await.revision;
        let pay = update("Invoice", "F1", &revision, &[("status", "paid".into())]);
        let done = apply(&engine, "k1", vec![pay]).await.expect("it is sound").objects;
        let history = engine.history("Invoice", "F1", 0, "").await.expect("it is kept").changes;
        let [change] = history.as_slice() else { panic!("{holder:?}: {history:?}") };
        assert_eq!((change.operation.as_str(), &change.revision), ("update", &done[0].revision));
        assert_eq!(change.before.get("status"), Some(&Value::from("open")));
        assert_eq!(change.after.get("status"), Some(&Value::from("paid")));
        let name = if holder == Holder::Wrapper { "billing/" } else { "billing" };
        engine.publish(&engine.databases[name]).await.expect("it is published");
        let followed = engine.changes(name, 0, &["Invoice".to_owned()]).await.expect("it answers");
        let [followed] = followed.as_slice() else { panic!("{followed:?}") };
        assert_eq!((followed.position, followed.key.as_str()), (1, "F1"));
        assert!(followed.changed.contains(&"status".to_owned()));
    }
}

/// The status of an invoice, and how often the wrapper was asked to change it.
async fn paid(engine: &Engine, shelf: &Shelf) -> (bool, usize) {
    let asked = shelf.asked().iter().filter(|it| it.contains("update")).count();
    (read(engine, "F1").await.attributes["status"] == Value::from("paid"), asked)
}

/// What was never told is forgotten after a month, so that it matters when this is.
async fn apply_now(
    engine: &Engine,
    key: &str,
    operations: Vec<Operation>,
) -> Result<Applied, Error> {
    let (idempotency_key, reason, contact) = (key.into(), String::new(), String::new());
    let unit = UnitOfWork { idempotency_key, operations, reason, contact };
    engine.apply(&unit, &author(), Timestamp::now()).await
}

#[tokio::test]
async fn where_no_answer_comes_the_same_key_tells_what_happened() {
    for mishap in [Mishap::LosesRequest, Mishap::LosesAnswer, Mishap::Hangs, Mishap::AnswersOther] {
        let (lab, holder) = (Lab::file(), Holder::Wrapper);
        let installation = installation(&lab, holder);
        let mut shelf = Shelf::default();
        fill(&mut shelf);
        let shelf = Arc::new(shelf);
        let open = async || {
            let (model, data) = (model(holder, ""), Data::default());
            let source = shelf.clone();
            let opened = Engine::open_with("w", model.into(), &data, &installation, source).await;
            opened.expect("it opens")
        };
        let mut engine = open().await;
        let revision = read(&engine, "F1").await.revision;
        let pay = || vec![update("Invoice", "F1", &revision, &[("status", "paid".into())])];
        shelf.has(mishap);
        shelf.asked();
        let error = apply_now(&engine, "k1", pay()).await.expect_err("nobody knows");
        let words = "it is not known whether wrapper `billing` changed the Invoice; \
                     try again with the same idempotency key";
        assert_eq!(error.to_string(), words, "{mishap:?}");
        let is_done = mishap != Mishap::LosesRequest;
        assert_eq!(paid(&engine, &shelf).await, (is_done, 1), "{mishap:?}");
        // as after a crash
        engine = open().await;
        let error = apply_now(&engine, "k1", vec![new("F9", &[])]).await.expect_err("another wish");
        assert!(error.to_string().contains("the idempotency key was used"), "{error}");
        shelf.has(Mishap::Busy);
        let error = apply_now(&engine, "k1", pay()).await.expect_err("it is busy");
        assert!(matches!(error, Error::Away { .. }), "{error}");
        shelf.asked();
        let done = apply_now(&engine, "k1", pay()).await.expect("now it tells");
        assert!(!done.is_repeat, "{mishap:?}");
        assert_eq!(paid(&engine, &shelf).await, (true, 1));
        let again = apply_now(&engine, "k1", pay()).await.expect("a repeat");
        assert!(again.is_repeat);
        assert_eq!(paid(&engine, &shelf).await, (true, 0), "it is not asked once more");
        let history = engine.history("Invoice", "F1", 0, "").await.expect("it is kept").changes;
        assert_eq!(history.len(), 1);
        assert_eq!(history[0].before.get("status"), Some(&Value::from("open")));
    }
}

#[tokio::test]
async fn what_the_system_refuses_or_puts_off_has_not_happened() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    let revision = read(&engine, "F1").await.revision;
    let pay = || vec![update("Invoice", "F1", &revision, &[("status", "paid".into())])];
    shelf.has(Mishap::Refuses);
    let error = apply(&engine, "k1", pay()).await.expect_err("it is refused");
    assert_eq!(error.to_string(), "It is closed.");
    shelf.has(Mishap::Busy);
    let error = apply(&engine, "k1", pay()).await.expect_err("it is busy");
    assert!(matches!(error, Error::Away { .. }), "{error}");
    assert!(!paid(&engine, &shelf).await.0);
    // somebody changes the object between our reading and its writing
    shelf.has(Mishap::IsOvertaken);
    let error = apply(&engine, "k1", pay()).await.expect_err("it is no longer that");
    assert!(matches!(error, Error::RevisionConflict { .. }), "{error}");
    assert!(!paid(&engine, &shelf).await.0);
    // nothing is left of all that: the key serves for another wish
    let made = apply(&engine, "k1", vec![new("F9", &[])]).await;
    assert!(!made.expect("it is sound").is_repeat);
}

#[tokio::test]
async fn what_a_wrapper_holds_is_changed_one_object_at_a_time() {
    let (engine, shelf) = engine(&Lab::file(), Holder::Wrapper, "").await;
    let note = create("Note", &[("number", Value::Int(9))]);
    let words = "Invoice is held by wrapper `billing`; split the unit of work: each changes one \
                 object of it and nothing else";
    for other in [note, new("F8", &[])] {
        for unit in [vec![new("F9", &[]), other.clone()], vec![other, new("F9", &[])]] {
            let error = apply(&engine, "k1", unit).await.expect_err("two at once");
            assert_eq!(error.to_string(), words);
        }
    }
    assert_eq!(shelf.asked(), [""; 0]);
    assert!(engine.read("Note", "9").await.is_err(), "nothing is half done");
}

#[tokio::test]
async fn the_system_behind_a_wrapper_may_number_what_is_new() {
    let billing =
        billing(Holder::Wrapper, "").replace("writable=", "key-source=\"assigned\" writable=");
    let files = [("crm.xml", CUSTOMERS.as_bytes()), ("billing.xml", billing.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    let (lab, shelf) = (Lab::file(), Arc::new(Shelf::default()));
    let installation = lab.installation("crm");
    let data = Data::default();
    let opened = Engine::open_with("w", model.into(), &data, &installation, shelf).await;
    let engine = opened.expect("it opens");
    let made = apply(&engine, "k1", vec![create("Invoice", &[("amount", amount("5"))])]).await;
    let made = made.expect("it is sound").objects.remove(0);
    assert_eq!(made.key, "N0");
    assert_eq!(read(&engine, "N0").await, made);
    let given = apply(&engine, "k2", vec![new("F9", &[])]).await.expect_err("it is assigned");
    assert!(given.to_string().contains("the database assigns the key"), "{given}");
}
