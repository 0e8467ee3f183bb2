//! What a session shows, for every channel alike.

mod heard;

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_expression::Value;
use jiff::Timestamp;
use serde::Serialize;

use crate::compensation::consequences;
use crate::datum::{Datum, as_text};
use crate::environment::{Environment, candidate_key};
use crate::interrupts::{Offered, offered};
use crate::languages::{is_same, ranges};
use crate::ledger::{Entry, Progress, Revoked};
use crate::left::Left;
use crate::pages::Page;
use crate::refusal::{Refusal, locked};
use crate::rows::{Roster, Row, Rows};
use crate::script::{Ask, AskKind, Channel, Picks, Role, Script, Step, StepKind};
use crate::special::Special;
use crate::spoken::{Spoken, Stock};
use crate::state::{Closing, State};
use crate::texts::Audience;
use crate::typed::Typed;
use crate::walk::{Passed, Stop, Walk, walk};
use crate::words::{Format, Words};

/// Where a session is. A telephone can play it out alone: prompts, keys, what to say after
/// silence or a wrong key and how often, and what is answered in the end.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct View {
    /// Id of the session.
    pub session: String,
    /// Number of events so far.
    pub sequence: u64,
    /// Name of the script.
    pub script: String,
    /// What people call it.
    pub title: String,
    /// The language that is spoken, as BCP 47 has it.
    pub language: String,
    /// The step; empty when the session was broken off.
    pub step: String,
    /// The row in which it stands; empty outside of rosters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// What people call the row.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row_title: String,
    /// What people call the section of the step; empty where it stands in none.
    pub section: String,
    /// How many questions are left, that of the step included; none at the end.
    pub left: Left,
    /// Texts to present, in order.
    pub prompts: Vec<Said>,
    /// What is to be done.
    pub shown: Shown,
    /// The page on which the question stands, where the channel can show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<Page>,
    /// Answered and passed steps on the path, in order.
    pub trail: Vec<Answered>,
    /// Actions in the order of sending.
    pub actions: Vec<Action>,
    /// What can be begun now although nothing leads to it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub interrupts: Vec<Offered>,
}

/// A text with its values filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Said {
    /// What it is for.
    pub role: Role,
    /// The text.
    pub text: String,
    /// In which it is, as BCP 47 has it: not that of the view where a translation is missing.
    pub language: String,
    /// On the telephone: what is played, piece by piece.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spoken: Vec<Spoken>,
}

/// What a view asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    /// An answer.
    Question(Question),
    /// To be passed.
    Information,
    /// The contact goes to a queue.
    HandOff {
        /// The queue.
        queue: String,
        /// What routing and the agent get to know.
        attributes: BTreeMap<String, String>,
    },
    /// The end.
    End {
        /// What came of it.
        outcome: String,
    },
    /// Nothing until a time, at which it goes on by itself.
    Paused {
        /// The time.
        #[serde(with = "as_text")]
        until: Timestamp,
        /// The same in the words of the language, in the zone of the script.
        text: String,
    },
    /// Something is on its way; nothing to be done.
    Waiting {
        /// For what, in words an agent can read.
        text: String,
    },
    /// The session was broken off.
    Cancelled {
        /// Why.
        reason: String,
    },
}

/// How a question is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The type of the answer.
    pub kind: QuestionKind,
    /// Possible answers of a choice.
    pub choices: Vec<Choice>,
    /// Whether it can be passed without an answer.
    pub is_required: bool,
    /// What may be answered in place of a value, with its words.
    pub specials: Vec<(Special, String)>,
    /// On the telephone: what runs there alone.
    pub keypad: Option<Keypad>,
}

impl Question {
    /// Whether it is answered with yes or no.
    pub fn is_yes_no(&self) -> bool {
        matches!(self.kind, QuestionKind::YesNo | QuestionKind::Consent)
    }
}

