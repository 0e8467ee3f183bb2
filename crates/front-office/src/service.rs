//! `caruso.desk.v1`: what the pages ask for.

use caruso_api::contact::v1 as contact;
use caruso_api::desk::v1 as desk;
use caruso_api::desk::v1::desk_server::Desk;
use caruso_api::identity::v1 as identity;
use caruso_api::monitor::v1 as monitor;
use caruso_api::registry::v1 as registry;
use caruso_api::script::v1 as script;
use caruso_component::{Caller, Role};
use http::HeaderMap;
use tokio::sync::{broadcast, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::TaskTracker;
use tonic::metadata::MetadataValue;
use tonic::{Code, Request, Response, Status};

use crate::desk::{Choice, Desk as Workplace, is_known, may_give, watch};
use crate::peers::Peers;
use crate::sessions::{Session, Sessions};
use crate::settings::Current;
use crate::{contacts, cookie, floor, status};

/// Messages that may wait for a slow browser.
const QUEUE: usize = 8;

/// The service behind the pages.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) peers: Peers,
    pub(crate) sessions: Sessions,
    pub(crate) settings: Current,
    pub(crate) choices: broadcast::Sender<Choice>,
    pub(crate) tasks: TaskTracker,
}

impl Service {
    /// The log-in session of the request's cookie, which must be that of the token's user.
    fn session<T>(&self, request: &Request<T>) -> Result<Session, Status> {
        let session = self.sessions.of(&headers(request))?;
        let user = Caller::of(request)?.user()?;
        if session.user().name != user.name {
            return Err(Status::unauthenticated("cookie and token are of different users"));
        }
        Ok(session)
    }
}

fn headers<T>(request: &Request<T>) -> HeaderMap {
    request.metadata().clone().into_headers()
}

fn with_cookie<T>(message: T, cookie: &str) -> Result<Response<T>, Status> {
    let value = MetadataValue::try_from(cookie);
    let value = value.map_err(|_| Status::internal("the cookie is malformed"))?;
    let mut response = Response::new(message);
    response.metadata_mut().insert("set-cookie", value);
    Ok(response)
}

#[tonic::async_trait]
impl Desk for Service {
    type WatchDeskStream = ReceiverStream<Result<desk::WatchDeskResponse, Status>>;
    type WatchFloorStream = ReceiverStream<Result<desk::WatchFloorResponse, Status>>;
    type WatchStatusStream = ReceiverStream<Result<desk::WatchStatusResponse, Status>>;

    async fn log_in(
        &self,
        request: Request<desk::LogInRequest>,
    ) -> Result<Response<desk::LogInResponse>, Status> {
        let desk::LogInRequest { user, password } = request.into_inner();
        let login = identity::LogInRequest { user, password };
        let answer = self.peers.identity.clone().log_in(login).await?.into_inner();
        let cookie = self.sessions.open(&answer)?;
        let message = desk::LogInResponse { user: answer.user, token: answer.token };
        with_cookie(message, &cookie)
    }

    async fn resume(
        &self,
        request: Request<desk::ResumeRequest>,
    ) -> Result<Response<desk::ResumeResponse>, Status> {
        let session = self.sessions.of(&headers(&request))?;
        let token = session.token().await?;
        let user = Some((*session.user()).clone());
        Ok(Response::new(desk::ResumeResponse { user, token }))
    }

    async fn log_out(
        &self,
        request: Request<desk::LogOutRequest>,
    ) -> Result<Response<desk::LogOutResponse>, Status> {
        let session = self.session(&request)?;
        if Caller::of(&request)?.user()?.has(Role::Agent) {
            sign_out(&self.peers).await?;
        }
        self.sessions.close(&session).await?;
        with_cookie(desk::LogOutResponse {}, &cookie::ended())
    }

    async fn watch_desk(
        &self,
        request: Request<desk::WatchDeskRequest>,
    ) -> Result<Response<Self::WatchDeskStream>, Status> {
        let workplace = Workplace {
            peers: self.peers.clone(),
            session: self.session(&request)?,
            settings: self.settings.clone(),
            choices: self.choices.subscribe(),
        };
        let (browser, messages) = mpsc::channel(QUEUE);
        self.tasks.spawn(watch(workplace, browser));
        Ok(Response::new(ReceiverStream::new(messages)))
    }

