//! The directory, beside etcd as Debian has it (3.4).
//!
//! The goals of registration and propagation were set against etcd 3.5, which takes less CPU time
//! for some of them.

use super::Goal::{AtMost, Open};
use super::{Figure, figure};

pub(super) const FIGURES: &[Figure] = &[
    figure("registry.resolve_us", "resolve of 3 offers, CPU of the manager", "µs", Open),
    figure("registry.certified_resolve_us", "the same over mutual TLS", "µs", Open),
    figure("registry.etcd_resolve_us", "a range of 3 keys, CPU of etcd", "µs", Open),
    figure("registry.resolves", "ours ÷ etcd, a resolve", "×", AtMost(0.4)),
    figure("registry.session_us", "new session with an offer, CPU of the manager", "µs", Open),
    figure("registry.etcd_session_us", "new lease with a key, CPU of etcd", "µs", Open),
    figure("registry.sessions", "ours ÷ etcd, a session", "×", AtMost(0.3)),
    figure("registry.offer_us", "offer changed in a session, CPU of the manager", "µs", Open),
    figure("registry.etcd_offer_us", "key changed under a lease, CPU of etcd", "µs", Open),
    figure("registry.offers", "ours ÷ etcd, an offer", "×", AtMost(0.3)),
    figure("registry.beat_us", "heartbeat, CPU of the manager", "µs", AtMost(10.0)),
    figure("registry.etcd_beat_us", "the same, CPU of etcd", "µs", Open),
    figure("registry.last_1_p50_ms", "change at its only watcher, half", "ms", Open),
    figure("registry.etcd_last_1_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.last_1_p99_ms", "99 of 100", "ms", Open),
    figure("registry.etcd_last_1_p99_ms", "the same with etcd", "ms", Open),
    figure("registry.writer_1_p50_ms", "answer to its writer, half", "ms", Open),
    figure("registry.etcd_writer_1_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.last_100_p50_ms", "change at the last of 100, half", "ms", Open),
    figure("registry.etcd_last_100_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.last_100_p99_ms", "99 of 100", "ms", Open),
    figure("registry.etcd_last_100_p99_ms", "the same with etcd", "ms", Open),
    figure("registry.writer_100_p50_ms", "answer to its writer, half", "ms", Open),
    figure("registry.etcd_writer_100_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.last_1000_p50_ms", "change at the last of 1,000, half", "ms", Open),
    figure("registry.etcd_last_1000_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.last_1000_p99_ms", "99 of 100", "ms", Open),
    figure("registry.etcd_last_1000_p99_ms", "the same with etcd", "ms", Open),
    figure("registry.lasts", "ours ÷ etcd, 99 of 100", "×", AtMost(0.5)),
    figure("registry.writer_1000_p50_ms", "answer to its writer, half", "ms", Open),
    figure("registry.etcd_writer_1000_p50_ms", "the same with etcd", "ms", Open),
    figure("registry.writers", "ours with 1,000 watchers ÷ with one", "×", AtMost(1.5)),
    figure("registry.resident_mb", "memory with 50,000 offers, 8,334 sessions open", "MB", Open),
    figure("registry.etcd_resident_mb", "etcd with 50,000 keys, nobody connected", "MB", Open),
    figure("registry.residents", "ours ÷ etcd, memory", "×", AtMost(0.5)),
];
