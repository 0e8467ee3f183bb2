//! The table that comes of a report, and the contacts behind its figures.

use std::collections::BTreeMap;

use caruso_contact::{ContactId, Time};
use caruso_metrics::{Dimension, Fact, Figures, Tally, Value};

use crate::calendar::{self, Period};
use crate::definition::{Chart, Interval, title};
use crate::plan::{Error, Plan, Shown};

/// Most cells of a table.
pub const MAX_CELLS: usize = 60_000;
/// Most contacts that are listed behind a figure.
pub const MAX_CONTACTS: usize = 1_000;

/// A report, computed: what every form of it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Id of the report.
    pub report: String,
    /// What people call it.
    pub title: String,
    /// IANA name of the zone of its days and hours.
    pub zone: String,
    /// First and last day.
    pub days: (String, String),
    /// Those it is compared with.
    pub compared_days: Option<(String, String)>,
    /// Until when what goes on has gone on, by the clock of the zone.
    pub as_of: String,
    /// Length of a row.
    pub interval: Interval,
    /// What rows are told apart by.
    pub by: Vec<Dimension>,
    /// The columns.
    pub columns: Vec<TableColumn>,
    /// The rows, by interval and then group.
    pub rows: Vec<Row>,
    /// All rows as one: sums, and averages and shares of everything.
    pub total: Row,
    /// What is drawn.
    pub chart: Option<Chart>,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name within the report.
    pub id: String,
    /// What people call it.
    pub title: String,
    /// Id of its formula.
    pub figure: &'static str,
    /// The formula with the values of its parameters.
    pub definition: String,
    /// What its values are measured in: empty for how many, `s`, `%`.
    pub unit: &'static str,
    /// Whether contacts are behind it, which can be listed.
    pub has_contacts: bool,
}

/// A row of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The interval's number; 0 in the total.
    pub interval: usize,
    /// What the interval is called; empty where there is one alone.
    pub label: String,
    /// Where it belongs in each dimension.
    pub groups: Vec<Group>,
    /// A value for each column.
    pub values: Vec<Value>,
    /// The same of the days that it is compared with; empty where it is with none.
    pub compared: Vec<Value>,
}

/// A group that a row is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Group {
    /// Its id; empty for what belongs to none.
    pub id: String,
    /// What people call it.
    pub title: String,
}

/// The names of what rows are about.
pub trait Names {
    /// What people call it; its id where nobody does.
    fn name(&self, dimension: Dimension, id: &str) -> String;
}

/// One figure of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// Id of the column.
    pub column: String,
    /// The row's interval; nothing for the total.
    pub interval: Option<usize>,
    /// Ids of the row's groups; of the total none.
    pub groups: Vec<String>,
}

/// A contact behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Behind {
    /// The contact.
    pub contact: ContactId,
    /// When that began which counts.
    pub at: Time,
    /// Its queue, by id.
    pub queue: String,
    /// Its agent, by id.
    pub agent: String,
    /// What it adds: a time in milliseconds where the figure is one.
    pub time: Option<u64>,
}

/// Interval and groups.
type Key = (usize, Vec<String>);

/// The tallies of each row, two sets where there is a comparison.
#[derive(Clone, Debug)]
struct Sums {
    now: Vec<Tally>,
    before: Vec<Tally>,
}

impl Plan {
    /// Computes the table.
    ///
    /// # Errors
    /// It has more than [`MAX_CELLS`].
    pub fn table(
        &self,
        figures: &Figures,
        names: &impl Names,
        language: &str,
    ) -> Result<Table, Error> {
        let nothing = || {
            let none = vec![Tally::default(); self.columns.len()];
            Sums { now: none.clone(), before: none }
        };
        let mut rows: BTreeMap<Key, Sums> = BTreeMap::new();
        let mut total = nothing();
        self.each(figures, &self.period, |key, fact| {
            let sums = rows.entry(key).or_insert_with(nothing);
            self.add(&mut [&mut sums.now, &mut total.now], fact);
        });
        if let Some(compared) = &self.compared {
            self.each(figures, compared, |key, fact| {
                // hours that the other days have more, where a clock changed, count in the total
                if key.0 + 1 < self.period.bounds.len() {
                    let sums = rows.entry(key).or_insert_with(nothing);
                    self.add(&mut [&mut sums.before], fact);
                }
                self.add(&mut [&mut total.before], fact);
            });
        }
        let sets = if self.compared.is_some() { 2 } else { 1 };
        let cells = rows.len().saturating_mul(self.columns.len()).saturating_mul(sets);
        if cells > MAX_CELLS {
            return Err(Error::TooManyCells(cells));
        }
        let rows = rows.into_iter().map(|(key, sums)| self.row(key, &sums, names)).collect();
        let total = self.row((0, Vec::new()), &total, names);
        Ok(Table { rows, total: Row { label: String::new(), ..total }, ..self.head(language) })
    }

