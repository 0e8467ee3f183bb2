//! The body of an answer that somebody must see the end of.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures::future::BoxFuture;
use http::HeaderMap;
use http_body::{Frame, SizeHint};
use tokio_util::sync::CancellationToken;
use tonic::body::Body;
use tonic::{Code, Status};

use crate::audit::{Audit, Record};
use crate::status;

/// Writes the audit record once the outcome is known, and ends an endless stream when the component
/// leaves. An answer that is dropped before its end counts as cancelled.
pub(crate) struct GuardedBody {
    inner: Body,
    audit: Option<(Audit, Record)>,
    leaving: Option<BoxFuture<'static, ()>>,
    is_over: bool,
}

impl GuardedBody {
    /// `outcome` is known at once where the answer has no body.
    pub(crate) fn new(
        inner: Body,
        audit: Option<(Audit, Record)>,
        outcome: Option<Code>,
        leaving: Option<CancellationToken>,
    ) -> Self {
        let leaving = leaving.map(|token| Box::pin(token.cancelled_owned()) as BoxFuture<'_, ()>);
        let mut body = Self { inner, audit, leaving, is_over: false };
        if let Some(outcome) = outcome {
            body.finish(outcome);
        }
        body
    }

    fn finish(&mut self, outcome: Code) {
        if let Some((audit, mut record)) = self.audit.take() {
            record.outcome = outcome.into();
            audit.write(&record);
        }
    }

    fn farewell(&mut self) -> Frame<Bytes> {
        self.is_over = true;
        let leave = status(Code::Unavailable, "CA0105", "this instance leaves; connect again");
        let mut trailers = HeaderMap::new();
        if leave.add_header(&mut trailers).is_err() {
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
                let outcome = Status::from_header_map(trailers).map_or(Code::Ok, |s| s.code());
                self.finish(outcome);
            }
            return Poll::Ready(frame);
        }
        let is_leaving =
            self.leaving.as_mut().is_some_and(|leaving| leaving.as_mut().poll(context).is_ready());
        if !is_leaving {
            return Poll::Pending;
        }
        Poll::Ready(Some(Ok(self.farewell())))
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
        self.finish(Code::Cancelled);
    }
}
