//! Definitions, tables and their forms.

mod checked;
mod computed;
mod day;
mod written;

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_contact::Time;
use caruso_metrics::{Dimension, Figures};

use crate::{Definition, Names, Plan, Query, Scope, Table, read};

/// 2026-11-22 00:00 in Amsterdam, in seconds.
const MIDNIGHT: u64 = 1_795_302_000;

fn at(seconds: u64) -> Time {
    Time::from_millis((MIDNIGHT + seconds) * 1000)
}

fn scope() -> Scope {
    let names = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    Scope { queues: names(&["faults", "moving"]), reasons: names(&["break"]) }
}

/// The reports with files put on them, which have no mistake.
fn reports(files: &[(&str, &str)]) -> BTreeMap<String, Arc<Definition>> {
    let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
    let (reports, findings) = read(files, &scope());
    assert!(findings.is_empty(), "{findings:?}");
    reports
}

struct Named;

impl Names for Named {
    fn name(&self, dimension: Dimension, id: &str) -> String {
        match (dimension, id) {
            (Dimension::Queue, "faults") => "Faults".to_owned(),
            (Dimension::Agent, "anna") => "=Anna".to_owned(),
            (_, id) => id.to_owned(),
        }
    }
}

fn plan(definition: &Arc<Definition>, query: &Query, now: u64) -> Plan {
    let plan = Plan::new(definition.clone(), query, "Europe/Amsterdam", "en", at(now));
    plan.expect("there can be such a report")
}

fn table(figures: &Figures, plan: &Plan) -> Table {
    plan.table(figures, &Named, "en").expect("a small table")
}
