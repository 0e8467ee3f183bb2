//! Tables that hold objects of several classes, or a part of them.

use caruso_database::{Access, DbBackend, connect};
use caruso_object_model::Model;

use super::lab::{Lab, execute};
use crate::check::check;
use crate::migration::{Wish, carry_out, steps};
use crate::places::Places;
use crate::quality::{Options, measure};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="own" country="NL">
  <class id="p" name="Party" table="PARTY" key="number">
    <attribute id="p1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="p2" name="kind" column="KIND" type="text" length="1" required="yes"/>
  </class>
  <class id="c" name="Company" extends="Party" where="kind eq 'C'">
    <attribute id="c1" name="vat" column="VAT" type="text" length="12" required="yes"/>
    <constraint id="c2" name="dutch" test="vat.or('').startsWith('NL')">
      <message language="en">The company is Dutch.</message>
    </constraint>
  </class>
  <class id="l" name="Large" extends="Company" table="LARGE" key-columns="PARTY">
    <attribute id="l1" name="manager" column="MANAGER" type="text" length="20"/>
  </class>
  <class id="n" name="Note" table="NOTE" key="number">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <to-one id="n2" name="party" class="Party" column="REF" kind-column="OF" kind="P"/>
    <to-one id="n3" name="note" class="Note" column="REF" kind-column="OF" kind="N"/>
  </class>
</business-objects>"#;

async fn are_made_checked_and_measured(lab: &Lab) {
    let files = [("own.xml", MODEL.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    let connection = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    let wish = Wish { model: &model, name: "own", contracts: false };
    let made = steps(&connection, &wish).await.expect("it answers");
    let tables = made.iter().filter(|step| step.what.starts_with("make the table"));
    assert_eq!(tables.count(), 3, "{made:#?}");
    for step in &made {
        carry_out(&connection, step).await.unwrap_or_else(|error| panic!("{error}: {step:?}"));
    }
    assert_eq!(steps(&connection, &wish).await.expect("it answers"), []);
    let found = check(&connection, &model, "own", &Places::of(files)).await.expect("it answers");
    assert_eq!(found, []);
    for statement in [
        r#"INSERT INTO "PARTY" ("NR", "KIND", "VAT") VALUES
           (1, 'P', NULL), (2, 'C', 'NL2'), (3, 'C', 'BE3')"#,
        r#"INSERT INTO "LARGE" ("PARTY", "MANAGER") VALUES (2, 'Jan')"#,
        // the third leads to a party that is not there, the fourth to nothing that is known
        r#"INSERT INTO "NOTE" ("NR", "REF", "OF") VALUES
           (1, 1, 'P'), (2, 1, 'N'), (3, 9, 'P'), (4, 9, 'X')"#,
    ] {
        execute(&connection, statement).await;
    }
    let report = measure(&connection, &model, "own", Options::default(), |_, _| {}).await;
    let report = report.expect("it answers");
    let rows: Vec<_> = report.classes.iter().map(|it| (it.class.as_str(), it.rows)).collect();
    assert_eq!(rows, [("Large", 1), ("Note", 4), ("Party", 3)]);
    let broken = report.classes[2].constraints.iter();
    let broken: Vec<_> = broken.map(|it| (it.constraint.as_str(), it.rows)).collect();
    assert_eq!(broken, [("Company.dutch", 1)], "a person need not be Dutch");
    let orphans = report.classes[1].relations.iter().map(|it| it.orphans.rows);
    assert_eq!(orphans.collect::<Vec<_>>(), [1, 0]);
}

#[tokio::test]
async fn tables_of_several_classes_are_made_checked_and_measured() {
    are_made_checked_and_measured(&Lab::file().await).await;
    if let Some(lab) = Lab::postgresql().await {
        are_made_checked_and_measured(&lab).await;
    }
    if let Some(lab) = Lab::mariadb().await {
        are_made_checked_and_measured(&lab).await;
    }
}

const DOCUMENTS: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="own" country="NL">
  <class id="d" name="Document" abstract="yes" key="number">
    <attribute id="d1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="d2" name="amount" type="decimal" decimals="2"/>
    <constraint id="d3" name="is_no_gift" test="not has(amount) or amount ge 0">
      <message language="en">Nothing is given away.</message>
    </constraint>
  </class>
  <class id="i" name="Invoice" extends="Document" table="BILL">
    <attribute-mapping of="amount" column="SUM"/>
  </class>
  <class id="l" name="Letter" extends="Document" table="LETTER">
    <attribute-mapping of="amount" column="WORTH"/>
  </class>
  <class id="n" name="Note" table="REMARK" key="number">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <to-one id="n2" name="document" class="Document" column="REF"/>
  </class>
</business-objects>"#;

async fn of_an_abstract_class_are_held_together(lab: &Lab) {
    let files = [("own.xml", DOCUMENTS.as_bytes())];
    let (model, findings) = Model::read(files);
    assert_eq!(findings, []);
    let connection = connect(&lab.address, Access::Write, 1).await.expect("it opens");
    let wish = Wish { model: &model, name: "own", contracts: false };
    for step in steps(&connection, &wish).await.expect("it answers") {
        carry_out(&connection, &step).await.unwrap_or_else(|error| panic!("{error}: {step:?}"));
    }
    assert_eq!(steps(&connection, &wish).await.expect("it answers"), []);
    let places = Places::of(files);
    let found = async || check(&connection, &model, "own", &places).await.expect("it answers");
    assert_eq!(found().await, []);
    for statement in [
        r#"INSERT INTO "BILL" ("NR", "SUM") VALUES ('A', 1), ('B', -2)"#,
        r#"INSERT INTO "LETTER" ("NR", "WORTH") VALUES ('B', 3), ('C', NULL), ('b', 1)"#,
    ] {
        execute(&connection, statement).await;
    }
    let shared = found().await;
    assert_eq!(shared.len(), 1, "{shared:?}");
    let message = &shared[0].finding.message;
    assert_eq!(message, "class `Document`: two of its tables have the same key");
    let report = measure(&connection, &model, "own", Options::default(), |_, _| {}).await;
    let report = report.expect("it answers");
    let rows: Vec<_> = report.classes.iter().map(|it| (it.class.as_str(), it.rows)).collect();
    assert_eq!(rows, [("Invoice", 2), ("Letter", 3), ("Note", 0), ("Document", 5)]);
    assert_eq!(report.classes[0].constraints[0].rows, 1);
    let repeats = report.classes[3].repeats.as_ref().expect("it is asked");
    assert_eq!((repeats.keys, repeats.rows), (1, 2), "{repeats:?}");
    execute(&connection, r#"ALTER TABLE "LETTER" DROP COLUMN "WORTH""#).await;
    let ty = if connection.get_database_backend() == DbBackend::Sqlite { "real" } else { "bigint" };
    execute(&connection, &format!(r#"ALTER TABLE "LETTER" ADD COLUMN "WORTH" {ty}"#)).await;
    let unlike: Vec<String> = found().await.into_iter().map(|it| it.finding.message).collect();
    let expected = "`Document.amount`: it is not written alike in `BILL`, `LETTER`";
    assert!(unlike.contains(&expected.to_owned()), "{unlike:?}");
}

#[tokio::test]
async fn tables_of_an_abstract_class_are_held_together() {
    of_an_abstract_class_are_held_together(&Lab::file().await).await;
    if let Some(lab) = Lab::postgresql().await {
        of_an_abstract_class_are_held_together(&lab).await;
    }
    if let Some(lab) = Lab::mariadb().await {
        of_an_abstract_class_are_held_together(&lab).await;
    }
}
