//! Derived attributes as values of SQL.

use caruso_database::{Codec, dialect};
use caruso_expression::{Typed, TypedKind};
use caruso_object_model::{AttributeType, Derived, Formula, Member, RollUp, RollUpFunction};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func};

use super::operand::{Operand, Row, only_where};
use super::{Compiler, Outcome, Refused, Scope, View, cannot, refuse};
use crate::Error;
use crate::plan::{How, Plan, ROOT};
use crate::rights::Join;

impl<'a> View<'a> {
    /// How a derived attribute is found.
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] where neither the database nor the object alone gives it.
    pub(crate) fn how(self, plan: &'a Plan, derived: &'a Derived) -> Result<How, Error> {
        let mut compiler = self.compiler(plan);
        let root = compiler.root.clone();
        match (compiler.formula(&root, derived), &derived.formula) {
            (Ok(_), _) => Ok(How::Asked),
            (Err(_), Formula::Value(value)) if is_of_one_object(value.root()) => {
                Ok(How::AfterReading(value.clone()))
            }
            (Err(refused), _) => Err(cannot(refused)),
        }
    }
}

/// True when a value is made of attributes of one object alone.
fn is_of_one_object(node: &Typed) -> bool {
    match node.kind {
        TypedKind::Member(..) | TypedKind::Each(..) => false,
        _ => node.children().into_iter().all(is_of_one_object),
    }
}

impl<'a> Compiler<'a> {
    /// A derived attribute of a row; of one that is not in sight by a sub-query over its key.
    pub(super) fn derived(
        &mut self,
        node: &Typed,
        row: Row<'a>,
        derived: &'a Derived,
    ) -> Result<Operand, Refused> {
        let plan = row.plan();
        match row {
            Row::Here(scope) => self.shown(node, &scope, derived),
            Row::ByKey(key, _) => {
                self.within_database(node, plan)?;
                let scope = self.scope(plan);
                let mut select = self.rows(&scope)?;
                let Operand { expr, codec } = self.shown(node, &scope, derived)?;
                select.expr(expr);
                for (own, wanted) in scope.key().into_iter().zip(key) {
                    select.and_where(own.eq(wanted.expr));
                }
                Ok(Operand::sub_query(self.backend, select, codec))
            }
        }
    }

    fn shown(
        &mut self,
        node: &Typed,
        scope: &Scope<'a>,
        derived: &'a Derived,
    ) -> Result<Operand, Refused> {
        let seen = self.member_seen(scope, &derived.name)?;
        let Ok(Operand { expr, codec }) = self.formula(scope, derived) else {
            return refuse(node, "a value that is computed after reading");
        };
        Ok(Operand { expr: only_where(seen, expr), codec })
    }

    /// What a derived attribute of a row in sight is.
    pub(super) fn formula(
        &mut self,
        scope: &Scope<'a>,
        derived: &'a Derived,
    ) -> Result<Operand, Refused> {
        self.within(scope, |compiler| match &derived.formula {
            Formula::Value(value) => compiler.operand(value.root()),
            Formula::RollUp(roll_up) => compiler.roll_up(scope, roll_up),
        })
    }

    /// A derived attribute that is one of another object, from the table of that object beside that
    /// of the row; `None` if it is anything else, or that object might be several rows. Relations
    /// that there is a table for already are known by their names.
    pub(super) fn beside(
        &mut self,
        derived: &'a Derived,
        joins: &mut Vec<(&'a str, Join)>,
    ) -> Result<Option<Operand>, Refused> {
        let Formula::Value(value) = &derived.formula else { return Ok(None) };
        let TypedKind::Member(object, name) = &value.root().kind else { return Ok(None) };
        let TypedKind::Variable(relation) = &object.kind else { return Ok(None) };
        let Row::ByKey(key, plan) = self.row(object)? else { return Ok(None) };
        let is_attribute = matches!(plan.class.member(name), Some(Member::Attribute(_)));
        let is_one = is_attribute && plan.is_key_unique;
        let member = plan.member(name).filter(|it| is_one && !plan.has_currencies(it));
        let Some(member) = member else { return Ok(None) };
        let known = joins.iter().position(|(known, _)| *known == relation.as_str());
        let alias = format!("{ROOT}j{}", known.unwrap_or(joins.len()));
        let scope = Scope { plan, alias };
        if known.is_none() {
            let is_it = scope.key().into_iter().zip(key).map(|(own, wanted)| own.eq(wanted.expr));
            let on = is_it.chain(self.row_seen(&scope)?).reduce(Expr::and);
            let on = on.unwrap_or_else(|| super::constant(false));
            let table = plan.table().alias(Alias::new(&scope.alias));
            joins.push((relation, Join { table, on }));
        }
        let seen = self.member_seen(&scope, name)?;
        let Operand { expr, codec } = plan.attribute(&scope.alias, member);
        Ok(Some(Operand { expr: only_where(seen, expr), codec }))
    }

    fn roll_up(&mut self, scope: &Scope<'a>, roll_up: &'a RollUp) -> Result<Operand, Refused> {
        let refused = |what| Refused { at: 0, what };
        let Some(Member::ToMany(relation)) = scope.plan.class.member(&roll_up.relation) else {
            return Err(refused("this relation"));
        };
        let related = self.led_to(&Row::Here(scope.clone()), relation)?;
        let (mut select, target) = related.ok_or(refused("a list in another database"))?;
        if let Some(when) = &roll_up.when {
            let when =
                self.within(&target, |compiler| compiler.condition(when.root(), Outcome::Loose));
            select.and_where(when?);
        }
        let counted = Codec::computed(self.backend, &AttributeType::Int);
        let Some(name) = &roll_up.attribute else {
            let expr = Func::cust("COUNT").arg(Expr::cust("*"));
            return Ok(Operand::sub_query(self.backend, select.expr(expr).take(), counted));
        };
        let Some(member) = target.plan.member(name) else { return Err(refused("this attribute")) };
        let seen = self.member_seen(&target, name)?;
        let operand = target.plan.attribute(&target.alias, member);
        if target.plan.has_currencies(member) && roll_up.function != RollUpFunction::Count {
            return Err(refused("a figure over several currencies"));
        }
        let known = [seen, operand.known(self.backend)].into_iter().flatten().reduce(Expr::and);
        // what is not seen or means nothing is not counted
        let value = only_where(known, operand.exact(self.backend));
        let codec = operand.codec;
        let (expr, codec) = match roll_up.function {
            RollUpFunction::Count => (Func::count(value).into(), counted),
            RollUpFunction::Sum => dialect::summed(self.backend, &codec, value)
                .ok_or(refused("the sum of what is stored in this way"))?,
            _ if !codec.is_comparable() => {
                return Err(refused("an order of what is stored in this way"));
            }
            RollUpFunction::Least => (Func::min(value).into(), codec),
            RollUpFunction::Greatest => (Func::max(value).into(), codec),
        };
        Ok(Operand::sub_query(self.backend, select.expr(expr).take(), codec))
    }
}
