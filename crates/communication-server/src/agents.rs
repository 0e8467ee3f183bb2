//! `caruso.contact.v1.Agents`: what an agent does at the desk.

use std::pin::Pin;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::agents_server::Agents;
use caruso_component::{Caller, status};
use caruso_contact::{
    AgentId, Consulted, ContactId, DestinationId, DialRule, DispositionId, Personal, PurposeId,
    QueueId,
};
use caruso_routing::{Destination, Input, Refusal};
use futures::Stream;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;
use tonic::{Code, Request, Response, Status};

use crate::convert;
use crate::domain::{Gone, Handle, Wish};
use uuid::Uuid;

/// Longest note of a disposition, transfer or consultation, in bytes.
const MAX_NOTE_BYTES: usize = 16 * 1024;
/// Longest number to be called, as somebody writes it, in bytes.
const MAX_NUMBER_BYTES: usize = 64;
/// Longest name of a session of a dialogue script, in bytes.
const MAX_SESSION_BYTES: usize = 64;

/// The service; the agent is the user of the token.
#[derive(Clone, Debug)]
pub(crate) struct AgentsService {
    owner: Handle,
    has_trunk: bool,
}

impl AgentsService {
    /// A service that asks this owner; whether customers can be called.
    pub(crate) fn new(owner: Handle, has_trunk: bool) -> Self {
        Self { owner, has_trunk }
    }

    fn check_trunk(&self) -> Result<(), Status> {
        if self.has_trunk {
            return Ok(());
        }
        let message = "this installation has no trunk by which customers can be called";
        Err(status(Code::FailedPrecondition, "CC0117", message))
    }

    async fn ask(&self, agent: &AgentId, input: Input, code: Codes) -> Result<(), Status> {
        let answer = self.owner.ask(input, agent.as_str()).await.map_err(stopping)?;
        answer.map_err(|refusal| code.of(refusal))
    }
}

