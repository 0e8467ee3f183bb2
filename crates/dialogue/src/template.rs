//! Texts with values in them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Value, Values};

use crate::formula::Formula;
use crate::script::Channel;
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
        let audience = Audience { language: &self.language, channel };
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value { formula, format, labels } => {
                let value = formula.value(values);
                let value = match labels {
                    Some(labels) => labelled(value, labels, audience),
                    None => value,
                };
                self.words.of(&value, *format)
            }
        });
        filled.collect()
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
