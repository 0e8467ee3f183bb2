//! Business objects and results as JSON, read by the types of the application.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use caruso_application::Application;
use caruso_application::dialogue::{Datum, Given, Snapshot, Task};
use caruso_application::object_model::{Member, type_of};
use serde_json::{Map, Value, json};

/// What an input or data is: a value, an object or a list of objects.
pub(super) fn given(
    value: &Value,
    class: Option<&str>,
    application: &Application,
) -> anyhow::Result<Given> {
    let Some(class) = class else {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Bool(_) | Value::Number(_) => value.to_string(),
            _ => bail!("a value is wanted"),
        };
        return Ok(Given::Text(text));
    };
    let one = std::slice::from_ref(value);
    let all = value.as_array().map_or(one, Vec::as_slice);
    let objects = all.iter().map(|it| object(it, class, application));
    Ok(Given::Objects(objects.collect::<anyhow::Result<_>>()?))
}

fn object(value: &Value, class: &str, application: &Application) -> anyhow::Result<Snapshot> {
    let members = value.as_object().context("an object is wanted")?;
    let key = members.get("key").and_then(Value::as_str).context("an object needs its `key`")?;
    let mut values = members.clone();
    // a class may have an attribute of this name as well
    if application.model.class(class).is_none_or(|it| it.member("key").is_none()) {
        values.remove("key");
    }
    Ok(Snapshot { key: key.to_owned(), attributes: attributes(&values, class, application)? })
}

/// What an action gives back; nothing where nothing is written.
pub(super) fn results(
    text: &str,
    task: &Task,
    application: &Application,
) -> anyhow::Result<BTreeMap<String, Datum>> {
    if text.trim().is_empty() {
        return Ok(BTreeMap::new());
    }
    let values: Map<String, Value> = serde_json::from_str(text)?;
    let operation = match task {
        Task::Create { class, .. } => return attributes(&values, class, application),
        Task::Invoke { operation, .. } => operation,
        Task::Email { .. } => bail!("an e-mail gives nothing back"),
        Task::Delete { class, .. } => bail!("deleting a {class} gives nothing back"),
    };
    let known = operation.split_once('.').and_then(|(wrapper, name)| {
        let wrapper = application.wrappers.iter().find(|it| it.name == wrapper)?;
        wrapper.operations.get(name)
    });
    let known = known.with_context(|| format!("there is no operation `{operation}`"))?;
    let mut results = BTreeMap::new();
    for (name, value) in &values {
        let ty = known.results.get(name);
        let ty = ty.with_context(|| format!("`{operation}` does not give back `{name}`"))?;
        results.insert(name.clone(), datum(value, &ty.present().to_string(), name)?);
    }
    Ok(results)
}

fn attributes(
    values: &Map<String, Value>,
    class: &str,
    application: &Application,
) -> anyhow::Result<BTreeMap<String, Datum>> {
    let known = application.model.class(class);
    let known = known.with_context(|| format!("the model has no class `{class}`"))?;
    let mut attributes = BTreeMap::new();
    for (name, value) in values.iter().filter(|(_, value)| !value.is_null()) {
        let datum = match known.member(name) {
            Some(Member::Attribute(it)) => datum(value, it.ty.word(), name)?,
            Some(Member::ToOne(it)) => {
                let key = value.as_str().with_context(|| format!("`{name}` is a key, a text"))?;
                Datum::Reference { class: it.class.clone(), key: key.to_owned() }
            }
            Some(member @ Member::Derived(_)) => {
                datum(value, &type_of(member).present().to_string(), name)?
            }
            _ => bail!("`{class}` has no attribute `{name}`"),
        };
        attributes.insert(name.clone(), datum);
    }
    Ok(attributes)
}

/// A value of a type that is named by its word.
fn datum(value: &Value, word: &str, name: &str) -> anyhow::Result<Datum> {
    let tagged = match word {
        "int" => json!({ "integer": value }),
        "decimal" if value.is_number() => json!({ "decimal": value.to_string() }),
        word => json!({ word: value }),
    };
    let read = serde_json::from_value(tagged).ok();
    read.with_context(|| format!("`{name}` is of type {word}; {value} is not"))
}
