//! Values as people read them, in the language of the script.

use caruso_expression::Value;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::special::Special;

/// How a value is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Format {
    /// The month of a date in words.
    #[default]
    Long,
    /// A date in digits.
    Short,
    /// Sign by sign, as a number is read out.
    Spelled,
}

/// How values are written in texts. Languages that are not known have dates as ISO 8601.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    language: &'static Language,
    zone: TimeZone,
}

#[derive(Debug)]
struct Language {
    code: &'static str,
    yes: &'static str,
    no: &'static str,
    /// Special answers, in the order of [`Special::ALL`].
    specials: [&'static str; 3],
    /// What separates a number from its decimals.
    point: char,
    /// What stands between day and month, and between month and year.
    between: [&'static str; 2],
    /// A date in digits, for `strftime`.
    short: &'static str,
    /// Empty for dates as ISO 8601.
    months: [&'static str; 12],
}

static LANGUAGES: [Language; 4] = [
    Language {
        code: "en",
        yes: "yes",
        no: "no",
        specials: ["don't know", "does not say", "does not apply"],
        point: '.',
        between: [" ", " "],
        short: "%-d %b %Y",
        months: [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ],
    },
    Language {
        code: "de",
        yes: "ja",
        no: "nein",
        specials: ["weiß nicht", "keine Angabe", "trifft nicht zu"],
        point: ',',
        between: [". ", " "],
        short: "%d.%m.%Y",
        months: [
            "Januar",
            "Februar",
            "März",
            "April",
            "Mai",
            "Juni",
            "Juli",
            "August",
            "September",
            "Oktober",
            "November",
            "Dezember",
        ],
    },
    Language {
        code: "nl",
        yes: "ja",
        no: "nee",
        specials: ["weet niet", "zegt het niet", "niet van toepassing"],
        point: ',',
        between: [" ", " "],
        short: "%d-%m-%Y",
        months: [
            "januari",
            "februari",
            "maart",
            "april",
            "mei",
            "juni",
            "juli",
            "augustus",
            "september",
            "oktober",
            "november",
            "december",
        ],
    },
    Language {
        code: "es",
        yes: "sí",
        no: "no",
        specials: ["no sabe", "no contesta", "no procede"],
        point: ',',
        between: [" de ", " de "],
        short: "%d/%m/%Y",
        months: [
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ],
    },
];

static OTHER: Language = Language {
    code: "",
    yes: "yes",
    no: "no",
    specials: ["don't know", "does not say", "does not apply"],
    point: '.',
    between: [""; 2],
    short: "%F",
    months: [""; 12],
};

impl Words {
    /// Of a language as BCP 47 has it, such as `en` or `nl-BE`; instants are those of the zone.
    pub(crate) fn new(language: &str, zone: TimeZone) -> Self {
        Self { language: language_of(language), zone }
    }

    /// A value in words; a list by what is in it.
    pub(crate) fn of(&self, value: &Value, format: Format) -> String {
        match value {
            Value::Text(_) | Value::Int(_) if format == Format::Spelled => spelled(value),
            Value::Bool(true) => self.language.yes.to_owned(),
            Value::Bool(false) => self.language.no.to_owned(),
            Value::Decimal(number) => self.number(&number.to_string()),
            Value::Money(money) => {
                format!("{} {}", self.number(&money.amount.to_string()), money.currency)
            }
            Value::Date(date) => self.date(*date, format),
            Value::Instant(at) => {
                let local = at.to_zoned(self.zone.clone());
                format!("{}, {}", self.date(local.date(), format), local.strftime("%H:%M"))
            }
            Value::List(values) => {
                let words: Vec<String> = values.iter().map(|it| self.of(it, format)).collect();
                words.join(", ")
            }
            other => other.to_string(),
        }
    }

    /// A value in words that are spoken: dates in full, euros by their name.
    pub(crate) fn aloud(&self, value: &Value, format: Format) -> String {
        match value {
            Value::Money(money) if money.currency.code() == "EUR" => {
                format!("{} euro", self.number(&money.amount.to_string()))
            }
            value if format == Format::Short => self.of(value, Format::Long),
            value => self.of(value, format),
        }
    }

    /// That of its instants.
    pub(crate) fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// A special answer in words.
    pub(crate) fn special(&self, special: Special) -> &'static str {
        let [dont_know, refused, not_applicable] = self.language.specials;
        match special {
            Special::DontKnow => dont_know,
            Special::Refused => refused,
            Special::NotApplicable => not_applicable,
        }
    }

    fn number(&self, digits: &str) -> String {
        digits.replace('.', &self.language.point.to_string())
    }

    fn date(&self, date: Date, format: Format) -> String {
        if format == Format::Short {
            return date.strftime(self.language.short).to_string();
        }
        let [before, after] = self.language.between;
        let month = usize::try_from(date.month()).ok().and_then(|it| it.checked_sub(1));
        match month.and_then(|it| self.language.months.get(it)) {
            Some(month) if !month.is_empty() => {
                format!("{}{before}{month}{after}{}", date.day(), date.year())
            }
            _ => date.to_string(),
        }
    }
}

fn language_of(tag: &str) -> &'static Language {
    let code = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    LANGUAGES.iter().find(|it| it.code == code).unwrap_or(&OTHER)
}

/// What separates a number from its decimals in a language.
pub(crate) fn point_of(tag: &str) -> char {
    language_of(tag).point
}

/// The months in a language; in English where it is not known.
pub(crate) fn months_of(tag: &str) -> &'static [&'static str; 12] {
    let language = language_of(tag);
    if language.months[0].is_empty() { &LANGUAGES[0].months } else { &language.months }
}

