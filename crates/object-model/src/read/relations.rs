//! Relations, as far as they stand in one class alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Choice;
use caruso_markup::{Attribute as Written, Element};

use super::{Names, Reader, is_held_by_base, labels, part_of};
use crate::codes;
use crate::model::{
    AttributeType, Between, EnumValue, Enumeration, Labels, RelationKind, ToMany, ToOne,
};

impl Reader {
    /// The sound relations to one of a class. Of one that is mapped, each has columns.
    pub(super) fn relations_to_one(
        &mut self,
        class: &Element,
        members: &mut Names,
        is_mapped: bool,
    ) -> Vec<ToOne> {
        let mut relations = Vec::new();
        for element in class.children_named("to-one") {
            let Some((id, name)) = self.member(element, members) else { continue };
            let Some(columns) = self.columns(class, element) else { continue };
            if columns.is_empty() {
                if is_mapped {
                    self.unmapped(element, "relation", "column");
                }
                continue;
            }
            let Some(kind) = self.kind_column(element) else { continue };
            relations.push(ToOne {
                id,
                name,
                labels: labels(element),
                class: element.value("class").unwrap_or_default().to_owned(),
                columns,
                kind,
                part: part_of(element),
                is_required: element.value("required") == Some("yes"),
                is_inherited: is_held_by_base(class, element),
            });
        }
        tell_apart(&mut relations);
        relations
    }

    /// What tells that a relation leads to its class; a finding if only half of it is said.
    fn kind_column(&mut self, relation: &Element) -> Option<Option<RelationKind>> {
        let lacking = match (relation.attribute("kind-column"), relation.attribute("kind")) {
            (None, None) => return Some(None),
            (Some(column), Some(code)) => {
                let name = relation.value("name").unwrap_or_default().to_owned();
                let stored = code.value.clone();
                let value = EnumValue { name, stored, labels: Labels::default() };
                let (column, ty) = (column.value.clone(), choice_of(&column.value, vec![value]));
                return Some(Some(RelationKind { column, ty }));
            }
            (Some(column), None) => column.finding(codes::KEY_COLUMNS, "`kind` is missing"),
            (None, Some(kind)) => kind.finding(codes::KEY_COLUMNS, "`kind-column` is missing"),
        };
        let hint = "`kind-column` says of which class the other object is, `kind` is its code";
        self.findings.push(lacking.with_hint(hint));
        None
    }

    /// The columns of a relation. Attributes and other relations may have them too, the
    /// revision may not. How many there must be is asked later.
    fn columns(&mut self, class: &Element, relation: &Element) -> Option<Vec<String>> {
        let children = relation.children_named("column").filter_map(|it| it.attribute("name"));
        let children: Vec<&Written> = children.collect();
        if let Some(short) = relation.attribute("column")
            && !children.is_empty()
        {
            let finding = short.finding(codes::KEY_COLUMNS, "the columns are named in two ways");
            let hint = "take the attribute for one column, or elements for several";
            self.findings.push(finding.with_hint(hint));
            return None;
        }
        let mut known = Names::default();
        let revision = class.value("revision").filter(|_| part_of(relation) == 0);
        known.0.extend(revision.map(str::to_ascii_lowercase));
        let mut are_new = true;
        for column in relation.attribute("column").into_iter().chain(children.iter().copied()) {
            let code = codes::DUPLICATE_COLUMN;
            are_new &= known.insert(&mut self.findings, column, code, "column");
        }
        let columns = relation.attribute("column").into_iter().chain(children);
        are_new.then(|| columns.map(|column| column.value.clone()).collect())
    }

    pub(super) fn relations_to_many(
        &mut self,
        class: &Element,
        members: &mut Names,
    ) -> Vec<ToMany> {
        let mut relations = Vec::new();
        for element in class.children_named("to-many") {
            let Some((id, name)) = self.member(element, members) else { continue };
            let Some(between) = self.between(element) else { continue };
            relations.push(ToMany {
                id,
                name,
                labels: labels(element),
                class: element.value("class").unwrap_or_default().to_owned(),
                inverse: element.value("inverse").unwrap_or_default().to_owned(),
                between,
            });
        }
        relations
    }

    /// What stands between; whether it leads here and on is asked later.
    fn between(&mut self, relation: &Element) -> Option<Option<Between>> {
        let lacking = match (relation.attribute("through"), relation.attribute("onward")) {
            (None, None) => return Some(None),
            (Some(class), Some(onward)) => {
                let (class, onward) = (class.value.clone(), onward.value.clone());
                return Some(Some(Between { class, onward }));
            }
            (Some(through), None) => through.finding(codes::UNKNOWN_INVERSE, "`onward` is missing"),
            (None, Some(onward)) => onward.finding(codes::UNKNOWN_INVERSE, "`through` is missing"),
        };
        let hint = "`through` names the class between, `onward` its relation to the other object";
        self.findings.push(lacking.with_hint(hint));
        None
    }
}

/// The relations that a column tells apart know each other's codes.
fn tell_apart(relations: &mut [ToOne]) {
    let all: Vec<(String, EnumValue)> = relations.iter().filter_map(code_of).collect();
    let mut types: BTreeMap<String, AttributeType> = BTreeMap::new();
    for kind in relations.iter_mut().filter_map(|relation| relation.kind.as_mut()) {
        let column = kind.column.to_ascii_lowercase();
        let ty = types.entry(column).or_insert_with_key(|wanted| {
            let same = all.iter().filter(|(column, _)| column.eq_ignore_ascii_case(wanted));
            choice_of(&kind.column, same.map(|(_, value)| value.clone()).collect())
        });
        kind.ty = ty.clone();
    }
}

fn code_of(relation: &ToOne) -> Option<(String, EnumValue)> {
    let kind = relation.kind.as_ref()?;
    match &kind.ty {
        AttributeType::Choice(codes) => Some((kind.column.clone(), codes.values.first()?.clone())),
        _ => None,
    }
}

fn choice_of(name: &str, values: Vec<EnumValue>) -> AttributeType {
    let names = values.iter().map(|value| value.name.clone()).collect();
    let choice = Arc::new(Choice { name: name.to_owned(), values: names });
    AttributeType::Choice(Arc::new(Enumeration { choice, values }))
}
