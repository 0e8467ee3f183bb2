//! Messages of customers, as a player in the browser asks for them.

use http::{Request, Response, StatusCode};
use http_body_util::BodyExt as _;

use super::*;

/// Asks for a recording: with whose cookie, what range, and from which page.
async fn fetch(
    stage: &Stage,
    path: &str,
    headers: &[(&str, &str)],
) -> (Response<()>, bytes::Bytes) {
    let client: Client<_, String> = Client::builder(TokioExecutor::new()).build_http();
    let mut request = Request::get(format!("{}{path}", stage.address));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(String::new()).expect("a request");
    let (parts, body) = client.request(request).await.expect("an answer").into_parts();
    let content = body.collect().await.expect("a whole answer").to_bytes();
    (Response::from_parts(parts, ()), content)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_played_whole_or_in_part_for_whom_the_cookie_names() {
    let stage = Stage::start().await;
    let anna = stage.log_in("anna").await;
    let cookie = ("cookie", anna.cookie.as_str());
    let whole: Vec<u8> = (0..1_000_u32).map(|it| (it % 251) as u8).collect();
    let (answer, content) = fetch(&stage, "/recordings/c1", &[cookie]).await;
    assert_eq!((answer.status(), &content[..]), (StatusCode::OK, &whole[..]));
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(answer.headers()["accept-ranges"], "bytes");
    let ranges =
        [("bytes=0-", 0..1_000), ("bytes=100-199", 100..200), ("bytes=900-5000", 900..1_000)];
    for (range, expected) in ranges {
        let (answer, content) = fetch(&stage, "/recordings/c1", &[cookie, ("range", range)]).await;
        assert_eq!(answer.status(), StatusCode::PARTIAL_CONTENT, "{range}");
        assert_eq!(&content[..], &whole[expected.clone()], "{range}");
        let told = format!("bytes {}-{}/1000", expected.start, expected.end - 1);
        assert_eq!(answer.headers()["content-range"], told);
        assert_eq!(answer.headers()["content-length"], content.len().to_string());
    }
    let behind = fetch(&stage, "/recordings/c1", &[cookie, ("range", "bytes=1000-")]).await.0;
    assert_eq!(behind.status(), StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(behind.headers()["content-range"], "bytes */1000");
    assert!(stage.world.told.lock().expect("told").iter().any(|it| it.contains("anna hears c1")));
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_hears_a_recording() {
    let stage = Stage::start().await;
    let anna = stage.log_in("anna").await;
    let cookie = ("cookie", anna.cookie.as_str());
    let of = async |path: &str, headers: &[(&str, &str)]| {
        let (answer, content) = fetch(&stage, path, headers).await;
        assert!(content.is_empty(), "{path}");
        answer.status()
    };
    assert_eq!(of("/recordings/c1", &[]).await, StatusCode::UNAUTHORIZED);
    assert_eq!(of("/recordings/c2", &[cookie]).await, StatusCode::NOT_FOUND);
    let elsewhere = [cookie, ("sec-fetch-site", "cross-site")];
    assert_eq!(of("/recordings/c1", &elsewhere).await, StatusCode::FORBIDDEN);
    let other = [cookie, ("origin", "http://evil.example")];
    assert_eq!(of("/recordings/c1", &other).await, StatusCode::FORBIDDEN);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_hung_up_is_listed_and_called_back_on_behalf_of_the_agent() {
    let stage = Stage::start().await;
    let mut anna = stage.log_in("anna").await;
    let request = anna.request(desk::ListAbandonedRequest {});
    let listed = anna.wire.list_abandoned(request).await.expect("agents may").into_inner();
    let ids: Vec<&str> = listed.entries.iter().map(|it| it.contact_id.as_str()).collect();
    assert_eq!(ids, ["c7"]);
    let request = anna.request(desk::CallBackRequest { contact_id: "c7".to_owned() });
    anna.wire.call_back(request).await.expect("agents may");
    assert!(stage.world.told.lock().expect("told").contains(&"anna calls back c7".to_owned()));
    let sofie = stage.log_in("sofie").await;
    let request = sofie.request(desk::CallBackRequest { contact_id: "c7".to_owned() });
    assert!(sofie.wire.clone().call_back(request).await.is_err(), "she is no agent");
}
