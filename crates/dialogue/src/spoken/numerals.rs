//! Whole numbers as words, in the grammar of each language.
//!
//! Words are written in small letters from a to z, so that they can be names of files: `ä` is `ae`,
//! `ß` is `ss`, other letters lose what stands above them: zwoelf, dreissig, veintidos.

/// A language whose numbers are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    English,
    Dutch,
    German,
    Spanish,
}

impl Language {
    /// Of a tag as BCP 47 has it.
    pub(crate) fn of(tag: &str) -> Option<Self> {
        let code = tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
        Some(match code.as_str() {
            "en" => Self::English,
            "nl" => Self::Dutch,
            "de" => Self::German,
            "es" => Self::Spanish,
            _ => return None,
        })
    }
}

/// What a number stands for, which changes its last word: German counts *eins*, but *ein Euro* and
/// *eine Million*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stands {
    Alone,
    /// Before a thing that is counted, masculine where that matters.
    Before,
    /// Before one that is feminine.
    BeforeFeminine,
}

/// The largest number that has words.
pub(super) const MOST: u64 = 999_999_999;

const ENGLISH: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const ENGLISH_TENS: [&str; 8] =
    ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const DUTCH: [&str; 20] = [
    "nul",
    "een",
    "twee",
    "drie",
    "vier",
    "vijf",
    "zes",
    "zeven",
    "acht",
    "negen",
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
];
const DUTCH_TENS: [&str; 8] =
    ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"];
const GERMAN: [&str; 20] = [
    "null",
    "eins",
    "zwei",
    "drei",
    "vier",
    "fuenf",
    "sechs",
    "sieben",
    "acht",
    "neun",
    "zehn",
    "elf",
    "zwoelf",
    "dreizehn",
    "vierzehn",
    "fuenfzehn",
    "sechzehn",
    "siebzehn",
    "achtzehn",
    "neunzehn",
];
const GERMAN_TENS: [&str; 8] =
    ["zwanzig", "dreissig", "vierzig", "fuenfzig", "sechzig", "siebzig", "achtzig", "neunzig"];
const SPANISH: [&str; 30] = [
    "cero",
    "uno",
    "dos",
    "tres",
    "cuatro",
    "cinco",
    "seis",
    "siete",
    "ocho",
    "nueve",
    "diez",
    "once",
    "doce",
    "trece",
    "catorce",
    "quince",
    "dieciseis",
    "diecisiete",
    "dieciocho",
    "diecinueve",
    "veinte",
    "veintiuno",
    "veintidos",
    "veintitres",
    "veinticuatro",
    "veinticinco",
    "veintiseis",
    "veintisiete",
    "veintiocho",
    "veintinueve",
];
const SPANISH_TENS: [&str; 7] =
    ["treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa"];
const SPANISH_HUNDREDS: [&str; 9] = [
    "ciento",
    "doscientos",
    "trescientos",
    "cuatrocientos",
    "quinientos",
    "seiscientos",
    "setecientos",
    "ochocientos",
    "novecientos",
];

/// The words of a number; nothing above [`MOST`].
pub(super) fn cardinal(language: Language, number: u64, stands: Stands) -> Option<Vec<String>> {
    if number > MOST {
        return None;
    }
    let (millions, rest) = (number / 1_000_000, number % 1_000_000);
    let (thousands, rest) = (rest / 1_000, rest % 1_000);
    let mut words = Vec::new();
    if millions > 0 {
        words.extend(below_thousand(language, millions, Stands::BeforeFeminine));
        words.push(million(language, millions).to_owned());
    }
    if thousands > 0 {
        // one thousand is just a thousand, but in English
        if thousands > 1 || language == Language::English {
            words.extend(below_thousand(language, thousands, Stands::Before));
        }
        words.push(thousand(language).to_owned());
    }
    if rest > 0 || words.is_empty() {
        words.extend(below_thousand(language, rest, stands));
    }
    Some(words)
}

