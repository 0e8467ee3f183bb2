//! What operations do: refuse in words what does not fit, and everything else once.

use std::time::Duration;

use serde_json::{Map, json};

use super::bench::{ACTOR, Bench, Came, invocation};
use super::examples::{Example, Undo};
use super::process::refusal;
use super::report::{Kind, Outcome};
use crate::program::Failure;
use crate::protocol::{Answer, Done};
use crate::{DeclaredOperation, Values};

const UNKNOWN_OPERATION: Kind = Kind {
    name: "unknown-operation",
    title: "refuses an operation that it does not have",
    expected: "`refused` with words",
};
const MISSING: Kind = Kind {
    name: "missing-argument",
    title: "refuses what is missing",
    expected: "`refused` with words, and nothing done",
};
const WRONG_TYPE: Kind = Kind {
    name: "wrong-type",
    title: "refuses values of a wrong type",
    expected: "`refused` with words, and nothing done",
};
const REFUSES: Kind = Kind {
    name: "refuses",
    title: "refuses what its system does not allow",
    expected: "`refused` with words that an agent can read",
};
const SAME_KEY: Kind = Kind {
    name: "same-key",
    title: "does the same key once",
    expected: "the declared results, and the same ones when the key comes again",
};
const RESTARTED: Kind = Kind {
    name: "same-key-restarted",
    title: "knows its keys after a restart",
    expected: "the same results from the next process",
};
const KILLED: Kind = Kind {
    name: "same-key-killed",
    title: "knows its keys when it was killed",
    expected: "the same results from the next process, whenever the one before was killed",
};
const UNDO: Kind = Kind {
    name: "undo",
    title: "takes back what was done, once",
    expected: "`results`, also for the same key again and for another one",
};
/// When a program is killed after it has a request.
const KILLS: [Duration; 3] =
    [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(200)];

/// Every declared operation.
pub(super) async fn all(bench: &mut Bench<'_>) {
    let trial = bench.trial;
    if trial.program.declared.operations.is_empty() {
        return;
    }
    let came = invoke_raw(bench, "no_such_operation", Map::new()).await;
    bench.note(UNKNOWN_OPERATION, "", refusal(came)).await;
    for (name, declared) in &trial.program.declared.operations {
        misfits(bench, name, declared).await;
        examples(bench, name).await;
    }
}

async fn misfits(bench: &mut Bench<'_>, name: &str, declared: &DeclaredOperation) {
    if declared.parameters.values().any(|(_, is_required)| *is_required) {
        let came = invoke_raw(bench, name, Map::new()).await;
        bench.note(MISSING, name, refusal(came)).await;
    }
    if !declared.parameters.is_empty() {
        let lists = declared.parameters.keys().map(|it| (it.clone(), json!([1]))).collect();
        let came = invoke_raw(bench, name, lists).await;
        bench.note(WRONG_TYPE, name, refusal(came)).await;
    }
}

/// With arguments that need not fit.
async fn invoke_raw(
    bench: &mut Bench<'_>,
    operation: &str,
    arguments: Map<String, serde_json::Value>,
) -> Result<Answer, Failure> {
    let key = bench.key();
    let request = json!({
        "do": "invoke", "operation": operation, "arguments": arguments, "key": key, "actor": ACTOR
    });
    bench.ask_json(request).await
}

async fn examples(bench: &mut Bench<'_>, name: &str) {
    let trial = bench.trial;
    let examples = trial.examples.operations.iter().filter(|it| it.name == name);
    let (refused, done): (Vec<&Example>, Vec<&Example>) = examples.partition(|it| it.is_refused);
    for example in refused {
        let key = bench.key();
        let came = bench.invoke(name, &example.arguments, &key).await;
        bench.note(REFUSES, name, refused_in_words(came)).await;
    }
    if done.is_empty() && !trial.examples.undoes(name) {
        let how = format!("give an example: [[operation]] name = \"{name}\" arguments = {{ … }}");
        bench.note(SAME_KEY, name, Ok(Outcome::Skipped(how))).await;
    }
    for example in done {
        tried(bench, example).await;
    }
}

