//! Values as words, against tables of well-known ones and read back.

use caruso_expression::Value;
use jiff::tz::TimeZone;
use proptest::prelude::*;

use super::names;
use crate::words::Format;

fn said(tag: &str, value: Value, format: Format) -> String {
    let zone = TimeZone::get("Europe/Amsterdam").expect("a zone");
    names(tag, &value, format, &zone).map_or("-".to_owned(), |it| it.join(" "))
}

fn number(tag: &str, number: i64) -> String {
    said(tag, Value::Int(number), Format::Long)
}

/// A number in English, Dutch, German and Spanish.
const NUMBERS: &[(i64, [&str; 4])] = &[
    (0, ["zero", "nul", "null", "cero"]),
    (1, ["one", "een", "eins", "uno"]),
    (16, ["sixteen", "zestien", "sechzehn", "dieciseis"]),
    (20, ["twenty", "twintig", "zwanzig", "veinte"]),
    (21, ["twenty one", "eenentwintig", "einundzwanzig", "veintiuno"]),
    (22, ["twenty two", "tweeentwintig", "zweiundzwanzig", "veintidos"]),
    (31, ["thirty one", "eenendertig", "einunddreissig", "treinta y uno"]),
    (87, ["eighty seven", "zevenentachtig", "siebenundachtzig", "ochenta y siete"]),
    (100, ["one hundred", "honderd", "hundert", "cien"]),
    (101, ["one hundred one", "honderd een", "hundert eins", "ciento uno"]),
    (
        555,
        [
            "five hundred fifty five",
            "vijf honderd vijfenvijftig",
            "fuenf hundert fuenfundfuenfzig",
            "quinientos cincuenta y cinco",
        ],
    ),
    (1_000, ["one thousand", "duizend", "tausend", "mil"]),
    (
        2_026,
        [
            "two thousand twenty six",
            "twee duizend zesentwintig",
            "zwei tausend sechsundzwanzig",
            "dos mil veintiseis",
        ],
    ),
    (
        21_000,
        ["twenty one thousand", "eenentwintig duizend", "einundzwanzig tausend", "veintiun mil"],
    ),
    (
        101_001,
        [
            "one hundred one thousand one",
            "honderd een duizend een",
            "hundert ein tausend eins",
            "ciento un mil uno",
        ],
    ),
    (1_000_000, ["one million", "een miljoen", "eine million", "un millon"]),
    (
        231_000_100,
        [
            "two hundred thirty one million one hundred",
            "twee honderd eenendertig miljoen honderd",
            "zwei hundert einunddreissig millionen hundert",
            "doscientos treinta y un millones cien",
        ],
    ),
    (-7, ["minus seven", "min zeven", "minus sieben", "menos siete"]),
    (1_000_000_000, ["-"; 4]),
    (i64::MIN, ["-"; 4]),
];

#[test]
fn numbers_are_said_as_each_language_has_them() {
    for (value, expected) in NUMBERS {
        let said = ["en", "nl-BE", "de-AT", "es"].map(|tag| number(tag, *value));
        assert_eq!(said.each_ref().map(String::as_str), *expected, "{value}");
    }
    assert_eq!(number("fr", 1), "-");
}

/// The words below a hundred of which all others are made, as a child would write them down.
const LITTLE: [&str; 4] = [
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
     sixteen seventeen eighteen nineteen",
    "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien \
     zestien zeventien achttien negentien",
    "null eins zwei drei vier fuenf sechs sieben acht neun zehn elf zwoelf dreizehn vierzehn \
     fuenfzehn sechzehn siebzehn achtzehn neunzehn",
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince \
     dieciseis diecisiete dieciocho diecinueve veinte veintiuno veintidos veintitres veinticuatro \
     veinticinco veintiseis veintisiete veintiocho veintinueve",
];
const TENS: [&str; 4] = [
    "- ten twenty thirty forty fifty sixty seventy eighty ninety",
    "- tien twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "- zehn zwanzig dreissig vierzig fuenfzig sechzig siebzig achtzig neunzig",
    "- diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
];
const HUNDREDS: &str = "- ciento doscientos trescientos cuatrocientos quinientos seiscientos \
    setecientos ochocientos novecientos";

