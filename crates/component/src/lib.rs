//! What every component needs, so that a component crate contains only its own subject.
//!
//! A component joins the service manager, learns the application's release, calls others by
//! interface, and serves its own interfaces behind one layer of permissions. Neither side has a
//! start order: everything here waits, reconnects and resumes by itself, and goes on with its last
//! picture of the directory while the manager is away. An `https://` address of the manager makes
//! every connection mutual TLS: the component is certified when it joins, and stays so by itself.
//!
//! ```no_run
//! # use caruso_component::{Component, Error, Offered, Options};
//! # use tokio_util::sync::CancellationToken;
//! # use tonic::service::Routes;
//! # async fn run(options: Options, shutdown: CancellationToken) -> Result<(), Error> {
//! let component = Component::join(options, "script-engine", shutdown).await?;
//! let release = component.release().await;
//! component.release_applied(&release);
//! let storage = caruso_api::storage::v1::storage_manager_client::StorageManagerClient::new(
//!     component.caller("caruso.storage.v1.StorageManager"),
//! );
//! # let _ = storage;
//! let routes = Routes::default(); // .add_service(ScriptEngineServer::new(service))
//! component.serve(routes, [Offered::interface("caruso.script.v1.ScriptEngine")]).await
//! # }
//! ```
//!
//! It knows nothing of contacts, scripts or objects, and decides nothing about them. Its invariant:
//! **no rpc is served that [`permissions`] does not grant to the caller, and no change goes without
//! an audit record**.

mod accepted;
mod accepting;
mod audit;
mod backoff;
mod balance;
mod caller;
mod channel;
mod component;
mod contracts;
mod deadline;
mod directory;
mod disk;
mod enrolment;
mod error;
mod feed;
mod guard;
mod guarded_body;
mod join_token;
mod keys;
pub mod neighbour;
mod options;
mod outcomes;
mod parts;
mod peer;
pub mod permissions;
mod probe;
mod release;
mod releases;
mod repeatable;
mod secret;
pub mod server;
mod session;
pub mod sockets;
mod status;
mod telemetry;
pub mod token;
mod transport;
mod welcome;

pub use accepted::Connection;
pub use accepting::{Accepting, settled};
pub use audit::{Audit, Record as AuditRecord};
pub use backoff::Backoff;
pub use caller::{Caller, CallingComponent, User};
pub use channel::InterfaceChannel;
pub use component::{Component, Offered, REGISTRY};
pub use directory::{Directory, Handle, MOST_INTERFACES, Offer, Snapshot, Target};
pub use disk::{
    key as installation_key, read as read_file, replace as replace_file,
    require_private as require_private_file,
};
pub use error::Error;
pub use guard::{Guard, Guarded, Proof, Revoked};
pub use join_token::{JoinToken, Malformed as MalformedJoinToken};
pub use keys::{ComponentKey, UserKeys};
pub use options::{Options, Standby};
pub use parts::{PartError, Parts};
pub use permissions::Role;
pub use probe::{Probed, probe};
pub use release::{MOST_BYTES, MOST_FILES, Release};
pub use secret::Secret;
pub use status::{DOMAIN, code_of, status};
pub use telemetry::{LogFormat, init_telemetry};
pub use transport::{Acceptor, CERTIFICATE_FILE};
