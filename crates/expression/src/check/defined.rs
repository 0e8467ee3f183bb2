//! Names that stand for expressions: checked as if those stood in their place.

use super::Checker;
use crate::definition::{Definition, Hit, Rule};
use crate::tree::{Kind, Node};
use crate::typed::TypedKind;
use crate::types::Type;
use crate::{Error, MAX_DEFINED_DEPTH, MAX_DEFINED_NODES};

impl Checker<'_> {
    pub(super) fn defined(
        &mut self,
        node: &Node,
        name: &str,
        definition: &Definition,
        want: Option<&Type>,
    ) -> Option<(Type, TypedKind)> {
        let known = self.errors.len();
        let locals = std::mem::take(&mut self.locals);
        self.defining += 1;
        // a choice is held as text, so that a text can be read as one wherever it is used
        let ty = self.rules(definition, want.filter(|it| matches!(it, Type::Choice(_))));
        self.defining -= 1;
        self.locals = locals;
        for error in self.errors.iter_mut().skip(known) {
            error.at = node.at.clone();
            error.defined_by.get_or_insert_with(|| name.to_owned());
        }
        let mut said = self.errors.split_off(known);
        said.dedup();
        self.errors.append(&mut said);
        let ty = self.narrowed(node, ty?);
        Some((ty, TypedKind::Variable(name.to_owned())))
    }

    fn rules(&mut self, definition: &Definition, want: Option<&Type>) -> Option<Type> {
        let facts = self.present.len();
        let mut all: Option<Type> = None;
        let mut is_sound = true;
        for rule in &definition.rules {
            let Some(ty) = self.rule(rule, want) else {
                is_sound = false;
                continue;
            };
            match all.as_ref().map_or(Some(ty.clone()), |all| all.unified(&ty)) {
                Some(unified) => all = Some(unified),
                None => {
                    let first = all.as_ref().map(Type::to_string).unwrap_or_default();
                    let message = format!("the values are {first} and {ty}");
                    self.errors.push(Error::type_(&rule.value.root().at, message));
                    is_sound = false;
                }
            }
            if let Some(when) = rule.when.as_ref().filter(|_| definition.hit == Hit::First) {
                self.learn(when.root(), false);
            }
        }
        self.present.truncate(facts);
        let ty = all.filter(|_| is_sound)?;
        Some(if definition.is_sure() { ty } else { ty.optional() })
    }

    fn rule(&mut self, rule: &Rule, want: Option<&Type>) -> Option<Type> {
        let Some(when) = &rule.when else { return Some(self.node(rule.value.root(), want)?.ty) };
        let condition = self.condition(when.root());
        let value = self.knowing(when.root(), true, |this| this.node(rule.value.root(), want));
        condition?;
        Some(value?.ty)
    }

    /// Whether a node is a name for expressions.
    pub(super) fn is_defined(&self, node: &Node) -> bool {
        let name = self.value_of_record(node).or_else(|| match &node.kind {
            Kind::Name(name) => Some(name.clone()),
            _ => None,
        });
        name.is_some_and(|name| self.schema.definition(&name).is_some())
    }

    /// The name of a value of a record, as `advice.tariff`; nothing if the object is none.
    pub(super) fn value_of_record(&self, node: &Node) -> Option<String> {
        let Kind::Member(object, name) = &node.kind else { return None };
        let Kind::Name(record) = &object.kind else { return None };
        let is_local = self.locals.iter().any(|(local, _)| local == record);
        let values = self.schema.values_of(record).filter(|_| !is_local)?;
        values.contains(name).then(|| format!("{record}.{name}"))
    }

    /// A record by itself, which is no value, or one that has no such value.
    pub(super) fn record<T>(&mut self, node: &Node, name: &str) -> Option<T> {
        let values = self.schema.values_of(name).unwrap_or_default();
        let values: Vec<String> = values.iter().map(|it| format!("{name}.{it}")).collect();
        let error = Error::name(&node.at, format!("`{name}` is no value by itself"));
        self.fail(error.hint(format!("it has: {}", values.join(", "))))
    }

    /// Within definitions, whether another node is still within the limits.
    pub(super) fn is_within_limits(&mut self, node: &Node) -> bool {
        if self.defining == 0 || self.is_exhausted {
            return !self.is_exhausted;
        }
        self.spent += 1;
        let message = if self.spent > MAX_DEFINED_NODES {
            format!("with all that its names stand for, it has over {MAX_DEFINED_NODES} parts")
        } else if self.depth > MAX_DEFINED_DEPTH {
            format!("what its names stand for is nested over {MAX_DEFINED_DEPTH} levels deep")
        } else {
            return true;
        };
        self.is_exhausted = true;
        self.fail::<()>(Error::limit(&node.at, message));
        false
    }
}
