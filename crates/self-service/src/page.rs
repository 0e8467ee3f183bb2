//! A view of a session as what its page shows. Nothing of what only agents read gets here.

use caruso_api::script::v1 as proto;
use proto::view::State;
use proto::{Answered, PromptRole, Question, View};
use serde::Serialize;

use crate::engine::Refusal;
use crate::form::Form;
use crate::phrases::Phrases;
use crate::question::{Field, field, filled_in, needs};
use crate::together::{Asked, Together};

/// What a step's page shows.
#[derive(Debug, Serialize)]
pub(crate) struct Page {
    pub(crate) kind: Kind,
    /// Of the script's texts, as BCP 47 has it.
    pub(crate) language: String,
    /// What people call the script.
    pub(crate) title: String,
    /// Said before the question, in order.
    pub(crate) said: Vec<Text>,
    /// The question itself.
    pub(crate) asked: Option<Text>,
    /// The step, and of which view, for the answer.
    pub(crate) step: String,
    pub(crate) row: String,
    pub(crate) sequence: u64,
    pub(crate) field: Option<Field>,
    /// What is wrong with the answer that was sent.
    pub(crate) error: String,
    /// What speaks against it, so that it waits for the customer's word.
    pub(crate) doubt: String,
    /// Id of the page whose questions are asked together; empty where one is asked.
    pub(crate) page: String,
    pub(crate) questions: Vec<Asked>,
    /// The same question about several things.
    pub(crate) is_matrix: bool,
    /// What follows where an earlier answer is changed.
    pub(crate) changing: Option<Changing>,
    /// When it goes on by itself; empty where it does not.
    pub(crate) until: String,
    /// Earlier answers, in order.
    pub(crate) trail: Vec<Told>,
    /// What can be begun in place of an answer: id and title.
    pub(crate) interrupts: Vec<(String, String)>,
}

/// What a page is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    Question,
    Information,
    Waiting,
    Paused,
    Ended,
    HandedOff,
    Cancelled,
}

/// A text with its language.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Text {
    pub(crate) text: String,
    pub(crate) language: String,
}

/// An answer that was given.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    pub(crate) step: String,
    /// Its place among the answers, where it stands in a row of a roster.
    pub(crate) place: Option<usize>,
    pub(crate) question: String,
    pub(crate) answer: String,
    pub(crate) can_change: bool,
}

/// What follows from changing an answer: titles of actions.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Changing {
    pub(crate) undone: Vec<String>,
    pub(crate) kept: Vec<String>,
}

/// How the engine calls the end of a session that was broken off.
const CANCELLED: &str = "cancelled";

impl Page {
    /// The page of a view, with whatever was sent before and refused.
    pub(crate) fn of(view: &View, sent: Option<(&Form, &Refusal)>, t: &'static Phrases) -> Self {
        let (kind, question) = match &view.state {
            Some(State::Question(question)) => (Kind::Question, Some(question)),
            Some(State::Information(_)) => (Kind::Information, None),
            Some(State::HandOff(_)) => (Kind::HandedOff, None),
            Some(State::End(end)) if end.outcome == CANCELLED => (Kind::Cancelled, None),
            Some(State::End(_)) => (Kind::Ended, None),
            Some(State::Paused(_)) => (Kind::Paused, None),
            Some(State::Waiting(_)) | None => (Kind::Waiting, None),
        };
        let mut said: Vec<Text> = view.prompts.iter().filter_map(said).collect();
        let asked = if kind == Kind::Question { said.pop() } else { None };
        let page = Self {
            kind,
            language: view.language.clone(),
            title: view.script_title.clone(),
            said,
            asked,
            step: view.step.clone(),
            row: view.row.clone(),
            sequence: view.sequence,
            field: None,
            error: String::new(),
            doubt: String::new(),
            page: String::new(),
            questions: Vec::new(),
            is_matrix: false,
            changing: None,
            until: match &view.state {
                Some(State::Paused(paused)) => paused.text.clone(),
                _ => String::new(),
            },
            trail: view.trail.iter().enumerate().map(|it| told(it, t)).collect(),
            interrupts: view
                .interrupts
                .iter()
                .map(|it| (it.id.clone(), it.title.clone()))
                .collect(),
        };
        match question {
            Some(_) if let Some(shown) = &view.page => {
                let said = shown.prompts.iter().filter_map(self::said).collect();
                page.with_questions(said, Together::here(shown, &view.row), sent, t)
            }
            Some(question) => page.asking(question, &Form::default(), sent, t),
            None => page,
        }
    }