/// Which code a refusal gets depends on what was asked.
#[derive(Clone, Copy)]
pub(crate) struct Codes(pub(crate) &'static str);

impl Codes {
    pub(crate) fn of(self, refusal: Refusal) -> Status {
        let (grpc, code) = match refusal {
            Refusal::NoAgent => (Code::NotFound, "CC0101"),
            Refusal::NoContact => (Code::NotFound, "CC0109"),
            Refusal::NobodyTalks
            | Refusal::ListenedTo
            | Refusal::Listening
            | Refusal::NoOwnPhone
            | Refusal::NotListening => (Code::FailedPrecondition, "CC0132"),
            Refusal::Consulting if self.0 == "CC0132" => (Code::FailedPrecondition, self.0),
            Refusal::NotWaiting | Refusal::IsCallback => (Code::FailedPrecondition, "CC0130"),
            Refusal::InContact if self.0 == "CC0102" => (Code::FailedPrecondition, "CC0104"),
            Refusal::UnknownPriority => (Code::InvalidArgument, "CC0134"),
            Refusal::UnknownReason => (Code::InvalidArgument, "CC0103"),
            Refusal::UnknownDisposition => (Code::InvalidArgument, "CC0107"),
            Refusal::IsCall => (Code::FailedPrecondition, "CC0110"),
            Refusal::UnknownQueue | Refusal::UnknownDestination => {
                (Code::InvalidArgument, "CC0115")
            }
            Refusal::QueueFull | Refusal::NotReady => (Code::FailedPrecondition, "CC0115"),
            Refusal::NoCall => (Code::FailedPrecondition, "CC0113"),
            Refusal::HeldByPhone => (Code::FailedPrecondition, "CC0114"),
            Refusal::Consulting | Refusal::NotConsulting => (Code::FailedPrecondition, "CC0116"),
            Refusal::UnknownPurpose => (Code::InvalidArgument, "CC0117"),
            Refusal::NoOutbound => (Code::FailedPrecondition, "CC0117"),
            Refusal::Denied(DialRule::NotANumber) => (Code::InvalidArgument, "CC0118"),
            Refusal::Denied(_) => (Code::FailedPrecondition, "CC0118"),
            Refusal::NoMessage => (Code::FailedPrecondition, "CC0140"),
            Refusal::CalledByOther => (Code::FailedPrecondition, "CC0142"),
            Refusal::Full => (Code::ResourceExhausted, self.0),
            _ => (Code::FailedPrecondition, self.0),
        };
        status(grpc, code, refusal.to_string())
    }
}

#[tonic::async_trait]
impl Agents for AgentsService {
    async fn sign_in(
        &self,
        request: Request<wire::SignInRequest>,
    ) -> Result<Response<wire::SignInResponse>, Status> {
        let agent = agent(&request)?;
        let team = self.owner.team(agent.clone()).await.map_err(stopping)?;
        let Some(team) = team else {
            return Err(status(Code::NotFound, "CC0101", "you are not one of the agents"));
        };
        let input = Input::SignIn { agent: agent.clone(), teams: vec![team] };
        self.ask(&agent, input, Codes("CC0101")).await?;
        Ok(Response::new(wire::SignInResponse {}))
    }

    async fn set_state(
        &self,
        request: Request<wire::SetStateRequest>,
    ) -> Result<Response<wire::SetStateResponse>, Status> {
        let agent = agent(&request)?;
        let wanted = request.get_ref();
        let input = match wanted.state() {
            wire::AgentState::Ready => Input::SetReady { agent: agent.clone() },
            wire::AgentState::NotReady => {
                let unknown = || Codes("CC0103").of(Refusal::UnknownReason);
                let reason = convert::reason(&wanted.reason).ok_or_else(unknown)?;
                Input::SetNotReady { agent: agent.clone(), reason }
            }
            _ => {
                let message = "an agent chooses between ready and not ready";
                return Err(status(Code::InvalidArgument, "CC0103", message));
            }
        };
        self.ask(&agent, input, Codes("CC0102")).await?;
        Ok(Response::new(wire::SetStateResponse {}))
    }

    async fn sign_out(
        &self,
        request: Request<wire::SignOutRequest>,
    ) -> Result<Response<wire::SignOutResponse>, Status> {
        let agent = agent(&request)?;
        self.ask(&agent, Input::SignOut { agent: agent.clone() }, Codes("CC0104")).await?;
        Ok(Response::new(wire::SignOutResponse {}))
    }

    async fn accept(
        &self,
        request: Request<wire::AcceptRequest>,
    ) -> Result<Response<wire::AcceptResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Accept { agent: agent.clone(), contact }, Codes("CC0105")).await?;
        Ok(Response::new(wire::AcceptResponse {}))
    }

    async fn take_up(
        &self,
        request: Request<wire::TakeUpRequest>,
    ) -> Result<Response<wire::TakeUpResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::TakeUp { agent: agent.clone(), contact }, Codes("CC0120")).await?;
        Ok(Response::new(wire::TakeUpResponse {}))
    }

    async fn decline(
        &self,
        request: Request<wire::DeclineRequest>,
    ) -> Result<Response<wire::DeclineResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Decline { agent: agent.clone(), contact }, Codes("CC0105")).await?;
        Ok(Response::new(wire::DeclineResponse {}))
    }

    async fn hang_up(
        &self,
        request: Request<wire::HangUpRequest>,
    ) -> Result<Response<wire::HangUpResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::HangUp { agent: agent.clone(), contact }, Codes("CC0106")).await?;
        Ok(Response::new(wire::HangUpResponse {}))
    }

    async fn hold(
        &self,
        request: Request<wire::HoldRequest>,
    ) -> Result<Response<wire::HoldResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Hold { agent: agent.clone(), contact }, Codes("CC0106")).await?;
        Ok(Response::new(wire::HoldResponse {}))
    }

    async fn retrieve(
        &self,
        request: Request<wire::RetrieveRequest>,
    ) -> Result<Response<wire::RetrieveResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Retrieve { agent: agent.clone(), contact }, Codes("CC0106"))
            .await?;
        Ok(Response::new(wire::RetrieveResponse {}))
    }

    async fn list_destinations(
        &self,
        request: Request<wire::ListDestinationsRequest>,
    ) -> Result<Response<wire::ListDestinationsResponse>, Status> {
        let agent = agent(&request)?;
        let mut listed = self.owner.destinations(agent).await.map_err(stopping)?;
        if !self.has_trunk {
            listed.outside.clear();
        }
        Ok(Response::new(listed))
    }

    async fn transfer(
        &self,
        request: Request<wire::TransferRequest>,
    ) -> Result<Response<wire::TransferResponse>, Status> {
        let agent = agent(&request)?;
        let wire::TransferRequest { contact_id, to, note } = request.into_inner();
        let contact = contact(&contact_id)?;
        let to = destination(to)?;
        if matches!(to, Destination::Outside(_)) {
            self.check_trunk()?;
        }
        check_note(&note)?;
        let note = Personal::Known(note);
        let input = Input::Transfer { agent: agent.clone(), contact, to, note };
        self.ask(&agent, input, Codes("CC0106")).await?;
        Ok(Response::new(wire::TransferResponse {}))
    }

    async fn consult(
        &self,
        request: Request<wire::ConsultRequest>,
    ) -> Result<Response<wire::ConsultResponse>, Status> {
        let agent = agent(&request)?;
        let wire::ConsultRequest { contact_id, asked, note, script_session } = request.into_inner();
        let contact = contact(&contact_id)?;
        let asked = consulted(asked)?;
        if asked.colleague().is_none() {
            self.check_trunk()?;
        }
        check_note(&note)?;
        let session = Some(script_session).filter(|it| !it.is_empty());
        if session.as_ref().is_some_and(|it| it.len() > MAX_SESSION_BYTES) {
            return Err(Status::invalid_argument("this names no session of a script"));
        }
        let (note, script_session) = (Personal::Known(note), session);
        let input = Input::Consult { agent: agent.clone(), contact, asked, note, script_session };
        self.ask(&agent, input, Codes("CC0106")).await?;
        Ok(Response::new(wire::ConsultResponse {}))
    }

    async fn complete_consultation(
        &self,
        request: Request<wire::CompleteConsultationRequest>,
    ) -> Result<Response<wire::CompleteConsultationResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Complete { agent: agent.clone(), contact }, Codes("CC0106"))
            .await?;
        Ok(Response::new(wire::CompleteConsultationResponse {}))
    }

    async fn confer(
        &self,
        request: Request<wire::ConferRequest>,
    ) -> Result<Response<wire::ConferResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        self.ask(&agent, Input::Confer { agent: agent.clone(), contact }, Codes("CC0106")).await?;
        Ok(Response::new(wire::ConferResponse {}))
    }

    async fn end_consultation(
        &self,
        request: Request<wire::EndConsultationRequest>,
    ) -> Result<Response<wire::EndConsultationResponse>, Status> {
        let agent = agent(&request)?;
        let contact = contact(&request.get_ref().contact_id)?;
        let input = Input::EndConsultation { agent: agent.clone(), contact };
        self.ask(&agent, input, Codes("CC0106")).await?;
        Ok(Response::new(wire::EndConsultationResponse {}))
    }

    async fn dial(
        &self,
        request: Request<wire::DialRequest>,
    ) -> Result<Response<wire::DialResponse>, Status> {
        let agent = agent(&request)?;
        let wire::DialRequest { number, purpose } = request.into_inner();
        self.check_trunk()?;
        if number.len() > MAX_NUMBER_BYTES {
            return Err(Codes("CC0118").of(Refusal::Denied(DialRule::NotANumber)));
        }
        let unknown = |_| Codes("CC0117").of(Refusal::UnknownPurpose);
        let purpose = PurposeId::new(&purpose).map_err(unknown)?;
        let contact = ContactId(Uuid::now_v7());
        let answer = self.owner.dial(Wish { agent, contact, number, purpose, message: None }).await;
        answer.map_err(stopping)?.map_err(|refusal| Codes("CC0119").of(refusal))?;
        Ok(Response::new(wire::DialResponse { contact_id: contact.to_string() }))
    }

    async fn call_back(
        &self,
        request: Request<wire::CallBackRequest>,
    ) -> Result<Response<wire::CallBackResponse>, Status> {
        let agent = agent(&request)?;
        let about = contact(&request.get_ref().contact_id)?;
        self.check_trunk()?;
        let call = ContactId(Uuid::now_v7());
        let answer = self.owner.call_back(agent, about, call).await;
        answer.map_err(stopping)?.map_err(|refusal| Codes("CC0119").of(refusal))?;
        Ok(Response::new(wire::CallBackResponse { contact_id: call.to_string() }))
    }

    async fn dispose(
        &self,
        request: Request<wire::DisposeRequest>,
    ) -> Result<Response<wire::DisposeResponse>, Status> {
        let agent = agent(&request)?;
        let wire::DisposeRequest { contact_id, disposition, note } = request.into_inner();
        let contact = contact(&contact_id)?;
        let unknown = || Codes("CC0107").of(Refusal::UnknownDisposition);
        let disposition = DispositionId::new(&disposition).map_err(|_| unknown())?;
        if note.len() > MAX_NOTE_BYTES {
            let message = format!("the note is longer than {MAX_NOTE_BYTES} bytes");
            return Err(status(Code::InvalidArgument, "CC0107", message));
        }
        let note = Personal::Known(note);
        let input = Input::Dispose { agent: agent.clone(), contact, disposition, note };
        self.ask(&agent, input, Codes("CC0108")).await?;
        Ok(Response::new(wire::DisposeResponse {}))
    }

    type WatchStream = Pin<Box<dyn Stream<Item = Result<wire::WatchAgentResponse, Status>> + Send>>;

    async fn watch(
        &self,
        request: Request<wire::WatchAgentRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let agent = agent(&request)?;
        let statuses = self.owner.watch_agent(agent).await.map_err(stopping)?;
        let messages = WatchStream::new(statuses)
            .map(|status| Ok(wire::WatchAgentResponse { status: Some(status) }));
        Ok(Response::new(Box::pin(messages)))
    }
}

