//! What the node is told and what it tells: plain data with ids, so that it can cross a process
//! border. No handles, no callbacks.

use std::fmt;
use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

use crate::g711::Law;

/// One call leg's audio. The number is chosen by whoever sends [`Command::Allocate`] and may be
/// used again after [`Event::Released`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LegId(pub u64);

/// One act of playing, chosen by whoever sends [`Command::Play`]; comes back in
/// [`Event::Played`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PlayId(pub u64);

/// The name of a prompt in [`crate::Prompts`], such as `en/greeting`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PromptId(pub String);

impl From<&str> for PromptId {
    fn from(id: &str) -> Self {
        Self(id.to_owned())
    }
}

impl fmt::Display for PromptId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

/// Something to be played.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sound {
    /// A prompt by its name.
    Prompt(PromptId),
    /// Samples at 8 kHz that no store holds, such as speech made a moment ago.
    Samples(Vec<i16>),
}

impl From<PromptId> for Sound {
    fn from(id: PromptId) -> Self {
        Self::Prompt(id)
    }
}

/// What a leg's audio is encoded in, a byte for 8,000 samples a second each (RFC 3551 §4.5.2,
/// §4.5.14).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Codec {
    /// G.711 µ-law, payload type 0.
    Pcmu,
    /// G.711 A-law, payload type 8.
    Pcma,
    /// G.722 at 64 kbit/s, payload type 9.
    G722,
}

impl Codec {
    /// The static payload type.
    #[must_use]
    pub fn payload_type(self) -> u8 {
        match self {
            Self::Pcmu => 0,
            Self::Pcma => 8,
            Self::G722 => 9,
        }
    }

    /// The codec of a static payload type.
    #[must_use]
    pub fn from_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            0 => Some(Self::Pcmu),
            8 => Some(Self::Pcma),
            9 => Some(Self::G722),
            _ => None,
        }
    }

    /// The law of G.711; nothing for G.722.
    pub(crate) fn law(self) -> Option<Law> {
        match self {
            Self::Pcmu => Some(Law::Mu),
            Self::Pcma => Some(Law::A),
            Self::G722 => None,
        }
    }
}

/// What both sides of a leg agreed on, in the words of the session description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remote {
    /// Where the far side says it receives audio. Its RTCP is expected one port above.
    pub address: SocketAddr,
    /// What we send. All codecs are understood whatever stands here.
    pub codec: Codec,
    /// Payload type of keys in both directions (RFC 4733), if agreed.
    pub telephone_event: Option<u8>,
    /// Whether we send. While false the leg is mute: prompts wait, the peer's audio is dropped.
    pub is_sending: bool,
    /// Whether audio is expected. While false what arrives is ignored, and silence is no event.
    pub is_receiving: bool,
}

/// Who hears the third leg of a mix.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// The two others.
    #[default]
    Both,
    /// The first.
    First,
    /// Nobody.
    Nobody,
}

