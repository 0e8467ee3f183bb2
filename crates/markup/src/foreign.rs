//! XML of others, which has no DTD of ours: messages and descriptions, with namespaces.
//!
//! Document types are refused, so that nothing is fetched or expanded; there are limits for size,
//! depth and the number of elements. Source: Namespaces in XML 1.0.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

/// Largest text that is read, in bytes.
pub const MAX_FOREIGN_BYTES: usize = 4 * 1024 * 1024;
/// Most elements of a text.
const MAX_ELEMENTS: usize = 100_000;
/// Deepest nesting.
const MAX_NESTING: usize = 64;

/// A name: its namespace, empty where it has none, and the name in that.
pub type Qualified = (String, String);

/// An element of somebody else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Foreign {
    /// Its name.
    pub name: Qualified,
    /// Attributes by the name that is written, without those that declare prefixes.
    pub attributes: BTreeMap<String, String>,
    /// The elements in it.
    pub children: Vec<Foreign>,
    /// The text in it, without that of its elements.
    pub text: String,
    prefixes: Arc<BTreeMap<String, String>>,
}

impl Foreign {
    /// Reads a text with one element.
    ///
    /// # Errors
    /// Why it is none; never with anything of it.
    pub fn read(content: &[u8]) -> Result<Self, String> {
        if content.len() > MAX_FOREIGN_BYTES {
            return Err(format!("it has more than {MAX_FOREIGN_BYTES} bytes"));
        }
        let text = std::str::from_utf8(content).map_err(|_| "it is not UTF-8 text".to_owned())?;
        read(text.trim_start_matches('\u{feff}'))
    }

    /// The children of this name, whatever their namespace.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Self> {
        self.children.iter().filter(move |it| it.name.1 == name)
    }

    /// The first child of this name.
    pub fn child(&self, name: &str) -> Option<&Self> {
        self.children.iter().find(|it| it.name.1 == name)
    }

    /// The value of an attribute.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.attributes.get(name).map(String::as_str)
    }

    /// The name that an attribute has for a value, such as `xs:string`.
    pub fn qualified(&self, name: &str) -> Option<Qualified> {
        let written = self.value(name)?;
        let (prefix, local) = written.split_once(':').unwrap_or(("", written));
        let namespace = self.prefixes.get(prefix).cloned().unwrap_or_default();
        Some((namespace, local.to_owned()))
    }
}

fn read(text: &str) -> Result<Foreign, String> {
    let mut events = quick_xml::Reader::from_str(text);
    let (mut stack, mut root, mut count) = (Vec::<Foreign>::new(), None, 0);
    loop {
        let start = usize::try_from(events.buffer_position()).unwrap_or(usize::MAX);
        let event = events.read_event().map_err(|_| "it is no XML".to_owned())?;
        let end = usize::try_from(events.buffer_position()).unwrap_or(usize::MAX);
        let raw = text.get(start..end).unwrap_or_default();
        let is_empty = matches!(event, Event::Empty(_));
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                count += 1;
                if count > MAX_ELEMENTS || stack.len() == MAX_NESTING {
                    return Err("it has too many elements".into());
                }
                if stack.is_empty() && root.is_some() {
                    return Err("it has two outermost elements".into());
                }
                stack.push(element(&tag, stack.last())?);
                if is_empty {
                    close(&mut stack, &mut root);
                }
            }
            Event::End(_) => close(&mut stack, &mut root),
            Event::Text(_) | Event::GeneralRef(_) => {
                let Some(top) = stack.last_mut() else { continue };
                let text = unescape(raw).map_err(|_| "it has an unknown reference".to_owned())?;
                top.text.push_str(&text);
            }
            Event::CData(_) => {
                let text = raw.strip_prefix("<![CDATA[").and_then(|it| it.strip_suffix("]]>"));
                if let (Some(top), Some(text)) = (stack.last_mut(), text) {
                    top.text.push_str(text);
                }
            }
            Event::DocType(_) => return Err("it has a document type".into()),
            Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
            Event::Eof if stack.is_empty() => return root.ok_or_else(|| "it is empty".to_owned()),
            Event::Eof => return Err("it is cut off".into()),
        }
    }
}

fn close(stack: &mut Vec<Foreign>, root: &mut Option<Foreign>) {
    let Some(element) = stack.pop() else { return };
    match stack.last_mut() {
        Some(parent) => parent.children.push(element),
        None => *root = Some(element),
    }
}

fn element(tag: &BytesStart<'_>, parent: Option<&Foreign>) -> Result<Foreign, String> {
    let broken = || "an attribute is no XML".to_owned();
    let known = parent.map(|it| Arc::clone(&it.prefixes)).unwrap_or_default();
    let (mut attributes, mut declared) = (BTreeMap::new(), BTreeMap::new());
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|_| broken())?;
        let name = attribute.key.as_ref().to_owned();
        let value = unescape(&attribute.value).map_err(|_| broken())?.into_owned();
        match name.strip_prefix("xmlns") {
            Some("") => _ = declared.insert(String::new(), value),
            Some(prefix) if prefix.starts_with(':') => {
                declared.insert(prefix[1..].to_owned(), value);
            }
            _ => _ = attributes.insert(name, value),
        }
    }
    let prefixes = match declared.is_empty() {
        true => known,
        false => {
            let mut all = (*known).clone();
            all.extend(declared);
            Arc::new(all)
        }
    };
    let written = tag.name();
    let written: &str = written.as_ref();
    let (prefix, local) = written.split_once(':').unwrap_or(("", written));
    let namespace = prefixes.get(prefix).cloned().unwrap_or_default();
    let name = (namespace, local.to_owned());
    Ok(Foreign { name, attributes, children: Vec::new(), text: String::new(), prefixes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_their_namespaces() {
        let text = b"<?xml version=\"1.0\"?><a:x xmlns:a=\"urn:a\" xmlns=\"urn:b\">\
            <y t=\"a:z\">1 &lt; <![CDATA[2&]]></y><a:y xmlns:a=\"urn:c\"/></a:x>";
        let root = Foreign::read(text).expect("XML");
        let name = |space: &str, name: &str| (space.to_owned(), name.to_owned());
        assert_eq!(root.name, name("urn:a", "x"));
        let names: Vec<_> = root.named("y").map(|it| it.name.0.as_str()).collect();
        assert_eq!(names, ["urn:b", "urn:c"]);
        let first = root.child("y").expect("there");
        assert_eq!(
            (first.text.as_str(), first.qualified("t")),
            ("1 < 2&", Some(name("urn:a", "z")))
        );
    }

    #[test]
    fn what_is_no_xml_or_expands_is_refused() {
        for text in [
            "",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>",
            "<a>&b;</a>",
            "plain",
        ] {
            assert!(Foreign::read(text.as_bytes()).is_err(), "{text}");
        }
        let deep = "<a>".repeat(MAX_NESTING + 1);
        assert_eq!(Foreign::read(deep.as_bytes()), Err("it has too many elements".into()));
    }
}
