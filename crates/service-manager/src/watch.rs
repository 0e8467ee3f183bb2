//! One consumer's watch: a snapshot, then what changed since the last message.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use caruso_api::encoded::Encoded;
use caruso_api::registry::v1 as proto;
use caruso_component::{CallingComponent, MOST_INTERFACES, permissions, status};
use prost::Message as _;
use proto::watch_request::Message;
use tokio::sync::{Notify, mpsc};
use tonic::{Code, Status, Streaming};

use crate::contracts;
use crate::registry::Consumer;
use crate::shared::Shared;

/// Messages that may wait for a consumer; changes meanwhile are put together into the next one.
const QUEUE: usize = 2;

static NEXT: AtomicU64 = AtomicU64::new(1);

/// Messages towards the consumer.
pub(crate) type Responses = mpsc::Receiver<Result<Encoded, Status>>;

struct Watch {
    shared: Arc<Shared>,
    component: String,
    number: u64,
    interfaces: BTreeSet<String>,
    consumer: Consumer,
    /// Contracts of the subscription that are not known here.
    wanted: Vec<String>,
    /// Revision of the last message; 0 asks for a snapshot.
    sent: u64,
    /// Nothing was sent since the last subscription.
    is_new: bool,
    /// Something of the interfaces has changed.
    wake: Arc<Notify>,
}

/// Serves a watch until the consumer ends it.
pub(crate) fn open(
    shared: Arc<Shared>,
    consumer: CallingComponent,
    requests: Streaming<proto::WatchRequest>,
) -> Responses {
    let (down, responses) = mpsc::channel(QUEUE);
    let watch = Watch {
        shared,
        component: consumer.name,
        number: NEXT.fetch_add(1, Ordering::Relaxed),
        interfaces: BTreeSet::new(),
        consumer: Consumer { instance: consumer.instance, ..Consumer::default() },
        wanted: Vec::new(),
        sent: 0,
        is_new: false,
        wake: Arc::default(),
    };
    tokio::spawn(watch.serve(requests, down));
    responses
}

impl Watch {
    async fn serve(
        mut self,
        mut requests: Streaming<proto::WatchRequest>,
        down: mpsc::Sender<Result<Encoded, Status>>,
    ) {
        let mut has_news = false;
        loop {
            tokio::select! {
                request = requests.message() => {
                    let Ok(Some(request)) = request else { break };
                    if let Err(status) = self.hear(request) {
                        // The consumer may be gone already.
                        let _ = down.try_send(Err(status));
                        break;
                    }
                    has_news |= self.is_new;
                }
                () = self.wake.notified() => has_news = true,
                permit = down.reserve(), if has_news => {
                    let Ok(permit) = permit else { break };
                    has_news = false;
                    if let Some(message) = self.news() {
                        permit.send(Ok(message));
                    }
                }
                () = down.closed() => break,
            }
        }
        self.shared.waking.watch(self.number, &self.interfaces, &BTreeSet::new(), &self.wake);
        self.shared.registry().unsubscribe(self.number);
        self.shared.acknowledged.send_replace(());
    }

    fn hear(&mut self, request: proto::WatchRequest) -> Result<(), Status> {
        match request.message {
            Some(Message::Subscribe(subscribe)) => {
                if subscribe.interfaces.len() > MOST_INTERFACES {
                    let text = format!("at most {MOST_INTERFACES} interfaces may be watched");
                    return Err(status(Code::InvalidArgument, "CR0108", text));
                }
                let is_ours = subscribe.store_id == self.shared.store_id;
                self.sent = if is_ours { subscribe.after_revision } else { 0 };
                self.is_new = true;
                let before = std::mem::take(&mut self.interfaces);
                self.interfaces = subscribe.interfaces.into_iter().collect();
                self.interfaces.retain(|interface| {
                    let may_see = permissions::may_see(&self.component, interface);
                    if !may_see {
                        tracing::warn!(component = self.component, interface, "it may not see it");
                    }
                    may_see
                });
                self.shared.waking.watch(self.number, &before, &self.interfaces, &self.wake);
                self.speaks_by(subscribe.contracts)?;
                let (interfaces, consumer) = (self.interfaces.clone(), self.consumer.clone());
                self.shared.registry().subscribe(self.number, interfaces, consumer);
            }
            Some(Message::Acknowledge(acknowledge)) => {
                self.shared.registry().acknowledge(self.number, acknowledge.revision);
                self.shared.acknowledged.send_replace(());
            }
            None => {}
        }
        Ok(())
    }

    /// Takes the digests of the subscription; those of other interfaces say nothing.
    fn speaks_by(&mut self, told: BTreeMap<String, String>) -> Result<(), Status> {
        self.consumer.contracts.clear();
        for (interface, text) in told {
            let refuse = |text: String| status(Code::InvalidArgument, "CR0124", text);
            if let Some(digest) = contracts::digest(&text).map_err(refuse)?
                && self.interfaces.contains(&interface)
            {
                self.consumer.contracts.insert(interface, digest);
            }
        }
        let known = self.shared.contracts();
        let all = self.consumer.contracts.values();
        self.wanted = all.filter(|digest| known.get(digest).is_none()).cloned().collect();
        Ok(())
    }

    /// What the consumer must be told now. A resumed watch is told its revision even when nothing
    /// has changed, so that it can acknowledge.
    fn news(&mut self) -> Option<Encoded> {
        if self.interfaces.is_empty() {
            return None;
        }
        let contracts = self.shared.contracts();
        let registry = self.shared.registry();
        let news = registry.news(self.sent, &self.interfaces);
        let (revision, is_snapshot, told) = match news {
            Some(news) => {
                let told = news.pieces.iter().map(|piece| {
                    self.shared.encodings.told(&registry, &contracts, piece, &self.consumer)
                });
                (news.revision, news.is_snapshot, told.collect())
            }
            None if self.is_new => (registry.revision(), false, Vec::new()),
            None => return None,
        };
        drop((registry, contracts));
        let contracts_wanted = std::mem::take(&mut self.wanted);
        let head =
            proto::WatchResponse { revision, is_snapshot, contracts_wanted, ..Default::default() };
        let mut pieces = vec![Bytes::from(head.encode_to_vec())];
        pieces.extend(told);
        self.is_new = false;
        self.sent = revision;
        Some(Encoded { pieces })
    }
}
