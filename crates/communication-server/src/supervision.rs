//! `caruso.contact.v1.Supervision`: what supervisors see and do.

use std::pin::Pin;
use std::time::Duration;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::supervision_server::Supervision;
use caruso_component::status;
use caruso_contact::{AgentId, ImposedState, ListeningMode, QueueId};
use caruso_routing::{Input, Refusal};
use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status};

use crate::agents::{Codes, agent, contact, stopping};
use crate::convert;
use crate::domain::Handle;

/// Longest reason in a supervisor's own words, in bytes.
const MAX_WORDS_BYTES: usize = 500;
/// Two messages of the floor come no closer.
const PAUSE: Duration = Duration::from_millis(500);
/// A message comes at least so often: what waits gets older.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);

/// The service; the supervisor is the user of the token.
#[derive(Clone, Debug)]
pub(crate) struct SupervisionService {
    owner: Handle,
}

impl SupervisionService {
    /// A service that asks this owner.
    pub(crate) fn new(owner: Handle) -> Self {
        Self { owner }
    }

    async fn ask(&self, supervisor: &AgentId, input: Input, codes: Codes) -> Result<(), Status> {
        let answer = self.owner.ask(input, supervisor.as_str()).await.map_err(stopping)?;
        answer.map_err(|refusal| codes.of(refusal))
    }
}

#[tonic::async_trait]
impl Supervision for SupervisionService {
    type WatchFloorStream =
        Pin<Box<dyn Stream<Item = Result<wire::WatchFloorResponse, Status>> + Send>>;

    async fn watch_floor(
        &self,
        _: Request<wire::WatchFloorRequest>,
    ) -> Result<Response<Self::WatchFloorStream>, Status> {
        let (watcher, messages) = mpsc::channel(1);
        tokio::spawn(tell(self.owner.clone(), watcher));
        Ok(Response::new(Box::pin(ReceiverStream::new(messages))))
    }

    async fn impose_state(
        &self,
        request: Request<wire::ImposeStateRequest>,
    ) -> Result<Response<wire::ImposeStateResponse>, Status> {
        let supervisor = agent(&request)?;
        let state = imposed(request.get_ref())?;
        let wire::ImposeStateRequest { agent, words, .. } = request.into_inner();
        if words.len() > MAX_WORDS_BYTES {
            let message = format!("the reason is longer than {MAX_WORDS_BYTES} bytes");
            return Err(status(Code::InvalidArgument, "CC0131", message));
        }
        let nobody = |_| Codes("CC0102").of(Refusal::NotSignedIn);
        let agent = AgentId::new(&agent).map_err(nobody)?;
        let input = Input::Impose { supervisor: supervisor.clone(), agent, state, words };
        self.ask(&supervisor, input, Codes("CC0102")).await?;
        Ok(Response::new(wire::ImposeStateResponse {}))
    }

    async fn move_contact(
        &self,
        request: Request<wire::MoveContactRequest>,
    ) -> Result<Response<wire::MoveContactResponse>, Status> {
        let supervisor = agent(&request)?;
        let wire::MoveContactRequest { contact_id, queue } = request.into_inner();
        let contact = contact(&contact_id)?;
        let unknown = |_| Codes("CC0115").of(Refusal::UnknownQueue);
        let queue = QueueId::new(&queue).map_err(unknown)?;
        let input = Input::Move { supervisor: supervisor.clone(), contact, queue };
        self.ask(&supervisor, input, Codes("CC0130")).await?;
        Ok(Response::new(wire::MoveContactResponse {}))
    }

    async fn bring_forward(
        &self,
        request: Request<wire::BringForwardRequest>,
    ) -> Result<Response<wire::BringForwardResponse>, Status> {
        let supervisor = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let input = Input::BringForward { supervisor: supervisor.clone(), contact };
        self.ask(&supervisor, input, Codes("CC0130")).await?;
        Ok(Response::new(wire::BringForwardResponse {}))
    }

