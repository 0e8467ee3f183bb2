use caruso_expression::Value;

use super::lab::Lab;
use super::{example, suite};
use crate::{Branch, Error, Order, Tree};

suite!(
    an_object_comes_with_what_belongs_to_it,
    every_object_of_a_branch_has_its_own_limit,
    mistakes_in_a_branch_are_named,
);

fn branch(relation: &str, branches: Vec<Branch>) -> Branch {
    Branch { relation: relation.into(), branches, ..Branch::default() }
}

fn keys(trees: &[Tree]) -> Vec<&str> {
    trees.iter().map(|tree| tree.object.key.as_str()).collect()
}

async fn an_object_comes_with_what_belongs_to_it(lab: &Lab) {
    let engine = example(lab).await;
    let gas = Branch {
        filter: "medium eq argument.medium".into(),
        arguments: [("medium".to_owned(), Value::from("gas"))].into(),
        ..branch("connections", vec![branch("meters", vec![branch("connection", vec![])])])
    };
    let branches = [gas, branch("contact_points", vec![])];
    let tree = engine.fetch("Customer", "100001", &branches).await.expect("it is sound");
    assert_eq!(tree.object.attributes["name"], Value::from("Eva de Vries"));
    let [connections, points] = tree.limbs.as_slice() else { panic!("{tree:?}") };
    assert_eq!(connections.relation, "connections");
    assert_eq!(keys(&connections.trees), ["871687100041000874"]);
    let meters = &connections.trees[0].limbs[0];
    assert_eq!(keys(&meters.trees), ["G446870008716"]);
    assert_eq!(keys(&meters.trees[0].limbs[0].trees), ["871687100041000874"], "and back");
    assert_eq!(points.trees.len(), 3);
    assert!(!points.has_more);
    let error = engine.fetch("Customer", "7", &[]).await.expect_err("nobody");
    assert!(matches!(error, Error::NotFound(_)));
}

async fn every_object_of_a_branch_has_its_own_limit(lab: &Lab) {
    let engine = example(lab).await;
    let newest = Branch {
        order: vec![Order { attribute: "value".into(), is_descending: true }],
        limit: 2,
        ..branch("contact_points", vec![])
    };
    let all = Branch { limit: 200, ..branch("contact_points", vec![]) };
    let up = |points: Branch| branch("connections", vec![branch("customer", vec![points])]);
    let customer = "100001";
    let some = engine.fetch("Customer", customer, &[up(newest)]).await.expect("it is sound");
    let whole = engine.fetch("Customer", customer, &[up(all)]).await.expect("it is sound");
    assert_eq!(some.limbs[0].trees.len(), 2, "two connections, each with its customer");
    for (some, whole) in some.limbs[0].trees.iter().zip(&whole.limbs[0].trees) {
        let (some, whole) = (&some.limbs[0].trees[0].limbs[0], &whole.limbs[0].trees[0].limbs[0]);
        assert!(some.has_more && !whole.has_more);
        let value = |tree: &Tree| tree.object.attributes["value"].to_string();
        let mut values: Vec<_> = whole.trees.iter().map(value).collect();
        values.sort_unstable_by(|a, b| b.cmp(a));
        values.truncate(2);
        assert_eq!(some.trees.iter().map(value).collect::<Vec<_>>(), values);
    }
}

async fn mistakes_in_a_branch_are_named(lab: &Lab) {
    let engine = example(lab).await;
    let error = |branch: Branch| {
        let engine = &engine;
        let fetched = async move { engine.fetch("Customer", "100001", &[branch]).await };
        async move { fetched.await.expect_err("a mistake").to_string() }
    };
    let unknown = branch("conections", vec![]);
    assert_eq!(error(unknown).await, "`Customer` has no `conections`, did you mean `connections`?");
    let attribute = branch("name", vec![]);
    assert!(error(attribute).await.starts_with("`Customer` has no `name`"));
    let many = Branch { limit: 201, ..branch("connections", vec![]) };
    assert_eq!(error(many).await, "filter: a branch has 1 to 200 objects");
    let filter = Branch { filter: "medum eq 'gas'".into(), ..branch("connections", vec![]) };
    assert!(error(filter).await.contains("did you mean `medium`?"));
    let deep = branch(
        "connections",
        vec![branch("meters", vec![branch("connection", vec![branch("meters", vec![])])])],
    );
    assert_eq!(error(deep).await, "filter: branches grow at most 3 deep");
}
