//! Texts with values in them.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Value, Values};

use crate::formula::Formula;
use crate::words::Words;

/// A text, white space tidied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
    pub(crate) words: Words,
}

#[derive(Debug, Clone)]
pub(crate) enum Piece {
    Text(String),
    Value {
        formula: Formula,
        /// Words for the values of a choice.
        labels: BTreeMap<String, String>,
    },
}

impl Template {
    pub(crate) fn fill(&self, values: &dyn Values) -> String {
        let filled = self.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value { formula, labels } => {
                self.words.of(&labelled(formula.value(values), labels))
            }
        });
        filled.collect()
    }

    pub(crate) fn has_values(&self) -> bool {
        self.pieces.iter().any(|piece| matches!(piece, Piece::Value { .. }))
    }

    pub(crate) fn reads(&self) -> BTreeSet<String> {
        let reads = self.pieces.iter().filter_map(|piece| match piece {
            Piece::Value { formula, .. } => Some(formula.reads().clone()),
            Piece::Text(_) => None,
        });
        reads.flatten().collect()
    }
}

/// A choice, or several, by what people call them.
fn labelled(value: Value, labels: &BTreeMap<String, String>) -> Value {
    match value {
        Value::Text(text) => match labels.get(&*text) {
            Some(label) => Value::from(label.as_str()),
            None => Value::Text(text),
        },
        Value::List(values) => {
            let values: Vec<Value> = values.iter().map(|it| labelled(it.clone(), labels)).collect();
            Value::from(values)
        }
        other => other,
    }
}
