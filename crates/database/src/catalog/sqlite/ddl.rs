//! The one thing that only the text of a `CREATE TABLE` says: how the texts of its columns compare.

use std::collections::HashSet;
use std::iter::Peekable;
use std::str::Chars;

/// The way to compare that goes without saying.
const BY_BYTES: &str = "BINARY";

/// A piece of SQL. Operators and what is quoted like a string count, but nobody asks for them.
#[derive(Debug, PartialEq, Eq)]
enum Token {
    /// A name or keyword, without its quotes.
    Word { text: String, is_quoted: bool },
    /// One character of anything else.
    Mark(char),
}

/// The columns with a `COLLATE` that is not [`BY_BYTES`], as the text spells them.
pub(super) fn loose_columns(sql: &str) -> HashSet<String> {
    let mut loose = HashSet::new();
    let mut depth = 0;
    let mut column = None;
    let mut tokens = Tokens(sql.chars().peekable());
    while let Some(token) = tokens.next() {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth -= 1,
            Token::Mark(',') if depth == 1 => column = None,
            Token::Word { text, is_quoted } if depth == 1 => match &column {
                None => column = Some(text),
                Some(name) if !is_quoted && text.eq_ignore_ascii_case("collate") => {
                    let way = tokens.next();
                    if !matches!(way, Some(Token::Word { text, .. })
                        if text.eq_ignore_ascii_case(BY_BYTES))
                    {
                        loose.insert(name.clone());
                    }
                }
                Some(_) => {}
            },
            _ => {}
        }
    }
    loose
}

struct Tokens<'a>(Peekable<Chars<'a>>);

impl Iterator for Tokens<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let first = self.0.next()?;
            match (first, self.0.peek()) {
                ('-', Some('-')) => self.skip_line(),
                ('/', Some('*')) => self.skip_comment(),
                ('"' | '`' | '\'', _) => return Some(self.quoted(first)),
                ('[', _) => return Some(self.quoted(']')),
                _ if is_part_of_word(first) => return Some(self.word(first)),
                _ if first.is_whitespace() => {}
                _ => return Some(Token::Mark(first)),
            }
        }
    }
}

/// Whether an unquoted name may have it; the engine takes everything beyond ASCII.
fn is_part_of_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '$') || !c.is_ascii()
}

impl Tokens<'_> {
    fn skip_line(&mut self) {
        let _ = self.0.by_ref().find(|c| *c == '\n');
    }

    fn skip_comment(&mut self) {
        // the star of the beginning is not that of the end
        self.0.next();
        let mut last = ' ';
        for c in self.0.by_ref() {
            if (last, c) == ('*', '/') {
                break;
            }
            last = c;
        }
    }

    /// Up to the quote that ends it; two of them stand for one.
    fn quoted(&mut self, end: char) -> Token {
        let mut text = String::new();
        while let Some(c) = self.0.next() {
            if c == end && (end == ']' || self.0.next_if_eq(&end).is_none()) {
                break;
            }
            text.push(c);
        }
        Token::Word { text, is_quoted: true }
    }

    fn word(&mut self, first: char) -> Token {
        let mut text = String::from(first);
        while let Some(c) = self.0.next_if(|c| is_part_of_word(*c)) {
            text.push(c);
        }
        Token::Word { text, is_quoted: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loose(sql: &str) -> Vec<String> {
        let mut names: Vec<String> = loose_columns(sql).into_iter().collect();
        names.sort();
        names
    }

    #[test]
    fn columns_that_do_not_compare_by_bytes_are_found() {
        let sql = r#"CREATE TABLE "a (b" ( -- x text collate nocase,
            a TEXT COLLATE NOCASE DEFAULT ')', "b ""c" VARCHAR(3) /* ,( */ collate rtrim,
            [d,e] TEXT COLLATE binary, `f` TEXT DEFAULT 'COLLATE NOCASE', "collate" TEXT,
            größe text collate "NOCASE", g TEXT CHECK (g = 'x' COLLATE NOCASE),
            UNIQUE (a COLLATE NOCASE))"#;
        assert_eq!(loose(sql), ["a", "b \"c", "größe"]);
    }

    #[test]
    fn text_that_ends_in_the_middle_is_no_harm() {
        for sql in ["", "CREATE TABLE t (a 'b", "CREATE TABLE t (a COLLATE", "a /* b", "-- a", ")"]
        {
            loose_columns(sql);
        }
        assert_eq!(loose("CREATE TABLE t (a COLLATE x"), ["a"]);
    }
}
