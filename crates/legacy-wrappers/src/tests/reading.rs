//! Objects that a program holds, and programs that give something else.

use std::collections::BTreeMap;

use super::*;
use crate::protocol::{Get, Query};
use crate::{DeclaredClass, Objects};

const DESCRIBE: &str = r#"read -r _
echo '{"id":1,"classes":[{"name":"Invoice","searches":["customer","status"]}]}'
"#;

fn invoices() -> Declared {
    let members = [
        ("number", Type::Text),
        ("customer", Type::Text),
        ("amount", Type::Decimal),
        ("due", Type::Date),
    ];
    let members = members.map(|(name, kind)| (name.to_owned(), kind)).into();
    let searches = ["customer".to_owned()].into();
    let class = DeclaredClass { members, searches, is_writable: false };
    Declared { classes: [("Invoice".to_owned(), class)].into(), ..Declared::default() }
}

/// A program that describes itself, and then does this.
fn holding(then: &str) -> Bench {
    Bench::shell(invoices(), &format!("{DESCRIBE}{then}"), quick())
}

fn get(keys: &[&str]) -> Get {
    let keys = keys.iter().map(|key| (*key).to_owned()).collect();
    Get { class: "Invoice".into(), keys }
}

fn of(name: &str, customers: &[&str]) -> Query {
    let values = customers.iter().map(|it| Value::Text((*it).to_owned())).collect();
    let wanted = BTreeMap::from([(name.to_owned(), values)]);
    Query { class: "Invoice".into(), wanted, limit: 200, cursor: String::new() }
}

#[tokio::test]
async fn objects_come_with_the_types_of_the_model() {
    let bench = holding(
        r#"read -r line; echo "$line" > asked
echo '{"id":2,"objects":[{"number":"F1","amount":"12.50","due":"soon","secret":1}],"next":"b"}'
read -r _; echo '{"id":3,"objects":[]}'; read -r _"#,
    );
    bench.ready().await;
    let page = bench.host.query(of("customer", &["7", "8"])).await.expect("it answers");
    let values = &page.objects[0].values;
    assert_eq!(values["amount"], Value::Decimal("12.50".into()));
    assert_eq!((values.len(), page.next.as_str()), (2, "b"));
    assert_eq!(page.objects[0].unreadable, ["due"]);
    assert!(bench.data("asked").contains(r#""where":{"customer":["7","8"]},"limit":200"#));
    assert_eq!(bench.host.get(get(&["F1"])).await, Ok(Objects::default()));
    bench.end().await;
}

#[tokio::test]
async fn what_nobody_declared_is_not_asked_of_the_program() {
    let bench = holding("read -r line; echo \"$line\" > asked");
    bench.ready().await;
    let other = Get { class: "Payment".into(), ..get(&["1"]) };
    let many: Vec<String> = (0..201).map(|number| number.to_string()).collect();
    let many = Get { keys: many, ..get(&[]) };
    let long = Get { keys: vec!["x".repeat(70_000)], ..get(&[]) };
    for wrong in [other, many, long] {
        assert!(matches!(bench.host.get(wrong).await, Err(Error::WrongRequest(_))));
    }
    // the program would, the model does not say so
    let wrong = bench.host.query(of("status", &["open"])).await.expect_err("not declared");
    let words = "the request does not fit the wrapper: `Invoice` is not looked for by `status`";
    assert_eq!(wrong.to_string(), words);
    assert_eq!(bench.data("asked"), "");
    bench.end().await;
}

#[tokio::test]
async fn a_program_may_refuse_or_put_off() {
    let bench = holding(
        "read -r _; echo '{\"id\":2,\"refused\":\"for whom?\"}'\n\
         read -r _; echo '{\"id\":3,\"later\":\"busy\"}'; read -r _",
    );
    bench.ready().await;
    let all = Query { wanted: BTreeMap::new(), ..of("customer", &[]) };
    assert_eq!(bench.host.query(all.clone()).await, Err(Error::Refused("for whom?".into())));
    assert_eq!(bench.host.query(all).await, Err(Error::Later("busy".into())));
    bench.end().await;
}

#[tokio::test]
async fn a_program_that_breaks_the_protocol_is_away_and_quoted_nowhere() {
    let many = vec!["{}"; 201].join(",");
    let long = "x".repeat(1024 * 1024);
    let answers = [
        (r#"{"id":2,"objects":["Jansen"]}"#.to_owned(), "no answer"),
        (r#"{"id":2,"results":{},"summary":"Jansen"}"#.to_owned(), "answered `results`"),
        (format!(r#"{{"id":2,"objects":[{many}]}}"#), "more than 200 objects"),
        (format!(r#"{{"id":2,"objects":[{{"number":"{long}"}}]}}"#), "more than 1048576 bytes"),
    ];
    for (answer, expected) in answers {
        let bench = holding("read -r _; cat answer; read -r _");
        fs::write(bench.folder.path().join("answer"), format!("{answer}\n")).expect("a folder");
        bench.ready().await;
        let error = bench.host.get(get(&["F1"])).await.expect_err("no objects").to_string();
        assert!(error.contains(expected) && !error.contains("Jansen"), "{error}");
        bench.end().await;
    }
    let bench = holding("read -r _; sleep 5");
    bench.ready().await;
    let error = bench.host.get(get(&["F1"])).await.expect_err("too late").to_string();
    assert!(error.contains("did not answer within"), "{error}");
    bench.end().await;
}
