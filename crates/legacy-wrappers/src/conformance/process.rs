//! What every program does, whatever it speaks for.

use serde_json::json;

use super::bench::{Bench, Came};
use super::report::{Kind, Outcome};
use crate::program::Failure;
use crate::protocol::{Answer, Description, MAX_LINE_BYTES, Request};

const DESCRIBES: Kind = Kind {
    name: "describes",
    title: "describes what application.xml declares",
    expected: "every declared operation with its parameters, every class with what it is looked \
               for by",
};
const UNKNOWN_FIELDS: Kind = Kind {
    name: "unknown-fields",
    title: "passes over fields that it does not know",
    expected: "the same description as without them",
};
const LARGEST: Kind = Kind {
    name: "largest-request",
    title: "reads a request of the largest size",
    expected: "an answer to a line of 65536 bytes",
};
const AT_ONCE: Kind = Kind {
    name: "several-at-once",
    title: "answers several requests under their own ids",
    expected: "three answers to three requests that stand in its input together",
};
const UNKNOWN_REQUEST: Kind = Kind {
    name: "unknown-request",
    title: "refuses a request of a kind that it does not know",
    expected: "`refused` with words",
};
const ENDS: Kind = Kind {
    name: "ends",
    title: "ends when its input ends",
    expected: "the end of the program within a second, so that it can be drained and replaced",
};
const OUTPUT: Kind = Kind {
    name: "clean-output",
    title: "writes nothing but answers to standard output",
    expected: "one line for each request; everything else belongs on standard error",
};

/// Whether it described itself as declared.
pub(super) async fn describes(bench: &mut Bench<'_>) -> bool {
    let came = description(bench).await;
    let has_passed = matches!(came, Ok(Outcome::Passed));
    bench.note(DESCRIBES, "", came).await;
    has_passed
}

async fn description(bench: &mut Bench<'_>) -> Came {
    bench.start().await?;
    let described = match bench.ask(&Request::Describe).await? {
        Answer::Operations(described) => described,
        other => return Err(Failure::OtherAnswer(other.name())),
    };
    let declared = &bench.trial.program.declared;
    declared.agreed(described).map_err(Failure::Description)?;
    Ok(Outcome::Passed)
}

/// Requests that mean no change.
pub(super) async fn requests(bench: &mut Bench<'_>) {
    let came = unknown_fields(bench).await;
    bench.note(UNKNOWN_FIELDS, "", came).await;
    let came = largest(bench).await;
    bench.note(LARGEST, "", came).await;
    let came = at_once(bench).await;
    bench.note(AT_ONCE, "", came).await;
    let came = bench.ask_json(json!({ "do": "somersault", "key": bench.trial.run })).await;
    bench.note(UNKNOWN_REQUEST, "", refusal(came)).await;
}

async fn unknown_fields(bench: &mut Bench<'_>) -> Came {
    let plain = bench.ask(&Request::Describe).await?;
    let more = json!({ "do": "describe", "new_field": { "of": ["a", "later", "version"] } });
    let same = bench.ask_json(more).await? == plain;
    let other = "another answer than without them";
    Ok(if same { Outcome::Passed } else { Outcome::Failed(other.into()) })
}

async fn largest(bench: &mut Bench<'_>) -> Came {
    // the id takes less than 24 of it
    let without = json!({ "do": "describe", "new_field": "" }).to_string().len() + 24;
    let field = "x".repeat(MAX_LINE_BYTES - without);
    described(bench.ask_json(json!({ "do": "describe", "new_field": field })).await?)
}

async fn at_once(bench: &mut Bench<'_>) -> Came {
    let describe = json!({ "do": "describe" });
    let answers = bench.ask_at_once(&[describe.clone(), describe.clone(), describe]).await?;
    for answer in answers {
        described(answer)?;
    }
    Ok(Outcome::Passed)
}

fn described(answer: Answer) -> Came {
    match answer {
        Answer::Operations(Description { .. }) => Ok(Outcome::Passed),
        other => Err(Failure::OtherAnswer(other.name())),
    }
}

/// What is to be said of a request that nobody can carry out. The host lets none through, so that a
/// program which ends over it does no harm.
pub(super) fn refusal(came: Result<Answer, Failure>) -> Came {
    match came {
        Ok(Answer::Refused(words)) if words.trim().is_empty() => {
            Ok(Outcome::Failed("`refused` without words".into()))
        }
        Ok(Answer::Refused(_)) => Ok(Outcome::Passed),
        Ok(Answer::Later(_)) => {
            Ok(Outcome::Failed("`later`: it would be asked for ever, and never fit".into()))
        }
        Ok(other) => Ok(Outcome::Failed(format!("`{}`, as if it had understood", other.name()))),
        Err(failure @ (Failure::Exited(_) | Failure::Status { .. })) => {
            Ok(Outcome::Advised(format!("{failure}; the host lets no such request through")))
        }
        Err(failure) => Err(failure),
    }
}

/// The program's end.
pub(super) async fn ends(bench: &mut Bench<'_>) {
    let came = match bench.start().await {
        Err(failure) => Err(failure),
        Ok(()) if bench.stop().await => Ok(Outcome::Passed),
        Ok(()) => Ok(Outcome::Failed("it went on, and was killed".into())),
    };
    bench.note(ENDS, "", came).await;
}

/// What it wrote in all cases.
pub(super) async fn output(bench: &mut Bench<'_>) {
    let outcome = match bench.noise {
        0 => Outcome::Passed,
        1 => Outcome::Failed("a line more".into()),
        lines => Outcome::Failed(format!("{lines} lines more, in all cases together")),
    };
    bench.note(OUTPUT, "", Ok(outcome)).await;
}
