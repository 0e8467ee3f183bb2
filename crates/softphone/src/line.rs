//! The one call of a telephone.

use caruso_media::{Command, Error, Frame, LegId, MediaNode, Remote, Tap};
use caruso_sip::sdp::{Codec, Negotiated};
use caruso_sip::{Leg, LegEvent, LegEvents};

/// What it speaks, best first.
pub(crate) const CODECS: [Codec; 2] = [Codec::Pcma, Codec::Pcmu];

/// A call.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) leg: Leg,
    events: LegEvents,
    pub(crate) sound: Option<LegId>,
    pub(crate) tap: Option<Tap>,
    pub(crate) is_up: bool,
    is_incoming: bool,
}

/// What happens on a call.
#[expect(clippy::large_enum_variant, reason = "frames are what happens most")]
pub(crate) enum Happened {
    Leg(LegEvent),
    Frame(Frame),
}

impl Line {
    /// A call that was made.
    pub(crate) fn new(leg: Leg, events: LegEvents, sound: LegId, tap: Option<Tap>) -> Self {
        Self { leg, events, sound: Some(sound), tap, is_up: false, is_incoming: false }
    }

    /// A call that rings here.
    pub(crate) fn incoming(leg: Leg, events: LegEvents) -> Self {
        Self { leg, events, sound: None, tap: None, is_up: false, is_incoming: true }
    }

    /// Whether it rings here.
    pub(crate) fn is_unanswered(&self) -> bool {
        self.is_incoming && self.sound.is_none()
    }

    pub(crate) fn take_sound(&mut self, sound: LegId, tap: Tap) {
        self.sound = Some(sound);
        self.tap = Some(tap);
    }

    /// Tells the media node what was agreed.
    pub(crate) async fn agree(&self, node: &MediaNode, agreed: Negotiated) -> Result<(), Error> {
        let Some(leg) = self.sound else { return Ok(()) };
        let remote = Remote {
            address: agreed.remote,
            codec: match agreed.codec {
                Codec::Pcmu => caruso_media::Codec::Pcmu,
                Codec::Pcma => caruso_media::Codec::Pcma,
                Codec::G722 => caruso_media::Codec::G722,
            },
            telephone_event: agreed.telephone_event,
            is_sending: agreed.direction.is_sending(),
            is_receiving: agreed.direction.is_receiving(),
        };
        node.send(Command::Remote { leg, remote }).await
    }

    /// The next thing that happens; never, without a call. Cancel safe.
    pub(crate) async fn next(line: &mut Option<Self>) -> Happened {
        let Some(Self { events, tap, .. }) = line else { return std::future::pending().await };
        loop {
            let frame = async {
                match tap {
                    Some(tap) => tap.hear().await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                Some(event) = events.next() => return Happened::Leg(event),
                frame = frame => match frame {
                    Some(frame) => return Happened::Frame(frame),
                    // its ports are gone; what follows is the end of the leg
                    None => *tap = None,
                },
            }
        }
    }
}
