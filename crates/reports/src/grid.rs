//! A table as rows of cells, of which every file of it is made.

use caruso_metrics::Value;

use crate::definition::Interval;
use crate::shown::{self, TOTAL};
use crate::{Row, Table, TableColumn};

/// Rows of cells: a header, and the total last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grid {
    /// The title of each column, and its unit: empty, `s` or `%`.
    pub header: Vec<(String, &'static str)>,
    /// The rows, each as wide as the header.
    pub rows: Vec<Vec<GridCell>>,
    /// All rows as one.
    pub total: Vec<GridCell>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GridCell {
    /// A name: whatever people wrote.
    Text(String),
    /// A figure.
    Value(Value),
}

impl Table {
    /// Its cells: interval where there is one, groups, then each figure, beside it that of the days
    /// it is compared with.
    pub fn grid(&self) -> Grid {
        let has_interval = self.interval != Interval::Whole;
        let mut header: Vec<(String, &'static str)> = Vec::new();
        header.extend(has_interval.then(|| ("Interval".to_owned(), "")));
        header.extend(self.by.iter().map(|it| (shown::dimension(*it).to_owned(), "")));
        for TableColumn { title, unit, .. } in &self.columns {
            header.push((title.clone(), unit));
            if self.compared_days.is_some() {
                header.push((format!("{title}, before"), unit));
            }
        }
        let names =
            header.len() - self.columns.len() * if self.compared_days.is_some() { 2 } else { 1 };
        let row = |row: &Row| {
            let interval = has_interval.then(|| row.label.clone());
            let groups = row.groups.iter().map(|it| it.title.clone());
            cells(interval.into_iter().chain(groups), row)
        };
        let mut total = vec![String::new(); names];
        if let Some(first) = total.first_mut() {
            *first = TOTAL.to_owned();
        }
        Grid {
            rows: self.rows.iter().map(row).collect(),
            total: cells(total.into_iter(), &self.total),
            header,
        }
    }

    /// What it is about, in a line: title, days, zone, and as of when.
    pub fn caption(&self) -> String {
        let days = |(first, last): &(String, String)| match first == last {
            true => first.clone(),
            false => format!("{first} to {last}"),
        };
        let compared = self.compared_days.as_ref();
        let compared = compared.map(|it| format!(", compared with {}", days(it)));
        format!(
            "{}, {}{} ({}), as of {}",
            self.title,
            days(&self.days),
            compared.unwrap_or_default(),
            self.zone,
            self.as_of
        )
    }
}

fn cells(names: impl Iterator<Item = String>, row: &Row) -> Vec<GridCell> {
    let mut cells: Vec<GridCell> = names.map(GridCell::Text).collect();
    for (index, value) in row.values.iter().enumerate() {
        cells.push(GridCell::Value(*value));
        cells.extend(row.compared.get(index).copied().map(GridCell::Value));
    }
    cells
}

impl GridCell {
    /// For people.
    pub fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Value(value) => shown::text(*value),
        }
    }
}

/// A text that no spreadsheet takes for a formula. Names come from people, some of them from
/// customers; a cell that begins so is computed by whoever opens the file.
pub fn guarded(text: &str) -> String {
    const STARTS: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];
    if text.starts_with(STARTS) { format!("'{text}") } else { text.to_owned() }
}
