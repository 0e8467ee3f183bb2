//! How objects are read: by keys, by what the model says they are looked for by, page by page.

use std::collections::{BTreeMap, BTreeSet};

use super::bench::{Bench, Came};
use super::operations::said;
use super::report::{Kind, Outcome};
use crate::program::Failure;
use crate::protocol::{Answer, Cells, Get, Query, Request};
use crate::{DeclaredClass, MAX_OBJECTS, Object, Objects, Type, Value};

const LISTS: Kind = Kind {
    name: "objects",
    title: "gives objects as the model declares them",
    expected: "objects whose values are of the declared types, each with its key",
};
const SEARCHES: Kind = Kind {
    name: "searches",
    title: "finds objects by what the model says",
    expected: "for each `index` of the class those objects, and no others, that have the value",
};
const PAGES: Kind = Kind {
    name: "pages",
    title: "keeps to the limit, and goes on where it was",
    expected: "at most one object for a limit of one, and with `next` the others, none twice",
};
const GETS: Kind = Kind {
    name: "get",
    title: "gives an object by its key",
    expected: "the same object that was listed, and nothing else",
};
const UNKNOWN_KEY: Kind = Kind {
    name: "unknown-key",
    title: "has no object for a key that there is not",
    expected: "`objects` without any, and beside a key that there is only that object",
};
/// Pages of one object that are turned.
const MAX_PAGES: usize = 10;

/// Every declared class.
pub(super) async fn all(bench: &mut Bench<'_>) {
    let trial = bench.trial;
    for (name, class) in &trial.program.declared.classes {
        let keys = trial.keys.get(name).map(Vec::as_slice).unwrap_or_default();
        let class = Class { name, class, keys };
        let listed = class.list(bench).await;
        let (listed, came) = match listed {
            Ok(Listed::Objects(objects)) => {
                let came = class.readable(&objects);
                (Some(objects.objects), Ok(came))
            }
            Ok(Listed::Otherwise(outcome)) => (None, Ok(outcome)),
            Err(failure) => (None, Err(failure)),
        };
        bench.note(LISTS, name, came).await;
        let came = class.unknown_key(bench, listed.as_deref().unwrap_or_default()).await;
        bench.note(UNKNOWN_KEY, name, came).await;
        let Some(listed) = listed.filter(|it| !it.is_empty()) else { continue };
        let came = class.gets(bench, &listed).await;
        bench.note(GETS, name, came).await;
        let came = class.searches(bench, &listed).await;
        bench.note(SEARCHES, name, came).await;
        let came = class.pages(bench, &listed).await;
        bench.note(PAGES, name, came).await;
    }
}

/// A class under trial.
#[derive(Clone, Copy)]
pub(super) struct Class<'a> {
    pub(super) name: &'a str,
    pub(super) class: &'a DeclaredClass,
    pub(super) keys: &'a [String],
}

enum Listed {
    Objects(Objects),
    Otherwise(Outcome),
}

type Wanted = BTreeMap<String, Vec<Value>>;

fn failed(words: impl Into<String>) -> Came {
    Ok(Outcome::Failed(words.into()))
}

