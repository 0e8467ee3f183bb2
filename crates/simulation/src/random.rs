//! Randomness that is pinned: the same seed gives the same numbers for ever. Everybody has a stream
//! of their own, so that what one draws changes nothing for the others.

use std::time::Duration;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// Random numbers.
#[derive(Clone, Debug)]
pub(crate) struct Random(ChaCha8Rng);

impl Random {
    /// The stream of this number under a seed.
    pub(crate) fn new(seed: u64, stream: u64) -> Self {
        let mut generator = ChaCha8Rng::seed_from_u64(seed);
        generator.set_stream(stream);
        Self(generator)
    }

    /// From 0 up to, not including, 1, of 53 bits.
    pub(crate) fn uniform(&mut self) -> f64 {
        // exact: 53 bits fit
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Exponential with this mean.
    pub(crate) fn exponential(&mut self, mean: Duration) -> Duration {
        // 1 - u is never 0
        seconds(-(1.0 - self.uniform()).ln() * mean.as_secs_f64())
    }

    /// Lognormal with this mean and this coefficient of variation.
    pub(crate) fn lognormal(&mut self, mean: Duration, variation: f64) -> Duration {
        let variance = (1.0 + variation * variation).ln();
        let location = mean.as_secs_f64().max(0.001).ln() - variance / 2.0;
        seconds((location + variance.sqrt() * self.normal()).exp())
    }

    /// Standard normal, by Box and Muller.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.uniform()).ln()).sqrt();
        radius * (2.0 * std::f64::consts::PI * self.uniform()).cos()
    }
}

/// Whole milliseconds, at most a week.
fn seconds(seconds: f64) -> Duration {
    const WEEK: f64 = 604_800.0;
    Duration::from_millis((seconds.clamp(0.0, WEEK) * 1000.0).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_of_a_seed_are_these_for_ever() {
        let mut random = Random::new(42, 7);
        let drawn: Vec<u64> = (0..4).map(|_| (random.uniform() * 1e6) as u64).collect();
        assert_eq!(drawn, [128_506, 326_330, 615_444, 493_831]);
        assert_ne!(Random::new(42, 8).uniform(), Random::new(42, 7).uniform());
        assert_ne!(Random::new(43, 7).uniform(), Random::new(42, 7).uniform());
    }

    #[test]
    fn distributions_have_their_means_and_variations() {
        let mean = Duration::from_secs(180);
        let mut random = Random::new(1, 1);
        let mut draw = |law: fn(&mut Random, Duration) -> Duration| {
            let drawn: Vec<f64> =
                (0..40_000).map(|_| law(&mut random, mean).as_secs_f64()).collect();
            let average = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let squares = drawn.iter().map(|it| (it - average).powi(2)).sum::<f64>();
            (average, (squares / drawn.len() as f64).sqrt() / average)
        };
        let (average, variation) = draw(Random::exponential);
        assert!((average - 180.0).abs() < 4.0 && (variation - 1.0).abs() < 0.03, "{average}");
        let (average, variation) = draw(|random, mean| random.lognormal(mean, 0.6));
        assert!((average - 180.0).abs() < 3.0 && (variation - 0.6).abs() < 0.03, "{average}");
    }
}
