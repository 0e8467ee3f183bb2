use std::cmp::Ordering;
use std::sync::Arc;

use caruso_expression::{Choice, Currency, Money, Value};
use caruso_object_model::{
    AttributeType, Clock, Digits, EnumValue, Enumeration, EpochUnit, Form, Stored, WrittenMoney,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use proptest::prelude::*;
use rust_decimal::Decimal;
use sea_orm::DbBackend;

use super::encode::Place;
use super::{Codec, Pair, Raw, Unreadable};
use crate::physical::{Collation, Physical};

const INT: Physical = Physical::Int { bits: 64, is_unsigned: false };
const TEXT: Physical =
    Physical::Text { length: None, is_padded: false, collation: Collation::Exact };

fn form(form: Form) -> Stored {
    Stored { form, ..Stored::default() }
}

fn form_of(money: WrittenMoney) -> Stored {
    form(Form::Money(money))
}

fn codec(ty: AttributeType, stored: &Stored, physical: &Physical) -> Codec {
    Codec::resolve(DbBackend::Postgres, &ty, stored, physical, "column").expect("it fits")
}

fn amsterdam(form: Form) -> Stored {
    let zone = TimeZone::get("Europe/Amsterdam").expect("it is bundled");
    Stored { form, zone: Some(zone), ..Stored::default() }
}

/// One codec of every way that has cells in an order.
fn ordered() -> Vec<Codec> {
    let digits = form(Form::Digits(Digits::Yyyymmdd));
    let moments = Form::Digits(Digits::Yyyymmddhhmmss);
    vec![
        codec(AttributeType::Int, &Stored::default(), &INT),
        codec(
            AttributeType::Int,
            &Stored::default(),
            &Physical::Int { bits: 16, is_unsigned: false },
        ),
        codec(AttributeType::Decimal(2), &Stored::default(), &INT),
        codec(AttributeType::Int, &form(Form::Padded(6)), &TEXT),
        codec(AttributeType::Date, &digits, &INT),
        codec(AttributeType::Date, &digits, &TEXT),
        codec(AttributeType::Date, &Stored::default(), &TEXT),
        codec(AttributeType::Date, &form(Form::JulianDay), &INT),
        codec(AttributeType::Instant, &Stored::default(), &TEXT),
        codec(AttributeType::Instant, &Stored::default(), &Physical::DateTime),
        codec(AttributeType::Instant, &amsterdam(Form::Native), &Physical::DateTime),
        codec(AttributeType::Instant, &amsterdam(Form::Native), &TEXT),
        codec(AttributeType::Instant, &amsterdam(moments), &INT),
        codec(AttributeType::Instant, &form(Form::Epoch(EpochUnit::Seconds)), &INT),
        codec(AttributeType::Instant, &form(Form::Epoch(EpochUnit::Milliseconds)), &INT),
        moment(),
    ]
}

fn instants() -> impl Strategy<Value = Timestamp> {
    // the hours around the night in which clocks are set back (01:00 UTC), and any time
    let start = 1_761_438_600_000_000_i64;
    prop_oneof![
        (0..9_000_000_000_i64).prop_map(move |micros| start + micros),
        (0..9_000_i64).prop_map(move |seconds| start + seconds * 1_000_000),
        -60_000_000_000_000_000..100_000_000_000_000_000_i64,
    ]
    .prop_map(|micros| Timestamp::from_microsecond(micros).expect("it is in range"))
}

fn values(ty: &AttributeType) -> BoxedStrategy<Value> {
    let numbers = || {
        prop_oneof![
            (-120_000..120_000_i64).prop_map(|number| Value::Decimal(Decimal::new(number, 3))),
            (-40_000..40_000_i64).prop_map(Value::Int),
            any::<i64>().prop_map(Value::Int),
        ]
    };
    match ty {
        AttributeType::Date => (0..3_650_000_i64)
            .prop_map(|days| {
                let span = jiff::Span::new().days(days);
                Value::Date(jiff::civil::date(1, 1, 1).checked_add(span).expect("a day"))
            })
            .boxed(),
        AttributeType::Instant => (instants(), 0..2_000_i32)
            .prop_map(|(at, nanos)| {
                Value::Instant(at + jiff::SignedDuration::from_nanos(i64::from(nanos / 1_999)))
            })
            .boxed(),
        _ => numbers().boxed(),
    }
}

/// The order of cells as a database has it.
fn cells(left: &Raw, right: &Raw) -> Option<Ordering> {
    match (left, right) {
        (Raw::Int(left), Raw::Int(right)) => Some(left.cmp(right)),
        (Raw::Text(left), Raw::Text(right)) => Some(left.cmp(right)),
        (Raw::DateTime(left), Raw::DateTime(right)) => Some(left.cmp(right)),
        _ => None,
    }
}

#[test]
fn a_cell_that_reads_as_a_value_is_what_writing_the_value_gives() {
    for codec in ordered() {
        // a runner counts its cases over all its runs
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let held = runner.run(&values(&codec.ty), |value| {
            let Some(raw) = codec.raw(&value) else { return Ok(()) };
            if codec.wire.cell(raw.clone()).is_none() {
                return Ok(());
            }
            let read = codec.value(raw.clone());
            prop_assert!(read.is_ok(), "{:?} {:?} {:?}", codec.way, value, raw);
            let again = read.ok().and_then(|read| codec.raw(&read));
            prop_assert_eq!(again, Some(raw), "{:?} {:?}", codec.way, value);
            Ok(())
        });
        held.expect("it holds");
    }
}

#[test]
fn comparing_cells_is_comparing_values() {
    for codec in ordered() {
        // a runner counts its cases over all its runs
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let pairs = (values(&codec.ty), values(&codec.ty));
        let held = runner.run(&pairs, |(stored, constant)| {
            let Some(raw) = codec.raw(&stored) else { return Ok(()) };
            let Ok(value) = codec.value(raw.clone()) else { return Ok(()) };
            let wanted = value.compare(&constant);
            let found = match codec.place(&constant) {
                Place::Below => Some(Ordering::Greater),
                Place::Above => Some(Ordering::Less),
                Place::Unknown => None,
                Place::At(cell, is_exact) => {
                    let place = raws(&codec, &constant, cell);
                    match place.and_then(|place| cells(&raw, &place)) {
                        Some(Ordering::Equal) if !is_exact => Some(Ordering::Less),
                        order => order,
                    }
                }
            };
            prop_assert_eq!(found, wanted, "{:?} {:?} {:?}", codec.way, raw, constant);
            Ok(())
        });
        held.expect("it holds");
    }
}

/// The cell of a parameter as it would stand in a row.
fn raws(codec: &Codec, constant: &Value, cell: sea_orm::sea_query::Value) -> Option<Raw> {
    use sea_orm::sea_query::Value as Cell;
    match cell {
        Cell::BigInt(Some(number)) => Some(Raw::Int(number)),
        Cell::String(Some(text)) => Some(Raw::Text(text.into())),
        Cell::ChronoDateTime(Some(at)) => {
            let text = at.format("%Y-%m-%dT%H:%M:%S%.6f").to_string();
            text.parse().ok().map(Raw::DateTime)
        }
        _ => codec.raw(constant),
    }
}

fn date(text: &str) -> Value {
    Value::Date(text.parse().expect("a day"))
}

fn instant(text: &str) -> Value {
    Value::Instant(text.parse().expect("an instant"))
}

#[test]
fn days_are_read_as_the_database_writes_them() {
    let of = |digits| codec(AttributeType::Date, &form(Form::Digits(digits)), &INT);
    let day = date("1994-02-28");
    assert_eq!(of(Digits::Yyyymmdd).value(Raw::Int(19_940_228)), Ok(day.clone()));
    assert_eq!(of(Digits::Ddmmyyyy).value(Raw::Int(28_021_994)), Ok(day.clone()));
    let short = of(Digits::Yymmdd { pivot: 50 });
    assert_eq!(short.value(Raw::Int(940_228)), Ok(day.clone()));
    assert_eq!(short.value(Raw::Int(400_228)), Ok(date("2040-02-28")));
    assert_eq!(short.raw(&date("2094-02-28")), None, "its two digits mean another year");
    let julian = codec(AttributeType::Date, &form(Form::JulianDay), &INT);
    assert_eq!(julian.value(Raw::Int(2_451_545)), Ok(date("2000-01-01")));
    for number in [19_940_230, 0, -1, 99_999_999, i64::MAX, i64::MIN] {
        assert_eq!(of(Digits::Yyyymmdd).value(Raw::Int(number)), Err(Unreadable), "{number}");
    }
    assert!(!of(Digits::Ddmmyyyy).is_ordered() && of(Digits::Yyyymmdd).is_ordered());
}

#[test]
fn what_means_no_value_is_missing_and_never_written() {
    let stored = Stored {
        form: Form::Digits(Digits::Yyyymmdd),
        missing: vec!["99991231".into(), "0".into()],
        zone: None,
    };
    let codec = codec(AttributeType::Date, &stored, &INT);
    assert_eq!(codec.value(Raw::Int(0)), Ok(Value::Null));
    assert_eq!(codec.value(Raw::Int(99_991_231)), Ok(Value::Null));
    assert_eq!(codec.encode(&date("9999-12-31")), None);
    assert!(codec.encode(&date("9999-12-30")).is_some());
}

#[test]
fn clocks_that_are_set_back_and_forth() {
    let codec = codec(AttributeType::Instant, &amsterdam(Form::Native), &Physical::DateTime);
    let local = |text: &str| Raw::DateTime(text.parse().expect("a time"));
    let first = instant("2025-10-26T00:30:00Z");
    assert_eq!(codec.value(local("2025-10-26T02:30:00")), Ok(first.clone()));
    assert_eq!(codec.raw(&first), Some(local("2025-10-26T02:30:00")));
    let second = instant("2025-10-26T01:30:00Z");
    assert_eq!(codec.raw(&second), Some(local("2025-10-26T02:30:00")), "as the clocks show it");
    let place = codec.place(&second);
    assert!(matches!(place, Place::At(_, false)), "{place:?}");
    let skipped = codec.value(local("2025-03-30T02:30:00"));
    assert_eq!(skipped, Err(Unreadable), "no clock showed it");
}

#[test]
fn numbers_texts_and_flags() {
    let padded = codec(AttributeType::Int, &form(Form::Padded(8)), &TEXT);
    assert_eq!(padded.value(Raw::Text("00001234".into())), Ok(Value::Int(1_234)));
    assert_eq!(padded.value(Raw::Text("1234".into())), Err(Unreadable));
    assert_eq!(padded.raw(&Value::Int(123_456_789)), None);
    let flags = Form::Flags { yes: "X".into(), no: String::new() };
    let flags = codec(AttributeType::Bool, &form(flags), &TEXT);
    assert_eq!(flags.value(Raw::Text("".into())), Ok(Value::Bool(false)));
    assert_eq!(flags.value(Raw::Text("x".into())), Err(Unreadable));
    let small = Physical::Int { bits: 16, is_unsigned: false };
    let small = codec(AttributeType::Int, &Stored::default(), &small);
    assert_eq!(small.encode(&Value::Int(40_000)), None, "the column is too narrow");
    let char_8 = Physical::Text { length: Some(8), is_padded: true, collation: Collation::Exact };
    let char_8 = codec(AttributeType::Text(None), &Stored::default(), &char_8);
    assert_eq!(char_8.value(Raw::Text("ab      ".into())), Ok(Value::from("ab")));
    assert_eq!(char_8.encode(&"ab ".into()), None, "the blank would be gone");
    let flags = Form::Flags { yes: "J ".into(), no: "N ".into() };
    let char_2 = Physical::Text { length: Some(2), is_padded: true, collation: Collation::Exact };
    let char_2 = codec(AttributeType::Bool, &form(flags), &char_2);
    assert_eq!(char_2.value(Raw::Text("J ".into())), Ok(Value::Bool(true)));
    assert_eq!(char_2.raw(&Value::Bool(false)), Some(Raw::Text("N".into())));
    let numeric = Physical::Decimal { precision: Some(12), scale: Some(4) };
    let numeric = codec(AttributeType::Decimal(2), &Stored::default(), &numeric);
    let number = |text: &str| Raw::Decimal(text.parse().expect("a number"));
    assert_eq!(numeric.value(number("12.5")), Ok(Value::Decimal(Decimal::new(1_250, 2))));
    assert_eq!(numeric.value(number("12.5001")), Err(Unreadable));
}

#[test]
fn a_choice_is_stored_by_its_codes_in_texts_and_numbers() {
    let value = |name: &str, stored: &str| EnumValue {
        name: name.into(),
        stored: stored.into(),
        labels: Default::default(),
    };
    let enumeration = Arc::new(Enumeration {
        choice: Arc::new(Choice {
            name: "urgency".into(),
            values: vec!["low".into(), "high".into()],
        }),
        values: vec![value("low", "3"), value("high", "1")],
    });
    let ty = AttributeType::Choice(enumeration);
    let number = codec(ty.clone(), &Stored::default(), &INT);
    assert_eq!(number.value(Raw::Int(1)), Ok(Value::from("high")));
    assert_eq!(number.value(Raw::Int(2)), Err(Unreadable));
    let text = codec(ty.clone(), &Stored::default(), &TEXT);
    assert_eq!(text.raw(&"low".into()), Some(Raw::Text("3".into())));
    let none =
        Codec::resolve(DbBackend::Postgres, &ty, &Stored::default(), &Physical::Date, "date");
    assert_eq!(none.expect_err("a day is no code").to_string(), "a choice is not read from `date`");
}

#[test]
fn an_attribute_that_does_not_fit_its_column_says_what_to_do() {
    let refused = |ty, physical, declared| {
        Codec::resolve(DbBackend::MySql, &ty, &Stored::default(), &physical, declared)
            .expect_err("it does not fit")
            .to_string()
    };
    assert_eq!(
        refused(AttributeType::Bool, TEXT, "varchar(1)"),
        "a bool is not read from `varchar(1)`; say how it is stored, as `stored=\"J/N\"`"
    );
    assert_eq!(
        refused(AttributeType::Date, INT, "int(11)"),
        "a date is not read from `int(11)`; say how it is stored, as `stored=\"yyyymmdd\"`"
    );
    assert_eq!(
        refused(AttributeType::Money { decimals: 2, currency: None }, TEXT, "text"),
        "money is not read from `text`; say how it is written, as `stored=\"1234.50 EUR\"`"
    );
    assert_eq!(
        refused(AttributeType::Int, Physical::Date, "date"),
        "a int is not read from `date`"
    );
    assert_eq!(
        refused(AttributeType::Text(None), Physical::Bytes, "blob"),
        "columns of type `blob` are not read"
    );
}

#[test]
fn a_file_keeps_binary_numbers_that_decimals_can_be_told_from() {
    let decimal = Physical::Decimal { precision: Some(10), scale: Some(2) };
    let ty = AttributeType::Decimal(2);
    let codec =
        Codec::resolve(DbBackend::Sqlite, &ty, &Stored::default(), &decimal, "DECIMAL(10,2)");
    let codec = codec.expect("it fits");
    let value = Value::Decimal(Decimal::new(1_210, 2));
    assert_eq!(codec.encode(&value), Some(sea_orm::sea_query::Value::Double(Some(12.1))));
    let long = Value::Decimal("123456789012345678.91".parse().expect("a number"));
    assert_eq!(codec.encode(&long), None, "a binary number would be another one");
}

#[test]
fn times_of_day_are_read_as_the_database_writes_them() {
    let of =
        |clock, physical: &Physical| codec(AttributeType::Int, &form(Form::Time(clock)), physical);
    let micros = |hour: i64, minute: i64, second: i64| {
        Value::Int((hour * 3_600 + minute * 60 + second) * 1_000_000)
    };
    let text = |text: &str| Raw::Text(text.into());
    let time = "09:05:07".parse().expect("a time");
    let table = [
        (of(Clock::Native, &Physical::Time), Raw::Time(time), micros(9, 5, 7)),
        (of(Clock::Native, &TEXT), text("09:05:07"), micros(9, 5, 7)),
        (of(Clock::Native, &TEXT), text("00:00:00.000001"), Value::Int(1)),
        (of(Clock::Hhmmss, &INT), Raw::Int(90_507), micros(9, 5, 7)),
        (of(Clock::Hhmmss, &TEXT), text("090507"), micros(9, 5, 7)),
        (of(Clock::Hhmm, &INT), Raw::Int(2_359), micros(23, 59, 0)),
        (of(Clock::Hhmm, &TEXT), text("0905"), micros(9, 5, 0)),
        (of(Clock::Colon, &TEXT), text("09:05"), micros(9, 5, 0)),
    ];
    for (codec, raw, value) in table {
        assert_eq!(codec.value(raw.clone()), Ok(value.clone()), "{raw:?}");
        assert_eq!(codec.raw(&value), Some(raw));
    }
    let unreadable = [
        (of(Clock::Native, &TEXT), text("9:05:07")),
        (of(Clock::Native, &TEXT), text("09:05:07.5")),
        (of(Clock::Native, &TEXT), text("09:05:07.000000")),
        (of(Clock::Native, &TEXT), text("24:00:00")),
        (of(Clock::Native, &TEXT), text("+9:05:07")),
        (of(Clock::Hhmmss, &INT), Raw::Int(240_000)),
        (of(Clock::Hhmmss, &INT), Raw::Int(96_000)),
        (of(Clock::Hhmmss, &INT), Raw::Int(i64::MIN)),
        (of(Clock::Hhmm, &INT), Raw::Int(i64::MAX)),
        (of(Clock::Hhmm, &TEXT), text("905")),
        (of(Clock::Colon, &TEXT), text("09.05")),
        (of(Clock::Colon, &TEXT), text("")),
    ];
    for (codec, raw) in unreadable {
        assert_eq!(codec.value(raw.clone()), Err(Unreadable), "{raw:?}");
    }
    let refused = |clock, physical, declared| {
        let stored = form(Form::Time(clock));
        Codec::resolve(DbBackend::MySql, &AttributeType::Int, &stored, &physical, declared)
            .expect_err("it does not fit")
            .to_string()
    };
    assert_eq!(
        refused(Clock::Native, INT, "int(11)"),
        "a time of day is not read from `int(11)`; say how it is stored, as \
         `time-stored=\"hhmmss\"`"
    );
    assert_eq!(
        refused(Clock::Hhmm, Physical::Time, "time"),
        "a time of day is not read from `time` as digits"
    );
    let alone = Codec::resolve(
        DbBackend::MySql,
        &AttributeType::Text(None),
        &Stored::default(),
        &Physical::Time,
        "time",
    );
    assert_eq!(
        alone.expect_err("it is no text").to_string(),
        "a text is not read from `time`; name it in `time-column`, beside the `column` of the day"
    );
}

/// The two columns of an instant in Amsterdam, written by these clocks.
fn pair() -> Pair {
    let file = r#"<!DOCTYPE business-objects SYSTEM "business-objects.dtd">
<business-objects database="d" country="NL">
  <class id="c" name="C" table="T" key="k">
    <attribute id="k" name="k" column="K" type="int" required="yes"/>
    <attribute id="a" name="a" column="D" time-column="T" type="instant" zone="Europe/Amsterdam"/>
  </class>
</business-objects>"#;
    let (model, findings) = caruso_object_model::Model::read([("m.xml", file.as_bytes())]);
    assert_eq!(findings, []);
    Pair::of(&model.class("C").expect("it is there").attributes()[1]).expect("two columns")
}

fn moment() -> Codec {
    let Pair::Moment(moment) = pair() else { unreachable!("it is an instant") };
    moment.codec()
}

#[test]
fn what_two_columns_hold_is_what_writing_the_value_gives() {
    let pair = pair();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let held = runner.run(&(instants(), instants()), |(at, other)| {
        let value = Value::Instant(at);
        let [day, time] = pair.split(&value).expect("an instant");
        let Ok(read) = pair.value(&Ok(day.clone()), &Ok(time.clone())) else {
            // years that are not written with four digits
            prop_assert!(matches!(day, Value::Date(day) if day.year() < 0));
            return Ok(());
        };
        prop_assert_eq!(pair.split(&read), Some([day, time]));
        // as one number they have the order of moments
        let codec = moment();
        let raw = codec.raw(&read).expect("it is written");
        prop_assert_eq!(codec.value(raw.clone()), Ok(read.clone()));
        let other = codec.raw(&Value::Instant(other)).and_then(|raw| codec.value(raw).ok());
        if let Some(other) = other {
            let order = cells(&raw, &codec.raw(&other).expect("it is written"));
            prop_assert_eq!(order, read.compare(&other));
        }
        Ok(())
    });
    held.expect("it holds");
}

#[test]
fn two_columns_are_a_value_nothing_or_a_finding() {
    let pair = pair();
    let (day, noon) = (Ok(date("2025-03-30")), Ok(Value::Int(12 * 3_600_000_000)));
    let nothing = Ok(Value::Null);
    assert_eq!(pair.value(&day, &noon), Ok(instant("2025-03-30T10:00:00Z")));
    for time in [&noon, &nothing, &Err(Unreadable)] {
        assert_eq!(pair.value(&nothing, time), Ok(Value::Null), "there is no day");
    }
    assert_eq!(pair.value(&day, &nothing), Err(Unreadable));
    assert_eq!(pair.value(&day, &Err(Unreadable)), Err(Unreadable));
    assert_eq!(pair.value(&Err(Unreadable), &noon), Err(Unreadable));
    let skipped = Ok(Value::Int(2 * 3_600_000_000 + 1));
    assert_eq!(pair.value(&day, &skipped), Err(Unreadable), "no clock showed it");
}

#[test]
fn money_in_a_text_is_one_amount_or_a_finding() {
    let money = |text: &str| Value::Money(text.parse().expect("money"));
    let padded = Physical::Text { length: Some(20), is_padded: true, collation: Collation::Loose };
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for form in WrittenMoney::all() {
        let ty = AttributeType::Money { decimals: 2, currency: None };
        let stored = form_of(form);
        let amounts = (-10_i64.pow(18)..10_i64.pow(18), 0..19_u32, 0..167_usize);
        for physical in [TEXT, padded.clone()] {
            let codec = codec(ty.clone(), &stored, &physical);
            assert!(codec.has_currencies() && codec.currency().is_none());
            assert!(!codec.is_ordered() && !codec.is_comparable() && !codec.is_summable());
            let held = runner.run(&amounts, |(units, shift, code)| {
                let currency = Currency::codes().nth(code).and_then(Currency::of);
                let amount = Decimal::new(units / 10_i64.pow(shift.min(18)), 2);
                let currency = currency.expect("there are so many");
                let value = Value::Money(Money { amount, currency });
                let Some(raw) = codec.raw(&value) else {
                    prop_assert!(units.unsigned_abs() >= 10_u64.pow(18));
                    return Ok(());
                };
                prop_assert_eq!(codec.value(raw), Ok(value));
                Ok(())
            });
            held.expect("it holds");
            let example = Raw::Text(format!("{form}").into());
            assert_eq!(codec.value(example), Ok(money("1234.50 EUR")));
            let blank = Raw::Text(format!("{form} ").into());
            let is_read = codec.value(blank).is_ok();
            assert_eq!(is_read, physical == padded, "blanks at the end: {form}");
            for text in ["", "1234.5 EUR", "EUR", "1234.50", "-0.00 EUR", "\u{20ac} 1,50", "?"] {
                assert_eq!(codec.value(Raw::Text(text.into())), Err(Unreadable), "{form}: {text}");
            }
            assert_eq!(codec.raw(&money("12.505 EUR")), None, "too fine");
            assert_eq!(codec.place(&money("12.50 EUR")), Place::Unknown);
        }
    }
    let ty = AttributeType::Money { decimals: 2, currency: None };
    let form = WrittenMoney::of("EUR1234.50").expect("a form");
    let missing = Stored { missing: vec!["EUR0.00".to_owned()], ..form_of(form) };
    let codec = codec(ty, &missing, &TEXT);
    assert_eq!(codec.value(Raw::Text("EUR0.00".into())), Ok(Value::Null));
    assert_eq!(codec.encode(&money("0 EUR")), None, "it would mean no value");
}

#[test]
fn money_is_of_the_currency_of_its_column() {
    let euro = Currency::of("EUR").expect("it is one");
    let ty = AttributeType::Money { decimals: 2, currency: Some(euro) };
    let money = |text: &str| Value::Money(text.parse().expect("money"));
    for (physical, raw) in [
        (INT, Raw::Int(1_250)),
        (Physical::Decimal { precision: None, scale: None }, Raw::Decimal(Decimal::new(1_250, 2))),
    ] {
        let codec = codec(ty.clone(), &Stored::default(), &physical);
        assert_eq!(codec.value(raw.clone()), Ok(money("12.50 EUR")));
        assert_eq!(codec.raw(&money("12.5 EUR")), Some(raw));
        assert_eq!(codec.encode(&money("12.50 USD")), None, "another currency");
        assert_eq!(codec.encode(&money("12.505 EUR")), None, "too fine");
        assert_eq!(codec.encode(&Value::Int(12)), None, "of what?");
        assert!(!codec.is_alike(&codec.clone().amounts()));
    }
    let pair = Pair::Money;
    let (amount, code) = (Ok(Value::Decimal(Decimal::new(1_250, 2))), Ok(Value::from("USD")));
    let nothing = Ok(Value::Null);
    assert_eq!(pair.value(&amount, &code), Ok(money("12.50 USD")));
    assert_eq!(pair.value(&nothing, &code), Ok(Value::Null));
    assert_eq!(pair.value(&amount, &nothing), Err(Unreadable));
    for code in ["usd", "XXX", "", "US", "USD "] {
        assert_eq!(pair.value(&amount, &Ok(code.into())), Err(Unreadable), "{code}");
    }
    let split = pair.split(&money("12.50 USD")).expect("money").map(Ok);
    assert_eq!(pair.value(&split[0], &split[1]), Ok(money("12.50 USD")));
}
