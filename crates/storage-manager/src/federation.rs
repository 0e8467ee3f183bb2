//! Conditions and links that lead into other databases.
//!
//! What is about objects out there is asked of their database first; the keys that it gives, at
//! most [`MOST_KEYS`], stand in its place. So every statement is about one database.

use std::future::Future;
use std::pin::Pin;

use caruso_expression::{Checked, Typed};
use caruso_object_model::{ToMany, key};
use sea_orm::QueryResult;
use sea_orm::sea_query::{
    Alias, Expr, ExprTrait, IntoIden, JoinType, Query as Select, SelectStatement,
};

use crate::compile::BETWEEN;
use crate::engine::Engine;
use crate::error::Error;
use crate::page::Link;
use crate::plan::{Column, Plan, ROOT};
use crate::reach::{self, Part, Wanted};
use crate::wrapped::{Held, Wanted as Asked};

/// The most objects of another database that a part of a condition may be about.
pub(crate) const MOST_KEYS: usize = 1_000;

/// What other databases gave for the parts of a condition.
#[derive(Debug, Default)]
pub(crate) struct Found(Vec<Answer>);

/// What another database gave for a part of a condition.
#[derive(Debug)]
pub(crate) struct Answer {
    nodes: Vec<Typed>,
    /// As in a [`Part`].
    pub(crate) object: Option<Typed>,
    pub(crate) is_outside: bool,
    /// The keys, each once.
    pub(crate) keys: Vec<String>,
}

impl Found {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The answer for a node of the condition.
    pub(crate) fn answer(&self, node: &Typed) -> Option<&Answer> {
        self.0.iter().find(|answer| answer.nodes.contains(node))
    }
}

/// A link whose way lies within one database.
#[derive(Debug)]
pub(crate) struct Reached<'a> {
    /// Relations to one, joined by dots.
    pub(crate) path: &'a str,
    /// The keys of the objects that the last of them leads to.
    pub(crate) keys: Vec<String>,
}

type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, Error>> + Send + 'a>>;

impl Engine {
    /// A condition over a class, with what other databases say to it.
    pub(crate) async fn compiled(
        &self,
        plan: &Plan,
        condition: &Checked,
        allows_scan: bool,
    ) -> Result<Expr, Error> {
        let found = self.found(plan, condition, allows_scan).await?;
        self.view().compile_found(plan, condition, &found)
    }