/// Its signs with blanks between.
fn spelled(value: &Value) -> String {
    let signs = value.to_string();
    let signs = signs.chars().filter(|it| !it.is_whitespace()).map(String::from);
    signs.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_the_language_has_them() {
        let zone = TimeZone::get("Europe/Amsterdam").expect("a zone");
        let at: jiff::Timestamp = "2026-12-01T22:30:00Z".parse().expect("an instant");
        let values = [
            Value::Bool(true),
            Value::Date("2026-03-01".parse().expect("a date")),
            Value::Instant(at),
            Value::Decimal("1234.50".parse().expect("a number")),
            Value::Money("12.50 EUR".parse().expect("money")),
        ];
        let said = |language: &str| {
            let words = Words::new(language, zone.clone());
            values.iter().map(|it| words.of(it, Format::Long)).collect::<Vec<_>>().join("; ")
        };
        assert_eq!(said("en-GB"), "yes; 1 March 2026; 1 December 2026, 23:30; 1234.50; 12.50 EUR");
        assert_eq!(said("de"), "ja; 1. März 2026; 1. Dezember 2026, 23:30; 1234,50; 12,50 EUR");
        assert_eq!(said("nl"), "ja; 1 maart 2026; 1 december 2026, 23:30; 1234,50; 12,50 EUR");
        assert_eq!(
            said("es"),
            "sí; 1 de marzo de 2026; 1 de diciembre de 2026, 23:30; 1234,50; 12,50 EUR"
        );
        assert_eq!(said("fr"), "yes; 2026-03-01; 2026-12-01, 23:30; 1234.50; 12.50 EUR");
    }

    #[test]
    fn dates_are_short_where_that_is_wanted_and_numbers_are_spelled() {
        let date = Value::Date("2026-03-01".parse().expect("a date"));
        let short = |language| Words::new(language, TimeZone::UTC).of(&date, Format::Short);
        let all = ["en", "de-AT", "nl", "es", "fr"].map(short);
        assert_eq!(all, ["1 Mar 2026", "01.03.2026", "01-03-2026", "01/03/2026", "2026-03-01"]);
        let spelled = |value| Words::new("en", TimeZone::UTC).of(&value, Format::Spelled);
        assert_eq!(spelled(Value::from("+31 6")), "+ 3 1 6");
        assert_eq!(spelled(Value::Int(-42)), "- 4 2");
        assert_eq!(spelled(Value::Bool(true)), "yes");
    }
}
