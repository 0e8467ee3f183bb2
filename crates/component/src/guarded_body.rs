//! The body of an answer that somebody must see the end of.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tonic::Status;
use tonic::body::Body;

use crate::audit::{Audit, Record};

/// Writes the audit record once the outcome is known, and ends an endless stream when the component
/// leaves or the caller may not be here any more. An answer that is dropped before its end counts
/// as cancelled.
pub(crate) struct GuardedBody {
    inner: Body,
    audit: Option<(Audit, Record)>,
    over: Option<BoxFuture<'static, Status>>,
    is_over: bool,
}

impl GuardedBody {
    /// `outcome` is known at once where the answer has no body.
    pub(crate) fn new(
        inner: Body,
        audit: Option<(Audit, Record)>,
        outcome: Option<Status>,
        over: Option<BoxFuture<'static, Status>>,
    ) -> Self {
        let mut body = Self { inner, audit, over, is_over: false };
        if let Some(outcome) = outcome {
            body.finish(&outcome);
        }
        body
    }

    fn finish(&mut self, outcome: &Status) {
        if let Some((audit, mut record)) = self.audit.take() {
            record.ended(outcome);
            audit.write(&record);
        }
    }

    fn farewell(&mut self, why: &Status) -> Frame<Bytes> {
        self.is_over = true;
        let mut trailers = HeaderMap::new();
        if why.add_header(&mut trailers).is_err() {
            trailers.insert("grpc-status", http::HeaderValue::from_static("14"));
        }
        Frame::trailers(trailers)
    }
}

impl http_body::Body for GuardedBody {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(context) {
            let trailers = frame.as_ref().and_then(|frame| frame.as_ref().ok());
            if let Some(trailers) = trailers.and_then(Frame::trailers_ref) {
                let outcome = Status::from_header_map(trailers).unwrap_or_else(|| Status::ok(""));
                self.finish(&outcome);
            }
            return Poll::Ready(frame);
        }
        match self.over.as_mut().map(|over| over.as_mut().poll(context)) {
            Some(Poll::Ready(why)) => Poll::Ready(Some(Ok(self.farewell(&why)))),
            Some(Poll::Pending) | None => Poll::Pending,
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_over || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl Drop for GuardedBody {
    fn drop(&mut self) {
        self.finish(&Status::cancelled(""));
    }
}
