//! What typed keys mean: a value as the script engine takes it.

use caruso_api::script::v1::{Question, QuestionType};

/// Whether the star is typed as a decimal point.
pub(super) fn has_point(question: &Question) -> bool {
    matches!(question.r#type(), QuestionType::Decimal | QuestionType::Money)
}

/// The value that keys mean; nothing where they mean none. Whether there is such a day or time is
/// for the engine to say.
pub(super) fn value(question: &Question, typed: &str) -> Option<String> {
    match question.r#type() {
        QuestionType::Date => {
            let (day, month, year) = (typed.get(..2)?, typed.get(2..4)?, typed.get(4..8)?);
            Some(format!("{year}-{month}-{day}"))
        }
        QuestionType::Time => Some(format!("{}:{}", typed.get(..2)?, typed.get(2..4)?)),
        QuestionType::Decimal | QuestionType::Money => {
            let (whole, behind) = typed.split_once('*').unwrap_or((typed, ""));
            let has_digits = !whole.is_empty() || !behind.is_empty();
            let whole = if whole.is_empty() { "0" } else { whole };
            let number = if behind.is_empty() { whole.into() } else { format!("{whole}.{behind}") };
            has_digits.then_some(number)
        }
        _ => Some(typed.to_owned()),
    }
}
