//! A database of our own that follows its model.

use caruso_database::{Access, Catalog, DatabaseConnection, TableName, connect};
use caruso_object_model::Model;
use sea_orm::{ConnectionTrait, Statement};

use super::lab::{Lab, execute};
use crate::migration::{Risk, Step, Wish, carry_out, keep_names, steps};

const FIRST: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="own" country="NL">
  <class id="c" name="Customer" table="CUSTOMER" key="number" revision="V">
    <attribute id="c1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="c2" name="name" column="NAME" type="text" length="20" required="yes"/>
    <attribute id="c3" name="fax" column="FAX" type="text" length="20"/>
  </class>
  <class id="o" name="Order" table="ORDERS" key="number" key-source="assigned" revision="V">
    <attribute id="o1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="o2" name="placed_on" column="PLACED" type="date"/>
    <to-one id="o3" name="customer" class="Customer" column="CUSTOMER" required="yes"/>
  </class>
</business-objects>"#;

/// Another table, a renamed column, a longer text, new columns, indexes and a class; no fax.
const SECOND: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="own" country="NL">
  <enum name="size"><value name="small" stored="S"/><value name="large" stored="L"/></enum>
  <class id="c" name="Client" table="CLIENT" key="number" revision="V">
    <attribute id="c1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="c2" name="full_name" column="FULL NAME" type="text" length="60" required="yes"/>
    <attribute id="c4" name="size" column="SIZE" type="choice" enum="size" required="yes"/>
    <attribute id="c5" name="since" column="SINCE" type="date" stored="yyyymmdd"/>
    <index attributes="full_name"/>
  </class>
  <class id="o" name="Order" table="ORDERS" key="number" key-source="assigned" revision="V">
    <attribute id="o1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="o2" name="placed_on" column="PLACED" type="date"/>
    <attribute id="o4" name="total" column="TOTAL" type="decimal" decimals="2"/>
    <to-one id="o3" name="client" class="Client" column="CUSTOMER" required="yes"/>
    <to-one id="o5" name="agent" class="Agent" column="AGENT"/>
  </class>
  <class id="a" name="Agent" table="AGENT" key="name">
    <attribute id="a1" name="name" column="NAME" type="text" length="10" required="yes"/>
  </class>
</business-objects>"#;

fn model(text: &str) -> Model {
    let (model, findings) = Model::read([("own.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

async fn planned(connection: &DatabaseConnection, wish: &Wish<'_>) -> Vec<Step> {
    steps(connection, wish).await.expect("it answers")
}

async fn apply(connection: &DatabaseConnection, wish: &Wish<'_>) -> Vec<Step> {
    let steps = planned(connection, wish).await;
    for step in &steps {
        let done = carry_out(connection, step).await;
        done.unwrap_or_else(|error| panic!("{error}: {step:?}"));
    }
    keep_names(connection, wish).await.expect("they are kept");
    steps
}

fn said(steps: &[Step]) -> Vec<String> {
    steps.iter().map(|step| format!("{}: {}", step.risk.word(), step.what)).collect()
}

async fn text(connection: &DatabaseConnection, statement: &str) -> String {
    let backend = connection.get_database_backend();
    let statement = match backend {
        caruso_database::DbBackend::MySql => statement.replace('"', "`"),
        _ => statement.to_owned(),
    };
    let row = connection.query_one_raw(Statement::from_string(backend, statement)).await;
    row.expect("it answers").expect("a row").try_get_by_index(0).expect("a text")
}

async fn follows_its_model(lab: &Lab) {
    let connection = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    let (first, second) = (model(FIRST), model(SECOND));
    let wish = Wish { model: &first, name: "own", contracts: false };
    apply(&connection, &wish).await;
    assert_eq!(planned(&connection, &wish).await, [], "a plan that was carried out is empty");
    for statement in [
        r#"INSERT INTO "CUSTOMER" ("NR", "NAME", "FAX", "V") VALUES ('1', 'Eva', '030', 1)"#,
        r#"INSERT INTO "ORDERS" ("PLACED", "CUSTOMER", "V") VALUES ('2026-01-31', '1', 1)"#,
    ] {
        execute(&connection, statement).await;
    }
    let wish = Wish { model: &second, name: "own", contracts: false };
    let made = apply(&connection, &wish).await;
    for expected in [
        "safe: rename the table `CUSTOMER` to `CLIENT`",
        "safe: rename the column `NAME` of Client to `FULL NAME`",
        "safe: add the column `SIZE` of Client, which is required: fill it in the rows there are",
        "left: the column `FAX` of `CLIENT` is none of Client",
        "safe: make the index of Client on `FULL NAME`",
        "safe: add the column `TOTAL` of Order",
        "safe: make the table `AGENT` of Agent",
    ] {
        assert!(said(&made).iter().any(|it| it == expected), "{expected}: {:#?}", said(&made));
    }
    let name = text(&connection, r#"SELECT "FULL NAME" FROM "CLIENT" WHERE "FAX" = '030'"#).await;
    assert_eq!(name, "Eva", "renamed, with what it held");
    // what was renamed and is longer, too, is made longer by the next plan
    let longer = apply(&connection, &wish).await;
    let is_left = |step: &Step| step.risk == Risk::Left || step.what.ends_with("longer");
    assert!(longer.iter().all(is_left), "{:#?}", said(&longer));
    assert_eq!(
        said(&planned(&connection, &wish).await),
        ["left: the column `FAX` of `CLIENT` is none of Client"]
    );
    execute(&connection, r#"UPDATE "CLIENT" SET "SIZE" = 'S'"#).await;
    let wish = Wish { contracts: true, ..wish };
    let last = apply(&connection, &wish).await;
    assert!(last.iter().any(|step| step.risk == Risk::Lossy), "{:#?}", said(&last));
    assert_eq!(planned(&connection, &wish).await, []);
    let catalog = Catalog::read(&connection, None).await.expect("it answers");
    let table = TableName { schema: None, name: "CLIENT".to_owned() };
    let table = catalog.table(&table).expect("it is there");
    assert!(table.column("FAX").is_none());
}

async fn refuses_what_no_step_can_do(lab: &Lab) {
    let connection = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    let other =
        SECOND.replace(r#"type="date""#, r#"type="bool""#).replace(" stored=\"yyyymmdd\"", "");
    let other = model(&other);
    let wish = Wish { model: &other, name: "own", contracts: false };
    let refused = planned(&connection, &wish).await;
    let refused: Vec<_> = refused.iter().filter(|step| step.risk == Risk::Refused).collect();
    let what =
        refused.iter().any(|step| step.what.starts_with("the column `PLACED` of Order: a bool"));
    assert!(what, "{refused:#?}");
    assert!(refused.iter().all(|step| step.statement.is_none()));
}

#[tokio::test]
async fn a_file_follows_its_model() {
    let lab = Lab::file().await;
    follows_its_model(&lab).await;
    refuses_what_no_step_can_do(&lab).await;
}

#[tokio::test]
async fn postgresql_follows_its_model() {
    let Some(lab) = Lab::postgresql().await else { return };
    follows_its_model(&lab).await;
    refuses_what_no_step_can_do(&lab).await;
}

#[tokio::test]
async fn mariadb_follows_its_model() {
    let Some(lab) = Lab::mariadb().await else { return };
    follows_its_model(&lab).await;
    refuses_what_no_step_can_do(&lab).await;
}
