//! OpenAPI 3 descriptions: the calls that there are, with the shapes of what they take and give.
//!
//! Source: OpenAPI Specification 3.0.4 and 3.1.1, in JSON. `$ref` leads to places of the same file;
//! of `allOf` the fields are put together; `oneOf`, `anyOf` and what is nested deeper than
//! [`MAX_DEPTH`] may be anything.

use std::collections::BTreeMap;

use caruso_expression::Type;
use serde_json::Value as Json;

use crate::schema::{Field, Schema};

/// Deepest shape that is looked at.
const MAX_DEPTH: usize = 12;
const METHODS: [&str; 7] = ["get", "put", "post", "delete", "patch", "head", "options"];

/// A description, as it was read.
pub(crate) struct Description {
    root: Json,
}

/// A call of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Described {
    /// In capitals.
    pub(crate) method: String,
    /// As `/orders/{id}`.
    pub(crate) path: String,
    pub(crate) parameters: Vec<Parameter>,
    /// The shape of the body, and whether it must be there.
    pub(crate) body: Option<(Schema, bool)>,
    /// The shape of an answer that is no error; nothing where it has no JSON.
    pub(crate) answer: Option<Schema>,
}

/// A parameter outside of the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) place: Place,
    pub(crate) kind: Option<Type>,
    pub(crate) is_required: bool,
}

/// Where a parameter is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query,
    Header,
}

impl Description {
    /// Reads a description.
    ///
    /// # Errors
    /// Why it is none, with line and column where there are some.
    pub(crate) fn read(content: &[u8]) -> Result<Self, String> {
        let root: Json = serde_json::from_slice(content).map_err(|it| it.to_string())?;
        match root["openapi"].as_str() {
            Some(version) if version.starts_with("3.") => Ok(Self { root }),
            Some(version) => Err(format!("it is of OpenAPI {version}, and 3 is read")),
            None => Err("it has no field `openapi`".into()),
        }
    }

    /// Every `operationId`.
    pub(crate) fn ids(&self) -> impl Iterator<Item = &str> {
        self.calls().filter_map(|(_, _, call, _)| call["operationId"].as_str())
    }

    /// Path, method, call, and what all calls of the path have.
    fn calls(&self) -> impl Iterator<Item = (&str, &str, &Json, &Json)> {
        let paths = self.root["paths"].as_object().into_iter().flatten();
        paths.flat_map(|(path, item)| {
            METHODS.into_iter().filter_map(move |method| {
                Some((path.as_str(), method, item.get(method)?, &item["parameters"]))
            })
        })
    }

    /// The call of this `operationId`.
    ///
    /// # Errors
    /// Nothing where there is none; else what of it cannot be read.
    pub(crate) fn call(&self, id: &str) -> Result<Described, Option<String>> {
        let mut calls = self.calls();
        let found = calls.find(|(_, _, call, _)| call["operationId"].as_str() == Some(id));
        let (path, method, call, common) = found.ok_or(None)?;
        let mut parameters: BTreeMap<(String, String), Parameter> = BTreeMap::new();
        for list in [common, &call["parameters"]] {
            for it in list.as_array().into_iter().flatten() {
                let it = self.resolved(it);
                if let Some(parameter) = self.parameter(it)? {
                    let place = it["in"].as_str().unwrap_or_default().to_owned();
                    parameters.insert((place, parameter.name.clone()), parameter);
                }
            }
        }
        let body = self.resolved(&call["requestBody"]);
        let body = match body["content"].as_object() {
            None => None,
            Some(content) => {
                let shape = json_of(content).ok_or("it takes a body that is no JSON".to_owned())?;
                let is_required = body["required"].as_bool().unwrap_or(false);
                Some((self.schema(shape, 0), is_required))
            }
        };
        Ok(Described {
            method: method.to_ascii_uppercase(),
            path: path.to_owned(),
            parameters: parameters.into_values().collect(),
            body,
            answer: self.answer(call),
        })
    }

