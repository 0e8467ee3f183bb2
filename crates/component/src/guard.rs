//! The layer before every service: verifies who calls, asks the table, writes audit, names
//! requests.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use caruso_certificates::Presented;
use dashmap::DashMap;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use http::{Extensions, Request, Response};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Status};
use tracing::Instrument as _;

use crate::accepted::Connection;
use crate::audit::{Audit, Note, Record, now_ms};
use crate::caller::{CallingComponent, User};
use crate::channel::{COMPONENT_TOKEN, REQUEST_ID};
use crate::guarded_body::GuardedBody;
use crate::keys::{ComponentKey, UserKeys};
use crate::permissions::{self, Rpc};
use crate::token::{Claims, ComponentClaims, PublicKey, UserClaims, key_id, now_seconds};
use crate::{Caller, Secret, deadline, status};

/// The one rpc for whoever has no certificate yet.
const ENROL: &str = "/caruso.registry.v1.Enrolment/Enrol";
/// Verified tokens that are remembered, of each kind.
const MOST_REMEMBERED: usize = 4096;

/// The layer before every service of a component. What the table of permissions does not grant is
/// denied; whoever passes finds [`Caller`] in the request's extensions.
///
/// Refusals: `UNAUTHENTICATED` for a bad component token (CA0101), a missing certificate (CA0109),
/// one whose right was revoked (CA0111) or that has expired (CA0112), or a bad or missing user
/// token (CA0102); `PERMISSION_DENIED` (CA0103) where the table grants nothing, `UNIMPLEMENTED`
/// (CA0104) for an rpc without a row.
#[derive(Debug, Clone)]
pub struct Guard {
    inner: Arc<Inner>,
}

/// How components prove to others who they are.
#[derive(Debug, Clone)]
pub enum Proof {
    /// By a token that the service manager signed with this key: in development, where connections
    /// are in the clear.
    Token(ComponentKey),
    /// By the certificate of the connection. Tokens do not count.
    Certificate(Revoked),
}

/// Ids of the join tokens whose right was revoked; certificates that they gave are refused.
pub type Revoked = watch::Receiver<BTreeSet<String>>;

#[derive(Debug)]
struct Inner {
    proof: Proof,
    user_keys: UserKeys,
    audit: Audit,
    leaving: CancellationToken,
    components: Remembered<ComponentClaims>,
    users: Remembered<UserClaims>,
}

impl Guard {
    /// A guard that verifies components and users so. Streams without an end of their own end with
    /// `UNAVAILABLE` (CA0105) once `leaving` is cancelled, so that consumers go elsewhere.
    pub fn new(
        proof: Proof,
        user_keys: UserKeys,
        audit: Audit,
        leaving: CancellationToken,
    ) -> Self {
        let (components, users) = (Remembered::default(), Remembered::default());
        let inner = Inner { proof, user_keys, audit, leaving, components, users };
        Self { inner: Arc::new(inner) }
    }
}

impl Inner {
    /// Who calls, and by which row; or why not.
    async fn admit(
        &self,
        path: &str,
        headers: &HeaderMap,
        extensions: &Extensions,
    ) -> Result<(Caller, &'static Rpc), Status> {
        let Some(row) = permissions::rpc(path) else {
            return Err(status(Code::Unimplemented, "CA0104", "there is no such rpc here"));
        };
        let mut caller = Caller {
            component: None,
            user: None,
            request_id: request_id(headers),
            deadline: deadline::read(headers).map(|left| Instant::now() + left),
            user_token: None,
            note: Note::default(),
        };
        let admitted = match self.certified(row, extensions) {
            Ok(component) => {
                caller.component = component;
                if row.is_open() {
                    return Ok((caller, row));
                }
                self.identify(headers, &mut caller).await.and_then(|()| permit(&caller, row))
            }
            Err(refusal) => Err(refusal),
        };
        match admitted {
            Ok(()) => Ok((caller, row)),
            Err(refusal) => {
                if row.is_change {
                    let mut record = record_of(&caller, row);
                    record.ended(&refusal);
                    self.audit.write(&record);
                }
                let component = caller.component.as_ref().map(|component| &component.name);
                tracing::warn!(
                    rpc = path,
                    component,
                    request.id = caller.request_id,
                    "call refused"
                );
                Err(refusal)
            }
        }
    }

