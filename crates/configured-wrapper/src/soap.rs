//! Operations of a WSDL description: envelopes out of values, outcomes out of envelopes.
//!
//! Source: SOAP 1.1 (W3C Note), sections 4, 4.4 and 6.1.1.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, Finding, Foreign, suggest};
use serde_json::{Map, Value as Json};

use crate::outcome::{Object, Outcome, of_text, to_text};
use crate::schema::{Leaf, Schema, snake};
use crate::wsdl::{Content, Described, Description, Shape, by_name};
use crate::{Contents, Operation, codes, command};

const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// Most letters of the words of a fault.
const MAX_WORDS: usize = 500;

/// Another system that is called by SOAP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Soap {
    /// How long an answer may take.
    pub limit: Duration,
    /// By the name of the operation.
    pub requests: BTreeMap<String, Request>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The value of the header `SOAPAction`, in quotes.
    pub action: String,
    /// Whether the other system knows the key of a wish, so that the same again is done once.
    pub is_repeatable: bool,
    input: Shape,
    output: Shape,
    answer: Schema,
    leaves: Vec<Leaf>,
    results: Vec<Leaf>,
    /// The field of the input that has the key.
    key: Option<String>,
    operation: Operation,
    words: String,
}

impl Request {
    /// The envelope for these arguments.
    ///
    /// # Errors
    /// In words, where an argument cannot stand at its place.
    pub fn envelope(&self, given: &Object, key: &str) -> Result<String, String> {
        let mut body = Object::new();
        for leaf in &self.leaves {
            if let Some(value) = given.get(&leaf.name) {
                leaf.put(&mut body, value)?;
            }
        }
        if let Some(name) = &self.key {
            body.insert(name.clone(), key.into());
        }
        let mut text = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
             <s:Envelope xmlns:s=\"{ENVELOPE}\"><s:Body>"
        );
        written(&mut text, &self.input, &Json::Object(body))?;
        text.push_str("</s:Body></s:Envelope>");
        Ok(text)
    }

    /// What came of it.
    pub fn outcome(&self, status: u16, body: &[u8]) -> Outcome {
        match status {
            200..=299 | 500 => self.of_envelope(status, body),
            400..=499 => crate::rest::of_problem(status, body),
            503 => Outcome::Later("the other system answers with 503".into()),
            _ => Outcome::Unknown(format!("the other system answers with {status}")),
        }
    }

    fn of_envelope(&self, status: u16, body: &[u8]) -> Outcome {
        let envelope = match Foreign::read(body) {
            Ok(envelope) => envelope,
            Err(reason) => {
                return Outcome::Unknown(format!("the answer ({status}) is no envelope: {reason}"));
            }
        };
        let content = envelope.child("Body").and_then(|body| body.children.first());
        let Some(content) = content.filter(|_| envelope.name.0 == ENVELOPE) else {
            return Outcome::Unknown("the answer is no SOAP 1.1 envelope with a body".into());
        };
        if content.name == (ENVELOPE.to_owned(), "Fault".to_owned()) {
            return fault(content);
        }
        if content.name != self.output.name {
            return Outcome::Unknown(format!("the answer is a `{}`", content.name.1));
        }
        let answer = match value(&self.output, content, "") {
            Ok(answer) => answer,
            Err(finding) => {
                return Outcome::Unknown(format!("the answer is not as described: {finding}"));
            }
        };
        if let Some(finding) = self.answer.finding(&answer, "") {
            return Outcome::Unknown(format!("the answer is not as described: {finding}"));
        }
        let results = self.results.iter();
        let results = results.filter_map(|leaf| Some((leaf.name.clone(), leaf.of(&answer)?)));
        Outcome::done(&self.operation, results.collect(), &self.words)
    }
}

/// A fault is a refusal where the request was wrong, or where it has a detail of the other system's
/// own; any other one of the server tells nothing of what was done.
fn fault(fault: &Foreign) -> Outcome {
    let text = |name: &str| fault.child(name).map(|it| it.text.trim()).unwrap_or_default();
    let words = match text("faultstring") {
        "" => "the other system refuses without words".to_owned(),
        words => words.chars().take(MAX_WORDS).collect(),
    };
    let code = text("faultcode").rsplit(':').next().unwrap_or_default();
    let has_detail = fault.child("detail").is_some_and(|it| !it.children.is_empty());
    let is_of_client = code == "Client" || code.starts_with("Client.");
    if is_of_client || has_detail { Outcome::Refused(words) } else { Outcome::Unknown(words) }
}

/// Writes an element of this shape; of a list, each.
fn written(text: &mut String, shape: &Shape, value: &Json) -> Result<(), String> {
    if let (true, Json::Array(values)) = (shape.is_list, value) {
        let one = Shape { is_list: false, ..shape.clone() };
        return values.iter().try_for_each(|value| written(text, &one, value));
    }
    let (namespace, name) = &shape.name;
    // an element says its namespace itself, also where it has none
    text.push_str(&format!("<{name} xmlns=\"{}\">", escaped(namespace)?));
    match (&shape.content, value) {
        (Content::Fields(fields), Json::Object(values)) => {
            for field in fields {
                if let Some(value) = values.get(&field.name.1) {
                    written(text, field, value)?;
                }
            }
        }
        (_, value) => text.push_str(&escaped(&to_text(value))?),
    }
    text.push_str(&format!("</{name}>"));
    Ok(())
}

fn escaped(text: &str) -> Result<String, String> {
    let mut escaped = String::new();
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' => {
                escaped.push(letter);
            }
            '\u{10000}'.. => escaped.push(letter),
            _ => return Err("a text has characters that XML cannot have".into()),
        }
    }
    Ok(escaped)
}

