//! A table as CSV (RFC 4180), in UTF-8.

use crate::grid::{GridCell, guarded};
use crate::{Table, shown};

impl Table {
    /// A header, a line a row, and the total last. Times are whole seconds, shares per cent with
    /// one digit behind the point; their columns say so. Names that a spreadsheet would take for a
    /// formula begin with an apostrophe.
    pub fn csv(&self) -> String {
        let grid = self.grid();
        let mut writer =
            csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
        let title = |(title, unit): &(String, &str)| match *unit {
            "" => guarded(title),
            unit => guarded(&format!("{title} ({unit})")),
        };
        let header: Vec<String> = grid.header.iter().map(title).collect();
        let lines =
            grid.rows.iter().chain([&grid.total]).map(|row| row.iter().map(field).collect());
        for line in std::iter::once(header).chain(lines) {
            // into memory, and every line as wide as the header
            let _ = writer.write_record(&line);
        }
        let bytes = writer.into_inner().unwrap_or_default();
        String::from_utf8(bytes).unwrap_or_default()
    }
}

fn field(cell: &GridCell) -> String {
    match cell {
        GridCell::Text(text) => guarded(text),
        GridCell::Value(value) => shown::number(*value),
    }
}
