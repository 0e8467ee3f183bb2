//! A checked expression into a condition of SQL, with the meaning that the evaluator gives it.
//!
//! SQL has three outcomes, the language has two: a comparison with a missing value is false. At
//! the top of a condition, under `and` and `or`, SQL's unknown does no harm and stays, so that
//! indexes serve; under `not` and inside values ([`Outcome::Exact`]) every comparison is guarded.
//!
//! Constants are encoded as the column writes its values, never columns decoded, where that is
//! possible. What a column cannot hold exactly (`meter_reading lt 1.2345` with three decimals)
//! becomes the comparison with the value below. Arithmetic and conversions stay out of the
//! database: engines differ there.

mod operand;

use caruso_expression::{Checked, Comparison, Each, TextTest, Type, Typed, TypedKind, Value};
use caruso_object_model::{AttributeType, Class, Member, Model};
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Query, SelectStatement};

use crate::Error;
use crate::codec::{self, Floor};
use crate::plan::ROOT;
use operand::{Operand, Row, Side};

/// Compiles a filter over the objects of a class whose table has the alias [`ROOT`].
///
/// # Errors
///
/// [`Error::Filter`] when the database cannot be asked this.
pub(crate) fn compile(model: &Model, class: &Class, filter: &Checked) -> Result<Expr, Error> {
    let root = Scope { class, alias: ROOT.to_owned() };
    let mut compiler = Compiler { model, root, locals: Vec::new(), aliases: 0 };
    compiler.condition(filter.root(), Outcome::Loose).map_err(|refused| {
        let message = format!("at {}: {} cannot be asked of a database", refused.at, refused.what);
        Error::Filter(vec![message])
    })
}

/// A part of an expression that stays out of the database.
#[derive(Debug)]
struct Refused {
    at: usize,
    what: &'static str,
}

fn refuse<T>(node: &Typed, what: &'static str) -> Result<T, Refused> {
    Err(Refused { at: node.at.start, what })
}

/// What a condition may give where SQL has unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Unknown counts as false where it stands.
    Loose,
    /// True or false only.
    Exact,
}

/// A table whose rows are in sight.
#[derive(Debug, Clone)]
struct Scope<'a> {
    class: &'a Class,
    alias: String,
}

impl Scope<'_> {
    fn column(&self, name: &str) -> Expr {
        Expr::col((Alias::new(&self.alias), Alias::new(name)))
    }
}

struct Compiler<'a> {
    model: &'a Model,
    root: Scope<'a>,
    /// The rows of the enclosing macros, outermost first.
    locals: Vec<Scope<'a>>,
    aliases: usize,
}

impl<'a> Compiler<'a> {
    fn condition(&mut self, node: &Typed, outcome: Outcome) -> Result<Expr, Refused> {
        match &node.kind {
            TypedKind::Literal(value) => Ok(constant(*value == Value::Bool(true))),
            TypedKind::Not(operand) => Ok(self.condition(operand, Outcome::Exact)?.not()),
            TypedKind::And(parts) => {
                let parts = self.conditions(parts, outcome)?;
                Ok(parts.into_iter().reduce(Expr::and).unwrap_or_else(|| constant(true)))
            }
            TypedKind::Or(parts) => {
                let parts = self.conditions(parts, outcome)?;
                Ok(parts.into_iter().reduce(Expr::or).unwrap_or_else(|| constant(false)))
            }
            TypedKind::IsTrue(operand) => self.condition(operand, outcome),
            TypedKind::IsPresent(operand) => self.is_present(operand),
            TypedKind::Compare(how, left, right) => {
                let compared = self.compare(node, *how, left, right)?;
                Ok(guarded(compared, outcome))
            }
            TypedKind::In(element, list) => {
                let is_in = self.is_in(node, element, list)?;
                Ok(guarded(is_in, outcome))
            }
            TypedKind::Text(test, text, wanted) => {
                let text = self.side(text)?.text(node)?;
                let wanted = self.side(wanted)?.text(node)?;
                Ok(guarded(text_test(*test, text, wanted), outcome))
            }
            TypedKind::Each(each @ (Each::Exists | Each::All), list, body) => {
                self.each(*each, list, body)
            }
            _ => {
                let operand = self.operand(node)?;
                let is_true = compare_constant(Comparison::Equal, operand, &Value::Bool(true));
                Ok(guarded(is_true, outcome))
            }
        }
    }

    fn conditions(&mut self, parts: &[Typed], outcome: Outcome) -> Result<Vec<Expr>, Refused> {
        parts.iter().map(|part| self.condition(part, outcome)).collect()
    }

