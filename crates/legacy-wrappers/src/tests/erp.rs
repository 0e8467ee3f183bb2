//! A program that speaks for an ERP, with everything that a host asks of it.

use super::*;

pub(super) const PROGRAM: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/tests/erp.py");
const ORDER: [(&str, &str); 5] = [
    ("customer", "100017"),
    ("connection", "871687110000012345"),
    ("kind", "no_supply"),
    ("urgency", "high"),
    ("text", "Whole street; \"dark\"\nsince noon"),
];

async fn erp() -> Bench {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let parameters = ["customer", "connection", "kind", "urgency", "text"]
        .map(|name| (name, Type::Text, name != "text"));
    let mut declared = declare("create_service_order", &parameters, &[("order", Type::Text)]);
    let cancel = declare("cancel_service_order", &[("order", Type::Text, true)], &[]);
    declared.operations.extend(cancel.operations);
    let bench = Bench::new(declared, PROGRAM.into(), folder, Limits::default());
    let started = bench.until("started", |state| *state != State::Starting).await;
    if let State::Away(reason) = started {
        panic!("this test needs python3: {reason}");
    }
    bench
}

fn order_with(name: &str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let mut order: Vec<_> = ORDER.into_iter().filter(|(other, _)| *other != name).collect();
    order.push((ORDER.iter().find(|(other, _)| *other == name).expect("a parameter").0, value));
    order
}

#[tokio::test]
async fn a_service_order_is_written_once_however_often_it_is_asked_for() {
    let bench = erp().await;
    let first = bench.invoke(&ORDER, "key-1").await.expect("the ERP takes it");
    assert_eq!(first.results["order"], Value::Text("SO-10001".into()));
    assert_eq!(first.summary, "The ERP has service order SO-10001.");
    assert_eq!(bench.invoke(&ORDER, "key-1").await.expect("known"), first);
    let second = bench.invoke(&ORDER, "key-2").await.expect("the ERP takes it");
    assert_eq!(second.results["order"], Value::Text("SO-10002".into()));

    // Another host has no memory of keys, so the program itself must know them.
    let folder = bench.folder.path().to_owned();
    let (_programs, program) = watch::channel(bench.programs.borrow().clone());
    let stop = CancellationToken::new();
    let (other, task) = Host::start(program, Limits::default(), stop.clone());
    let mut states = other.states();
    let is_ready = |state: &State| matches!(state, State::Ready(_));
    timeout(PATIENCE, states.wait_for(is_ready)).await.expect("in time").expect("lives");
    let again = other.invoke(invocation("create_service_order", &ORDER, "key-1")).await;
    assert_eq!(again.expect("known to the ERP"), first);
    stop.cancel();
    task.await.expect("no panic");

    let file = fs::read_to_string(folder.join("service-orders.csv")).expect("the ERP's file");
    assert_eq!(file.matches("SO-1000").count(), 2, "{file}");
    assert!(file.starts_with("order number;date;customer number;EAN;kind;urgency;text;key"));
    assert!(file.contains(";100017;871687110000012345;no_supply;high;\"Whole street; \"\"dark"));
    bench.end().await;
}

#[tokio::test]
async fn a_service_order_is_cancelled_once_however_often_it_is_asked_for() {
    let bench = erp().await;
    bench.invoke(&ORDER, "key-1").await.expect("the ERP takes it");
    let cancel = [("order", "SO-10001")];
    for key in ["key-1/undo", "key-1/undo", "another key"] {
        let cancelled = bench.invoke_as("cancel_service_order", &cancel, key).await;
        let cancelled = cancelled.expect("the ERP takes it");
        assert_eq!(cancelled.summary, "Service order SO-10001 is cancelled.");
    }
    let file = bench.data("service-orders.csv");
    assert_eq!(file.matches(";cancelled;").count(), 1, "{file}");
    let again = bench.invoke(&ORDER, "key-2").await.expect("the ERP takes it");
    assert_eq!(again.results["order"], Value::Text("SO-10003".into()), "no number comes twice");
    let unknown = bench.invoke_as("cancel_service_order", &[("order", "SO-9")], "k").await;
    assert_eq!(unknown, Err(Error::Refused("The ERP has no service order SO-9.".into())));
    bench.end().await;
}

#[tokio::test]
async fn the_erp_refuses_in_words_an_agent_can_read() {
    let bench = erp().await;
    let refused = bench.invoke(&order_with("connection", " "), "k").await;
    let words = "The ERP needs the EAN of the connection for a service order.";
    assert_eq!(refused, Err(Error::Refused(words.into())));
    let refused = bench.invoke(&order_with("kind", "flood"), "l").await;
    let words = "The ERP has no service orders of the kind “flood”.";
    assert_eq!(refused, Err(Error::Refused(words.into())));
    assert_eq!(bench.data("service-orders.csv"), "");
    bench.end().await;
}

#[tokio::test]
async fn arguments_that_do_not_fit_never_reach_the_program() {
    let bench = erp().await;
    let wrong = bench.invoke(&[("kind", "meter"), ("colour", "red")], "").await;
    let Err(Error::WrongRequest(findings)) = wrong else { panic!("wrong arguments") };
    assert_eq!(
        findings,
        [
            "`customer` is missing",
            "`connection` is missing",
            "`urgency` is missing",
            "`create_service_order` has no parameter `colour`",
            "the idempotency key is missing",
        ]
    );
    let unknown = bench.host.invoke(invocation("delete_everything", &[], "k")).await;
    let words = "there is no operation `delete_everything`";
    assert_eq!(unknown, Err(Error::WrongRequest(vec![words.into()])));
    let long = "x".repeat(70_000);
    let mut order: Vec<(&str, &str)> = ORDER[..4].to_vec();
    order.push(("text", &long));
    let Err(Error::WrongRequest(findings)) = bench.invoke(&order, "k").await else {
        panic!("too long")
    };
    assert_eq!(findings, ["the request is longer than 65536 bytes"]);
    bench.end().await;
}