    async fn identify(&self, headers: &HeaderMap, caller: &mut Caller) -> Result<(), Status> {
        if let Some(value) = headers.get(COMPONENT_TOKEN) {
            let claims = self.by_token(value)?;
            caller.component = Some(CallingComponent {
                name: claims.sub,
                instance: claims.instance,
                join_token: None,
            });
        }
        if let Some(value) = headers.get(AUTHORIZATION) {
            let bad = |reason: &str| status(Code::Unauthenticated, "CA0102", reason);
            let token = value.to_str().ok().and_then(|text| text.strip_prefix("Bearer "));
            let token = token.ok_or_else(|| bad("authorization must be a bearer token"))?;
            let id = key_id(token).ok_or_else(|| bad("the token is malformed"))?;
            let key = self.user_keys.key(&id).await?;
            let key = key.ok_or_else(|| bad("the token is signed by an unknown key"))?;
            let claims = self.users.verify(&key, token).map_err(|error| bad(&error.to_string()))?;
            caller.user = Some(User { name: claims.sub, roles: claims.roles, session: claims.sid });
            caller.user_token = Some(Secret::new(token.to_owned()));
        }
        Ok(())
    }

    /// The component whose certificate the connection has. Whoever comes over TLS without one may
    /// do nothing but enrol; whoever does not come over TLS is a browser.
    fn certified(
        &self,
        row: &Rpc,
        extensions: &Extensions,
    ) -> Result<Option<CallingComponent>, Status> {
        let Proof::Certificate(revoked) = &self.proof else { return Ok(None) };
        let Some(connection) = extensions.get::<Connection>() else { return Ok(None) };
        if row.path == ENROL {
            return Ok(None);
        }
        let bad = |code, reason: &str| status(Code::Unauthenticated, code, reason);
        let none = || bad("CA0109", "a certificate is needed: this component has none to show");
        let presented = connection.presented.as_deref().ok_or_else(none)?;
        let Presented { identity, join_token, expires_at } = presented;
        if now_seconds() >= *expires_at {
            return Err(bad("CA0112", "the certificate of the connection has expired"));
        }
        if revoked.borrow().contains(join_token) {
            return Err(shut_out(&identity.component));
        }
        let (name, instance) = (identity.component.clone(), identity.instance.clone());
        let join_token = Some(join_token.clone());
        Ok(Some(CallingComponent { name, instance, join_token }))
    }

    fn by_token(&self, value: &HeaderValue) -> Result<ComponentClaims, Status> {
        let bad = |reason: &str| status(Code::Unauthenticated, "CA0101", reason);
        let Proof::Token(key) = &self.proof else {
            return Err(bad("components prove who they are by certificate here, not by token"));
        };
        let key = key.load_full();
        let key = key.ok_or_else(|| bad("this component has not joined yet"))?;
        let token = value.to_str().map_err(|_| bad("the component token is malformed"))?;
        let verified = self.components.verify(&key, token);
        verified.map_err(|error| bad(&format!("component token: {error}")))
    }

    fn guard_body(
        &self,
        answer: &mut Response<Body>,
        over: Option<BoxFuture<'static, Status>>,
        record: Option<Record>,
    ) {
        if record.is_none() && over.is_none() {
            return;
        }
        let outcome = Status::from_header_map(answer.headers());
        let body = std::mem::take(answer.body_mut());
        let audit = record.map(|record| (self.audit.clone(), record));
        *answer.body_mut() = Body::new(GuardedBody::new(body, audit, outcome, over));
    }

    /// Why a stream without an end of its own ends: this component leaves, or the caller's right
    /// was revoked.
    fn over(&self, caller: Option<CallingComponent>) -> BoxFuture<'static, Status> {
        let leaving = self.leaving.clone().cancelled_owned();
        let revoked = match &self.proof {
            Proof::Certificate(revoked) => Some(revoked.clone()),
            Proof::Token(_) => None,
        };
        let shut_out = async move {
            if let Some(CallingComponent { name, join_token: Some(token), .. }) = caller
                && let Some(mut revoked) = revoked
                && revoked.wait_for(|revoked| revoked.contains(&token)).await.is_ok()
            {
                return shut_out(&name);
            }
            std::future::pending().await
        };
        Box::pin(async move {
            tokio::select! {
                () = leaving => {
                    status(Code::Unavailable, "CA0105", "this instance leaves; connect again")
                }
                status = shut_out => status,
            }
        })
    }
}

fn shut_out(component: &str) -> Status {
    let text = format!("the right of {component} to be here was revoked");
    status(Code::Unauthenticated, "CA0111", text)
}

