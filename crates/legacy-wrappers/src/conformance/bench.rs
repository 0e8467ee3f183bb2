//! Where the program is tried: kept running, asked, and what came of it written down.

use std::time::Duration;

use serde_json::{Value as Json, json};

use super::Trial;
use super::report::{Case, Kind, Outcome, Report};
use super::subject::{Numbered, Subject};
use crate::Values;
use crate::program::Failure;
use crate::protocol::{
    Answer, Done, Invocation, MAX_LINE_BYTES, MAX_OBJECTS_BYTES, Request, encode,
};

/// Who asks, as the program is told.
pub(super) const ACTOR: &str = "caruso wrapper test";

pub(super) struct Bench<'a> {
    pub(super) trial: &'a Trial,
    subject: Option<Subject>,
    wrote: Vec<String>,
    keys: usize,
    /// Lines that the programs so far wrote beside answers.
    pub(super) noise: usize,
    cases: Vec<Case>,
}

/// What came of a case: a program that failed failed the case.
pub(super) type Came = Result<Outcome, Failure>;

impl<'a> Bench<'a> {
    pub(super) fn new(trial: &'a Trial) -> Self {
        Self { trial, subject: None, wrote: Vec::new(), keys: 0, noise: 0, cases: Vec::new() }
    }

    pub(super) fn report(self) -> Report {
        Report { cases: self.cases }
    }

    /// Writes down what came of a case. After a failure the next one has a new process.
    pub(super) async fn note(&mut self, kind: Kind, about: &str, came: Came) {
        let outcome = match came {
            Ok(outcome) => outcome,
            Err(failure) => Outcome::Failed(failure.to_string()),
        };
        let is_fine = matches!(outcome, Outcome::Passed | Outcome::Skipped(_));
        if !is_fine {
            self.kill().await;
        } else if let Some(subject) = &self.subject {
            subject.forget_errors();
        }
        let wrote = std::mem::take(&mut self.wrote);
        let wrote = if is_fine { Vec::new() } else { wrote };
        let Kind { name, title, expected } = kind;
        self.cases.push(Case { name, about: about.to_owned(), title, expected, outcome, wrote });
    }

    /// An idempotency key that was not used before.
    pub(super) fn key(&mut self) -> String {
        self.keys += 1;
        format!("{}-{}", self.trial.run, self.keys)
    }

    /// The program that runs, else a new one, described as the host has it described.
    async fn running(&mut self) -> Result<&mut Subject, Failure> {
        if self.subject.is_none() {
            let mut subject = Subject::start(&self.trial.program)?;
            let id = subject.next_id();
            let line = encode(id, &Request::Describe)?;
            let start = self.trial.limits.start;
            let described = subject.exchange(&[(id, line)], MAX_LINE_BYTES, start).await;
            let subject = self.subject.insert(subject);
            return described.map(|_| subject);
        }
        Ok(self.subject.as_mut().expect("started above"))
    }

    /// Puts requests to it in one piece, given without their ids. The answers are in their order.
    pub(super) async fn ask_at_once(&mut self, requests: &[Json]) -> Result<Vec<Answer>, Failure> {
        let limit = self.trial.limits.invoke;
        let subject = self.running().await?;
        let lines: Vec<_> = requests.iter().map(|it| numbered(subject, it)).collect();
        let came = subject.exchange(&lines, MAX_OBJECTS_BYTES, limit).await;
        if came.is_err() {
            self.kill().await;
        }
        came.map(|answers| answers.into_values().collect())
    }

    /// Puts a request to it that need not be one of the protocol, given without its id.
    pub(super) async fn ask_json(&mut self, request: Json) -> Result<Answer, Failure> {
        let answers = self.ask_at_once(&[request]).await?;
        Ok(answers.into_iter().next().expect("one request has one answer"))
    }

    pub(super) async fn ask(&mut self, request: &Request) -> Result<Answer, Failure> {
        let (limit, longest) = (self.trial.limits.invoke, request.longest_answer());
        let subject = self.running().await?;
        let id = subject.next_id();
        let line = encode(id, request)?;
        let came = subject.exchange(&[(id, line)], longest, limit).await;
        if came.is_err() {
            self.kill().await;
        }
        Ok(came?.remove(&id).expect("one request has one answer"))
    }

    /// Asks for an operation; what is declared of its results.
    pub(super) async fn invoke(
        &mut self,
        operation: &str,
        arguments: &Values,
        key: &str,
    ) -> Result<Answer, Failure> {
        match self.ask(&invocation(operation, arguments, key)).await? {
            Answer::Done(Done { results, summary }) => {
                let declared = &self.trial.program.declared;
                let results = declared.results(operation, results).map_err(Failure::Result)?;
                Ok(Answer::Done(Done { results, summary }))
            }
            other => Ok(other),
        }
    }

    /// Asks for an operation, and kills the program so long after it has the request.
    pub(super) async fn kill_while(
        &mut self,
        request: &Request,
        later: Duration,
    ) -> Result<(), Failure> {
        let limit = self.trial.limits.invoke;
        let subject = self.running().await?;
        let id = subject.next_id();
        subject.write(&[(id, encode(id, request)?)], limit).await?;
        tokio::time::sleep(later).await;
        self.kill().await;
        Ok(())
    }

    /// Ends it in order, as a drain does; whether it ended in time.
    pub(super) async fn stop(&mut self) -> bool {
        let Some(subject) = self.subject.take() else { return true };
        let (has_ended, noise, wrote) = subject.stop().await;
        self.noise += noise;
        self.wrote.extend(wrote);
        has_ended
    }

    pub(super) async fn kill(&mut self) {
        let Some(subject) = self.subject.take() else { return };
        self.noise += subject.noise;
        self.wrote.extend(subject.kill().await);
    }

    /// Starts it, if it does not run.
    pub(super) async fn start(&mut self) -> Result<(), Failure> {
        self.running().await.map(|_| ())
    }
}

pub(super) fn invocation(operation: &str, arguments: &Values, key: &str) -> Request {
    let (operation, arguments) = (operation.to_owned(), arguments.clone());
    Request::Invoke(Invocation { operation, arguments, key: key.to_owned(), actor: ACTOR.into() })
}

fn numbered(subject: &mut Subject, request: &Json) -> Numbered {
    let id = subject.next_id();
    let mut request = request.clone();
    request["id"] = json!(id);
    (id, format!("{request}\n"))
}
