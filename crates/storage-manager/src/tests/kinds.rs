//! Classes that are a kind of another one: in the same table, or with one of their own.

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation, User};

use super::changing::{apply, create, update};
use super::lab::{Lab, beside, number};
use super::{query, suite, values};
use crate::{Author, Branch, Engine, Error, Existing, LoadOptions, StoredObject};

suite!(
    an_object_is_one_of_each_class_of_its_family,
    a_new_object_gets_what_makes_it_one_of_its_class,
    an_object_of_several_tables_changes_in_all_of_them,
    whoever_follows_a_class_hears_of_its_kinds,
    numbers_of_a_kind_are_those_of_its_base,
    rules_of_a_class_hold_for_its_kinds,
    a_file_is_loaded_into_a_kind,
    a_file_is_loaded_into_several_tables,
    a_file_changes_objects_of_several_tables,
);

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="parties" country="NL">
  <enum name="kind"><value name="person" stored="P"/><value name="company" stored="B"/></enum>
  <class id="p" name="Party" table="RELATIE" key="number" key-source="assigned" revision="VERSIE">
    <attribute id="p1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="p2" name="kind" column="SOORT" type="choice" enum="kind" required="yes"/>
    <attribute id="p3" name="name" column="NAAM" type="text" length="40" required="yes"/>
    <attribute id="p4" name="phone" column="TELEFOON" type="text" length="20" search="phone"/>
    <to-one id="p5" name="parent" class="Company" column="HOOFD"/>
    <to-many id="p6" name="orders" class="Order" inverse="party"/>
    RULES
  </class>
  <class id="c" name="Company" extends="Party" where="kind eq 'company'">
    <attribute id="c1" name="vat" column="BTWNR" type="text" length="20" required="yes"/>
    <derived id="c2" name="shown" value="name + ' ' + vat"/>
    <to-many id="c3" name="children" class="Party" inverse="parent"/>
    <unique name="vat" attributes="vat"/>
  </class>
  <class id="l" name="LargeCompany" extends="Company" table="GROOT" key-columns="RELATIENR">
    <attribute id="l1" name="manager" column="BEHEERDER" type="text" length="40"/>
    <attribute id="l2" name="discount" column="KORTING" type="int" required="yes"/>
    <to-one id="l3" name="deputy" class="Party" column="PLAATSVERVANGER"/>
  </class>
  <class id="v" name="Person" extends="Party" where="kind eq 'person' and not has(parent)"/>
  <class id="o" name="Order" table="BESTELLING" key="code">
    <attribute id="o1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <to-one id="o2" name="party" class="Party" column="RELATIE"/>
  </class>
</business-objects>"#;

