//! Numbers as people of a language write them.

use crate::words::point_of;

/// A number as `12.5`, from how a language has it: `1.234,50` in German, `1,234.50` in English.
/// Signs and words of a currency around it are left out. The other sign than the one before
/// decimals parts thousands; where it does not, it stands before decimals as well: `12.5` in
/// German.
pub fn number(text: &str, language: &str) -> Option<String> {
    let is_part = |it: char| it.is_ascii_digit() || matches!(it, '.' | ',' | '-' | '+');
    let text = text.trim_matches(|it: char| !is_part(it)).trim_end_matches(['.', ',']);
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let digits: String = digits.chars().filter(|it| !matches!(it, ' ' | '\u{a0}' | '\'')).collect();
    let point = point_of(language);
    let other = if point == '.' { ',' } else { '.' };
    let (whole, decimals) = match digits.rsplit_once(point) {
        Some((whole, decimals)) => (whole.to_owned(), decimals),
        None => match digits.rsplit_once(other) {
            Some((whole, last))
                if last.len() != 3 || whole.contains(other) && !grouped(&digits) =>
            {
                (whole.to_owned(), last)
            }
            _ => (digits.clone(), ""),
        },
    };
    let whole = if whole.contains(other) {
        if !grouped_by(&whole, other) {
            return None;
        }
        whole.replace(other, "")
    } else {
        whole
    };
    let is_number =
        !whole.is_empty() && whole.bytes().chain(decimals.bytes()).all(|it| it.is_ascii_digit());
    let written = if decimals.is_empty() { whole } else { format!("{whole}.{decimals}") };
    is_number.then(|| format!("{sign}{written}"))
}

fn grouped(digits: &str) -> bool {
    grouped_by(digits, '.') || grouped_by(digits, ',')
}

/// Whether all groups behind the first have three digits.
fn grouped_by(digits: &str, sign: char) -> bool {
    let mut groups = digits.split(sign);
    groups.next().is_some_and(|it| (1..=3).contains(&it.len())) && groups.all(|it| it.len() == 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_the_language_has_them() {
        for (language, text, expected) in [
            ("en", "12.5", Some("12.5")),
            ("en", "1,234.50", Some("1234.50")),
            ("en", "1,234", Some("1234")),
            ("en", "12,5", Some("12.5")),
            ("de", "12,5", Some("12.5")),
            ("de", "1.234,50 €", Some("1234.50")),
            ("de", "1.234", Some("1234")),
            ("nl", "4711.5", Some("4711.5")),
            ("nl", "€ 12,50", Some("12.50")),
            ("es", "1.234.567", Some("1234567")),
            ("es", "12 345", Some("12345")),
            ("en", "-3", Some("-3")),
            ("en", "it is 42.", Some("42")),
            ("en", "1.2.3", None),
            ("en", "1,23,4.5", None),
            ("en", "twelve", None),
            ("en", "3 or 4", None),
            ("en", "", None),
        ] {
            assert_eq!(number(text, language).as_deref(), expected, "{text} in {language}");
        }
    }
}