impl Class<'_> {
    async fn list(&self, bench: &mut Bench<'_>) -> Result<Listed, Failure> {
        let example = bench.trial.examples.classes.get(self.name);
        let wanted = example.map(|it| it.wanted.clone()).unwrap_or_default();
        let is_all = wanted.is_empty();
        let how = "give an example of what to list: `where = { … }` of the [[class]]";
        match self.query(bench, wanted, MAX_OBJECTS, "").await? {
            Ok(objects) if objects.objects.is_empty() => {
                Ok(Listed::Otherwise(Outcome::Skipped(format!("it listed none; {how}"))))
            }
            Ok(objects) => Ok(Listed::Objects(objects)),
            Err(Answer::Refused(words)) if is_all && !words.trim().is_empty() => {
                Ok(Listed::Otherwise(Outcome::Skipped(format!("it does not list all; {how}"))))
            }
            Err(other) => Ok(Listed::Otherwise(Outcome::Failed(said(&other)))),
        }
    }

    fn readable(&self, listed: &Objects) -> Outcome {
        let unreadable = listed.objects.iter().find_map(|object| object.unreadable.first());
        if let Some(member) = unreadable {
            let kind = self.class.members.get(member).map_or("", |kind| kind.name());
            return Outcome::Failed(format!("a value of `{member}` that is no {kind}"));
        }
        match listed.objects.iter().all(|object| self.key(object).is_some()) {
            true => Outcome::Passed,
            false => {
                Outcome::Failed(format!("an object without its key ({})", self.keys.join(", ")))
            }
        }
    }

    /// The key of an object as the model writes keys; nothing where a part of it is missing.
    pub(super) fn key(&self, object: &Object) -> Option<String> {
        let parts = self.keys.iter().map(|name| object.values.get(name).map(text_of));
        parts.collect::<Option<Vec<_>>>().map(|parts| parts.join(","))
    }

    /// What was read, with what was missing.
    pub(super) fn cells(&self, object: &Object) -> Cells {
        let members = self.class.members.keys();
        members.map(|name| (name.clone(), object.values.get(name).cloned())).collect()
    }

    /// A key that there most likely is not.
    pub(super) fn no_key(&self) -> String {
        let part = |name: &String| match self.class.members.get(name) {
            Some(Type::Int) => "987654321",
            Some(Type::Date) => "1900-01-01",
            _ => "no-such-key",
        };
        self.keys.iter().map(part).collect::<Vec<_>>().join(",")
    }

    async fn unknown_key(&self, bench: &mut Bench<'_>, listed: &[Object]) -> Came {
        let unknown = self.no_key();
        match self.get(bench, std::slice::from_ref(&unknown)).await? {
            Ok(objects) if objects.is_empty() => {}
            Ok(_) => return failed("an object"),
            Err(other) => return failed(said(&other)),
        }
        let Some(first) = listed.first() else { return Ok(Outcome::Passed) };
        let key = self.key(first).unwrap_or_default();
        match self.get(bench, &[unknown, key]).await? {
            Ok(objects) if objects.len() == 1 => Ok(Outcome::Passed),
            Ok(objects) => failed(format!("{} objects for one of two keys", objects.len())),
            Err(other) => failed(said(&other)),
        }
    }

    async fn gets(&self, bench: &mut Bench<'_>, listed: &[Object]) -> Came {
        let Some(first) = listed.first() else { return Ok(Outcome::Passed) };
        let key = self.key(first).unwrap_or_default();
        match self.get(bench, &[key]).await? {
            Ok(objects) => match objects.as_slice() {
                [object] if object == first => Ok(Outcome::Passed),
                [_] => failed("an object with other values than when it was listed"),
                objects => failed(format!("{} objects for one key", objects.len())),
            },
            Err(other) => failed(said(&other)),
        }
    }

    async fn searches(&self, bench: &mut Bench<'_>, listed: &[Object]) -> Came {
        for search in &self.class.searches {
            let Some(like) = listed.iter().find(|object| object.values.contains_key(search)) else {
                continue;
            };
            let value = like.values[search].clone();
            let one = Wanted::from([(search.clone(), vec![value.clone()])]);
            let found = match self.query(bench, one, MAX_OBJECTS, "").await? {
                Ok(objects) => objects,
                Err(other) => return failed(format!("by `{search}`: {}", said(&other))),
            };
            if found.objects.iter().any(|object| object.values.get(search) != Some(&value)) {
                return failed(format!("by `{search}`: an object with another value"));
            }
            let is_there = found.objects.iter().any(|object| self.key(object) == self.key(like));
            if !is_there && found.next.is_empty() {
                return failed(format!("by `{search}`: not the object that has the value"));
            }
            let Some(other) = other_value(&value) else { continue };
            let none = Wanted::from([(search.clone(), vec![other])]);
            match self.query(bench, none, MAX_OBJECTS, "").await? {
                Err(Answer::Refused(_)) => {}
                Ok(objects) if objects.objects.is_empty() => {}
                Ok(_) => return failed(format!("by `{search}`: objects for a value of none")),
                Err(other) => return failed(format!("by `{search}`: {}", said(&other))),
            }
        }
        Ok(Outcome::Passed)
    }

    async fn pages(&self, bench: &mut Bench<'_>, listed: &[Object]) -> Came {
        let example = bench.trial.examples.classes.get(self.name);
        let wanted = example.map(|it| it.wanted.clone()).unwrap_or_default();
        let (mut seen, mut cursor) = (BTreeSet::new(), String::new());
        for _ in 0..MAX_PAGES {
            let page = match self.query(bench, wanted.clone(), 1, &cursor).await? {
                Ok(page) => page,
                Err(other) => return failed(said(&other)),
            };
            if page.objects.len() > 1 {
                return failed(format!("{} objects for a limit of one", page.objects.len()));
            }
            let keys = page.objects.iter().filter_map(|object| self.key(object));
            for key in keys {
                if !seen.insert(key) {
                    return failed("an object twice");
                }
            }
            cursor = page.next;
            if cursor.is_empty() {
                break;
            }
        }
        if cursor.is_empty() && seen.len() < listed.len() {
            let (seen, all) = (seen.len(), listed.len());
            return failed(format!("no `next` after {seen} of {all} objects"));
        }
        Ok(Outcome::Passed)
    }

    /// Objects by keys, or another answer.
    pub(super) async fn get(
        &self,
        bench: &mut Bench<'_>,
        keys: &[String],
    ) -> Result<Result<Vec<Object>, Answer>, Failure> {
        let request = Request::Get(Get { class: self.name.to_owned(), keys: keys.to_vec() });
        Ok(self.objects(bench.ask(&request).await?)?.map(|objects| objects.objects))
    }

    async fn query(
        &self,
        bench: &mut Bench<'_>,
        wanted: Wanted,
        limit: usize,
        cursor: &str,
    ) -> Result<Result<Objects, Answer>, Failure> {
        let (class, cursor) = (self.name.to_owned(), cursor.to_owned());
        let request = Request::Query(Query { class, wanted, limit, cursor });
        self.objects(bench.ask(&request).await?)
    }

    /// The objects of an answer, or that answer if it is one that may be given to such a question.
    pub(super) fn objects(&self, answer: Answer) -> Result<Result<Objects, Answer>, Failure> {
        match answer {
            Answer::Objects(given, next) => {
                let objects = given.into_iter().map(|it| self.class.object(it)).collect();
                Ok(Ok(Objects { objects, next }))
            }
            Answer::Refused(_) | Answer::Later(_) | Answer::Stale => Ok(Err(answer)),
            other => Err(Failure::OtherAnswer(other.name())),
        }
    }
}

/// A value as a part of a key.
fn text_of(value: &Value) -> String {
    match value.to_json() {
        serde_json::Value::String(text) => text,
        other => other.to_string(),
    }
}

/// A value that most likely no object has; nothing where any of the type may be had.
fn other_value(value: &Value) -> Option<Value> {
    match value {
        Value::Text(_) => Some(Value::Text("no-such-value".into())),
        Value::Int(_) => Some(Value::Int(-987_654_321)),
        _ => None,
    }
}
