//! Calls of an OpenAPI description as operations: requests out of values, outcomes out of answers.

mod held;

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_markup::{Attribute, Element, Finding, suggest};
use serde_json::Value as Json;

pub use held::{Held, Page, Question};

use crate::openapi::{Described, Description, Parameter, Place};
use crate::outcome::{Object, Outcome, to_text};
use crate::schema::{Leaf, Schema, snake};
use crate::{Contents, HeldClass, Operation, codes, command};

/// Most letters of the words of a problem.
const MAX_WORDS: usize = 500;

/// Another system that is called over HTTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long an answer may take.
    pub limit: Duration,
    /// The header that has the key of a wish, where the other system knows keys.
    pub key_header: Option<String>,
    /// By the name of the operation.
    pub calls: BTreeMap<String, Call>,
    /// By the name of the class.
    pub held: BTreeMap<String, Held>,
}

/// One call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    method: String,
    path: String,
    /// By their names as operations have them.
    outside: Vec<(String, Parameter)>,
    inside: Vec<Leaf>,
    has_body: bool,
    answer: Option<Schema>,
    results: Vec<Leaf>,
    operation: Operation,
    /// What is read to an agent when it is done.
    words: String,
    /// Whether the same again does no more than once (RFC 9110, section 9.2.2).
    pub is_idempotent: bool,
}

/// What is sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// In capitals.
    pub method: String,
    /// Path and query, behind what the site file has before them.
    pub target: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// JSON, where there is a body.
    pub body: Option<String>,
}

impl Call {
    /// What is sent for these arguments.
    ///
    /// # Errors
    /// In words, where an argument cannot stand at its place.
    pub fn request(&self, given: &Object) -> Result<Request, String> {
        let mut request = Request { method: self.method.clone(), ..Request::default() };
        let (mut path, mut query) = (self.path.clone(), Vec::new());
        for (name, parameter) in &self.outside {
            let Some(text) = given.get(name).map(to_text) else { continue };
            match parameter.place {
                Place::Path if text.is_empty() => return Err(format!("`{name}` is empty")),
                Place::Path => {
                    path = path.replace(&format!("{{{}}}", parameter.name), &escaped(&text));
                }
                Place::Query => {
                    query.push(format!("{}={}", escaped(&parameter.name), escaped(&text)));
                }
                Place::Header => request.headers.push((parameter.name.clone(), text)),
            }
        }
        request.target = target(path, &query);
        if self.has_body {
            let mut body = Object::new();
            for leaf in &self.inside {
                if let Some(value) = given.get(&leaf.name) {
                    leaf.put(&mut body, value)?;
                }
            }
            request.body = Some(Json::Object(body).to_string());
        }
        Ok(request)
    }

    /// What came of it.
    pub fn outcome(&self, status: u16, body: &[u8]) -> Outcome {
        match status {
            200..=299 => self.done(body),
            400..=499 => of_problem(status, body),
            503 => Outcome::Later(problem(status, body)),
            _ => Outcome::Unknown(problem(status, body)),
        }
    }

    fn done(&self, body: &[u8]) -> Outcome {
        let Some(schema) = &self.answer else {
            return Outcome::done(&self.operation, Object::new(), &self.words);
        };
        let Ok(answer) = serde_json::from_slice::<Json>(body) else {
            return Outcome::Unknown("the answer is no JSON".into());
        };
        if let Some(finding) = schema.finding(&answer, "") {
            return Outcome::Unknown(format!("the answer is not as described: {finding}"));
        }
        let results = self.results.iter();
        let results = results.filter_map(|leaf| Some((leaf.name.clone(), leaf.of(&answer)?)));
        Outcome::done(&self.operation, results.collect(), &self.words)
    }
}

/// What it means that a request is not taken.
pub fn of_problem(status: u16, body: &[u8]) -> Outcome {
    match status {
        // whose credentials, how often, how long: somebody mends that
        401 | 403 | 407 | 408 | 425 | 429 => Outcome::Later(problem(status, body)),
        _ => Outcome::Refused(problem(status, body)),
    }
}

/// The words of an answer that is an error (RFC 9457, and what is usual beside it).
fn problem(status: u16, body: &[u8]) -> String {
    let words = |it: &Json| {
        let fields = ["detail", "message", "error_description", "title", "error"];
        let fields = fields.iter().filter_map(|name| it.get(*name)?.as_str());
        fields.map(str::trim).find(|it| !it.is_empty()).map(str::to_owned)
    };
    let text = match serde_json::from_slice::<Json>(body) {
        Ok(it) => words(&it).or_else(|| words(it.get("error")?)),
        Err(_) => std::str::from_utf8(body).ok().and_then(plain),
    };
    let text = text.unwrap_or_else(|| format!("the other system answers with {status}"));
    text.chars().take(MAX_WORDS).collect()
}

/// The first line of a text that is none of markup.
fn plain(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    (!line.starts_with('<')).then(|| line.to_owned())
}

fn target(path: String, query: &[String]) -> String {
    if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
}

/// With everything escaped that may mean something in an address (RFC 3986, section 2.3).
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte));
            }
            byte => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    // a whole segment of dots would lead elsewhere
    if matches!(escaped.as_str(), "." | "..") { escaped.replace('.', "%2E") } else { escaped }
}

