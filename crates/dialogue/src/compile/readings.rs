//! Data: what came of reading it, and when it is too old.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element};

use super::Compiler;
use crate::codes;
use crate::freshness::{FAILED, FOUND, NONE, SEVERAL, companion};
use crate::script::Source;
use crate::texts::Text;

impl Compiler<'_> {
    /// Gives what comes of reading data a name: `customer_read`.
    pub(super) fn declare_reading(
        &mut self,
        data: &Attribute,
        is_list: bool,
        sources: &mut BTreeMap<String, Source>,
    ) {
        let name = companion(&data.value);
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
        Arc::make_mut(&mut self.names.is_source).insert(name.clone());
        sources.insert(name, Source::Reading { of: data.value.clone() });
    }

    /// After how many seconds data is read anew, by its name.
    pub(super) fn max_ages(&mut self, root: &Element) -> BTreeMap<String, u32> {
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
