//! A question as the fields of a form.

use caruso_api::script::v1 as proto;
use proto::{Question, QuestionType, SpecialAnswer};
use serde::Serialize;

use crate::form::{Form, word};
use crate::phrases::Phrases;

/// Texts that may be longer than this have several lines.
const ONE_LINE: u32 = 120;

/// Everything that a template needs to draw the fields.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Field {
    /// `radios`, `scale`, `checks`, `ranks`, `line` or `lines`.
    pub(crate) kind: &'static str,
    /// Attributes of an input: type, inputmode, autocomplete, maxlength.
    pub(crate) input: &'static str,
    pub(crate) mode: &'static str,
    pub(crate) autocomplete: &'static str,
    pub(crate) longest: Option<u32>,
    /// What stands in it.
    pub(crate) value: String,
    /// What stands behind it, as a currency.
    pub(crate) unit: String,
    /// What can be chosen.
    pub(crate) options: Vec<Choosable>,
    /// The places of a ranking.
    pub(crate) places: Vec<u32>,
    /// What the ends of a scale mean.
    pub(crate) lowest: String,
    pub(crate) highest: String,
    /// How it wants to be answered, where that does not go without saying.
    pub(crate) hint: String,
    pub(crate) is_required: bool,
    /// Word and label of what may be answered in place of a value.
    pub(crate) specials: Vec<(&'static str, &'static str)>,
}

/// One that can be chosen.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Choosable {
    pub(crate) value: String,
    pub(crate) label: String,
    pub(crate) is_chosen: bool,
    /// The place that it has in a ranking.
    pub(crate) place: String,
}

/// The form of a question, filled in with what was answered or sent before.
pub(crate) fn field(question: &Question, before: &Form, t: &'static Phrases) -> Field {
    let special = |it: &proto::SpecialChoice| (word(it.special()), t.special(it.special()));
    let field = Field {
        is_required: question.is_required,
        specials: question.specials.iter().map(special).collect(),
        lowest: question.lowest.clone(),
        highest: question.highest.clone(),
        value: before.value().to_owned(),
        unit: question.currency.clone(),
        ..Default::default()
    };
    let hint = || needs(question, t);
    match question.r#type() {
        QuestionType::Choice => {
            Field { kind: "radios", options: options(question, before), ..field }
        }
        QuestionType::YesNo | QuestionType::Consent => {
            let yes_or_no = [("true", t.yes), ("false", t.no)];
            let options = yes_or_no.map(|(value, label)| chosen(value, label, before));
            Field { kind: "radios", options: options.into(), ..field }
        }
        QuestionType::Scale => {
            let numbers = number(&question.minimum)..=number(&question.maximum);
            let options = numbers.take(MOST_NUMBERS).map(|it| it.to_string());
            let options = options.map(|it| chosen(&it, &it, before)).collect();
            Field { kind: "scale", options, ..field }
        }
        QuestionType::Multiple => {
            Field { kind: "checks", options: options(question, before), hint: hint(), ..field }
        }
        QuestionType::Ranking => {
            let options = options(question, before);
            let places = (1..).take(options.len()).collect();
            Field { kind: "ranks", places, options, hint: hint(), ..field }
        }
        QuestionType::Text => {
            let longest = question.maximum.parse().ok();
            let kind = if longest.is_some_and(|it| it <= ONE_LINE) { "line" } else { "lines" };
            Field { kind, input: "text", longest, ..field }
        }
        kind => {
            let (input, mode, autocomplete) = line(kind);
            let hint = match kind {
                QuestionType::Integer
                | QuestionType::Decimal
                | QuestionType::Money
                | QuestionType::Digits => hint(),
                _ => String::new(),
            };
            Field { kind: "line", input, mode, autocomplete, hint, ..field }
        }
    }
}

/// A scale has at most 11 numbers; whatever the engine says, a page ends.
const MOST_NUMBERS: usize = 11;

/// Type, inputmode and autocomplete of what is typed in one line.
fn line(kind: QuestionType) -> (&'static str, &'static str, &'static str) {
    match kind {
        QuestionType::Integer | QuestionType::Digits => ("text", "numeric", "off"),
        QuestionType::Decimal | QuestionType::Money => ("text", "decimal", "off"),
        QuestionType::Date => ("date", "", "off"),
        QuestionType::Time => ("time", "", "off"),
        QuestionType::Instant => ("datetime-local", "", "off"),
        QuestionType::Phone => ("tel", "", "tel"),
        QuestionType::Email => ("email", "", "email"),
        _ => ("text", "", "off"),
    }
}

fn options(question: &Question, before: &Form) -> Vec<Choosable> {
    question.choices.iter().map(|it| chosen(&it.value, &it.label, before)).collect()
}

fn chosen(value: &str, label: &str, before: &Form) -> Choosable {
    Choosable {
        value: value.to_owned(),
        label: label.to_owned(),
        is_chosen: before.values.iter().any(|it| it == value),
        place: before.ranks.get(value).cloned().unwrap_or_default(),
    }
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_default()
}

/// How a question is to be answered.
pub(crate) fn needs(question: &Question, t: &'static Phrases) -> String {
    let Question { minimum: min, maximum: max, .. } = question;
    match question.r#type() {
        QuestionType::Unspecified => String::new(),
        QuestionType::Choice | QuestionType::YesNo | QuestionType::Consent => t.choose.to_owned(),
        QuestionType::Multiple => filled(t.choose_some, min, max),
        QuestionType::Ranking => t.ranks.to_owned(),
        QuestionType::Text => filled(t.too_long, min, max),
        QuestionType::Integer
        | QuestionType::Decimal
        | QuestionType::Scale
        | QuestionType::Money => t.number.replace("{bounds}", &bounds(min, max, t)),
        QuestionType::Date => t.date.to_owned(),
        QuestionType::Time => t.time.to_owned(),
        QuestionType::Instant => t.instant.to_owned(),
        QuestionType::Phone => t.phone.to_owned(),
        QuestionType::Email => t.email.to_owned(),
        QuestionType::Iban => t.iban.to_owned(),
        QuestionType::Digits => {
            let count = if min == max { min.clone() } else { format!("{min}–{max}") };
            t.digits.replace("{count}", &count)
        }
    }
}

fn filled(text: &str, min: &str, max: &str) -> String {
    text.replace("{min}", min).replace("{max}", max)
}

fn bounds(min: &str, max: &str, t: &'static Phrases) -> String {
    let is_open =
        |it: &str| it.is_empty() || it == i64::MIN.to_string() || it == i64::MAX.to_string();
    let [both, least, most] = t.bounds;
    let phrase = match (is_open(min), is_open(max)) {
        (true, true) => "",
        (false, true) => least,
        (true, false) => most,
        (false, false) => both,
    };
    filled(phrase, &min.replace('.', t.point), &max.replace('.', t.point))
}

/// What an earlier answer looks like in a form.
pub(crate) fn filled_in(question: &Question, value: &str, special: SpecialAnswer) -> Form {
    let mut form = Form { special, ..Default::default() };
    match question.r#type() {
        QuestionType::Multiple => {
            form.values = value.split_whitespace().map(str::to_owned).collect();
        }
        QuestionType::Ranking => {
            let places = (1..).zip(value.split_whitespace());
            form.ranks = places.map(|(place, it)| (it.to_owned(), format!("{place}"))).collect();
        }
        _ => form.values = vec![value.to_owned()],
    }
    form
}
