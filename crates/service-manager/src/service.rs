//! The service manager as a gRPC service.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use caruso_api::encoded::Encoded;
use caruso_api::encoded::directory::registry_server::{
    Registry as RegistryService, RegistryServer,
};
use caruso_api::registry::v1 as proto;
use caruso_component::token::{PublicKey, TokenSigner};
use caruso_component::{
    Audit, Caller, CallingComponent, Guard, Proof, Release, UserKeys, permissions, server, status,
};
use caruso_contract::Contract;
use futures::Stream;
use proto::enrolment_server::EnrolmentServer;
use proto::join_tokens_server::JoinTokensServer;
use tokio::net::TcpListener;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tonic::service::Routes;
use tonic::{Code, Request, Response, Status, Streaming};
use tonic_reflection::pb::v1::server_reflection_server::ServerReflectionServer;

use crate::admission::Admission;
use crate::certifying::Certifying;
use crate::contracts::{Contracts, Full, Origin};
use crate::reflection::Reflection;
use crate::registry::{Consumer, Registry};
use crate::releases::Held;
use crate::shared::Shared;
use crate::store::Log;
use crate::{Error, convert, enrolment, publish, replace, session, store, watch};

/// Calls that have begun may end within this time at shutdown.
const GRACE: Duration = Duration::from_secs(1);

/// What the service manager must be told to start.
#[derive(Debug)]
pub struct Options {
    /// Where it serves; port 0 for a free one.
    pub listen: SocketAddr,
    /// Folder for its keys, the authority, the join tokens, the directory and the release.
    pub data: PathBuf,
    /// Connections are in the clear and everybody on this machine may join; serves on loopback
    /// only. Else connections are TLS, and whoever joins is certified.
    pub is_development: bool,
    /// The checked application; `None` takes the release of the last start.
    pub release: Option<Release>,
}

/// A service manager that has its address and is ready to serve.
#[derive(Debug)]
pub struct ServiceManager {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    log: Log,
    audit: Audit,
}

impl ServiceManager {
    /// Reads or makes everything in the data folder and binds the address.
    ///
    /// # Errors
    /// As [`Error`] says.
    pub async fn bind(options: Options) -> Result<Self, Error> {
        if options.is_development && !options.listen.ip().is_loopback() {
            return Err(Error::DevelopmentOutside(options.listen));
        }
        let data = options.data;
        let admission = if options.is_development {
            let signer = TokenSigner::load_or_create(&data.join("component-key"))?;
            Admission::Development(Box::new(signer))
        } else {
            Admission::Certified(Box::new(Certifying::load_or_create(&data)?))
        };
        let held = Held::load(&data, options.release)?;
        let (registry, log) = store::load(&data)?;
        let mut contracts = Contracts::load(&data)?;
        contracts.add_own(env!("CARGO_PKG_VERSION"));
        let listener = server::listen(options.listen).await?;
        let local = listener.local_addr();
        let address = local.map_err(|source| caruso_component::Error::Listen {
            address: options.listen,
            source,
        })?;
        let audit = Audit::in_folder(&data);
        let shared = Arc::new(Shared::new(registry, admission, held, contracts, data));
        Ok(Self { listener, address, shared, log, audit })
    }

    /// The same with certificates that are valid for as long as this, instead of 24 h. For tests of
    /// what happens when they end; at least some seconds, since certificates count in full ones.
    #[must_use]
    pub fn with_certificate_life(mut self, life: Duration) -> Self {
        let shared = Arc::get_mut(&mut self.shared).expect("shared only once it serves");
        if let Admission::Certified(certifying) = &mut shared.admission {
            certifying.life = life;
        }
        self
    }

    /// The one address that applications know, for example `https://127.0.0.1:7700`; `http://…` in
    /// development mode.
    pub fn address(&self) -> String {
        let scheme = match self.shared.admission {
            Admission::Development(_) => "http",
            Admission::Certified(_) => "https",
        };
        format!("{scheme}://{}", self.address)
    }

