//! What tells the objects of a class apart.

use std::collections::BTreeSet;

use caruso_database::{Catalog, ForeignKey, Table, TableKind};

use super::draft::{Class, Draft, Key};
use super::sample::Sample;
use super::words;

/// What the key of a view is called, alone or behind the name of the view.
const KEY_WORDS: &[&str] = &["id", "nr", "no", "number", "key", "code"];

/// What most foreign keys of other tables lead to, else the primary key, else a set of columns that
/// no two rows share; never one that may be empty.
pub(super) fn declare(draft: &mut Draft<'_>, class: &mut Class<'_>, catalog: &Catalog) {
    let table = class.table;
    let mut candidates: Vec<&Vec<String>> =
        std::iter::once(&table.primary_key).chain(&table.unique).collect();
    // of those that are led to as often the first stays before the others
    candidates.sort_by_key(|columns| std::cmp::Reverse(leading(catalog, table, columns)));
    let mut fitting = candidates.into_iter().filter(|columns| {
        let is_key = |column: &String| {
            class.in_column(column).is_some_and(|it| it.kind.can_be_key() && it.is_required)
        };
        // the columns of a primary key are never empty, but a file does not say so of them
        let is_primary = **columns == table.primary_key;
        let is_primary_key = |column: &String| {
            is_primary && class.in_column(column).is_some_and(|it| it.kind.can_be_key())
        };
        !columns.is_empty() && columns.iter().all(|it| is_key(it) || is_primary_key(it))
    });
    let Some(columns) = fitting.next().cloned() else { return };
    if columns != table.primary_key {
        let why = if leading(catalog, table, &columns) > 0 {
            "Other tables lead to this, not to the primary key."
        } else if table.primary_key.is_empty() {
            "The table has no primary key; this is what is unique in it."
        } else {
            "The columns of the primary key cannot be one here; this is what is also unique."
        };
        class.notes.push(why.to_owned());
    }
    let is_assigned = match columns.as_slice() {
        [column] => class.in_column(column).is_some_and(|it| {
            it.column.is_assigned
                && draft.fits(&super::draft::Kind::Int, &[], it.column)
                && it.kind == super::draft::Kind::Int
        }),
        _ => false,
    };
    class.key = Key::Columns(columns, is_assigned);
    require(class);
}

/// How many foreign keys lead to these columns of a table.
fn leading(catalog: &Catalog, table: &Table, columns: &[String]) -> usize {
    let columns: BTreeSet<&String> = columns.iter().collect();
    let keys = catalog.tables.iter().flat_map(|other| &other.foreign_keys);
    let leads_here = |key: &&ForeignKey| {
        key.table == table.name && key.target.iter().collect::<BTreeSet<_>>() == columns
    };
    keys.filter(leads_here).count()
}

/// Key attributes are required.
fn require(class: &mut Class<'_>) {
    let columns = class.key_columns().to_vec();
    for attribute in &mut class.attributes {
        attribute.is_required |= columns.contains(&attribute.column.name);
    }
}

/// The key of a view, where a column is called like one and nothing speaks against it; elsewhere,
/// a note on which columns might be one.
pub(super) fn suppose(class: &mut Class<'_>, sample: Option<&Sample>) {
    if class.has_key() {
        return;
    }
    let is_unique = |column: &str| {
        let profile = sample.and_then(|sample| sample.columns.get(column));
        profile.is_none_or(|profile| profile.is_distinct)
    };
    let names = key_names(class);
    let named = class.attributes.iter().find(|it| {
        let name = words::member_name(&words::words(&it.column.name), "column");
        it.kind.can_be_key() && names.contains(&name) && is_unique(&it.column.name)
    });
    if let Some(named) = named.filter(|_| class.table.kind == TableKind::View) {
        let (column, rows) = (named.column.name.clone(), sample.map_or(0, |it| it.rows));
        class.notes.push(format!(
            "That `{column}` tells its rows apart follows from its name and from {rows} rows that \
             were looked at; `caruso objects check` proves it."
        ));
        class.key = Key::Columns(vec![column], false);
        return require(class);
    }
    let Some(sample) = sample.filter(|sample| sample.rows > 1) else { return };
    let distinct = class.attributes.iter().filter(|it| {
        let profile = sample.columns.get(&it.column.name);
        it.kind.can_be_key() && profile.is_some_and(|profile| profile.is_distinct)
    });
    let distinct: Vec<String> = distinct.map(|it| format!("`{}`", it.column.name)).collect();
    if !distinct.is_empty() {
        class.notes.push(format!(
            "In the {} rows that were looked at, each of these columns is filled and differs from \
             row to row: {}.",
            sample.rows,
            distinct.join(", ")
        ));
    }
}

fn key_names(class: &Class<'_>) -> BTreeSet<String> {
    let words = words::words(&class.name);
    let last = words.last().cloned().unwrap_or_default();
    let whole = words::member_name(&words, "table");
    let owners = [whole, last.to_ascii_lowercase()];
    let behind =
        owners.iter().flat_map(|it| KEY_WORDS.iter().map(move |key| format!("{it}_{key}")));
    behind.chain(["id".to_owned()]).collect()
}
