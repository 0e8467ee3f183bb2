//! Money with its currency in one column of text. To statements it is two values, an amount and the
//! code of its currency, as where they stand in two columns.

use caruso_object_model::{AttributeType, MOST_DIGITS, WrittenMoney};
use sea_orm::DbBackend;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func};

use super::{Codec, Way};
use crate::dialect;
use crate::physical::Collation;
use crate::raw::Wire;

impl Codec {
    /// Whether the column holds amounts with their currency, each of its own.
    pub fn has_currencies(&self) -> bool {
        matches!(self.way, Way::Money(..))
    }

    /// The amount and the code of the currency in such a column, and how they are written there;
    /// `None` for any other. The amount is NULL where the cell does not mean one; whether there is
    /// a currency of the code is not asked.
    pub fn money(&self, backend: DbBackend, column: Expr) -> Option<[(Expr, Self); 2]> {
        let Way::Money(form, decimals) = self.way else { return None };
        let text = match self.is_padded {
            true => Func::cust("rtrim").arg(column.clone()).into(),
            false => column.clone(),
        };
        let sql = Sql { backend, form, decimals };
        let code = sql.code(text.clone());
        let mut amount = sql.amount(text, code.clone(), self.collation);
        let missing = self.missing().into_iter();
        let missing: Vec<Expr> = missing.map(|cell| dialect::parameter(self, cell)).collect();
        if !missing.is_empty() {
            let is_there = dialect::exact(backend, self.collation, column).is_not_in(missing);
            amount = CaseStatement::new().case(is_there, amount).into();
        }
        let plain = Self { missing: Vec::new(), is_padded: false, cast: None, ..self.clone() };
        // as a column of amounts would have it there, so that the two compare
        let (amount, way, wire) = match backend {
            DbBackend::Sqlite => {
                (amount, Way::Scaled(decimals), Wire::Int { bits: 64, is_unsigned: false })
            }
            _ => (amount.mul(smallest(decimals)), Way::Decimal(decimals), Wire::Decimal),
        };
        let ty = AttributeType::Decimal(decimals);
        let units = Self { ty, way, wire, collation: Collation::Exact, ..plain.clone() };
        let codes = Self { ty: AttributeType::Text(Some(3)), way: Way::Text, ..plain };
        Some([(amount, units), (code, codes)])
    }
}

/// Texts as amounts. No cell makes a statement fail, whatever stands in it: its digits are taken
/// for an amount, and what that amount would be written as is compared with the cell.
struct Sql {
    backend: DbBackend,
    form: WrittenMoney,
    decimals: u32,
}

impl Sql {
    fn code(&self, text: Expr) -> Expr {
        let length = Expr::cust("3");
        let code = match (self.backend, self.form.is_code_first) {
            (DbBackend::Sqlite, true) => Func::cust("substr").args([text, Expr::cust("1"), length]),
            (DbBackend::Sqlite, false) => Func::cust("substr").args([text, Expr::cust("-3")]),
            (_, true) => Func::cust("left").args([text, length]),
            (_, false) => Func::cust("right").args([text, length]),
        };
        code.into()
    }

    /// The amount in its smallest unit.
    fn amount(&self, text: Expr, code: Expr, collation: Collation) -> Expr {
        let marks = [Some(self.form.point), self.form.thousands, Some('-'), Some(' ')];
        let without = |text: Expr, mark: Expr| {
            Expr::from(Func::cust("replace").args([text, mark, literal("")]))
        };
        let digits = without(text.clone(), code.clone());
        let digits = marks
            .into_iter()
            .flatten()
            .fold(digits, |digits, mark| without(digits, literal(&mark.to_string())));
        let units = dialect::as_integer(self.backend, digits.clone());
        let has_sign = dialect::contains(self.backend, text.clone(), literal("-"));
        // nothing is written as less than nothing
        let is_negative = has_sign.and(units.clone().ne(Expr::cust("0")));
        let written = self.written(units.clone(), is_negative.clone(), code);
        let exact = |text, collation| dialect::exact(self.backend, collation, text);
        let is_it = exact(text, collation).eq(exact(written, Collation::Loose));
        let signed = CaseStatement::new()
            .case(is_negative, Expr::cust("0").sub(units.clone()))
            .finally(units);
        let amount = CaseStatement::new().case(is_it, signed);
        CaseStatement::new().case(self.are_digits(digits), amount).into()
    }

