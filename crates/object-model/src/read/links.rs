//! What leads from one class to another, proved when all classes are there.

use caruso_expression::{Checked, Error, Type, check, parse};
use caruso_markup::{Attribute as Written, Element, Finding, suggest};

use super::Sources;
use crate::codes;
use crate::model::{Class, Model, ToMany, ToOne};
use crate::schema::ClassSchema;

/// Takes out what does not hold, with a finding for each.
pub(super) fn prove(model: &mut Model, sources: &Sources<'_>, findings: &mut Vec<Finding>) {
    let proof = Proof { model: &model.clone(), sources };
    for class in model.classes.values_mut() {
        let Some(source) = sources.get(&class.name) else { continue };
        class.to_one.retain(|relation| {
            findings.extend(proof.to_one_mistake(relation, source));
            proof.holds_to_one(relation)
        });
    }
    let proof = Proof { model: &model.clone(), sources };
    for class in model.classes.values_mut() {
        let Some(source) = sources.get(&class.name) else { continue };
        let name = class.name.clone();
        class.to_many.retain(|relation| {
            findings.extend(proof.to_many_mistake(&name, relation, source));
            proof.holds_to_many(&name, relation)
        });
    }
    prove_kinds(model, sources, findings);
    prove_searches(model, sources, findings);
}

/// What tells the objects of a class from others of the class that it is a kind of.
fn prove_kinds(model: &mut Model, sources: &Sources<'_>, findings: &mut Vec<Finding>) {
    let whole = model.clone();
    let own = |class: &Class, findings: &mut Vec<Finding>| {
        let source = sources.get(&class.name)?;
        let place = source.attribute("where")?;
        if class.base.is_none() {
            let message = "`where` stands without `extends`";
            findings.push(place.finding(codes::KIND, message));
            return None;
        }
        condition(&ClassSchema { model: &whole, class }, source, place, findings)
    };
    for class in model.classes.values_mut() {
        let mut when: Vec<Checked> = own(class, findings).into_iter().collect();
        // what is wrong with those is said of them
        let mut said = Vec::new();
        when.extend(whole.bases(class).filter_map(|base| own(base, &mut said)));
        class.when = when;
    }
}

/// An attribute of the element that a member comes from.
fn written<'a>(class: &'a Element, member: &str, attribute: &str) -> Option<&'a Written> {
    members(class).find(|element| element.value("name") == Some(member))?.attribute(attribute)
}

/// The elements of the members of a class.
fn members(class: &Element) -> impl Iterator<Item = &Element> {
    let is_member =
        |name: &str| matches!(name, "attribute" | "derived" | "roll-up" | "to-one" | "to-many");
    class.elements().filter(move |element| is_member(&element.name))
}

/// The model as far as it was proved before, and all that was written.
struct Proof<'a> {
    model: &'a Model,
    sources: &'a Sources<'a>,
}

