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

mod derived;
mod money;
mod operand;
mod related;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use caruso_database::{Codec, Collation, Pair, Place, dialect};
use caruso_expression::{Checked, Comparison, Each, TextTest, Type, Typed, TypedKind, Value};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Func, Value as Cell};

use crate::Error;
use crate::federation::{Found, Reached};
use crate::filter::Filter;
use crate::plan::{How, Plan, ROOT};
use crate::prepared::{Slot, Slots};
use crate::rights::{Rights, Seen, Shown, Sight};
use money::is_money;
pub(crate) use operand::{Operand, only_where};
use operand::{Row, Side};
pub(crate) use related::BETWEEN;

/// The plans of all classes, by name.
pub(crate) type Plans = BTreeMap<String, Plan>;

/// The classes, as far as somebody may see them.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    pub(crate) plans: &'a Plans,
    pub(crate) rights: &'a Rights,
}

impl<'a> View<'a> {
    /// Compiles a filter over the objects of a class whose table has the alias [`ROOT`].
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] when the database cannot be asked this.
    pub(crate) fn compile(self, plan: &'a Plan, filter: &Checked) -> Result<Expr, Error> {
        self.compiler(plan).condition(filter.root(), Outcome::Loose).map_err(cannot)
    }

    /// The same, where other databases have said what is theirs.
    pub(crate) fn compile_found(
        self,
        plan: &'a Plan,
        filter: &Checked,
        found: &'a Found,
    ) -> Result<Expr, Error> {
        let mut compiler = self.compiler(plan);
        compiler.found = Some(found);
        compiler.condition(filter.root(), Outcome::Loose).map_err(cannot)
    }

    /// The same, with slots where arguments stand, as far as that can be.
    pub(crate) fn compile_with(
        self,
        plan: &'a Plan,
        filter: &'a Filter<'a>,
        slots: &'a Slots,
    ) -> Result<Expr, Error> {
        let mut compiler = self.compiler(plan);
        compiler.slots = Some((filter, slots));
        compiler.condition(filter.checked.root(), Outcome::Loose).map_err(cannot)
    }

    /// The condition that an object leads to another one, or to one of several, by relations that
    /// are seen.
    ///
    /// # Errors
    ///
    /// [`Error::UnknownAttribute`] for a name that is no relation to one, [`Error::Filter`] when
    /// the text is no key.
    ///
    /// With slots, the key is left to the request.
    pub(crate) fn link(
        self,
        plan: &'a Plan,
        link: &Reached<'_>,
        slots: Option<&Slots>,
    ) -> Result<Expr, Error> {
        let mut compiler = self.compiler(plan);
        let root = compiler.root.clone();
        compiler.link(&root, link, slots)
    }

    /// What is seen of a class.
    ///
    /// # Errors
    ///
    /// [`Error::Filter`] when the database cannot be asked what a rule says.
    pub(crate) fn sight(self, plan: &'a Plan) -> Result<Sight, Error> {
        let mut compiler = self.compiler(plan);
        let root = compiler.root.clone();
        let row = compiler.row_seen(&root).map_err(cannot)?;
        let mut members = Vec::new();
        let names = plan.members.iter().map(|it| &it.name);
        for name in names.chain(plan.class.derived().iter().map(|it| &it.name)) {
            let seen = compiler.member_seen(&root, name).map_err(cannot)?;
            members.extend(seen.map(|seen| (name.clone(), seen)));
        }
        let (mut derived, mut joins) = (Vec::new(), Vec::new());
        for (it, how) in plan.class.derived().iter().zip(&plan.derived) {
            let value = match how {
                How::Asked => {
                    let beside = compiler.beside(it, &mut joins).map_err(cannot)?;
                    let value = match beside {
                        Some(value) => value,
                        None => compiler.formula(&root, it).map_err(cannot)?,
                    };
                    Shown::Asked(value)
                }
                How::AfterReading(value) => Shown::AfterReading(value.clone()),
            };
            derived.push((it.name.clone(), value));
        }
        let joins = joins.into_iter().map(|(_, join)| join).collect();
        Ok(Sight { row, members, derived, joins })
    }

    fn compiler(self, plan: &'a Plan) -> Compiler<'a> {
        let root = Scope { plan, alias: ROOT.to_owned() };
        Compiler {
            view: self,
            backend: plan.backend,
            root,
            locals: Vec::new(),
            aliases: 0,
            slots: None,
            found: None,
        }
    }
}

