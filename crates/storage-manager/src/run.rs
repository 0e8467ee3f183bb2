//! The engine as a component: it follows the releases and serves the one in force.

use std::sync::Arc;

use arc_swap::ArcSwap;
use caruso_api::encoded::storage_manager_server::StorageManagerServer;
use caruso_application::Application;
use caruso_component::permissions::names::STORAGE_MANAGER;
use caruso_component::{Backoff, Component, Offered, Release};
use caruso_object_model::Data;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::engine::Engine;
use crate::error::Error;
use crate::options::{Installation, Options};
use crate::service::{Edition, Service};
use crate::wrapped::remote::Wrappers;
use crate::wrapped::source::Source;

/// What it offers.
const INTERFACE: &str = "caruso.storage.v1.StorageManager";

/// Joins the service manager, opens the databases of the release, and serves until the component
/// leaves. It offers its interface only once there is a release that opens; later ones that do not
/// open are refused, and the one in force stays.
///
/// # Errors
/// As [`Component::join`] and [`Component::serve`].
pub async fn run(
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), caruso_component::Error> {
    let component = Component::join(options.component, STORAGE_MANAGER, shutdown).await?;
    let mut follower = Follower {
        releases: component.releases(),
        component: component.clone(),
        installation: options.installation,
        source: Arc::new(Wrappers::new(component.clone())),
    };
    let leaving = component.leaving();
    let Some((mut release, edition)) = leaving.run_until_cancelled(follower.first()).await else {
        component.leave().await;
        return Ok(());
    };
    let edition = Arc::new(ArcSwap::from_pointee(edition));
    let service = Service { edition: Arc::clone(&edition) };
    let examining = follower.examine();
    let following = async move {
        let _examining = examining;
        loop {
            let engine = edition.load().engine.clone();
            tokio::select! {
                next = follower.component.release_after(release.digest()) => release = next,
                // the same release in the tables as they are now
                () = engine.changed() => {}
            }
            if let Some(next) = follower.open(&release).await {
                edition.swap(Arc::new(next)).replaced.cancel();
                follower.component.release_applied(&release);
            }
        }
    };
    let _following = AbortOnDropHandle::new(tokio::spawn(following));
    let routes = Routes::new(StorageManagerServer::new(service));
    component.serve(routes, [Offered::interface(INTERFACE)]).await
}

/// Opens one release after the other.
struct Follower {
    component: Component,
    releases: watch::Receiver<Option<Release>>,
    installation: Installation,
    source: Arc<dyn Source>,
}

impl Follower {
    /// The first release that opens.
    async fn first(&mut self) -> (Release, Edition) {
        let mut release = self.component.release().await;
        loop {
            if let Some(edition) = self.open(&release).await {
                self.component.release_applied(&release);
                return (release, edition);
            }
            release = self.component.release_after(release.digest()).await;
        }
    }

    /// Holds releases that somebody wants to put in force against the databases as they are.
    fn examine(&self) -> AbortOnDropHandle<()> {
        let installation = self.installation.clone();
        self.component.examine_releases(move |release| {
            let installation = installation.clone();
            async move {
                let model = match reading(&release).await {
                    Ok((application, _)) => Arc::clone(&application.model),
                    Err(Refusal::Findings(findings)) => return findings,
                    Err(Refusal::Passing(error)) => return vec![error.to_string()],
                };
                let examined = Engine::examine(&model, &installation).await;
                examined.unwrap_or_else(|error| vec![error.to_string()])
            }
        })
    }

    /// Opens a release, waiting for databases that are down; refuses one that does not fit.
    async fn open(&self, release: &Release) -> Option<Edition> {
        let mut backoff = Backoff::default();
        loop {
            match open(release, &self.installation, self.source.clone()).await {
                Ok(edition) => return Some(edition),
                Err(Refusal::Findings(findings)) => {
                    self.component.release_refused(release, findings);
                    return None;
                }
                Err(Refusal::Passing(error)) => {
                    tracing::warn!(error = &error as &dyn std::error::Error, "waiting to open");
                    tokio::time::sleep(backoff.failed()).await;
                    let newest = self.releases.borrow().clone();
                    if newest.is_some_and(|newest| newest.digest() != release.digest()) {
                        return None;
                    }
                }
            }
        }
    }
}

/// Why a release does not open.
enum Refusal {
    /// It is unsound, or does not fit the databases.
    Findings(Vec<String>),
    /// A database is down.
    Passing(Error),
}

fn findings(list: &[caruso_object_model::Finding]) -> Refusal {
    Refusal::Findings(list.iter().map(ToString::to_string).collect())
}

async fn open(
    release: &Release,
    installation: &Installation,
    source: Arc<dyn Source>,
) -> Result<Edition, Refusal> {
    let (application, data) = reading(release).await?;
    let model = Arc::clone(&application.model);
    let opening = Engine::open_with(release.digest(), model, &data, installation, source);
    match Box::pin(opening).await {
        Ok(engine) => Ok(Edition::new(engine, application.language.clone())),
        Err(error @ (Error::Unavailable { .. } | Error::Full { .. })) => {
            Err(Refusal::Passing(error))
        }
        Err(Error::Drift(missing)) => Err(Refusal::Findings(missing)),
        Err(error) => Err(Refusal::Findings(vec![error.to_string()])),
    }
}

/// What a release says, read on a thread that may wait: it takes some milliseconds.
async fn reading(release: &Release) -> Result<(Arc<Application>, Data), Refusal> {
    let release = release.clone();
    let read = tokio::task::spawn_blocking(move || read(&release)).await;
    read.unwrap_or_else(|_| Err(Refusal::Findings(vec!["reading the release failed".into()])))
}

fn read(release: &Release) -> Result<(Arc<Application>, Data), Refusal> {
    let application = release.compiled(Application::compile).map_err(Refusal::Findings)?;
    let paths = application.data.values();
    let files = paths.filter_map(|path| Some((path.as_str(), &release.file(path)?[..])));
    let data = Data::read(&application.model, files).map_err(|found| findings(&found))?;
    Ok((application, data))
}
