//! What tells the objects of a class apart, and what tells that one has changed.

use caruso_markup::{Attribute as Written, Element, Finding, suggest};

use super::Reader;
use super::wrapped::WRAPPER;
use crate::codes;
use crate::model::{Attribute, AttributeType, KeySource, Revision};

impl Reader {
    /// The places of the key attributes.
    pub(super) fn key(
        &mut self,
        class: &Element,
        source: KeySource,
        attributes: &[Attribute],
    ) -> Option<Vec<usize>> {
        let written = class.attribute("key")?;
        let candidates = attributes.iter().filter(|it| can_be_key(it)).map(|it| it.name.as_str());
        let places =
            self.places(class, written, codes::UNKNOWN_KEY, attributes, candidates.collect())?;
        for (place, offset) in &places {
            let attribute = &attributes[*place];
            if !can_be_key(attribute) {
                let message = format!("`{}` cannot be the key", attribute.name);
                let finding = written.finding_at(*offset, codes::UNKNOWN_KEY, message);
                let hint = "a key is a required text, int, date or choice";
                self.findings.push(finding.with_hint(hint));
                return None;
            }
        }
        let places: Vec<usize> = places.into_iter().map(|(place, _)| place).collect();
        let is_int = |place: &usize| matches!(attributes[*place].ty, AttributeType::Int);
        let is_text = |place: &usize| matches!(attributes[*place].ty, AttributeType::Text(_));
        // a system behind a wrapper may write its numbers with letters
        let is_fine = |it: &usize| is_int(it) || (class.value(WRAPPER).is_some() && is_text(it));
        if source == KeySource::Assigned && !(places.len() == 1 && places.iter().all(is_fine)) {
            let message = format!("the database cannot assign `{written}`");
            let finding = written.finding(codes::UNKNOWN_KEY, message);
            self.findings.push(finding.with_hint("an assigned key is one required int"));
            return None;
        }
        Some(places)
    }

    /// What tells that an object has changed; everything that is read where nothing sound is
    /// said.
    pub(super) fn revision(&mut self, class: &Element, attributes: &[Attribute]) -> Revision {
        let (column, names) = (class.attribute("revision"), class.attribute("revision-of"));
        if let (Some(_), Some(names)) = (column, names) {
            let message = "a class has `revision` or `revision-of`, not both";
            self.findings.push(names.finding(codes::REVISION, message));
        }
        if let Some(column) = column {
            return Revision::Column(column.value.clone());
        }
        let all = attributes.iter().map(|it| it.name.as_str()).collect();
        let places =
            names.and_then(|names| self.places(class, names, codes::REVISION, attributes, all));
        match places {
            Some(places) => {
                Revision::Attributes(places.into_iter().map(|(place, _)| place).collect())
            }
            None => Revision::Content,
        }
    }

    /// The attribute that says when an object was last changed.
    pub(super) fn changed_at(
        &mut self,
        class: &Element,
        attributes: &[Attribute],
    ) -> Option<usize> {
        let name = class.attribute("changed-at")?;
        let is_time =
            |it: &&Attribute| matches!(it.ty, AttributeType::Date | AttributeType::Instant);
        let candidates = attributes.iter().filter(is_time).map(|it| it.name.as_str()).collect();
        let places = self.places(class, name, codes::CHANGED_AT, attributes, candidates)?;
        let (place, _) = *places.first()?;
        if is_time(&&attributes[place]) {
            return Some(place);
        }
        let message = format!("`{name}` is neither a date nor an instant");
        self.findings.push(name.finding(codes::CHANGED_AT, message));
        None
    }

    /// The places of attributes that are named with blanks between, each with the offset of its
    /// name; nothing if a name is unknown or stands twice. An attribute with another mistake
    /// gives no second finding.
    fn places(
        &mut self,
        class: &Element,
        written: &Written,
        code: &'static str,
        attributes: &[Attribute],
        candidates: Vec<&str>,
    ) -> Option<Vec<(usize, usize)>> {
        let mut places: Vec<(usize, usize)> = Vec::new();
        let mut is_sound = true;
        for (offset, name) in words(&written.value) {
            let found = attributes.iter().position(|attribute| attribute.name == name);
            let finding = match found {
                Some(place) if places.iter().all(|(known, _)| *known != place) => {
                    places.push((place, offset));
                    continue;
                }
                Some(_) => Some(written.finding_at(offset, code, format!("`{name}` stands twice"))),
                None => unknown(class, written, (offset, name), code, &candidates),
            };
            self.findings.extend(finding);
            is_sound = false;
        }
        (is_sound && !places.is_empty()).then_some(places)
    }
}

fn unknown(
    class: &Element,
    written: &Written,
    (offset, name): (usize, &str),
    code: &'static str,
    candidates: &[&str],
) -> Option<Finding> {
    if class.children_named("attribute").any(|it| it.value("name") == Some(name)) {
        return None;
    }
    let finding = written.finding_at(offset, code, format!("there is no attribute `{name}`"));
    Some(finding.with_suggestion(suggest(name, candidates.iter().copied())))
}

fn can_be_key(attribute: &Attribute) -> bool {
    let fits = matches!(
        attribute.ty,
        AttributeType::Int
            | AttributeType::Text(_)
            | AttributeType::Date
            | AttributeType::Choice(_)
    );
    fits && attribute.is_required
}

/// Words with their offsets.
pub(super) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut offset = 0;
    let pieces = text.split(' ').map(move |word| {
        let start = offset;
        offset += word.len() + 1;
        (start, word)
    });
    pieces.filter(|(_, word)| !word.is_empty())
}
