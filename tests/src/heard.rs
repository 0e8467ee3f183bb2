//! Messages of customers at the desk, heard as the browser's player hears them, and who is called
//! back: those who left one, and those who hung up.

use bytes::Bytes;
use caruso_api::contact::v1::Abandoned;
use caruso_api::desk::v1 as wire;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::{BodyExt as _, Empty};
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tonic::Status as Refusal;

use crate::Desk;

/// What the server answered to a player.
#[derive(Debug)]
pub struct Heard {
    /// 200, 206 for a range, 404 where there is nothing for this person.
    pub status: StatusCode,
    /// Its headers.
    pub headers: HeaderMap,
    /// The file, or the range.
    pub content: Bytes,
}

impl Desk {
    /// Fetches the recording of a contact, or a range of it such as `bytes=0-99`.
    ///
    /// # Panics
    /// When the server does not answer.
    pub async fn recording(&self, http: &str, contact_id: &str, range: Option<&str>) -> Heard {
        let client = Client::builder(TokioExecutor::new()).build_http::<Empty<Bytes>>();
        let mut request = Request::get(format!("{http}/recordings/{contact_id}"));
        let [(name, cookie), _] = &self.headers;
        request = request.header(*name, cookie);
        if let Some(range) = range {
            request = request.header("range", range);
        }
        let request = request.body(Empty::new()).expect("a request");
        let answer = client.request(request).await.expect("the front office answers");
        let (parts, body) = answer.into_parts();
        let content = body.collect().await.expect("a whole answer").to_bytes();
        Heard { status: parts.status, headers: parts.headers, content }
    }

    /// Who hung up waiting and has not been talked to since, as this person sees it.
    ///
    /// # Panics
    /// When that is refused.
    pub async fn abandoned(&mut self) -> Vec<Abandoned> {
        let request = crate::desk::request(&self.headers, wire::ListAbandonedRequest {});
        let listed = self.wire.list_abandoned(request).await;
        listed.expect("agents and supervisors may").into_inner().entries
    }

    /// Calls who left the message that the agent has, or who hung up waiting, and gives the contact
    /// of the call.
    ///
    /// # Errors
    /// As the desk says.
    pub async fn call_back(&mut self, contact_id: &str) -> Result<String, Refusal> {
        let request = wire::CallBackRequest { contact_id: contact_id.to_owned() };
        let request = crate::desk::request(&self.headers, request);
        self.wire.call_back(request).await.map(|answer| answer.into_inner().contact_id)
    }
}
