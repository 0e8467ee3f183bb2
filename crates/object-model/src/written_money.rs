//! Amounts of money with their currency, as one text.

use std::fmt;

use caruso_expression::{Currency, Money};
use rust_decimal::Decimal;

/// The most digits of an amount, its decimals included: as a number of its smallest unit it is a
/// whole number of 64 bits to every database.
pub const MOST_DIGITS: u32 = 18;

/// The marks that stand before the decimals.
const POINTS: [char; 2] = ['.', ','];
/// The marks that stand between thousands.
const THOUSANDS: [char; 4] = ['.', ',', ' ', '\''];
/// What an example of a form is about.
const EXAMPLE: (&str, i64) = ("EUR", 123_450);

/// How amounts of money are written with their currency in one text: `EUR 1.234,50`. Each amount is
/// written in one way, and no other text is read as one; so two amounts are equal where their texts
/// are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WrittenMoney {
    /// Whether the code stands before the amount.
    pub is_code_first: bool,
    /// Whether a blank stands between them.
    pub has_blank: bool,
    /// What stands before the decimals: `.` or `,`.
    pub point: char,
    /// What stands between thousands, if anything does: the other one of these, a blank or `'`.
    pub thousands: Option<char>,
}

impl WrittenMoney {
    /// All forms; those without a mark between thousands before the others.
    pub fn all() -> impl Iterator<Item = Self> {
        let places = [(false, true), (true, true), (false, false), (true, false)];
        let marks = [None].into_iter().chain(THOUSANDS.map(Some));
        marks.flat_map(move |thousands| {
            let points = POINTS.into_iter().filter(move |point| thousands != Some(*point));
            points.flat_map(move |point| {
                places.into_iter().map(move |(is_code_first, has_blank)| Self {
                    is_code_first,
                    has_blank,
                    point,
                    thousands,
                })
            })
        })
    }

    /// The form of which a text is the example of 1234.50 euro; nothing if it is of none.
    pub fn of(example: &str) -> Option<Self> {
        let (currency, amount) = EXAMPLE;
        let money = Money { amount: Decimal::new(amount, 2), currency: Currency::of(currency)? };
        Self::all().find(|form| form.write(money, 2).as_deref() == Some(example))
    }

    /// An amount as it is written, with exactly so many decimals; `None` when it has more, or more
    /// than [`MOST_DIGITS`] digits.
    pub fn write(&self, money: Money, decimals: u32) -> Option<String> {
        let mut amount = money.amount.normalize();
        if amount.scale() > decimals {
            return None;
        }
        amount.rescale(decimals);
        if amount.scale() != decimals || amount.mantissa().abs() >= 10_i128.pow(MOST_DIGITS) {
            return None;
        }
        let units = amount.mantissa().unsigned_abs();
        let unit = 10_u128.pow(decimals);
        let sign = if amount.mantissa() < 0 { "-" } else { "" };
        let (whole, rest) = (self.grouped(&(units / unit).to_string()), units % unit);
        let width = usize::try_from(decimals).ok()?;
        let amount = format!("{sign}{whole}{}{rest:0width$}", self.point);
        let (code, blank) = (money.currency.code(), if self.has_blank { " " } else { "" });
        Some(match self.is_code_first {
            true => format!("{code}{blank}{amount}"),
            false => format!("{amount}{blank}{code}"),
        })
    }

    /// The amount that a text means: one that is written so.
    pub fn read(&self, text: &str, decimals: u32) -> Option<Money> {
        let (amount, code) = match self.is_code_first {
            true => text.split_at_checked(3).map(|(code, amount)| (amount, code)),
            false => text.split_at_checked(text.len().checked_sub(3)?),
        }?;
        let currency = Currency::of(code)?;
        let digits: String = amount.chars().filter(char::is_ascii_digit).collect();
        if digits.len() > usize::try_from(MOST_DIGITS).ok()? {
            return None;
        }
        let units: i64 = digits.parse().ok()?;
        let units = if amount.contains('-') { -units } else { units };
        let money = Money { amount: Decimal::new(units, decimals), currency };
        (self.write(money, decimals).as_deref() == Some(text)).then_some(money)
    }

    /// With how many decimals, from 1 to 9, a text is an amount that is written so; `None` where it
    /// is none.
    pub fn decimals(&self, text: &str) -> Option<u32> {
        let (_, rest) = text.rsplit_once(self.point)?;
        let decimals = rest.bytes().take_while(u8::is_ascii_digit).count();
        let decimals = u32::try_from(decimals).ok().filter(|it| (1..=9).contains(it))?;
        self.read(text, decimals).map(|_| decimals)
    }