/// The same words for every refusal: what is missing, not what would have been enough.
fn permit(caller: &Caller, row: &'static Rpc) -> Result<(), Status> {
    let component = caller.component.as_ref().map(|component| component.name.as_str());
    let roles = caller.user.as_ref().map(|user| user.roles.as_slice());
    if row.permits(component, roles) {
        return Ok(());
    }
    if component.is_none() && roles.is_none() {
        return Err(status(Code::Unauthenticated, "CA0102", "a user must be logged in"));
    }
    let who = component.unwrap_or("a browser");
    let text = format!("{who} may not call {} for this user", row.path);
    Err(status(Code::PermissionDenied, "CA0103", text))
}

fn record_of(caller: &Caller, row: &'static Rpc) -> Record {
    Record {
        at_ms: now_ms(),
        request_id: caller.request_id.clone(),
        rpc: row.path,
        component: caller.component.as_ref().map(|component| component.name.clone()),
        user: caller.user.as_ref().map(|user| user.name.clone()),
        outcome: Code::Cancelled.into(),
        code: None,
        about: None,
        note: caller.note.clone(),
    }
}

/// The caller's request id where it looks like one, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let is_fit = |text: &&str| {
        (1..=64).contains(&text.len())
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    let given = headers.get(REQUEST_ID).and_then(|value| value.to_str().ok()).filter(is_fit);
    given.map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

/// Tokens whose signature was verified before: a signature costs some 50 µs, a look-up less than
/// one.
#[derive(Debug)]
struct Remembered<C> {
    tokens: DashMap<String, (String, C)>,
}

impl<C> Default for Remembered<C> {
    fn default() -> Self {
        Self { tokens: DashMap::new() }
    }
}

impl<C: Claims + Clone> Remembered<C> {
    fn verify(&self, key: &PublicKey, token: &str) -> Result<C, crate::token::Invalid> {
        let now = now_seconds();
        if let Some(found) = self.tokens.get(token) {
            let (key_id, claims) = &*found;
            if key_id == key.id() && now < claims.expires_at() {
                return Ok(claims.clone());
            }
        }
        let claims: C = key.verify(token, now)?;
        if self.tokens.len() >= MOST_REMEMBERED {
            self.tokens.clear();
        }
        self.tokens.insert(token.to_owned(), (key.id().to_owned(), claims.clone()));
        Ok(claims)
    }
}

/// The answer to a call, if it comes within the time the contract gives it.
async fn within<T>(limit: Option<Duration>, work: impl Future<Output = T>) -> Option<T> {
    match limit {
        Some(limit) => tokio::time::timeout(limit, work).await.ok(),
        None => Some(work.await),
    }
}

fn too_late(row: &'static Rpc) -> Status {
    let text = format!("{} took longer than its deadline", row.path);
    status(Code::DeadlineExceeded, "CA0108", text)
}

impl<S> tower::Layer<S> for Guard {
    type Service = Guarded<S>;

    fn layer(&self, service: S) -> Guarded<S> {
        Guarded { guard: Arc::clone(&self.inner), service }
    }
}

/// A service behind the [`Guard`].
#[derive(Debug, Clone)]
pub struct Guarded<S> {
    guard: Arc<Inner>,
    service: S,
}

impl<S, B, R> tower::Service<Request<B>> for Guarded<S>
where
    S: tower::Service<Request<B>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    B: Send + 'static,
    R: http_body::Body<Data = Bytes> + Send + 'static,
    R::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.service.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let guard = Arc::clone(&self.guard);
        // The clone may not be ready; the one that was polled is.
        let clone = self.service.clone();
        let mut service = std::mem::replace(&mut self.service, clone);
        Box::pin(async move {
            let path = request.uri().path().to_owned();
            let (caller, row) =
                match guard.admit(&path, request.headers(), request.extensions()).await {
                    Ok(admitted) => admitted,
                    Err(refusal) => return Ok(refusal.into_http()),
                };
            let record = row.is_change.then(|| record_of(&caller, row));
            let over = row.deadline.is_none().then(|| guard.over(caller.component.clone()));
            let name = HeaderValue::from_str(&caller.request_id);
            let span = tracing::info_span!("rpc", path = row.path, request.id = caller.request_id);
            request.extensions_mut().insert(caller.clone());
            let work = caller.scope(async { service.call(request).await }).instrument(span);
            let mut answer = match within(row.deadline, work).await {
                Some(answered) => answered?.map(Body::new),
                None => too_late(row).into_http(),
            };
            if let Ok(name) = name {
                answer.headers_mut().insert(REQUEST_ID, name);
            }
            guard.guard_body(&mut answer, over, record);
            Ok(answer)
        })
    }
}

#[cfg(test)]
mod tests;
