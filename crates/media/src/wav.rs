//! WAV files as telephone audio: 8 kHz, mono, 16 bit.

use std::io::Cursor;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

/// Samples a second of everything in this crate.
pub const RATE: u32 = 8_000;

/// Taps of the half-band filter on each side of its centre.
const HALF_TAPS: usize = 47;

/// Why a WAV file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a WAV file, or cut off.
    #[error("not a readable wav file")]
    Unreadable(#[source] hound::Error),
    /// A WAV file of another kind.
    #[error(
        "wav file has {channels} channels at {rate} Hz with {bits} bits{float}; \
         wanted: 1 channel at 8000 or 16000 Hz with 16 bits"
    )]
    Format {
        /// Its channels.
        channels: u16,
        /// Its samples a second.
        rate: u32,
        /// Its bits a sample.
        bits: u16,
        /// ` (floating point)`, or nothing.
        float: &'static str,
    },
    /// No samples at all.
    #[error("wav file is empty")]
    Empty,
}

/// Reads a WAV file: mono, 16 bit, at 8 kHz, or at 16 kHz, which is brought to 8 kHz.
///
/// # Errors
/// When it is no WAV file, of another kind, or empty.
pub fn read(bytes: &[u8]) -> Result<Vec<i16>, Error> {
    let mut reader = WavReader::new(Cursor::new(bytes)).map_err(Error::Unreadable)?;
    let spec = reader.spec();
    let is_known = spec.channels == 1
        && spec.bits_per_sample == 16
        && spec.sample_format == SampleFormat::Int
        && matches!(spec.sample_rate, 8_000 | 16_000);
    if !is_known {
        return Err(Error::Format {
            channels: spec.channels,
            rate: spec.sample_rate,
            bits: spec.bits_per_sample,
            float: if spec.sample_format == SampleFormat::Float { " (floating point)" } else { "" },
        });
    }
    let samples: Vec<i16> =
        reader.samples().collect::<Result<_, _>>().map_err(Error::Unreadable)?;
    if samples.is_empty() {
        return Err(Error::Empty);
    }
    Ok(if spec.sample_rate == RATE { samples } else { halve(&samples) })
}

/// The bytes of a WAV file at 8 kHz, mono, 16 bit.
///
/// # Errors
/// When the audio is longer than a WAV file can be (4 GiB).
pub fn write(samples: &[i16]) -> Result<Vec<u8>, Error> {
    let spec = WavSpec {
        channels: 1,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::with_capacity(samples.len() * 2 + 44));
    let mut writer = WavWriter::new(&mut file, spec).map_err(Error::Unreadable)?;
    samples
        .iter()
        .try_for_each(|&sample| writer.write_sample(sample))
        .map_err(Error::Unreadable)?;
    writer.finalize().map_err(Error::Unreadable)?;
    Ok(file.into_inner())
}

/// Every second sample of the audio after a half-band low pass: a Blackman-windowed sinc, whose
/// even taps are zero except the centre. Linear in phase, and its delay is taken out.
fn halve(samples: &[i16]) -> Vec<i16> {
    use std::f64::consts::PI;
    // weights[i] is the tap at distance 2 i + 1 from the centre
    let mut weights: Vec<f64> = (1..=HALF_TAPS)
        .step_by(2)
        .map(|distance| {
            let x = distance as f64;
            let phase = PI * x / (HALF_TAPS as f64 + 1.0);
            let window = 0.42 + 0.5 * phase.cos() + 0.08 * (2.0 * phase).cos();
            (PI * x / 2.0).sin() / (PI * x) * window
        })
        .collect();
    // constant input stays as it is: centre 1/2, all other taps together 1/2
    let sum: f64 = weights.iter().sum();
    weights.iter_mut().for_each(|weight| *weight *= 0.25 / sum);
    let at = |index: Option<usize>| {
        index.and_then(|index| samples.get(index)).map_or(0.0, |&sample| f64::from(sample))
    };
    (0..samples.len())
        .step_by(2)
        .map(|centre| {
            let around = weights.iter().enumerate().map(|(i, weight)| {
                let distance = 2 * i + 1;
                weight * (at(centre.checked_sub(distance)) + at(Some(centre + distance)))
            });
            let sum = 0.5 * at(Some(centre)) + around.sum::<f64>();
            sum.round().clamp(f64::from(i16::MIN), f64::from(i16::MAX)) as i16
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(rate: u32, channels: u16, samples: &[i16]) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: rate,
            bits_per_sample: 16,
            sample_format: SampleFormat::Int,
        };
        let mut file = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut file, spec).expect("in memory");
        samples.iter().for_each(|&s| writer.write_sample(s).expect("in memory"));
        writer.finalize().expect("in memory");
        file.into_inner()
    }

    fn tone(frequency: f64, rate: f64) -> Vec<i16> {
        let sample = |n: i32| (f64::from(n) * frequency / rate * std::f64::consts::TAU).sin();
        (0..3_200).map(|n| (10_000.0 * sample(n)) as i16).collect()
    }

    fn level(samples: &[i16]) -> f64 {
        let middle = &samples[200..samples.len() - 200];
        let power: f64 = middle.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
        (power / middle.len() as f64).sqrt()
    }

    #[test]
    fn telephone_audio_is_read_sample_by_sample() {
        let samples = tone(440.0, 8_000.0);
        assert_eq!(read(&file(8_000, 1, &samples)).expect("right format"), samples);
        assert_eq!(read(&write(&samples).expect("small")).expect("right format"), samples);
    }

    #[test]
    fn wide_audio_keeps_the_telephone_band_and_folds_nothing_into_it() {
        for frequency in [100.0, 1_000.0, 3_000.0, 3_400.0] {
            let halved = read(&file(16_000, 1, &tone(frequency, 16_000.0))).expect("right format");
            let expected = tone(frequency, 8_000.0);
            assert_eq!(halved.len(), 1_600);
            for (index, (is, should)) in halved.iter().zip(&expected).enumerate().skip(100) {
                let is_inner = index < 1_500;
                assert!(!is_inner || (is - should).abs() < 150, "{frequency} Hz at {index}");
            }
        }
        for frequency in [4_700.0, 6_000.0, 7_500.0] {
            let halved = read(&file(16_000, 1, &tone(frequency, 16_000.0))).expect("right format");
            assert!(level(&halved) < 7.1, "{frequency} Hz: less than 60 dB down");
        }
    }

    #[test]
    fn other_files_are_refused_with_what_they_are() {
        let stereo = read(&file(44_100, 2, &[1, 2])).expect_err("not telephone audio");
        assert!(stereo.to_string().starts_with("wav file has 2 channels at 44100 Hz with 16 bits"));
        assert!(matches!(read(&file(8_000, 1, &[])), Err(Error::Empty)));
        assert!(matches!(read(b"RIFF"), Err(Error::Unreadable(_))));
    }
}