fn model(rules: &str) -> Model {
    let text = MODEL.replace("RULES", rules);
    let (model, findings) = Model::read([("parties.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

/// Two people, two companies, a large one; one person works for a company.
async fn engine(lab: &Lab, rules: &str) -> Engine {
    let installation = lab.installation("parties");
    let opened = Engine::open("p", model(rules).into(), &Data::default(), &installation).await;
    let engine = opened.expect("it opens");
    let text = |text: &str| Value::from(text);
    let operations = vec![
        create("Person", &[("name", text("Eva")), ("phone", text("06 12345001"))]),
        create("Company", &[("name", text("Molen")), ("vat", text("NL1"))]),
        create(
            "LargeCompany",
            &[
                ("name", text("Haven")),
                ("vat", text("NL2")),
                ("phone", text("020-5550001")),
                ("manager", text("Jan")),
                ("discount", Value::Int(5)),
                ("deputy", text("1")),
            ],
        ),
        create("Party", &[("kind", text("person")), ("name", text("Piet")), ("parent", text("2"))]),
        create("Order", &[("code", text("A")), ("party", text("3"))]),
        create("Order", &[("code", text("B")), ("party", text("1"))]),
    ];
    apply(&engine, "begin", operations).await.expect("it is sound");
    engine
}

async fn names(engine: &Engine, class: &str, filter: &str) -> Vec<String> {
    let page = query(engine, class, filter).await;
    let page = page.unwrap_or_else(|error| panic!("{class}: {filter}: {error}"));
    values(&page, "name").iter().map(ToString::to_string).collect()
}

async fn an_object_is_one_of_each_class_of_its_family(lab: &Lab) {
    let engine = engine(lab, "").await;
    let table: &[(&str, &str, &[&str])] = &[
        ("Party", "", &["Eva", "Molen", "Haven", "Piet"]),
        ("Company", "", &["Molen", "Haven"]),
        ("LargeCompany", "", &["Haven"]),
        ("Person", "", &["Eva"]),
        ("Company", "vat eq 'NL2' and name eq 'Haven'", &["Haven"]),
        ("LargeCompany", "discount gt 3 and vat eq 'NL2' and deputy.name eq 'Eva'", &["Haven"]),
        ("LargeCompany", "orders.exists(o, o.code eq 'A')", &["Haven"]),
        ("Company", "children.exists(c, c.name eq 'Piet')", &["Molen"]),
        ("Party", "parent.vat eq 'NL1'", &["Piet"]),
        ("Person", "not (name eq 'Eva')", &[]),
    ];
    for (class, filter, expected) in table {
        assert_eq!(names(&engine, class, filter).await, *expected, "{class}: {filter}");
    }
    let large = engine.read("LargeCompany", "3").await.expect("it is there");
    assert_eq!(large.attributes["manager"], Value::from("Jan"));
    assert_eq!(large.attributes["shown"], Value::from("Haven NL2"));
    let party = engine.read("Party", "3").await.expect("it is there");
    assert_eq!((&party.revision, &party.attributes["name"]), (&large.revision, &"Haven".into()));
    assert!(!party.attributes.contains_key("manager"));
    assert!(matches!(engine.read("Company", "1").await, Err(Error::NotFound(_))));
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let branches = [branch("children", vec![branch("parent", vec![])]), branch("orders", vec![])];
    let tree = engine.fetch("Company", "2", &branches).await.expect("it is sound");
    assert_eq!(tree.limbs[0].trees[0].limbs[0].trees[0].object.key, "2");
    assert!(tree.limbs[1].trees.is_empty());
}

async fn a_new_object_gets_what_makes_it_one_of_its_class(lab: &Lab) {
    let engine = engine(lab, "").await;
    let company = engine.read("Company", "2").await.expect("it is there");
    assert_eq!(company.attributes["kind"], Value::from("company"));
    let list: &[(&str, Value)] =
        &[("name", "X".into()), ("vat", "NL9".into()), ("kind", "person".into())];
    let error = apply(&engine, "k1", vec![create("Company", list)]).await.expect_err("no company");
    assert_eq!(error.to_string(), "operation 0: Company: it would not be a Company");
    let kind = [("kind", Value::from("person"))];
    let turned = vec![update("Company", "2", &company.revision, &kind)];
    let error = apply(&engine, "k2", turned).await.expect_err("it would be a person");
    assert_eq!(error.to_string(), "operation 0: Company: it would not be a Company");
    assert_eq!(engine.read("Company", "2").await.expect("it is there"), company);
    let same = vec![create("Company", &[("name", "Y".into()), ("vat", "NL1".into())])];
    let error = apply(&engine, "k3", same).await.expect_err("the number is taken");
    assert_eq!(error.to_string(), "operation 0: there is a Company with this `vat` already");
    let lacking = vec![create("Company", &[("name", "Y".into())])];
    let error = apply(&engine, "k4", lacking).await.expect_err("it needs one");
    assert_eq!(error.to_string(), "operation 0: Company.vat: a value is required");
}

async fn an_object_of_several_tables_changes_in_all_of_them(lab: &Lab) {
    let installation = lab.installation("parties");
    let opened = Engine::open("p", model("").into(), &Data::default(), &installation).await;
    let engine = opened.expect("it opens");
    let list: &[(&str, Value)] =
        &[("name", "Haven".into()), ("vat", "NL2".into()), ("discount", Value::Int(5))];
    let made = apply(&engine, "k1", vec![create("LargeCompany", list)]).await.expect("sound");
    let StoredObject { key, revision, .. } = made.objects[0].clone();
    let list: &[(&str, Value)] = &[("name", "Poort".into()), ("manager", "Piet".into())];
    let changed = vec![update("LargeCompany", &key, &revision, list)];
    let changed = apply(&engine, "k2", changed).await.expect("it is sound").objects.remove(0);
    assert_eq!(changed.attributes["manager"], Value::from("Piet"));
    // what changes in the further table alone is a change of the whole
    let list: &[(&str, Value)] = &[("discount", Value::Int(7))];
    let again = vec![update("LargeCompany", &key, &changed.revision, list)];
    let again = apply(&engine, "k3", again).await.expect("it is sound").objects.remove(0);
    assert_ne!(again.revision, changed.revision);
    let late = vec![update("Party", &key, &changed.revision, &[("name", "Z".into())])];
    let error = apply(&engine, "k4", late).await.expect_err("somebody was faster");
    assert!(matches!(error, Error::RevisionConflict { .. }), "{error}");
    let (class, revision) = ("Party".to_owned(), again.revision);
    let gone = vec![Operation::Delete { class, key, revision }];
    apply(&engine, "k5", gone).await.expect("all of it goes");
    let beside = beside(&installation).await;
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"GROOT\"").await, 0);
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"RELATIE\"").await, 0);
}