impl Proof<'_> {
    fn holds_to_one(&self, relation: &ToOne) -> bool {
        let target = self.model.class(&relation.class);
        target.is_some_and(|target| target.keys().len() == relation.columns.len())
    }

    fn holds_to_many(&self, class: &str, relation: &ToMany) -> bool {
        let leads = |from: &str, name: &str, to: &str| {
            let relations = self.model.class(from).into_iter().flat_map(Class::to_one);
            relations.into_iter().any(|it| it.name == name && self.model.is_a(to, &it.class))
        };
        match &relation.between {
            None => leads(&relation.class, &relation.inverse, class),
            Some(between) => {
                leads(&between.class, &relation.inverse, class)
                    && leads(&between.class, &between.onward, &relation.class)
                    && self.apart(&between.class, &relation.class).is_none()
            }
        }
    }

    /// The databases of two classes, if they are not the same.
    fn apart(&self, one: &str, other: &str) -> Option<[&str; 2]> {
        let database = |class: &str| self.model.class(class).map(|it| it.database.as_str());
        let databases = [database(one)?, database(other)?];
        (databases[0] != databases[1]).then_some(databases)
    }

    fn to_one_mistake(&self, relation: &ToOne, source: &Element) -> Option<Finding> {
        let place = written(source, &relation.name, "class")?;
        let Some(target) = self.model.class(&relation.class) else {
            return self.unknown_class(place);
        };
        let (wanted, found) = (target.keys().len(), relation.columns.len());
        (wanted != found).then(|| {
            let names: Vec<&str> = target.keys().map(|key| key.name.as_str()).collect();
            let columns = if wanted == 1 { "column" } else { "columns" };
            let message = format!("the key of `{place}` takes {wanted} {columns}, not {found}");
            let hint = format!("name a column for each of: {}", names.join(", "));
            place.finding(codes::KEY_COLUMNS, message).with_hint(hint)
        })
    }

    fn to_many_mistake(&self, class: &str, relation: &ToMany, source: &Element) -> Option<Finding> {
        let written = |attribute| written(source, &relation.name, attribute);
        let target = written("class")?;
        if !self.sources.contains_key(&relation.class) {
            return self.unknown_class(target);
        }
        match &relation.between {
            None => self.unled(&relation.class, written("inverse")?, class),
            Some(between) if !self.sources.contains_key(&between.class) => {
                self.unknown_class(written("through")?)
            }
            Some(between) => {
                let back = self.unled(&between.class, written("inverse")?, class);
                let onward = || self.unled(&between.class, written("onward")?, &relation.class);
                back.or_else(onward).or_else(|| {
                    let through = written("through")?;
                    let [own, other] = self.apart(&between.class, &relation.class)?;
                    let message = format!("`{through}` is in database `{own}`, not in `{other}`");
                    Some(through.finding(codes::OTHER_DATABASE, message))
                })
            }
        }
    }

    /// A finding if a class, which there is, says of no relation to one of this name that it leads
    /// to a class.
    fn unled(&self, from: &str, relation: &Written, to: &str) -> Option<Finding> {
        let relations = self.sources.get(from)?.children_named("to-one");
        let leading = relations.filter(|it| {
            it.value("class").is_some_and(|class| class == to || self.model.is_a(to, class))
        });
        let candidates: Vec<&str> = leading.filter_map(|it| it.value("name")).collect();
        if candidates.contains(&relation.value.as_str()) {
            return None;
        }
        let message = format!("`{relation}` of `{from}` does not lead to `{to}`");
        let finding = relation.finding(codes::UNKNOWN_INVERSE, message);
        Some(finding.with_suggestion(suggest(&relation.value, candidates)))
    }

    fn unknown_class(&self, place: &Written) -> Option<Finding> {
        if self.sources.contains_key(&place.value) {
            return None;
        }
        let finding = place.finding(codes::UNKNOWN_CLASS, format!("class `{place}` is unknown"));
        let known = self.sources.keys().map(String::as_str);
        Some(finding.with_suggestion(suggest(&place.value, known)))
    }
}

fn prove_searches(model: &mut Model, sources: &Sources<'_>, findings: &mut Vec<Finding>) {
    let whole = model.clone();
    for class in model.classes.values_mut() {
        let Some(source) = sources.get(&class.name) else { continue };
        let Some(own) = whole.class(&class.name) else { continue };
        for attribute in &mut class.attributes {
            let Some(search) = &mut attribute.search else { continue };
            if let Some(place) = written(source, &attribute.name, "search-for") {
                let is_known = own.to_one().iter().any(|it| it.name == place.value);
                if !is_known {
                    search.owner = None;
                    let message = format!("`{place}` is not a relation to one");
                    let finding = place.finding(codes::SEARCH, message);
                    let known = own.to_one().iter().map(|it| it.name.as_str());
                    findings.push(finding.with_suggestion(suggest(&place.value, known)));
                }
            }
            if let Some(place) = written(source, &attribute.name, "search-when") {
                let schema = ClassSchema { model: &whole, class: own };
                search.when = condition(&schema, source, place, findings);
            }
        }
    }
}

/// A condition over the objects of a class, whose element is `source`.
pub(super) fn condition(
    schema: &ClassSchema<'_>,
    source: &Element,
    place: &Written,
    findings: &mut Vec<Finding>,
) -> Option<Checked> {
    let checked = parse(&place.value)
        .map_err(|error| vec![error])
        .and_then(|expression| check(&expression, schema, Some(&Type::Bool)));
    checked.map_err(|errors| findings.extend(errors_at(source, place, errors))).ok()
}

/// Mistakes of an expression over a class, at their places in the file. A member with another
/// mistake, which the class lacks, gives no second finding.
pub(super) fn errors_at(
    source: &Element,
    place: &Written,
    errors: Vec<Error>,
) -> impl Iterator<Item = Finding> {
    let is_second = |error: &Error| {
        let name = place.value.get(error.at.clone());
        error.code == caruso_expression::codes::NAME && name.is_some_and(|it| declares(source, it))
    };
    errors.into_iter().filter(move |error| !is_second(error)).map(|error| {
        let finding = place.finding_at(error.at.start, error.code, error.message);
        finding.with_suggestion(error.hint)
    })
}

/// True when a class, whose element this is, says something of a member of this name.
pub(super) fn declares(class: &Element, name: &str) -> bool {
    members(class).any(|element| element.value("name") == Some(name))
}
