//! One wrapper as a component.

use std::path::PathBuf;

use caruso_api::wrapper::v1::actions_server::ActionsServer;
use caruso_api::wrapper::v1::objects_server::ObjectsServer;
use caruso_application::{Application, Wrapper};
use caruso_component::{Component, Error, Offered, Options, Release};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::{Host, Installation, Limits, OwnProgram, Program, Service, State, install};

const ACTIONS: &str = "caruso.wrapper.v1.Actions";
const OBJECTS: &str = "caruso.wrapper.v1.Objects";

/// Joins under the name of a wrapper that the application declares, runs its program as the release
/// in force has it, and offers its operations from the moment it has described them; while it is
/// away later on, the component is degraded. Returns when the component has left and the program
/// has ended.
///
/// `options.data` must name a folder of this wrapper alone; see [`install`]. `installation` is for
/// a wrapper without a program.
///
/// # Errors
/// As [`Component::join`] and [`Component::serve`]; [`Error::Data`] without a data folder.
pub async fn run(
    options: Options,
    wrapper: &str,
    installation: Installation,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    host(options, wrapper, Origin::Release(installation), shutdown).await
}

/// The same with a program of this machine in the place of the one in the release. What it is
/// trusted with is what the release in force declares of the wrapper.
///
/// # Errors
/// As [`run`].
pub async fn wrap(
    options: Options,
    wrapper: &str,
    program: OwnProgram,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    host(options, wrapper, Origin::Machine(program), shutdown).await
}

async fn host(
    options: Options,
    wrapper: &str,
    origin: Origin,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let Some(folder) = options.data.clone() else {
        let reason = std::io::Error::other("a wrapper needs a data folder");
        return Err(Error::Data { path: PathBuf::from(wrapper), source: reason });
    };
    let component = Component::join(options, wrapper, shutdown).await?;
    component.set_degraded(true);
    let (programs, program) = watch::channel(None);
    let stop = CancellationToken::new();
    let (host, keeping) = Host::start(program, Limits::default(), stop.clone());
    let follow = follow_releases(component.clone(), Source { folder, origin }, programs);
    let _following = AbortOnDropHandle::new(tokio::spawn(follow));
    let served = serve(&component, host).await;
    stop.cancel();
    if keeping.await.is_err() {
        tracing::error!(wrapper = component.name(), "the program's host panicked");
    }
    served
}

/// Waits for the program's first description, so that nothing is offered that cannot be done.
async fn serve(component: &Component, host: Host) -> Result<(), Error> {
    let mut states = host.states();
    let is_ready = |state: &State| matches!(state, State::Ready(_));
    let leaving = component.leaving();
    if leaving.run_until_cancelled(states.wait_for(is_ready)).await.is_none() {
        component.leave().await;
        return Ok(());
    }
    let health = report_health(component.clone(), states);
    let _reporting = AbortOnDropHandle::new(tokio::spawn(health));
    let service = Service::new(host);
    let routes = Routes::new(ActionsServer::new(service.clone()));
    let routes = routes.add_service(ObjectsServer::new(service));
    component.serve(routes, [ACTIONS, OBJECTS].map(Offered::interface)).await
}

async fn report_health(component: Component, mut states: watch::Receiver<State>) {
    loop {
        let is_ready = matches!(*states.borrow_and_update(), State::Ready(_));
        component.set_degraded(!is_ready);
        if states.changed().await.is_err() {
            return;
        }
    }
}

/// Where the program comes from.
#[derive(Clone)]
struct Source {
    /// The folder of this wrapper alone.
    folder: PathBuf,
    origin: Origin,
}

#[derive(Clone)]
enum Origin {
    /// The release has it; what the installation says of the other system.
    Release(Installation),
    /// Instead of the program in the release.
    Machine(OwnProgram),
}

/// Takes the program of each release; one that has none is refused, and the program of the last
/// good one goes on.
async fn follow_releases(
    component: Component,
    source: Source,
    programs: watch::Sender<Option<Program>>,
) {
    let name = component.name().to_owned();
    let _examining = component.examine_by_reading(move |release| declared(release, &name));
    let mut release = component.release().await;
    loop {
        match adopt(component.name(), release.clone(), source.clone()).await {
            Ok(program) => {
                let is_new = programs.borrow().as_ref() != Some(&program);
                if is_new {
                    programs.send_replace(Some(program));
                }
                component.release_applied(&release);
            }
            Err(findings) => component.release_refused(&release, findings),
        }
        release = component.release_after(release.digest()).await;
    }
}

/// The wrapper's program out of a release, or why there is none. On a thread that may wait.
async fn adopt(name: &str, release: Release, source: Source) -> Result<Program, Vec<String>> {
    let name = name.to_owned();
    let work = tokio::task::spawn_blocking(move || {
        let (wrapper, Source { folder, origin }) = (declared(&release, &name)?, source);
        let program = match origin {
            Origin::Release(installation) => install(&release, &wrapper, &folder, &installation),
            Origin::Machine(own) => own.program(&wrapper, &folder),
        };
        program.map_err(|error| vec![error.to_string()])
    });
    work.await.unwrap_or_else(|_| Err(vec!["reading the release failed".into()]))
}

/// The wrapper of this name as the release declares it.
fn declared(release: &Release, name: &str) -> Result<Wrapper, Vec<String>> {
    let application = release.compiled(Application::compile)?;
    let wrapper = application.wrappers.iter().find(|wrapper| wrapper.name == name).cloned();
    wrapper.ok_or_else(|| vec![format!("application.xml declares no wrapper `{name}`")])
}
