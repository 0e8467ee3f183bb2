//! One input into one session: decided, made durable, shown, acted on.

use std::sync::Arc;

use caruso_dialogue::{Effect, Input, Outcome, Refusal, View, handle, outstanding};
use caruso_journal::{Condition, Settled, Submitted};
use futures::FutureExt as _;
use uuid::Uuid;

use crate::engine::{By, Shared};
use crate::live::Live;
use crate::session::{Session, batch};
use crate::{Edition, Error, clock, reads};

/// What comes to a session.
#[derive(Debug)]
pub(crate) struct Stimulus {
    /// Nothing where the view is only to be looked at.
    pub(crate) input: Option<Input>,
    pub(crate) by: By,
    /// The errand that the input is the end of.
    pub(crate) settled: Option<Settled>,
}

impl Stimulus {
    /// An input of the engine's own.
    pub(crate) fn own(input: Input) -> Self {
        Self { input: Some(input), by: By::component("script-engine"), settled: None }
    }
}

impl Shared {
    /// Takes an input to its end, whatever becomes of the caller.
    pub(crate) async fn take(
        self: &Arc<Self>,
        id: Uuid,
        stimulus: Stimulus,
    ) -> Result<Arc<View>, Error> {
        let shared = Arc::clone(self);
        self.alone(async move { shared.step(id, stimulus).await }).await
    }

    /// The same within a task that is not given up.
    pub(crate) async fn step(
        self: &Arc<Self>,
        id: Uuid,
        stimulus: Stimulus,
    ) -> Result<Arc<View>, Error> {
        let live = self.sessions.get(id)?;
        let mut slot = live.slot.lock().await;
        if slot.is_none() {
            *slot = Some(self.resume(&live).await?);
        }
        let session = slot.as_mut().expect("it was read just now");
        if !session.is_for(&stimulus.by) {
            return Err(Error::UnknownSession);
        }
        let outcome = match &stimulus.input {
            Some(input) => handle(&session.script, &session.state, input, clock::now())?,
            None => Outcome::default(),
        };
        if outcome.events.is_empty() && stimulus.settled.is_none() {
            return Ok(Arc::clone(&session.view));
        }
        let written = self.write(session, &outcome, stimulus).await;
        if written.is_err() {
            // What the disk has is read again, if anybody asks.
            *slot = None;
        }
        written?;
        let session = slot.as_ref().expect("it was written just now");
        self.publish(&live, session);
        self.launch(id, &session.edition, outcome.effects);
        Ok(Arc::clone(&session.view))
    }

    async fn write(
        &self,
        session: &mut Session,
        outcome: &Outcome,
        stimulus: Stimulus,
    ) -> Result<(), Error> {
        let Session { edition, script, state, .. } = &*session;
        let mut batch = batch(edition, script, state, outcome, &stimulus.by.name);
        batch.settled.extend(stimulus.settled);
        let condition = Condition { request: None, expected: Some(session.head) };
        let submitted = match self.journal.submit(batch, condition).await {
            Err(caruso_journal::Error::Conflict { .. }) => return Err(Refusal::Stale.into()),
            other => other?,
        };
        let (Submitted::First(appended) | Submitted::Repeat(appended)) = submitted;
        let last = appended.receipt().last;
        let head = if outcome.events.is_empty() { session.head } else { last };
        session.apply(&outcome.events, head)?;
        appended.durable().await?;
        Ok(())
    }

    /// Reads a session back, and goes on waiting for what it waited for.
    async fn resume(self: &Arc<Self>, live: &Live) -> Result<Session, Error> {
        let session = Session::read(&self.journal, &self.editions, live.id).await;
        let session = session.inspect_err(|_| self.sessions.remove(live.id))?;
        self.publish(live, &session);
        let effects = outstanding(&session.script, &session.state);
        self.launch(live.id, &session.edition, effects);
        Ok(session)
    }

    pub(crate) fn publish(&self, live: &Live, session: &Session) {
        live.view.send_if_modified(|view| {
            let is_new = view.as_ref().is_none_or(|view| view.sequence < session.view.sequence);
            if is_new {
                *view = Some(Arc::clone(&session.view));
            }
            is_new
        });
    }

    /// Acts on what is durable. Actions stand in the outbox, whose worker was told already.
    pub(crate) fn launch(self: &Arc<Self>, id: Uuid, edition: &Arc<Edition>, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Read(read) => {
                    let (shared, edition) = (Arc::clone(self), Arc::clone(edition));
                    self.spawn(async move {
                        let reading = reads::read(shared.peers.storage(), &edition, &read).boxed();
                        let in_time = tokio::time::timeout(shared.settings.read_within, reading);
                        let input = in_time.await.unwrap_or_else(|_| Input::DataFailed {
                            read: read.clone(),
                            reason: "no answer in time".to_owned(),
                        });
                        shared.tell(id, input).await;
                    });
                }
                Effect::WakeAt { key, at } => {
                    let shared = Arc::clone(self);
                    self.spawn(async move {
                        let wait = at.duration_since(clock::now());
                        tokio::time::sleep(wait.try_into().unwrap_or_default()).await;
                        shared.tell(id, Input::Overdue { key }).await;
                    });
                }
                // these stand in the outbox
                Effect::Perform(_) | Effect::GoOnAt { .. } => {}
            }
        }
    }

    /// Work that ends when the engine does; after a restart it is found to be outstanding.
    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move { stop.run_until_cancelled(work).await });
    }

    async fn tell(self: &Arc<Self>, id: Uuid, input: Input) {
        if let Err(error) = self.take(id, Stimulus::own(input)).await {
            tracing::warn!(script.session = %id, %error, "what a session waited for was lost");
        }
    }
}
