//! Classes in two databases, of which one may be of another engine.

use caruso_expression::Value;
use caruso_object_model::{Data, Model, Operation, User};

use super::changing::{apply, update};
use super::lab::Lab;
use super::{query, suite, values};
use crate::{Branch, Engine, Error, Link, Query};

suite!(
    a_condition_is_about_objects_of_two_databases,
    a_way_leads_through_two_databases,
    an_object_comes_with_what_another_database_has,
    a_relation_leads_only_to_what_the_other_database_has,
    what_is_not_seen_elsewhere_is_not_found_by_it,
    too_many_elsewhere_are_refused_with_their_class,
);

const MODEL: [(&str, &str); 2] = [
    (
        "customers.xml",
        r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="crm" country="NL">
  <class id="c" name="Customer" table="KLANT" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="c2" name="name" column="NAAM" type="text" length="40"/>
    <attribute id="c3" name="city" column="PLAATS" type="text" length="40"/>
    <to-many id="c4" name="contracts" class="Contract" inverse="customer"/>
    <to-many id="c5" name="products" class="Product" inverse="customer"
             through="Contract" onward="product"/>
    CUSTOMER
  </class>
  <class id="n" name="Note" table="NOTITIE" key="number">
    <attribute id="n1" name="number" column="NR" type="int" required="yes"/>
    <to-one id="n2" name="customer" class="Customer" column="KLANT"/>
    <to-one id="n3" name="contract" class="Contract" column="CONTRACT"/>
  </class>
</business-objects>"#,
    ),
    (
        "billing.xml",
        r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="billing" country="NL">
  <class id="d" name="Contract" table="CONTRACT" key="code">
    <attribute id="d1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <attribute id="d2" name="worth" column="WAARDE" type="int"/>
    <to-one id="d3" name="customer" class="Customer" column="KLANT"/>
    <to-one id="d4" name="product" class="Product" column="PRODUCT"/>
    <to-many id="d5" name="notes" class="Note" inverse="contract"/>
  </class>
  <class id="p" name="Product" table="PRODUCT" key="name">
    <attribute id="p1" name="name" column="NAAM" type="text" length="8" required="yes"/>
  </class>
</business-objects>"#,
    ),
];

/// The customers in a database of the lab, the contracts in a file.
async fn engine(lab: &Lab, rules: &str, contracts: &str) -> Engine {
    let texts = MODEL.map(|(name, text)| (name, text.replace("CUSTOMER", rules)));
    let (model, findings) = Model::read(texts.iter().map(|(name, text)| (*name, text.as_bytes())));
    assert_eq!(findings, []);
    let contracts = format!(
        "code,worth,customer,product\nA,10,1,gas\nB,20,1,power\nC,30,2,gas\nD,40,,gas\n\
         E,50,9,gas\n{contracts}"
    );
    let files = [
        (
            "Customer.csv",
            "number,name,city\n1,Eva,Utrecht\n2,Jan,Zeist\n3,Piet,Utrecht\n9,Ghost,Zeist\n",
        ),
        ("Note.csv", "number,customer,contract\n1,1,C\n2,2,\n3,,A\n"),
        ("Contract.csv", contracts.as_str()),
        ("Product.csv", "name\ngas\npower\n"),
    ];
    let files = files.map(|(name, text)| (name, text.as_bytes()));
    let data = Data::read(&model, files).expect("it is sound");
    let mut installation = lab.installation("crm");
    let file = Lab::file();
    installation.databases.extend(file.installation("billing").databases);
    let engine = Engine::open("two", model.into(), &data, &installation).await.expect("it opens");
    std::mem::forget(file);
    // no database keeps true what leads into another one: contract E leads nowhere now
    let ghost = engine.read("Customer", "9").await.expect("it is there");
    let (class, key, revision) = ("Customer".into(), "9".into(), ghost.revision);
    apply(&engine, "k0", vec![Operation::Delete { class, key, revision }]).await.expect("it goes");
    engine
}