    /// The most characters of a text.
    pub fn longest(&self) -> usize {
        let digits = usize::try_from(MOST_DIGITS).unwrap_or_default();
        // one before the decimals at least, and so at most so many marks; the sign, the point
        let marks = if self.thousands.is_some() { (digits - 2) / 3 } else { 0 };
        digits + marks + 2 + usize::from(self.has_blank) + 3
    }

    fn grouped(&self, digits: &str) -> String {
        let Some(mark) = self.thousands else { return digits.to_owned() };
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at).is_multiple_of(3) {
                grouped.push(mark);
            }
            grouped.push(digit);
        }
        grouped
    }
}

/// Its example of 1234.50 euro.
impl fmt::Display for WrittenMoney {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (currency, amount) = EXAMPLE;
        let money = Currency::of(currency)
            .map(|currency| Money { amount: Decimal::new(amount, 2), currency });
        f.write_str(&money.and_then(|money| self.write(money, 2)).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_form_is_known_by_its_own_example() {
        let examples: BTreeSet<String> = WrittenMoney::all().map(|form| form.to_string()).collect();
        assert_eq!(examples.len(), WrittenMoney::all().count(), "two have the same example");
        for form in WrittenMoney::all() {
            assert_eq!(WrittenMoney::of(&form.to_string()), Some(form), "{form}");
        }
        for known in ["1234.50 EUR", "EUR 1.234,50", "1 234,50EUR", "EUR1'234.50"] {
            assert!(examples.contains(known), "{known}");
        }
        for other in ["", "EUR", "1234.5 EUR", "12.50 EUR", "1234.50 USD", "1.234.50 EUR"] {
            assert_eq!(WrittenMoney::of(other), None, "{other}");
        }
    }

    #[test]
    fn a_text_that_is_not_written_so_is_no_amount() {
        let form = WrittenMoney::of("EUR 1.234,50").expect("a form");
        let read = |text: &str| form.read(text, 2).map(|money| money.to_string());
        for (text, money) in [
            ("EUR 0,05", "0.05 EUR"),
            ("USD 12,50", "12.50 USD"),
            ("EUR -1.234.567,00", "-1234567.00 EUR"),
            ("JPY 9.999.999.999.999.999,99", "9999999999999999.99 JPY"),
        ] {
            assert_eq!(read(text).as_deref(), Some(money), "{text}");
        }
        for text in [
            "",
            "EUR",
            "EUR ",
            "12,50 EUR",
            "EUR12,50",
            "EUR  12,50",
            "EUR 12,5",
            "EUR 12,500",
            "EUR 12.50",
            "EUR 1234,50",
            "EUR 1.23,450",
            "EUR 012,50",
            "EUR ,50",
            "EUR -0,00",
            "EUR 12,50-",
            "-EUR 12,50",
            "EUR +12,50",
            "eur 12,50",
            "XXX 12,50",
            "EUR 12,50 ",
            "EUR 10.000.000.000.000.000,00",
            "€ 12,50",
            "EUR ١٢,٥٠",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_and_nothing_else(
            units in -10_i64.pow(MOST_DIGITS) + 1..10_i64.pow(MOST_DIGITS),
            shift in 0..MOST_DIGITS,
            decimals in 1..=9_u32,
            form in prop::sample::select(WrittenMoney::all().collect::<Vec<_>>()),
            code in prop::sample::select(Currency::codes().collect::<Vec<_>>()),
            place in any::<prop::sample::Index>(),
            character in prop::sample::select(vec!['0', '1', '-', '.', ',', ' ', '\'', 'E', '\n']),
        ) {
            let currency = Currency::of(code).expect("it is a code");
            let amount = Decimal::new(units / 10_i64.pow(shift), decimals);
            let money = Money { amount, currency };
            let text = form.write(money, decimals).expect("it is no longer than it may be");
            prop_assert_eq!(form.read(&text, decimals), Some(money));
            prop_assert_eq!(form.decimals(&text), Some(decimals));
            prop_assert!(text.chars().count() <= form.longest(), "{}", text);
            // one character more or less is another amount, or none: never this one
            let place = place.index(text.len());
            let longer = format!("{}{character}{}", &text[..place], &text[place..]);
            let shorter = format!("{}{}", &text[..place], &text[place + 1..]);
            for other in [longer, shorter] {
                if let Some(read) = form.read(&other, decimals) {
                    prop_assert_eq!(form.write(read, decimals), Some(other));
                    prop_assert_ne!(read, money);
                }
            }
        }
    }
}
