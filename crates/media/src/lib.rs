//! RTP for plain telephone legs: relay between two legs, prompts, music, keys, statistics.
//!
//! A [`MediaNode`] is a thread named `media` with a runtime of its own, shared with nothing. It is
//! told what to do by [`Command`]s and tells what happened by [`Event`]s: plain data with ids, so
//! that the node can become a process of its own or another product (rtpengine) can take its
//! place. Raw audio in and out of a leg ([`Tap`]) is the one door that cannot be serialized; it is
//! for user agents inside this process.
//!
//! It knows no SIP, no calls and no queues, and it negotiates nothing: who made an agreement says
//! so with [`Command::Remote`]. It does not record, conceal losses or reorder. Only the legs of a
//! mix ([`Command::Mix`]) are decoded, as long as there is one, and those that have G.722.
//!
//! # What a leg sends
//! One stream with one synchronization source, whatever feeds it. What comes first of these feeds
//! it: keys to be sent, a play, the connected peer or the mix, the tap, silence. Sequence numbers
//! and timestamps go on across every change of source, and across a hold timestamps go on as time
//! did. A leg that may send and is not connected sends 50 packets a second, if only of silence,
//! which keeps address translators open; a connected leg sends when its peer does.
//!
//! # From whom a leg hears
//! Symmetric RTP: audio goes to the negotiated address until the first valid packet comes, then
//! to where that came from, and packets from elsewhere are refused. The negotiated address itself
//! always wins; another source gets in after 2 s of silence or by a new [`Command::Remote`]
//! address.
//!
//! # Limits
//! Legs, ports, prompts a play, commands and events waiting: [`Options`]. Keys waiting: 32 a leg.
//! Prompts: [`prompts::MAX_BYTES`]. Taps: 1 s in each direction. A full channel of events never
//! holds up audio: events are dropped and [`Event::Lost`] says how many, as soon as there is room.
//! A socket that takes no packet loses it ([`Statistics::packets_unsent`]).
//!
//! # Cost
//! `cargo bench -p caruso-media` prints it: CPU of the media thread a bridged call and a music
//! listener at 180 calls, and loss. From 64 legs on packets gather for 1 ms before the thread
//! looks for them: that much later, for two thirds of the CPU.
//!
//! # Priority
//! On Linux the thread asks for nice -10, which takes `CAP_SYS_NICE` or `LimitNICE=-10` in the
//! service unit. Real-time scheduling is left to the unit (`CPUSchedulingPolicy=`).
//!
//! Invariants:
//! - no datagram makes it panic, and none is answered before the leg knows its far side;
//! - a leg's packets carry one source and increasing numbers and times, from first to last;
//! - relayed audio of equal codecs is not touched, only its header;
//! - [`Event::Released`] is told when the ports are free again.
//!
//! ```
//! use caruso_media::{Codec, Command, Event, LegId, MediaNode, Options, PlayId, Prompts, Remote};
//! use caruso_media::Sound;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let greeting = caruso_media::wav::write(&[924; 800])?;
//! let prompts = Prompts::read([("greeting", greeting)]).expect("telephone audio");
//! let (node, mut events) = MediaNode::start(Options::default(), prompts)?;
//!
//! let (server, phone) = (LegId(1), LegId(2));
//! node.send(Command::Allocate { leg: server }).await?;
//! node.send(Command::Allocate { leg: phone }).await?;
//! let Some(Event::Allocated { address: here, .. }) = events.next().await else { panic!() };
//! let Some(Event::Allocated { address: there, .. }) = events.next().await else { panic!() };
//! for (leg, address) in [(server, there), (phone, here)] {
//!     let remote = Remote {
//!         address,
//!         codec: Codec::Pcma,
//!         telephone_event: Some(101),
//!         is_sending: true,
//!         is_receiving: true,
//!     };
//!     node.send(Command::Remote { leg, remote }).await?;
//! }
//! let sounds = vec![Sound::Prompt("greeting".into())];
//! node.send(Command::Play { leg: server, play: PlayId(1), sounds, repeats: false }).await?;
//! node.send(Command::SendKey { leg: phone, key: '1' }).await?;
//! let (mut is_played, mut key) = (false, None);
//! while !is_played || key.is_none() {
//!     match events.next().await.expect("the node runs") {
//!         Event::Played { leg, play } => is_played = (leg, play) == (server, PlayId(1)),
//!         Event::Key { leg, key: pressed } if leg == server => key = Some(pressed),
//!         _ => {}
//!     }
//! }
//! assert_eq!(key, Some('1'));
//! # Ok(())
//! # }
//! ```

mod browser;
mod engine;
pub mod g711;
pub mod g722;
mod latch;
mod leg;
mod message;
mod mix;
mod node;
mod options;
mod outgoing;
mod play;
mod ports;
pub mod prompts;
mod reception;
mod rtcp;
pub mod rtp;
mod secured;
mod tap;
mod telephone_event;
mod time;
pub mod wav;

pub use message::{
    Audience, Codec, Command, Event, LegId, PlayId, PromptId, Refusal, Remote, Sound, Statistics,
};
pub use node::{Error, Events, MediaNode};
pub use options::Options;
pub use prompts::Prompts;
pub use tap::{FRAME_SAMPLES, Frame, Tap};
