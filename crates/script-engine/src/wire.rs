//! Views as `script_engine.proto` has them.

use std::collections::BTreeMap;

use caruso_api::script::v1 as proto;
use caruso_dialogue::{
    Action, ActionState, Answered, Bounds, CANCELLED, Channel, Choice, Offered, OnPage, Page,
    PageAnswer, Picks, Question, QuestionKind, Refusal, Role, Said, Shown, Special, Spoken, Typed,
    View,
};
use jiff::Timestamp;
use proto::view::State;

use crate::values;

pub(crate) fn view(view: &View) -> proto::View {
    proto::View {
        session_id: view.session.clone(),
        sequence: view.sequence,
        script: view.script.clone(),
        script_title: view.title.clone(),
        language: view.language.clone(),
        section: view.section.clone(),
        fewest_questions_left: view.left.fewest,
        most_questions_left: view.left.most,
        row: view.row.clone(),
        row_title: view.row_title.clone(),
        step: view.step.clone(),
        prompts: view.prompts.iter().map(prompt).collect(),
        trail: view.trail.iter().map(answered).collect(),
        actions: view.actions.iter().map(action).collect(),
        state: Some(state(&view.shown)),
        page: view.page.as_ref().map(page),
        interrupts: view.interrupts.iter().map(interrupt).collect(),
    }
}

fn interrupt(offered: &Offered) -> proto::Interrupt {
    proto::Interrupt { id: offered.id.clone(), title: offered.title.clone() }
}

fn state(shown: &Shown) -> State {
    match shown {
        Shown::Question(asked) => State::Question(question(asked)),
        Shown::Information => State::Information(proto::Information {}),
        Shown::HandOff { queue, attributes } => State::HandOff(hand_off(queue, attributes)),
        Shown::End { outcome } => State::End(proto::End { outcome: outcome.clone() }),
        Shown::Cancelled { .. } => State::End(cancelled()),
        Shown::Paused { until, text } => State::Paused(paused(*until, text)),
        Shown::Waiting { text } => State::Waiting(proto::Waiting { text: text.clone() }),
    }
}

pub(crate) fn hand_off(queue: &str, attributes: &BTreeMap<String, String>) -> proto::HandOff {
    proto::HandOff { queue: queue.to_owned(), attributes: attributes.clone() }
}

pub(crate) fn paused(until: Timestamp, text: &str) -> proto::Paused {
    let until = values::timestamp(until);
    proto::Paused { until: Some(until), text: text.to_owned() }
}

pub(crate) fn cancelled() -> proto::End {
    proto::End { outcome: CANCELLED.to_owned() }
}

fn prompt(said: &Said) -> proto::Prompt {
    let role = match said.role {
        Role::Say => proto::PromptRole::Say,
        Role::Note => proto::PromptRole::Note,
        Role::NoInput => proto::PromptRole::NoInput,
        Role::NoMatch => proto::PromptRole::NoMatch,
    };
    proto::Prompt {
        role: role.into(),
        text: said.text.clone(),
        language: said.language.clone(),
        pieces: said.spoken.iter().map(piece).collect(),
    }
}

fn piece(spoken: &Spoken) -> proto::Piece {
    let kind = match spoken {
        Spoken::Recording(id) => proto::piece::Kind::Recording(id.clone()),
        Spoken::Text(text) => proto::piece::Kind::Text(text.clone()),
    };
    proto::Piece { kind: Some(kind) }
}

fn question(question: &Question) -> proto::Question {
    let kind = match &question.kind {
        QuestionKind::Choice => proto::QuestionType::Choice,
        QuestionKind::Several(Picks { is_ranked: false, .. }) => proto::QuestionType::Multiple,
        QuestionKind::Several(Picks { is_ranked: true, .. }) => proto::QuestionType::Ranking,
        QuestionKind::YesNo => proto::QuestionType::YesNo,
        QuestionKind::Consent => proto::QuestionType::Consent,
        QuestionKind::Typed(typed) => typed_kind(typed),
    };
    let keypad = question.keypad.as_ref();
    let (minimum_keys, maximum_keys) = keypad.and_then(|it| it.digits).unwrap_or_default();
    let typed = match &question.kind {
        QuestionKind::Typed(typed) => Some(typed),
        _ => None,
    };
    let bounds = match &question.kind {
        QuestionKind::Several(Picks { min, max, .. }) => {
            Bounds { min: min.to_string(), max: max.to_string(), decimals: None }
        }
        _ => typed.map(Typed::bounds).unwrap_or_default(),
    };
    let (lowest, highest) = match typed {
        Some(Typed::Scale { low, high, .. }) => (low.clone(), high.clone()),
        _ => Default::default(),
    };
    let currency = match typed {
        Some(Typed::Money { currency, .. }) => currency.to_string(),
        _ => String::new(),
    };
    proto::Question {
        r#type: kind.into(),
        choices: question.choices.iter().map(choice).collect(),
        is_required: question.is_required,
        no_input_after_ms: keypad.map_or(0, |it| it.timeout_seconds.saturating_mul(1000)),
        maximum_retries: keypad.map_or(0, |it| it.retries),
        default_value: keypad.map(|it| it.default.clone()).unwrap_or_default(),
        minimum: bounds.min,
        maximum: bounds.max,
        decimals: bounds.decimals.unwrap_or_default(),
        currency,
        lowest,
        highest,
        minimum_keys,
        maximum_keys,
        specials: question.specials.iter().map(special_choice).collect(),
        more: keypad.iter().flat_map(|it| &it.more).map(piece).collect(),
    }
}

