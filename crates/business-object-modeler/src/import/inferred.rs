//! Relations that the database does not declare, as names tell them. Many grown databases declare
//! none.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use caruso_database::{Column, TableKind};

use super::draft::{Class, Draft, ToOne};
use super::relations::{can_hold, is_same};
use super::words;

/// What keys are called everywhere, so that the same name says nothing.
const USUAL: &[&str] = &[
    "id",
    "nr",
    "no",
    "num",
    "number",
    "key",
    "code",
    "pos",
    "name",
    "type",
    "typ",
    "kind",
    "date",
    "datum",
    "line",
    "seq",
    "year",
    "status",
    "description",
    "descr",
    "omschr",
    "bezeichnung",
    "comment",
    "note",
    "memo",
    "remark",
    "text",
    "title",
    "label",
    "value",
    "contact",
    "phone",
    "email",
    "address",
];
/// What describes an object and tells none from others: as a part of a key it is a name that many
/// tables have.
const DESCRIBING: &[&str] =
    &["name", "title", "label", "description", "text", "comment", "note", "value"];
/// The shortest name that says something.
const SHORTEST: usize = 4;

/// Relations by the place of the class that has them. A column, or several together, that could
/// lead to two classes lead to none.
pub(super) fn relations(draft: &Draft<'_>) -> Vec<(usize, ToOne)> {
    let called = Called::of(draft);
    let mut candidates: BTreeMap<(usize, BTreeSet<String>), Vec<ToOne>> = BTreeMap::new();
    for (place, target) in draft.classes.iter().enumerate() {
        if target.table.kind != TableKind::Table || !target.has_key() {
            continue;
        }
        for names in names_of(target) {
            let Some(first) = names.first() else { continue };
            for source in called.with(first).filter(|source| *source != place) {
                let columns: Option<Vec<&Column>> =
                    names.iter().map(|name| called.column(source, name)).collect();
                let Some(columns) = columns else { continue };
                if could_lead(draft, &draft.classes[source], target, &columns) {
                    let columns: Vec<String> = columns.iter().map(|it| it.name.clone()).collect();
                    let set = columns.iter().cloned().collect();
                    let relation = ToOne::inferred(place, columns, &target.name);
                    candidates.entry((source, set)).or_default().push(relation);
                }
            }
        }
    }
    let alone = candidates.into_iter().filter(|(_, alternatives)| alternatives.len() == 1);
    let found = alone.flat_map(|((place, _), alternatives)| {
        alternatives.into_iter().map(move |relation| (place, relation))
    });
    let is_known = |(place, relation): &(usize, ToOne)| {
        draft.classes[*place].to_one.iter().any(|it| is_same(it, relation))
    };
    found.filter(|it| !is_known(it)).collect()
}

/// Columns by what they are called, whatever they are written like.
struct Called<'a> {
    classes: BTreeMap<String, Vec<usize>>,
    columns: BTreeMap<(usize, String), &'a Column>,
}

impl<'a> Called<'a> {
    fn of(draft: &Draft<'a>) -> Self {
        let mut called = Self { classes: BTreeMap::new(), columns: BTreeMap::new() };
        for (place, class) in draft.classes.iter().enumerate() {
            for column in &class.table.columns {
                let name = flat(&column.name);
                if let Entry::Vacant(new) = called.columns.entry((place, name.clone())) {
                    new.insert(column);
                    called.classes.entry(name).or_default().push(place);
                }
            }
        }
        called
    }

    /// The classes that have a column of this name.
    fn with(&self, name: &str) -> impl Iterator<Item = usize> {
        self.classes.get(name).into_iter().flatten().copied()
    }

    fn column(&self, class: usize, name: &str) -> Option<&'a Column> {
        self.columns.get(&(class, name.to_owned())).copied()
    }
}

/// True when columns of a class could lead to another one whose key they are called like.
fn could_lead(
    draft: &Draft<'_>,
    source: &Class<'_>,
    target: &Class<'_>,
    columns: &[&Column],
) -> bool {
    let names: BTreeSet<&str> = columns.iter().map(|column| column.name.as_str()).collect();
    let is_in = |set: &[String]| set.iter().any(|name| names.contains(name.as_str()));
    let is_declared = source.table.foreign_keys.iter().any(|it| is_in(&it.columns));
    // two tables of one key are two halves of one thing, or the same thing twice
    let own: BTreeSet<&str> = source.key_columns().iter().map(String::as_str).collect();
    !is_declared && own != names && can_hold(draft, source, target, columns)
}

/// What columns are called that hold the key of a class, in its order; each way by itself. Several
/// columns are called like the parts of the key; one like the key, if that says something, else
/// like the class, with what the key is called or without.
fn names_of(target: &Class<'_>) -> Vec<Vec<String>> {
    let own: Vec<String> = target.key_columns().iter().map(|key| flat(key)).collect();
    let is_telling = |name: &str| name.len() >= SHORTEST && !USUAL.contains(&name);
    let [key] = own.as_slice() else {
        let describes = own.iter().any(|part| DESCRIBING.contains(&part.as_str()));
        return if describes { Vec::new() } else { vec![own] };
    };
    if is_telling(key) {
        return vec![own];
    }
    let class = flat(&target.name);
    // a plural that its class could not be told from is still one where a column has the singular
    let singular = class.strip_suffix('s').map(str::to_owned);
    let mut names = Vec::new();
    for class in [Some(class), singular].into_iter().flatten() {
        if class.len() >= SHORTEST - 1 {
            names.push(vec![format!("{class}{key}")]);
        }
        if is_telling(&class) {
            names.push(vec![class]);
        }
    }
    names
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
