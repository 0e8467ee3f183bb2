//! Customers who hear a last prompt before their call ends.

use std::time::Duration;

use caruso_contact::{ContactId, EndCause};
use caruso_media::Sound;
use tokio::time::Instant;

use super::{Legs, Name, Phase};

/// How long a customer may hear a prompt after which the call ends.
const LONGEST_FAREWELL: Duration = Duration::from_secs(60);

impl Legs {
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

    /// When the customer who has been leaving for longest is to be gone at the latest, or a line
    /// ends that nobody uses.
    pub(in crate::telephony) fn overstays_at(&self) -> Option<Instant> {
        let leaving = self.leaving.front().map(|(until, _)| *until);
        leaving.into_iter().chain(self.first_line_ends_at()).min()
    }

    /// Ends the leg of that customer, or that line.
    pub(in crate::telephony) async fn end_overstayed(&mut self) {
        self.end_idle_lines().await;
        let due = self.leaving.front().copied().filter(|(until, _)| *until <= Instant::now());
        if let Some((_, contact)) = due {
            self.hang_up(Name::Caller(contact)).await;
        }
    }
}
