//! Many on both sides, with a class between.

use caruso_expression::Value;
use caruso_object_model::{Data, Model, User};

use super::lab::Lab;
use super::{query, suite, values};
use crate::{Branch, Engine, Order, Tree};

suite!(
    many_belong_to_many_with_what_is_said_of_each_pair,
    a_condition_looks_through_the_class_between,
    pairs_that_are_not_seen_lead_nowhere,
);

const MODEL: &str = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="pairs" country="NL">
  <class id="c" name="Customer" table="KLANT" key="number">
    <attribute id="c1" name="number" column="NR" type="int" required="yes"/>
    <attribute id="c2" name="name" column="NAAM" type="text" length="40"/>
    <to-many id="c3" name="signings" class="Signing" inverse="customer"/>
    <to-many id="c4" name="contracts" class="Contract" inverse="customer"
             through="Signing" onward="contract"/>
  </class>
  <class id="d" name="Contract" table="CONTRACT" key="code">
    <attribute id="d1" name="code" column="CODE" type="text" length="8" required="yes"/>
    <attribute id="d2" name="worth" column="WAARDE" type="int"/>
    <to-many id="d3" name="customers" class="Customer" inverse="contract"
             through="Signing" onward="customer"/>
  </class>
  <class id="e" name="Signing" table="TEKENT" key="customer_number contract_code">
    <attribute id="e1" name="customer_number" column="KLANT" type="int" required="yes"/>
    <attribute id="e2" name="contract_code" column="CONTRACT" type="text" length="8"
               required="yes"/>
    <attribute id="e3" name="role" column="ROL" type="text" length="12" required="yes"/>
    <to-one id="e4" name="customer" class="Customer" column="KLANT" required="yes"/>
    <to-one id="e5" name="contract" class="Contract" column="CONTRACT" required="yes"/>
    RULES
  </class>
</business-objects>"#;

/// Three customers, four contracts, and who signed what.
async fn engine(lab: &Lab, rules: &str) -> Engine {
    let text = MODEL.replace("RULES", rules);
    let (model, findings) = Model::read([("pairs.xml", text.as_bytes())]);
    assert_eq!(findings, []);
    let files = [
        ("Customer.csv", "number,name\n1,Eva\n2,Jan\n3,Piet\n"),
        ("Contract.csv", "code,worth\nA,10\nB,20\nC,30\nD,40\n"),
        (
            "Signing.csv",
            "customer_number,contract_code,customer,contract,role\n1,A,1,A,payer\n1,B,1,B,owner\n\
             1,C,1,C,payer\n2,B,2,B,payer\n2,D,2,D,owner\n",
        ),
    ];
    let data = Data::read(&model, files.map(|(name, text)| (name, text.as_bytes())));
    let data = data.expect("it is sound");
    let installation = lab.installation("pairs");
    Engine::open("pairs", model.into(), &data, &installation).await.expect("it opens")
}

fn branch(relation: &str, branches: Vec<Branch>) -> Branch {
    let order = vec![Order { attribute: "worth".into(), is_descending: true }];
    let order = if relation == "contracts" { order } else { Vec::new() };
    Branch { relation: relation.into(), branches, order, ..Branch::default() }
}

fn keys(trees: &[Tree]) -> Vec<&str> {
    trees.iter().map(|tree| tree.object.key.as_str()).collect()
}

async fn many_belong_to_many_with_what_is_said_of_each_pair(lab: &Lab) {
    let engine = engine(lab, "").await;
    let most = Branch { limit: 2, ..branch("contracts", vec![branch("customers", vec![])]) };
    let branches = [most, branch("signings", vec![branch("contract", vec![])])];
    let tree = engine.fetch("Customer", "1", &branches).await.expect("it is sound");
    let [contracts, signings] = tree.limbs.as_slice() else { panic!("{tree:?}") };
    assert_eq!((keys(&contracts.trees), contracts.has_more), (vec!["C", "B"], true));
    let both: Vec<_> = contracts.trees.iter().map(|tree| keys(&tree.limbs[0].trees)).collect();
    assert_eq!(both, [vec!["1"], vec!["1", "2"]], "each with those who signed it");
    let roles: Vec<_> = signings
        .trees
        .iter()
        .map(|it| (keys(&it.limbs[0].trees)[0], it.object.attributes["role"].to_string()))
        .collect();
    let pair = |code, role: &str| (code, role.to_owned());
    assert_eq!(roles, [pair("A", "payer"), pair("B", "owner"), pair("C", "payer")]);
    let large = Branch {
        filter: "worth gt argument.least".into(),
        arguments: [("least".to_owned(), Value::Int(25))].into(),
        ..branch("contracts", vec![])
    };
    let everybody = branch("contracts", vec![branch("customers", vec![large])]);
    let tree = engine.fetch("Customer", "2", &[everybody]).await.expect("it is sound");
    let of_b = &tree.limbs[0].trees[1].limbs[0].trees;
    let large: Vec<_> = of_b.iter().map(|tree| keys(&tree.limbs[0].trees)).collect();
    assert_eq!((keys(of_b), large), (vec!["1", "2"], vec![vec!["C"], vec!["D"]]));
    let tree = engine.fetch("Customer", "3", &[branch("contracts", vec![])]).await.expect("sound");
    assert!(tree.limbs[0].trees.is_empty());
}

async fn a_condition_looks_through_the_class_between(lab: &Lab) {
    let engine = engine(lab, "").await;
    let table = [
        ("contracts.exists(c, c.worth ge 40)", vec![2]),
        ("contracts.all(c, c.worth le 30)", vec![1, 3]),
        (
            "contracts.exists(c, c.code eq 'B' and c.customers.exists(o, o.name eq 'Jan'))",
            vec![1, 2],
        ),
        ("signings.exists(s, s.role eq 'owner' and s.contract.worth gt 30)", vec![2]),
    ];
    for (filter, expected) in table {
        let page = query(&engine, "Customer", filter).await.expect("it is sound");
        let expected: Vec<Value> = expected.into_iter().map(Value::Int).collect();
        assert_eq!(values(&page, "number"), expected, "{filter}");
    }
}

async fn pairs_that_are_not_seen_lead_nowhere(lab: &Lab) {
    let rules = r#"<rule action="read" when="role eq 'payer'"/>"#;
    let user = User { name: "anna".into(), roles: vec!["agent".into()] };
    let payer = engine(lab, rules).await.on_behalf_of(user.clone());
    let tree = payer.fetch("Customer", "1", &[branch("contracts", vec![])]).await.expect("sound");
    assert_eq!(keys(&tree.limbs[0].trees), ["C", "A"]);
    let page = query(&payer, "Customer", "contracts.exists(c, c.code eq 'B')").await;
    assert_eq!(values(&page.expect("it is sound"), "number"), [Value::Int(2)]);
    // nor does a relation that is not seen
    let rules = r#"<rule action="read" attributes="role contract"/>"#;
    let blind = engine(lab, rules).await.on_behalf_of(user);
    for relation in ["contracts", "signings"] {
        let tree = blind.fetch("Customer", "1", &[branch(relation, vec![])]).await.expect("sound");
        assert!(tree.limbs[0].trees.is_empty(), "{relation}");
    }
    for filter in ["signings.exists(s, true)", "contracts.exists(c, true)"] {
        let page = query(&blind, "Customer", filter).await.expect("it is sound");
        assert!(page.objects.is_empty(), "{filter}");
    }
}