    /// Whether a text is digits alone, of which there are enough and not too many.
    fn are_digits(&self, text: Expr) -> Expr {
        let (least, most) = (self.decimals + 1, MOST_DIGITS);
        let length = dialect::length(self.backend, text.clone());
        let is_long = length.between(Expr::cust(least.to_string()), Expr::cust(most.to_string()));
        let is_digits = match self.backend {
            DbBackend::Postgres => "$1 ~ '^[0-9]+$'",
            DbBackend::MySql => "? REGEXP '^[0-9]+$'",
            _ => "? NOT GLOB '*[^0-9]*'",
        };
        is_long.and(Expr::cust_with_exprs(is_digits, [text]))
    }

    /// How an amount is written with its code.
    fn written(&self, units: Expr, is_negative: Expr, code: Expr) -> Expr {
        let unit = 10_u64.pow(self.decimals);
        let whole = match self.backend {
            DbBackend::MySql => Expr::cust_with_exprs(format!("(?) DIV {unit}"), [units.clone()]),
            _ => units.clone().div(Expr::cust(unit.to_string())),
        };
        let rest = units.modulo(Expr::cust(unit.to_string()));
        let sign = CaseStatement::new().case(is_negative, literal("-")).finally(literal(""));
        let amount = [
            sign.into(),
            self.grouped(whole),
            literal(&self.form.point.to_string()),
            self.rest(rest),
        ];
        let blank = self.form.has_blank.then(|| literal(" "));
        let parts: Vec<Expr> = match self.form.is_code_first {
            true => [code].into_iter().chain(blank).chain(amount).collect(),
            false => amount.into_iter().chain(blank).chain([code]).collect(),
        };
        Func::cust("concat").args(parts).into()
    }

    fn grouped(&self, whole: Expr) -> Expr {
        let Some(mark) = self.form.thousands else { return self.as_text(whole) };
        let grouped = match self.backend {
            DbBackend::Postgres => {
                Func::cust("to_char").args([whole, literal("FM999,999,999,999,999,990")])
            }
            DbBackend::MySql => {
                Func::cust("FORMAT").args([whole, Expr::cust("0"), literal("en_US")])
            }
            _ => Func::cust("printf").args([literal("%,d"), whole]),
        };
        let mark = literal(&mark.to_string());
        Func::cust("replace").args([grouped.into(), literal(","), mark]).into()
    }

    /// The decimals, with the zeros before them.
    fn rest(&self, rest: Expr) -> Expr {
        let decimals = self.decimals;
        if self.backend == DbBackend::Sqlite {
            let shape = literal(&format!("%0{decimals}d"));
            return Func::cust("printf").args([shape, rest]).into();
        }
        let width = Expr::cust(decimals.to_string());
        Func::cust("lpad").args([self.as_text(rest), width, literal("0")]).into()
    }

    fn as_text(&self, number: Expr) -> Expr {
        number.cast_as(if self.backend == DbBackend::MySql { "char" } else { "text" })
    }
}

/// The smallest unit of an amount with so many decimals, `0.01` of two.
fn smallest(decimals: u32) -> Expr {
    Expr::cust(format!("0.{:0width$}", 1, width = usize::try_from(decimals).unwrap_or_default()))
}

/// A text of signs that statements may have as they are.
fn literal(text: &str) -> Expr {
    Expr::cust(format!("'{}'", text.replace('\'', "''")))
}
