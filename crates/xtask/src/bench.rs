//! `cargo xtask bench`: measures what the goals name, and says which are met.
//!
//! A benchmark prints a line `figure KEY VALUE RUNS` for each of its figures; [`AREAS`] holds what
//! is measured by which benchmark, and the goals. Nothing fails because a goal is missed: figures
//! depend on the machine, tests do not.

mod goals;

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context as _, bail};

use goals::{AREAS, Area, DISK, Figure};

/// One figure as it was measured.
#[derive(Clone)]
struct Measured {
    key: String,
    value: f64,
    runs: u64,
}

/// Measures one area, or all of them, and prints a table for each.
pub(crate) fn bench(area: Option<&str>) -> anyhow::Result<()> {
    let areas: Vec<&Area> = match area {
        None => AREAS.iter().collect(),
        Some(name) => AREAS.iter().filter(|area| area.name == name).collect(),
    };
    if areas.is_empty() {
        let names: Vec<&str> = AREAS.iter().map(|area| area.name).collect();
        bail!("no area of this name; there are {}", names.join(", "));
    }
    let mut failed = Vec::new();
    for area in areas {
        let measured = area.benches.iter().map(|arguments| run(arguments));
        match measured.collect::<anyhow::Result<Vec<_>>>() {
            Ok(measured) => print!("{}", table(area, &measured.concat())),
            Err(error) => failed.push(format!("{}: {error:#}", area.name)),
        }
    }
    if !failed.is_empty() {
        bail!("{}", failed.join("\n"));
    }
    Ok(())
}

/// Runs a benchmark in its release build; what it tells people goes to standard error.
fn run(arguments: &[&str]) -> anyhow::Result<Vec<Measured>> {
    eprintln!("» cargo bench --quiet --package {}", arguments.join(" "));
    let mut child = Command::new("cargo")
        .args(["bench", "--quiet", "--package"])
        .args(arguments)
        .stdout(Stdio::piped())
        .spawn()
        .context("cannot start cargo")?;
    let mut measured = Vec::new();
    if let Some(output) = child.stdout.take() {
        for line in BufReader::new(output).lines() {
            let line = line?;
            match line.strip_prefix("figure ") {
                Some(figure) => measured.push(read(figure)?),
                None => eprintln!("{line}"),
            }
        }
    }
    let status = child.wait()?;
    if !status.success() {
        bail!("the benchmark failed ({status})");
    }
    Ok(measured)
}

fn read(figure: &str) -> anyhow::Result<Measured> {
    let mut words = figure.split_whitespace();
    let mut word = || words.next().with_context(|| format!("`figure {figure}` is cut short"));
    let (key, value, runs) = (word()?.to_owned(), word()?.parse()?, word()?.parse()?);
    Ok(Measured { key, value, runs })
}

/// The figures of an area, in the order in which the table of goals has them.
fn table(area: &Area, measured: &[Measured]) -> String {
    let of = |key: &str| measured.iter().find(|it| it.key == key);
    let mut text = format!("\n## {}\n\n", area.name);
    if let Some(disk) = of(DISK) {
        let (value, runs) = (number(disk.value), disk.runs);
        text.push_str(&format!("fsync of 4 KiB on this disk: {value} ms (mean of {runs})\n\n"));
    }
    text.push_str("| figure | measured | goal | | runs |\n| --- | ---: | ---: | --- | ---: |\n");
    for Figure { key, title, unit, goal } in area.figures {
        let (value, verdict, runs) = match of(key) {
            Some(it) => {
                let value = format!("{} {unit}", number(it.value));
                (value, goal.verdict(it.value), it.runs.to_string())
            }
            None => ("–".to_owned(), "not measured", String::new()),
        };
        let goal = goal.in_words(unit);
        text.push_str(&format!("| {title} | {value} | {goal} | {verdict} | {runs} |\n"));
    }
    text
}

/// With as many digits as mean something.
fn number(value: f64) -> String {
    match value.abs() {
        size if size == 0.0 || size >= 100.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        size if size >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_stands_beside_its_goal_and_a_missing_one_is_said() {
        let area = AREAS.iter().find(|area| area.name == "resolve").expect("an area");
        let measured = [read("resolve.cached_ns 12.34 1000").expect("a figure")];
        let table = table(area, &measured);
        assert!(table.contains("| 12.3 ns | ≤ 20 ns | met | 1000 |"), "{table}");
        assert!(table.contains("not measured"), "{table}");
        assert!(read("resolve.cached_ns").is_err());
    }

    #[test]
    fn every_figure_has_one_area() {
        let keys = AREAS.iter().flat_map(|area| area.figures).map(|figure| figure.key);
        let mut seen = std::collections::BTreeSet::new();
        for key in keys {
            assert!(seen.insert(key), "{key} stands twice");
        }
    }
}