/// What the element says; with the operations by their names. Nothing where the description cannot
/// be read.
pub(crate) fn read(
    root: &Element,
    folder: &str,
    (contents, classes): (&Contents<'_>, &BTreeMap<String, HeldClass>),
    findings: &mut Vec<Finding>,
) -> Option<(Rest, BTreeMap<String, Operation>)> {
    let description = description(root, folder, contents, findings)?;
    let (mut calls, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for element in root.children_named("call") {
        let Some(id) = element.attribute("id") else { continue };
        let Some(described) = described(&description, id, findings) else { continue };
        let name = element.value("operation").map_or_else(|| snake(&id.value), str::to_owned);
        let named = element.attribute("operation").unwrap_or(id);
        if !command::is_name(&name) {
            let message = format!("`{name}` is no name that scripts can write");
            let hint = "give it one by `operation`: small letters, digits and `_`";
            findings.push(named.finding(codes::UNFIT_SETTING, message).with_hint(hint));
        }
        let words = element.value("words").unwrap_or_default().to_owned();
        let call = call(described, words, id, findings);
        operations.insert(name.clone(), call.operation.clone());
        if calls.insert(name.clone(), call).is_some() {
            let message = format!("operation `{name}` stands here twice");
            findings.push(named.finding(codes::DUPLICATE, message));
        }
    }
    let rest = Rest {
        limit: command::limit(root, findings),
        key_header: root.value("key-header").map(str::to_owned),
        calls,
        held: held::read(root, &description, classes, findings),
    };
    Some((rest, operations))
}

fn description(
    root: &Element,
    folder: &str,
    contents: &Contents<'_>,
    findings: &mut Vec<Finding>,
) -> Option<Description> {
    let written = root.attribute("openapi")?;
    let path = format!("{folder}{written}");
    let Some(content) = contents.get(path.as_str()) else {
        let message = format!("file `{path}` does not exist in the application");
        let hint = suggest(&path, contents.keys().copied());
        findings.push(written.finding(codes::UNKNOWN_FILE, message).with_suggestion(hint));
        return None;
    };
    match Description::read(content) {
        Ok(description) => Some(description),
        Err(reason) => {
            let message = format!("`{path}` is no description in JSON: {reason}");
            findings.push(written.finding(codes::UNREADABLE_DESCRIPTION, message));
            None
        }
    }
}

fn described(
    description: &Description,
    id: &Attribute,
    findings: &mut Vec<Finding>,
) -> Option<Described> {
    match description.call(&id.value) {
        Ok(described) => Some(described),
        Err(None) => {
            let message = format!("the description has no call `{id}`");
            let hint = suggest(&id.value, description.ids());
            findings.push(id.finding(codes::UNKNOWN_CALL, message).with_suggestion(hint));
            None
        }
        Err(Some(reason)) => {
            let message = format!("`{id}` cannot be called: {reason}");
            findings.push(id.finding(codes::UNFIT_CALL, message));
            None
        }
    }
}

fn call(described: Described, words: String, id: &Attribute, findings: &mut Vec<Finding>) -> Call {
    let mut unfit = |reason: String| findings.push(id.finding(codes::UNFIT_CALL, reason));
    let Described { method, path, parameters, body, answer } = described;
    let mut operation = Operation::default();
    let mut outside = Vec::new();
    for parameter in parameters {
        let Some(kind) = parameter.kind.clone() else { continue };
        let name = snake(&parameter.name);
        if command::is_name(&name) {
            operation.parameters.insert(name.clone(), (kind, parameter.is_required));
            outside.push((name, parameter));
        } else if parameter.is_required {
            unfit(format!("scripts cannot write the parameter `{}`", parameter.name));
        }
    }
    let has_body = body.is_some();
    let mut inside = Vec::new();
    if let Some((schema, is_body_required)) = body {
        for leaf in sent(schema).leaves() {
            let leaf = match leaf {
                Ok(leaf) => leaf,
                Err(place) => {
                    unfit(format!("`{place}` of the body is no plain value that scripts know"));
                    continue;
                }
            };
            let is_required = leaf.is_required && is_body_required;
            let known = (leaf.outward(), is_required);
            if operation.parameters.insert(leaf.name.clone(), known).is_some() {
                unfit(format!("two parameters are called `{}`", leaf.name));
            }
            inside.push(leaf);
        }
    }
    let results = answer.iter().flat_map(Schema::leaves).filter_map(Result::ok);
    let results: Vec<Leaf> = results.filter(|leaf| leaf.is_required).collect();
    let typed = results.iter().map(|leaf| (leaf.name.clone(), leaf.outward()));
    operation.results = typed.collect();
    let is_idempotent = !matches!(method.as_str(), "POST" | "PATCH");
    Call {
        method,
        path,
        outside,
        inside,
        has_body,
        answer,
        results,
        operation,
        words,
        is_idempotent,
    }
}

/// Without what only answers have.
fn sent(schema: Schema) -> Schema {
    let Schema::Fields(fields, may_be_null) = schema else { return schema };
    let fields = fields.into_iter().filter(|(_, field)| !field.is_read_only);
    let fields = fields.map(|(name, mut field)| {
        field.schema = sent(field.schema);
        (name, field)
    });
    Schema::Fields(fields.collect(), may_be_null)
}

#[cfg(test)]
mod tests;
