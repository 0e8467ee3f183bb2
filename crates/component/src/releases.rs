//! Releases as they are announced: fetched, verified, and the last good one kept on disk.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_api::registry::v1::{GetReleaseRequest, GetReleaseResponse};
use futures::{Stream, TryStreamExt as _};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;
use tonic::Status;

use crate::backoff::Backoff;
use crate::parts::{PartError, Parts};
use crate::release::Release;
use crate::session::lock;
use crate::{InterfaceChannel, disk};

/// The releases of one component, newest in `current`.
#[derive(Debug)]
pub(crate) struct Releases {
    current: watch::Sender<Option<Release>>,
    /// The one on disk, or about to be.
    last_good: Arc<Mutex<Option<Release>>>,
    file: Option<PathBuf>,
    writing: Arc<Mutex<()>>,
    fetching: Mutex<Option<(String, AbortOnDropHandle<()>)>>,
    proposed: watch::Sender<Option<Release>>,
    fetching_proposed: Mutex<Option<AbortOnDropHandle<()>>>,
}

impl Releases {
    /// With the last good release of the data folder, where there is one.
    pub(crate) fn new(data: Option<&Path>) -> Self {
        let file = data.map(|folder| folder.join("release.bin"));
        let content = file.as_ref().and_then(|file| match disk::read(file) {
            Ok(content) => content,
            Err(error) => {
                tracing::warn!(%error, "the last good release cannot be read");
                None
            }
        });
        let last_good = Arc::new(Mutex::new(content.and_then(Release::from_bytes)));
        let (current, proposed) = (watch::Sender::new(None), watch::Sender::new(None));
        let (writing, fetching, fetching_proposed) = Default::default();
        Self { current, last_good, file, writing, fetching, proposed, fetching_proposed }
    }

    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Release>> {
        self.current.subscribe()
    }

    /// Works with the release on disk until the manager announces one.
    pub(crate) fn use_last_good(&self) {
        self.current.send_if_modified(|current| {
            let last_good = lock(&self.last_good);
            let is_first = current.is_none() && last_good.is_some();
            if is_first {
                current.clone_from(&last_good);
            }
            is_first
        });
    }

    /// Fetches the announced release, unless it is here already.
    pub(crate) fn announced(&self, digest: String, client: RegistryClient<InterfaceChannel>) {
        let has_it = |release: &Option<Release>| {
            release.as_ref().is_some_and(|release| release.digest() == digest)
        };
        let mut fetching = lock(&self.fetching);
        if has_it(&self.current.borrow()) {
            *fetching = None;
            return;
        }
        if fetching.as_ref().is_some_and(|(wanted, task)| *wanted == digest && !task.is_finished())
        {
            return;
        }
        if let Some(release) = Release::held(&digest) {
            *fetching = None;
            self.current.send_replace(Some(release));
            return;
        }
        let current = self.current.clone();
        let wanted = digest.clone();
        let task = tokio::spawn(async move {
            let release = fetch_for_ever(client, &digest).await;
            current.send_replace(Some(release));
        });
        *fetching = Some((wanted, AbortOnDropHandle::new(task)));
    }

    /// The releases that somebody wants to put in force, one after the other.
    pub(crate) fn subscribe_proposed(&self) -> watch::Receiver<Option<Release>> {
        self.proposed.subscribe()
    }

    /// Fetches the proposed release, unless it is here already.
    pub(crate) fn proposed(&self, digest: String, client: RegistryClient<InterfaceChannel>) {
        let mut fetching = lock(&self.fetching_proposed);
        *fetching = None;
        if let Some(release) = Release::held(&digest) {
            self.proposed.send_replace(Some(release));
            return;
        }
        let proposed = self.proposed.clone();
        let task = tokio::spawn(async move {
            match fetch(client, &digest).await {
                Ok(release) => _ = proposed.send_replace(Some(release)),
                // whoever proposed it hears that nobody answers
                Err(status) => tracing::warn!(digest, reason = status.message(), "not fetched"),
            }
        });
        *fetching = Some(AbortOnDropHandle::new(task));
    }

