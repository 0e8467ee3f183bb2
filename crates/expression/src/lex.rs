//! Text into tokens.

use std::ops::Range;

use rust_decimal::Decimal;

use crate::Error;

/// A token and its bytes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: Range<usize>,
    pub(crate) kind: TokenKind,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum TokenKind {
    /// Without sign; `9223372036854775808` is right only behind a minus.
    Int(u64),
    Decimal(Decimal),
    Text(String),
    /// A name or a word such as `and`; the parser tells them apart.
    Word(String),
    /// An operator or bracket.
    Symbol(&'static str),
    End,
}

/// Longest first, so that `<=` is not read as `<`.
const SYMBOLS: [&str; 22] = [
    "==", "!=", "<=", ">=", "&&", "||", "<", ">", "!", "+", "-", "*", "/", "%", "?", ":", "(", ")",
    "[", "]", ",", ".",
];

/// Symbols of other languages, and what to write here.
const FOREIGN: [(&str, &str); 8] = [
    ("=", "write `==` or `eq` to compare"),
    ("&", "write `and`"),
    ("|", "write `or`"),
    ("{", "maps and messages do not exist here"),
    ("`", "names are letters, digits and `_`"),
    ("#", "there are no comments"),
    ("@", "names are letters, digits and `_`"),
    ("$", "names are letters, digits and `_`"),
];

pub(crate) fn tokens(source: &str) -> Result<Vec<Token>, Error> {
    let mut lexer = Lexer { source, position: 0 };
    let mut tokens = Vec::new();
    loop {
        let token = lexer.next_token()?;
        let is_end = token.kind == TokenKind::End;
        tokens.push(token);
        if is_end {
            return Ok(tokens);
        }
    }
}

struct Lexer<'a> {
    source: &'a str,
    position: usize,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    /// Takes characters as long as they fit.
    fn take_while(&mut self, fits: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        self.position += length;
        &rest[..length]
    }

    fn next_token(&mut self) -> Result<Token, Error> {
        self.take_while(char::is_whitespace);
        let start = self.position;
        let kind = match self.rest().chars().next() {
            None => TokenKind::End,
            Some('0'..='9') => self.number()?,
            Some(quote @ ('\'' | '"')) => self.text(quote)?,
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let word = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_');
                TokenKind::Word(word.to_owned())
            }
            Some(c) => self.symbol(c)?,
        };
        Ok(Token { at: start..self.position, kind })
    }

    fn symbol(&mut self, first: char) -> Result<TokenKind, Error> {
        let rest = self.rest();
        if let Some(symbol) = SYMBOLS.iter().copied().find(|symbol| rest.starts_with(symbol)) {
            self.position += symbol.len();
            return Ok(TokenKind::Symbol(symbol));
        }
        let at = self.position..self.position + first.len_utf8();
        let error = Error::syntax(&at, format!("`{first}` means nothing here"));
        let foreign = FOREIGN.iter().find(|(symbol, _)| rest.starts_with(symbol));
        Err(match foreign {
            Some((_, hint)) => error.hint(*hint),
            None => error,
        })
    }

    fn number(&mut self) -> Result<TokenKind, Error> {
        let start = self.position;
        if self.rest().starts_with("0x") || self.rest().starts_with("0X") {
            self.position += 2;
            let digits = self.take_while(|c| c.is_ascii_alphanumeric());
            return u64::from_str_radix(digits, 16)
                .map(TokenKind::Int)
                .map_err(|_| self.not_a_number(start));
        }
        self.take_while(|c| c.is_ascii_digit());
        let mut after = self.rest().chars().skip(1);
        let is_decimal =
            self.rest().starts_with('.') && after.next().is_some_and(|c| c.is_ascii_digit());
        if is_decimal {
            self.position += 1;
            self.take_while(|c| c.is_ascii_digit());
        }
        let digits = &self.source[start..self.position];
        if !self.take_while(|c| c.is_ascii_alphanumeric() || c == '_').is_empty() {
            return Err(self.not_a_number(start));
        }
        let number = if is_decimal {
            Decimal::from_str_exact(digits).map(TokenKind::Decimal).ok()
        } else {
            digits.parse().map(TokenKind::Int).ok()
        };
        number.ok_or_else(|| self.not_a_number(start))
    }

    fn not_a_number(&self, start: usize) -> Error {
        let at = start..self.position;
        let written = &self.source[at.clone()];
        let error = Error::syntax(&at, format!("`{written}` is not a number"));
        error.hint("whole numbers have up to 64 bits, decimals up to 28 digits, no exponent")
    }

    fn text(&mut self, quote: char) -> Result<TokenKind, Error> {
        let start = self.position;
        self.position += 1;
        let mut text = String::new();
        loop {
            text.push_str(self.take_while(|c| c != quote && c != '\\'));
            match self.rest().chars().next() {
                None => {
                    let at = start..self.position;
                    let error = Error::syntax(&at, "the text does not end");
                    return Err(error.hint(format!("close it with {quote}")));
                }
                Some('\\') => text.push(self.escape()?),
                Some(_) => {
                    self.position += 1;
                    return Ok(TokenKind::Text(text));
                }
            }
        }
    }

    /// The escapes of CEL: letters, `\xHH`, `\uHHHH`, `\UHHHHHHHH` and three octal digits.
    fn escape(&mut self) -> Result<char, Error> {
        let start = self.position;
        let letter = self.rest().chars().nth(1);
        self.position += 1 + letter.map_or(0, char::len_utf8);
        let plain = match letter {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('a') => '\u{7}',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some('v') => '\u{b}',
            Some(c @ ('\\' | '\'' | '"' | '`' | '?')) => c,
            Some('x' | 'X') => return self.code_point(start, 2, 16),
            Some('u') => return self.code_point(start, 4, 16),
            Some('U') => return self.code_point(start, 8, 16),
            Some('0'..='3') => {
                self.position -= 1;
                return self.code_point(start, 3, 8);
            }
            _ => return Err(self.unknown_escape(start)),
        };
        Ok(plain)
    }

    fn code_point(&mut self, start: usize, digits: usize, radix: u32) -> Result<char, Error> {
        let written = self.rest().get(..digits);
        let is_number = |text: &&str| text.chars().all(|c| c.is_digit(radix));
        let found = written
            .filter(is_number)
            .and_then(|text| u32::from_str_radix(text, radix).ok())
            .and_then(char::from_u32);
        let Some(found) = found else {
            return Err(self.unknown_escape(start));
        };
        self.position += digits;
        Ok(found)
    }

    fn unknown_escape(&self, start: usize) -> Error {
        let at = start..self.position;
        let written = &self.source[at.clone()];
        Error::syntax(&at, format!("`{written}` is not an escape"))
            .hint("write `\\\\` for a backslash, `\\n` for a line break, `\\u20ac` for a character")
    }
}
