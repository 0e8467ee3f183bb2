//! Operators: which types they take and give.

use super::{Checker, calendar, shown};
use crate::Error;
use crate::Value;
use crate::tree::{Kind, Literal, Node, Operator};
use crate::typed::{Arithmetic, Comparison, Typed, TypedKind};
use crate::types::Type;

impl Checker<'_> {
    /// `and` (outcome true) or `or` (outcome false): each part knows what the ones before it
    /// establish when they do not decide the chain.
    pub(super) fn chain(&mut self, parts: &[Node], outcome: bool) -> Option<Vec<Typed>> {
        let before = self.present.len();
        let mut typed = Vec::with_capacity(parts.len());
        for part in parts {
            typed.push(self.condition(part));
            self.learn(part, outcome);
        }
        self.present.truncate(before);
        typed.into_iter().collect()
    }

    pub(super) fn binary(
        &mut self,
        node: &Node,
        operator: Operator,
        left: &Node,
        right: &Node,
    ) -> Option<(Type, TypedKind)> {
        match comparison(operator) {
            Ok(how) => self.comparison(node, how, left, right),
            Err(how) => self.arithmetic(node, how, left, right),
        }
    }

    fn comparison(
        &mut self,
        node: &Node,
        how: Comparison,
        left: &Node,
        right: &Node,
    ) -> Option<(Type, TypedKind)> {
        let is_null = |node: &Node| node.kind == Kind::Literal(Literal::Null);
        let tested = match (is_null(left), is_null(right)) {
            (true, _) => Some(right),
            (_, true) => Some(left),
            _ => None,
        };
        if let Some(tested) = tested {
            return self.null_test(node, how, tested);
        }
        let (left, right) = self.pair(left, right)?;
        let is_ordering = !matches!(how, Comparison::Equal | Comparison::NotEqual);
        self.require_comparable(node, &left.ty, &right.ty, is_ordering)?;
        Some((Type::Bool, TypedKind::Compare(how, Box::new(left), Box::new(right))))
    }

    /// `x == null`, `x != null`.
    fn null_test(
        &mut self,
        node: &Node,
        how: Comparison,
        tested: &Node,
    ) -> Option<(Type, TypedKind)> {
        let tested = self.maybe(tested, None)?;
        let at = tested.at.clone();
        let is_present = if tested.ty == Type::Null {
            TypedKind::Literal(Value::Bool(false))
        } else {
            TypedKind::IsPresent(Box::new(tested))
        };
        match how {
            Comparison::NotEqual => Some((Type::Bool, is_present)),
            Comparison::Equal => {
                let is_present = Typed { at, ty: Type::Bool, kind: is_present };
                Some((Type::Bool, TypedKind::Not(Box::new(is_present))))
            }
            _ => {
                let error = Error::type_(&node.at, "null is neither less nor greater");
                self.fail(error.hint("ask with `== null`"))
            }
        }
    }

    /// Both sides, each checked in the light of the other's type.
    fn pair(&mut self, left: &Node, right: &Node) -> Option<(Typed, Typed)> {
        if is_text(left) || self.is_defined(left) && !is_text(right) {
            let typed_right = self.value(right, None);
            let want = typed_right.as_ref().map(|typed| typed.ty.present().clone());
            let typed_left = self.value(left, want.as_ref());
            return Some((typed_left?, typed_right?));
        }
        let typed_left = self.value(left, None);
        let want = typed_left.as_ref().map(|typed| typed.ty.present().clone());
        let typed_right = self.value(right, want.as_ref());
        Some((typed_left?, typed_right?))
    }

    fn require_comparable(
        &mut self,
        node: &Node,
        left: &Type,
        right: &Type,
        is_ordering: bool,
    ) -> Option<()> {
        let (left, right) = (left.present(), right.present());
        let is_comparable = match left {
            Type::Int | Type::Decimal => right.is_number(),
            Type::Text | Type::Date | Type::Time | Type::Instant | Type::Duration => left == right,
            Type::Money(_) => are_one_currency(left, right),
            Type::Bool | Type::Choice(_) => left == right && !is_ordering,
            _ => false,
        };
        if is_comparable {
            return Some(());
        }
        let message = if left == right {
            format!("two of {left} do not compare this way")
        } else {
            format!("{left} does not compare with {right}")
        };
        self.fail(Error::type_(&node.at, message))
    }

    pub(super) fn is_in(&mut self, element: &Node, list: &Node) -> Option<(Type, TypedKind)> {
        let (element, list) = if is_text(element) && !matches!(list.kind, Kind::List(_)) {
            let list = self.list_of(list, None)?;
            let want = element_of(&list.ty).cloned();
            (self.value(element, want.as_ref())?, list)
        } else {
            let element = self.value(element, None)?;
            let want = element.ty.present().clone().list();
            let list = self.list_of(list, Some(&want))?;
            (element, list)
        };
        let elements = element_of(&list.ty).cloned().unwrap_or(Type::Null);
        let place = Node { at: element.at.start..list.at.end, kind: Kind::Literal(Literal::Null) };
        self.require_comparable(&place, &element.ty, &elements, false)?;
        Some((Type::Bool, TypedKind::In(Box::new(element), Box::new(list))))
    }

    /// A node that must be a list.
    pub(super) fn list_of(&mut self, node: &Node, want: Option<&Type>) -> Option<Typed> {
        let typed = self.value(node, want)?;
        if element_of(&typed.ty).is_none() {
            let message = format!("{} is {}, not a list", shown(node), typed.ty);
            return self.fail(Error::type_(&node.at, message));
        }
        Some(typed)
    }

    fn arithmetic(
        &mut self,
        node: &Node,
        how: Arithmetic,
        left: &Node,
        right: &Node,
    ) -> Option<(Type, TypedKind)> {
        let left = self.value(left, None);
        let right = self.value(right, None);
        let (left, right) = (left?, right?);
        let (a, b) = (left.ty.present(), right.ty.present());
        if calendar::is_of_calendar(a) || calendar::is_of_calendar(b) {
            return self.calendar_arithmetic(node, how, left, right);
        }
        let is_division = matches!(how, Arithmetic::Divide | Arithmetic::Remainder);
        if matches!(a, Type::Money(_)) || matches!(b, Type::Money(_)) {
            return self.money(node, how, left, right);
        }
        let is_fitting = match how {
            Arithmetic::Add if *a == Type::Text => *b == Type::Text,
            _ if is_division => *a == Type::Int && *b == Type::Int,
            _ => a.is_number() && b.is_number(),
        };
        if !is_fitting {
            let message = format!("{a} and {b} do not compute this way");
            let error = Error::type_(&node.at, message);
            let is_inexact = is_division && a.is_number() && b.is_number();
            return self.fail(match (is_inexact, how) {
                (true, _) => error.hint("only whole numbers divide, a decimal would be rounded"),
                (_, Arithmetic::Add) if *a == Type::Text || *b == Type::Text => {
                    error.hint("make a text of the other side with `string(…)`")
                }
                _ => error,
            });
        }
        let ty = left.ty.unified(&right.ty)?;
        Some((ty, TypedKind::Arithmetic(how, Box::new(left), Box::new(right))))
    }

    /// Amounts are added up and taken from each other, taken so many times, and divided.
    fn money(
        &mut self,
        node: &Node,
        how: Arithmetic,
        left: Typed,
        right: Typed,
    ) -> Option<(Type, TypedKind)> {
        let (a, b) = (left.ty.present(), right.ty.present());
        let is_money = |ty: &Type| matches!(ty, Type::Money(_));
        let ty = match how {
            Arithmetic::Add | Arithmetic::Subtract => {
                a.unified(b).filter(|_| are_one_currency(a, b))
            }
            Arithmetic::Multiply if is_money(a) && b.is_number() => Some(a.clone()),
            Arithmetic::Multiply if a.is_number() => Some(b.clone()),
            Arithmetic::Divide if is_money(a) && b.is_number() => Some(a.clone()),
            _ => None,
        };
        let Some(ty) = ty else {
            let error = Error::type_(&node.at, format!("{a} and {b} do not compute this way"));
            let is_sum = matches!(how, Arithmetic::Add | Arithmetic::Subtract);
            return self.fail(match is_sum && is_money(a) != is_money(b) {
                true => error.hint("money is added to money: `money('12.50 EUR')`"),
                false => error,
            });
        };
        let is_optional = left.ty.is_optional() || right.ty.is_optional();
        let ty = if is_optional { ty.optional() } else { ty };
        Some((ty, TypedKind::Arithmetic(how, Box::new(left), Box::new(right))))
    }

    pub(super) fn negate(&mut self, operand: &Node) -> Option<(Type, TypedKind)> {
        let typed = self.value(operand, None)?;
        let ty = typed.ty.present();
        if !ty.is_number() && !matches!(ty, Type::Money(_) | Type::Duration | Type::Period) {
            let message = format!("{} is {}, not a number", shown(operand), typed.ty);
            return self.fail(Error::type_(&operand.at, message));
        }
        Some((typed.ty.clone(), TypedKind::Negate(Box::new(typed))))
    }
}