fn ints<const N: usize>(numbers: [i64; N]) -> Vec<Value> {
    numbers.into_iter().map(Value::Int).collect()
}

async fn a_condition_is_about_objects_of_two_databases(lab: &Lab) {
    let engine = engine(lab, "", "").await;
    let table: &[(&str, &str, &[&str])] = &[
        ("Contract", "customer.name eq 'Eva'", &["A", "B"]),
        ("Contract", "not (customer.name eq 'Eva')", &["C", "D", "E"]),
        (
            "Contract",
            "customer.city eq 'Utrecht' and customer.name eq 'Eva' and worth gt 15",
            &["B"],
        ),
        ("Contract", "worth ge 40 or customer.name eq customer.city", &["D", "E"]),
        ("Contract", "customer.number eq 9", &["E"]),
        ("Contract", "customer.number lt 2 and customer.city eq 'Utrecht'", &["A", "B"]),
        ("Contract", "has(customer) and not has(customer.name)", &["E"]),
        ("Contract", "customer.contracts.exists(c, c.worth eq 20)", &["A", "B"]),
        ("Contract", "notes.exists(n, n.number eq 3)", &["A"]),
        ("Contract", "notes.exists(n, n.customer.name eq 'Eva')", &["C"]),
        ("Contract", "customer.name eq 'Nobody'", &[]),
        ("Contract", "customer.contracts.all(c, c.worth gt 15)", &["C", "D", "E"]),
        ("Contract", "customer.city.or('Utrecht') eq 'Utrecht'", &["A", "B", "D", "E"]),
        ("Customer", "contracts.exists(c, c.worth gt 15)", &["1", "2"]),
        ("Customer", "contracts.exists(c, c.worth gt 15 and c.product.name eq 'gas')", &["2"]),
        ("Customer", "contracts.all(c, c.worth gt 15)", &["2", "3"]),
        ("Customer", "contracts.all(c, c.customer.name eq 'Jan')", &["2", "3"]),
        ("Customer", "not contracts.exists(c, true)", &["3"]),
        ("Customer", "products.exists(p, p.name eq 'power')", &["1"]),
        ("Note", "contract.worth lt 20", &["3"]),
        ("Note", "contract.customer.name eq 'Jan'", &["1"]),
        (
            "Note",
            "customer.contracts.exists(c, c.code eq 'C') or customer.name eq 'Eva'",
            &["1", "2"],
        ),
    ];
    for (class, filter, expected) in table {
        let page = query(&engine, class, filter).await;
        let page = page.unwrap_or_else(|error| panic!("{filter}: {error}"));
        let keys: Vec<&str> = page.objects.iter().map(|it| it.key.as_str()).collect();
        assert_eq!(keys, *expected, "{class}: {filter}");
        let wants_count = true;
        let (class, filter) = ((*class).to_owned(), (*filter).to_owned());
        let counted = engine.query(&Query { class, filter, wants_count, ..Query::default() }).await;
        assert_eq!(counted.expect("it is sound").count, u32::try_from(expected.len()).ok());
    }
    for filter in ["customer.number eq worth", "customer.name eq code"] {
        match query(&engine, "Contract", filter).await {
            Ok(page) => assert!(filter.contains("number") && page.objects.is_empty(), "{filter}"),
            Err(error) => assert!(error.to_string().contains("several databases"), "{error}"),
        }
    }
}

async fn a_way_leads_through_two_databases(lab: &Lab) {
    let engine = engine(lab, "", "").await;
    let linked = async |class: &str, path: &str, key: &str| {
        let link = Some(Link { path: path.into(), key: key.into() });
        let page = engine.query(&Query { class: class.into(), link, ..Query::default() }).await;
        let page = page.expect("it is sound");
        page.objects.into_iter().map(|it| it.key).collect::<Vec<_>>()
    };
    assert_eq!(linked("Contract", "customer", "1").await, ["A", "B"]);
    assert_eq!(linked("Note", "contract.customer", "2").await, ["1"]);
    assert_eq!(linked("Note", "contract.product", "gas").await, ["1", "3"]);
    assert!(linked("Note", "contract.customer", "3").await.is_empty());
}

