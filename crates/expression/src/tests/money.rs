//! Amounts with their currencies.

use std::collections::BTreeMap;

use proptest::prelude::*;
use rust_decimal::Decimal;

use crate::{Budget, Currency, EvalError, Money, Schema, Type, Value, check, parse};

fn euro() -> Currency {
    Currency::of("EUR").expect("it is one")
}

fn money(text: &str) -> Value {
    Value::Money(text.parse().expect("money"))
}

/// Amounts in euro, in any currency, and one that may be missing.
fn schema() -> BTreeMap<String, Type> {
    BTreeMap::from([
        ("total".to_owned(), Type::Money(Some(euro()))),
        ("paid".to_owned(), Type::Money(None)),
        ("fee".to_owned(), Type::Money(Some(euro())).optional()),
        ("count".to_owned(), Type::Int),
        ("rate".to_owned(), Type::Decimal),
        ("text".to_owned(), Type::Text),
    ])
}

fn values() -> BTreeMap<String, Value> {
    BTreeMap::from([
        ("total".to_owned(), money("12.50 EUR")),
        ("paid".to_owned(), money("12.50 USD")),
        ("count".to_owned(), Value::Int(3)),
        ("rate".to_owned(), Value::Decimal("0.21".parse().expect("a number"))),
        ("text".to_owned(), Value::from("7 CHF")),
    ])
}

fn evaluated(text: &str) -> Result<Value, EvalError> {
    let expression = parse(text).expect(text);
    let checked = check(&expression, &schema() as &dyn Schema, None);
    let checked = checked.unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
    checked.evaluate(&values(), Budget::default())
}

fn mistake(text: &str) -> String {
    let expression = parse(text).expect(text);
    let errors = check(&expression, &schema() as &dyn Schema, None).expect_err(text);
    let hint = errors[0].hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("{}{hint}", errors[0].message)
}

#[test]
fn money_is_an_amount_and_a_currency() {
    let table = [
        ("money('12.50 EUR')", money("12.50 EUR")),
        ("money(text)", money("7 CHF")),
        ("total.amount", Value::Decimal(Decimal::new(1_250, 2))),
        ("total.currency", "EUR".into()),
        ("money('-0.05 JPY').currency", "JPY".into()),
        ("string(total)", "12.50 EUR".into()),
        ("fee.or('1 EUR')", money("1 EUR")),
        ("has(fee) ? fee.amount : 0.0", Value::Decimal(Decimal::new(0, 1))),
    ];
    for (text, value) in table {
        assert_eq!(evaluated(text), Ok(value), "{text}");
    }
}

#[test]
fn sums_are_of_one_currency_and_nothing_is_rounded() {
    let table = [
        ("total + money('0.055 EUR')", Ok(money("12.555 EUR"))),
        ("total - '2.50 EUR'", Err("money in EUR and text do not compute this way")),
        ("total - money('20 EUR')", Ok(money("-7.50 EUR"))),
        ("-total", Ok(money("-12.50 EUR"))),
        ("total * count", Ok(money("37.50 EUR"))),
        ("rate * total", Ok(money("2.6250 EUR"))),
        ("total / 4", Ok(money("3.125 EUR"))),
        ("total / rate", Err("too fine")),
        ("total / count", Err("too fine")),
        ("total / 0", Err("division by zero")),
        ("total + paid", Err("two currencies do not add up")),
        ("paid - money('1 USD')", Ok(money("11.50 USD"))),
    ];
    for (text, expected) in table {
        match expected {
            Ok(value) => assert_eq!(evaluated(text), Ok(value), "{text}"),
            Err(words) if words.contains("compute") => {
                assert!(mistake(text).contains(words), "{text}: {}", mistake(text));
            }
            Err(words) => {
                let error = evaluated(text).expect_err(text).to_string();
                assert!(error.contains(words), "{text}: {error}");
            }
        }
    }
}

