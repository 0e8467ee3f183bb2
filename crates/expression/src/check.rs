//! The static checker: every part gets a type, every mistake is found at once.
//!
//! A type wanted by the surroundings is handed down, so that text at the place of a choice, a
//! date or an instant is read as such. What is known to be present (`has(x) and …`) is a list of
//! paths that grows and shrinks while the tree is walked; see [`presence`].

mod calendar;
mod calls;
mod defined;
mod operators;
mod presence;

use std::collections::BTreeMap;

use crate::money::{Currency, Money};
use crate::parse::is_reserved;
use crate::tree::{Kind, Literal, Node, Operator};
use crate::typed::{Checked, MoneyPart, Typed, TypedKind};
use crate::types::{Choice, Missing, Schema, Type};
use crate::{Budget, Error, Expression, Value, codes};

/// The most nodes of definitions that are checked for one expression, each as often as it is used.
pub const MAX_DEFINED_NODES: usize = 10_000;
/// The deepest tree when definitions are put in place of names.
pub const MAX_DEFINED_DEPTH: usize = 192;

const NO_VALUES: BTreeMap<String, Value> = BTreeMap::new();

/// Checks an expression against a schema and, if given, the type that its place wants
/// (`Some(&Type::Bool)` for a guard).
///
/// # Errors
///
/// All mistakes, in the order of their places.
pub fn check(
    expression: &Expression,
    schema: &dyn Schema,
    expected: Option<&Type>,
) -> Result<Checked, Vec<Error>> {
    let mut checker = Checker {
        schema,
        errors: Vec::new(),
        locals: Vec::new(),
        present: Vec::new(),
        depth: 0,
        defining: 0,
        spent: 0,
        is_exhausted: false,
    };
    let root = expression.root();
    let typed = checker.node(root, expected.map(Type::present));
    let typed = typed.and_then(|typed| match expected {
        Some(expected) => checker.fit(root, typed, expected),
        None => Some(typed),
    });
    match typed {
        Some(root) if checker.errors.is_empty() => Ok(Checked { root }),
        _ => {
            let mut errors = checker.errors;
            errors.sort_by_key(|error| (error.at.start, error.at.end));
            Err(errors)
        }
    }
}

/// The walk over the tree. A method that returns `None` has recorded an error.
struct Checker<'a> {
    schema: &'a dyn Schema,
    errors: Vec<Error>,
    /// Variables of the enclosing macros, outermost first.
    locals: Vec<(String, Type)>,
    /// Paths that are known to be present here.
    present: Vec<String>,
    /// Nodes around the one being checked.
    depth: usize,
    /// Definitions around it.
    defining: usize,
    /// Nodes of definitions so far.
    spent: usize,
    /// Definitions were over the limits, which was said.
    is_exhausted: bool,
}

