//! Parameter entities of a DTD, replaced before it is parsed, within limits.
//!
//! An entity must be declared before it is used, so that none can contain itself.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codes;
use crate::decode::Decoder;
use crate::finding::{Finding, Findings};
use crate::location::{Origin, Source};
use crate::nearest::suggest;
use crate::scan::Cursor;

/// The text of the DTD without entity declarations and references, and where it came from.
pub(crate) fn expand(source: &Arc<Source>, findings: &mut Findings) -> (String, Origin) {
    let mut expansion = Expansion {
        source,
        cursor: Cursor::new(source.text()),
        entities: BTreeMap::new(),
        decoder: Decoder::new(0),
        is_in_declaration: false,
        findings,
    };
    while !expansion.cursor.is_at_end() {
        if expansion.decoder.value().len() > crate::MAX_DTD_BYTES {
            expansion.report(codes::DTD_LIMIT, "the DTD is too large with its entities replaced");
            break;
        }
        expansion.step();
    }
    expansion.decoder.finish(source)
}

struct Expansion<'a> {
    source: &'a Arc<Source>,
    cursor: Cursor<'a>,
    entities: BTreeMap<&'a str, String>,
    decoder: Decoder,
    is_in_declaration: bool,
    findings: &'a mut Findings,
}

impl<'a> Expansion<'a> {
    fn step(&mut self) {
        let start = self.cursor.at();
        let quoted = |cursor: &mut Cursor<'a>| cursor.take_quoted().is_some();
        if self.cursor.take("<!--") {
            self.cursor.take_until("-->");
        } else if self.cursor.take("<?") {
            self.cursor.take_until("?>");
        } else if self.takes_parameter_declaration_start() {
            return self.declare(start);
        } else if self.cursor.take("<!") {
            self.is_in_declaration = true;
        } else if self.cursor.take(">") {
            self.is_in_declaration = false;
        } else if self.cursor.rest().starts_with('%') {
            return self.replace(start);
        } else if !(self.is_in_declaration && quoted(&mut self.cursor)) {
            self.cursor.skip();
        }
        let text = &self.source.text()[start..self.cursor.at()];
        self.decoder.push_exact(start, text);
    }

    fn takes_parameter_declaration_start(&mut self) -> bool {
        let mut ahead = self.cursor;
        let found = ahead.take("<!ENTITY") && ahead.take_space() && ahead.take("%");
        if found {
            self.cursor = ahead;
        }
        found
    }

    /// `<!ENTITY % name "value">`, read up to the percent sign.
    fn declare(&mut self, start: usize) {
        self.cursor.take_space();
        let name = self.cursor.take_name();
        self.cursor.take_space();
        let Some((value_at, value)) = self.cursor.take_quoted().filter(|_| !name.is_empty()) else {
            self.report(codes::DTD_SYNTAX, "expected an entity's name and its value in quotes");
            return self.cursor.skip();
        };
        self.cursor.take_space();
        if !self.cursor.take(">") {
            return self.report(codes::DTD_SYNTAX, "expected `>` after the entity's value");
        }
        if self.entities.len() == crate::MAX_PARAMETER_ENTITIES {
            return self.report(codes::DTD_LIMIT, "too many parameter entities");
        }
        let value = self.value(value_at, value);
        if self.entities.insert(name, value).is_some() {
            let message = format!("parameter entity `{name}` is declared twice");
            self.report_at(start, codes::DTD_DUPLICATE, message, None);
        }
    }

    /// An entity's value with the entities in it replaced.
    fn value(&mut self, at: usize, raw: &str) -> String {
        let mut value = String::new();
        let mut cursor = Cursor::new(raw);
        while let Some(c) = cursor.peek() {
            let here = at + cursor.at();
            cursor.skip();
            match c {
                '%' => value.push_str(&self.reference(here, &mut cursor)),
                '&' => {
                    let message = "references to characters are refused in an entity's value";
                    self.report_at(here, codes::DTD_SYNTAX, message.to_owned(), None);
                }
                _ => value.push(c),
            }
            if value.len() > crate::MAX_DTD_BYTES {
                self.report(codes::DTD_LIMIT, "the entity's value is too large");
                return String::new();
            }
        }
        value
    }

    /// `%name;` in the DTD itself: a blank is put on either side (XML 1.0 §4.4.8).
    fn replace(&mut self, start: usize) {
        self.cursor.skip();
        let mut cursor = self.cursor;
        let value = self.reference(start, &mut cursor);
        self.cursor = cursor;
        let length = self.cursor.at() - start;
        self.decoder.push_replacement(start, length, &format!(" {value} "));
    }

    /// The value of the entity whose name follows the percent sign at `at`.
    fn reference(&mut self, at: usize, cursor: &mut Cursor<'_>) -> String {
        let name = cursor.take_name();
        if name.is_empty() || !cursor.take(";") {
            let message = "expected `%name;`".to_owned();
            self.report_at(at, codes::DTD_SYNTAX, message, None);
            return String::new();
        }
        match self.entities.get(name) {
            Some(value) => value.clone(),
            None => {
                let message = format!("parameter entity `{name}` is not declared before its use");
                let hint = suggest(name, self.entities.keys().copied());
                self.report_at(at, codes::DTD_UNDECLARED, message, hint);
                String::new()
            }
        }
    }

    fn report(&mut self, code: &'static str, message: &str) {
        self.report_at(self.cursor.at(), code, message.to_owned(), None);
    }

    fn report_at(&mut self, at: usize, code: &'static str, message: String, hint: Option<String>) {
        let location = self.source.locate(at);
        self.findings.push(Finding::new(code, &location, message).with_suggestion(hint));
    }
}
