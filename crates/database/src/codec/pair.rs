//! Values that stand in two columns: instants by their day and their time of day, money by its
//! amount and its currency.
//!
//! To statements an instant is one number ([`Way::Moment`]), which compares, sorts and is
//! aggregated like every other value; NULL where the pair means none. Money stays two values.

use caruso_expression::{Currency, Money, Value};
use caruso_object_model::{Attribute, AttributeType, Clock, Digits, day_and_time};
use jiff::tz::TimeZone;
use sea_orm::DbBackend;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait, Func, Value as Cell};

use super::clock::{DAY, SECOND, time_of};
use super::{Codec, Digital, Place, Way};
use crate::dialect;
use crate::physical::Collation;
use crate::raw::{Unreadable, Wire};

/// How two columns make one value.
#[derive(Debug, Clone)]
pub enum Pair {
    /// A day and a time of day, as the clocks of a zone showed them.
    Moment(Moment),
    /// An amount, and the code of its currency.
    Money,
}

/// Days and times of day as instants.
#[derive(Debug, Clone)]
pub struct Moment {
    zone: TimeZone,
}

impl Pair {
    /// How the columns of an attribute make its value; `None` where there is only one.
    pub fn of(attribute: &Attribute) -> Option<Self> {
        attribute.second.as_ref()?;
        Some(match attribute.ty {
            AttributeType::Money { .. } => Self::Money,
            _ => Self::Moment(Moment { zone: attribute.zone() }),
        })
    }

    /// The value of both. Without a day or an amount there is none, whatever the other column says.
    ///
    /// # Errors
    ///
    /// [`Unreadable`] when one of them is, when a day has no time or an amount no currency, where
    /// the clocks of the zone never showed this, and when there is no such currency.
    pub fn value(
        &self,
        first: &Result<Value, Unreadable>,
        second: &Result<Value, Unreadable>,
    ) -> Result<Value, Unreadable> {
        match (self, first, second) {
            (_, Ok(Value::Null), _) => Ok(Value::Null),
            (Self::Moment(moment), Ok(Value::Date(day)), Ok(Value::Int(micros))) => {
                let at = time_of(*micros).map(|time| day.to_datetime(time)).ok_or(Unreadable)?;
                super::instant(&moment.zone, at).ok_or(Unreadable)
            }
            (Self::Money, Ok(Value::Decimal(amount)), Ok(Value::Text(code))) => {
                let currency = Currency::of(code).ok_or(Unreadable)?;
                Ok(Value::Money(Money { amount: *amount, currency }))
            }
            _ => Err(Unreadable),
        }
    }

    /// The parts of a value; `None` when it is of another kind.
    pub fn split(&self, value: &Value) -> Option<[Value; 2]> {
        match (self, value) {
            (Self::Moment(moment), Value::Instant(at)) => {
                let (day, micros) = day_and_time(&moment.zone, *at);
                Some([Value::Date(day), Value::Int(micros)])
            }
            (Self::Money, Value::Money(money)) => {
                Some([Value::Decimal(money.amount), Value::from(money.currency.code())])
            }
            _ => None,
        }
    }
}

impl Moment {
    /// How the one value is written that statements make of both columns.
    pub fn codec(&self) -> Codec {
        Codec {
            ty: AttributeType::Instant,
            way: Way::Moment(self.zone.clone()),
            wire: Wire::Int { bits: 64, is_unsigned: false },
            missing: Vec::new(),
            is_padded: false,
            cast: None,
            collation: Collation::Exact,
        }
    }

    /// The day at which a value stands among the days of the column: whatever is before it is not
    /// on a later day, and whatever is after it not on an earlier one. `None` when none is such.
    pub fn day(&self, value: &Value) -> Option<Value> {
        let Place::At(Cell::BigInt(Some(number)), _) = self.codec().place(value) else {
            return None;
        };
        super::clock::moment_of(number).map(|at| Value::Date(at.date()))
    }