    /// Serves until `shutdown`.
    ///
    /// # Errors
    /// When the listener fails, or the manager itself cannot be certified.
    pub async fn serve(self, shutdown: CancellationToken) -> Result<(), Error> {
        let proof = match &self.shared.admission {
            Admission::Development(signer) => {
                let key = PublicKey::from_bytes(&signer.public_key()).map(Arc::new);
                Proof::Token(Arc::new(ArcSwapOption::new(key)))
            }
            Admission::Certified(certifying) => {
                certifying.certify_manager()?;
                Proof::Certificate(certifying.revoked())
            }
        };
        let acceptor = self.shared.admission.certifying().ok().map(Certifying::acceptor);
        let guard = Guard::new(proof, UserKeys::fixed([]), self.audit, shutdown.clone());
        let tasks = TaskTracker::new();
        tasks.spawn(Arc::clone(&self.shared).keep_time(shutdown.clone()));
        tasks.spawn(Arc::clone(&self.shared).keep_on_disk(self.log, shutdown.clone()));
        tasks.spawn(Arc::clone(&self.shared).keep_probing(shutdown.clone()));
        tasks.spawn(Arc::clone(&self.shared).keep_waking(shutdown.clone()));
        tasks.spawn(Arc::clone(&self.shared).keep_certified(shutdown.clone()));
        tasks.close();
        let certified = enrolment::Service { shared: Arc::clone(&self.shared) };
        let reflection = Reflection { shared: Arc::clone(&self.shared) };
        let service = Service { shared: self.shared };
        let routes = Routes::default()
            .add_service(RegistryServer::new(service))
            .add_service(EnrolmentServer::new(certified.clone()))
            .add_service(JoinTokensServer::new(certified))
            .add_service(ServerReflectionServer::new(reflection));
        tracing::info!(address = %self.address, "service manager serving");
        let stop = shutdown.clone();
        let served = server::serve(self.listener, acceptor, routes, guard, stop, GRACE).await;
        shutdown.cancel();
        tasks.wait().await;
        Ok(served?)
    }
}

#[derive(Debug)]
struct Service {
    shared: Arc<Shared>,
}

#[tonic::async_trait]
impl RegistryService for Service {
    type SessionStream = ReceiverStream<Result<proto::SessionResponse, Status>>;
    type WatchStream = ReceiverStream<Result<Encoded, Status>>;
    type GetReleaseStream =
        Pin<Box<dyn Stream<Item = Result<proto::GetReleaseResponse, Status>> + Send>>;

    async fn session(
        &self,
        request: Request<Streaming<proto::SessionRequest>>,
    ) -> Result<Response<Self::SessionStream>, Status> {
        let who = self.shared.admission.admit(&request)?;
        let shared = Arc::clone(&self.shared);
        let responses = session::open(shared, request.into_inner(), who).await?;
        Ok(Response::new(ReceiverStream::new(responses)))
    }

    async fn watch(
        &self,
        request: Request<Streaming<proto::WatchRequest>>,
    ) -> Result<Response<Self::WatchStream>, Status> {
        let consumer = component_of(&request)?.clone();
        let responses = watch::open(Arc::clone(&self.shared), consumer, request.into_inner());
        Ok(Response::new(ReceiverStream::new(responses)))
    }

    async fn resolve(
        &self,
        request: Request<proto::ResolveRequest>,
    ) -> Result<Response<Encoded>, Status> {
        let component = &component_of(&request)?.name;
        let interface = &request.get_ref().interface;
        if !permissions::may_see(component, interface) {
            let text = format!("{component} may not know who offers {interface}");
            return Err(status(Code::PermissionDenied, "CR0123", text));
        }
        let contracts = self.shared.contracts();
        let registry = self.shared.registry();
        Ok(Response::new(self.shared.encodings.resolved(&registry, &contracts, interface)))
    }

    async fn put_contract(
        &self,
        request: Request<proto::PutContractRequest>,
    ) -> Result<Response<proto::PutContractResponse>, Status> {
        let origin = self.origin(component_of(&request)?);
        let proto::PutContractRequest { interface, descriptor_set } = request.into_inner();
        let contract = Contract::from_bytes(&descriptor_set, &interface);
        let refuse = |text: String| status(Code::InvalidArgument, "CR0124", text);
        let contract = contract.map_err(|error| refuse(format!("{interface}: {error}")))?;
        let digest = contract.digest().as_str().to_owned();
        let in_use = self.shared.digests_in_use();
        let kept = self.shared.contracts_mut().put(contract, origin, &in_use);
        kept.map_err(|full| {
            let text = match full {
                Full::Interfaces => "there are too many interfaces with contracts",
                Full::OfInterface => {
                    "all contracts of this interface are in use, and they are many"
                }
            };
            status(Code::ResourceExhausted, "CR0125", format!("{interface}: {text}"))
        })?;
        let saved = self.shared.save_contracts().await;
        saved.map_err(|error| Status::internal(format!("it cannot be written: {error}")))?;
        Ok(Response::new(proto::PutContractResponse { digest }))
    }

    async fn list_contracts(
        &self,
        _: Request<proto::ListContractsRequest>,
    ) -> Result<Response<proto::ListContractsResponse>, Status> {
        let contracts = self.shared.contracts();
        let registry = self.shared.registry();
        let all = contracts.interfaces().into_iter().flat_map(|interface| contracts.of(interface));
        let contracts = all.map(|(contract, entry)| {
            let digest = contract.digest().as_str();
            let offered = registry.offered_contracts().filter(|offer| offer.digest == digest);
            proto::Contract {
                interface: entry.interface().to_owned(),
                digest: digest.to_owned(),
                level: entry.level.unwrap_or(0),
                component: entry.origin.component.clone(),
                version: entry.origin.version.clone(),
                offers: offered.map(|offer| offer.id()).collect(),
                consumers: consumers(&registry, digest),
            }
        });
        let contracts = contracts.collect();
        Ok(Response::new(proto::ListContractsResponse { contracts }))
    }

