//! The values of a filter: columns in their stored form, and constants.

use caruso_database::{Codec, Pair, dialect};
use caruso_expression::{Type, Typed, TypedKind, Value};
use caruso_object_model::{AttributeType, Member as Declared};
use sea_orm::DbBackend;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, SelectStatement, Value as Cell};

use super::{Compiler, Outcome, Refused, Scope, plain_bool, refuse};
use crate::plan::{Member, Plan};

/// An expression of SQL and how it writes its values.
#[derive(Debug, Clone)]
pub(crate) struct Operand {
    pub(crate) expr: Expr,
    pub(crate) codec: Codec,
}

/// One side of a comparison.
pub(super) enum Side {
    /// A constant, and the argument that it is.
    Constant(Value, Option<String>),
    Operand(Operand),
}

/// What is wanted of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Half {
    /// A column, by its place; the whole value of an instant in two.
    Place(usize),
    /// Of money whose currency is its own: the amount.
    Amount,
    /// The code of its currency.
    Currency,
}

/// An object: a row in sight, or the key of one that is not.
pub(super) enum Row<'a> {
    Here(Scope<'a>),
    ByKey(Vec<Operand>, &'a Plan),
}

impl<'a> Row<'a> {
    pub(super) fn plan(&self) -> &'a Plan {
        match self {
            Self::Here(scope) => scope.plan,
            Self::ByKey(_, plan) => plan,
        }
    }

    pub(super) fn key(&self) -> Vec<Expr> {
        match self {
            Self::Here(scope) => scope.key(),
            Self::ByKey(key, _) => key.iter().map(|part| part.expr.clone()).collect(),
        }
    }
}

impl Operand {
    /// What a sub-query of one column gives.
    pub(super) fn sub_query(backend: DbBackend, select: SelectStatement, codec: Codec) -> Self {
        let value = Expr::SubQuery(None, Box::new(select.into()));
        Self { expr: dialect::of_sub_query(backend, &codec, value), codec }
    }

    /// The condition, besides not being NULL, that the cell means a value; `None` without one.
    pub(crate) fn known(&self, backend: DbBackend) -> Option<Expr> {
        let exact = || self.exact(backend);
        let codes = self.codec.codes().map(|codes| exact().is_in(self.parameters(codes)));
        let missing = self.codec.missing();
        let present = (!missing.is_empty()).then(|| exact().is_not_in(self.parameters(missing)));
        match (codes, present) {
            (Some(codes), Some(present)) => Some(codes.and(present)),
            (codes, present) => codes.or(present),
        }
    }

    fn parameters(&self, cells: Vec<Cell>) -> Vec<Expr> {
        cells.into_iter().map(|cell| dialect::parameter(&self.codec, cell)).collect()
    }

    /// One of these cells; where the database takes different texts for equal, exactly one of them.
    pub(crate) fn is_in(&self, backend: DbBackend, cells: Vec<Cell>) -> Expr {
        if cells.is_empty() {
            return super::constant(false);
        }
        let served = self.expr.clone().is_in(self.parameters(cells.clone()));
        match self.codec.collation() {
            caruso_database::Collation::Loose => {
                served.and(self.exact(backend).is_in(self.parameters(cells)))
            }
            _ => served,
        }
    }

    /// The expression with texts that compare by code points.
    pub(crate) fn exact(&self, backend: DbBackend) -> Expr {
        if self.codec.is_text() {
            dialect::exact(backend, self.codec.collation(), self.expr.clone())
        } else {
            self.expr.clone()
        }
    }

