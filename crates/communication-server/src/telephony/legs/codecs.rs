//! Which codec a leg has: G.711 wherever it will do.

use caruso_media as media;
use caruso_sip::sdp::{Codec, Negotiated};

use super::{Legs, Name};

/// Codecs by preference; what both sides have is never transcoded. G.722 is for who has nothing
/// else or is to talk with somebody who speaks it: prompts, music and mixing are telephone sound.
pub(super) const CODECS: [Codec; 3] = [Codec::Pcma, Codec::Pcmu, Codec::G722];
/// The same beside somebody who speaks G.722.
const WIDE: [Codec; 3] = [Codec::G722, Codec::Pcma, Codec::Pcmu];
impl Legs {
    /// Codecs by preference for who is to talk with somebody.
    pub(super) fn codecs_beside(&self, other: Option<Name>) -> &'static [Codec] {
        let spoken = other.and_then(|name| self.sides.get(&name)?.codec);
        if spoken == Some(Codec::G722) { &WIDE } else { &CODECS }
    }

    /// Takes what was agreed with the far side.
    pub(super) async fn agreed(&mut self, name: Name, agreed: Negotiated) {
        let Some(side) = self.sides.get_mut(&name) else { return };
        side.codec = Some(agreed.codec);
        let remote = media::Remote {
            address: agreed.remote,
            codec: sounding(agreed.codec),
            telephone_event: agreed.telephone_event,
            is_sending: agreed.direction.is_sending(),
            is_receiving: agreed.direction.is_receiving(),
        };
        let leg = side.media;
        self.sound(media::Command::Remote { leg, remote }).await;
    }
}

/// A codec as the media node has it.
pub(super) fn sounding(codec: Codec) -> media::Codec {
    match codec {
        Codec::Pcmu => media::Codec::Pcmu,
        Codec::Pcma => media::Codec::Pcma,
        Codec::G722 => media::Codec::G722,
    }
}
