//! What is said on the telephone, as pieces that are played one after the other.
//!
//! A piece is a recording, or a text for which there is none. Values are played by recorded words
//! ([`names`]) where all that it takes are there; else they are written out and are text, too. Who
//! plays the pieces says texts by a voice of its own, or passes over them.

mod calendar;
mod names;
mod numerals;
mod stock;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;

use crate::languages::ranges;
pub(crate) use names::{names, samples};
pub(crate) use stock::{Stock, choice_by};

/// A piece of what is said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Spoken {
    /// Id of a recorded prompt.
    Recording(String),
    /// A text that nobody recorded, in the language of what is said.
    Text(String),
}

/// Recorded words and sentences of one language: ids of prompts by name.
pub type Vocabulary = Arc<BTreeMap<String, String>>;

/// Recorded words and sentences by language, in lower case.
pub type Vocabularies = BTreeMap<String, Vocabulary>;

/// The vocabulary of a language, or of a wider one.
pub(crate) fn vocabulary<'v>(all: &'v Vocabularies, language: &str) -> Option<&'v Vocabulary> {
    ranges(language).find_map(|it| all.get(&it.to_ascii_lowercase()))
}

/// The recordings of all names; nothing where one is missing.
pub(crate) fn recorded(vocabulary: Option<&Vocabulary>, names: &[String]) -> Option<Vec<Spoken>> {
    let ids = names.iter().map(|name| vocabulary?.get(name).cloned().map(Spoken::Recording));
    ids.collect()
}

/// Whether there is something in a text that could be heard.
pub(crate) fn is_audible(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// Texts that follow one another become one, so that they are said in one breath; what cannot be
/// heard goes.
pub(crate) fn joined(pieces: impl IntoIterator<Item = Spoken>) -> Vec<Spoken> {
    let mut joined: Vec<Spoken> = Vec::new();
    for piece in pieces {
        match (joined.last_mut(), piece) {
            (Some(Spoken::Text(before)), Spoken::Text(text)) => before.push_str(&text),
            (_, piece) => joined.push(piece),
        }
    }
    joined.retain(|it| !matches!(it, Spoken::Text(text) if !is_audible(text)));
    for piece in &mut joined {
        if let Spoken::Text(text) = piece {
            *text = text.trim().to_owned();
        }
    }
    joined
}