    /// The contacts behind a figure, in the order in which they began, at most [`MAX_CONTACTS`],
    /// and how many they are.
    pub fn contacts(&self, figures: &Figures, cell: &Cell) -> (Vec<Behind>, usize) {
        let mut behind = Vec::new();
        let mut count = 0;
        let Some(column) = self.columns.iter().find(|it| it.id == cell.column) else {
            return (behind, count);
        };
        self.each(figures, &self.period, |(interval, groups), fact| {
            let is_of_row = cell.interval.is_none_or(|it| it == interval && cell.groups == groups);
            let tally = column.figure.measure(fact, &column.with);
            let Some(contact) = fact.contact().filter(|_| is_of_row) else { return };
            if !tally.is_behind(column.figure.unit) {
                return;
            }
            count += 1;
            if behind.len() < MAX_CONTACTS {
                let name = |it: Option<&str>| it.unwrap_or_default().to_owned();
                behind.push(Behind {
                    contact,
                    at: fact.at(),
                    queue: name(fact.in_dimension(Dimension::Queue)),
                    agent: name(fact.in_dimension(Dimension::Agent)),
                    time: (column.unit() == "s").then_some(tally.part),
                });
            }
        });
        behind.sort_by_key(|it| (it.at, it.contact));
        (behind, count)
    }

    /// Every fact that counts in a period, with the row that it belongs to.
    fn each<'f>(
        &self,
        figures: &'f Figures,
        period: &Period,
        mut tell: impl FnMut(Key, &Fact<'f>),
    ) {
        for source in self.sources() {
            for fact in figures.facts(source, period.from(), period.to(), self.as_of) {
                let Some(interval) = period.interval_of(fact.at()) else { continue };
                if self.counts(&fact) {
                    let group = |it: &Dimension| fact.in_dimension(*it).unwrap_or_default();
                    let groups = self.by.iter().map(group).map(str::to_owned).collect();
                    tell((interval, groups), &fact);
                }
            }
        }
    }

    fn add(&self, sums: &mut [&mut Vec<Tally>], fact: &Fact<'_>) {
        for (index, Shown { figure, with, .. }) in self.columns.iter().enumerate() {
            let tally = figure.measure(fact, with);
            for sums in sums.iter_mut() {
                sums[index].add(tally, figure.unit);
            }
        }
    }

    fn row(&self, (interval, groups): Key, sums: &Sums, names: &impl Names) -> Row {
        let values = |tallies: &[Tally]| {
            let columns = self.columns.iter().zip(tallies);
            columns.map(|(column, tally)| tally.value(column.figure.unit)).collect()
        };
        let is_one_day = self.period.first == self.period.last;
        let at = self.period.bounds.get(interval).copied().unwrap_or_default();
        let group = |(dimension, id): (&Dimension, String)| {
            let title = match id.as_str() {
                "" => nobody(*dimension).to_owned(),
                id => names.name(*dimension, id),
            };
            Group { id, title }
        };
        Row {
            interval,
            label: calendar::label(at, self.interval, is_one_day, &self.zone),
            groups: self.by.iter().zip(groups).map(group).collect(),
            values: values(&sums.now),
            compared: self.compared.iter().flat_map(|_| values(&sums.before)).collect(),
        }
    }

    /// A table without rows.
    fn head(&self, language: &str) -> Table {
        let column = |it: &Shown| TableColumn {
            id: it.id.clone(),
            title: it.title.clone(),
            figure: it.figure.id,
            definition: it.definition(),
            unit: it.unit(),
            has_contacts: it.figure.source() != caruso_metrics::Source::AgentTimes,
        };
        let days = |it: &Period| (it.first.to_string(), it.last.to_string());
        let none = || Vec::new();
        let total = Row {
            interval: 0,
            label: String::new(),
            groups: Vec::new(),
            values: none(),
            compared: none(),
        };
        let definition = &self.definition;
        Table {
            report: definition.id.clone(),
            title: title(&definition.titles, language).unwrap_or(&definition.id).to_owned(),
            zone: self.zone_name.clone(),
            days: days(&self.period),
            compared_days: self.compared.as_ref().map(days),
            as_of: calendar::second(self.as_of, &self.zone),
            interval: self.interval,
            by: self.by.clone(),
            columns: self.columns.iter().map(column).collect(),
            rows: Vec::new(),
            total,
            chart: definition.chart.clone(),
        }
    }
}

/// What belongs to none.
fn nobody(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Queue => "no queue",
        Dimension::Agent => "nobody",
        Dimension::Team => "no team",
        Dimension::Channel => "no channel",
    }
}
