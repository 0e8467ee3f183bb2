//! Attributes that no column holds.

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation, User};

use super::changing::{apply, update};
use super::lab::Lab;
use super::{query, suite, values};
use crate::{Aggregate, Branch, Engine, Error, Function, Measure, Order, Query, StoredObject};

suite!(
    derived_values_come_with_every_reading,
    what_is_of_another_object_comes_in_the_same_statement,
    filters_orders_and_figures_use_what_the_database_computes,
    what_is_derived_of_hidden_values_is_hidden_too,
    derived_values_are_not_written_nor_kept,
);

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="sums" country="NL">
  <enum name="tier"><value name="small" stored="S"/><value name="large" stored="L"/></enum>
  <class id="c" name="Customer" table="KLANT" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="c2" name="first" column="VOOR" type="text" length="40"/>
    <attribute id="c3" name="last" column="ACHTER" type="text" length="40" required="yes"/>
    <attribute id="c4" name="tier" column="KLASSE" type="choice" enum="tier"/>
    <attribute id="c5" name="credit" column="KREDIET" type="decimal" decimals="2"/>
    <derived id="c6" name="name" value="first.or('') + ' ' + last"/>
    <derived id="c7" name="is_good"
             value="tier eq 'large' or contracts.exists(c, c.worth gt 25.00)"/>
    <derived id="c8" name="called" value="has(credit) and credit gt 100.00 ? 'rich' : last"/>
    <roll-up id="c9" name="contracts_held" of="contracts"/>
    <roll-up id="c10" name="worth" of="contracts" function="sum" attribute="worth"/>
    <roll-up id="c11" name="gas_worth" of="contracts" function="sum" attribute="worth"
             when="kind eq 'gas'"/>
    <roll-up id="c12" name="first_since" of="contracts" function="least" attribute="since"/>
    <roll-up id="c13" name="last_kind" of="contracts" function="greatest" attribute="kind"/>
    <to-many id="c14" name="contracts" class="Contract" inverse="customer"/>
    RULES
  </class>
  <class id="d" name="Contract" table="CONTRACT" key="code">
    <attribute id="d1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <attribute id="d2" name="worth" column="WAARDE" type="decimal" decimals="2"/>
    <attribute id="d3" name="kind" column="SOORT" type="text" length="8"/>
    <attribute id="d4" name="since" column="SINDS" type="date" stored="yyyymmdd" missing="0"/>
    <derived id="d5" name="customer_name" value="customer.last"/>
    <derived id="d8" name="tier" value="customer.tier"/>
    <derived id="d6" name="per_month" value="worth * 0.5"/>
    <to-one id="d7" name="customer" class="Customer" column="KLANT"/>
  </class>
</business-objects>"#;

