//! What a conversation looks like in a terminal.

use caruso_application::dialogue::{
    Answered, Order, Question, QuestionKind, Role, Shown, Task, View,
};

/// The step: its texts, and what may be answered.
pub(super) fn presented(view: &View) -> String {
    let mut text = format!("\n[{}]", view.step);
    for said in &view.prompts {
        match said.role {
            Role::Say => text += &format!("\n  “{}”", said.text),
            Role::Note => text += &format!("\n  ({})", said.text),
            Role::NoInput | Role::NoMatch => {}
        }
    }
    match &view.shown {
        Shown::Question(question) => text += &wanted(question),
        Shown::Information => text += "\n  an empty line goes on",
        Shown::HandOff { queue, attributes } => {
            text += &format!("\nto queue {queue}");
            for (name, value) in attributes {
                text += &format!("\n  {name} = {value}");
            }
        }
        Shown::End { outcome } => text += &format!("\nended: {outcome}"),
        Shown::Waiting { .. } | Shown::Cancelled { .. } => {}
    }
    text
}

/// What a question takes.
fn wanted(question: &Question) -> String {
    let mut text = String::new();
    for choice in &question.choices {
        let key = choice.key.as_ref().map(|it| format!("  key {it}")).unwrap_or_default();
        text += &format!("\n    {}  {}{key}", choice.value, choice.label);
    }
    match question.kind {
        QuestionKind::Choice => {}
        QuestionKind::YesNo => text += "\n    yes or no",
        QuestionKind::Text { max } => text += &format!("\n    a text, at most {max} characters"),
        QuestionKind::Integer { min, max } => {
            let bounds = match (min, max) {
                (i64::MIN, i64::MAX) => String::new(),
                (min, i64::MAX) => format!(" from {min}"),
                (i64::MIN, max) => format!(" up to {max}"),
                (min, max) => format!(" from {min} to {max}"),
            };
            text += &format!("\n    a whole number{bounds}");
        }
        QuestionKind::Date => text += "\n    a date, as 2026-12-01",
    }
    if !question.is_required {
        text += "\n    or an empty line, which passes it";
    }
    text
}

/// A step that was answered before, asked once more.
pub(super) fn asked_again(earlier: &Answered) -> String {
    let asked = earlier.asked.as_ref().map(wanted).unwrap_or_default();
    format!("\n[{}]\n  “{}”\n  it was: {}{asked}", earlier.step, earlier.question, earlier.label)
}

/// An answer in one line.
pub(super) fn answered(it: &Answered) -> String {
    match it.label.as_str() {
        "" => format!("  {}: –", it.step),
        label => format!("  {}: {label}", it.step),
    }
}

/// An action, which is not sent.
pub(super) fn spoken_of(order: &Order) -> String {
    let (what, values) = match &order.task {
        Task::Create { class, attributes } => (format!("new {class}"), attributes),
        Task::Invoke { operation, arguments } => (operation.clone(), arguments),
    };
    let mut text = format!("\n→ {} ({what}), not sent:", order.title);
    for (name, value) in values {
        text += &format!("\n    {name} = {value}");
    }
    text
}

/// What a line means for a question: a key is its choice, yes is true.
pub(super) fn value(line: &str, question: Option<&Question>) -> String {
    let Some(question) = question else { return line.to_owned() };
    if question.kind == QuestionKind::YesNo {
        return match line {
            "yes" | "y" => "true".to_owned(),
            "no" | "n" => "false".to_owned(),
            other => other.to_owned(),
        };
    }
    let by_key = question.choices.iter().find(|it| it.key.as_deref() == Some(line));
    by_key.map_or_else(|| line.to_owned(), |it| it.value.clone())
}
