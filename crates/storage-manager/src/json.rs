//! Values as JSON, for our own tables and for page tokens: `{"int": "5"}`, with numbers as text
//! so that nothing is rounded.

use std::collections::BTreeMap;

use caruso_database::Raw;
use caruso_expression::Value;
use serde::{Serialize, Serializer, ser::SerializeStruct as _};
use serde_json::{Value as Json, json};

use crate::plan::StoredObject;

/// A value as it is written.
struct Written<'a>(&'a Value);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::Null | Value::List(_) | Value::Object(_) => to.serialize_unit(),
            Value::Bool(value) => to.collect_map([("bool", value)]),
            Value::Text(text) => to.collect_map([(self.0.kind(), &**text)]),
            other => to.collect_map([(other.kind(), other.to_string())]),
        }
    }
}

/// Attributes as they are written, in the order of their names.
pub(crate) struct Attributes<'a>(pub(crate) &'a BTreeMap<String, Value>);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_map(self.0.iter().map(|(name, value)| (name, Written(value))))
    }
}

/// As text.
pub(crate) fn text(written: &impl Serialize) -> String {
    // a string takes everything, and names are texts
    serde_json::to_string(written).unwrap_or_default()
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

/// What [`Attributes`] wrote.
pub(crate) fn to_attributes(text: &str) -> Option<BTreeMap<String, Value>> {
    let json: Json = serde_json::from_str(text).ok()?;
    attributes(&json)
}

fn attributes(json: &Json) -> Option<BTreeMap<String, Value>> {
    let attributes = json.as_object()?.iter();
    attributes.map(|(name, value)| Some((name.clone(), to_value(value)?))).collect()
}

/// An object as it is written, without what was hidden or unreadable of it.
struct Object<'a>(&'a StoredObject);

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut object = to.serialize_struct("Object", 4)?;
        object.serialize_field("class", &self.0.class)?;
        object.serialize_field("key", &self.0.key)?;
        object.serialize_field("revision", &self.0.revision)?;
        object.serialize_field("attributes", &Attributes(&self.0.attributes))?;
        object.end()
    }
}

pub(crate) fn of_objects(objects: &[&StoredObject]) -> String {
    text(&objects.iter().map(|object| Object(object)).collect::<Vec<_>>())
}

/// What [`of_objects`] wrote.
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
