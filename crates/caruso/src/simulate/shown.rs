//! The figures of simulated days, with what Erlang's formulas say.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use caruso_contact::QueueId;
use caruso_simulation::{Estimate, Row, Steady, Tally};
use serde_json::{Value, json};

use crate::Format;

/// What the formulas say; nothing where they have no answer.
pub(super) struct Formulas {
    /// Everybody waits until they are answered.
    pub(super) c: Option<Steady>,
    /// Customers hang up.
    pub(super) a: Option<Steady>,
}

/// A figure: its name in JSON, for people, and how it comes out of a row.
type Figure = (&'static str, &'static str, fn(&Row) -> Option<f64>);

const FIGURES: [Figure; 8] = [
    ("offered", "offered", |row| Some(f64::from(row.offered))),
    ("answered", "answered", |row| Some(f64::from(row.answered))),
    ("abandoned", "abandoned", |row| Some(f64::from(row.abandoned))),
    ("flowed_out", "flowed out", |row| Some(f64::from(row.flowed_out))),
    ("service_level_percent", "service level %", |row| row.service_level_basis_points.map(percent)),
    ("average_wait_seconds", "average wait s", |row| row.average_wait.map(seconds)),
    ("wait_of_90_percent_seconds", "90 % answered within s", |row| {
        row.wait_of_90_percent.map(seconds)
    }),
    ("longest_wait_seconds", "longest wait s", |row| Some(seconds(row.longest_wait))),
];

fn percent(basis_points: u32) -> f64 {
    f64::from(basis_points) / 100.0
}

fn seconds(duration: Duration) -> f64 {
    duration.as_secs_f64()
}

/// For people or for programs.
pub(super) fn shown(
    tallies: &[Tally],
    formulas: &Formulas,
    threshold: u64,
    format: Format,
) -> String {
    match format {
        Format::Text => text(tallies, formulas, threshold),
        Format::Json => document(tallies, formulas, threshold).to_string(),
    }
}

fn queues(tallies: &[Tally]) -> BTreeSet<&QueueId> {
    tallies.iter().flat_map(|tally| tally.queues.keys()).collect()
}

fn estimate<'a>(
    rows: impl Iterator<Item = &'a Row>,
    value: fn(&Row) -> Option<f64>,
) -> Option<Estimate> {
    Estimate::of(&rows.filter_map(value).collect::<Vec<_>>())
}

fn occupancy(tallies: &[Tally]) -> Option<Estimate> {
    let shares = tallies.iter().filter_map(|it| it.occupancy_basis_points.map(percent));
    Estimate::of(&shares.collect::<Vec<_>>())
}

fn text(tallies: &[Tally], formulas: &Formulas, threshold: u64) -> String {
    let mut text = String::new();
    for queue in queues(tallies) {
        let rows = || tallies.iter().filter_map(|it| it.queues.get(queue));
        block(&mut text, &format!("queue {queue}"), |value| estimate(rows(), value));
    }
    block(&mut text, "all queues", |value| estimate(tallies.iter().map(|it| &it.all), value));
    line(&mut text, "occupancy %", occupancy(tallies));
    let _ = writeln!(text, "\n{:<24} {:>10} {:>10}", "formulas, one queue", "Erlang C", "Erlang A");
    let both = |value: fn(&Steady) -> f64| {
        [formulas.c, formulas.a].map(|it| it.map_or("–".to_owned(), |it| number(value(&it))))
    };
    for (name, value) in STEADY {
        let [c, a] = both(value);
        let _ = writeln!(text, "  {name:<22} {c:>10} {a:>10}");
    }
    let _ = write!(
        text,
        "\nmeans of {} days; ± with a confidence of 95 %\n\
         service level: answered within {threshold} s, of the answered and abandoned; in the \
         formulas, of all",
        tallies.len()
    );
    text
}

