//! Languages as BCP 47 names them, and which of those that a script has suits a customer.

/// Longest tag that is looked at; there is no registered one as long.
const MOST_BYTES: usize = 64;

/// The tag, then what is left of it as subtags are taken off its end (RFC 4647, 3.4): `nl-BE`,
/// `nl`. A single letter goes with what it introduces.
pub(crate) fn ranges(tag: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(tag), |tag| {
        let (rest, _) = tag.rsplit_once('-')?;
        Some(match rest.rsplit_once('-') {
            Some((before, single)) if single.len() == 1 => before,
            _ => rest,
        })
    })
}

/// Whether two tags name the same; capitals do not count.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// Whether it is formed like a tag: `en`, `nl-BE`, `zh-Hant`.
pub(crate) fn is_tag(text: &str) -> bool {
    let mut subtags = text.split('-');
    let is_language = subtags.next().is_some_and(|it| {
        (2..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    is_language
        && subtags.all(|it| {
            (1..=8).contains(&it.len()) && it.bytes().all(|byte| byte.is_ascii_alphanumeric())
        })
}

/// That of the languages which suits who wants `wanted`: the same, else a wider one (`nl` for
/// `nl-BE`), else another of the same language (`nl-BE` for `nl`), the first of them; else `own`.
pub(crate) fn suiting<'a>(wanted: &str, own: &'a str, others: &'a [String]) -> &'a str {
    if wanted.len() > MOST_BYTES {
        return own;
    }
    let all = || std::iter::once(own).chain(others.iter().map(String::as_str));
    let narrow = ranges(wanted).find_map(|range| all().find(|it| is_same(it, range)));
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    narrow.or_else(|| all().find(|it| primary(it) == primary(wanted))).unwrap_or(own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subtags_are_taken_off_the_end() {
        let of = |tag| ranges(tag).collect::<Vec<_>>();
        assert_eq!(of("nl"), ["nl"]);
        assert_eq!(of("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(of("de-CH-x-office"), ["de-CH-x-office", "de-CH", "de"]);
        assert_eq!(of(""), [""]);
    }

    #[test]
    fn a_customer_gets_the_nearest_language_of_the_script() {
        let others = ["nl", "de-AT", "de-CH", "es"].map(str::to_owned);
        for (wanted, suits) in [
            ("nl", "nl"),
            ("NL-be", "nl"),
            ("de-CH", "de-CH"),
            ("de", "de-AT"),
            ("de-DE", "de-AT"),
            ("en-GB", "en"),
            ("fr", "en"),
            ("", "en"),
            ("-", "en"),
            (&"nl-".repeat(100_000), "en"),
        ] {
            assert_eq!(suiting(wanted, "en", &others), suits, "{wanted}");
        }
    }

    #[test]
    fn tags_have_a_form() {
        for good in ["en", "nl-BE", "zh-Hant-TW", "gsw"] {
            assert!(is_tag(good), "{good}");
        }
        for bad in ["", "e", "english-", "nl_BE", "1a", "nl--BE", "nederlands"] {
            assert!(!is_tag(bad), "{bad}");
        }
    }
}
