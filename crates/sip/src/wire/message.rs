//! A SIP message as bytes on the wire, cut into start line, fields and body (RFC 3261 §7).
//!
//! This is the reader in front of the stack: it judges nothing but the shape, borrows the text,
//! and gives fields their long names. What it lets through is written again in a plain form
//! (unfolded, long names, right Content-Length), so that the stack meets no oddities.

use std::borrow::Cow;
use std::ops::Range;

/// Longest start line and header section, in bytes.
pub(crate) const MAX_HEAD_BYTES: usize = 16 * 1024;
/// Most header fields of one message.
pub(crate) const MAX_FIELDS: usize = 128;

/// First line of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    Request { method: &'a str, uri: &'a str, version: &'a str },
    Response { version: &'a str, code: &'a str, phrase: &'a str },
}

/// One header field under its long name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: Cow<'a, str>,
}

/// A message in parts.
#[derive(Clone, Debug)]
pub(crate) struct Message<'a> {
    pub(crate) start: Start<'a>,
    pub(crate) fields: Vec<Field<'a>>,
    pub(crate) body: &'a [u8],
    /// An empty line ends the header section.
    pub(crate) is_complete: bool,
}

/// Why bytes are no SIP message at all, so that nothing can be answered.
pub(crate) type Shapeless = &'static str;

impl<'a> Message<'a> {
    /// Cuts a datagram or a framed part of a stream.
    pub(crate) fn cut(bytes: &'a [u8]) -> Result<Self, Shapeless> {
        let bytes = bytes.trim_ascii_start();
        let found = head_end(bytes);
        let end = found.unwrap_or(bytes.len());
        if end > MAX_HEAD_BYTES {
            return Err("header too long");
        }
        let head = bytes.get(..end).unwrap_or_default();
        let body = bytes.get(end.saturating_add(4)..).unwrap_or_default();
        let head = std::str::from_utf8(head).map_err(|_| "header is not UTF-8")?;
        let mut lines = head.trim_end_matches("\r\n").split("\r\n");
        let start = cut_start(lines.next().unwrap_or_default())?;
        let mut fields: Vec<Field<'a>> = Vec::with_capacity(16);
        for line in lines {
            if line.starts_with([' ', '\t']) {
                let last = fields.last_mut().ok_or("header begins with a folded line")?;
                let value = last.value.to_mut();
                value.push(' ');
                value.push_str(line.trim());
                continue;
            }
            if fields.len() == MAX_FIELDS {
                return Err("too many header fields");
            }
            let (name, value) = line.split_once(':').ok_or("header line without a colon")?;
            let name = long_name(name.trim_end_matches([' ', '\t']));
            if name.is_empty() || !name.bytes().all(is_token) {
                return Err("header name is not a token");
            }
            fields.push(Field { name, value: Cow::Borrowed(value.trim()) });
        }
        Ok(Self { start, fields, body, is_complete: found.is_some() })
    }

    /// All values of a field, in order.
    pub(crate) fn values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name))
            .map(|field| field.value.as_ref())
    }

    /// The first value of a field.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// First element of the first Via, the hop that sent us this.
    pub(crate) fn top_via(&self) -> Option<&str> {
        let via = self.value("Via")?;
        Some(via.get(..first_element(via))?.trim())
    }

    pub(crate) fn is_request(&self) -> bool {
        matches!(self.start, Start::Request { .. })
    }

    /// Writes the message in plain form with `body` of exactly `length` bytes.
    pub(crate) fn write(&self, length: usize) -> Vec<u8> {
        let mut out = Vec::with_capacity(512 + length);
        match &self.start {
            Start::Request { method, uri, version } => {
                push_all(&mut out, &[method, " ", uri, " ", version, "\r\n"]);
            }
            Start::Response { version, code, phrase } => {
                push_all(&mut out, &[version, " ", code, " ", phrase, "\r\n"]);
            }
        }
        for field in &self.fields {
            if !field.name.eq_ignore_ascii_case("Content-Length") {
                push_all(&mut out, &[field.name, ": ", &field.value, "\r\n"]);
            }
        }
        push_all(&mut out, &["Content-Length: ", &length.to_string(), "\r\n\r\n"]);
        out.extend_from_slice(self.body.get(..length).unwrap_or(self.body));
        out
    }
}

