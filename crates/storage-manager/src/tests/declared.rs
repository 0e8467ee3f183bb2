//! What a model declares beyond attributes: keys of several parts, constraints, what is unique,
//! what tells a change where no column counts, what is sensitive.

use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation};

use super::changing::{apply, create, update};
use super::lab::{Lab, beside, execute};
use super::{query, suite, values};
use crate::{Branch, Engine, Error, Installation, Link, Query};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="odd" country="NL">
  <enum name="state"><value name="open" stored="1"/><value name="paid" stored="2"/></enum>
  <type name="flag" type="bool" stored="J/N"/>
  <class id="a" name="Account" table="Konto" key="client number">
    <attribute id="a1" name="client" column="MANDT" type="text" length="3" required="yes"/>
    <attribute id="a2" name="number" column="KTO NR" type="int" stored="padded:8" required="yes"/>
    <attribute id="a3" name="iban" column="IBAN" type="text" length="34" sensitive="yes"/>
    <attribute id="a4" name="limit" column="LIMIT" type="decimal" decimals="2"/>
    <attribute id="a5" name="balance" column="SALDO" type="decimal" decimals="2" required="yes"/>
    <attribute id="a6" name="closed_on" column="ENDE" type="date" stored="yyyymmdd"
        missing="99991231 0"/>
    <attribute id="a7" name="is_blocked" column="SPERRE" of="flag"/>
    <to-many id="a8" name="invoices" class="Invoice" inverse="account"/>
    <constraint id="a9" name="within_limit" test="not has(limit) or balance ge 0 or has(closed_on)">
      <message language="en">an account with a limit is not overdrawn</message>
    </constraint>
    <unique name="iban" attributes="iban"/>
  </class>
  <class id="b" name="Invoice" table="order" key="number" revision-of="state amount">
    <attribute id="b1" name="number" column="group" type="text" length="10" required="yes"/>
    <attribute id="b2" name="amount" column="BETRAG" type="decimal" decimals="2"/>
    <attribute id="b3" name="state" column="STATUS" type="choice" enum="state"/>
    <attribute id="b4" name="remark" column="Bemerkung" type="text"/>
    <attribute id="b5" name="printed_at" column="DRUCK" type="instant" zone="Europe/Berlin"/>
    <to-one id="b6" name="account" class="Account">
      <column name="MANDT"/><column name="KTO NR"/>
    </to-one>
    <index attributes="state account"/>
  </class>
</business-objects>"#;

suite!(
    a_key_of_several_parts_works_everywhere,
    an_object_without_counter_has_a_revision,
    a_constraint_holds_for_what_is_changed,
    a_row_older_than_a_constraint_may_be_changed,
    what_is_unique_is_named,
    what_means_no_value_is_missing,
    a_cell_that_means_nothing_marks_its_object,
    sensitive_values_are_in_no_history,
);

