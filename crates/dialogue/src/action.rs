//! Actions as a script declares them.

use caruso_expression::Type;

use crate::formula::Formula;
use crate::texts::Text;

#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) name: String,
    pub(crate) title: Text,
    pub(crate) undo: Undo,
    /// For how long it is tried.
    pub(crate) within_seconds: Option<u32>,
    pub(crate) kind: ActionKind,
    pub(crate) values: Vec<Assignment>,
}

/// What happens when an answer is to be changed that a sent action depends on.
#[derive(Debug)]
pub(crate) enum Undo {
    /// The change is refused.
    Forbid,
    /// The action stays as it is.
    Keep,
    /// The action is taken back.
    Compensate(Compensation),
}

/// How an action is taken back.
#[derive(Debug)]
pub(crate) enum Compensation {
    /// The object that it wrote goes.
    Delete,
    /// By another operation, whose values may use the results of the action.
    Invoke { operation: String, values: Vec<Assignment> },
}

#[derive(Debug)]
pub(crate) enum ActionKind {
    Create {
        class: String,
    },
    Invoke {
        operation: String,
    },
    /// To the address among the values.
    Email {
        subject: Text,
        paragraphs: Vec<Text>,
    },
}

impl Action {
    /// The names that it is made of.
    pub(crate) fn reads(&self) -> impl Iterator<Item = &String> {
        let values = self.values.iter().flat_map(|it| it.formula.reads());
        let texts: Vec<&Text> = match &self.kind {
            ActionKind::Email { subject, paragraphs } => {
                paragraphs.iter().chain([subject]).collect()
            }
            _ => Vec::new(),
        };
        values.chain(texts.into_iter().flat_map(Text::names))
    }
}

#[derive(Debug)]
pub(crate) struct Assignment {
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) formula: Formula,
}
