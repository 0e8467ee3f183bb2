use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_database::{Catalog, Table};
use caruso_object_model::{Data, Model, Operation, UnitOfWork};
use jiff::Timestamp;

use super::lab::{Lab, beside, execute, foreign};
use super::{author, suite, utilities, utilities_data};
use crate::{Engine, Error, Installation};

suite!(
    an_owned_database_is_filled_once_and_kept,
    without_demo_data_the_tables_are_empty,
    a_foreign_database_is_read_and_never_changed,
    what_the_database_lacks_is_reported_all_at_once,
    a_table_that_is_to_be_renamed_is_not_made_anew,
    examining_changes_nothing_and_finds_what_opening_would,
);

/// Names of the tables, our own included.
async fn tables(installation: &Installation) -> BTreeSet<String> {
    let connection = beside(installation).await;
    let catalog = Catalog::read(&connection, None).await.expect("a catalog");
    connection.close().await.expect("it closes");
    catalog.tables.iter().map(|table| table.name.name.clone()).collect()
}

/// A model with customers in this table, with this column for their names, and further classes.
fn shop(table: &str, column: &str, further: &str) -> Model {
    let text = format!(
        r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
        <business-objects database="shop" country="NL">
          <class id="c" name="Customer" table="{table}" key="number">
            <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
            <attribute id="c2" name="name" column="{column}" type="text" length="9"/>
          </class>{further}
        </business-objects>"#
    );
    let (model, findings) = Model::read([("shop.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

async fn examining_changes_nothing_and_finds_what_opening_would(lab: &Lab) {
    let model = |column: &str, further: &str| Arc::new(shop("KLANT", column, further));
    let options = lab.installation("shop");
    let examine = async |model: Arc<Model>| {
        Engine::examine(&model, &options).await.expect("it can be reached")
    };
    let open =
        async |model: Arc<Model>| Engine::open("test", model, &Data::default(), &options).await;
    assert_eq!(examine(model("NAAM", "")).await, Vec::<String>::new(), "all would be made");
    assert!(!tables(&options).await.contains("KLANT"));
    open(model("NAAM", "")).await.expect("it opens");
    let before = tables(&options).await;

    let further = r#"<class id="d" name="Order" table="BON" key="number">
        <attribute id="d1" name="number" column="NR" type="int" required="yes"/></class>"#;
    assert_eq!(examine(model("NAAM", further)).await, Vec::<String>::new(), "it would be made");
    let examined = examine(model("NAME", further)).await;
    assert_eq!(tables(&options).await, before);
    let Err(Error::Drift(findings)) = open(model("NAME", "")).await else { panic!("a column") };
    assert_eq!(examined, findings);
    assert!(examined[0].contains("has no column `NAME`"), "{examined:?}");
}

async fn an_owned_database_is_filled_once_and_kept(lab: &Lab) {
    let options = lab.installation("utilities");
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

async fn without_demo_data_the_tables_are_empty(lab: &Lab) {
    let mut options = lab.installation("utilities");
    options.has_demo_data = false;
    let model = utilities();
    let data = utilities_data(&model);
    let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
    let page = super::query(&engine, "Customer", "").await.expect("it is sound");
    assert_eq!(page.objects, []);
}

/// A database of somebody else, with the tables of the example and its data.
pub(super) async fn of_somebody_else(lab: &Lab) -> Installation {
    let owned = lab.installation("utilities");
    let model = utilities();
    let data = utilities_data(&model);
    Engine::open("test", model.into(), &data, &owned).await.expect("it opens");
    let connection = beside(&owned).await;
    for table in ["caruso_phone_number", "caruso_unit", "caruso_change", "caruso_state"] {
        execute(&connection, &format!("DROP TABLE {table}")).await;
    }
    connection.close().await.expect("it closes");
    Installation { data: owned.data.join("foreign"), ..foreign(&owned) }
}

async fn a_foreign_database_is_read_and_never_changed(lab: &Lab) {
    let options = of_somebody_else(lab).await;
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
    let connection = beside(&options).await;
    let catalog = Catalog::read(&connection, None).await.expect("it answers");
    let is_ours = |table: &&Table| table.name.name.starts_with("caruso");
    assert_eq!(catalog.tables.iter().filter(is_ours).count(), 0);
}

async fn what_the_database_lacks_is_reported_all_at_once(lab: &Lab) {
    let options = of_somebody_else(lab).await;
    let connection = beside(&options).await;
    for statement in
        ["DROP TABLE \"METER\"", "ALTER TABLE \"KLANT\" RENAME COLUMN \"MEMO\" TO \"MEMOS\""]
    {
        execute(&connection, statement).await;
    }
    connection.close().await.expect("it closes");
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    let Err(Error::Drift(missing)) = error else { panic!("{error:?}") };
    assert_eq!(
        missing,
        [
            "class `Customer`: `KLANT` has no column `MEMO`, did you mean `MEMOS`?",
            "class `Meter`: there is no table `METER`",
        ]
    );
}

async fn a_table_that_is_to_be_renamed_is_not_made_anew(lab: &Lab) {
    let model = |table: &str, column: &str| shop(table, column, "");
    let options = lab.installation("shop");
    let open = async |model: Model| {
        let opened = Engine::open("test", model.into(), &Data::default(), &options).await;
        opened.map(drop)
    };
    open(model("KLANT", "NAAM")).await.expect("it is made");
    for _ in 0..2 {
        let error = open(model("CLIENT", "NAME")).await;
        let Err(Error::Drift(findings)) = error else { panic!("{error:?}") };
        assert_eq!(findings, ["class `Customer`: there is no table `CLIENT`"]);
    }
    let connection = beside(&options).await;
    execute(&connection, "ALTER TABLE \"KLANT\" RENAME TO \"CLIENT\"").await;
    execute(&connection, "ALTER TABLE \"CLIENT\" RENAME COLUMN \"NAAM\" TO \"NAME\"").await;
    open(model("CLIENT", "NAME")).await.expect("it is renamed");
    // what nobody renamed is made, also where there was something of this id once
    execute(&connection, "DROP TABLE \"CLIENT\"").await;
    open(model("KLANT", "NAAM")).await.expect("it is made");
    connection.close().await.expect("it closes");
}

#[tokio::test]
async fn a_database_that_the_site_does_not_name_is_our_own() {
    let lab = Lab::file();
    let mut options = lab.installation("utilities");
    options.databases.clear();
    let model = utilities();
    let data = utilities_data(&model);
    let engine = Engine::open("test", model.into(), &data, &options).await.expect("it opens");
    assert_eq!(engine.find_by_number("0612345678").await.expect("a number").objects.len(), 1);
    assert!(options.data.join("utilities.sqlite").is_file());
}

#[tokio::test]
async fn a_database_that_the_model_does_not_have_is_reported() {
    let lab = Lab::file();
    let options = lab.installation("utilites");
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    let Err(Error::Drift(findings)) = error else { panic!("{error:?}") };
    assert_eq!(
        findings,
        ["the site names a database `utilites` that no class is in, did you mean `utilities`?"]
    );
}

#[tokio::test]
async fn a_file_that_is_not_there_is_no_foreign_database() {
    let lab = Lab::file();
    let options = foreign(&lab.installation("utilities"));
    let error = Engine::open("test", utilities().into(), &Data::default(), &options).await;
    assert!(matches!(error, Err(Error::Unavailable { .. })), "{error:?}");
}
