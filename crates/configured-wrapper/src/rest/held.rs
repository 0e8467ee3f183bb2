//! Objects that another system lists and gives over HTTP.

use std::collections::BTreeMap;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, Finding, suggest};
use serde_json::Value as Json;

use super::{Request, described, escaped, target};
use crate::openapi::{Described, Description, Place};
use crate::outcome::{Object, to_text};
use crate::schema::Schema;
use crate::{HeldClass, codes, files};

/// Most bytes of a page's objects, as JSON; the lines of wrappers have 1 MiB.
const MAX_PAGE_BYTES: usize = 900_000;

/// A class, and the calls that list and give its objects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    list: String,
    answer: Option<Schema>,
    /// Where the list stands in the answer.
    at: String,
    /// The parameter for how many, for where from, and where the answer says where to go on.
    paging: Paging,
    /// Parameters by the attribute that they choose by.
    searches: BTreeMap<String, String>,
    /// The path that gives one, and the parameter in it that is the key.
    get: (String, String),
    got: Option<Schema>,
    /// Where an attribute stands, and its type.
    members: BTreeMap<String, (String, Type)>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Paging {
    limit: Option<String>,
    cursor: Option<String>,
    next: Option<String>,
}

/// What is asked of a class.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// Of each name, an object has one of the values.
    pub wanted: BTreeMap<String, Vec<Json>>,
    /// Most objects of an answer.
    pub limit: usize,
    /// From the page before; empty for the first.
    pub cursor: String,
}

/// Some objects, and where to go on; empty at the end.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// As programs write them.
    pub objects: Vec<Object>,
    /// A cursor.
    pub next: String,
}

/// Where a page begins: which value of the name with several of them, how many objects of the
/// answer were given, and the other system's own word.
struct Cursor {
    turn: usize,
    given: usize,
    word: String,
}

impl Cursor {
    fn parse(text: &str) -> Self {
        let mut parts = text.splitn(3, '|');
        let mut number = || parts.next().and_then(|it| it.parse().ok()).unwrap_or(0);
        let (turn, given) = (number(), number());
        Self { turn, given, word: parts.next().unwrap_or_default().to_owned() }
    }

    fn text(&self) -> String {
        format!("{}|{}|{}", self.turn, self.given, self.word)
    }
}

impl Question {
    /// The name with several values, which are asked for one after the other.
    fn several(&self) -> Option<(&String, &Vec<Json>)> {
        self.wanted.iter().find(|(_, values)| values.len() != 1)
    }
}

impl Held {
    /// What asks for the object of a key.
    pub fn get(&self, key: &str) -> Request {
        let (path, name) = &self.get;
        let target = path.replace(&format!("{{{name}}}"), &escaped(key));
        Request { method: "GET".into(), target, ..Request::default() }
    }

    /// The object in an answer.
    ///
    /// # Errors
    /// Why the answer has none.
    pub fn got(&self, body: &[u8]) -> Result<Object, String> {
        let answer = checked(body, self.got.as_ref())?;
        Ok(self.object(&answer))
    }

    /// What asks for a page; nothing where no object can be meant.
    pub fn list(&self, question: &Question) -> Option<Request> {
        let cursor = Cursor::parse(&question.cursor);
        let mut query = Vec::new();
        let mut add = |name: &str, text: &str| {
            query.push(format!("{}={}", escaped(name), escaped(text)));
        };
        let several = question.several().map(|(name, _)| name);
        for (name, values) in &question.wanted {
            let turn = if several == Some(name) { cursor.turn } else { 0 };
            let value = values.get(turn)?;
            if let Some(parameter) = self.searches.get(name) {
                // of further names with several values, what does not fit is left out later
                if values.len() == 1 || several == Some(name) {
                    add(parameter, &to_text(value));
                }
            }
        }
        if let Some(limit) = &self.paging.limit {
            add(limit, &question.limit.to_string());
        }
        if let (Some(name), false) = (&self.paging.cursor, cursor.word.is_empty()) {
            add(name, &cursor.word);
        }
        let target = target(self.list.clone(), &query);
        Some(Request { method: "GET".into(), target, ..Request::default() })
    }

