//! How often strangers may do what costs something.

use std::collections::HashMap;
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Turns are counted within this time.
const WINDOW: Duration = Duration::from_secs(3600);

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Turn {
    /// A session is started.
    Start,
    /// An answer is sent.
    Answer,
}

/// How often, in an hour.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Sessions that one address starts.
    pub(crate) starts: u32,
    /// Answers that one address sends.
    pub(crate) answers: u32,
    /// Sessions that all start together.
    pub(crate) all_starts: u32,
    /// Addresses that are remembered.
    pub(crate) addresses: usize,
}

impl Default for Limits {
    /// Enough for an office behind one address, and for a day on which everybody comes.
    fn default() -> Self {
        Self { starts: 30, answers: 1_500, all_starts: 3_000, addresses: 20_000 }
    }
}

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    starts: u32,
    answers: u32,
}

/// Counts turns by address, within windows of an hour.
#[derive(Debug)]
pub(crate) struct Counter {
    limits: Limits,
    since: Instant,
    starts: u32,
    by_address: HashMap<IpAddr, Counts>,
}

impl Counter {
    pub(crate) fn new(limits: Limits, now: Instant) -> Self {
        Self { limits, since: now, starts: 0, by_address: HashMap::new() }
    }

    /// Whether it is this address's turn; counted if it is.
    pub(crate) fn takes(&mut self, address: IpAddr, turn: Turn, now: Instant) -> bool {
        if now.duration_since(self.since) >= WINDOW {
            *self = Self::new(self.limits, now);
        }
        let address = network(address);
        let is_full = self.by_address.len() >= self.limits.addresses;
        if is_full && !self.by_address.contains_key(&address) {
            // whoever has so many addresses does not keep others out; what all start is counted
            self.by_address.clear();
        }
        let counts = self.by_address.entry(address).or_default();
        match turn {
            Turn::Start => {
                let is_free =
                    counts.starts < self.limits.starts && self.starts < self.limits.all_starts;
                counts.starts += u32::from(is_free);
                self.starts += u32::from(is_free);
                is_free
            }
            Turn::Answer => {
                let is_free = counts.answers < self.limits.answers;
                counts.answers += u32::from(is_free);
                is_free
            }
        }
    }
}

/// Whoever has an IPv6 address has all of its /64.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn an_address_has_its_turns_each_hour_and_all_together_have_theirs() {
        let limits = Limits { starts: 2, answers: 1, all_starts: 3, addresses: 3 };
        let now = Instant::now();
        let mut counter = Counter::new(limits, now);
        let (one, two) = (address("192.0.2.1"), address("192.0.2.2"));
        let mut starts = |who, now| counter.takes(who, Turn::Start, now);
        assert_eq!([starts(one, now), starts(one, now), starts(one, now)], [true, true, false]);
        assert_eq!([starts(two, now), starts(two, now)], [true, false], "all have had theirs");
        assert!(counter.takes(one, Turn::Answer, now) && !counter.takes(one, Turn::Answer, now));
        assert!(counter.takes(one, Turn::Start, now + WINDOW), "an hour later");
    }

    #[test]
    fn no_more_addresses_are_remembered_than_there_is_room_for() {
        let limits = Limits { addresses: 1, answers: 2, ..Limits::default() };
        let now = Instant::now();
        let mut counter = Counter::new(limits, now);
        assert!(counter.takes(address("2001:db8::1"), Turn::Answer, now));
        assert!(counter.takes(address("2001:db8::ffff:1"), Turn::Answer, now), "the same /64");
        assert!(!counter.takes(address("2001:db8::1"), Turn::Answer, now));
        assert!(counter.takes(address("2001:db8:0:1::1"), Turn::Answer, now), "nobody is kept out");
        assert_eq!(counter.by_address.len(), 1);
        assert_eq!(network(address("::ffff:192.0.2.1")), address("192.0.2.1"));
    }
}
