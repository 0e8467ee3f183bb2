//! The objects of a class out of the bytes of its files, and questions for them.

use std::collections::BTreeMap;
use std::ops::Bound;

use caruso_expression::Type;
use caruso_object_model::key;
use serde_json::Value as Json;

use crate::columns::{Column, Place};
use crate::files::Table;
use crate::outcome::Object;

/// Most objects of a class.
pub const MAX_ROWS: usize = 100_000;
/// Most rows of a reading that are told of one by one.
pub const MAX_TOLD: usize = 20;
/// Most bytes of a page's objects, as JSON; the lines of wrappers have 1 MiB.
const MAX_PAGE_BYTES: usize = 900_000;

/// The objects of a class, by key, and what was wrong with the other rows.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    objects: BTreeMap<String, Object>,
    /// `file:line: why`, at most [`MAX_TOLD`].
    pub told: Vec<String>,
    /// How many rows are left out.
    pub left_out: usize,
}

/// Some objects, and where to go on.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// In the order of their keys.
    pub objects: Vec<Object>,
    /// The key of the last one; empty at the end.
    pub next: String,
}

/// A row is no object, for this reason.
type Unfit = String;

impl Rows {
    /// Adds the objects of one file. What is wrong with a row leaves it out, and is told.
    ///
    /// # Errors
    /// Why nothing of the file is read: the first line has not the columns, or there are too many
    /// rows.
    pub fn add(&mut self, table: &Table, file: &str, content: &[u8]) -> Result<(), String> {
        let content = content.strip_prefix(b"\xef\xbb\xbf").unwrap_or(content);
        let mut new = BTreeMap::new();
        match table.separator {
            Some(separator) => self.delimited(table, separator, file, content, &mut new)?,
            None => self.fixed(table, file, content, &mut new)?,
        }
        self.objects.extend(new);
        if self.objects.len() > MAX_ROWS {
            return Err(format!("{file}: there are more than {MAX_ROWS} rows"));
        }
        Ok(())
    }

    fn delimited(
        &mut self,
        table: &Table,
        separator: u8,
        file: &str,
        content: &[u8],
        new: &mut BTreeMap<String, Object>,
    ) -> Result<(), String> {
        let mut reader = csv::ReaderBuilder::new();
        let reader = reader.delimiter(separator).has_headers(false).flexible(true);
        let (mut header, mut record) = (None, csv::ByteRecord::new());
        let mut records = reader.from_reader(content);
        while records.read_byte_record(&mut record).map_err(|it| format!("{file}: {it}"))? {
            let line = record.position().map_or(0, |it| line_of(content, it));
            if table.has_header && header.is_none() {
                header = Some(places(table, &record).map_err(|it| format!("{file}:{line}: {it}"))?);
                continue;
            }
            if !record.get(0).unwrap_or_default().starts_with(table.rows.as_bytes()) {
                continue;
            }
            let field = |index: usize, column: &Column| {
                let place = match (&column.place, &header) {
                    (Place::Number(number), _) => *number,
                    (_, Some(places)) => places[index],
                    _ => return Err("has no place".to_owned()),
                };
                let bytes = record.get(place).ok_or_else(|| "is not there".to_owned())?;
                let text = table.encoding.decode(bytes);
                text.ok_or_else(|| "is not of the encoding".to_owned())
            };
            self.row(table, (file, line), new, field)?;
        }
        if table.has_header && header.is_none() {
            return Err(format!("{file}: there is no first line with the names of columns"));
        }
        Ok(())
    }

    fn fixed(
        &mut self,
        table: &Table,
        file: &str,
        content: &[u8],
        new: &mut BTreeMap<String, Object>,
    ) -> Result<(), String> {
        let lines = content.split(|byte| *byte == b'\n').zip(1..);
        for (line, number) in lines.skip(usize::from(table.has_header)) {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || !line.starts_with(table.rows.as_bytes()) {
                continue;
            }
            let text = table.encoding.decode(line);
            let letters: Option<Vec<char>> = text.map(|text| text.chars().collect());
            let field = |_: usize, column: &Column| {
                let Some(letters) = &letters else {
                    return Err("is not of the encoding".to_owned());
                };
                let Place::Span(first, length) = column.place else {
                    return Err("has no place".to_owned());
                };
                // what lacks at the end of a line are blanks that were cut off
                Ok(letters.iter().skip(first).take(length).collect())
            };
            self.row(table, (file, number), new, field)?;
        }
        Ok(())
    }

    /// Takes a row in, or leaves it out and tells why.
    fn row(
        &mut self,
        table: &Table,
        (file, line): (&str, u64),
        new: &mut BTreeMap<String, Object>,
        field: impl Fn(usize, &Column) -> Result<String, Unfit>,
    ) -> Result<(), String> {
        if new.len() >= MAX_ROWS {
            return Err(format!("{file}:{line}: there are more than {MAX_ROWS} rows"));
        }
        let taken = object(table, field).and_then(|(key, object)| match new.contains_key(&key) {
            true => Err("its key is that of a row above".to_owned()),
            false => Ok(_ = new.insert(key, object)),
        });
        if let Err(reason) = taken {
            self.left_out += 1;
            if self.told.len() < MAX_TOLD {
                self.told.push(format!("{file}:{line}: {reason}"));
            }
        }
        Ok(())
    }

