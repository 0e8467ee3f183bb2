//! How long customers wait before they hang up, as a log tells it.
//!
//! Of who hung up the patience is known. Of who was answered it is only known that it was longer:
//! the observation is censored. The estimate of Kaplan and Meier takes both into account: at each
//! wait after which somebody hung up, the share of those who wait on shrinks by
//! *hung up / still waiting then*. Where the longest wait of all was not a hang-up, nothing is
//! known of what comes behind: whoever draws from there never hangs up.

use std::time::Duration;

/// The estimated law of patience.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Patience {
    /// Waits after which somebody hung up, ascending, each with the share that waits on after it.
    steps: Vec<(Duration, f64)>,
}

/// A wait in a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wait {
    /// How long.
    pub length: Duration,
    /// Whether it was over for another reason than that the customer hung up.
    pub is_censored: bool,
}

impl Patience {
    /// The estimate from these waits.
    pub fn estimate(mut waits: Vec<Wait>) -> Self {
        // of those with the same length, who hung up was still there
        waits.sort_unstable();
        let mut steps: Vec<(Duration, f64)> = Vec::new();
        let mut share = 1.0;
        let mut at = 0;
        while at < waits.len() {
            let length = waits[at].length;
            let same = waits[at..].iter().take_while(|it| it.length == length).count();
            let gone = waits[at..at + same].iter().filter(|it| !it.is_censored).count();
            if gone > 0 {
                share *= 1.0 - gone as f64 / (waits.len() - at) as f64;
                steps.push((length, share));
            }
            at += same;
        }
        Self { steps }
    }

    /// The share of customers who wait longer than this.
    pub fn share_waiting(&self, wait: Duration) -> f64 {
        let before = self.steps.partition_point(|(length, _)| *length <= wait);
        before.checked_sub(1).map_or(1.0, |last| self.steps[last].1)
    }

    /// The patience of a customer who has waited so long, for a number from 0 up to, not
    /// including, 1; nothing where they never hang up.
    pub fn beyond(&self, waited: Duration, uniform: f64) -> Option<Duration> {
        // of (0, share], so that nobody falls on a share of none before the last step
        let drawn = self.share_waiting(waited) * (1.0 - uniform);
        let first = self.steps.partition_point(|(_, share)| *share >= drawn);
        self.steps.get(first).map(|(length, _)| *length)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(of: &[(u64, bool)]) -> Vec<Wait> {
        let wait = |(seconds, is_censored): &(u64, bool)| Wait {
            length: Duration::from_secs(*seconds),
            is_censored: *is_censored,
        };
        of.iter().map(wait).collect()
    }

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_estimate_is_that_of_kaplan_and_meier() {
        // remission of leukaemia, group 6-MP, as Freireich and others give it (1963), whose
        // estimate stands in textbooks
        let group = [
            (6, false),
            (6, false),
            (6, false),
            (6, true),
            (7, false),
            (9, true),
            (10, false),
            (10, true),
            (11, true),
            (13, false),
            (16, false),
            (17, true),
            (19, true),
            (20, true),
            (22, false),
            (23, false),
            (25, true),
            (32, true),
            (32, true),
            (34, true),
            (35, true),
        ];
        let patience = Patience::estimate(waits(&group));
        for (wait, share) in [
            (5, 1.0),
            (6, 0.8571),
            (7, 0.8067),
            (10, 0.7529),
            (13, 0.6902),
            (16, 0.6275),
            (22, 0.5378),
            (23, 0.4482),
            (60, 0.4482),
        ] {
            assert!((patience.share_waiting(seconds(wait)) - share).abs() < 5e-5, "{wait}");
        }
    }

    #[test]
    fn who_waited_is_more_patient_than_that_and_the_tail_never_hangs_up() {
        let patience =
            Patience::estimate(waits(&[(10, false), (20, false), (30, false), (40, true)]));
        let drawn = |waited: u64, uniform| patience.beyond(seconds(waited), uniform);
        assert_eq!(drawn(0, 0.0), Some(seconds(10)));
        assert_eq!(drawn(0, 0.24), Some(seconds(10)));
        assert_eq!(drawn(0, 0.26), Some(seconds(20)));
        assert_eq!(drawn(0, 0.76), None);
        assert_eq!(drawn(10, 0.0), Some(seconds(20)));
        assert_eq!(drawn(20, 0.49), Some(seconds(30)));
        assert_eq!(drawn(20, 0.51), None);
        assert_eq!(drawn(30, 0.0), None);
        assert_eq!(Patience::default().beyond(seconds(0), 0.5), None);
        let all = Patience::estimate(waits(&[(10, false), (20, false)]));
        assert_eq!(all.beyond(seconds(10), 0.999), Some(seconds(20)));
    }
}
