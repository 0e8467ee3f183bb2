//! Runs tests: moves become inputs, expectations are held against the walk and the view.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use caruso_markup::{Finding, Location};
use jiff::{SignedDuration, Timestamp};

use super::{
    Acted, Answer, Expected, Given, Move, MoveKind, SuiteRun, Test, TestRun, TransitionRun,
};
use crate::beginning::Start;
use crate::codes;
use crate::datum::Datum;
use crate::event::{Order, Task};
use crate::goals;
use crate::handle::{Input, handle};
use crate::ledger::{Entry, Revoked};
use crate::outstanding::{Effect, Read, outstanding, reads};
use crate::refusal::Refusal;
use crate::script::{Channel, Role, Script, Source, beside};
use crate::state::{CANCELLED, Closing, State};
use crate::view::{Shown, View};
use crate::walk::walk;

pub(super) fn run(script: &Script) -> SuiteRun {
    let mut taken = BTreeSet::new();
    let tests = script.suite.tests.iter().map(|test| {
        let mut run = Run {
            script,
            test,
            state: State::default(),
            now: test.now,
            requests: 0,
            taken: &mut taken,
        };
        TestRun { name: test.name.clone(), at: test.at.clone(), failures: run.failures() }
    });
    let tests = tests.collect();
    let mut transitions = Vec::new();
    for step in &script.steps {
        let places = script.suite.places.get(&step.id).into_iter().flatten();
        for ((number, next), at) in step.next.iter().enumerate().zip(places) {
            transitions.push(TransitionRun {
                from: step.id.clone(),
                to: next.to.clone(),
                at: at.clone(),
                is_taken: taken.contains(&(step.at, number)),
            });
        }
    }
    transitions.sort_by(|a, b| a.at.cmp(&b.at));
    SuiteRun { tests, transitions }
}

struct Run<'s> {
    script: &'s Script,
    test: &'s Test,
    state: State,
    /// The time of the test.
    now: Timestamp,
    requests: usize,
    /// Transitions that were on the path at some moment: step and transition by number.
    taken: &'s mut BTreeSet<(usize, usize)>,
}

/// A move that cannot be made: the rest of the test has no meaning.
struct Broken(Finding);

