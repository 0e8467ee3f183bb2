//! Values as names of recorded words.

use caruso_expression::{Money, Type, Value};
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;

use super::calendar;
use super::numerals::{Language, Stands, cardinal};
use crate::words::Format;

/// The words by which a value is said in a language; nothing for values and languages that have
/// none: texts that are not spelled, numbers of a thousand million and more, and languages other
/// than English, Dutch, German and Spanish.
pub(crate) fn names(
    tag: &str,
    value: &Value,
    format: Format,
    zone: &TimeZone,
) -> Option<Vec<String>> {
    let language = Language::of(tag)?;
    match value {
        Value::Text(_) | Value::Int(_) if format == Format::Spelled => {
            signs(language, &value.to_string())
        }
        Value::Bool(value) => Some(vec![yes_or_no(language, *value).to_owned()]),
        Value::Int(number) => decimal(language, Decimal::from(*number), Stands::Alone),
        Value::Decimal(number) => decimal(language, *number, Stands::Alone),
        Value::Money(money) => amount(language, *money),
        Value::Date(date) => calendar::date(language, tag, *date),
        Value::Time(time) => calendar::time(language, *time),
        Value::Instant(at) => {
            let local = at.to_zoned(zone.clone());
            let mut words = calendar::date(language, tag, local.date())?;
            words.extend(calendar::time(language, local.time())?);
            Some(words)
        }
        _ => None,
    }
}

/// Values of a type that together take about all the words that its values can take.
pub(crate) fn samples(ty: &Type, format: Format) -> Vec<Value> {
    let numbers = || (0..=100).chain([101, 200, 300, 400, 500, 600, 700, 800, 900, 1_000, 2_000]);
    let days = || (1..=31).filter_map(|day| Date::new(2026, 1, day).ok());
    let months = || (1..=12).filter_map(|month| Date::new(2026, month, 1).ok());
    let times = || (0..24).filter_map(|hour| Time::new(hour, 2 * hour, 0, 0).ok());
    match ty.present() {
        Type::Text | Type::Int if format == Format::Spelled => (0..10).map(Value::Int).collect(),
        Type::Bool => vec![Value::Bool(true), Value::Bool(false)],
        Type::Int => numbers().map(Value::Int).collect(),
        Type::Decimal => {
            let numbers = numbers().map(|it| Value::Decimal(Decimal::from(it)));
            numbers.chain([Value::Decimal(Decimal::new(15, 1))]).collect()
        }
        Type::Money(Some(currency)) => {
            let money = |amount| Value::Money(Money { amount, currency: *currency });
            let whole = numbers().map(|it| money(Decimal::from(it)));
            whole.chain([101, 102, 1, 2].map(|it| money(Decimal::new(it, 2)))).collect()
        }
        Type::Date => days().chain(months()).map(Value::Date).collect(),
        Type::Time => times().map(Value::Time).collect(),
        _ => Vec::new(),
    }
}

fn yes_or_no(language: Language, value: bool) -> &'static str {
    match (language, value) {
        (Language::English, true) => "yes",
        (Language::Dutch | Language::German, true) => "ja",
        (Language::Spanish, true) => "si",
        (Language::Dutch, false) => "nee",
        (Language::German, false) => "nein",
        (Language::English | Language::Spanish, false) => "no",
    }
}

fn minus(language: Language) -> &'static str {
    match language {
        Language::English | Language::German => "minus",
        Language::Dutch => "min",
        Language::Spanish => "menos",
    }
}

fn point(language: Language) -> &'static str {
    match language {
        Language::English => "point",
        Language::Dutch | Language::German => "komma",
        Language::Spanish => "coma",
    }
}

/// Sign by sign: digits, letters from a to z, plus and minus.
fn signs(language: Language, text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    for sign in text.chars().filter(|it| !it.is_whitespace()) {
        match sign {
            '0'..='9' => {
                let digit = u64::from(sign.to_digit(10)?);
                words.extend(cardinal(language, digit, Stands::Alone)?);
            }
            'a'..='z' | 'A'..='Z' => words.push(format!("letter-{}", sign.to_ascii_lowercase())),
            '+' => words.push("plus".to_owned()),
            '-' => words.push(minus(language).to_owned()),
            _ => return None,
        }
    }
    (!words.is_empty()).then_some(words)
}

fn decimal(language: Language, number: Decimal, stands: Stands) -> Option<Vec<String>> {
    let mut words = Vec::new();
    if number.is_sign_negative() && !number.is_zero() {
        words.push(minus(language).to_owned());
    }
    let digits = number.abs().to_string();
    let (whole, behind) = digits.split_once('.').unwrap_or((&digits, ""));
    let stands = if behind.is_empty() { stands } else { Stands::Alone };
    words.extend(cardinal(language, whole.parse().ok()?, stands)?);
    if !behind.is_empty() {
        words.push(point(language).to_owned());
        words.extend(signs(language, behind)?);
    }
    Some(words)
}

/// An amount. Euros have cents; of other currencies the number is said, then the code.
fn amount(language: Language, money: Money) -> Option<Vec<String>> {
    let amount = money.amount.normalize();
    if money.currency.code() != "EUR" || amount.scale() > 2 {
        let mut words = decimal(language, amount, Stands::Alone)?;
        words.push(money.currency.code().to_ascii_lowercase());
        return Some(words);
    }
    let all = u64::try_from((amount.abs() * Decimal::ONE_HUNDRED).trunc()).ok()?;
    let (euros, cents) = (all / 100, all % 100);
    let mut words = Vec::new();
    if amount.is_sign_negative() && !amount.is_zero() {
        words.push(minus(language).to_owned());
    }
    if euros > 0 || cents == 0 {
        words.extend(cardinal(language, euros, Stands::Before)?);
        words.push(if has_plural(language) && euros != 1 { "euros" } else { "euro" }.to_owned());
    }
    if cents == 0 {
        return Some(words);
    }
    // twelve euros fifty needs no cents where it is said so
    let is_short = euros > 0 && language != Language::English;
    words.extend((language == Language::Spanish && euros > 0).then(|| "con".to_owned()));
    let stands = if is_short { Stands::Alone } else { Stands::Before };
    words.extend(cardinal(language, cents, stands)?);
    words.extend((!is_short).then(|| cent(language, cents).to_owned()));
    Some(words)
}

fn has_plural(language: Language) -> bool {
    matches!(language, Language::English | Language::Spanish)
}

fn cent(language: Language, count: u64) -> &'static str {
    match (language, count) {
        (Language::Dutch | Language::German, _) | (Language::English, 1) => "cent",
        (Language::English, _) => "cents",
        (Language::Spanish, 1) => "centimo",
        (Language::Spanish, _) => "centimos",
    }
}
