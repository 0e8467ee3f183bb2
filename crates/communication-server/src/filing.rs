//! Files what was said to a customer with their business objects, when a contact is over.
//!
//! The errand stands in the same transaction as the contact's last events and goes to the storage
//! manager at least once, under the contact's id; which class keeps it, the application says.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::storage::v1::storage_manager_client::StorageManagerClient;
use caruso_api::storage::v1::{ApplyRequest, Create, Operation, Value, operation, value};
use caruso_application::{Application, History};
use caruso_component::InterfaceChannel;
use caruso_contact::{Channel, Contact, Personal};
use caruso_journal::{Batch, Due, Errand, Failed, Journal, Retry, Settled};
use serde::{Deserialize, Serialize};
use tokio::sync::watch;
use tonic::Code;
use tracing::{info, warn};

use crate::Error;
use crate::clock::Clock;
use crate::convert::timestamp;

/// Stream of what became of the errands.
const STREAM: &str = "filing";
/// A storage manager that is away for an hour loses nothing; after a day somebody must look.
const RETRY: Retry =
    Retry { first: Duration::from_secs(1), longest: Duration::from_secs(60), attempts: 1440 };
/// Errands claimed at a time.
const CLAIM: usize = 32;
/// Without news, the outbox is looked at this often.
const PAUSE: Duration = Duration::from_secs(60);

/// What is to be filed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Filed {
    customer: String,
    contact: String,
    /// Absent in errands of programs that knew calls only.
    #[serde(default = "telephone")]
    channel: String,
    started_ms: u64,
    topic: String,
    disposition: String,
    note: String,
}

/// The errand of a contact that is over; none where the customer is unknown.
pub(crate) fn errand(contact: &Contact) -> Option<Errand> {
    let known = |text: Option<&Personal<String>>| text.and_then(Personal::known).cloned();
    let filed = Filed {
        customer: known(contact.customer.as_ref())?,
        contact: contact.id.to_string(),
        channel: channel(contact.channel).to_owned(),
        started_ms: contact.arrived_at.as_millis(),
        topic: contact.queue.as_ref().map(ToString::to_string).unwrap_or_default(),
        disposition: contact.disposition.as_ref().map(ToString::to_string).unwrap_or_default(),
        note: known(contact.note.as_ref()).unwrap_or_default(),
    };
    Some(Errand {
        key: format!("contact-{}", contact.id),
        contact_id: Some(contact.id),
        body: serde_json::to_value(filed).ok()?,
        due_at: contact.arrived_at,
    })
}

/// How histories call a channel.
fn channel(channel: Channel) -> &'static str {
    match channel {
        Channel::Voice => "telephone",
        Channel::Web | Channel::Message | Channel::Voicemail => channel.name(),
    }
}

fn telephone() -> String {
    channel(Channel::Voice).to_owned()
}

/// Carries out errands.
#[derive(Debug)]
pub(crate) struct Clerk {
    pub(crate) journal: Journal,
    pub(crate) storage: StorageManagerClient<InterfaceChannel>,
    /// The one in force; which keeps a history, or not.
    pub(crate) applications: watch::Receiver<Arc<Application>>,
    pub(crate) clock: Clock,
}

impl Clerk {
    /// Works until the journal is closed or broken.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        loop {
            let history = self.applications.borrow_and_update().history.clone();
            let Some(history) = history else {
                if self.applications.changed().await.is_err() {
                    return std::future::pending().await;
                }
                continue;
            };
            let waiting = self.journal.claim(self.clock.now(), CLAIM).await?;
            for due in &waiting.due {
                self.carry_out(&history, due).await?;
            }
            if !waiting.due.is_empty() {
                continue;
            }
            let next = waiting.next_at.map_or(PAUSE, |at| self.clock.until(at).min(PAUSE));
            tokio::select! {
                () = self.journal.errands_added() => {}
                Ok(()) = self.applications.changed() => {}
                () = tokio::time::sleep(next) => {}
            }
        }
    }

    async fn carry_out(&mut self, history: &History, due: &Due) -> Result<(), Error> {
        let key = due.key.clone();
        let body = due.body.clone().and_then(|body| serde_json::from_value::<Filed>(body).ok());
        // a person who was forgotten has no history
        let Some(filed) = body else { return self.settle(Settled::Done { key }).await };
        match self.storage.apply(request(history, &due.key, filed)).await {
            Ok(_) => self.settle(Settled::Done { key }).await,
            Err(status) if is_final(status.code()) => {
                let reason = format!("{:?}", status.code());
                warn!(errand = key, reason, "a contact cannot be filed");
                self.settle(Settled::Dead { key, reason }).await
            }
            Err(status) => {
                let reason = format!("{:?}", status.code());
                let now = self.clock.now();
                match self.journal.failed(due, now, &RETRY, &reason).await? {
                    Failed::Again { .. } => {
                        info!(errand = key, reason, "a contact is filed later");
                        Ok(())
                    }
                    Failed::Exhausted => self.settle(Settled::Dead { key, reason }).await,
                }
            }
        }
    }

    async fn settle(&self, settled: Settled) -> Result<(), Error> {
        let key = match &settled {
            Settled::Done { key } | Settled::Dead { key, .. } => key.clone(),
        };
        let mut batch = Batch::new(STREAM, "communication-server");
        batch.recorded_at = self.clock.now();
        batch.settled = vec![settled];
        self.journal.append(batch)?.durable().await?;
        self.journal.release(&key);
        Ok(())
    }
}

/// What is asked of the storage manager, for this history.
fn request(history: &History, key: &str, filed: Filed) -> ApplyRequest {
    let History { class, customer, contact, channel, started, topic, disposition, note } =
        history.clone();
    let text = |text: String| Value { kind: Some(value::Kind::Text(text)) };
    let contact_id = filed.contact.clone();
    let at = caruso_contact::Time::from_millis(filed.started_ms);
    let mut attributes = BTreeMap::from([
        (customer, Value { kind: Some(value::Kind::Reference(filed.customer)) }),
        (contact, text(filed.contact)),
        (channel, text(filed.channel)),
        (started, Value { kind: Some(value::Kind::Instant(timestamp(at))) }),
        (topic, text(filed.topic)),
    ]);
    // what nobody said stays missing
    for (name, said) in [(disposition, filed.disposition), (note, filed.note)] {
        if !said.is_empty() {
            attributes.insert(name, text(said));
        }
    }
    let create = operation::Operation::Create(Create { class, attributes });
    ApplyRequest {
        idempotency_key: key.to_owned(),
        operations: vec![Operation { operation: Some(create) }],
        reason: "contact history".to_owned(),
        contact_id,
    }
}

/// Whether asking again cannot help.
fn is_final(code: Code) -> bool {
    matches!(code, Code::InvalidArgument | Code::AlreadyExists | Code::NotFound)
}
