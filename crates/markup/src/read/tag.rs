//! Start tags: a name and attributes, with the place of each.

use crate::codes;
use crate::decode::{Decoder, resolve};
use crate::scan::{Cursor, is_space};

/// A start tag as written.
#[derive(Debug)]
pub(crate) struct Tag<'a> {
    pub(crate) name: &'a str,
    pub(crate) attributes: Vec<RawAttribute<'a>>,
    pub(crate) faults: Vec<Fault>,
}

/// An attribute as written, its value decoded as `CDATA`.
#[derive(Debug)]
pub(crate) struct RawAttribute<'a> {
    pub(crate) name: &'a str,
    /// Byte of the file at which the name starts.
    pub(crate) at: usize,
    pub(crate) value: Decoder,
}

/// What is wrong, and at which byte of the file.
#[derive(Debug)]
pub(crate) struct Fault {
    pub(crate) at: usize,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

/// Parses what stands from `<` to `>`; `base` is the byte of the file at which it starts.
pub(crate) fn parse(raw: &str, base: usize) -> Tag<'_> {
    let raw = raw.strip_suffix('>').unwrap_or(raw);
    let raw = raw.strip_suffix('/').unwrap_or(raw);
    let mut parser = Parser { cursor: Cursor::new(raw), base, faults: Vec::new() };
    parser.cursor.take("<");
    let mut name = parser.cursor.take_name();
    let next = parser.cursor.peek();
    if name.is_empty() || next.is_some_and(|c| !is_space(c)) {
        parser.fault(codes::TAG, "an element's name cannot be this");
        let rest = parser.cursor.take_while(|c| !is_space(c));
        name = if name.is_empty() { rest } else { name };
    }
    let attributes = parser.attributes();
    Tag { name, attributes, faults: parser.faults }
}

/// Parses the attributes of an XML declaration, what stands between `<?xml` and `?>`.
pub(crate) fn parse_declaration(raw: &str, base: usize) -> Tag<'_> {
    let mut parser = Parser { cursor: Cursor::new(raw), base, faults: Vec::new() };
    let attributes = parser.attributes();
    Tag { name: "", attributes, faults: parser.faults }
}

struct Parser<'a> {
    cursor: Cursor<'a>,
    base: usize,
    faults: Vec<Fault>,
}

impl<'a> Parser<'a> {
    fn attributes(&mut self) -> Vec<RawAttribute<'a>> {
        let mut attributes = Vec::new();
        loop {
            let has_space = self.cursor.take_space();
            if self.cursor.is_at_end() {
                return attributes;
            }
            if !has_space {
                self.fault(codes::TAG, "expected white space");
            }
            match self.attribute() {
                Some(attribute) => attributes.push(attribute),
                None => return attributes,
            }
        }
    }

    fn attribute(&mut self) -> Option<RawAttribute<'a>> {
        let at = self.base + self.cursor.at();
        let name = self.cursor.take_name();
        if name.is_empty() {
            self.fault(codes::TAG, "expected an attribute's name");
            return None;
        }
        self.cursor.take_space();
        if !self.cursor.take("=") {
            self.fault(codes::TAG, &format!("expected `=` after the attribute `{name}`"));
            return None;
        }
        self.cursor.take_space();
        let Some((value_at, raw)) = self.cursor.take_quoted() else {
            self.fault(codes::TAG, &format!("the value of `{name}` must stand in quotes"));
            return None;
        };
        let value = self.value(self.base + value_at, raw);
        Some(RawAttribute { name, at, value })
    }

    fn value(&mut self, at: usize, raw: &str) -> Decoder {
        let mut decoder = Decoder::new(at);
        let mut cursor = Cursor::new(raw);
        while let Some(c) = cursor.peek() {
            let here = at + cursor.at();
            match c {
                '&' => {
                    let pushed = push_reference(&mut decoder, here, cursor.rest());
                    cursor.advance(pushed.as_ref().copied().unwrap_or(1));
                    self.faults.extend(pushed.err());
                }
                '<' => {
                    let message = "write `lt` in an expression, `&lt;` elsewhere, for `<`";
                    let message = message.to_owned();
                    self.faults.push(Fault { at: here, code: codes::TAG, message });
                    cursor.skip();
                }
                _ => {
                    let text = cursor.take_while(|c| !matches!(c, '&' | '<'));
                    decoder.push_attribute_text(here, text);
                }
            }
        }
        decoder
    }

    fn fault(&mut self, code: &'static str, message: &str) {
        let at = self.base + self.cursor.at();
        self.faults.push(Fault { at, code, message: message.to_owned() });
    }
}

/// Decodes the reference with which `text` begins, and gives its length in bytes. `at` is its
/// byte in the file.
pub(crate) fn push_reference(decoder: &mut Decoder, at: usize, text: &str) -> Result<usize, Fault> {
    let fault = |message| Fault { at, code: codes::REFERENCE, message };
    let mut cursor = Cursor::new(text);
    cursor.take("&");
    let name = cursor.take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '#' | '_' | '-'));
    if name.is_empty() || !cursor.take(";") {
        return Err(fault("write `&amp;` for an ampersand".to_owned()));
    }
    match resolve(name) {
        Some(c) => {
            let mut buffer = [0; 4];
            decoder.push_replacement(at, cursor.at(), c.encode_utf8(&mut buffer));
            Ok(cursor.at())
        }
        None if name.starts_with('#') => Err(fault(format!("`&{name};` is no character of XML"))),
        None => Err(fault(format!("entity `{name}` is not declared"))),
    }
}