    /// Keeps a release that was applied: the last one stands on disk when all that was begun is
    /// done.
    pub(crate) fn keep(&self, release: &Release) -> Option<JoinHandle<()>> {
        let file = self.file.clone()?;
        if lock(&self.last_good).replace(release.clone()).as_ref() == Some(release) {
            return None;
        }
        let (last_good, writing) = (Arc::clone(&self.last_good), Arc::clone(&self.writing));
        Some(tokio::task::spawn_blocking(move || {
            let _one_at_a_time = lock(&writing);
            let Some(newest) = lock(&last_good).clone() else { return };
            if let Err(error) = disk::replace(&file, &newest.to_bytes()) {
                tracing::warn!(%error, "the release cannot be kept");
            }
        }))
    }
}

async fn fetch_for_ever(client: RegistryClient<InterfaceChannel>, digest: &str) -> Release {
    let mut backoff = Backoff::default();
    loop {
        match fetch(client.clone(), digest).await {
            Ok(release) => return release,
            Err(status) => {
                tracing::warn!(digest, reason = status.message(), "the release is not here yet");
                tokio::time::sleep(backoff.failed()).await;
            }
        }
    }
}

async fn fetch(
    mut client: RegistryClient<InterfaceChannel>,
    digest: &str,
) -> Result<Release, Status> {
    let request = GetReleaseRequest { digest: digest.to_owned() };
    assembled(client.get_release(request).await?.into_inner(), digest).await
}

/// The release of which these are the parts, in their order.
async fn assembled(
    mut parts: impl Stream<Item = Result<GetReleaseResponse, Status>> + Unpin,
    digest: &str,
) -> Result<Release, Status> {
    let mut whole = Parts::default();
    while let Some(part) = parts.try_next().await? {
        let unfit = |error: PartError| Status::data_loss(error.to_string());
        whole.add(part.path, &part.content).map_err(unfit)?;
    }
    let release = whole.release();
    if release.digest() != digest {
        return Err(Status::data_loss("the release does not have the digest that was announced"));
    }
    Ok(release)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn part(path: &str, content: &str) -> Result<GetReleaseResponse, Status> {
        Ok(GetReleaseResponse { path: path.to_owned(), content: content.into() })
    }

    #[tokio::test]
    async fn what_was_applied_last_is_what_the_next_start_finds_also_after_going_back() {
        let data = tempfile::tempdir().expect("a folder");
        let release = |text: &'static str| {
            Release::new(BTreeMap::from([("application.xml".to_owned(), text.into())]))
        };
        let (first, second) = (release("<first/>"), release("<second/>"));
        for applied in [vec![&first], vec![&first, &second, &first], vec![&second]] {
            let releases = Releases::new(Some(data.path()));
            let written: Vec<_> = applied.iter().filter_map(|it| releases.keep(it)).collect();
            for write in written {
                write.await.expect("no panic");
            }
            let next = Releases::new(Some(data.path()));
            next.use_last_good();
            assert_eq!(next.subscribe().borrow().as_ref(), applied.last().copied());
        }
    }

    #[tokio::test]
    async fn parts_become_the_announced_release_and_nothing_else() {
        let files =
            [("a.xml", "<a/>"), ("empty", "")].map(|(path, text)| (path.into(), text.into()));
        let announced = Release::new(BTreeMap::from(files));
        let digest = announced.digest();
        let whole = [part("a.xml", "<a"), part("a.xml", "/>"), part("empty", "")];
        let fetched = assembled(futures::stream::iter(whole), digest).await.expect("all are here");
        assert_eq!(fetched.files(), announced.files());

        let altered = [part("a.xml", "<b/>"), part("empty", "")];
        let status = assembled(futures::stream::iter(altered), digest).await.expect_err("altered");
        assert_eq!(status.code(), tonic::Code::DataLoss);
        let outside = [part("../a.xml", "<a/>")];
        let status = assembled(futures::stream::iter(outside), digest).await.expect_err("outside");
        assert_eq!(status.code(), tonic::Code::DataLoss);
    }
}
