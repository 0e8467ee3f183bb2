//! How a database writes the values of an attribute, as far as the type of its column leaves it
//! open. Only described here: nothing is read or written.

use caruso_expression::Value;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::written_money::WrittenMoney;

/// How a database writes the values of an attribute, as far as the type of its column does not
/// say.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Stored {
    /// The form of a value.
    pub form: Form,
    /// Stored texts that mean that there is no value (`99991231`, `0`); numbers in decimal
    /// digits. Empty for key attributes; never the text of a flag or a choice.
    pub missing: Vec<String>,
    /// Of an instant in a column without zone: the zone it is written in; UTC if nothing is said.
    pub zone: Option<TimeZone>,
}

/// The form of a stored value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Form {
    /// As the type of the column has it.
    #[default]
    Native,
    /// A bool as one of two different texts, of which one may be empty.
    Flags {
        /// The text for true.
        yes: String,
        /// The text for false.
        no: String,
    },
    /// An int from 0 on as digits with leading zeros, so many in all (1 to 18).
    Padded(usize),
    /// A date or instant as digits, in a number or a text.
    Digits(Digits),
    /// A date as a Julian day number, in a number: whole days counted at noon, so that
    /// 2000-01-01 is 2451545.
    JulianDay,
    /// An instant as a count since 1970-01-01T00:00:00Z, in a number.
    Epoch(EpochUnit),
    /// The time of day of an instant whose day stands in another column.
    Time(Clock),
    /// Money with its currency, as a text.
    Money(WrittenMoney),
}

/// Times of day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// As the type of the column has it; in a text `14:25:00`, or with all six decimals of a
    /// second that is not whole.
    Native,
    /// To the second, `142500`, in a number or a text.
    Hhmmss,
    /// To the minute, `1425`, in a number or a text.
    Hhmm,
    /// To the minute, `14:25`, in a text.
    Colon,
}

/// Dates and instants as digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digits {
    /// A date, `20260131`.
    Yyyymmdd,
    /// A date, `31012026`.
    Ddmmyyyy,
    /// A date with two digits of the year, `260131`.
    Yymmdd {
        /// 0 to 99: years from here on are of the 20th century, those before of the 21st.
        pivot: u8,
    },
    /// An instant to the second, `20260131134500`.
    Yyyymmddhhmmss,
}

/// The unit of a count since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EpochUnit {
    /// Whole seconds.
    Seconds,
    /// Whole milliseconds.
    Milliseconds,
}

/// What the clocks of a zone show: the day, and the microseconds since midnight, of which what is
/// finer is cut off.
pub fn day_and_time(zone: &TimeZone, at: Timestamp) -> (Date, i64) {
    let local = zone.to_datetime(at);
    let seconds = i64::from(local.hour()) * 3_600
        + i64::from(local.minute()) * 60
        + i64::from(local.second());
    (local.date(), seconds * 1_000_000 + i64::from(local.subsec_nanosecond()) / 1_000)
}

impl Form {
    /// Why this form cannot hold a value of its type; the reason does not contain the value.
    pub(crate) fn refusal(&self, value: &Value) -> Option<String> {
        match (self, value) {
            (Self::Padded(digits), Value::Int(number)) => {
                let is_fine = *number >= 0 && number.to_string().len() <= *digits;
                (!is_fine).then(|| format!("it is stored as {digits} digits, without sign"))
            }
            (Self::Digits(Digits::Yymmdd { pivot }), Value::Date(date)) => {
                let (first, pivot) = (1900 + i16::from(*pivot), i16::from(*pivot));
                let is_fine = (first..first + 100).contains(&date.year());
                let years = format!("{first} to {}", 1999 + pivot);
                (!is_fine).then(|| format!("it is stored with two digits of its year, {years}"))
            }
            _ => None,
        }
    }
}
