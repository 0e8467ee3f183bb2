//! Abstract classes: each kind in a table of its own, all of them read together.

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation, User};

use super::changing::{apply, create, update};
use super::lab::{Lab, beside, execute, number};
use super::{query, suite, values};
use crate::{
    Aggregate, Branch, Engine, Error, Existing, Function, Link, LoadOptions, Measure, Order, Query,
};

suite!(
    objects_of_all_tables_are_read_together,
    pages_go_through_all_tables_in_any_order,
    relations_lead_there_and_back,
    figures_are_those_of_all_tables,
    a_change_goes_to_the_table_that_holds_the_object,
    no_key_is_in_two_tables,
    what_is_led_to_is_not_deleted,
    rules_and_constraints_of_the_whole_hold_in_each_table,
    numbers_are_found_in_all_tables,
    what_a_cell_does_not_mean_is_unreadable_there_alone,
    tables_that_are_not_alike_are_refused,
    files_are_loaded_into_kinds_alone,
);

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="papers" country="NL">
  <enum name="state"><value name="open" stored="O"/><value name="closed" stored="D"/></enum>
  <class id="d" name="Document" abstract="yes" key="number" revision="VERSIE">
    <attribute id="d1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="d2" name="state" column="STATUS" type="choice" enum="state"/>
    <attribute id="d3" name="amount" type="decimal" decimals="2"/>
    <attribute id="d4" name="day" column="DATUM" type="date" stored="yyyymmdd"/>
    <attribute id="d5" name="phone" column="TEL" type="text" length="20" search="phone"/>
    <derived id="d6" name="is_large" value="amount ge 100"/>
    <to-one id="d7" name="customer" class="Customer"/>
    <to-many id="d8" name="notes" class="Note" inverse="document"/>
    <constraint id="d9" name="is_no_gift" test="not has(amount) or amount ge 0">
      <message language="en">Nothing is given away.</message>
    </constraint>
    <index attributes="state"/>
    RULES
  </class>
  <class id="i" name="Invoice" extends="Document" table="FACTUUR">
    <attribute-mapping of="amount" column="BEDRAG"/>
    <to-one-mapping of="customer" column="KLANT"/>
    <attribute id="i1" name="is_paid" column="BETAALD" type="bool"/>
  </class>
  <class id="l" name="Letter" extends="Document" table="BRIEF">
    <attribute-mapping of="amount" column="WAARDE"/>
    <to-one-mapping of="customer" column="ONTVANGER"/>
    <attribute id="l1" name="text" column="TEKST" type="text" length="40"/>
  </class>
  <class id="r" name="Reminder" extends="Letter" where="text eq 'pay'"/>
  <class id="c" name="Customer" table="KLANT" key="code">
    <attribute id="c1" name="code" column="CODE" type="int" required="yes"/>
    <attribute id="c2" name="name" column="NAAM" type="text" length="40"/>
    <roll-up id="c4" name="worth" of="documents" function="sum" attribute="amount"/>
    <to-many id="c3" name="documents" class="Document" inverse="customer"/>
  </class>
  <class id="n" name="Note" table="NOTITIE" key="code">
    <attribute id="n1" name="code" column="CODE" type="int" required="yes"/>
    <to-one id="n2" name="document" class="Document" column="STUK"/>
  </class>
</business-objects>"#;

const FILES: [(&str, &str); 4] = [
    ("Customer.csv", "code,name\n1,Eva\n2,Jan\n"),
    (
        "Invoice.csv",
        "number,state,amount,day,phone,customer,is_paid\n\
         B,open,120.50,2026-03-01,06 12345001,1,false\n\
         D,closed,20.00,2026-01-01,,2,true\n",
    ),
    (
        "Letter.csv",
        "number,state,amount,day,phone,customer,text\n\
         A,closed,,2026-02-01,,1,pay\nC,open,5.25,,020-5550001,,hello\n",
    ),
    ("Note.csv", "code,document\n1,A\n2,B\n3,B\n4,\n"),
];

