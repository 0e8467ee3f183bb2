//! Character classes and a cursor over text.

/// A position in a text that moves forward.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// Bytes read.
    pub(crate) fn at(&self) -> usize {
        self.at
    }

    pub(crate) fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at == self.text.len()
    }

    pub(crate) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes `expected` if it stands here.
    pub(crate) fn take(&mut self, expected: &str) -> bool {
        let stands_here = self.rest().starts_with(expected);
        if stands_here {
            self.at += expected.len();
        }
        stands_here
    }

    /// Takes characters as long as they satisfy `wanted`.
    pub(crate) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    /// Takes white space; false if there was none.
    pub(crate) fn take_space(&mut self) -> bool {
        !self.take_while(is_space).is_empty()
    }

    /// Takes a name, the empty one if none stands here.
    pub(crate) fn take_name(&mut self) -> &'a str {
        match self.peek() {
            Some(first) if is_name_start(first) => self.take_while(is_name_char),
            _ => "",
        }
    }

    /// Takes up to `end` and `end` itself; `None`, and nothing taken, if it does not come.
    pub(crate) fn take_until(&mut self, end: &str) -> Option<&'a str> {
        let length = self.rest().find(end)?;
        let taken = &self.rest()[..length];
        self.at += length + end.len();
        Some(taken)
    }

    /// Takes a literal in single or double quotes: its content and where that starts.
    pub(crate) fn take_quoted(&mut self) -> Option<(usize, &'a str)> {
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''))?;
        let start = self.at + 1;
        let mut ahead = *self;
        ahead.at = start;
        let content = ahead.take_until(if quote == '"' { "\"" } else { "'" })?;
        *self = ahead;
        Some((start, content))
    }

    /// Takes `length` bytes, which must end between two characters.
    pub(crate) fn advance(&mut self, length: usize) {
        self.at += length;
    }

    /// Takes one character, whatever it is.
    pub(crate) fn skip(&mut self) {
        self.at += self.peek().map_or(0, char::len_utf8);
    }
}

/// XML 1.0 production 3, `S`.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// XML 1.0 production 2, `Char`.
pub(crate) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

/// XML 1.0 production 4, `NameStartChar`, without the colon: there are no namespaces.
pub(crate) fn is_name_start(c: char) -> bool {
    matches!(c, 'A'..='Z' | 'a'..='z' | '_' | '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}'
        | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}' | '\u{37F}'..='\u{1FFF}'
        | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}'
        | '\u{10000}'..='\u{EFFFF}')
}

/// XML 1.0 production 4a, `NameChar`, without the colon.
pub(crate) fn is_name_char(c: char) -> bool {
    is_name_start(c)
        || matches!(c, '-' | '.' | '0'..='9' | '\u{B7}' | '\u{300}'..='\u{36F}'
            | '\u{203F}'..='\u{2040}')
}

/// Whether all of `text` is one name.
pub(crate) fn is_name(text: &str) -> bool {
    text.chars().next().is_some_and(is_name_start) && text.chars().all(is_name_char)
}

/// Whether all of `text` is one name token.
pub(crate) fn is_name_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_name_char)
}
