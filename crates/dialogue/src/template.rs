//! Texts with values in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Value, Values};

use crate::formula::Formula;
use crate::script::Channel;
use crate::spoken::{Spoken, Vocabularies, is_audible, joined, names, recorded, vocabulary};
use crate::texts::{Audience, Text};
use crate::words::{Format, Words};

/// What people call the values of a choice.
pub(crate) type Labels = Arc<BTreeMap<String, Text>>;

/// A text, white space tidied.
#[derive(Debug, Clone)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
    /// How values are written in its language.
    pub(crate) words: Words,
    /// Its language.
    pub(crate) language: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Value {
        formula: Formula,
        format: Format,
        /// Words for the values of a choice, where it is one.
        labels: Option<Labels>,
    },
}

impl Template {
    pub(crate) fn fill(&self, values: &dyn Values, channel: Channel) -> String {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value { formula, format, labels } => {
                self.words.of(&self.value(formula, labels.as_ref(), values, channel), *format)
            }
        });
        filled.collect()
    }

    /// As it is heard: `recordings` are those of the whole text, or of its texts between values.
    pub(crate) fn spoken(
        &self,
        values: &dyn Values,
        recordings: &[String],
        vocabularies: &Vocabularies,
    ) -> Vec<Spoken> {
        let mut recordings = recordings.iter().cloned();
        if !self.has_values()
            && let Some(whole) = recordings.next()
        {
            return vec![Spoken::Recording(whole)];
        }
        let words = vocabulary(vocabularies, &self.language);
        let pieces = self.pieces.iter().flat_map(|piece| match piece {
            Piece::Text(text) => {
                let recording = is_audible(text).then(|| recordings.next()).flatten();
                vec![recording.map_or_else(|| Spoken::Text(text.clone()), Spoken::Recording)]
            }
            Piece::Value { formula, format, labels } => {
                let value = self.value(formula, labels.as_ref(), values, Channel::Ivr);
                let names = names(&self.language, &value, *format, self.words.zone());
                let found = names.and_then(|it| recorded(words, &it));
                found.unwrap_or_else(|| vec![Spoken::Text(self.words.aloud(&value, *format))])
            }
        });
        joined(pieces)
    }

    /// A value as it stands in the text: a choice by what people call it.
    fn value(
        &self,
        formula: &Formula,
        labels: Option<&Labels>,
        values: &dyn Values,
        channel: Channel,
    ) -> Value {
        let audience = Audience { language: &self.language, channel };
        match labels {
            Some(labels) => labelled(formula.value(values), labels, audience),
            None => formula.value(values),
        }
    }

    /// How many texts between its values can be heard.
    pub(crate) fn audible_texts(&self) -> usize {
        let is_audible = |it: &&Piece| matches!(it, Piece::Text(text) if is_audible(text));
        self.pieces.iter().filter(is_audible).count()
    }

    pub(crate) fn has_values(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Value { .. }))
    }

    /// The names whose values stand in it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &String> {
        let reads = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { formula, .. } => Some(formula.reads()),
            Piece::Text(_) => None,
        });
        reads.flatten()
    }
}

/// A choice, or several, by what people call them.
fn labelled(value: Value, labels: &Labels, audience: Audience<'_>) -> Value {
    match value {
        Value::Text(text) => match labels.get(&*text) {
            Some(label) => Value::from(label.plain(audience).as_str()),
            None => Value::Text(text),
        },
        Value::List(values) => {
            let values = values.iter().map(|it| labelled(it.clone(), labels, audience));
            Value::from(values.collect::<Vec<_>>())
        }
        other => other,
    }
}
