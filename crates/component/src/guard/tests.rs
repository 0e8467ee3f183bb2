use std::convert::Infallible;

use arc_swap::ArcSwapOption;
use http_body_util::BodyExt as _;
use tower::{Layer as _, ServiceExt as _};

use super::*;
use crate::Role;
use crate::permissions::{TABLE, names};
use crate::token::{COMPONENT_AUDIENCE, TokenSigner, USER_AUDIENCE};

mod certified;

const ROLES: [Option<Role>; 4] =
    [None, Some(Role::Agent), Some(Role::Supervisor), Some(Role::Administrator)];

struct World {
    manager: TokenSigner,
    identity: TokenSigner,
    guard: Guard,
    leaving: CancellationToken,
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let (manager, identity) =
            (TokenSigner::from_seed([1; 32]), TokenSigner::from_seed([2; 32]));
        let key =
            |signer: &TokenSigner| PublicKey::from_bytes(&signer.public_key()).expect("a key");
        let component_key = Arc::new(ArcSwapOption::from_pointee(key(&manager)));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let leaving = CancellationToken::new();
        let users = UserKeys::fixed([key(&identity)]);
        let audit = Audit::in_folder(folder.path());
        let guard = Guard::new(Proof::Token(component_key), users, audit, leaving.clone());
        Self { manager, identity, guard, leaving, folder }
    }

    fn component_token(&self, name: &str, expires_in: i64) -> String {
        let exp = now_seconds().saturating_add_signed(expires_in);
        self.manager.sign(&ComponentClaims {
            sub: name.into(),
            instance: "i1".into(),
            aud: COMPONENT_AUDIENCE.into(),
            iat: 0,
            exp,
        })
    }

    fn user_token(&self, role: Role, expires_in: i64) -> String {
        let exp = now_seconds().saturating_add_signed(expires_in);
        self.identity.sign(&UserClaims {
            sub: "anna".into(),
            roles: vec![role],
            sid: "s1".into(),
            aud: USER_AUDIENCE.into(),
            iat: 0,
            exp,
        })
    }

    /// Sends a request through the guard to a service that answers who it took the caller for.
    async fn call(&self, request: Request<Body>) -> Response<Body> {
        let service = tower::service_fn(|request: Request<Body>| async move {
            let caller = request.extensions().get::<Caller>().expect("the guard put it there");
            let current = Caller::current().expect("the handler runs on behalf of the caller");
            assert_eq!(caller.request_id, current.request_id);
            let name = caller.component.as_ref().map_or("", |component| &component.name);
            let body = Body::new(http_body_util::Full::new(Bytes::from(name.to_owned())));
            let trailers = HeaderMap::from_iter([("grpc-status", "0")].map(|(name, value)| {
                (http::HeaderName::from_static(name), HeaderValue::from_static(value))
            }));
            Ok::<_, Infallible>(Response::new(Body::new(
                body.with_trailers(async { Some(Ok(trailers)) }),
            )))
        });
        let guarded = self.guard.layer(service);
        guarded.oneshot(request).await.expect("infallible")
    }

    fn audit_lines(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(self.folder.path().join("audit.jsonl"));
        let text = text.unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }
}

fn request(path: &str, component: Option<&str>, user: Option<&str>) -> Request<Body> {
    let mut request = Request::new(Body::empty());
    *request.uri_mut() = path.parse().expect("a path");
    let mut put = |name: http::HeaderName, value: String| {
        request.headers_mut().insert(name, value.parse().expect("a header value"));
    };
    if let Some(token) = component {
        put(COMPONENT_TOKEN, token.to_owned());
    }
    if let Some(token) = user {
        put(AUTHORIZATION, format!("Bearer {token}"));
    }
    request
}

/// The status in the headers; `Ok` where the call went through.
fn code(response: &Response<Body>) -> Code {
    Status::from_header_map(response.headers()).map_or(Code::Ok, |status| status.code())
}

#[tokio::test]
async fn every_pair_of_rpc_and_identity_gets_exactly_what_the_table_says() {
    let world = World::new();
    let components = names::ALL.iter().copied().map(Some).chain([None, Some("a-wrapper")]);
    let components: Vec<Option<&str>> = components.collect();
    let mut permitted = 0;
    for row in TABLE {
        for component in &components {
            for role in ROLES {
                let token = component.map(|name| world.component_token(name, 60));
                let user = role.map(|role| world.user_token(role, 60));
                let response =
                    world.call(request(row.path, token.as_deref(), user.as_deref())).await;
                let roles = role.map(|role| vec![role]);
                let expected = if row.permits(*component, roles.as_deref()) {
                    Code::Ok
                } else if component.is_none() && role.is_none() {
                    Code::Unauthenticated
                } else {
                    Code::PermissionDenied
                };
                assert_eq!(code(&response), expected, "{} {component:?} {role:?}", row.path);
                permitted += usize::from(expected == Code::Ok);
            }
        }
    }
    assert!(permitted > TABLE.len(), "a table that grants nothing proves nothing");
}

