//! How many messages one source, and all strangers together, may send.
//!
//! A token bucket for each source address, and one for all. The table of sources is bounded:
//! when it is full, the sources whose buckets are full again are forgotten (once a second, since
//! looking through the table costs more than a message), and until then new sources share the
//! common bucket only.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Most sources remembered.
const MAX_SOURCES: usize = 4096;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Bucket {
    fn take(&mut self, per_second: u32, now: Instant) -> bool {
        let gone = now.saturating_duration_since(self.filled).as_secs_f64();
        let size = capacity(per_second);
        self.tokens = (self.tokens + gone * f64::from(per_second)).min(size);
        self.filled = now;
        let granted = self.tokens >= 1.0;
        if granted {
            self.tokens -= 1.0;
        }
        granted
    }
}

/// A bucket holds two seconds' worth.
fn capacity(per_second: u32) -> f64 {
    f64::from(per_second) * 2.0
}

/// The limiter. Rates are in messages a second.
#[derive(Debug)]
pub(crate) struct RateLimit {
    per_source: u32,
    all: u32,
    common: Bucket,
    sources: BTreeMap<IpAddr, Bucket>,
    cleared: Instant,
}

impl RateLimit {
    pub(crate) fn new(per_source: u32, all: u32, now: Instant) -> Self {
        let common = Bucket { tokens: capacity(all), filled: now };
        Self { per_source, all, common, sources: BTreeMap::new(), cleared: now }
    }

    /// Whether a message from there may be looked at.
    pub(crate) fn is_allowed(&mut self, source: IpAddr, now: Instant) -> bool {
        if !self.sources.contains_key(&source) {
            self.make_room(now);
            if self.sources.len() < MAX_SOURCES {
                let bucket = Bucket { tokens: capacity(self.per_source), filled: now };
                self.sources.insert(source, bucket);
            }
        }
        let own = match self.sources.get_mut(&source) {
            Some(bucket) => bucket.take(self.per_source, now),
            None => true,
        };
        own && self.common.take(self.all, now)
    }

    fn make_room(&mut self, now: Instant) {
        let is_due = now.saturating_duration_since(self.cleared) >= Duration::from_secs(1);
        if self.sources.len() == MAX_SOURCES && is_due {
            self.cleared = now;
            let full_again = Duration::from_secs(2);
            self.sources.retain(|_, b| now.saturating_duration_since(b.filled) < full_again);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_stopped_at_its_rate_and_goes_on_later() {
        let start = Instant::now();
        let mut limit = RateLimit::new(10, 1000, start);
        let source = IpAddr::from([192, 0, 2, 1]);
        let granted = (0..100).filter(|_| limit.is_allowed(source, start)).count();
        assert_eq!(granted, 20);
        let later = start + Duration::from_secs(1);
        let granted = (0..100).filter(|_| limit.is_allowed(source, later)).count();
        assert_eq!(granted, 10);
    }

    #[test]
    fn many_sources_share_the_common_rate_and_the_table_stays_bounded() {
        let start = Instant::now();
        let mut limit = RateLimit::new(10, 100, start);
        let sources = (0..100_000_u32).map(|n| IpAddr::from(n.to_be_bytes()));
        let granted = sources.filter(|source| limit.is_allowed(*source, start)).count();
        assert_eq!(granted, 200);
        assert!(limit.sources.len() <= MAX_SOURCES);
    }
}
