//! What is said on the telephone and nobody recorded: heard only where a voice says texts.

use std::collections::{BTreeMap, BTreeSet};

use caruso_markup::{Element, Finding};

use super::Compiler;
use crate::codes;
use crate::keypad::Keyed;
use crate::script::{Channel, Prompt, Role, Unheard};
use crate::spoken::{Spoken, Stock, names, samples, vocabulary};
use crate::template::{Piece, Template};
use crate::texts::Text;

/// Recorded words that are missing, each with its language; nothing for a value that no recorded
/// words make up.
type Missing = BTreeSet<Option<(String, String)>>;

/// A text on the telephone.
struct Heard {
    /// What is missing, and where.
    finding: Option<Finding>,
    /// Whether nothing at all of it is recorded.
    is_silent: bool,
}

impl Compiler<'_> {
    /// Notes what of the texts of a step is not recorded. A question none of whose texts is would
    /// be asked in silence.
    pub(super) fn hear(&mut self, step: &Element, prompts: &[(&Element, Prompt)]) {
        if !self.channels.contains(&Channel::Ivr) {
            return;
        }
        let played = prompts.iter().filter(|(_, it)| it.is_for(Channel::Ivr));
        let heard: Vec<(Role, Heard)> =
            played.map(|(element, it)| (it.role, self.heard(element, &it.text))).collect();
        let mut says = heard.iter().filter(|(role, _)| *role == Role::Say).peekable();
        let is_asked = matches!(step.name.as_str(), "ask" | "another") && says.peek().is_some();
        let is_question = is_asked && says.all(|(_, it)| it.is_silent);
        for (role, heard) in heard {
            let is_question = is_question && role == Role::Say;
            let unheard = heard.finding.map(|finding| Unheard { finding, is_question });
            self.unheard.extend(unheard);
        }
    }

    /// Notes what is said about keys, and after silence and wrong ones, that is not recorded.
    pub(super) fn hear_keys(&mut self, ask: &Element, keyed: Keyed) {
        if keyed == Keyed::Menu {
            let message = "on the telephone, these choices are heard only if a voice says them";
            let hint = "give each a `key` and name them in a recorded `say`, or install espeak-ng";
            let at = ask.child("choices").or_else(|| ask.child("choice")).unwrap_or(ask);
            let finding = at.finding(codes::NOT_RECORDED, message).with_hint(hint);
            self.unheard.push(Unheard { finding, is_question: true });
        }
        let keys: &[Stock] = if keyed == Keyed::YesNo { &[Stock::Yes, Stock::No] } else { &[] };
        let of_keys = keys.iter().copied().chain(keyed.hint());
        let misses = [Stock::NoInput, Stock::NoMatch].into_iter();
        let misses = misses.filter(|_| ask.child("no-input").is_none());
        let languages: Vec<&String> = std::iter::once(&self.language).chain(&self.others).collect();
        let vocabularies = &self.scope.vocabularies;
        let missing: Missing = of_keys
            .chain(misses)
            .flat_map(|stock| {
                let unheard = languages.iter().filter(move |language| {
                    let spoken = stock.spoken(language, vocabularies);
                    spoken.iter().any(|it| matches!(it, Spoken::Text(_)))
                });
                unheard.map(move |language| Some(((*language).clone(), stock.name().to_owned())))
            })
            .collect();
        if !missing.is_empty() {
            let message = "on the telephone, what is said about keys here is heard only if a voice \
                says it";
            let finding = ask.finding(codes::NOT_RECORDED, message);
            let finding = finding.with_hint(how_to_record(&missing));
            self.unheard.push(Unheard { finding, is_question: false });
        }
    }

    fn heard(&self, element: &Element, text: &Text) -> Heard {
        let variants: Vec<(&Template, bool)> = text.heard().collect();
        let is_recorded = |(template, is_recorded): &(&Template, bool)| {
            *is_recorded || template.audible_texts() == 0
        };
        let missing: Missing =
            variants.iter().flat_map(|(template, _)| self.missing_words(template)).collect();
        let is_complete = variants.iter().all(is_recorded);
        let has_words = variants.iter().any(|(it, _)| it.has_values()) && missing.is_empty();
        let is_silent = !is_complete && !has_words;
        let finding = if !is_complete {
            let message = "on the telephone, this text is heard only if a voice says it";
            let hint = "record it and name the prompt by `recording`, or install espeak-ng";
            Some(element.finding(codes::NOT_RECORDED, message).with_hint(hint))
        } else if !missing.is_empty() {
            let message = "on the telephone, a value here is heard only if a voice says it";
            let finding = element.finding(codes::NOT_RECORDED, message);
            Some(finding.with_hint(how_to_record(&missing)))
        } else {
            None
        };
        Heard { finding, is_silent }
    }

    /// The recorded words that values of a text can take and the application has not; nothing for a
    /// value that no recorded words make up.
    fn missing_words(&self, template: &Template) -> Missing {
        let (language, mut missing) = (&template.language, BTreeSet::new());
        let words = vocabulary(&self.scope.vocabularies, language);
        for piece in &template.pieces {
            let Piece::Value { formula, format, labels } = piece else { continue };
            let samples = samples(formula.ty(), *format);
            let said = samples.iter().map(|it| names(language, it, *format, &self.zone));
            let said: Option<Vec<Vec<String>>> = said.collect();
            let Some(said) = said.filter(|it| !it.is_empty() && labels.is_none()) else {
                // no recorded words make up such a value
                missing.insert(None);
                continue;
            };
            let is_missing = |it: &String| !words.is_some_and(|all| all.contains_key(it));
            let all = said.into_iter().flatten().filter(is_missing);
            missing.extend(all.map(|name| Some((language.clone(), name))));
        }
        missing
    }
}

/// What to do about missing words.
fn how_to_record(missing: &Missing) -> String {
    if missing.contains(&None) {
        return "no recorded words make it up: install espeak-ng".to_owned();
    }
    let mut places: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (language, name) in missing.iter().flatten() {
        places.entry(language).or_default().push(name);
    }
    let place = |(language, names): (&str, Vec<&str>)| {
        format!("in `prompts/{language}/phrases` {}", names.join(", "))
    };
    let places: Vec<String> = places.into_iter().map(place).collect();
    format!("record {}; or install espeak-ng", places.join("; "))
}