/// A channel for the wire.
pub(crate) fn channel(channel: Channel) -> proto::Channel {
    match channel {
        Channel::Agent => proto::Channel::Agent,
        Channel::Ivr => proto::Channel::Ivr,
        Channel::Message => proto::Channel::Message,
        Channel::Web => proto::Channel::Web,
    }
}

fn special_choice((special, label): &(Special, String)) -> proto::SpecialChoice {
    proto::SpecialChoice { special: special_answer(*special).into(), label: label.clone() }
}

/// A special answer from the wire.
pub(crate) fn special(special: proto::SpecialAnswer) -> Option<Special> {
    match special {
        proto::SpecialAnswer::Unspecified => None,
        proto::SpecialAnswer::DontKnow => Some(Special::DontKnow),
        proto::SpecialAnswer::Refused => Some(Special::Refused),
        proto::SpecialAnswer::NotApplicable => Some(Special::NotApplicable),
    }
}

fn special_answer(special: Special) -> proto::SpecialAnswer {
    match special {
        Special::DontKnow => proto::SpecialAnswer::DontKnow,
        Special::Refused => proto::SpecialAnswer::Refused,
        Special::NotApplicable => proto::SpecialAnswer::NotApplicable,
    }
}

fn typed_kind(typed: &Typed) -> proto::QuestionType {
    match typed {
        Typed::Text { .. } => proto::QuestionType::Text,
        Typed::Integer { .. } => proto::QuestionType::Integer,
        Typed::Scale { .. } => proto::QuestionType::Scale,
        Typed::Decimal { .. } => proto::QuestionType::Decimal,
        Typed::Money { .. } => proto::QuestionType::Money,
        Typed::Date => proto::QuestionType::Date,
        Typed::Time => proto::QuestionType::Time,
        Typed::Instant { .. } => proto::QuestionType::Instant,
        Typed::Phone { .. } => proto::QuestionType::Phone,
        Typed::Email => proto::QuestionType::Email,
        Typed::Iban => proto::QuestionType::Iban,
        Typed::Digits { .. } => proto::QuestionType::Digits,
    }
}

fn choice(choice: &Choice) -> proto::Choice {
    proto::Choice {
        value: choice.value.clone(),
        label: choice.label.clone(),
        key: choice.key.clone().unwrap_or_default(),
        pieces: choice.spoken.iter().map(piece).collect(),
    }
}

fn answered(answered: &Answered) -> proto::Answered {
    proto::Answered {
        step: answered.step.clone(),
        row: answered.row.clone(),
        is_row: answered.is_row,
        question: answered.question.clone(),
        value: answered.value.clone(),
        label: answered.label.clone(),
        locked_because: answered.locked_because.clone().unwrap_or_default(),
        asked: answered.asked.as_ref().map(question),
        special: answered.special.map_or(0, |it| special_answer(it).into()),
        override_reason: answered.reason.clone(),
        undone: answered.undone.clone(),
        kept: answered.kept.clone(),
        page: answered.page.clone(),
    }
}

fn page(page: &Page) -> proto::Page {
    let question = |it: &OnPage| proto::PageQuestion {
        step: it.step.clone(),
        prompts: it.prompts.iter().map(prompt).collect(),
        question: Some(question(&it.question)),
        before: it.before.as_ref().map(answered),
    };
    proto::Page {
        id: page.id.clone(),
        prompts: page.prompts.iter().map(prompt).collect(),
        is_matrix: page.is_matrix,
        questions: page.questions.iter().map(question).collect(),
    }
}

/// An answer of a page from the wire.
pub(crate) fn page_answer(answer: proto::PageAnswer) -> PageAnswer {
    let special = special(answer.special());
    let proto::PageAnswer { step, value, override_reason: reason, .. } = answer;
    PageAnswer { step, value, special, reason }
}

/// An answer of a page that was refused, for the wire.
pub(crate) fn refused((step, refusal): &(String, Refusal)) -> proto::RefusedAnswer {
    let (code, text) = (refusal.code().to_owned(), refusal.to_string());
    proto::RefusedAnswer { step: step.clone(), code, text }
}

fn action(action: &Action) -> proto::Action {
    let state = match action.state {
        ActionState::Queued => proto::ActionState::Queued,
        ActionState::Confirmed => proto::ActionState::Confirmed,
        ActionState::Failed => proto::ActionState::Failed,
        ActionState::Undoing => proto::ActionState::Undoing,
        ActionState::Undone => proto::ActionState::Undone,
        ActionState::NotUndone => proto::ActionState::NotUndone,
    };
    proto::Action { name: action.title.clone(), state: state.into(), result: action.result.clone() }
}
