//! The evaluator: a walk over the typed tree within a budget.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rust_decimal::prelude::ToPrimitive;

use crate::arithmetic::{self, Failure};
use crate::calendar;
use crate::typed::{
    Arithmetic, Checked, Comparison, Conversion, Each, Function, MoneyPart, TextTest, Typed,
    TypedKind,
};
use crate::{Type, Value};

/// Gives names their values at run time.
pub trait Values {
    /// The value of a name of the schema; [`Value::Null`] when it is missing.
    fn variable(&self, name: &str) -> Value;
}

impl Values for BTreeMap<String, Value> {
    fn variable(&self, name: &str) -> Value {
        self.get(name).cloned().unwrap_or(Value::Null)
    }
}

/// What an evaluation may use up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Nodes visited, those inside macros once an element. Default 10,000.
    pub steps: u32,
    /// Bytes of text and lists newly made. Default 64 KiB.
    pub bytes: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 10_000, bytes: 64 * 1024 }
    }
}

/// Why a checked expression has no value. The range is in bytes of its source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EvalError {
    /// More steps than the budget has.
    #[error("the expression takes too many steps")]
    Steps,
    /// More bytes than the budget has.
    #[error("the expression makes too much text")]
    Bytes,
    /// A whole number over 64 bits, or a decimal over 28 digits.
    #[error("the number is too large or too fine")]
    Overflow(Range<usize>),
    /// A whole number divided by zero.
    #[error("division by zero")]
    DivisionByZero(Range<usize>),
    /// `int(text)` of a text that is not a whole number.
    #[error("the text is not a whole number")]
    NotANumber(Range<usize>),
    /// `date(text)` and the like of a text that is none.
    #[error("the text is not a {1}")]
    NotA(Range<usize>, Type),
    /// No time zone has this name.
    #[error("there is no such time zone")]
    NoZone(Range<usize>),
    /// `money(text)` of a text that is no amount with a currency.
    #[error("the text is no amount with a currency")]
    NotMoney(Range<usize>),
    /// Amounts of two currencies that were to be added up.
    #[error("amounts of two currencies do not add up")]
    OtherCurrency(Range<usize>),
    /// The values do not have the types that the schema promised.
    #[error("a {1} stands where the schema promised another type")]
    Unexpected(Range<usize>, &'static str),
}

impl EvalError {
    /// The budget is used up: no part may swallow this.
    fn is_final(&self) -> bool {
        matches!(self, Self::Steps | Self::Bytes)
    }
}

impl Checked {
    /// Evaluates within a budget.
    ///
    /// # Errors
    ///
    /// The budget is used up, arithmetic has no exact result, a text is no number, or the values
    /// break the promise of the schema. As in CEL, `and`, `or`, `exists` and `all` do not fail on
    /// an error in one part when another part decides the result.
    pub fn evaluate(&self, values: &dyn Values, budget: Budget) -> Result<Value, EvalError> {
        let mut run = Run { values, budget, locals: Vec::new() };
        run.value(&self.root)
    }
}

struct Run<'a> {
    values: &'a dyn Values,
    budget: Budget,
    locals: Vec<Value>,
}

