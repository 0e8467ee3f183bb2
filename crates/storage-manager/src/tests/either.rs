//! Columns that lead now to objects of one class and now to those of another.

use caruso_expression::Value;
use caruso_object_model::{Data, Model};

use super::changing::{apply, create, update};
use super::lab::{Lab, beside, execute};
use super::{query, suite};
use crate::{Branch, Engine, Error, Link, Query};

suite!(
    a_column_says_to_which_class_others_lead,
    each_relation_writes_what_tells_it_apart,
    what_the_column_says_otherwise_leads_nowhere,
);

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="either" country="NL">
  <class id="c" name="Customer" table="KLANT" key="code">
    <attribute id="c1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <attribute id="c2" name="name" column="NAAM" type="text" length="40"/>
    <to-many id="c3" name="notes" class="Note" inverse="customer"/>
  </class>
  <class id="d" name="Contract" table="CONTRACT" key="code">
    <attribute id="d1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <attribute id="d2" name="worth" column="WAARDE" type="int"/>
    <roll-up id="d3" name="notes_held" of="notes"/>
    <to-many id="d4" name="notes" class="Note" inverse="contract"/>
  </class>
  <class id="n" name="Note" table="NOTITIE" key="number" key-source="assigned">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="n2" name="text" column="TEKST" type="text" length="40"/>
    <to-one id="n3" name="customer" class="Customer" column="REF" kind-column="SOORT" kind="K"/>
    <to-one id="n4" name="contract" class="Contract" column="REF" kind-column="SOORT" kind="CO"/>
  </class>
</business-objects>"#;

/// A customer and a contract of the same key, another customer, and notes of them.
async fn engine(lab: &Lab) -> (Engine, crate::Installation) {
    let (model, findings) = Model::read([("either.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let files = [
        ("Customer.csv", "code,name\nA,Eva\nB,Jan\n"),
        ("Contract.csv", "code,worth\nA,10\n"),
        ("Note.csv", "text,customer,contract\nfirst,A,\nsecond,,A\nthird,B,\nnone,,\n"),
    ];
    let data = Data::read(&model, files.map(|(name, text)| (name, text.as_bytes())));
    let data = data.expect("it is sound");
    let installation = lab.installation("either");
    let opened = Engine::open("either", model.into(), &data, &installation).await;
    (opened.expect("it opens"), installation)
}

async fn keys(engine: &Engine, class: &str, filter: &str) -> Vec<String> {
    let page = query(engine, class, filter).await;
    let page = page.unwrap_or_else(|error| panic!("{class}: {filter}: {error}"));
    page.objects.into_iter().map(|it| it.key).collect()
}

async fn a_column_says_to_which_class_others_lead(lab: &Lab) {
    let (engine, _) = engine(lab).await;
    let table: &[(&str, &str, &[&str])] = &[
        ("Note", "customer.name eq 'Eva'", &["1"]),
        ("Note", "contract.worth eq 10", &["2"]),
        ("Note", "customer.code eq 'A'", &["1"]),
        ("Note", "has(customer)", &["1", "3"]),
        ("Note", "not has(customer) and not has(contract)", &["4"]),
        ("Note", "not (contract.code eq 'A')", &["1", "3", "4"]),
        ("Customer", "notes.exists(n, n.text eq 'second')", &[]),
        ("Customer", "notes.exists(n, true)", &["A", "B"]),
        ("Contract", "notes_held eq 1", &["A"]),
    ];
    for (class, filter, expected) in table {
        assert_eq!(keys(&engine, class, filter).await, *expected, "{class}: {filter}");
    }
    let note = engine.read("Note", "2").await.expect("it is there");
    assert_eq!(note.attributes.get("contract"), Some(&"A".into()));
    assert!(!note.attributes.contains_key("customer"), "{note:?}");
    for (path, expected) in [("customer", ["1"]), ("contract", ["2"])] {
        let link = Some(Link { path: path.into(), key: "A".into() });
        let page = engine.query(&Query { class: "Note".into(), link, ..Query::default() }).await;
        let found = page.expect("it is sound").objects;
        assert_eq!(found.iter().map(|it| &*it.key).collect::<Vec<_>>(), expected, "{path}");
    }
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let back = [branch("customer", vec![]), branch("contract", vec![])];
    let branches = [branch("notes", back.into())];
    let tree = engine.fetch("Contract", "A", &branches).await.expect("it is sound");
    let [note] = tree.limbs[0].trees.as_slice() else { panic!("{tree:?}") };
    assert_eq!(note.object.key, "2");
    assert_eq!((note.limbs[0].trees.len(), note.limbs[1].trees.len()), (0, 1));
}

async fn each_relation_writes_what_tells_it_apart(lab: &Lab) {
    let (engine, _) = engine(lab).await;
    let made = apply(&engine, "k1", vec![create("Note", &[("contract", "A".into())])]).await;
    let made = made.expect("it is sound").objects.remove(0);
    assert_eq!(keys(&engine, "Note", "contract.code eq 'A'").await, ["2", "5"]);
    let turn = |revision: &str, list: &[(&str, Value)]| vec![update("Note", "5", revision, list)];
    let to_b = turn(&made.revision, &[("customer", "B".into())]);
    let turned = apply(&engine, "k2", to_b).await.expect("it is sound").objects.remove(0);
    assert_eq!(turned.attributes.get("customer"), Some(&"B".into()));
    assert!(!turned.attributes.contains_key("contract"), "{turned:?}");
    // to lead nowhere where it leads nowhere changes nothing
    let nowhere = turn(&turned.revision, &[("contract", Value::Null), ("text", "x".into())]);
    let same = apply(&engine, "k3", nowhere).await.expect("it is sound").objects.remove(0);
    assert_eq!(same.attributes.get("customer"), Some(&"B".into()));
    let nowhere = turn(&same.revision, &[("customer", Value::Null)]);
    let none = apply(&engine, "k4", nowhere).await.expect("it is sound").objects.remove(0);
    assert!(!none.attributes.contains_key("customer"), "{none:?}");
    let both = [("customer", "A".into()), ("contract", "A".into())];
    let error = apply(&engine, "k5", vec![create("Note", &both)]).await.expect_err("one of them");
    let reason = "it shares a column with `contract`, another value";
    assert!(error.to_string().contains(reason), "{error}");
    let lost = [("customer", Value::from("Z"))];
    let error = apply(&engine, "k6", vec![create("Note", &lost)]).await.expect_err("nobody is Z");
    assert!(matches!(error, Error::Violations(_)), "{error}");
}

async fn what_the_column_says_otherwise_leads_nowhere(lab: &Lab) {
    let (engine, installation) = engine(lab).await;
    let beside = beside(&installation).await;
    for kind in ["'X'", "NULL"] {
        let statement = format!("UPDATE \"NOTITIE\" SET \"SOORT\" = {kind} WHERE \"NR\" = 1");
        execute(&beside, &statement).await;
        let note = engine.read("Note", "1").await.expect("it is there");
        assert!(!note.attributes.contains_key("customer") && note.unreadable.is_empty());
        assert_eq!(keys(&engine, "Note", "has(customer)").await, ["3"]);
        assert_eq!(keys(&engine, "Customer", "notes.exists(n, true)").await, ["B"]);
    }
}