fn model(rules: &str) -> Model {
    let text = MODEL.replace("RULES", rules);
    let (model, findings) = Model::read([("papers.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    model
}

async fn opened(lab: &Lab, rules: &str) -> (Engine, crate::Installation) {
    let model = model(rules);
    let data = Data::read(&model, FILES.map(|(name, text)| (name, text.as_bytes())));
    let installation = lab.installation("papers");
    let data = data.expect("it is sound");
    let opened = Engine::open("u", model.into(), &data, &installation).await;
    (opened.expect("it opens"), installation)
}

async fn engine(lab: &Lab) -> Engine {
    opened(lab, "").await.0
}

async fn keys(engine: &Engine, class: &str, filter: &str) -> Vec<String> {
    let page = query(engine, class, filter).await;
    let page = page.unwrap_or_else(|error| panic!("{class}: {filter}: {error}"));
    page.objects.into_iter().map(|it| it.key).collect()
}

async fn objects_of_all_tables_are_read_together(lab: &Lab) {
    let engine = engine(lab).await;
    let table: &[(&str, &str, &[&str])] = &[
        ("Document", "", &["A", "B", "C", "D"]),
        ("Document", "state eq 'open'", &["B", "C"]),
        ("Document", "amount gt 5 and state eq 'open'", &["B", "C"]),
        ("Document", "not has(amount)", &["A"]),
        ("Document", "day ge '2026-02-01'", &["A", "B"]),
        ("Document", "number in ['A', 'D', 'X']", &["A", "D"]),
        ("Document", "is_large", &["B"]),
        ("Document", "customer.name eq 'Eva'", &["A", "B"]),
        ("Document", "not (customer.name eq 'Eva')", &["C", "D"]),
        ("Document", "notes.exists(n, n.code gt 1)", &["B"]),
        ("Invoice", "state eq 'open' and not is_paid", &["B"]),
        ("Letter", "", &["A", "C"]),
        ("Reminder", "", &["A"]),
        ("Reminder", "notes.exists(n, n.code eq 1)", &["A"]),
        ("Note", "document.state eq 'open'", &["2", "3"]),
        ("Note", "document.customer.name eq 'Eva' and has(document)", &["1", "2", "3"]),
        ("Customer", "documents.exists(d, d.amount eq 20)", &["2"]),
        ("Customer", "documents.all(d, d.state eq 'closed')", &["2"]),
        ("Customer", "worth gt 100", &["1"]),
    ];
    for (class, filter, expected) in table {
        assert_eq!(keys(&engine, class, filter).await, *expected, "{class}: {filter}");
    }
    let one = engine.read("Document", "B").await.expect("it is there");
    assert_eq!(one.attributes["day"], Value::Date("2026-03-01".parse().expect("a day")));
    assert_eq!(one.attributes["customer"], Value::Int(1));
    assert!(!one.attributes.contains_key("is_paid"));
    let invoice = engine.read("Invoice", "B").await.expect("it is there");
    assert_eq!((one.revision, invoice.attributes["is_paid"].clone()), ("1".into(), false.into()));
    assert!(matches!(engine.read("Invoice", "A").await, Err(Error::NotFound(_))));
    let wanted = ["D", "X", "A"].map(str::to_owned);
    let (found, missing) = engine.read_many("Document", &wanted).await.expect("it answers");
    assert_eq!((found.len(), missing), (2, vec!["X".to_owned()]));
}

/// Attributes, each with whether it descends, and the keys in that order.
type Ordered<'a> = (&'a [(&'a str, bool)], [&'a str; 4]);

async fn pages_go_through_all_tables_in_any_order(lab: &Lab) {
    let engine = engine(lab).await;
    let table: &[Ordered<'_>] = &[
        (&[], ["A", "B", "C", "D"]),
        (&[("number", true)], ["D", "C", "B", "A"]),
        (&[("state", false), ("number", true)], ["C", "B", "D", "A"]),
        (&[("amount", false)], ["C", "D", "B", "A"]),
        (&[("customer", true), ("number", false)], ["D", "A", "B", "C"]),
    ];
    for (order, expected) in table {
        let order = order.iter().map(|(attribute, is_descending)| Order {
            attribute: (*attribute).to_owned(),
            is_descending: *is_descending,
        });
        let mut query = Query {
            class: "Document".into(),
            order: order.collect(),
            page_size: 1,
            wants_count: true,
            ..Query::default()
        };
        let mut found = Vec::new();
        loop {
            let page = engine.query(&query).await.expect("it is sound");
            assert_eq!(page.count, Some(4));
            found.extend(page.objects.into_iter().map(|it| it.key));
            query.page_token = page.next_page_token;
            if query.page_token.is_empty() {
                break;
            }
        }
        let mut sorted = found.clone();
        sorted.sort_unstable();
        assert_eq!(sorted, ["A", "B", "C", "D"], "each once: {:?}", query.order);
        // where values are missing differs by engine
        let is_with_missing =
            query.order.iter().any(|it| it.attribute != "number" && it.attribute != "state");
        assert!(is_with_missing || found == *expected, "{found:?}: {:?}", query.order);
    }
}

async fn relations_lead_there_and_back(lab: &Lab) {
    let engine = engine(lab).await;
    for (class, path, key, expected) in [
        ("Note", "document", "B", vec!["2", "3"]),
        ("Document", "customer", "1", vec!["A", "B"]),
        ("Note", "document.customer", "1", vec!["1", "2", "3"]),
    ] {
        let link = Some(Link { path: path.into(), key: key.into() });
        let page = engine.query(&Query { class: class.into(), link, ..Query::default() }).await;
        let found: Vec<String> =
            page.expect("it is sound").objects.into_iter().map(|it| it.key).collect();
        assert_eq!(found, expected, "{class}: {path}");
    }
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let branches = [branch("documents", vec![branch("notes", vec![branch("document", vec![])])])];
    let tree = engine.fetch("Customer", "1", &branches).await.expect("it is sound");
    let documents: Vec<_> = tree.limbs[0].trees.iter().map(|it| &*it.object.key).collect();
    assert_eq!(documents, ["A", "B"]);
    let note = &tree.limbs[0].trees[1].limbs[0].trees[0];
    assert_eq!(note.limbs[0].trees[0].object.key, "B");
    assert_eq!(note.limbs[0].trees[0].object.class, "Document");
}

async fn figures_are_those_of_all_tables(lab: &Lab) {
    let engine = engine(lab).await;
    let measure = |function, attribute: &str| Measure {
        function,
        attribute: Some(attribute.to_owned()).filter(|name| !name.is_empty()),
    };
    let request = Aggregate {
        class: "Document".into(),
        group_by: vec!["state".into()],
        measures: vec![measure(Function::Count, ""), measure(Function::Sum, "amount")],
        ..Aggregate::default()
    };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    let mut found: Vec<String> = groups.iter().map(|group| format!("{group:?}")).collect();
    found.sort_unstable();
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found.iter().any(|it| it.contains("125.75")), "{found:?}");
}

async fn a_change_goes_to_the_table_that_holds_the_object(lab: &Lab) {
    let (engine, installation) = opened(lab, "").await;
    let close = |revision: &str| update("Document", "C", revision, &[("state", "closed".into())]);
    let done = apply(&engine, "k1", vec![close("1")]).await.expect("it is current").objects;
    assert_eq!((&*done[0].class, &*done[0].revision), ("Document", "2"));
    assert_eq!(done[0], engine.read("Document", "C").await.expect("it is there"));
    let letter = engine.read("Letter", "C").await.expect("it is there");
    assert_eq!(letter.attributes["state"], Value::from("closed"));
    let old = apply(&engine, "k2", vec![close("1")]).await.expect_err("it is old");
    assert!(matches!(old, Error::RevisionConflict { .. }), "{old}");
    for class in ["Document", "Letter"] {
        let history = engine.history(class, "C", 0, "").await.expect("it is kept").changes;
        assert_eq!(history[0].before["state"], Value::from("open"), "{class}");
    }
    let made = create("Document", &[("number", "E".into())]);
    let error = apply(&engine, "k3", vec![made]).await.expect_err("of which kind?");
    let words = "operation 0: Document: it is made as one of: Invoice, Letter";
    assert_eq!(error.to_string(), words);
    let list: &[(&str, Value)] =
        &[("number", "E".into()), ("amount", Value::Int(3)), ("customer", "2".into())];
    apply(&engine, "k4", vec![create("Letter", list)]).await.expect("it is sound");
    let note = create("Note", &[("code", Value::Int(9)), ("document", "E".into())]);
    apply(&engine, "k5", vec![note]).await.expect("it leads there");
    let note = create("Note", &[("code", Value::Int(10)), ("document", "X".into())]);
    let error = apply(&engine, "k6", vec![note]).await.expect_err("it leads nowhere");
    assert!(error.to_string().contains("there is no Document with this key"), "{error}");
    let (class, key) = ("Document".to_owned(), "D".to_owned());
    let gone = Operation::Delete { class, key, revision: "1".into() };
    let ended = apply(&engine, "k7", vec![gone]).await.expect("nothing leads there").objects;
    assert_eq!((&*ended[0].class, &*ended[0].key), ("Document", "D"));
    assert_eq!(keys(&engine, "Document", "").await, ["A", "B", "C", "E"]);
    let beside = beside(&installation).await;
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"FACTUUR\"").await, 1);
    assert_eq!(number(&beside, "SELECT COUNT(*) FROM \"BRIEF\"").await, 3);
    engine.publish(&engine.databases["papers"]).await.expect("it is published");
    let heard = engine.changes("papers", 0, &["Document".to_owned()]).await.expect("it answers");
    let heard: Vec<_> = heard.iter().map(|it| (&*it.class, &*it.key)).collect();
    assert_eq!(heard, [("Letter", "C"), ("Letter", "E"), ("Invoice", "D")]);
}

