//! Words without what people leave out when they type.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// A text in small letters, without accents and signs; its words with one blank between. An
/// apostrophe is left out, any other sign parts words.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::new();
    for c in text.nfkd().filter(|it| !is_combining_mark(*it) && !matches!(it, '\'' | '’')) {
        match c {
            'ß' => folded.push_str("ss"),
            c if c.is_alphanumeric() => folded.extend(c.to_lowercase()),
            _ if folded.ends_with(' ') || folded.is_empty() => {}
            _ => folded.push(' '),
        }
    }
    folded.truncate(folded.trim_end().len());
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_accents_and_signs_do_not_count() {
        for (text, expected) in [
            ("  SÍ!! ", "si"),
            ("weiß  nicht.", "weiss nicht"),
            ("(Don’t know)", "dont know"),
            ("Elektriciteit/gas", "elektriciteit gas"),
            ("ＹＥＳ", "yes"),
            ("…", ""),
        ] {
            assert_eq!(folded(text), expected, "{text}");
        }
    }
}
