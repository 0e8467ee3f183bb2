//! The engine: starts sessions, takes inputs, shows views.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use caruso_component::permissions::names::{COMMUNICATION_SERVER, SELF_SERVICE};
use caruso_contact::ContactId;
use caruso_dialogue::{Channel, Datum, Input, MAX_PAGE, PageAnswer, Special, State, View, handle};
use caruso_journal::{Condition, Figures, Installation, Journal, Retry, Submitted};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::live::{Live, Sessions};
use crate::session::{Session, batch};
use crate::step::Stimulus;
use crate::{Editions, Error, Mailer, Peers, actions, clock, conversation, housekeeping};

/// File of the journal within the engine's folder.
const JOURNAL: &str = "sessions.db";
/// Longest id of a request.
const MOST_REQUEST_BYTES: usize = 128;
/// Work that has begun may end within this time when the engine closes.
const GRACE: Duration = Duration::from_secs(5);

/// Bounds of the engine, and whose it is.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Stands in every event.
    pub installation: Installation,
    /// How long a session waits for data.
    pub read_within: Duration,
    /// How long one attempt of an action may take.
    pub act_within: Duration,
    /// When a failed action is tried again, and how often.
    pub retry: Retry,
    /// How long the reply to a message waits for data and actions.
    pub tell_within: Duration,
    /// Actions under way at the same time.
    pub most_actions: usize,
    /// Sessions in memory.
    pub most_sessions: usize,
    /// A session that nobody finished is broken off after this time.
    pub longest: Duration,
    /// How e-mails leave; without it they are refused.
    pub mailer: Option<Mailer>,
}

impl Default for Settings {
    /// Data within 1.5 s, so that the telephone never falls silent; actions for five hours.
    fn default() -> Self {
        let (first, longest) = (Duration::from_millis(500), Duration::from_secs(60));
        Self {
            installation: Installation { realm: "main".into(), site: "main".into() },
            read_within: Duration::from_millis(1500),
            act_within: Duration::from_secs(12),
            tell_within: Duration::from_secs(8),
            retry: Retry { first, longest, attempts: 300 },
            most_actions: 16,
            most_sessions: 10_000,
            longest: Duration::from_secs(24 * 3600),
            mailer: None,
        }
    }
}

/// How to begin a session.
#[derive(Debug, Clone, Default)]
pub struct Start {
    /// Id of the request, 1 to 128 bytes; a repeat gives the same session.
    pub request: String,
    /// Name of the script.
    pub script: String,
    /// Where it runs.
    pub channel: Channel,
    /// The customer's, as BCP 47 has it; empty for the script's own.
    pub language: String,
    /// The agent's log-in name; nothing on the telephone.
    pub actor: Option<String>,
    /// The contact; its key protects what is said. On the web and by messages, nothing makes the
    /// session a contact of its own.
    pub contact: Option<ContactId>,
    /// Inputs by name. A reference needs no class: the script's declaration says it.
    pub inputs: BTreeMap<String, Datum>,
}

/// An answer to a step.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Id of the request, 1 to 128 bytes; a repeat changes nothing.
    pub request: String,
    /// The session.
    pub session: Uuid,
    /// Of the view that was answered.
    pub sequence: u64,
    /// The step.
    pub step: String,
    /// The row of the roster in which it stands; empty outside of rosters.
    pub row: String,
    /// The value as text.
    pub value: String,
    /// An answer in place of a value.
    pub special: Option<Special>,
    /// Why the answer is right although a soft check doubts it; empty to be asked.
    pub reason: String,
}

/// Something that came and may come at any time.
#[derive(Debug, Clone)]
pub struct Interrupting {
    /// Id of the request, 1 to 128 bytes; a repeat changes nothing.
    pub request: String,
    /// The session.
    pub session: Uuid,
    /// Of the view in which it was offered.
    pub sequence: u64,
    /// Its id.
    pub interrupt: String,
}

