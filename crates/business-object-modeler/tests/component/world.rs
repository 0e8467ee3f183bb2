//! The modeler among a real service manager and identity.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use caruso_api::identity::v1 as identity;
use caruso_api::modeler::v1 as proto;
use caruso_business_object_modeler::service::{self, Database, Installation, Page};
use caruso_component::permissions::names::DESIGN_TOOL;
use caruso_component::{Caller, Component, InterfaceChannel, Options, Release, Secret};
use caruso_identity::Demo;
use caruso_service_manager::ServiceManager;
use identity::identity_client::IdentityClient;
use proto::modeler_client::ModelerClient;
use tokio_util::sync::CancellationToken;

const MODELER: &str = "caruso.modeler.v1.Modeler";
const IDENTITY: &str = "caruso.identity.v1.Identity";

pub(crate) type Client = ModelerClient<InterfaceChannel>;

/// Stops everything that a test has started.
pub(crate) struct World {
    address: String,
    stop: CancellationToken,
    folder: tempfile::TempDir,
}

fn page_of(code: &str) -> Option<Page> {
    (code == "CF0102").then_some(Page { title: "A column", text: "What to do" })
}

impl World {
    /// With these databases (name, URL, whether it is owned), and the model in force; an
    /// application without one if there is none.
    pub(crate) async fn start(databases: &[(&str, &str, bool)], model: Option<&str>) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let file = |model: &str| ("objects/own.xml".to_owned(), model.to_owned().into());
        let files = model.map(file).into_iter();
        let release = Some(Release::new(files.collect::<BTreeMap<_, _>>()));
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: folder.path().join("manager"),
            is_development: true,
            release,
        };
        let manager = ServiceManager::bind(options).await.expect("the manager starts");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.child_token()));
        let world = Self { address, stop, folder };
        world.identity();
        world.modeler(databases);
        world
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn options(&self, name: &str) -> Options {
        Options::new(&self.address).with_data(self.folder.path().join(name))
    }

    fn identity(&self) {
        let text = include_str!("../../../../examples/utilities/demo.toml");
        let demo = Some(Demo::parse(text).expect("readable"));
        let options = caruso_identity::Options { component: self.options("identity"), demo };
        tokio::spawn(caruso_identity::run(options, self.stop.child_token()));
    }

    fn modeler(&self, databases: &[(&str, &str, bool)]) {
        let databases = databases.iter().map(|(name, url, is_owned)| {
            let address = url.parse().expect("an address");
            ((*name).to_owned(), Database { address, is_owned: *is_owned })
        });
        let installation =
            Installation { databases: databases.collect(), own: self.folder.path().to_owned() };
        let component = self.options("modeler");
        let options = service::Options { component, installation, page_of };
        tokio::spawn(service::run(options, self.stop.child_token()));
    }

    /// A component of this name that has found the modeler.
    pub(crate) async fn join(&self, name: &str) -> Component {
        let joining = Component::join(self.options(name), name, self.stop.child_token());
        let component = joining.await.expect("joined");
        for interface in [MODELER, IDENTITY] {
            let handle = component.directory().handle(interface);
            let offered = tokio::time::timeout(Duration::from_secs(30), handle.offered()).await;
            offered.expect("it serves");
        }
        component
    }

    /// A design tool in which this person has logged in.
    pub(crate) async fn design_tool(&self, user: &str) -> (Component, Client) {
        let component = self.join(DESIGN_TOOL).await;
        let client = client(&component, &log_in(&component, user).await);
        (component, client)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// The token of a person of the demo.
pub(crate) async fn log_in(component: &Component, user: &str) -> String {
    let mut identity = IdentityClient::new(component.caller(IDENTITY));
    let (user, password) = (user.to_owned(), "demo".to_owned());
    let logged_in = identity.log_in(identity::LogInRequest { user, password }).await;
    logged_in.expect("the password is right").into_inner().token
}

/// Calls the modeler with this token.
pub(crate) fn client(component: &Component, token: &str) -> Client {
    let caller = Caller::with_token(Secret::new(token.to_owned()));
    ModelerClient::new(component.caller(MODELER).on_behalf_of(&caller))
}

/// Calls the modeler for nobody.
pub(crate) fn nobody(component: &Component) -> Client {
    ModelerClient::new(component.caller(MODELER))
}
