//! Customers who leave a message: the telephone side records, the router decides what follows.

use std::time::Duration;

use caruso_contact::{ContactId, QueueId, Time};
use caruso_media::{PromptId, Sound};
use caruso_routing::{Input, Stage};
use tracing::error;

use super::{Owner, SYSTEM};
use crate::Error;
use crate::recordings;
use crate::telephony::{Command, Terms};

impl Owner {
    /// Lets the customer speak, as the queue says.
    pub(super) async fn record(&self, contact: ContactId, queue: &QueueId, keep_until: Time) {
        let queue = self.router.configuration().queues.get(queue);
        let Some(rules) = queue.and_then(|queue| queue.voicemail.as_ref()) else { return };
        let say = Sound::Prompt(PromptId(rules.say.clone()));
        let terms =
            Terms { longest: rules.longest, silence: rules.silence, key: rules.key, keep_until };
        self.command(Command::Record { contact, say, terms }).await;
    }

    /// What was said is a message from now on. Where nobody waits for it any more, since a
    /// supervisor ended the contact, it is deleted.
    pub(super) async fn recorded(
        &mut self,
        contact: ContactId,
        length: Option<Duration>,
    ) -> Result<(), Error> {
        if !self.speaks(contact) {
            if let Err(error) = self.recordings.delete(contact).await {
                tell(contact, &error);
            }
            return Ok(());
        }
        let length = length.map(|it| u64::try_from(it.as_millis()).unwrap_or(u64::MAX));
        self.decide(Input::Recorded { contact, length }, SYSTEM, None).await
    }

    /// What customers said until the last process ended becomes a message.
    pub(super) async fn find_messages(&mut self) -> Result<(), Error> {
        let domain = self.router.domain();
        let speak = domain.contacts().map(|(id, _)| id).filter(|id| self.speaks(*id));
        for contact in speak.collect::<Vec<_>>() {
            let length = self.recordings.left_behind(contact).await.unwrap_or_else(|error| {
                tell(contact, &error);
                None
            });
            self.recorded(contact, length).await?;
        }
        Ok(())
    }

    fn speaks(&self, contact: ContactId) -> bool {
        let stage = self.router.domain().contact(contact).map(|it| &it.stage);
        matches!(stage, Some(Stage::Recording { .. }))
    }
}

fn tell(contact: ContactId, error: &recordings::Error) {
    let error = error as &dyn std::error::Error;
    error!(contact.id = %contact, error, "a message cannot be read");
}