/// Answers to the questions of a page.
#[derive(Debug, Clone)]
pub struct AnsweredPage {
    /// Id of the request, 1 to 128 bytes; a repeat changes nothing.
    pub request: String,
    /// The session.
    pub session: Uuid,
    /// Of the view that was answered.
    pub sequence: u64,
    /// The page.
    pub page: String,
    /// The row of the roster in which it stands; empty outside of rosters.
    pub row: String,
    /// At most one for each question, [`MAX_PAGE`] in all.
    pub answers: Vec<PageAnswer>,
}

/// Where a session goes on.
#[derive(Debug, Clone, Default)]
pub struct Elsewhere {
    /// Id of the request, 1 to 128 bytes; a repeat changes nothing.
    pub request: String,
    /// The channel.
    pub channel: Channel,
    /// The language of the customer; empty for the one that is spoken.
    pub language: String,
    /// The agent's log-in name; nothing where nobody works with it.
    pub actor: Option<String>,
}

/// Who wants something.
#[derive(Debug, Clone)]
pub struct By {
    pub(crate) name: String,
    pub(crate) is_user: bool,
}

impl By {
    /// A user, who may work with their own sessions only.
    pub fn user(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_user: true }
    }

    /// A component on its own behalf. That of self-service has the sessions of the web only.
    pub fn component(name: impl Into<String>) -> Self {
        Self { name: name.into(), is_user: false }
    }

    /// Whether it is the component whose pages are open to everybody.
    pub(crate) fn is_public(&self) -> bool {
        !self.is_user && self.name == SELF_SERVICE
    }

    pub(crate) fn as_user(&self) -> Option<&str> {
        self.is_user.then_some(self.name.as_str())
    }
}

/// The views of a session as they change. The session stays in memory meanwhile.
#[derive(Debug)]
pub struct Watched {
    _live: Arc<Live>,
    changes: watch::Receiver<Option<Arc<View>>>,
}

impl Watched {
    /// The view as it is now at the first call, then each newer one, waiting for it; those between
    /// two calls are passed over. Nothing when the engine stops.
    pub async fn next(&mut self) -> Option<Arc<View>> {
        loop {
            self.changes.changed().await.ok()?;
            if let Some(view) = self.changes.borrow_and_update().clone() {
                return Some(view);
            }
        }
    }
}

/// The engine. Clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) journal: Journal,
    pub(crate) editions: Arc<Editions>,
    pub(crate) peers: Peers,
    pub(crate) settings: Settings,
    pub(crate) sessions: Sessions,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    /// Why the process must stop.
    pub(crate) failure: watch::Sender<Option<String>>,
}

impl Engine {
    /// Opens the journal in `folder`, made where there is none, and goes on with the actions that
    /// wait there. Needs a tokio runtime.
    ///
    /// # Errors
    /// [`Error::Journal`], above all when another process has it open; [`Error::File`].
    pub async fn open(
        folder: &Path,
        editions: impl Into<Arc<Editions>>,
        peers: Peers,
        settings: Settings,
    ) -> Result<Self, Error> {
        std::fs::create_dir_all(folder).map_err(caruso_component::Error::data(folder))?;
        let journal = Journal::open(&folder.join(JOURNAL), &settings.installation).await?;
        let shared = Arc::new(Shared {
            journal,
            editions: editions.into(),
            peers,
            sessions: Sessions::new(settings.most_sessions),
            settings,
            tasks: TaskTracker::new(),
            stop: CancellationToken::new(),
            failure: watch::Sender::new(None),
        });
        shared.tasks.spawn(actions::run(Arc::clone(&shared)));
        shared.tasks.spawn(housekeeping::run(Arc::clone(&shared)));
        shared.tasks.spawn(housekeeping::rest(Arc::clone(&shared)));
        Ok(Self { shared })
    }

    /// The application, as of all releases that are in use.
    pub fn editions(&self) -> &Editions {
        &self.shared.editions
    }

    /// Starts a session on the script's version in force.
    ///
    /// # Errors
    /// [`Error::UnknownScript`], [`Error::Request`], [`Error::Refused`] for wrong inputs,
    /// [`Error::NoRelease`], and those of the journal.
    pub async fn start(&self, start: Start) -> Result<Arc<View>, Error> {
        check_request(&start.request)?;
        let shared = Arc::clone(&self.shared);
        self.shared.alone(async move { shared.start(start).await }).await
    }

