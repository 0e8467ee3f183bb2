//! The reader: from events of XML to a checked tree.

pub(crate) mod tag;

use std::sync::Arc;

use quick_xml::events::Event;

use crate::decode::Decoder;
use crate::finding::Finding;
use crate::location::Source;
use crate::scan::{is_space, is_xml_char};
use crate::tree::{Element, Node, Text};
use crate::validate::{Checker, Frame};
use crate::{Dtd, Location, codes, doctype};

/// Reads a file; the root is absent if the file's structure is not that of XML. Of a part,
/// references are not checked.
pub(crate) fn read(
    file: &str,
    content: &[u8],
    dtd: &Dtd,
    is_part: bool,
) -> (Option<Element>, Vec<Finding>) {
    let text = match text_of(file, content) {
        Ok(text) => text,
        Err(finding) => return (None, vec![finding]),
    };
    let source = Source::new(file, text);
    let mut reader = Reader {
        checker: Checker::new(dtd, source.clone()),
        source,
        dtd_name: dtd.name(),
        doctype_root: None,
        has_doctype: false,
        stack: Vec::new(),
        has_root: false,
        root: None,
        is_broken: false,
        is_part,
    };
    reader.read_events();
    reader.finish()
}

/// The text of the file, if it is text within the limits.
fn text_of<'a>(file: &str, content: &'a [u8]) -> Result<&'a str, Finding> {
    let fail = |at: usize, code, message| {
        let valid = String::from_utf8_lossy(&content[..at]);
        let place = Source::new(file, valid.trim_start_matches('\u{feff}')).locate(usize::MAX);
        Err(Finding::new(code, &place, message))
    };
    if content.len() > crate::MAX_FILE_BYTES {
        let message = format!("the file is larger than {} bytes", crate::MAX_FILE_BYTES);
        return fail(0, codes::TOO_LARGE, message);
    }
    let text = match std::str::from_utf8(content) {
        Ok(text) => text,
        Err(error) => {
            let message = "the file is not UTF-8 text".to_owned();
            return fail(error.valid_up_to(), codes::NOT_UTF8, message);
        }
    };
    if let Some((at, c)) = text.char_indices().find(|(_, c)| !is_xml_char(*c)) {
        let message = format!("the character U+{:04X} is not allowed", u32::from(c));
        return fail(at, codes::CHARACTER, message);
    }
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

struct Reader<'a> {
    source: Arc<Source>,
    checker: Checker<'a>,
    dtd_name: &'a str,
    doctype_root: Option<String>,
    has_doctype: bool,
    stack: Vec<Frame<'a>>,
    has_root: bool,
    root: Option<Element>,
    /// Whether the structure is lost, so that the tree and what is missing in it mean nothing.
    is_broken: bool,
    is_part: bool,
}