    /// `has(x)`: a coded column has a value only where its code is known.
    fn is_present(&mut self, node: &Typed) -> Result<Expr, Refused> {
        if matches!(node.ty.present(), Type::Object(_)) {
            return Ok(match self.row(node)? {
                Row::Here(_) => constant(true),
                Row::ByKey(key, _) => key.is_not_null(),
            });
        }
        Ok(match self.side(node)? {
            Side::Constant(value) => constant(!value.is_null()),
            Side::Operand(operand) => match operand.codes() {
                Some(codes) => guarded(operand.expr.is_in(codes), Outcome::Exact),
                None => operand.expr.is_not_null(),
            },
        })
    }

    fn compare(
        &mut self,
        node: &Typed,
        how: Comparison,
        left: &Typed,
        right: &Typed,
    ) -> Result<Expr, Refused> {
        match (self.side(left)?, self.side(right)?) {
            (Side::Operand(operand), Side::Constant(value)) => {
                Ok(compare_constant(how, operand, &value))
            }
            (Side::Constant(value), Side::Operand(operand)) => {
                Ok(compare_constant(flipped(how), operand, &value))
            }
            (Side::Constant(left), Side::Constant(right)) => {
                Ok(constant(left.compare(&right).is_some_and(|order| holds(how, order))))
            }
            (Side::Operand(left), Side::Operand(right)) => {
                let (left, right) = (left.comparable(), right.comparable());
                if !left.is_alike(&right) {
                    return refuse(node, "a comparison of numbers with different decimals");
                }
                let compared = binary(how, left.expr.clone(), right.expr.clone());
                Ok(match left.codes() {
                    // rows with unknown codes have no value, and so compare false
                    Some(codes) => {
                        compared.and(left.expr.is_in(codes.clone())).and(right.expr.is_in(codes))
                    }
                    None => compared,
                })
            }
        }
    }

    fn is_in(&mut self, node: &Typed, element: &Typed, list: &Typed) -> Result<Expr, Refused> {
        let equal = Comparison::Equal;
        match &list.kind {
            TypedKind::Literal(Value::List(values)) => Ok(match self.side(element)? {
                Side::Constant(element) => {
                    let mut orders = values.iter().map(|value| element.compare(value));
                    constant(orders.any(|order| order == Some(std::cmp::Ordering::Equal)))
                }
                Side::Operand(operand) => {
                    let cells = values.iter().filter_map(|it| codec::encode(&operand.ty, it));
                    let cells: Vec<_> = cells.collect();
                    if cells.is_empty() { constant(false) } else { operand.expr.is_in(cells) }
                }
            }),
            TypedKind::List(parts) => {
                let parts = parts.iter().map(|part| {
                    let compared = self.compare(node, equal, element, part)?;
                    Ok(guarded(compared, Outcome::Exact))
                });
                let parts: Vec<_> = parts.collect::<Result<_, _>>()?;
                Ok(parts.into_iter().reduce(Expr::or).unwrap_or_else(|| constant(false)))
            }
            _ => refuse(list, "this list"),
        }
    }

    /// `exists` and `all` over a relation to many: a sub-query over the other table.
    fn each(&mut self, each: Each, list: &Typed, body: &Typed) -> Result<Expr, Refused> {
        let (mut select, scope) = self.related(list)?;
        self.locals.push(scope);
        let body = self.condition(body, Outcome::Exact);
        self.locals.pop();
        Ok(match each {
            Each::All => Expr::not_exists(select.and_where(body?.not()).take()),
            _ => Expr::exists(select.and_where(body?).take()),
        })
    }