    /// Both columns as one value of an expression, and how it is written there.
    pub fn operand(
        &self,
        backend: DbBackend,
        (day, day_codec): (Expr, &Codec),
        (time, time_codec): (Expr, &Codec),
    ) -> (Expr, Codec) {
        let sql = Sql { backend };
        let number = sql.day(&day_codec.way, trimmed(day_codec, day.clone()));
        let micros = sql.micros(&time_codec.way, trimmed(time_codec, time));
        let part = |divisor: i64| sql.part(number.clone(), divisor, 100);
        let mut is_one = number
            .clone()
            .between(constant(101), constant(99_991_231))
            .and(part(100).between(constant(1), constant(12)))
            .and(part(1).between(constant(1), constant(31)))
            .and(micros.clone().is_not_null());
        let missing = day_codec.missing().into_iter();
        let missing: Vec<Expr> = missing.map(|cell| dialect::parameter(day_codec, cell)).collect();
        if !missing.is_empty() {
            is_one = is_one.and(exact(backend, day_codec, day).is_not_in(missing));
        }
        let number = dialect::as_integer(backend, number);
        let moment = number.mul(constant(DAY)).add(micros);
        (CaseStatement::new().case(is_one, moment).into(), self.codec())
    }
}

fn constant(number: i64) -> Expr {
    Expr::cust(number.to_string())
}

fn trimmed(codec: &Codec, text: Expr) -> Expr {
    if codec.is_padded { Func::cust("rtrim").arg(text).into() } else { text }
}

fn exact(backend: DbBackend, codec: &Codec, expr: Expr) -> Expr {
    if codec.is_text() { dialect::exact(backend, codec.collation(), expr) } else { expr }
}

/// Days and times of day as numbers. No cell makes a statement fail, whatever stands in it: what
/// has not the form of one is NULL.
struct Sql {
    backend: DbBackend,
}

impl Sql {
    /// The digits of a day, `20240131`.
    fn day(&self, way: &Way, day: Expr) -> Expr {
        let number = match (way, self.backend) {
            (Way::Date, DbBackend::Postgres) => {
                let digits = Func::cust("to_char").args([day, "YYYYMMDD".into()]);
                return dialect::as_integer(self.backend, digits.into());
            }
            (Way::Date, _) => {
                let digits = Func::cust("DATE_FORMAT").args([day, "%Y%m%d".into()]);
                return dialect::as_integer(self.backend, digits.into());
            }
            (Way::DateText, _) => return self.number(day, "0000-00-00"),
            (Way::DateDigits(Digits::Yymmdd { .. }, Digital::Text), _) => {
                self.number(day, "000000")
            }
            (Way::DateDigits(_, Digital::Text), _) => self.number(day, "00000000"),
            _ => self.between(day, 99_999_999),
        };
        let part = |divisor: i64, modulus: i64| self.part(number.clone(), divisor, modulus);
        match way {
            Way::DateDigits(Digits::Ddmmyyyy, _) => {
                let month_and_day = part(10_000, 100).mul(constant(100)).add(part(1_000_000, 100));
                part(1, 10_000).mul(constant(10_000)).add(month_and_day)
            }
            Way::DateDigits(Digits::Yymmdd { pivot }, _) => {
                let first = i64::from(*pivot) * 10_000;
                let day = self.between(number.clone(), 991_231);
                let is_old = number.gte(constant(first));
                let old = day.clone().add(constant(19_000_000));
                let new = day.add(constant(20_000_000));
                CaseStatement::new().case(is_old, old).finally(new).into()
            }
            _ => number,
        }
    }

    /// The microseconds since midnight.
    fn micros(&self, way: &Way, time: Expr) -> Expr {
        match way {
            Way::Time => self.micros_of_time(time),
            Way::TimeMinute => self.micros_of_digits(self.number(time, "00:00"), Clock::Hhmm),
            Way::TimeDigits(clock, Digital::Text) => {
                let shape = if *clock == Clock::Hhmm { "0000" } else { "000000" };
                self.micros_of_digits(self.number(time, shape), *clock)
            }
            Way::TimeDigits(clock, Digital::Number) => {
                self.micros_of_digits(self.between(time, 235_959), *clock)
            }
            _ => {
                let whole = |text| self.micros_of_digits(text, Clock::Hhmmss);
                let from = |first: i64, length: i64| {
                    Func::cust("substr").args([time.clone(), constant(first), constant(length)])
                };
                let rest = self.number(from(10, 6).into(), "000000");
                let long = whole(self.number(from(1, 8).into(), "00:00:00")).add(rest.clone());
                let is_long = self.is_like(time.clone(), "00:00:00.000000");
                CaseStatement::new()
                    .case(is_long.and(rest.gt(constant(0))), long)
                    .finally(whole(self.number(time.clone(), "00:00:00")))
                    .into()
            }
        }
    }

