//! Customers whose call ends, at once or after a last prompt.

use std::time::Duration;

use caruso_contact::{ContactId, EndCause};
use caruso_media::Sound;
use tokio::time::Instant;

use super::{Legs, Name, Phase, Side};

/// How long a customer may hear a prompt after which the call ends.
const LONGEST_FAREWELL: Duration = Duration::from_secs(60);

impl Legs {
    /// A call that is not taken; a busy installation asks to try again later.
    pub(super) async fn refuse_caller(
        &mut self,
        contact: ContactId,
        retry_after: Option<Duration>,
    ) {
        let (code, reason) =
            if retry_after.is_some() { (503, "busy") } else { (404, "unknown number") };
        if let Some(Side { leg: Some(leg), .. }) = self.remove(Name::Caller(contact)).await {
            let _ = leg.reject(code, Some(reason));
        }
    }

    /// Ends a customer's leg in whatever state it is.
    pub(super) async fn drop_caller(&mut self, contact: ContactId, cause: EndCause) {
        let name = Name::Caller(contact);
        let phase = self.sides.get(&name).map(|side| &side.phase);
        let is_ours = matches!(
            phase,
            Some(
                Phase::Up
                    | Phase::Permitted(_)
                    | Phase::CallingOut { .. }
                    | Phase::RingingOut { .. }
            )
        );
        if is_ours {
            self.hang_up(name).await;
        } else if let Some(Side { leg: Some(leg), .. }) = self.remove(name).await {
            let code = if cause == EndCause::QueueFull { 486 } else { 480 };
            let _ = leg.reject(code, Some(cause.name()));
        }
    }

    /// Plays to a customer who is to be gone then. Where nothing can be played, or the far side
    /// takes no sound, the leg ends all the same.
    pub(super) async fn see_off(
        &mut self,
        contact: ContactId,
        cause: EndCause,
        sounds: Vec<Sound>,
    ) {
        let Some(side) = self.sides.get_mut(&Name::Caller(contact)) else { return };
        if !matches!(side.phase, Phase::Up) {
            return self.drop_caller(contact, cause).await;
        }
        side.is_leaving = true;
        self.leaving.push_back((Instant::now() + LONGEST_FAREWELL, contact));
        self.play(Name::Caller(contact), sounds, false).await;
    }

    /// When the customer who has been leaving for longest is to be gone at the latest, a line ends
    /// that nobody uses, or a phone in a browser is missed.
    pub(in crate::telephony) fn overstays_at(&self) -> Option<Instant> {
        let leaving = self.leaving.front().map(|(until, _)| *until);
        leaving.into_iter().chain(self.first_line_ends_at()).chain(self.is_missed_at()).min()
    }

    /// Ends the leg of that customer, or that line.
    pub(in crate::telephony) async fn end_overstayed(&mut self) {
        self.end_idle_lines().await;
        self.tell_missed();
        let due = self.leaving.front().copied().filter(|(until, _)| *until <= Instant::now());
        if let Some((_, contact)) = due {
            self.hang_up(Name::Caller(contact)).await;
        }
    }
}
