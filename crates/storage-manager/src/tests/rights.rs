//! Rules of the model: what users see and change.

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation};

use super::changing::{apply, create, update};
use super::lab::Lab;
use super::{query, suite, values};
use crate::{Aggregate, Branch, Engine, Error, Function, Link, Measure, Order, Query, User};

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="odd" country="NL">
  <enum name="kind"><value name="plain"/><value name="vip"/></enum>
  <class id="c" name="Client" table="CLIENT" key="number" revision="V">
    <attribute id="c1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="c2" name="kind" column="KIND" type="choice" enum="kind"/>
    <attribute id="c3" name="owner" column="OWNER" type="text" length="20"/>
    <attribute id="c4" name="income" column="INCOME" type="int"/>
    <to-many id="c5" name="cases" class="Case" inverse="client"/>
    <rule role="supervisor" action="read update delete"/>
    <rule role="agent" action="read" when="kind eq 'plain'" attributes="kind owner cases"/>
    <rule role="agent" action="read update" when="owner eq user.name"/>
    <rule role="agent" action="create" when="owner eq user.name" attributes="number kind owner"/>
  </class>
  <class id="d" name="Case" table="CASES" key="number" revision="V">
    <attribute id="d1" name="number" column="NR" type="text" length="8" required="yes"/>
    <attribute id="d2" name="note" column="NOTE" type="text" length="50"/>
    <to-one id="d3" name="client" class="Client" column="CLIENT" required="yes"/>
    <rule action="read" when="client.kind ne 'vip' or 'supervisor' in user.roles"/>
  </class>
</business-objects>"#;

suite!(
    a_user_sees_the_rows_and_values_that_rules_show,
    what_is_not_seen_cannot_be_found_out,
    what_belongs_to_others_stays_hidden_in_trees_and_history,
    a_user_changes_only_what_rules_allow,
    a_user_without_any_rule_sees_nothing,
);

fn user(name: &str, role: &str) -> User {
    User { name: name.into(), roles: vec![role.into()] }
}

fn client(number: &str, kind: &str, owner: &str, income: i64) -> Operation {
    create(
        "Client",
        &[
            ("number", number.into()),
            ("kind", kind.into()),
            ("owner", owner.into()),
            ("income", Value::Int(income)),
        ],
    )
}

fn case(number: &str, client: &str) -> Operation {
    create("Case", &[("number", number.into()), ("client", client.into())])
}

/// Three clients with a case each: for anna a stranger's plain one, her own vip and a stranger's
/// vip.
async fn example(lab: &Lab) -> Engine {
    let (model, findings) = Model::read([("odd.xml", MODEL.as_bytes())]);
    assert_eq!(findings, []);
    let installation = lab.installation("odd");
    let engine = Engine::open("odd", Arc::new(model), &Data::default(), &installation).await;
    let engine = engine.expect("it opens");
    let unit = vec![
        client("1", "plain", "bob", 10),
        client("2", "vip", "anna", 200),
        client("3", "vip", "bob", 3_000),
        case("k1", "1"),
        case("k2", "2"),
        case("k3", "3"),
    ];
    apply(&engine, "first", unit).await.expect("it is sound");
    engine
}

fn texts(list: &[&str]) -> Vec<Value> {
    list.iter().map(|text| Value::from(*text)).collect()
}

async fn a_user_sees_the_rows_and_values_that_rules_show(lab: &Lab) {
    let everything = example(lab).await;
    let anna = everything.on_behalf_of(user("anna", "agent"));
    let page = query(&anna, "Client", "").await.expect("it is sound");
    assert_eq!(values(&page, "number"), texts(&["1", "2"]));
    assert_eq!(values(&page, "income"), [Value::Null, Value::Int(200)]);
    assert_eq!(page.objects[0].withheld, ["income"]);
    assert_eq!(page.objects[1].withheld, [""; 0]);
    assert!(matches!(anna.read("Client", "3").await, Err(Error::NotFound(_))));
    let keys = ["1", "3"].map(str::to_owned);
    let (found, missing) = anna.read_many("Client", &keys).await.expect("it is sound");
    assert_eq!((found.len(), missing), (1, vec!["3".to_owned()]));
    let boss = everything.on_behalf_of(user("carla", "supervisor"));
    let page = query(&boss, "Client", "").await.expect("it is sound");
    assert_eq!(values(&page, "income"), [10, 200, 3_000].map(Value::Int));
    let cases = query(&anna, "Case", "").await.expect("it is sound");
    assert_eq!(values(&cases, "number"), texts(&["k1"]), "rules ask what there is");
}