/// The type of an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum QuestionKind {
    /// One of the choices.
    Choice,
    /// Some of the choices; values with blanks between them.
    Several(Picks),
    /// Yes or no.
    YesNo,
    /// Yes or no to a wording that is kept with the answer.
    Consent,
    /// What is typed, or chosen from a scale.
    Typed(Typed),
}

/// A possible answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What is answered.
    pub value: String,
    /// What is shown.
    pub label: String,
    /// Other words with which a message may choose it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also: Vec<String>,
    /// Telephone key. Where more than nine choices have keys by their place, each nine begin with 1
    /// again, and key 0 leads from nine to the next.
    pub key: Option<String>,
    /// On the telephone: what is said about the key, where no text of the script does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub spoken: Vec<Spoken>,
}

/// What the telephone does alone. A key may interrupt the prompts at any time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Keypad {
    /// Seconds of silence that are waited for a key.
    pub timeout_seconds: u32,
    /// How often silence or a wrong key is answered by its text.
    pub retries: u32,
    /// What is answered after that; empty to pass the question.
    pub default: String,
    /// The fewest and most digits of an answer that is typed, which `#` ends early; nothing where
    /// one key is an answer.
    pub digits: Option<(u32, u32)>,
    /// What is said where there are more choices behind key 0.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Spoken>,
}

/// An answered or passed step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answered {
    /// The step.
    pub step: String,
    /// The row in which it stands, or which begins here; empty outside of rosters.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub row: String,
    /// Whether a row begins here. The question is then what people call it; where it can be removed
    /// it is asked with yes or no whether it is there.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_row: bool,
    /// The page on which it was asked; empty where it stands on none.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub page: String,
    /// What was asked.
    pub question: String,
    /// The answer as text; empty if it was passed.
    pub value: String,
    /// What was answered in place of a value.
    pub special: Option<Special>,
    /// The answer in words.
    pub label: String,
    /// Why it was kept although a check doubted it; empty where none did, or nobody was asked.
    pub reason: String,
    /// Why it may not be changed; nothing if it may.
    pub locked_because: Option<String>,
    /// Titles of actions that a change takes back, unless they come out the same.
    pub undone: Vec<String>,
    /// Titles of actions that stay as they are although they depend on it.
    pub kept: Vec<String>,
    /// How it was asked; nothing for an information step.
    pub asked: Option<Question>,
}

/// An action that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Action {
    /// What people call it.
    pub title: String,
    /// How far it is.
    pub state: ActionState,
    /// What came of it, in words an agent can read.
    pub result: String,
}

/// How far an action is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionState {
    /// It is being carried out.
    Queued,
    /// It was carried out.
    Confirmed,
    /// It was refused for good.
    Failed,
    /// An answer that it depends on was changed, and it is being taken back.
    Undoing,
    /// It was taken back.
    Undone,
    /// It was to be taken back, and that was refused for good.
    NotUndone,
}

