//! The lines that go to a program and come from it; no process here.

use serde::{Deserialize, Serialize};

use crate::operation::{Operation, finding};
use crate::{Value, Values};

/// Longest line in either direction, in bytes.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
/// Longest words of a program for agents, in characters; the rest is cut.
pub const MAX_WORDS: usize = 1_000;

/// What a program is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// What it can do.
    Describe,
    /// To carry out an operation.
    Invoke(Invocation),
}

/// One operation to be carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invocation {
    /// The operation's name.
    pub operation: String,
    /// What it is told.
    pub arguments: Values,
    /// The same key means the same wish, however often it comes.
    pub key: String,
    /// Who caused it.
    pub actor: String,
}

/// What a program answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What it can do.
    Operations(Vec<Operation>),
    /// It carried the operation out.
    Done(Done),
    /// The foreign system refuses for good, in words an agent can read.
    Refused(String),
    /// It may succeed later; why not now, in words an agent can read.
    Later(String),
}

impl Answer {
    /// The field that makes it this answer.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Operations(_) => "operations",
            Self::Done(_) => "results",
            Self::Refused(_) => "refused",
            Self::Later(_) => "later",
        }
    }
}

/// An operation that was carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// What came of it.
    pub results: Values,
    /// What was done, in words an agent can read.
    pub summary: String,
}

/// A line that cannot be sent or is no answer. It never quotes the line, which may tell of persons.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than [`MAX_LINE_BYTES`].
    #[error("the request is longer than {MAX_LINE_BYTES} bytes")]
    TooLong,
    /// Not JSON of the form that is expected.
    #[error("not a JSON answer: {0}")]
    NotJson(String),
    /// An answer to something else.
    #[error("the answer has the id {is}, expected {expected}")]
    OtherId {
        /// As asked.
        expected: u64,
        /// As answered.
        is: u64,
    },
    /// None or several of the ways to answer.
    #[error("an answer has one of `operations`, `results`, `refused` and `later`")]
    NotOneAnswer,
    /// The description of the operations is not usable.
    #[error("the description is not usable: {0}")]
    Description(String),
    /// A result is neither a word nor a number nor a truth.
    #[error("the result `{0}` is not a plain value")]
    Result(String),
}

/// The line that asks `request`, with its line end.
///
/// `{"id":1,"do":"describe"}`, or
/// `{"id":2,"do":"invoke","operation":"…","arguments":{…},"key":"…","actor":"anna"}`.
///
/// # Errors
/// [`Error::TooLong`].
pub fn encode(id: u64, request: &Request) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Line<'a> {
        id: u64,
        r#do: &'a str,
        #[serde(flatten)]
        invoke: Option<Invoke<'a>>,
    }
    #[derive(Serialize)]
    struct Invoke<'a> {
        operation: &'a str,
        arguments: serde_json::Map<String, serde_json::Value>,
        key: &'a str,
        actor: &'a str,
    }
    let line = match request {
        Request::Describe => Line { id, r#do: "describe", invoke: None },
        Request::Invoke(Invocation { operation, arguments, key, actor }) => {
            let arguments =
                arguments.iter().map(|(name, value)| (name.clone(), value.to_json())).collect();
            Line { id, r#do: "invoke", invoke: Some(Invoke { operation, arguments, key, actor }) }
        }
    };
    let mut line = serde_json::to_string(&line).expect("names and plain values become JSON");
    line.push('\n');
    if line.len() > MAX_LINE_BYTES { Err(Error::TooLong) } else { Ok(line) }
}

/// The answer to the request `id` that stands in a line.
///
/// `{"id":1,"operations":[…]}`, `{"id":2,"results":{…},"summary":"…"}`, `{"id":2,"refused":"…"}` or
/// `{"id":2,"later":"…"}`.
///
/// # Errors
/// Every variant but [`Error::TooLong`].
pub fn decode(id: u64, line: &[u8]) -> Result<Answer, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        id: u64,
        operations: Option<Vec<Operation>>,
        results: Option<serde_json::Map<String, serde_json::Value>>,
        summary: Option<String>,
        refused: Option<String>,
        later: Option<String>,
    }
    let line: Line = serde_json::from_slice(line).map_err(not_json)?;
    if line.id != id {
        return Err(Error::OtherId { expected: id, is: line.id });
    }
    match (line.operations, line.results, line.refused, line.later) {
        (Some(operations), None, None, None) => match finding(&operations) {
            Some(finding) => Err(Error::Description(finding)),
            None => Ok(Answer::Operations(operations)),
        },
        (None, Some(results), None, None) => {
            let results = results.into_iter().map(|(name, value)| {
                let value = Value::from_json(value).ok_or_else(|| Error::Result(name.clone()))?;
                Ok((name, value))
            });
            let summary = words(line.summary.unwrap_or_default());
            Ok(Answer::Done(Done { results: results.collect::<Result<_, _>>()?, summary }))
        }
        (None, None, Some(refused), None) => Ok(Answer::Refused(words(refused))),
        (None, None, None, Some(later)) => Ok(Answer::Later(words(later))),
        _ => Err(Error::NotOneAnswer),
    }
}

