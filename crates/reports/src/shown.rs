//! How a value reads, the same wherever it is shown.

use caruso_metrics::{Dimension, Value};

/// What a total's row is called.
pub(crate) const TOTAL: &str = "Total";

/// Seconds of milliseconds, rounded half up.
pub fn seconds(millis: u64) -> u64 {
    millis.saturating_add(500) / 1000
}

/// For people: `12`, `0:42`, `1:02:03`, `78.0 %`, and a dash for nothing.
pub fn text(value: Value) -> String {
    match value {
        Value::Nothing => "–".to_owned(),
        Value::Count(count) => count.to_string(),
        Value::Millis(millis) => clock(seconds(millis)),
        Value::PerMille(share) => format!("{} %", tenths(share)),
    }
}

/// For programs: a number in the unit of its column; empty for nothing.
pub fn number(value: Value) -> String {
    match value {
        Value::Nothing => String::new(),
        Value::Count(count) => count.to_string(),
        Value::Millis(millis) => seconds(millis).to_string(),
        Value::PerMille(share) => tenths(share),
    }
}

fn tenths(share: u64) -> String {
    format!("{}.{}", share / 10, share % 10)
}

fn clock(seconds: u64) -> String {
    let (hours, minutes, rest) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match hours {
        0 => format!("{minutes}:{rest:02}"),
        _ => format!("{hours}:{minutes:02}:{rest:02}"),
    }
}

/// What people call a dimension.
pub fn dimension(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Queue => "Queue",
        Dimension::Agent => "Agent",
        Dimension::Team => "Team",
        Dimension::Channel => "Channel",
    }
}