async fn what_is_not_seen_cannot_be_found_out(lab: &Lab) {
    let everything = example(lab).await;
    let anna = everything.on_behalf_of(user("anna", "agent"));
    for (filter, wanted) in [
        ("income gt 0", &["2"][..]),
        ("not has(income)", &["1"]),
        ("income.or(0) eq 0", &["1"]),
        ("cases.exists(c, c.number eq 'k3')", &[]),
        ("not cases.exists(c, true)", &["2"]),
    ] {
        let page = query(&anna, "Client", filter).await.expect(filter);
        assert_eq!(values(&page, "number"), texts(wanted), "{filter}");
    }
    for (filter, wanted) in [
        ("client.income gt 0", &[][..]),
        ("client.kind eq 'plain'", &["k1"]),
        ("has(client.income)", &[]),
    ] {
        let page = query(&anna, "Case", filter).await.expect(filter);
        assert_eq!(values(&page, "number"), texts(wanted), "{filter}");
    }
    let order = vec![Order { attribute: "income".into(), is_descending: false }];
    let by_income = Query {
        class: "Client".into(),
        order,
        page_size: 1,
        wants_count: true,
        ..Query::default()
    };
    let first = anna.query(&by_income).await.expect("it is sound");
    assert_eq!((values(&first, "number"), first.count), (texts(&["2"]), Some(2)));
    let next = Query { page_token: first.next_page_token, wants_count: false, ..by_income };
    let second = anna.query(&next).await.expect("it is sound");
    assert_eq!(values(&second, "number"), texts(&["1"]), "a value that is not seen is missing");
    let sum = Aggregate {
        class: "Client".into(),
        measures: vec![
            Measure { function: Function::Sum, attribute: Some("income".into()) },
            Measure { function: Function::Count, attribute: None },
        ],
        group_by: vec!["kind".into()],
        ..Aggregate::default()
    };
    let (groups, _) = anna.aggregate(&sum).await.expect("it is sound");
    let figures: Vec<_> = groups.into_iter().map(|group| group.measures).collect();
    let one = Value::Int(1);
    assert_eq!(figures, [[Value::Null, one.clone()], [Value::Int(200), one]]);
}

async fn what_belongs_to_others_stays_hidden_in_trees_and_history(lab: &Lab) {
    let everything = example(lab).await;
    let anna = everything.on_behalf_of(user("anna", "agent"));
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let branches = [branch("cases", vec![branch("client", vec![branch("cases", vec![])])])];
    let tree = anna.fetch("Client", "2", &branches).await.expect("it is sound");
    assert_eq!(tree.limbs[0].trees.len(), 0, "the case of a vip");
    let tree = anna.fetch("Client", "1", &branches).await.expect("it is sound");
    let client = &tree.limbs[0].trees[0].limbs[0].trees[0].object;
    assert_eq!(client.withheld, ["income"]);
    let link = Some(Link { path: "client".into(), key: "3".into() });
    let linked = Query { class: "Case".into(), link, ..Query::default() };
    assert_eq!(anna.query(&linked).await.expect("it is sound").objects, []);
    let history = anna.history("Client", "1", 0, "").await.expect("she sees the client");
    let seen: BTreeSet<_> = history.changes[0].after.keys().map(String::as_str).collect();
    assert_eq!(seen, BTreeSet::from(["kind", "number", "owner"]));
    let hidden = anna.history("Client", "3", 0, "").await;
    assert!(matches!(hidden, Err(Error::NotFound(_))), "{hidden:?}");
}

async fn a_user_changes_only_what_rules_allow(lab: &Lab) {
    let everything = example(lab).await;
    let anna = everything.on_behalf_of(user("anna", "agent"));
    let income = |key: &str| update("Client", key, "1", &[("income", Value::Int(1))]);
    let error = apply(&anna, "k1", vec![income("1")]).await.expect_err("not hers");
    assert_eq!(
        error.to_string(),
        "operation 0: no rule allows to update this Client with `income`"
    );
    let error = apply(&anna, "k2", vec![income("3")]).await.expect_err("she does not see it");
    assert!(matches!(error, Error::NotFound(_)), "{error}");
    apply(&anna, "k3", vec![income("2")]).await.expect("her own");
    let delete =
        Operation::Delete { class: "Client".into(), key: "2".into(), revision: "2".into() };
    let error = apply(&anna, "k4", vec![delete]).await.expect_err("no rule says so");
    assert_eq!(error.to_string(), "operation 0: no rule allows to delete this Client");
    let mut made = client("9", "plain", "anna", 1);
    let error = apply(&anna, "k5", vec![made.clone()]).await.expect_err("not with an income");
    assert_eq!(
        error.to_string(),
        "operation 0: no rule allows to create this Client with `income`"
    );
    if let Operation::Create { attributes, .. } = &mut made {
        attributes.remove("income");
    }
    let done = apply(&anna, "k6", vec![made]).await.expect("her own");
    assert_eq!(done.objects[0].key, "9");
    let others = create("Client", &[("number", "8".into()), ("owner", "bob".into())]);
    let error = apply(&anna, "k7", vec![others]).await.expect_err("for somebody else");
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    let case = create("Case", &[("number", "k9".into()), ("client", "1".into())]);
    let error = apply(&anna, "k8", vec![case.clone()]).await.expect_err("cases are only read");
    assert!(matches!(error, Error::Denied { .. }), "{error}");
    apply(&everything, "k8", vec![case]).await.expect("a component is not a user");
}

async fn a_user_without_any_rule_sees_nothing(lab: &Lab) {
    let everything = example(lab).await;
    let nobody = everything.on_behalf_of(user("dora", "administrator"));
    let page = query(&nobody, "Client", "").await.expect("it is sound");
    assert_eq!(page.objects, []);
    assert!(matches!(nobody.read("Client", "1").await, Err(Error::NotFound(_))));
    let error = apply(&nobody, "k1", vec![client("9", "plain", "dora", 1)]).await;
    assert!(matches!(error, Err(Error::Denied { .. })), "{error:?}");
}
