//! The same where components prove by certificates who they are.

use std::collections::BTreeSet;

use caruso_certificates::Identity;

use super::*;
use crate::code_of;

/// A guard that goes by certificates, and whose rights are revoked here.
fn certified() -> (World, watch::Sender<BTreeSet<String>>) {
    let mut world = World::new();
    let revoked = watch::Sender::default();
    world.guard = Guard::new(
        Proof::Certificate(revoked.subscribe()),
        UserKeys::fixed([PublicKey::from_bytes(&world.identity.public_key()).expect("a key")]),
        Audit::in_folder(world.folder.path()),
        world.leaving.clone(),
    );
    (world, revoked)
}

/// What a connection is after the handshake: that of a component, by a join token, until then.
fn connection(component: Option<&str>, join_token: &str, expires_in: i64) -> Connection {
    let presented = component.map(|name| {
        let identity = Identity::new("caruso-1", name, "i1").expect("names");
        let expires_at = now_seconds().saturating_add_signed(expires_in);
        Arc::new(Presented { identity, join_token: join_token.to_owned(), expires_at })
    });
    Connection { presented }
}

fn over(connection: Connection, mut request: Request<Body>) -> Request<Body> {
    request.extensions_mut().insert(connection);
    request
}

fn codes(response: &Response<Body>) -> (Code, Option<String>) {
    let status = Status::from_header_map(response.headers());
    status.map_or((Code::Ok, None), |status| (status.code(), code_of(&status)))
}

#[tokio::test]
async fn every_pair_of_rpc_and_certificate_gets_exactly_what_the_table_says() {
    let (world, revoked) = certified();
    revoked.send_replace(BTreeSet::from(["t2".to_owned()]));
    let components: Vec<&str> = names::ALL.iter().copied().chain(["a-wrapper"]).collect();
    let mut permitted = 0;
    for row in TABLE {
        let refused = |code: &str| match row.path {
            ENROL => (Code::Ok, None),
            _ => (Code::Unauthenticated, Some(code.to_owned())),
        };
        for component in &components {
            for role in ROLES {
                let user = role.map(|role| world.user_token(role, 60));
                let ask = || request(row.path, None, user.as_deref());
                let good = connection(Some(component), "t1", 60);
                let answer = codes(&world.call(over(good, ask())).await);
                let roles = role.map(|role| vec![role]);
                let expected = match row.permits(Some(component), roles.as_deref()) {
                    true => Code::Ok,
                    false => Code::PermissionDenied,
                };
                assert_eq!(answer.0, expected, "{} {component} {role:?}", row.path);
                permitted += usize::from(expected == Code::Ok);

                let expired = connection(Some(component), "t1", 0);
                let answer = codes(&world.call(over(expired, ask())).await);
                assert_eq!(answer, refused("CA0112"), "{} {component} {role:?}", row.path);
                let shut_out = connection(Some(component), "t2", 60);
                let answer = codes(&world.call(over(shut_out, ask())).await);
                assert_eq!(answer, refused("CA0111"), "{} {component} {role:?}", row.path);
            }
        }
        let nobody = connection(None, "", 0);
        let answer = codes(&world.call(over(nobody, request(row.path, None, None))).await);
        assert_eq!(answer, refused("CA0109"), "{}", row.path);
    }
    assert!(permitted > TABLE.len(), "a table that grants nothing proves nothing");
}

#[tokio::test]
async fn a_token_does_not_stand_for_a_certificate() {
    let (world, _revoked) = certified();
    let get = "/caruso.storage.v1.StorageManager/Get";
    let token = world.component_token(names::SCRIPT_ENGINE, 60);
    let answer = world.call(request(get, Some(&token), None)).await;
    assert_eq!(codes(&answer), (Code::Unauthenticated, Some("CA0101".to_owned())));
    let nobody = connection(None, "", 0);
    let answer = world.call(over(nobody, request(get, Some(&token), None))).await;
    assert_eq!(codes(&answer), (Code::Unauthenticated, Some("CA0109".to_owned())));
    // a browser comes in the clear through the desk's own address, with a user's token alone
    let user = world.user_token(Role::Agent, 60);
    let answer = world.call(request("/caruso.desk.v1.Desk/Accept", None, Some(&user))).await;
    assert_eq!(codes(&answer).0, Code::Ok);
}

#[tokio::test]
async fn a_stream_ends_when_the_right_of_its_caller_is_revoked() {
    let (world, revoked) = certified();
    let endless = tower::service_fn(|_: Request<Body>| async {
        let body = http_body_util::StreamBody::new(futures::stream::pending::<
            Result<http_body::Frame<Bytes>, Status>,
        >());
        Ok::<_, Infallible>(Response::new(Body::new(body)))
    });
    let watch = "/caruso.registry.v1.Registry/Watch";
    let open = async |component, token| {
        let asked = over(connection(Some(component), token, 60), request(watch, None, None));
        world.guard.layer(endless).oneshot(asked).await.expect("infallible").into_body()
    };
    let (mut one, mut other) = (open("erp", "t1").await, open("crm", "t2").await);
    revoked.send_replace(BTreeSet::from(["t1".to_owned()]));
    let end = one.frame().await.expect("an end").expect("trailers").into_trailers().expect("them");
    let status = Status::from_header_map(&end).expect("a status");
    assert_eq!(code_of(&status).as_deref(), Some("CA0111"));
    let still = futures::FutureExt::now_or_never(other.frame());
    assert!(still.is_none(), "nobody else is shut out");
}
