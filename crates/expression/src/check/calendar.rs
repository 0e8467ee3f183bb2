//! Functions and operators of the calendar and the clock: which types they take and give.

use super::calls::{Call, lifted};
use super::{Checker, shown};
use crate::Error;
use crate::calendar::{date_of, duration_of, instant_of, time_of, zone_of};
use crate::tree::{Kind, Literal, Node};
use crate::typed::{Arithmetic, Function, Part, Typed, TypedKind};
use crate::types::Type;
use crate::value::Value;

/// One way to call a function: its name, the type before the dot, those in the parentheses, what it
/// gives.
type Signature = (&'static str, Option<Of>, &'static [Of], Of, Function);

/// The types that these functions know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    Int,
    Text,
    Date,
    Time,
    Instant,
    Duration,
    Period,
}

impl Of {
    fn ty(self) -> Type {
        match self {
            Self::Int => Type::Int,
            Self::Text => Type::Text,
            Self::Date => Type::Date,
            Self::Time => Type::Time,
            Self::Instant => Type::Instant,
            Self::Duration => Type::Duration,
            Self::Period => Type::Period,
        }
    }

    fn is(self, ty: &Type) -> bool {
        self.ty() == *ty
    }
}

const fn period(name: &'static str, months: i64, days: i64) -> Signature {
    (name, None, &[Of::Int], Of::Period, Function::Period { months, days })
}

const fn duration(name: &'static str, seconds: i64) -> Signature {
    (name, None, &[Of::Int], Of::Duration, Function::Duration { seconds })
}

const fn part(name: &'static str, of: Of, part: Part) -> Signature {
    (name, Some(of), &[], Of::Int, Function::Part(part))
}

const fn part_in(name: &'static str, part: Part) -> Signature {
    (name, Some(Of::Instant), &[Of::Text], Of::Int, Function::Part(part))
}

static SIGNATURES: [Signature; 49] = [
    period("days", 0, 1),
    period("weeks", 0, 7),
    period("months", 1, 0),
    period("years", 12, 0),
    duration("seconds", 1),
    duration("minutes", 60),
    duration("hours", 3600),
    ("date", None, &[Of::Text], Of::Date, Function::ToDate),
    ("time", None, &[Of::Text], Of::Time, Function::ToTime),
    ("timestamp", None, &[Of::Text], Of::Instant, Function::ToInstant),
    ("timestamp", None, &[Of::Int], Of::Instant, Function::ToInstant),
    ("timestamp", None, &[Of::Instant], Of::Instant, Function::ToInstant),
    ("duration", None, &[Of::Text], Of::Duration, Function::ToDuration),
    ("duration", None, &[Of::Duration], Of::Duration, Function::ToDuration),
    ("date", Some(Of::Instant), &[Of::Text], Of::Date, Function::DateIn),
    ("time", Some(Of::Instant), &[Of::Text], Of::Time, Function::TimeIn),
    ("at", Some(Of::Date), &[Of::Time, Of::Text], Of::Instant, Function::At),
    part("year", Of::Date, Part::Year),
    part("month", Of::Date, Part::Month),
    part("day", Of::Date, Part::Day),
    part("weekday", Of::Date, Part::Weekday),
    part("hour", Of::Time, Part::Hours),
    part("minute", Of::Time, Part::Minutes),
    part("second", Of::Time, Part::Seconds),
    part("getFullYear", Of::Instant, Part::Year),
    part_in("getFullYear", Part::Year),
    part("getMonth", Of::Instant, Part::Month0),
    part_in("getMonth", Part::Month0),
    part("getDate", Of::Instant, Part::Day),
    part_in("getDate", Part::Day),
    part("getDayOfMonth", Of::Instant, Part::Day0),
    part_in("getDayOfMonth", Part::Day0),
    part("getDayOfWeek", Of::Instant, Part::Weekday0),
    part_in("getDayOfWeek", Part::Weekday0),
    part("getDayOfYear", Of::Instant, Part::DayOfYear0),
    part_in("getDayOfYear", Part::DayOfYear0),
    part("getHours", Of::Instant, Part::Hours),
    part_in("getHours", Part::Hours),
    part("getHours", Of::Duration, Part::Hours),
    part("getMinutes", Of::Instant, Part::Minutes),
    part_in("getMinutes", Part::Minutes),
    part("getMinutes", Of::Duration, Part::Minutes),
    part("getSeconds", Of::Instant, Part::Seconds),
    part_in("getSeconds", Part::Seconds),
    part("getSeconds", Of::Duration, Part::Seconds),
    part("getMilliseconds", Of::Instant, Part::Milliseconds),
    part_in("getMilliseconds", Part::Milliseconds),
    part("getMilliseconds", Of::Duration, Part::Milliseconds),
    part("getMilliseconds", Of::Time, Part::Milliseconds),
];