async fn open(installation: &Installation) -> Engine {
    let (model, findings) = Model::read([("odd.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let model = Arc::new(model);
    Engine::open("odd", model, &Data::default(), installation).await.expect("it opens")
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().expect("a number"))
}

fn account(number: i64, more: &[(&str, Value)]) -> Operation {
    let mut all = vec![
        ("client", "0,1".into()),
        ("number", Value::Int(number)),
        ("balance", decimal("10.00")),
    ];
    all.extend_from_slice(more);
    create("Account", &all)
}

fn invoice(number: &str, account: &str) -> Operation {
    create(
        "Invoice",
        &[
            ("number", number.into()),
            ("amount", decimal("12.50")),
            ("state", "open".into()),
            ("account", account.into()),
        ],
    )
}

async fn example(lab: &Lab) -> (Engine, Installation) {
    let installation = lab.installation("odd");
    let engine = open(&installation).await;
    let unit = vec![
        account(1, &[]),
        account(20, &[("iban", "NL01".into())]),
        invoice("A1", r"0\,1,1"),
        invoice("A2", r"0\,1,20"),
        invoice("A3", r"0\,1,20"),
    ];
    apply(&engine, "first", unit).await.expect("it is sound");
    (engine, installation)
}

async fn a_key_of_several_parts_works_everywhere(lab: &Lab) {
    let (engine, _) = example(lab).await;
    let key = r"0\,1,20";
    let found = engine.read("Account", key).await.expect("it is there");
    assert_eq!((found.key.as_str(), &found.attributes["number"]), (key, &Value::Int(20)));
    let keys = [key.to_owned(), "1".to_owned(), r"0\,1,7".to_owned()];
    let (found, missing) = engine.read_many("Account", &keys).await.expect("it is sound");
    assert_eq!((found.len(), missing.len()), (1, 2));
    let keys = [r"0\,1,1", r"0\,2,1", key, r"0\,1,1"].map(str::to_owned);
    let (found, missing) = engine.read_many("Account", &keys).await.expect("it is sound");
    let found: Vec<&str> = found.iter().map(|object| object.key.as_str()).collect();
    assert_eq!((found, missing), (vec![r"0\,1,1", key, r"0\,1,1"], vec![keys[1].clone()]));
    for (filter, wanted) in [
        ("account.number eq 20", &["A2", "A3"][..]),
        ("account.client eq '0,1' and account.number lt 20", &["A1"]),
        ("account.balance gt 9 and account.number ne 1", &["A2", "A3"]),
        ("has(account) and not has(account.iban)", &["A1"]),
    ] {
        let page = query(&engine, "Invoice", filter).await.expect(filter);
        let wanted: Vec<Value> = wanted.iter().map(|it| Value::from(*it)).collect();
        assert_eq!(values(&page, "number"), wanted, "{filter}");
    }
    let page = query(&engine, "Account", "invoices.exists(i, i.number eq 'A3')").await;
    assert_eq!(values(&page.expect("it is sound"), "number"), [Value::Int(20)]);
    let link = Some(Link { path: "account".into(), key: key.into() });
    let linked = Query { class: "Invoice".into(), link, page_size: 1, ..Query::default() };
    let page = engine.query(&linked).await.expect("it is sound");
    assert_eq!(page.objects[0].attributes["account"], Value::from(key));
    let next = Query { page_token: page.next_page_token, ..linked };
    assert_eq!(values(&engine.query(&next).await.expect("it is sound"), "number"), ["A3".into()]);
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let up = branch("account", vec![branch("invoices", vec![])]);
    let tree = engine.fetch("Invoice", "A2", &[up]).await.expect("it is sound");
    assert_eq!(tree.limbs[0].trees[0].limbs[0].trees.len(), 2);
    let nowhere = apply(&engine, "k", vec![invoice("A4", r"0\,1,3")]).await.expect_err("nowhere");
    let said = "operation 0: Invoice.account: there is no Account with this key";
    assert_eq!(nowhere.to_string(), said);
}

async fn an_object_without_counter_has_a_revision(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    let before = engine.read("Invoice", "A1").await.expect("it is there");
    let remark = update("Invoice", "A1", &before.revision, &[("remark", "called".into())]);
    let done = apply(&engine, "k1", vec![remark]).await.expect("it is current");
    assert_eq!(done.objects[0].revision, before.revision, "a remark is no change of it");
    let paid = update("Invoice", "A1", &before.revision, &[("state", "paid".into())]);
    let done = apply(&engine, "k2", vec![paid.clone()]).await.expect("it is current");
    assert_ne!(done.objects[0].revision, before.revision);
    let error = apply(&engine, "k3", vec![paid]).await.expect_err("it is old");
    assert!(matches!(error, Error::RevisionConflict { .. }), "{error}");
    // of an account everything counts, whoever changes it
    let before = engine.read("Account", r"0\,1,1").await.expect("it is there");
    let connection = beside(&installation).await;
    execute(&connection, "UPDATE \"Konto\" SET \"SPERRE\" = 'J' WHERE \"KTO NR\" = '00000001'")
        .await;
    let changed = update("Account", r"0\,1,1", &before.revision, &[("limit", decimal("5.00"))]);
    let error = apply(&engine, "k4", vec![changed]).await.expect_err("somebody was faster");
    assert!(matches!(error, Error::RevisionConflict { .. }), "{error}");
}

async fn a_constraint_holds_for_what_is_changed(lab: &Lab) {
    let (engine, _) = example(lab).await;
    let limited = [("limit", decimal("100.00")), ("balance", decimal("-1.00"))];
    let error = apply(&engine, "k1", vec![account(3, &limited)]).await.expect_err("overdrawn");
    let said = "operation 0: Account: an account with a limit is not overdrawn";
    assert_eq!(error.to_string(), said);
    let current = engine.read("Account", r"0\,1,1").await.expect("it is there").revision;
    let change = update("Account", r"0\,1,1", &current, &limited);
    let error = apply(&engine, "k2", vec![change]).await.expect_err("overdrawn");
    assert_eq!(error.to_string(), said);
    let change = update("Account", r"0\,1,1", &current, &limited[1..]);
    apply(&engine, "k3", vec![change]).await.expect("without a limit it may be");
}

async fn a_row_older_than_a_constraint_may_be_changed(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    let connection = beside(&installation).await;
    let old = "UPDATE \"Konto\" SET \"LIMIT\" = 1, \"SALDO\" = -1 WHERE \"KTO NR\" = '00000001'";
    execute(&connection, old).await;
    let current = engine.read("Account", r"0\,1,1").await.expect("it is there").revision;
    let change = update("Account", r"0\,1,1", &current, &[("is_blocked", Value::Bool(true))]);
    apply(&engine, "k1", vec![change]).await.expect("it was so before");
}

async fn what_is_unique_is_named(lab: &Lab) {
    let (engine, _) = example(lab).await;
    let again = account(4, &[("iban", "NL01".into())]);
    let error = apply(&engine, "k1", vec![again]).await.expect_err("the number is taken");
    assert_eq!(error.to_string(), "operation 0: there is a Account with this `iban` already");
    let error = apply(&engine, "k2", vec![account(1, &[])]).await.expect_err("the key is taken");
    assert_eq!(error.to_string(), "operation 0: there is a Account with this key already");
}

async fn what_means_no_value_is_missing(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    let connection = beside(&installation).await;
    for (date, number) in [("99991231", 1), ("20250630", 20)] {
        let statement =
            format!("UPDATE \"Konto\" SET \"ENDE\" = {date} WHERE \"KTO NR\" = '{number:08}'");
        execute(&connection, &statement).await;
    }
    for (filter, wanted) in [
        ("has(closed_on)", vec![20]),
        ("closed_on gt '2000-01-01'", vec![20]),
        ("closed_on ne '2025-06-30'", vec![]),
        ("not (closed_on le '2025-06-30')", vec![1]),
        ("closed_on.or('1999-12-31') lt '2000-01-01'", vec![1]),
    ] {
        let page = query(&engine, "Account", filter).await.expect(filter);
        let wanted: Vec<Value> = wanted.into_iter().map(Value::Int).collect();
        assert_eq!(values(&page, "number"), wanted, "{filter}");
    }
    let never = [("closed_on", Value::Date("9999-12-31".parse().expect("a day")))];
    let error = apply(&engine, "k1", vec![account(5, &never)]).await.expect_err("it means none");
    let said = "operation 0: Account.closed_on: the column cannot hold this value";
    assert_eq!(error.to_string(), said);
}

async fn a_cell_that_means_nothing_marks_its_object(lab: &Lab) {
    let (engine, installation) = example(lab).await;
    let connection = beside(&installation).await;
    let broken = "UPDATE \"Konto\" SET \"ENDE\" = 20250230 WHERE \"KTO NR\" = '00000001'";
    execute(&connection, broken).await;
    let page = query(&engine, "Account", "").await.expect("it is sound");
    let marked: Vec<_> = page.objects.iter().map(|object| object.unreadable.clone()).collect();
    assert_eq!(marked, [vec!["closed_on".to_owned()], vec![]], "one marked field, all rows there");
    assert_eq!(values(&page, "number"), [Value::Int(1), Value::Int(20)]);
}

async fn sensitive_values_are_in_no_history(lab: &Lab) {
    let (engine, _) = example(lab).await;
    let history = engine.history("Account", r"0\,1,20", 0, "").await.expect("it is sound");
    let [created] = history.changes.as_slice() else { panic!("{history:?}") };
    assert_eq!(created.after["iban"], Value::Null, "named, without what it is");
    assert_eq!(created.after["number"], Value::Int(20));
}