impl Run<'_> {
    fn failures(&mut self) -> Vec<Finding> {
        let mut failures = Vec::new();
        if let Err(refusal) = self.start() {
            return vec![Finding::new(codes::TEST_ANSWER, &self.test.at, refusal.to_string())];
        }
        for one in &self.test.moves {
            match self.make(one) {
                Ok(findings) => failures.extend(findings),
                Err(Broken(finding)) => {
                    failures.push(finding);
                    break;
                }
            }
        }
        failures
    }

    fn start(&mut self) -> Result<(), Refusal> {
        let inputs = self.script.sources.iter().filter_map(|(name, source)| {
            let datum = match (source, self.test.given.get(name)?) {
                (Source::Value { ty, .. }, Given::Text(text)) => Datum::read(text, ty)?,
                (Source::Object { class, .. }, Given::Objects(objects)) => {
                    let key = objects.first()?.key.clone();
                    Datum::Reference { class: class.clone(), key }
                }
                _ => return None,
            };
            Some((name.clone(), datum))
        });
        self.input(Input::Start(Start {
            session: "test".to_owned(),
            request: "start".to_owned(),
            channel: self.test.channel,
            language: self.test.language.clone(),
            actor: (self.test.channel == Channel::Agent).then(|| "agent".to_owned()),
            contact: Some("contact".to_owned()),
            inputs: inputs.collect(),
        }))
    }

    /// Takes an input, then reads whatever it makes necessary.
    fn input(&mut self, input: Input) -> Result<(), Refusal> {
        self.take(&input)?;
        // each round reads something that was not read before
        while let Some(read) = self.unread() {
            let objects = match self.test.given.get(&read.name) {
                Some(Given::Objects(objects)) => objects.clone(),
                _ => Vec::new(),
            };
            self.take(&Input::Data { read, objects })?;
        }
        Ok(())
    }

    fn unread(&self) -> Option<Read> {
        reads(self.script, &self.state).into_iter().next()
    }

    fn take(&mut self, input: &Input) -> Result<(), Refusal> {
        let outcome = handle(self.script, &self.state, input, self.now)?;
        outcome.events.iter().for_each(|event| self.state.apply(event));
        if let Some(walk) = walk(self.script, &self.state) {
            self.taken.extend(walk.path.iter().map(|it| (it.step.at, it.tried.saturating_sub(1))));
        }
        Ok(())
    }

    fn make(&mut self, one: &Move) -> Result<Vec<Finding>, Broken> {
        let at = &one.at;
        Ok(match &one.kind {
            MoveKind::Answer(answer) => self.answer(at, answer)?,
            MoveKind::Interrupted { by, is_refused } => self.interrupted(at, by, *is_refused)?,
            MoveKind::HungUp => {
                self.requests += 1;
                let hung_up = self.input(Input::HangUp { request: self.requests.to_string() });
                self.taken(at, "that the customer hung up", hung_up, false)?
            }
            MoveKind::Passes(time) => self.passes(at, *time)?,
            MoveKind::Done { action, key, results } => {
                let order = self.under_way(at, action)?;
                let object = matches!(order.task, Task::Create { .. }).then(|| key.clone());
                let revision = object.as_ref().map(|_| "1".to_owned());
                let (key, results, summary) = (order.key, results.clone(), order.title);
                self.settle(at, Input::Confirmed { key, results, object, revision, summary })?
            }
            MoveKind::Failed { action, reason } => {
                let key = self.under_way(at, action)?.key;
                self.settle(at, Input::Failed { key, reason: reason.clone() })?
            }
            MoveKind::Late { action } => {
                let key = self.under_way(at, action)?.key;
                self.settle(at, Input::Overdue { key })?
            }
            MoveKind::At { step, row, texts, offered } => self.at(at, (step, row), texts, offered),
            MoveKind::Path(steps) => {
                let path = self.path();
                let differs = path.iter().ne(steps);
                let message = format!("the path is {}", listed(&path));
                let hint = format!("{} is expected", listed(steps));
                differs.then(|| failed(at, message).with_hint(hint)).into_iter().collect()
            }
            MoveKind::Passed(steps) => self.passed(at, steps).into_iter().collect(),
            MoveKind::Reached(goals) => self.reached(at, goals).into_iter().collect(),
            MoveKind::Sent { action, values } => self.sent(at, action, values),
            MoveKind::Unsent { action } => {
                let message = format!("{action} was sent");
                let is_sent = self.order(action).is_some();
                is_sent.then(|| failed(at, message)).into_iter().collect()
            }
            MoveKind::Compensated { action, values } => self.compensated(at, action, values),
            MoveKind::Ended { outcome } => self.ended(at, outcome).into_iter().collect(),
            MoveKind::HandedOff { queue, attributes } => self.handed_off(at, queue, attributes),
        })
    }

    fn answer(&mut self, at: &Location, answer: &Answer) -> Result<Vec<Finding>, Broken> {
        let step = &answer.step;
        self.requests += 1;
        let answered = self.input(Input::Answer {
            request: self.requests.to_string(),
            sequence: self.state.sequence(),
            step: step.clone(),
            row: answer.row.clone(),
            value: answer.value.clone(),
            special: answer.special,
            reason: answer.reason.clone(),
        });
        self.taken(at, &format!("the answer to `{step}`"), answered, answer.is_refused)
    }

    fn interrupted(
        &mut self,
        at: &Location,
        by: &str,
        is_refused: bool,
    ) -> Result<Vec<Finding>, Broken> {
        self.requests += 1;
        let (request, sequence) = (self.requests.to_string(), self.state.sequence());
        let begun = self.input(Input::Interrupt { request, sequence, interrupt: by.to_owned() });
        self.taken(at, &format!("the interrupt `{by}`"), begun, is_refused)
    }

    /// Whether it was taken as it is expected to be.
    fn taken(
        &self,
        at: &Location,
        what: &str,
        result: Result<(), Refusal>,
        is_refused: bool,
    ) -> Result<Vec<Finding>, Broken> {
        match (result, is_refused) {
            (Ok(()), false) | (Err(_), true) => Ok(Vec::new()),
            (Ok(()), true) => Ok(vec![failed(at, format!("{what} was taken, not refused"))]),
            (Err(refusal), false) => {
                let message = format!("{what} was refused: {refusal}");
                Err(Broken(Finding::new(codes::TEST_ANSWER, at, message).with_hint(self.stands())))
            }
        }
    }

    /// Time passes. Waits that begin meanwhile begin at its end.
    fn passes(&mut self, at: &Location, time: SignedDuration) -> Result<Vec<Finding>, Broken> {
        self.now = self.now.saturating_add(time).unwrap_or(self.now);
        for effect in outstanding(self.script, &self.state) {
            if let Effect::GoOnAt { step, row, .. } = effect {
                self.settle(at, Input::Due { step, row })?;
            }
        }
        Ok(Vec::new())
    }

    fn settle(&mut self, at: &Location, input: Input) -> Result<Vec<Finding>, Broken> {
        let broken = |it: Refusal| Broken(Finding::new(codes::TEST_NOT_SENT, at, it.to_string()));
        self.input(input).map_err(broken)?;
        Ok(Vec::new())
    }

    /// The action, which is being carried out.
    fn under_way(&self, at: &Location, action: &Acted) -> Result<Order, Broken> {
        let sent = self.state.ledger.iter().filter(|it| is_called(&it.order, action));
        let under_way = sent.clone().find_map(Entry::under_way);
        let message = match (under_way, sent.count()) {
            (Some(order), _) => return Ok(order.clone()),
            (None, 0) => format!("{action} was not sent"),
            (None, _) => format!("it is known already what became of {action}"),
        };
        Err(Broken(Finding::new(codes::TEST_NOT_SENT, at, message).with_hint(self.stands())))
    }

    fn at(
        &self,
        at: &Location,
        (step, row): (&str, &str),
        texts: &[(Role, Expected)],
        offered: &[(Expected, String)],
    ) -> Vec<Finding> {
        let Some(view) = View::of(self.script, &self.state) else { return Vec::new() };
        if view.step != step {
            let message = format!("the conversation stands at `{}`, not at `{step}`", view.step);
            return vec![failed(at, message).with_hint(format!("it came by {}", self.came_by()))];
        }
        if !row.is_empty() && view.row != row {
            let message = format!("the conversation stands in row `{}`, not in `{row}`", view.row);
            return vec![failed(at, message)];
        }
        let mut findings = Vec::new();
        for (role, expected) in texts {
            let here = view.prompts.iter().filter(|it| it.role == *role);
            let here: Vec<String> = here.map(|it| tidy(&it.text)).collect();
            if !here.iter().any(|text| Some(text) == expected.value.as_ref()) {
                let message = match here.as_slice() {
                    [] => "nothing is shown here".to_owned(),
                    some => format!("the text is “{}”", some.join("” and “")),
                };
                let wanted = expected.value.as_deref().unwrap_or_default();
                let hint = format!("“{wanted}” is expected");
                findings.push(failed(&expected.at, message).with_hint(hint));
            }
        }
        findings.extend(choices(&view, offered));
        findings
    }

    fn passed(&self, at: &Location, steps: &[String]) -> Option<Finding> {
        let path = self.path();
        let mut rest = path.iter();
        let missing = steps.iter().find(|step| !rest.any(|it| it == *step))?;
        let message = match path.contains(missing) {
            true => format!("the path comes by `{missing}` earlier than expected"),
            false => format!("the path does not come by `{missing}`"),
        };
        Some(failed(at, message).with_hint(format!("it is {}", listed(&path))))
    }

    fn reached(&self, at: &Location, goals: &[String]) -> Option<Finding> {
        let reached = walk(self.script, &self.state).map(|it| goals::reached(&it));
        let reached = reached.unwrap_or_default();
        let (found, wanted): (BTreeSet<_>, BTreeSet<_>) =
            (reached.iter().collect(), goals.iter().collect());
        let message = match &reached[..] {
            _ if found == wanted => return None,
            [] => "no goal is reached".to_owned(),
            some => format!("reached is {}", listed(some)),
        };
        Some(failed(at, message))
    }

    fn sent(&self, at: &Location, action: &Acted, values: &[Expected]) -> Vec<Finding> {
        let Some(order) = self.order(action) else {
            return vec![failed(at, format!("{action} was not sent")).with_hint(self.stands())];
        };
        compared(values, |name| order.value(name))
    }

    fn compensated(&self, at: &Location, action: &Acted, values: &[Expected]) -> Vec<Finding> {
        let mut sent = self.state.ledger.iter().filter(|it| is_called(&it.order, action));
        match sent.find_map(|it| it.revoked.as_ref()) {
            Some(Revoked::Sent { order, .. }) => compared(values, |name| order.value(name)),
            Some(Revoked::Wanted) if values.is_empty() => Vec::new(),
            Some(Revoked::Wanted) => {
                let message = format!("it is not known yet what became of {action}");
                vec![failed(at, message).with_hint("say so by `done` before this")]
            }
            None => {
                vec![failed(at, format!("{action} was not revoked")).with_hint(self.stands())]
            }
        }
    }

    fn ended(&self, at: &Location, expected: &str) -> Option<Finding> {
        let message = match self.state.closing() {
            Some(Closing::Ended { outcome, .. }) if outcome == expected => return None,
            Some(Closing::Ended { outcome, .. }) => {
                format!("the outcome is `{outcome}`, not `{expected}`")
            }
            Some(Closing::HandedOff { queue, .. }) => {
                format!("the contact went to queue `{queue}`")
            }
            Some(Closing::Cancelled { .. }) if expected == CANCELLED => return None,
            Some(Closing::Cancelled { reason }) => format!("it was broken off: {reason}"),
            None => "the conversation has not ended".to_owned(),
        };
        Some(failed(at, message).with_hint(self.stands()))
    }

    fn handed_off(&self, at: &Location, expected: &str, values: &[Expected]) -> Vec<Finding> {
        let message = match self.state.closing() {
            Some(Closing::HandedOff { queue, attributes, .. }) if queue == expected => {
                return compared(values, |name| attributes.get(name).cloned());
            }
            Some(Closing::HandedOff { queue, .. }) => {
                format!("the contact went to queue `{queue}`, not to `{expected}`")
            }
            Some(Closing::Ended { outcome, .. }) => format!("the outcome is `{outcome}`"),
            _ => "the contact went to no queue".to_owned(),
        };
        vec![failed(at, message).with_hint(self.stands())]
    }

    fn order(&self, action: &Acted) -> Option<&Order> {
        let live = self.state.ledger.iter().filter(|it| it.revoked.is_none());
        live.map(|it| &it.order).find(|it| is_called(it, action))
    }

    /// All steps of the path, the last being the one where the conversation stands.
    fn path(&self) -> Vec<String> {
        let Some(walk) = walk(self.script, &self.state) else { return Vec::new() };
        let steps = walk.path.iter().map(|it| it.step).chain([walk.step]);
        steps.map(|it| it.id.clone()).collect()
    }

    fn came_by(&self) -> String {
        listed(&self.path())
    }

    fn stands(&self) -> String {
        let path = self.path();
        let mut text = match path.last() {
            Some(step) => format!("the conversation stands at `{step}`"),
            None => String::new(),
        };
        if path.len() > 1 {
            let _ = write!(text, ", by {}", listed(&path[..path.len() - 1]));
        }
        text
    }
}

