//! The loop around a desk: takes what is learned, fetches what is wanted, tells the browser.

use std::time::Duration;

use caruso_api::desk::v1::WatchDeskResponse;
use tokio::sync::{broadcast, mpsc};
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;

use super::state::{CustomerKey, DeskState, HangUpKey, Input, LookupKey, RelatedKey, ScriptKey};
use super::{agent, lookup, script};
use crate::peers::Peers;
use crate::sessions::Session;
use crate::settings::Current;

/// A message at least this often, so that the browser notices a dead connection.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// Changes within this time become one message.
const COALESCE: Duration = Duration::from_millis(30);
/// An offer is held back this long for the customer's name.
const WAIT_FOR_CUSTOMER: Duration = Duration::from_millis(300);
/// Inputs that may wait.
const QUEUE: usize = 64;

/// An agent chose a customer for a contact; told to every desk of this front office.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    pub(crate) contact: String,
    pub(crate) customer: String,
}

/// What a desk is made of.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) peers: Peers,
    pub(crate) session: Session,
    pub(crate) settings: Current,
    pub(crate) choices: broadcast::Receiver<Choice>,
}

/// Tells `browser` the desk, and each change, until it goes away.
pub(crate) async fn watch(desk: Desk, browser: mpsc::Sender<Result<WatchDeskResponse, Status>>) {
    let (inputs, received) = mpsc::channel(QUEUE);
    let follow = agent::follow(desk.peers.clone(), desk.session.clone(), inputs.clone());
    let agent = tokio::spawn(follow);
    let mut work = Watch {
        tasks: Tasks {
            inputs,
            lookup: None,
            related: None,
            identify: None,
            script: None,
            hang_up: None,
        },
        desk,
        state: DeskState::default(),
        received,
        told: None,
        sequence: 0,
        held_since: None,
    };
    let mut agent = AbortOnDropHandle::new(agent);
    tokio::select! {
        () = work.run(&browser) => {}
        ended = &mut agent => {
            if let Ok(Err(error)) = ended {
                // A browser that left needs no reason.
                let _ = browser.send(Err(error)).await;
            }
        }
    }
}

struct Watch {
    desk: Desk,
    state: DeskState,
    received: mpsc::Receiver<Input>,
    tasks: Tasks,
    /// The last message, without its sequence and time.
    told: Option<WatchDeskResponse>,
    sequence: u64,
    held_since: Option<Instant>,
}

impl Watch {
    async fn run(&mut self, browser: &mpsc::Sender<Result<WatchDeskResponse, Status>>) {
        let mut tell_at: Option<Instant> = None;
        let mut sign_at = Instant::now() + SIGN_OF_LIFE;
        loop {
            let is_changed = tokio::select! {
                input = self.received.recv() => match input {
                    Some(input) => { self.take(input); true }
                    None => return,
                },
                choice = self.desk.choices.recv() => match choice {
                    Ok(Choice { contact, customer }) => {
                        self.take(Input::Chosen { contact, customer });
                        true
                    }
                    Err(broadcast::error::RecvError::Lagged(_)) => false,
                    Err(broadcast::error::RecvError::Closed) => return,
                },
                () = tokio::time::sleep_until(tell_at.unwrap_or(sign_at)) => {
                    let message = self.message(tell_at.take().is_some());
                    if browser.send(Ok(message)).await.is_err() {
                        return;
                    }
                    sign_at = Instant::now() + SIGN_OF_LIFE;
                    false
                }
                () = browser.closed() => return,
            };
            if is_changed {
                self.tasks.keep(&self.desk, &self.state);
                tell_at = Some(self.next_message(tell_at));
            }
        }
    }