    async fn set_state(
        &self,
        request: Request<desk::SetStateRequest>,
    ) -> Result<Response<desk::SetStateResponse>, Status> {
        let desk::SetStateRequest { is_ready, reason } = request.into_inner();
        let state =
            if is_ready { contact::AgentState::Ready } else { contact::AgentState::NotReady };
        let request = contact::SetStateRequest { state: state.into(), reason };
        self.peers.agents.clone().set_state(request).await?;
        Ok(Response::new(desk::SetStateResponse {}))
    }

    async fn accept(
        &self,
        request: Request<desk::AcceptRequest>,
    ) -> Result<Response<desk::AcceptResponse>, Status> {
        let request = contact::AcceptRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().accept(request).await?;
        Ok(Response::new(desk::AcceptResponse {}))
    }

    async fn take_up(
        &self,
        request: Request<desk::TakeUpRequest>,
    ) -> Result<Response<desk::TakeUpResponse>, Status> {
        let request = contact::TakeUpRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().take_up(request).await?;
        Ok(Response::new(desk::TakeUpResponse {}))
    }

    async fn decline(
        &self,
        request: Request<desk::DeclineRequest>,
    ) -> Result<Response<desk::DeclineResponse>, Status> {
        let request = contact::DeclineRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().decline(request).await?;
        Ok(Response::new(desk::DeclineResponse {}))
    }

    async fn hang_up(
        &self,
        request: Request<desk::HangUpRequest>,
    ) -> Result<Response<desk::HangUpResponse>, Status> {
        let request = contact::HangUpRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().hang_up(request).await?;
        Ok(Response::new(desk::HangUpResponse {}))
    }

    async fn dial(
        &self,
        request: Request<desk::DialRequest>,
    ) -> Result<Response<desk::DialResponse>, Status> {
        let desk::DialRequest { number, purpose } = request.into_inner();
        let request = contact::DialRequest { number, purpose };
        let answer = self.peers.agents.clone().dial(request).await?.into_inner();
        Ok(Response::new(desk::DialResponse { contact_id: answer.contact_id }))
    }

    async fn call_back(
        &self,
        request: Request<desk::CallBackRequest>,
    ) -> Result<Response<desk::CallBackResponse>, Status> {
        let request = contact::CallBackRequest { contact_id: request.into_inner().contact_id };
        let answer = self.peers.agents.clone().call_back(request).await?.into_inner();
        Ok(Response::new(desk::CallBackResponse { contact_id: answer.contact_id }))
    }

    async fn hold(
        &self,
        request: Request<desk::HoldRequest>,
    ) -> Result<Response<desk::HoldResponse>, Status> {
        let request = contact::HoldRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().hold(request).await?;
        Ok(Response::new(desk::HoldResponse {}))
    }

    async fn retrieve(
        &self,
        request: Request<desk::RetrieveRequest>,
    ) -> Result<Response<desk::RetrieveResponse>, Status> {
        let request = contact::RetrieveRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().retrieve(request).await?;
        Ok(Response::new(desk::RetrieveResponse {}))
    }

    async fn list_destinations(
        &self,
        _: Request<desk::ListDestinationsRequest>,
    ) -> Result<Response<desk::ListDestinationsResponse>, Status> {
        let request = contact::ListDestinationsRequest {};
        let listed = self.peers.agents.clone().list_destinations(request).await?.into_inner();
        let contact::ListDestinationsResponse { queues, agents, outside } = listed;
        Ok(Response::new(desk::ListDestinationsResponse { queues, agents, outside }))
    }

    async fn transfer(
        &self,
        request: Request<desk::TransferRequest>,
    ) -> Result<Response<desk::TransferResponse>, Status> {
        use contact::transfer_request::To;
        let desk::TransferRequest { contact_id, to, note } = request.into_inner();
        let to = to.map(|to| match to {
            desk::transfer_request::To::Queue(queue) => To::Queue(queue),
            desk::transfer_request::To::Agent(agent) => To::Agent(agent),
            desk::transfer_request::To::Outside(id) => To::Outside(id),
        });
        let request = contact::TransferRequest { contact_id, to, note };
        self.peers.agents.clone().transfer(request).await?;
        Ok(Response::new(desk::TransferResponse {}))
    }

