//! `caruso.contact.v1.Recordings`: what customers said, to be heard.

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::read_recording_response::Part;
use caruso_api::contact::v1::recordings_server::Recordings as Service;
use caruso_component::{Caller, Role, status};
use caruso_contact::ContactId;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};
use tracing::info;

use crate::agents::{contact, stopping};
use crate::domain::Handle;
use crate::recordings::{Error, Heard, Recordings};

/// Bytes of a message.
const MOST_IN_MESSAGE: usize = 64 * 1024;
/// Messages that wait for a slow reader.
const AHEAD: usize = 2;

type Answer = Result<wire::ReadRecordingResponse, Status>;

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct RecordingsService {
    owner: Handle,
    recordings: Recordings,
}

impl RecordingsService {
    /// A service that reads these, and asks this owner whose they are.
    pub(crate) fn new(owner: Handle, recordings: Recordings) -> Self {
        Self { owner, recordings }
    }

    /// Whether the contact is one that the user may hear: theirs, or they are a supervisor.
    async fn admit(&self, caller: &Caller, id: ContactId) -> Result<(), Status> {
        let user = caller.user()?;
        let known = self.owner.contact(id).await.map_err(stopping)?.ok_or_else(missing)?;
        let may_hear = user.has(Role::Supervisor) || known.agent == user.name;
        if may_hear { Ok(()) } else { Err(missing()) }
    }
}

#[tonic::async_trait]
impl Service for RecordingsService {
    type ReadStream = ReceiverStream<Answer>;

    async fn read(
        &self,
        request: Request<wire::ReadRecordingRequest>,
    ) -> Result<Response<Self::ReadStream>, Status> {
        let wire::ReadRecordingRequest { contact_id, offset, length } = request.get_ref().clone();
        let id = contact(&contact_id)?;
        self.admit(Caller::of(&request)?, id).await?;
        let heard = self.recordings.hear(id).await.map_err(refused)?;
        let name = &Caller::of(&request)?.user()?.name;
        info!(contact.id = %id, user.name = name, offset, "a recording is heard");
        let (reader, messages) = mpsc::channel(AHEAD);
        let length = if length == 0 { u64::MAX } else { length };
        tokio::spawn(tell(heard, (offset, length), reader));
        Ok(Response::new(ReceiverStream::new(messages)))
    }
}

/// Sends the size and the part that is wanted, until all is sent or nobody reads any more.
async fn tell(mut heard: Heard, (mut offset, mut left): (u64, u64), reader: mpsc::Sender<Answer>) {
    let mut part = Part::Size(heard.size());
    loop {
        let message = wire::ReadRecordingResponse { part: Some(part) };
        if reader.send(Ok(message)).await.is_err() {
            return;
        }
        let content = match piece(&mut heard, offset, left).await {
            Ok(content) => content,
            Err(error) => {
                let _ = reader.send(Err(refused(error))).await;
                return;
            }
        };
        if content.is_empty() {
            return;
        }
        let read = content.len() as u64;
        (offset, left) = (offset + read, left - read);
        part = Part::Content(content);
    }
}

async fn piece(heard: &mut Heard, offset: u64, left: u64) -> Result<Vec<u8>, Error> {
    let most = left.min(MOST_IN_MESSAGE as u64);
    let mut content = Vec::new();
    while (content.len() as u64) < most {
        let read = content.len() as u64;
        let more = heard.read(offset + read, most - read).await?;
        if more.is_empty() {
            break;
        }
        content.extend(more);
    }
    Ok(content)
}

fn missing() -> Status {
    status(Code::NotFound, "CC0141", "there is no recording for you")
}

fn refused(error: Error) -> Status {
    match error {
        Error::Missing | Error::Erased | Error::Foreign => missing(),
        error => {
            let error = &error as &dyn std::error::Error;
            tracing::error!(error, "a recording cannot be read");
            Status::unavailable("the recording cannot be read now")
        }
    }
}
