//! From an object to others by its relations.

use caruso_database::dialect;
use caruso_expression::{Typed, TypedKind};
use caruso_object_model::{Between, Member, ToMany, key};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, JoinType, Query, SelectStatement, Value as Cell};

use super::operand::{Operand, Row};
use super::{Compiler, Outcome, Refused, Scope, View, cannot, refuse};
use crate::Error;
use crate::federation::{Answer, Reached};
use crate::plan::Plan;
use crate::prepared::Slots;

/// The alias of the table of a class between.
pub(crate) const BETWEEN: &str = "b";

impl<'a> View<'a> {
    /// The condition that the relation is seen by which a row under the alias
    /// [`ROOT`](crate::plan::ROOT) leads back; `None` where it always is.
    pub(crate) fn back_seen(self, plan: &'a Plan, inverse: &str) -> Result<Option<Expr>, Error> {
        let mut compiler = self.compiler(plan);
        let root = compiler.root.clone();
        compiler.member_seen(&root, inverse).map_err(cannot)
    }

    /// The condition that a row of a class between, under the alias [`BETWEEN`], leads on to the
    /// row under the alias [`ROOT`](crate::plan::ROOT); with what of it is seen.
    pub(crate) fn leads_on(
        self,
        between: (&'a Plan, &Between),
        inverse: &str,
        target: &'a Plan,
    ) -> Result<Expr, Error> {
        let mut compiler = self.compiler(target);
        let root = compiler.root.clone();
        let scope = Scope { plan: between.0, alias: BETWEEN.to_owned() };
        compiler.leads_on(&scope, between.1, inverse, &root).map_err(cannot)
    }
}

impl<'a> Compiler<'a> {
    /// The rows that a relation to many leads to.
    pub(super) fn related(
        &mut self,
        list: &Typed,
    ) -> Result<(SelectStatement, Scope<'a>), Refused> {
        let (row, name) = match &list.kind {
            TypedKind::Variable(name) => (Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => (self.row(object)?, name),
            _ => return refuse(list, "this list"),
        };
        let Some(Member::ToMany(relation)) = row.plan().class.member(name) else {
            return refuse(list, "this list");
        };
        match self.led_to(&row, relation)? {
            Some(related) => Ok(related),
            None => refuse(list, "a list in another database"),
        }
    }

    /// The rows that a relation to many of a row leads to; `None` if they are in another database.
    pub(super) fn led_to(
        &mut self,
        row: &Row<'a>,
        relation: &ToMany,
    ) -> Result<Option<(SelectStatement, Scope<'a>)>, Refused> {
        let view = self.view;
        let Some(target) = view.plans.get(&relation.class) else { return Ok(None) };
        if !target.class.is_beside(&self.root.plan.class) {
            return Ok(None);
        }
        let scope = self.scope(target);
        let mut select = self.rows(&scope)?;
        let leading = match &relation.between {
            None => scope.clone(),
            Some(between) => {
                let Some(plan) = view.plans.get(&between.class) else { return Ok(None) };
                let leading = self.scope(plan);
                let on = self.leads_on(&leading, between, &relation.inverse, &scope)?;
                let table = plan.table().alias(Alias::new(&leading.alias));
                select.join(JoinType::InnerJoin, table, on);
                leading
            }
        };
        if let (None, Some(seen)) =
            (&relation.between, self.member_seen(&scope, &relation.inverse)?)
        {
            select.and_where(seen);
        }
        let Some(back) = leading.plan.member(&relation.inverse) else { return Ok(None) };
        for (column, key) in leading.plan.columns_of(back).iter().zip(row.key()) {
            select.and_where(leading.column(&column.name).eq(key));
        }
        leading.plan.is_kind(&leading.alias, back).into_iter().for_each(|leads| {
            select.and_where(leads);
        });
        Ok(Some((select, scope)))
    }

    /// The condition that a row of a class between leads on to another row; that it is seen, and
    /// both its relations.
    fn leads_on(
        &mut self,
        leading: &Scope<'a>,
        between: &Between,
        inverse: &str,
        target: &Scope<'a>,
    ) -> Result<Expr, Refused> {
        let plan = leading.plan;
        let onward = plan.member(&between.onward);
        let leads = onward.and_then(|it| plan.is_kind(&leading.alias, it));
        let columns = onward.map(|it| plan.columns_of(it));
        let columns = columns.unwrap_or_default().iter();
        let equal = columns.zip(target.key()).map(|(it, key)| leading.column(&it.name).eq(key));
        let equal = equal.reduce(Expr::and).unwrap_or_else(|| super::constant(false));
        let seen = [
            self.row_seen(leading)?,
            self.member_seen(leading, inverse)?,
            self.member_seen(leading, &between.onward)?,
        ];
        Ok(seen.into_iter().flatten().chain(leads).fold(equal, Expr::and))
    }

    /// The rows of a table that are seen.
    pub(super) fn rows(&mut self, scope: &Scope<'a>) -> Result<SelectStatement, Refused> {
        let table = scope.plan.table().alias(Alias::new(&scope.alias));
        let mut select = Query::select().from(table).take();
        self.row_seen(scope)?.into_iter().for_each(|seen| {
            select.and_where(seen);
        });
        Ok(select)
    }

    /// The condition that a row leads to one of some objects.
    pub(super) fn link(
        &mut self,
        scope: &Scope<'a>,
        link: &Reached<'_>,
        slots: Option<&Slots>,
    ) -> Result<Expr, Error> {
        let (name, rest) = match link.path.split_once('.') {
            Some((name, rest)) => (name, Some(rest)),
            None => (link.path, None),
        };
        let plan = scope.plan;
        let relation = plan.relation(name)?;
        let mut condition = match rest {
            None => {
                let leads = |key: &String| plan.leads_to(&scope.alias, relation, key, slots);
                let leads = link.keys.iter().map(leads).collect::<Option<Vec<_>>>();
                let leads = leads.ok_or_else(|| {
                    Error::Filter(vec![format!("`{name}` leads to no object by such a key")])
                })?;
                leads.into_iter().reduce(Expr::or).unwrap_or_else(|| super::constant(false))
            }
            Some(rest) => {
                let target = relation.target.as_ref();
                let target = target.and_then(|target| self.view.plans.get(target));
                let target = self.scope(target.ok_or_else(|| plan.unknown(name))?);
                let below = Reached { path: rest, keys: link.keys.clone() };
                let mut keys = self.rows(&target).map_err(cannot)?;
                keys.and_where(self.link(&target, &below, slots)?).exprs(target.key());
                let columns = plan.columns_of(relation).iter();
                let mut columns: Vec<Expr> =
                    columns.map(|column| scope.column(&column.name)).collect();
                let leads = match columns.len() {
                    1 => columns.remove(0).in_subquery(keys),
                    _ => Expr::tuple(columns).in_subquery(keys),
                };
                plan.is_kind(&scope.alias, relation).into_iter().fold(leads, Expr::and)
            }
        };
        if let Some(seen) = self.member_seen(scope, name).map_err(cannot)? {
            condition = condition.and(seen);
        }
        Ok(condition)
    }

    /// What another database said, as a condition on the key of an object here, or on the relation
    /// that leads to one there.
    pub(super) fn answered(&mut self, answer: &Answer) -> Result<Expr, Refused> {
        let row = match &answer.object {
            Some(object) => self.row(object)?,
            None => Row::Here(self.root.clone()),
        };
        let key = match row {
            Row::ByKey(key, _) => key,
            Row::Here(scope) => {
                let of_key = scope.plan.key_columns();
                let parts = of_key.map(|column| {
                    let expr = scope.column(&column.name);
                    let (expr, codec) = dialect::operand(&column.codec, expr);
                    Operand { expr, codec }
                });
                parts.collect()
            }
        };
        let is_one = self.is_one_of(&key, &answer.keys);
        Ok(if answer.is_outside { super::guarded(is_one, Outcome::Exact).not() } else { is_one })
    }

    /// The condition that the parts of a key are those of one of some keys.
    fn is_one_of(&self, key: &[Operand], keys: &[String]) -> Expr {
        let cells = |text: &String| {
            let parts = key::split(text, key.len())?;
            let cells = key.iter().zip(&parts).map(|(it, part)| it.codec.encode_key(part));
            cells.collect::<Option<Vec<Cell>>>()
        };
        let tuples: Vec<Vec<Cell>> = keys.iter().filter_map(cells).collect();
        if let [part] = key {
            return part.is_in(self.backend, tuples.into_iter().flatten().collect());
        }
        let is_it = |tuple: Vec<Cell>| {
            let parts = key.iter().zip(tuple).map(|(it, cell)| it.is_in(self.backend, vec![cell]));
            parts.reduce(Expr::and).unwrap_or_else(|| super::constant(false))
        };
        let tuples = tuples.into_iter().map(is_it);
        tuples.reduce(Expr::or).unwrap_or_else(|| super::constant(false))
    }
}
