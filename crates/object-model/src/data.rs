//! The data that an application brings along: one CSV file a class, in words of the model.
//!
//! The first row names attributes and relations to one; an empty field is a missing value, the
//! field of a relation holds the key of the other object as text ([`key`]). Rows are checked like
//! new objects, so that whoever loads them finds no surprise.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Value;
use caruso_markup::{Finding, Location, suggest};

use crate::model::{Class, Member, Model};
use crate::row::{self, Refusal, Row};
use crate::unit_of_work::required;
use crate::{codes, key};

/// All rows of an application, by class.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Data {
    rows: BTreeMap<String, Vec<Row>>,
}

impl Data {
    /// Reads files: names such as `data/Customer.csv`, and bytes.
    ///
    /// # Errors
    ///
    /// All findings, in the order of the files.
    pub fn read<'a>(
        model: &Model,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, Vec<Finding>> {
        let mut reader = Reader { model, findings: Vec::new(), references: Vec::new() };
        let mut rows = BTreeMap::new();
        for (file, content) in files {
            if let Some(class) = reader.class_of(file) {
                rows.insert(class.name.clone(), reader.file(file, class, content));
            }
        }
        reader.prove_references(&rows);
        reader.findings.sort();
        if reader.findings.is_empty() { Ok(Self { rows }) } else { Err(reader.findings) }
    }

    /// The rows of a class.
    pub fn rows(&self, class: &str) -> &[Row] {
        self.rows.get(class).map(Vec::as_slice).unwrap_or_default()
    }
}

struct Reader<'a> {
    model: &'a Model,
    findings: Vec<Finding>,
    /// Class that is led to, key, place.
    references: Vec<(String, String, Location)>,
}

