//! One set of assertions, of a class in a database and of the same behind a wrapper.

use caruso_object_model::User;

use super::*;
use crate::tests::{query, suite};
use crate::{Aggregate, Branch, Error, Function, Link, Measure, Order, Query, StoredObject};

suite!(
    an_object_is_read_by_its_key,
    filters_choose_the_same,
    conditions_cross_between_databases_and_wrappers,
    links_lead_there_and_back,
    pages_follow_each_other_in_any_order,
    a_tree_grows_in_both_directions,
    figures_are_the_same,
    rules_hide_rows_and_values,
);

const BOTH: [Holder; 2] = [Holder::Database, Holder::Wrapper];

fn keys(objects: &[StoredObject]) -> Vec<&str> {
    objects.iter().map(|object| object.key.as_str()).collect()
}

async fn an_object_is_read_by_its_key(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        let invoice = engine.read("Invoice", "F1").await.expect("it is there");
        let expected = [
            ("amount", amount("120.50")),
            ("customer", Value::Int(1)),
            ("due", Value::Date("2026-03-01".parse().expect("a day"))),
            ("is_disputed", Value::Bool(false)),
            ("is_large", Value::Bool(true)),
            ("number", Value::from("F1")),
            ("status", Value::from("open")),
            ("title", Value::from("Invoice F1")),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value));
        assert_eq!(invoice.attributes, expected.into(), "{holder:?}");
        assert_eq!((invoice.unreadable.len(), invoice.withheld.len()), (0, 0));
        let again = engine.read("Invoice", "F1").await.expect("it is there");
        assert_eq!((again.revision.is_empty(), again.revision), (false, invoice.revision));
        assert!(matches!(engine.read("Invoice", "f1").await, Err(Error::NotFound(_))));
        assert!(engine.read("Invoice", "f5").await.is_ok());
        assert!(engine.read("Payment", r"N\,L,2025-12-31").await.is_ok());
        assert!(matches!(engine.read("Payment", "NL1").await, Err(Error::NotFound(_))));
        let wanted = ["F5", "F9", "F2", "F2"].map(str::to_owned);
        let (found, missing) = engine.read_many("Invoice", &wanted).await.expect("it answers");
        assert_eq!((keys(&found), missing), (vec!["F5", "F2", "F2"], vec!["F9".to_owned()]));
    }
}

/// Filters over invoices, and what they choose.
const FILTERS: &[(&str, &[&str])] = &[
    ("", &["F1", "F2", "F3", "F4", "F5", "f5"]),
    ("number eq 'F1'", &["F1"]),
    ("number in ['F1', 'F4', 'F9'] and status eq 'open'", &["F1"]),
    ("status eq 'open'", &["F1", "F3", "f5"]),
    ("status ne 'open'", &["F2", "F5"]),
    ("not (status eq 'open')", &["F2", "F4", "F5"]),
    ("status eq 'open' and amount ge 99.99", &["F1", "F3"]),
    ("status in ['open', 'paid'] and is_disputed", &["F2"]),
    ("status eq 'open' or amount eq 20", &["F1", "F2", "F3", "f5"]),
    ("amount lt 99.995 and amount gt -10", &["F2", "F3", "f5"]),
    ("not has(status)", &["F4"]),
    ("due lt '2026-03-01'", &["F2", "F5"]),
    ("is_disputed == false", &["F1", "F5", "f5"]),
    ("number.startsWith('F') and is_large", &["F1", "F5"]),
    ("customer.number eq 1", &["F1", "F2"]),
    ("customer.number in [1, 3] and status eq 'paid'", &["F2", "F5"]),
    ("has(customer) and not has(is_disputed)", &["F3"]),
    ("status eq 'open' and status eq 'paid'", &[]),
];

async fn filters_choose_the_same(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        for (filter, expected) in FILTERS {
            let page = query(&engine, "Invoice", filter).await.expect(filter);
            assert_eq!(keys(&page.objects), *expected, "{holder:?}: {filter}");
            let (class, filter) = ("Invoice".to_owned(), (*filter).to_owned());
            let counted = Query { class, filter, wants_count: true, ..Query::default() };
            let count = engine.query(&counted).await.expect("it is sound").count;
            assert_eq!(count, u32::try_from(expected.len()).ok(), "{holder:?}: {counted:?}");
        }
        for _ in 0..2 {
            // the second time by the statement that was kept
            let query = Query {
                class: "Invoice".into(),
                filter: "status eq argument.status and amount gt argument.amount".into(),
                arguments: [("status", Value::from("open")), ("amount", amount("100"))]
                    .map(|(name, value)| (name.to_owned(), value))
                    .into(),
                ..Query::default()
            };
            assert_eq!(keys(&engine.query(&query).await.expect("it is sound").objects), ["F1"]);
        }
        let refused = query(&engine, "Invoice", "amount + 1 gt 2").await.expect_err("arithmetic");
        assert!(matches!(refused, Error::Filter(_)), "{holder:?}: {refused}");
    }
}