async fn whoever_follows_a_class_hears_of_its_kinds(lab: &Lab) {
    let engine = engine(lab, "").await;
    let large = engine.read("LargeCompany", "3").await.expect("it is there");
    let list: &[(&str, Value)] = &[("name", "Poort".into()), ("discount", Value::Int(9))];
    let changed = vec![update("LargeCompany", "3", &large.revision, list)];
    apply(&engine, "k1", changed).await.expect("it is sound");
    for (class, expected) in [("Party", vec!["name"]), ("LargeCompany", vec!["discount", "name"])] {
        let history = engine.history(class, "3", 0, "").await.expect("it is kept");
        assert_eq!(history.changes.len(), 2, "{class}");
        let after: Vec<_> = history.changes[0].after.keys().map(String::as_str).collect();
        assert_eq!(after, expected, "{class}");
    }
    let database = engine.database(engine.plan("Party").expect("known")).expect("known");
    engine.publish(database).await.expect("it answers");
    let of = async |class: &str| {
        let changes = engine.changes("parties", 0, &[class.to_owned()]).await;
        changes.expect("it answers").into_iter().map(|it| it.key).collect::<Vec<_>>()
    };
    assert_eq!(of("Order").await, ["A", "B"]);
    assert_eq!(of("Party").await, ["1", "2", "3", "4", "3"]);
}

async fn numbers_of_a_kind_are_those_of_its_base(lab: &Lab) {
    let engine = engine(lab, "").await;
    let found = engine.find_by_number("0205550001").await.expect("it is a number");
    let found: Vec<_> = found.objects.iter().map(|it| (&*it.class, &*it.key)).collect();
    assert_eq!(found, [("Party", "3")]);
    let large = engine.read("LargeCompany", "3").await.expect("it is there");
    let phone = [("phone", Value::from("020-5550002"))];
    let changed = vec![update("LargeCompany", "3", &large.revision, &phone)];
    apply(&engine, "k1", changed).await.expect("it is sound");
    assert!(engine.find_by_number("0205550001").await.expect("a number").objects.is_empty());
    assert_eq!(engine.find_by_number("0205550002").await.expect("a number").objects.len(), 1);
}

async fn rules_of_a_class_hold_for_its_kinds(lab: &Lab) {
    let rules = r#"<rule action="read" when="name eq 'Haven'" attributes="name phone"/>"#;
    let user = User { name: "anna".into(), roles: Vec::new() };
    let engine = engine(lab, rules).await.on_behalf_of(user);
    for class in ["Party", "Company", "LargeCompany"] {
        assert_eq!(names(&engine, class, "").await, ["Haven"], "{class}");
    }
    let large = engine.read("LargeCompany", "3").await.expect("it is seen");
    assert!(large.withheld.contains(&"manager".to_owned()), "{large:?}");
    assert_eq!(large.attributes.get("phone"), Some(&"020-5550001".into()));
}

async fn a_file_is_loaded_into_a_kind(lab: &Lab) {
    let engine = engine(lab, "").await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, "name,vat\nBrug,NL7\nDam,NL1\n").expect("it is written");
    let author = Author { actor: "test".into(), request: "r".into() };
    let now = super::changing::now();
    let options = LoadOptions { existing: Existing::Refuse, ..LoadOptions::default() };
    let loaded = engine.load("Company", &file, &options, &author, now, &mut |_| {}).await;
    let loaded = loaded.expect("it is loaded");
    assert_eq!((loaded.created, loaded.refused), (1, 1), "{loaded:?}");
    assert_eq!(names(&engine, "Company", "vat eq 'NL7'").await, ["Brug"]);
}

