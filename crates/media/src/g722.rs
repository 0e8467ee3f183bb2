//! G.722 at 64 kbit/s (ITU-T G.722 mode 1), heard and spoken as telephone sound.
//!
//! The codec carries 7 kHz in two bands; what is mixed, played and recorded here has 8,000 samples
//! a second, which is its lower band. So a byte is a sample, as in G.711: the RTP clock runs at
//! 8,000 though the sound has 16,000 (RFC 3551 §4.5.2). Both bands arrive only where two legs have
//! the codec and nothing is between them. The only file that names the codec's library.

use std::f32::consts::PI;
use std::fmt;

use audio_codec::g722::{Bitrate, G722Decoder, G722Encoder};
use audio_codec::{Decoder as _, Encoder as _};

/// Samples on either side of the middle between two that make up the one there.
const REACH: usize = 6;

/// Turns samples into code words. It remembers what it wrote: one for each stream.
///
/// The library's own way from 8 kHz gives the same code word for whatever it is told (0.4.13), so
/// that it is given 16,000 samples a second: those between are made here.
pub struct Encoder {
    library: G722Encoder,
    /// The latest samples, the newest last.
    latest: [i16; 2 * REACH],
    /// Of the samples next to a middle, those after them, and so on.
    weights: [f32; REACH],
    wide: Vec<i16>,
}

impl Encoder {
    /// Writes the code words of samples at 8 kHz, one each; as many as the shorter side has.
    pub fn encode(&mut self, samples: &[i16], codes: &mut [u8]) {
        let length = samples.len().min(codes.len());
        self.wide.clear();
        for &sample in &samples[..length] {
            self.latest.copy_within(1.., 0);
            self.latest[2 * REACH - 1] = sample;
            let middle = (0..REACH).map(|at| {
                let beside = [self.latest[REACH - 1 - at], self.latest[REACH + at]];
                beside.map(f32::from).iter().sum::<f32>() * self.weights[at]
            });
            // too loud is cut
            self.wide.extend([self.latest[REACH - 1], middle.sum::<f32>() as i16]);
        }
        // there is room for a code word of each two
        let _ = self.library.encode_into(&self.wide, &mut codes[..length]);
    }
}

impl Default for Encoder {
    fn default() -> Self {
        // half of a windowed sinc (Hamming)
        let weight = |at: usize| {
            let away = at as f32 + 0.5;
            let window = 0.54 + 0.46 * (PI * away / (REACH as f32 + 0.5)).cos();
            window * (PI * away).sin() / (PI * away)
        };
        let weights: [f32; REACH] = std::array::from_fn(weight);
        let whole = 2.0 * weights.iter().sum::<f32>();
        let (is_eight_khz, is_packed) = (false, false);
        Self {
            library: G722Encoder::with_options(Bitrate::Mode1_64000, is_eight_khz, is_packed),
            latest: [0; 2 * REACH],
            weights: weights.map(|weight| weight / whole),
            wide: Vec::new(),
        }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Encoder(…)")
    }
}

/// Turns code words into samples. It remembers what it heard: one for each stream.
pub struct Decoder(G722Decoder);

impl Decoder {
    /// The lower band of code words, as many samples at 8 kHz.
    pub fn decode(&mut self, codes: &[u8]) -> Vec<i16> {
        let mut samples = vec![0; codes.len()];
        // there is room for one sample each
        let _ = self.0.decode_into(codes, &mut samples);
        samples
    }
}

impl Default for Decoder {
    fn default() -> Self {
        let (is_packed, is_eight_khz) = (false, true);
        Self(G722Decoder::with_options(Bitrate::Mode1_64000, is_packed, is_eight_khz))
    }
}

impl fmt::Debug for Decoder {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Decoder(…)")
    }
}

#[cfg(test)]
mod tests {
    use std::f64::consts::TAU;

    use proptest::prelude::*;

    use super::*;

    fn tone(hertz: f64, loudness: f64) -> Vec<i16> {
        let sample = |at: u32| ((f64::from(at) * TAU * hertz / 8_000.0).sin() * loudness) as i16;
        (0..8_000).map(sample).collect()
    }

    fn through(samples: &[i16]) -> Vec<i16> {
        let mut codes = vec![0; samples.len()];
        let mut encoder = Encoder::default();
        let whole = samples.chunks(160).zip(codes.chunks_mut(160));
        whole.for_each(|(samples, codes)| encoder.encode(samples, codes));
        let mut decoder = Decoder::default();
        codes.chunks(160).flat_map(|codes| decoder.decode(codes)).collect()
    }

    /// Loudness of a tone over that of what the codec adds, in dB, once it has settled.
    fn quality(hertz: f64, loudness: f64) -> f64 {
        let heard = &through(&tone(hertz, loudness))[800..];
        let parts = heard.iter().enumerate().map(|(at, &sample)| {
            let (turn, sample) = (at as f64 * TAU * hertz / 8_000.0, f64::from(sample));
            [sample * turn.cos(), sample * turn.sin(), sample * sample]
        });
        let sums = parts.fold([0.0; 3], |[a, b, c], [x, y, z]| [a + x, b + y, c + z]);
        let tone = 2.0 * (sums[0] * sums[0] + sums[1] * sums[1]) / heard.len() as f64;
        10.0 * (tone / (sums[2] - tone)).log10()
    }

    #[test]
    fn telephone_sound_comes_through_as_well_as_by_g711() {
        for (hertz, loudness) in [(300.0, 8_000.0), (1_000.0, 8_000.0), (3_000.0, 8_000.0)] {
            let quality = quality(hertz, loudness);
            assert!(quality > 30.0, "{hertz} Hz at {loudness}: {quality} dB");
            let loudest = through(&tone(hertz, loudness))[800..].iter().copied().max();
            assert!(loudest.is_some_and(|it| (7_500..8_500).contains(&it)), "{hertz}: {loudest:?}");
        }
        assert!(quality(440.0, 300.0) > 25.0, "also what is said softly");
    }

    #[test]
    fn silence_stays_silent_and_what_is_too_loud_is_cut() {
        let heard = through(&[0; 1_600]);
        assert!(heard.iter().all(|sample| sample.abs() < 16), "{:?}", heard.iter().max());
        let square = [[i16::MAX; 8], [i16::MIN; 8]].concat().repeat(100);
        let heard = through(&square);
        let is_turned = |pair: (&i16, &i16)| i32::from(*pair.0) * i32::from(*pair.1) < 0;
        let turned = square.iter().zip(heard.iter().skip(12)).skip(160).filter(|it| is_turned(*it));
        assert!(turned.count() < square.len() / 4, "it does not turn over");
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_each_is_a_sample(
            codes in prop::collection::vec(any::<u8>(), 0..600),
        ) {
            prop_assert_eq!(Decoder::default().decode(&codes).len(), codes.len());
        }

        #[test]
        fn no_samples_make_it_panic(samples in prop::collection::vec(any::<i16>(), 0..600)) {
            let mut codes = vec![0; 400];
            Encoder::default().encode(&samples, &mut codes);
        }
    }
}
