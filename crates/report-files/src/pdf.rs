//! A document for printing: A4 across, the header on every page, the formulas at the end.

use caruso_reports::{Grid, GridCell, Table};
use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Str, TextStr};

use crate::ansi::{encoded, width};

const PAGE: (f32, f32) = (842.0, 595.0);
const MARGIN: f32 = 36.0;
const SIZE: f32 = 9.0;
const LINE: f32 = 13.0;
/// Between columns.
const GAP: f32 = 10.0;
/// A name that is longer goes on as dots.
const WIDEST_NAME: f32 = 160.0;
const REGULAR: Name<'static> = Name(b"R");
const BOLD: Name<'static> = Name(b"B");
/// Of the compression of pages, from 1 to 9.
const LEVEL: u8 = 6;

/// A column as it is laid out.
struct Laid {
    index: usize,
    width: f32,
    is_name: bool,
    /// The lines of its title.
    title: Vec<Vec<u8>>,
}

/// The table as a document (PDF 1.7). Columns that do not fit beside each other follow on further
/// pages, the names of the rows again beside them.
pub fn pdf(table: &Table) -> Vec<u8> {
    let grid = table.grid();
    let mut pages: Vec<Content> = Vec::new();
    for band in bands(laid(&grid)) {
        band_pages(&grid, &band, table, &mut pages);
    }
    formula_pages(table, &mut pages);
    written(table, pages)
}

fn laid(grid: &Grid) -> Vec<Laid> {
    let all = || grid.rows.iter().chain([&grid.total]);
    let column = |(index, (title, _)): (usize, &(String, &str))| {
        let is_name = matches!(grid.total[index], GridCell::Text(_));
        let of_cell = |row: &Vec<GridCell>| width(&encoded(&row[index].text()), SIZE, true);
        let cells = all().map(of_cell).fold(0.0, f32::max);
        let words: Vec<Vec<u8>> = title.split(' ').map(encoded).collect();
        let word = words.iter().map(|it| width(it, SIZE, true)).fold(0.0, f32::max);
        let wide = cells.max(word).min(WIDEST_NAME);
        Laid { index, width: wide, is_name, title: wrapped(&words, wide, true) }
    };
    grid.header.iter().enumerate().map(column).collect()
}

/// Words in lines no wider than so; a word that is wider stands alone.
fn wrapped(words: &[Vec<u8>], wide: f32, is_bold: bool) -> Vec<Vec<u8>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    for word in words {
        match lines.last_mut() {
            Some(line) if width(&[line, &b" "[..], word].concat(), SIZE, is_bold) <= wide => {
                line.push(b' ');
                line.extend(word);
            }
            _ => lines.push(word.clone()),
        }
    }
    lines
}

/// The columns that fit beside each other, each time with those that name the rows.
fn bands(columns: Vec<Laid>) -> Vec<Vec<Laid>> {
    let (names, figures): (Vec<Laid>, Vec<Laid>) = columns.into_iter().partition(|it| it.is_name);
    let room = PAGE.0 - 2.0 * MARGIN;
    let taken: f32 = names.iter().map(|it| it.width + GAP).sum();
    let copy = |it: &Laid| Laid { title: it.title.clone(), ..*it };
    let mut bands: Vec<Vec<Laid>> = Vec::new();
    let mut left = 0.0;
    for column in figures {
        if bands.is_empty() || column.width + GAP > left {
            bands.push(names.iter().map(copy).collect());
            left = room - taken;
        }
        left -= column.width + GAP;
        if let Some(band) = bands.last_mut() {
            band.push(column);
        }
    }
    bands
}

fn band_pages(grid: &Grid, band: &[Laid], table: &Table, pages: &mut Vec<Content>) {
    let head = band.iter().map(|it| it.title.len()).max().unwrap_or(1);
    let top = PAGE.1 - MARGIN - 2.0 * LINE;
    let body = top - LINE * head as f32 - LINE;
    let most = ((body - MARGIN - LINE) / LINE).max(1.0) as usize;
    let rows: Vec<(&Vec<GridCell>, bool)> =
        grid.rows.iter().map(|it| (it, false)).chain([(&grid.total, true)]).collect();
    for rows in rows.chunks(most) {
        let mut page = Content::new();
        show(&mut page, BOLD, 12.0, MARGIN, PAGE.1 - MARGIN, &encoded(&table.caption()));
        let mut x = MARGIN;
        for column in band {
            for (index, line) in column.title.iter().enumerate() {
                // titles end at the same line, however many they have
                let down = (head - column.title.len() + index) as f32;
                cell(&mut page, column, x, top - LINE * down, line, true);
            }
            x += column.width + GAP;
        }
        rule(&mut page, body + LINE - 3.0, x - GAP);
        for (down, (row, is_total)) in rows.iter().enumerate() {
            let y = body - LINE * down as f32;
            if *is_total {
                rule(&mut page, y + LINE - 3.0, x - GAP);
            }
            let mut x = MARGIN;
            for column in band {
                let text = encoded(&row[column.index].text());
                cell(&mut page, column, x, y, &shortened(text, column.width, *is_total), *is_total);
                x += column.width + GAP;
            }
        }
        pages.push(page);
    }
}

