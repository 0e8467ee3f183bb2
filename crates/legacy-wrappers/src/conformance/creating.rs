//! How an object is made and deleted: once each, however often it is asked for.

use super::bench::{ACTOR, Bench, Came};
use super::classes::Class;
use super::operations::said;
use super::report::{Kind, Outcome};
use crate::Object;
use crate::program::Failure;
use crate::protocol::{Cells, Change, ChangeKind, Request};

const CREATES: Kind = Kind {
    name: "create",
    title: "makes an object once",
    expected: "the new object, the same one when the key comes again, and when it is read",
};
const DELETES: Kind = Kind {
    name: "delete",
    title: "deletes an object once",
    expected: "no object, also when the key comes again, and none when it is read",
};

/// Every writable class of which somebody said what an object may be made of.
pub(super) async fn all(bench: &mut Bench<'_>) {
    let trial = bench.trial;
    for (name, class) in &trial.program.declared.classes {
        let example = trial.examples.classes.get(name).and_then(|it| it.create.clone());
        let Some(values) = example.filter(|_| class.is_writable) else { continue };
        let keys = trial.keys.get(name).map(Vec::as_slice).unwrap_or_default();
        let class = Class { name, class, keys };
        let (made, came) = match create(bench, class, values).await {
            Ok(Ok(made)) => (Some(made), Ok(Outcome::Passed)),
            Ok(Err(came)) => (None, Ok(Outcome::Failed(came))),
            Err(failure) => (None, Err(failure)),
        };
        bench.note(CREATES, name, came).await;
        let Some((key, made)) = made else { continue };
        let came = delete(bench, class, key, &made).await;
        bench.note(DELETES, name, came).await;
    }
}

/// The new object with its key, or what came instead.
async fn create(
    bench: &mut Bench<'_>,
    class: Class<'_>,
    values: Cells,
) -> Result<Result<(String, Object), String>, Failure> {
    let wish = bench.key();
    let request =
        change(class, ChangeKind::Create, String::new(), Cells::new(), values.clone(), wish);
    let first = match one(bench, class, &request).await? {
        Ok(made) => made,
        Err(came) => return Ok(Err(came)),
    };
    if values.iter().any(|(name, value)| first.values.get(name) != value.as_ref()) {
        return Ok(Err("an object without the values that it was to have".into()));
    }
    let Some(key) = class.key(&first) else { return Ok(Err("an object without its key".into())) };
    match one(bench, class, &request).await? {
        Ok(again) if again == first => {}
        Ok(_) => return Ok(Err("another object for the same key".into())),
        Err(came) => return Ok(Err(format!("the second time {came}"))),
    }
    match class.get(bench, std::slice::from_ref(&key)).await? {
        Ok(objects) if objects.as_slice() == [first.clone()] => Ok(Ok((key, first))),
        Ok(objects) => Ok(Err(format!("{} objects when it was read, or another", objects.len()))),
        Err(other) => Ok(Err(format!("{} when it was read", said(&other)))),
    }
}

async fn delete(bench: &mut Bench<'_>, class: Class<'_>, key: String, made: &Object) -> Came {
    let wish = bench.key();
    let was = class.cells(made);
    let request = change(class, ChangeKind::Delete, key.clone(), was, Cells::new(), wish);
    for time in ["", "the second time "] {
        match class.objects(bench.ask(&request).await?)? {
            Ok(objects) if objects.objects.is_empty() => {}
            Ok(_) => return Ok(Outcome::Failed(format!("{time}an object"))),
            Err(other) => return Ok(Outcome::Failed(format!("{time}{}", said(&other)))),
        }
    }
    match class.get(bench, &[key]).await? {
        Ok(objects) if objects.is_empty() => Ok(Outcome::Passed),
        Ok(_) => Ok(Outcome::Failed("the object, when it was read".into())),
        Err(other) => Ok(Outcome::Failed(said(&other))),
    }
}

/// The only object that came, or what came instead.
async fn one(
    bench: &mut Bench<'_>,
    class: Class<'_>,
    request: &Request,
) -> Result<Result<Object, String>, Failure> {
    let mut objects = match class.objects(bench.ask(request).await?)? {
        Ok(objects) => objects.objects,
        Err(other) => return Ok(Err(said(&other))),
    };
    match (objects.pop(), objects.len()) {
        (Some(object), 0) => Ok(Ok(object)),
        (None, _) => Ok(Err("no object".into())),
        (Some(_), more) => Ok(Err(format!("{} objects", more + 1))),
    }
}

fn change(
    class: Class<'_>,
    kind: ChangeKind,
    key: String,
    was: Cells,
    values: Cells,
    idempotency_key: String,
) -> Request {
    let (class, actor) = (class.name.to_owned(), ACTOR.to_owned());
    Request::Apply(Change { class, kind, key, was, values, idempotency_key, actor })
}