/// An element as JSON has it.
fn value(shape: &Shape, element: &Foreign, at: &str) -> Result<Json, String> {
    let nil = element.attributes.iter().find(|(name, _)| name.ends_with(":nil"));
    if nil.is_some_and(|(_, value)| matches!(value.as_str(), "true" | "1")) {
        return Ok(Json::Null);
    }
    let fields = match &shape.content {
        Content::Any => return Ok(Json::String(element.text.clone())),
        Content::Plain(kind) => {
            return plain(kind, &element.text).ok_or_else(|| format!("`{at}` is not {kind}"));
        }
        Content::Fields(fields) => by_name(fields),
    };
    let mut values = Map::new();
    for child in &element.children {
        let Some(shape) = fields.get(child.name.1.as_str()) else { continue };
        let name = &shape.name.1;
        let value = value(shape, child, &format!("{at}/{name}"))?;
        if !shape.is_list {
            values.insert(name.clone(), value);
            continue;
        }
        let list = values.entry(name.clone()).or_insert_with(|| Json::Array(Vec::new()));
        if let Json::Array(list) = list {
            list.push(value);
        }
    }
    Ok(Json::Object(values))
}

fn plain(kind: &Type, text: &str) -> Option<Json> {
    let trimmed = text.trim();
    match (kind, trimmed) {
        (Type::Bool, "1") => Some(true.into()),
        (Type::Bool, "0") => Some(false.into()),
        (Type::Text, _) => Some(text.into()),
        (kind, trimmed) => of_text(kind, trimmed),
    }
}

/// What the element says; with the operations by their names. Nothing where the description cannot
/// be read.
pub(crate) fn read(
    root: &Element,
    folder: &str,
    contents: &Contents<'_>,
    findings: &mut Vec<Finding>,
) -> Option<(Soap, BTreeMap<String, Operation>)> {
    let written = root.attribute("wsdl")?;
    let path = format!("{folder}{written}");
    let Some(content) = contents.get(path.as_str()) else {
        let message = format!("file `{path}` does not exist in the application");
        let hint = suggest(&path, contents.keys().copied());
        findings.push(written.finding(codes::UNKNOWN_FILE, message).with_suggestion(hint));
        return None;
    };
    let description = match Description::read(content) {
        Ok(description) => description,
        Err(reason) => {
            let message = format!("`{path}` is no description: {reason}");
            findings.push(written.finding(codes::UNREADABLE_DESCRIPTION, message));
            return None;
        }
    };
    let (mut requests, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for element in root.children_named("request") {
        let Some(id) = element.attribute("id") else { continue };
        let described = match description.call(&id.value) {
            Ok(described) => described,
            Err(None) => {
                let message = format!("the description has no operation `{id}`");
                let hint = suggest(&id.value, description.ids());
                findings.push(id.finding(codes::UNKNOWN_CALL, message).with_suggestion(hint));
                continue;
            }
            Err(Some(reason)) => {
                let message = format!("`{id}` cannot be called: {reason}");
                findings.push(id.finding(codes::UNFIT_CALL, message));
                continue;
            }
        };
        let name = element.value("operation").map_or_else(|| snake(&id.value), str::to_owned);
        let named = element.attribute("operation").unwrap_or(id);
        if !command::is_name(&name) {
            let message = format!("`{name}` is no name that scripts can write");
            findings.push(named.finding(codes::UNFIT_SETTING, message));
        }
        let request = request(element, described, id, findings);
        operations.insert(name.clone(), request.operation.clone());
        if requests.insert(name.clone(), request).is_some() {
            let message = format!("operation `{name}` stands here twice");
            findings.push(named.finding(codes::DUPLICATE, message));
        }
    }
    Some((Soap { limit: command::limit(root, findings), requests }, operations))
}

fn request(
    element: &Element,
    described: Described,
    id: &Attribute,
    findings: &mut Vec<Finding>,
) -> Request {
    let Described { action, input, output } = described;
    let key = element.attribute("key");
    if let Some(key) = key {
        let is_field = match &input.content {
            Content::Fields(fields) => by_name(fields)
                .get(key.value.as_str())
                .is_some_and(|it| it.content == Content::Plain(Type::Text) && !it.is_list),
            _ => false,
        };
        if !is_field {
            let message = format!("the input has no text `{key}` for the key");
            findings.push(key.finding(codes::UNKNOWN_CALL, message));
        }
    }
    let key = key.map(|it| it.value.clone());
    let mut operation = Operation::default();
    let mut leaves = Vec::new();
    for leaf in input.schema().leaves() {
        match leaf {
            Ok(leaf) if leaf.path.len() == 1 && key.as_ref() == leaf.path.first() => {}
            Ok(leaf) => {
                let known = (leaf.outward(), leaf.is_required);
                if operation.parameters.insert(leaf.name.clone(), known).is_some() {
                    let message = format!("two parameters are called `{}`", leaf.name);
                    findings.push(id.finding(codes::UNFIT_CALL, message));
                }
                leaves.push(leaf);
            }
            Err(place) => {
                let message = format!("`{place}` is no plain value that scripts know");
                findings.push(id.finding(codes::UNFIT_CALL, message));
            }
        }
    }
    let answer = output.schema();
    let results = answer.leaves().into_iter().filter_map(Result::ok);
    let results: Vec<Leaf> = results.filter(|leaf| leaf.is_required).collect();
    operation.results = results.iter().map(|leaf| (leaf.name.clone(), leaf.outward())).collect();
    Request {
        action: format!("\"{action}\""),
        is_repeatable: key.is_some() || element.value("repeat") == Some("yes"),
        words: element.value("words").unwrap_or_default().to_owned(),
        input,
        output,
        answer,
        leaves,
        results,
        key,
        operation,
    }
}

#[cfg(test)]
mod tests;
