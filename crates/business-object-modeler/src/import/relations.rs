//! Foreign keys into relations.

use std::collections::{BTreeMap, BTreeSet};

use caruso_database::{Catalog, Column, ForeignKey, TableName};

use super::draft::{Class, Draft, Kind, ToMany, ToOne};
use super::inferred;

/// Where the classes of tables are.
type Places<'a> = BTreeMap<&'a TableName, usize>;

/// Gives classes their relations: those that the database declares, then those that names tell. A
/// column that leads, and is no part of the key, is no attribute any more. What cannot be a
/// relation stays what it is, with a note.
pub(super) fn relate(draft: &mut Draft<'_>, catalog: &Catalog) {
    let mut found = Vec::new();
    let mut notes = Vec::new();
    let places: Places<'_> =
        draft.classes.iter().enumerate().map(|(place, it)| (&it.table.name, place)).collect();
    let tables: BTreeSet<&TableName> = catalog.tables.iter().map(|table| &table.name).collect();
    for (place, source) in draft.classes.iter().enumerate() {
        for foreign in &source.table.foreign_keys {
            match relation(draft, &tables, &places, source, foreign) {
                Ok(relation) => found.push((place, relation)),
                Err(Some(note)) => notes.push((place, note)),
                Err(None) => {}
            }
        }
    }
    notes.into_iter().for_each(|(place, note)| draft.classes[place].notes.push(note));
    found.into_iter().for_each(|(place, relation)| add(draft, place, relation));
    let told = inferred::relations(draft);
    told.into_iter().for_each(|(place, relation)| add(draft, place, relation));
}

fn add(draft: &mut Draft<'_>, place: usize, relation: ToOne) {
    let source = &mut draft.classes[place];
    if source.to_one.iter().any(|it| is_same(it, &relation)) {
        return;
    }
    let keys = source.key_columns().to_vec();
    source
        .attributes
        .retain(|it| keys.contains(&it.column.name) || !relation.columns.contains(&it.column.name));
    let back = ToMany { name: String::new(), source: place, relation: source.to_one.len() };
    let (target, has_key) = (relation.target, source.has_key());
    source.to_one.push(relation);
    if has_key {
        draft.classes[target].to_many.push(back);
    }
}

pub(super) fn is_same(one: &ToOne, other: &ToOne) -> bool {
    one.target == other.target && one.columns == other.columns
}

/// True when these columns can hold the key of a class, in its order.
pub(super) fn can_hold(
    draft: &Draft<'_>,
    source: &Class<'_>,
    target: &Class<'_>,
    columns: &[&Column],
) -> bool {
    columns.iter().zip(target.key_columns()).all(|(live, key)| holds(draft, target, key, live))
        && differ(columns)
        && !columns.iter().any(|live| counts(source, live))
}

/// The relation of a foreign key, or a note on why there is none; no note where the other table is
/// not imported.
fn relation(
    draft: &Draft<'_>,
    tables: &BTreeSet<&TableName>,
    places: &Places<'_>,
    source: &Class<'_>,
    foreign: &ForeignKey,
) -> Result<ToOne, Option<String>> {
    let names = foreign.columns.join("`, `");
    if !tables.contains(&foreign.table) {
        return Err(Some(format!(
            "`{names}` leads to the table `{}`, which is not here.",
            foreign.table
        )));
    }
    let place = *places.get(&foreign.table).ok_or(None)?;
    let target = &draft.classes[place];
    if !target.has_key() {
        return Err(Some(format!("`{names}` leads to `{}`, which has no key.", target.name)));
    }
    let keys = target.key_columns();
    let led = |key: &String| foreign.target.iter().position(|it| it == key);
    let places: Option<Vec<usize>> = keys.iter().map(led).collect();
    let places =
        places.filter(|places| places.len() == foreign.columns.len()).ok_or_else(|| {
            Some(format!("`{names}` leads to `{}`, but not to its key.", target.name))
        })?;
    let columns: Vec<String> = places.iter().map(|it| foreign.columns[*it].clone()).collect();
    let lives: Option<Vec<&Column>> = columns.iter().map(|it| exact(source, it)).collect();
    let fit = lives.filter(|lives| can_hold(draft, source, target, lives));
    let Some(lives) = fit else {
        return Err(Some(format!(
            "`{names}` leads to `{}`, whose key these columns cannot hold.",
            target.name
        )));
    };
    let is_required = lives.iter().all(|live| !live.is_nullable);
    Ok(ToOne { name: String::new(), target: place, columns, is_required, note: None })
}

fn exact<'a>(class: &Class<'a>, name: &str) -> Option<&'a Column> {
    class.table.columns.iter().find(|column| column.name == name)
}

/// True when a column can hold a part of the key of a class.
fn holds(draft: &Draft<'_>, target: &Class<'_>, key: &str, column: &Column) -> bool {
    let attribute = target.in_column(key);
    let codecs = attribute.map(|it| {
        (
            draft.codec(&it.kind, &[], &it.column.physical),
            draft.codec(&it.kind, &[], &column.physical),
            matches!(it.kind, Kind::Text(_)),
        )
    });
    match codecs {
        Some((Some(own), Some(other), is_text)) => is_text || own.is_alike(&other),
        _ => false,
    }
}

fn differ(columns: &[&Column]) -> bool {
    let is_twice =
        |at: usize| columns[..at].iter().any(|it| it.name.eq_ignore_ascii_case(&columns[at].name));
    !(0..columns.len()).any(is_twice)
}

/// True for the column that counts changes, which nothing else may have.
fn counts(class: &Class<'_>, column: &Column) -> bool {
    class.revision.as_ref().is_some_and(|it| it.eq_ignore_ascii_case(&column.name))
}
