//! Dialogue scripts at run time: sessions for agents, for the telephone keypad and by messages.
//!
//! The core, `dialogue`, decides; this is the shell around it. An input becomes events, the events
//! stand in the journal together with the errands they lead to, and only then does anybody see the
//! new view. So a session survives a `kill -9` at any moment: it is its events, read again when
//! somebody asks for it ([`Engine::watch`] after a restart), on the very script it began with.
//!
//! - Inputs of one session are taken one after the other; those of all sessions share the flushes
//!   of the disk.
//! - Data is read from the storage manager within a bound; what does not come in time counts as
//!   missing, and that is an event too.
//! - Actions leave through the journal's outbox, at least once, under a key that makes them once;
//!   what comes of them flows back as events, and every watcher sees the new view.
//! - A session on the web or by messages is a contact of its own, unless whoever starts it has one:
//!   the communication server is told through the same outbox where it stands.
//! - A session stays on the release it began under, whose scripts are kept on disk for as long as
//!   anything of such a session is open ([`Editions`]).
//!
//! What it is not: it opens no database of the company, and knows neither the telephone nor the
//! browser; both answer the same view.
//!
//! Invariant: no view shows what is not durable, and no action is sent whose event is not.
//!
//! ```
//! # tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
//! use caruso_script_engine::{Answer, By, Editions, Engine, Peers, Settings, Start};
//! # let application = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/application");
//! # let mut files = std::collections::BTreeMap::new();
//! # for below in ["", "objects/", "scripts/", "prompts/"] {
//! #     for entry in std::fs::read_dir(format!("{application}/{below}")).expect("a folder") {
//! #         let path = entry.expect("a file").path();
//! #         if let (true, Some(name)) = (path.is_file(), path.file_name()) {
//! #             let content = std::fs::read(&path).expect("readable");
//! #             files.insert(format!("{below}{}", name.to_string_lossy()), content.into());
//! #         }
//! #     }
//! # }
//! # let release = caruso_component::Release::new(files);
//! # let folder = tempfile::tempdir().expect("a folder");
//! let editions = Editions::open(folder.path().join("editions"));
//! editions.adopt(&release).expect("a sound application");
//! let engine = Engine::open(folder.path(), editions, Peers::none(), Settings::default()).await?;
//!
//! let start = Start { request: "r1".into(), script: "fault".into(), ..Start::default() };
//! let view = engine.start(start).await?;
//! let answer = Answer {
//!     request: "r2".into(),
//!     session: view.session.parse().expect("its id"),
//!     sequence: view.sequence,
//!     step: view.step.clone(),
//!     row: String::new(),
//!     value: "meter".into(),
//!     special: None,
//!     reason: String::new(),
//! };
//! let view = engine.answer(answer, By::component("front-office")).await?;
//! assert_eq!(view.step, "unknown_customer");
//! # engine.close().await;
//! # Ok::<(), caruso_script_engine::Error>(()) }).expect("works");
//! ```

mod actions;
mod catalogue;
mod clock;
mod conversation;
mod edition;
mod engine;
mod error;
mod history;
mod housekeeping;
mod live;
mod mail;
mod message;
mod peers;
mod reads;
mod run;
mod service;
mod session;
mod step;
mod values;
mod wire;

pub use catalogue::Catalogue;
pub use edition::{Edition, Editions};
pub use engine::{
    Answer, AnsweredPage, By, Elsewhere, Engine, Interrupting, Settings, Start, Watched,
};
pub use error::Error;
pub use mail::{MailServer, Mailer, MailerError};
pub use message::Told;
pub use peers::{Peer, Peers};
pub use run::{CATALOGUE, INTERFACE, MESSAGES, run};
pub use service::Service;