    /// Answers a step: the current one, or an earlier one.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::UnknownSession`], [`Error::Request`], and those of the journal.
    pub async fn answer(&self, answer: Answer, by: By) -> Result<Arc<View>, Error> {
        check_request(&answer.request)?;
        let Answer { request, session, sequence, step, row, value, special, reason } = answer;
        let input = Input::Answer { request, sequence, step, row, value, special, reason };
        self.shared.take(session, Stimulus { input: Some(input), by, settled: None }).await
    }

    /// Answers the questions of a page together.
    ///
    /// # Errors
    /// [`Error::Refused`], with [`Refusal::Page`](caruso_dialogue::Refusal::Page) where answers are
    /// refused: then none is taken; and those of [`Engine::answer`].
    pub async fn answer_page(&self, page: AnsweredPage, by: By) -> Result<Arc<View>, Error> {
        check_request(&page.request)?;
        let AnsweredPage { request, session, sequence, page, row, answers } = page;
        if answers.len() > MAX_PAGE {
            return Err(Error::Request(format!("a page has at most {MAX_PAGE} questions")));
        }
        let input = Some(Input::Page { request, sequence, page, row, answers });
        self.shared.take(session, Stimulus { input, by, settled: None }).await
    }

    /// Begins what may come at any time.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::UnknownSession`], [`Error::Request`], and those of the journal.
    pub async fn interrupt(&self, begun: Interrupting, by: By) -> Result<Arc<View>, Error> {
        check_request(&begun.request)?;
        let Interrupting { request, session, sequence, interrupt } = begun;
        let input = Some(Input::Interrupt { request, sequence, interrupt });
        self.shared.take(session, Stimulus { input, by, settled: None }).await
    }

    /// The customer hung up: the script does what it has to do then. Nothing comes of it where the
    /// session is over.
    ///
    /// # Errors
    /// [`Error::UnknownSession`], [`Error::Request`], and those of the journal.
    pub async fn hang_up(&self, session: Uuid, request: String, by: By) -> Result<(), Error> {
        check_request(&request)?;
        let input = Some(Input::HangUp { request });
        self.shared.take(session, Stimulus { input, by, settled: None }).await.map(drop)
    }

    /// A session goes on elsewhere: on another channel, with another agent, in another language,
    /// with all that was answered. Whoever works with it gives it away; a component may take it.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::UnknownSession`], [`Error::Request`], and those of the journal.
    pub async fn go_on(&self, session: Uuid, to: Elsewhere, by: By) -> Result<Arc<View>, Error> {
        check_request(&to.request)?;
        let Elsewhere { request, channel, language, actor } = to;
        let input = Some(Input::Continue { request, channel, language, actor });
        self.shared.take(session, Stimulus { input, by, settled: None }).await
    }

    /// Breaks a session off; one that is over stays as it is.
    ///
    /// # Errors
    /// [`Error::UnknownSession`], and those of the journal.
    pub async fn cancel(&self, session: Uuid, reason: String, by: By) -> Result<(), Error> {
        let input = Some(Input::Cancel { reason });
        self.shared.take(session, Stimulus { input, by, settled: None }).await.map(drop)
    }

    /// Follows a session's views, from the one it has now.
    ///
    /// # Errors
    /// [`Error::UnknownSession`], and those of the journal.
    pub async fn watch(&self, session: Uuid, by: By) -> Result<Watched, Error> {
        let live = self.shared.sessions.get(session)?;
        self.shared.take(session, Stimulus { input: None, by, settled: None }).await?;
        let mut changes = live.view.subscribe();
        changes.mark_changed();
        Ok(Watched { _live: live, changes })
    }

