//! What a customer sent, as an answer to a question.

use std::borrow::Cow;
use std::collections::BTreeMap;

use caruso_api::script::v1 as proto;
use caruso_application::dialogue::read_number;
use proto::{Question, QuestionType, SpecialAnswer};

/// Most fields that are looked at: more than the questions of a page have choices.
const MOST_FIELDS: usize = 1_000;
/// Most questions of a page.
const MOST_QUESTIONS: usize = 12;

/// The fields of a form.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Form {
    /// The step that it answers.
    pub(crate) step: String,
    /// The row of a roster in which the step stands; empty outside of one.
    pub(crate) row: String,
    /// The page that it answers; empty where it is one question.
    pub(crate) page: String,
    /// What was sent for each question of the page, by its place.
    pub(crate) questions: BTreeMap<usize, Form>,
    /// Of the view in which it was asked.
    pub(crate) sequence: u64,
    /// What was typed or chosen.
    pub(crate) values: Vec<String>,
    /// The place that each choice was given, by its value.
    pub(crate) ranks: BTreeMap<String, String>,
    /// What was chosen in place of a value.
    pub(crate) special: SpecialAnswer,
    /// Whether the question is left out.
    pub(crate) is_skipped: bool,
    /// Whether the customer says that a doubted answer is right.
    pub(crate) is_confirmed: bool,
    /// Why, perhaps.
    pub(crate) reason: String,
    /// What is begun in place of an answer; empty where one is sent.
    pub(crate) interrupt: String,
    /// Of a start: the language.
    pub(crate) language: String,
}

impl Form {
    /// Reads `application/x-www-form-urlencoded`. Unknown fields are passed over.
    pub(crate) fn read(body: &[u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body).take(MOST_FIELDS) {
            match &*name {
                "step" => form.step = value.into_owned(),
                "row" => form.row = value.into_owned(),
                "page" => form.page = value.into_owned(),
                "sequence" => form.sequence = value.parse().unwrap_or_default(),
                "skip" => form.is_skipped = true,
                "interrupt" => form.interrupt = value.into_owned(),
                "lang" => form.language = value.into_owned(),
                name => match of_question(name) {
                    Some((place, name)) => {
                        form.questions.entry(place).or_default().put(name, value);
                    }
                    None => form.put(name, value),
                },
            }
        }
        form
    }

    /// Takes up a field of a question.
    fn put(&mut self, name: &str, value: Cow<'_, str>) {
        match name {
            "value" => self.values.push(value.into_owned()),
            "special" => self.special = special(&value),
            "confirm" => self.is_confirmed = true,
            "reason" => value.trim().clone_into(&mut self.reason),
            name => {
                if let Some(choice) = name.strip_prefix("rank:") {
                    self.ranks.insert(choice.to_owned(), value.into_owned());
                }
            }
        }
    }

    /// Why an answer that is doubted is right; empty where the customer does not say so.
    pub(crate) fn kept_because<'f>(&'f self, confirmed: &'f str) -> &'f str {
        match (self.is_confirmed, self.reason.as_str()) {
            (false, _) => "",
            (true, "") => confirmed,
            (true, reason) => reason,
        }
    }

    /// The first value.
    pub(crate) fn value(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    /// The answer as the engine takes it; nothing where two choices have the same place. What
    /// cannot be read stays as it is, for the engine to refuse.
    pub(crate) fn answer(&self, question: Option<&Question>, language: &str) -> Option<String> {
        let Some(question) = question else { return Some(String::new()) };
        if self.is_skipped || self.special != SpecialAnswer::Unspecified {
            return Some(String::new());
        }
        let typed = self.value().trim();
        Some(match question.r#type() {
            QuestionType::Multiple => self.values.join(" "),
            QuestionType::Ranking => return self.ranking(),
            QuestionType::Integer | QuestionType::Decimal | QuestionType::Money => {
                read_number(typed, language).unwrap_or_else(|| typed.to_owned())
            }
            QuestionType::Text => typed.replace("\r\n", "\n"),
            _ => typed.to_owned(),
        })
    }