impl View {
    /// The view of a session; nothing before it has started.
    pub fn of(script: &Script, state: &State) -> Option<Self> {
        let started = state.started.as_ref()?;
        let walk = walk(script, state)?;
        let audience = walk.environment.audience();
        let mut presenter = Presenter { environment: walk.environment.clone(), audience };
        let shown = presenter.shown(walk.step, walk.stop, state);
        let is_presented =
            walk.stop == Stop::Here && !matches!(state.closing, Some(Closing::Cancelled { .. }));
        let prompts = match is_presented {
            true => [presenter.page_prompts(walk.step), presenter.prompts(walk.step)].concat(),
            false => Vec::new(),
        };
        let is_asked = matches!(shown, Shown::Question(_));
        let page = is_asked.then(|| presenter.page(walk.step)).flatten();
        let is_closed = state.closing.is_some();
        let here = match shown {
            _ if is_closed => Left::default(),
            Shown::Question(_) => walk.step.left.at_question(),
            _ => walk.step.left,
        };
        let behind = walk.left_for.as_ref().filter(|_| !is_closed);
        let left = behind.map_or(here, |it| here.and(it.step.left));
        let interrupts = offered(&walk);
        let mut consequences = consequences(&walk);
        let trail = walk.path.iter().filter_map(|passed| {
            presenter.enter(&walk, passed);
            let mut answered = presenter.answered(passed.step)?;
            let spot = (passed.step.id.as_str(), answered.row.clone());
            let follows = consequences.remove(&spot).unwrap_or_default();
            match follows.forbidden_by {
                _ if is_closed => answered.locked_because = Some(Refusal::Over.to_string()),
                Some(action) => answered.locked_because = Some(locked(action)),
                None => {
                    answered.undone = titles(&follows.undone);
                    answered.kept = titles(&follows.kept);
                }
            }
            Some(answered)
        });
        Some(Self {
            session: started.session.clone(),
            sequence: state.sequence(),
            script: script.id.clone(),
            title: script.title.plain(audience),
            language: audience.language.to_owned(),
            step: walk.step.id.clone(),
            row: walk.environment.row_path().to_owned(),
            row_title: walk.environment.row_label(),
            section: walk.step.section.as_ref().map(|it| it.plain(audience)).unwrap_or_default(),
            left,
            prompts,
            shown,
            page,
            trail: trail.collect(),
            actions: actions(state),
            interrupts,
        })
    }
}

pub(crate) struct Presenter<'a> {
    pub(crate) environment: Environment<'a>,
    pub(crate) audience: Audience<'a>,
}