    async fn set_priority(
        &self,
        request: Request<wire::SetPriorityRequest>,
    ) -> Result<Response<wire::SetPriorityResponse>, Status> {
        let supervisor = agent(&request)?;
        let wire::SetPriorityRequest { contact_id, priority } = request.into_inner();
        let contact = contact(&contact_id)?;
        let unknown = |_| Codes("CC0134").of(Refusal::UnknownPriority);
        let priority = u8::try_from(priority).map_err(unknown)?;
        let input = Input::SetPriority { supervisor: supervisor.clone(), contact, priority };
        self.ask(&supervisor, input, Codes("CC0130")).await?;
        Ok(Response::new(wire::SetPriorityResponse {}))
    }

    async fn end_contact(
        &self,
        request: Request<wire::EndContactRequest>,
    ) -> Result<Response<wire::EndContactResponse>, Status> {
        let supervisor = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let input = Input::End { supervisor: supervisor.clone(), contact };
        self.ask(&supervisor, input, Codes("CC0109")).await?;
        Ok(Response::new(wire::EndContactResponse {}))
    }

    async fn listen(
        &self,
        request: Request<wire::ListenRequest>,
    ) -> Result<Response<wire::ListenResponse>, Status> {
        let supervisor = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let mode = match request.get_ref().mode() {
            wire::ListeningMode::Listen => ListeningMode::Listen,
            wire::ListeningMode::Whisper => ListeningMode::Whisper,
            wire::ListeningMode::Barge => ListeningMode::Barge,
            wire::ListeningMode::Unspecified => {
                let message = "a supervisor listens, whispers or barges in";
                return Err(status(Code::InvalidArgument, "CC0132", message));
            }
        };
        let input = Input::Listen { supervisor: supervisor.clone(), contact, mode };
        self.ask(&supervisor, input, Codes("CC0132")).await?;
        Ok(Response::new(wire::ListenResponse {}))
    }

    async fn stop_listening(
        &self,
        request: Request<wire::StopListeningRequest>,
    ) -> Result<Response<wire::StopListeningResponse>, Status> {
        let supervisor = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let input = Input::StopListening { supervisor: supervisor.clone(), contact };
        self.ask(&supervisor, input, Codes("CC0132")).await?;
        Ok(Response::new(wire::StopListeningResponse {}))
    }

    async fn take_over(
        &self,
        request: Request<wire::TakeOverRequest>,
    ) -> Result<Response<wire::TakeOverResponse>, Status> {
        let supervisor = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let input = Input::TakeOver { supervisor: supervisor.clone(), contact };
        self.ask(&supervisor, input, Codes("CC0133")).await?;
        Ok(Response::new(wire::TakeOverResponse {}))
    }
}

/// The state that is asked for.
fn imposed(request: &wire::ImposeStateRequest) -> Result<ImposedState, Status> {
    match request.state() {
        wire::AgentState::Ready => Ok(ImposedState::Ready),
        wire::AgentState::NotReady => {
            let unknown = || Codes("CC0103").of(Refusal::UnknownReason);
            let reason = convert::reason(&request.reason).ok_or_else(unknown)?;
            Ok(ImposedState::NotReady { reason })
        }
        wire::AgentState::SignedOut => Ok(ImposedState::SignedOut),
        _ => {
            let message = "an agent is made ready, not ready or signed out";
            Err(status(Code::InvalidArgument, "CC0103", message))
        }
    }
}

/// Tells the floor, now and after changes, until nobody watches or the owner is gone.
async fn tell(owner: Handle, watcher: mpsc::Sender<Result<wire::WatchFloorResponse, Status>>) {
    let mut changes = owner.changes();
    loop {
        changes.mark_unchanged();
        let floor = owner.floor().await.map_err(stopping);
        let is_over = floor.is_err();
        if watcher.send(floor).await.is_err() || is_over {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = watcher.closed() => return,
        }
        tokio::select! {
            // the owner that ends is found when it is asked
            _ = changes.changed() => {}
            () = tokio::time::sleep(SIGN_OF_LIFE - PAUSE) => {}
            () = watcher.closed() => return,
        }
    }
}
