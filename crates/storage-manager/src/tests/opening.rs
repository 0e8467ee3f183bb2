use caruso_object_model::{Data, Operation, UnitOfWork};
use jiff::Timestamp;
use sea_orm::{ConnectionTrait, Database};
use tempfile::TempDir;

use super::{author, options, utilities, utilities_data};
use crate::{Engine, Error};

#[tokio::test]
async fn an_owned_database_is_filled_once_and_kept() {
    let folder = TempDir::new().expect("a folder");
    let options = options(&folder, "utilities", true);
    for _ in 0..2 {
        let model = utilities();
        let data = utilities_data(&model);
        let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
        let found = engine.find_by_number("0612345678").await.expect("a number");
        assert_eq!(found.objects.len(), 1);
        let page = super::query(&engine, "Customer", "").await.expect("it is sound");
        assert_eq!(page.objects.len(), 50);
    }
}

#[tokio::test]
async fn without_demo_data_the_tables_are_empty() {
    let folder = TempDir::new().expect("a folder");
    let mut options = options(&folder, "utilities", true);
    options.has_demo_data = false;
    let model = utilities();
    let data = utilities_data(&model);
    let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
    let page = super::query(&engine, "Customer", "").await.expect("it is sound");
    assert_eq!(page.objects, []);
}

/// A database of somebody else, with the tables of the example and one customer.
async fn foreign(folder: &TempDir) {
    let owned = options(folder, "utilities", true);
    let model = utilities();
    let data = utilities_data(&model);
    Engine::open("test", model.into(), &data, &owned).await.expect("it opens");
    let connection = Database::connect(&owned.databases["utilities"].url).await.expect("it opens");
    for table in ["caruso_number", "caruso_unit", "caruso_audit"] {
        connection.execute_unprepared(&format!("DROP TABLE {table}")).await.expect("it goes");
    }
    connection.close().await.expect("it closes");
}

#[tokio::test]
async fn a_foreign_database_is_read_and_never_changed() {
    let folder = TempDir::new().expect("a folder");
    foreign(&folder).await;
    let options = options(&folder, "utilities", false);
    let engine = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    let engine = engine.expect("it opens");
    let found = engine.find_by_number("0612345678").await.expect("a number");
    assert_eq!(found.objects[0].key, "100001");
    let change = Operation::Update {
        class: "Customer".into(),
        key: "100001".into(),
        revision: "1".into(),
        attributes: [("notes".to_owned(), "x".into())].into(),
    };
    let unit = UnitOfWork {
        idempotency_key: "k".into(),
        operations: vec![change],
        reason: String::new(),
        contact: String::new(),
    };
    let error = engine.apply(&unit, &author(), Timestamp::UNIX_EPOCH).await.expect_err("foreign");
    assert_eq!(error.to_string(), "operation 0: Customer: the database may only be read");
    drop(engine);
    let connection =
        Database::connect(&options.databases["utilities"].url).await.expect("it opens");
    let select = sea_orm::Statement::from_string(
        sea_orm::DbBackend::Sqlite,
        "SELECT COUNT(*) FROM sqlite_master WHERE name LIKE 'caruso%' AND type = 'table'",
    );
    let row = connection.query_one_raw(select).await.expect("it answers").expect("a row");
    assert_eq!(row.try_get_by_index::<i64>(0).expect("a number"), 0);
}

#[tokio::test]
async fn what_the_database_lacks_is_reported_all_at_once() {
    let folder = TempDir::new().expect("a folder");
    foreign(&folder).await;
    let options = options(&folder, "utilities", false);
    let connection =
        Database::connect(&options.databases["utilities"].url).await.expect("it opens");
    for statement in ["DROP TABLE METER", "ALTER TABLE KLANT RENAME COLUMN MEMO TO MEMOS"] {
        connection.execute_unprepared(statement).await.expect("it is done");
    }
    connection.close().await.expect("it closes");
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    let Err(Error::Drift(missing)) = error else { panic!("{error:?}") };
    assert_eq!(
        missing,
        [
            "class `Customer`: `KLANT` has no column `MEMO`",
            "class `Meter`: there is no table `METER`",
        ]
    );
}

#[tokio::test]
async fn a_database_that_the_site_does_not_name_is_our_own() {
    let folder = TempDir::new().expect("a folder");
    let mut options = options(&folder, "utilities", true);
    options.databases.clear();
    let model = utilities();
    let data = utilities_data(&model);
    let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
    assert_eq!(engine.find_by_number("0612345678").await.expect("a number").objects.len(), 1);
    assert!(options.data.join("utilities.sqlite").is_file());
}

#[tokio::test]
async fn a_database_that_the_model_does_not_have_is_reported() {
    let folder = TempDir::new().expect("a folder");
    let options = options(&folder, "utilites", true);
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    let Err(Error::Drift(findings)) = error else { panic!("{error:?}") };
    assert_eq!(
        findings,
        ["the site names a database `utilites` that no class is in, did you mean `utilities`?"]
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_foreign_database() {
    let folder = TempDir::new().expect("a folder");
    let options = options(&folder, "utilities", false);
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    assert!(matches!(error, Err(Error::Unavailable { .. })), "{error:?}");
}