async fn no_key_is_in_two_tables(lab: &Lab) {
    let engine = engine(lab).await;
    let twice = create("Invoice", &[("number", "A".into())]);
    let error = apply(&engine, "k1", vec![twice]).await.expect_err("a letter has it");
    assert!(matches!(error, Error::Duplicate { operation: 0, .. }), "{error}");
    let both = ["Invoice", "Letter"].map(|class| create(class, &[("number", "F".into())]));
    let error = apply(&engine, "k2", both.into()).await.expect_err("the second one");
    assert!(matches!(error, Error::Duplicate { operation: 1, .. }), "{error}");
    assert_eq!(keys(&engine, "Document", "").await, ["A", "B", "C", "D"]);
}

async fn what_is_led_to_is_not_deleted(lab: &Lab) {
    let engine = engine(lab).await;
    for class in ["Document", "Letter", "Reminder"] {
        let (key, revision) = ("A".to_owned(), "1".to_owned());
        let gone = Operation::Delete { class: class.into(), key, revision };
        let error = apply(&engine, "k1", vec![gone]).await.expect_err("a note leads there");
        assert!(matches!(error, Error::InUse { operation: 0, .. }), "{class}: {error}");
    }
}

async fn rules_and_constraints_of_the_whole_hold_in_each_table(lab: &Lab) {
    let rules = r#"<rule action="read" when="state eq 'open'"/>
        <rule action="update" when="amount lt 100"/>"#;
    let (engine, _) = opened(lab, rules).await;
    let anna = engine.on_behalf_of(User { name: "anna".into(), roles: Vec::new() });
    for (class, expected) in [("Document", vec!["B", "C"]), ("Letter", vec!["C"])] {
        assert_eq!(keys(&anna, class, "").await, expected, "{class}");
    }
    let day = |key: &str| update("Document", key, "1", &[("day", Value::Null)]);
    let error = apply(&anna, "k1", vec![day("B")]).await.expect_err("it is large");
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let error = apply(&anna, "k1", vec![day("A")]).await.expect_err("she does not see it");
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    apply(&anna, "k1", vec![day("C")]).await.expect("a rule allows it");
    for class in ["Document", "Invoice"] {
        let gift = update(class, "B", "1", &[("amount", Value::Int(-1))]);
        let error = apply(&engine, "k2", vec![gift]).await.expect_err("it is a gift");
        assert!(error.to_string().contains("Nothing is given away."), "{class}: {error}");
    }
}