async fn a_file_is_loaded_into_several_tables(lab: &Lab) {
    let installation = lab.installation("parties");
    let opened = Engine::open("p", model("").into(), &Data::default(), &installation).await;
    let engine = opened.expect("it opens");
    let person = create("Person", &[("name", "Eva".into()), ("phone", "06 12345001".into())]);
    apply(&engine, "k1", vec![person]).await.expect("it is sound");
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("rows.csv");
    let refused = folder.path().join("refused.csv");
    let rows = "name,vat,phone,discount,manager,deputy\n\
                Brug,NL7,020-5550007,5,Jan,1\n\
                Dam,NL7,,5,,\n\
                Sluis,NL8,,,,\n\
                Kade,NL9,,7,,99\n\
                Haven,NL2,,9,,\n";
    std::fs::write(&file, rows).expect("it is written");
    let (author, now) = (super::author(), super::changing::now());
    let load = async |options: &LoadOptions| {
        let loaded = engine.load("LargeCompany", &file, options, &author, now, &mut |_| {}).await;
        loaded.expect("it is loaded")
    };
    let beside = beside(&installation).await;
    let trial = LoadOptions { is_trial: true, ..LoadOptions::default() };
    let tried = load(&trial).await;
    assert_eq!((tried.created, tried.refused), (2, 3), "{tried:?}");
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"GROOT\"").await, 0, "it is taken back");
    let options = LoadOptions { refused: Some(refused.clone()), ..LoadOptions::default() };
    let loaded = load(&options).await;
    let mut reasons = loaded.reasons.clone();
    reasons.sort_by_key(|it| it.line);
    let reasons: Vec<_> =
        reasons.iter().map(|it| format!("{} {}: {}", it.line, it.name, it.reason)).collect();
    assert_eq!(
        reasons,
        [
            "3 vat: a row before it has the same `vat`",
            "4 discount: a value is required",
            "5 deputy: there is no Party with this key",
        ]
    );
    assert_eq!((loaded.created, loaded.refused), (2, 3));
    assert_eq!(names(&engine, "LargeCompany", "").await, ["Brug", "Haven"]);
    assert_eq!(names(&engine, "Company", "vat eq 'NL7'").await, ["Brug"]);
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"GROOT\"").await, 2);
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"RELATIE\"").await, 3);
    let again = load(&LoadOptions::default()).await;
    assert_eq!((again.done_before, again.created), (5, 2), "it was loaded already");
    let found = engine.find_by_number("0205550007").await.expect("a number").objects;
    let key = found[0].key.clone();
    let history = engine.history("LargeCompany", &key, 0, "").await.expect("it is kept").changes;
    assert_eq!(history[0].reason, "loaded from a file");
    assert_eq!(history[0].after["manager"], Value::from("Jan"));
    let bad = std::fs::read_to_string(&refused).expect("it is there");
    assert_eq!(bad.lines().count(), 4, "{bad}");
}

/// Contracts that are given their numbers, and framework contracts, which are more.
const CONTRACTS: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="contracts" country="NL">
  <class id="c" name="Contract" table="CONTRACT" key="number" revision="VERSIE">
    <attribute id="c1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="c2" name="title" column="TITEL" type="text" length="20"/>
  </class>
  <class id="f" name="Framework" extends="Contract" table="RAAM" key-columns="CONTRACT">
    <attribute id="f1" name="limit" column="GRENS" type="int"/>
    <constraint id="f2" name="is_positive" test="not has(limit) or limit gt 0">
      <message language="en">There is a limit.</message>
    </constraint>
  </class>
</business-objects>"#;

async fn a_file_changes_objects_of_several_tables(lab: &Lab) {
    let (model, findings) = Model::read([("contracts.xml", CONTRACTS.as_bytes())]);
    assert_eq!(findings, []);
    let installation = lab.installation("contracts");
    let opened = Engine::open("c", model.into(), &Data::default(), &installation).await;
    let engine = opened.expect("it opens");
    let folder = tempfile::TempDir::new().expect("a folder");
    let (author, now) = (super::author(), super::changing::now());
    let load = async |name: &str, rows: &str, existing| {
        let file = folder.path().join(name);
        std::fs::write(&file, rows).expect("it is written");
        let options = LoadOptions { existing, ..LoadOptions::default() };
        let loaded = engine.load("Framework", &file, &options, &author, now, &mut |_| {}).await;
        let loaded = loaded.expect("it is loaded");
        [loaded.created, loaded.updated, loaded.unchanged, loaded.skipped, loaded.refused]
    };
    let first = "number,title,limit\nA,one,1\nB,two,2\nC,three,0\nA,twice,1\n";
    assert_eq!(load("1.csv", first, Existing::Refuse).await, [2, 0, 0, 0, 2]);
    let second = "number,title,limit\nA,one,1\nB,,20\nC,three,3\n";
    assert_eq!(load("2.csv", second, Existing::Skip).await, [1, 0, 0, 2, 0]);
    assert_eq!(load("3.csv", second, Existing::Update).await, [0, 1, 2, 0, 0]);
    let changed = engine.read("Framework", "B").await.expect("it is there");
    assert_eq!(changed.attributes.get("title"), None);
    assert_eq!((changed.attributes["limit"].clone(), &*changed.revision), (Value::Int(20), "2"));
    let third = "number,limit\nA,-1\n";
    assert_eq!(load("4.csv", third, Existing::Update).await, [0, 0, 0, 0, 1]);
}