    fn micros_of_time(&self, time: Expr) -> Expr {
        let micros = if self.backend == DbBackend::Postgres {
            let micros = Expr::cust_with_exprs("EXTRACT(EPOCH FROM $1) * 1000000", [time.clone()]);
            dialect::as_integer(self.backend, micros)
        } else {
            let part = |name: &'static str| Expr::from(Func::cust(name).arg(time.clone()));
            let minutes = part("HOUR").mul(constant(60)).add(part("MINUTE"));
            let seconds = minutes.mul(constant(60)).add(part("SECOND"));
            seconds.mul(constant(SECOND)).add(part("MICROSECOND"))
        };
        // 24:00 is a time to PostgreSQL; to MariaDB those of several days are, and negative ones
        let is_one = time
            .clone()
            .gte(Expr::cust("TIME '00:00:00'"))
            .and(time.lt(Expr::cust("TIME '24:00:00'")));
        CaseStatement::new().case(is_one, micros).into()
    }

    fn micros_of_digits(&self, number: Expr, clock: Clock) -> Expr {
        let at = if clock == Clock::Hhmm { 1 } else { 100 };
        let part = |divisor: i64, modulus: i64| self.part(number.clone(), divisor, modulus);
        let (hour, minute) = (part(at * 100, 10_000), part(at, 100));
        let mut is_one = hour.clone().lt(constant(24)).and(minute.clone().lt(constant(60)));
        let mut seconds = hour.mul(constant(60)).add(minute).mul(constant(60));
        if clock == Clock::Hhmmss {
            is_one = is_one.and(part(1, 100).lt(constant(60)));
            seconds = seconds.add(part(1, 100));
        }
        CaseStatement::new().case(is_one, seconds.mul(constant(SECOND))).into()
    }

    /// Some decimal digits of a number.
    fn part(&self, number: Expr, divisor: i64, modulus: i64) -> Expr {
        let divided = match (divisor, self.backend) {
            (1, _) => number,
            (_, DbBackend::MySql) => Expr::cust_with_exprs(format!("(?) DIV {divisor}"), [number]),
            _ => number.div(constant(divisor)),
        };
        divided.modulo(constant(modulus))
    }

    /// A number from 0 on that is not larger than another one, as a whole one.
    fn between(&self, number: Expr, most: i64) -> Expr {
        let is_one = number.clone().between(constant(0), constant(most));
        CaseStatement::new().case(is_one, dialect::as_integer(self.backend, number)).into()
    }

    /// The digits of a text that has them where a shape has a 0.
    fn number(&self, text: Expr, shape: &str) -> Expr {
        let mut digits = text.clone();
        for mark in ["-", ":"].into_iter().filter(|mark| shape.contains(mark)) {
            digits = Func::cust("replace").args([digits, mark.into(), "".into()]).into();
        }
        let number = dialect::as_integer(self.backend, digits);
        CaseStatement::new().case(self.is_like(text, shape), number).into()
    }

    /// Whether a text has a digit wherever a shape has a 0, and is the shape elsewhere.
    fn is_like(&self, text: Expr, shape: &str) -> Expr {
        let pattern = |dot: &str| shape.replace('0', "[0-9]").replace('.', dot);
        let length = dialect::length(self.backend, text.clone()).eq(constant(shape.len() as i64));
        let is_like = match self.backend {
            DbBackend::Postgres => format!("$1 ~ '^{}$'", pattern("[.]")),
            DbBackend::MySql => format!("? REGEXP '^{}$'", pattern("[.]")),
            _ => format!("? GLOB '{}'", pattern(".")),
        };
        length.and(Expr::cust_with_exprs(is_like, [text]))
    }
}
