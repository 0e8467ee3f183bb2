//! How attributes are stored: forms, texts for no value, zones.

use std::ops::RangeInclusive;

use caruso_markup::{Element, suggest};
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::Reader;
use crate::codes;
use crate::model::AttributeType;
use crate::stored::{Clock, Digits, EpochUnit, Form, Stored};
use crate::written_money::WrittenMoney;

const FLAG_HINT: &str = "write two different texts, as `J/N`";
const INT_HINT: &str = "write `padded:8` for eight digits (1 to 18), or nothing for a number";
const DATE_HINT: &str = "write `yyyymmdd`, `ddmmyyyy`, `yymmdd:50` (pivot 0 to 99) or `julian`, \
                         or nothing for a date of the database";
const INSTANT_HINT: &str = "write `yyyymmddhhmmss`, `epoch-seconds` or `epoch-milliseconds`, \
                            or nothing for an instant of the database";
const DAY_HINT: &str = "write `yyyymmdd`, `ddmmyyyy` or `yymmdd:50` (pivot 0 to 99), or nothing \
                        for a date of the database";
const MONEY_HINT: &str = "write 1234.50 euro as the column has it: `1234.50 EUR`, `EUR 1.234,50`, \
                          or nothing for numbers";
const TIME_HINT: &str = "write `hhmmss`, `hhmm` or `hh:mm`, or nothing for a time of the database";

/// The column of the time of day, and how it is written.
const TIME_COLUMN: &str = "time-column";
const TIME_STORED: &str = "time-stored";

/// The column of the currency.
const CURRENCIES: &str = "currency-column";
const ELSEWHERE_HINT: &str = "leave `currency` and `currency-column` out, or else `stored`";

impl Reader {
    /// How the values of an attribute are stored; nothing if that is not sound.
    pub(super) fn stored(
        &mut self,
        element: &Element,
        ty: &AttributeType,
        is_key: bool,
    ) -> Option<Stored> {
        let form = self.form(element, ty)?;
        let missing = self.missing(element, ty, is_key, &form)?;
        let zone = match element.attribute("zone") {
            // of another type it has its finding already
            Some(_) if !matches!(ty, AttributeType::Instant) => None,
            Some(_) => Some(self.zone(element, &form)?),
            None => None,
        };
        Some(Stored { form, missing, zone })
    }

    /// How the time of day of an instant is written that stands in a column of its own.
    pub(super) fn time_stored(&mut self, element: &Element) -> Option<Stored> {
        let clock = match element.value(TIME_STORED) {
            None => Clock::Native,
            Some("hhmmss") => Clock::Hhmmss,
            Some("hhmm") => Clock::Hhmm,
            Some("hh:mm") => Clock::Colon,
            Some(_) => {
                let message = "times of day are not stored like this";
                return self.unfit(element, TIME_STORED, message, TIME_HINT);
            }
        };
        Some(Stored { form: Form::Time(clock), ..Stored::default() })
    }

    fn form(&mut self, element: &Element, ty: &AttributeType) -> Option<Form> {
        let Some(text) = element.value("stored") else { return Some(Form::Native) };
        let has_time = [TIME_COLUMN, TIME_STORED].iter().any(|it| element.attribute(it).is_some());
        let (form, message, hint) = match ty {
            AttributeType::Instant if has_time => {
                let day = date(text).filter(|form| *form != Form::JulianDay);
                (day, "days beside a time of day are not stored like this", DAY_HINT)
            }
            AttributeType::Bool => (flags(text), "this is not a pair of texts", FLAG_HINT),
            AttributeType::Int => (padded(text), "ints are not stored like this", INT_HINT),
            AttributeType::Date => (date(text), "dates are not stored like this", DATE_HINT),
            AttributeType::Instant => {
                (instant(text), "instants are not stored like this", INSTANT_HINT)
            }
            AttributeType::Money { currency: None, .. } if element.value(CURRENCIES).is_none() => {
                let form = WrittenMoney::of(text).map(Form::Money);
                (form, "amounts of money are not stored like this", MONEY_HINT)
            }
            AttributeType::Money { .. } => {
                (None, "the currency stands in the text, and is said elsewhere too", ELSEWHERE_HINT)
            }
            // these have their finding already
            AttributeType::Decimal(_) | AttributeType::Text(_) | AttributeType::Choice(_) => {
                return Some(Form::Native);
            }
        };
        form.or_else(|| self.unfit(element, "stored", message, hint))
    }