    /// A bool in the form that all bools can be brought to.
    fn plain_bool(self, backend: DbBackend) -> Self {
        let codec = plain_bool(backend);
        let Some(codes) = self.codec.codes().filter(|_| !self.codec.is_alike(&codec)) else {
            return self;
        };
        let [no, yes] = [0, 1].map(|place| dialect::parameter(&self.codec, codes[place].clone()));
        let case = CaseStatement::new()
            .case(self.exact(backend).eq(yes), Expr::cust("TRUE"))
            .case(self.exact(backend).eq(no), Expr::cust("FALSE"));
        Self { expr: case.into(), codec }
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn side(&mut self, node: &Typed) -> Result<Side, Refused> {
        match &node.kind {
            TypedKind::Literal(value) => {
                let argument = self.slots.and_then(|(filter, _)| filter.argument(&node.at));
                Ok(Side::Constant(value.clone(), argument.map(str::to_owned)))
            }
            _ => self.operand(node).map(Side::Operand),
        }
    }

    /// Text as SQL has it, and the condition that it means a value.
    pub(super) fn text(
        &mut self,
        node: &Typed,
        of: &Typed,
    ) -> Result<(Expr, Option<Expr>), Refused> {
        match self.side(of)? {
            Side::Constant(Value::Text(text), argument) => {
                let cell = self.slot(argument, None, Cell::from(text.to_string()));
                Ok((Expr::val(cell), None))
            }
            Side::Operand(operand)
                if matches!(operand.codec.ty(), AttributeType::Text(_))
                    && operand.codec.is_text() =>
            {
                Ok((operand.exact(self.backend), operand.known(self.backend)))
            }
            _ => refuse(node, "this text"),
        }
    }

    fn computed(&self, expr: Expr, ty: &AttributeType) -> Operand {
        Operand { expr, codec: Codec::computed(self.backend, ty) }
    }

    /// A value that depends on the row.
    pub(super) fn operand(&mut self, node: &Typed) -> Result<Operand, Refused> {
        match &node.kind {
            TypedKind::Variable(name) => self.member(node, Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => {
                let row = self.row(object)?;
                self.member(node, row, name)
            }
            TypedKind::Conditional(parts) => {
                let [condition, then, otherwise] = &**parts;
                let condition = self.condition(condition, Outcome::Exact)?;
                let [then, otherwise] = self.alike(node, then, otherwise)?;
                let case = CaseStatement::new().case(condition, then.expr);
                Ok(Operand { expr: case.finally(otherwise.expr).into(), codec: then.codec })
            }
            TypedKind::OrElse(value, default) => {
                let [value, default] = self.alike(node, value, default)?;
                let expr = match value.known(self.backend) {
                    // an unknown code is a missing value
                    Some(known) => CaseStatement::new()
                        .case(value.expr.clone().is_not_null().and(known), value.expr)
                        .finally(default.expr)
                        .into(),
                    None => Func::coalesce([value.expr, default.expr]).into(),
                };
                Ok(Operand { expr, codec: value.codec })
            }
            TypedKind::Size(of) if *of.ty.present() == Type::Text => {
                let (text, known) = self.text(node, of)?;
                let length = dialect::length(self.backend, text);
                let length = match known {
                    Some(known) => CaseStatement::new().case(known, length).into(),
                    None => length,
                };
                Ok(self.computed(length, &AttributeType::Int))
            }
            TypedKind::Part(part, of) => self.money_part(node, *part, of),
            TypedKind::Arithmetic(..) | TypedKind::Negate(_) => refuse(node, "arithmetic"),
            TypedKind::Convert(..) => refuse(node, "a conversion"),
            _ if *node.ty.present() == Type::Bool => {
                let condition = self.condition(node, Outcome::Exact)?;
                let case = CaseStatement::new().case(condition, Expr::cust("TRUE"));
                let case = case.finally(Expr::cust("FALSE"));
                Ok(self.computed(case.into(), &AttributeType::Bool))
            }
            _ => refuse(node, "this value"),
        }
    }

    /// Two columns in a form in which they compare.
    pub(super) fn comparable(
        &self,
        node: &Typed,
        left: Operand,
        right: Operand,
    ) -> Result<[Operand; 2], Refused> {
        if left.codec.is_alike(&right.codec) {
            return Ok([left, right]);
        }
        let backend = self.backend;
        let both = match (left.codec.ty(), right.codec.ty()) {
            (AttributeType::Bool, AttributeType::Bool) => {
                [left.plain_bool(backend), right.plain_bool(backend)]
            }
            (AttributeType::Date, AttributeType::Date) => {
                let day = |operand: Operand| {
                    let (expr, codec) = dialect::day_number(backend, &operand.codec, operand.expr)?;
                    Some(Operand { expr, codec })
                };
                match (day(left), day(right)) {
                    (Some(left), Some(right)) => [left, right],
                    _ => {
                        return refuse(node, "a comparison of days that are stored so differently");
                    }
                }
            }
            _ => [left, right],
        };
        if !both[0].codec.is_alike(&both[1].codec) {
            return refuse(node, "a comparison of values that are stored differently");
        }
        Ok(both)
    }

    /// Two values in the form of the one that is a column.
    fn alike(
        &mut self,
        node: &Typed,
        left: &Typed,
        right: &Typed,
    ) -> Result<[Operand; 2], Refused> {
        let constant = |value: &Value, like: &Operand| {
            let cell = like.codec.encode(value)?;
            let expr = dialect::parameter(&like.codec, cell);
            Some(Operand { expr, codec: like.codec.clone() })
        };
        let found = match (self.side(left)?, self.side(right)?) {
            (Side::Operand(left), Side::Operand(right)) => {
                Some(self.comparable(node, left, right)?)
            }
            (Side::Operand(left), Side::Constant(right, _)) => {
                constant(&right, &left).map(|right| [left, right])
            }
            (Side::Constant(left, _), Side::Operand(right)) => {
                constant(&left, &right).map(|left| [left, right])
            }
            (Side::Constant(left, _), Side::Constant(right, _)) => {
                let ty = constant_type(&node.ty);
                let like = ty.map(|ty| self.computed(Expr::cust("NULL"), &ty));
                like.and_then(|like| Some([constant(&left, &like)?, constant(&right, &like)?]))
            }
        };
        match found {
            Some(both) => Ok(both),
            None => refuse(node, "a choice between these values"),
        }
    }

    /// An attribute of a row.
    fn member(&mut self, node: &Typed, row: Row<'a>, name: &str) -> Result<Operand, Refused> {
        let plan = row.plan();
        let member = match plan.class.member(name) {
            Some(Declared::Attribute(_)) => plan.member(name),
            Some(Declared::Derived(derived)) => return self.derived(node, row, derived),
            _ => None,
        };
        let Some(member) = member else { return refuse(node, "an object as a value") };
        if plan.has_currencies(member) {
            return refuse(node, "money of several currencies as one value");
        }
        self.held(node, row, member, Half::Place(member.columns.start))
    }

    /// A column of a member of a row, or the value of an attribute in two; of a row that is not in
    /// sight by a sub-query over its key.
    pub(super) fn held(
        &mut self,
        node: &Typed,
        row: Row<'a>,
        member: &Member,
        half: Half,
    ) -> Result<Operand, Refused> {
        let of = |scope: &Scope<'a>| match (half, &member.pair) {
            (Half::Place(_), Some(Pair::Moment(_))) => scope.plan.attribute(&scope.alias, member),
            (Half::Place(place), _) => scope.plan.operand(&scope.alias, place),
            (Half::Amount | Half::Currency, _) => match scope.plan.money(&scope.alias, member) {
                Some([amount, _]) if half == Half::Amount => amount,
                Some([_, code]) => code,
                None => scope.plan.attribute(&scope.alias, member),
            },
        };
        let both = |one: Option<Expr>, other| one.into_iter().chain(other).reduce(Expr::and);
        match row {
            Row::Here(scope) => {
                let leads = scope.plan.is_kind(&scope.alias, member);
                let seen = both(self.member_seen(&scope, &member.name)?, leads);
                let Operand { expr, codec } = of(&scope);
                Ok(Operand { expr: only_where(seen, expr), codec })
            }
            Row::ByKey(mut key, plan) => {
                let is_it = |of_key: &usize| half == Half::Place(*of_key);
                if let Some(part) = plan.key.iter().position(is_it) {
                    return Ok(key.swap_remove(part));
                }
                self.within_database(node, plan)?;
                let scope = self.scope(plan);
                let mut select = self.rows(&scope)?;
                let leads = plan.is_kind(&scope.alias, member);
                let seen = both(self.member_seen(&scope, &member.name)?, leads);
                let Operand { expr, codec } = of(&scope);
                select.expr(only_where(seen, expr));
                for (own, wanted) in scope.key().into_iter().zip(key) {
                    select.and_where(own.eq(wanted.expr));
                }
                Ok(Operand::sub_query(self.backend, select, codec))
            }
        }
    }

    /// One statement is about one database.
    pub(super) fn within_database(&self, node: &Typed, plan: &Plan) -> Result<(), Refused> {
        if plan.class.is_beside(&self.root.plan.class) {
            return Ok(());
        }
        refuse(node, "a value in another database")
    }

    /// The object that an expression means.
    pub(super) fn row(&mut self, node: &Typed) -> Result<Row<'a>, Refused> {
        let (row, name) = match &node.kind {
            TypedKind::Local(index) => return Ok(Row::Here(self.locals[*index].clone())),
            TypedKind::Variable(name) => (Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => (self.row(object)?, name),
            _ => return refuse(node, "this object"),
        };
        let plan = row.plan();
        let Some(member) = plan.member(name) else { return refuse(node, "this object") };
        let target = member.target.as_ref().and_then(|target| self.view.plans.get(target));
        let Some(target) = target else { return refuse(node, "this object") };
        let mut key = Vec::new();
        for place in member.columns.clone() {
            let row = match &row {
                Row::Here(scope) => Row::Here(scope.clone()),
                Row::ByKey(key, plan) => Row::ByKey(key.clone(), plan),
            };
            key.push(self.held(node, row, member, Half::Place(place))?);
        }
        Ok(Row::ByKey(key, target))
    }
}

/// A value where a condition holds, and a missing one elsewhere.
pub(crate) fn only_where(seen: Option<Expr>, value: Expr) -> Expr {
    match seen {
        Some(seen) => CaseStatement::new().case(seen, value).into(),
        None => value,
    }
}

/// How constants of a type are written where no column says it.
fn constant_type(ty: &Type) -> Option<AttributeType> {
    match ty.present() {
        Type::Bool => Some(AttributeType::Bool),
        Type::Int => Some(AttributeType::Int),
        Type::Text => Some(AttributeType::Text(None)),
        Type::Date => Some(AttributeType::Date),
        Type::Instant => Some(AttributeType::Instant),
        _ => None,
    }
}