fn push_all(out: &mut Vec<u8>, parts: &[&str]) {
    for part in parts {
        out.extend_from_slice(part.as_bytes());
    }
}

/// Place of the empty line that ends the header section.
pub(crate) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|four| four == b"\r\n\r\n")
}

fn cut_start(line: &str) -> Result<Start<'_>, Shapeless> {
    if line.contains(['\n', '\r', '\0']) {
        return Err("control character in the start line");
    }
    let (first, rest) = line.split_once(' ').ok_or("start line without a space")?;
    if first.starts_with("SIP/") {
        let (code, phrase) = rest.split_once(' ').unwrap_or((rest, ""));
        return Ok(Start::Response { version: first, code, phrase });
    }
    let at = rest.rfind(" SIP/").ok_or("start line without a SIP version")?;
    let (uri, version) = rest.split_at_checked(at).ok_or("start line without a SIP version")?;
    let version = version.strip_prefix(' ').unwrap_or(version);
    Ok(Start::Request { method: first, uri, version })
}

/// The long name of a compact field name (RFC 3261 §7.3.3 and the IANA registry).
fn long_name(name: &str) -> &str {
    match name {
        "a" | "A" => "Accept-Contact",
        "b" | "B" => "Referred-By",
        "c" | "C" => "Content-Type",
        "e" | "E" => "Content-Encoding",
        "f" | "F" => "From",
        "i" | "I" => "Call-ID",
        "k" | "K" => "Supported",
        "l" | "L" => "Content-Length",
        "m" | "M" => "Contact",
        "o" | "O" => "Event",
        "r" | "R" => "Refer-To",
        "s" | "S" => "Subject",
        "t" | "T" => "To",
        "u" | "U" => "Allow-Events",
        "v" | "V" => "Via",
        "x" | "X" => "Session-Expires",
        other => other,
    }
}

/// A byte of a `token` (RFC 3261 §25.1).
pub(crate) fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Walks over text, telling for each byte whether it stands outside quotes and angle brackets.
struct Outside<'a> {
    bytes: std::iter::Enumerate<std::slice::Iter<'a, u8>>,
    quoted: bool,
    escaped: bool,
    bracketed: bool,
}

impl<'a> Outside<'a> {
    fn new(text: &'a str) -> Self {
        let bytes = text.as_bytes().iter().enumerate();
        Self { bytes, quoted: false, escaped: false, bracketed: false }
    }

    /// Walks to the end; whether nothing is open there.
    fn closes(mut self) -> bool {
        while self.next().is_some() {}
        !self.quoted && !self.bracketed
    }
}

impl Iterator for Outside<'_> {
    /// Place and byte, `None` for the byte when it is inside.
    type Item = (usize, Option<u8>);

    fn next(&mut self) -> Option<Self::Item> {
        let (at, byte) = self.bytes.next()?;
        if self.quoted {
            if self.escaped {
                self.escaped = false;
            } else {
                self.escaped = *byte == b'\\';
                self.quoted = *byte != b'"';
            }
            return Some((at, None));
        }
        match byte {
            b'"' => self.quoted = true,
            b'<' => self.bracketed = true,
            b'>' => self.bracketed = false,
            other if !self.bracketed => return Some((at, Some(*other))),
            _ => {}
        }
        Some((at, None))
    }
}

/// Length of the first element of a comma-separated list.
pub(crate) fn first_element(value: &str) -> usize {
    Outside::new(value).find(|(_, byte)| *byte == Some(b',')).map_or(value.len(), |(at, _)| at)
}

