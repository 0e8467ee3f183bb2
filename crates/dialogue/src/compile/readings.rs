//! Data: what came of reading it, and when it is too old.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Type, Typed, TypedKind, Value};
use caruso_markup::{Attribute, Element, Location};

use super::Compiler;
use super::calls::{Graph, constant};
use crate::codes;
use crate::formula::Defined;
use crate::freshness::{FAILED, FOUND, NONE, SEVERAL, companion};
use crate::script::Source;
use crate::texts::Text;

impl Compiler<'_> {
    /// Gives what comes of an object that is handed over a name, as if it had been read: it is
    /// there or not.
    pub(super) fn declare_handed(&mut self, object: &str, at: &Location) {
        let name = companion(object);
        let ty = Type::choice(name.as_str(), [FOUND, NONE, FAILED, SEVERAL]);
        let defined = Arc::new(Defined::typed(name.clone(), at.clone()));
        Arc::make_mut(&mut self.names.defined).insert(name.clone(), defined);
        Arc::make_mut(&mut self.names.types).insert(name.clone(), ty);
        Arc::make_mut(&mut self.names.finite).insert(name.clone());
        Arc::make_mut(&mut self.names.is_source).insert(name);
    }

    /// What that is.
    pub(super) fn give_handed(&mut self, object: &str) {
        let Some(ty) = self.names.types.get(object).cloned() else { return };
        let variable = Typed { at: 0..0, ty, kind: TypedKind::Variable(object.to_owned()) };
        let is_there = constant(Type::Bool, TypedKind::IsPresent(Box::new(variable)));
        let word = |it: &str| constant(Type::Text, TypedKind::Literal(Value::from(it)));
        let rules = vec![(Some(is_there), word(FOUND)), (None, word(NONE))];
        self.give(&companion(object), rules);
    }

    /// Gives what comes of reading data a name: `customer_read`.
    pub(super) fn declare_reading(&mut self, data: &Attribute, is_list: bool) {
        let name = self.names.full(&companion(&data.value));
        let several = (!is_list).then_some(SEVERAL);
        let words: Vec<&str> = [FOUND, NONE, FAILED].into_iter().chain(several).collect();
        let ty = Type::choice(name.as_str(), words.iter().copied());
        if Arc::make_mut(&mut self.names.types).insert(name.clone(), ty).is_some() {
            let message =
                format!("the name `{name}` is taken: it is how `{}` was read", data.value);
            self.find(data, codes::DUPLICATE, message, None);
        }
        let word = |it: &str| Text::word(&self.language, &self.zone, it);
        let labels = words.into_iter().map(|it| (it.to_owned(), word(it))).collect();
        Arc::make_mut(&mut self.names.labels).insert(name.clone(), Arc::new(labels));
        Arc::make_mut(&mut self.names.finite).insert(name.clone());
        Arc::make_mut(&mut self.names.is_source).insert(name);
    }

    /// By what objects are found that lead to another one, which was declared before.
    pub(super) fn led_to(&mut self, related: &Element) -> Option<Source> {
        let (class, attribute) = (related.value("class")?, related.value("attribute")?);
        let names = self.names.of_sources();
        let to = self.formula(related.attribute("to")?, &names, None)?;
        Some(Source::Related { class: class.to_owned(), attribute: attribute.to_owned(), to })
    }

    /// The data of scripts that are called, and what came of reading it.
    pub(super) fn declare_data(&mut self, called: &Element) {
        for element in called.elements() {
            let is_list = element.name == "related";
            let Some(name) =
                element.attribute("name").filter(|_| is_list || element.name == "find")
            else {
                continue;
            };
            let class = Type::Object(element.value("class").unwrap_or_default().into());
            let ty = if is_list { class.list() } else { class.optional() };
            let full = self.names.full(&name.value);
            Arc::make_mut(&mut self.names.types).insert(full.clone(), ty);
            Arc::make_mut(&mut self.names.is_source).insert(full);
            self.declare_reading(name, is_list);
        }
    }

    /// Adds what came of reading data to the data itself.
    pub(super) fn add_readings(sources: &mut BTreeMap<String, Source>) {
        let data = sources.iter().filter(|(_, source)| {
            matches!(source, Source::Object { .. } | Source::Found { .. } | Source::Related { .. })
        });
        let readings =
            data.map(|(name, _)| (companion(name), Source::Reading { of: name.clone() }));
        let readings: Vec<_> = readings.collect();
        sources.extend(readings);
    }

    /// After how many seconds data is read anew, by its name.
    pub(super) fn max_ages(&mut self, root: &Element, graph: &Graph<'_>) -> BTreeMap<String, u32> {
        let mut ages = self.own_max_ages(root);
        for (prefix, called) in graph.called() {
            // what is handed over is as old as it is where it comes from
            let data = called.elements().filter(|it| it.name != "input");
            ages.extend(data.filter_map(|it| {
                let (name, age) = (it.value("name")?, it.value("max-age")?);
                Some((format!("{prefix}{name}"), age.parse().ok()?))
            }));
        }
        ages
    }

    fn own_max_ages(&mut self, root: &Element) -> BTreeMap<String, u32> {
        let mut ages = BTreeMap::new();
        for element in root.elements() {
            let Some(age) = element.attribute("max-age") else { continue };
            if element.name == "input" && element.attribute("class").is_none() {
                let message = "what is handed in as a value is never read".to_owned();
                self.find(age, codes::UNKNOWN_DATA, message, Some("leave it out".to_owned()));
                continue;
            }
            let seconds = self.number(element, "max-age", 1..=i64::from(crate::MAX_AGE_SECONDS));
            let seconds = seconds.and_then(|it| u32::try_from(it).ok());
            if let (Some(name), Some(seconds)) = (element.value("name"), seconds) {
                ages.insert(name.to_owned(), seconds);
            }
        }
        ages
    }
}
