//! Figures of a day under two configurations, side by side.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use caruso_simulation::{Row, Tally, WhatIf};
use serde_json::{Value, json};

use crate::Format;

/// How a figure is written, and which way is better is not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    /// Hundredths of a per cent.
    BasisPoints,
    Millis,
}

/// A figure by its name in JSON and for people.
type Figure = (&'static str, &'static str, Unit);

const FIGURES: [Figure; 9] = [
    ("offered", "offered", Unit::Count),
    ("answered", "answered", Unit::Count),
    ("abandoned", "abandoned", Unit::Count),
    ("flowed_out", "flowed out", Unit::Count),
    ("still_waiting", "still waiting", Unit::Count),
    ("service_level_basis_points", "service level %", Unit::BasisPoints),
    ("average_wait_milliseconds", "average wait s", Unit::Millis),
    ("wait_of_90_percent_milliseconds", "90 % answered within s", Unit::Millis),
    ("longest_wait_milliseconds", "longest wait s", Unit::Millis),
];
const OCCUPANCY: Figure = ("occupancy_basis_points", "occupancy %", Unit::BasisPoints);

/// The comparison for people or programs.
pub(super) fn shown(told: &WhatIf, threshold: u64, format: Format) -> String {
    match format {
        Format::Text => text(told, threshold),
        Format::Json => document(told, threshold).to_string(),
    }
}

/// The figures of a row, in the order of [`FIGURES`].
fn figures(row: &Row) -> [Option<i64>; 9] {
    let count = |count: u32| Some(i64::from(count));
    let millis = |it: Duration| i64::try_from(it.as_millis()).unwrap_or(i64::MAX);
    [
        count(row.offered),
        count(row.answered),
        count(row.abandoned),
        count(row.flowed_out),
        count(row.still_waiting),
        row.service_level_basis_points.map(i64::from),
        row.average_wait.map(millis),
        row.wait_of_90_percent.map(millis),
        Some(millis(row.longest_wait)),
    ]
}

fn occupancy(tally: &Tally) -> Option<i64> {
    tally.occupancy_basis_points.map(i64::from)
}

/// Each queue of either side with both rows; one in which nobody was has zeros.
fn queues(told: &WhatIf) -> Vec<(String, Row, Row)> {
    let names: BTreeSet<_> = told.old.queues.keys().chain(told.new.queues.keys()).collect();
    let row = |tally: &Tally, queue| tally.queues.get(queue).cloned().unwrap_or_default();
    let both = |queue| (format!("{queue}"), row(&told.old, queue), row(&told.new, queue));
    names.into_iter().map(both).collect()
}

fn difference(old: Option<i64>, new: Option<i64>) -> Option<i64> {
    old.zip(new).map(|(old, new)| new - old)
}

fn text(told: &WhatIf, threshold: u64) -> String {
    let mut text = String::new();
    for (queue, old, new) in queues(told) {
        block(&mut text, &format!("queue {queue}"), &old, &new);
    }
    block(&mut text, "all queues", &told.old.all, &told.new.all);
    line(&mut text, OCCUPANCY, occupancy(&told.old), occupancy(&told.new));
    let assumed = &told.assumed;
    let _ = write!(
        text,
        "\nservice level: answered within {threshold} s, of the answered and abandoned\n\
         assumed: patience of {} of {} customers' stays, {} conversations",
        assumed.patience_drawn, assumed.customers, assumed.talk_drawn
    );
    if told.turned_away > 0 {
        let _ = write!(text, "\n{} customers would not have reached us", told.turned_away);
    }
    if assumed.without_team > 0 {
        let times = assumed.without_team;
        let _ = write!(text, "\n{times} times an agent came whose team there is not");
    }
    text
}

fn block(text: &mut String, title: &str, old: &Row, new: &Row) {
    let _ = writeln!(text, "{title:<24} {:>10} {:>10} {:>11}", "old", "new", "difference");
    for ((figure, old), new) in FIGURES.into_iter().zip(figures(old)).zip(figures(new)) {
        line(text, figure, old, new);
    }
}

