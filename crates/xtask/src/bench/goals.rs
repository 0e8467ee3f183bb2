//! What is measured, by which benchmark, and what it is to reach.

mod objects;
mod registry;

use Goal::{AtLeast, AtMost, Open};

/// The disk's own flush, printed beside durable figures.
pub(super) const DISK: &str = "disk.fsync_ms";

/// A part of the system.
pub(super) struct Area {
    pub(super) name: &'static str,
    /// Package, benchmark and its arguments, for each benchmark.
    pub(super) benches: &'static [&'static [&'static str]],
    pub(super) figures: &'static [Figure],
}

/// One figure.
pub(super) struct Figure {
    /// As the benchmark calls it.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    pub(super) goal: Goal,
}

/// What a figure is to reach.
#[derive(Clone, Copy)]
pub(super) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// Told for comparison only.
    Open,
}

impl Goal {
    pub(super) fn verdict(self, value: f64) -> &'static str {
        match self {
            AtMost(goal) if value <= goal => "met",
            AtLeast(goal) if value >= goal => "met",
            Open => "",
            AtMost(_) | AtLeast(_) => "**missed**",
        }
    }

    pub(super) fn in_words(self, unit: &str) -> String {
        match self {
            AtMost(goal) => format!("≤ {goal} {unit}"),
            AtLeast(goal) => format!("≥ {goal} {unit}"),
            Open => String::new(),
        }
    }
}

const fn figure(key: &'static str, title: &'static str, unit: &'static str, goal: Goal) -> Figure {
    Figure { key, title, unit, goal }
}

