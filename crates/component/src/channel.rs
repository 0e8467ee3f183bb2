//! Calls to an interface, whoever offers it now.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use bytes::Bytes;
use futures::future::BoxFuture;
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use tokio::time::{Instant, Sleep};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::backoff::Backoff;
use crate::directory::{Handle, Target};
use crate::outcomes::{GRPC_STATUS, is_failure};
use crate::peer::Peer;
use crate::permissions::{self, Rpc};
use crate::repeatable::{Repeatable, is_unavailable};
use crate::{Caller, deadline, status};

/// Header of the component token.
pub(crate) const COMPONENT_TOKEN: HeaderName = HeaderName::from_static("x-caruso-component");
/// Header of the request id.
pub(crate) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A call waits this long for somebody to offer the interface, or to be reachable.
const WAIT_FOR_OFFER: Duration = Duration::from_secs(2);
const MARGIN: Duration = Duration::from_millis(20);
/// Every call earns one, up to the most; every further attempt costs five.
const MOST_CREDIT: u32 = 500;
const ATTEMPT_COST: u32 = 5;

/// The component's own token, ready to be sent; none before the first welcome.
pub(crate) type Credentials = Arc<ArcSwapOption<HeaderValue>>;

/// A gRPC channel to an interface: hand it to a generated client. Each request goes to an offer of
/// the local snapshot; the address may differ from request to request.
///
/// A request fails with `UNAVAILABLE` (CA0106), naming the interface, when nobody offers it or
/// nobody can be reached within 2 s; with `UNAUTHENTICATED` (CA0110) when somebody answers who is
/// not the component that offers it. It is sent once only, and another offer is tried as long as it
/// is proven that nothing was sent; what the table of permissions says changes nothing is sent
/// up to three times, where the connection broke before the answer began, or an instance said that
/// it is unavailable and another is there. All further attempts come out of one budget of a
/// channel, a fifth of its calls. The deadline is the request's own, else the one the proto file
/// states; never later than that of the request on whose behalf it is made.
#[derive(Debug, Clone)]
pub struct InterfaceChannel {
    shared: Arc<Shared>,
    caller: Option<Caller>,
}

#[derive(Debug)]
struct Shared {
    interface: String,
    component: String,
    credentials: Credentials,
    route: Route,
    credit: AtomicU32,
}

#[derive(Debug)]
pub(crate) enum Route {
    /// The service manager, whose address is given.
    Fixed(Arc<Peer>),
    Directory(Handle),
    /// Only the offers of the component of this name.
    Component(Handle, String),
}

impl InterfaceChannel {
    pub(crate) fn new(
        interface: &str,
        component: &str,
        credentials: Credentials,
        route: Route,
    ) -> Self {
        let shared = Shared {
            interface: interface.to_owned(),
            component: component.to_owned(),
            credentials,
            route,
            credit: AtomicU32::new(MOST_CREDIT),
        };
        Self { shared: Arc::new(shared), caller: None }
    }

    /// The same channel on behalf of a caller, also outside of the caller's own request: its
    /// request id, and its user's token where the rpc wants one.
    #[must_use]
    pub fn on_behalf_of(&self, caller: &Caller) -> Self {
        Self { caller: Some(caller.clone().without_deadline()), ..self.clone() }
    }
}

impl tower::Service<Request<Body>> for InterfaceChannel {
    type Response = Response<Body>;
    type Error = Status;
    type Future = BoxFuture<'static, Result<Self::Response, Self::Error>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let caller = self.caller.clone().or_else(Caller::current);
        let row = permissions::rpc(request.uri().path());
        let until = self.shared.prepare(&mut request, row, caller.as_ref());
        let this = self.clone();
        Box::pin(async move {
            let Some(until) = until else { return this.send(request, row, None).await };
            let sent = this.send(request, row, Some(until));
            let sent = tokio::time::timeout_at(until, sent).await;
            sent.unwrap_or_else(|_| Err(too_late(&this.shared.interface)))
        })
    }
}

