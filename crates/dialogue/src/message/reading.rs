//! A reply, read against the question that was asked.

use jiff::civil::Date;

use super::choices::{Meant, meant};
use super::dates::{self, Read};
use super::folded;
use super::numbers::number;
use super::phrases::Phrases;
use super::rendering::hint;
use crate::special::Special;
use crate::typed::Typed;
use crate::view::{Choice, Question, QuestionKind};

/// What a reply means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// The value as text, as an answer has it; empty to pass.
    Value(String),
    Special(Special),
    /// Nothing, and what the customer is told about it.
    Unclear(String),
}

/// What is known of whoever replies, and to what.
pub(super) struct Reader<'a> {
    pub(super) question: &'a Question,
    pub(super) phrases: &'static Phrases,
    pub(super) language: &'a str,
    pub(super) today: Date,
}

impl Reader<'_> {
    pub(super) fn read(&self, text: &str) -> Reading {
        if text.chars().count() > crate::MAX_REPLY {
            let most = crate::MAX_REPLY.to_string();
            return Reading::Unclear(self.phrases.too_long.replace("{max}", &most));
        }
        let words = folded(text);
        let specials = &self.question.specials;
        let is_meant = |special: &Special, label: &str| {
            [label, self.phrases.special(*special)].iter().any(|it| folded(it) == words)
        };
        if let Some((special, _)) = specials.iter().find(|(it, label)| is_meant(it, label)) {
            return Reading::Special(*special);
        }
        if !self.question.is_required && self.phrases.skip.contains(&words.as_str()) {
            return Reading::Value(String::new());
        }
        match &self.question.kind {
            QuestionKind::Choice => match meant(&self.question.choices, text) {
                Meant::One(choice) => Reading::Value(choice.value.clone()),
                Meant::Several(choices) => self.ambiguous(&choices),
                Meant::None => self.unclear(),
            },
            QuestionKind::Several(_) => self.several(text),
            QuestionKind::YesNo | QuestionKind::Consent => match self.yes_or_no(text) {
                Some(yes) => Reading::Value(yes.to_string()),
                None => self.unclear(),
            },
            QuestionKind::Typed(typed) => self.typed(typed, text.trim()),
        }
    }

    /// Whether a reply is one of the words for yes, or for no.
    pub(super) fn yes_or_no(&self, text: &str) -> Option<bool> {
        let words = folded(text);
        match () {
            () if self.phrases.yes.contains(&words.as_str()) => Some(true),
            () if self.phrases.no.contains(&words.as_str()) => Some(false),
            () => None,
        }
    }

    fn unclear(&self) -> Reading {
        Reading::Unclear(self.phrases.not_understood.to_owned())
    }

    fn ambiguous(&self, choices: &[&Choice]) -> Reading {
        let labels: Vec<&str> = choices.iter().map(|it| it.label.as_str()).collect();
        Reading::Unclear(self.phrases.ambiguous.replace("{labels}", &labels.join(" / ")))
    }

    /// Several choices, with commas, lines or words such as “and” between them; numbers also with
    /// blanks alone.
    fn several(&self, text: &str) -> Reading {
        let is_numbers = folded(text).split(' ').all(|it| it.parse::<usize>().is_ok());
        let is_between = |it: char| {
            matches!(it, ',' | ';' | '\n' | '&' | '+') || is_numbers && !it.is_ascii_digit()
        };
        let mut parts = vec![String::new()];
        for word in text.split_inclusive(|it: char| it.is_whitespace() || is_between(it)) {
            let is_word_between = self.phrases.between.contains(&folded(word).as_str());
            let ends = is_word_between || word.ends_with(is_between);
            if !is_word_between && let Some(part) = parts.last_mut() {
                part.push_str(word);
            }
            if ends {
                parts.push(String::new());
            }
        }
        let mut values: Vec<&str> = Vec::new();
        for part in parts.iter().filter(|it| !folded(it).is_empty()) {
            match meant(&self.question.choices, part) {
                Meant::One(choice) if !values.contains(&choice.value.as_str()) => {
                    values.push(&choice.value);
                }
                Meant::One(_) => {}
                Meant::Several(choices) => return self.ambiguous(&choices),
                Meant::None => return self.unclear(),
            }
        }
        if values.is_empty() { self.unclear() } else { Reading::Value(values.join(" ")) }
    }

    fn typed(&self, typed: &Typed, text: &str) -> Reading {
        let value = match typed {
            Typed::Integer { .. }
            | Typed::Scale { .. }
            | Typed::Decimal { .. }
            | Typed::Money { .. } => number(text, self.language),
            Typed::Date => match dates::date(text, self.language, self.phrases, self.today) {
                Read::Date(date) => Some(date.to_string()),
                Read::Ambiguous => {
                    return Reading::Unclear(self.phrases.month_as_word.to_owned());
                }
                Read::None => None,
            },
            Typed::Time => dates::time(text).map(|it| it.strftime("%H:%M").to_string()),
            Typed::Instant { .. } => return self.instant(text),
            Typed::Text { .. } | Typed::Phone { .. } | Typed::Email | Typed::Iban => {
                Some(text.to_owned())
            }
            Typed::Digits { .. } => Some(text.split(['-', '.', '/']).collect()),
        };
        let value = value.filter(|it| typed.read(it).is_ok() && !it.is_empty());
        value.map_or_else(|| self.unclear(), Reading::Value)
    }

    /// A day, then a time of day.
    fn instant(&self, text: &str) -> Reading {
        let words: Vec<&str> =
            text.split([' ', ',', 'T', '\n']).filter(|it| !it.is_empty()).collect();
        for at in (1..words.len()).rev() {
            let (day, time) = words.split_at(at);
            let time = time.join(" ");
            let before = self.phrases.between.iter();
            let time = before
                .filter_map(|it| time.strip_prefix(&format!("{it} ")))
                .next()
                .unwrap_or(&time);
            let Some(time) = dates::time(time) else { continue };
            match dates::date(&day.join(" "), self.language, self.phrases, self.today) {
                Read::Date(date) => {
                    return Reading::Value(format!("{date}T{}", time.strftime("%H:%M")));
                }
                Read::Ambiguous => {
                    return Reading::Unclear(self.phrases.month_as_word.to_owned());
                }
                Read::None => {}
            }
        }
        Reading::Unclear(hint(self.question, self.phrases))
    }
}
