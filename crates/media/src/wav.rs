//! WAV files as telephone audio: 8 kHz, mono, 16 bit.

use std::io::Cursor;
use std::ops::RangeInclusive;

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};
use rubato::audioadapter_buffers::direct::SequentialSliceOfVecs;
use rubato::audioadapter_buffers::owned::InterleavedOwned;
use rubato::{Async, FixedAsync, Resampler as _, SincInterpolationParameters, WindowFunction};

/// Samples a second of everything in this crate.
pub const RATE: u32 = 8_000;

/// The lowest and the highest rate that is brought to [`RATE`].
const RATES: RangeInclusive<u32> = RATE..=48_000;
/// Length of the low pass, in milliseconds.
const FILTER: usize = 16;
/// Samples that are brought to another rate at a time.
const CHUNK: usize = 1_024;

/// Why a WAV file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not a WAV file, or cut off.
    #[error("not a readable wav file")]
    Unreadable(#[source] hound::Error),
    /// A WAV file of another kind.
    #[error(
        "wav file has {channels} channels at {rate} Hz with {bits} bits{float}; \
         wanted: 1 channel at 8000 to 48000 Hz with 16 bits"
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
    /// Its audio cannot be brought to 8 kHz.
    #[error("wav file cannot be brought to 8000 Hz: {0}")]
    Rate(String),
    /// No samples at all.
    #[error("wav file is empty")]
    Empty,
}

/// Reads a WAV file: mono, 16 bit, at 8 kHz, or at up to 48 kHz, which is brought to 8 kHz.
///
/// # Errors
/// When it is no WAV file, of another kind, or empty.
pub fn read(bytes: &[u8]) -> Result<Vec<i16>, Error> {
    let mut reader = WavReader::new(Cursor::new(bytes)).map_err(Error::Unreadable)?;
    let spec = reader.spec();
    let is_known = spec.channels == 1
        && spec.bits_per_sample == 16
        && spec.sample_format == SampleFormat::Int
        && RATES.contains(&spec.sample_rate);
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
    if spec.sample_rate == RATE { Ok(samples) } else { resampled(&samples, spec.sample_rate) }
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

/// The audio at [`RATE`] after a low pass. Its delay is taken out.
fn resampled(samples: &[i16], rate: u32) -> Result<Vec<i16>, Error> {
    let full = f64::from(i16::MAX) + 1.0;
    let input: Vec<f64> = samples.iter().map(|&sample| f64::from(sample) / full).collect();
    let ratio = f64::from(RATE) / f64::from(rate);
    let taps = FILTER * rate as usize / 1_000;
    let filter = SincInterpolationParameters::new(taps, WindowFunction::BlackmanHarris2);
    let output = Async::new_sinc(ratio, 1.0, &filter, CHUNK, 1, FixedAsync::Input)
        .map_err(|error| error.to_string())
        .and_then(|mut resampler| {
            let input = SequentialSliceOfVecs::new(std::slice::from_ref(&input), 1, input.len());
            let input = input.map_err(|error| error.to_string())?;
            let output = resampler.process_all(&input, samples.len(), None);
            output.map(InterleavedOwned::take_data).map_err(|error| error.to_string())
        });
    let scaled = |sample: f64| (sample * full).round().clamp(-full, full - 1.0) as i16;
    Ok(output.map_err(Error::Rate)?.into_iter().map(scaled).collect())
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
        let middle = &samples[100..samples.len() - 100];
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
        for rate in [16_000, 22_050, 48_000] {
            let wide = |frequency| file(rate, 1, &tone(frequency, f64::from(rate)));
            for frequency in [100.0, 1_000.0, 3_000.0, 3_400.0] {
                let narrow = read(&wide(frequency)).expect("right format");
                let expected = (3_200.0 * 8_000.0 / f64::from(rate)).ceil();
                assert_eq!(narrow.len() as f64, expected, "{rate}");
                let share = level(&narrow) / level(&tone(frequency, 8_000.0));
                assert!((0.98..1.02).contains(&share), "{frequency} Hz of {rate}: {share}");
            }
            for frequency in [4_700.0, 6_000.0, 7_500.0] {
                let narrow = read(&wide(frequency)).expect("right format");
                assert!(level(&narrow) < 7.1, "{frequency} Hz of {rate}: less than 60 dB down");
            }
        }
    }

    #[test]
    fn other_files_are_refused_with_what_they_are() {
        let stereo = read(&file(44_100, 2, &[1, 2])).expect_err("not telephone audio");
        assert!(stereo.to_string().starts_with("wav file has 2 channels at 44100 Hz with 16 bits"));
        let slow = read(&file(6_000, 1, &[1, 2])).expect_err("too slow");
        assert!(slow.to_string().starts_with("wav file has 1 channels at 6000 Hz"));
        assert!(matches!(read(&file(8_000, 1, &[])), Err(Error::Empty)));
        assert!(matches!(read(b"RIFF"), Err(Error::Unreadable(_))));
    }
}