impl<'a> Presenter<'a> {
    /// Comes to a step of the path: what it shows is of its row.
    fn enter(&mut self, walk: &Walk<'a>, passed: &Passed<'a>) {
        let place = |it: &Option<Arc<Row<'_>>>| {
            it.as_ref().map(|it| (it.roster.id.clone(), it.path.clone()))
        };
        if place(&self.environment.row) == place(&passed.row) {
            return;
        }
        // an interrupt has names of its own beside those of the path that it was begun on
        self.environment = walk.main().clone();
        self.environment.row.clone_from(&passed.row);
        let Some(row) = &passed.row else { return };
        let rows: Vec<&str> = row.all().map(|it| it.path.as_str()).collect();
        let is_here =
            |it: &&Passed<'_>| it.row.as_ref().is_some_and(|row| rows.contains(&row.path.as_str()));
        let here = walk.path.iter().filter(is_here);
        here.for_each(|it| self.environment.pass(it.step));
    }

    /// The beginning of a row.
    fn begun(&self, step: &Step, roster: &Roster) -> Answered {
        let is_there = !self.environment.is_removed(step);
        let may_go = matches!(roster.rows, Rows::Added { .. });
        let asked = may_go.then(|| self.question(&Ask::another()));
        Answered {
            step: step.id.clone(),
            row: self.environment.row_path().to_owned(),
            is_row: true,
            page: String::new(),
            question: self.environment.row_label(),
            value: is_there.to_string(),
            special: None,
            label: String::new(),
            reason: String::new(),
            locked_because: None,
            undone: Vec::new(),
            kept: Vec::new(),
            asked,
        }
    }

    fn words(&self) -> Words {
        Words::new(self.audience.language, self.environment.script.zone.clone())
    }

    /// What is typed, with what the ends of a scale mean.
    fn typed(&self, ask: &Ask, typed: &Typed) -> Typed {
        match (typed, &ask.ends) {
            (Typed::Scale { min, max, .. }, Some(ends)) => {
                let [low, high] = ends.each_ref().map(|it| it.plain(self.audience));
                Typed::Scale { min: *min, max: *max, low, high }
            }
            (typed, _) => typed.clone(),
        }
    }

    fn shown(&self, step: &Step, stop: Stop, state: &State) -> Shown {
        match state.closing.clone() {
            Some(Closing::HandedOff { queue, attributes, .. }) => {
                return Shown::HandOff { queue, attributes };
            }
            Some(Closing::Ended { outcome, .. }) => return Shown::End { outcome },
            Some(Closing::Cancelled { reason }) => return Shown::Cancelled { reason },
            None => {}
        }
        match (stop, &step.kind) {
            (Stop::Data, _) => Shown::Waiting { text: "Looking up data".to_owned() },
            (Stop::Here, StepKind::Ask(ask)) => Shown::Question(self.question(ask)),
            (Stop::Here, StepKind::Info) => Shown::Information,
            (Stop::Here, StepKind::Wait { .. }) => self.paused(step, state),
            (_, StepKind::Do { actions, .. }) => {
                let titles = actions.iter().map(|it| it.title.plain(self.audience));
                let titles: Vec<String> = titles.collect();
                Shown::Waiting { text: titles.join(", ") }
            }
            // a session that comes to such a step closes in the same breath
            (_, _) => Shown::Waiting { text: String::new() },
        }
    }

    fn paused(&self, step: &Step, state: &State) -> Shown {
        let place = (step.id.clone(), self.environment.row_path().to_owned());
        // it is come to and begun in the same breath
        let until = state.waits.get(&place).map(|it| it.until).unwrap_or_default();
        let text = self.words().of(&Value::Instant(until), Format::Long);
        Shown::Paused { until, text }
    }

    pub(crate) fn question(&self, ask: &Ask) -> Question {
        let (kind, choices) = match &ask.kind {
            AskKind::Choice(choices) => (QuestionKind::Choice, self.choices(choices)),
            AskKind::Object { .. } => {
                let candidates = self.environment.candidates(&ask.kind);
                let choices = candidates.iter().map(|it| self.choice(&ask.kind, it)).collect();
                (QuestionKind::Choice, choices)
            }
            AskKind::Several { choices, picks } => {
                (QuestionKind::Several(*picks), self.choices(choices))
            }
            AskKind::YesNo { is_consent: false } => (QuestionKind::YesNo, Vec::new()),
            AskKind::YesNo { is_consent: true } => (QuestionKind::Consent, Vec::new()),
            AskKind::Typed(typed) => (QuestionKind::Typed(self.typed(ask, typed)), Vec::new()),
        };
        let keypad = ask.keypad.as_ref().filter(|_| self.audience.channel == Channel::Ivr);
        let choices = match keypad {
            Some(keypad) => self.keyed(keypad.keyed, choices),
            None => choices,
        };
        let has_more = choices.len() > heard::MENU_KEYS;
        let keypad = keypad.map(|it| Keypad {
            timeout_seconds: it.timeout_seconds,
            retries: it.retries,
            default: it.default.clone(),
            digits: it.keyed.keys(),
            more: if has_more { self.aloud(Stock::More) } else { Vec::new() },
        });
        let words = self.words();
        let has_specials = self.audience.channel != Channel::Ivr;
        let specials = ask.specials.iter().filter(|_| has_specials);
        let specials = specials.map(|it| (*it, words.special(*it).to_owned()));
        let (is_required, specials) = (ask.is_required, specials.collect());
        Question { kind, choices, is_required, specials, keypad }
    }

    fn choices(&self, choices: &[crate::script::Choice]) -> Vec<Choice> {
        let choices = choices.iter().map(|it| Choice {
            value: it.value.clone(),
            label: it.label.plain(self.audience),
            also: self.also(it),
            key: it.key.clone().filter(|_| self.audience.channel == Channel::Ivr),
            spoken: Vec::new(),
        });
        choices.collect()
    }

    /// What is said otherwise for a choice in the language of the customer, or in a wider one.
    fn also(&self, choice: &crate::script::Choice) -> Vec<String> {
        if self.audience.channel != Channel::Message {
            return Vec::new();
        }
        let is_spoken =
            |tag: &String| ranges(self.audience.language).any(|range| is_same(tag, range));
        let spoken = choice.also.iter().filter(|(tag, _)| is_spoken(tag));
        spoken.flat_map(|(_, words)| words.iter().cloned()).collect()
    }

    fn choice(&self, kind: &AskKind, candidate: &Value) -> Choice {
        let label = self.environment.label(kind, candidate);
        let value = candidate_key(candidate).to_owned();
        Choice { value, label, also: Vec::new(), key: None, spoken: Vec::new() }
    }

    pub(crate) fn answered(&self, step: &Step) -> Option<Answered> {
        let asked = match &step.kind {
            StepKind::Row(roster) => return Some(self.begun(step, roster)),
            StepKind::Ask(ask) => Some(self.question(ask)),
            StepKind::Info => None,
            _ => return None,
        };
        let answer = self.environment.stored(step).flatten();
        let value = match (&step.kind, answer) {
            (StepKind::Ask(ask), Some(answer)) => ask.kind.written(answer),
            (_, answer) => answer.map(Datum::to_string).unwrap_or_default(),
        };
        let label = asked.as_ref().and_then(|it| label_of(&it.choices, answer?));
        let words = self.words();
        let special = match answer {
            Some(Datum::Special(special)) => Some(*special),
            _ => None,
        };
        let label = match special {
            Some(special) => Some(words.special(special).to_owned()),
            None => label.or_else(|| answer.map(|it| words.of(&it.to_value(), Format::Long))),
        };
        let said = step.wording(&self.environment);
        let texts: Vec<&str> = said.iter().map(|it| it.text.as_str()).collect();
        let row = self.environment.row_path().to_owned();
        let place = (step.id.clone(), row.clone());
        let overridden = self.environment.state.overridden.get(&place);
        let reason = overridden.map(|it| it.reason.clone());
        Some(Answered {
            step: step.id.clone(),
            row,
            is_row: false,
            page: step.page.clone().unwrap_or_default(),
            question: texts.join(" "),
            value,
            special,
            label: label.unwrap_or_default(),
            reason: reason.unwrap_or_default(),
            locked_because: None,
            undone: Vec::new(),
            kept: Vec::new(),
            asked,
        })
    }
}

