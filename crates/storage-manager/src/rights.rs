//! What a user may see and do, by the rules of the model.
//!
//! Rules become conditions of the one statement: of the rows that are seen, and of each value that
//! only some rule shows. What a user may not see is missing for filters, orders and figures, too,
//! so that nothing of it can be found out by asking.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Checked;
use caruso_object_model::{Action, Class, Model, Rule, User};
use dashmap::DashMap;
use sea_orm::sea_query::{Expr, JoinType, SelectStatement, TableRef};

use crate::compile::Operand;
use crate::prepared::{Prepared, Shape};

/// Statements that are kept for one user; beyond, all are made anew.
const MAX_PREPARED: usize = 500;

/// What a user may read, of each class that has rules. Without a user, everything.
#[derive(Debug, Default)]
pub(crate) struct Rights {
    classes: BTreeMap<String, Vec<Granted>>,
    /// Statements for what may be read, by the shape of requests.
    prepared: DashMap<Shape, Arc<Prepared>>,
}

/// A rule that fits a user.
#[derive(Debug)]
pub(crate) struct Granted {
    /// For which objects; `None` for all.
    pub(crate) when: Option<Checked>,
    rule: Rule,
}

/// On what it depends that something is seen.
pub(crate) enum Seen<'a> {
    Always,
    /// Where one of these holds; nowhere if there is none.
    Where(Vec<&'a Checked>),
}

/// What is seen of a class whose table has the alias [`crate::plan::ROOT`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Sight {
    /// The rows; all without one.
    pub(crate) row: Option<Expr>,
    /// Members that are seen only where a condition holds.
    pub(crate) members: Vec<(String, Expr)>,
    /// The derived attributes, in the order of the class; none where an object is read as it is
    /// stored.
    pub(crate) derived: Vec<(String, Shown)>,
    /// The tables of other objects that derived attributes are of.
    pub(crate) joins: Vec<Join>,
}

/// A table beside that of a class: at most one row of it for each object.
#[derive(Debug, Clone)]
pub(crate) struct Join {
    /// With its alias.
    pub(crate) table: TableRef,
    pub(crate) on: Expr,
}

/// A derived attribute as it is shown.
#[derive(Debug, Clone)]
pub(crate) enum Shown {
    /// A value of the statement.
    Asked(Operand),
    /// Computed of the object.
    AfterReading(Checked),
}

impl Sight {
    /// Adds the tables of other objects to a statement.
    pub(crate) fn join(&self, select: &mut SelectStatement) {
        for Join { table, on } in &self.joins {
            select.join(JoinType::LeftJoin, table.clone(), on.clone());
        }
    }

    /// True when an object is shown as it is stored.
    pub(crate) fn is_plain(&self) -> bool {
        self.members.is_empty() && self.derived.is_empty()
    }

    /// The derived attributes that the statement gives, in its order.
    pub(crate) fn asked(&self) -> impl Iterator<Item = (&str, &Operand)> {
        self.derived.iter().filter_map(|(name, shown)| match shown {
            Shown::Asked(operand) => Some((name.as_str(), operand)),
            Shown::AfterReading(_) => None,
        })
    }

    pub(crate) fn of_member(&self, name: &str) -> Option<&Expr> {
        self.members.iter().find(|(member, _)| member == name).map(|(_, seen)| seen)
    }
}

impl Rights {
    /// What a user may read.
    pub(crate) fn of(model: &Model, user: &User) -> Self {
        let classes = model.classes().filter(|class| !class.rules().is_empty());
        let classes =
            classes.map(|class| (class.name.clone(), granted(model, class, user, Action::Read)));
        Self { classes: classes.collect(), prepared: DashMap::new() }
    }

    /// The statement of a shape, if it was made.
    pub(crate) fn prepared(&self, shape: &Shape) -> Option<Arc<Prepared>> {
        self.prepared.get(shape).map(|found| Arc::clone(&found))
    }

    /// Keeps a statement.
    pub(crate) fn keep(&self, shape: Shape, prepared: Prepared) -> Arc<Prepared> {
        if self.prepared.len() >= MAX_PREPARED {
            self.prepared.clear();
        }
        let prepared = Arc::new(prepared);
        self.prepared.insert(shape, Arc::clone(&prepared));
        prepared
    }

    /// Which rows of a class are seen.
    pub(crate) fn rows(&self, class: &Class) -> Seen<'_> {
        match self.classes.get(&class.name) {
            None => Seen::Always,
            Some(rules) => seen(rules.iter()),
        }
    }

    /// In which of the rows that are seen a member is seen.
    pub(crate) fn member(&self, class: &Class, name: &str) -> Seen<'_> {
        let Some(rules) = self.classes.get(&class.name).filter(|_| !class.is_key(name)) else {
            return Seen::Always;
        };
        if rules.iter().all(|granted| granted.rule.names(name)) {
            return Seen::Always;
        }
        seen(rules.iter().filter(|granted| granted.rule.names(name)))
    }
}

fn seen<'a>(rules: impl Iterator<Item = &'a Granted>) -> Seen<'a> {
    match rules.map(|granted| granted.when.as_ref()).collect::<Option<Vec<_>>>() {
        // one of them is for all objects
        None => Seen::Always,
        Some(conditions) => Seen::Where(conditions),
    }
}

/// The rules of a class that allow an action to a user. One whose condition is unsound allows
/// nothing.
pub(crate) fn granted(model: &Model, class: &Class, user: &User, action: Action) -> Vec<Granted> {
    let rules = class.rules().iter().filter(|rule| rule.is_for(user, action));
    let granted = rules.filter_map(|rule| {
        let when = rule.condition(model, class, user).ok()?;
        Some(Granted { when, rule: rule.clone() })
    });
    granted.collect()
}

impl Granted {
    /// True when the rule is about a member.
    pub(crate) fn names(&self, member: &str) -> bool {
        self.rule.names(member)
    }
}