fn place(words: &str, word: &str) -> Option<i64> {
    let place = words.split_whitespace().position(|it| it == word)?;
    i64::try_from(place).ok()
}

/// What a single word is worth.
fn worth(language: usize, word: &str) -> Option<i64> {
    if let Some(little) = place(LITTLE[language], word) {
        return Some(little);
    }
    if let Some(tens) = place(TENS[language], word) {
        return Some(tens * 10);
    }
    match word {
        "ein" | "eine" | "un" => return Some(1),
        "veintiun" => return Some(21),
        "cien" => return Some(100),
        "y" => return Some(0),
        _ => {}
    }
    if language == 3 {
        return place(HUNDREDS, word).map(|it| it * 100);
    }
    let and = if language == 2 { "und" } else { "en" };
    let splits = word.match_indices(and).map(|(at, _)| (&word[..at], &word[at + and.len()..]));
    let mut found = splits.filter_map(|(ones, tens)| {
        let ones = if ones == "ein" { 1 } else { place(LITTLE[language], ones)? };
        Some(ones + place(TENS[language], tens)? * 10)
    });
    found.next()
}

/// Reads a number back, from left to right.
fn read(language: usize, words: &[String]) -> Option<i64> {
    let (mut all, mut part) = (0, 0);
    for word in words {
        match word.as_str() {
            "hundred" | "honderd" | "hundert" => part = part.max(1) * 100,
            "thousand" | "duizend" | "tausend" | "mil" => {
                all += part.max(1) * 1_000;
                part = 0;
            }
            "million" | "miljoen" | "millionen" | "millon" | "millones" => {
                all += part.max(1) * 1_000_000;
                part = 0;
            }
            word => part += worth(language, word)?,
        }
    }
    Some(all + part)
}

#[test]
fn every_number_up_to_a_million_reads_back() {
    let zone = TimeZone::UTC;
    for (language, tag) in ["en", "nl", "de", "es"].into_iter().enumerate() {
        // every number below ten thousand, and a row of those above that ends in all digits
        for number in (0..10_000).chain((10_000..=1_000_000).step_by(37)) {
            let words = names(tag, &Value::Int(number), Format::Long, &zone).expect("it has words");
            assert_eq!(read(language, &words), Some(number), "{tag}: {words:?}");
            assert!(words.iter().all(|it| it.bytes().all(|it| it.is_ascii_lowercase())));
        }
    }
}

proptest! {
    #[test]
    fn any_number_reads_back(number in 0_i64..1_000_000_000) {
        for (language, tag) in ["en", "nl", "de", "es"].into_iter().enumerate() {
            let words = names(tag, &Value::Int(number), Format::Long, &TimeZone::UTC);
            prop_assert_eq!(read(language, &words.expect("it has words")), Some(number));
        }
    }
}

