//! Texts with values in them.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::{Value, Values};

use crate::formula::Formula;

/// A text, white space tidied.
#[derive(Debug, Clone, Default)]
pub(crate) struct Template {
    pub(crate) pieces: Vec<Piece>,
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
                let value = formula.value(values);
                let label = value.as_text().and_then(|it| labels.get(it)).cloned();
                label.unwrap_or_else(|| in_words(&value))
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

/// A value as people read it.
pub(crate) fn in_words(value: &Value) -> String {
    match value {
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Date(date) => date.strftime("%-d %B %Y").to_string(),
        other => other.to_string(),
    }
}
