//! How a database writes the values of an attribute, as far as the type of its column leaves it
//! open. Only described here: nothing is read or written.

use caruso_expression::Value;

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
    pub zone: Option<jiff::tz::TimeZone>,
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