fn cannot(refused: Refused) -> Error {
    let message = format!("at {}: {} cannot be asked of a database", refused.at, refused.what);
    Error::Filter(vec![message])
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
    plan: &'a Plan,
    alias: String,
}

impl Scope<'_> {
    fn column(&self, name: &str) -> Expr {
        Expr::col((Alias::new(&self.alias), Alias::new(name)))
    }

    fn key(&self) -> Vec<Expr> {
        self.plan.key_columns().map(|column| self.column(&column.name)).collect()
    }
}

struct Compiler<'a> {
    view: View<'a>,
    backend: DbBackend,
    root: Scope<'a>,
    /// The rows of the enclosing macros, outermost first.
    locals: Vec<Scope<'a>>,
    aliases: usize,
    /// The filter whose arguments are left to each request, and where they are entered.
    slots: Option<(&'a Filter<'a>, &'a Slots)>,
    /// What other databases said to parts of the filter.
    found: Option<&'a Found>,
}

impl<'a> Compiler<'a> {
    fn condition(&mut self, node: &Typed, outcome: Outcome) -> Result<Expr, Refused> {
        if let Some(answer) = self.found.and_then(|found| found.answer(node)) {
            return Ok(guarded(self.answered(answer)?, outcome));
        }
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
                let (text, text_is) = self.text(node, text)?;
                let (wanted, wanted_is) = self.text(node, wanted)?;
                let test = text_test(self.backend, *test, text, wanted);
                let known = [text_is, wanted_is].into_iter().flatten();
                Ok(guarded(known.fold(test, Expr::and), outcome))
            }
            TypedKind::Each(each @ (Each::Exists | Each::All), list, body) => {
                self.each(*each, list, body)
            }
            _ => {
                let operand = self.operand(node)?;
                let equal = Comparison::Equal;
                let is_true =
                    self.compare_constant(node, equal, operand, &Value::Bool(true), None)?;
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
                Row::ByKey(key, _) => {
                    let parts = key.into_iter().map(|part| part.expr.is_not_null());
                    parts.reduce(Expr::and).unwrap_or_else(|| constant(false))
                }
            });
        }
        if is_money(node) {
            return self.is_money(node);
        }
        Ok(match self.side(node)? {
            Side::Constant(value, _) => constant(!value.is_null()),
            Side::Operand(operand) => match operand.known(self.backend) {
                Some(known) => guarded(operand.expr.is_not_null().and(known), Outcome::Exact),
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
        if is_money(left) || is_money(right) {
            return self.compare_money(node, how, left, right);
        }
        match (self.side(left)?, self.side(right)?) {
            (Side::Operand(operand), Side::Constant(value, argument)) => {
                self.compare_held(node, how, (left, operand), &value, argument)
            }
            (Side::Constant(value, argument), Side::Operand(operand)) => {
                self.compare_held(node, flipped(how), (right, operand), &value, argument)
            }
            (left, right) => self.compare_sides(node, how, left, right),
        }
    }

    /// A comparison of values, whatever they are of.
    fn compare_sides(
        &mut self,
        node: &Typed,
        how: Comparison,
        left: Side,
        right: Side,
    ) -> Result<Expr, Refused> {
        match (left, right) {
            (Side::Operand(operand), Side::Constant(value, argument)) => {
                self.compare_constant(node, how, operand, &value, argument)
            }
            (Side::Constant(value, argument), Side::Operand(operand)) => {
                self.compare_constant(node, flipped(how), operand, &value, argument)
            }
            (Side::Constant(left, _), Side::Constant(right, _)) => {
                Ok(constant(left.compare(&right).is_some_and(|order| holds(how, order))))
            }
            (Side::Operand(left), Side::Operand(right)) => {
                let known =
                    [left.known(self.backend), right.known(self.backend)].into_iter().flatten();
                let known: Vec<Expr> = known.collect();
                let [left, right] = self.comparable(node, left, right)?;
                let is_ordering = !matches!(how, Comparison::Equal | Comparison::NotEqual);
                if is_ordering && !left.codec.is_ordered() {
                    return refuse(node, "an order of days that are not stored in their order");
                }
                let compared = binary(how, left.exact(self.backend), right.exact(self.backend));
                // rows with unknown codes have no value, and so compare false
                Ok(known.into_iter().fold(compared, Expr::and))
            }
        }
    }

    fn is_in(&mut self, node: &Typed, element: &Typed, list: &Typed) -> Result<Expr, Refused> {
        let equal = Comparison::Equal;
        match &list.kind {
            TypedKind::Literal(Value::List(values)) if is_money(element) => {
                self.is_one_of_money(element, values)
            }
            TypedKind::Literal(Value::List(values)) => match self.side(element)? {
                Side::Constant(element, _) => {
                    let mut orders = values.iter().map(|value| element.compare(value));
                    Ok(constant(orders.any(|order| order == Some(std::cmp::Ordering::Equal))))
                }
                Side::Operand(operand) => {
                    let each = values.iter().map(|value| {
                        self.compare_held(node, equal, (element, operand.clone()), value, None)
                    });
                    let each: Vec<Expr> = each.collect::<Result<_, _>>()?;
                    Ok(each.into_iter().reduce(Expr::or).unwrap_or_else(|| constant(false)))
                }
            },
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
        select.expr(Expr::cust("1"));
        self.locals.push(scope);
        let body = self.condition(body, Outcome::Exact);
        self.locals.pop();
        Ok(match each {
            Each::All => Expr::not_exists(select.and_where(body?.not()).take()),
            _ => Expr::exists(select.and_where(body?).take()),
        })
    }

    /// The condition that a row is seen, if there is one.
    fn row_seen(&mut self, scope: &Scope<'a>) -> Result<Option<Expr>, Refused> {
        let rights = self.view.rights;
        self.seen(scope, &rights.rows(&scope.plan.class))
    }

    /// The condition that a member is seen in a row that is seen, if there is one.
    fn member_seen(&mut self, scope: &Scope<'a>, name: &str) -> Result<Option<Expr>, Refused> {
        let rights = self.view.rights;
        self.seen(scope, &rights.member(&scope.plan.class, name))
    }

    /// What a rule says is asked of everything there is, not of what somebody sees.
    fn seen(&mut self, scope: &Scope<'a>, seen: &Seen<'_>) -> Result<Option<Expr>, Refused> {
        static EVERYTHING: LazyLock<Rights> = LazyLock::new(Rights::default);
        let Seen::Where(conditions) = seen else { return Ok(None) };
        let everything = View { rights: &EVERYTHING, ..self.view };
        let view = std::mem::replace(&mut self.view, everything);
        let parts = self.within(scope, |compiler| {
            let parts = conditions.iter();
            let parts = parts.map(|it| compiler.condition(it.root(), Outcome::Exact));
            parts.collect::<Result<Vec<Expr>, Refused>>()
        });
        self.view = view;
        Ok(Some(parts?.into_iter().reduce(Expr::or).unwrap_or_else(|| constant(false))))
    }

    /// Compiles what the model says of a row, whatever request it is for.
    fn within<T>(&mut self, scope: &Scope<'a>, compile: impl FnOnce(&mut Self) -> T) -> T {
        let before = (
            std::mem::replace(&mut self.root, scope.clone()),
            std::mem::take(&mut self.locals),
            self.slots.take(),
            self.found.take(),
        );
        let compiled = compile(self);
        (self.root, self.locals, self.slots, self.found) = before;
        compiled
    }

    /// A table under a new alias.
    fn scope(&mut self, plan: &'a Plan) -> Scope<'a> {
        self.aliases += 1;
        Scope { plan, alias: format!("{ROOT}{}", self.aliases) }
    }

    /// A column compared with a constant, in the form that the column has.
    fn compare_constant(
        &self,
        node: &Typed,
        how: Comparison,
        operand: Operand,
        value: &Value,
        argument: Option<String>,
    ) -> Result<Expr, Refused> {
        let known = operand.known(self.backend);
        let slot = |cell: Cell| self.slot(argument.clone(), Some(&operand.codec), cell);
        if let Some(codes) = operand.codec.codes() {
            // not the other code, whatever the column holds, but one of the other known codes
            let own = operand.codec.encode(value);
            if let (Some(own), Comparison::Equal) = (own.clone(), how) {
                return Ok(operand.is_in(self.backend, vec![slot(own)]));
            }
            let is_wanted =
                |code: &Cell| (own.as_ref() == Some(code)) == (how == Comparison::Equal);
            let codes = codes.into_iter().filter(is_wanted).collect();
            return Ok(operand.is_in(self.backend, codes));
        }
        let is_ordering = !matches!(how, Comparison::Equal | Comparison::NotEqual);
        if is_ordering && !operand.codec.is_ordered() {
            return refuse(node, "an order of days that are not stored in their order");
        }
        let compared = match (operand.codec.place(value), how) {
            (Place::Unknown, _) => return refuse(node, "this comparison"),
            (Place::At(cell, true), how) => self.at(how, &operand, slot(cell)),
            (Place::At(..) | Place::Below | Place::Above, Comparison::Equal) => constant(false),
            (Place::At(..) | Place::Below | Place::Above, Comparison::NotEqual) => {
                operand.expr.is_not_null()
            }
            // between the value below and the next one there is nothing
            (Place::At(cell, false), Comparison::Less | Comparison::LessOrEqual) => {
                self.at(Comparison::LessOrEqual, &operand, cell)
            }
            (Place::At(cell, false), _) => self.at(Comparison::Greater, &operand, cell),
            (Place::Above, Comparison::Less | Comparison::LessOrEqual)
            | (Place::Below, Comparison::Greater | Comparison::GreaterOrEqual) => {
                operand.expr.is_not_null()
            }
            _ => constant(false),
        };
        Ok(known.into_iter().fold(compared, Expr::and))
    }

    /// The same; of an attribute that stands in two columns, with what an index serves.
    fn compare_held(
        &self,
        node: &Typed,
        how: Comparison,
        (held, operand): (&Typed, Operand),
        value: &Value,
        argument: Option<String>,
    ) -> Result<Expr, Refused> {
        let bound = self.day_bound(held, how, value, argument.as_deref());
        let compared = self.compare_constant(node, how, operand, value, argument)?;
        Ok(bound.into_iter().fold(compared, |compared, bound| bound.and(compared)))
    }

    /// Of an attribute that stands in two columns: what a comparison of it says of its day alone,
    /// which an index serves.
    fn day_bound(
        &self,
        node: &Typed,
        how: Comparison,
        value: &Value,
        argument: Option<&str>,
    ) -> Option<Expr> {
        let TypedKind::Variable(name) = &node.kind else { return None };
        let member = self.root.plan.member(name)?;
        let Some(Pair::Moment(pair)) = &member.pair else { return None };
        let day = self.root.plan.operand(&self.root.alias, member.columns.start);
        let how = match how {
            Comparison::Equal => how,
            _ if !day.codec.is_ordered() => return None,
            Comparison::Less | Comparison::LessOrEqual => Comparison::LessOrEqual,
            Comparison::Greater | Comparison::GreaterOrEqual => Comparison::GreaterOrEqual,
            Comparison::NotEqual => return None,
        };
        let cell = day.codec.encode(&pair.day(value)?)?;
        let cell = match (argument, self.slots) {
            (Some(name), Some((_, slots))) => {
                slots.marker(Slot::Day(name.to_owned(), pair.clone(), day.codec.clone()))
            }
            _ => cell,
        };
        Some(binary(how, day.expr, dialect::parameter(&day.codec, cell)))
    }

    /// A cell, or what stands for it where it is left to the request.
    fn slot(&self, argument: Option<String>, codec: Option<&Codec>, cell: Cell) -> Cell {
        match (argument, self.slots) {
            (Some(name), Some((_, slots))) => slots.marker(Slot::Argument(name, codec.cloned())),
            _ => cell,
        }
    }

    fn at(&self, how: Comparison, operand: &Operand, cell: Cell) -> Expr {
        let wanted = dialect::parameter(&operand.codec, cell);
        let exact = binary(how, operand.exact(self.backend), wanted.clone());
        if how == Comparison::Equal && operand.codec.collation() == Collation::Loose {
            // the first half is what an index serves
            return operand.expr.clone().eq(wanted).and(exact);
        }
        match (how, operand.codec.collation()) {
            // equal texts are the same texts, however they are sorted
            (Comparison::Equal | Comparison::NotEqual, Collation::Sorted) => {
                binary(how, operand.expr.clone(), wanted)
            }
            _ => exact,
        }
    }
}

fn constant(outcome: bool) -> Expr {
    Expr::cust(if outcome { "1 = 1" } else { "1 = 0" })
}

/// Makes unknown false where that matters.
fn guarded(condition: Expr, outcome: Outcome) -> Expr {
    match outcome {
        Outcome::Loose => condition,
        Outcome::Exact => Func::coalesce([condition, Expr::cust("FALSE")]).into(),
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

fn text_test(backend: DbBackend, test: TextTest, text: Expr, wanted: Expr) -> Expr {
    match test {
        TextTest::Contains => dialect::contains(backend, text, wanted),
        TextTest::StartsWith => dialect::starts_with(backend, text, wanted),
        TextTest::EndsWith => dialect::ends_with(backend, text, wanted),
    }
}

/// The form in which a bool compares, however each is stored.
fn plain_bool(backend: DbBackend) -> Codec {
    Codec::computed(backend, &caruso_object_model::AttributeType::Bool)
}
