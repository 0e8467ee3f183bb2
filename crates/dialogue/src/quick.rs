//! Conditions on answers alone, tested without the evaluator: most transitions have no others.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::{Comparison, Typed, TypedKind, Value};

use crate::datum::Datum;
use crate::environment::Environment;
use crate::script::{AskKind, Step, StepKind};

/// A condition that compares answers to yes-no and choice questions with constants. It holds
/// exactly where the evaluator says so.
#[derive(Debug, Clone)]
pub(crate) enum Quick {
    Yes(usize),
    Equals(usize, Arc<str>),
    Differs(usize, Arc<str>),
    Not(Box<Quick>),
    All(Vec<Quick>),
    Any(Vec<Quick>),
}

impl Quick {
    /// Nothing where the condition needs the evaluator. `steps` by id.
    pub(crate) fn new(node: &Typed, steps: &BTreeMap<String, Step>) -> Option<Self> {
        let all = |parts: &[Typed]| -> Option<Vec<Self>> {
            parts.iter().map(|part| Self::new(part, steps)).collect()
        };
        Some(match &node.kind {
            TypedKind::Variable(name) => Self::Yes(number(name, steps, true)?),
            TypedKind::IsTrue(inner) => Self::new(inner, steps)?,
            TypedKind::Not(inner) => Self::Not(Box::new(Self::new(inner, steps)?)),
            TypedKind::And(parts) => Self::All(all(parts)?),
            TypedKind::Or(parts) => Self::Any(all(parts)?),
            TypedKind::Compare(how, left, right) => match (how, &left.kind, &right.kind) {
                (
                    Comparison::Equal | Comparison::NotEqual,
                    TypedKind::Variable(name),
                    TypedKind::Literal(Value::Text(text)),
                ) => {
                    let step = number(name, steps, false)?;
                    let text = Arc::clone(text);
                    let is_equal = *how == Comparison::Equal;
                    if is_equal { Self::Equals(step, text) } else { Self::Differs(step, text) }
                }
                _ => return None,
            },
            _ => return None,
        })
    }

    /// Whether it holds; nothing where an answer is of a kind that the question does not take.
    pub(crate) fn holds(&self, environment: &Environment<'_>) -> Option<bool> {
        Some(match self {
            Self::Yes(step) => match environment.answered(*step) {
                None => false,
                Some(Datum::Bool(value)) => *value,
                Some(_) => return None,
            },
            Self::Equals(step, text) => match environment.answered(*step) {
                None => false,
                Some(Datum::Choice(value)) => **value == **text,
                Some(_) => return None,
            },
            Self::Differs(step, text) => match environment.answered(*step) {
                None => false,
                Some(Datum::Choice(value)) => **value != **text,
                Some(_) => return None,
            },
            Self::Not(inner) => !inner.holds(environment)?,
            Self::All(parts) => {
                let mut all = true;
                for part in parts {
                    all &= part.holds(environment)?;
                }
                all
            }
            Self::Any(parts) => {
                let mut any = false;
                for part in parts {
                    any |= part.holds(environment)?;
                }
                any
            }
        })
    }
}

/// The number of a question with yes and no, or with choices.
fn number(name: &str, steps: &BTreeMap<String, Step>, is_yes_no: bool) -> Option<usize> {
    let StepKind::Ask(ask) = &steps.get(name)?.kind else { return None };
    let fits = match &ask.kind {
        AskKind::YesNo { .. } => is_yes_no,
        AskKind::Choice(_) => !is_yes_no,
        _ => false,
    };
    if fits { steps.keys().position(|id| id == name) } else { None }
}
