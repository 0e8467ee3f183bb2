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
        let database = class.database.clone();
        class.to_one.retain(|relation| {
            findings.extend(proof.to_one_mistake(&database, relation, source));
            proof.holds_to_one(&database, relation)
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
    prove_searches(model, sources, findings);
}

/// An attribute of the element that a member comes from.
fn written<'a>(class: &'a Element, member: &str, attribute: &str) -> Option<&'a Written> {
    members(class).find(|element| element.value("name") == Some(member))?.attribute(attribute)
}

/// The elements of the members of a class.
fn members(class: &Element) -> impl Iterator<Item = &Element> {
    let is_member = |name: &str| matches!(name, "attribute" | "to-one" | "to-many");
    class.elements().filter(move |element| is_member(&element.name))
}

/// The model as far as it was proved before, and all that was written.
struct Proof<'a> {
    model: &'a Model,
    sources: &'a Sources<'a>,
}

impl Proof<'_> {
    fn holds_to_one(&self, database: &str, relation: &ToOne) -> bool {
        self.model.class(&relation.class).is_some_and(|target| {
            target.database == database && target.keys().len() == relation.columns.len()
        })
    }

    fn holds_to_many(&self, class: &str, relation: &ToMany) -> bool {
        let target = self.model.class(&relation.class);
        let mut back = target.into_iter().flat_map(Class::to_one);
        back.any(|it| it.class == class && it.name == relation.inverse)
    }

    fn to_one_mistake(
        &self,
        database: &str,
        relation: &ToOne,
        source: &Element,
    ) -> Option<Finding> {
        let place = written(source, &relation.name, "class")?;
        let Some(target) = self.model.class(&relation.class) else {
            return self.unknown_class(place);
        };
        if target.database != database {
            let message = format!("`{place}` is held by database `{}`", target.database);
            return Some(place.finding(codes::OTHER_DATABASE, message));
        }
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
        let place = written(source, &relation.name, "class")?;
        let Some(target) = self.sources.get(&relation.class) else {
            return self.unknown_class(place);
        };
        let leads_back = |it: &&Element| it.value("class") == Some(class);
        let back = target.children_named("to-one").filter(leads_back);
        let candidates: Vec<&str> = back.filter_map(|it| it.value("name")).collect();
        if candidates.contains(&relation.inverse.as_str()) {
            return None;
        }
        let place = written(source, &relation.name, "inverse")?;
        let message = format!("`{place}` of `{}` does not lead to `{class}`", relation.class);
        let finding = place.finding(codes::UNKNOWN_INVERSE, message);
        Some(finding.with_suggestion(suggest(&place.value, candidates)))
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
