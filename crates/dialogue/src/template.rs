//! Texts with values in them.

use std::collections::{BTreeMap, BTreeSet};

use caruso_expression::Values;

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
                let value = formula.value(values);
                let label = value.as_text().and_then(|it| labels.get(it)).cloned();
                label.unwrap_or_else(|| self.words.of(&value))
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