impl Checker<'_> {
    /// Records an error; returns `None` of any type, for `return`.
    fn fail<T>(&mut self, error: Error) -> Option<T> {
        self.errors.push(error);
        None
    }

    fn tolerates_missing(&self) -> bool {
        self.schema.missing() == Missing::ComparesFalse
    }

    fn node(&mut self, node: &Node, want: Option<&Type>) -> Option<Typed> {
        if !self.is_within_limits(node) {
            return None;
        }
        self.depth += 1;
        let typed = self.inner(node, want);
        self.depth -= 1;
        typed
    }

    fn inner(&mut self, node: &Node, want: Option<&Type>) -> Option<Typed> {
        let (ty, kind) = match &node.kind {
            Kind::Literal(literal) => self.literal(node, literal, want)?,
            Kind::List(parts) => self.list(node, parts, want)?,
            Kind::Name(name) => self.name(node, name, want)?,
            Kind::Member(object, name) => match self.value_of_record(node) {
                Some(name) => self.name(node, &name, want)?,
                None => {
                    let object = self.value(object, None)?;
                    self.member(node, object, name)?
                }
            },
            Kind::Not(operand) => {
                let operand = self.condition(operand)?;
                (Type::Bool, TypedKind::Not(Box::new(operand)))
            }
            Kind::And(parts) => (Type::Bool, TypedKind::And(self.chain(parts, true)?)),
            Kind::Or(parts) => (Type::Bool, TypedKind::Or(self.chain(parts, false)?)),
            Kind::Negate(operand) => self.negate(operand)?,
            Kind::Binary(Operator::In, element, list) => self.is_in(element, list)?,
            Kind::Binary(operator, left, right) => self.binary(node, *operator, left, right)?,
            Kind::Conditional(parts) => self.conditional(parts, want)?,
            Kind::Call { receiver, name, name_at, arguments } => {
                let call = calls::Call { name, name_at, arguments };
                self.call(&call, receiver.as_deref(), want)?
            }
        };
        Some(folded(Typed { at: node.at.clone(), ty, kind }))
    }

    /// A node whose value is used, so that it must be there (or the schema tolerates missing).
    fn value(&mut self, node: &Node, want: Option<&Type>) -> Option<Typed> {
        let typed = self.node(node, want)?;
        if typed.ty == Type::Null {
            let error = Error::type_(&node.at, "null is not a value to compute with");
            return self.fail(error.hint("ask with `== null` or `has(…)`"));
        }
        if typed.ty.is_optional() && !self.tolerates_missing() {
            return self.fail(may_be_missing(node));
        }
        Some(typed)
    }

    /// A node used as a condition: a bool that is never missing.
    fn condition(&mut self, node: &Node) -> Option<Typed> {
        let typed = self.value(node, None)?;
        if *typed.ty.present() != Type::Bool {
            let message = format!("{} is {}, not a condition", shown(node), typed.ty);
            return self.fail(Error::type_(&node.at, message));
        }
        Some(as_condition(typed))
    }

    /// Fits the whole into the type that its place wants.
    fn fit(&mut self, node: &Node, typed: Typed, expected: &Type) -> Option<Typed> {
        if typed.ty == Type::Null && expected.is_optional() {
            return Some(typed);
        }
        let found = typed.ty.present();
        let wanted = expected.present();
        let is_wider = match (found, wanted) {
            (Type::Int, Type::Decimal) | (Type::Money(_), Type::Money(None)) => true,
            (found, wanted) => found == wanted,
        };
        if !is_wider {
            let message = format!("{} is {}, but {expected} is wanted here", shown(node), typed.ty);
            return self.fail(Error::type_(&node.at, message));
        }
        if !typed.ty.is_optional() || expected.is_optional() {
            return Some(typed);
        }
        if self.tolerates_missing() && *wanted == Type::Bool {
            return Some(as_condition(typed));
        }
        self.fail(may_be_missing(node))
    }

    fn literal(
        &mut self,
        node: &Node,
        literal: &Literal,
        want: Option<&Type>,
    ) -> Option<(Type, TypedKind)> {
        let (ty, value) = match literal {
            Literal::Null => (Type::Null, Value::Null),
            Literal::Bool(value) => (Type::Bool, Value::Bool(*value)),
            Literal::Int(number) => (Type::Int, Value::Int(*number)),
            Literal::Decimal(number) => (Type::Decimal, Value::Decimal(*number)),
            Literal::Text(text) => self.text_literal(node, text, want)?,
            Literal::Texts(texts) => {
                let texts: Vec<Value> = texts.iter().map(|text| Value::from(&**text)).collect();
                (Type::Text.list(), Value::from(texts))
            }
        };
        Some((ty, TypedKind::Literal(value)))
    }

    /// Text, or what text means at the place of a choice, a date, an instant or money.
    fn text_literal(
        &mut self,
        node: &Node,
        text: &str,
        want: Option<&Type>,
    ) -> Option<(Type, Value)> {
        match want {
            Some(Type::Choice(choice)) => {
                if !choice.values.iter().any(|value| value == text) {
                    return self.fail(not_a_choice(node, text, choice));
                }
                Some((Type::Choice(choice.clone()), Value::from(text)))
            }
            Some(ty @ (Type::Date | Type::Time | Type::Instant | Type::Duration)) => {
                let value = self.calendar_literal(node, text, ty)?;
                Some((ty.clone(), value))
            }
            Some(Type::Money(_)) => self.money_literal(node, text),
            _ => Some((Type::Text, Value::from(text))),
        }
    }

    pub(super) fn money_literal(&mut self, node: &Node, text: &str) -> Option<(Type, Value)> {
        if let Ok(money) = text.parse::<Money>() {
            return Some((Type::Money(Some(money.currency)), Value::Money(money)));
        }
        let error = Error::type_(&node.at, format!("`{text}` is not money"));
        let code = text.split_once(' ').map(|(_, code)| code).filter(|code| code.len() == 3);
        self.fail(match code.filter(|code| Currency::of(code).is_none()) {
            Some(code) => error.hint(format!("`{code}` is no currency of ISO 4217")),
            None => error.hint("write it as 12.50 EUR"),
        })
    }

    fn list(
        &mut self,
        node: &Node,
        parts: &[Node],
        want: Option<&Type>,
    ) -> Option<(Type, TypedKind)> {
        let wanted = match want {
            Some(Type::List(element)) => Some(&**element),
            _ => None,
        };
        let typed: Vec<_> = parts.iter().map(|part| self.value(part, wanted)).collect();
        let typed: Vec<Typed> = typed.into_iter().collect::<Option<_>>()?;
        let mut element = wanted.cloned();
        for part in &typed {
            element = match element {
                None => Some(part.ty.clone()),
                Some(so_far) => match so_far.unified(&part.ty) {
                    Some(both) => Some(both),
                    None => {
                        let message = format!("the list mixes {so_far} and {}", part.ty);
                        return self.fail(Error::type_(&part.at, message));
                    }
                },
            };
        }
        match element {
            Some(element) => Some((element.list(), constant(typed))),
            None => self.fail(Error::type_(&node.at, "an empty list has no type here")),
        }
    }

    fn name(&mut self, node: &Node, name: &str, want: Option<&Type>) -> Option<(Type, TypedKind)> {
        if let Some(index) = self.locals.iter().rposition(|(local, _)| local == name) {
            let ty = self.narrowed(node, self.locals[index].1.clone());
            return Some((ty, TypedKind::Local(index)));
        }
        if let Some(definition) = self.schema.definition(name) {
            return self.defined(node, name, definition, want);
        }
        match self.schema.variable(name) {
            Some(ty) => Some((self.narrowed(node, ty), TypedKind::Variable(name.to_owned()))),
            None if self.schema.values_of(name).is_some() => self.record(node, name),
            None => {
                let locals = self.locals.iter().map(|(local, _)| local.clone());
                let candidates: Vec<_> = locals.chain(self.schema.variables()).collect();
                let error = Error::name(&node.at, format!("`{name}` is not known here"));
                self.fail(error.nearest(name, candidates))
            }
        }
    }

    fn member(&mut self, node: &Node, object: Typed, name: &str) -> Option<(Type, TypedKind)> {
        if matches!(object.ty.present(), Type::Money(_)) {
            return self.money_part(node, object, name);
        }
        let Type::Object(class) = object.ty.present().clone() else {
            let message = format!("{} has no `{name}`", object.ty);
            return self.fail(Error::type_(&node.at, message));
        };
        let Some(ty) = self.schema.member(&class, name) else {
            let at = node.at.end - name.len()..node.at.end;
            let error = Error::name(&at, format!("`{class}` has no `{name}`"));
            return self.fail(error.nearest(name, self.schema.members(&class)));
        };
        let ty = if object.ty.is_optional() { ty.optional() } else { ty };
        let ty = self.narrowed(node, ty);
        Some((ty, TypedKind::Member(Box::new(object), name.to_owned())))
    }

    fn money_part(&mut self, node: &Node, money: Typed, name: &str) -> Option<(Type, TypedKind)> {
        let (part, ty) = match name {
            "amount" => (MoneyPart::Amount, Type::Decimal),
            "currency" => (MoneyPart::Currency, Type::Text),
            _ => {
                let at = node.at.end - name.len()..node.at.end;
                let error = Error::name(&at, format!("money has no `{name}`"));
                return self.fail(error.nearest(name, ["amount", "currency"].map(str::to_owned)));
            }
        };
        let ty = if money.ty.is_optional() { ty.optional() } else { ty };
        let ty = self.narrowed(node, ty);
        Some((ty, TypedKind::Part(part, Box::new(money))))
    }

    fn conditional(&mut self, parts: &[Node; 3], want: Option<&Type>) -> Option<(Type, TypedKind)> {
        let [condition, then, otherwise] = parts;
        let typed_condition = self.condition(condition);
        let typed_then = self.knowing(condition, true, |this| this.node(then, want));
        let typed_otherwise = self.knowing(condition, false, |this| this.node(otherwise, want));
        let parts = [typed_condition?, typed_then?, typed_otherwise?];
        let Some(ty) = parts[1].ty.unified(&parts[2].ty) else {
            let message = format!("the sides are {} and {}", parts[1].ty, parts[2].ty);
            return self.fail(Error::type_(&otherwise.at, message));
        };
        Some((ty, TypedKind::Conditional(Box::new(parts))))
    }
}