async fn an_object_comes_with_what_another_database_has(lab: &Lab) {
    let engine = engine(lab, "", "").await;
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    let cheap = Branch { filter: "worth lt 15".into(), ..branch("contracts", vec![]) };
    let notes = branch("contracts", vec![branch("notes", vec![branch("customer", vec![])])]);
    let branches = [cheap, branch("products", vec![]), notes];
    let tree = engine.fetch("Customer", "1", &branches).await.expect("it is sound");
    let keys = |limb: usize| -> Vec<&str> {
        tree.limbs[limb].trees.iter().map(|it| it.object.key.as_str()).collect()
    };
    assert_eq!((keys(0), keys(1), keys(2)), (vec!["A"], vec!["gas", "power"], vec!["A", "B"]));
    let note = &tree.limbs[2].trees[0].limbs[0].trees[0];
    assert_eq!((note.object.key.as_str(), note.limbs[0].trees.len()), ("3", 0));
}

async fn a_relation_leads_only_to_what_the_other_database_has(lab: &Lab) {
    let engine = engine(lab, "", "").await;
    let create = |code: &str, customer: &str| Operation::Create {
        class: "Contract".into(),
        attributes: [("code", Value::from(code)), ("customer", Value::from(customer))]
            .map(|(name, value)| (name.to_owned(), value))
            .into(),
    };
    apply(&engine, "k1", vec![create("F", "3")]).await.expect("customer 3 is there");
    let error = apply(&engine, "k2", vec![create("G", "7")]).await.expect_err("nobody is 7");
    let reason = "operation 0: Contract.customer: there is no Customer with this key";
    assert_eq!(error.to_string(), reason);
    let page = query(&engine, "Customer", "contracts.exists(c, c.code eq 'F')").await;
    assert_eq!(values(&page.expect("it is sound"), "number"), ints([3]));
    // one unit of work is in one database
    let eva = engine.read("Customer", "1").await.expect("she is there");
    let name = [("name", Value::from("E."))];
    let both = vec![create("H", "1"), update("Customer", "1", &eva.revision, &name)];
    let error = apply(&engine, "k3", both).await.expect_err("two databases");
    assert!(error.to_string().contains("it is held by another database"), "{error}");
}

async fn what_is_not_seen_elsewhere_is_not_found_by_it(lab: &Lab) {
    let rules = r#"<rule action="read" when="city eq 'Zeist'" />
                   <rule action="read" attributes="name"/>"#;
    let user = User { name: "anna".into(), roles: Vec::new() };
    let engine = engine(lab, rules, "").await.on_behalf_of(user);
    let by_name = query(&engine, "Contract", "customer.name eq 'Eva'").await.expect("it is sound");
    assert_eq!(by_name.objects.len(), 2);
    let by_city = query(&engine, "Contract", "customer.city eq 'Utrecht'").await;
    assert!(by_city.expect("it is sound").objects.is_empty());
    let by_city = query(&engine, "Contract", "customer.city eq 'Zeist'").await;
    assert_eq!(by_city.expect("it is sound").objects.len(), 1);
}

async fn too_many_elsewhere_are_refused_with_their_class(lab: &Lab) {
    let lines = (0..1_001).map(|number| format!("X{number},5,,gas\n"));
    let engine = engine(lab, "", &lines.collect::<String>()).await;
    let error = query(&engine, "Note", "contract.worth eq 5").await.expect_err("1,001 contracts");
    assert!(matches!(error, Error::TooManyElsewhere { .. }), "{error}");
    let expected = "it is about more than 1000 of Contract in database `billing`; say more of them";
    assert_eq!(error.to_string(), expected);
    // what goes the same way is asked together
    let few = query(&engine, "Note", "contract.worth lt 15 and contract.code eq 'A'").await;
    assert_eq!(values(&few.expect("one contract"), "number"), ints([3]));
}
