//! There are ports for the sound of a leg, or there are none.

use std::net::SocketAddr;

use caruso_contact::ContactId;
use caruso_media as media;
use caruso_sip::sdp::Local;
use tracing::{info, warn};

use super::{CODECS, Legs, Name, Phase, Side};

impl Legs {
    /// The ports for a customer's sound are there: the call is answered.
    pub(super) async fn answer_with(&mut self, contact: ContactId, address: SocketAddr) {
        let name = Name::Caller(contact);
        let Some(Side { leg: Some(leg), .. }) = self.sides.get(&name) else { return };
        match leg.answer(&Local::new(address, &CODECS)) {
            Ok(agreed) => {
                if let Some(side) = self.sides.get_mut(&name) {
                    side.phase = Phase::Up;
                }
                if let Some(agreed) = agreed {
                    self.agreed(name, agreed).await;
                }
            }
            Err(error) => {
                info!(contact.id = %contact, reason = %error, "a call cannot be answered");
                let _ = leg.reject(488, None);
                self.gone(name).await;
            }
        }
    }

    /// A refusal at allocation ends the leg, and so does one to a customer who is leaving; anything
    /// else changes nothing there.
    pub(super) async fn refused(&mut self, leg: media::LegId, why: &media::Refusal) {
        warn!(reason = %why, "the media node refused");
        let Some(name) = self.by_media.get(&leg).copied() else { return };
        let side = self.sides.get(&name);
        if matches!(why, media::Refusal::Description { .. })
            && let Some(Side { leg: Some(leg), phase: Phase::Up, .. }) = side
        {
            // no sound comes of what the browser answered; its end is told by the leg
            let _ = leg.hang_up();
            return;
        }
        let is_greeted = matches!(name, Name::Caller(it) if self.speakers.contains_key(&it));
        if is_greeted || side.is_some_and(|side| side.is_leaving) {
            return self.hang_up(name).await;
        }
        let phase = side.map(|side| &side.phase);
        let waits = matches!(
            phase,
            Some(
                Phase::Answering
                    | Phase::Calling { .. }
                    | Phase::CallingOut { .. }
                    | Phase::Dialling { address: None, .. }
            )
        );
        if !waits {
            return;
        }
        if let Some(Side { leg: Some(leg), .. }) = self.sides.get(&name) {
            let _ = leg.reject(503, Some("no ports for sound"));
        }
        self.gone(name).await;
    }
}
