//! Identity: who the people are, and what their phones are called.
//!
//! It checks passwords (argon2id), opens log-in sessions, signs short-lived user tokens, and gives
//! the registrar the secrets of phones, which are separate from passwords. Administrators add,
//! change and remove users while everything runs. Its state is small and
//! stands in two documents of its data folder, replaced as a whole and readable by their owner
//! only.
//!
//! Nobody asks identity in order to verify a token: components hold its public keys. Its invariant:
//! **no password leaves it, in any form, and no log line names a person**.
//!
//! ```no_run
//! # async fn start() -> Result<(), caruso_identity::Error> {
//! use caruso_identity::{Demo, Options};
//! let component = caruso_component::Options::new("http://127.0.0.1:7070");
//! let options = Options {
//!     component: component.with_data("data/identity"),
//!     demo: Some(Demo::parse(&std::fs::read_to_string("demo.toml").unwrap_or_default())?),
//! };
//! caruso_identity::run(options, tokio_util::sync::CancellationToken::new()).await
//! # }
//! ```

mod administration;
mod demo;
mod error;
mod password;
mod people;
mod service;
mod sessions;
mod throttle;
mod users;

pub use demo::{Demo, DemoUser};
pub use error::Error;
pub use service::{Options, run};