    /// How many objects there are.
    pub fn count(&self) -> usize {
        self.objects.len()
    }

    /// The objects of some keys, as far as there are any.
    pub fn get<'a>(&self, keys: impl IntoIterator<Item = &'a str>) -> Vec<Object> {
        let mut keys: Vec<_> = keys.into_iter().collect();
        keys.sort_unstable();
        keys.dedup();
        keys.into_iter().filter_map(|key| self.objects.get(key)).cloned().collect()
    }

    /// Objects that have one of the values of each name, in the order of their keys, at most
    /// `limit` from behind the key `cursor` on.
    pub fn query(
        &self,
        table: &Table,
        wanted: &BTreeMap<String, Vec<Json>>,
        limit: usize,
        cursor: &str,
    ) -> Page {
        let kind = |name: &String| {
            let column = table.columns.iter().find(|it| it.attribute == *name);
            column.map(|column| &column.cell.kind)
        };
        let wanted: Vec<_> =
            wanted.iter().map(|(name, values)| (name, kind(name), values)).collect();
        let fits = |object: &Object| {
            wanted.iter().all(|(name, kind, values)| {
                let value = object.get(*name);
                value.is_some_and(|is| values.iter().any(|it| is_same(*kind, is, it)))
            })
        };
        let start = match cursor {
            "" => Bound::Unbounded,
            cursor => Bound::Excluded(cursor),
        };
        let found = self.objects.range::<str, _>((start, Bound::Unbounded));
        let mut found = found.filter(|(_, object)| fits(object)).peekable();
        let (mut page, mut bytes) = (Page::default(), 0);
        while let Some((key, object)) = found.peek() {
            bytes += size(object);
            let is_full = page.objects.len() == limit || bytes > MAX_PAGE_BYTES;
            if is_full && !page.objects.is_empty() {
                return page;
            }
            page.objects.push((*object).clone());
            page.next = (*key).clone();
            found.next();
        }
        page.next.clear();
        page
    }
}

/// The line of a record that was read. What the reader passes over before it are ends of lines.
fn line_of(content: &[u8], position: &csv::Position) -> u64 {
    let start = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let before = content.iter().skip(start).take_while(|it| matches!(it, b'\r' | b'\n'));
    position.line() + before.filter(|it| **it == b'\n').map(|_| 1).sum::<u64>()
}

fn size(object: &Object) -> usize {
    let value = |it: &Json| it.as_str().map_or(32, |text| 2 * text.len() + 8);
    object.iter().map(|(name, it)| name.len() + value(it)).sum()
}

/// Whether two values of a type are the same: numbers may be written with more decimals.
fn is_same(kind: Option<&Type>, is: &Json, wanted: &Json) -> bool {
    let text = |it: &Json| it.as_str().map_or_else(|| it.to_string(), str::to_owned);
    match kind {
        Some(Type::Decimal | Type::Money(_)) => shortest(&text(is)) == shortest(&text(wanted)),
        _ => text(is) == text(wanted),
    }
}

/// A number without zeros that say nothing, and without its currency.
fn shortest(text: &str) -> String {
    let number = text.split(' ').next().unwrap_or_default();
    let number = number.trim_start_matches('+');
    match number.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => number.to_owned(),
    }
}

/// Where the first line has each column of the table.
fn places(table: &Table, header: &csv::ByteRecord) -> Result<Vec<usize>, String> {
    let names: Vec<_> = header.iter().map(|it| table.encoding.decode(it)).collect();
    let place = |column: &Column| {
        let Place::Named(wanted) = &column.place else { return Ok(usize::MAX) };
        let is_it = |name: &Option<String>| name.as_ref().is_some_and(|it| it.trim() == wanted);
        let place = names.iter().position(is_it);
        place.ok_or_else(|| format!("the first line has no column `{wanted}`"))
    };
    table.columns.iter().map(place).collect()
}

/// A row as an object with its key.
fn object(
    table: &Table,
    field: impl Fn(usize, &Column) -> Result<String, Unfit>,
) -> Result<(String, Object), Unfit> {
    let mut object = Object::new();
    for (index, column) in table.columns.iter().enumerate() {
        let unfit = |reason: &str| format!("`{}` {reason}", column.attribute);
        let text = field(index, column).map_err(|reason| unfit(&reason))?;
        match column.cell.value(&text).map_err(unfit)? {
            Some(value) => _ = object.insert(column.attribute.clone(), value),
            None if column.is_required => return Err(unfit("is missing")),
            None => {}
        }
    }
    let part = |name: &String| {
        let value = object.get(name).ok_or_else(|| format!("`{name}` is missing"))?;
        Ok(value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let parts = table.keys.iter().map(part).collect::<Result<Vec<_>, Unfit>>()?;
    Ok((key::join(&parts), object))
}

#[cfg(test)]
mod tests;