    async fn consult(
        &self,
        request: Request<desk::ConsultRequest>,
    ) -> Result<Response<desk::ConsultResponse>, Status> {
        let session = self.session(&request)?;
        use contact::consult_request::Asked;
        let desk::ConsultRequest { contact_id, asked, note, mut script_session } =
            request.into_inner();
        let asked = asked.map(|asked| match asked {
            desk::consult_request::Asked::Colleague(name) => Asked::Colleague(name),
            desk::consult_request::Asked::Outside(id) => Asked::Outside(id),
        });
        // without it there is nothing to read along, and the colleague is asked all the same
        if !may_give(&self.peers, &session, &script_session).await {
            script_session.clear();
        }
        let request = contact::ConsultRequest { contact_id, asked, note, script_session };
        self.peers.agents.clone().consult(request).await?;
        Ok(Response::new(desk::ConsultResponse {}))
    }

    async fn complete_consultation(
        &self,
        request: Request<desk::CompleteConsultationRequest>,
    ) -> Result<Response<desk::CompleteConsultationResponse>, Status> {
        let contact_id = request.into_inner().contact_id;
        let request = contact::CompleteConsultationRequest { contact_id };
        self.peers.agents.clone().complete_consultation(request).await?;
        Ok(Response::new(desk::CompleteConsultationResponse {}))
    }

    async fn confer(
        &self,
        request: Request<desk::ConferRequest>,
    ) -> Result<Response<desk::ConferResponse>, Status> {
        let request = contact::ConferRequest { contact_id: request.into_inner().contact_id };
        self.peers.agents.clone().confer(request).await?;
        Ok(Response::new(desk::ConferResponse {}))
    }

    async fn end_consultation(
        &self,
        request: Request<desk::EndConsultationRequest>,
    ) -> Result<Response<desk::EndConsultationResponse>, Status> {
        let contact_id = request.into_inner().contact_id;
        let request = contact::EndConsultationRequest { contact_id };
        self.peers.agents.clone().end_consultation(request).await?;
        Ok(Response::new(desk::EndConsultationResponse {}))
    }

    async fn answer(
        &self,
        request: Request<desk::AnswerRequest>,
    ) -> Result<Response<desk::AnswerResponse>, Status> {
        let desk::AnswerRequest {
            request_id,
            session_id,
            sequence,
            step,
            value,
            special,
            override_reason,
            row,
        } = request.into_inner();
        let request = script::AnswerRequest {
            request_id,
            session_id,
            sequence,
            step,
            value,
            special,
            override_reason,
            row,
        };
        let view = self.peers.scripts.clone().answer(request).await?.into_inner().view;
        Ok(Response::new(desk::AnswerResponse { view }))
    }

    async fn answer_page(
        &self,
        request: Request<desk::AnswerPageRequest>,
    ) -> Result<Response<desk::AnswerPageResponse>, Status> {
        let desk::AnswerPageRequest { request_id, session_id, sequence, page, row, answers } =
            request.into_inner();
        let request =
            script::AnswerPageRequest { request_id, session_id, sequence, page, row, answers };
        let answered = self.peers.scripts.clone().answer_page(request).await?.into_inner();
        let script::AnswerPageResponse { view, refused } = answered;
        Ok(Response::new(desk::AnswerPageResponse { view, refused }))
    }

    async fn interrupt(
        &self,
        request: Request<desk::InterruptRequest>,
    ) -> Result<Response<desk::InterruptResponse>, Status> {
        let desk::InterruptRequest { request_id, session_id, sequence, interrupt } =
            request.into_inner();
        let request = script::InterruptRequest { request_id, session_id, sequence, interrupt };
        let view = self.peers.scripts.clone().interrupt(request).await?.into_inner().view;
        Ok(Response::new(desk::InterruptResponse { view }))
    }

    async fn choose_customer(
        &self,
        request: Request<desk::ChooseCustomerRequest>,
    ) -> Result<Response<desk::ChooseCustomerResponse>, Status> {
        let session = self.session(&request)?;
        let desk::ChooseCustomerRequest { contact_id, customer_key } = request.into_inner();
        if !is_known(&self.peers, &session, &contact_id, &customer_key).await? {
            return Err(Status::failed_precondition("this customer does not have the number"));
        }
        let request = contact::IdentifyRequest {
            contact_id: contact_id.clone(),
            customer_key: customer_key.clone(),
        };
        self.peers.contacts.clone().identify(request).await?;
        // No desk watches: then the next one reads it from the contact.
        let _ = self.choices.send(Choice { contact: contact_id, customer: customer_key });
        Ok(Response::new(desk::ChooseCustomerResponse {}))
    }

