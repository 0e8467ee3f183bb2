//! The components around the monitor.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use caruso_api::contact::v1::contacts_server::ContactsServer;
use caruso_api::identity::v1 as identity;
use caruso_application::Application;
use caruso_component::permissions::names::{COMMUNICATION_SERVER, IDENTITY, MONITOR};
use caruso_component::{Component, Error, Offered, Options, Release};
use caruso_service_manager::ServiceManager;
use identity::identity_server::{Identity, IdentityServer};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;
use tonic::{Request, Response, Status};

use super::PATIENCE;
use super::log::Log;
use crate::run::start;
use crate::service::Service;

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/utilities");

fn example() -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(Path::new(EXAMPLE), &mut files);
    files
}

fn collect(folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the example is there") {
        let path = entry.expect("readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            let name = path.strip_prefix(EXAMPLE).expect("below the example").to_string_lossy();
            files.insert(name.into_owned(), fs::read(&path).expect("readable"));
        }
    }
}

pub(super) fn application() -> Application {
    let files = example();
    let files = files.iter().map(|(path, content)| (path.as_str(), content.as_slice()));
    Application::compile(files).expect("the example is sound")
}

/// A service manager with the example's release, until it is dropped.
pub(super) struct Company {
    address: String,
    stop: CancellationToken,
    _data: TempDir,
}

impl Company {
    pub(super) async fn start() -> Self {
        let data = tempfile::tempdir().expect("a temporary folder");
        let files = example().into_iter().map(|(path, content)| (path, content.into()));
        let options = caruso_service_manager::Options {
            listen: ([127, 0, 0, 1], 0).into(),
            data: data.path().to_owned(),
            is_development: true,
            release: Some(Release::new(files.collect())),
        };
        let manager = ServiceManager::bind(options).await.expect("a free port");
        let (address, stop) = (manager.address(), CancellationToken::new());
        tokio::spawn(manager.serve(stop.clone()));
        Self { address, stop, _data: data }
    }

    async fn join(&self, name: &str, stop: &CancellationToken) -> Component {
        let joined = Component::join(Options::new(&self.address), name, stop.clone());
        joined.await.expect("joined")
    }

    /// The monitor's service, asked directly: who may ask is the guard's matter.
    pub(super) async fn monitor(&self) -> Running<Service> {
        let component = self.join(MONITOR, &self.stop).await;
        let (inner, tasks) = start(&component);
        Running { inner, _component: component, _tasks: tasks }
    }

    pub(super) async fn communication_server(&self, log: &Log) -> Server {
        let routes = Routes::new(ContactsServer::new(log.clone()));
        self.serve(COMMUNICATION_SERVER, "caruso.contact.v1.Contacts", routes).await
    }

    pub(super) async fn identity(&self, names: &[(&str, &str)]) -> Server {
        let agent = |(name, display_name): &(&str, &str)| identity::Agent {
            name: (*name).into(),
            display_name: (*display_name).into(),
            ..Default::default()
        };
        let people = People(names.iter().map(agent).collect());
        let routes = Routes::new(IdentityServer::new(people));
        self.serve(IDENTITY, "caruso.identity.v1.Identity", routes).await
    }

    async fn serve(&self, name: &str, interface: &str, routes: Routes) -> Server {
        let stop = self.stop.child_token();
        let component = self.join(name, &stop).await;
        let offers = [Offered::interface(interface)];
        let task = tokio::spawn(async move { component.serve(routes, offers).await });
        Server { stop, task }
    }
}

impl Drop for Company {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Something with the component and the tasks it needs.
pub(super) struct Running<T> {
    inner: T,
    _component: Component,
    _tasks: Vec<AbortOnDropHandle<()>>,
}

impl<T> std::ops::Deref for Running<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inner
    }
}

/// A component that serves until it is stopped.
pub(super) struct Server {
    stop: CancellationToken,
    task: JoinHandle<Result<(), Error>>,
}

impl Server {
    pub(super) async fn stop(self) {
        self.stop.cancel();
        let ended = tokio::time::timeout(PATIENCE, self.task).await.expect("in time");
        ended.expect("no panic").expect("a clean end");
    }
}

struct People(Vec<identity::Agent>);

#[tonic::async_trait]
impl Identity for People {
    async fn log_in(
        &self,
        _: Request<identity::LogInRequest>,
    ) -> Result<Response<identity::LogInResponse>, Status> {
        Err(Status::unimplemented("nobody logs in here"))
    }

    async fn refresh(
        &self,
        _: Request<identity::RefreshRequest>,
    ) -> Result<Response<identity::RefreshResponse>, Status> {
        Err(Status::unimplemented("nobody logs in here"))
    }

    async fn log_out(
        &self,
        _: Request<identity::LogOutRequest>,
    ) -> Result<Response<identity::LogOutResponse>, Status> {
        Err(Status::unimplemented("nobody logs in here"))
    }

    async fn list_keys(
        &self,
        _: Request<identity::ListKeysRequest>,
    ) -> Result<Response<identity::ListKeysResponse>, Status> {
        Ok(Response::new(identity::ListKeysResponse::default()))
    }

    async fn list_agents(
        &self,
        _: Request<identity::ListAgentsRequest>,
    ) -> Result<Response<identity::ListAgentsResponse>, Status> {
        Ok(Response::new(identity::ListAgentsResponse { agents: self.0.clone() }))
    }

    async fn get_device_credential(
        &self,
        _: Request<identity::GetDeviceCredentialRequest>,
    ) -> Result<Response<identity::GetDeviceCredentialResponse>, Status> {
        Err(Status::unimplemented("there are no phones here"))
    }
}
