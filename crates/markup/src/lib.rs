//! XML with a DTD, read so that everything knows its place in the file.
//!
//! Every file of an application is XML checked by a public DTD. This crate reads the bytes of
//! such a file, checks them, and gives a tree whose elements, attribute values and texts carry
//! `file:line:column`, so that whatever a later check has to say about *meaning* also points at
//! the right place, even in the middle of an expression inside an attribute.
//!
//! Invariants:
//! - Reading never panics and never stops at the first mistake: all [`Finding`]s come at once.
//! - The tree of [`Document::recover`] holds only what the DTD allows: elements and attributes
//!   that a finding speaks about are left out, so that a later check need not repeat it.
//! - A file cannot make the reader fetch, expand or remember anything outside itself: internal
//!   subsets, entity declarations and external ids other than the expected DTD are refused.
//!
//! XML of other systems, which has namespaces and no DTD of ours, is read as [`Foreign`].
//!
//! What it is not: a general XML toolbox. In our files there are no namespaces, no general
//! entities, no `ANY` content, no encodings but UTF-8, and nothing is written back.
//!
//! ```
//! use caruso_markup::{Document, Dtd};
//!
//! let dtd = Dtd::parse(
//!     "menu.dtd",
//!     "<!ELEMENT menu (dish+)> <!ELEMENT dish (#PCDATA)> <!ATTLIST dish id ID #REQUIRED>",
//! )
//! .expect("the DTD is sound");
//! let text = r#"<!DOCTYPE menu SYSTEM "menu.dtd"><menu><dihs id="a">Soup</dihs></menu>"#;
//! let findings = Document::read("lunch.xml", text, &dtd).expect_err("a slip of the pen");
//! assert_eq!(findings[0].to_string(), concat!(
//!     "lunch.xml:1:40: element `dihs` is unknown\n",
//!     "    did you mean `dish`?",
//! ));
//! ```

mod automaton;
pub mod codes;
mod decode;
mod doctype;
mod dtd;
mod finding;
mod foreign;
mod location;
mod nearest;
pub mod overlay;
mod parameter_entities;
mod read;
mod scan;
mod tree;
mod validate;

pub use dtd::Dtd;
pub use finding::Finding;
pub use foreign::{Foreign, MAX_FOREIGN_BYTES, Qualified};
pub use location::Location;
pub use nearest::{nearest, suggest};
pub use tree::{Attribute, Document, Element, Node, Text};

/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 1024 * 1024;
/// Deepest nesting of elements that is read.
pub const MAX_DEPTH: usize = 256;
/// Most findings that one reading reports; a last one says that there are more.
pub const MAX_FINDINGS: usize = 200;
/// Most element names in one content model of a DTD.
pub const MAX_MODEL_POSITIONS: usize = 512;
/// Deepest nesting of parentheses in a content model of a DTD.
pub const MAX_MODEL_DEPTH: usize = 32;
/// Largest DTD after parameter entities are replaced, in bytes.
pub const MAX_DTD_BYTES: usize = 1024 * 1024;
/// Most parameter entities that one DTD may declare.
pub const MAX_PARAMETER_ENTITIES: usize = 256;

#[cfg(test)]
mod tests;
