//! Closed lists of values, each written once however many attributes have it.

use std::collections::BTreeSet;
use std::sync::Arc;

use caruso_expression::Choice;
use caruso_object_model::{EnumValue, Enumeration};

use super::words::{self, new_name, words};

/// The lists, in the order in which they were met.
#[derive(Default)]
pub(super) struct Enums {
    all: Vec<Enum>,
    taken: BTreeSet<String>,
}

/// A list.
pub(super) struct Enum {
    pub(super) name: String,
    /// Names with their codes.
    pub(super) values: Vec<(String, String)>,
    codes: Vec<String>,
    wished: String,
}

impl Enums {
    /// The place of a list of these codes, which all differ. One that has the same and was wished
    /// the same name is taken again; else `owner` tells two apart that were wished the same.
    pub(super) fn place(&mut self, wished: &str, owner: &str, codes: &[String]) -> usize {
        let known = self.all.iter().position(|it| it.wished == wished && it.codes == codes);
        known.unwrap_or_else(|| {
            let is_taken = self.taken.contains(&wished.to_ascii_lowercase());
            let name = if is_taken { format!("{owner}_{wished}") } else { wished.to_owned() };
            self.all.push(Enum {
                name: new_name(&name, "_", &mut self.taken),
                values: named(codes),
                codes: codes.to_vec(),
                wished: wished.to_owned(),
            });
            self.all.len() - 1
        })
    }

    pub(super) fn get(&self, place: usize) -> &Enum {
        &self.all[place]
    }

    /// The list as the model will have it.
    pub(super) fn logical(&self, place: usize) -> Arc<Enumeration> {
        let Enum { name, values, .. } = self.get(place);
        let choice = Choice {
            name: name.clone(),
            values: values.iter().map(|(name, _)| name.clone()).collect(),
        };
        let values = values.iter().map(|(name, stored)| EnumValue {
            name: name.clone(),
            stored: stored.clone(),
            labels: Default::default(),
        });
        Arc::new(Enumeration { choice: Arc::new(choice), values: values.collect() })
    }
}

fn named(codes: &[String]) -> Vec<(String, String)> {
    let mut taken = BTreeSet::new();
    let named = codes.iter().map(|code| {
        let words = words(code);
        let name = match words.as_slice() {
            [] if code.trim().is_empty() => "blank".to_owned(),
            [] => "value".to_owned(),
            [number] if number.bytes().all(|it| it.is_ascii_digit()) => number.clone(),
            words => words::member_name(words, "value"),
        };
        (new_name(&name, "_", &mut taken), code.clone())
    });
    named.collect()
}
