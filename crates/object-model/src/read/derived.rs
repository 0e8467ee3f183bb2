//! Derived attributes, read when everything is known that they may be made of.

use std::sync::Arc;

use caruso_expression::{Error, Type, check, parse};
use caruso_markup::{Attribute as Written, Element, suggest};

use super::links::{condition, errors_at};
use super::{Names, Reader, Sources, labels};
use crate::codes;
use crate::derived::{Derived, Formula, RollUp, RollUpFunction};
use crate::model::{AttributeType, Class, Enumeration, Member, Model};
use crate::schema::{ClassSchema, type_of};

impl Reader {
    /// Adds the derived attributes to the classes. They are made of what is stored, never of each
    /// other, so that their order does not matter.
    pub(super) fn derived(&mut self, model: &mut Model, sources: &Sources<'_>) {
        let whole = model.clone();
        for class in model.classes.values_mut() {
            let Some(source) = sources.get(&class.name) else { continue };
            let mut members = Names(class.member_names().map(str::to_owned).collect());
            let Some(stored) = whole.class(&class.name) else { continue };
            for element in source.elements() {
                let known = self.findings.len();
                let formula = match element.name.as_str() {
                    "derived" => self.value(&whole, stored, source, element),
                    "roll-up" => self.roll_up(&whole, stored, element),
                    _ => continue,
                };
                let member = self.member(element, &mut members);
                self.said_of_base(element, known);
                let (Some((id, name)), Some((formula, ty))) = (member, formula) else { continue };
                let enumeration = self.enumeration_of(&ty);
                let labels = labels(element);
                class.derived.push(Derived { id, name, labels, ty, enumeration, formula });
            }
        }
    }

    fn value(
        &mut self,
        model: &Model,
        class: &Class,
        source: &Element,
        element: &Element,
    ) -> Option<(Formula, Type)> {
        let place = element.attribute("value")?;
        let schema = ClassSchema { model, class };
        let checked = parse(&place.value)
            .map_err(|error| vec![error])
            .and_then(|expression| check(&expression, &schema, None));
        let checked = match checked {
            Ok(checked) => checked,
            Err(errors) => {
                self.of_derived(source, place, &errors);
                self.findings.extend(errors_at(source, place, errors));
                return None;
            }
        };
        let ty = checked.type_of().clone();
        let is_no_attribute = matches!(
            ty.present(),
            Type::List(_)
                | Type::Object(_)
                | Type::Null
                | Type::Time
                | Type::Duration
                | Type::Period
        );
        if is_no_attribute {
            let message = format!("this is {ty}, which no attribute holds");
            self.findings.push(place.finding(codes::DERIVED, message));
            return None;
        }
        Some((Formula::Value(checked), ty))
    }

    /// Findings where a derived attribute is made of another one.
    fn of_derived(&mut self, source: &Element, place: &Written, errors: &[Error]) {
        let is_derived = |name: &str| {
            let derived =
                source.elements().filter(|it| matches!(it.name.as_str(), "derived" | "roll-up"));
            derived.into_iter().any(|it| it.value("name") == Some(name))
        };
        for error in errors.iter().filter(|it| it.code == caruso_expression::codes::NAME) {
            let Some(name) = place.value.get(error.at.clone()).filter(|it| is_derived(it)) else {
                continue;
            };
            let message = format!("`{name}` is derived itself");
            let finding = place.finding_at(error.at.start, codes::DERIVED, message);
            self.findings.push(finding.with_hint("name what it is made of"));
        }
    }

    fn roll_up(
        &mut self,
        model: &Model,
        class: &Class,
        element: &Element,
    ) -> Option<(Formula, Type)> {
        let of = element.attribute("of")?;
        let Some(relation) = class.to_many().iter().find(|it| it.name == of.value) else {
            let message = format!("`{of}` is no relation to many");
            let known = class.to_many().iter().map(|it| it.name.as_str());
            let finding = of.finding(codes::DERIVED, message);
            self.findings.push(finding.with_suggestion(suggest(&of.value, known)));
            return None;
        };
        let target = model.class(&relation.class)?;
        if target.wrapper.is_some() || class.wrapper.is_some() {
            let message = format!("`{of}` leads to or from what a wrapper holds");
            let finding = of.finding(codes::WRAPPED, message);
            self.findings.push(finding.with_hint("figures are those of one database"));
            return None;
        }
        let function = match element.value("function") {
            Some("sum") => RollUpFunction::Sum,
            Some("least") => RollUpFunction::Least,
            Some("greatest") => RollUpFunction::Greatest,
            _ => RollUpFunction::Count,
        };
        let ty = self.type_of_figure(target, element, function)?;
        let schema = ClassSchema { model, class: target };
        let when = match element.attribute("when") {
            None => None,
            Some(place) => {
                // a member of the other class that has a mistake is not told from an unknown one
                Some(condition(&schema, element, place, &mut self.findings)?)
            }
        };
        let attribute = element.value("attribute").map(str::to_owned);
        let relation = relation.name.clone();
        Some((Formula::RollUp(RollUp { relation, function, attribute, when }), ty))
    }

    /// The type of a figure over objects of a class; a finding if they have no such figure.
    fn type_of_figure(
        &mut self,
        target: &Class,
        element: &Element,
        function: RollUpFunction,
    ) -> Option<Type> {
        let Some(written) = element.attribute("attribute") else {
            if function == RollUpFunction::Count {
                return Some(Type::Int);
            }
            let finding = element.finding(codes::DERIVED, "only a count is of no attribute");
            self.findings.push(finding.with_hint("name one: `attribute=\"…\"`"));
            return None;
        };
        let Some(Member::Attribute(attribute)) = target.member(&written.value) else {
            let message = format!("`{}` has no attribute `{written}`", target.name);
            let known = target.attributes().iter().map(|it| it.name.as_str());
            let finding = written.finding(codes::DERIVED, message);
            self.findings.push(finding.with_suggestion(suggest(&written.value, known)));
            return None;
        };
        let is_fitting = match function {
            RollUpFunction::Count => return Some(Type::Int),
            RollUpFunction::Sum => {
                matches!(
                    attribute.ty,
                    AttributeType::Int | AttributeType::Decimal(_) | AttributeType::Money { .. }
                )
            }
            RollUpFunction::Least | RollUpFunction::Greatest => {
                !matches!(attribute.ty, AttributeType::Bool | AttributeType::Choice(_))
            }
        };
        if let AttributeType::Money { currency: None, .. } = attribute.ty {
            let message = format!("`{written}` is money of several currencies");
            let finding = written.finding(codes::DERIVED, message);
            self.findings.push(finding.with_hint("count, or add up money of one `currency`"));
            return None;
        }
        if !is_fitting {
            let word = element.value("function").unwrap_or_default();
            let message = format!("a {} has no {word}", attribute.ty.word());
            self.findings.push(written.finding(codes::DERIVED, message));
            return None;
        }
        Some(type_of(Member::Attribute(attribute)).present().clone().optional())
    }

    fn enumeration_of(&self, ty: &Type) -> Option<Arc<Enumeration>> {
        match ty.present() {
            Type::Choice(choice) => self.enumerations.get(&choice.name).cloned(),
            _ => None,
        }
    }
}