async fn engine(lab: &Lab, rules: &str) -> Engine {
    let text = MODEL.replace("RULES", rules);
    let (model, findings) = Model::read([("sums.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    let files = [
        (
            "Customer.csv",
            "number,first,last,tier,credit\n1,Eva,Vries,small,150.00\n2,,Jansen,large,\n\
             3,Piet,Smit,,10.50\n",
        ),
        (
            "Contract.csv",
            "code,worth,kind,since,customer\nA,10.25,gas,2020-05-01,1\nB,20.50,power,2019-01-31,1\n\
             C,30.00,gas,,2\nD,,gas,2021-01-01,2\n",
        ),
    ];
    let data = Data::read(&model, files.map(|(name, text)| (name, text.as_bytes())));
    let data = data.expect("it is sound");
    let installation = lab.installation("sums");
    Engine::open("sums", model.into(), &data, &installation).await.expect("it opens")
}

fn shown(object: &StoredObject, names: &[&str]) -> String {
    let value = |name: &&str| match object.attributes.get(*name) {
        Some(value) => value.to_string(),
        None => "null".to_owned(),
    };
    names.iter().map(value).collect::<Vec<_>>().join(" ")
}

const OF_CUSTOMER: [&str; 8] = [
    "name",
    "is_good",
    "called",
    "contracts_held",
    "worth",
    "gas_worth",
    "first_since",
    "last_kind",
];

async fn derived_values_come_with_every_reading(lab: &Lab) {
    let engine = engine(lab, "").await;
    let expected = [
        "Eva Vries false rich 2 30.75 10.25 2019-01-31 power",
        " Jansen true Jansen 2 30.00 30.00 2021-01-01 gas",
        "Piet Smit false Smit 0 null null null null",
    ];
    for (key, expected) in ["1", "2", "3"].into_iter().zip(expected) {
        let object = engine.read("Customer", key).await.expect("it is there");
        assert!(object.unreadable.is_empty(), "{object:?}");
        assert_eq!(shown(&object, &OF_CUSTOMER), expected);
    }
    let page = query(&engine, "Customer", "").await.expect("it is sound");
    let all: Vec<_> = page.objects.iter().map(|it| shown(it, &OF_CUSTOMER)).collect();
    assert_eq!(all, expected);
    let (objects, _) =
        engine.read_many("Contract", &["A".into(), "D".into()]).await.expect("sound");
    let all: Vec<_> =
        objects.iter().map(|it| shown(it, &["customer_name", "tier", "per_month"])).collect();
    assert_eq!(all, ["Vries small 5.125", "Jansen large null"]);
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let branches =
        [branch("contracts", vec![branch("customer", vec![branch("contracts", vec![])])])];
    let tree = engine.fetch("Customer", "1", &branches).await.expect("it is sound");
    let customer = &tree.limbs[0].trees[1].limbs[0].trees[0];
    assert_eq!(shown(&customer.object, &OF_CUSTOMER), expected[0]);
    let contract = &customer.limbs[0].trees[0].object;
    assert_eq!(shown(contract, &["customer_name", "per_month"]), "Vries 5.125");
}

async fn what_is_of_another_object_comes_in_the_same_statement(lab: &Lab) {
    let engine = engine(lab, "").await;
    let view = engine.view();
    let sight = view.sight(engine.plan("Contract").expect("known")).expect("it is sound");
    assert_eq!(sight.joins.len(), 1, "name and tier are of one customer");
    // a rule that hides the customer hides what is of it, not the contract
    let rules = r#"<rule action="read" when="last eq 'Vries'" attributes="last"/>"#;
    let user = User { name: "anna".into(), roles: Vec::new() };
    let engine = self::engine(lab, rules).await.on_behalf_of(user);
    let page = query(&engine, "Contract", "").await.expect("it is sound");
    let all: Vec<_> =
        page.objects.iter().map(|it| shown(it, &["code", "customer_name", "tier"])).collect();
    assert_eq!(all, ["A Vries null", "B Vries null", "C null null", "D null null"]);
    let mut by_name = Query { class: "Contract".into(), ..Query::default() };
    by_name.order = vec![Order { attribute: "customer_name".into(), is_descending: true }];
    by_name.page_size = 3;
    let page = engine.query(&by_name).await.expect("it is sound");
    assert_eq!(values(&page, "code"), ["A", "B", "C"].map(Value::from));
    by_name.page_token = page.next_page_token;
    let page = engine.query(&by_name).await.expect("it is sound");
    assert_eq!(values(&page, "code"), ["D"].map(Value::from));
    let request = Aggregate {
        class: "Contract".into(),
        group_by: vec!["customer_name".into()],
        measures: vec![Measure { function: Function::Count, attribute: None }],
        ..Aggregate::default()
    };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    let counts: Vec<_> = groups.iter().map(|group| group.measures[0].to_string()).collect();
    assert_eq!(counts, ["2", "2"]);
}

async fn filters_orders_and_figures_use_what_the_database_computes(lab: &Lab) {
    let engine = engine(lab, "").await;
    let table: &[(&str, &str, &[&str])] = &[
        ("Customer", "worth gt 30.50", &["1"]),
        ("Customer", "gas_worth ge 10.25 and contracts_held eq 2", &["1", "2"]),
        ("Customer", "not has(worth)", &["3"]),
        ("Customer", "is_good", &["2"]),
        ("Customer", "called eq 'rich' or called eq 'Smit'", &["1", "3"]),
        ("Customer", "first_since lt '2020-01-01'", &["1"]),
        ("Customer", "last_kind eq 'power'", &["1"]),
        ("Contract", "tier eq 'large'", &["C", "D"]),
        ("Contract", "customer.worth gt 30.50", &["A", "B"]),
        ("Contract", "customer_name eq 'Jansen' and customer.is_good", &["C", "D"]),
        ("Contract", "customer.contracts_held eq 2 and worth lt 20.00", &["A"]),
    ];
    for (class, filter, expected) in table {
        let page = query(&engine, class, filter).await;
        let page = page.unwrap_or_else(|error| panic!("{filter}: {error}"));
        let keys: Vec<&str> = page.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, *expected, "{class}: {filter}");
    }
    for (class, filter) in [("Customer", "name eq 'Eva Vries'"), ("Contract", "per_month gt 5.0")] {
        let error = query(&engine, class, filter).await.expect_err("it is not stored");
        let reason = "a value that is computed after reading cannot be asked of a database";
        assert!(error.to_string().contains(reason), "{error}");
    }
    let mut ordered = Query {
        class: "Customer".into(),
        order: vec![Order { attribute: "worth".into(), is_descending: false }],
        page_size: 1,
        ..Query::default()
    };
    let mut keys = Vec::new();
    loop {
        let page = engine.query(&ordered).await.expect("it is sound");
        keys.extend(page.objects.into_iter().map(|it| it.key));
        ordered.page_token = page.next_page_token;
        if ordered.page_token.is_empty() {
            break;
        }
    }
    assert_eq!(keys, ["2", "1", "3"], "what is missing comes last");
    let measure = |function, name: &str| Measure { function, attribute: Some(name.into()) };
    let request = Aggregate {
        class: "Customer".into(),
        group_by: vec!["contracts_held".into()],
        measures: vec![measure(Function::Sum, "worth"), measure(Function::Count, "first_since")],
        ..Aggregate::default()
    };
    let (groups, _) = engine.aggregate(&request).await.expect("it is sound");
    let groups: Vec<_> = groups
        .iter()
        .map(|group| group.by.iter().chain(&group.measures).map(ToString::to_string))
        .map(|values| values.collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(groups, ["0  0", "2 60.75 2"]);
}

async fn what_is_derived_of_hidden_values_is_hidden_too(lab: &Lab) {
    let rules = r#"<rule action="read" attributes="last name worth is_good"/>"#;
    let user = User { name: "anna".into(), roles: Vec::new() };
    let engine = engine(lab, rules).await.on_behalf_of(user);
    let object = engine.read("Customer", "1").await.expect("it is there");
    assert_eq!(shown(&object, &["name", "worth", "contracts_held"]), " Vries 30.75 null");
    assert!(object.withheld.contains(&"contracts_held".to_owned()), "{object:?}");
    let good = query(&engine, "Customer", "is_good").await.expect("it is sound");
    assert_eq!(values(&good, "number"), [Value::Int(2)], "by a contract, not by the hidden tier");
    let by_count = query(&engine, "Customer", "contracts_held eq 2").await.expect("it is sound");
    assert!(by_count.objects.is_empty());
}

async fn derived_values_are_not_written_nor_kept(lab: &Lab) {
    let engine = engine(lab, "").await;
    let before = engine.read("Contract", "A").await.expect("it is there");
    let change = |name: &str, value: Value| {
        vec![update("Contract", "A", &before.revision, &[(name, value)])]
    };
    let error =
        apply(&engine, "k1", change("per_month", Value::Int(1))).await.expect_err("derived");
    let expected = "operation 0: Contract.per_month: it is computed of others";
    assert_eq!(error.to_string(), expected);
    let more = Value::Decimal("40.00".parse().expect("a decimal"));
    let applied = apply(&engine, "k2", change("worth", more)).await.expect("it is sound");
    assert_eq!(shown(&applied.objects[0], &["worth", "per_month"]), "40.00 20.000");
    let again = engine.read("Contract", "A").await.expect("it is there");
    assert_eq!((&again.revision, &again), (&applied.objects[0].revision, &applied.objects[0]));
    let history = engine.history("Contract", "A", 0, "").await.expect("it is kept");
    let changed: Vec<_> = history.changes[0].after.keys().collect();
    assert_eq!(changed, ["worth"]);
    // the revision is of what is stored: a change elsewhere makes nobody late
    let customer = engine.read("Customer", "1").await.expect("it is there");
    assert_eq!(shown(&customer, &["worth"]), "60.50");
    let (class, key) = ("Contract".to_owned(), "B".to_owned());
    let revision = engine.read("Contract", "B").await.expect("it is there").revision;
    let gone = vec![Operation::Delete { class, key, revision }];
    apply(&engine, "k3", gone).await.expect("it is sound");
    let last = [("last", Value::from("de Vries"))];
    let renamed = vec![update("Customer", "1", &customer.revision, &last)];
    let renamed = apply(&engine, "k4", renamed).await.expect("nobody changed the customer");
    assert_eq!(shown(&renamed.objects[0], &["name", "worth"]), "Eva de Vries 40.00");
    assert!(matches!(query(&engine, "Customer", "nme eq 'x'").await, Err(Error::Filter(_))));
}
