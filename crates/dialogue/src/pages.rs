//! Questions that are shown together.
//!
//! A page is nothing to a walk but its questions in a row, and a step behind them. Where a channel
//! can show them together, the view has all of them; where it cannot, they are asked one after the
//! other.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::script::{Channel, Script, Step, StepKind};
use crate::view::{Answered, Presenter, Question, Said};

/// Questions that are shown together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Page {
    /// Id of the step, for [`Input::Page`](crate::Input::Page).
    pub id: String,
    /// Texts above the questions.
    pub prompts: Vec<Said>,
    /// Whether it is the same question about several things, which can be shown as a table.
    pub is_matrix: bool,
    /// In order.
    pub questions: Vec<OnPage>,
}

/// A question of a page.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct OnPage {
    /// The step.
    pub step: String,
    /// Its texts.
    pub prompts: Vec<Said>,
    /// How it is asked.
    pub question: Question,
    /// How it was answered before, whether that still counts or not.
    pub before: Option<Answered>,
}

impl Channel {
    /// Whether whoever answers sees several questions at once.
    pub(crate) fn shows_pages(self) -> bool {
        matches!(self, Self::Agent | Self::Web)
    }
}

/// The questions of a page are all shown by the first, so that it waits for what the others show.
pub(crate) fn link(steps: &mut [Step], numbers: &BTreeMap<String, usize>) {
    let shown_at = |step: &Step| -> Option<(usize, BTreeSet<String>)> {
        let StepKind::Page { questions } = &step.kind else { return None };
        let questions = questions.iter().filter_map(|it| numbers.get(it)).copied();
        let questions: Vec<usize> = questions.collect();
        let of_questions = questions.iter().filter_map(|it| steps.get(*it));
        let names = of_questions.chain([step]).flat_map(|it| it.waits_for.iter().cloned());
        Some((*questions.first()?, names.collect()))
    };
    let all: Vec<(usize, BTreeSet<String>)> = steps.iter().filter_map(shown_at).collect();
    for (first, names) in all {
        if let Some(step) = steps.get_mut(first) {
            step.waits_for = names.into_iter().collect();
        }
    }
}

impl Script {
    /// The step behind the page on which a question stands, and the questions of that.
    pub(crate) fn page_of(&self, question: &Step) -> Option<(&Step, &[String])> {
        let page = self.step(question.page.as_ref()?)?;
        match &page.kind {
            StepKind::Page { questions } => Some((page, questions)),
            _ => None,
        }
    }
}

impl Presenter<'_> {
    /// The texts of the page that begins with a question.
    pub(crate) fn page_prompts(&self, question: &Step) -> Vec<Said> {
        match self.environment.script.page_of(question) {
            Some((page, questions)) if questions.first() == Some(&question.id) => {
                self.prompts(page)
            }
            _ => Vec::new(),
        }
    }

    /// The page on which a question stands, where pages are shown.
    pub(crate) fn page(&self, question: &Step) -> Option<Page> {
        let script = self.environment.script;
        let (page, questions) = script.page_of(question)?;
        if !self.audience.channel.shows_pages() {
            return None;
        }
        let questions = questions.iter().filter_map(|it| {
            let step = script.step(it)?;
            let StepKind::Ask(ask) = &step.kind else { return None };
            let before = self.environment.stored(step).and_then(|_| self.answered(step));
            let (prompts, question) = (self.prompts(step), self.question(ask));
            Some(OnPage { step: step.id.clone(), prompts, question, before })
        });
        let (id, prompts) = (page.id.clone(), self.prompts(page));
        let is_matrix = question.id.starts_with(&format!("{id}/"));
        Some(Page { id, prompts, is_matrix, questions: questions.collect() })
    }
}