/// The agent, or the supervisor, who asks.
pub(crate) fn agent<T>(request: &Request<T>) -> Result<AgentId, Status> {
    let user = Caller::of(request)?.user()?;
    AgentId::new(&user.name).map_err(|error| Status::invalid_argument(error.to_string()))
}

/// Where a contact is to go.
fn destination(to: Option<wire::transfer_request::To>) -> Result<Destination, Status> {
    use wire::transfer_request::To;
    let named = match to {
        Some(To::Queue(id)) => QueueId::new(&id).ok().map(Destination::Queue),
        Some(To::Agent(name)) => AgentId::new(&name).ok().map(Destination::Agent),
        Some(To::Outside(id)) => DestinationId::new(&id).ok().map(Destination::Outside),
        None => None,
    };
    named.ok_or_else(no_destination)
}

/// Who is to be asked.
fn consulted(asked: Option<wire::consult_request::Asked>) -> Result<Consulted, Status> {
    use wire::consult_request::Asked;
    let named = match asked {
        Some(Asked::Colleague(name)) => AgentId::new(&name).ok().map(Consulted::from),
        Some(Asked::Outside(id)) => DestinationId::new(&id).ok().map(Consulted::from),
        None => None,
    };
    named.ok_or_else(no_destination)
}

fn no_destination() -> Status {
    status(Code::InvalidArgument, "CC0115", "there is no such queue, agent or outside number")
}

/// Whether the note for a colleague is short enough.
fn check_note(note: &str) -> Result<(), Status> {
    if note.len() > MAX_NOTE_BYTES {
        let message = format!("the note is longer than {MAX_NOTE_BYTES} bytes");
        return Err(status(Code::InvalidArgument, "CC0115", message));
    }
    Ok(())
}

/// The contact that is meant.
pub(crate) fn contact(id: &str) -> Result<ContactId, Status> {
    id.parse().map_err(|_| status(Code::NotFound, "CC0109", "there is no such contact"))
}

pub(crate) fn stopping(gone: Gone) -> Status {
    Status::unavailable(gone.to_string())
}
