//! Sounds to speak, and what was heard: samples of 8,000 a second, signed 16 bit.

/// Samples in a second.
pub const RATE: u32 = 8_000;
/// Root of the mean square above which there is sound and not only noise.
pub const AUDIBLE: f64 = 200.0;
/// Loudness of our tones, at the peak.
const PEAK: f64 = 8_000.0;
/// 20 ms.
const FRAME: usize = 160;

/// A sine.
pub fn tone(hertz: u32, seconds: u32) -> Vec<i16> {
    let step = std::f64::consts::TAU * f64::from(hertz) / f64::from(RATE);
    let sample = |n: u32| (f64::from(n) * step).sin() * PEAK;
    #[expect(clippy::cast_possible_truncation, reason = "the peak is far below the largest")]
    let samples = (0..seconds * RATE).map(|n| sample(n) as i16).collect();
    samples
}

/// Root of the mean square.
pub fn level(samples: &[i16]) -> f64 {
    (energy(samples) / length(samples)).sqrt()
}

/// How many seconds of it are audible.
pub fn audible_seconds(samples: &[i16]) -> f64 {
    let audible = samples.chunks(FRAME).filter(|frame| level(frame) > AUDIBLE).count();
    f64::from(u32::try_from(audible).unwrap_or(u32::MAX)) / 50.0
}

/// Share of the energy that a tone has, 0 to 1 (Goertzel's algorithm).
pub fn share(samples: &[i16], hertz: u32) -> f64 {
    let energy = energy(samples);
    if energy == 0.0 {
        return 0.0;
    }
    let angle = std::f64::consts::TAU * f64::from(hertz) / f64::from(RATE);
    let coefficient = 2.0 * angle.cos();
    let (mut before, mut last) = (0.0_f64, 0.0_f64);
    for sample in samples {
        (before, last) = (last, f64::from(*sample) + coefficient * last - before);
    }
    let power = last * last + before * before - coefficient * last * before;
    power * 2.0 / (length(samples) * energy)
}

/// Whether the last second is mostly this tone.
pub fn ends_with_tone(samples: &[i16], hertz: u32) -> bool {
    let second = RATE as usize;
    let start = samples.len().checked_sub(second);
    start.is_some_and(|start| {
        let last = &samples[start..];
        level(last) > AUDIBLE && share(last, hertz) > 0.5
    })
}

fn energy(samples: &[i16]) -> f64 {
    samples.iter().map(|sample| f64::from(*sample).powi(2)).sum()
}

fn length(samples: &[i16]) -> f64 {
    f64::from(u32::try_from(samples.len().max(1)).unwrap_or(u32::MAX))
}