    async fn dispose(
        &self,
        request: Request<desk::DisposeRequest>,
    ) -> Result<Response<desk::DisposeResponse>, Status> {
        let desk::DisposeRequest { contact_id, disposition, note } = request.into_inner();
        let request = contact::DisposeRequest { contact_id, disposition, note };
        self.peers.agents.clone().dispose(request).await?;
        Ok(Response::new(desk::DisposeResponse {}))
    }

    async fn watch_status(
        &self,
        request: Request<desk::WatchStatusRequest>,
    ) -> Result<Response<Self::WatchStatusStream>, Status> {
        let sources = status::Sources {
            peers: self.peers.clone(),
            session: self.session(&request)?,
            settings: self.settings.clone(),
        };
        let (browser, messages) = mpsc::channel(QUEUE);
        self.tasks.spawn(status::watch(sources, browser));
        Ok(Response::new(ReceiverStream::new(messages)))
    }

    async fn watch_floor(
        &self,
        request: Request<desk::WatchFloorRequest>,
    ) -> Result<Response<Self::WatchFloorStream>, Status> {
        let sources = status::Sources {
            peers: self.peers.clone(),
            session: self.session(&request)?,
            settings: self.settings.clone(),
        };
        let (browser, messages) = mpsc::channel(QUEUE);
        self.tasks.spawn(floor::watch(sources, browser));
        Ok(Response::new(ReceiverStream::new(messages)))
    }

    async fn impose_state(
        &self,
        request: Request<desk::ImposeStateRequest>,
    ) -> Result<Response<desk::ImposeStateResponse>, Status> {
        let desk::ImposeStateRequest { agent, state, reason, words } = request.into_inner();
        let request = contact::ImposeStateRequest { agent, state, reason, words };
        self.peers.supervision.clone().impose_state(request).await?;
        Ok(Response::new(desk::ImposeStateResponse {}))
    }

    async fn move_contact(
        &self,
        request: Request<desk::MoveContactRequest>,
    ) -> Result<Response<desk::MoveContactResponse>, Status> {
        let desk::MoveContactRequest { contact_id, queue } = request.into_inner();
        let request = contact::MoveContactRequest { contact_id, queue };
        self.peers.supervision.clone().move_contact(request).await?;
        Ok(Response::new(desk::MoveContactResponse {}))
    }

    async fn bring_forward(
        &self,
        request: Request<desk::BringForwardRequest>,
    ) -> Result<Response<desk::BringForwardResponse>, Status> {
        let request = contact::BringForwardRequest { contact_id: request.into_inner().contact_id };
        self.peers.supervision.clone().bring_forward(request).await?;
        Ok(Response::new(desk::BringForwardResponse {}))
    }

    async fn set_priority(
        &self,
        request: Request<desk::SetPriorityRequest>,
    ) -> Result<Response<desk::SetPriorityResponse>, Status> {
        let desk::SetPriorityRequest { contact_id, priority } = request.into_inner();
        let request = contact::SetPriorityRequest { contact_id, priority };
        self.peers.supervision.clone().set_priority(request).await?;
        Ok(Response::new(desk::SetPriorityResponse {}))
    }

    async fn end_contact(
        &self,
        request: Request<desk::EndContactRequest>,
    ) -> Result<Response<desk::EndContactResponse>, Status> {
        let request = contact::EndContactRequest { contact_id: request.into_inner().contact_id };
        self.peers.supervision.clone().end_contact(request).await?;
        Ok(Response::new(desk::EndContactResponse {}))
    }

    async fn listen(
        &self,
        request: Request<desk::ListenRequest>,
    ) -> Result<Response<desk::ListenResponse>, Status> {
        let desk::ListenRequest { contact_id, mode } = request.into_inner();
        let request = contact::ListenRequest { contact_id, mode };
        self.peers.supervision.clone().listen(request).await?;
        Ok(Response::new(desk::ListenResponse {}))
    }

