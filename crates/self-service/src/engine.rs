//! The script engine, as the pages ask it.

use std::time::Duration;

use caruso_api::script::v1 as proto;
use caruso_component::{Component, InterfaceChannel, code_of};
use proto::View;
use proto::script_engine_client::ScriptEngineClient;
use proto::view::State;
use tonic::{Code, Status, Streaming};
use uuid::Uuid;

const INTERFACE: &str = "caruso.script.v1.ScriptEngine";
/// The first view of a session is there within this time.
const FIRST: Duration = Duration::from_secs(2);
/// A page that would say “one moment” waits this long for something better to say.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why a request was not carried out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The value is not one of the question's.
    Answer,
    /// A check speaks against it; the text is for the customer.
    Mistaken(String),
    /// A check doubts it; the text is for the customer.
    Doubtful(String),
    /// Answers of a page are refused, by their steps, and so none was taken.
    Page(Vec<(String, Refusal)>),
    /// The session has gone on meanwhile.
    Stale,
    /// The answer may not change any more, or nothing is asked any more.
    Locked,
    /// There is no such session any more.
    Gone,
    /// It may be possible in a moment.
    Away,
}

impl Refusal {
    /// What a code of the engine says about an answer; nothing where it says none.
    fn of(code: &str, text: &str) -> Option<Self> {
        Some(match code {
            "CX0103" | "CX0112" => Self::Stale,
            "CX0104" => Self::Answer,
            "CX0105" => Self::Locked,
            "CX0106" => Self::Gone,
            "CX0109" => Self::Doubtful(text.to_owned()),
            "CX0110" => Self::Mistaken(text.to_owned()),
            _ => return None,
        })
    }
}

impl From<Status> for Refusal {
    fn from(status: Status) -> Self {
        let code = code_of(&status);
        let known = code.as_deref().and_then(|code| Self::of(code, status.message()));
        match (known, code.as_deref()) {
            (Some(known), _) => known,
            (None, code) => {
                if !matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded) {
                    tracing::warn!(code, grpc = %status.code(), "the script engine refused");
                }
                Self::Away
            }
        }
    }
}

/// An answer to a step.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) request: String,
    pub(crate) session: Uuid,
    pub(crate) sequence: u64,
    pub(crate) step: String,
    pub(crate) row: String,
    pub(crate) value: String,
    pub(crate) special: proto::SpecialAnswer,
    pub(crate) reason: String,
}

/// The engine. Clones share their connections.
#[derive(Debug, Clone)]
pub(crate) struct Engine(ScriptEngineClient<InterfaceChannel>);

impl Engine {
    pub(crate) fn of(component: &Component) -> Self {
        Self(ScriptEngineClient::new(component.caller(INTERFACE)))
    }

    /// Starts a session of a script in a language.
    pub(crate) async fn start(&self, script: &str, language: &str) -> Result<Uuid, Refusal> {
        let request = proto::StartRequest {
            request_id: format!("web:{}", Uuid::now_v7()),
            script: script.to_owned(),
            channel: proto::Channel::Web.into(),
            language: language.to_owned(),
            ..Default::default()
        };
        let started = self.0.clone().start(request).await?.into_inner();
        let session = started.view.and_then(|view| view.session_id.parse().ok());
        session.ok_or(Refusal::Away)
    }

    /// Answers a step.
    pub(crate) async fn answer(&self, answer: Answer) -> Result<(), Refusal> {
        let request = proto::AnswerRequest {
            request_id: answer.request,
            session_id: answer.session.to_string(),
            sequence: answer.sequence,
            step: answer.step,
            row: answer.row,
            value: answer.value,
            special: answer.special.into(),
            override_reason: answer.reason,
        };
        self.0.clone().answer(request).await?;
        Ok(())
    }

    /// Answers a page.
    pub(crate) async fn answer_page(&self, page: proto::AnswerPageRequest) -> Result<(), Refusal> {
        let answered = self.0.clone().answer_page(page).await?.into_inner();
        let refused = answered.refused.into_iter().map(|it| {
            let refusal = Refusal::of(&it.code, &it.text).unwrap_or(Refusal::Answer);
            (it.step, refusal)
        });
        let refused: Vec<(String, Refusal)> = refused.collect();
        if refused.is_empty() { Ok(()) } else { Err(Refusal::Page(refused)) }
    }

    /// Begins what may come at any time.
    pub(crate) async fn interrupt(&self, begun: proto::InterruptRequest) -> Result<(), Refusal> {
        self.0.clone().interrupt(begun).await?;
        Ok(())
    }

    /// Where a session is now.
    pub(crate) async fn view(&self, session: Uuid) -> Result<View, Refusal> {
        self.watch(session, Duration::ZERO).await
    }

    /// Where a session is as soon as it waits for nothing, or after a while.
    pub(crate) async fn settled(&self, session: Uuid) -> Result<View, Refusal> {
        self.watch(session, PATIENCE).await
    }

    async fn watch(&self, session: Uuid, patience: Duration) -> Result<View, Refusal> {
        let request = proto::WatchRequest { session_id: session.to_string() };
        let first = async {
            let mut views = self.0.clone().watch(request).await?.into_inner();
            let view = next(&mut views).await?;
            Ok::<_, Refusal>((view, views))
        };
        let (mut view, mut views) =
            tokio::time::timeout(FIRST, first).await.unwrap_or(Err(Refusal::Away))?;
        let waiting = async {
            while matches!(view.state, Some(State::Waiting(_))) {
                view = next(&mut views).await?;
            }
            Ok::<_, Refusal>(())
        };
        // what is there after that time is shown as it is
        match tokio::time::timeout(patience, waiting).await {
            Ok(Err(refusal)) => Err(refusal),
            _ => Ok(view),
        }
    }
}

async fn next(views: &mut Streaming<proto::WatchResponse>) -> Result<View, Refusal> {
    let response = views.message().await?.ok_or(Refusal::Away)?;
    response.view.ok_or(Refusal::Away)
}
