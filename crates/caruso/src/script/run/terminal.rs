//! What a conversation looks like in a terminal.

use std::collections::BTreeMap;

use caruso_application::dialogue::{
    Answered, Bounds, Order, Picks, Question, QuestionKind, Role, Shown, Special, Task, Typed, View,
};

/// The step: its texts, and what may be answered.
pub(super) fn presented(view: &View) -> String {
    let mut text = format!("\n{}", place(view));
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
        Shown::Paused { text: until, .. } => text += &format!("\n  waits until {until} (:wait)"),
        Shown::Waiting { .. } | Shown::Cancelled { .. } => {}
    }
    for interrupt in &view.interrupts {
        text += &format!("\n    :begin {}  {}", interrupt.id, interrupt.title);
    }
    text
}

/// Where a conversation stands.
fn place(view: &View) -> String {
    let mut place = format!("[{}]", view.step);
    match (view.section.as_str(), view.left.to_string().as_str()) {
        ("", _) => {}
        (section, "0") => place += &format!(" {section}"),
        (section, left) => place += &format!(" {section}, {left} questions left"),
    }
    if !view.row_title.is_empty() {
        place += &format!("\n  – {} –", view.row_title);
    }
    place
}

/// What a question takes.
fn wanted(question: &Question) -> String {
    let mut text = String::new();
    for choice in &question.choices {
        let key = choice.key.as_ref().map(|it| format!("  key {it}")).unwrap_or_default();
        text += &format!("\n    {}  {}{key}", choice.value, choice.label);
    }
    match &question.kind {
        QuestionKind::Choice => {}
        QuestionKind::Several(Picks { min, max, is_ranked }) => {
            let order = if *is_ranked { ", the most important first" } else { "" };
            text += &format!("\n    {min} to {max} of them, with blanks between{order}");
        }
        QuestionKind::YesNo | QuestionKind::Consent => text += "\n    yes or no",
        QuestionKind::Typed(typed) => text += &format!("\n    {}", typed_as(typed)),
    }
    for (special, words) in &question.specials {
        text += &format!("\n    :{}  {words}", special.word());
    }
    if !question.is_required {
        text += "\n    or an empty line, which passes it";
    }
    text
}

/// What is typed.
fn typed_as(typed: &Typed) -> String {
    let Bounds { min, max, decimals } = typed.bounds();
    let bounds = match (min.as_str(), max.as_str()) {
        ("", "") => String::new(),
        (min, "") => format!(" from {min}"),
        ("", max) => format!(" up to {max}"),
        (min, max) => format!(" from {min} to {max}"),
    };
    let decimals = decimals.map(|it| format!(", at most {it} decimals")).unwrap_or_default();
    match typed {
        Typed::Text { .. } => format!("a text, at most {max} characters"),
        Typed::Integer { .. } => format!("a whole number{bounds}"),
        Typed::Scale { low, high, .. } => format!("a number{bounds}: {low} … {high}"),
        Typed::Decimal { .. } => format!("a number{bounds}{decimals}"),
        Typed::Money { currency, .. } => format!("an amount in {currency}{bounds}{decimals}"),
        Typed::Date => "a date, as 2026-12-01".to_owned(),
        Typed::Time => "a time, as 14:30".to_owned(),
        Typed::Instant { .. } => "a day and a time, as 2026-12-01T14:30".to_owned(),
        Typed::Phone { .. } => "a telephone number".to_owned(),
        Typed::Email => "an e-mail address".to_owned(),
        Typed::Iban => "an IBAN".to_owned(),
        Typed::Digits { min, max } if min == max => format!("{max} digits"),
        Typed::Digits { min, max } => format!("{min} to {max} digits"),
    }
}

/// A step that was answered before, asked once more.
pub(super) fn asked_again(earlier: &Answered) -> String {
    if earlier.is_row {
        return format!("\n– {} –\n  shall it be there? yes or no", earlier.question);
    }
    let asked = earlier.asked.as_ref().map(wanted).unwrap_or_default();
    format!("\n[{}]\n  “{}”\n  it was: {}{asked}", earlier.step, earlier.question, earlier.label)
}

/// What changing an answer takes back, and what it does not; empty where no action depends on it.
pub(super) fn consequences(earlier: &Answered) -> String {
    let told = [("takes back", &earlier.undone), ("leaves as it is", &earlier.kept)];
    let told = told.iter().filter(|(_, actions)| !actions.is_empty());
    let told = told.map(|(what, actions)| format!("! a change {what}: {}", actions.join(", ")));
    told.collect::<Vec<_>>().join("\n")
}

/// An answer in one line.
pub(super) fn answered(it: &Answered) -> String {
    if it.is_row {
        let removed = if it.value == "true" { "" } else { ", removed" };
        return format!("  – {}{removed} –", it.question);
    }
    match it.label.as_str() {
        "" => format!("  {}: –", it.step),
        label => format!("  {}: {label}", it.step),
    }
}

/// An action, which is not sent.
pub(super) fn spoken_of(order: &Order) -> String {
    let none = BTreeMap::new();
    let (what, values) = match &order.task {
        Task::Create { class, attributes } => (format!("new {class}"), attributes),
        Task::Invoke { operation, arguments } => (operation.clone(), arguments),
        Task::Delete { class, key, .. } => (format!("delete {class} {key}"), &none),
        Task::Email { to, subject, text } => {
            let text = text.trim_end().replace('\n', "\n    ");
            return format!(
                "\n→ {} (e-mail), not sent:\n    to {to}\n    {subject}\n\n    {text}",
                order.title
            );
        }
    };
    let mut text = format!("\n→ {} ({what}), not sent:", order.title);
    for (name, value) in values {
        text += &format!("\n    {name} = {value}");
    }
    text
}

/// What a line means for a question: a key is its choice, yes is true; with a colon before it, a
/// special answer.
pub(super) fn value(line: &str, question: Option<&Question>) -> (String, Option<Special>) {
    let Some(question) = question else { return (line.to_owned(), None) };
    let of_word = |word| question.specials.iter().find(|(special, _)| special.word() == word);
    if let Some((special, _)) = line.strip_prefix(':').and_then(of_word) {
        return (String::new(), Some(*special));
    }
    let is_yes_no = matches!(question.kind, QuestionKind::YesNo | QuestionKind::Consent);
    let by_key = question.choices.iter().find(|it| it.key.as_deref() == Some(line));
    let value = match (line, by_key) {
        ("yes" | "y", _) if is_yes_no => "true".to_owned(),
        ("no" | "n", _) if is_yes_no => "false".to_owned(),
        (_, Some(choice)) => choice.value.clone(),
        (line, None) => line.to_owned(),
    };
    (value, None)
}