    fn parameter(&self, it: &Json) -> Result<Option<Parameter>, String> {
        let name = it["name"].as_str().unwrap_or_default().to_owned();
        let is_required = it["required"].as_bool().unwrap_or(false);
        let place = match it["in"].as_str() {
            Some("path") => Place::Path,
            Some("query") => Place::Query,
            Some("header") => Place::Header,
            // cookies are those of browsers
            _ if is_required => return Err(format!("it needs `{name}` in a place of its own")),
            _ => return Ok(None),
        };
        let kind = match self.schema(&it["schema"], 0) {
            Schema::Plain(kind, _) => Some(kind),
            _ if is_required => return Err(format!("it needs `{name}`, which is no plain value")),
            _ => None,
        };
        Ok(Some(Parameter { name, place, kind, is_required }))
    }

    /// The shape of the first answer between 200 and 299.
    fn answer(&self, call: &Json) -> Option<Schema> {
        let answers = call["responses"].as_object()?;
        let mut good = answers.iter().filter(|(status, _)| status.starts_with('2'));
        let content = self.resolved(good.next()?.1)["content"].as_object()?;
        Some(self.schema(json_of(content)?, 0))
    }

    /// What a reference leads to, at most a few steps on.
    fn resolved<'a>(&'a self, mut it: &'a Json) -> &'a Json {
        for _ in 0..MAX_DEPTH {
            let Some(target) = it["$ref"].as_str() else { return it };
            let place = target.strip_prefix('#').and_then(|place| self.root.pointer(place));
            it = place.unwrap_or(&Json::Null);
        }
        &Json::Null
    }

    fn schema(&self, it: &Json, depth: usize) -> Schema {
        let it = self.resolved(it);
        if depth > MAX_DEPTH {
            return Schema::Any;
        }
        let types: Vec<&str> = match &it["type"] {
            Json::String(name) => vec![name],
            Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
            _ => Vec::new(),
        };
        let may_be_null = it["nullable"].as_bool().unwrap_or(false) || types.contains(&"null");
        let mut named = types.iter().filter(|it| **it != "null");
        let kind = match (named.next(), it["format"].as_str()) {
            (Some(&"array"), _) => {
                return Schema::List(self.schema(&it["items"], depth + 1).into());
            }
            (Some(&"string"), Some("date")) => Type::Date,
            (Some(&"string"), Some("date-time")) => Type::Instant,
            (Some(&"string"), _) => Type::Text,
            (Some(&"integer"), _) => Type::Int,
            (Some(&"number"), _) => Type::Decimal,
            (Some(&"boolean"), _) => Type::Bool,
            (Some(&"object") | None, _) => return self.fields(it, may_be_null, depth),
            _ => return Schema::Any,
        };
        if named.next().is_some() { Schema::Any } else { Schema::Plain(kind, may_be_null) }
    }

    fn fields(&self, it: &Json, may_be_null: bool, depth: usize) -> Schema {
        let mut fields = BTreeMap::new();
        let parts = it["allOf"].as_array().into_iter().flatten();
        let parts: Vec<_> = parts.map(|part| self.schema(part, depth + 1)).collect();
        let is_said = it["properties"].is_object() || !parts.is_empty();
        for part in parts {
            match part {
                Schema::Fields(own, _) => fields.extend(own),
                _ => return Schema::Any,
            }
        }
        let required = it["required"].as_array().into_iter().flatten();
        let required: Vec<_> = required.filter_map(Json::as_str).collect();
        for (name, property) in it["properties"].as_object().into_iter().flatten() {
            let field = Field {
                schema: self.schema(property, depth + 1),
                is_required: false,
                is_read_only: self.resolved(property)["readOnly"].as_bool().unwrap_or(false),
            };
            fields.insert(name.clone(), field);
        }
        for name in required {
            if let Some(field) = fields.get_mut(name) {
                field.is_required = true;
            }
        }
        if is_said { Schema::Fields(fields, may_be_null) } else { Schema::Any }
    }
}

/// The shape that stands under a type of media which is JSON.
fn json_of(content: &serde_json::Map<String, Json>) -> Option<&Json> {
    let is_json = |media: &str| {
        let media = media.split(';').next().unwrap_or_default().trim();
        media == "application/json" || media.ends_with("+json")
    };
    content.iter().find(|(media, _)| is_json(media)).map(|(_, it)| &it["schema"])
}
