//! What comes out: medians of rounds, and how rows compare.

use std::collections::BTreeMap;
use std::fmt;

use crate::load::Load;

/// One measured round of a row; CPU in seconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Round {
    pub(crate) load: Load,
    pub(crate) server: f64,
    pub(crate) database: f64,
}

/// The rounds of each row.
pub(crate) type Rounds = BTreeMap<&'static str, Vec<Round>>;

impl Round {
    /// Microseconds of CPU for one request.
    fn each(&self, seconds: f64) -> f64 {
        seconds * 1_000_000.0 / self.load.requests as f64
    }
}

impl fmt::Display for Round {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (requests, server, database) = (self.load.requests, self.server, self.database);
        let (server, database) = (self.each(server), self.each(database));
        write!(f, "{requests} requests, {server:.0} µs each and {database:.0} in PostgreSQL")
    }
}

fn median(rounds: &[Round], of: impl Fn(&Round) -> f64) -> f64 {
    let mut values: Vec<f64> = rounds.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}

pub(crate) fn print(rounds: &Rounds) {
    for (name, rounds) in rounds {
        let requests: u64 = rounds.iter().map(|round| round.load.requests).sum();
        let say =
            |what: &str, value: f64| println!("figure objects.{name}.{what} {value} {requests}");
        say("cpu_us", median(rounds, |round| round.each(round.server)));
        say("database_us", median(rounds, |round| round.each(round.database)));
        say("per_second", median(rounds, |it| it.load.requests as f64 / it.load.seconds));
        say("p50_ms", median(rounds, |round| round.load.p50_ms));
        say("p99_ms", median(rounds, |round| round.load.p99_ms));
    }
    ratios(rounds);
}

/// How rows compare, as far as they were measured.
fn ratios(rounds: &Rounds) {
    let runs = rounds.values().map(Vec::len).min().unwrap_or(0);
    let server = |name| Some(median(rounds.get(name)?, |round| round.each(round.server)));
    let whole =
        |name| Some(median(rounds.get(name)?, |round| round.each(round.server + round.database)));
    let over = |name, raw| Some(server(name)? / (server(raw)? + server("empty")?));
    let times = |name, ours| Some(server(name)? / server(ours)?);
    let update = || Some((server("update")? - server("empty")?) / server("sql_update")?);
    let whole_update = || Some((whole("update")? - whole("empty")?) / whole("sql_update")?);
    for (name, ratio) in [
        ("point_ratio", over("point", "sql_point")),
        ("page_ratio", over("page", "sql_page")),
        ("postgraphile_point_ratio", times("postgraphile_point", "point")),
        ("postgraphile_page_ratio", times("postgraphile_page", "page")),
        ("update_ratio", update()),
        ("whole_update_ratio", whole_update()),
    ] {
        if let Some(ratio) = ratio {
            println!("figure objects.{name} {ratio} {runs}");
        }
    }
}
