//! The lines that go to a program and come from it; no process here.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::held::{self, Held, MAX_OBJECTS};
use crate::operation::{Operation, finding};
use crate::{Value, Values};

/// Longest line in either direction, in bytes; but for objects.
pub const MAX_LINE_BYTES: usize = 64 * 1024;
/// Longest line with objects, in bytes.
pub const MAX_OBJECTS_BYTES: usize = 1024 * 1024;
/// Longest words of a program for agents, in characters; the rest is cut.
pub const MAX_WORDS: usize = 1_000;

/// What a program is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// What it can do.
    Describe,
    /// To carry out an operation.
    Invoke(Invocation),
    /// For objects by their keys.
    Get(Get),
    /// For objects that have some values.
    Query(Query),
    /// To change an object.
    Apply(Change),
}

impl Request {
    /// The longest line that may answer it, in bytes.
    pub(crate) fn longest_answer(&self) -> usize {
        match self {
            Self::Describe | Self::Invoke(_) => MAX_LINE_BYTES,
            Self::Get(_) | Self::Query(_) | Self::Apply(_) => MAX_OBJECTS_BYTES,
        }
    }
}

/// Objects by their keys. There may be none of some of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Get {
    /// The class.
    pub class: String,
    /// At most [`MAX_OBJECTS`].
    pub keys: Vec<String>,
}

/// Objects that have some values, in an order that the program chooses and keeps to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// The class.
    pub class: String,
    /// Of each name, an object has one of the values; all objects where nothing is named.
    pub wanted: BTreeMap<String, Vec<Value>>,
    /// The most objects that may be answered.
    pub limit: usize,
    /// From the answer before; empty for the first.
    pub cursor: String,
}

/// One object that is to be created, changed or deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The class.
    pub class: String,
    /// What is to happen to it.
    pub kind: ChangeKind,
    /// Its key; empty for a new one.
    pub key: String,
    /// What was read of it; `None` where it had no value.
    pub was: Cells,
    /// What it is to have; `None` where it is to have no value.
    pub values: Cells,
    /// The same key means the same wish, however often it comes.
    pub idempotency_key: String,
    /// Who caused it.
    pub actor: String,
}

/// Names, and values where there are some.
pub type Cells = BTreeMap<String, Option<Value>>;

/// What is to happen to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    /// It is to be there.
    Create,
    /// It is to have other values.
    Update,
    /// It is to be gone.
    Delete,
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
    Operations(Description),
    /// Objects as they were written, and where to go on; empty at the end.
    Objects(Vec<Json>, String),
    /// It carried the operation out.
    Done(Done),
    /// The foreign system refuses for good, in words an agent can read.
    Refused(String),
    /// It may succeed later; why not now, in words an agent can read.
    Later(String),
    /// The object is no longer what it was.
    Stale,
}

impl Answer {
    /// The field that makes it this answer.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Operations(_) => "operations",
            Self::Done(_) => "results",
            Self::Objects(..) => "objects",
            Self::Refused(_) => "refused",
            Self::Later(_) => "later",
            Self::Stale => "stale",
        }
    }
}

/// What a program can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// The operations that it carries out.
    pub operations: Vec<Operation>,
    /// The classes whose objects it holds.
    pub classes: Vec<Held>,
}

/// The fields of a JSON object.
pub type Json = serde_json::Map<String, serde_json::Value>;

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
    #[error("an answer has one of `operations`, `objects`, `results`, `refused`, `later`, `stale`")]
    NotOneAnswer,
    /// More objects than were asked for.
    #[error("the answer has more than {MAX_OBJECTS} objects")]
    TooMany,
    /// The description of the operations is not usable.
    #[error("the description is not usable: {0}")]
    Description(String),
    /// A result is neither a word nor a number nor a truth.
    #[error("the result `{0}` is not a plain value")]
    Result(String),
}

