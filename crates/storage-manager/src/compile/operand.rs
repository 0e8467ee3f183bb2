//! The values of a filter: columns in their stored form, and constants.

use caruso_expression::{Type, Typed, TypedKind, Value};
use caruso_object_model::{AttributeType, Class, DateForm, Member};
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, Value as Cell};

use super::{Compiler, Outcome, Refused, Scope, from, refuse};
use crate::codec;

/// An expression of SQL and how it writes its values.
#[derive(Debug, Clone)]
pub(super) struct Operand {
    pub(super) expr: Expr,
    pub(super) ty: AttributeType,
}

/// One side of a comparison.
pub(super) enum Side {
    Constant(Value),
    Operand(Operand),
}

/// An object: a row in sight, or the key of one that is not.
pub(super) enum Row<'a> {
    Here(Scope<'a>),
    ByKey(Expr, &'a Class),
}

impl Operand {
    fn plain(expr: Expr, ty: AttributeType) -> Self {
        Self { expr, ty }
    }

    /// The codes of a coded column; other cells have no value.
    pub(super) fn codes(&self) -> Option<Vec<Cell>> {
        match &self.ty {
            AttributeType::Bool(None) => Some(vec![Cell::from(1_i64), Cell::from(0_i64)]),
            AttributeType::Bool(Some(codes)) => {
                Some(codes.iter().map(|code| Cell::from(code.clone())).collect())
            }
            AttributeType::Choice(enumeration) => {
                let stored = enumeration.values.iter().map(|it| Cell::from(it.stored.clone()));
                Some(stored.collect())
            }
            _ => None,
        }
    }

    /// The form in which two columns of one type compare, however each is stored.
    pub(super) fn comparable(self) -> Self {
        match &self.ty {
            AttributeType::Bool(Some([yes, no])) => {
                let case = CaseStatement::new()
                    .case(self.expr.clone().eq(yes.clone()), Expr::cust("1"))
                    .case(self.expr.eq(no.clone()), Expr::cust("0"));
                Self::plain(case.into(), AttributeType::Bool(None))
            }
            AttributeType::Date(DateForm::Iso) => {
                let digits = Func::cust("replace").args([self.expr, "-".into(), "".into()]);
                let number = Func::cast_as(Expr::from(digits), "INTEGER");
                Self::plain(number.into(), AttributeType::Date(DateForm::Yyyymmdd))
            }
            _ => self,
        }
    }

    /// True when both write their values the same way.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        match (&self.ty, &other.ty) {
            (AttributeType::Decimal(left), AttributeType::Decimal(right)) => left == right,
            (AttributeType::Date(left), AttributeType::Date(right)) => left == right,
            (left, right) => left.word() == right.word() && self.codes() == other.codes(),
        }
    }
}

impl Side {
    /// Text as SQL has it.
    pub(super) fn text(self, node: &Typed) -> Result<Expr, Refused> {
        match self {
            Self::Constant(Value::Text(text)) => Ok(Expr::val(text.to_string())),
            Self::Operand(Operand { expr, ty: AttributeType::Text(_) }) => Ok(expr),
            _ => refuse(node, "this text"),
        }
    }
}