    /// What other databases say to a condition.
    pub(crate) fn found<'a>(
        &'a self,
        plan: &'a Plan,
        condition: &'a Checked,
        allows_scan: bool,
    ) -> Later<'a, Found> {
        Box::pin(async move {
            let mut answers = Vec::new();
            for part in reach::parts(&self.plans, plan, condition)? {
                let keys = self.keys_of(&part, allows_scan).await?;
                let Part { nodes, object, is_outside, .. } = part;
                answers.push(Answer { nodes, object, is_outside, keys });
            }
            Ok(Found(answers))
        })
    }

    async fn keys_of(&self, part: &Part<'_>, allows_scan: bool) -> Result<Vec<String>, Error> {
        let Part { plan, condition, .. } = part;
        let found = self.found(plan, condition, allows_scan).await?;
        if !allows_scan {
            self.served(plan, Some((condition, &found)), None, None)?;
        }
        let holds = self.view().compile_found(plan, condition, &found)?;
        let mut select = self.seen_rows(plan)?;
        select.and_where(holds);
        let held = self.held(plan, &Asked::filter(condition, &found)).await?;
        match part.wanted {
            Wanted::Own => {
                let columns = plan.key_columns().cloned().collect::<Vec<_>>();
                self.keys(plan, ROOT, (&columns, select), &held).await
            }
            Wanted::Back(relation) => self.keys_back(plan, relation, select, &held).await,
        }
    }

    /// The keys that some objects lead back to, by way of a class between if there is one.
    async fn keys_back(
        &self,
        plan: &Plan,
        relation: &ToMany,
        mut select: SelectStatement,
        held: &Held<'_>,
    ) -> Result<Vec<String>, Error> {
        let (view, inverse) = (self.view(), &relation.inverse);
        let Some(between) = &relation.between else {
            view.back_seen(plan, inverse)?.into_iter().for_each(|seen| {
                select.and_where(seen);
            });
            let back = plan.relation(inverse)?;
            plan.is_kind(ROOT, back).into_iter().for_each(|leads| {
                select.and_where(leads);
            });
            let columns = plan.columns_of(back);
            return self.keys(plan, ROOT, (columns, select), held).await;
        };
        let leading = self.plan(&between.class)?;
        let on = view.leads_on((leading, between), inverse, plan)?;
        select.join(JoinType::InnerJoin, leading.table().alias(BETWEEN), on);
        let back = leading.relation(inverse)?;
        leading.is_kind(BETWEEN, back).into_iter().for_each(|leads| {
            select.and_where(leads);
        });
        let columns = leading.columns_of(back);
        self.keys(plan, BETWEEN, (columns, select), held).await
    }

    /// A link to its end, or to where it leaves the database.
    pub(crate) fn reached<'a>(
        &'a self,
        mut plan: &'a Plan,
        link: &'a Link,
        allows_scan: bool,
    ) -> Later<'a, Reached<'a>> {
        Box::pin(async move {
            let path = link.path.as_str();
            for (dot, _) in path.match_indices('.') {
                let name = path[..dot].rsplit('.').next().unwrap_or_default();
                let relation = plan.relation(name)?;
                let target = self.plan(relation.target.as_deref().unwrap_or_default())?;
                if !target.class.is_beside(&plan.class) {
                    let below = Link { path: path[dot + 1..].to_owned(), key: link.key.clone() };
                    let keys = self.keys_leading(target, &below, allows_scan).await?;
                    return Ok(Reached { path: &path[..dot], keys });
                }
                plan = target;
            }
            Ok(Reached { path, keys: vec![link.key.clone()] })
        })
    }

    /// The keys of the objects that a link leads from.
    async fn keys_leading(
        &self,
        plan: &Plan,
        link: &Link,
        allows_scan: bool,
    ) -> Result<Vec<String>, Error> {
        if !allows_scan {
            self.served(plan, None, Some(link), None)?;
        }
        let reached = self.reached(plan, link, allows_scan).await?;
        let mut select = self.seen_rows(plan)?;
        select.and_where(self.view().link(plan, &reached, None)?);
        let columns = plan.key_columns().cloned().collect::<Vec<_>>();
        let held = self.held(plan, &Asked::link(&reached)).await?;
        self.keys(plan, ROOT, (&columns, select), &held).await
    }

    fn seen_rows(&self, plan: &Plan) -> Result<SelectStatement, Error> {
        let mut select = Select::select();
        select.distinct().from(plan.table().alias(ROOT));
        self.view().sight(plan)?.row.into_iter().for_each(|seen| {
            select.and_where(seen);
        });
        Ok(select)
    }

    /// Keys in some columns of rows; those that cannot be read lead nowhere.
    async fn keys(
        &self,
        plan: &Plan,
        alias: &'static str,
        (columns, mut select): (&[Column], SelectStatement),
        held: &Held<'_>,
    ) -> Result<Vec<String>, Error> {
        for column in columns {
            let expr = Expr::col((alias.into_iden(), Alias::new(&column.name)));
            select.expr(expr.clone()).and_where(expr.is_not_null());
        }
        select.limit(MOST_KEYS as u64 + 1);
        let rows = held.select(&select).await?;
        if rows.len() > MOST_KEYS {
            let (class, database) = (plan.class.name.clone(), plan.class.database.clone());
            return Err(Error::TooManyElsewhere { class, database });
        }
        let keys = rows.iter().filter_map(|row| read_key(columns, row));
        let mut keys: Vec<String> = keys.collect();
        keys.sort_unstable();
        keys.dedup();
        Ok(keys)
    }
}

fn read_key(columns: &[Column], row: &QueryResult) -> Option<String> {
    let part = |(index, column): (usize, &Column)| {
        let value = column.codec.decode(row, index).ok()?;
        (!value.is_null()).then(|| value.to_string())
    };
    let parts = columns.iter().enumerate().map(part).collect::<Option<Vec<_>>>()?;
    Some(key::join(&parts))
}
