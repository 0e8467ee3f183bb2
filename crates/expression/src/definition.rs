//! Names that stand for expressions.

use crate::Expression;

/// What a name stands for: the value of one of several rules. The checker treats each use of the
/// name as if the expressions stood there; whoever evaluates gives the name its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// In order; one without a condition is the last.
    pub rules: Vec<Rule>,
    /// Which of them counts.
    pub hit: Hit,
    /// Whether it is known that one of the rules always holds, although the last has a condition.
    pub is_complete: bool,
}

/// A value, and when it is the one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Nothing where it holds if no other does.
    pub when: Option<Expression>,
    /// The value.
    pub value: Expression,
}

/// Which rule counts. Where none holds the value is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hit {
    /// The first that holds.
    First,
    /// The only one that holds; the value is missing where several do.
    Only,
}

impl Definition {
    /// That of a name for one expression.
    pub fn of(value: Expression) -> Self {
        Self { rules: vec![Rule { when: None, value }], hit: Hit::First, is_complete: false }
    }

    /// Whether it is certain that some rule counts.
    pub(crate) fn is_sure(&self) -> bool {
        let has_last = self.rules.last().is_some_and(|rule| rule.when.is_none());
        let is_one = self.hit == Hit::First || self.rules.len() == 1;
        is_one && (has_last || self.is_complete)
    }
}
