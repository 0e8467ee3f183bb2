//! What engines write differently.
//!
//! Everything here gives the same answer on every engine: lengths and places of texts count code
//! points, and texts that went through [`exact`] differ where one letter, accent or blank does.

use caruso_object_model::{AttributeType, Digits};
use sea_orm::DbBackend;
use sea_orm::sea_query::{Alias, CaseStatement, Expr, ExprTrait, Func, Value as Cell};

use crate::codec::{Codec, Digital, Way};
use crate::physical::Collation;
use crate::raw::Wire;

/// A cell as a parameter to be compared with, or written to, a column.
pub fn parameter(codec: &Codec, cell: Cell) -> Expr {
    match codec.cast() {
        Some(ty) => Expr::val(cell).cast_as(Alias::new(ty)),
        None => Expr::val(cell),
    }
}

/// A column as a value of an expression, and how it is written there: PostgreSQL's enumerations
/// become texts, so that comparing with what is none of them is no error.
pub fn operand(codec: &Codec, column: Expr) -> (Expr, Codec) {
    if codec.wire != Wire::Enum {
        return (column, codec.clone());
    }
    let codec =
        Codec { wire: Wire::Text, cast: None, collation: Collation::Sorted, ..codec.clone() };
    (column.cast_as("text"), codec)
}

/// What a sub-query gives, as a value of an expression. Beside other conditions, MariaDB compares a
/// `TIMESTAMP` from a sub-query with a constant that it has cut to whole seconds; a `DATETIME` it
/// does not.
pub fn of_sub_query(backend: DbBackend, codec: &Codec, value: Expr) -> Expr {
    match (backend, codec.wire) {
        (DbBackend::MySql, Wire::Instant) => value.cast_as("datetime(6)"),
        _ => value,
    }
}

/// A day as the number of its digits (`20260131`), whatever the column holds; `None` where that is
/// more than the engines can be asked. What is no day gives NULL or a number that is none.
pub fn day_number(backend: DbBackend, codec: &Codec, day: Expr) -> Option<(Expr, Codec)> {
    let form = Way::DateDigits(Digits::Yyyymmdd, Digital::Number);
    let expr = match (&codec.way, backend) {
        (way, _) if *way == form => day,
        (Way::Date, DbBackend::Postgres) => {
            let digits = Func::cust("to_char").args([day, "YYYYMMDD".into()]);
            as_integer(backend, digits.into())
        }
        (Way::Date, DbBackend::MySql) => {
            let digits = Func::cust("DATE_FORMAT").args([day, "%Y%m%d".into()]);
            as_integer(backend, digits.into())
        }
        (Way::DateText | Way::DateDigits(Digits::Yyyymmdd, Digital::Text), _) => {
            let digits = Func::cust("replace").args([day.clone(), "-".into(), "".into()]);
            let number = as_integer(backend, digits.into());
            if backend == DbBackend::Postgres {
                // a cast of what is no number would fail the whole statement
                let is_day = Expr::cust_with_exprs("$1 ~ '^[0-9]{4}-?[0-9]{2}-?[0-9]{2}$'", [day]);
                CaseStatement::new().case(is_day, number).into()
            } else {
                number
            }
        }
        _ => return None,
    };
    let wire = Wire::Int { bits: 64, is_unsigned: false };
    Some((expr, Codec { way: form, wire, missing: Vec::new(), cast: None, ..codec.clone() }))
}

/// A number as a whole number of 64 bits.
pub fn as_integer(backend: DbBackend, number: Expr) -> Expr {
    number.cast_as(if backend == DbBackend::MySql { "SIGNED" } else { "bigint" })
}

/// The sum of numbers, as an exact decimal where the engine has such.
pub fn sum(backend: DbBackend, numbers: Expr) -> Expr {
    let sum = Expr::from(Func::sum(numbers));
    match backend {
        DbBackend::Postgres => sum.cast_as("numeric"),
        _ => sum,
    }
}

/// The sum of a column as a value of an expression, and how it is written there; `None` where the
/// database cannot add the cells up.
pub fn summed(backend: DbBackend, codec: &Codec, column: Expr) -> Option<(Expr, Codec)> {
    let sum = Expr::from(Func::sum(column));
    let plain = Codec { missing: Vec::new(), cast: None, ..codec.clone() };
    let wire = Wire::Int { bits: 64, is_unsigned: false };
    match codec.way {
        Way::Int | Way::IntDecimal => {
            Some((as_integer(backend, sum), Codec::computed(backend, &AttributeType::Int)))
        }
        Way::Scaled(_) => Some((as_integer(backend, sum), Codec { wire, ..plain })),
        Way::Decimal(_) => Some((sum, Codec { cast: codec.cast.clone(), ..plain })),
        _ => None,
    }
}

/// A text that compares and sorts by code points, whatever its column does.
pub fn exact(backend: DbBackend, collation: Collation, text: Expr) -> Expr {
    match (collation, backend) {
        (Collation::Exact, _) => text,
        (_, DbBackend::Postgres) => Expr::cust_with_exprs("($1) COLLATE \"C\"", [text]),
        (_, DbBackend::MySql) => {
            Expr::cust_with_exprs("CONVERT(? USING utf8mb4) COLLATE utf8mb4_nopad_bin", [text])
        }
        _ => Expr::cust_with_exprs("(?) COLLATE BINARY", [text]),
    }
}

/// How many code points a text has.
pub fn length(backend: DbBackend, text: Expr) -> Expr {
    let name = if backend == DbBackend::MySql { "CHAR_LENGTH" } else { "length" };
    Func::cust(name).arg(text).into()
}

/// Whether a text has another one in it.
pub fn contains(backend: DbBackend, text: Expr, wanted: Expr) -> Expr {
    let place = match backend {
        DbBackend::Postgres => Func::cust("strpos").args([text, wanted]),
        _ => Func::cust("instr").args([text, wanted]),
    };
    Expr::from(place).gt(Expr::cust("0"))
}

/// Whether a text starts with another one.
pub fn starts_with(backend: DbBackend, text: Expr, wanted: Expr) -> Expr {
    let length = length(backend, wanted.clone());
    let start = match backend {
        DbBackend::Sqlite => Func::cust("substr").args([text, Expr::cust("1"), length]),
        _ => Func::cust("left").args([text, length]),
    };
    Expr::from(start).eq(wanted)
}

/// Whether a text ends with another one.
pub fn ends_with(backend: DbBackend, text: Expr, wanted: Expr) -> Expr {
    let size = length(backend, wanted.clone());
    let end = match backend {
        DbBackend::Sqlite => {
            // where the end is longer than the text, what is cut off is shorter than the end
            let skipped = length(backend, text.clone()).sub(size);
            Func::cust("substr").args([text, skipped.add(Expr::cust("1"))])
        }
        _ => Func::cust("right").args([text, size]),
    };
    Expr::from(end).eq(wanted)
}
