//! Computed values: names that stand for expressions.
//!
//! A use is checked as if the expression stood there, so the declaration says only what is wrong
//! wherever it is used. A name may stand for those that are declared before it, which makes cycles
//! impossible, and for answers and results of the whole script.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Definition, Type};
use caruso_markup::{Attribute, Element};

use super::Compiler;
use super::names::Names;
use crate::codes;
use crate::formula::Defined;
use crate::parts::is_step;
use crate::script::Source;

impl<'a> Compiler<'a> {
    /// What is computed, and by what objects are found, in the order of the file.
    pub(super) fn define(&mut self, root: &Element, sources: &mut BTreeMap<String, Source>) {
        let declared = root.elements().filter(|it| !is_step(it)).filter_map(|it| it.value("name"));
        self.later = declared.map(str::to_owned).collect();
        for element in root.elements().filter(|it| !is_step(it)) {
            let Some(name) = element.attribute("name") else { continue };
            match element.name.as_str() {
                "input" => {}
                "find" => self.found_by(element, sources),
                "related" => {
                    let full = self.names.full(&name.value);
                    // one that is not sound has its finding
                    if self.names.types.contains_key(&full) {
                        let source = self.led_to(element);
                        sources.extend(source.map(|it| (full, it)));
                    }
                }
                "computed" => self.computed(element, name),
                "table" => self.table(element, name),
                _ => continue,
            }
            self.later.remove(&name.value);
        }
    }

    /// The number by which an object is found: when a session starts, there are no answers yet.
    fn found_by(&mut self, find: &Element, sources: &mut BTreeMap<String, Source>) {
        let (Some(name), Some(class)) = (find.value("name"), find.value("class")) else { return };
        let Some(number) = find.attribute("number") else { return };
        let mut names = self.names.of_sources();
        Arc::make_mut(&mut names.types).retain(|it, _| !self.later.contains(it));
        let number = self.formula(number, &names, Some(&Type::Text.optional()));
        if let Some(number) = number {
            let class = class.to_owned();
            sources.insert(self.names.full(name), Source::Found { class, number });
        }
    }

    fn computed(&mut self, element: &Element, name: &Attribute) {
        if !self.is_new(name) {
            return;
        }
        self.check_number_of_computed(name);
        let defined = element.attribute("value").and_then(|it| self.one(name, it));
        match defined {
            Some(defined) => {
                Arc::make_mut(&mut self.names.defined)
                    .insert(defined.name.clone(), Arc::new(defined));
            }
            None => {
                self.broken.insert(name.value.clone());
            }
        }
    }

    fn one(&mut self, name: &Attribute, value: &Attribute) -> Option<Defined> {
        let names = self.names_before();
        let expression = self.parsed(value)?;
        let checked = self.checked_anywhere(value, &expression, &names, None)?;
        let (definition, rules) = (Definition::of(expression), vec![(None, checked)]);
        let (name, at) = (self.names.full(&name.value), value.location.clone());
        Some(Defined::new(name, at, definition, rules, &self.names.defined))
    }

    /// All names but those of inputs and data that are declared later.
    pub(super) fn names_before(&self) -> Names<'a> {
        let mut names = self.names.with("now", Type::Instant);
        Arc::make_mut(&mut names.types).retain(|name, _| !self.later.contains(name));
        names
    }

    pub(super) fn check_number_of_computed(&mut self, name: &Attribute) {
        let own = self.names.defined.values().filter(|it| it.definition.is_some());
        let own = own.filter(|it| !it.name.contains('/')).count();
        if own == crate::MAX_COMPUTED && self.names.prefix.is_empty() {
            let message = format!("the script computes more than {} values", crate::MAX_COMPUTED);
            self.find(name, codes::SIZE, message, None);
        }
    }
}