/// What a formula says of a steady queue: the name, and how it comes out of the answer.
type Said = (&'static str, fn(&Steady) -> f64);

const STEADY: [Said; 4] = [
    ("service level %", |it| it.service_level * 100.0),
    ("average wait of all s", |it| it.average_wait.as_secs_f64()),
    ("abandoned %", |it| it.abandoned * 100.0),
    ("occupancy %", |it| it.occupancy * 100.0),
];

fn block(text: &mut String, title: &str, of: impl Fn(fn(&Row) -> Option<f64>) -> Option<Estimate>) {
    let _ = writeln!(text, "{title:<24} {:>10} {:>10}", "mean", "±");
    for (_, name, value) in FIGURES {
        line(text, name, of(value));
    }
}

fn line(text: &mut String, name: &str, estimate: Option<Estimate>) {
    let dash = || "–".to_owned();
    let mean = estimate.map_or_else(dash, |it| number(it.mean));
    let within = estimate.and_then(|it| it.within).map_or_else(dash, number);
    let _ = writeln!(text, "  {name:<22} {mean:>10} {within:>10}");
}

fn number(value: f64) -> String {
    format!("{value:.1}")
}

fn document(tallies: &[Tally], formulas: &Formulas, threshold: u64) -> Value {
    let told = |it: Option<Estimate>| it.map(|it| json!({ "mean": it.mean, "within": it.within }));
    let rows = |rows: Vec<&Row>| {
        let figure = |(name, _, value): Figure| {
            (name.to_owned(), json!(told(estimate(rows.iter().copied(), value))))
        };
        Value::Object(FIGURES.into_iter().map(figure).collect())
    };
    let queue = |queue: &QueueId| {
        let of = tallies.iter().filter_map(|it| it.queues.get(queue)).collect();
        (queue.to_string(), rows(of))
    };
    let steady = |it: Option<Steady>| {
        it.map(|it| {
            json!({
                "waiting": it.waiting,
                "service_level": it.service_level,
                "average_wait_seconds": it.average_wait.as_secs_f64(),
                "abandoned": it.abandoned,
                "occupancy": it.occupancy,
            })
        })
    };
    let mut all = rows(tallies.iter().map(|it| &it.all).collect());
    all["occupancy_percent"] = json!(told(occupancy(tallies)));
    json!({
        "repetitions": tallies.len(),
        "confidence": 0.95,
        "service_level_threshold_seconds": threshold,
        "queues": Value::Object(queues(tallies).into_iter().map(queue).collect()),
        "all": all,
        "erlang_c": steady(formulas.c),
        "erlang_a": steady(formulas.a),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(answered: u32) -> Tally {
        let row = Row { offered: 100, answered, abandoned: 100 - answered, ..Row::default() };
        let queue = QueueId::new("faults").expect("a name");
        let queues = [(queue, row.clone())].into();
        Tally { queues, all: row, occupancy_basis_points: Some(answered * 100) }
    }

    fn formulas() -> Formulas {
        let steady = |level| Steady {
            waiting: 0.5,
            service_level: level,
            average_wait: Duration::from_secs(9),
            abandoned: 0.0,
            occupancy: 0.75,
        };
        Formulas { c: None, a: Some(steady(0.64)) }
    }

    #[test]
    fn means_stand_with_their_intervals_and_the_formulas_beside_them() {
        let text = shown(&[tally(80), tally(90)], &formulas(), 20, Format::Text);
        let lines: Vec<&str> = text.lines().collect();
        for expected in [
            "queue faults                   mean          ±",
            "  answered                     85.0       63.5",
            "  average wait s                  –          –",
            "  occupancy %                  85.0       63.5",
            "  service level %                 –       64.0",
        ] {
            assert!(lines.contains(&expected), "{expected} is not in\n{text}");
        }
    }

    #[test]
    fn programs_get_numbers_by_name() {
        let text = shown(&[tally(80)], &formulas(), 20, Format::Json);
        let read: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(read["queues"]["faults"]["answered"], json!({ "mean": 80.0, "within": null }));
        assert_eq!(read["erlang_c"], Value::Null);
        assert_eq!(read["erlang_a"]["service_level"], 0.64);
    }
}
