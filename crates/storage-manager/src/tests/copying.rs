use std::fmt::Write as _;
use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation, UnitOfWork};
use jiff::Timestamp;
use tokio::sync::Notify;

use super::author;
use super::changing::{create, report, update};
use super::lab::{Lab, beside, execute, number};
use super::{suite, utilities, utilities_data};
use crate::{
    Applied, Copied, Difference, Differs, Engine, Installation, Order, Query, Transfer,
    TransferError, Verified,
};

suite!(
    what_differs_is_found_in_its_range_and_key,
    a_copy_that_was_cut_off_goes_on_and_doubles_nothing,
    what_means_nothing_is_copied_as_it_is,
    objects_that_come_from_elsewhere_are_never_mixed_in,
    what_leads_nowhere_is_named_by_object_and_relation,
    changes_that_were_kept_are_compared_too,
);

/// Amounts, and things that lead to others of their class, which come later.
fn ledger() -> (Arc<Model>, Data) {
    let file = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="ledger" country="NL">
  <class id="c1" name="Entry" table="ENTRY" key="number" revision="V">
    <attribute id="a1" name="number" column="NR" type="text" length="12" required="yes"/>
    <attribute id="a2" name="title" column="TITLE" type="text" length="40"/>
    <attribute id="a3" name="amount" column="AMOUNT" type="decimal" decimals="2"/>
    <attribute id="a4" name="on" column="ON_DAY" type="date" stored="yyyymmdd"/>
    <attribute id="a5" name="at" column="AT" type="instant"/>
    <to-one id="r1" name="next" class="Entry" column="NEXT"/>
  </class>
</business-objects>"#;
    let (model, findings) = Model::read([("ledger.xml", file.as_bytes())]);
    assert_eq!(findings, []);
    let mut rows = "number,title,amount,on,at,next\n".to_owned();
    for row in 0..2_500 {
        let next = if row % 7 == 0 { format!("E{:05}", 2_499 - row) } else { String::new() };
        let (cents, day) = (row % 100, format!("2026-01-{:02}", row % 28 + 1));
        let _ = writeln!(
            rows,
            "E{row:05},Größe {row},{row}.{cents:02},{day},{day}T08:00:00.12Z,{next}"
        );
    }
    let data = Data::read(&model, [("Entry.csv", rows.as_bytes())]).expect("it is sound");
    (model.into(), data)
}

async fn ledger_in(lab: &Lab) -> (Arc<Model>, Installation) {
    let ((model, data), installation) = (ledger(), lab.installation("ledger"));
    let opened = Engine::open("test", Arc::clone(&model), &data, &installation).await;
    drop(opened.expect("it opens"));
    (model, installation)
}

fn transfer(model: &Arc<Model>, from: &Installation, to: &Installation) -> Transfer {
    let (name, options) = from.databases.iter().next().expect("there is one");
    Transfer {
        model: Arc::clone(model),
        digest: "test".to_owned(),
        name: name.clone(),
        from: options.address.clone(),
        to: to.databases[name].address.clone(),
        folder: to.data.join("transfer"),
    }
}

async fn copy(transfer: &Transfer) -> Vec<Copied> {
    transfer.copy(&mut |_, _| {}).await.expect("it is copied")
}

async fn verify(transfer: &Transfer) -> Vec<Verified> {
    transfer.verify(&mut |_, _| {}).await.expect("it is compared")
}

fn differing(verified: &[Verified]) -> u64 {
    verified.iter().map(|class| class.differing).sum()
}

async fn open(model: &Arc<Model>, installation: &Installation) -> Engine {
    let installation = Installation { has_demo_data: false, ..installation.clone() };
    let opened = Engine::open("test", Arc::clone(model), &Data::default(), &installation).await;
    opened.expect("it opens")
}

async fn change(installation: &Installation, statement: &str) {
    let connection = beside(installation).await;
    execute(&connection, statement).await;
    connection.close().await.expect("it closes");
}

