//! How objects are changed: only if they are what they were, and once.

use super::bench::{ACTOR, Bench, Came};
use super::classes::Class;
use super::operations::said;
use super::report::{Kind, Outcome};
use crate::Object;
use crate::program::Failure;
use crate::protocol::{Cells, Change, ChangeKind, Request};

const STALE: Kind = Kind {
    name: "stale",
    title: "changes nothing that is no longer what it was",
    expected: "`stale` for an object that was read otherwise, and the object as before",
};
const NOT_THERE: Kind = Kind {
    name: "change-unknown-key",
    title: "changes no object that there is not",
    expected: "`stale`, or `refused` with words",
};
const CHANGES: Kind = Kind {
    name: "change",
    title: "changes an object, and back",
    expected: "the object with its new values, in the answer and when it is read again",
};
const ONCE: Kind = Kind {
    name: "change-same-key",
    title: "makes the change of a key once, also after a restart",
    expected: "an object for a key that came before, and no second change",
};

/// Every class that the model says is writable.
pub(super) async fn all(bench: &mut Bench<'_>) {
    let trial = bench.trial;
    for (name, class) in &trial.program.declared.classes {
        if !class.is_writable {
            continue;
        }
        let keys = trial.keys.get(name).map(Vec::as_slice).unwrap_or_default();
        let class = Class { name, class, keys };
        let example = trial.examples.classes.get(name).and_then(|it| it.change.clone());
        let Some((key, values)) = example else {
            let how = "give an example of a change: `change = { key = \"…\", values = { … } }` of \
                       the [[class]]";
            bench.note(CHANGES, name, Ok(Outcome::Skipped(how.into()))).await;
            continue;
        };
        Trying { class, key, values }.all(bench).await;
    }
}

struct Trying<'a> {
    class: Class<'a>,
    key: String,
    values: Cells,
}

/// What came of a change.
type Changed = Result<Result<Vec<Object>, String>, Failure>;

fn failed(words: impl Into<String>) -> Came {
    Ok(Outcome::Failed(words.into()))
}

impl Trying<'_> {
    async fn all(&self, bench: &mut Bench<'_>) {
        let name = self.class.name;
        let was = match self.read(bench).await {
            Ok(Some(was)) => was,
            Ok(None) => {
                let came = failed(format!("no object `{}`, which the example names", self.key));
                return bench.note(CHANGES, name, came).await;
            }
            Err(failure) => return bench.note(CHANGES, name, Err(failure)).await,
        };
        let came = self.stale(bench, &was).await;
        bench.note(STALE, name, came).await;
        let came = self.not_there(bench, &was).await;
        bench.note(NOT_THERE, name, came).await;
        let first = bench.key();
        let came = self.there_and_back(bench, &was, &first).await;
        let has_changed = matches!(came, Ok(Outcome::Passed));
        bench.note(CHANGES, name, came).await;
        if has_changed {
            let came = self.once(bench, &was, &first).await;
            bench.note(ONCE, name, came).await;
        }
    }

    async fn read(&self, bench: &mut Bench<'_>) -> Result<Option<Object>, Failure> {
        let objects = self.class.get(bench, std::slice::from_ref(&self.key)).await?;
        Ok(objects.ok().and_then(|objects| objects.into_iter().next()))
    }

    /// Told that a value was missing which is there; if it can be, one that is not to be changed.
    async fn stale(&self, bench: &mut Bench<'_>, was: &Object) -> Came {
        let has_value = |it: &&String| !self.class.keys.contains(it);
        let mut others = was.values.keys().filter(has_value);
        let is_changed = |it: &&String| self.values.contains_key(*it);
        let wrong = others.clone().find(|it| !is_changed(it)).or_else(|| others.next());
        let Some(wrong) = wrong.cloned() else {
            return Ok(Outcome::Skipped("the object has nothing but its key".into()));
        };
        let mut cells = self.class.cells(was);
        cells.insert(wrong.clone(), None);
        let key = bench.key();
        let answer = bench.ask(&self.update(&self.key, cells, self.values.clone(), &key)).await?;
        if answer != crate::protocol::Answer::Stale {
            let came = said(&answer);
            return failed(format!("{came}, although `{wrong}` was said to be missing"));
        }
        match self.read(bench).await? {
            Some(now) if now == *was => Ok(Outcome::Passed),
            _ => failed("`stale`, and another object than before"),
        }
    }

    async fn not_there(&self, bench: &mut Bench<'_>, was: &Object) -> Came {
        let key = bench.key();
        let unknown = self.class.no_key();
        let request = self.update(&unknown, self.class.cells(was), self.values.clone(), &key);
        match self.changed(bench, &request).await? {
            Ok(_) => failed("an object"),
            Err(came) if came.trim_end() == "`refused`:" => failed("`refused` without words"),
            Err(_) => Ok(Outcome::Passed),
        }
    }

    async fn there_and_back(&self, bench: &mut Bench<'_>, was: &Object, first: &str) -> Came {
        let there = self.update(&self.key, self.class.cells(was), self.values.clone(), first);
        let now = match self.changed(bench, &there).await? {
            Ok(objects) => objects,
            Err(came) => return failed(came),
        };
        let [now] = now.as_slice() else {
            return failed(format!("{} objects in answer to a change", now.len()));
        };
        let has_value = |(name, value): (&String, &Option<crate::Value>)| {
            now.values.get(name) == value.as_ref()
        };
        if !self.values.iter().all(has_value) {
            return failed("an object without the new values in answer to the change");
        }
        if self.read(bench).await?.as_ref() != Some(now) {
            return failed("another object when it is read than in answer to the change");
        }
        let old = self.values.keys().map(|name| (name.clone(), was.values.get(name).cloned()));
        let back = bench.key();
        let back = self.update(&self.key, self.class.cells(now), old.collect(), &back);
        match self.changed(bench, &back).await? {
            Err(came) => failed(format!("{came}, when it was to be changed back")),
            Ok(_) if self.read(bench).await?.as_ref() == Some(was) => Ok(Outcome::Passed),
            Ok(_) => failed("another object than at first, after it was changed back"),
        }
    }

    /// The first change again, which was taken back since: in the process that made it, and in the
    /// next one.
    async fn once(&self, bench: &mut Bench<'_>, was: &Object, first: &str) -> Came {
        let there = self.update(&self.key, self.class.cells(was), self.values.clone(), first);
        for place in ["", " after a restart"] {
            match self.changed(bench, &there).await? {
                Ok(objects) if objects.len() == 1 => {}
                Ok(objects) => return failed(format!("{} objects{place}", objects.len())),
                Err(came) => return failed(format!("{came}{place}")),
            }
            if self.read(bench).await?.as_ref() != Some(was) {
                return failed(format!("the change was made again{place}"));
            }
            bench.stop().await;
        }
        Ok(Outcome::Passed)
    }

    /// The objects that came, or another answer in words.
    async fn changed(&self, bench: &mut Bench<'_>, request: &Request) -> Changed {
        let objects = self.class.objects(bench.ask(request).await?)?;
        Ok(objects.map(|it| it.objects).map_err(|answer| said(&answer)))
    }

    fn update(&self, key: &str, was: Cells, values: Cells, idempotency_key: &str) -> Request {
        Request::Apply(Change {
            class: self.class.name.to_owned(),
            kind: ChangeKind::Update,
            key: key.to_owned(),
            was,
            values,
            idempotency_key: idempotency_key.to_owned(),
            actor: ACTOR.to_owned(),
        })
    }
}
