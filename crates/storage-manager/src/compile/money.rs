//! Comparisons of money: of the amounts, where the currencies are the same.

use caruso_database::Codec;
use caruso_expression::{Comparison, Currency, MoneyPart, Type, Typed, TypedKind, Value};
use caruso_object_model::{AttributeType, Member as Declared};
use sea_orm::sea_query::{Expr, ExprTrait};

use super::operand::{Half, Operand, Row, Side, only_where};
use super::{Compiler, Outcome, Refused, constant, guarded, refuse};
use crate::plan::Member;

/// What stands for money in a statement.
struct Sides {
    amount: Side,
    currency: Side,
}

pub(super) fn is_money(node: &Typed) -> bool {
    matches!(node.ty.present(), Type::Money(_))
}

impl<'a> Compiler<'a> {
    /// A comparison of money. Of two currencies, amounts are not equal and have no order.
    pub(super) fn compare_money(
        &mut self,
        node: &Typed,
        how: Comparison,
        left: &Typed,
        right: &Typed,
    ) -> Result<Expr, Refused> {
        let (one, other) = (self.money(left)?, self.money(right)?);
        let is_known = self.is_known(&one.currency, &other.currency);
        let same = self.compare_sides(node, Comparison::Equal, one.currency, other.currency)?;
        if how != Comparison::NotEqual {
            let amounts = self.compare_sides(node, how, one.amount, other.amount)?;
            return Ok(is_known.into_iter().fold(amounts.and(same), Expr::and));
        }
        let equal =
            self.compare_sides(node, Comparison::Equal, one.amount, other.amount)?.and(same);
        let present = self.is_money(left)?.and(self.is_money(right)?);
        Ok(present.and(guarded(equal, Outcome::Exact).not()))
    }

    /// One of some constants.
    pub(super) fn is_one_of_money(
        &mut self,
        element: &Typed,
        values: &[Value],
    ) -> Result<Expr, Refused> {
        let each = values.iter().map(|value| {
            let kind = TypedKind::Literal(value.clone());
            let value = Typed { at: element.at.clone(), ty: element.ty.clone(), kind };
            self.compare_money(element, Comparison::Equal, element, &value)
        });
        let each: Vec<Expr> = each.collect::<Result<_, _>>()?;
        Ok(each.into_iter().reduce(Expr::or).unwrap_or_else(|| constant(false)))
    }

    /// The condition that the code in one of two columns is that of a currency; `None` where a
    /// constant or the model says so.
    fn is_known(&self, left: &Side, right: &Side) -> Option<Expr> {
        match (left, right) {
            (Side::Operand(code), Side::Operand(_)) => Some(self.is_code(code)),
            _ => None,
        }
    }

    fn is_code(&self, code: &Operand) -> Expr {
        let codes = Currency::codes().filter_map(|it| code.codec.encode(&Value::from(it)));
        code.is_in(self.backend, codes.collect())
    }

    /// The condition that money is there: an amount and its currency.
    pub(super) fn is_money(&mut self, node: &Typed) -> Result<Expr, Refused> {
        let Sides { amount, currency } = self.money(node)?;
        let amount = match amount {
            Side::Constant(value, _) => constant(!value.is_null()),
            Side::Operand(amount) => self.is_there(&amount),
        };
        Ok(match currency {
            Side::Constant(..) => amount,
            Side::Operand(code) => amount.and(guarded(self.is_code(&code), Outcome::Exact)),
        })
    }

    fn is_there(&self, operand: &Operand) -> Expr {
        let is_there = operand.expr.clone().is_not_null();
        match operand.known(self.backend) {
            Some(known) => guarded(is_there.and(known), Outcome::Exact),
            None => is_there,
        }
    }

    /// `x.amount` and `x.currency`, which are missing where there is no money.
    pub(super) fn money_part(
        &mut self,
        node: &Typed,
        part: MoneyPart,
        of: &Typed,
    ) -> Result<Operand, Refused> {
        let is_money = self.is_money(of)?;
        let Sides { amount, currency } = self.money(of)?;
        let side = if part == MoneyPart::Amount { amount } else { currency };
        let operand = match side {
            Side::Operand(operand) => operand,
            Side::Constant(Value::Text(code), _) => {
                let codec = Codec::computed(self.backend, &AttributeType::Text(None));
                Operand { expr: Expr::val(&*code), codec }
            }
            Side::Constant(..) => return refuse(node, "this value"),
        };
        Ok(Operand { expr: only_where(Some(is_money), operand.expr), codec: operand.codec })
    }

    /// Amount and currency of a value.
    fn money(&mut self, node: &Typed) -> Result<Sides, Refused> {
        if let TypedKind::Literal(Value::Money(money)) = &node.kind {
            let amount = Side::Constant(Value::Decimal(money.amount), None);
            let currency = Side::Constant(Value::from(money.currency.code()), None);
            return Ok(Sides { amount, currency });
        }
        if let Some((row, member)) = self.of_its_own(node)? {
            let again = match &row {
                Row::Here(scope) => Row::Here(scope.clone()),
                Row::ByKey(key, plan) => Row::ByKey(key.clone(), plan),
            };
            return Ok(Sides {
                amount: Side::Operand(self.held(node, again, member, Half::Amount)?),
                currency: Side::Operand(self.held(node, row, member, Half::Currency)?),
            });
        }
        let Operand { expr, codec } = self.operand(node)?;
        let Some(currency) = codec.currency() else { return refuse(node, "this money") };
        let amount = Side::Operand(Operand { expr, codec: codec.amounts() });
        Ok(Sides { amount, currency: Side::Constant(Value::from(currency.code()), None) })
    }

    /// The row and the attribute, if money is one of which each has its own currency.
    fn of_its_own(&mut self, node: &Typed) -> Result<Option<(Row<'a>, &'a Member)>, Refused> {
        let (row, name) = match &node.kind {
            TypedKind::Variable(name) => (Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => (self.row(object)?, name),
            _ => return Ok(None),
        };
        let plan = row.plan();
        let is_attribute = matches!(plan.class.member(name), Some(Declared::Attribute(_)));
        let member = plan.member(name).filter(|member| is_attribute && plan.has_currencies(member));
        Ok(member.map(|member| (row, member)))
    }
}