async fn numbers_are_found_in_all_tables(lab: &Lab) {
    let engine = engine(lab).await;
    let found = async |number: &str| {
        let found = engine.find_by_number(number).await.expect("it is a number").objects;
        found.into_iter().map(|it| (it.class, it.key)).collect::<Vec<_>>()
    };
    assert_eq!(found("0612345001").await, [("Document".to_owned(), "B".to_owned())]);
    let phone = [("phone", Value::from("020-5550002"))];
    apply(&engine, "k1", vec![update("Letter", "C", "1", &phone)]).await.expect("it is sound");
    assert_eq!(found("0205550001").await, []);
    assert_eq!(found("0205550002").await, [("Document".to_owned(), "C".to_owned())]);
}

async fn what_a_cell_does_not_mean_is_unreadable_there_alone(lab: &Lab) {
    let (engine, installation) = opened(lab, "").await;
    let beside = beside(&installation).await;
    let bad = "UPDATE \"BRIEF\" SET \"DATUM\" = 20261399, \"STATUS\" = 'X' WHERE \"NR\" = 'A'";
    execute(&beside, bad).await;
    let page = query(&engine, "Document", "").await.expect("the page arrives");
    let mut unreadable = page.objects[0].unreadable.clone();
    unreadable.sort_unstable();
    assert_eq!(unreadable, ["day", "state"]);
    assert!(page.objects[1..].iter().all(|it| it.unreadable.is_empty()));
    assert_eq!(values(&page, "number").len(), 4);
}

