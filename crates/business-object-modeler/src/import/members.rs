//! Names of attributes and relations, which a class has each once.

use std::collections::BTreeSet;

use super::draft::{Class, Draft};
use super::words;

/// Endings of columns that say only that they hold a key.
const KEY_ENDINGS: &[&str] = &["id", "nr", "no", "num", "number", "key", "fk", "ref"];

/// Names all members: attributes first, after their columns; then what leads to one; then what
/// leads to many.
pub(super) fn name(draft: &mut Draft<'_>) {
    let mut taken: Vec<BTreeSet<String>> = Vec::new();
    for class in &mut draft.classes {
        let mut own = BTreeSet::new();
        for attribute in &mut class.attributes {
            let name = words::member_name(&words::words(&attribute.column.name), "column");
            attribute.name = words::new_name(&name, "_", &mut own);
        }
        taken.push(own);
    }
    for (place, taken) in taken.iter_mut().enumerate() {
        for relation in 0..draft.classes[place].to_one.len() {
            let name = to_one(draft, taken, place, relation);
            let name = words::new_name(&name, "_", taken);
            draft.classes[place].to_one[relation].name = name;
        }
    }
    for (place, taken) in taken.iter_mut().enumerate() {
        for relation in 0..draft.classes[place].to_many.len() {
            let name = to_many(draft, place, relation);
            let name = words::new_name(&name, "_", taken);
            draft.classes[place].to_many[relation].name = name;
        }
    }
}

/// After the column, if it is one, says more than that it holds a key, and is called otherwise than
/// the key itself, or like the class in the singular; else after the class that it leads to.
fn to_one(draft: &Draft<'_>, taken: &BTreeSet<String>, place: usize, relation: usize) -> String {
    let relation = &draft.classes[place].to_one[relation];
    let target = &draft.classes[relation.target];
    let of_class = of_class(target);
    let [column] = relation.columns.as_slice() else { return of_class };
    let is_key = |key: &String| {
        words::words(key).concat().eq_ignore_ascii_case(&words::words(column).concat())
    };
    let mut words = words::words(column);
    let is_ending = |it: &String| KEY_ENDINGS.contains(&it.to_ascii_lowercase().as_str());
    if words.last().is_some_and(is_ending) {
        words.pop();
    }
    let name = words::member_name(&words, &of_class);
    let is_singular = of_class.strip_prefix(&name).is_some_and(|rest| ["s", "es"].contains(&rest));
    if target.key_columns().iter().any(is_key) && !is_singular {
        return of_class;
    }
    if taken.contains(&name) { of_class } else { name }
}

fn of_class(class: &Class<'_>) -> String {
    words::member_name(&words::words(&class.name), "other")
}

/// The plural of the class that it leads to, with the relation there where several lead here.
fn to_many(draft: &Draft<'_>, place: usize, relation: usize) -> String {
    let relation = &draft.classes[place].to_many[relation];
    let source = &draft.classes[relation.source];
    let name = words::member_name(&words::plural(&words::words(&source.name)), "others");
    let leads_here = source.to_one.iter().filter(|it| it.target == place).count();
    if leads_here > 1 {
        return format!("{name}_as_{}", source.to_one[relation.relation].name);
    }
    name
}
