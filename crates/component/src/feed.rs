//! Feeds the local directory from one watch of the service manager.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use prost::Message as _;
use proto::registry_client::RegistryClient;
use proto::watch_request::Message;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Status;

use crate::backoff::Backoff;
use crate::directory::MOST_INTERFACES;
use crate::{Directory, InterfaceChannel, contracts, disk};

/// Messages that may wait to be sent.
const QUEUE: usize = 16;
/// The copy on disk is written at most this often.
const COPY_EVERY: Duration = Duration::from_secs(1);

/// The task that feeds a [`Directory`].
#[derive(Debug)]
pub(crate) struct Feed {
    pub(crate) directory: Arc<Directory>,
    pub(crate) client: RegistryClient<InterfaceChannel>,
    /// Which directory the revisions belong to; empty until the first welcome.
    pub(crate) store_id: watch::Receiver<String>,
    /// Where the copy is kept.
    pub(crate) file: Option<PathBuf>,
    /// What the last applied revision covers.
    pub(crate) covered: Option<(String, BTreeSet<String>)>,
    /// The copy that is being written.
    pub(crate) copying: Option<JoinHandle<()>>,
}

/// The file of the copy in a component's data folder.
pub(crate) const FILE: &str = "directory.bin";

impl Feed {
    /// Takes up the copy on disk, if there is one.
    pub(crate) fn restore(&self) {
        let content = self.file.as_deref().and_then(|file| disk::read(file).ok().flatten());
        if let Some(message) = content.and_then(|bytes| proto::WatchResponse::decode(&*bytes).ok())
        {
            self.directory.apply(message);
        }
    }

    /// Watches for ever.
    pub(crate) async fn keep(mut self) {
        let mut backoff = Backoff::default();
        let mut wanted = self.directory.wanted();
        loop {
            // Nothing to ask for until somebody wants an interface and the manager knows us.
            if wanted.wait_for(|wanted| !wanted.is_empty()).await.is_err()
                || self.store_id.wait_for(|id| !id.is_empty()).await.is_err()
            {
                return;
            }
            let before = self.directory.revision();
            let Err(status) = self.watch(&mut wanted).await;
            if self.directory.revision() != before {
                backoff.succeeded();
            }
            tracing::debug!(reason = status.message(), "the watch of the directory broke");
            tokio::time::sleep(backoff.failed()).await;
        }
    }

    async fn watch(
        &mut self,
        wanted: &mut watch::Receiver<BTreeSet<String>>,
    ) -> Result<std::convert::Infallible, Status> {
        let (requests, stream) = mpsc::channel(QUEUE);
        let broken = || Status::unavailable("the watch is stuck");
        let mut set = self.subscribe(wanted, &requests)?;
        let mut answers = self.client.watch(ReceiverStream::new(stream)).await?.into_inner();
        let mut is_copied = true;
        let mut copy = tokio::time::interval(COPY_EVERY);
        loop {
            tokio::select! {
                answer = answers.message() => {
                    let answer = answer?.ok_or_else(|| Status::unavailable("the watch ended"))?;
                    let revision = answer.revision;
                    let wanted_contracts = answer.contracts_wanted.clone();
                    if answer.is_snapshot || self.covered.is_some() {
                        self.directory.apply(answer);
                        self.covered = Some((self.store_id.borrow().clone(), set.clone()));
                        is_copied = false;
                    }
                    let acknowledge = proto::Acknowledge { revision };
                    let message = Message::Acknowledge(acknowledge);
                    requests.try_send(request(message)).map_err(|_| broken())?;
                    if !wanted_contracts.is_empty() {
                        contracts::put(&mut self.client, &wanted_contracts).await?;
                        self.covered = None;
                        set = self.subscribe(wanted, &requests)?;
                    }
                }
                changed = wanted.changed() => {
                    changed.map_err(|_| Status::cancelled("the component ended"))?;
                    set = self.subscribe(wanted, &requests)?;
                }
                // Asked at every tick, not as a condition of the branch: nothing else wakes this
                // loop when a copy is written.
                _ = copy.tick(), if !is_copied => {
                    if self.has_copied() {
                        is_copied = true;
                        self.copy();
                    }
                }
            }
        }
    }

    /// Asks for the wanted interfaces; a delta suffices where we know the rest.
    fn subscribe(
        &mut self,
        wanted: &mut watch::Receiver<BTreeSet<String>>,
        requests: &mpsc::Sender<proto::WatchRequest>,
    ) -> Result<BTreeSet<String>, Status> {
        let set: BTreeSet<String> =
            wanted.borrow_and_update().iter().take(MOST_INTERFACES).cloned().collect();
        let store_id = self.store_id.borrow_and_update().clone();
        let is_covered =
            self.covered.as_ref().is_some_and(|(id, covered)| *id == store_id && *covered == set);
        let after_revision = if is_covered { self.directory.revision() } else { 0 };
        if !is_covered {
            self.covered = None;
        }
        let subscribe = proto::Subscribe {
            interfaces: set.iter().cloned().collect(),
            store_id,
            after_revision,
            contracts: contracts::digests_of(&set),
        };
        let sent = requests.try_send(request(Message::Subscribe(subscribe)));
        sent.map_err(|_| Status::unavailable("the watch is stuck"))?;
        Ok(set)
    }

    /// Whether the last copy is written: two at a time would take each other's file away.
    fn has_copied(&self) -> bool {
        self.copying.as_ref().is_none_or(JoinHandle::is_finished)
    }

    fn copy(&mut self) {
        let Some(file) = self.file.clone() else { return };
        let content = self.directory.copy().encode_to_vec();
        self.copying = Some(tokio::task::spawn_blocking(move || {
            if let Err(error) = disk::replace(&file, &content) {
                tracing::warn!(%error, "the directory cannot be kept");
            }
        }));
    }
}

fn request(message: Message) -> proto::WatchRequest {
    proto::WatchRequest { message: Some(message) }
}
