//! The insertion of many rows at once. Its text is made once for each number of rows, because that
//! is most of the work.

use sea_orm::sea_query::{Value as Cell, Values};
use sea_orm::{DbBackend, Statement};

/// The most rows of one statement.
pub(crate) const MOST_ROWS: usize = 500;

/// A column that is written.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) name: String,
    /// PostgreSQL: the type that its parameters are cast to, if any.
    pub(crate) cast: Option<String>,
}

/// Insertions into one table.
#[derive(Debug)]
pub(crate) struct Many {
    backend: DbBackend,
    /// Up to the rows.
    head: String,
    columns: Vec<Written>,
    /// What the first columns have in every row.
    constants: Vec<Cell>,
    /// Behind the rows.
    tail: String,
    /// The last text that was made, and for how many rows.
    made: (usize, String),
}

impl Many {
    /// Insertions into a table, given as a statement names it.
    pub(crate) fn new(backend: DbBackend, table: &[&str], columns: Vec<Written>) -> Self {
        let table: Vec<String> = table.iter().map(|part| quoted(backend, part)).collect();
        let names: Vec<String> = columns.iter().map(|it| quoted(backend, &it.name)).collect();
        let head = format!("INSERT INTO {} ({}) VALUES ", table.join("."), names.join(", "));
        let (constants, tail, made) = (Vec::new(), String::new(), (0, String::new()));
        Self { backend, head, columns, constants, tail, made }
    }

    /// Insertions whose first columns have the same in every row; rows are given without them.
    /// PostgreSQL, which names values by numbers, gets them once. (SQLite could, but searches
    /// through all such numbers for each that is bound.)
    pub(crate) fn with_constants(mut self, constants: Vec<Cell>) -> Self {
        self.constants = constants;
        self
    }

    /// Insertions that answer with columns of the new rows.
    pub(crate) fn returning<'a>(mut self, columns: impl Iterator<Item = &'a str>) -> Self {
        let names: Vec<String> = columns.map(|name| quoted(self.backend, name)).collect();
        self.tail = format!(" RETURNING {}", names.join(", "));
        self
    }

    /// How many rows a statement takes: the engines bind only so many values.
    pub(crate) fn most(&self) -> usize {
        let binds = match self.backend {
            DbBackend::Sqlite => 32_766,
            _ => 65_535,
        };
        (binds / self.columns.len().max(1)).clamp(1, MOST_ROWS)
    }

    /// The insertion of rows, each as wide as there are columns; at most [`Many::most`].
    pub(crate) fn statement(
        &mut self,
        rows: impl ExactSizeIterator<Item = Vec<Cell>>,
    ) -> Statement {
        let count = rows.len();
        if self.made.0 != count {
            self.made = (count, self.text(count));
        }
        let mut values = Vec::with_capacity(count * self.columns.len());
        let is_named = self.backend == DbBackend::Postgres;
        if is_named {
            values.extend(self.constants.iter().cloned());
        }
        for row in rows {
            if !is_named {
                values.extend(self.constants.iter().cloned());
            }
            values.extend(row);
        }
        let (sql, values) = (self.made.1.clone(), Some(Values(values)));
        Statement { sql, values, db_backend: self.backend }
    }

    fn text(&self, rows: usize) -> String {
        let mut text = self.head.clone();
        let mut next = self.constants.len();
        for row in 0..rows {
            text.push_str(if row == 0 { "(" } else { ", (" });
            for (index, column) in self.columns.iter().enumerate() {
                let is_constant = index < self.constants.len();
                next += usize::from(!is_constant);
                let number = if is_constant { index + 1 } else { next };
                if index > 0 {
                    text.push_str(", ");
                }
                let parameter = match self.backend {
                    DbBackend::Postgres => format!("${number}"),
                    _ => "?".to_owned(),
                };
                match &column.cast {
                    Some(ty) => text.push_str(&format!("CAST({parameter} AS {ty})")),
                    None => text.push_str(&parameter),
                }
            }
            text.push(')');
        }
        text.push_str(&self.tail);
        text
    }
}

/// A name as a statement writes it.
pub(crate) fn quoted(backend: DbBackend, name: &str) -> String {
    match backend {
        DbBackend::MySql => format!("`{}`", name.replace('`', "``")),
        _ => format!("\"{}\"", name.replace('"', "\"\"")),
    }
}
