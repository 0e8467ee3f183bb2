//! A request that may be sent more than once.

use bytes::Bytes;
use http::{HeaderMap, Request, Uri};
use http_body_util::{BodyExt as _, Full};
use tonic::body::Body;
use tonic::{Code, Status};

use crate::outcomes::GRPC_STATUS;
use crate::peer::Peer;

/// Times that one call is sent, where its contract says that it changes nothing.
const MOST_SENDS: usize = 3;

/// A request with what it takes to send it again, if that is allowed.
pub(crate) struct Repeatable {
    request: Option<Request<Body>>,
    /// Head and body of the next attempt.
    kept: Option<(http::request::Parts, Bytes)>,
    sends: usize,
}

impl Repeatable {
    /// Takes a request; one that `is_safe` has all of its body now, since it is one message, which
    /// the caller holds already. How large it may be is for the callee to say.
    pub(crate) async fn new(request: Request<Body>, is_safe: bool) -> Result<Self, Status> {
        if !is_safe {
            return Ok(Self { request: Some(request), kept: None, sends: 0 });
        }
        let (parts, body) = request.into_parts();
        let whole = body.collect().await?;
        Ok(Self { request: None, kept: Some((parts, whole.to_bytes())), sends: 0 })
    }

    /// The request for the next attempt, at this address.
    pub(crate) fn next(&mut self, peer: &Peer) -> Request<Body> {
        self.sends += 1;
        let mut request = self.request.take().unwrap_or_else(|| {
            let kept = self.kept.as_ref();
            let (parts, body) = kept.expect("what is not kept comes back where it was not sent");
            Request::from_parts(parts.clone(), Body::new(Full::new(body.clone())))
        });
        *request.uri_mut() = uri_at(peer, request.uri());
        request
    }

    /// Nothing was sent: it comes back.
    pub(crate) fn unsent(&mut self, request: Request<Body>) {
        self.sends -= 1;
        self.request = Some(request);
    }

    /// Whether it may be sent once more although it was sent.
    pub(crate) fn may_repeat(&self) -> bool {
        self.kept.is_some() && self.sends < MOST_SENDS
    }
}

/// Whether an answer is nothing but that its instance cannot serve now.
pub(crate) fn is_unavailable(headers: &HeaderMap) -> bool {
    let status = headers.get(GRPC_STATUS).map(|value| Code::from_bytes(value.as_ref()));
    status == Some(Code::Unavailable)
}

fn uri_at(peer: &Peer, uri: &Uri) -> Uri {
    let mut parts = uri.clone().into_parts();
    parts.scheme = Some(peer.scheme());
    parts.authority = Some(peer.authority().clone());
    Uri::from_parts(parts).expect("scheme, authority and a path make an address")
}
