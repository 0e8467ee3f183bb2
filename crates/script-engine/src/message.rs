//! Dialogues by messages: a reply is taken, what it leads to is waited for, and what is sent back
//! is fixed before anybody sees it.

use std::sync::Arc;

use caruso_dialogue::{Channel, Input, Shown, View};
use uuid::Uuid;

use crate::engine::{By, check_request};
use crate::step::Stimulus;
use crate::{Engine, Error, Start};

/// What is to be sent to a customer.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    /// In order; none while the session waits.
    pub messages: Vec<String>,
    /// Where the session stands.
    pub view: Arc<View>,
}

impl Engine {
    /// Starts a session on the channel of messages; a repeated request gives the same messages.
    ///
    /// # Errors
    /// Those of [`Engine::start`].
    pub async fn begin(&self, start: Start, by: By) -> Result<Told, Error> {
        let request = start.request.clone();
        let view = self.start(Start { channel: Channel::Message, ..start }).await?;
        let session = view.session.parse().map_err(|_| Error::UnknownSession)?;
        self.tell(session, request, by).await
    }

    /// Takes a customer's message; the same one again gives the same messages.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::UnknownSession`], [`Error::Request`], and those of the journal.
    pub async fn reply(
        &self,
        session: Uuid,
        message: String,
        text: String,
        by: By,
    ) -> Result<Told, Error> {
        check_request(&message)?;
        let input = Input::Reply { request: message.clone(), text };
        let stimulus = Stimulus { input: Some(input), by: by.clone(), settled: None };
        self.shared.take(session, stimulus).await?;
        self.tell(session, message, by).await
    }

    /// Fixes what is sent back, once the session waits for nothing; within a bound.
    async fn tell(&self, session: Uuid, request: String, by: By) -> Result<Told, Error> {
        if let Some(told) = self.told(session, &request).await? {
            return Ok(told);
        }
        let live = self.shared.sessions.get(session)?;
        let mut views = live.view.subscribe();
        let is_still = |view: &Option<Arc<View>>| {
            view.as_ref().is_some_and(|it| !matches!(it.shown, Shown::Waiting { .. }))
        };
        let waited = views.wait_for(is_still);
        if tokio::time::timeout(self.shared.settings.tell_within, waited).await.is_err() {
            let nothing = Stimulus { input: None, by, settled: None };
            let view = self.shared.take(session, nothing).await?;
            return Ok(Told { messages: Vec::new(), view });
        }
        let input = Some(Input::Tell { request: request.clone() });
        self.shared.take(session, Stimulus { input, by, settled: None }).await?;
        self.told(session, &request).await?.ok_or(Error::Stopped)
    }

    /// What was fixed for a request.
    async fn told(&self, session: Uuid, request: &str) -> Result<Option<Told>, Error> {
        let live = self.shared.sessions.get(session)?;
        let slot = live.slot.lock().await;
        let session = slot.as_ref().ok_or(Error::UnknownSession)?;
        let told = session.state.told(request);
        let view = Arc::clone(&session.view);
        Ok(told.map(|messages| Told { messages: messages.to_vec(), view }))
    }
}
