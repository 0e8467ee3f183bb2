//! Files in a folder whose rows are objects: which files, and what stands where.

use std::collections::{BTreeMap, BTreeSet};

use caruso_markup::{Attribute, Element, Finding, suggest};
use jiff::tz::TimeZone;

use crate::columns::{self, Column, Place};
use crate::encoding::Encoding;
use crate::{HeldClass, codes};

pub use crate::rows::{MAX_ROWS, MAX_TOLD, Page, Rows};

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: u64 = 16 * 1024 * 1024;
/// Most files of a class.
pub const MAX_FILES: usize = 1_000;

/// Files, and the classes whose objects are in them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files {
    /// By the name of the class.
    pub tables: BTreeMap<String, Table>,
}

/// Where the objects of a class are, and how they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Names of files, with `*` for anything.
    pub pattern: String,
    pub(crate) encoding: Encoding,
    /// Between fields; without it columns have places in the line.
    pub(crate) separator: Option<u8>,
    pub(crate) has_header: bool,
    /// How lines begin that are rows.
    pub(crate) rows: String,
    /// How the last line begins, where a whole file has such a one.
    pub(crate) last: Option<String>,
    pub(crate) columns: Vec<Column>,
    pub(crate) keys: Vec<String>,
}

impl Table {
    /// Whether a file in the folder is one of the class.
    pub fn takes(&self, name: &str) -> bool {
        is_like(&self.pattern, name)
    }

    /// Whether the content of a file is there to its last line.
    pub fn is_whole(&self, content: &[u8]) -> bool {
        let Some(last) = &self.last else { return true };
        let line = content.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
        line.is_some_and(|line| line.starts_with(last.as_bytes()))
    }
}

/// Whether a name is of a pattern in which `*` stands for anything.
fn is_like(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(name) = name.strip_prefix(start) else { return false };
    if rest.is_empty() {
        return true;
    }
    let mut ends = name.char_indices().map(|(at, _)| &name[at..]);
    ends.any(|end| is_like(rest, end))
}

/// What the element says, as far as it fits the model.
pub(crate) fn read(
    root: &Element,
    classes: &BTreeMap<String, HeldClass>,
    findings: &mut Vec<Finding>,
) -> Files {
    let zone = zone(root, findings);
    let mut tables = BTreeMap::new();
    for element in root.children_named("table") {
        let Some(class) = element.attribute("class") else { continue };
        let Some(held) = classes.get(&class.value) else {
            findings.push(unknown(class, classes));
            continue;
        };
        let table = table(element, held, &zone, findings);
        if tables.insert(class.value.clone(), table).is_some() {
            let message = format!("class `{class}` stands here twice");
            findings.push(class.finding(codes::DUPLICATE, message));
        }
    }
    for (name, class) in classes {
        let is_read_only = !class.is_writable;
        if !tables.contains_key(name) {
            let message = format!("nothing says where the objects of class `{name}` are");
            let hint = format!("add `<table class=\"{name}\" pattern=\"…\">`");
            findings.push(root.finding(codes::UNFIT_CLASS, message).with_hint(hint));
        } else if !is_read_only {
            let message = format!("class `{name}` is writable, and files are only read");
            let hint = "leave `writable` out of the class";
            findings.push(root.finding(codes::UNFIT_CLASS, message).with_hint(hint));
        }
    }
    Files { tables }
}

/// What is to be said of a class that the model does not have.
pub(crate) fn unknown(class: &Attribute, classes: &BTreeMap<String, HeldClass>) -> Finding {
    let message = format!("the model has no class `{class}` of this wrapper");
    let hint = suggest(&class.value, classes.keys().map(String::as_str));
    class.finding(codes::UNFIT_CLASS, message).with_suggestion(hint)
}

fn zone(root: &Element, findings: &mut Vec<Finding>) -> TimeZone {
    let Some(written) = root.attribute("zone") else { return TimeZone::UTC };
    TimeZone::get(&written.value).unwrap_or_else(|_| {
        let message = format!("there is no time zone `{written}`");
        findings.push(written.finding(codes::UNFIT_SETTING, message));
        TimeZone::UTC
    })
}

fn table(
    element: &Element,
    class: &HeldClass,
    zone: &TimeZone,
    findings: &mut Vec<Finding>,
) -> Table {
    let value = |name: &str| element.value(name).unwrap_or_default();
    let pattern = value("pattern").to_owned();
    if let Some(written) = element.attribute("pattern")
        && (pattern.contains('/') || pattern.starts_with('.') || pattern.is_empty())
    {
        let message = format!("`{pattern}` is no name of files in one folder");
        findings.push(written.finding(codes::UNFIT_SETTING, message));
    }
    let separator = separator(element, findings);
    let has_header = value("header") == "yes";
    let columns = columns::read(element, class, zone, findings);
    let columns = columns.into_iter().filter(|(column, written)| {
        let message = match (&column.place, separator, has_header) {
            (Place::Named(_), _, false) => "columns have names only where `header` is `yes`",
            (Place::Named(_), None, true) => "columns without separator have places, no names",
            (Place::Number(_), None, _) => "a column without separator has a length",
            (Place::Span(..), Some(_), _) => "a column between separators has no length",
            _ => return true,
        };
        findings.push(written.finding(codes::UNFIT_COLUMN, message));
        false
    });
    Table {
        encoding: Encoding::named(value("encoding")).unwrap_or_default(),
        separator,
        has_header,
        rows: value("rows").to_owned(),
        last: element.value("last").map(str::to_owned),
        columns: columns.map(|(column, _)| column).collect(),
        keys: class.keys.clone(),
        pattern,
    }
}

fn separator(element: &Element, findings: &mut Vec<Finding>) -> Option<u8> {
    let written = element.attribute("separator")?;
    match written.value.as_bytes() {
        b"tab" => Some(b'\t'),
        [byte] if byte.is_ascii_punctuation() && *byte != b'"' => Some(*byte),
        _ => {
            let message = format!("`{written}` separates no fields");
            let hint = "one character, as `;`, or `tab`";
            findings.push(written.finding(codes::UNFIT_SETTING, message).with_hint(hint));
            None
        }
    }
}

/// The names of a class that must have a column.
pub(crate) fn needed(class: &HeldClass) -> BTreeSet<&str> {
    class.keys.iter().chain(&class.required).chain(&class.searches).map(String::as_str).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_the_names_that_are_like_it() {
        for (pattern, name) in
            [("a.csv", "a.csv"), ("*.csv", "x.csv"), ("in-*-*.txt", "in-1-2.txt"), ("a*", "a")]
        {
            assert!(is_like(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.csv", "x.csv.new"), ("in-*-*.txt", "in-1.txt"), ("a", "ab")] {
            assert!(!is_like(pattern, name), "{pattern} {name}");
        }
    }
}