/// Whether the value holds more than one element of a list.
pub(crate) fn is_list(value: &str) -> bool {
    first_element(value) < value.len()
}

/// Place of the `<` that begins the URI of an address, behind its display name.
pub(crate) fn bracket(value: &str) -> Option<usize> {
    let mut outside = Outside::new(value);
    loop {
        let (at, _) = outside.next()?;
        if outside.bracketed {
            return Some(at);
        }
    }
}

/// Whether every quote and angle bracket is closed.
pub(crate) fn is_balanced(value: &str) -> bool {
    Outside::new(value).closes()
}

/// Place of the value of parameter `name` (`;tag=…`) behind an address or a Via's host, within
/// the first `end` bytes.
pub(crate) fn parameter(value: &str, name: &str) -> Option<Range<usize>> {
    let mut semicolons: Vec<usize> = Outside::new(value)
        .filter(|(_, byte)| *byte == Some(b';'))
        .map(|(at, _)| at)
        .take(64)
        .collect();
    semicolons.push(value.len());
    semicolons.windows(2).find_map(|pair| {
        let (from, to) = (*pair.first()? + 1, *pair.last()?);
        let text = value.get(from..to)?;
        let (key, rest) = text.split_once('=')?;
        if !key.trim().eq_ignore_ascii_case(name) {
            return None;
        }
        let start = from + key.len() + 1 + (rest.len() - rest.trim_start().len());
        Some(start..start + rest.trim().len())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &[u8] = b"INVITE sip:100@192.0.2.1 SIP/2.0\r\nv: SIP/2.0/UDP 192.0.2.9;\r\n \
        branch = z9hG4bKx , SIP/2.0/UDP h;branch=y\r\nf: \"A, \\\"B\" <sip:a@h;tag=no>;tag= 12\r\n\
        t: <sip:100@h>\r\n\r\nbody";

    #[test]
    fn a_message_is_cut_unfolded_and_given_long_names() {
        let message = Message::cut(INVITE).expect("well shaped");
        assert_eq!(message.value("to"), Some("<sip:100@h>"));
        let via = message.top_via().expect("has a Via");
        let branch = parameter(via, "branch").expect("has a branch");
        assert_eq!(via.get(branch), Some("z9hG4bKx"));
        let from = message.value("From").expect("has From");
        assert_eq!(from.get(parameter(from, "tag").expect("has a tag")), Some("12"));
        assert!(!is_list(from));
        assert_eq!(message.body, b"body");
        let plain = String::from_utf8(message.write(2)).expect("text");
        assert!(plain.ends_with("Content-Length: 2\r\n\r\nbo"), "{plain}");
    }

    #[test]
    fn unbalanced_quotes_and_brackets_are_seen() {
        assert!(is_balanced("\"a \\\" b\" <sip:x>;tag=1"));
        assert!(!is_balanced("\"a <sip:x>;tag=1"));
        assert!(!is_balanced("a <sip:x;tag=1"));
    }

    #[test]
    fn bytes_without_the_shape_of_a_message_are_named() {
        for (bytes, reason) in [
            (&b"hello"[..], "start line without a space"),
            (b"hello\r\n\r\n", "start line without a space"),
            (b"GET / HTTP/1.1\r\n\r\n", "start line without a SIP version"),
            (b"OPTIONS sip:a SIP/2.0\r\n folded\r\n\r\n", "header begins with a folded line"),
            (b"OPTIONS sip:a SIP/2.0\r\nnothing\r\n\r\n", "header line without a colon"),
            (b"OPTIONS sip:a SIP/2.0\r\n: x\r\n\r\n", "header name is not a token"),
            (b"OPTIONS sip:\xff SIP/2.0\r\n\r\n", "header is not UTF-8"),
        ] {
            assert_eq!(Message::cut(bytes).err(), Some(reason));
        }
    }
}
