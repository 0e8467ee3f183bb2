//! Counting while rows go by.

use std::collections::BTreeMap;

use caruso_database::{Codec, Column, Raw, Unreadable};
use caruso_expression::{Budget, Checked, Value};
use caruso_object_model::phone::normalize;
use caruso_object_model::{AttributeType, Class, Constraint};
use sea_orm::QueryResult;

use super::{
    AttributeReport, ClassReport, ConstraintReport, Counted, Example, Examples, MOST_CODES,
    MOST_EXAMPLES, RelationReport, form,
};
use crate::live::{Held, Led, Live};

/// The counts of a class. A row has the columns of the attributes, then those of the relations, in
/// the order of the model.
pub(super) struct Tally<'l, 'a> {
    live: &'l Live<'a>,
    attributes: Vec<AttributeReport>,
    /// Where the columns of each attribute begin.
    places: Vec<usize>,
    /// The first value of each attribute, and whether another one came.
    firsts: Vec<(Option<Value>, bool)>,
    relations: Vec<RelationReport>,
    /// Conditions of the class, then those of each kind that the same table holds.
    constraints: Vec<Asked<'l>>,
    /// Whether conditions are asked, which need all values of a row.
    needs_values: bool,
}

impl<'l, 'a> Tally<'l, 'a> {
    /// Of a table that also holds the objects of these kinds.
    pub(super) fn new(live: &'l Live<'a>, kinds: &[&'l Class]) -> Self {
        let of_class = live.class.constraints().iter().map(|it| Asked::of(None, it));
        let is_own = |it: &&Constraint| live.class.constraints().iter().all(|of| of.id != it.id);
        let of_kind = |kind: &&'l Class| {
            let kind = *kind;
            kind.constraints().iter().filter(is_own).map(move |it| Asked::of(Some(kind), it))
        };
        let constraints: Vec<_> = of_class.chain(kinds.iter().flat_map(of_kind)).collect();
        let has_when =
            |it: &Held<'_>| it.attribute.search.as_ref().is_some_and(|it| it.when.is_some());
        Self {
            needs_values: !constraints.is_empty() || live.attributes.iter().any(has_when),
            attributes: live.attributes.iter().map(attribute).collect(),
            places: (0..live.attributes.len()).map(|at| live.place(at)).collect(),
            firsts: vec![(None, false); live.attributes.len()],
            relations: live.relations.iter().map(relation).collect(),
            constraints,
            live,
        }
    }

    pub(super) fn see(&mut self, row: &QueryResult) {
        let mut values = BTreeMap::new();
        let mut phones = Vec::new();
        for at in 0..self.attributes.len() {
            let Some(value) = self.attribute(row, at) else { continue };
            let held = &self.live.attributes[at];
            if held.attribute.search.is_some() {
                phones.push((at, value.clone()));
            }
            if self.needs_values {
                values.insert(held.attribute.name.clone(), value);
            }
        }
        self.relations(row, &mut values);
        for (at, value) in phones {
            self.phone(at, &value, &values);
        }
        self.constraints.iter_mut().for_each(|asked| asked.see(&values));
    }

    /// The value of an attribute, if there is one.
    fn attribute(&mut self, row: &QueryResult, at: usize) -> Option<Value> {
        let held = &self.live.attributes[at];
        let report = &mut self.attributes[at];
        let most = match held.attribute.ty {
            _ if held.attribute.is_sensitive => 0,
            AttributeType::Choice(_) => MOST_CODES,
            _ => MOST_EXAMPLES,
        };
        let place = self.places[at];
        let raw = held.codec.read(row, place);
        let value = raw.clone().and_then(|raw| held.codec.value(raw));
        let value = match &held.second {
            Some((_, codec, pair)) => pair.value(&value, &codec.decode(row, place + 1)),
            None => value,
        };
        match value {
            Ok(Value::Null) => {
                report.missing += 1;
                report.replaced += u64::from(raw != Ok(Raw::Null));
                None
            }
            Ok(value) => {
                report.too_long += u64::from(is_too_long(&held.attribute.ty, &value));
                let (first, differs) = &mut self.firsts[at];
                match first {
                    None => *first = Some(value.clone()),
                    Some(first) => *differs |= *first != value,
                }
                Some(value)
            }
            Err(Unreadable) => {
                report.unreadable.add(most, || shown(held, row, place));
                None
            }
        }
    }

    fn relations(&mut self, row: &QueryResult, values: &mut BTreeMap<String, Value>) {
        let mut place = self.live.columns().count();
        for (led, report) in self.live.relations.iter().zip(&mut self.relations) {
            let mut parts = Vec::new();
            let mut is_missing = false;
            for (_, codec) in &led.columns {
                match codec.decode(row, place) {
                    Ok(Value::Null) => is_missing = true,
                    Ok(value) => parts.push(value.to_string()),
                    // an orphan, if anything
                    Err(Unreadable) => {}
                }
                place += 1;
            }
            report.missing += u64::from(is_missing);
            if self.needs_values && parts.len() == led.columns.len() {
                let key = caruso_object_model::key::join(&parts);
                values.insert(led.relation.name.clone(), Value::from(key));
            }
        }
    }