#[test]
fn different_currencies_are_not_equal_and_have_no_order() {
    for (text, outcome) in [
        ("total eq paid", false),
        ("total ne paid", true),
        ("total lt paid", false),
        ("total le paid", false),
        ("total gt paid", false),
        ("total ge paid", false),
        ("paid in [money('12.5 USD'), money('1 EUR')]", true),
        ("paid in [money('12.5 EUR')]", false),
        ("total eq '12.5 EUR'", true),
        ("'12.49 EUR' lt total", true),
    ] {
        assert_eq!(evaluated(text), Ok(Value::Bool(outcome)), "{text}");
    }
}

#[test]
fn what_cannot_be_is_found_before_it_runs() {
    let table = [
        ("total eq money('1 USD')", "money in EUR does not compare with money in USD"),
        ("total gt '1 USD'", "money in EUR does not compare with money in USD"),
        ("total + money('1 USD')", "money in EUR and money in USD do not compute this way"),
        ("total + 1", "(money is added to money: `money('12.50 EUR')`)"),
        ("total * total", "do not compute this way"),
        ("total % 2", "do not compute this way"),
        ("2 / total", "do not compute this way"),
        ("total gt 1", "money in EUR does not compare with int"),
        ("money('1 XQX')", "`1 XQX` is not money (`XQX` is no currency of ISO 4217)"),
        ("money('EUR 1')", "(write it as 12.50 EUR)"),
        ("money(1)", "`1` is int and has no amount of money"),
        ("total.amuont", "money has no `amuont` (did you mean `amount`?)"),
        ("fee.amount", "may be missing"),
    ];
    for (text, expected) in table {
        let found = mistake(text);
        assert!(found.contains(expected), "{text}: {found}");
    }
}

#[test]
fn texts_that_are_no_money_are_refused() {
    for text in [
        "",
        " ",
        "EUR",
        "1",
        "1EUR",
        "1  EUR",
        " 1 EUR",
        "1 EUR ",
        "1 eur",
        "1 EURO",
        "1_0 EUR",
        "+1 EUR",
        "--1 EUR",
        "1. EUR",
        ".5 EUR",
        "1,5 EUR",
        "1e3 EUR",
        "0x1 EUR",
        "1 XXX",
        "1.2.3 EUR",
        "99999999999999999999999999999999 EUR",
        "1\u{a0}EUR",
        "١ EUR",
    ] {
        assert!(text.parse::<Money>().is_err(), "{text:?}");
    }
    let codes: Vec<&str> = Currency::codes().collect();
    assert!(codes.is_sorted() && codes.iter().all(|code| code.len() == 3));
}

proptest! {
    #[test]
    fn money_is_read_as_it_is_written(
        mantissa in any::<i64>(),
        scale in 0_u32..10,
        at in 0_usize..167,
    ) {
        let code = Currency::codes().nth(at).expect("a code");
        let currency = Currency::of(code).expect("it is one");
        let amount = Decimal::new(mantissa, scale);
        let read: Money = Money { amount, currency }.to_string().parse().expect("money");
        prop_assert_eq!(read, Money { amount, currency });
    }

    #[test]
    fn no_text_makes_money_panic(text in ".*") {
        let _ = text.parse::<Money>();
    }

    #[test]
    fn a_quotient_is_exact_or_none(amount in any::<i32>(), divisor in -1_000_i64..1_000) {
        let left = Value::Money(Money { amount: Decimal::new(amount.into(), 2), currency: euro() });
        let schema = BTreeMap::from([
            ("a".to_owned(), Type::Money(None)),
            ("n".to_owned(), Type::Int),
        ]);
        let values = BTreeMap::from([
            ("a".to_owned(), left.clone()),
            ("n".to_owned(), Value::Int(divisor)),
        ]);
        let expression = parse("a / n * n").expect("it parses");
        let checked = check(&expression, &schema, None).expect("it checks");
        if let Ok(back) = checked.evaluate(&values, Budget::default()) {
            prop_assert_eq!(back.compare(&left), Some(std::cmp::Ordering::Equal));
        }
    }
}
