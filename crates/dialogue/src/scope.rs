//! What the rest of the application offers to its dialogue scripts.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_expression::Type;
use caruso_markup::Document;
use caruso_object_model::phone::Country;
use jiff::tz::TimeZone;

use crate::languages::{is_same, ranges};
use crate::spoken::Vocabularies;

/// Names that scripts may use, with their types.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Classes of the model.
    pub classes: BTreeMap<String, Class>,
    /// Queues of `routing.xml`.
    pub queues: BTreeSet<String>,
    /// What routing gets to know of a contact, by name: choices, whole numbers, truth values.
    pub contact_attributes: BTreeMap<String, Type>,
    /// Operations of wrappers, as `erp.create_service_order`.
    pub operations: BTreeMap<String, Operation>,
    /// Recorded prompts by name.
    pub prompts: BTreeMap<String, Recorded>,
    /// Recorded words and sentences, of which values are put together on the telephone.
    pub vocabularies: Vocabularies,
    /// Scripts that may be called, by id.
    pub scripts: BTreeMap<String, Arc<Document>>,
    /// The zone of the application; UTC where it is not known.
    pub zone: Option<TimeZone>,
    /// Where telephone numbers without calling code belong, unless a question says it.
    pub country: Option<Country>,
}

/// A recorded prompt, in the languages in which it was recorded.
#[derive(Debug, Clone, Default)]
pub struct Recorded {
    /// Its id by language; under an empty one where it has none, like music.
    pub ids: BTreeMap<String, String>,
}

impl Recorded {
    /// Its id in a language, or in a wider one, or that of a prompt without language.
    pub(crate) fn id(&self, language: &str) -> Option<&str> {
        let recorded = |range: &str| self.ids.iter().find(|(it, _)| is_same(it, range));
        let found = ranges(language).find_map(recorded).or_else(|| recorded(""));
        found.map(|(_, id)| id.as_str())
    }
}

/// A class of business objects.
#[derive(Debug, Clone, Default)]
pub struct Class {
    /// Attributes and relations by name.
    pub attributes: BTreeMap<String, Attribute>,
    /// Attributes whose values are written into no log.
    pub sensitive: BTreeSet<String>,
    /// The wrapper that holds its objects, where they are made by its operations alone.
    pub held_by: Option<String>,
}

/// An attribute, or a relation, whose type is [`Type::Object`].
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its type; [`Type::Optional`] where the value may be missing.
    pub ty: Type,
    /// Whether a new object must be given a value for it.
    pub is_required: bool,
    /// Whether it is computed of others and given no value.
    pub is_derived: bool,
}

/// An operation of a wrapper.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// What it takes.
    pub parameters: BTreeMap<String, Attribute>,
    /// What it gives back.
    pub results: BTreeMap<String, Type>,
}
