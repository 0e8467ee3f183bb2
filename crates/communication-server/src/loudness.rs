//! Whether somebody speaks: by loudness alone, as far as it tells speech from a quiet line.

/// A frame of 20 ms is loud from this mean square on: −40 dB below full scale, some 20 dB above the
/// noise of a quiet telephone line.
const LOUD: i64 = 327 * 327;
/// Loud frames before somebody is taken to have spoken: 300 ms, more than a click or the receiver
/// being put down.
const SPEECH: u32 = 15;

/// What has been heard so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loudness {
    loud: u32,
}

impl Loudness {
    /// Whether a frame of some samples is loud.
    pub(crate) fn is_loud(frame: &[i16]) -> bool {
        let squares: i64 = frame.iter().map(|it| i64::from(*it) * i64::from(*it)).sum();
        !frame.is_empty() && squares >= LOUD * i64::try_from(frame.len()).unwrap_or(i64::MAX)
    }

    /// Hears the next 20 ms.
    pub(crate) fn hear(&mut self, frame: &[i16]) {
        self.loud = self.loud.saturating_add(u32::from(Self::is_loud(frame)));
    }

    /// Whether somebody has spoken.
    pub(crate) fn is_speech(self) -> bool {
        self.loud >= SPEECH
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_and_a_quiet_line_are_no_speech() {
        let mut loudness = Loudness::default();
        let noise: Vec<i16> = (0..160).map(|n| if n % 2 == 0 { 60 } else { -60 }).collect();
        (0..1_000).for_each(|_| loudness.hear(&noise));
        (0..14).for_each(|_| loudness.hear(&[20_000; 160]));
        assert!(!loudness.is_speech() && !Loudness::is_loud(&[]));
        loudness.hear(&[-600; 160]);
        assert!(loudness.is_speech());
    }
}
