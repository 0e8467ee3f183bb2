//! Amounts of money, each with its currency.

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;

/// The codes of ISO 4217 that money is held in: currencies and units of account, without metals,
/// test codes and the code for none. In the order of letters.
const CODES: [&str; 167] = [
    "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT",
    "BGN", "BHD", "BIF", "BMD", "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD",
    "CAD", "CDF", "CHE", "CHF", "CHW", "CLF", "CLP", "CNY", "COP", "COU", "CRC", "CUP", "CVE",
    "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL",
    "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR",
    "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD",
    "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK",
    "MNT", "MOP", "MRU", "MUR", "MVR", "MWK", "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO",
    "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR", "PLN", "PYG", "QAR", "RON",
    "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS", "SRD",
    "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD",
    "TZS", "UAH", "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV",
    "WST", "XAF", "XCD", "XCG", "XDR", "XOF", "XPF", "YER", "ZAR", "ZMW", "ZWG",
];

/// A currency of ISO 4217, by its three letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static str);

impl Currency {
    /// The currency of a code; capitals matter.
    pub fn of(code: &str) -> Option<Self> {
        CODES.binary_search(&code).ok().map(|place| Self(CODES[place]))
    }

    /// Its code.
    pub fn code(self) -> &'static str {
        self.0
    }

    /// The codes of all currencies, in the order of letters.
    pub fn codes() -> impl Iterator<Item = &'static str> {
        CODES.into_iter()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// An amount of money. Two of different currencies are never equal and have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// How much; its decimals are those that it was given.
    pub amount: Decimal,
    /// Of what.
    pub currency: Currency,
}

/// The text is no amount with a currency such as `12.50 EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not an amount with a currency such as 12.50 EUR")]
pub struct NotMoney;

/// `12.50 EUR`: an exact decimal of at most 28 digits, one blank, a code of ISO 4217.
impl FromStr for Money {
    type Err = NotMoney;

    fn from_str(text: &str) -> Result<Self, NotMoney> {
        let (amount, code) = text.split_once(' ').ok_or(NotMoney)?;
        let digits = amount.strip_prefix('-').unwrap_or(amount);
        let is_plain = digits.starts_with(|it: char| it.is_ascii_digit())
            && digits.ends_with(|it: char| it.is_ascii_digit())
            && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let amount = Decimal::from_str_exact(amount).ok().filter(|_| is_plain);
        let (amount, currency) = amount.zip(Currency::of(code)).ok_or(NotMoney)?;
        Ok(Self { amount, currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount, self.currency)
    }
}