async fn conditions_cross_between_databases_and_wrappers(lab: &Lab) {
    let table: &[(&str, &str, &[&str])] = &[
        ("Customer", "invoices.exists(i, i.status eq 'open')", &["1", "2"]),
        ("Customer", "invoices.exists(i, i.amount gt 100 and i.status eq 'open')", &["1"]),
        ("Customer", "not invoices.exists(i, i.status eq 'open')", &["3"]),
        ("Customer", "invoices.all(i, i.status eq 'paid')", &["3"]),
        ("Customer", "invoices.exists(i, i.payments.exists(p, p.amount eq 50))", &["1"]),
        ("Note", "invoice.status eq 'open' and invoice.amount lt 100", &["2"]),
        ("Note", "invoice.customer.name eq 'Eva'", &["1"]),
        ("Note", "not (invoice.status eq 'open')", &["3"]),
        ("Invoice", "customer.name eq 'Eva'", &["F1", "F2"]),
        ("Invoice", "not (customer.name eq 'Eva') and has(customer)", &["F3", "F5", "f5"]),
        ("Invoice", "customer.name eq 'Nobody'", &[]),
        ("Invoice", "notes.exists(n, n.number eq 2)", &["F3"]),
        ("Invoice", "corrects.status eq 'open'", &["F2", "F4"]),
        ("Invoice", "corrects.corrects.number eq 'F1'", &["F5"]),
        ("Invoice", "payments.exists(p, p.day lt '2026-01-01')", &["F5"]),
        ("Payment", "invoice.customer.name eq 'Eva'", &["NL1,2026-02-01", "NL1,2026-03-01"]),
    ];
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        for (class, filter, expected) in table {
            let page = query(&engine, class, filter).await;
            let page = page.unwrap_or_else(|error| panic!("{holder:?}: {filter}: {error}"));
            assert_eq!(keys(&page.objects), *expected, "{holder:?}: {class}: {filter}");
        }
    }
}

async fn links_lead_there_and_back(lab: &Lab) {
    for holder in BOTH {
        let (engine, shelf) = engine(lab, holder, "").await;
        let linked = async |class: &str, path: &str, key: &str| {
            let link = Some(Link { path: path.into(), key: key.into() });
            let page = engine.query(&Query { class: class.into(), link, ..Query::default() }).await;
            page.expect("it is sound").objects.into_iter().map(|it| it.key).collect::<Vec<_>>()
        };
        assert_eq!(linked("Invoice", "customer", "1").await, ["F1", "F2"], "{holder:?}");
        let asked: &[&str] = match holder {
            Holder::Database => &[],
            Holder::Wrapper => &["billing: Invoice customer=1"],
        };
        assert_eq!(shelf.asked(), asked);
        assert_eq!(linked("Note", "invoice", "F3").await, ["2"]);
        assert_eq!(linked("Note", "invoice.customer", "1").await, ["1"]);
        assert_eq!(linked("Payment", "invoice.corrects", "F1").await, ["NL1,2026-02-01"]);
        assert_eq!(linked("Invoice", "corrects", "F1").await, ["F2"]);
        assert!(linked("Invoice", "customer", "9").await.is_empty());
    }
}

async fn pages_follow_each_other_in_any_order(lab: &Lab) {
    let orders: [(&str, bool, [&str; 6]); 4] = [
        ("amount", false, ["f5", "F2", "F3", "F1", "F5", "F4"]),
        ("due", true, ["F3", "F1", "f5", "F2", "F5", "F4"]),
        ("status", false, ["F1", "F3", "f5", "F2", "F5", "F4"]),
        ("is_large", true, ["F1", "F5", "F2", "F3", "F4", "f5"]),
    ];
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        for (attribute, is_descending, expected) in orders {
            let order = vec![Order { attribute: attribute.into(), is_descending }];
            let (class, page_size) = ("Invoice".into(), 2);
            let mut query = Query { class, order, page_size, ..Query::default() };
            let mut all = Vec::new();
            loop {
                let page = engine.query(&query).await.expect("it is sound");
                all.extend(page.objects.into_iter().map(|object| object.key));
                query.page_token = page.next_page_token;
                if query.page_token.is_empty() {
                    break;
                }
            }
            assert_eq!(all, expected, "{holder:?}: {attribute}");
        }
        let query = Query { class: "Invoice".into(), page_size: 2, ..Query::default() };
        let page_token = engine.query(&query).await.expect("it is sound").next_page_token;
        let other = Query { page_token, filter: "is_large".into(), ..query };
        assert!(matches!(engine.query(&other).await, Err(Error::PageToken)));
    }
}