    /// The rows that a relation to many leads to.
    fn related(&mut self, list: &Typed) -> Result<(SelectStatement, Scope<'a>), Refused> {
        let (row, name) = match &list.kind {
            TypedKind::Variable(name) => (Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => (self.row(object)?, name),
            _ => return refuse(list, "this list"),
        };
        let class = match &row {
            Row::Here(scope) => scope.class,
            Row::ByKey(_, class) => class,
        };
        let Some(Member::ToMany(relation)) = class.member(name) else {
            return refuse(list, "this list");
        };
        let Some(target) = self.model.class(&relation.class) else {
            return refuse(list, "this list");
        };
        let Some(Member::ToOne(back)) = target.member(&relation.inverse) else {
            return refuse(list, "this list");
        };
        let key = match row {
            Row::Here(scope) => scope.column(&class.key().column),
            Row::ByKey(key, _) => key,
        };
        let scope = self.scope(target);
        let mut select = from(&scope);
        select.expr(Expr::cust("1")).and_where(scope.column(&back.column).eq(key));
        Ok((select, scope))
    }

    /// A table under a new alias.
    fn scope(&mut self, class: &'a Class) -> Scope<'a> {
        self.aliases += 1;
        Scope { class, alias: format!("{ROOT}{}", self.aliases) }
    }
}

fn from(scope: &Scope<'_>) -> SelectStatement {
    let (table, alias) = (Alias::new(&scope.class.table), Alias::new(&scope.alias));
    Query::select().from_as(table, alias).take()
}

fn constant(outcome: bool) -> Expr {
    Expr::cust(if outcome { "1 = 1" } else { "1 = 0" })
}

/// Makes unknown false where that matters.
fn guarded(condition: Expr, outcome: Outcome) -> Expr {
    match outcome {
        Outcome::Loose => condition,
        Outcome::Exact => Func::coalesce([condition, Expr::cust("0")]).into(),
    }
}

fn flipped(how: Comparison) -> Comparison {
    match how {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        equal => equal,
    }
}

fn holds(how: Comparison, order: std::cmp::Ordering) -> bool {
    match how {
        Comparison::Equal => order.is_eq(),
        Comparison::NotEqual => order.is_ne(),
        Comparison::Less => order.is_lt(),
        Comparison::LessOrEqual => order.is_le(),
        Comparison::Greater => order.is_gt(),
        Comparison::GreaterOrEqual => order.is_ge(),
    }
}

fn binary(how: Comparison, left: Expr, right: Expr) -> Expr {
    match how {
        Comparison::Equal => left.eq(right),
        Comparison::NotEqual => left.ne(right),
        Comparison::Less => left.lt(right),
        Comparison::LessOrEqual => left.lte(right),
        Comparison::Greater => left.gt(right),
        Comparison::GreaterOrEqual => left.gte(right),
    }
}

/// A column compared with a constant, in the form that the column has.
fn compare_constant(how: Comparison, operand: Operand, value: &Value) -> Expr {
    if how == Comparison::NotEqual
        && let Some(codes) = operand.codes()
    {
        // not the other code, whatever the column holds, but one of the other known codes
        let own = codec::encode(&operand.ty, value);
        let others: Vec<_> = codes.into_iter().filter(|code| Some(code) != own.as_ref()).collect();
        return if others.is_empty() { constant(false) } else { operand.expr.is_in(others) };
    }
    let (cell, is_exact) = match bound(&operand.ty, value) {
        Bound::At(cell, is_exact) => (cell, is_exact),
        Bound::Beyond { is_above } => {
            let is_true = match how {
                Comparison::Less | Comparison::LessOrEqual => is_above,
                Comparison::Greater | Comparison::GreaterOrEqual => !is_above,
                Comparison::Equal => false,
                Comparison::NotEqual => true,
            };
            return if is_true { operand.expr.is_not_null() } else { constant(false) };
        }
    };
    let how = match (how, is_exact) {
        (how, true) => how,
        (Comparison::Equal, false) => return constant(false),
        (Comparison::NotEqual, false) => return operand.expr.is_not_null(),
        // between the value below and the next one there is nothing
        (Comparison::Less | Comparison::LessOrEqual, false) => Comparison::LessOrEqual,
        (Comparison::Greater | Comparison::GreaterOrEqual, false) => Comparison::Greater,
    };
    binary(how, operand.expr, Expr::val(cell))
}

/// Where a constant stands among the values of a column.
enum Bound {
    /// At this one, or right above it.
    At(sea_orm::sea_query::Value, bool),
    /// Outside all of them.
    Beyond { is_above: bool },
}

fn bound(ty: &AttributeType, value: &Value) -> Bound {
    match codec::floor(ty, value) {
        Some(Floor::At(number, is_exact)) => return Bound::At(number.into(), is_exact),
        Some(Floor::Below) => return Bound::Beyond { is_above: false },
        Some(Floor::Above) => return Bound::Beyond { is_above: true },
        None => {}
    }
    let is_exact = match value {
        Value::Instant(instant) => codec::is_whole(*instant),
        _ => true,
    };
    match codec::encode(ty, value) {
        Some(cell) => Bound::At(cell, is_exact),
        // days and instants before the year 0 are before everything that is stored
        None => Bound::Beyond { is_above: false },
    }
}

fn text_test(test: TextTest, text: Expr, wanted: Expr) -> Expr {
    let length = |text: Expr| Expr::from(Func::cust("length").arg(text));
    match test {
        TextTest::Contains => Expr::from(Func::cust("instr").args([text, wanted])).gt(0),
        TextTest::StartsWith => {
            let start = Func::cust("substr").args([text, Expr::cust("1"), length(wanted.clone())]);
            Expr::from(start).eq(wanted)
        }
        TextTest::EndsWith => {
            // where the end is longer than the text, what is cut off is shorter than the end
            let skipped = length(text.clone()).sub(length(wanted.clone()));
            let end = Func::cust("substr").args([text, skipped.add(1)]);
            Expr::from(end).eq(wanted)
        }
    }
}