    async fn stop_listening(
        &self,
        request: Request<desk::StopListeningRequest>,
    ) -> Result<Response<desk::StopListeningResponse>, Status> {
        let contact_id = request.into_inner().contact_id;
        let request = contact::StopListeningRequest { contact_id };
        self.peers.supervision.clone().stop_listening(request).await?;
        Ok(Response::new(desk::StopListeningResponse {}))
    }

    async fn take_over(
        &self,
        request: Request<desk::TakeOverRequest>,
    ) -> Result<Response<desk::TakeOverResponse>, Status> {
        let request = contact::TakeOverRequest { contact_id: request.into_inner().contact_id };
        self.peers.supervision.clone().take_over(request).await?;
        Ok(Response::new(desk::TakeOverResponse {}))
    }

    async fn list_reports(
        &self,
        _: Request<desk::ListReportsRequest>,
    ) -> Result<Response<desk::ListReportsResponse>, Status> {
        let request = monitor::ListReportsRequest {};
        let reports = self.peers.monitor.clone().list_reports(request).await?.into_inner();
        Ok(Response::new(desk::ListReportsResponse { reports: Some(reports) }))
    }

    async fn run_report(
        &self,
        request: Request<desk::RunReportRequest>,
    ) -> Result<Response<desk::RunReportResponse>, Status> {
        let request = monitor::RunReportRequest { query: request.into_inner().query };
        let table = self.peers.monitor.clone().run_report(request).await?.into_inner().table;
        Ok(Response::new(desk::RunReportResponse { table }))
    }

    async fn list_report_contacts(
        &self,
        request: Request<desk::ListReportContactsRequest>,
    ) -> Result<Response<desk::ListReportContactsResponse>, Status> {
        let of = request.into_inner().of.unwrap_or_default();
        let contacts = self.peers.monitor.clone().list_report_contacts(of).await?.into_inner();
        Ok(Response::new(desk::ListReportContactsResponse { contacts: Some(contacts) }))
    }

    async fn export_report(
        &self,
        request: Request<desk::ExportReportRequest>,
    ) -> Result<Response<desk::ExportReportResponse>, Status> {
        let of = request.into_inner().of.unwrap_or_default();
        let file = self.peers.monitor.clone().export_report(of).await?.into_inner();
        Ok(Response::new(desk::ExportReportResponse { file: Some(file) }))
    }

    async fn list_abandoned(
        &self,
        _: Request<desk::ListAbandonedRequest>,
    ) -> Result<Response<desk::ListAbandonedResponse>, Status> {
        let request = contact::ListAbandonedRequest {};
        let entries = self.peers.contacts.clone().list_abandoned(request).await?;
        let entries = entries.into_inner().entries;
        Ok(Response::new(desk::ListAbandonedResponse { entries }))
    }

    async fn list_components(
        &self,
        _: Request<desk::ListComponentsRequest>,
    ) -> Result<Response<desk::ListComponentsResponse>, Status> {
        let request = registry::ListComponentsRequest {};
        let listed = self.peers.registry.clone().list_components(request).await?.into_inner();
        Ok(Response::new(desk::ListComponentsResponse {
            components: listed.components,
            release_digest: listed.release_digest,
            is_development: self.peers.is_development,
        }))
    }

    async fn list_contacts(
        &self,
        request: Request<desk::ListContactsRequest>,
    ) -> Result<Response<desk::ListContactsResponse>, Status> {
        let user = Caller::of(&request)?.user()?.clone();
        let wanted = request.into_inner().contact_id;
        let contacts = contacts::listed(&self.peers, &user, &wanted).await?;
        let settings = self.settings.load();
        Ok(Response::new(desk::ListContactsResponse {
            contacts,
            agent_names: contacts::agent_names(&self.peers).await,
            queue_titles: settings.queues.clone(),
            disposition_titles: settings.dispositions.clone(),
        }))
    }
}

/// Signs the agent out; during a contact that is refused, and so is the log-out.
async fn sign_out(peers: &Peers) -> Result<(), Status> {
    match peers.agents.clone().sign_out(contact::SignOutRequest {}).await {
        Err(error) if error.code() == Code::FailedPrecondition => Err(error),
        Err(error) => {
            tracing::warn!(%error, "the agent leaves without being signed out");
            Ok(())
        }
        Ok(_) => Ok(()),
    }
}