/// Only the kind of mistake and its place: the message of serde may quote the line.
fn not_json(error: serde_json::Error) -> Error {
    let kind = match error.classify() {
        serde_json::error::Category::Data => "unexpected field or type",
        _ => "malformed",
    };
    Error::NotJson(format!("{kind} at column {}", error.column()))
}

fn words(text: String) -> String {
    text.chars().take(MAX_WORDS).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Type;

    fn decoded(line: &str) -> Result<Answer, Error> {
        decode(2, line.as_bytes())
    }

    #[test]
    fn requests_are_lines_of_json() {
        assert_eq!(
            encode(1, &Request::Describe).expect("short"),
            "{\"id\":1,\"do\":\"describe\"}\n"
        );
        let price = Value::decimal("12.50").expect("a decimal");
        let date = Value::Date("2026-03-01".parse().expect("a date"));
        let instant = Value::Instant("2026-03-01T10:00:00Z".parse().expect("a moment"));
        let arguments = [
            ("customer".into(), Value::Int(7)),
            ("date".into(), date),
            ("paid".into(), Value::Bool(true)),
            ("price".into(), price),
            ("since".into(), instant),
            ("text".into(), Value::Text("no\nlight".into())),
        ];
        let invoke = Request::Invoke(Invocation {
            operation: "order".into(),
            arguments: arguments.into(),
            key: "k".into(),
            actor: "anna".into(),
        });
        let expected = concat!(
            r#"{"id":2,"do":"invoke","operation":"order","arguments":{"customer":7,"#,
            r#""date":"2026-03-01","paid":true,"price":"12.50","since":"2026-03-01T10:00:00Z","#,
            r#""text":"no\nlight"},"key":"k","actor":"anna"}"#,
            "\n"
        );
        assert_eq!(encode(2, &invoke).expect("short"), expected);
    }

    #[test]
    fn a_request_that_is_too_long_is_not_sent() {
        let invocation = Invocation {
            operation: "order".into(),
            arguments: [("text".into(), Value::Text("x".repeat(MAX_LINE_BYTES)))].into(),
            key: String::new(),
            actor: String::new(),
        };
        assert_eq!(encode(2, &Request::Invoke(invocation)), Err(Error::TooLong));
    }

    #[test]
    fn the_four_answers_are_read() {
        let line = r#"{"id":2,"operations":[{"name":"order","title":"Order","parameters":[
            {"name":"customer","type":"int","required":true},{"name":"text","type":"text"}]}]}"#;
        let Ok(Answer::Operations(operations)) = decoded(line) else { panic!("operations") };
        let parameters = &operations[0].parameters;
        assert_eq!((parameters[0].kind, parameters[0].is_required), (Type::Int, true));
        assert_eq!((parameters[1].kind, parameters[1].is_required), (Type::Text, false));
        let done = Done {
            results: [("order".into(), Value::Text("SO-1".into())), ("n".into(), Value::Int(1))]
                .into(),
            summary: "done".into(),
        };
        let line = r#"{"id":2,"results":{"order":"SO-1","n":1},"summary":"done"}"#;
        assert_eq!(decoded(line), Ok(Answer::Done(done)));
        assert_eq!(decoded(r#"{"id":2,"refused":"no"}"#), Ok(Answer::Refused("no".into())));
        assert_eq!(decoded(r#"{"id":2,"later":"busy"}"#), Ok(Answer::Later("busy".into())));
    }

    #[test]
    fn what_is_no_answer_is_refused_without_quoting_it() {
        let secret = "Jansen";
        for line in [
            "",
            "Jansen",
            "[1]",
            r#"{"id":"Jansen"}"#,
            r#"{"id":2}"#,
            r#"{"id":2,"Jansen":1}"#,
            r#"{"id":3,"refused":"Jansen"}"#,
            r#"{"id":2,"refused":"Jansen","later":"x"}"#,
            r#"{"id":2,"results":{"list":["Jansen"]}}"#,
            r#"{"id":2,"operations":[]}"#,
        ] {
            let error = decoded(line).expect_err(line).to_string();
            assert!(!error.contains(secret), "{error}");
        }
        assert!(decode(2, &[0xff, 0xfe]).is_err());
    }

    #[test]
    fn numbers_with_a_fraction_are_exact_decimals() {
        let Ok(Answer::Done(done)) = decoded(r#"{"id":2,"results":{"price":12.5}}"#) else {
            panic!("done")
        };
        assert_eq!(done.results["price"], Value::Decimal("12.5".into()));
        assert_eq!(Value::decimal("1e5"), None);
        assert_eq!(Value::decimal("."), None);
        assert!(Value::decimal("-0.5").is_some());
    }

    #[test]
    fn words_for_agents_are_cut_at_their_limit() {
        let line = format!(r#"{{"id":2,"refused":"{}"}}"#, "é".repeat(2_000));
        let Ok(Answer::Refused(words)) = decoded(&line) else { panic!("refused") };
        assert_eq!(words.chars().count(), MAX_WORDS);
    }
}
