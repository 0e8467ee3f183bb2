//! Values as JSON, for our own tables and for page tokens: `{"int": "5"}`, with numbers as text
//! so that nothing is rounded.

use std::collections::BTreeMap;

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
        "text" => Some(Value::from(text)),
        "date" => text.parse().ok().map(Value::Date),
        "instant" => text.parse().ok().map(Value::Instant),
        _ => None,
    }
}

pub(crate) fn of_attributes(attributes: &BTreeMap<String, Value>) -> Json {
    let attributes = attributes.iter().map(|(name, value)| (name.clone(), of_value(value)));
    Json::Object(attributes.collect())
}

pub(crate) fn of_objects(objects: &[StoredObject]) -> String {
    let object = |object: &StoredObject| {
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
        let attributes = json.get("attributes")?.as_object()?;
        let attributes =
            attributes.iter().map(|(name, value)| Some((name.clone(), to_value(value)?)));
        Some(StoredObject {
            class: text("class")?,
            key: text("key")?,
            revision: text("revision")?,
            attributes: attributes.collect::<Option<_>>()?,
        })
    };
    objects.iter().map(object).collect()
}
