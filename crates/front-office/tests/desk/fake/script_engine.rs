//! The script engine, which tells what it is asked and shows one view.

use caruso_api::script::v1 as script;
use script::script_engine_server::ScriptEngine;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::WatchStream;
use tonic::{Request, Response, Status};

use super::{Answer, Answers, Peer};

#[tonic::async_trait]
impl ScriptEngine for Peer {
    type WatchStream = Answers<script::WatchResponse>;

    async fn start(&self, request: Request<script::StartRequest>) -> Answer<script::StartResponse> {
        let script::StartRequest { request_id, actor, inputs, .. } = request.get_ref();
        let mut names: Vec<&str> = inputs.keys().map(String::as_str).collect();
        names.sort_unstable();
        let what = format!("starts {request_id} for {actor} with {}", names.join(" "));
        self.0.note(&request, what);
        let view = script::View { session_id: "s1".to_owned(), ..self.0.view.borrow().clone() };
        self.0.view.send_replace(view.clone());
        Ok(Response::new(script::StartResponse { view: Some(view) }))
    }

    async fn answer(
        &self,
        request: Request<script::AnswerRequest>,
    ) -> Answer<script::AnswerResponse> {
        let script::AnswerRequest { step, row, value, override_reason, .. } = request.get_ref();
        let special = request.get_ref().special().as_str_name();
        let said =
            format!("answers {step} of {row}: {value}, {special}, because {override_reason}");
        self.0.note(&request, said);
        self.0.view.send_modify(|view| view.sequence += 1);
        let view = Some(self.0.view.borrow().clone());
        Ok(Response::new(script::AnswerResponse { view }))
    }

    async fn answer_page(
        &self,
        request: Request<script::AnswerPageRequest>,
    ) -> Answer<script::AnswerPageResponse> {
        let script::AnswerPageRequest { page, row, answers, .. } = request.get_ref();
        let given: Vec<String> =
            answers.iter().map(|it| format!("{}={}", it.step, it.value)).collect();
        self.0.note(&request, format!("answers page {page} of {row}: {}", given.join(", ")));
        let empty = answers.iter().filter(|it| it.value.is_empty());
        let refused = empty.map(|it| script::RefusedAnswer {
            step: it.step.clone(),
            code: "CX0104".to_owned(),
            text: "an answer is needed".to_owned(),
        });
        let refused: Vec<script::RefusedAnswer> = refused.collect();
        let view = refused.is_empty().then(|| self.0.view.borrow().clone());
        Ok(Response::new(script::AnswerPageResponse { view, refused }))
    }

    async fn interrupt(
        &self,
        request: Request<script::InterruptRequest>,
    ) -> Answer<script::InterruptResponse> {
        let script::InterruptRequest { interrupt, sequence, .. } = request.get_ref();
        self.0.note(&request, format!("begins {interrupt} at {sequence}"));
        let view = Some(self.0.view.borrow().clone());
        Ok(Response::new(script::InterruptResponse { view }))
    }

    async fn hang_up(
        &self,
        request: Request<script::HangUpRequest>,
    ) -> Answer<script::HangUpResponse> {
        let script::HangUpRequest { request_id, session_id } = request.get_ref();
        let what = format!("hangs up in {session_id} by {request_id}");
        self.0.note(&request, what);
        Ok(Response::new(script::HangUpResponse {}))
    }

    async fn cancel(
        &self,
        request: Request<script::CancelRequest>,
    ) -> Answer<script::CancelResponse> {
        let what = format!("cancels {}", request.get_ref().session_id);
        self.0.note(&request, what);
        Ok(Response::new(script::CancelResponse {}))
    }

    async fn r#continue(
        &self,
        request: Request<script::ContinueRequest>,
    ) -> Answer<script::ContinueResponse> {
        let script::ContinueRequest { session_id, actor, .. } = request.get_ref();
        let what = format!("continues {session_id} with {actor}");
        self.0.note(&request, what);
        let view = self.0.view.borrow().clone();
        Ok(Response::new(script::ContinueResponse { view: Some(view) }))
    }

    async fn history(&self, _: Request<script::HistoryRequest>) -> Answer<script::HistoryResponse> {
        Err(Status::unimplemented("the desk does not ask for it"))
    }

    async fn watch(&self, request: Request<script::WatchRequest>) -> Answer<Self::WatchStream> {
        if request.get_ref().session_id == "theirs" {
            return Err(Status::not_found("there is no such session"));
        }
        let answers = WatchStream::new(self.0.view.subscribe())
            .map(|view| Ok(script::WatchResponse { view: Some(view) }));
        Ok(Response::new(Box::pin(answers)))
    }
}
