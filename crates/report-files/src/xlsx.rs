//! A workbook: the table on the first sheet, the formulas on the second.

use caruso_metrics::Value;
use caruso_reports::{GridCell, Table, seconds};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

/// Longest name of a sheet.
const LONGEST_NAME: usize = 31;
/// Characters that no sheet may have in its name.
const NOT_IN_NAMES: [char; 7] = ['[', ']', ':', '*', '?', '/', '\\'];
const SECONDS_OF_A_DAY: f64 = 86_400.0;
const WIDEST: usize = 40;

/// The workbook cannot be written.
#[derive(Debug, thiserror::Error)]
#[error("the workbook cannot be written")]
pub struct Error(#[from] XlsxError);

/// How cells look.
struct Formats {
    title: Format,
    header: Format,
    name: Format,
    count: Format,
    time: Format,
    share: Format,
}

impl Formats {
    fn new(is_bold: bool) -> Self {
        let plain = || if is_bold { Format::new().set_bold() } else { Format::new() };
        Self {
            title: Format::new().set_bold().set_quote_prefix(),
            header: Format::new().set_bold().set_quote_prefix().set_text_wrap(),
            name: plain().set_quote_prefix(),
            count: plain().set_num_format("0"),
            time: plain().set_num_format("[h]:mm:ss"),
            share: plain().set_num_format("0.0%"),
        }
    }
}

/// The table as a workbook (Office Open XML). Times are times, to the second, and shares are
/// shares: they can be computed with.
///
/// # Errors
/// It has more rows or columns than a sheet may have, which a table never has.
pub fn xlsx(table: &Table) -> Result<Vec<u8>, Error> {
    let mut book = Workbook::new();
    let grid = table.grid();
    let (plain, bold) = (Formats::new(false), Formats::new(true));
    let sheet = book.add_worksheet();
    sheet.set_name(sheet_name(&table.title))?;
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
    sheet.write_string_with_format(0, 0, table.caption(), &plain.title)?;
    for (column, (title, _)) in (0..).zip(&grid.header) {
        sheet.write_string_with_format(2, column, title, &plain.header)?;
        let cells = grid.rows.iter().chain([&grid.total]).map(|row| &row[usize::from(column)]);
        let widest = cells.map(|it| it.text().chars().count()).max().unwrap_or(0);
        let words = title.split(' ').map(|it| it.chars().count()).max().unwrap_or(0);
        let width = u16::try_from(widest.max(words).min(WIDEST) + 2).unwrap_or(u16::MAX);
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(3, 0)?;
    sheet.set_repeat_rows(2, 2)?;
    let mut row = 3;
    for cells in &grid.rows {
        write_row(sheet, row, cells, &plain)?;
        row += 1;
    }
    write_row(sheet, row, &grid.total, &bold)?;
    formulas(book.add_worksheet(), table, &plain)?;
    Ok(book.save_to_buffer()?)
}

fn write_row(
    sheet: &mut Worksheet,
    row: u32,
    cells: &[GridCell],
    formats: &Formats,
) -> Result<(), XlsxError> {
    for (column, cell) in (0..).zip(cells) {
        match cell {
            GridCell::Text(text) => {
                sheet.write_string_with_format(row, column, text, &formats.name)?;
            }
            GridCell::Value(Value::Nothing) => {}
            GridCell::Value(Value::Count(count)) => {
                sheet.write_number_with_format(row, column, *count as f64, &formats.count)?;
            }
            GridCell::Value(Value::Millis(millis)) => {
                let days = seconds(*millis) as f64 / SECONDS_OF_A_DAY;
                sheet.write_number_with_format(row, column, days, &formats.time)?;
            }
            GridCell::Value(Value::PerMille(share)) => {
                let share = *share as f64 / 1000.0;
                sheet.write_number_with_format(row, column, share, &formats.share)?;
            }
        }
    }
    Ok(())
}

fn formulas(sheet: &mut Worksheet, table: &Table, formats: &Formats) -> Result<(), XlsxError> {
    sheet.set_name("Formulas")?;
    for (column, (title, width)) in (0..).zip([("Column", 30), ("Formula", 100)]) {
        sheet.write_string_with_format(0, column, title, &formats.header)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, column) in (1..).zip(&table.columns) {
        sheet.write_string_with_format(row, 0, &column.title, &formats.name)?;
        sheet.write_string_with_format(row, 1, &column.definition, &formats.name)?;
    }
    Ok(())
}

/// A title without what no sheet may be called.
fn sheet_name(title: &str) -> String {
    let allowed = title.chars().filter(|it| !NOT_IN_NAMES.contains(it) && !it.is_control());
    let name: String = allowed.take(LONGEST_NAME).collect();
    let name = name.trim_matches(['\'', ' ']);
    // the second sheet has that name
    let is_taken = name.is_empty() || name.eq_ignore_ascii_case("formulas");
    if is_taken { "Report".to_owned() } else { name.to_owned() }
}
