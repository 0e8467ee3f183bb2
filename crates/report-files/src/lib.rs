//! Reports as files of other programs: a workbook ([`xlsx`]) and a document for printing ([`pdf`]).
//!
//! Both are made of a table's [`Grid`](caruso_reports::Grid), and so have the cells of every other
//! form of it.
//!
//! Invariant: a name is never a formula. In a workbook names are texts, marked as such, so that
//! they stay texts also where somebody edits them.
//!
//! What it is not: it computes nothing, and lays out no other documents. Only this crate names the
//! libraries that write these files.

mod ansi;
mod pdf;
mod xlsx;

pub use pdf::pdf;
pub use xlsx::{Error, xlsx};

#[cfg(test)]
mod tests;
