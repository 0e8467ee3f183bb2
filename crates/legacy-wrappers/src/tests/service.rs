//! The gRPC face.

use caruso_api::storage::v1::{Value as ProtoValue, value::Kind};
use caruso_api::wrapper::v1 as proto;
use proto::actions_server::Actions as _;
use tonic::{Code, Request};

use super::*;
use crate::Service;

const ECHO: &str = r#"
read -r _
echo '{"id":1,"operations":[{"name":"take","title":"Take","parameters":[
{"name":"day","type":"date","required":true},{"name":"at","type":"instant"}]}]}' | tr -d '\n'; echo
read -r request; echo "$request" > request
echo '{"id":2,"results":{"order":"SO-1","count":2,"sure":true,"price":1.5},"summary":"taken"}'
read -r _; echo '{"id":3,"refused":"The ERP says no."}'; read -r _
"#;

fn take() -> Declared {
    let parameters = [("day", Type::Date, true), ("at", Type::Instant, false)];
    let results = [
        ("order", Type::Text),
        ("count", Type::Int),
        ("sure", Type::Bool),
        ("price", Type::Decimal),
    ];
    declare("take", &parameters, &results)
}

fn request(arguments: &[(&str, Kind)], key: &str) -> Request<proto::InvokeRequest> {
    let value =
        |(name, kind): &(&str, Kind)| ((*name).to_owned(), ProtoValue { kind: Some(kind.clone()) });
    Request::new(proto::InvokeRequest {
        operation: "take".into(),
        arguments: arguments.iter().map(value).collect(),
        idempotency_key: key.into(),
        actor: "anna".into(),
    })
}

fn code(status: &tonic::Status) -> (Code, String) {
    (status.code(), caruso_component::code_of(status).unwrap_or_default())
}

#[tokio::test]
async fn operations_are_described_and_carried_out_with_typed_values() {
    let bench = Bench::shell(take(), ECHO, Limits::default());
    bench.ready().await;
    let service = Service::new(bench.host.clone());
    let described = service.describe(Request::new(proto::DescribeRequest {})).await;
    let operations = described.expect("ready").into_inner().operations;
    let parameters = operations[0].parameters.iter();
    let told: Vec<_> = parameters.map(|it| (it.r#type.as_str(), it.is_required)).collect();
    assert_eq!(told, [("date", true), ("instant", false)]);

    let at = prost_types::Timestamp { seconds: 1_767_268_800, nanos: 0 };
    let arguments = [("day", Kind::Date("2026-01-01".into())), ("at", Kind::Instant(at))];
    let done = service.invoke(request(&arguments, "k")).await.expect("done").into_inner();
    assert_eq!(done.summary, "taken");
    let result = |name: &str| done.results[name].kind.clone().expect("a value");
    assert_eq!(result("order"), Kind::Text("SO-1".into()));
    assert_eq!(result("count"), Kind::Integer(2));
    assert_eq!(result("sure"), Kind::Boolean(true));
    assert_eq!(result("price"), Kind::Decimal("1.5".into()));
    let sent = bench.data("request");
    assert!(sent.contains(r#""arguments":{"at":"2026-01-01T12:00:00Z","day":"2026-01-01"}"#));

    let refused = service.invoke(request(&arguments, "l")).await.expect_err("refused");
    assert_eq!(code(&refused), (Code::FailedPrecondition, "CW0102".into()));
    assert_eq!(refused.message(), "The ERP says no.");
    bench.end().await;
}

#[tokio::test]
async fn wrong_requests_and_absent_programs_have_their_codes() {
    let bench = Bench::shell(take(), ECHO, Limits::default());
    bench.ready().await;
    let service = Service::new(bench.host.clone());
    let wrong = service.invoke(request(&[("day", Kind::Text("monday".into()))], "k")).await;
    let wrong = wrong.expect_err("a text is no date");
    assert_eq!(code(&wrong), (Code::InvalidArgument, "CW0101".into()));
    assert!(wrong.message().contains("`day` must be date, not text"));
    let wrong = service.invoke(request(&[("day", Kind::Date("monday".into()))], "k")).await;
    assert!(wrong.expect_err("no date").message().contains("`day` has no value of its type"));
    bench.end().await;

    let bench = Bench::shell(take(), "exit 1", quick());
    bench.away().await;
    let service = Service::new(bench.host.clone());
    let away = service.describe(Request::new(proto::DescribeRequest {})).await;
    assert_eq!(code(&away.expect_err("away")), (Code::Unavailable, "CW0103".into()));
    bench.end().await;
}