/// What people call a choice, or several; nothing where it is none.
fn label_of(choices: &[Choice], answer: &Datum) -> Option<String> {
    if let Datum::List(values) = answer {
        let labels: Option<Vec<String>> = values.iter().map(|it| label_of(choices, it)).collect();
        return labels.map(|it| it.join(", "));
    }
    let value = answer.to_string();
    choices.iter().find(|it| it.value == value).map(|it| it.label.clone())
}

/// What people call actions that were not refused.
fn titles(entries: &[&Entry]) -> Vec<String> {
    let done = entries.iter().filter(|it| !matches!(it.progress, Progress::Failed { .. }));
    done.map(|it| it.order.title.clone()).collect()
}

fn actions(state: &State) -> Vec<Action> {
    let actions = state.ledger.iter().map(|entry| {
        let (state, result) = how_far(entry);
        Action { title: entry.order.title.clone(), state, result: result.to_owned() }
    });
    actions.collect()
}

fn how_far(entry: &Entry) -> (ActionState, &str) {
    match (&entry.revoked, &entry.progress) {
        (_, Progress::Failed { reason }) => (ActionState::Failed, reason),
        (None, Progress::Queued) => (ActionState::Queued, ""),
        (None, Progress::Confirmed { summary, .. }) => (ActionState::Confirmed, summary),
        (Some(Revoked::Wanted), _) => (ActionState::Undoing, ""),
        (Some(Revoked::Sent { progress, .. }), _) => match progress {
            Progress::Queued => (ActionState::Undoing, ""),
            Progress::Confirmed { summary, .. } => (ActionState::Undone, summary),
            Progress::Failed { reason } => (ActionState::NotUndone, reason),
        },
    }
}