    /// The page in an answer.
    ///
    /// # Errors
    /// Why the answer has none.
    pub fn page(&self, question: &Question, body: &[u8]) -> Result<Page, String> {
        let cursor = Cursor::parse(&question.cursor);
        let answer = checked(body, self.answer.as_ref())?;
        let list = answer.pointer(&self.at).and_then(Json::as_array);
        let list = list.ok_or_else(|| format!("the answer has no list at `{}`", self.at))?;
        let next = self.paging.next.as_ref().and_then(|at| answer.pointer(at)).map(to_text);
        let next = next.filter(|word| !word.is_empty() && word != "null" && *word != cursor.word);
        let turns = question.several().map_or(1, |(_, values)| values.len());
        let is_wanted = |object: &Object| {
            question.wanted.iter().all(|(name, values)| {
                let value = object.get(name).map(to_text);
                value.is_some_and(|is| values.iter().any(|it| to_text(it) == is))
            })
        };
        let (mut page, mut bytes) = (Page::default(), 0);
        for (place, it) in list.iter().enumerate().skip(cursor.given) {
            let object = self.object(it);
            if !is_wanted(&object) {
                continue;
            }
            bytes += it.to_string().len();
            let is_full = page.objects.len() == question.limit || bytes > MAX_PAGE_BYTES;
            if is_full && !page.objects.is_empty() {
                page.next = Cursor { given: place, ..cursor }.text();
                return Ok(page);
            }
            page.objects.push(object);
        }
        if let (Some(word), Some(_)) = (next, &self.paging.cursor) {
            page.next = Cursor { turn: cursor.turn, given: 0, word }.text();
        } else if cursor.turn + 1 < turns {
            page.next = Cursor { turn: cursor.turn + 1, given: 0, word: String::new() }.text();
        }
        Ok(page)
    }

    fn object(&self, given: &Json) -> Object {
        let member = |(name, (at, kind)): (&String, &(String, Type))| {
            let value = match (kind, given.pointer(at)?) {
                (_, Json::Null) => return None,
                (Type::Text | Type::Decimal | Type::Money(_), Json::Number(number)) => {
                    number.to_string().into()
                }
                (_, value) => value.clone(),
            };
            Some((name.clone(), value))
        };
        self.members.iter().filter_map(member).collect()
    }
}

fn checked(body: &[u8], schema: Option<&Schema>) -> Result<Json, String> {
    let answer: Json =
        serde_json::from_slice(body).map_err(|_| "the answer is no JSON".to_owned())?;
    let finding = schema.and_then(|schema| schema.finding(&answer, ""));
    match finding {
        Some(finding) => Err(format!("the answer is not as described: {finding}")),
        None => Ok(answer),
    }
}

