//! Runs dialogue scripts with customers at the keypad: one task for each contact.

mod aside;
mod conversation;
mod keys;
mod speaking;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::script::v1::{
    AnswerRequest, CancelRequest, Channel, HangUpRequest, StartRequest, View, WatchRequest,
};
use caruso_api::storage::v1::{Value, value};
use caruso_component::InterfaceChannel;
use caruso_contact::{ContactId, Personal, QueueId, ScriptId};
use caruso_routing::Input;
use caruso_speech::Voice;
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::{Code, Status};
use tracing::{info, warn};
use uuid::Uuid;

pub(crate) use aside::Aside;
pub(crate) use conversation::Heard;
use conversation::{Conversation, Todo};
use speaking::Piece;

use crate::domain::Handle;
use crate::telephony::{Command, Switch};

/// Longest time a script talks with a customer; then the number's fallback takes over.
const LONGEST: Duration = Duration::from_secs(15 * 60);
/// How long a silent script engine is asked again, with the same request id; then the fallback.
const ENGINE_PATIENCE: Duration = Duration::from_secs(5);
/// Pause between two requests to a silent engine.
const ENGINE_PAUSE: Duration = Duration::from_millis(250);
/// Keys and ends of prompts that wait to be taken; more are dropped.
const HEARD: usize = 32;

/// Starts and stops conversations.
#[derive(Debug)]
pub(crate) struct Runner {
    engine: ScriptEngineClient<InterfaceChannel>,
    telephony: Switch,
    voice: Voice,
    running: HashMap<ContactId, mpsc::Sender<Heard>>,
    moving: Moving,
}

/// A conversation that another process goes on with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Moved {
    id: Uuid,
    call: Call,
}

/// How conversations leave this process.
#[derive(Clone, Debug, Default)]
struct Moving {
    begin: CancellationToken,
    talks: TaskTracker,
    moved: Arc<Mutex<Vec<Moved>>>,
}

impl Runner {
    /// A runner that asks this engine, plays through this telephone side, and has texts said by
    /// this voice.
    pub(crate) fn new(
        engine: ScriptEngineClient<InterfaceChannel>,
        telephony: Switch,
        voice: Voice,
    ) -> Self {
        Self { engine, telephony, voice, running: HashMap::new(), moving: Moving::default() }
    }

    /// Lets a script talk with a customer.
    pub(crate) fn start(&mut self, owner: Handle, call: Call) {
        let id = if call.aside.is_some() { Uuid::now_v7() } else { call.contact.0 };
        self.go_on(owner, Moved { id, call });
    }

    /// Goes on with a conversation of another process: what it asked last is asked again.
    pub(crate) fn go_on(&mut self, owner: Handle, Moved { id, call }: Moved) {
        let (sender, heard) = mpsc::channel(HEARD);
        self.running.insert(call.contact, sender);
        let (engine, telephony) = (self.engine.clone(), self.telephony.clone());
        let (voice, moving) = (self.voice.clone(), self.moving.clone());
        let talk = Talk { id, engine, telephony, voice, owner, call, heard, moving };
        self.moving.talks.spawn(talk.run());
    }

    /// Lets conversations come to where another process can go on with them; returns once all have.
    pub(crate) fn leave(&self) -> impl Future<Output = ()> + use<> {
        let Moving { begin, talks, .. } = self.moving.clone();
        begin.cancel();
        talks.close();
        async move { talks.wait().await }
    }

    /// Those that have.
    pub(crate) fn moved(&self) -> Vec<Moved> {
        let mut moved = self.moving.moved.lock().unwrap_or_else(PoisonError::into_inner);
        moved.drain(..).filter(|it| self.is_running(it.call.contact)).collect()
    }

    /// Whether a script talks with the customer.
    pub(crate) fn is_running(&self, contact: ContactId) -> bool {
        self.running.contains_key(&contact)
    }

    /// What the customer did; nothing if no script talks with them.
    pub(crate) fn heard(&self, contact: ContactId, heard: Heard) {
        if let Some(sender) = self.running.get(&contact)
            && sender.try_send(heard).is_err()
        {
            info!(contact.id = %contact, "a key was dropped: the script does not keep up");
        }
    }

    /// The script no longer talks with the customer, who hung up; its session is told unless it is
    /// over.
    pub(crate) fn stop(&mut self, contact: ContactId) {
        self.running.remove(&contact);
    }
}

/// A call that a script answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Call {
    pub(crate) contact: ContactId,
    pub(crate) script: ScriptId,
    /// Of the number that was called; empty for the script's own.
    pub(crate) language: String,
    /// Of who waits meanwhile.
    pub(crate) aside: Option<Aside>,
    pub(crate) calling: Option<String>,
    pub(crate) called: String,
}

