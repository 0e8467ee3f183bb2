//! Rows of rosters: which there are, and how each is told apart.

use std::sync::Arc;

use caruso_expression::{Object, Value, Values};

use crate::environment::{Environment, Resolved, WithOne, candidate_key};
use crate::formula::Formula;
use crate::texts::Text;

/// Questions that are asked for each row of a list, or each time that an interrupt comes.
#[derive(Debug)]
pub(crate) struct Roster {
    /// The id of the step where rows end, which is the name of all of them after it.
    pub(crate) id: String,
    /// By which expressions inside know the row.
    pub(crate) each: String,
    /// What a row is called.
    pub(crate) label: Box<Text>,
    pub(crate) rows: Rows,
    /// What each row has once it is done: its name there, and inside.
    pub(crate) fields: Vec<(String, String)>,
    /// The question for another row.
    pub(crate) another: Option<String>,
    /// Number of the step where rows end.
    pub(crate) rows_at: usize,
    /// Number of the question for another row.
    pub(crate) another_at: Option<usize>,
    /// Numbers of the steps inside.
    pub(crate) inside: Vec<usize>,
}

/// Where rows come from.
#[derive(Debug)]
pub(crate) enum Rows {
    /// They are objects of a list.
    Objects { from: String, only: Option<Formula> },
    /// They are answers to a question of several choices.
    Choices { from: String },
    /// They are added, so many at least and at most.
    Added { min: usize, max: usize },
    /// They are the times at which an interrupt was begun.
    Begun,
}

/// The row in which a step is asked.
#[derive(Debug)]
pub(crate) struct Row<'a> {
    /// The keys of the rows that lead to it, with `/` between them.
    pub(crate) path: String,
    /// What expressions inside know of it.
    pub(crate) value: Value,
    pub(crate) roster: &'a Roster,
    /// The row in which the roster stands, if it stands in another.
    pub(crate) outer: Option<Arc<Row<'a>>>,
}

impl<'a> Row<'a> {
    pub(crate) fn new(
        roster: &'a Roster,
        key: &str,
        value: Value,
        outer: Option<Arc<Self>>,
    ) -> Self {
        // so that no key looks like two
        let key = key.replace('%', "%25").replace('/', "%2F");
        let path = match &outer {
            Some(outer) => format!("{}/{key}", outer.path),
            None => key,
        };
        Self { path, value, roster, outer }
    }

    /// This row and those in which its roster stands, the innermost first.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |it| it.outer.as_deref())
    }

    /// How many rosters lead to it.
    fn depth(&self) -> usize {
        self.all().count()
    }

    /// That of these rows in which a step stands that so many rosters lead to.
    pub(crate) fn at_depth(&self, depth: usize) -> Option<&Self> {
        self.all().nth(self.depth().checked_sub(depth)?)
    }
}

/// A roster that is being walked.
#[derive(Debug, Clone)]
pub(crate) struct Open<'a> {
    pub(crate) roster: &'a Roster,
    /// Number of the step where its rows begin.
    pub(crate) at: usize,
    /// Rows that are still to come, the next one last; of those that are added, none.
    coming: Vec<(String, Value)>,
    /// The number of the row, where they are added.
    number: usize,
    /// How many rows count so far.
    pub(crate) kept: usize,
    /// Those that are done.
    pub(crate) done: Vec<Value>,
}

impl<'a> Open<'a> {
    pub(crate) fn new(roster: &'a Roster, at: usize, environment: &Environment<'_>) -> Self {
        let mut coming = environment.rows(roster);
        coming.reverse();
        Self { roster, at, coming, number: 0, kept: 0, done: Vec::new() }
    }

    /// The row after the one that is done. `wants_more`: whether another was said to be there.
    pub(crate) fn next(&mut self, wants_more: bool) -> Option<(String, Value)> {
        let Rows::Added { .. } = self.roster.rows else { return self.coming.pop() };
        if self.number > 0 && !self.is_settled().unwrap_or(wants_more) {
            return None;
        }
        self.number += 1;
        let number = i64::try_from(self.number).unwrap_or(i64::MAX);
        Some((number.to_string(), Value::Int(number)))
    }

    /// Whether there is another row in any case, or in none; nothing where it is asked.
    pub(crate) fn is_settled(&self) -> Option<bool> {
        match self.roster.rows {
            Rows::Added { min, .. } if self.kept < min => Some(true),
            Rows::Added { max, .. } if self.kept >= max => Some(false),
            _ => None,
        }
    }
}

impl Environment<'_> {
    /// The rows of a roster that come from a list, by their keys.
    fn rows(&self, roster: &Roster) -> Vec<(String, Value)> {
        let mut rows: Vec<(String, Value)> = match &roster.rows {
            Rows::Added { .. } | Rows::Begun => Vec::new(),
            Rows::Choices { from } => match self.variable(from) {
                Value::List(all) => all.iter().map(|it| (it.to_string(), it.clone())).collect(),
                _ => Vec::new(),
            },
            Rows::Objects { from, only } => match self.resolve(from) {
                Some(Resolved::Known(Value::List(all))) => {
                    let fits = |it: &&Value| {
                        let local = WithOne::new(self, &roster.each, (*it).clone());
                        only.as_ref().is_none_or(|only| only.is_true(&local))
                    };
                    let keyed = all.iter().filter(fits);
                    keyed.map(|it| (candidate_key(it).to_owned(), it.clone())).collect()
                }
                _ => Vec::new(),
            },
        };
        rows.truncate(crate::MAX_ROWS);
        rows
    }

    /// What is known of the row that is done.
    pub(crate) fn record(&self, roster: &Roster) -> Value {
        let fields = roster.fields.iter().map(|(name, full)| (name.clone(), self.variable(full)));
        Value::Object(Arc::new(fields.collect::<Object>()))
    }

    /// What the row is called in which a step stands; empty outside of rosters.
    pub(crate) fn row_label(&self) -> String {
        let label = self.row.as_ref().map(|it| it.roster.label.fill(self, self.audience()).text);
        label.unwrap_or_default()
    }
}