/// What the node shall do. Commands take effect in the order sent. What cannot be done is
/// answered by [`Event::Refused`] and changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Command {
    /// Opens a pair of ports (RTP even, RTCP above). Answer: [`Event::Allocated`].
    Allocate {
        /// The new leg.
        leg: LegId,
    },
    /// Opens a port for a browser (RFC 8834), with RTCP on the same. Answer: [`Event::Offered`].
    AllocateSecured {
        /// The new leg.
        leg: LegId,
        /// What is offered, the preferred first.
        codecs: Vec<Codec>,
    },
    /// States what the browser answered to the offer. [`Command::Remote`] is needed as for any
    /// leg; its address is of no use here.
    Secure {
        /// The leg.
        leg: LegId,
        /// The session description, as the browser wrote it.
        answer: String,
    },
    /// States where the far side is and what was agreed. Sent again for every new agreement
    /// (hold, resume, a new address). A changed address is used at once and latched anew.
    Remote {
        /// The leg.
        leg: LegId,
        /// What was agreed.
        remote: Remote,
    },
    /// Plays sounds one after the other, without a gap, in place of whatever fed the leg, also
    /// in place of a connected peer. An earlier play of the leg ends without an event. Sounds
    /// wait while the leg may not send.
    Play {
        /// The leg that hears it.
        leg: LegId,
        /// Comes back in [`Event::Played`].
        play: PlayId,
        /// At most [`crate::Options::prompts_per_play`]. None at all is played at once, and so are
        /// no samples.
        sounds: Vec<Sound>,
        /// Whether the list starts again after its end: music. It never gives `Played`.
        repeats: bool,
    },
    /// Ends what plays, without an event. The leg hears its peer again, else silence.
    Stop {
        /// The leg.
        leg: LegId,
    },
    /// Lets two legs hear each other, keys included. Ends earlier connections of both and what
    /// plays on them.
    Connect {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// Lets three legs hear each other: each is sent the sum of those whom it hears, some 40 ms
    /// later than by a connection. Keys are not handed on. Ends earlier connections and mixes of
    /// all three and what plays on them. A leg leaves by a later connection, by
    /// [`Command::Disconnect`] or by its release; the others go on.
    Mix {
        /// All different.
        legs: [LegId; 3],
        /// Who hears the third of them, which hears the two others in any case.
        #[serde(default)]
        third: Audience,
    },
    /// Parts a leg and its peer, or a leg and its mix. All stay allocated; who is alone hears
    /// silence. No error when alone before.
    Disconnect {
        /// Either leg.
        a: LegId,
    },
    /// Presses a key towards the far side (RFC 4733), 100 ms long. Keys queue, at most 32.
    SendKey {
        /// The leg.
        leg: LegId,
        /// One of `0`–`9`, `*`, `#`, `A`–`D`.
        key: char,
    },
    /// Closes the ports. Answer: [`Event::Released`].
    Release {
        /// The leg.
        leg: LegId,
    },
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The leg has ports.
    Allocated {
        /// The leg.
        leg: LegId,
        /// The advertised address and the RTP port: what belongs into the session description.
        address: SocketAddr,
    },
    /// The leg for a browser has a port.
    Offered {
        /// The leg.
        leg: LegId,
        /// The session description to be offered, as it is: keys and address are in it.
        offer: String,
    },
    /// A command could not be done.
    Refused {
        /// The leg that the command named; of two, the one that is at fault.
        leg: LegId,
        /// Why.
        why: Refusal,
    },
    /// The last sample of a play was sent. Not given for what was stopped or replaced.
    Played {
        /// The leg.
        leg: LegId,
        /// Which play.
        play: PlayId,
    },
    /// The far side pressed a key. Given once a key, at its beginning, however many packets
    /// carry it.
    Key {
        /// The leg.
        leg: LegId,
        /// One of `0`–`9`, `*`, `#`, `A`–`D`.
        key: char,
    },
    /// The first valid packet arrived since the leg got its remote, or since [`Event::Silent`].
    FirstPacket {
        /// The leg.
        leg: LegId,
    },
    /// Nothing arrived for [`crate::Options::silence`] although it was expected. Given once,
    /// until packets come again.
    Silent {
        /// The leg.
        leg: LegId,
    },
    /// The leg is gone and its ports are free.
    Released {
        /// The leg.
        leg: LegId,
        /// What it carried.
        statistics: Statistics,
    },
    /// The channel of events was full and some are missing before this one.
    Lost {
        /// How many.
        count: u64,
    },
}

/// Why a command was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Refusal {
    /// As many legs as [`crate::Options::legs`] are open.
    #[error("no more than {limit} legs")]
    LegLimit {
        /// The limit.
        limit: usize,
    },
    /// No pair of ports is free in [`crate::Options::ports`].
    #[error("no pair of ports is free")]
    NoPort,
    /// The id is in use.
    #[error("the leg exists already")]
    LegExists,
    /// No such leg: never allocated, refused, or released.
    #[error("no such leg")]
    UnknownLeg,
    /// The answer of a browser cannot be used, or there was no offer.
    #[error("the description of encrypted sound cannot be used: {reason}")]
    Description {
        /// What is wrong with it, in words.
        #[serde(rename = "words")]
        reason: String,
    },
    /// A leg cannot be its own peer.
    #[error("a leg cannot be connected with itself")]
    SameLeg,
    /// No such prompt.
    #[error("no prompt `{prompt}`")]
    UnknownPrompt {
        /// Its id.
        prompt: PromptId,
    },
    /// The list is longer than [`crate::Options::prompts_per_play`].
    #[error("no more than {limit} prompts in one play")]
    PromptLimit {
        /// The limit.
        limit: usize,
    },
    /// Keys were not agreed on with the far side, or there is no far side yet.
    #[error("the far side takes no keys as telephone events")]
    NoTelephoneEvent,
    /// Not a key of a telephone.
    #[error("not a key")]
    NotAKey,
    /// Too many keys wait to be sent.
    #[error("no more than {limit} keys at once")]
    KeyLimit {
        /// The limit.
        limit: usize,
    },
}

/// What a leg carried, from its allocation to its release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statistics {
    /// Valid RTP packets received.
    pub packets_received: u64,
    /// Packets of the far side that never came (RFC 3550 §A.3); duplicates are subtracted as
    /// the RFC does, but never below zero.
    pub packets_lost: u64,
    /// Interarrival jitter at the end, in microseconds (RFC 3550 §A.8).
    pub jitter_us: u32,
    /// Datagrams that were not RTP, of an unknown payload type, or before the remote was known.
    pub packets_invalid: u64,
    /// Packets from a source that the leg is not latched to.
    pub packets_foreign: u64,
    /// RTP packets sent.
    pub packets_sent: u64,
    /// Packets that the socket did not take.
    pub packets_unsent: u64,
    /// What the far side lost of ours, by its last RTCP report.
    pub remote_packets_lost: Option<u32>,
    /// Round trip by RTCP, in microseconds.
    pub round_trip_us: Option<u32>,
}