    fn phone(&mut self, at: usize, value: &Value, values: &BTreeMap<String, Value>) {
        let held = &self.live.attributes[at];
        let when = held.attribute.search.as_ref().and_then(|search| search.when.as_ref());
        let is_meant = when
            .is_none_or(|when| when.evaluate(values, Budget::default()) == Ok(Value::Bool(true)));
        let text = value.to_string();
        // blank is how grown tables say that there is none
        let is_meant = is_meant && !text.trim().is_empty();
        if is_meant && normalize(&text, self.live.class.country).is_err() {
            let most = if held.attribute.is_sensitive { 0 } else { MOST_EXAMPLES };
            self.attributes[at].no_phone.add(most, || text);
        }
    }

    /// Puts the counts into the report of the class, of which so many rows were seen.
    pub(super) fn end(mut self, report: &mut ClassReport) {
        for (attribute, (first, differs)) in self.attributes.iter_mut().zip(self.firsts) {
            let values = report.rows - attribute.missing - attribute.unreadable.count;
            attribute.is_constant = values > 1 && first.is_some() && !differs;
        }
        report.attributes = self.attributes;
        report.relations = self.relations;
        report.constraints = self.constraints.into_iter().map(Asked::told).collect();
    }
}

/// A condition that rows are asked for.
struct Asked<'l> {
    /// Whose objects alone, if it is not those of the table.
    kind: Option<&'l Class>,
    constraint: &'l Constraint,
    rows: u64,
}

impl<'l> Asked<'l> {
    fn of(kind: Option<&'l Class>, constraint: &'l Constraint) -> Self {
        Self { kind, constraint, rows: 0 }
    }

    fn see(&mut self, values: &BTreeMap<String, Value>) {
        let holds = |it: &Checked| it.evaluate(values, Budget::default()) == Ok(Value::Bool(true));
        let is_meant = self.kind.is_none_or(|kind| kind.when().iter().all(holds));
        self.rows += u64::from(is_meant && !holds(&self.constraint.test));
    }

    fn told(self) -> ConstraintReport {
        let name = &self.constraint.name;
        let constraint = match self.kind {
            Some(kind) => format!("{}.{name}", kind.name),
            None => name.clone(),
        };
        ConstraintReport { constraint, rows: self.rows }
    }
}

fn attribute(held: &Held<'_>) -> AttributeReport {
    AttributeReport {
        attribute: held.attribute.name.clone(),
        column: listed(held, |column| &column.name),
        declared: listed(held, |column| &column.declared),
        form: form::of(held.attribute),
        is_required: held.attribute.is_required,
        missing: 0,
        replaced: 0,
        unreadable: Examples::default(),
        too_long: 0,
        no_phone: Examples::default(),
        is_constant: false,
    }
}

/// What is said of each of its columns.
fn listed(held: &Held<'_>, what: impl Fn(&Column) -> &String) -> String {
    held.columns().map(|column| what(column).as_str()).collect::<Vec<_>>().join(", ")
}

/// What stands in the cells of an attribute that mean no value.
fn shown(held: &Held<'_>, row: &QueryResult, place: usize) -> String {
    let cell = |codec: &Codec, place| match codec.read(row, place) {
        Ok(Raw::Null) => "NULL".to_owned(),
        Ok(raw) => text_of(&raw),
        Err(Unreadable) => as_it_is(row, place),
    };
    let first = cell(&held.codec, place);
    match &held.second {
        Some((_, codec, _)) => format!("{first} {}", cell(codec, place + 1)),
        None => first,
    }
}

fn relation(led: &Led<'_>) -> RelationReport {
    RelationReport {
        relation: led.relation.name.clone(),
        class: led.target.name.clone(),
        columns: led.columns.iter().map(|(column, _)| column.name.clone()).collect(),
        is_required: led.relation.is_required,
        missing: 0,
        orphans: Counted::default(),
    }
}

fn is_too_long(ty: &AttributeType, value: &Value) -> bool {
    match (ty, value) {
        (AttributeType::Text(Some(length)), Value::Text(text)) => text.chars().count() > *length,
        _ => false,
    }
}

impl Examples {
    fn add(&mut self, most: usize, text: impl FnOnce() -> String) {
        self.count += 1;
        if most == 0 {
            return;
        }
        let value = text();
        if let Some(known) = self.examples.iter_mut().find(|it| it.value == value) {
            known.count += 1;
        } else if self.examples.len() < most {
            self.examples.push(Example { value, count: 1 });
        }
    }
}

/// A cell that is not of its column's type, in whatever type it is.
fn as_it_is(row: &QueryResult, at: usize) -> String {
    let text = row.try_get_by_index::<String>(at).ok();
    let number = || row.try_get_by_index::<i64>(at).ok().map(|it| it.to_string());
    let float = || row.try_get_by_index::<f64>(at).ok().map(|it| it.to_string());
    text.or_else(number).or_else(float).unwrap_or_else(|| "(something else)".to_owned())
}

/// A cell as the database would write it.
pub(super) fn text_of(raw: &Raw) -> String {
    match raw {
        Raw::Null => String::new(),
        Raw::Bool(value) => value.to_string(),
        Raw::Int(number) => number.to_string(),
        Raw::Decimal(number) => number.to_string(),
        Raw::Text(text) => text.as_ref().to_owned(),
        Raw::Date(date) => date.to_string(),
        Raw::Time(time) => time.to_string(),
        Raw::DateTime(at) => at.to_string(),
        Raw::Instant(at) => at.to_string(),
        Raw::Uuid(uuid) => uuid.to_string(),
    }
}
