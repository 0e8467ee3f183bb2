//! The engine as `caruso.script.v1.MessageDialogue`.

use caruso_api::script::v1 as proto;
use caruso_component::Caller;
use caruso_dialogue::Shown;
use proto::message_dialogue_server::MessageDialogue;
use proto::turn::State;
use tonic::{Request, Response, Status};

use super::{Service, by, contact, session};
use crate::{Start, Told, values, wire};

#[tonic::async_trait]
impl MessageDialogue for Service {
    async fn begin(
        &self,
        request: Request<proto::BeginRequest>,
    ) -> Result<Response<proto::BeginResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let request = request.into_inner();
        let start = Start {
            request: request.request_id,
            script: request.script,
            language: request.language,
            contact: contact(&request.contact_id)?,
            inputs: values::data(request.inputs),
            ..Start::default()
        };
        let told = self.engine.begin(start, by).await?;
        let session_id = told.view.session.clone();
        Ok(Response::new(proto::BeginResponse { session_id, turn: Some(turn(told)) }))
    }

    async fn reply(
        &self,
        request: Request<proto::ReplyRequest>,
    ) -> Result<Response<proto::ReplyResponse>, Status> {
        let by = by(Caller::of(&request)?);
        let proto::ReplyRequest { session_id, message_id, text } = request.into_inner();
        let told = self.engine.reply(session(&session_id)?, message_id, text, by).await?;
        Ok(Response::new(proto::ReplyResponse { turn: Some(turn(told)) }))
    }
}

fn turn(told: Told) -> proto::Turn {
    let Told { messages, view } = told;
    let state = match &view.shown {
        Shown::Question(_) | Shown::Information => State::Asking(proto::Asking {}),
        Shown::Paused { until, text } => State::Paused(wire::paused(*until, text)),
        Shown::Waiting { text } => State::Waiting(proto::Waiting { text: text.clone() }),
        Shown::HandOff { queue, attributes } => State::HandOff(wire::hand_off(queue, attributes)),
        Shown::End { outcome } => State::End(proto::End { outcome: outcome.clone() }),
        Shown::Cancelled { .. } => State::End(wire::cancelled()),
    };
    proto::Turn { messages, language: view.language.clone(), state: Some(state) }
}
