//! Which language a browser wants, of those that there are.

/// Tags that are looked at; a browser sends a handful.
const MOST: usize = 16;

/// That of the languages which suits best: the one that was chosen, else what the browser wants
/// most (`Accept-Language`, RFC 9110 §12.5.4), else the first. A tag suits a language that begins
/// like it: `nl-BE` and `nl` do.
pub(crate) fn best<'l>(chosen: &str, accepted: &str, languages: &[&'l str]) -> Option<&'l str> {
    let find = |wanted: &str| {
        let exact = languages.iter().find(|it| it.eq_ignore_ascii_case(wanted));
        exact.or_else(|| {
            languages.iter().find(|it| primary(it).eq_ignore_ascii_case(primary(wanted)))
        })
    };
    let mut wanted: Vec<(u32, &str)> = accepted.split(',').take(MOST).filter_map(weighed).collect();
    // stable, so that of the same weight the first counts
    wanted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    let wanted = std::iter::once(chosen).chain(wanted.into_iter().map(|(_, tag)| tag));
    wanted.filter(|it| !it.is_empty()).find_map(find).or_else(|| languages.first()).copied()
}

/// What stands before the first hyphen.
pub(crate) fn primary(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}

/// A tag with its weight in thousandths; nothing for one that is not wanted.
fn weighed(range: &str) -> Option<(u32, &str)> {
    let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
    let weight = match parameters.trim().strip_prefix("q=") {
        None => 1000,
        Some(text) => {
            let weight = text.trim().parse::<f32>().ok().filter(|it| (0.0..=1.0).contains(it))?;
            // whole, and from 0 to 1000
            (weight * 1000.0) as u32
        }
    };
    (weight > 0).then_some((weight, tag.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_chosen_one_or_what_the_browser_wants_most() {
        let all = ["en", "nl", "de-AT"];
        for (chosen, accepted, expected) in [
            ("", "", "en"),
            ("nl", "de", "nl"),
            ("fr", "de", "de-AT"),
            ("", "fr, nl-BE;q=0.8, en;q=0.7", "nl"),
            ("", "en;q=0.1, de;q=0.9", "de-AT"),
            ("", "nl;q=0, de;q=nonsense, *", "en"),
            ("", "NL", "nl"),
            ("<script>", ";;;,,,", "en"),
        ] {
            assert_eq!(best(chosen, accepted, &all), Some(expected), "{chosen} {accepted}");
        }
        assert_eq!(best("", "nl", &[]), None);
    }
}