    async fn get_release(
        &self,
        request: Request<proto::GetReleaseRequest>,
    ) -> Result<Response<Self::GetReleaseStream>, Status> {
        let digest = &request.get_ref().digest;
        let unknown =
            || status(Code::NotFound, "CR0104", format!("there is no release {digest} here"));
        let release = self.shared.held().find(digest).cloned().ok_or_else(unknown)?;
        let parts = release.parts();
        let parts = parts.map(|(path, content)| Ok(proto::GetReleaseResponse { path, content }));
        Ok(Response::new(Box::pin(futures::stream::iter(parts))))
    }

    async fn publish(
        &self,
        request: Request<Streaming<proto::PublishRequest>>,
    ) -> Result<Response<proto::PublishResponse>, Status> {
        let (publication, release) = publish::received(request.into_inner()).await?;
        let shared = Arc::clone(&self.shared);
        // it goes on to its end also where nobody waits for it any more
        let publishing = tokio::spawn(publish::publish(shared, publication, release));
        let response = publishing.await.map_err(|_| Status::internal("it was broken off"))??;
        Ok(Response::new(response))
    }

    async fn roll_back(
        &self,
        request: Request<proto::RollBackRequest>,
    ) -> Result<Response<proto::PublishResponse>, Status> {
        let none = || status(Code::NotFound, "CR0112", "there is no release to go back to");
        let release = self.shared.held().previous.clone().ok_or_else(none)?;
        let replaces = request.into_inner().replaces;
        let publication = proto::Publication { replaces, is_rehearsal: false };
        let shared = Arc::clone(&self.shared);
        let publishing = tokio::spawn(publish::publish(shared, publication, release));
        let response = publishing.await.map_err(|_| Status::internal("it was broken off"))??;
        Ok(Response::new(response))
    }

    async fn list_components(
        &self,
        _: Request<proto::ListComponentsRequest>,
    ) -> Result<Response<proto::ListComponentsResponse>, Status> {
        let now = self.shared.now();
        let (contracts, anybody) = (self.shared.contracts(), Consumer::default());
        let registry = self.shared.registry();
        let offers = |id: &str| {
            let offers = registry.offers_of(id).into_iter();
            offers.map(|offer| convert::offer(offer, &contracts, &anybody)).collect()
        };
        let components = registry
            .sessions()
            .iter()
            .map(|(id, session)| convert::component(id, session, offers(id), now));
        let components = components.collect();
        let release_digest = self.shared.held().current.digest().to_owned();
        let revision = registry.revision();
        let kept = registry.kept().map(str::to_owned).collect();
        let listed = proto::ListComponentsResponse { components, revision, release_digest, kept };
        Ok(Response::new(listed))
    }

    async fn drain(
        &self,
        request: Request<proto::DrainRequest>,
    ) -> Result<Response<proto::DrainResponse>, Status> {
        let revision = replace::drain(&self.shared, &request.get_ref().instance).await?;
        Ok(Response::new(proto::DrainResponse { revision }))
    }

    async fn expire(
        &self,
        _: Request<proto::ExpireRequest>,
    ) -> Result<Response<proto::ExpireResponse>, Status> {
        let instances = self.shared.event(Registry::expire);
        Ok(Response::new(proto::ExpireResponse { instances }))
    }

    async fn replace(
        &self,
        request: Request<proto::ReplaceRequest>,
    ) -> Result<Response<proto::ReplaceResponse>, Status> {
        let component = request.into_inner().component;
        let shared = Arc::clone(&self.shared);
        // it goes on to its end also where nobody waits for it any more
        let replacing = tokio::spawn(replace::replace(shared, component));
        let response = replacing.await.map_err(|_| Status::internal("it was broken off"))??;
        Ok(Response::new(response))
    }
}

/// Who has subscribed with this contract.
fn consumers(registry: &Registry, digest: &str) -> Vec<proto::Consumer> {
    let speak = registry.consumers().filter(|it| it.contracts.values().any(|it| it == digest));
    let consumers = speak.map(|consumer| {
        let session = registry.sessions().get(&consumer.instance);
        let component = session.map(|session| session.component.clone()).unwrap_or_default();
        proto::Consumer { component, instance: consumer.instance.clone() }
    });
    consumers.collect()
}

/// The name of whoever calls an rpc that is for components.
fn component_of<T>(request: &Request<T>) -> Result<&CallingComponent, Status> {
    let component = Caller::of(request)?.component.as_ref();
    component.ok_or_else(|| Status::internal("the guard let somebody pass who is no component"))
}

impl Service {
    /// Who asks, as the directory knows them.
    fn origin(&self, caller: &CallingComponent) -> Origin {
        let registry = self.shared.registry();
        let session = registry.sessions().get(&caller.instance);
        let version = session.map(|session| session.version.clone()).unwrap_or_default();
        Origin { component: caller.name.clone(), version }
    }
}