/// A value as text, how it is written, and how it is said in the four languages.
const VALUES: &[(&str, Format, [&str; 4])] = &[
    (
        "date 2026-03-01",
        Format::Long,
        [
            "first of march twenty twenty six",
            "een maart twee duizend zesentwintig",
            "erster maerz zwei tausend sechsundzwanzig",
            "uno de marzo de dos mil veintiseis",
        ],
    ),
    (
        "date 1999-12-31",
        Format::Short,
        [
            "thirty first of december nineteen ninety nine",
            "eenendertig december negentien honderd negenennegentig",
            "einunddreissigster dezember neunzehn hundert neunundneunzig",
            "treinta y uno de diciembre de mil novecientos noventa y nueve",
        ],
    ),
    (
        "date 1905-07-07",
        Format::Long,
        [
            "seventh of july nineteen oh five",
            "zeven juli negentien honderd vijf",
            "siebter juli neunzehn hundert fuenf",
            "siete de julio de mil novecientos cinco",
        ],
    ),
    (
        "date 2005-08-03",
        Format::Long,
        [
            "third of august two thousand five",
            "drie augustus twee duizend vijf",
            "dritter august zwei tausend fuenf",
            "tres de agosto de dos mil cinco",
        ],
    ),
    ("date 0900-01-01", Format::Long, ["-"; 4]),
    (
        "time 14:30",
        Format::Long,
        ["fourteen thirty", "veertien uur dertig", "vierzehn uhr dreissig", "catorce treinta"],
    ),
    ("time 01:00", Format::Long, ["one oclock", "een uur", "ein uhr", "una en-punto"]),
    (
        "time 09:05",
        Format::Long,
        ["nine oh five", "negen uur vijf", "neun uhr fuenf", "nueve cinco"],
    ),
    (
        "number 12.50",
        Format::Long,
        [
            "twelve point five zero",
            "twaalf komma vijf nul",
            "zwoelf komma fuenf null",
            "doce coma cinco cero",
        ],
    ),
    (
        "number -0.1",
        Format::Long,
        [
            "minus zero point one",
            "min nul komma een",
            "minus null komma eins",
            "menos cero coma uno",
        ],
    ),
    (
        "money 12.50 EUR",
        Format::Long,
        [
            "twelve euros fifty cents",
            "twaalf euro vijftig",
            "zwoelf euro fuenfzig",
            "doce euros con cincuenta",
        ],
    ),
    ("money 1 EUR", Format::Long, ["one euro", "een euro", "ein euro", "un euro"]),
    (
        "money 21.00 EUR",
        Format::Long,
        ["twenty one euros", "eenentwintig euro", "einundzwanzig euro", "veintiun euros"],
    ),
    ("money 0.01 EUR", Format::Long, ["one cent", "een cent", "ein cent", "un centimo"]),
    ("money 0 EUR", Format::Long, ["zero euros", "nul euro", "null euro", "cero euros"]),
    (
        "money 3.5 USD",
        Format::Long,
        [
            "three point five usd",
            "drie komma vijf usd",
            "drei komma fuenf usd",
            "tres coma cinco usd",
        ],
    ),
    (
        "text 042",
        Format::Spelled,
        ["zero four two", "nul vier twee", "null vier zwei", "cero cuatro dos"],
    ),
    (
        "text +3 B",
        Format::Spelled,
        ["plus three letter-b", "plus drie letter-b", "plus drei letter-b", "plus tres letter-b"],
    ),
    ("text §", Format::Spelled, ["-"; 4]),
    ("text", Format::Spelled, ["-"; 4]),
    ("text 042", Format::Long, ["-"; 4]),
];

fn value(text: &str) -> Value {
    let (kind, text) = text.split_once(' ').unwrap_or((text, ""));
    match kind {
        "date" => Value::Date(text.parse().expect("a date")),
        "time" => Value::Time(text.parse().expect("a time")),
        "number" => Value::Decimal(text.parse().expect("a number")),
        "money" => Value::Money(text.parse().expect("money")),
        _ => Value::from(text),
    }
}

#[test]
fn other_values_are_said_as_each_language_has_them() {
    for (text, format, expected) in VALUES {
        let said = ["en", "nl", "de", "es"].map(|tag| said(tag, value(text), *format));
        assert_eq!(said.each_ref().map(String::as_str), *expected, "{text}");
    }
    let at: jiff::Timestamp = "2026-12-01T22:30:00Z".parse().expect("an instant");
    let said = said("nl", Value::Instant(at), Format::Long);
    assert_eq!(said, "een december twee duizend zesentwintig drieentwintig uur dertig");
    assert_eq!(self::said("es", Value::Bool(true), Format::Long), "si");
}