/// How a conversation with a script came out.
enum Outcome {
    HandedOff {
        queue: QueueId,
        attributes: BTreeMap<String, String>,
    },
    Finished,
    Failed(String),
    /// The customer hung up, or the call went elsewhere.
    Stopped,
    /// Another process goes on with it.
    Moved,
}

struct Talk {
    /// In the ids of its requests: the contact's for the script that answers; a customer who waits
    /// may talk with others several times.
    id: Uuid,
    engine: ScriptEngineClient<InterfaceChannel>,
    telephony: Switch,
    voice: Voice,
    owner: Handle,
    call: Call,
    heard: mpsc::Receiver<Heard>,
    moving: Moving,
}

impl Talk {
    async fn run(mut self) {
        let contact = self.call.contact;
        let outcome = tokio::time::timeout(LONGEST, self.converse()).await;
        let outcome = outcome.unwrap_or_else(|_| Outcome::Failed("it took too long".to_owned()));
        let input = match outcome {
            Outcome::HandedOff { queue, attributes } => {
                Input::HandedOff { contact, queue, attributes: Personal::Known(attributes) }
            }
            Outcome::Finished => Input::IvrFinished { contact },
            Outcome::Failed(reason) => {
                warn!(contact.id = %contact, script = %self.call.script, reason,
                    "the script cannot go on, the fallback takes over");
                Input::IvrFailed { contact }
            }
            Outcome::Stopped => return,
            Outcome::Moved => {
                let moved = Moved { id: self.id, call: self.call };
                let mut all = self.moving.moved.lock().unwrap_or_else(PoisonError::into_inner);
                return all.push(moved);
            }
        };
        self.owner.tell(input).await;
    }

    async fn converse(&mut self) -> Outcome {
        let mut view = match self.start().await {
            Ok(view) => view,
            Err(status) => return Outcome::Failed(status.message().to_owned()),
        };
        let session = view.session_id.clone();
        loop {
            match self.about(view).await {
                Ok(Turn::Next(next)) => view = *next,
                Ok(Turn::Over(Outcome::Stopped)) => {
                    self.hung_up(session).await;
                    return Outcome::Stopped;
                }
                Ok(Turn::Over(outcome @ Outcome::Failed(_))) => {
                    self.cancel(session);
                    return outcome;
                }
                Ok(Turn::Over(outcome)) => return outcome,
                Err(status) => return Outcome::Failed(status.message().to_owned()),
            }
        }
    }

    /// The conversation about one view.
    async fn about(&mut self, view: View) -> Result<Turn, Status> {
        let session = view.session_id.clone();
        let sequence = view.sequence;
        let (mut conversation, mut todo) = Conversation::begin(view);
        loop {
            let silence_at = match todo {
                Todo::Play(pieces) => {
                    self.play(pieces).await;
                    None
                }
                Todo::Listen(patience) => Some(Instant::now() + patience),
                Todo::Answer { sequence, step, row, value } => {
                    let session_id = session.clone();
                    let answer = AnswerRequest {
                        session_id,
                        sequence,
                        step,
                        row,
                        value,
                        ..Default::default()
                    };
                    let answered = self.answer(answer).await;
                    match answered {
                        Err(status) if status.code() == Code::InvalidArgument => {
                            todo = conversation.refused();
                            continue;
                        }
                        answered => return answered.map(Turn::next),
                    }
                }
                Todo::Await => {
                    let begun = self.moving.begin.clone();
                    let view = self.next_view(session, sequence);
                    return match begun.run_until_cancelled(view).await {
                        Some(view) => view.map(Turn::next),
                        None => Ok(Turn::Over(Outcome::Moved)),
                    };
                }
                Todo::HandOff { queue, attributes } => return Ok(handed_off(&queue, attributes)),
                Todo::Finish => return Ok(Turn::Over(Outcome::Finished)),
                Todo::GiveUp => {
                    return Ok(Turn::Over(Outcome::Failed("no answer from the customer".into())));
                }
            };
            todo = loop {
                match self.hear(silence_at).await {
                    Ok(heard) => {
                        if let Some(todo) = conversation.heard(heard) {
                            break todo;
                        }
                    }
                    Err(outcome) => return Ok(Turn::Over(outcome)),
                }
            };
        }
    }