    /// The texts that mean no value.
    fn missing(
        &mut self,
        element: &Element,
        ty: &AttributeType,
        is_key: bool,
        form: &Form,
    ) -> Option<Vec<String>> {
        let Some(written) = element.attribute("missing") else { return Some(Vec::new()) };
        let texts: Vec<String> = written.value.split_whitespace().map(str::to_owned).collect();
        let taken = texts.iter().find(|text| is_text_of_a_value(text, ty, form));
        if is_key {
            return self.unfit(element, "missing", "a key is never missing", "leave `missing` out");
        }
        if texts.is_empty() {
            let hint = "write stored texts with blanks between, as `0 99991231`";
            return self.unfit(element, "missing", "there is no text in it", hint);
        }
        if let Some(taken) = taken {
            let message = format!("`{taken}` is how a value is stored");
            return self.unfit(element, "missing", &message, "write other texts than those");
        }
        Some(texts)
    }

    fn zone(&mut self, element: &Element, form: &Form) -> Option<TimeZone> {
        let written = element.attribute("zone")?;
        if matches!(form, Form::Epoch(_)) {
            let message = "a count since 1970-01-01T00:00:00Z has no zone";
            return self.unfit(element, "zone", message, "leave `zone` out");
        }
        let zones = TimeZoneDatabase::bundled();
        if let Ok(zone) = zones.get(&written.value) {
            return Some(zone);
        }
        let message = format!("there is no time zone `{written}`");
        let finding = written.finding(codes::UNKNOWN_ZONE, message);
        let names: Vec<String> = zones.available().map(|name| name.to_string()).collect();
        let suggestion = suggest(&written.value, names.iter().map(String::as_str));
        self.findings.push(finding.with_suggestion(suggestion));
        None
    }
}

fn is_text_of_a_value(text: &str, ty: &AttributeType, form: &Form) -> bool {
    match (ty, form) {
        (_, Form::Flags { yes, no }) => text == yes || text == no,
        (AttributeType::Bool, _) => matches!(text, "0" | "1"),
        (AttributeType::Choice(enumeration), _) => {
            enumeration.values.iter().any(|value| value.stored == text)
        }
        _ => false,
    }
}

fn flags(text: &str) -> Option<Form> {
    let (yes, no) = text.split_once('/')?;
    (yes != no).then(|| Form::Flags { yes: yes.to_owned(), no: no.to_owned() })
}

fn padded(text: &str) -> Option<Form> {
    number(text.strip_prefix("padded:")?, 1..=18).map(|digits| Form::Padded(usize::from(digits)))
}

fn date(text: &str) -> Option<Form> {
    match text {
        "yyyymmdd" => Some(Form::Digits(Digits::Yyyymmdd)),
        "ddmmyyyy" => Some(Form::Digits(Digits::Ddmmyyyy)),
        "julian" => Some(Form::JulianDay),
        _ => {
            let pivot = number(text.strip_prefix("yymmdd:")?, 0..=99)?;
            Some(Form::Digits(Digits::Yymmdd { pivot }))
        }
    }
}

fn instant(text: &str) -> Option<Form> {
    match text {
        "yyyymmddhhmmss" => Some(Form::Digits(Digits::Yyyymmddhhmmss)),
        "epoch-seconds" => Some(Form::Epoch(EpochUnit::Seconds)),
        "epoch-milliseconds" => Some(Form::Epoch(EpochUnit::Milliseconds)),
        _ => None,
    }
}

fn number(text: &str, range: RangeInclusive<u8>) -> Option<u8> {
    text.parse().ok().filter(|number| range.contains(number))
}
