//! Which requests are too expensive: those that would search through a large table without an
//! index.

use caruso_database::Table;
use caruso_expression::{Checked, Comparison, Typed, TypedKind, Value};

use crate::compile::Plans;
use crate::engine::Engine;
use crate::error::Error;
use crate::page::{Link, Order};
use crate::plan::Plan;

/// Tables with more rows than this are not searched without an index.
pub(crate) const LARGE: u64 = 50_000;

/// What is known of a table for judging requests.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cost {
    pub(crate) is_large: bool,
    /// The columns of its indexes, in their order.
    pub(crate) indexes: Vec<Vec<String>>,
}

impl Cost {
    pub(crate) fn of(table: &Table, rows: u64) -> Self {
        Self { is_large: rows > LARGE, indexes: table.indexes.clone() }
    }

    /// True when an index finds rows by a column.
    fn finds(&self, column: &str) -> bool {
        self.indexes.iter().any(|index| index.first().is_some_and(|first| first == column))
    }

    /// True when an index has rows in the order of columns.
    fn orders(&self, columns: &[&str]) -> bool {
        self.indexes.iter().any(|index| {
            index.len() >= columns.len() && index.iter().zip(columns).all(|(a, b)| a == b)
        })
    }
}

impl Engine {
    /// Refuses a search through a large table that no index serves. `order` of a page; `None` where
    /// all rows are needed.
    pub(crate) fn served(
        &self,
        plan: &Plan,
        filter: Option<&Checked>,
        link: Option<&Link>,
        order: Option<&[Order]>,
    ) -> Result<(), Error> {
        if !plan.cost.is_large {
            return Ok(());
        }
        let mut wanted = Vec::new();
        if let Some(link) = link {
            let column = plan
                .columns_of(plan.relation(link.path.split('.').next().unwrap_or_default())?)
                .first();
            let column = column.map(|column| column.name.clone()).unwrap_or_default();
            if plan.cost.finds(&column) {
                return Ok(());
            }
            wanted.push(column);
        }
        if let Some(filter) = filter {
            if finds(&self.plans, plan, filter.root(), &mut wanted) {
                return Ok(());
            }
        } else if let Some(order) = order.filter(|_| link.is_none()) {
            let columns = order.iter().filter_map(|order| plan.member(&order.attribute));
            let columns = columns.flat_map(|member| plan.columns_of(member));
            let columns: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            if columns.is_empty() || plan.cost.orders(&columns) {
                return Ok(());
            }
            wanted.push(columns.join(", "));
        }
        Err(Error::TooExpensive { class: plan.class.name.clone(), wanted })
    }
}

/// True when an index finds the rows that a condition may hold for; columns that an index might
/// help with are noted.
fn finds(plans: &Plans, plan: &Plan, node: &Typed, wanted: &mut Vec<String>) -> bool {
    match &node.kind {
        TypedKind::And(parts) => parts.iter().any(|part| finds(plans, plan, part, wanted)),
        TypedKind::Or(parts) => parts.iter().all(|part| finds(plans, plan, part, wanted)),
        TypedKind::Literal(value) => *value == Value::Bool(false),
        TypedKind::Compare(how, left, right) if *how != Comparison::NotEqual => {
            match (&left.kind, &right.kind) {
                (TypedKind::Literal(_), _) => column_finds(plans, plan, right, wanted),
                (_, TypedKind::Literal(_)) => column_finds(plans, plan, left, wanted),
                _ => false,
            }
        }
        TypedKind::In(element, _) => column_finds(plans, plan, element, wanted),
        _ => false,
    }
}

/// True when an index finds rows by an attribute, or by the key that a relation leads to.
fn column_finds(plans: &Plans, plan: &Plan, node: &Typed, wanted: &mut Vec<String>) -> bool {
    let member = match &node.kind {
        TypedKind::Variable(name) => plan.member(name).filter(|member| member.target.is_none()),
        TypedKind::Member(object, attribute) => match &object.kind {
            TypedKind::Variable(name) => plan.member(name).filter(|member| {
                let target = member.target.as_ref().and_then(|target| plans.get(target));
                target.is_some_and(|target| target.class.is_key(attribute))
            }),
            _ => None,
        },
        _ => None,
    };
    let Some(column) = member.and_then(|member| plan.columns_of(member).first()) else {
        return false;
    };
    let is_found = plan.cost.finds(&column.name);
    if !is_found && !wanted.contains(&column.name) {
        wanted.push(column.name.clone());
    }
    is_found
}