    /// The page on which an earlier answer is changed; nothing where it may not be, or there is
    /// none.
    pub(crate) fn changing(
        view: &View,
        answered: &Answered,
        sent: Option<(&Form, &Refusal)>,
        t: &'static Phrases,
    ) -> Option<Self> {
        let question = answered.asked.as_ref()?;
        if !answered.page.is_empty() {
            return Self::changing_page(view, &answered.page, &answered.row, sent, t);
        }
        if !answered.locked_because.is_empty() {
            return None;
        }
        let text = answered.question.clone();
        let Answered { undone, kept, value, .. } = answered;
        let page = Self {
            kind: Kind::Question,
            said: Vec::new(),
            asked: Some(Text { text, language: view.language.clone() }),
            step: answered.step.clone(),
            row: answered.row.clone(),
            changing: Some(Changing { undone: undone.clone(), kept: kept.clone() }),
            // the conversation may stand at a page of several
            page: String::new(),
            questions: Vec::new(),
            is_matrix: false,
            ..Self::of(view, None, t)
        };
        let before = filled_in(question, value, answered.special());
        Some(page.asking(question, &before, sent, t))
    }

    /// The same with the fields of a question, and with what is wrong with what was sent.
    fn asking(
        self,
        question: &Question,
        before: &Form,
        sent: Option<(&Form, &Refusal)>,
        t: &'static Phrases,
    ) -> Self {
        let (form, refusal) = sent.unzip();
        let form = form.unwrap_or(before);
        let (error, doubt) = wrong(question, form, refusal, t);
        Self { field: Some(field(question, form, t)), error, doubt, ..self }
    }

    /// Whether something was asked that the page explains now.
    pub(crate) fn is_refusal(&self) -> bool {
        let is_wrong = |it: &Asked| !it.error.is_empty() || !it.doubt.is_empty();
        is_wrong_itself(self) || self.questions.iter().any(is_wrong)
    }
}

fn is_wrong_itself(page: &Page) -> bool {
    !page.error.is_empty() || !page.doubt.is_empty()
}

/// What is wrong with what was sent for a question, and what speaks against it.
pub(crate) fn wrong(
    question: &Question,
    form: &Form,
    refusal: Option<&Refusal>,
    t: &'static Phrases,
) -> (String, String) {
    let is_empty = form.value().trim().is_empty() && form.ranks.is_empty();
    match refusal {
        Some(Refusal::Mistaken(text)) => (text.clone(), String::new()),
        Some(Refusal::Doubtful(text)) => (String::new(), text.clone()),
        Some(Refusal::Locked) => (t.locked.to_owned(), String::new()),
        Some(Refusal::Away) => (t.away_text.to_owned(), String::new()),
        Some(Refusal::Answer) if is_empty => (t.needed.to_owned(), String::new()),
        Some(Refusal::Answer) => (needs(question, t), String::new()),
        _ => Default::default(),
    }
}

/// How the step of a form was asked: now, or earlier; nothing where it is not.
pub(crate) fn asked<'v>(view: &'v View, step: &str, row: &str) -> Option<Option<&'v Question>> {
    let is_here = view.step == step && view.row == row;
    match &view.state {
        Some(State::Question(question)) if is_here => return Some(Some(question)),
        Some(State::Information(_)) if is_here => return Some(None),
        _ => {}
    }
    let answered = view.trail.iter().find(|it| it.step == step && it.row == row)?;
    Some(answered.asked.as_ref())
}

pub(crate) fn said(prompt: &proto::Prompt) -> Option<Text> {
    let is_said = prompt.role() == PromptRole::Say && !prompt.text.is_empty();
    let text = || Text { text: prompt.text.clone(), language: prompt.language.clone() };
    is_said.then(text)
}

fn told((at, answered): (usize, &Answered), t: &'static Phrases) -> Told {
    let special = t.special(answered.special());
    let answer = [special, &answered.label, t.unanswered];
    let answer = answer.into_iter().find(|it| !it.is_empty()).unwrap_or_default();
    let is_question = answered.asked.is_some();
    Told {
        step: answered.step.clone(),
        place: (!answered.row.is_empty()).then_some(at),
        question: answered.question.clone(),
        answer: if is_question { answer.to_owned() } else { String::new() },
        can_change: is_question && answered.locked_because.is_empty(),
    }
}
