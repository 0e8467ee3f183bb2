//! Whom the contacts of a queue need: requirements, the later ones for those who wait longer.

use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{AttributeValue, SkillId};
use caruso_expression::{Budget, Checked, Value, Values};

/// The most requirements of a queue.
pub const MAX_STEPS: usize = 16;
/// The name that skills have in requirements.
pub(crate) const SKILL: &str = "skill";
/// The name that the attributes of the contact have there.
pub(crate) const CONTACT: &str = "contact";

/// Whom the contacts of a queue need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Needs {
    /// The requirements by the wait from which on they hold; the first from the beginning.
    pub steps: Vec<Requirement>,
    /// The skills that any of them names, in order.
    pub skills: Vec<SkillId>,
    /// The contact attributes that any of them names, in order.
    pub attributes: Vec<String>,
}

/// A requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The wait from which on it holds.
    pub after: Duration,
    /// Its text.
    pub when: Arc<str>,
    /// What must hold, all of it.
    pub parts: Vec<Part>,
}

/// A part of a requirement: what stands between the outermost `and`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its text.
    pub when: Arc<str>,
    /// The condition, whose names are `skill.ID` and `contact.NAME`.
    pub condition: Checked,
}

impl Needs {
    /// The requirement of this number, counted from 0; the last one where there are not so many
    /// any more.
    pub fn step(&self, number: u8) -> &Requirement {
        let last = self.steps.len() - 1;
        &self.steps[usize::from(number).min(last)]
    }

    /// The wait from which on the requirement after this one holds, if there is one.
    pub fn next_after(&self, number: u8) -> Option<Duration> {
        self.steps.get(usize::from(number) + 1).map(|step| step.after)
    }

    /// The part that an agent does not meet, if there is one. `levels` are those of
    /// [`skills`](Self::skills), 0 for one that the agent lacks; `values` those of
    /// [`attributes`](Self::attributes). What cannot be computed is not met.
    pub(crate) fn unmet(
        &self,
        number: u8,
        levels: &[u8],
        values: &[AttributeValue],
    ) -> Option<&Part> {
        let names = Names { needs: self, levels, values };
        let is_unmet = |part: &&Part| {
            part.condition.evaluate(&names, Budget::default()) != Ok(Value::Bool(true))
        };
        self.step(number).parts.iter().find(is_unmet)
    }
}

struct Names<'a> {
    needs: &'a Needs,
    levels: &'a [u8],
    values: &'a [AttributeValue],
}

impl Values for Names<'_> {
    fn variable(&self, name: &str) -> Value {
        let found = match name.split_once('.') {
            Some((SKILL, name)) => {
                let index = self.needs.skills.iter().position(|skill| skill.as_str() == name);
                index.and_then(|at| self.levels.get(at)).map(|level| Value::Int((*level).into()))
            }
            Some((_, name)) => {
                let index = self.needs.attributes.iter().position(|known| known == name);
                index.and_then(|at| self.values.get(at)).map(computable)
            }
            None => None,
        };
        found.unwrap_or(Value::Null)
    }
}

fn computable(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::Bool(value) => Value::Bool(*value),
        AttributeValue::Int(value) => Value::Int(*value),
        AttributeValue::Choice(value) => Value::from(value.as_str()),
    }
}
