//! All rows of a class in the order of their keys, some at a time.

use caruso_database::dialect;
use caruso_object_model::key;
use sea_orm::sea_query::{Expr, ExprTrait, Order, Value as Cell};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult};

use crate::compile::Operand;
use crate::plan::{Plan, ROOT};
use crate::rights::Sight;

/// In which order texts of keys come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Texts {
    /// As the columns compare, which an index knows.
    AsStored,
    /// By code points, as every engine can.
    Exactly,
}

/// The rows of a class.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Walk<'a> {
    pub(crate) connection: &'a DatabaseConnection,
    pub(crate) plan: &'a Plan,
    pub(crate) texts: Texts,
}

impl Walk<'_> {
    /// Rows as [`Plan::select`] gives them, behind one key and up to another, at most so many.
    pub(crate) async fn rows(
        &self,
        after: Option<&str>,
        until: Option<&str>,
        most: u64,
    ) -> Result<Vec<QueryResult>, DbErr> {
        let mut select = self.plan.select(&Sight::default());
        if let Some(cells) = after.and_then(|key| self.plan.key_cells(key)) {
            select.and_where(self.is_behind(cells));
        }
        if let Some(cells) = until.and_then(|key| self.plan.key_cells(key)) {
            select.and_where(self.is_behind(cells).not());
        }
        for (expr, _) in self.terms() {
            select.order_by_expr(expr, Order::Asc);
        }
        self.connection.query_all(&select.limit(most).take()).await
    }

    /// The key of a row; `None` when a cell of it cannot be read.
    pub(crate) fn key(&self, row: &QueryResult) -> Option<String> {
        let part = |place: &usize| {
            let value = self.plan.columns[*place].codec.decode(row, *place).ok()?;
            (!value.is_null()).then(|| value.to_string())
        };
        let parts = self.plan.key.iter().map(part).collect::<Option<Vec<_>>>()?;
        Some(key::join(&parts))
    }

    /// True when the order is one that an index may know.
    pub(crate) fn is_indexed(&self) -> bool {
        let is_exact =
            |it: &crate::plan::Column| it.codec.collation() == caruso_database::Collation::Exact;
        self.texts == Texts::AsStored || self.plan.key_columns().all(is_exact)
    }

    /// What the rows are ordered by.
    fn terms(&self) -> impl Iterator<Item = (Expr, caruso_database::Codec)> {
        self.plan.key.iter().map(|place| {
            let Operand { expr, codec } = self.plan.operand(ROOT, *place);
            let expr = match self.texts {
                Texts::Exactly if codec.is_text() => {
                    dialect::exact(self.plan.backend, codec.collation(), expr)
                }
                _ => expr,
            };
            (expr, codec)
        })
    }

    /// The condition that a row comes behind a key.
    fn is_behind(&self, cells: Vec<Cell>) -> Expr {
        let mut equal: Option<Expr> = None;
        let mut behind: Option<Expr> = None;
        for ((expr, codec), cell) in self.terms().zip(cells) {
            let cell = dialect::parameter(&codec, cell);
            let here = expr.clone().gt(cell.clone());
            let here = match &equal {
                Some(equal) => equal.clone().and(here),
                None => here,
            };
            behind = Some(match behind {
                Some(behind) => behind.or(here),
                None => here,
            });
            let same = expr.eq(cell);
            equal = Some(match equal {
                Some(equal) => equal.and(same),
                None => same,
            });
        }
        behind.unwrap_or_else(|| Expr::cust("1 = 0"))
    }
}