async fn what_differs_is_found_in_its_range_and_key(lab: &Lab) {
    let (model, from) = ledger_in(lab).await;
    let to = lab.installation("ledger");
    let transfer = transfer(&model, &from, &to);
    let copied = copy(&transfer).await;
    assert_eq!((copied[0].rows, copied[0].copied, copied[0].uncopied.len()), (2_500, 2_500, 0));
    let same = &verify(&transfer).await[0];
    assert_eq!((same.from_rows, same.to_rows, same.differing), (2_500, 2_500, 0));
    for statement in [
        "UPDATE \"ENTRY\" SET \"TITLE\" = 'Größe 1234 ' WHERE \"NR\" = 'E01234'",
        "UPDATE \"ENTRY\" SET \"NEXT\" = NULL WHERE \"NR\" = 'E00000' OR \"NEXT\" = 'E02400'",
        "DELETE FROM \"ENTRY\" WHERE \"NR\" = 'E02400'",
        "INSERT INTO \"ENTRY\" (\"NR\", \"V\") VALUES ('E00001x', 1)",
    ] {
        change(&to, statement).await;
    }
    let cent = match lab.backend() {
        caruso_database::DbBackend::Sqlite => "1",
        _ => "0.01",
    };
    let statement =
        format!("UPDATE \"ENTRY\" SET \"AMOUNT\" = \"AMOUNT\" + {cent} WHERE \"NR\" = 'E01235'");
    change(&to, &statement).await;
    let found = &verify(&transfer).await[0];
    let difference = |key: &str, differs, attributes: &[&str]| Difference {
        key: key.to_owned(),
        differs,
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(
        found.keys,
        [
            difference("E00000", Differs::Content, &["next"]),
            difference("E00001x", Differs::Added, &[]),
            difference("E01234", Differs::Content, &["title"]),
            difference("E01235", Differs::Content, &["amount"]),
            difference("E02400", Differs::Missing, &[]),
        ]
    );
    assert_eq!((found.from_rows, found.to_rows, found.differing), (2_500, 2_500, 5));
    let ranges: Vec<_> = found.ranges.iter().map(|it| (it.first.as_str(), it.differing)).collect();
    assert_eq!(ranges, [("E00000", 1), ("E00000", 1), ("E01000", 2), ("E02000", 1)]);
}

async fn a_copy_that_was_cut_off_goes_on_and_doubles_nothing(lab: &Lab) {
    let (model, from) = ledger_in(lab).await;
    let to = lab.installation("ledger");
    let transfer = transfer(&model, &from, &to);
    for _ in 0..2 {
        let done = Notify::new();
        let mut watch = |_: &str, _: u64| done.notify_one();
        tokio::select! {
            biased;
            () = done.notified() => {}
            copied = transfer.copy(&mut watch) => panic!("it was not cut off: {copied:?}"),
        }
    }
    let connection = beside(&to).await;
    let there = number(&connection, "SELECT COUNT(*) FROM \"ENTRY\"").await;
    assert!((1_000..2_500).contains(&there), "{there}");
    connection.close().await.expect("it closes");
    assert!(differing(&verify(&transfer).await) > 0);
    let copied = copy(&transfer).await;
    assert_eq!((copied[0].rows, copied[0].copied), (2_500, 2_500));
    assert_eq!(differing(&verify(&transfer).await), 0);
    assert_eq!(copy(&transfer).await[0].copied, 2_500, "a second copy changes nothing");
    assert_eq!(differing(&verify(&transfer).await), 0);
}

async fn what_means_nothing_is_copied_as_it_is(lab: &Lab) {
    let (model, from) = ledger_in(lab).await;
    change(&from, "UPDATE \"ENTRY\" SET \"ON_DAY\" = 20260231 WHERE \"NR\" = 'E00007'").await;
    let to = lab.installation("ledger");
    let transfer = transfer(&model, &from, &to);
    assert_eq!(copy(&transfer).await[0].unreadable, 1);
    let verified = &verify(&transfer).await[0];
    assert_eq!((verified.unreadable, verified.differing), (1, 0));
    change(&to, "UPDATE \"ENTRY\" SET \"ON_DAY\" = 20260230 WHERE \"NR\" = 'E00007'").await;
    let found = &verify(&transfer).await[0];
    assert_eq!((found.keys[0].key.as_str(), found.differing), ("E00007", 1));
    assert_eq!(found.keys[0].attributes, ["on"]);
}

async fn objects_that_come_from_elsewhere_are_never_mixed_in(lab: &Lab) {
    let (model, from) = ledger_in(lab).await;
    let (_, to) = ledger_in(lab).await;
    let error = transfer(&model, &from, &to).copy(&mut |_, _| {}).await;
    assert!(matches!(error, Err(TransferError::NotEmpty(_))), "{error:?}");
}

const ITEMS: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="items" country="NL">
  <class id="c1" name="Item" table="ITEM" key="number">
    <attribute id="a1" name="number" column="NR" type="text" length="12" required="yes"/>
    <to-one id="r1" name="next" class="Item" column="NEXT"/>
  </class>
</business-objects>"#;

async fn what_leads_nowhere_is_named_by_object_and_relation(lab: &Lab) {
    let (model, findings) = Model::read([("items.xml", ITEMS.as_bytes())]);
    assert_eq!(findings, []);
    let (model, from) = (Arc::new(model), lab.installation("items"));
    // a table that somebody made without a foreign key
    let table =
        "CREATE TABLE \"ITEM\" (\"NR\" varchar(12) NOT NULL PRIMARY KEY, \"NEXT\" varchar(12))";
    change(&from, table).await;
    let rows = "INSERT INTO \"ITEM\" VALUES ('A', 'B'), ('B', NULL), ('C', 'X'), ('D', 'Y')";
    change(&from, rows).await;
    let to = lab.installation("items");
    let transfer = transfer(&model, &from, &to);
    let error = transfer.copy(&mut |_, _| {}).await.expect_err("two lead nowhere").to_string();
    let words = "everything is copied, but some relation leads to no object: `Item.next` of C, D";
    assert_eq!(error, words);
    // it goes on once that is corrected
    change(&to, "UPDATE \"ITEM\" SET \"NEXT\" = NULL WHERE \"NR\" IN ('C', 'D')").await;
    assert_eq!(copy(&transfer).await[0].copied, 4);
}

async fn changes_that_were_kept_are_compared_too(lab: &Lab) {
    let (model, from) = ledger_in(lab).await;
    let engine = open(&model, &from).await;
    for number in 0..3 {
        let list = [("number", format!("N{number}").as_str().into())];
        apply(&engine, &format!("k{number}"), create("Entry", &list)).await;
    }
    drop(engine);
    let to = lab.installation("ledger");
    let transfer = transfer(&model, &from, &to);
    copy(&transfer).await;
    let changes = async || {
        let verified = verify(&transfer).await;
        verified.into_iter().find(|it| it.class == "caruso_change").expect("they are compared")
    };
    let same = changes().await;
    assert_eq!((same.from_rows, same.to_rows, same.differing), (3, 3, 0));
    for statement in [
        "UPDATE caruso_change SET actor = 'nobody' WHERE object_key = 'N0'",
        "DELETE FROM caruso_change WHERE object_key = 'N1'",
    ] {
        change(&to, statement).await;
    }
    let engine = open(&model, &to).await;
    apply(&engine, "k9", create("Entry", &[("number", "N9".into())])).await;
    drop(engine);
    let found = changes().await;
    let difference = |key: &str, differs, attributes: &[&str]| Difference {
        key: key.to_owned(),
        differs,
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    };
    assert_eq!(
        found.keys,
        [
            difference("Entry N0", Differs::Content, &["actor"]),
            difference("Entry N1", Differs::Missing, &[]),
            difference("Entry N9", Differs::Added, &[]),
        ]
    );
    assert_eq!((found.from_rows, found.to_rows, found.differing), (3, 3, 3));
}

/// Applies a unit of work today: old keys are forgotten.
async fn apply(engine: &Engine, key: &str, operation: Operation) -> Applied {
    let unit = UnitOfWork {
        idempotency_key: key.into(),
        operations: vec![operation],
        reason: String::new(),
        contact: String::new(),
    };
    engine.apply(&unit, &author(), Timestamp::now()).await.expect("it is sound")
}

/// What a database has in the end that was made of the example.
async fn prove(model: &Arc<Model>, installation: &Installation, key: &str) {
    let engine = open(model, installation).await;
    let found = engine.find_by_number("0612345678").await.expect("a number");
    assert_eq!(found.objects[0].key, "100001");
    let history = engine.history("Customer", "100001", 0, "").await.expect("it has one").changes;
    assert_eq!(history[0].after["name"], Value::from("Eva Vries"));
    assert_eq!(history[0].revision, "2");
    let repeat = apply(&engine, "k1", report()).await;
    assert!(repeat.is_repeat);
    let list = [("customer", "100001".into()), ("kind", "phone".into()), ("value", key.into())];
    let made = apply(&engine, key, create("ContactPoint", &list)).await;
    let order = vec![Order { attribute: "id".into(), is_descending: true }];
    let largest = Query { class: "ContactPoint".into(), order, ..Query::default() };
    let largest = engine.query(&largest).await.expect("it is sound");
    assert_eq!(largest.objects[0].key, made.objects[0].key);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_goes_round_all_engines_and_stays_the_same() {
    let (Some(postgres), Some(mariadb)) = (Lab::postgresql(), Lab::mariadb()) else { return };
    let (first, last) = (Lab::file(), Lab::file());
    let model: Arc<Model> = utilities().into();
    let from = first.installation("utilities");
    let data = utilities_data(&model);
    let engine = Engine::open("test", Arc::clone(&model), &data, &from).await.expect("it opens");
    apply(&engine, "k1", report()).await;
    let name = [("name", "Eva Vries".into())];
    apply(&engine, "k2", update("Customer", "100001", "1", &name)).await;
    drop(engine);
    let way = [
        from,
        postgres.installation("utilities"),
        mariadb.installation("utilities"),
        last.installation("utilities"),
    ];
    for (step, ends) in way.windows(2).enumerate() {
        let transfer = transfer(&model, &ends[0], &ends[1]);
        let copied = copy(&transfer).await;
        assert!(copied.iter().all(|class| class.uncopied.is_empty()), "{copied:?}");
        assert!(copied.iter().all(|class| class.rows == class.copied), "{copied:?}");
        let verified = verify(&transfer).await;
        assert_eq!(differing(&verified), 0, "{verified:?}");
        let rows = |name: &str| verified.iter().find(|it| it.class == name).map(|it| it.to_rows);
        assert_eq!(rows("Customer"), Some(326));
        assert!(rows("ContactPoint") >= Some(659));
        prove(&model, &ends[1], &format!("060000000{step}")).await;
    }
}
