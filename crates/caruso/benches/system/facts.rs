//! What the log of contacts says about fairness, counted from its events alone. Who comes
//! into the line within one millisecond has no order there.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::bail;
use caruso_api::contact::v1::WatchEventsRequest;
use caruso_api::contact::v1::contacts_client::ContactsClient;
use caruso_component::Component;
use serde_json::Value;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

/// What is waited for takes no longer.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Facts {
    /// Contacts by id, as they wait: priority, then the millisecond in which they began to.
    waiting: BTreeMap<String, (u64, i64)>,
    /// The same for those being offered, who wait on in their place if that fails.
    places: BTreeMap<String, (u64, i64)>,
    busy: BTreeSet<String>,
    answered: BTreeSet<String>,
    talking: BTreeSet<String>,
    pub(crate) is_over: usize,
    pub(crate) overtaken: usize,
    pub(crate) to_busy: usize,
    pub(crate) twice: usize,
    /// Offers that led to no conversation.
    pub(crate) offers_failed: usize,
}

impl Facts {
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Conversations that go on.
    pub(crate) fn talking(&self) -> usize {
        self.talking.len()
    }

    fn take(&mut self, millis: i64, fact: &Value) {
        let Some(contact) = fact["contact"].as_str().map(str::to_owned) else { return };
        let event = &fact["event"];
        let agent = || event["agent"].as_str().unwrap_or_default().to_owned();
        match event["kind"].as_str().unwrap_or_default() {
            "queue-entered" => {
                let place = (event["priority"].as_u64().unwrap_or_default(), millis);
                self.places.insert(contact.clone(), place);
                self.waiting.insert(contact, place);
            }
            "offered" => {
                self.waiting.remove(&contact);
                let (priority, since) = self.places.get(&contact).copied().unwrap_or_default();
                // every agent here serves every queue
                let is_before = |(p, s): &(u64, i64)| *p > priority || *p == priority && *s < since;
                self.overtaken += self.waiting.values().filter(|place| is_before(place)).count();
                self.to_busy += usize::from(!self.busy.insert(agent()));
            }
            "offer-ended" => {
                self.offers_failed += 1;
                self.busy.remove(&agent());
                self.places.get(&contact).map(|place| self.waiting.insert(contact, *place));
            }
            "connected" => {
                self.talking.insert(contact.clone());
                self.twice += usize::from(!self.answered.insert(contact));
            }
            "ended" => {
                self.is_over += 1;
                self.talking.remove(&contact);
                self.waiting.remove(&contact);
            }
            "wrap-up-ended" => _ = self.busy.remove(&agent()),
            _ => {}
        }
    }
}

/// Follows the log from its beginning.
pub(crate) async fn follow(
    monitor: &Component,
) -> anyhow::Result<(watch::Receiver<Facts>, AbortOnDropHandle<()>)> {
    let mut client = ContactsClient::new(monitor.caller("caruso.contact.v1.Contacts"));
    let mut stream =
        client.watch_events(WatchEventsRequest { after: 0, recent: false }).await?.into_inner();
    let (tell, facts) = watch::channel(Facts::default());
    let following = tokio::spawn(async move {
        while let Ok(Some(message)) = stream.message().await {
            tell.send_modify(|facts| {
                for event in message.events {
                    let fact = serde_json::from_slice(&event.payload).unwrap_or_default();
                    let at = event.recorded_at.unwrap_or_default();
                    let millis = at.seconds * 1000 + i64::from(at.nanos) / 1_000_000;
                    facts.take(millis, &fact);
                }
            });
        }
    });
    Ok((facts, AbortOnDropHandle::new(following)))
}

/// Waits until the log says so.
pub(crate) async fn until(
    facts: &mut watch::Receiver<Facts>,
    what: &str,
    holds: impl Fn(&Facts) -> bool,
) -> anyhow::Result<()> {
    let reached = async { facts.wait_for(|facts| holds(facts)).await.map(|_| ()) };
    let reached = tokio::time::timeout(PATIENCE, reached).await;
    match reached {
        Ok(reached) => reached?,
        Err(_) => bail!("{what}: not in time; {:?}", *facts.borrow()),
    }
    Ok(())
}
