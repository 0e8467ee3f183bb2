//! Questions of a page, which are asked and answered together.

use caruso_api::script::v1 as proto;
use proto::{Answered, Question, View};
use serde::Serialize;
use uuid::Uuid;

use crate::engine::Refusal;
use crate::form::{Form, prefix, word};
use crate::page::{Changing, Kind, Page, Text, said, wrong};
use crate::phrases::Phrases;
use crate::question::{Field, field, filled_in};

/// A question of a page as a template draws it.
#[derive(Debug, Serialize)]
pub(crate) struct Asked {
    /// What stands before the names of its fields.
    pub(crate) prefix: String,
    /// Said before the question, in order.
    pub(crate) said: Vec<Text>,
    pub(crate) asked: Text,
    pub(crate) field: Field,
    /// Word of what is answered in place of a value.
    pub(crate) special: &'static str,
    pub(crate) is_confirmed: bool,
    pub(crate) reason: String,
    pub(crate) error: String,
    pub(crate) doubt: String,
}

/// The questions of a page as the engine shows them: those of the page at hand, or of an earlier
/// one that is changed.
#[derive(Debug)]
pub(crate) struct Together<'v> {
    pub(crate) page: &'v str,
    pub(crate) row: &'v str,
    questions: Vec<OfPage<'v>>,
}

#[derive(Debug)]
struct OfPage<'v> {
    step: &'v str,
    question: &'v Question,
    said: Vec<Text>,
    asked: Text,
    before: Option<&'v Answered>,
}

impl<'v> Together<'v> {
    /// Of the page that is shown.
    pub(crate) fn here(page: &'v proto::Page, row: &'v str) -> Self {
        let questions = page.questions.iter().filter_map(|it| {
            let mut said: Vec<Text> = it.prompts.iter().filter_map(self::said).collect();
            let nothing = || Text { text: String::new(), language: String::new() };
            let (asked, question) = (said.pop().unwrap_or_else(nothing), it.question.as_ref()?);
            Some(OfPage { step: &it.step, question, said, asked, before: it.before.as_ref() })
        });
        Self { page: &page.id, row, questions: questions.collect() }
    }

    /// Of an earlier page: those of its answers that may be changed.
    fn earlier(view: &'v View, page: &'v str, row: &'v str) -> Self {
        let answered = view.trail.iter().filter(|it| it.page == page && it.row == row);
        let changeable = answered.filter(|it| it.locked_because.is_empty());
        let questions = changeable.filter_map(|it| {
            let (text, language) = (it.question.clone(), view.language.clone());
            Some(OfPage {
                step: &it.step,
                question: it.asked.as_ref()?,
                said: Vec::new(),
                asked: Text { text, language },
                before: Some(it),
            })
        });
        Self { page, row, questions: questions.collect() }
    }

    /// The page that a form answers, if it is asked or was.
    pub(crate) fn of(view: &'v View, form: &'v Form) -> Option<Self> {
        let here = view.page.as_ref().filter(|it| it.id == form.page && view.row == form.row);
        let page = match here {
            Some(page) => Self::here(page, &view.row),
            None => Self::earlier(view, &form.page, &form.row),
        };
        (!page.questions.is_empty()).then_some(page)
    }

    /// What a form answers to them. What cannot be read is sent as it is, so that the engine names
    /// it among all that is wrong.
    pub(crate) fn answers(
        &self,
        form: &Form,
        session: Uuid,
        request: String,
        t: &'static Phrases,
    ) -> proto::AnswerPageRequest {
        let nothing = Form::default();
        let answers = self.questions.iter().enumerate().map(|(place, it)| {
            let form = form.questions.get(&place).unwrap_or(&nothing);
            // two choices in one place: the engine says which question that was
            let value = form.answer(Some(it.question), t.code).unwrap_or_else(|| "?".to_owned());
            proto::PageAnswer {
                step: it.step.to_owned(),
                value,
                special: form.special.into(),
                override_reason: form.kept_because(t.confirmed).to_owned(),
            }
        });
        proto::AnswerPageRequest {
            request_id: request,
            session_id: session.to_string(),
            sequence: form.sequence,
            page: self.page.to_owned(),
            row: self.row.to_owned(),
            answers: answers.collect(),
        }
    }

    fn asked(self, sent: Option<(&Form, &Refusal)>, t: &'static Phrases) -> Vec<Asked> {
        let nothing = Form::default();
        let refused = match sent {
            Some((_, Refusal::Page(refused))) => refused.as_slice(),
            _ => &[],
        };
        let questions = self.questions.into_iter().enumerate().map(|(place, it)| {
            let before =
                it.before.map(|before| filled_in(it.question, &before.value, before.special()));
            let sent = sent.map(|(form, _)| form.questions.get(&place).unwrap_or(&nothing));
            let form = sent.or(before.as_ref()).unwrap_or(&nothing);
            let refusal = refused.iter().find(|(step, _)| step == it.step).map(|(_, it)| it);
            let (error, doubt) = wrong(it.question, form, refusal, t);
            Asked {
                prefix: prefix(place),
                said: it.said,
                asked: it.asked,
                field: field(it.question, form, t),
                special: word(form.special),
                is_confirmed: form.is_confirmed,
                reason: form.reason.clone(),
                error,
                doubt,
            }
        });
        questions.collect()
    }
}

impl Page {
    /// The same with the questions of a page.
    pub(crate) fn with_questions(
        self,
        said: Vec<Text>,
        together: Together<'_>,
        sent: Option<(&Form, &Refusal)>,
        t: &'static Phrases,
    ) -> Self {
        let (page, row) = (together.page.to_owned(), together.row.to_owned());
        let items = format!("{page}/");
        let is_matrix = together.questions.iter().all(|it| it.step.starts_with(&items));
        let questions = together.asked(sent, t);
        Self { said, asked: None, page, row, questions, is_matrix, ..self }
    }

    /// The page on which answers of an earlier page are changed; nothing where none may be.
    pub(crate) fn changing_page(
        view: &View,
        page: &str,
        row: &str,
        sent: Option<(&Form, &Refusal)>,
        t: &'static Phrases,
    ) -> Option<Self> {
        let together = Together::earlier(view, page, row);
        if together.questions.is_empty() {
            return None;
        }
        let answers: Vec<&Answered> =
            together.questions.iter().filter_map(|it| it.before).collect();
        let titles = |of: fn(&Answered) -> &Vec<String>| {
            let mut titles: Vec<String> = answers.iter().flat_map(|it| of(it)).cloned().collect();
            titles.sort_unstable();
            titles.dedup();
            titles
        };
        let (undone, kept) = (titles(|it| &it.undone), titles(|it| &it.kept));
        let shown = Self {
            kind: Kind::Question,
            said: Vec::new(),
            changing: Some(Changing { undone, kept }),
            ..Self::of(view, None, t)
        };
        Some(shown.with_questions(Vec::new(), together, sent, t))
    }
}
