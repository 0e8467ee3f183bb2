//! Columns of a table, held against the attributes of a class.

use std::collections::{BTreeMap, BTreeSet};

use caruso_markup::{Attribute, Element, Finding, suggest};
use jiff::tz::TimeZone;

use crate::cell::{Cell, Form};
use crate::{HeldClass, codes, files};

/// A column of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub(crate) attribute: String,
    pub(crate) place: Place,
    pub(crate) cell: Cell,
    pub(crate) is_required: bool,
}

/// Where a column is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// As the first line calls it.
    Named(String),
    /// From 0.
    Number(usize),
    /// First character, from 0, and how many.
    Span(usize, usize),
}

/// Longest line, in characters, as far as columns reach.
const MAX_PLACE: usize = 65_536;

/// The columns of a table, each with where it is written.
pub(crate) fn read(
    table: &Element,
    class: &HeldClass,
    zone: &TimeZone,
    findings: &mut Vec<Finding>,
) -> Vec<(Column, Attribute)> {
    let is_comma = table.value("decimal") == Some("comma");
    let (mut columns, mut seen) = (Vec::new(), BTreeSet::new());
    for element in table.children_named("column") {
        let Some(attribute) = element.attribute("attribute") else { continue };
        let Some(kind) = class.members.get(&attribute.value) else {
            let message = format!("the class has no attribute `{attribute}`");
            let hint = suggest(&attribute.value, class.members.keys().map(String::as_str));
            findings.push(attribute.finding(codes::UNFIT_CLASS, message).with_suggestion(hint));
            continue;
        };
        if !seen.insert(attribute.value.clone()) {
            let message = format!("attribute `{attribute}` has two columns");
            findings.push(attribute.finding(codes::DUPLICATE, message));
        }
        let form = match element.attribute("stored") {
            None => Form::Plain,
            Some(written) => match Form::parse(&written.value, kind) {
                Some(form) => form,
                None => {
                    let message = format!("`{written}` is no form of {kind}");
                    findings.push(written.finding(codes::UNFIT_COLUMN, message));
                    continue;
                }
            },
        };
        let Some(place) = place(element, findings) else { continue };
        let missing = element.value("missing").unwrap_or_default();
        let cell = Cell {
            kind: kind.clone(),
            form,
            codes: coded(element, findings),
            missing: missing.split_whitespace().map(str::to_owned).collect(),
            is_comma,
            zone: zone.clone(),
        };
        let name = attribute.value.clone();
        let is_required = class.required.contains(&name) || class.keys.contains(&name);
        columns.push((Column { attribute: name, place, cell, is_required }, attribute.clone()));
    }
    for name in files::needed(class).into_iter().filter(|name| !seen.contains(*name)) {
        let message = format!("attribute `{name}` needs a column");
        let hint = "a key, what every object has, and what is looked for by an index has one";
        findings.push(table.finding(codes::UNFIT_CLASS, message).with_hint(hint));
    }
    columns
}

fn place(column: &Element, findings: &mut Vec<Finding>) -> Option<Place> {
    let mut number = |name: &str| {
        let written = column.attribute(name)?;
        let number = written.value.parse().ok().filter(|it| (1..=MAX_PLACE).contains(it));
        if number.is_none() {
            let message = format!("`{written}` is no number from 1 to {MAX_PLACE}");
            findings.push(written.finding(codes::UNFIT_COLUMN, message));
        }
        Some(number)
    };
    let (at, length) = (number("at"), number("length"));
    let place = match (column.value("name"), at, length) {
        (Some(name), None, None) => Place::Named(name.to_owned()),
        (None, Some(at), None) => Place::Number(at? - 1),
        (None, Some(at), Some(length)) => Place::Span(at? - 1, length?),
        _ => {
            let message = "nothing says where the column is";
            let hint = "it has a `name`, or `at`, or `at` and `length`";
            findings.push(column.finding(codes::UNFIT_COLUMN, message).with_hint(hint));
            return None;
        }
    };
    Some(place)
}

fn coded(column: &Element, findings: &mut Vec<Finding>) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for code in column.children_named("code") {
        let (Some(is), Some(value)) = (code.attribute("is"), code.value("value")) else { continue };
        if known.insert(is.value.clone(), value.to_owned()).is_some() {
            let message = format!("`{is}` has two meanings");
            findings.push(is.finding(codes::DUPLICATE, message));
        }
    }
    known
}
