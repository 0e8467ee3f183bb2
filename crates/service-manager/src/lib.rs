//! The service manager: the one address that applications know.
//!
//! Components hold a session here, say what they offer, and learn the application's release;
//! consumers watch the offers of the interfaces they use. [`registry`] decides everything as a pure
//! state machine with the time as input, [`join_tokens`] who is let in; the rest of the crate is a
//! thin shell around them: streams, and the authority that certifies components.
//!
//! It carries no application traffic and knows no people. Its invariant: **what a watcher has
//! acknowledged up to revision R is the directory at R for its interfaces, so that an instance
//! which every live watcher has seen leaving gets no new work**.
//!
//! ```no_run
//! # use caruso_component::Release;
//! # async fn start(release: Release) -> Result<(), caruso_service_manager::Error> {
//! use caruso_service_manager::{Options, ServiceManager};
//! let options = Options {
//!     listen: ([127, 0, 0, 1], 7070).into(),
//!     data: "data/service-manager".into(),
//!     is_development: true,
//!     release: Some(release),
//! };
//! let manager = ServiceManager::bind(options).await?;
//! println!("{}", manager.address());
//! manager.serve(tokio_util::sync::CancellationToken::new()).await
//! # }
//! ```

mod admission;
mod authority;
mod certifying;
mod contracts;
mod convert;
mod encoding;
mod enrolment;
mod error;
pub mod join_tokens;
mod probing;
mod publish;
mod reflection;
pub mod registry;
mod releases;
mod replace;
mod right;
mod service;
mod session;
mod shared;
mod store;
mod waking;
mod watch;

pub use certifying::JOIN_TOKEN_FILE;
pub use error::Error;
pub use service::{Options, ServiceManager};
