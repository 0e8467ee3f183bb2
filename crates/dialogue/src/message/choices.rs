//! Which of the choices a reply means.

use super::folded;
use crate::view::Choice;

/// What a reply, or a part of it, means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant<'c> {
    One(&'c Choice),
    /// More than one fits.
    Several(Vec<&'c Choice>),
    None,
}

/// By the number beside it, its words or one of its other words; else by some of its words, if
/// those are of no other choice.
pub(super) fn meant<'c>(choices: &'c [Choice], reply: &str) -> Meant<'c> {
    let reply = folded(reply);
    if let Ok(number) = reply.parse::<usize>() {
        let choice = number.checked_sub(1).and_then(|it| choices.get(it));
        return choice.map_or(Meant::None, Meant::One);
    }
    if reply.is_empty() {
        return Meant::None;
    }
    let names = |it: &Choice| it.also.iter().chain([&it.label]).map(|it| folded(it)).collect();
    let known: Vec<(&Choice, Vec<String>)> = choices.iter().map(|it| (it, names(it))).collect();
    let exact: Vec<&Choice> =
        known.iter().filter(|(_, names)| names.contains(&reply)).map(|(it, _)| *it).collect();
    if !exact.is_empty() {
        return of(exact);
    }
    let words: Vec<&str> = reply.split(' ').collect();
    let has_all = |name: &String| {
        let of_name: Vec<&str> = name.split(' ').collect();
        words.iter().all(|it| of_name.contains(it))
    };
    let partly = known.iter().filter(|(_, names)| names.iter().any(has_all));
    of(partly.map(|(it, _)| *it).collect())
}

fn of(choices: Vec<&Choice>) -> Meant<'_> {
    match choices.as_slice() {
        [] => Meant::None,
        [one] => Meant::One(one),
        _ => Meant::Several(choices),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(value: &str, label: &str, also: &[&str]) -> Choice {
        let also = also.iter().map(|it| (*it).to_owned()).collect();
        Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            also,
            key: None,
            spoken: Vec::new(),
        }
    }

    #[test]
    fn a_choice_is_known_by_number_words_other_words_and_some_of_its_words() {
        let choices = [
            choice("all", "No electricity at all", &["Black-out"]),
            choice("part", "No electricity in part of the house", &[]),
            choice("gas", "Smell of gas", &["gas"]),
            choice("other", "Étwas anderes", &[]),
        ];
        for (reply, expected) in [
            ("1", "all"),
            ("3.", "gas"),
            ("0", ""),
            ("5", ""),
            ("99999999999999999999", ""),
            ("smell of GAS!", "gas"),
            ("blackout", ""),
            ("black out", "all"),
            ("part", "part"),
            ("electricity", "all|part"),
            ("gas", "gas"),
            ("etwas", "other"),
            ("no electricity today", ""),
            ("", ""),
            ("?", ""),
        ] {
            let said = match meant(&choices, reply) {
                Meant::One(it) => it.value.clone(),
                Meant::Several(all) => {
                    all.iter().map(|it| it.value.as_str()).collect::<Vec<_>>().join("|")
                }
                Meant::None => String::new(),
            };
            assert_eq!(said, expected, "{reply}");
        }
    }
}
