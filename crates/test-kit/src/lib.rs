//! Real peers for tests: [`sipp`] calls with sound and keys, or is called, [`baresip`] is a desk
//! phone that registers by digest, [`namespace`] gives a test a network of its own, and
//! [`postgres`] and [`mariadb`] are database servers; [`smtp`] takes e-mails; a [`disk`] is soon
//! full, a [`certificate`] is signed, and [`kill`] ends a program between two of its writes.
//!
//! The peers are programs of Debian (`sip-tester`, `baresip-core`, `python3-aiosmtpd`,
//! `postgresql`, `mariadb-server`, `strace`). Where one is missing, or root is, starting gives
//! [`Missing`], and a test says so and returns: it prints why it was skipped and never passes
//! silently. CI installs them. Nothing here names our own crates.
//!
//! Every process gets free loopback ports, a folder of its own for what it writes, and is killed
//! when its handle is dropped. Telephones wait asynchronously; database servers block their thread,
//! and end also when the test is killed.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let caller = caruso_test_kit::sipp::Caller {
//!     server: "127.0.0.1:5060".parse()?,
//!     called: "0305550100".into(),
//!     calling: "0612345678".into(),
//!     keys: "1#".into(),
//!     listens: std::time::Duration::from_millis(500),
//!     says: Vec::new(),
//!     end: caruso_test_kit::sipp::End::AfterKeys,
//! };
//! assert!(caller.scenario().contains("dtmf_2833_pound.pcap"));
//! # Ok(())
//! # }
//! ```

pub mod baresip;
mod capture;
pub mod certificate;
pub mod disk;
mod guard;
pub mod kill;
pub mod mariadb;
pub mod namespace;
mod ports;
pub mod postgres;
mod program;
mod server;
pub mod sipp;
pub mod smtp;

pub use guard::Guard;
pub use program::{Failed, Missing};
pub use server::{Kind, Server, Started};
