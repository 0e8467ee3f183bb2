//! What is said about an object as a whole: constraints, what is unique, indexes. Read when it is
//! known which members there are.

use caruso_expression::{Type, Typed, TypedKind};
use caruso_markup::{Attribute as Written, Element, Finding, suggest};

use super::identity::words;
use super::links::{condition, declares};
use super::{Names, Reader, Sources, texts};
use crate::codes;
use crate::constraint::Constraint;
use crate::model::{Class, Member, Model};
use crate::schema::ClassSchema;

impl Reader {
    pub(super) fn constraints(&mut self, model: &mut Model, sources: &Sources<'_>) {
        let whole = model.clone();
        for class in model.classes.values_mut() {
            let Some(source) = sources.get(&class.name) else { continue };
            let mut names = Names::default();
            for element in source.children_named("constraint") {
                let schema = ClassSchema { model: &whole, class };
                let known = self.findings.len();
                let constraint = self.constraint(&schema, source, element, &mut names);
                self.said_of_base(element, known);
                class.constraints.extend(constraint);
            }
            for element in source.children_named("unique") {
                let is_new = self.is_new_constraint(element, &mut names);
                let known = self.findings.len();
                let members = self.members(class, source, element, false);
                self.said_of_base(element, known);
                class.unique.extend(members.filter(|_| is_new));
            }
            for element in source.children_named("index") {
                let known = self.findings.len();
                let members = self.members(class, source, element, false);
                self.said_of_base(element, known);
                class.indexes.extend(members);
            }
        }
    }

    fn constraint(
        &mut self,
        schema: &ClassSchema<'_>,
        source: &Element,
        element: &Element,
        names: &mut Names,
    ) -> Option<Constraint> {
        let id = self.new_id(element);
        let is_new = self.is_new_constraint(element, names);
        let place = element.attribute("test")?;
        let test = condition(schema, source, place, &mut self.findings)?;
        if let Some(part) = look_outside(test.root()) {
            let message = "the test looks into other objects here";
            let finding = place.finding_at(part.at.start, codes::CONSTRAINT, message);
            let hint = "it may use the attributes of its class, and `has(…)` of relations to one";
            self.findings.push(finding.with_hint(hint));
            return None;
        }
        let name = element.value("name").filter(|_| is_new)?.to_owned();
        Some(Constraint { id: id?, name, test, messages: texts(element, "message") })
    }

    fn is_new_constraint(&mut self, element: &Element, names: &mut Names) -> bool {
        let code = codes::DUPLICATE_NAME;
        let name = element.attribute("name");
        name.is_some_and(|name| names.insert(&mut self.findings, name, code, "constraint"))
    }

    /// The members that are named in `attributes`, relations to many only where `has_many`;
    /// nothing if one is unknown or stands twice. A member with another mistake gives no second
    /// finding.
    pub(super) fn members(
        &mut self,
        class: &Class,
        source: &Element,
        element: &Element,
        has_many: bool,
    ) -> Option<Vec<String>> {
        let written = element.attribute("attributes")?;
        let mut names: Vec<String> = Vec::new();
        for (offset, name) in words(&written.value) {
            let message = match class.member(name) {
                None => {
                    let place = (written, offset);
                    self.findings.extend(unknown(class, source, place, name, has_many));
                    continue;
                }
                Some(Member::ToMany(_)) if !has_many => format!("`{name}` is a relation to many"),
                Some(_) if names.iter().any(|known| known == name) => {
                    format!("`{name}` stands twice")
                }
                Some(_) => {
                    names.push(name.to_owned());
                    continue;
                }
            };
            self.findings.push(written.finding_at(offset, codes::MEMBERS, message));
        }
        (names.len() == words(&written.value).count()).then_some(names)
    }
}

fn unknown(
    class: &Class,
    source: &Element,
    (written, offset): (&Written, usize),
    name: &str,
    has_many: bool,
) -> Option<Finding> {
    if declares(source, name) {
        return None;
    }
    let message = format!("`{}` has no `{name}`", class.name);
    let finding = written.finding_at(offset, codes::MEMBERS, message);
    let is_candidate =
        |known: &&str| has_many || !matches!(class.member(known), Some(Member::ToMany(_)));
    Some(finding.with_suggestion(suggest(name, class.member_names().filter(is_candidate))))
}

/// The first part of a test that needs another object.
fn look_outside(node: &Typed) -> Option<&Typed> {
    match &node.kind {
        TypedKind::Member(..) => Some(node),
        TypedKind::Variable(_) => matches!(node.ty.present(), Type::List(_)).then_some(node),
        _ => node.children().into_iter().find_map(look_outside),
    }
}