async fn a_tree_grows_in_both_directions(lab: &Lab) {
    let branch = |relation: &str, branches| Branch {
        relation: relation.into(),
        branches,
        ..Branch::default()
    };
    for holder in BOTH {
        let (engine, shelf) = engine(lab, holder, "").await;
        let payments = branch("payments", vec![branch("invoice", vec![])]);
        let large = Branch { filter: "is_large".into(), ..branch("invoices", vec![]) };
        let branches = [branch("invoices", vec![payments]), large];
        let tree = engine.fetch("Customer", "1", &branches).await.expect("it is sound");
        let invoices: Vec<&str> =
            tree.limbs[0].trees.iter().map(|it| it.object.key.as_str()).collect();
        assert_eq!(invoices, ["F1", "F2"], "{holder:?}");
        assert_eq!(tree.limbs[1].trees.len(), 1);
        let paid = &tree.limbs[0].trees[1].limbs[0].trees[0];
        assert_eq!(paid.object.key, "NL1,2026-02-01");
        assert_eq!(paid.limbs[0].trees[0].object.key, "F2");
        if holder == Holder::Wrapper {
            // once for each branch, however many objects it grows from
            let asked = shelf.asked();
            assert!(asked.contains(&"billing: Payment invoice=F1,F2".to_owned()), "{asked:?}");
            assert_eq!(asked.len(), 4, "{asked:?}");
        }
        let one = Branch { limit: 1, ..branch("invoices", vec![]) };
        let tree = engine.fetch("Customer", "1", &[one]).await.expect("it is sound");
        assert_eq!((tree.limbs[0].trees.len(), tree.limbs[0].has_more), (1, true));
        let branches = [branch("customer", vec![branch("invoices", vec![])])];
        let tree = engine.fetch("Invoice", "f5", &branches).await.expect("it is sound");
        let jan = &tree.limbs[0].trees[0];
        assert_eq!((jan.object.key.as_str(), jan.limbs[0].trees.len()), ("2", 2), "{holder:?}");
    }
}

async fn figures_are_the_same(lab: &Lab) {
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, "").await;
        let measure = |function, attribute: Option<&str>| Measure {
            function,
            attribute: attribute.map(str::to_owned),
        };
        let request = Aggregate {
            class: "Invoice".into(),
            filter: "has(status)".into(),
            group_by: vec!["status".into()],
            measures: vec![
                measure(Function::Count, None),
                measure(Function::Sum, Some("amount")),
                measure(Function::Greatest, Some("due")),
            ],
            ..Aggregate::default()
        };
        let (groups, has_more) = engine.aggregate(&request).await.expect("it is sound");
        let figures: Vec<String> = groups
            .iter()
            .map(|group| {
                let all = group.by.iter().chain(&group.measures);
                all.map(ToString::to_string).collect::<Vec<_>>().join(" ")
            })
            .collect();
        let expected = ["open 3 215.24 2026-04-01", "paid 2 1020.00 2026-02-01"];
        assert_eq!((figures, has_more), (expected.map(str::to_owned).into(), false), "{holder:?}");
    }
}

async fn rules_hide_rows_and_values(lab: &Lab) {
    let rules = r#"<rule role="agent" action="read" when="status ne 'paid'"
                         attributes="number status due customer"/>
                   <rule role="agent" action="read" when="amount lt 100 and status eq 'open'"/>
                   <rule role="supervisor" action="read"/>"#;
    for holder in BOTH {
        let (engine, _) = engine(lab, holder, rules).await;
        let user = |role: &str| User { name: "anna".into(), roles: vec![role.to_owned()] };
        let agent = engine.on_behalf_of(user("agent"));
        let page = query(&agent, "Invoice", "").await.expect("it is sound");
        assert_eq!(keys(&page.objects), ["F1", "F3", "f5"], "{holder:?}");
        assert!(page.objects[0].withheld.contains(&"amount".to_owned()));
        assert!(!page.objects[0].attributes.contains_key("amount"));
        assert_eq!(page.objects[1].attributes["amount"], amount("99.99"));
        // what is not seen is not found, not even by its key
        assert!(matches!(agent.read("Invoice", "F5").await, Err(Error::NotFound(_))));
        let large = query(&agent, "Invoice", "amount gt 100").await.expect("it is sound");
        assert_eq!(keys(&large.objects), [""; 0], "{holder:?}");
        let by_invoice = query(&agent, "Customer", "invoices.exists(i, i.amount gt 1)").await;
        assert_eq!(keys(&by_invoice.expect("it is sound").objects), ["2"], "{holder:?}");
        let tree = Branch { relation: "invoices".into(), ..Branch::default() };
        let tree = agent.fetch("Customer", "1", &[tree]).await.expect("it is sound");
        assert_eq!(tree.limbs[0].trees.len(), 1, "{holder:?}");
        let all = query(&engine.on_behalf_of(user("supervisor")), "Invoice", "").await;
        assert_eq!(all.expect("it is sound").objects.len(), 6);
        let nobody = query(&engine.on_behalf_of(user("other")), "Invoice", "").await;
        assert!(nobody.expect("it is sound").objects.is_empty());
    }
}
