//! Changing objects that a program holds, and programs that die over it.

use super::*;
use crate::protocol::{Change, ChangeKind};
use crate::{DeclaredClass, Object};

const DESCRIBE: &str = r#"read -r _
echo '{"id":1,"classes":[{"name":"Invoice","writable":true},{"name":"Payment","writable":true}]}'
"#;

fn declared() -> Declared {
    let members = [("number", Type::Text), ("due", Type::Date), ("amount", Type::Decimal)];
    let members = members.map(|(name, kind)| (name.to_owned(), kind)).into();
    let invoice = DeclaredClass { members, is_writable: true, ..DeclaredClass::default() };
    let classes = [("Invoice", invoice), ("Payment", DeclaredClass::default())];
    let classes = classes.map(|(name, class)| (name.to_owned(), class)).into();
    Declared { classes, ..Declared::default() }
}

/// A program that describes itself, and then does this.
fn changing(then: &str) -> Bench {
    Bench::shell(declared(), &format!("{DESCRIBE}{then}"), quick())
}

fn change(kind: ChangeKind) -> Change {
    let due = |day: &str| Some(Value::Date(day.parse().expect("a day")));
    Change {
        class: "Invoice".into(),
        kind,
        key: "F1".into(),
        was: [("due".to_owned(), due("2026-01-31")), ("amount".to_owned(), None)].into(),
        values: [("due".to_owned(), due("2026-02-28"))].into(),
        idempotency_key: "k".into(),
        actor: "anna".into(),
    }
}

#[tokio::test]
async fn an_object_is_changed_and_answered_with_the_types_of_the_model() {
    let bench = changing(
        r#"read -r line; echo "$line" > asked
echo '{"id":2,"objects":[{"number":"F1","due":"2026-02-28","amount":"much"}]}'
read -r _; echo '{"id":3,"objects":[]}'; read -r _"#,
    );
    bench.ready().await;
    let object = bench.host.apply(change(ChangeKind::Update)).await.expect("it answers");
    let object: Object = object.expect("it is there");
    assert_eq!(object.values["due"].kind(), Type::Date);
    assert_eq!(object.unreadable, ["amount"]);
    assert!(bench.data("asked").contains(r#""was":{"amount":null,"due":"2026-01-31"}"#));
    assert_eq!(bench.host.apply(change(ChangeKind::Delete)).await, Ok(None));
    bench.end().await;
}

#[tokio::test]
async fn a_program_may_find_an_object_changed_refuse_or_put_off() {
    let bench = changing(
        "read -r _; echo '{\"id\":2,\"stale\":true}'\n\
         read -r _; echo '{\"id\":3,\"refused\":\"It is paid.\"}'\n\
         read -r _; echo '{\"id\":4,\"later\":\"busy\"}'; read -r _",
    );
    bench.ready().await;
    let mut answers = Vec::new();
    for _ in 0..3 {
        answers.push(bench.host.apply(change(ChangeKind::Update)).await);
    }
    let (refused, later) = (Error::Refused("It is paid.".into()), Error::Later("busy".into()));
    assert_eq!(answers, [Err(Error::Stale), Err(refused), Err(later)]);
    bench.end().await;
}

#[tokio::test]
async fn what_nobody_declared_is_not_asked_of_the_program() {
    let bench = changing("read -r line; echo \"$line\" > asked");
    bench.ready().await;
    let update = || change(ChangeKind::Update);
    let colour = [("colour".to_owned(), Some(Value::Text("red".into())))].into();
    let due = [("due".to_owned(), Some(Value::Text("soon".into())))].into();
    let long = [("number".to_owned(), Some(Value::Text("x".repeat(70_000))))].into();
    let table = [
        (Change { class: "Payment".into(), ..update() }, "`Payment` is writable"),
        (Change { class: "Note".into(), ..update() }, "there is no class `Note`"),
        (Change { values: colour, ..update() }, "`Invoice` has no `colour`"),
        (Change { was: due, ..update() }, "`Invoice.due` must be date"),
        (Change { values: long, ..update() }, "longer than 65536 bytes"),
        (Change { idempotency_key: String::new(), ..update() }, "the idempotency key is missing"),
    ];
    for (change, expected) in table {
        let error = bench.host.apply(change).await.expect_err(expected);
        assert!(matches!(error, Error::WrongRequest(_)), "{error}");
        assert!(error.to_string().contains(expected), "{error}");
    }
    assert_eq!(bench.data("asked"), "");
    bench.end().await;
}

#[tokio::test]
async fn it_is_not_known_what_a_program_did_that_gave_no_answer() {
    let two = r#"{"id":2,"objects":[{"number":"F1"},{"number":"F2"}]}"#;
    let answers = [
        ("exit 3", "exit status: 3"),
        ("exec sleep 600", "did not answer within"),
        ("echo Jansen; read -r _", "not a JSON answer"),
        (&*format!("echo '{two}'; read -r _"), "answered a change with 2 objects"),
        (r#"echo '{"id":2,"objects":[]}'; read -r _"#, "answered a change with 0 objects"),
        (r#"echo '{"id":2,"results":{}}'; read -r _"#, "answered `results`"),
    ];
    for (then, expected) in answers {
        let bench = changing(&format!("read -r _; {then}"));
        bench.ready().await;
        let Err(Error::Unknown(reason)) = bench.host.apply(change(ChangeKind::Create)).await else {
            panic!("{then}")
        };
        assert!(reason.contains(expected) && !reason.contains("Jansen"), "{reason}");
        bench.away().await;
        bench.end().await;
    }
}

#[tokio::test]
async fn a_program_that_changes_nothing_does_not_fit_a_model_that_says_so() {
    let describe = "read -r _; echo '{\"id\":1,\"classes\":[{\"name\":\"Invoice\"},\
                    {\"name\":\"Payment\"}]}'; read -r _";
    let bench = Bench::shell(declared(), describe, quick());
    let words = "it does not say that `Invoice` is writable, as the model does";
    assert!(bench.away().await.ends_with(words));
    let away = bench.host.apply(change(ChangeKind::Update)).await;
    assert!(matches!(away, Err(Error::Later(_))), "nothing was changed");
    bench.end().await;
}