impl InterfaceChannel {
    async fn send(
        &self,
        request: Request<Body>,
        row: Option<&Rpc>,
        until: Option<Instant>,
    ) -> Result<Response<Body>, Status> {
        let shared = &self.shared;
        shared.earn();
        let method = row.map(|row| row.path);
        let mut request = Repeatable::new(request, row.is_some_and(Rpc::is_repeatable)).await?;
        let give_up = give_up_at(until);
        let mut backoff = Backoff::default();
        let mut tried: Vec<Arc<Peer>> = Vec::new();
        let mut reason = "nobody offers it".to_owned();
        let mut is_untrusted = false;
        loop {
            let Some(peer) = self.choose(&tried) else {
                let is_final = is_untrusted && matches!(shared.route, Route::Fixed(_));
                let is_late = Instant::now() >= give_up;
                if is_final || is_late || (!tried.is_empty() && !shared.spend()) {
                    return Err(shared.unreachable(&reason, is_untrusted));
                }
                self.wait_for_news(give_up, backoff.failed()).await;
                tried.clear();
                continue;
            };
            let mut connection = match peer.connection().await {
                Ok(connection) => connection,
                Err(unreachable) => {
                    reason = unreachable.to_string();
                    is_untrusted = unreachable.is_untrusted;
                    tried.push(peer);
                    continue;
                }
            };
            let mut in_flight = InFlight::begin(&peer, method, until);
            let sent = connection.try_send_request(request.next(&peer)).await;
            tried.push(Arc::clone(&peer));
            match sent {
                Ok(response) => {
                    in_flight.answered(response.headers());
                    let is_refused = is_unavailable(response.headers());
                    let is_again = is_refused && self.choose(&tried).is_some();
                    if is_again && request.may_repeat() && shared.spend() {
                        reason = format!("{}: it is unavailable", peer.authority());
                        continue;
                    }
                    return Ok(shared.answer(response, in_flight, until));
                }
                Err(mut error) => match error.take_message() {
                    Some(unsent) => {
                        in_flight.forget();
                        request.unsent(unsent);
                        reason = format!("{}: {}", peer.authority(), error.into_error());
                        peer.discard();
                    }
                    None => {
                        in_flight.failed();
                        let error = error.into_error();
                        if !request.may_repeat() || !shared.spend() {
                            return Err(shared.broken(&peer, &error));
                        }
                        reason = format!("{}: {error}", peer.authority());
                        peer.discard();
                    }
                },
            }
        }
    }

    /// The offer for this attempt: not one that was tried, and preferably none that just failed
    /// others or is ejected.
    fn choose(&self, tried: &[Arc<Peer>]) -> Option<Arc<Peer>> {
        let is_tried = |peer: &Arc<Peer>| tried.iter().any(|other| Arc::ptr_eq(other, peer));
        match &self.shared.route {
            Route::Fixed(peer) => (!is_tried(peer)).then(|| Arc::clone(peer)),
            Route::Directory(handle) | Route::Component(handle, _) => {
                let now = std::time::Instant::now();
                let next = |is_good: &dyn Fn(&Arc<Peer>) -> bool| {
                    handle.resolve(|target| {
                        let peer = &target.peer;
                        let is_fit = self.suits(target) && !is_tried(peer) && !peer.is_shunned();
                        (is_fit && is_good(peer)).then(|| Arc::clone(peer))
                    })
                };
                let first = next(&|peer| peer.balance().ejected_until(now).is_none())?;
                if first.is_some() {
                    return first;
                }
                let snapshot = handle.snapshot();
                let ours = snapshot.targets().iter().filter(|target| self.suits(target));
                let ours: Vec<&Arc<Peer>> = ours.map(|target| &target.peer).collect();
                let out = left_out(&ours, now);
                let is_in = |peer: &Arc<Peer>| !out.iter().any(|other| Arc::ptr_eq(other, peer));
                // whose turn is next, so that not one gets all that another does not
                let good = ours.iter().find_map(|_| next(&is_in).flatten());
                good.or_else(|| {
                    let open = || ours.iter().copied().filter(|peer| !is_tried(peer));
                    let rested = open().find(|peer| is_in(peer) && !peer.is_shunned());
                    let not_out = || open().find(|peer| is_in(peer));
                    rested.or_else(not_out).or_else(|| open().next()).cloned()
                })
            }
        }
    }

