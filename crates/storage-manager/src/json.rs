//! Values as JSON, for our own tables and for page tokens: `{"int": "5"}`, with numbers as text
//! so that nothing is rounded.

use std::collections::BTreeMap;

use caruso_database::Raw;
use caruso_expression::Value;
use serde_json::{Map, Value as Json, json};

use crate::plan::StoredObject;

pub(crate) fn of_value(value: &Value) -> Json {
    match value {
        Value::Null | Value::List(_) | Value::Object(_) => Json::Null,
        Value::Bool(value) => json!({ "bool": value }),
        other => {
            let mut object = Map::new();
            object.insert(other.kind().to_owned(), Json::String(other.to_string()));
            Json::Object(object)
        }
    }
}

fn to_value(json: &Json) -> Option<Value> {
    let Json::Object(object) = json else { return json.is_null().then_some(Value::Null) };
    let (kind, content) = object.iter().next()?;
    if let Json::Bool(value) = content {
        return Some(Value::Bool(*value));
    }
    let text = content.as_str()?;
    match kind.as_str() {
        "int" => text.parse().ok().map(Value::Int),
        "decimal" => text.parse().ok().map(Value::Decimal),
        "money" => text.parse().ok().map(Value::Money),
        "text" => Some(Value::from(text)),
        "date" => text.parse().ok().map(Value::Date),
        "instant" => text.parse().ok().map(Value::Instant),
        _ => None,
    }
}

/// A cell in a page token: its kind and its text.
pub(crate) fn of_raw(raw: &Raw) -> Json {
    match raw {
        Raw::Null => Json::Null,
        Raw::Bool(value) => json!(["bool", value.to_string()]),
        Raw::Int(number) => json!(["int", number.to_string()]),
        Raw::Decimal(number) => json!(["decimal", number.to_string()]),
        Raw::Text(text) => json!(["text", &**text]),
        Raw::Date(date) => json!(["date", date.to_string()]),
        Raw::Time(time) => json!(["time", time.to_string()]),
        Raw::DateTime(at) => json!(["local", at.to_string()]),
        Raw::Instant(at) => json!(["instant", at.to_string()]),
        Raw::Uuid(uuid) => json!(["uuid", uuid.to_string()]),
    }
}

/// The cell that [`of_raw`] wrote.
pub(crate) fn to_raw(json: &Json) -> Option<Raw> {
    let Some(parts) = json.as_array() else { return json.is_null().then_some(Raw::Null) };
    let [kind, text] = parts.as_slice() else { return None };
    let text = text.as_str()?;
    match kind.as_str()? {
        "bool" => text.parse().ok().map(Raw::Bool),
        "int" => text.parse().ok().map(Raw::Int),
        "decimal" => text.parse().ok().map(Raw::Decimal),
        "text" => Some(Raw::Text(text.into())),
        "date" => text.parse().ok().map(Raw::Date),
        "time" => text.parse().ok().map(Raw::Time),
        "local" => text.parse().ok().map(Raw::DateTime),
        "instant" => text.parse().ok().map(Raw::Instant),
        "uuid" => text.parse().ok().map(Raw::Uuid),
        _ => None,
    }
}

pub(crate) fn of_attributes(attributes: &BTreeMap<String, Value>) -> Json {
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), of_value(value)));
    Json::Object(attributes.collect())
}

/// What [`of_attributes`] wrote.
pub(crate) fn to_attributes(text: &str) -> Option<BTreeMap<String, Value>> {
    let json: Json = serde_json::from_str(text).ok()?;
    attributes(&json)
}

fn attributes(json: &Json) -> Option<BTreeMap<String, Value>> {
    let attributes = json.as_object()?.iter();
    attributes.map(|(name, value)| Some((name.clone(), to_value(value)?))).collect()
}

pub(crate) fn of_objects(objects: &[&StoredObject]) -> String {
    let object = |object: &&StoredObject| {
        json!({
            "class": object.class,
            "key": object.key,
            "revision": object.revision,
            "attributes": of_attributes(&object.attributes),
        })
    };
    Json::Array(objects.iter().map(object).collect()).to_string()
}

pub(crate) fn to_objects(text: &str) -> Option<Vec<StoredObject>> {
    let Ok(Json::Array(objects)) = serde_json::from_str(text) else { return None };
    let object = |json: &Json| {
        let text = |name: &str| json.get(name)?.as_str().map(str::to_owned);
        Some(StoredObject {
            class: text("class")?,
            key: text("key")?,
            revision: text("revision")?,
            attributes: attributes(json.get("attributes")?)?,
            unreadable: Vec::new(),
            withheld: Vec::new(),
        })
    };
    objects.iter().map(object).collect()
}
