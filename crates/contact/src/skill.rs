//! What agents can do, and what routing knows of a contact.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::SkillId;

/// What an agent can do, and how well. A skill that is not named is one that the agent lacks.
pub type Skills = BTreeMap<SkillId, Proficiency>;

/// How well an agent has a skill: 1 (a little) to 5 (very well).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Proficiency(u8);

/// A number that is no proficiency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a proficiency is a whole number from 1 to 5")]
pub struct NotAProficiency;

impl Proficiency {
    /// The best there is.
    pub const MAX: u8 = 5;

    /// The number, 1 to 5.
    pub fn level(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Proficiency {
    type Error = NotAProficiency;

    fn try_from(level: u8) -> Result<Self, NotAProficiency> {
        if (1..=Self::MAX).contains(&level) { Ok(Self(level)) } else { Err(NotAProficiency) }
    }
}

impl From<Proficiency> for u8 {
    fn from(proficiency: Proficiency) -> Self {
        proficiency.0
    }
}

/// The value of a contact attribute that `routing.xml` declares. There is no free text among them,
/// so that nothing personal gets into what routing keeps.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// One of the declared values.
    Choice(String),
}

impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(value) => value.fmt(f),
            Self::Int(value) => value.fmt(f),
            Self::Choice(value) => value.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proficiency_is_read_within_its_bounds_only() {
        for (text, expected) in [("1", Some(1)), ("5", Some(5)), ("0", None), ("6", None)] {
            let read = serde_json::from_str::<Proficiency>(text).ok();
            assert_eq!(read.map(Proficiency::level), expected, "{text}");
        }
    }
}