fn line(text: &mut String, (_, name, unit): Figure, old: Option<i64>, new: Option<i64>) {
    let said = |value: Option<i64>| value.map_or_else(|| "–".to_owned(), |it| told(it, unit));
    let difference = match difference(old, new) {
        Some(more) if more > 0 => format!("+{}", told(more, unit)),
        other => said(other),
    };
    let _ = writeln!(text, "  {name:<22} {:>10} {:>10} {difference:>11}", said(old), said(new));
}

/// With one digit behind the point, but counts.
fn told(value: i64, unit: Unit) -> String {
    let one_digit = |tenths: i64| {
        let sign = if tenths < 0 { "-" } else { "" };
        format!("{sign}{}.{}", tenths.abs() / 10, tenths.abs() % 10)
    };
    match unit {
        Unit::Count => value.to_string(),
        Unit::BasisPoints => one_digit(value / 10),
        Unit::Millis => one_digit(value / 100),
    }
}

fn document(told: &WhatIf, threshold: u64) -> Value {
    let both = |old: Option<i64>, new: Option<i64>| {
        let difference = difference(old, new);
        json!({ "old": old, "new": new, "difference": difference })
    };
    let row = |old: &Row, new: &Row| {
        let values = figures(old).into_iter().zip(figures(new));
        let named = FIGURES.into_iter().zip(values);
        let named = named.map(|((name, ..), (old, new))| (name.to_owned(), both(old, new)));
        Value::Object(named.collect())
    };
    let queues = queues(told).into_iter().map(|(queue, old, new)| (queue, row(&old, &new)));
    let mut all = row(&told.old.all, &told.new.all);
    all[OCCUPANCY.0] = both(occupancy(&told.old), occupancy(&told.new));
    json!({
        "service_level_threshold_seconds": threshold,
        "queues": Value::Object(queues.collect()),
        "all": all,
        "customers": told.assumed.customers,
        "patience_drawn": told.assumed.patience_drawn,
        "talk_drawn": told.assumed.talk_drawn,
        "without_team": told.assumed.without_team,
        "turned_away": told.turned_away,
    })
}

#[cfg(test)]
mod tests {
    use caruso_contact::QueueId;

    use super::*;

    fn told() -> WhatIf {
        let row = |answered, abandoned| Row {
            offered: answered + abandoned,
            answered,
            abandoned,
            service_level_basis_points: Some(answered * 100),
            average_wait: Some(Duration::from_millis(1_250)),
            longest_wait: Duration::from_secs(90),
            ..Row::default()
        };
        let queue = QueueId::new("faults").expect("a name");
        let mut told = WhatIf::default();
        told.old.all = row(80, 20);
        told.old.queues.insert(queue, row(80, 20));
        told.new.all = row(95, 5);
        told.new.queues.insert(QueueId::new("moving").expect("a name"), row(95, 5));
        told.new.occupancy_basis_points = Some(8_125);
        told.turned_away = 2;
        told
    }

    #[test]
    fn both_sides_stand_with_their_difference() {
        let text = shown(&told(), 20, Format::Text);
        let lines: Vec<&str> = text.lines().collect();
        for expected in [
            "  offered                       100          0        -100",
            "  answered                       80         95         +15",
            "  service level %              80.0       95.0       +15.0",
            "  average wait s                1.2        1.2         0.0",
            "  90 % answered within s          –          –           –",
            "  occupancy %                     –       81.2           –",
            "2 customers would not have reached us",
        ] {
            assert!(lines.contains(&expected), "{expected} is not in\n{text}");
        }
    }

    #[test]
    fn programs_get_whole_numbers_by_name() {
        let text = shown(&told(), 20, Format::Json);
        let read: Value = serde_json::from_str(&text).expect("JSON");
        let level = &read["all"]["service_level_basis_points"];
        assert_eq!(level, &json!({ "old": 8_000, "new": 9_500, "difference": 1_500 }));
        assert_eq!(read["queues"]["faults"]["offered"]["new"], 0);
        assert_eq!(read["all"]["occupancy_basis_points"]["difference"], Value::Null);
    }
}