/// True when both are money, and not known to be of two currencies.
fn are_one_currency(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Money(Some(left)), Type::Money(Some(right))) => left == right,
        (left, right) => matches!((left, right), (Type::Money(_), Type::Money(_))),
    }
}

/// The type of a list's elements.
pub(super) fn element_of(ty: &Type) -> Option<&Type> {
    match ty.present() {
        Type::List(element) => Some(element),
        _ => None,
    }
}

fn is_text(node: &Node) -> bool {
    matches!(node.kind, Kind::Literal(Literal::Text(_)))
}

/// The operator as a comparison, else as arithmetic. `in` is handled before.
fn comparison(operator: Operator) -> Result<Comparison, Arithmetic> {
    match operator {
        Operator::Equal | Operator::In => Ok(Comparison::Equal),
        Operator::NotEqual => Ok(Comparison::NotEqual),
        Operator::Less => Ok(Comparison::Less),
        Operator::LessOrEqual => Ok(Comparison::LessOrEqual),
        Operator::Greater => Ok(Comparison::Greater),
        Operator::GreaterOrEqual => Ok(Comparison::GreaterOrEqual),
        Operator::Add => Err(Arithmetic::Add),
        Operator::Subtract => Err(Arithmetic::Subtract),
        Operator::Multiply => Err(Arithmetic::Multiply),
        Operator::Divide => Err(Arithmetic::Divide),
        Operator::Remainder => Err(Arithmetic::Remainder),
    }
}