async fn tables_that_are_not_alike_are_refused(lab: &Lab) {
    let (engine, installation) = opened(lab, "").await;
    drop(engine);
    let beside = beside(&installation).await;
    execute(&beside, "DROP TABLE \"BRIEF\"").await;
    let ty = "varchar(8)";
    let table = format!(
        "CREATE TABLE \"BRIEF\" (\"NR\" {ty} PRIMARY KEY, \"STATUS\" varchar(8), \"WAARDE\" \
         decimal(12,2), \"DATUM\" varchar(8), \"TEL\" varchar(20), \"ONTVANGER\" bigint, \
         \"TEKST\" varchar(40), \"VERSIE\" bigint)"
    );
    execute(&beside, &table).await;
    let opened = Engine::open("u", model("").into(), &Data::default(), &installation).await;
    let error = opened.expect_err("a day in a text and a day in a number").to_string();
    let words = "class `Document`: `day` is not written alike in `FACTUUR`, `BRIEF`";
    assert!(error.contains(words), "{error}");
}

async fn files_are_loaded_into_kinds_alone(lab: &Lab) {
    let engine = engine(lab).await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = folder.path().join("rows.csv");
    std::fs::write(&file, "number,amount\nE,1\nA,2\nC,3\n").expect("it is written");
    let author = super::author();
    let now = super::changing::now();
    let options = LoadOptions { existing: Existing::Refuse, ..LoadOptions::default() };
    let loaded = engine.load("Invoice", &file, &options, &author, now, &mut |_| {}).await;
    let loaded = loaded.expect("it is loaded");
    assert_eq!((loaded.created, loaded.refused), (1, 2), "{loaded:?}");
    assert_eq!(keys(&engine, "Document", "").await, ["A", "B", "C", "D", "E"]);
    let refused = engine.load("Document", &file, &options, &author, now, &mut |_| {}).await;
    let expected = "Document: its objects are those of its kinds; load each kind";
    assert_eq!(refused.expect_err("of which kind?").to_string(), expected);
}
