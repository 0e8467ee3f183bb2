//! Which requests are too expensive: those that would search through a large table without an
//! index.

use caruso_database::Table;
use caruso_expression::{Checked, Comparison, Typed, TypedKind, Value};

use crate::compile::Plans;
use crate::engine::Engine;
use crate::error::Error;
use crate::federation::Found;
use crate::page::{Link, Order};
use crate::plan::{Column, Plan};

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
        filter: Option<(&Checked, &Found)>,
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
        if let Some((filter, found)) = filter {
            let mut search = Search { plans: &self.plans, plan, found, wanted: &mut wanted };
            if search.finds(filter.root()) {
                return Ok(());
            }
        } else if let Some(order) = order.filter(|_| link.is_none()) {
            let members = order.iter().filter_map(|order| plan.member(&order.attribute));
            let members: Vec<_> = members.collect();
            let columns = members.iter().flat_map(|member| plan.columns_of(member));
            let columns: Vec<&str> = columns.map(|column| column.name.as_str()).collect();
            // what two columns make together is in no index
            let is_made = members.iter().any(|member| member.pair.is_some());
            if columns.is_empty() || !is_made && plan.cost.orders(&columns) {
                return Ok(());
            }
            if !is_made {
                wanted.push(columns.join(", "));
            }
        }
        Err(Error::TooExpensive { class: plan.class.name.clone(), wanted })
    }
}

/// A search through a condition for what an index serves.
struct Search<'a> {
    plans: &'a Plans,
    plan: &'a Plan,
    found: &'a Found,
    /// Columns that an index might help with.
    wanted: &'a mut Vec<String>,
}

impl Search<'_> {
    /// True when an index finds the rows that a condition may hold for.
    fn finds(&mut self, node: &Typed) -> bool {
        if let Some(answer) = self.found.answer(node) {
            return !answer.is_outside && self.key_finds(answer.object.as_ref());
        }
        match &node.kind {
            TypedKind::And(parts) => parts.iter().any(|part| self.finds(part)),
            TypedKind::Or(parts) => parts.iter().all(|part| self.finds(part)),
            TypedKind::Literal(value) => *value == Value::Bool(false),
            TypedKind::Compare(how, left, right) if *how != Comparison::NotEqual => {
                match (&left.kind, &right.kind) {
                    (TypedKind::Literal(_), _) => self.value_finds(right),
                    (_, TypedKind::Literal(_)) => self.value_finds(left),
                    _ => false,
                }
            }
            TypedKind::In(element, _) => self.value_finds(element),
            _ => false,
        }
    }

    /// True when an index finds rows by an attribute, or by the key that a relation leads to.
    fn value_finds(&mut self, node: &Typed) -> bool {
        let plan = self.plan;
        let member = match &node.kind {
            TypedKind::Variable(name) => plan.member(name).filter(|member| member.target.is_none()),
            TypedKind::Member(object, attribute) => match &object.kind {
                TypedKind::Variable(name) => plan.member(name).filter(|member| {
                    let target = member.target.as_ref().and_then(|it| self.plans.get(it));
                    target.is_some_and(|target| target.class.is_key(attribute))
                }),
                _ => None,
            },
            _ => None,
        };
        self.column_finds(member.and_then(|member| plan.columns_of(member).first()))
    }

    /// True when an index finds rows by their own key, or by a relation of theirs.
    fn key_finds(&mut self, object: Option<&Typed>) -> bool {
        let plan = self.plan;
        let column = match object.map(|object| &object.kind) {
            None => plan.key_columns().next(),
            Some(TypedKind::Variable(name)) => {
                plan.member(name).and_then(|member| plan.columns_of(member).first())
            }
            Some(_) => None,
        };
        self.column_finds(column)
    }

    fn column_finds(&mut self, column: Option<&Column>) -> bool {
        let Some(column) = column else { return false };
        let is_found = self.plan.cost.finds(&column.name);
        if !is_found && !self.wanted.contains(&column.name) {
            self.wanted.push(column.name.clone());
        }
        is_found
    }
}
