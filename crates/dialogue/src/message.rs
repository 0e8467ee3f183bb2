//! Dialogues by messages: mail, chat, SMS. Views become texts with numbered choices, replies are
//! read against the question that was asked.
//!
//! A message comes in as [`Input::Reply`](crate::Input::Reply): it is an answer, or a note that it
//! was not understood. [`Input::Tell`](crate::Input::Tell) then fixes what is sent back, under the
//! id of the message, so that the same message always has the same reply.

mod choices;
mod dates;
mod folded;
mod numbers;
mod phrases;
mod reading;
mod rendering;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

pub(crate) use folded::folded;
pub use numbers::number;

use crate::event::Event;
use crate::handle::{Given, answer};
use crate::interrupts;
use crate::refusal::Refusal;
use crate::script::{Ask, Channel, Script, StepKind};
use crate::state::{Closing, State};
use crate::view::{Question, Shown, View};
use crate::walk::{Stop, walk};
use phrases::Phrases;
use reading::{Reader, Reading};

/// Why a session was broken off whose customer was not understood.
pub const NOT_UNDERSTOOD: &str = "the customer was not understood";

/// What a reply is to the question that was asked; nothing where it was taken before, or comes
/// after the end.
pub(crate) fn reply(
    script: &Script,
    state: &State,
    request: &str,
    text: &str,
    now: Timestamp,
) -> Result<Option<Event>, Refusal> {
    let is_known = state.requests.contains(request) || state.told(request).is_some();
    if is_known || state.closing.is_some() {
        return Ok(None);
    }
    let (Some(view), Some(walk)) = (View::of(script, state), walk(script, state)) else {
        return Err(Refusal::NotStarted);
    };
    if walk.environment.audience().channel != Channel::Message {
        return Err(Refusal::Channel);
    }
    if state.requests.len() >= crate::MAX_REQUESTS {
        return Err(Refusal::TooLong);
    }
    let choices = match &view.shown {
        Shown::Question(question) => question.choices.as_slice(),
        _ => &[],
    };
    if let Some(interrupt) = interrupts::meant(&walk, choices, text) {
        return interrupts::begin(script, state, (request, state.sequence()), interrupt);
    }
    let (StepKind::Ask(ask), Shown::Question(question), Stop::Here) =
        (&walk.step.kind, &view.shown, walk.stop)
    else {
        // nothing is asked now: what there is to say is said again
        return Ok(Some(unclear(&view, request, String::new(), None)));
    };
    let phrases = Phrases::of(&view.language);
    let zone = script.zone.clone();
    let today = now.to_zoned(zone).date();
    let turn = Turn { script, state, view: &view, ask, question, phrases, request, now };
    let reader = Reader { question, phrases, language: &view.language, today };
    turn.take(&reader, text)
}

/// What is sent back to a message, or after the start: nothing where that is fixed already.
pub(crate) fn tell(
    script: &Script,
    state: &State,
    request: &str,
) -> Result<Option<Event>, Refusal> {
    if state.told(request).is_some() {
        return Ok(None);
    }
    let view = View::of(script, state).ok_or(Refusal::NotStarted)?;
    if state.started().is_some_and(|it| it.channel != Channel::Message) {
        return Err(Refusal::Channel);
    }
    let is_known = state.requests.contains(request) || state.closing.is_some();
    if !is_known {
        return Err(Refusal::NotAsked(view.step));
    }
    let messages = match &state.closing {
        Some(_) if state.is_end_told => Vec::new(),
        Some(Closing::Cancelled { reason }) if reason == NOT_UNDERSTOOD => {
            let given_up = Phrases::of(&view.language).given_up.to_owned();
            state.untold.iter().cloned().chain([given_up]).collect()
        }
        _ => rendering::messages(&view, state),
    };
    Ok(Some(Event::Told { request: request.to_owned(), messages }))
}

/// What is said at a step that is passed by itself.
pub(crate) fn shown(walk: &crate::walk::Walk<'_>) -> Vec<String> {
    let said = walk.step.wording(&walk.environment);
    said.into_iter().map(|it| it.text).collect()
}

/// A note that a reply was not taken.
fn unclear(view: &View, request: &str, said: String, doubted: Option<String>) -> Event {
    Event::Unclear { step: view.step.clone(), request: request.to_owned(), said, doubted }
}

/// A reply to a question.
struct Turn<'a> {
    script: &'a Script,
    state: &'a State,
    view: &'a View,
    ask: &'a Ask,
    question: &'a Question,
    phrases: &'static Phrases,
    request: &'a str,
    now: Timestamp,
}

impl Turn<'_> {
    fn take(&self, reader: &Reader<'_>, text: &str) -> Result<Option<Event>, Refusal> {
        let before = self.state.unclear.as_ref().filter(|it| it.step == self.view.step);
        if let Some(doubted) = before.and_then(|it| it.doubted.as_deref()) {
            match reader.yes_or_no(text) {
                Some(true) => return self.answer(doubted, None, self.phrases.confirmed),
                // a no answers a question that takes one, else takes the doubted answer back
                Some(false) if !self.question.is_yes_no() => {
                    return Ok(Some(unclear(self.view, self.request, String::new(), None)));
                }
                _ => {}
            }
        }
        match reader.read(text) {
            Reading::Value(value) => self.answer(&value, None, ""),
            Reading::Special(special) => self.answer("", Some(special), ""),
            Reading::Unclear(said) => self.miss(said),
        }
    }

    fn answer(
        &self,
        value: &str,
        special: Option<crate::Special>,
        reason: &str,
    ) -> Result<Option<Event>, Refusal> {
        match self.given(value, special, reason) {
            Err(Refusal::Doubtful(doubt)) => {
                let said = format!("{doubt} {}", self.phrases.confirm);
                let doubted = Some(value.to_owned());
                Ok(Some(unclear(self.view, self.request, said, doubted)))
            }
            // what a check says is in the customer's language, what a type says is not
            Err(Refusal::Mistaken(mistake)) => self.miss(mistake),
            Err(Refusal::Answer(_)) => self.miss(self.phrases.not_understood.to_owned()),
            answered => answered,
        }
    }

    fn given(
        &self,
        value: &str,
        special: Option<crate::Special>,
        reason: &str,
    ) -> Result<Option<Event>, Refusal> {
        let sequence = self.state.sequence();
        let (request, step) = (self.request, self.view.step.as_str());
        let row = self.view.row.as_str();
        let given = Given { request, sequence, step, row, value, special, reason };
        Ok(answer(self.script, self.state, given, self.now)?.map(|it| it.event))
    }

    /// Says what is wrong and lets it be asked again, as often as the script says; in the end
    /// takes its default, passes what may be passed, or gives up.
    fn miss(&self, said: String) -> Result<Option<Event>, Refusal> {
        let before = self.state.unclear.as_ref().filter(|it| it.step == self.view.step);
        if before.map_or(0, |it| it.misses) < self.ask.retries {
            return Ok(Some(unclear(self.view, self.request, said, None)));
        }
        let default = self.ask.default.as_deref().or((!self.ask.is_required).then_some(""));
        let answered = default.map(|it| self.given(it, None, self.phrases.not_understood));
        match answered {
            Some(Ok(event)) => Ok(event),
            _ => Ok(Some(Event::Cancelled { reason: NOT_UNDERSTOOD.to_owned() })),
        }
    }
}