#[tokio::test]
async fn a_bad_token_is_refused_even_where_none_is_needed_beside_it() {
    let world = World::new();
    let get = "/caruso.storage.v1.StorageManager/Get";
    let good = world.component_token(names::SCRIPT_ENGINE, 60);
    let expired = world.component_token(names::SCRIPT_ENGINE, -1);
    let foreign = TokenSigner::from_seed([9; 32]).sign(&ComponentClaims {
        sub: names::SCRIPT_ENGINE.into(),
        instance: "i1".into(),
        aud: COMPONENT_AUDIENCE.into(),
        iat: 0,
        exp: u64::MAX,
    });
    let user = world.user_token(Role::Agent, 60);
    let old_user = world.user_token(Role::Agent, -1);
    for (component, user, expected) in [
        (good.as_str(), None, Code::Ok),
        (&good, Some(user.as_str()), Code::Ok),
        (&good, Some(&*old_user), Code::Unauthenticated),
        (&good, Some("nonsense"), Code::Unauthenticated),
        // One kind of token does not pass as the other.
        (&good, Some(&*good), Code::Unauthenticated),
        (&user, None, Code::Unauthenticated),
        (&expired, None, Code::Unauthenticated),
        (&foreign, None, Code::Unauthenticated),
    ] {
        let response = world.call(request(get, Some(component), user)).await;
        assert_eq!(code(&response), expected, "{component} {user:?}");
    }
    let response = world.call(request("/caruso.storage.v1.StorageManager/Drop", None, None)).await;
    assert_eq!(code(&response), Code::Unimplemented);
}

#[tokio::test]
async fn changes_are_audited_with_their_outcome_and_reads_are_not() {
    let world = World::new();
    let engine = world.component_token(names::SCRIPT_ENGINE, 60);
    let monitor = world.component_token(names::MONITOR, 60);
    let apply = "/caruso.storage.v1.StorageManager/Apply";
    let get = "/caruso.storage.v1.StorageManager/Get";
    let mut named = request(apply, Some(&engine), None);
    named.headers_mut().insert(REQUEST_ID, HeaderValue::from_static("request-1"));
    let answered = world.call(named).await;
    assert_eq!(answered.headers()[REQUEST_ID], "request-1");
    answered.into_body().collect().await.expect("a body");
    drop(world.call(request(apply, Some(&engine), None)).await);
    world.call(request(apply, Some(&monitor), None)).await;
    world.call(request(get, Some(&engine), None)).await;
    let lines = world.audit_lines();
    let outcomes: Vec<_> =
        lines.iter().map(|line| (line["component"].as_str(), line["outcome"].as_i64())).collect();
    assert_eq!(
        outcomes,
        [
            (Some(names::SCRIPT_ENGINE), Some(0)),
            (Some(names::SCRIPT_ENGINE), Some(1)),
            (Some(names::MONITOR), Some(7)),
        ]
    );
    assert_eq!(lines[0]["request_id"], "request-1");
}

#[tokio::test]
async fn streams_without_an_end_say_goodbye_when_the_component_leaves() {
    let world = World::new();
    let monitor = world.component_token(names::MONITOR, 60);
    let path = "/caruso.contact.v1.Contacts/WatchEvents";
    let service = tower::service_fn(|_: Request<Body>| async {
        let endless = http_body_util::StreamBody::new(futures::stream::pending::<
            Result<http_body::Frame<Bytes>, Status>,
        >());
        Ok::<_, Infallible>(Response::new(Body::new(endless)))
    });
    let guarded = world.guard.layer(service);
    let response = guarded.oneshot(request(path, Some(&monitor), None)).await.expect("infallible");
    world.leaving.cancel();
    let body = response.into_body().collect().await.expect("it ends");
    let trailers = body.trailers().expect("with trailers");
    let status = Status::from_header_map(trailers).expect("with a status");
    assert_eq!(status.code(), Code::Unavailable);
    assert_eq!(crate::code_of(&status).as_deref(), Some("CA0105"));
}
