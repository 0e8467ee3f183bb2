//! The tables of a class: where its rows come from, and where they are written.

use std::collections::BTreeSet;

use caruso_database::dialect;
use caruso_object_model::{Class, Revision};
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoIden, IntoTableRef, JoinType, Query, ReturningClause,
    SelectStatement, TableRef, Value as Cell,
};

use super::{Column, Plan, ROOT};

impl Plan {
    /// Where the rows of the class come from, to be given an alias.
    pub(crate) fn table(&self) -> TableRef {
        match &self.source {
            Some(source) => {
                TableRef::SubQuery(Box::new(source.clone()), Alias::new(ROOT).into_iden())
            }
            None => self.part(0),
        }
    }

    /// A table that holds a part of the objects, to be written.
    pub(crate) fn part(&self, part: usize) -> TableRef {
        let class = &self.class;
        match part.checked_sub(1).and_then(|part| class.parts.get(part)) {
            Some(part) => reference(part.schema.as_deref(), &part.table),
            None => reference(class.schema.as_deref(), &class.table),
        }
    }

    /// True when the objects are simply the rows of a table.
    pub(crate) fn is_one_table(&self) -> bool {
        self.source.is_none()
    }

    /// Leaves of the rows those that are of this class.
    pub(crate) fn only(&mut self, is_of_it: Expr) {
        let mut select = Query::select();
        select.columns(self.column_names().into_iter().map(|name| (ROOT, Alias::new(name))));
        self.source = Some(select.from(self.table().alias(ROOT)).and_where(is_of_it).take());
    }

    /// What a statement that writes to the only table gives back: what [`Plan::select`] has of a
    /// row that is shown as it is stored.
    pub(crate) fn returning(&self) -> ReturningClause {
        let columns = self.columns.iter().map(|column| column.stored.as_str());
        let counter = match &self.class.revision {
            Revision::Column(counter) => Some(counter.as_str()),
            _ => None,
        };
        let exprs = columns.chain(counter).map(|name| Expr::col(Alias::new(name)));
        Query::returning().exprs(exprs)
    }

    /// The condition that a row of one of the tables has this key.
    pub(crate) fn has_part_key(&self, part: usize, cells: Vec<Cell>) -> Expr {
        let Some(part) = part.checked_sub(1).and_then(|part| self.class.parts.get(part)) else {
            return self.has_key(None, cells);
        };
        let parts = self.key_columns().zip(&part.key).zip(cells);
        let parts = parts.map(|((column, own), cell)| {
            Expr::col(Alias::new(own)).eq(dialect::parameter(&column.codec, cell))
        });
        parts.reduce(Expr::and).unwrap_or_else(|| Expr::cust("1 = 0"))
    }
}

fn reference(schema: Option<&str>, table: &str) -> TableRef {
    match schema {
        Some(schema) => (Alias::new(schema), Alias::new(table)).into_table_ref(),
        None => Alias::new(table).into_table_ref(),
    }
}

/// The rows of a class whose objects are held by several tables: each under its key in all of them.
pub(super) fn joined(class: &Class, columns: &[Column], key: &[usize]) -> Option<SelectStatement> {
    if class.parts.is_empty() {
        return None;
    }
    let alias = |part: usize| Alias::new(format!("{ROOT}{part}"));
    let mut select = Query::select();
    let mut known = BTreeSet::new();
    for column in columns.iter().filter(|column| known.insert(&column.name)) {
        let stored = Expr::col((alias(column.part), Alias::new(&column.stored)));
        select.expr_as(stored, Alias::new(&column.name));
    }
    if let Revision::Column(counter) = &class.revision {
        select.expr_as(Expr::col((alias(0), Alias::new(counter))), Alias::new(counter));
    }
    select.from(reference(class.schema.as_deref(), &class.table).alias(alias(0)));
    for (index, part) in class.parts.iter().enumerate() {
        let table = reference(part.schema.as_deref(), &part.table).alias(alias(index + 1));
        let is_same = key.iter().zip(&part.key).map(|(place, own)| {
            let root = Expr::col((alias(0), Alias::new(&columns[*place].stored)));
            Expr::col((alias(index + 1), Alias::new(own))).eq(root)
        });
        let is_same = is_same.reduce(Expr::and).unwrap_or_else(|| Expr::cust("1 = 0"));
        select.join(JoinType::InnerJoin, table, is_same);
    }
    Some(select)
}