/// A text that fits; what is too long ends in dots.
fn shortened(mut text: Vec<u8>, wide: f32, is_bold: bool) -> Vec<u8> {
    const DOTS: u8 = 0x85;
    if width(&text, SIZE, is_bold) <= wide + 0.01 {
        return text;
    }
    while !text.is_empty() && width(&text, SIZE, is_bold) + SIZE > wide {
        text.pop();
    }
    text.push(DOTS);
    text
}

/// Names begin at the left, figures end at the right.
fn cell(page: &mut Content, column: &Laid, x: f32, y: f32, text: &[u8], is_bold: bool) {
    let shift = if column.is_name { 0.0 } else { column.width - width(text, SIZE, is_bold) };
    show(page, if is_bold { BOLD } else { REGULAR }, SIZE, x + shift, y, text);
}

fn show(page: &mut Content, font: Name<'_>, size: f32, x: f32, y: f32, text: &[u8]) {
    page.begin_text().set_font(font, size).next_line(x, y).show(Str(text)).end_text();
}

fn rule(page: &mut Content, y: f32, to: f32) {
    page.set_line_width(0.5).move_to(MARGIN, y).line_to(to, y).stroke();
}

fn formula_pages(table: &Table, pages: &mut Vec<Content>) {
    let room = PAGE.0 - 2.0 * MARGIN;
    let mut lines: Vec<(bool, Vec<u8>)> = Vec::new();
    for column in &table.columns {
        lines.push((true, encoded(&column.title)));
        let words: Vec<Vec<u8>> = column.definition.split(' ').map(encoded).collect();
        lines.extend(wrapped(&words, room, false).into_iter().map(|line| (false, line)));
    }
    let most = ((PAGE.1 - 2.0 * MARGIN) / LINE) as usize;
    for lines in lines.chunks(most.max(1)) {
        let mut page = Content::new();
        for (down, (is_title, line)) in lines.iter().enumerate() {
            let y = PAGE.1 - MARGIN - LINE * down as f32;
            show(&mut page, if *is_title { BOLD } else { REGULAR }, SIZE, MARGIN, y, line);
        }
        pages.push(page);
    }
}

/// Numbers of the parts of the document: five before the pages, two for each.
fn written(table: &Table, pages: Vec<Content>) -> Vec<u8> {
    let [catalog, tree, regular, bold, info] = [1, 2, 3, 4, 5].map(Ref::new);
    let part = |number: usize| Ref::new(i32::try_from(number).unwrap_or(i32::MAX));
    let (page_of, content_of) = (|at: usize| part(6 + 2 * at), |at: usize| part(7 + 2 * at));
    let count = pages.len();
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(tree);
    pdf.document_info(info).title(TextStr(&table.caption()));
    let kids = (0..count).map(page_of);
    pdf.pages(tree).kids(kids).count(i32::try_from(count).unwrap_or(i32::MAX));
    for (font, name) in [(regular, &b"Helvetica"[..]), (bold, b"Helvetica-Bold")] {
        let mut font = pdf.type1_font(font);
        font.base_font(Name(name));
        font.encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    for (at, mut content) in pages.into_iter().enumerate() {
        let number = encoded(&format!("{} / {count}", at + 1));
        let x = PAGE.0 - MARGIN - width(&number, SIZE, false);
        show(&mut content, REGULAR, SIZE, x, MARGIN - LINE, &number);
        let mut page = pdf.page(page_of(at));
        page.media_box(Rect::new(0.0, 0.0, PAGE.0, PAGE.1));
        page.parent(tree);
        page.contents(content_of(at));
        page.resources().fonts().pair(REGULAR, regular).pair(BOLD, bold);
        page.finish();
        let packed = miniz_oxide::deflate::compress_to_vec_zlib(&content.finish(), LEVEL);
        pdf.stream(content_of(at), &packed).filter(Filter::FlateDecode);
    }
    pdf.finish()
}
