//! The engine as a component.

use std::path::PathBuf;
use std::sync::Arc;

use caruso_api::script::v1::script_engine_server::ScriptEngineServer;
use caruso_component::{Component, Offered, Options, Release};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::{Editions, Engine, Error, Peers, Service, Settings};

/// What it offers.
pub const INTERFACE: &str = "caruso.script.v1.ScriptEngine";
/// Its name.
const NAME: &str = "script-engine";
const STORAGE: &str = "caruso.storage.v1.StorageManager";
const ACTIONS: &str = "caruso.wrapper.v1.Actions";

/// Joins the service manager, goes on with the sessions in the data folder, follows the releases,
/// and serves until the component leaves.
///
/// # Errors
/// Those of joining and serving; [`Error::Journal`] when the disk fails: the process must then stop
/// and start anew.
pub async fn run(
    options: Options,
    settings: Settings,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let Some(folder) = options.data.clone() else {
        let reason = std::io::Error::other("the script engine needs a data folder");
        return Err(caruso_component::Error::data(&PathBuf::from(NAME))(reason).into());
    };
    let component = Component::join(options, NAME, shutdown).await?;
    let editions = Editions::open(folder.join("editions"));
    let engine = Engine::open(&folder, editions, peers(&component), settings).await?;
    let following = follow_releases(component.clone(), engine.clone());
    let _following = AbortOnDropHandle::new(tokio::spawn(following));
    let routes = Routes::new(ScriptEngineServer::new(Service::new(engine.clone())));
    let served = tokio::select! {
        served = component.serve(routes, [Offered::interface(INTERFACE)]) => {
            served.map_err(Error::from)
        }
        reason = engine.failed() => Err(caruso_journal::Error::Broken(reason.into()).into()),
    };
    engine.close().await;
    served
}

fn peers(component: &Component) -> Peers {
    let storage = Peers::peer(component.caller(STORAGE));
    let component = component.clone();
    Peers::new(storage, move |wrapper| Peers::peer(component.caller_of(wrapper, ACTIONS)))
}

async fn follow_releases(component: Component, engine: Engine) {
    let mut releases = component.releases();
    let mut release = component.release().await;
    loop {
        adopt(&component, &engine, Arc::clone(&release)).await;
        let known = release.digest().to_owned();
        let is_other =
            |next: &Option<Arc<Release>>| next.as_ref().is_some_and(|next| next.digest() != known);
        let Ok(next) = releases.wait_for(is_other).await else { return };
        release = next.clone().expect("waited for another one");
    }
}

/// On a thread that may wait: compiling and writing take some milliseconds.
async fn adopt(component: &Component, engine: &Engine, release: Arc<Release>) {
    let (work, engine) = (Arc::clone(&release), engine.clone());
    let adopted =
        tokio::task::spawn_blocking(move || engine.editions().adopt(&work).map(drop)).await;
    match adopted.unwrap_or_else(|_| Err(vec!["reading the release failed".to_owned()])) {
        Ok(()) => component.release_applied(&release),
        Err(findings) => component.release_refused(&release, findings),
    }
}
