//! The columns that new objects of a class are written to, each once, whatever members share them.

use caruso_expression::Value;
use caruso_object_model::{Revision, Row};
use sea_orm::sea_query::Value as Cell;

use crate::many::{Many, Written};
use crate::plan::{Member, Plan};
use crate::work::encode;

/// The columns of some members, and the one that counts the changes.
#[derive(Debug)]
pub(crate) struct Layout {
    /// Places of the members in [`Plan::members`].
    members: Vec<usize>,
    /// The columns: their places in [`Plan::columns`].
    columns: Vec<usize>,
    /// What every object of the class has without being given it.
    fixed: Vec<(String, Value)>,
    has_counter: bool,
}

impl Layout {
    /// The columns of the members that are wished.
    pub(crate) fn new(plan: &Plan, is_wished: impl Fn(&str) -> bool) -> Self {
        let fixed = plan.class.fixed().into_iter();
        let fixed: Vec<(String, Value)> =
            fixed.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let is_fixed = |name: &str| fixed.iter().any(|(fixed, _)| fixed == name);
        let members = plan.members.iter().enumerate();
        let members =
            members.filter(|(_, member)| is_wished(&member.name) || is_fixed(&member.name));
        let members: Vec<usize> = members.map(|(place, _)| place).collect();
        let mut columns: Vec<usize> = Vec::new();
        for place in members.iter().flat_map(|place| plan.members[*place].places()) {
            if slot(plan, &columns, place).is_none() {
                columns.push(place);
            }
        }
        Self { members, columns, fixed, has_counter: plan.counter.is_some() }
    }

    /// Insertions of such objects; they answer with what [`Plan::select`] gives of a row when that
    /// is wished.
    pub(crate) fn insertions(&self, plan: &Plan, has_answer: bool) -> Many {
        let written = self.columns.iter().map(|place| {
            let column = &plan.columns[*place];
            let cast = column.codec.cast().map(str::to_owned);
            Written { name: column.stored.clone(), cast }
        });
        let counter = match &plan.class.revision {
            Revision::Column(name) if self.has_counter => Some(name),
            _ => None,
        };
        let cast = None;
        let counted = counter.map(|name| Written { name: name.clone(), cast });
        let table: Vec<&str> = plan
            .class
            .schema
            .iter()
            .map(String::as_str)
            .chain([plan.class.table.as_str()])
            .collect();
        let many = Many::new(plan.backend, &table, written.chain(counted).collect());
        if !has_answer {
            return many;
        }
        let read = plan.columns.iter().map(|column| column.stored.as_str());
        many.returning(read.chain(counter.map(String::as_str)))
    }

    /// The cells of a new object at its first revision.
    ///
    /// # Errors
    ///
    /// The member whose columns cannot hold its value.
    pub(crate) fn cells<'p>(&self, plan: &'p Plan, row: &Row) -> Result<Vec<Cell>, &'p Member> {
        let mut cells: Vec<Option<Cell>> = vec![None; self.columns.len()];
        for member in self.members.iter().map(|place| &plan.members[*place]) {
            let fixed = || self.fixed.iter().find(|(name, _)| *name == member.name);
            let value = row.get(&member.name).or_else(|| fixed().map(|(_, value)| value));
            let Some(value) = value else { continue };
            let encoded = encode(plan, member, value).ok_or(member)?;
            for (place, cell) in member.places().zip(encoded) {
                // where an empty relation shares a column with a value, the value stays
                if let (Some(slot), Some(cell)) = (slot(plan, &self.columns, place), cell) {
                    cells[slot].get_or_insert(cell);
                }
            }
        }
        Ok(self.complete(plan, cells, 1))
    }

    /// The cells in their order, the missing ones as the columns have them, and the counter.
    pub(crate) fn complete(
        &self,
        plan: &Plan,
        cells: Vec<Option<Cell>>,
        revision: i64,
    ) -> Vec<Cell> {
        let cells = self.columns.iter().zip(cells);
        let cells =
            cells.map(|(place, cell)| cell.unwrap_or_else(|| plan.columns[*place].codec.null()));
        cells.chain(self.has_counter.then_some(Cell::BigInt(Some(revision)))).collect()
    }

    /// The places of the columns in [`Plan::columns`], in their order.
    pub(crate) fn columns(&self) -> &[usize] {
        &self.columns
    }
}

/// Where a column is among those that are written.
fn slot(plan: &Plan, columns: &[usize], place: usize) -> Option<usize> {
    columns.iter().position(|known| plan.columns[*known].name == plan.columns[place].name)
}
