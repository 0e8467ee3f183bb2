//! Calls to customers: the one place where a call is addressed to the trunk, and it takes a permit.

use std::f64::consts::TAU;

use caruso_routing::{NotReached, Permit};
use caruso_sip::sdp::Local;
use caruso_sip::{Call, Caller, Ended, Failure, Target, Trunk};

/// Hops left to a call that nobody else made (RFC 3261 §8.1.1.6).
const HOPS: u8 = 70;
/// Samples a second.
const RATE: usize = 8_000;
/// Frequency and loudness of the tone (ITU-T E.180, the usual one in Europe), out of 32,767.
const TONE: (f64, f64) = (425.0, 4_000.0);
/// Seconds of tone, and of tone and silence together.
const CADENCE: (usize, usize) = (1, 5);

/// The call that a permit allows.
pub(super) fn call(trunk: &Trunk, caller_id: &str, permit: &Permit, local: Local) -> Call {
    Call {
        target: Target::Uri(trunk.target(permit.called())),
        from: Caller { number: caller_id.to_owned(), name: None },
        local,
        headers: Vec::new(),
        max_forwards: HOPS,
        login: trunk.account.clone(),
    }
}

/// What a caller hears while it rings, once.
pub(super) fn ringing_tone() -> Vec<i16> {
    let (tone, whole) = (CADENCE.0 * RATE, CADENCE.1 * RATE);
    let sample = |at: usize| {
        let turn = TAU * TONE.0 * at as f64 / RATE as f64;
        if at < tone { (turn.sin() * TONE.1) as i16 } else { 0 }
    };
    (0..whole).map(sample).collect()
}

/// Why a customer was not reached, from the final status (RFC 3261 §21.4 to §21.6; for what
/// telephone networks mean by it, RFC 3398 §8.2.6.1).
pub(super) fn not_reached(how: Ended) -> NotReached {
    match how {
        Ended::Rejected { code: 486 | 600 } => NotReached::Busy,
        Ended::Rejected { code: 408 | 480 | 487 } => NotReached::NoAnswer,
        Ended::Rejected { code: 401 | 403 | 407 | 433 | 603 | 607 | 608 } => NotReached::Rejected,
        Ended::Rejected { code: 500..=599 } => NotReached::Congestion,
        Ended::Failed(Failure::Unreachable | Failure::Closed) => NotReached::Congestion,
        _ => NotReached::Unreachable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_statuses_become_words_that_agents_know() {
        for (code, expected) in [
            (486, NotReached::Busy),
            (600, NotReached::Busy),
            (480, NotReached::NoAnswer),
            (603, NotReached::Rejected),
            (404, NotReached::Unreachable),
            (484, NotReached::Unreachable),
            (503, NotReached::Congestion),
            (302, NotReached::Unreachable),
        ] {
            assert_eq!(not_reached(Ended::Rejected { code }), expected, "{code}");
        }
        let silent = Ended::Failed(Failure::Unreachable);
        assert_eq!(not_reached(silent), NotReached::Congestion, "the trunk itself is away");
    }

    #[test]
    fn the_ringing_tone_is_a_second_of_sound_and_four_of_silence() {
        let tone = ringing_tone();
        assert_eq!(tone.len(), 40_000);
        assert!(tone[..8_000].iter().any(|it| it.unsigned_abs() > 3_000));
        assert!(tone[8_000..].iter().all(|it| *it == 0));
    }
}
