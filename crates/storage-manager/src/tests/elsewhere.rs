//! Objects of databases that are not ours, and may be changed all the same.

use caruso_database::Catalog;
use caruso_object_model::{Data, UnitOfWork};

use super::changing::{apply, now, report, update};
use super::lab::{Lab, beside, number};
use super::opening::of_somebody_else;
use super::{author, suite, writable_utilities};
use crate::apply::Note;
use crate::work::Work;
use crate::{Engine, Error, Installation};

suite!(
    what_is_declared_writable_is_changed_and_nothing_of_ours_is_left_there,
    a_crash_after_the_change_does_not_double_it,
    a_crash_before_the_change_does_not_lose_it,
);

async fn open(installation: &Installation) -> Engine {
    let model = writable_utilities();
    Engine::open("test", model.into(), &Data::default(), installation).await.expect("it opens")
}

async fn what_is_declared_writable_is_changed_and_nothing_of_ours_is_left_there(lab: &Lab) {
    let installation = of_somebody_else(lab).await;
    let engine = open(&installation).await;
    let change = update("Customer", "100001", "1", &[("notes", "called".into())]);
    let done = apply(&engine, "k1", vec![change.clone(), report()]).await.expect("it is sound");
    let again = apply(&engine, "k1", vec![change, report()]).await.expect("a repeat");
    assert!(!done.is_repeat && again.is_repeat);
    assert_eq!(again.objects, done.objects);
    let old = update("Customer", "100001", "1", &[("notes", "again".into())]);
    let error = apply(&engine, "k2", vec![report(), old]).await.expect_err("it is old");
    assert!(matches!(error, Error::RevisionConflict { operation: 1, .. }), "{error}");
    let history = engine.history("Customer", "100001", 0, "").await.expect("it is kept");
    assert_eq!(history.changes.len(), 1);
    let connection = beside(&installation).await;
    let reports =
        number(&connection, "SELECT COUNT(*) FROM \"STORING\" WHERE \"CONTACTID\" = 'c1'");
    assert_eq!(reports.await, 1, "of the second unit of work nothing has happened");
    let catalog = Catalog::read(&connection, None).await.expect("it answers");
    assert!(catalog.tables.iter().all(|table| !table.name.name.starts_with("caruso")));
}

fn unit(key: &str) -> UnitOfWork {
    UnitOfWork {
        idempotency_key: key.into(),
        operations: vec![report(), update("Customer", "100001", "1", &[("notes", "x".into())])],
        reason: String::new(),
        contact: String::new(),
    }
}

/// As far as a unit of work had come when the process ended.
async fn crash(engine: &Engine, unit: &UnitOfWork, was_carried_out: bool) {
    let database = engine.databases.values().next().expect("there is one");
    let author = author();
    let note = Note { engine, unit, author: &author, now: now() };
    let name = format!("about {}", unit.idempotency_key);
    let told = caruso_database::keep(&database.writer, &name, Some(&note.fingerprint())).await;
    told.expect("it is written");
    if was_carried_out {
        let transaction = database.begin_objects().await.expect("it begins");
        let work = Work { engine, database, transaction };
        work.carry_out(unit).await.expect("it is sound");
        work.transaction.commit().await.expect("it is done");
    }
}

async fn comes_again_once(lab: &Lab, was_carried_out: bool) {
    let installation = of_somebody_else(lab).await;
    let engine = open(&installation).await;
    let unit = unit("k1");
    crash(&engine, &unit, was_carried_out).await;
    let engine = open(&installation).await;
    let done = engine.apply(&unit, &author(), now()).await.expect("it is sound");
    assert_eq!(done.objects[1].revision, "2");
    let connection = beside(&installation).await;
    let reports =
        number(&connection, "SELECT COUNT(*) FROM \"STORING\" WHERE \"CONTACTID\" = 'c1'");
    assert_eq!(reports.await, 1);
    let again = engine.apply(&unit, &author(), now()).await.expect("a repeat");
    assert!(again.is_repeat);
    assert_eq!(again.objects, done.objects);
    let database = engine.databases.values().next().expect("there is one");
    let left = caruso_database::kept(&database.own, "about k1").await.expect("it answers");
    assert_eq!(left, None, "nothing is left to be told");
}

async fn a_crash_after_the_change_does_not_double_it(lab: &Lab) {
    comes_again_once(lab, true).await;
}

async fn a_crash_before_the_change_does_not_lose_it(lab: &Lab) {
    comes_again_once(lab, false).await;
}
