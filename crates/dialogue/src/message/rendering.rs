//! Views as messages.

use super::phrases::Phrases;
use crate::script::Picks;
use crate::state::State;
use crate::typed::Typed;
use crate::view::{Question, QuestionKind, Said, Shown, View};

/// What is sent: what was passed by itself, what is wrong with the last reply, then what is shown.
/// At most [`MAX_MESSAGES`](crate::MAX_MESSAGES); the first ones are joined where they are more.
pub(super) fn messages(view: &View, state: &State) -> Vec<String> {
    let phrases = Phrases::of(&view.language);
    let mut messages = state.untold.clone();
    let unclear = state.unclear.as_ref().filter(|it| it.step == view.step && !it.said.is_empty());
    messages.extend(unclear.map(|it| it.said.clone()));
    let texts: Vec<&str> = view.prompts.iter().map(|it: &Said| it.text.as_str()).collect();
    let shown = match &view.shown {
        // what is doubted waits for a yes, and the question was just asked
        Shown::Question(_) if unclear.is_some_and(|it| it.doubted.is_some()) => String::new(),
        Shown::Question(question) => asked(&texts, question, phrases),
        Shown::Waiting { .. } => phrases.waiting.to_owned(),
        _ => texts.join("\n"),
    };
    messages.extend((!shown.is_empty()).then_some(shown));
    let most = crate::MAX_MESSAGES;
    if messages.len() > most {
        let rest = messages.split_off(messages.len() - most + 1);
        let joined = messages.join("\n\n");
        messages = std::iter::once(joined).chain(rest).collect();
    }
    messages
}

fn asked(texts: &[&str], question: &Question, phrases: &Phrases) -> String {
    let mut lines: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
    for (number, choice) in (1..).zip(&question.choices) {
        lines.push(format!("{number}. {}", choice.label));
    }
    if let QuestionKind::Typed(Typed::Scale { min, max, low, high }) = &question.kind
        && !low.is_empty()
    {
        lines.push(format!("{min} = {low}, {max} = {high}"));
    }
    let hint = hint(question, phrases);
    lines.extend((!hint.is_empty()).then_some(hint));
    if !question.specials.is_empty() {
        let labels = question.specials.iter().map(|(it, _)| phrases.special(*it));
        let labels: Vec<&str> = labels.collect();
        lines.push(phrases.or_say.replace("{labels}", &labels.join(" / ")));
    }
    if !question.is_required {
        lines.push(phrases.skip_by.replace("{word}", phrases.skip[0]));
    }
    lines.join("\n")
}

/// How a question wants its reply; nothing where any text will do.
pub(super) fn hint(question: &Question, phrases: &Phrases) -> String {
    let typed = match &question.kind {
        QuestionKind::Choice => {
            return phrases.choose.replace("{max}", &question.choices.len().to_string());
        }
        QuestionKind::Several(Picks { is_ranked: true, .. }) => return phrases.rank.to_owned(),
        QuestionKind::Several(Picks { min, max, .. }) => {
            let some = phrases.choose_some.replace("{min}", &min.to_string());
            return some.replace("{max}", &max.to_string());
        }
        QuestionKind::YesNo | QuestionKind::Consent => return phrases.yes_or_no.to_owned(),
        QuestionKind::Typed(typed) => typed,
    };
    match typed {
        Typed::Text { .. } => String::new(),
        Typed::Integer { .. }
        | Typed::Scale { .. }
        | Typed::Decimal { .. }
        | Typed::Money { .. } => phrases.number.replace("{bounds}", &bounds(typed, phrases)),
        Typed::Date => phrases.date.to_owned(),
        Typed::Time => phrases.time.to_owned(),
        Typed::Instant { .. } => phrases.instant.to_owned(),
        Typed::Phone { .. } => phrases.phone.to_owned(),
        Typed::Email => phrases.email.to_owned(),
        Typed::Iban => phrases.iban.to_owned(),
        Typed::Digits { .. } => phrases.digits.to_owned(),
    }
}

fn bounds(typed: &Typed, phrases: &Phrases) -> String {
    let [both, least, most] = phrases.bounds;
    let bounds = typed.bounds();
    let is_open = |bound: &str| {
        bound.is_empty() || bound == i64::MIN.to_string() || bound == i64::MAX.to_string()
    };
    let phrase = match (is_open(&bounds.min), is_open(&bounds.max)) {
        (true, true) => "",
        (false, true) => least,
        (true, false) => most,
        (false, false) => both,
    };
    let written = |bound: &str| bound.replace('.', phrases.point());
    phrase.replace("{min}", &written(&bounds.min)).replace("{max}", &written(&bounds.max))
}
