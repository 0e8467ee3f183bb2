//! Document type definitions: what is declared, and how a DTD is parsed.

mod parse;

use std::collections::{BTreeMap, BTreeSet};

use crate::Finding;
use crate::automaton::Automaton;
use crate::finding::Findings;
use crate::location::Source;

/// A document type definition: elements, what they hold, and their attributes.
///
/// Content is `EMPTY`, `(#PCDATA)`, mixed, or a deterministic model of elements. Attributes are
/// `CDATA`, `ID`, `IDREF`, `NMTOKEN`, `NMTOKENS` or enumerations. The document's element is one
/// that no content model names.
#[derive(Debug)]
pub struct Dtd {
    name: String,
    pub(crate) elements: BTreeMap<String, ElementDeclaration>,
}

/// One `ELEMENT` with its `ATTLIST`s.
#[derive(Debug)]
pub(crate) struct ElementDeclaration {
    pub(crate) content: Content,
    /// The model as written, in tidy form.
    pub(crate) model: String,
    pub(crate) attributes: Vec<AttributeDeclaration>,
}

#[derive(Debug)]
pub(crate) enum Content {
    Empty,
    /// Text, and elements of these names in any order.
    Mixed(BTreeSet<String>),
    Elements(Automaton),
}

#[derive(Debug)]
pub(crate) struct AttributeDeclaration {
    pub(crate) name: String,
    pub(crate) kind: AttributeType,
    pub(crate) default: DefaultValue,
}

/// XML 1.0 §3.3.1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AttributeType {
    Cdata,
    Id,
    Idref,
    NameToken,
    NameTokens,
    Enumeration(Vec<String>),
}

/// XML 1.0 §3.3.2.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum DefaultValue {
    Required,
    Implied,
    Fixed(String),
    Value(String),
}

impl Dtd {
    /// Parses a DTD. `name` is its file name, with which documents must refer to it.
    ///
    /// # Errors
    /// All findings: malformed or refused declarations, names declared twice or not at all,
    /// content models that are not deterministic, and passed limits.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<Finding>> {
        let mut findings = Findings::default();
        let elements = parse::parse(&Source::new(name, text), &mut findings);
        if findings.is_empty() {
            Ok(Self { name: name.to_owned(), elements })
        } else {
            Err(findings.into_sorted())
        }
    }

    /// Its file name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The declared elements in alphabetical order.
    pub fn element_names(&self) -> impl Iterator<Item = &str> {
        self.elements.keys().map(String::as_str)
    }

    /// The elements that no other element may hold: one of them is a document's element.
    pub(crate) fn roots(&self) -> Vec<&str> {
        let mut roots: BTreeSet<&str> = self.element_names().collect();
        for (name, declaration) in &self.elements {
            for child in declaration.content.names().into_iter().filter(|it| it != name) {
                roots.remove(child);
            }
        }
        roots.into_iter().collect()
    }
}

impl Content {
    /// Every element name in the content.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        match self {
            Self::Empty => BTreeSet::new(),
            Self::Mixed(names) => names.iter().map(String::as_str).collect(),
            Self::Elements(automaton) => automaton.names(),
        }
    }
}