/// The line that asks `request`, with its line end.
///
/// `{"id":1,"do":"describe"}`,
/// `{"id":2,"do":"invoke","operation":"…","arguments":{…},"key":"…","actor":"anna"}`,
/// `{"id":3,"do":"get","class":"…","keys":["…"]}`,
/// `{"id":4,"do":"query","class":"…","where":{"…":["…"]},"limit":200,"cursor":""}`, or
/// `{"id":5,"do":"apply","class":"…","change":"update","key":"…","was":{…},"values":{…},
/// "idempotency_key":"…","actor":"anna"}`.
///
/// # Errors
/// [`Error::TooLong`].
pub fn encode(id: u64, request: &Request) -> Result<String, Error> {
    #[derive(Serialize)]
    struct Numbered<'a> {
        id: u64,
        #[serde(flatten)]
        line: Line<'a>,
    }
    #[derive(Serialize)]
    #[serde(tag = "do", rename_all = "lowercase")]
    enum Line<'a> {
        Describe,
        Invoke {
            operation: &'a str,
            arguments: Json,
            key: &'a str,
            actor: &'a str,
        },
        Get {
            class: &'a str,
            keys: &'a [String],
        },
        Query {
            class: &'a str,
            r#where: Json,
            limit: usize,
            cursor: &'a str,
        },
        Apply {
            class: &'a str,
            change: ChangeKind,
            key: &'a str,
            was: Json,
            values: Json,
            idempotency_key: &'a str,
            actor: &'a str,
        },
    }
    let line = match request {
        Request::Describe => Line::Describe,
        Request::Invoke(Invocation { operation, arguments, key, actor }) => {
            let arguments = arguments.iter().map(|(name, value)| (name.clone(), value.to_json()));
            Line::Invoke { operation, arguments: arguments.collect(), key, actor }
        }
        Request::Get(Get { class, keys }) => Line::Get { class, keys },
        Request::Query(Query { class, wanted, limit, cursor }) => {
            let values = |values: &Vec<Value>| values.iter().map(Value::to_json).collect();
            let wanted = wanted.iter().map(|(name, them)| (name.clone(), values(them)));
            Line::Query { class, r#where: wanted.collect(), limit: *limit, cursor }
        }
        Request::Apply(Change { class, kind, key, was, values, idempotency_key, actor }) => {
            let (was, values) = (cells(was), cells(values));
            Line::Apply { class, change: *kind, key, was, values, idempotency_key, actor }
        }
    };
    let line = Numbered { id, line };
    let mut line = serde_json::to_string(&line).expect("names and plain values become JSON");
    line.push('\n');
    if line.len() > MAX_LINE_BYTES { Err(Error::TooLong) } else { Ok(line) }
}

fn cells(cells: &Cells) -> Json {
    let json =
        |value: &Option<Value>| value.as_ref().map_or(serde_json::Value::Null, Value::to_json);
    cells.iter().map(|(name, value)| (name.clone(), json(value))).collect()
}

/// The answer to the request `id` that stands in a line.
///
/// `{"id":1,"operations":[…],"classes":[…]}`, `{"id":2,"results":{…},"summary":"…"}`,
/// `{"id":2,"objects":[{…}],"next":"…"}`, `{"id":2,"refused":"…"}`, `{"id":2,"later":"…"}` or
/// `{"id":2,"stale":true}`.
///
/// # Errors
/// Every variant but [`Error::TooLong`].
pub fn decode(id: u64, line: &[u8]) -> Result<Answer, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Line {
        id: u64,
        operations: Option<Vec<Operation>>,
        classes: Option<Vec<Held>>,
        objects: Option<Vec<Json>>,
        next: Option<String>,
        results: Option<Json>,
        summary: Option<String>,
        refused: Option<String>,
        later: Option<String>,
        stale: Option<bool>,
    }
    let line: Line = serde_json::from_slice(line).map_err(not_json)?;
    if line.id != id {
        return Err(Error::OtherId { expected: id, is: line.id });
    }
    let description = match (line.operations, line.classes) {
        (None, None) => None,
        (operations, classes) => Some(Description {
            operations: operations.unwrap_or_default(),
            classes: classes.unwrap_or_default(),
        }),
    };
    let stale = line.stale.filter(|is_stale| *is_stale);
    if stale.is_some() {
        let others = [line.refused.is_some(), line.later.is_some(), line.objects.is_some()];
        let is_alone = description.is_none() && line.results.is_none() && others == [false; 3];
        return if is_alone { Ok(Answer::Stale) } else { Err(Error::NotOneAnswer) };
    }
    match (description, line.objects, line.results, line.refused, line.later) {
        (Some(description), None, None, None, None) => described(description),
        (None, Some(objects), None, None, None) if objects.len() > MAX_OBJECTS => {
            Err(Error::TooMany)
        }
        (None, Some(objects), None, None, None) => {
            Ok(Answer::Objects(objects, line.next.unwrap_or_default()))
        }
        (None, None, Some(results), None, None) => {
            let results = results.into_iter().map(|(name, value)| {
                let value = Value::from_json(value).ok_or_else(|| Error::Result(name.clone()))?;
                Ok((name, value))
            });
            let summary = words(line.summary.unwrap_or_default());
            Ok(Answer::Done(Done { results: results.collect::<Result<_, _>>()?, summary }))
        }
        (None, None, None, Some(refused), None) => Ok(Answer::Refused(words(refused))),
        (None, None, None, None, Some(later)) => Ok(Answer::Later(words(later))),
        _ => Err(Error::NotOneAnswer),
    }
}

