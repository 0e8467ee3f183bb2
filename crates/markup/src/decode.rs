//! From the text of the file to the characters it means: references, line ends, white space.

use std::sync::Arc;

use crate::location::{Origin, Run, Source};
use crate::scan::{is_space, is_xml_char};

/// A string under construction that remembers where each byte came from.
#[derive(Debug)]
pub(crate) struct Decoder {
    value: String,
    runs: Vec<Run>,
    /// The byte of the file after the last one that was taken; it ends a literal run.
    end: usize,
    /// Whether a character came by reference or in a CDATA section.
    pub(crate) is_marked: bool,
}

impl Decoder {
    /// An empty string whose text begins at byte `raw` of the file.
    pub(crate) fn new(raw: usize) -> Self {
        let runs = vec![Run { decoded: 0, raw, is_literal: true }];
        Self { value: String::new(), runs, end: raw, is_marked: false }
    }

    /// A character that stands at byte `raw` of the file as itself.
    fn push_literal(&mut self, raw: usize, c: char) {
        self.start_literal(raw);
        self.value.push(c);
        self.end = raw + c.len_utf8();
    }

    fn start_literal(&mut self, raw: usize) {
        if self.end != raw {
            self.runs.push(Run { decoded: self.value.len(), raw, is_literal: true });
            self.end = raw;
        }
    }

    /// What the `length` bytes at `raw` of the file stand for.
    pub(crate) fn push_replacement(&mut self, raw: usize, length: usize, text: &str) {
        self.runs.push(Run { decoded: self.value.len(), raw, is_literal: false });
        self.value.push_str(text);
        self.end = raw + length;
        self.runs.push(Run { decoded: self.value.len(), raw: self.end, is_literal: true });
        self.is_marked = true;
    }

    /// Text exactly as it stands in the file.
    pub(crate) fn push_exact(&mut self, raw: usize, text: &str) {
        self.start_literal(raw);
        self.value.push_str(text);
        self.end = raw + text.len();
    }

    /// Character data: `\r\n` and `\r` become `\n` (XML 1.0 §2.11).
    pub(crate) fn push_text(&mut self, raw: usize, text: &str) {
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\r' {
                chars.next_if(|(_, next)| *next == '\n');
            }
            self.push_literal(raw + at, if c == '\r' { '\n' } else { c });
        }
    }

    /// An attribute's text: white space becomes a blank (XML 1.0 §3.3.3).
    pub(crate) fn push_attribute_text(&mut self, raw: usize, text: &str) {
        let mut chars = text.char_indices().peekable();
        while let Some((at, c)) = chars.next() {
            if c == '\r' {
                chars.next_if(|(_, next)| *next == '\n');
            }
            self.push_literal(raw + at, if is_space(c) { ' ' } else { c });
        }
    }

    pub(crate) fn value(&self) -> &str {
        &self.value
    }

    /// Removes blanks at both ends and doubled ones, as for attributes that are not `CDATA`.
    pub(crate) fn collapse(self, source: &Arc<Source>) -> (String, Origin) {
        let (value, origin) = self.finish(source);
        let mut collapsed = Self::new(origin.raw_offset(0));
        for (at, c) in value.char_indices() {
            let is_doubled = collapsed.value.is_empty() || collapsed.value.ends_with(' ');
            if c != ' ' || !is_doubled {
                collapsed.push_literal(origin.raw_offset(at), c);
            }
        }
        if collapsed.value.ends_with(' ') {
            collapsed.value.pop();
        }
        collapsed.finish(source)
    }

    pub(crate) fn finish(self, source: &Arc<Source>) -> (String, Origin) {
        (self.value, Origin::new(source.clone(), self.runs))
    }
}

/// The character that a reference stands for; `name` is what stands between `&` and `;`.
pub(crate) fn resolve(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let (digits, radix) = match number.strip_prefix('x') {
                Some(digits) => (digits, 16),
                None => (number, 10),
            };
            // `from_str_radix` takes a sign, XML does not
            let is_plain = digits.chars().all(|c| c.is_digit(radix));
            let code = u32::from_str_radix(digits, radix).ok().filter(|_| is_plain)?;
            char::from_u32(code).filter(|c| is_xml_char(*c))
        }
    }
}