    /// The next thing heard, unless the conversation is over here.
    async fn hear(&mut self, silence_at: Option<Instant>) -> Result<Heard, Outcome> {
        let silence = async {
            match silence_at {
                Some(at) => tokio::time::sleep_until(at).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            heard = self.heard.recv() => heard.ok_or(Outcome::Stopped),
            () = self.moving.begin.cancelled() => Err(Outcome::Moved),
            () = silence => Ok(Heard::Silence),
        }
    }

    async fn play(&self, pieces: Vec<Piece>) {
        let contact = self.call.contact;
        let sounds = speaking::sounds(&self.voice, pieces).await;
        let command = Command::Play { contact, sounds, repeats: false };
        // a telephone side that is gone ends the process; nothing to do here
        let _ = self.telephony.send(command).await;
    }

    async fn start(&self) -> Result<View, Status> {
        let Call { contact, script, language, aside, calling, called } = &self.call;
        let text = |text: &str| Value { kind: Some(value::Kind::Text(text.to_owned())) };
        let mut inputs = BTreeMap::from([("called_number".to_owned(), text(called))]);
        if let Some(calling) = calling {
            inputs.insert("calling_number".to_owned(), text(calling));
        }
        inputs.extend(aside.iter().flat_map(Aside::facts));
        let request = StartRequest {
            request_id: format!("ivr-{}", self.id),
            script: script.to_string(),
            channel: Channel::Ivr.into(),
            language: language.clone(),
            contact_id: contact.to_string(),
            inputs,
            actor: String::new(),
        };
        let engine = &self.engine;
        let started = patiently(|| {
            let (mut engine, request) = (engine.clone(), request.clone());
            async move { engine.start(request).await }
        });
        viewed(started.await?.into_inner().view)
    }

    async fn answer(&self, answer: AnswerRequest) -> Result<View, Status> {
        let request_id = format!("ivr-{}-{}", self.id, answer.sequence);
        let request = AnswerRequest { request_id, ..answer };
        let engine = &self.engine;
        let answered = patiently(|| {
            let (mut engine, request) = (engine.clone(), request.clone());
            async move { engine.answer(request).await }
        });
        viewed(answered.await?.into_inner().view)
    }

    /// The first view that is newer than `sequence`.
    async fn next_view(&self, session_id: String, sequence: u64) -> Result<View, Status> {
        let request = WatchRequest { session_id };
        let mut engine = self.engine.clone();
        let mut views = engine.watch(request).await?.into_inner();
        while let Some(message) = views.message().await? {
            if let Some(view) = message.view.filter(|view| view.sequence > sequence) {
                return Ok(view);
            }
        }
        Err(Status::unavailable("the script engine ended the session's stream"))
    }

    async fn hung_up(&self, session_id: String) {
        let request_id = format!("ivr-{}-hung-up", self.id);
        let request = HangUpRequest { request_id, session_id };
        let engine = &self.engine;
        let told = patiently(|| {
            let (mut engine, request) = (engine.clone(), request.clone());
            async move { engine.hang_up(request).await }
        });
        if let Err(status) = told.await {
            info!(contact.id = %self.call.contact, code = ?status.code(),
                "the script was not told of the hang-up; its session ends by itself");
        }
    }

    /// Nobody goes on with the session. The customer does not wait for it.
    fn cancel(&self, session_id: String) {
        let reason = "the conversation could not go on by telephone".to_owned();
        let (mut engine, contact) = (self.engine.clone(), self.call.contact);
        tokio::spawn(async move {
            let request = CancelRequest { session_id, reason };
            if let Err(status) = engine.cancel(request).await {
                info!(contact.id = %contact, code = ?status.code(),
                    "the script's session was not cancelled; it ends by itself");
            }
        });
    }
}

enum Turn {
    Next(Box<View>),
    Over(Outcome),
}

impl Turn {
    fn next(view: View) -> Self {
        Self::Next(Box::new(view))
    }
}

fn handed_off(queue: &str, attributes: Vec<(String, String)>) -> Turn {
    let attributes = attributes.into_iter().collect();
    Turn::Over(match QueueId::new(queue) {
        Ok(queue) => Outcome::HandedOff { queue, attributes },
        Err(error) => Outcome::Failed(format!("the queue of the hand-off: {error}")),
    })
}

fn viewed(view: Option<View>) -> Result<View, Status> {
    view.ok_or_else(|| Status::internal("the script engine answered without a view"))
}

/// Asks again while the engine is silent or away, the same request each time.
async fn patiently<T, F, R>(ask: F) -> Result<T, Status>
where
    F: Fn() -> R,
    R: Future<Output = Result<T, Status>>,
{
    let until = Instant::now() + ENGINE_PATIENCE;
    loop {
        let asked = timeout_at(until, ask()).await;
        match asked {
            Ok(Err(status)) if is_silence(&status) && Instant::now() + ENGINE_PAUSE < until => {
                tokio::time::sleep(ENGINE_PAUSE).await;
            }
            Ok(answer) => return answer,
            Err(_) => return Err(Status::deadline_exceeded("the script engine is silent")),
        }
    }
}

fn is_silence(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled)
}