/// The ways to call a function or a method of this name.
fn signatures(name: &str, is_method: bool) -> impl Iterator<Item = &'static Signature> {
    SIGNATURES.iter().filter(move |it| it.0 == name && it.1.is_some() == is_method)
}

/// The names of functions, or of methods.
pub(super) fn names(are_methods: bool) -> impl Iterator<Item = &'static str> {
    SIGNATURES.iter().filter(move |it| it.1.is_some() == are_methods).map(|it| it.0)
}

pub(super) fn has(name: &str, is_method: bool) -> bool {
    signatures(name, is_method).next().is_some()
}

/// True for the types whose arithmetic is here.
pub(super) fn is_of_calendar(ty: &Type) -> bool {
    use Type::{Date, Duration, Instant, Period, Time};
    matches!(ty, Date | Time | Instant | Duration | Period)
}

impl Checker<'_> {
    /// A function or method of the calendar; there is one of this name.
    pub(super) fn calendar(
        &mut self,
        call: &Call<'_>,
        receiver: Option<&Node>,
    ) -> Option<(Type, TypedKind)> {
        let typed_receiver = match receiver {
            Some(receiver) => Some(self.value(receiver, None)?),
            None => None,
        };
        let before = typed_receiver.as_ref().map(|typed| typed.ty.present());
        let is_before = |it: &&Signature| match (it.1, before) {
            (Some(wanted), Some(before)) => wanted.is(before),
            (wanted, before) => wanted.is_none() && before.is_none(),
        };
        let fitting: Vec<_> = signatures(call.name, receiver.is_some()).filter(is_before).collect();
        if let (Some(receiver), Some(before), []) = (receiver, before, &fitting[..]) {
            return self.fail(not_of(call, receiver, before));
        }
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for (index, argument) in call.arguments.iter().enumerate() {
            let wanted = fitting.iter().find_map(|it| it.2.get(index));
            let wanted = wanted.filter(|it| **it != Of::Text).map(|it| it.ty());
            arguments.push(self.value(argument, wanted.as_ref())?);
        }
        let is_fitting = |way: &&&Signature| {
            let given = arguments.iter().map(|it| it.ty.present());
            way.2.len() == arguments.len() && way.2.iter().zip(given).all(|(it, ty)| it.is(ty))
        };
        let Some((_, _, wanted, of, function)) = fitting.iter().find(is_fitting) else {
            return self.fail(unfitting(call, &fitting, &arguments));
        };
        let all: Vec<Typed> = typed_receiver.into_iter().chain(arguments).collect();
        let ty = all.iter().fold(of.ty(), lifted);
        self.sound(call, *function, wanted)?;
        Some((ty, TypedKind::Call(*function, all)))
    }

    /// What is written out means something.
    fn sound(&mut self, call: &Call<'_>, function: Function, wanted: &[Of]) -> Option<()> {
        let text = |node: &Node| match &node.kind {
            Kind::Literal(Literal::Text(text)) => Some(text.clone()),
            _ => None,
        };
        let last = call.arguments.last();
        let Some((node, text)) = last.and_then(|node| Some((node, text(node)?))) else {
            return Some(());
        };
        let ty = match function {
            Function::ToDate => Type::Date,
            Function::ToTime => Type::Time,
            Function::ToInstant => Type::Instant,
            Function::ToDuration => Type::Duration,
            _ if wanted.last() == Some(&Of::Text) && zone_of(&text).is_none() => {
                let error = Error::type_(&node.at, format!("there is no time zone `{text}`"));
                return self.fail(error.hint("write it as 'Europe/Amsterdam' or '+02:00'"));
            }
            _ => return Some(()),
        };
        self.calendar_literal(node, &text, &ty).map(drop)
    }

    /// What a text means at the place of a date, a time, an instant or a duration.
    pub(super) fn calendar_literal(&mut self, node: &Node, text: &str, ty: &Type) -> Option<Value> {
        let (value, example) = match ty {
            Type::Date => (date_of(text), "2026-01-31"),
            Type::Time => (time_of(text), "13:45"),
            Type::Duration => (duration_of(text), "1h30m, with h, m, s and ms"),
            _ => (instant_of(text).map(Value::Instant), "2026-01-31T13:45:00Z"),
        };
        if value.is_none() {
            let article = if *ty == Type::Instant { "an" } else { "a" };
            let error = Error::type_(&node.at, format!("`{text}` is not {article} {ty}"));
            return self.fail(error.hint(format!("write it as {example}")));
        }
        value
    }

    /// `+` and `-` where one side is of the calendar or the clock.
    pub(super) fn calendar_arithmetic(
        &mut self,
        node: &Node,
        how: Arithmetic,
        left: Typed,
        right: Typed,
    ) -> Option<(Type, TypedKind)> {
        use Type::{Date, Duration, Instant, Int, Period};
        let (a, b) = (left.ty.present(), right.ty.present());
        let ty = match (how, a, b) {
            (Arithmetic::Add | Arithmetic::Subtract, Date, Period)
            | (Arithmetic::Add, Period, Date) => Date,
            (Arithmetic::Subtract, Date, Date) => Int,
            (Arithmetic::Add | Arithmetic::Subtract, Period, Period) => Period,
            (Arithmetic::Add | Arithmetic::Subtract, Instant, Duration)
            | (Arithmetic::Add, Duration, Instant) => Instant,
            (Arithmetic::Subtract, Instant, Instant)
            | (Arithmetic::Add | Arithmetic::Subtract, Duration, Duration) => Duration,
            _ => {
                let error = Error::type_(&node.at, format!("{a} and {b} do not compute this way"));
                let is_sum = matches!(how, Arithmetic::Add | Arithmetic::Subtract);
                let is_one = |ty: &Type| is_sum && (a == ty || b == ty);
                return self.fail(match () {
                    () if is_one(&Instant) && is_one(&Period) => {
                        error.hint("a day has no fixed length: take `instant.date(zone)` first")
                    }
                    () if is_one(&Date) && is_one(&Duration) => {
                        error.hint("a date has no clock: take `date.at(time, zone)` first")
                    }
                    () if is_one(&Date) && is_one(&Int) => error.hint("write `days(…)`"),
                    () => error,
                });
            }
        };
        let ty = lifted(lifted(ty, &left), &right);
        Some((ty, TypedKind::Arithmetic(how, Box::new(left), Box::new(right))))
    }
}

/// A method of something else.
fn not_of(call: &Call<'_>, receiver: &Node, ty: &Type) -> Error {
    let of = signatures(call.name, true).filter_map(|it| Some(it.1?.ty().to_string()));
    let mut of: Vec<String> = of.collect();
    of.dedup();
    let message = format!("{} is {ty} and has no `{}`", shown(receiver), call.name);
    Error::type_(call.name_at, message).hint(format!("it is asked of: {}", of.join(", ")))
}

/// No way to call a function takes these arguments.
fn unfitting(call: &Call<'_>, known: &[&Signature], given: &[Typed]) -> Error {
    let ways = known.iter().map(|(name, _, wanted, ..)| {
        let wanted: Vec<String> = wanted.iter().map(|it| it.ty().to_string()).collect();
        format!("{name}({})", wanted.join(", "))
    });
    let ways: Vec<String> = ways.collect();
    let given: Vec<String> = given.iter().map(|typed| typed.ty.to_string()).collect();
    let message = format!("`{}` does not take ({})", call.name, given.join(", "));
    Error::type_(call.name_at, message).hint(format!("it takes: {}", ways.join(" or ")))
}
