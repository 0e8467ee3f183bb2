//! Log-in sessions of browsers: fresh tokens for each, fetched once however many ask.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use arc_swap::ArcSwap;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::identity::v1::{LogInResponse, LogOutRequest, RefreshRequest, User};
use caruso_component::{InterfaceChannel, status};
use http::HeaderMap;
use prost_types::Timestamp;
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};

use crate::cookie::{self, Cookies};

/// Sessions whose token is remembered; beyond it they are fetched again.
const MOST: usize = 4096;
/// A token that ends within so many seconds is renewed.
const MARGIN_SECONDS: i64 = 30;

type Digest = [u8; 32];

/// Every log-in session that was used since the start.
#[derive(Debug, Clone)]
pub(crate) struct Sessions {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    identity: IdentityClient<InterfaceChannel>,
    cookies: Cookies,
    known: Mutex<BTreeMap<Digest, Session>>,
}

/// One log-in session; the same for all clones.
#[derive(Debug, Clone)]
pub(crate) struct Session {
    inner: Arc<SessionInner>,
}

struct SessionInner {
    identity: IdentityClient<InterfaceChannel>,
    user: ArcSwap<User>,
    secret: String,
    token: tokio::sync::Mutex<Option<Token>>,
}

impl std::fmt::Debug for SessionInner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Session")
            .field("user", &self.user.load().name)
            .finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Token {
    text: String,
    expires_at: i64,
}

impl Sessions {
    pub(crate) fn new(identity: IdentityClient<InterfaceChannel>, cookies: Cookies) -> Self {
        Self { inner: Arc::new(Inner { identity, cookies, known: Mutex::default() }) }
    }

    /// Keeps the session of somebody who just logged in; answers with the `set-cookie` header.
    pub(crate) fn open(&self, answer: &LogInResponse) -> Result<String, Status> {
        let cookie = self.inner.cookies.seal(answer);
        let cookie = cookie.ok_or_else(|| Status::internal("the session could not be sealed"))?;
        let session = self.session(answer)?;
        self.keep(digest(&answer.session_secret), session);
        Ok(cookie)
    }

    /// The session that a request's cookie names.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` (CA0102) when there is none.
    pub(crate) fn of(&self, headers: &HeaderMap) -> Result<Session, Status> {
        let opened = cookie::value(headers).and_then(|value| self.inner.cookies.open(value));
        let opened = opened.ok_or_else(ended)?;
        let digest = digest(&opened.session_secret);
        if let Some(session) = lock(&self.inner.known).get(&digest) {
            return Ok(session.clone());
        }
        let session = self.session(&opened)?;
        self.keep(digest, session.clone());
        Ok(session)
    }

    /// Ends a session here and at identity.
    pub(crate) async fn close(&self, session: &Session) -> Result<(), Status> {
        let secret = session.inner.secret.clone();
        lock(&self.inner.known).remove(&digest(&secret));
        let request = LogOutRequest { session_secret: secret };
        self.inner.identity.clone().log_out(request).await.map(drop)
    }

    fn session(&self, answer: &LogInResponse) -> Result<Session, Status> {
        let expires_at = answer.token_expires_at.as_ref().map_or(0, |at| at.seconds);
        let token =
            (!answer.token.is_empty()).then(|| Token { text: answer.token.clone(), expires_at });
        Ok(Session {
            inner: Arc::new(SessionInner {
                identity: self.inner.identity.clone(),
                user: ArcSwap::from_pointee(answer.user.clone().ok_or_else(ended)?),
                secret: answer.session_secret.clone(),
                token: tokio::sync::Mutex::new(token),
            }),
        })
    }

    fn keep(&self, digest: Digest, session: Session) {
        let mut known = lock(&self.inner.known);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(digest, session);
    }
}

impl Session {
    /// Who logged in, as identity knew them when it gave the last token.
    pub(crate) fn user(&self) -> Arc<User> {
        self.inner.user.load_full()
    }

    /// A token that is good for some time yet.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` when the session is over; `UNAVAILABLE` while identity is away.
    pub(crate) async fn token(&self) -> Result<String, Status> {
        let mut token = self.inner.token.lock().await;
        if let Some(token) = token.as_ref().filter(|token| is_good(token, now_seconds())) {
            return Ok(token.text.clone());
        }
        let request = RefreshRequest { session_secret: self.inner.secret.clone() };
        let fresh = self.inner.identity.clone().refresh(request).await?.into_inner();
        let expires_at = fresh.token_expires_at.as_ref().map_or(0, |at: &Timestamp| at.seconds);
        if let Some(user) = fresh.user {
            self.inner.user.store(Arc::new(user));
        }
        let text = fresh.token;
        *token = Some(Token { text: text.clone(), expires_at });
        Ok(text)
    }

    /// A request that carries the user's token.
    pub(crate) async fn request<T>(&self, message: T) -> Result<tonic::Request<T>, Status> {
        let bearer = format!("Bearer {}", self.token().await?);
        let value = bearer.parse();
        let value = value.map_err(|_| Status::internal("identity gave a malformed token"))?;
        let mut request = tonic::Request::new(message);
        request.metadata_mut().insert("authorization", value);
        Ok(request)
    }
}

fn is_good(token: &Token, now: i64) -> bool {
    token.expires_at - now > MARGIN_SECONDS
}

fn ended() -> Status {
    status(Code::Unauthenticated, "CA0102", "a user must be logged in")
}

fn digest(secret: &str) -> Digest {
    Sha256::digest(secret.as_bytes()).into()
}

fn now_seconds() -> i64 {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