/// All areas.
pub(super) const AREAS: &[Area] = &[
    Area {
        name: "resolve",
        benches: &[&["caruso-service-manager", "--bench", "resolve"]],
        figures: &[
            figure("resolve.cached_ns", "cached resolve in the SDK, CPU", "ns", AtMost(20.0)),
            figure("resolve.remote_us", "resolve by a call, one at a time", "µs", Open),
            figure("resolve.remote_cpu_us", "its CPU, both sides", "µs", Open),
            figure("resolve.certified_us", "the same over mutual TLS", "µs", Open),
            figure("resolve.certified_cpu_us", "its CPU, both sides", "µs", Open),
            figure("resolve.handshake_cpu_us", "one handshake, CPU of both sides", "µs", Open),
        ],
    },
    Area {
        name: "registry",
        benches: &[&["caruso-service-manager", "--bench", "registry"]],
        figures: registry::FIGURES,
    },
    Area {
        name: "dialogue",
        benches: &[
            &["caruso-dialogue", "--bench", "step"],
            &["caruso-script-engine", "--bench", "step"],
        ],
        figures: &[
            figure("dialogue.step_us", "step in memory, of 50", "µs", AtMost(1.0)),
            figure("dialogue.first_step_us", "the first of 50", "µs", Open),
            figure("dialogue.last_step_us", "the last of 50", "µs", Open),
            figure("dialogue.xstate_step_us", "the same with xstate", "µs", Open),
            figure("dialogue.xstate_steps", "xstate ÷ ours, a step", "×", AtLeast(20.0)),
            figure("dialogue.change_us", "an early answer of 50 changed", "µs", AtMost(1.0)),
            figure("dialogue.xstate_change_us", "the same with xstate", "µs", Open),
            figure("dialogue.xstate_changes", "xstate ÷ ours, a change", "×", AtLeast(20.0)),
            figure("dialogue.view_us", "the view of a session of 50 answers", "µs", Open),
            figure("dialogue.replay_us", "its state from its events", "µs", Open),
            figure("dialogue.check_200_ms", "a script of 200 steps checked", "ms", AtMost(200.0)),
            figure("dialogue.check_5000_ms", "one of 5,000", "ms", AtMost(2_000.0)),
            figure("dialogue.live_session_kb", "memory of a session in use", "kB", Open),
            figure("dialogue.xstate_actor_kb", "of an actor of xstate", "kB", Open),
            figure("dialogue.resting_session_kb", "of a session that rests", "kB", AtMost(1.0)),
            figure("dialogue.resume_ms", "a session comes back from the disk", "ms", AtMost(1.0)),
            figure(
                "dialogue.durable_per_second",
                "durable steps, 200 sessions",
                "a second",
                AtLeast(3_000.0),
            ),
            figure("dialogue.durable_p99_ms", "a durable step, 99 of 100", "ms", Open),
        ],
    },
    Area {
        name: "routing",
        benches: &[&["caruso-routing", "--bench", "decide"]],
        figures: &[
            figure("routing.freed_180_us", "an agent of 180 is free, 60 wait", "µs", AtMost(5.0)),
            figure("routing.arriving_180_us", "a caller comes, 180 ready", "µs", AtMost(5.0)),
            figure("routing.freed_10000_us", "the same of 10,000", "µs", AtMost(50.0)),
            figure("routing.arriving_10000_us", "the same, 10,000 ready", "µs", AtMost(50.0)),
        ],
    },
    Area {
        name: "journal",
        benches: &[&["caruso-journal", "--bench", "append"]],
        figures: &[
            figure("journal.events_1", "events durable, one writer", "a second", Open),
            figure("journal.events_200", "events durable, 200 writers", "a second", Open),
            figure("journal.group_200", "events of one commit, 200 writers", "", Open),
        ],
    },
    Area {
        name: "media",
        benches: &[&["caruso-media", "--bench", "relay"]],
        figures: &[
            figure("media.bridged_percent", "a bridged call of 180", "% of a core", AtMost(0.1)),
            figure("media.crossing_percent", "the same, codecs differ", "% of a core", AtMost(0.1)),
            figure("media.lost", "packets lost at 180 calls", "", AtMost(0.0)),
            figure("media.call_kb", "memory of a bridged call", "kB", AtMost(78.0)),
            figure(
                "media.music_percent",
                "a listener to music of 180",
                "% of a core",
                AtMost(0.05),
            ),
        ],
    },
    Area {
        name: "objects",
        benches: &[&["caruso-storage-manager", "--bench", "objects"]],
        figures: objects::FIGURES,
    },
    Area {
        name: "calls",
        benches: &[
            &["caruso", "--bench", "system", "--", "calls"],
            &["caruso", "--bench", "system", "--", "rate"],
        ],
        figures: CALLS,
    },
    Area {
        name: "sip",
        benches: &[&["caruso-sip", "--bench", "calls"]],
        figures: &[figure("sip.call_cpu_ms", "answered and hung up, CPU", "ms", AtMost(0.6))],
    },
    Area {
        name: "load",
        benches: &[&["caruso", "--bench", "system", "--", "load"]],
        figures: &[
            figure("load.failed", "calls failed: 180 agents, 5 a second", "", AtMost(0.0)),
            figure("load.lost", "calls lost to the records", "", AtMost(0.0)),
            figure("load.misrouted", "overtaken, offered twice or to the busy", "", AtMost(0.0)),
            figure("load.cpu_ms", "a call of half a minute with sound, CPU", "ms", Open),
            figure("load.rss_mb", "memory of all", "MB", AtMost(200.0)),
        ],
    },
    Area {
        name: "idle",
        benches: &[&["caruso", "--bench", "system", "--", "idle"]],
        figures: &[
            figure("idle.start_s", "from exec to serving", "s", AtMost(3.0)),
            figure("idle.rss_mb", "memory with 4 agents", "MB", AtMost(100.0)),
            figure("idle.cpu_percent", "CPU with 4 agents", "% of a core", AtMost(1.0)),
        ],
    },
];

/// Calls through the whole system. The goals of CPU and memory are a sixth of what Asterisk's
/// app_queue took (9 ms, 470 kB), and those of the pages on media.
const CALLS: &[Figure] = &[
    figure("calls.cpu_ms", "a call: menu, queue, agent, journal; CPU", "ms", AtMost(1.5)),
    figure("calls.waiting_percent", "waiting with music", "% of a core", AtMost(0.05)),
    figure("calls.talking_percent", "talking, sound relayed", "% of a core", AtMost(0.1)),
    figure("calls.waiting_kb", "memory of a waiting call", "kB", Open),
    figure("calls.connected_kb", "memory of a connected call", "kB", AtMost(78.0)),
    figure("calls.rss_mb", "memory of all, most calls connected", "MB", AtMost(200.0)),
    figure("calls.freed_p50_ms", "agent free to next phone rings, half", "ms", Open),
    figure("calls.freed_p95_ms", "the same, 95 of 100", "ms", AtMost(5.0)),
    figure("rate.calls_a_second", "the most before one fails", "calls a second", Open),
    figure("calls.failed", "calls failed", "", AtMost(0.0)),
    figure("calls.overtaken", "callers overtaken", "", AtMost(0.0)),
    figure("calls.to_busy", "offers to a busy agent", "", AtMost(0.0)),
    figure("calls.twice", "callers answered by two agents", "", AtMost(0.0)),
];