/// What only shows once the case before has passed is not tried without it.
async fn tried(bench: &mut Bench<'_>, example: &Example) {
    let name = &example.name;
    let key = bench.key();
    let first = match done(bench, example, &key).await {
        Ok(first) => first,
        Err(other) => return bench.note(SAME_KEY, name, other.came()).await,
    };
    if let Some(undo) = &example.undo {
        let came = undone(bench, example, undo).await;
        bench.note(UNDO, name, came).await;
    }
    let came = same(&first, done(bench, example, &key).await);
    let has_passed = matches!(came, Ok(Outcome::Passed));
    bench.note(SAME_KEY, name, came).await;
    if !has_passed {
        return;
    }
    bench.stop().await;
    let came = same(&first, done(bench, example, &key).await);
    let has_passed = matches!(came, Ok(Outcome::Passed));
    bench.note(RESTARTED, name, came).await;
    if has_passed {
        let came = killed(bench, example).await;
        bench.note(KILLED, name, came).await;
    }
}

/// A refusal of what fits: a program that ends over it is no good.
fn refused_in_words(came: Result<Answer, Failure>) -> Came {
    match came {
        Err(failure) => Err(failure),
        Ok(Answer::Done(_)) => Ok(Outcome::Failed("`results`: it was done".into())),
        answer => refusal(answer),
    }
}

/// Killed once it has answered, and while it may be at work.
async fn killed(bench: &mut Bench<'_>, example: &Example) -> Came {
    let key = bench.key();
    let first = match done(bench, example, &key).await {
        Ok(first) => first,
        Err(other) => return other.came(),
    };
    bench.kill().await;
    let came = same(&first, done(bench, example, &key).await)?;
    if came != Outcome::Passed {
        return Ok(came);
    }
    for later in KILLS {
        let key = bench.key();
        let request = invocation(&example.name, &example.arguments, &key);
        bench.kill_while(&request, later).await?;
        let first = match done(bench, example, &key).await {
            Ok(first) => first,
            Err(other) => return other.came(),
        };
        let came = same(&first, done(bench, example, &key).await)?;
        if came != Outcome::Passed {
            return Ok(came);
        }
    }
    Ok(Outcome::Passed)
}

async fn undone(bench: &mut Bench<'_>, example: &Example, undo: &Undo) -> Came {
    let key = bench.key();
    let first = match done(bench, example, &key).await {
        Ok(first) => first,
        Err(other) => return other.came(),
    };
    let argument = |(name, result): (&String, &String)| {
        first.results.get(result).map(|value| (name.clone(), value.clone()))
    };
    let arguments: Values = undo.arguments.iter().filter_map(argument).collect();
    let key = format!("{key}/undo");
    for key in [key.clone(), key, bench.key()] {
        match bench.invoke(&undo.operation, &arguments, &key).await? {
            Answer::Done(_) => {}
            other => return Ok(Outcome::Failed(said(&other))),
        }
    }
    Ok(Outcome::Passed)
}

enum NotDone {
    Otherwise(String),
    Failure(Failure),
}

impl NotDone {
    fn came(self) -> Came {
        match self {
            Self::Otherwise(came) => Ok(Outcome::Failed(came)),
            Self::Failure(failure) => Err(failure),
        }
    }
}

async fn done(bench: &mut Bench<'_>, example: &Example, key: &str) -> Result<Done, NotDone> {
    let answer = bench.invoke(&example.name, &example.arguments, key).await;
    match answer.map_err(NotDone::Failure)? {
        Answer::Done(done) => Ok(done),
        other => Err(NotDone::Otherwise(said(&other))),
    }
}

/// Whether the same results came again; words may differ.
fn same(first: &Done, again: Result<Done, NotDone>) -> Came {
    match again {
        Ok(again) if again.results == first.results => Ok(Outcome::Passed),
        Ok(_) => Ok(Outcome::Failed("other results for the same key".into())),
        Err(NotDone::Otherwise(came)) => Ok(Outcome::Failed(format!("the second time {came}"))),
        Err(NotDone::Failure(failure)) => Err(failure),
    }
}

/// An answer, with its words.
pub(super) fn said(answer: &Answer) -> String {
    match answer {
        Answer::Refused(words) | Answer::Later(words) => format!("`{}`: {words}", answer.name()),
        other => format!("`{}`", other.name()),
    }
}
