//! How questions are answered by the keys of a telephone.

use crate::spoken::Stock;

/// How a question is asked on the telephone.
#[derive(Debug)]
pub(crate) struct Keypad {
    /// Empty where the question is passed in the end.
    pub(crate) default: String,
    pub(crate) retries: u32,
    pub(crate) timeout_seconds: u32,
    pub(crate) keyed: Keyed,
}

/// How an answer is given by keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Keyed {
    /// By the keys that choices have.
    Keys,
    /// By the place of a choice, which is said with its key.
    Menu,
    /// 1 is yes, 2 is no.
    YesNo,
    /// By so few and so many digits.
    Digits(u32, u32),
    /// By digits, with the star as decimal point.
    Number,
    /// By day, month and year.
    Date,
    /// By hours and minutes.
    Time,
    /// By the digits of a telephone number.
    Phone,
}

/// Fewest and most digits of a telephone number that is typed: E.164 has 15, and two zeros may
/// stand before them.
const PHONE: (u32, u32) = (3, 17);
/// Most keys of a number with a decimal point.
const NUMBER: u32 = 20;

impl Keyed {
    /// The fewest and most keys of an answer that is typed; nothing where one key is an answer.
    pub(crate) fn keys(self) -> Option<(u32, u32)> {
        match self {
            Self::Keys | Self::Menu | Self::YesNo => None,
            Self::Digits(min, max) => Some((min, max)),
            Self::Number => Some((1, NUMBER)),
            Self::Date => Some((8, 8)),
            Self::Time => Some((4, 4)),
            Self::Phone => Some(PHONE),
        }
    }

    /// What is said about the keys after the texts of the question.
    pub(crate) fn hint(self) -> Option<Stock> {
        match self {
            Self::Keys | Self::Menu | Self::YesNo | Self::Digits(..) => None,
            Self::Number => Some(Stock::Point),
            Self::Date => Some(Stock::Date),
            Self::Time => Some(Stock::Time),
            Self::Phone => Some(Stock::Hash),
        }
    }
}