    /// Waits until the journal fails; the process must stop then, and start anew from the disk.
    pub async fn failed(&self) -> String {
        let mut failure = self.shared.failure.subscribe();
        let reason = match failure.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone(),
            Err(_) => None,
        };
        reason.unwrap_or_default()
    }

    /// Lets go of sessions in memory that nobody watches and nobody used since the last call; they
    /// are read again from the disk when they are. The engine does so once a minute by itself.
    /// Gives their number.
    pub fn rest(&self) -> usize {
        self.shared.sessions.rest()
    }

    /// What the disk took so far.
    pub fn figures(&self) -> Figures {
        self.shared.journal.figures()
    }

    /// Ends what was begun, then lets go of the journal.
    pub async fn close(&self) {
        self.shared.stop.cancel();
        self.shared.tasks.close();
        if tokio::time::timeout(GRACE, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!("work was still going on when the script engine closed");
        }
        self.shared.journal.close().await;
    }
}

impl Shared {
    /// Runs work to its end, also when whoever waits for it goes away: a step that was appended
    /// must be applied.
    pub(crate) async fn alone<T: Send + 'static>(
        &self,
        work: impl Future<Output = Result<T, Error>> + Send + 'static,
    ) -> Result<T, Error> {
        let done = self.tasks.spawn(work).await.unwrap_or(Err(Error::Stopped));
        if let Err(error) = &done
            && error.is_fatal()
        {
            self.failure.send_if_modified(|failure| {
                failure.get_or_insert_with(|| error.to_string());
                true
            });
        }
        done
    }

    async fn start(self: Arc<Self>, mut start: Start) -> Result<Arc<View>, Error> {
        let request = format!("start:{}", start.request);
        if let Some(first) = self.journal.find_request(&request).await? {
            return self.repeated(&first.durable().await?.stream).await;
        }
        let edition = self.editions.current().ok_or(Error::NoRelease)?;
        let script = edition.script(&start.script).cloned();
        let script = script.ok_or_else(|| Error::UnknownScript(start.script.clone()))?;
        for (name, class, _) in script.inputs() {
            if let (Some(Datum::Reference { class: given, .. }), Some(class)) =
                (start.inputs.get_mut(name), class)
            {
                class.clone_into(given);
            }
        }
        let id = Uuid::now_v7();
        let leads = conversation::is_led_here(start.channel) && self.peers.contacts().is_some();
        let contact = start.contact.or(leads.then_some(ContactId(id)));
        let by = start.actor.clone().unwrap_or_else(|| component_on(start.channel).to_owned());
        let input = Input::Start(caruso_dialogue::Start {
            session: id.to_string(),
            request: start.request,
            channel: start.channel,
            language: start.language,
            actor: start.actor,
            contact: contact.map(|contact| contact.to_string()),
            inputs: start.inputs,
        });
        let before = State::default();
        let outcome = handle(&script, &before, &input, clock::now())?;
        let batch = batch(&edition, &script, &before, &outcome, &by);
        let condition = Condition { request: Some(request), expected: None };
        let appended = match self.journal.submit(batch, condition).await? {
            Submitted::First(appended) => appended,
            Submitted::Repeat(first) => {
                return self.repeated(&first.durable().await?.stream).await;
            }
        };
        let head = appended.receipt().last;
        let state = State::replay(&outcome.events);
        let session = Session::new(edition, script, state, head)?;
        let live = self.sessions.get(id)?;
        let mut slot = live.slot.lock().await;
        appended.durable().await?;
        self.publish(&live, &session);
        let view = Arc::clone(&session.view);
        self.launch(id, &session.edition, outcome.effects);
        *slot = Some(session);
        Ok(view)
    }

    async fn repeated(self: Arc<Self>, stream: &str) -> Result<Arc<View>, Error> {
        let id = stream.parse().map_err(|_| Error::UnknownSession)?;
        let by = By::component("script-engine");
        self.step(id, Stimulus { input: None, by, settled: None }).await
    }
}

/// The component that leads dialogues without an agent.
fn component_on(channel: Channel) -> &'static str {
    match channel {
        Channel::Web => SELF_SERVICE,
        Channel::Agent | Channel::Ivr | Channel::Message => COMMUNICATION_SERVER,
    }
}

pub(crate) fn check_request(request: &str) -> Result<(), Error> {
    if (1..=MOST_REQUEST_BYTES).contains(&request.len()) {
        return Ok(());
    }
    Err(Error::Request(format!("a request id has 1 to {MOST_REQUEST_BYTES} bytes")))
}