fn is_called(order: &Order, action: &Acted) -> bool {
    let is_row = action.row.as_ref().is_none_or(|it| *it == order.row);
    is_row && beside(&order.step, &order.name) == action.name
}

fn choices(view: &View, offered: &[(Expected, String)]) -> Vec<Finding> {
    let Some((first, _)) = offered.first() else { return Vec::new() };
    let Shown::Question(question) = &view.shown else {
        return vec![failed(&first.at, "nothing is asked here".to_owned())];
    };
    let here: Vec<&str> = question.choices.iter().map(|it| it.value.as_str()).collect();
    let wanted = offered.iter().map(|(it, _)| it.value.as_deref().unwrap_or_default());
    if !here.iter().copied().eq(wanted) {
        let message = match here.as_slice() {
            [] => "there is nothing to choose from".to_owned(),
            some => format!("the choices are {}", listed(some)),
        };
        return vec![failed(&first.at, message)];
    }
    let labels = question.choices.iter().zip(offered);
    let wrong = labels.filter(|(it, (_, label))| !label.is_empty() && tidy(&it.label) != *label);
    wrong.map(|(it, (at, _))| failed(&at.at, format!("it is shown as “{}”", it.label))).collect()
}

fn compared(expected: &[Expected], given: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let wrong = expected.iter().filter_map(|it| {
        let given = given(&it.name);
        let message = match &given {
            Some(value) => format!("`{}` is `{value}`", it.name),
            None => format!("`{}` is missing", it.name),
        };
        let hint = match &it.value {
            Some(value) => format!("`{value}` is expected"),
            None => "no value is expected".to_owned(),
        };
        (given != it.value).then(|| failed(&it.at, message).with_hint(hint))
    });
    wrong.collect()
}

fn failed(at: &Location, message: String) -> Finding {
    Finding::new(codes::TEST_FAILED, at, message)
}

fn listed<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<String> = words.iter().map(|it| format!("`{}`", it.as_ref())).collect();
    words.join(", ")
}

fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
