//! A table for the terminal.

use crate::Table;
use crate::grid::GridCell;

impl Table {
    /// The caption, columns of one width each, and below them what the figures mean.
    pub fn text(&self) -> String {
        let grid = self.grid();
        let header: Vec<String> = grid.header.iter().map(|(title, _)| clean(title)).collect();
        let is_name: Vec<bool> =
            grid.total.iter().map(|it| matches!(it, GridCell::Text(_))).collect();
        let mut lines = vec![header];
        let row = |row: &Vec<GridCell>| row.iter().map(|it| clean(&it.text())).collect();
        lines.extend(grid.rows.iter().map(row));
        lines.push(grid.total.iter().map(|it| clean(&it.text())).collect());
        let width = |column: usize| lines.iter().map(|it| it[column].chars().count()).max();
        let widths: Vec<usize> = (0..is_name.len()).map(|it| width(it).unwrap_or(0)).collect();
        let mut text = format!("{}\n\n", self.caption());
        for line in &lines {
            let mut row = String::new();
            for (index, cell) in line.iter().enumerate() {
                let pad = " ".repeat(widths[index].saturating_sub(cell.chars().count()));
                let gap = if index == 0 { "" } else { "  " };
                match is_name[index] {
                    true => row.push_str(&format!("{gap}{cell}{pad}")),
                    false => row.push_str(&format!("{gap}{pad}{cell}")),
                }
            }
            text.push_str(row.trim_end());
            text.push('\n');
        }
        if self.rows.is_empty() {
            text.push_str("\nnothing of this began in the period\n");
        }
        text.push('\n');
        for column in &self.columns {
            text.push_str(&format!("{}  [{}]\n", clean(&column.title), clean(&column.definition)));
        }
        text
    }
}

/// Without what would move a terminal's cursor.
fn clean(text: &str) -> String {
    text.chars().map(|it| if it.is_control() { ' ' } else { it }).collect()
}