    /// The choices that have a place, by their places.
    fn ranking(&self) -> Option<String> {
        let mut places: BTreeMap<u32, &str> = BTreeMap::new();
        for (choice, place) in self.ranks.iter().filter(|(_, place)| !place.is_empty()) {
            if places.insert(place.parse().ok()?, choice).is_some() {
                return None;
            }
        }
        Some(places.into_values().collect::<Vec<_>>().join(" "))
    }
}

/// What stands before the names of the fields of a question of a page.
pub(crate) fn prefix(place: usize) -> String {
    format!("q{place}.")
}

/// The place of the question of a page that a field belongs to, and the name of the field.
fn of_question(name: &str) -> Option<(usize, &str)> {
    let (place, name) = name.strip_prefix('q')?.split_once('.')?;
    let place = place.parse().ok().filter(|it| *it < MOST_QUESTIONS)?;
    Some((place, name))
}

/// The word of a special answer in forms.
pub(crate) fn word(special: SpecialAnswer) -> &'static str {
    match special {
        SpecialAnswer::Unspecified => "",
        SpecialAnswer::DontKnow => "dont-know",
        SpecialAnswer::Refused => "refused",
        SpecialAnswer::NotApplicable => "not-applicable",
    }
}

fn special(text: &str) -> SpecialAnswer {
    let all = [SpecialAnswer::DontKnow, SpecialAnswer::Refused, SpecialAnswer::NotApplicable];
    all.into_iter().find(|it| word(*it) == text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: QuestionType, body: &str, language: &str) -> Option<String> {
        let question = Question { r#type: kind.into(), ..Default::default() };
        Form::read(body.as_bytes()).answer(Some(&question), language)
    }

    #[test]
    fn fields_of_all_types_become_answers() {
        use QuestionType::*;
        for (kind, body, language, expected) in [
            (Choice, "value=gas", "en", Some("gas")),
            (Multiple, "value=gas&value=power", "en", Some("gas power")),
            (Multiple, "", "en", Some("")),
            (Ranking, "rank:gas=2&rank:power=1&rank:heat=", "en", Some("power gas")),
            (Ranking, "rank:gas=1&rank:power=1", "en", None),
            (Ranking, "rank:gas=first", "en", None),
            (Decimal, "value=4.711%2C5", "nl", Some("4711.5")),
            (Decimal, "value=4711.5", "nl", Some("4711.5")),
            (Money, "value=%E2%82%AC+12%2C50", "de", Some("12.50")),
            (Integer, "value=many", "en", Some("many")),
            (Text, "value=+two%0D%0Alines+", "en", Some("two\nlines")),
            (Date, "value=2026-12-01", "en", Some("2026-12-01")),
            (Iban, "value=NL91&skip=1", "en", Some("")),
            (Integer, "value=3&special=refused", "en", Some("")),
        ] {
            assert_eq!(answer(kind, body, language).as_deref(), expected, "{kind:?} {body}");
        }
        assert_eq!(Form::default().answer(None, "en").as_deref(), Some(""), "information");
    }

    #[test]
    fn a_form_of_whatever_bytes_is_read_and_bounded() {
        let form = Form::read(b"step=a&sequence=x&value=%ff%00&special=nonsense&more=1&=&&&");
        assert_eq!((form.step.as_str(), form.sequence), ("a", 0));
        assert_eq!(form.values, ["\u{fffd}\0"]);
        assert_eq!(form.special, SpecialAnswer::Unspecified);
        let page =
            Form::read(b"page=p&q0.value=a&q11.rank:x=1&q12.value=b&q0.confirm=1&qx.value=c");
        assert_eq!(page.questions.keys().copied().collect::<Vec<_>>(), [0, 11]);
        assert_eq!((page.questions[&0].value(), page.questions[&0].is_confirmed), ("a", true));
        assert_eq!(page.questions[&11].ranks["x"], "1");
        let many = Form::read("value=1&".repeat(5_000).as_bytes());
        assert_eq!(many.values.len(), MOST_FIELDS);
    }
}
