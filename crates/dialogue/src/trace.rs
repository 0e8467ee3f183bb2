//! On what a path depends at each of its steps: the answers that decided it, and those behind the
//! results of actions.

use std::collections::{BTreeMap, BTreeSet};

use crate::compensation::{Spot, narrowing};
use crate::rows::{Row, Rows};
use crate::script::{Action, AskKind, Script, Step, StepKind, Undo, beside};
use crate::walk::Passed;

/// Names with the rows in which they stand.
type Spots<'a> = BTreeSet<Spot<'a>>;

/// A path that is followed.
pub(crate) struct Trace<'a> {
    script: &'a Script,
    /// What decided the path so far. Of a roster that was left, nothing: the path goes on from
    /// there whatever was said inside.
    deciding: Spots<'a>,
    /// What decides whether stored answers are still taken: without that, nothing behind them
    /// counts.
    narrowing: Spots<'a>,
    /// What is behind the results of actions that can be taken back.
    behind: BTreeMap<(String, String), Spots<'a>>,
    /// What is behind the rows of rosters, by the ids of those.
    rows: BTreeMap<&'a str, Spots<'a>>,
    /// The rosters that the path is in, by number, with what had decided the path to them.
    before: Vec<(usize, Spots<'a>)>,
    /// In an interrupt, what decided and narrowed the path but for that.
    outside: Option<(Spots<'a>, Spots<'a>)>,
}

impl<'a> Trace<'a> {
    pub(crate) fn new(script: &'a Script) -> Self {
        let (deciding, narrowing) = (Spots::new(), Spots::new());
        let (behind, rows, before, outside) = Default::default();
        Self { script, deciding, narrowing, behind, rows, before, outside }
    }

    /// Comes to a step, or to the beginning of a row.
    pub(crate) fn come_to(&mut self, passed: &Passed<'a>) {
        let (step, row) = (passed.step, passed.row.as_deref());
        match &step.kind {
            StepKind::Ask(ask) => {
                let mut names = narrowing(ask, &step.id);
                if matches!(ask.kind, AskKind::YesNo { is_consent: true }) {
                    let worded = step.prompts.iter().flat_map(|it| it.text.names());
                    names.extend(worded.map(String::as_str));
                }
                let spots = self.spots(names, row);
                self.narrowing.extend(spots);
                self.note_answer(step, row);
            }
            // an interrupt comes whatever was said before it
            StepKind::Row(roster) if matches!(roster.rows, Rows::Begun) => {
                let (deciding, narrowing) = (&mut self.deciding, &mut self.narrowing);
                self.outside = Some((std::mem::take(deciding), std::mem::take(narrowing)));
            }
            StepKind::Row(roster) => {
                match self.before.last() {
                    // what was said in a row does not decide another, unless that was added
                    Some((at, before)) if *at == step.at => {
                        if !matches!(roster.rows, Rows::Added { .. }) {
                            self.deciding = before.clone();
                        }
                    }
                    _ => self.before.push((step.at, self.deciding.clone())),
                }
                let names: Vec<&str> = match &roster.rows {
                    Rows::Added { .. } | Rows::Begun => vec![step.id.as_str()],
                    Rows::Choices { from } => vec![from.as_str()],
                    Rows::Objects { from, only } => {
                        let reads = only.iter().flat_map(|it| it.reads());
                        reads.map(String::as_str).chain([from.as_str()]).collect()
                    }
                };
                let spots = match roster.rows {
                    Rows::Added { .. } => {
                        let path = row.map(|it| it.path.clone()).unwrap_or_default();
                        [(step.id.as_str(), path)].into()
                    }
                    _ => self.spots(names, row),
                };
                self.rows.entry(&roster.id).or_default().extend(spots.iter().cloned());
                self.deciding.extend(spots);
            }
            StepKind::Rows if let Some((deciding, narrowing)) = self.outside.take() => {
                (self.deciding, self.narrowing) = (deciding, narrowing);
            }
            StepKind::Rows => {
                let begins = |at: usize| {
                    let kind = self.script.steps.get(at).map(|it| &it.kind);
                    matches!(kind, Some(StepKind::Row(it)) if it.rows_at == step.at)
                };
                if let Some((_, before)) = self.before.pop_if(|(at, _)| begins(*at)) {
                    self.deciding = before;
                }
            }
            _ => {}
        }
    }

