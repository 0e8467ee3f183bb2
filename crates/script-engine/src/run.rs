//! The engine as a component.

use std::path::PathBuf;
use std::sync::Arc;

use caruso_api::script::v1::message_dialogue_server::MessageDialogueServer;
use caruso_api::script::v1::script_catalogue_server::ScriptCatalogueServer;
use caruso_api::script::v1::script_engine_server::ScriptEngineServer;
use caruso_application::Application;
use caruso_component::{Component, Offered, Options, Release};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::{Catalogue, Edition, Editions, Engine, Error, Peers, Service, Settings};

/// What it offers.
pub const INTERFACE: &str = "caruso.script.v1.ScriptEngine";
/// What it offers to gateways of mail, chat and SMS.
pub const MESSAGES: &str = "caruso.script.v1.MessageDialogue";
/// What it offers to those who write scripts.
pub const CATALOGUE: &str = "caruso.script.v1.ScriptCatalogue";
/// Its name.
const NAME: &str = "script-engine";
const STORAGE: &str = "caruso.storage.v1.StorageManager";
const CONVERSATIONS: &str = "caruso.contact.v1.Conversations";
const ACTIONS: &str = "caruso.wrapper.v1.Actions";

/// Joins the service manager, waits for a release, goes on with the sessions in the data folder
/// under the name of the application, follows later releases, and serves until the component
/// leaves.
///
/// # Errors
/// Those of joining and serving; [`Error::Journal`] when the disk fails: the process must then stop
/// and start anew.
pub async fn run(
    options: Options,
    mut settings: Settings,
    shutdown: CancellationToken,
) -> Result<(), Error> {
    let Some(folder) = options.data.clone() else {
        let reason = std::io::Error::other("the script engine needs a data folder");
        return Err(caruso_component::Error::data(&PathBuf::from(NAME))(reason).into());
    };
    let component = Component::join(options, NAME, shutdown).await?;
    let editions = Arc::new(Editions::open(folder.join("editions")));
    let follower = Follower { component: component.clone(), editions: Arc::clone(&editions) };
    let Some(first) = component.leaving().run_until_cancelled(follower.first()).await else {
        component.leave().await;
        return Ok(());
    };
    first.application().clone_into(&mut settings.installation.realm);
    let engine = Engine::open(&folder, editions, peers(&component), settings).await?;
    let following = follower.follow(first.digest().to_owned());
    let _following = AbortOnDropHandle::new(tokio::spawn(following));
    let service = Service::new(engine.clone());
    let routes = Routes::new(ScriptEngineServer::new(service.clone()))
        .add_service(MessageDialogueServer::new(service))
        .add_service(ScriptCatalogueServer::new(Catalogue::new(engine.clone())));
    let offered = [INTERFACE, MESSAGES, CATALOGUE].map(Offered::interface);
    let served = tokio::select! {
        served = component.serve(routes, offered) => served.map_err(Error::from),
        reason = engine.failed() => Err(caruso_journal::Error::Broken(reason.into()).into()),
    };
    engine.close().await;
    served
}

fn peers(component: &Component) -> Peers {
    let storage = Peers::peer(component.caller(STORAGE));
    let contacts = Peers::peer(component.caller(CONVERSATIONS));
    let component = component.clone();
    let wrapper = move |name: &str| Peers::peer(component.caller_of(name, ACTIONS));
    Peers::new(storage, wrapper).with_contacts(contacts)
}

/// Takes up releases as they come, and says what became of each.
struct Follower {
    component: Component,
    editions: Arc<Editions>,
}

impl Follower {
    /// The first release that can be worked with.
    async fn first(&self) -> Arc<Edition> {
        let mut release = self.component.release().await;
        loop {
            if let Some(edition) = self.adopt(&release).await {
                return edition;
            }
            release = self.component.release_after(release.digest()).await;
        }
    }

    /// Each release after the one of this digest.
    async fn follow(self, mut known: String) {
        let read = |release: &Release| release.compiled(Application::compile);
        let _examining = self.component.examine_by_reading(read);
        loop {
            let release = self.component.release_after(&known).await;
            self.adopt(&release).await;
            release.digest().clone_into(&mut known);
        }
    }

    /// On a thread that may wait: compiling and writing take some milliseconds.
    async fn adopt(&self, release: &Release) -> Option<Arc<Edition>> {
        let (editions, work) = (Arc::clone(&self.editions), release.clone());
        let adopted = tokio::task::spawn_blocking(move || editions.adopt(&work)).await;
        match adopted.unwrap_or_else(|_| Err(vec!["reading the release failed".to_owned()])) {
            Ok(edition) => {
                self.component.release_applied(release);
                Some(edition)
            }
            Err(findings) => {
                self.component.release_refused(release, findings);
                None
            }
        }
    }
}
