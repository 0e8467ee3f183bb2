//! A wrapper in memory: it keeps objects and looks for them as a good program does, or fails.

use std::collections::BTreeMap;
use std::sync::Mutex;

use caruso_expression::Value;

use crate::{Answer, Given, NoAnswer, Question, Source};

/// Objects of one class or more, with their keys.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) objects: BTreeMap<String, Vec<(String, Given)>>,
    pub(super) state: Mutex<State>,
    /// What was asked, in words.
    pub(super) asked: Mutex<Vec<String>>,
}

/// How the program is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum State {
    #[default]
    Well,
    Away,
    Slow,
    /// Lists nothing unless it is told for what.
    Shy,
}

/// Objects of an answer, few, so that there are several pages.
const PAGE: usize = 7;

impl Shelf {
    pub(super) fn put(&mut self, class: &str, key: &str, values: &[(&str, Value)]) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let given = Given { values: values.collect(), unreadable: Vec::new() };
        self.objects.entry(class.to_owned()).or_default().push((key.to_owned(), given));
    }

    pub(super) fn is(&self, state: State) {
        *self.state.lock().expect("no panic") = state;
    }

    /// What was asked since then.
    pub(super) fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().expect("no panic"))
    }

    async fn note(&self, asked: String) -> Result<(), NoAnswer> {
        self.asked.lock().expect("no panic").push(asked);
        let state = *self.state.lock().expect("no panic");
        match state {
            State::Away => Err(NoAnswer::Later("it is away".into())),
            State::Slow => std::future::pending().await,
            State::Well | State::Shy => Ok(()),
        }
    }

    fn of(&self, class: &str) -> &[(String, Given)] {
        self.objects.get(class).map(Vec::as_slice).unwrap_or_default()
    }
}

#[tonic::async_trait]
impl Source for Shelf {
    async fn get(&self, wrapper: &str, class: &str, keys: &[String]) -> Result<Answer, NoAnswer> {
        self.note(format!("{wrapper}: {class} {}", keys.join(" "))).await?;
        let found = self.of(class).iter().filter(|(key, _)| keys.contains(key));
        Ok(Answer { objects: found.map(|(_, given)| given.clone()).collect(), ..Answer::default() })
    }

    async fn query(&self, wrapper: &str, question: &Question) -> Result<Answer, NoAnswer> {
        let Question { class, having, cursor } = question;
        let conditions = having.iter().map(|(name, values)| {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            format!(" {name}={}", values.join(","))
        });
        self.note(format!("{wrapper}: {class}{}", conditions.collect::<String>())).await?;
        if having.is_empty() && *self.state.lock().expect("no panic") == State::Shy {
            return Err(NoAnswer::TooMuch);
        }
        let fits = |given: &Given| {
            having.iter().all(|(name, values)| {
                given.values.get(name).is_some_and(|value| values.contains(value))
            })
        };
        let found = self.of(class).iter().map(|(_, given)| given).filter(|given| fits(given));
        let found: Vec<&Given> = found.collect();
        let start = cursor.parse().unwrap_or(0);
        let objects = found.iter().skip(start).take(PAGE).map(|given| (*given).clone());
        let next = start + PAGE;
        let next = if next < found.len() { next.to_string() } else { String::new() };
        Ok(Answer { objects: objects.collect(), next })
    }
}