    /// What an action depends on.
    pub(crate) fn act(&mut self, passed: &Passed<'a>, action: &'a Action) -> Spots<'a> {
        let row = passed.row.as_deref();
        let reads = action.reads().map(String::as_str);
        let mut spots = self.spots(reads, row);
        spots.extend(self.deciding.iter().chain(&self.narrowing).cloned());
        let more: Vec<Spot<'a>> = spots
            .iter()
            .filter_map(|(name, row)| self.behind.get(&((*name).to_owned(), row.clone())))
            .flatten()
            .cloned()
            .collect();
        spots.extend(more);
        if matches!(action.undo, Undo::Compensate(_)) {
            let result = beside(&passed.step.id, &action.name);
            let path = row.map(|it| it.path.clone()).unwrap_or_default();
            self.behind.insert((result, path), spots.clone());
            for roster in &passed.step.rosters {
                self.rows.entry(roster).or_default().extend(spots.iter().cloned());
            }
        }
        spots.into_iter().map(|(name, row)| (self.question(name), row)).collect()
    }

    /// Leaves a step along one of its transitions.
    pub(crate) fn leave(&mut self, passed: &Passed<'a>) {
        let whens = passed.step.next.iter().take(passed.tried).filter_map(|it| it.when.as_ref());
        let names = whens.flat_map(|it| it.reads()).map(String::as_str);
        let spots = self.spots(names, passed.row.as_deref());
        self.deciding.extend(spots);
    }

    /// An answer in a roster is behind its rows.
    fn note_answer(&mut self, step: &'a Step, row: Option<&Row<'_>>) {
        let path = row.map(|it| it.path.clone()).unwrap_or_default();
        for roster in &step.rosters {
            self.rows.entry(roster).or_default().insert((&step.id, path.clone()));
        }
    }

    /// What names mean in a row: an answer is that of the row, a roster all that is behind its
    /// rows.
    fn spots(&self, names: impl IntoIterator<Item = &'a str>, row: Option<&Row<'_>>) -> Spots<'a> {
        let mut spots = Spots::new();
        for name in self.behind_data(names) {
            if let Some(rows) = self.rows.get(name) {
                spots.extend(rows.iter().cloned());
                continue;
            }
            let rosters = self.step_of(name).map_or(0, |it| it.rosters.len());
            let of = row.filter(|_| rosters > 0).and_then(|it| it.at_depth(rosters));
            spots.insert((name, of.map(|it| it.path.clone()).unwrap_or_default()));
            let mut all = row.into_iter().flat_map(Row::all);
            if let Some(Rows::Choices { from }) =
                all.find(|it| it.roster.each == name).map(|it| &it.roster.rows)
                && let Some(step) = self.step_of(from)
            {
                let of = row.and_then(|it| it.at_depth(step.rosters.len()));
                spots.insert((&step.id, of.map(|it| it.path.clone()).unwrap_or_default()));
            }
        }
        spots
    }

    /// The names, and behind data those by which it is found.
    fn behind_data(&self, names: impl IntoIterator<Item = &'a str>) -> BTreeSet<&'a str> {
        let mut open: Vec<&'a str> = names.into_iter().collect();
        let mut all = BTreeSet::new();
        while let Some(name) = open.pop() {
            if all.insert(name)
                && let Some(source) = self.script.sources.get(name)
            {
                open.extend(source.found_by().map(String::as_str));
            }
        }
        all
    }

    /// The step from which a name comes: a question, or an action.
    fn step_of(&self, name: &str) -> Option<&'a Step> {
        let script = self.script;
        let question = script.step(name).or_else(|| script.specially(name));
        question.or_else(|| {
            let (step, _) = script.results.get(name)?.first()?;
            script.steps.get(*step)
        })
    }

    /// The question whose special answer a name is about.
    fn question(&self, name: &'a str) -> &'a str {
        self.script.specially(name).map_or(name, |it| it.id.as_str())
    }
}
