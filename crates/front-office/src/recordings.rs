//! Recordings of messages, as the browser's player asks for them: a file, or a range of one.
//!
//! Who asks is who the session's cookie names; whether they may hear it, the communication server
//! decides.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use caruso_api::contact::v1 as contact;
use contact::read_recording_response::Part;
use futures::{StreamExt as _, future};
use http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, RANGE,
};
use http::{HeaderMap, StatusCode};
use tonic::{Code, Status, Streaming};

use crate::origin;
use crate::pages::with_headers;
use crate::peers::Peers;
use crate::sessions::Sessions;

/// What recordings need.
#[derive(Debug, Clone)]
pub(crate) struct Recordings {
    pub(crate) peers: Peers,
    pub(crate) sessions: Sessions,
}

/// Answers `GET /recordings/CONTACT` with the WAV file, or with the range that is asked for
/// (RFC 9110 §14): 401 without a session, 404 where there is nothing for this user.
pub(crate) async fn recording(
    State(recordings): State<Recordings>,
    Path(contact_id): Path<String>,
    headers: HeaderMap,
) -> Response {
    if !origin::is_own(&headers) {
        return with_headers(StatusCode::FORBIDDEN.into_response());
    }
    let range = headers.get(RANGE).and_then(|it| it.to_str().ok()).and_then(range);
    let answer = recordings.answer(contact_id, &headers, range).await;
    with_headers(answer.unwrap_or_else(|status| refusal(&status)))
}

impl Recordings {
    async fn answer(
        &self,
        contact_id: String,
        headers: &HeaderMap,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Response, Status> {
        let session = self.sessions.of(headers)?;
        let (offset, last) = range.unwrap_or((0, None));
        // none behind the last one: a range of nothing cannot be asked for
        let length = last.map_or(0, |last| last - offset + 1);
        let request = contact::ReadRecordingRequest { contact_id, offset, length };
        let request = session.request(request).await?;
        let mut parts = self.peers.recordings.clone().read(request).await?.into_inner();
        let Some(Part::Size(size)) = parts.message().await?.and_then(|it| it.part) else {
            return Err(Status::internal("the size of the recording is missing"));
        };
        if range.is_some() && offset >= size {
            let all = [(CONTENT_RANGE, format!("bytes */{size}"))];
            return Ok((StatusCode::RANGE_NOT_SATISFIABLE, all).into_response());
        }
        let end = last.map_or(size, |last| size.min(last + 1));
        let mut response = whole(parts, end - offset);
        if range.is_some() {
            *response.status_mut() = StatusCode::PARTIAL_CONTENT;
            let told = format!("bytes {offset}-{}/{size}", end - 1);
            let told = told.parse().map_err(|_| Status::internal("no header"))?;
            response.headers_mut().insert(CONTENT_RANGE, told);
        }
        Ok(response)
    }
}

/// The bytes as they come; nobody keeps them.
fn whole(parts: Streaming<contact::ReadRecordingResponse>, length: u64) -> Response {
    let content = parts.filter_map(|part| {
        future::ready(match part.map(|it| it.part) {
            Ok(Some(Part::Content(content))) => Some(Ok(content)),
            Ok(_) => None,
            Err(status) => Some(Err(status)),
        })
    });
    let headers = [
        (CONTENT_TYPE, "audio/wav".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (ACCEPT_RANGES, "bytes".to_owned()),
        (CONTENT_LENGTH, length.to_string()),
    ];
    (headers, Body::from_stream(content)).into_response()
}

/// First and last byte of `bytes=A-B` or `bytes=A-`. Anything else is as if it was not there, as
/// the RFC has it: the whole file is the answer.
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    match last {
        "" => Some((first, None)),
        last => last
            .parse()
            .ok()
            .filter(|last| *last >= first && *last < u64::MAX)
            .map(|last| (first, Some(last))),
    }
}

fn refusal(status: &Status) -> Response {
    match status.code() {
        Code::Unauthenticated => StatusCode::UNAUTHORIZED,
        Code::PermissionDenied => StatusCode::FORBIDDEN,
        Code::NotFound | Code::InvalidArgument => StatusCode::NOT_FOUND,
        _ => StatusCode::SERVICE_UNAVAILABLE,
    }
    .into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_one_of_bytes_and_anything_else_is_the_whole() {
        assert_eq!(range("bytes=0-"), Some((0, None)));
        assert_eq!(range("bytes=44-99"), Some((44, Some(99))));
        for other in ["bytes=-5", "bytes=9-3", "bytes=0-1,4-5", "lines=0-1", "bytes=a-", "bytes="] {
            assert_eq!(range(other), None, "{other}");
        }
        assert_eq!(range(&format!("bytes=0-{}", u64::MAX)), None);
    }
}
