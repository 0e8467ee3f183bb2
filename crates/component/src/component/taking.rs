//! Releases of the application, as a component takes them.

use std::sync::Arc;

use caruso_api::registry::v1 as proto;
use tokio::sync::watch;
use tokio_util::task::AbortOnDropHandle;

use super::{Component, WAIT_FOR_MANAGER};
use crate::Release;
use crate::session::Command;

impl Component {
    /// The application's release. Waits for the manager to announce one; where the last good one is
    /// on disk and the manager is away, 2 s only.
    pub async fn release(&self) -> Release {
        let mut releases = self.releases();
        let announced = async {
            let release = releases.wait_for(Option::is_some).await;
            release.ok().and_then(|release| release.clone())
        };
        let in_time = tokio::time::timeout(WAIT_FOR_MANAGER, announced).await;
        if let Ok(Some(release)) = in_time {
            return release;
        }
        self.inner.learned.releases.use_last_good();
        let mut releases = self.releases();
        let release = releases.wait_for(Option::is_some).await;
        let release = release.expect("the component holds the sender").clone();
        release.expect("waited until there was one")
    }

    /// The first release in force that is another one than that of this digest.
    pub async fn release_after(&self, digest: &str) -> Release {
        let mut releases = self.releases();
        let is_other =
            |next: &Option<Release>| next.as_ref().is_some_and(|it| it.digest() != digest);
        let next = releases.wait_for(is_other).await.expect("the component holds the sender");
        next.clone().expect("waited for another one")
    }

    /// The release in force, and each later one.
    pub fn releases(&self) -> watch::Receiver<Option<Release>> {
        self.inner.learned.releases.subscribe()
    }

    /// Takes over each release that the manager announces, until the component ends: `read` makes
    /// of it what the component needs, on a thread that may wait, or says what is wrong with it;
    /// `take` is told what was read.
    pub async fn take_releases<T: Send + 'static>(
        &self,
        read: fn(&Release) -> Result<T, Vec<String>>,
        mut take: impl FnMut(T),
    ) {
        let mut release = self.release().await;
        let _examining = self.examine_by_reading(read);
        loop {
            match reading(release.clone(), read).await {
                Ok(made) => {
                    take(made);
                    self.release_applied(&release);
                }
                Err(findings) => self.release_refused(&release, findings),
            }
            release = self.release_after(release.digest()).await;
        }
    }

    /// The same as [`Component::examine_releases`] for what follows from the files alone: `read`
    /// works on a thread that may wait, and says what is wrong with them.
    pub fn examine_by_reading<T: Send + 'static>(
        &self,
        read: impl Fn(&Release) -> Result<T, Vec<String>> + Send + Sync + 'static,
    ) -> AbortOnDropHandle<()> {
        let read = Arc::new(read);
        self.examine_releases(move |release| {
            let read = Arc::clone(&read);
            async move {
                let read = reading(release, move |release| read(release)).await;
                read.err().unwrap_or_default()
            }
        })
    }

    /// Examines each release that somebody wants to put in force, until what is returned is
    /// dropped: `check` says why the component could not work with it, or nothing. Components that
    /// work with releases all examine them, or none is put in force.
    pub fn examine_releases<C, F>(&self, check: C) -> AbortOnDropHandle<()>
    where
        C: Fn(Release) -> F + Send + 'static,
        F: Future<Output = Vec<String>> + Send,
    {
        let component = self.clone();
        let mut proposed = self.inner.learned.releases.subscribe_proposed();
        let examining = async move {
            while proposed.changed().await.is_ok() {
                let Some(release) = proposed.borrow_and_update().clone() else { continue };
                let refusals = check(release.clone()).await;
                let digest = release.digest().to_owned();
                component.tell(Command::Examined(proto::ReleaseAnswer { digest, refusals }));
            }
        };
        AbortOnDropHandle::new(tokio::spawn(examining))
    }

    /// Says that the component works with this release now, and keeps it as the last good one.
    pub fn release_applied(&self, release: &Release) {
        // it goes on to its end by itself
        drop(self.inner.learned.releases.keep(release));
        self.answer_release(release, Vec::new());
    }

    /// Says why the component goes on without this release.
    pub fn release_refused(&self, release: &Release, findings: Vec<String>) {
        tracing::error!(release = release.digest(), findings = findings.len(), "release refused");
        self.answer_release(release, findings);
    }

    fn answer_release(&self, release: &Release, refusals: Vec<String>) {
        let digest = release.digest().to_owned();
        self.tell(Command::Answer(proto::ReleaseAnswer { digest, refusals }));
    }
}

/// What is read of a release, on a thread that may wait.
async fn reading<T: Send + 'static>(
    release: Release,
    read: impl FnOnce(&Release) -> Result<T, Vec<String>> + Send + 'static,
) -> Result<T, Vec<String>> {
    let read = tokio::task::spawn_blocking(move || read(&release)).await;
    read.unwrap_or_else(|_| Err(vec!["reading the release failed".to_owned()]))
}
