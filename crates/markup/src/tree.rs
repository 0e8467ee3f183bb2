//! The tree of a document.

use std::fmt;

use crate::location::Origin;
use crate::{Dtd, Finding, Location};

/// A file that was read and checked.
#[derive(Debug, Clone)]
pub struct Document {
    /// Name of the file as the reader was given it.
    pub file: String,
    /// The element that holds all others.
    pub root: Element,
}

impl Document {
    /// Reads a whole file. `file` is the name that findings carry.
    ///
    /// # Errors
    /// All findings in the order of the file, at most [`MAX_FINDINGS`](crate::MAX_FINDINGS).
    pub fn read(file: &str, content: impl AsRef<[u8]>, dtd: &Dtd) -> Result<Self, Vec<Finding>> {
        match Self::recover(file, content, dtd) {
            (Some(document), findings) if findings.is_empty() => Ok(document),
            (_, findings) => Err(findings),
        }
    }

    /// Reads as much of a file as can be read, so that further checks can speak about the rest
    /// of it in the same run. What a finding is about is left out of the tree.
    pub fn recover(
        file: &str,
        content: impl AsRef<[u8]>,
        dtd: &Dtd,
    ) -> (Option<Self>, Vec<Finding>) {
        let (root, findings) = crate::read::read(file, content.as_ref(), dtd, false);
        (root.map(|root| Self { file: file.to_owned(), root }), findings)
    }

    /// Reads a whole file that is a part of a document: what it refers to by an id may stand
    /// elsewhere. [`Document::check_ids`] checks what came of all parts.
    ///
    /// # Errors
    /// As for [`Document::read`].
    pub fn read_part(
        file: &str,
        content: impl AsRef<[u8]>,
        dtd: &Dtd,
    ) -> Result<Self, Vec<Finding>> {
        match crate::read::read(file, content.as_ref(), dtd, true) {
            (Some(root), findings) if findings.is_empty() => {
                Ok(Self { file: file.to_owned(), root })
            }
            (_, findings) => Err(findings),
        }
    }

    /// What is wrong with the ids of a document that was put together of parts: some that are used
    /// twice, some that nothing has.
    pub fn check_ids(&self, dtd: &Dtd) -> Vec<Finding> {
        crate::validate::check_ids(&self.root, dtd)
    }
}

/// An element.
#[derive(Debug, Clone)]
pub struct Element {
    /// Its name.
    pub name: String,
    /// Place of its start tag.
    pub location: Location,
    /// Attributes as written, then those that the DTD gives a default.
    pub attributes: Vec<Attribute>,
    /// What stands between its tags; white space between elements is not kept.
    pub children: Vec<Node>,
}

/// A piece of an element's content.
#[derive(Debug, Clone)]
pub enum Node {
    /// An element.
    Element(Element),
    /// Character data, references resolved, `CDATA` sections included.
    Text(Text),
}

impl Element {
    /// The attribute of this name, written or by default.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The value of the attribute of this name, written or by default.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attribute(name).map(|attribute| attribute.value.as_str())
    }

    /// The elements among the children.
    pub fn elements(&self) -> impl Iterator<Item = &Element> {
        self.children.iter().filter_map(|child| match child {
            Node::Element(element) => Some(element),
            Node::Text(_) => None,
        })
    }

    /// The elements of this name among the children.
    pub fn children_named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.elements().filter(move |element| element.name == name)
    }

    /// The first element of this name among the children.
    pub fn child(&self, name: &str) -> Option<&Element> {
        self.elements().find(|element| element.name == name)
    }

    /// Its own character data, without that of its child elements, for reading: white space
    /// at the ends is left out, and inside becomes one blank.
    pub fn text(&self) -> String {
        let texts = self.children.iter().filter_map(|child| match child {
            Node::Text(text) => Some(text.value.as_str()),
            Node::Element(_) => None,
        });
        let words: Vec<&str> = texts.flat_map(str::split_whitespace).collect();
        words.join(" ")
    }

    /// A finding about this element.
    pub fn finding(&self, code: &'static str, message: impl Into<String>) -> Finding {
        Finding::new(code, &self.location, message)
    }
}

macro_rules! located_string {
    ($type:ident) => {
        impl $type {
            /// The place in the file of a byte of `value`, also after references; beyond its
            /// end, the place after the last one.
            pub fn location_at(&self, offset: usize) -> Location {
                self.origin.locate(offset.min(self.value.len()))
            }

            /// A finding about the whole value.
            pub fn finding(&self, code: &'static str, message: impl Into<String>) -> Finding {
                Finding::new(code, &self.location, message)
            }

            /// A finding about the byte `offset` of `value`, as a checker of expressions has it.
            pub fn finding_at(
                &self,
                offset: usize,
                code: &'static str,
                message: impl Into<String>,
            ) -> Finding {
                Finding::new(code, &self.location_at(offset), message)
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.value)
            }
        }
    };
}

/// An attribute with its value.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value, references resolved and white space normalized as XML 1.0 §3.3.3 says.
    pub value: String,
    /// Place of the value's first character; of the element if the value is a default.
    pub location: Location,
    pub(crate) origin: Origin,
}

/// Character data.
#[derive(Debug, Clone)]
pub struct Text {
    /// The characters, references resolved, line ends as `\n`.
    pub value: String,
    /// Place of the first character.
    pub location: Location,
    pub(crate) origin: Origin,
}

located_string!(Attribute);
located_string!(Text);
