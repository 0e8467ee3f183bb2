//! Types that attributes have in common. They are expanded while reading: the model does not know
//! them.

use std::collections::{BTreeMap, BTreeSet};

use caruso_markup::{Attribute as Written, Element, suggest};

use super::Reader;
use crate::codes;

/// What a type may say of its attributes.
const OPTIONS: [&str; 9] =
    ["type", "enum", "length", "decimals", "currency", "stored", "time-stored", "missing", "zone"];

/// What each type says, that of its base included; nothing where it is not sound: what builds on
/// that is left out without a second finding.
pub(super) type Prototypes = BTreeMap<String, Option<Vec<Written>>>;

/// The elements of types by name.
type Sources<'a> = BTreeMap<&'a str, &'a Element>;

impl Reader {
    /// Reads the types of all files.
    pub(super) fn prototypes<'a>(&mut self, elements: impl Iterator<Item = &'a Element>) {
        let mut sources = Sources::new();
        for element in elements {
            let Some(name) = element.attribute("name") else { continue };
            if sources.contains_key(name.value.as_str()) {
                let message = format!("type `{name}` is declared twice");
                self.findings.push(name.finding(codes::DUPLICATE_NAME, message));
            } else {
                sources.insert(&name.value, element);
            }
        }
        self.prototypes = sources.keys().map(|name| ((*name).to_owned(), None)).collect();
        let mut read = BTreeSet::new();
        for name in sources.keys() {
            self.resolve(name, &sources, &mut read);
        }
    }

    /// Reads a type, and before it what it builds on, as far as that was not read before.
    fn resolve<'a>(&mut self, name: &str, sources: &Sources<'a>, read: &mut BTreeSet<&'a str>) {
        let mut chain = Vec::new();
        let mut open = BTreeSet::new();
        let mut next = sources.get_key_value(name);
        while let Some((name, element)) = next
            && read.insert(name)
        {
            open.insert(*name);
            chain.push((*name, *element));
            let base = element.attribute("base");
            if let Some(base) = base.filter(|base| open.contains(base.value.as_str())) {
                let message = format!("type `{base}` builds on itself");
                self.findings.push(base.finding(codes::TYPE, message));
            }
            next = base.and_then(|base| sources.get_key_value(base.value.as_str()));
        }
        for (name, element) in chain.into_iter().rev() {
            let options = self.options(element);
            self.prototypes.insert(name.to_owned(), options);
        }
    }

    /// What a type says, if that is sound. One with a `type` must do for an attribute.
    fn options(&mut self, element: &Element) -> Option<Vec<Written>> {
        let whole = self.expanded(element, "base")?;
        let before = self.findings.len();
        if whole.value("type").is_some()
            && let Some(ty) = self.attribute_type(&whole)
        {
            self.stored(&whole, &ty, false);
            self.time_stored(&whole);
        }
        let is_option = |written: &Written| OPTIONS.contains(&written.name.as_str());
        let options = whole.attributes.into_iter().filter(is_option);
        (self.findings.len() == before).then(|| options.collect())
    }

    /// An attribute or a type with what it does not say itself, but the type that it names by
    /// `link` says; nothing if that type is not sound. What is taken over stands at `link`, so
    /// that a finding is where the two were brought together.
    pub(super) fn expanded(&mut self, element: &Element, link: &str) -> Option<Element> {
        let mut whole = element.clone();
        let Some(link) = element.attribute(link) else { return Some(whole) };
        let Some(options) = self.prototypes.get(&link.value) else {
            let finding = link.finding(codes::TYPE, format!("type `{link}` is unknown"));
            let known = self.prototypes.keys().map(String::as_str);
            self.findings.push(finding.with_suggestion(suggest(&link.value, known)));
            return None;
        };
        for option in options.as_ref()? {
            if element.attribute(&option.name).is_none() {
                let mut option = option.clone();
                option.location = link.location.clone();
                whole.attributes.push(option);
            }
        }
        Some(whole)
    }
}
