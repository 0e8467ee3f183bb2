//! Nonces that carry their own proof, so that a challenge costs no memory (RFC 7616 §3.3).
//!
//! A nonce is the time of its making and a keyed hash over it. Only nonces that were used with
//! the right secret are remembered, with the highest count seen, until they expire.

use super::digest::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// How long a nonce is good.
const LIFE: Duration = Duration::from_secs(120);
/// Most nonces in use; beyond it the oldest is forgotten, and its phone challenged again.
const MAX_IN_USE: usize = 4096;

/// What a nonce in a response is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Worth {
    Good,
    /// Ours, but expired or replayed: challenge again with `stale=true`.
    Stale,
    /// Not ours.
    Forged,
}

/// The nonces of one endpoint.
#[derive(Debug)]
pub(crate) struct Nonces {
    key: [u8; 32],
    start: Instant,
    issued: u64,
    /// Highest count used, by nonce; a nonce begins with its time, so the first is the oldest.
    used: BTreeMap<String, u32>,
}

impl Nonces {
    pub(crate) fn new(key: [u8; 32], start: Instant) -> Self {
        Self { key, start, issued: 0, used: BTreeMap::new() }
    }

    /// A fresh nonce.
    pub(crate) fn issue(&mut self, now: Instant) -> String {
        self.issued = self.issued.wrapping_add(1);
        let millis = now.saturating_duration_since(self.start).as_millis();
        let front = format!("{millis:012x}{:08x}", self.issued & 0xffff_ffff);
        let proof = self.proof(&front);
        front + &proof
    }

    /// Judges a nonce and its count; a good count is used up by [`Nonces::spend`].
    pub(crate) fn judge(&self, nonce: &str, count: u32, now: Instant) -> Worth {
        let Some((front, proof)) = nonce.split_at_checked(20) else { return Worth::Forged };
        if proof != self.proof(front) {
            return Worth::Forged;
        }
        let Some(Ok(millis)) = front.get(..12).map(|text| u64::from_str_radix(text, 16)) else {
            return Worth::Forged;
        };
        let age = now.saturating_duration_since(self.start + Duration::from_millis(millis));
        let last = self.used.get(nonce).copied().unwrap_or(0);
        if age > LIFE || count <= last { Worth::Stale } else { Worth::Good }
    }

    /// Remembers that this count was used with the right secret.
    pub(crate) fn spend(&mut self, nonce: &str, count: u32, now: Instant) {
        let age = now.saturating_duration_since(self.start);
        let oldest = format!("{:012x}", age.saturating_sub(LIFE).as_millis());
        self.used = self.used.split_off(&oldest);
        if self.used.len() >= MAX_IN_USE {
            self.used.pop_first();
        }
        self.used.insert(nonce.to_owned(), count);
    }

    /// HMAC-SHA-256 (RFC 2104) over the front, cut to 128 bits.
    fn proof(&self, front: &str) -> String {
        let pad = |byte: u8| {
            let mut block = [byte; 64];
            for (place, key) in block.iter_mut().zip(self.key) {
                *place ^= key;
            }
            block
        };
        let inner = Sha256::new().chain_update(pad(0x36)).chain_update(front).finalize();
        let outer = Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize();
        hex(outer.get(..16).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nonce_is_good_once_for_each_count_until_it_expires() {
        let start = Instant::now();
        let mut nonces = Nonces::new([7; 32], start);
        let nonce = nonces.issue(start);
        assert_eq!(nonces.judge(&nonce, 1, start), Worth::Good);
        nonces.spend(&nonce, 1, start);
        assert_eq!(nonces.judge(&nonce, 1, start), Worth::Stale);
        assert_eq!(nonces.judge(&nonce, 2, start), Worth::Good);
        let late = start + LIFE + Duration::from_secs(1);
        assert_eq!(nonces.judge(&nonce, 2, late), Worth::Stale);
        let other = nonces.issue(late);
        nonces.spend(&other, 1, late);
        assert_eq!(nonces.used.len(), 1);
    }

    #[test]
    fn a_nonce_of_somebody_else_is_forged() {
        let start = Instant::now();
        let mut nonces = Nonces::new([7; 32], start);
        let mut others = Nonces::new([8; 32], start);
        for nonce in [others.issue(start), String::new(), "é".repeat(40), "0".repeat(52)] {
            assert_eq!(nonces.judge(&nonce, 1, start), Worth::Forged);
        }
        for _ in 0..MAX_IN_USE + 10 {
            let nonce = nonces.issue(start);
            nonces.spend(&nonce, 1, start);
        }
        assert_eq!(nonces.used.len(), MAX_IN_USE);
    }
}