impl<'a> Reader<'a> {
    fn class_of(&mut self, file: &str) -> Option<&'a Class> {
        let name = file.rsplit('/').next().and_then(|name| name.strip_suffix(".csv"));
        let name = name.unwrap_or(file);
        let class = self.model.class(name);
        if class.is_none() {
            let message = format!("there is no class `{name}`");
            let finding = Finding::new(codes::DATA_FILE, &Location::start_of(file), message);
            let known = self.model.classes().map(|class| class.name.as_str());
            self.findings.push(finding.with_suggestion(suggest(name, known)));
        }
        let wrapper = class.and_then(|class| class.wrapper.as_ref());
        if let Some(wrapper) = wrapper {
            let message = format!("`{name}` is held by wrapper `{wrapper}`, not by a database");
            let at = Location::start_of(file);
            self.findings.push(Finding::new(codes::DATA_FILE, &at, message));
            return None;
        }
        if let Some(class) = class.filter(|class| class.is_abstract) {
            let kinds: Vec<&str> = self.model.variants(class).map(|it| &*it.name).collect();
            let message = format!("objects of `{name}` are those of its kinds");
            let finding = Finding::new(codes::DATA_FILE, &Location::start_of(file), message);
            let hint = format!("make a file for each of: {}", kinds.join(", "));
            self.findings.push(finding.with_hint(hint));
            return None;
        }
        class
    }

    fn file(&mut self, file: &str, class: &Class, content: &[u8]) -> Vec<Row> {
        let mut reader = csv::ReaderBuilder::new().from_reader(content);
        let columns = match reader.headers() {
            Ok(headers) => headers.iter().map(str::to_owned).collect::<Vec<_>>(),
            Err(error) => {
                self.unreadable(file, &error);
                return Vec::new();
            }
        };
        if !self.columns_hold(file, class, &columns) {
            return Vec::new();
        }
        let mut rows = Vec::new();
        let mut known = BTreeSet::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    self.unreadable(file, &error);
                    break;
                }
            };
            let line = record.position().map_or(1, csv::Position::line);
            let line = u32::try_from(line).unwrap_or(u32::MAX);
            let place = Location { file: file.into(), line, column: 1 };
            let fields = columns.iter().map(String::as_str).zip(&record);
            let row = self.row(class, &place, fields);
            self.prove_unique(class, &place, &row, &mut known);
            rows.push(row);
        }
        rows
    }

    /// No row before had this key, nor the same of what is unique.
    fn prove_unique(
        &mut self,
        class: &Class,
        place: &Location,
        row: &Row,
        known: &mut BTreeSet<(usize, String)>,
    ) {
        let key: Vec<&str> = class.keys().map(|key| key.name.as_str()).collect();
        let unique = class.unique().iter().map(|names| names.iter().map(String::as_str).collect());
        for (index, names) in std::iter::once(key).chain(unique).enumerate() {
            if let Some(text) = text_of(row, &names)
                && !known.insert((index, text))
            {
                let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
                let message = format!("two rows have the same {}", names.join(" and "));
                self.findings.push(Finding::new(codes::DATA_KEY, place, message));
            }
        }
    }

    fn unreadable(&mut self, file: &str, error: &csv::Error) {
        let line = error.position().map_or(1, csv::Position::line);
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        let place = Location { file: file.into(), line, column: 1 };
        let finding = Finding::new(codes::DATA_FILE, &place, "the row cannot be read");
        let hint = "CSV in UTF-8, commas between the fields, as many fields as in the first row";
        self.findings.push(finding.with_hint(hint));
    }

    fn columns_hold(&mut self, file: &str, class: &Class, columns: &[String]) -> bool {
        let before = self.findings.len();
        let place = Location::start_of(file);
        for (message, suggestion) in row::strange_columns(class, columns) {
            let finding = Finding::new(codes::DATA_COLUMN, &place, message);
            self.findings.push(finding.with_suggestion(suggestion));
        }
        for name in required(class).filter(|name| !columns.iter().any(|it| it == name)) {
            let message = format!("column `{name}` is missing, every `{}` needs it", class.name);
            self.findings.push(Finding::new(codes::DATA_COLUMN, &place, message));
        }
        self.findings.len() == before
    }

    fn row<'f>(
        &mut self,
        class: &Class,
        place: &Location,
        fields: impl Iterator<Item = (&'f str, &'f str)>,
    ) -> Row {
        let mut row = Row::new();
        let mut mistakes = Vec::new();
        for (name, text) in fields {
            match row::member_value(self.model, class, name, text) {
                Ok(Value::Null) => {}
                Ok(value) => {
                    self.remember(class, name, place, &value);
                    row.insert(name.to_owned(), value);
                }
                Err(reason) => mistakes.push(Refusal::new(name, reason)),
            }
        }
        let whole = row::refusals(self.model, class, &row, &mistakes);
        for Refusal { name, reason } in mistakes.iter().chain(&whole) {
            self.value_finding(place, name, reason);
        }
        row
    }

    /// The object that a relation leads to must be there in the end.
    fn remember(&mut self, class: &Class, name: &str, place: &Location, value: &Value) {
        if let Some(Member::ToOne(relation)) = class.member(name) {
            self.references.push((relation.class.clone(), value.to_string(), place.clone()));
        }
    }

    fn value_finding(&mut self, place: &Location, name: &str, reason: &str) {
        let message = format!("`{name}`: {reason}");
        self.findings.push(Finding::new(codes::DATA_VALUE, place, message));
    }

    /// Every relation leads to a row that is there. Only asked when all files could be read.
    fn prove_references(&mut self, rows: &BTreeMap<String, Vec<Row>>) {
        if !self.findings.is_empty() {
            return;
        }
        let keys: BTreeMap<&str, BTreeSet<String>> = rows
            .iter()
            .filter_map(|(name, rows)| {
                let class = self.model.class(name)?;
                let keys = rows.iter().filter_map(|row| key_of(class, row));
                Some((name.as_str(), keys.collect()))
            })
            .collect();
        let is_here = |class: &str| self.model.class(class).is_none_or(|it| it.wrapper.is_none());
        for (class, key, place) in self.references.iter().filter(|(class, ..)| is_here(class)) {
            let class_and_kinds = self.model.class(class).into_iter();
            let class_and_kinds =
                class_and_kinds.flat_map(|it| std::iter::once(it).chain(self.model.kinds(it)));
            let is_there = class_and_kinds
                .filter_map(|it| keys.get(it.name.as_str()))
                .any(|keys| keys.contains(key));
            if !is_there {
                let message = format!("no file has the `{class}` that this row leads to");
                self.findings.push(Finding::new(codes::DATA_KEY, place, message));
            }
        }
    }
}

/// The key of a row as text, if it is given there.
fn key_of(class: &Class, row: &Row) -> Option<String> {
    text_of(row, &class.keys().map(|key| key.name.as_str()).collect::<Vec<_>>())
}

/// What a row has of these names as one text, if it has all of them.
fn text_of(row: &Row, names: &[&str]) -> Option<String> {
    let values: Option<Vec<Value>> = names.iter().map(|name| row.get(*name).cloned()).collect();
    values.map(|values| key::text(&values))
}