fn million(language: Language, count: u64) -> &'static str {
    match (language, count) {
        (Language::English, _) => "million",
        (Language::Dutch, _) => "miljoen",
        (Language::German, 1) => "million",
        (Language::German, _) => "millionen",
        (Language::Spanish, 1) => "millon",
        (Language::Spanish, _) => "millones",
    }
}

fn thousand(language: Language) -> &'static str {
    match language {
        Language::English => "thousand",
        Language::Dutch => "duizend",
        Language::German => "tausend",
        Language::Spanish => "mil",
    }
}

fn below_thousand(language: Language, number: u64, stands: Stands) -> Vec<String> {
    let (hundreds, rest) = (number / 100, number % 100);
    let mut words = Vec::new();
    if hundreds > 0 {
        words.extend(hundred(language, hundreds, rest == 0));
    }
    if rest > 0 || hundreds == 0 {
        words.extend(below_hundred(language, rest, stands));
    }
    words
}

/// So many hundreds; `is_all` where nothing follows.
fn hundred(language: Language, count: u64, is_all: bool) -> Vec<String> {
    let counted = |word: &str, says_one: bool| {
        let count = (count > 1 || says_one).then(|| below_hundred(language, count, Stands::Before));
        count.into_iter().flatten().chain([word.to_owned()]).collect()
    };
    match language {
        Language::English => counted("hundred", true),
        Language::Dutch => counted("honderd", false),
        Language::German => counted("hundert", false),
        Language::Spanish if count == 1 && is_all => vec!["cien".to_owned()],
        Language::Spanish => vec![word(&SPANISH_HUNDREDS, count - 1).to_owned()],
    }
}

fn below_hundred(language: Language, number: u64, stands: Stands) -> Vec<String> {
    let (tens, ones) = (number / 10, number % 10);
    let is_counting = stands != Stands::Alone;
    match language {
        Language::English if number < 20 => vec![word(&ENGLISH, number).to_owned()],
        Language::English => {
            let ones = (ones > 0).then(|| word(&ENGLISH, ones));
            [word(&ENGLISH_TENS, tens - 2)].into_iter().chain(ones).map(str::to_owned).collect()
        }
        Language::Dutch if number < 20 => vec![word(&DUTCH, number).to_owned()],
        Language::Dutch => vec![turned(word(&DUTCH, ones), "en", word(&DUTCH_TENS, tens - 2))],
        Language::German if number == 1 => vec![
            match stands {
                Stands::Alone => "eins",
                Stands::Before => "ein",
                Stands::BeforeFeminine => "eine",
            }
            .to_owned(),
        ],
        Language::German if number < 20 => vec![word(&GERMAN, number).to_owned()],
        Language::German => {
            let ones = if ones == 1 { "ein" } else { word(&GERMAN, ones) };
            vec![turned(ones, "und", word(&GERMAN_TENS, tens - 2))]
        }
        Language::Spanish if number == 1 && is_counting => vec!["un".to_owned()],
        Language::Spanish if number == 21 && is_counting => vec!["veintiun".to_owned()],
        Language::Spanish if number < 30 => vec![word(&SPANISH, number).to_owned()],
        Language::Spanish => {
            let mut words = vec![word(&SPANISH_TENS, tens - 3).to_owned()];
            if ones > 0 {
                words.push("y".to_owned());
                words.extend(below_hundred(language, ones, stands));
            }
            words
        }
    }
}

/// Ones before tens, in one word: eenentwintig. Without ones, the tens.
fn turned(ones: &str, and: &str, tens: &str) -> String {
    if matches!(ones, "nul" | "null") { tens.to_owned() } else { format!("{ones}{and}{tens}") }
}

fn word<'w>(words: &[&'w str], place: u64) -> &'w str {
    usize::try_from(place).ok().and_then(|it| words.get(it)).copied().unwrap_or_default()
}