impl Run<'_> {
    fn value(&mut self, node: &Typed) -> Result<Value, EvalError> {
        self.step()?;
        match &node.kind {
            TypedKind::Literal(value) => Ok(value.clone()),
            TypedKind::List(parts) => {
                let values = parts.iter().map(|part| self.value(part)).collect::<Result<_, _>>()?;
                self.made_list(values)
            }
            TypedKind::Variable(name) => Ok(self.values.variable(name)),
            TypedKind::Local(index) => Ok(self.locals[*index].clone()),
            TypedKind::Member(object, name) => match self.value(object)? {
                Value::Null => Ok(Value::Null),
                Value::Object(object) => Ok(object.get(name).cloned().unwrap_or(Value::Null)),
                other => Err(unexpected(node, &other)),
            },
            TypedKind::Part(part, of) => match self.value(of)? {
                Value::Null => Ok(Value::Null),
                Value::Money(money) => Ok(match part {
                    MoneyPart::Amount => Value::Decimal(money.amount),
                    MoneyPart::Currency => Value::from(money.currency.code()),
                }),
                other => Err(unexpected(node, &other)),
            },
            TypedKind::OrElse(value, default) => match self.value(value)? {
                Value::Null => self.value(default),
                value => Ok(value),
            },
            TypedKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let chosen = if self.is_true(condition)? { then } else { otherwise };
                self.value(chosen)
            }
            TypedKind::Negate(operand) => match self.value(operand)? {
                Value::Null => Ok(Value::Null),
                number => arithmetic::negate(&number).map_err(|why| failed(node, why, &number)),
            },
            TypedKind::Arithmetic(how, left, right) => self.arithmetic(node, *how, left, right),
            TypedKind::Size(of) => self.size(of),
            TypedKind::Convert(conversion, of) => self.convert(*conversion, of),
            TypedKind::Call(function, arguments) => self.call(node, *function, arguments),
            TypedKind::Each(each, list, body) => self.each(*each, list, body),
            _ => self.test(node).map(Value::Bool),
        }
    }

    /// The kinds of node that give a plain bool.
    fn test(&mut self, node: &Typed) -> Result<bool, EvalError> {
        match &node.kind {
            TypedKind::Not(operand) => Ok(!self.is_true(operand)?),
            TypedKind::And(parts) => self.decide(parts.iter(), false, Self::is_true),
            TypedKind::Or(parts) => self.decide(parts.iter(), true, Self::is_true),
            TypedKind::IsTrue(operand) => self.is_true(operand),
            TypedKind::IsPresent(operand) => Ok(!self.value(operand)?.is_null()),
            TypedKind::Compare(how, left, right) => {
                let (left, right) = (self.value(left)?, self.value(right)?);
                compares(node, *how, &left, &right)
            }
            TypedKind::In(element, list) => {
                let (element, list) = (self.value(element)?, self.value(list)?);
                let Value::List(list) = list else { return Ok(false) };
                for other in list.iter() {
                    self.step()?;
                    if compares(node, Comparison::Equal, &element, other)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            TypedKind::Text(test, text, wanted) => match (self.value(text)?, self.value(wanted)?) {
                (Value::Text(text), Value::Text(wanted)) => Ok(match test {
                    TextTest::Contains => text.contains(&*wanted),
                    TextTest::StartsWith => text.starts_with(&*wanted),
                    TextTest::EndsWith => text.ends_with(&*wanted),
                }),
                (Value::Null, _) | (_, Value::Null) => Ok(false),
                (other, _) => Err(unexpected(node, &other)),
            },
            _ => Err(EvalError::Unexpected(node.at.clone(), "value")),
        }
    }

    /// A condition; missing counts as false.
    fn is_true(&mut self, node: &Typed) -> Result<bool, EvalError> {
        match self.value(node)? {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            other => Err(unexpected(node, &other)),
        }
    }

    /// Looks for a part with the deciding outcome. An error counts only if none decides.
    fn decide<P>(
        &mut self,
        parts: impl Iterator<Item = P>,
        deciding: bool,
        mut outcome: impl FnMut(&mut Self, P) -> Result<bool, EvalError>,
    ) -> Result<bool, EvalError> {
        let mut first_error = None;
        for part in parts {
            match outcome(self, part) {
                Ok(found) if found == deciding => return Ok(deciding),
                Ok(_) => {}
                Err(error) if error.is_final() => return Err(error),
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        first_error.map_or(Ok(!deciding), Err)
    }

    fn arithmetic(
        &mut self,
        node: &Typed,
        how: Arithmetic,
        left: &Typed,
        right: &Typed,
    ) -> Result<Value, EvalError> {
        match (self.value(left)?, self.value(right)?) {
            (Value::Null, _) | (_, Value::Null) => Ok(Value::Null),
            (Value::Text(left), Value::Text(right)) if how == Arithmetic::Add => {
                self.spend(left.len() + right.len())?;
                Ok(Value::from([&*left, &*right].concat()))
            }
            (left, right) => {
                arithmetic::compute(how, &left, &right).map_err(|why| failed(node, why, &left))
            }
        }
    }

    fn call(
        &mut self,
        node: &Typed,
        function: Function,
        arguments: &[Typed],
    ) -> Result<Value, EvalError> {
        let values = arguments.iter().map(|argument| self.value(argument));
        let values = values.collect::<Result<Vec<_>, _>>()?;
        if values.iter().any(Value::is_null) {
            return Ok(Value::Null);
        }
        let first = values.first().unwrap_or(&Value::Null);
        calendar::call(function, &values).map_err(|why| failed(node, why, first))
    }

    fn size(&mut self, of: &Typed) -> Result<Value, EvalError> {
        let size = match self.value(of)? {
            Value::Null => return Ok(Value::Null),
            Value::Text(text) => text.chars().count(),
            Value::List(list) => list.len(),
            other => return Err(unexpected(of, &other)),
        };
        i64::try_from(size).map(Value::Int).map_err(|_| EvalError::Overflow(of.at.clone()))
    }

    fn convert(&mut self, conversion: Conversion, of: &Typed) -> Result<Value, EvalError> {
        let value = self.value(of)?;
        match (conversion, &value) {
            (_, Value::Null) => Ok(Value::Null),
            (Conversion::ToText, _) => {
                let text = match &value {
                    Value::Text(text) => Cow::Borrowed(&**text),
                    other => Cow::Owned(other.to_string()),
                };
                self.spend(text.len())?;
                Ok(Value::from(&*text))
            }
            (Conversion::ToMoney, Value::Text(text)) => {
                text.parse().map(Value::Money).map_err(|_| EvalError::NotMoney(of.at.clone()))
            }
            (Conversion::ToMoney, other) => Err(unexpected(of, other)),
            (Conversion::ToInt, Value::Int(_)) => Ok(value),
            (Conversion::ToInt, Value::Instant(at)) => Ok(Value::Int(at.as_second())),
            (Conversion::ToInt, Value::Decimal(number)) => {
                let whole = number.trunc().to_i64();
                whole.map(Value::Int).ok_or_else(|| EvalError::Overflow(of.at.clone()))
            }
            (Conversion::ToInt, Value::Text(text)) => {
                text.parse().map(Value::Int).map_err(|_| EvalError::NotANumber(of.at.clone()))
            }
            (Conversion::ToInt, other) => Err(unexpected(of, other)),
        }
    }

    fn each(&mut self, each: Each, list: &Typed, body: &Typed) -> Result<Value, EvalError> {
        let elements = match self.value(list)? {
            Value::List(elements) => elements,
            Value::Null => Arc::from([]),
            other => return Err(unexpected(list, &other)),
        };
        let with = |run: &mut Self, element: &Value| {
            run.locals.push(element.clone());
            let value = run.value(body);
            run.locals.pop();
            value
        };
        let holds = |run: &mut Self, element: &Value| match with(run, element)? {
            Value::Bool(value) => Ok(value),
            Value::Null => Ok(false),
            other => Err(unexpected(body, &other)),
        };
        match each {
            Each::Exists => self.decide(elements.iter(), true, holds).map(Value::Bool),
            Each::All => self.decide(elements.iter(), false, holds).map(Value::Bool),
            Each::Map => {
                let all = elements.iter().map(|element| with(self, element));
                let all = all.collect::<Result<_, _>>()?;
                self.made_list(all)
            }
            Each::Filter => {
                let mut kept = Vec::new();
                for element in elements.iter() {
                    if holds(self, element)? {
                        kept.push(element.clone());
                    }
                }
                self.made_list(kept)
            }
        }
    }

    fn made_list(&mut self, values: Vec<Value>) -> Result<Value, EvalError> {
        self.spend(values.len() * size_of::<Value>())?;
        Ok(Value::from(values))
    }

    fn step(&mut self) -> Result<(), EvalError> {
        self.budget.steps = self.budget.steps.checked_sub(1).ok_or(EvalError::Steps)?;
        Ok(())
    }

    fn spend(&mut self, bytes: usize) -> Result<(), EvalError> {
        let bytes = u32::try_from(bytes).map_err(|_| EvalError::Bytes)?;
        self.budget.bytes = self.budget.bytes.checked_sub(bytes).ok_or(EvalError::Bytes)?;
        Ok(())
    }
}

fn compares(node: &Typed, how: Comparison, left: &Value, right: &Value) -> Result<bool, EvalError> {
    if left.is_null() || right.is_null() {
        return Ok(false);
    }
    if let (Value::Money(left), Value::Money(right)) = (left, right)
        && left.currency != right.currency
    {
        return Ok(how == Comparison::NotEqual);
    }
    let order = left.compare(right).ok_or_else(|| unexpected(node, right))?;
    Ok(match how {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    })
}

fn unexpected(node: &Typed, value: &Value) -> EvalError {
    EvalError::Unexpected(node.at.clone(), value.kind())
}

fn failed(node: &Typed, why: Failure, value: &Value) -> EvalError {
    match why {
        Failure::Overflow => EvalError::Overflow(node.at.clone()),
        Failure::DivisionByZero => EvalError::DivisionByZero(node.at.clone()),
        Failure::OtherCurrency => EvalError::OtherCurrency(node.at.clone()),
        Failure::WrongKind => unexpected(node, value),
        Failure::Text => EvalError::NotA(node.at.clone(), node.ty.present().clone()),
        Failure::Zone => EvalError::NoZone(node.at.clone()),
    }
}