/// What the elements say, held against the model.
pub(super) fn read(
    root: &Element,
    description: &Description,
    classes: &BTreeMap<String, HeldClass>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Held> {
    let mut all = BTreeMap::new();
    for element in root.children_named("objects") {
        let Some(class) = element.attribute("class") else { continue };
        let Some(held) = classes.get(&class.value) else {
            findings.push(files::unknown(class, classes));
            continue;
        };
        let Some(read) = held_class(element, description, held, findings) else { continue };
        if all.insert(class.value.clone(), read).is_some() {
            let message = format!("class `{class}` stands here twice");
            findings.push(class.finding(codes::DUPLICATE, message));
        }
    }
    let is_there = |name: &String| {
        root.children_named("objects").any(|it| it.value("class") == Some(name.as_str()))
    };
    for (name, class) in classes {
        let message = if !is_there(name) {
            format!("nothing says where the objects of class `{name}` are")
        } else if class.is_writable {
            format!("class `{name}` is writable, and objects are only read here")
        } else if class.keys.len() != 1 {
            format!("the key of class `{name}` has several parts, and one stands in a path")
        } else {
            continue;
        };
        findings.push(root.finding(codes::UNFIT_CLASS, message));
    }
    all
}

fn held_class(
    element: &Element,
    description: &Description,
    class: &HeldClass,
    findings: &mut Vec<Finding>,
) -> Option<Held> {
    let (list_id, get_id) = (element.attribute("list")?, element.attribute("get")?);
    let list = described(description, list_id, findings);
    let get = described(description, get_id, findings);
    let (list, get) = (list?, get?);
    let is_fixed = |call: &Described| call.method == "GET" && !call.path.contains('{');
    let key = get.parameters.iter().find(|it| it.place == Place::Path).map(|it| it.name.clone());
    if !is_fixed(&list) {
        let message = format!("`{list_id}` is no GET of a fixed path");
        findings.push(list_id.finding(codes::UNFIT_CALL, message));
    }
    let Some(key) = key.filter(|_| get.method == "GET" && get.path.matches('{').count() == 1)
    else {
        let message = format!("`{get_id}` is no GET of a path with the key in it");
        findings.push(get_id.finding(codes::UNFIT_CALL, message));
        return None;
    };
    let paging = Paging {
        limit: parameter(element.attribute("limit"), &list, findings),
        cursor: parameter(element.attribute("cursor"), &list, findings),
        next: element.value("next").map(str::to_owned),
    };
    Some(Held {
        searches: searches(element, class, &list, findings),
        members: members(element, class, findings),
        at: element.value("at").unwrap_or_default().to_owned(),
        list: list.path,
        answer: list.answer,
        paging,
        get: (get.path, key),
        got: get.answer,
    })
}

/// The parameter of the list that is named.
fn parameter(
    written: Option<&Attribute>,
    list: &Described,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let written = written?;
    let known: Vec<_> = list.parameters.iter().filter(|it| it.place == Place::Query).collect();
    if !known.iter().any(|it| it.name == written.value) {
        let message = format!("the list has no parameter `{written}` in its query");
        let hint = suggest(&written.value, known.iter().map(|it| it.name.as_str()));
        findings.push(written.finding(codes::UNKNOWN_CALL, message).with_suggestion(hint));
    }
    Some(written.value.clone())
}

fn searches(
    element: &Element,
    class: &HeldClass,
    list: &Described,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, String> {
    let mut searches = BTreeMap::new();
    for search in element.children_named("search") {
        let Some(attribute) = search.attribute("attribute") else { continue };
        if !class.searches.contains(&attribute.value) {
            let message = format!("the model has no index of `{attribute}`");
            findings.push(attribute.finding(codes::UNFIT_CLASS, message));
        }
        if let Some(name) = parameter(search.attribute("parameter"), list, findings) {
            searches.insert(attribute.value.clone(), name);
        }
    }
    for name in class.searches.iter().filter(|name| !searches.contains_key(*name)) {
        let message = format!("nothing says how objects are looked for by `{name}`");
        let hint = "add a `search`, or delete the `index` of the class";
        findings.push(element.finding(codes::UNFIT_CLASS, message).with_hint(hint));
    }
    searches
}

fn members(
    element: &Element,
    class: &HeldClass,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, (String, Type)> {
    let mut members: BTreeMap<_, _> = BTreeMap::new();
    for (name, kind) in &class.members {
        members.insert(name.clone(), (format!("/{name}"), kind.clone()));
    }
    for member in element.children_named("member") {
        let (Some(attribute), Some(at)) = (member.attribute("attribute"), member.attribute("at"))
        else {
            continue;
        };
        if !at.value.starts_with('/') {
            let message = format!("`{at}` is no place in JSON, as `/customer/id`");
            findings.push(at.finding(codes::UNFIT_SETTING, message));
        }
        match members.get_mut(&attribute.value) {
            Some(known) => known.0.clone_from(&at.value),
            None => {
                let message = format!("the class has no attribute `{attribute}`");
                let hint = suggest(&attribute.value, class.members.keys().map(String::as_str));
                findings.push(attribute.finding(codes::UNFIT_CLASS, message).with_suggestion(hint));
            }
        }
    }
    members
}