fn described(description: Description) -> Result<Answer, Error> {
    let nothing = description.operations.is_empty() && description.classes.is_empty();
    let nothing = nothing.then(|| "it must describe an operation or a class".to_owned());
    let finding = nothing
        .or_else(|| finding(&description.operations))
        .or_else(|| held::finding(&description.classes));
    match finding {
        Some(finding) => Err(Error::Description(finding)),
        None => Ok(Answer::Operations(description)),
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
    fn questions_for_objects_are_lines_of_json() {
        let get = Request::Get(Get { class: "Invoice".into(), keys: vec!["F1".into()] });
        let expected = "{\"id\":3,\"do\":\"get\",\"class\":\"Invoice\",\"keys\":[\"F1\"]}\n";
        assert_eq!(encode(3, &get).expect("short"), expected);
        let wanted = [("customer".to_owned(), vec![Value::Int(7), Value::Int(8)])].into();
        let (class, limit, cursor) = ("Invoice".into(), 200, "b".into());
        let query = Request::Query(Query { class, wanted, limit, cursor });
        let expected = concat!(
            r#"{"id":4,"do":"query","class":"Invoice","where":{"customer":[7,8]},"#,
            r#""limit":200,"cursor":"b"}"#,
            "\n"
        );
        assert_eq!(encode(4, &query).expect("short"), expected);
    }

    #[test]
    fn a_change_is_a_line_of_json_in_which_missing_values_are_null() {
        let due = Value::Date("2026-03-01".parse().expect("a date"));
        let change = Change {
            class: "Invoice".into(),
            kind: ChangeKind::Update,
            key: "F1".into(),
            was: [("due".to_owned(), Some(due)), ("note".to_owned(), None)].into(),
            values: [("due".to_owned(), None)].into(),
            idempotency_key: "k".into(),
            actor: "anna".into(),
        };
        let expected = concat!(
            r#"{"id":5,"do":"apply","class":"Invoice","change":"update","key":"F1","#,
            r#""was":{"due":"2026-03-01","note":null},"values":{"due":null},"#,
            r#""idempotency_key":"k","actor":"anna"}"#,
            "\n"
        );
        assert_eq!(encode(5, &Request::Apply(change)).expect("short"), expected);
        assert_eq!(decoded(r#"{"id":2,"stale":true}"#), Ok(Answer::Stale));
        for line in [r#"{"id":2,"stale":false}"#, r#"{"id":2,"stale":true,"objects":[]}"#] {
            assert_eq!(decoded(line), Err(Error::NotOneAnswer));
        }
    }

    #[test]
    fn objects_are_read_up_to_a_limit() {
        let line = r#"{"id":2,"objects":[{"number":"F1","due":null}],"next":"b"}"#;
        let Ok(Answer::Objects(objects, next)) = decoded(line) else { panic!("objects") };
        assert_eq!((objects[0].len(), next.as_str()), (2, "b"));
        let many = vec!["{}"; MAX_OBJECTS + 1].join(",");
        let line = format!(r#"{{"id":2,"objects":[{many}]}}"#);
        assert_eq!(decoded(&line), Err(Error::TooMany));
    }

    #[test]
    fn the_four_answers_are_read() {
        let line = r#"{"id":2,"operations":[{"name":"order","title":"Order","parameters":[
            {"name":"customer","type":"int","required":true},{"name":"text","type":"text"}]}]}"#;
        let Ok(Answer::Operations(described)) = decoded(line) else { panic!("operations") };
        let parameters = &described.operations[0].parameters;
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
