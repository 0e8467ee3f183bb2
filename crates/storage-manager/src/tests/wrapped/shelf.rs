//! A wrapper in memory: it keeps objects and looks for them as a good program does, or fails.

use std::collections::BTreeMap;
use std::sync::Mutex;

use caruso_expression::Value;
use caruso_object_model::Action;

use crate::{Answer, Given, NoAnswer, NotDone, Question, Source, Wish};

/// Objects of one class or more, with their keys.
#[derive(Debug, Default)]
pub(super) struct Shelf {
    pub(super) objects: Mutex<BTreeMap<String, Vec<(String, Given)>>>,
    pub(super) state: Mutex<State>,
    /// What goes wrong with the next change.
    mishap: Mutex<Option<Mishap>>,
    /// What was answered to which key.
    done: Mutex<BTreeMap<String, Option<Given>>>,
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

/// What goes wrong with a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mishap {
    /// The system says no.
    Refuses,
    /// The system has no time.
    Busy,
    /// The request is lost on its way, and nobody knows.
    LosesRequest,
    /// The change is made, and the answer is lost.
    LosesAnswer,
    /// The change is made, and no answer comes.
    Hangs,
    /// Somebody else changes the object just before.
    IsOvertaken,
    /// Another object is answered.
    AnswersOther,
}

/// Objects of an answer, few, so that there are several pages.
const PAGE: usize = 7;

impl Shelf {
    pub(super) fn put(&mut self, class: &str, key: &str, values: &[(&str, Value)]) {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let given = Given { values: values.collect(), unreadable: Vec::new() };
        let objects = self.objects.get_mut().expect("no panic");
        objects.entry(class.to_owned()).or_default().push((key.to_owned(), given));
    }

    pub(super) fn is(&self, state: State) {
        *self.state.lock().expect("no panic") = state;
    }

    /// The next change goes wrong.
    pub(super) fn has(&self, mishap: Mishap) {
        *self.mishap.lock().expect("no panic") = Some(mishap);
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

    fn of(&self, class: &str) -> Vec<(String, Given)> {
        self.objects.lock().expect("no panic").get(class).cloned().unwrap_or_default()
    }

    /// Makes a change as a good program does: once for its key, and of what the object was.
    fn change(&self, wish: &Wish) -> Result<Option<Given>, NotDone> {
        let mut done = self.done.lock().expect("no panic");
        if let Some(known) = done.get(&wish.idempotency_key) {
            return Ok(known.clone());
        }
        let mut objects = self.objects.lock().expect("no panic");
        let objects = objects.entry(wish.class.clone()).or_default();
        let place = objects.iter().position(|(key, _)| *key == wish.key);
        let now = match (wish.action, place) {
            (Action::Create, _) => {
                let values = wish.values.clone();
                let number = format!("N{}", objects.len());
                let given = values.get("number").map_or(number, ToString::to_string);
                let mut given = (given, Given { values, unreadable: Vec::new() });
                given.1.values.insert("number".into(), Value::from(given.0.as_str()));
                objects.push(given.clone());
                Some(given.1)
            }
            (_, None) => return Err(NotDone::Stale),
            (action, Some(place)) => {
                let known = &mut objects[place].1.values;
                let is_same = |(name, was): (&String, &Value)| {
                    let is = known.get(name).map(ToString::to_string);
                    is == (!was.is_null()).then(|| was.to_string())
                };
                if !wish.was.iter().all(is_same) {
                    return Err(NotDone::Stale);
                }
                known.extend(wish.values.clone());
                known.retain(|_, value| !value.is_null());
                match action {
                    Action::Delete => {
                        objects.remove(place);
                        None
                    }
                    _ => Some(objects[place].1.clone()),
                }
            }
        };
        done.insert(wish.idempotency_key.clone(), now.clone());
        Ok(now)
    }

    fn overtake(&self, wish: &Wish) {
        let mut objects = self.objects.lock().expect("no panic");
        let objects = objects.entry(wish.class.clone()).or_default();
        for (_, given) in objects.iter_mut().filter(|(key, _)| *key == wish.key) {
            given.values.insert("is_disputed".into(), Value::Bool(true));
        }
    }
}

#[tonic::async_trait]
impl Source for Shelf {
    async fn get(&self, wrapper: &str, class: &str, keys: &[String]) -> Result<Answer, NoAnswer> {
        self.note(format!("{wrapper}: {class} {}", keys.join(" "))).await?;
        let found = self.of(class).into_iter().filter(|(key, _)| keys.contains(key));
        Ok(Answer { objects: found.map(|(_, given)| given).collect(), ..Answer::default() })
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
        let found = self.of(class).into_iter().map(|(_, given)| given).filter(fits);
        let found: Vec<Given> = found.collect();
        let start = cursor.parse().unwrap_or(0);
        let objects = found.iter().skip(start).take(PAGE).cloned();
        let next = start + PAGE;
        let next = if next < found.len() { next.to_string() } else { String::new() };
        Ok(Answer { objects: objects.collect(), next })
    }

    async fn apply(&self, wrapper: &str, wish: &Wish) -> Result<Option<Given>, NotDone> {
        let Wish { class, key, .. } = wish;
        let noted = self.note(format!("{wrapper}: {} {class} {key}", wish.action.word())).await;
        noted.map_err(|_| NotDone::Later("it is away".into()))?;
        let mishap = self.mishap.lock().expect("no panic").take();
        match mishap {
            None => self.change(wish),
            Some(Mishap::Refuses) => Err(NotDone::Refused("It is closed.".into())),
            Some(Mishap::Busy) => Err(NotDone::Later("busy".into())),
            Some(Mishap::LosesRequest) => Err(NotDone::Unknown("it died".into())),
            Some(Mishap::LosesAnswer) => {
                self.change(wish)?;
                Err(NotDone::Unknown("it died".into()))
            }
            Some(Mishap::Hangs) => {
                self.change(wish)?;
                std::future::pending().await
            }
            Some(Mishap::IsOvertaken) => {
                self.overtake(wish);
                self.change(wish)
            }
            Some(Mishap::AnswersOther) => {
                let mut other = self.change(wish)?.unwrap_or_default();
                other.values.insert("number".into(), Value::from("other"));
                Ok(Some(other))
            }
        }
    }
}