    fn suits(&self, target: &Target) -> bool {
        match &self.shared.route {
            Route::Component(_, name) => target.offer().component == *name,
            Route::Fixed(_) | Route::Directory(_) => true,
        }
    }

    async fn wait_for_news(&self, give_up: Instant, pause: Duration) {
        let pause = tokio::time::sleep_until(give_up.min(Instant::now() + pause));
        match &self.shared.route {
            Route::Fixed(_) => pause.await,
            Route::Directory(handle) | Route::Component(handle, _) => {
                let mut changes = handle.changes();
                tokio::select! {
                    () = pause => {}
                    _ = changes.changed() => {}
                }
            }
        }
    }
}

/// The addresses that are left out now: those that are ejected, but never more than half, of more
/// those for the longest time.
fn left_out(peers: &[&Arc<Peer>], now: std::time::Instant) -> Vec<Arc<Peer>> {
    let ejected = peers.iter().filter_map(|peer| Some((peer.balance().ejected_until(now)?, peer)));
    let mut ejected: Vec<_> = ejected.collect();
    ejected.sort_by_key(|(until, _)| std::cmp::Reverse(*until));
    ejected.into_iter().take(peers.len() / 2).map(|(_, peer)| Arc::clone(peer)).collect()
}

/// A little before the deadline, so that the answer says who is missing.
fn give_up_at(until: Option<Instant>) -> Instant {
    let patience = Instant::now() + WAIT_FOR_OFFER;
    until.map_or(patience, |until| patience.min(until - MARGIN))
}

impl Shared {
    /// Puts on the headers that say who calls, and answers when the call must be over.
    fn prepare(
        &self,
        request: &mut Request<Body>,
        row: Option<&Rpc>,
        caller: Option<&Caller>,
    ) -> Option<Instant> {
        let headers = request.headers_mut();
        let request_id = caller.map_or_else(new_request_id, |caller| caller.request_id.clone());
        if let Ok(value) = HeaderValue::from_str(&request_id) {
            headers.insert(REQUEST_ID, value);
        }
        if !row.is_some_and(Rpc::is_open) {
            if let Some(token) = self.credentials.load_full() {
                headers.insert(COMPONENT_TOKEN, HeaderValue::clone(&token));
            }
            let user = caller.and_then(|caller| caller.user_token.as_ref());
            if let Some(token) = user
                && row.is_some_and(|row| row.wants_user_of(&self.component))
                && let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {}", token.expose()))
            {
                value.set_sensitive(true);
                headers.insert(AUTHORIZATION, value);
            }
        }
        let own = deadline::read(headers).or(row.and_then(|row| row.deadline));
        // A stream without an end outlives the request that opened it.
        let until = own.map(|own| {
            let until = Instant::now() + own;
            let from_caller = caller.and_then(|caller| caller.deadline).map(Instant::from_std);
            from_caller.map_or(until, |from_caller| from_caller.min(until))
        });
        if let Some(until) = until {
            deadline::write(headers, until.saturating_duration_since(Instant::now()));
        }
        until
    }

    fn answer(
        &self,
        response: Response<Incoming>,
        in_flight: InFlight,
        until: Option<Instant>,
    ) -> Response<Body> {
        response.map(|inner| {
            Body::new(AnswerBody {
                inner,
                in_flight,
                sleep: until.map(|until| Box::pin(tokio::time::sleep_until(until))),
                interface: self.interface.clone(),
            })
        })
    }

