//! Relations that the database does not declare, as names tell them. Many grown databases declare
//! none.

use std::collections::{BTreeMap, BTreeSet};

use caruso_database::{Column, TableKind};

use super::draft::{Class, Draft, ToOne};
use super::relations::{can_hold, is_same};
use super::words;

/// What keys are called everywhere, so that the same name says nothing.
const USUAL: &[&str] = &[
    "id", "nr", "no", "num", "number", "key", "code", "pos", "name", "type", "typ", "kind", "date",
    "datum", "line", "seq", "year", "status",
];
/// The shortest name that says something.
const SHORTEST: usize = 4;

/// Relations by the place of the class that has them. A column, or several together, that could
/// lead to two classes lead to none.
pub(super) fn relations(draft: &Draft<'_>) -> Vec<(usize, ToOne)> {
    let mut found = Vec::new();
    for (place, source) in draft.classes.iter().enumerate() {
        let mut candidates: BTreeMap<BTreeSet<String>, Vec<ToOne>> = BTreeMap::new();
        for (other, target) in draft.classes.iter().enumerate() {
            let is_target = other != place && target.table.kind == TableKind::Table;
            let columns = is_target.then(|| columns(draft, source, target)).flatten();
            if let Some(columns) = columns {
                let set = columns.iter().cloned().collect();
                let relation = ToOne::inferred(other, columns, &target.name);
                candidates.entry(set).or_default().push(relation);
            }
        }
        for (_, mut alternatives) in candidates {
            if let [_] = alternatives.as_slice() {
                found.extend(alternatives.pop().map(|relation| (place, relation)));
            }
        }
    }
    found.retain(|(place, relation)| {
        !draft.classes[*place].to_one.iter().any(|it| is_same(it, relation))
    });
    found
}

/// The columns of a class that are called like the key of another one.
fn columns(draft: &Draft<'_>, source: &Class<'_>, target: &Class<'_>) -> Option<Vec<String>> {
    let keys = target.key_columns();
    let columns = keys.iter().map(|key| {
        let names = names_of(target, key, keys.len());
        let mut called = source.table.columns.iter();
        called.find(|column| names.contains(&flat(&column.name)))
    });
    let columns: Vec<&Column> = columns.collect::<Option<_>>()?;
    let names: BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let is_in = |set: &[String]| set.iter().any(|name| names.contains(name.as_str()));
    let is_declared = source.table.foreign_keys.iter().any(|it| is_in(&it.columns));
    // two tables of one key are two halves of one thing, or the same thing twice
    let own: BTreeSet<&str> = source.key_columns().iter().map(String::as_str).collect();
    let is_fine = !columns.is_empty() && !is_declared && own != names;
    (is_fine && can_hold(draft, source, target, &columns))
        .then(|| columns.iter().map(|column| column.name.clone()).collect())
}

/// What a column may be called that holds this part of a key: the same, if that says something or
/// is one of several; or the class and what the key is called.
fn names_of(target: &Class<'_>, key: &str, parts: usize) -> Vec<String> {
    let own = flat(key);
    let is_telling = own.len() >= SHORTEST && !USUAL.contains(&own.as_str());
    if parts > 1 || is_telling {
        return vec![own];
    }
    let class = flat(&target.name);
    if class.len() < SHORTEST - 1 { Vec::new() } else { vec![format!("{class}{own}")] }
}

fn flat(name: &str) -> String {
    words::words(name).concat().to_ascii_lowercase()
}

impl ToOne {
    fn inferred(target: usize, columns: Vec<String>, class: &str) -> Self {
        let note = format!(
            "That this leads to `{class}` follows from names alone; the database does not declare \
             it. `caruso objects quality` counts what leads nowhere."
        );
        Self { name: String::new(), target, columns, is_required: false, note: Some(note) }
    }
}
