//! What a customer says after the tone is taken down until they hang up, press a key, are silent or
//! have spoken as long as they may.

use std::f64::consts::TAU;
use std::time::Duration;

use caruso_contact::{ContactId, Time};
use caruso_media::g711::Law;
use caruso_media::{Frame, Tap};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;
use tokio::time::Instant;
use tracing::error;

use crate::loudness::Loudness;
use crate::recordings::{Error, Recordings, Writing};

/// Samples a second.
const RATE: f64 = 8_000.0;
/// Samples of the tone: 400 ms.
const TONE: u32 = 3_200;
/// Its frequency in hertz, and its loudness.
const TONE_HERTZ: f64 = 1_000.0;
const TONE_LEVEL: f64 = 8_000.0;
/// Silence before and after it, so that it stands by itself: 100 ms.
const GAP: usize = 800;

/// How a message is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Terms {
    /// How long it may be.
    pub(crate) longest: Duration,
    /// After so long a silence it is over.
    pub(crate) silence: Duration,
    /// The key that ends the greeting, and then the message.
    pub(crate) key: char,
    /// Until when it is kept.
    pub(crate) keep_until: Time,
}

/// The tone after the greeting.
pub(super) fn tone() -> Vec<i16> {
    let sample = |at: u32| ((TAU * TONE_HERTZ * f64::from(at) / RATE).sin() * TONE_LEVEL) as i16;
    let gap = || std::iter::repeat_n(0, GAP);
    gap().chain((0..TONE).map(sample)).chain(gap()).collect()
}

/// Records what comes out of a leg. How long it is in the end; nothing where nobody spoke, or
/// nothing could be written.
pub(super) async fn record(
    recordings: Recordings,
    contact: ContactId,
    terms: Terms,
    mut tap: Tap,
    stopped: oneshot::Receiver<()>,
) -> Option<Duration> {
    let mut writing = match recordings.begin(contact, terms.keep_until).await {
        Ok(writing) => writing,
        Err(error) => {
            fails(contact, &error);
            return None;
        }
    };
    let mut message = Message::default();
    if let Err(error) = message.take_down(&mut writing, &mut tap, terms, stopped).await {
        fails(contact, &error);
    }
    if let Err(error) = writing.finish().await {
        fails(contact, &error);
    }
    if message.loudness.is_speech() {
        return Some(message.length());
    }
    if let Err(error) = recordings.delete(contact).await {
        fails(contact, &error);
    }
    None
}

fn fails(contact: ContactId, error: &Error) {
    let error = error as &dyn std::error::Error;
    error!(contact.id = %contact, error, "a message is not recorded any further");
}

/// What has been said so far.
#[derive(Debug, Default)]
struct Message {
    loudness: Loudness,
    /// Samples that were written.
    samples: u64,
}

impl Message {
    async fn take_down(
        &mut self,
        writing: &mut Writing,
        tap: &mut Tap,
        terms: Terms,
        mut stopped: oneshot::Receiver<()>,
    ) -> Result<(), Error> {
        let over = Instant::now() + terms.longest;
        let mut quiet_since = Instant::now();
        loop {
            let until = over.min(quiet_since + terms.silence);
            let frame = tokio::select! {
                frame = tap.hear() => frame,
                _ = &mut stopped => None,
                () = tokio::time::sleep_until(until) => None,
            };
            let Some(frame) = frame else { return Ok(()) };
            if Loudness::is_loud(&frame) {
                quiet_since = Instant::now();
            }
            self.write(writing, &frame).await?;
            if until <= Instant::now() {
                return Ok(());
            }
        }
    }

    async fn write(&mut self, writing: &mut Writing, frame: &Frame) -> Result<(), Error> {
        let codes = frame.map(|sample| Law::Mu.encode(sample));
        writing.write(&codes).await?;
        self.loudness.hear(frame);
        self.samples += codes.len() as u64;
        Ok(())
    }

    fn length(&self) -> Duration {
        Duration::from_millis(self.samples / 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tone_stands_by_itself() {
        let tone = tone();
        assert!(tone[..GAP].iter().chain(&tone[tone.len() - GAP..]).all(|it| *it == 0));
        assert!(Loudness::is_loud(&tone[GAP..GAP + 160]));
    }
}