    fn earn(&self) {
        let earned = |credit: u32| (credit < MOST_CREDIT).then_some(credit + 1);
        // Full: nothing to add.
        let _ = self.credit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, earned);
    }

    fn spend(&self) -> bool {
        let spent = |credit: u32| credit.checked_sub(ATTEMPT_COST);
        self.credit.fetch_update(Ordering::Relaxed, Ordering::Relaxed, spent).is_ok()
    }

    fn unreachable(&self, reason: &str, is_untrusted: bool) -> Status {
        let text = format!("{} is not available: {reason}", self.interface);
        if is_untrusted {
            return status(Code::Unauthenticated, "CA0110", text);
        }
        status(Code::Unavailable, "CA0106", text)
    }

    fn broken(&self, peer: &Peer, error: &hyper::Error) -> Status {
        let mut text =
            format!("the connection to {} broke during the call: {error}", peer.authority());
        if matches!(self.route, Route::Fixed(_)) && peer.scheme() == http::uri::Scheme::HTTP {
            text.push_str(" (without --dev it wants https:// and a join token)");
        }
        status(Code::Unavailable, "CA0107", format!("{}: {text}", self.interface))
    }
}

fn too_late(interface: &str) -> Status {
    status(Code::DeadlineExceeded, "CA0108", format!("{interface} did not answer in time"))
}

fn new_request_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// A call from its beginning to its end, which is counted.
#[derive(Debug)]
struct InFlight {
    peer: Arc<Peer>,
    /// What is counted; nothing for what was not sent.
    method: Option<&'static str>,
    began: Instant,
    until: Option<Instant>,
    has_answered: bool,
    is_failed: bool,
}

impl InFlight {
    fn begin(peer: &Arc<Peer>, method: Option<&'static str>, until: Option<Instant>) -> Self {
        peer.begin();
        let (peer, began) = (Arc::clone(peer), Instant::now());
        Self { peer, method, began, until, has_answered: false, is_failed: false }
    }

    fn answered(&mut self, headers: &http::HeaderMap) {
        self.has_answered = true;
        let took = self.began.elapsed();
        if let Some(method) = self.method {
            self.peer.outcomes().called(method, took);
        }
        self.look(headers);
        if !self.is_failed {
            self.peer.balance().served(std::time::Instant::now(), took);
        }
    }

    /// Looks for the status, which stands in headers or trailers.
    fn look(&mut self, headers: &http::HeaderMap) {
        let status = headers.get(GRPC_STATUS).map(|value| Code::from_bytes(value.as_ref()));
        self.is_failed |= status.is_some_and(is_failure);
    }

    fn failed(&mut self) {
        self.is_failed = true;
    }

    /// Nothing was sent, so that nobody has served or failed.
    fn forget(&mut self) {
        self.method = None;
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.peer.end();
        let Some(method) = self.method else { return };
        let outcomes = self.peer.outcomes();
        let is_late = !self.has_answered && self.until.is_some_and(|until| Instant::now() >= until);
        if !self.has_answered {
            outcomes.called(method, self.began.elapsed());
        }
        if self.is_failed || is_late {
            outcomes.failed(method);
            self.peer.balance().failed(std::time::Instant::now());
        }
    }
}

/// The body of an answer: counts as in flight until its end, and ends at the deadline.
struct AnswerBody {
    inner: Incoming,
    in_flight: InFlight,
    sleep: Option<Pin<Box<Sleep>>>,
    interface: String,
}

impl http_body::Body for AnswerBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            match &frame {
                Some(Ok(frame)) => {
                    if let Some(trailers) = frame.trailers_ref() {
                        self.in_flight.look(trailers);
                    }
                }
                Some(Err(_)) => self.in_flight.failed(),
                None => {}
            }
            let broken = |error: hyper::Error| {
                let peer = self.in_flight.peer.authority();
                let text = format!("the connection to {peer} broke during the call: {error}");
                status(Code::Unavailable, "CA0107", format!("{}: {text}", self.interface))
            };
            return Poll::Ready(frame.map(|frame| frame.map_err(broken)));
        }
        let Some(sleep) = &mut self.sleep else { return Poll::Pending };
        ready!(sleep.as_mut().poll(context));
        self.in_flight.failed();
        Poll::Ready(Some(Err(too_late(&self.interface))))
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