    fn take(&mut self, input: Input) {
        let before = self.state.unfinished_session().map(str::to_owned);
        let contact = |state: &DeskState| state.wanted().lookup.map(|key| key.contact);
        let was = contact(&self.state);
        self.state.apply(input);
        let left = was.filter(|was| contact(&self.state).as_ref() != Some(was));
        let is_over = left.is_some_and(|contact| !self.state.has_laid_aside(&contact));
        if let Some(session) = before.filter(|_| is_over) {
            let Desk { peers, session: user, .. } = &self.desk;
            tokio::spawn(script::cancel(peers.clone(), user.clone(), session));
        }
    }

    /// When the next message is due: soon, but an offer waits a little for the customer's name.
    fn next_message(&mut self, planned: Option<Instant>) -> Instant {
        let now = Instant::now();
        let soon = now + COALESCE;
        if self.state.is_offer_without_customer() {
            let since = *self.held_since.get_or_insert(now);
            return (since + WAIT_FOR_CUSTOMER).max(now);
        }
        let was_held = self.held_since.take().is_some();
        if was_held { soon } else { planned.unwrap_or(soon).min(soon) }
    }

    /// The desk, or a sign of life where it is as it was told.
    fn message(&mut self, may_have_changed: bool) -> WatchDeskResponse {
        self.sequence += 1;
        let settings = self.desk.settings.load();
        let has_demo = self.desk.peers.has_demo();
        let desk = WatchDeskResponse {
            not_ready_reasons: settings.reasons.clone(),
            purposes: settings.purposes.clone(),
            has_demo,
            demo_numbers: if has_demo { settings.numbers.clone() } else { Vec::new() },
            ..self.state.message()
        };
        let at = Some(std::time::SystemTime::now().into());
        // Before the first status there is no desk to show.
        let is_told =
            self.told.as_ref() == Some(&desk) || (desk.status.is_none() && !may_have_changed);
        if is_told {
            let sequence = self.sequence;
            return WatchDeskResponse { sequence, at, is_unchanged: true, ..Default::default() };
        }
        self.told = Some(desk.clone());
        WatchDeskResponse { sequence: self.sequence, at, ..desk }
    }
}

/// What is being fetched, each for as long as it is wanted.
struct Tasks {
    inputs: mpsc::Sender<Input>,
    lookup: Option<Task<LookupKey>>,
    related: Option<Task<RelatedKey>>,
    identify: Option<Task<CustomerKey>>,
    script: Option<Task<ScriptKey>>,
    hang_up: Option<Task<HangUpKey>>,
}

struct Task<K> {
    key: K,
    _running: AbortOnDropHandle<()>,
}

impl Tasks {
    /// Starts what is wanted and not yet there, and drops what is no longer wanted.
    fn keep(&mut self, desk: &Desk, state: &DeskState) {
        let wanted = state.wanted();
        let with = || (desk.peers.clone(), desk.session.clone(), self.inputs.clone());
        keep(&mut self.lookup, wanted.lookup, |key| {
            let (peers, session, inputs) = with();
            lookup::look_up(peers, session, key, inputs)
        });
        keep(&mut self.related, wanted.related, |key| {
            let (peers, session, inputs) = with();
            lookup::relate(peers, session, key.customer, inputs)
        });
        keep(&mut self.identify, wanted.identify, |key| {
            let (peers, session, inputs) = with();
            lookup::identify(peers, session, key, inputs)
        });
        keep(&mut self.script, wanted.script, |key| {
            let (peers, session, inputs) = with();
            script::follow(peers, session, key, inputs)
        });
        keep(&mut self.hang_up, wanted.hang_up, |key| {
            let (peers, session, _) = with();
            script::hang_up(peers, session, key)
        });
    }
}

fn keep<K, F>(slot: &mut Option<Task<K>>, wanted: Option<K>, start: impl FnOnce(K) -> F)
where
    K: Clone + PartialEq,
    F: Future<Output = ()> + Send + 'static,
{
    if slot.as_ref().map(|task| &task.key) == wanted.as_ref() {
        return;
    }
    *slot = wanted.map(|key| {
        let running = AbortOnDropHandle::new(tokio::spawn(start(key.clone())));
        Task { key, _running: running }
    });
}
