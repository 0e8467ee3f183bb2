//! Reports: what a company wants to read of its day.
//!
//! A report is an XML file ([`DTD`]): which figures, told apart by what, in intervals of what
//! length. [`read`] checks the files of an application, and what they put on the reports that every
//! application has ([`standard_files`]), with every mistake at its place. A [`Plan`] is what is
//! asked of one: days, intervals, groups, the variant of the service level, other days to compare
//! with. [`Plan::table`] computes it over the facts of `metrics`, [`Plan::contacts`] lists who is
//! behind a figure. A [`Table`] reads the same in every form: text, CSV and JSON here, others made
//! of its [`Grid`].
//!
//! Invariant: **a figure is computed once**. Screen, files, command and the list of contacts behind
//! it are made of the same table; values are whole numbers, rounded once.
//!
//! What it is not: it has no clock (the moment comes in) and knows no log; formulas are those of
//! `metrics`, and never change under the same id.
//!
//! ```
//! use std::time::Duration;
//! use caruso_contact::Time;
//! use caruso_metrics::{Dimension, Figures};
//! use caruso_reports::{Names, Plan, Query, Scope, read};
//!
//! struct Ids;
//! impl Names for Ids {
//!     fn name(&self, _: Dimension, id: &str) -> String { id.to_owned() }
//! }
//! let (reports, findings) = read([], &Scope::default());
//! assert!(findings.is_empty());
//! let now = Time::from_millis(1_780_000_000_000);
//! let waiting = reports["waiting"].clone();
//! let plan = Plan::new(waiting, &Query::default(), "Europe/Amsterdam", "en", now)?;
//! let table = plan.table(&Figures::default(), &Ids, "en")?;
//! assert_eq!(table.caption(),
//!     "Waiting, 2026-05-28 (Europe/Amsterdam), as of 2026-05-28 22:26:40");
//! # Ok::<(), caruso_reports::Error>(())
//! ```

mod calendar;
pub mod codes;
mod csv;
mod definition;
mod grid;
mod json;
mod overlay;
mod plan;
mod read;
mod shown;
mod standard;
mod table;
mod text;

pub use calendar::{MAX_INTERVALS, Period};
pub use definition::{
    Chart, Column, Compare, Days, Definition, Interval, Look, MAX_COLUMNS, MAX_DRAWN, MAX_REPORTS,
    SERVICE_LEVEL, Titles, service_level, title,
};
pub use grid::{Grid, GridCell, guarded};
pub use plan::{Error, Plan, Query};
pub use read::{Scope, dtd, read};
pub use shown::{dimension as dimension_title, number, seconds, text};
pub use standard::files as standard_files;
pub use table::{Behind, Cell, Group, MAX_CELLS, MAX_CONTACTS, Names, Row, Table, TableColumn};

/// The DTD of reports.
pub const DTD: &str = include_str!("../../../scripts-dtd/report.dtd");

#[cfg(test)]
mod tests;