/// What is computed of constants alone is a constant itself, where it has a value.
fn folded(typed: Typed) -> Typed {
    let is_computed = matches!(
        typed.kind,
        TypedKind::Arithmetic(..) | TypedKind::Call(..) | TypedKind::Negate(_)
    );
    let is_constant = |part: &&Typed| matches!(part.kind, TypedKind::Literal(_));
    if !is_computed || !typed.children().iter().all(is_constant) {
        return typed;
    }
    let (at, ty) = (typed.at.clone(), typed.ty.clone());
    let checked = Checked { root: typed };
    match checked.evaluate(&NO_VALUES, Budget::default()) {
        Ok(value) => Typed { at, ty, kind: TypedKind::Literal(value) },
        Err(_) => checked.root,
    }
}

/// A list of constants is a constant itself, made once and not at every evaluation.
fn constant(parts: Vec<Typed>) -> TypedKind {
    let value = |part: &Typed| match &part.kind {
        TypedKind::Literal(value) => Some(value.clone()),
        _ => None,
    };
    match parts.iter().map(value).collect::<Option<Vec<_>>>() {
        Some(values) => TypedKind::Literal(Value::from(values)),
        None => TypedKind::List(parts),
    }
}

fn as_condition(typed: Typed) -> Typed {
    if typed.ty.is_optional() {
        let at = typed.at.clone();
        Typed { at, ty: Type::Bool, kind: TypedKind::IsTrue(Box::new(typed)) }
    } else {
        typed
    }
}

/// A node as it is shown in a message.
fn shown(node: &Node) -> String {
    let text = node.to_string();
    if text.chars().count() > 60 { "this".to_owned() } else { format!("`{text}`") }
}

fn may_be_missing(node: &Node) -> Error {
    let error = Error::new(codes::MISSING, &node.at, format!("{} may be missing", shown(node)));
    match presence::path(node) {
        Some(path) => error.hint(format!("ask `has({path})` first or write `{path}.or(…)`")),
        None => error.hint("give a default with `.or(…)`"),
    }
}

fn not_a_choice(node: &Node, text: &str, choice: &Choice) -> Error {
    let message = format!("`{}` has no value `{text}`", choice.name);
    let error =
        Error::new(codes::CHOICE, &node.at, message).nearest(text, choice.values.iter().cloned());
    match error.hint {
        Some(_) => error,
        None => error.hint(format!("it has: {}", choice.values.join(", "))),
    }
}