impl Reader<'_> {
    fn read_events(&mut self) {
        let source = self.source.clone();
        let mut events = quick_xml::Reader::from_str(source.text());
        let config = events.config_mut();
        config.check_end_names = false;
        config.allow_unmatched_ends = true;
        config.allow_dangling_amp = true;
        loop {
            let start = offset(events.buffer_position());
            let event = events.read_event();
            let end = offset(events.buffer_position());
            let raw = source.text().get(start..end).unwrap_or_default();
            match event {
                Ok(Event::Eof) => return,
                Ok(event) => self.event(&event, start, raw),
                Err(error) => {
                    let at = offset(events.error_position());
                    self.report(at, codes::SYNTAX, error.to_string());
                    self.is_broken = true;
                    return;
                }
            }
            if self.checker.findings.is_full() || self.stack.len() > crate::MAX_DEPTH {
                self.is_broken = true;
                return;
            }
        }
    }

    fn event(&mut self, event: &Event<'_>, at: usize, raw: &str) {
        match event {
            Event::Start(_) => self.open(at, raw),
            Event::Empty(_) => {
                self.open(at, raw);
                self.close();
            }
            Event::End(_) => self.end_tag(at, raw),
            Event::Text(_) => self.text(at, raw),
            Event::GeneralRef(_) => self.reference(at, raw),
            Event::CData(_) => self.cdata(at, raw),
            Event::Comment(_) => self.comment(at, raw),
            Event::PI(_) => self.markup_in_content(at),
            Event::Decl(_) => self.declaration(at, raw),
            Event::DocType(_) => self.doctype(at, raw),
            Event::Eof => {}
        }
    }

    fn open(&mut self, at: usize, raw: &str) {
        self.flush_text();
        let tag = tag::parse(raw, at);
        let location = self.source.locate(at);
        let is_second = self.stack.is_empty() && self.has_root;
        if is_second {
            let message = format!("a second element, `{}`, beside the document's", tag.name);
            self.report(at, codes::OUTSIDE_ROOT, message);
        } else if !self.has_root {
            self.first(tag.name, &location);
        }
        if self.stack.len() == crate::MAX_DEPTH {
            let message = format!("elements are nested deeper than {}", crate::MAX_DEPTH);
            self.report(at, codes::TOO_DEEP, message);
        }
        let frame = self.checker.open(self.stack.last_mut(), tag, at, location, is_second);
        self.stack.push(frame);
    }

    /// Checks the name of the document's element.
    fn first(&mut self, name: &str, location: &Location) {
        self.has_root = true;
        if !self.has_doctype {
            let message = "the document type declaration is missing";
            let hint = format!("write `<!DOCTYPE {name} SYSTEM \"{}\">` before it", self.dtd_name);
            let finding = Finding::new(codes::DOCTYPE, location, message).with_hint(hint);
            self.checker.findings.push(finding);
        }
        self.checker.check_root(name, self.doctype_root.as_deref(), location);
    }

    fn close(&mut self) {
        self.flush_text();
        let Some(frame) = self.stack.pop() else { return };
        let is_kept = frame.is_kept;
        let element = self.checker.close(frame, self.is_broken);
        match self.stack.last_mut() {
            _ if !is_kept => {}
            Some(parent) => parent.element.children.push(Node::Element(element)),
            None => self.root = Some(element),
        }
    }

    fn end_tag(&mut self, at: usize, raw: &str) {
        let name = raw.trim_start_matches("</").trim_end_matches('>').trim_end_matches(is_space);
        let Some(depth) = self.stack.iter().rposition(|frame| frame.name == name) else {
            self.is_broken = true;
            return self.report(at, codes::END_TAG, format!("`</{name}>` closes nothing"));
        };
        while self.stack.len() > depth + 1 {
            self.is_broken = true;
            let hint = format!("expected `</{}>` before `</{name}>`", self.top_name());
            self.report_unclosed(hint, at);
            self.close();
        }
        self.close();
    }

    fn top_name(&self) -> &str {
        self.stack.last().map_or("", |frame| frame.name.as_str())
    }

    fn report_unclosed(&mut self, hint: String, at: usize) {
        let message = format!("`{}` is not closed", self.top_name());
        let place = self.stack.last().map(|frame| frame.element.location.clone());
        let place = place.unwrap_or_else(|| self.source.locate(at));
        self.checker.findings.push(Finding::new(codes::END_TAG, &place, message).with_hint(hint));
    }

    /// The text being collected in the open element; outside of all elements, a finding.
    fn decoder(&mut self, at: usize) -> Option<&mut Decoder> {
        if self.stack.is_empty() {
            self.report(at, codes::OUTSIDE_ROOT, "text stands outside the document's element");
        }
        let frame = self.stack.last_mut()?;
        Some(frame.text.get_or_insert_with(|| Decoder::new(at)))
    }

    fn text(&mut self, at: usize, raw: &str) {
        if self.stack.is_empty() && raw.chars().all(is_space) {
            return;
        }
        if let Some(inside) = raw.find("]]>") {
            self.report(at + inside, codes::SYNTAX, "write `]]&gt;` for `]]>`");
        }
        if raw.starts_with('&') {
            self.report(at, codes::REFERENCE, "write `&amp;` for an ampersand");
        }
        if let Some(decoder) = self.decoder(at) {
            decoder.push_text(at, raw);
        }
    }

    fn reference(&mut self, at: usize, raw: &str) {
        let Some(decoder) = self.decoder(at) else { return };
        if let Err(fault) = tag::push_reference(decoder, at, raw) {
            self.report(fault.at, fault.code, fault.message);
        }
    }

    fn cdata(&mut self, at: usize, raw: &str) {
        let opening = "<![CDATA[".len();
        let inner = raw.get(opening..raw.len().saturating_sub("]]>".len())).unwrap_or_default();
        if let Some(decoder) = self.decoder(at) {
            decoder.is_marked = true;
            decoder.push_text(at + opening, inner);
        }
    }

    fn comment(&mut self, at: usize, raw: &str) {
        let inner = raw.trim_start_matches("<!--").strip_suffix("-->").unwrap_or_default();
        if inner.contains("--") || inner.ends_with('-') {
            self.report(at, codes::SYNTAX, "`--` is not allowed inside a comment");
        }
        self.markup_in_content(at);
    }

    /// A comment or processing instruction, which an empty element cannot hold.
    fn markup_in_content(&mut self, at: usize) {
        let location = self.source.locate(at);
        if let Some(frame) = self.stack.last() {
            self.checker.check_markup(frame, &location);
        }
    }

    fn flush_text(&mut self) {
        let Some(frame) = self.stack.last_mut() else { return };
        let Some(decoder) = frame.text.take() else { return };
        let is_marked = decoder.is_marked;
        let (value, origin) = decoder.finish(&self.source);
        if self.checker.accepts_text(frame, &value, is_marked, &origin) {
            let location = origin.locate(0);
            frame.element.children.push(Node::Text(Text { value, location, origin }));
        }
    }

    fn declaration(&mut self, at: usize, raw: &str) {
        let opening = "<?xml".len();
        let inner = raw.get(opening..raw.len().saturating_sub("?>".len())).unwrap_or_default();
        let tag = tag::parse_declaration(inner, at + opening);
        let mut expected = ["version", "encoding", "standalone"].iter();
        let in_order = tag.attributes.iter().all(|it| expected.any(|name| *name == it.name));
        let has_version = tag.attributes.first().is_some_and(|it| it.name == "version");
        let is_right = tag.attributes.iter().all(|it| match it.name {
            "version" => it.value.value() == "1.0",
            "encoding" => it.value.value().eq_ignore_ascii_case("utf-8"),
            _ => matches!(it.value.value(), "yes" | "no"),
        });
        if at != 0 || !in_order || !has_version || !is_right || !tag.faults.is_empty() {
            let message = "the XML declaration is malformed or not at the start of the file";
            let hint = r#"write `<?xml version="1.0" encoding="UTF-8"?>`"#;
            let place = self.source.locate(at);
            let finding = Finding::new(codes::DECLARATION, &place, message).with_hint(hint);
            self.checker.findings.push(finding);
        }
    }

    fn doctype(&mut self, at: usize, raw: &str) {
        if self.has_root || self.has_doctype {
            let message = "a document type declaration stands once, before the first element";
            return self.report(at, codes::DOCTYPE, message);
        }
        self.has_doctype = true;
        match doctype::parse(raw, self.dtd_name) {
            Ok(doctype) => self.doctype_root = Some(doctype.root.to_owned()),
            Err(fault) => {
                let place = self.source.locate(at + fault.at);
                let finding = Finding::new(fault.code, &place, fault.message);
                self.checker.findings.push(finding.with_suggestion(fault.hint));
            }
        }
    }

    fn report(&mut self, at: usize, code: &'static str, message: impl Into<String>) {
        let location = self.source.locate(at);
        self.checker.findings.push(Finding::new(code, &location, message));
    }

    fn finish(mut self) -> (Option<Element>, Vec<Finding>) {
        let end = self.source.text().len();
        if !self.stack.is_empty() && !self.is_broken {
            self.is_broken = true;
            let hint = format!("expected `</{}>` before the end of the file", self.top_name());
            self.report_unclosed(hint, end);
        }
        if !self.has_root && !self.is_broken {
            self.report(end, codes::NO_ROOT, "the file holds no element");
        }
        if !self.is_broken && !self.is_part {
            self.checker.check_references();
        }
        let root = self.root.filter(|_| !self.is_broken);
        (root, self.checker.findings.into_sorted())
    }
}

/// Offsets fit: the file is smaller than the address space.
fn offset(position: u64) -> usize {
    usize::try_from(position).unwrap_or(usize::MAX)
}
