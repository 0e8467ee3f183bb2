//! Releases that come into force while calls go on.

use std::sync::Arc;

use caruso_application::Application;
use caruso_component::{Component, Release};
use caruso_media::Prompts;
use tokio::sync::{mpsc, watch};

use crate::domain::Handle;

/// Takes releases one after the other.
pub(crate) struct Follower {
    pub(crate) component: Component,
    /// To the owner of contacts.
    pub(crate) handle: Handle,
    /// To the telephone side.
    pub(crate) prompts: mpsc::Sender<Prompts>,
    /// To everybody else.
    pub(crate) application: watch::Sender<Arc<Application>>,
}

impl Follower {
    /// Works until the component ends; `first` is in force.
    pub(crate) async fn run(self, first: Release) {
        let id = self.application.borrow().id.clone();
        let examined = id.clone();
        let _examining = self.component.examine_by_reading(move |it| read_of(it, &examined));
        let mut known = first;
        loop {
            known = self.component.release_after(known.digest()).await;
            let (id, release) = (id.clone(), known.clone());
            let read = tokio::task::spawn_blocking(move || read_of(&release, &id)).await;
            match read.unwrap_or_else(|_| Err(vec!["reading the release failed".to_owned()])) {
                Ok((application, prompts)) => self.take(&known, application, prompts).await,
                Err(findings) => self.component.release_refused(&known, findings),
            }
        }
    }

    /// Prompts first: the new queues name them.
    async fn take(&self, release: &Release, application: Arc<Application>, prompts: Prompts) {
        // a side that is gone ends the process
        let _ = self.prompts.send(prompts).await;
        let digest = release.digest().to_owned();
        if self.handle.adopt_release(digest, Arc::clone(&application)).await.is_ok() {
            self.application.send_replace(application);
            self.component.release_applied(release);
        }
    }
}

/// The application and its prompts, or every finding as a line.
pub(crate) fn read(release: &Release) -> Result<(Arc<Application>, Prompts), Vec<String>> {
    let application = release.compiled(Application::compile)?;
    let recorded = application
        .prompts
        .iter()
        .filter_map(|(id, path)| Some((id.as_str(), release.file(path)?.as_ref())));
    let prompts = Prompts::read(recorded)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>())?;
    Ok((application, prompts))
}

/// The same of an application of this name: the log is that of one application.
fn read_of(release: &Release, id: &str) -> Result<(Arc<Application>, Prompts), Vec<String>> {
    let read = read(release)?;
    match read.0.id == id {
        true => Ok(read),
        false => Err(vec![format!("application.xml is of `{}`; `{id}` is running", read.0.id)]),
    }
}
