//! The engine as `caruso.script.v1.ScriptEngine`.

mod messages;

use std::pin::Pin;

use caruso_api::script::v1 as proto;
use caruso_component::Caller;
use caruso_contact::ContactId;
use caruso_dialogue::{Channel, Refusal};
use proto::script_engine_server::ScriptEngine;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{
    Answer, AnsweredPage, By, Elsewhere, Engine, Error, Interrupting, Start, history, values, wire,
};

/// Views that wait for one watcher; only the newest counts, so two suffice.
const VIEWS: usize = 2;

/// Happenings of a page when nothing is said, and the most.
const HAPPENINGS: u32 = 100;
const MOST_HAPPENINGS: u32 = 500;

/// Serves an engine. Every request must have come through the guard.
#[derive(Debug, Clone)]
pub struct Service {
    engine: Engine,
}

impl Service {
    /// Serves this engine.
    pub fn new(engine: Engine) -> Self {
        Self { engine }
    }
}

/// Who wants it: the user on whose behalf the call is made, else the component itself.
fn by(caller: &Caller) -> By {
    match (&caller.user, &caller.component) {
        (Some(user), _) => By::user(&user.name),
        (None, Some(component)) => By::component(&component.name),
        (None, None) => By::component(""),
    }
}

fn session(id: &str) -> Result<Uuid, Error> {
    id.parse().map_err(|_| Error::UnknownSession)
}

/// A contact by its id; nothing where it is empty.
fn contact(id: &str) -> Result<Option<ContactId>, Error> {
    match id {
        "" => Ok(None),
        id => id.parse().map(Some).map_err(|_| Error::Request("no id of a contact".to_owned())),
    }
}

fn channel(channel: proto::Channel) -> Result<Channel, Error> {
    match channel {
        proto::Channel::Agent => Ok(Channel::Agent),
        proto::Channel::Ivr => Ok(Channel::Ivr),
        proto::Channel::Message => Ok(Channel::Message),
        proto::Channel::Web => Ok(Channel::Web),
        proto::Channel::Unspecified => Err(Error::Request("the channel is missing".to_owned())),
    }
}

fn start(request: proto::StartRequest, by: &By) -> Result<Start, Error> {
    let channel = channel(request.channel())?;
    if by.is_public() != (channel == Channel::Web) {
        let text = "sessions of the web are those of self-service, and no others".to_owned();
        return Err(Error::Request(text));
    }
    let contact = contact(&request.contact_id)?;
    let actor = by.as_user().map(str::to_owned);
    let inputs = values::data(request.inputs);
    Ok(Start {
        request: request.request_id,
        script: request.script,
        channel,
        language: request.language,
        actor,
        contact,
        inputs,
    })
}

#[tonic::async_trait]
impl ScriptEngine for Service {
    async fn start(
        &self,
        request: Request<proto::StartRequest>,
    ) -> Result<Response<proto::StartResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        if by.as_user().is_some_and(|user| user != request.actor) {
            let text = "the actor is not the user who calls".to_owned();
            return Err(Error::Request(text).into());
        }
        let view = self.engine.start(start(request, &by)?).await?;
        Ok(Response::new(proto::StartResponse { view: Some(wire::view(&view)) }))
    }

    async fn answer(
        &self,
        request: Request<proto::AnswerRequest>,
    ) -> Result<Response<proto::AnswerResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        let special = wire::special(request.special());
        let answer = Answer {
            request: request.request_id,
            session: session(&request.session_id)?,
            sequence: request.sequence,
            step: request.step,
            row: request.row,
            value: request.value,
            special,
            reason: request.override_reason,
        };
        let view = self.engine.answer(answer, by).await?;
        Ok(Response::new(proto::AnswerResponse { view: Some(wire::view(&view)) }))
    }

    async fn answer_page(
        &self,
        request: Request<proto::AnswerPageRequest>,
    ) -> Result<Response<proto::AnswerPageResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        let page = AnsweredPage {
            request: request.request_id,
            session: session(&request.session_id)?,
            sequence: request.sequence,
            page: request.page,
            row: request.row,
            answers: request.answers.into_iter().map(wire::page_answer).collect(),
        };
        let response = match self.engine.answer_page(page, by).await {
            Ok(view) => {
                proto::AnswerPageResponse { view: Some(wire::view(&view)), refused: Vec::new() }
            }
            Err(Error::Refused(Refusal::Page(refused))) => proto::AnswerPageResponse {
                view: None,
                refused: refused.iter().map(wire::refused).collect(),
            },
            Err(error) => return Err(error.into()),
        };
        Ok(Response::new(response))
    }

    async fn interrupt(
        &self,
        request: Request<proto::InterruptRequest>,
    ) -> Result<Response<proto::InterruptResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        let begun = Interrupting {
            request: request.request_id,
            session: session(&request.session_id)?,
            sequence: request.sequence,
            interrupt: request.interrupt,
        };
        let view = self.engine.interrupt(begun, by).await?;
        Ok(Response::new(proto::InterruptResponse { view: Some(wire::view(&view)) }))
    }

    async fn hang_up(
        &self,
        request: Request<proto::HangUpRequest>,
    ) -> Result<Response<proto::HangUpResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        self.engine.hang_up(session(&request.session_id)?, request.request_id, by).await?;
        Ok(Response::new(proto::HangUpResponse {}))
    }

    async fn cancel(
        &self,
        request: Request<proto::CancelRequest>,
    ) -> Result<Response<proto::CancelResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        self.engine.cancel(session(&request.session_id)?, request.reason, by).await?;
        Ok(Response::new(proto::CancelResponse {}))
    }

    async fn r#continue(
        &self,
        request: Request<proto::ContinueRequest>,
    ) -> Result<Response<proto::ContinueResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        let channel = channel(request.channel())?;
        let to = Elsewhere {
            request: request.request_id,
            channel,
            language: request.language,
            actor: Some(request.actor).filter(|it| !it.is_empty()),
        };
        let view = self.engine.go_on(session(&request.session_id)?, to, by).await?;
        Ok(Response::new(proto::ContinueResponse { view: Some(wire::view(&view)) }))
    }

    async fn history(
        &self,
        request: Request<proto::HistoryRequest>,
    ) -> Result<Response<proto::HistoryResponse>, Status> {
        let request = request.into_inner();
        let size = match request.page_size {
            0 => HAPPENINGS,
            size => size.min(MOST_HAPPENINGS),
        };
        let session = session(&request.session_id)?;
        let happenings = self.engine.history(session, request.after, size).await?;
        let happenings = happenings.into_iter().map(history::happening).collect();
        Ok(Response::new(proto::HistoryResponse { happenings }))
    }

    type WatchStream =
        Pin<Box<dyn Stream<Item = Result<proto::WatchResponse, Status>> + Send + 'static>>;

    async fn watch(
        &self,
        request: Request<proto::WatchRequest>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let by = by(Caller::of(&request)?);
        let id = session(&request.into_inner().session_id)?;
        let mut watched = self.engine.watch(id, by).await?;
        let (views, stream) = tokio::sync::mpsc::channel(VIEWS);
        let stop = self.engine.shared.stop.clone();
        tokio::spawn(async move {
            loop {
                let view = tokio::select! {
                    view = watched.next() => view,
                    () = views.closed() => None,
                    () = stop.cancelled() => None,
                };
                let Some(view) = view else { return };
                let response = proto::WatchResponse { view: Some(wire::view(&view)) };
                if views.send(Ok(response)).await.is_err() {
                    return;
                }
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(stream))))
    }
}