impl<'a> Compiler<'a> {
    pub(super) fn side(&mut self, node: &Typed) -> Result<Side, Refused> {
        match &node.kind {
            TypedKind::Literal(value) => Ok(Side::Constant(value.clone())),
            _ => self.operand(node).map(Side::Operand),
        }
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
                Ok(Operand::plain(case.finally(otherwise.expr).into(), then.ty))
            }
            TypedKind::OrElse(value, default) => {
                let [value, default] = self.alike(node, value, default)?;
                let expr = match value.codes() {
                    // an unknown code is a missing value
                    Some(codes) => CaseStatement::new()
                        .case(value.expr.clone().is_in(codes), value.expr)
                        .finally(default.expr)
                        .into(),
                    None => Func::coalesce([value.expr, default.expr]).into(),
                };
                Ok(Operand::plain(expr, value.ty))
            }
            TypedKind::Size(of) if *of.ty.present() == Type::Text => {
                let text = self.side(of)?.text(node)?;
                let size = Func::cust("length").arg(text);
                Ok(Operand::plain(size.into(), AttributeType::Int))
            }
            TypedKind::Arithmetic(..) | TypedKind::Negate(_) => refuse(node, "arithmetic"),
            TypedKind::Convert(..) => refuse(node, "a conversion"),
            _ if *node.ty.present() == Type::Bool => {
                let condition = self.condition(node, Outcome::Exact)?;
                let case = CaseStatement::new().case(condition, Expr::cust("1"));
                let case = case.finally(Expr::cust("0"));
                Ok(Operand::plain(case.into(), AttributeType::Bool(None)))
            }
            _ => refuse(node, "this value"),
        }
    }

    /// Two values in the form of the one that is a column.
    fn alike(
        &mut self,
        node: &Typed,
        left: &Typed,
        right: &Typed,
    ) -> Result<[Operand; 2], Refused> {
        let constant = |value: &Value, like: &Operand| {
            let cell = codec::encode(&like.ty, value);
            cell.map(|cell| Operand::plain(Expr::val(cell), like.ty.clone()))
        };
        let found = match (self.side(left)?, self.side(right)?) {
            (Side::Operand(left), Side::Operand(right)) => {
                let both = if left.is_alike(&right) {
                    [left, right]
                } else {
                    [left.comparable(), right.comparable()]
                };
                both[0].is_alike(&both[1]).then_some(both)
            }
            (Side::Operand(left), Side::Constant(right)) => {
                constant(&right, &left).map(|right| [left, right])
            }
            (Side::Constant(left), Side::Operand(right)) => {
                constant(&left, &right).map(|left| [left, right])
            }
            (Side::Constant(left), Side::Constant(right)) => {
                let ty = constant_type(&node.ty);
                let like = ty.map(|ty| Operand::plain(Expr::cust("NULL"), ty));
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
        let class = match &row {
            Row::Here(scope) => scope.class,
            Row::ByKey(_, class) => class,
        };
        let Some(Member::Attribute(attribute)) = class.member(name) else {
            return refuse(node, "an object as a value");
        };
        let expr = self.column(row, &attribute.column);
        Ok(Operand::plain(expr, attribute.ty.clone()))
    }

    /// A column of a row; of a row that is not in sight by a sub-query over its key.
    fn column(&mut self, row: Row<'a>, column: &str) -> Expr {
        match row {
            Row::Here(scope) => scope.column(column),
            Row::ByKey(key, class) if class.key().column == column => key,
            Row::ByKey(key, class) => {
                let scope = self.scope(class);
                let mut select = from(&scope);
                select.expr(scope.column(column));
                select.and_where(scope.column(&class.key().column).eq(key));
                Expr::SubQuery(None, Box::new(select.into()))
            }
        }
    }

    /// The object that an expression means.
    pub(super) fn row(&mut self, node: &Typed) -> Result<Row<'a>, Refused> {
        let (row, name) = match &node.kind {
            TypedKind::Local(index) => return Ok(Row::Here(self.locals[*index].clone())),
            TypedKind::Variable(name) => (Row::Here(self.root.clone()), name),
            TypedKind::Member(object, name) => (self.row(object)?, name),
            _ => return refuse(node, "this object"),
        };
        let class = match &row {
            Row::Here(scope) => scope.class,
            Row::ByKey(_, class) => class,
        };
        let Some(Member::ToOne(relation)) = class.member(name) else {
            return refuse(node, "this object");
        };
        let Some(target) = self.model.class(&relation.class) else {
            return refuse(node, "this object");
        };
        Ok(Row::ByKey(self.column(row, &relation.column), target))
    }
}

/// How constants of a type are written where no column says it.
fn constant_type(ty: &Type) -> Option<AttributeType> {
    match ty.present() {
        Type::Bool => Some(AttributeType::Bool(None)),
        Type::Int => Some(AttributeType::Int),
        Type::Text => Some(AttributeType::Text(None)),
        Type::Date => Some(AttributeType::Date(DateForm::Iso)),
        Type::Instant => Some(AttributeType::Instant),
        _ => None,
    }
}
