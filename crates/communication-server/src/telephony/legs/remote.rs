//! Agents' phones behind a trunk: extensions of the company's exchange, and outside numbers.
//!
//! What answers there may be a machine. Where a person has to confirm the answer, they hear two
//! short tones again and again, and the customer is theirs when they press 1.

use std::f64::consts::TAU;

use caruso_media::Sound;
use caruso_sip::sdp::Local;
use caruso_sip::{Call, Caller, Target, Trunk};

use super::{HOPS, Legs, Name, Phase};
use crate::options::RemotePhone;

/// The key that confirms an answer.
const CONFIRMS: char = '1';
/// Samples a second.
const RATE: usize = 8_000;
/// Samples of a tone and of the pause behind it, and of the whole.
const TONE: usize = RATE / 5;
const WHOLE: usize = RATE * 2;
/// Frequency and loudness of the tones, out of 32,767.
const SOUND: (f64, f64) = (800.0, 6_000.0);

/// The call to a remote phone by a trunk, with the number of ours that the trunk wants to see and,
/// as the name, whom it is about.
pub(super) fn call(phone: &RemotePhone, trunk: &Trunk, calling: &str, local: Local) -> Call {
    let shown: String = calling.chars().filter(|it| it.is_ascii_digit() || *it == '+').collect();
    let name = Some(shown).filter(|shown| !shown.is_empty());
    Call {
        target: Target::Uri(trunk.target(&phone.number)),
        from: Caller { number: phone.caller_id.clone(), name },
        local,
        headers: Vec::new(),
        max_forwards: HOPS,
        login: trunk.account.clone(),
    }
}

impl Legs {
    /// A remote phone has answered, and a person is to say that they are there; whether it is so.
    pub(super) async fn asks_to_confirm(&mut self, name: Name) -> bool {
        let Some(side) = self.sides.get_mut(&name) else { return false };
        if !matches!(side.phase, Phase::RingingFar { is_confirmed: true, .. }) {
            return false;
        }
        side.phase = Phase::Confirming;
        self.play(name, vec![Sound::Samples(tones())], true).await;
        true
    }

    /// A key: of a customer for whoever talks with them, of an agent to confirm the answer.
    pub(super) async fn pressed(&mut self, name: Name, key: char) {
        match name {
            Name::Caller(contact) => self.customer_pressed(contact, key).await,
            Name::Agent(offer) if key == CONFIRMS => self.confirmed(offer).await,
            Name::Agent(_) => {}
        }
    }
}

/// Two tones and a pause.
pub(super) fn tones() -> Vec<i16> {
    let sample = |at: usize| {
        let is_sound = at < TONE || (2 * TONE..3 * TONE).contains(&at);
        let turn = TAU * SOUND.0 * at as f64 / RATE as f64;
        if is_sound { (turn.sin() * SOUND.1) as i16 } else { 0 }
    };
    (0..WHOLE).map(sample).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_to_confirm_hears_two_tones_and_a_pause() {
        let tones = tones();
        let is_loud = |part: &[i16]| part.iter().any(|it| it.unsigned_abs() > 4_000);
        assert_eq!(tones.len(), WHOLE);
        assert!(is_loud(&tones[..TONE]) && is_loud(&tones[2 * TONE..3 * TONE]));
        assert!(!is_loud(&tones[TONE..2 * TONE]) && !is_loud(&tones[3 * TONE..]));
    }
}
