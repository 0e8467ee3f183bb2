//! SIP for the communication server, the simulated caller and the tests: call legs, the registrar,
//! subscriptions of phones to their messages, and session descriptions.
//!
//! This is the only crate that names the SIP stack (rsipstack). In front of the stack stands a
//! gate of our own that judges every message before the stack reads it and puts the generation of
//! this server into every tag and branch; behind it, each call leg is a task that owns its dialog
//! and removes it from the stack's tables on every path.
//!
//! It is no proxy, knows nothing of queues or agents, and carries no audio: who joins two legs
//! does so above, with the addresses that [`sdp::Negotiated`] names.
//!
//! Invariants:
//! - no input makes it panic, and every table, queue and rate has a limit ([`Limits`]);
//! - a request is answered once, malformed ones with a status and a reason;
//! - every leg ends with exactly one [`LegEvent::Ended`], and nothing of it stays behind;
//! - only trunks and authenticated phones can call, and a phone hears of its own messages alone.
//!
//! The stack logs whole messages at level `info`, and so telephone numbers. Whoever sets up
//! logging adds [`LOG_DIRECTIVE`].
//!
//! ```
//! use caruso_sip::sdp::{Codec, Local};
//! use caruso_sip::{Call, Caller, Endpoint, LegEvent, Options, Target};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let any = "127.0.0.1:0".parse()?;
//! let mut options = Options::new(any);
//! options.trunks.push("127.0.0.1".parse()?);
//! let (server, mut calls) = Endpoint::bind(options).await?;
//! let (caller, _) = Endpoint::bind(Options::new(any)).await?;
//!
//! let (_leg, mut events) = caller.call(Call {
//!     target: Target::Uri(format!("sip:0305550100@{}", server.local_addr())),
//!     from: Caller { number: "0612345678".into(), name: None },
//!     local: Local::new("127.0.0.1:4000".parse()?, &[Codec::Pcma]),
//!     headers: Vec::new(),
//!     max_forwards: 70,
//!     login: None,
//! })?;
//! let call = calls.recv().await.ok_or("the server is gone")?;
//! assert_eq!(call.invitation.called_number, "0305550100");
//! call.leg.answer(&Local::new("127.0.0.1:9000".parse()?, &[Codec::Pcma]))?;
//! let Some(LegEvent::Answered(agreed)) = events.next().await else { return Err("no".into()) };
//! assert_eq!(agreed.remote.port(), 9000);
//! # Ok(())
//! # }
//! ```

mod call;
mod dispatch;
mod endpoint;
mod leg;
mod options;
mod registrar;
pub mod sdp;
mod sockets;
mod stack;
mod subscription;
mod succession;
mod transport;
mod trunk;
mod tunnel;
mod wire;

pub use call::{Account, Call, Caller, Incoming, Invitation, Origin, Target};
pub use endpoint::{Counter, Counts, Endpoint, Error, Successor};
pub use leg::{Ended, Error as LegError, Failure, Leg, LegEvent, LegEvents, LegId, Named, Side};
pub use options::{Limits, Network, NotANetwork, Options};
pub use registrar::{Algorithm, Binding, Credentials, Registrations, Secret};
pub use sockets::Sockets;
pub use subscription::Messages;
pub use succession::{Datagram, Estate, Predecessor, Registered, registered};
pub use transport::Transport;
pub use trunk::{Health, Trunk};
pub use tunnel::{Error as TunnelError, Tunnels};
pub use wire::web::Tunnel;

/// Filter directive that keeps the stack's log lines, which hold whole messages, out of the log.
pub const LOG_DIRECTIVE: &str = "rsipstack=off";
