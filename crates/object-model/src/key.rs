//! The key of an object as one text, as interfaces, relations and data files have it.
//!
//! A key of one part is that part, as it is. Several parts are joined by `,`; a `,` or `\` inside
//! a part is written `\,` or `\\`. A part is what [`Value`] writes: a text itself, an int in
//! decimal digits, a date as `2026-01-31`, a choice by its name.
//!
//! ```
//! use caruso_object_model::key::{join, split};
//!
//! let parts = ["0012".to_owned(), "A,3".to_owned()];
//! assert_eq!(join(&parts), r"0012,A\,3");
//! assert_eq!(split(r"0012,A\,3", 2).as_deref(), Some(parts.as_slice()));
//! assert_eq!(split("A,3", 1), Some(vec!["A,3".to_owned()]));
//! ```

use caruso_expression::Value;

use crate::literal;
use crate::model::{AttributeType, Class};

/// The text of a key of these parts.
pub fn join(parts: &[String]) -> String {
    if let [part] = parts {
        return part.clone();
    }
    let length = parts.iter().map(|part| part.len() + 1).sum();
    let mut text = String::with_capacity(length);
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        for character in part.chars() {
            if matches!(character, ',' | '\\') {
                text.push('\\');
            }
            text.push(character);
        }
    }
    text
}

/// The parts of the text of a key; `None` if it has another number of parts, or if a `\` stands
/// before another character than the two that it is for.
pub fn split(text: &str, parts: usize) -> Option<Vec<String>> {
    match parts {
        0 => text.is_empty().then(Vec::new),
        1 => Some(vec![text.to_owned()]),
        _ => unescaped(text).filter(|found| found.len() == parts),
    }
}

fn unescaped(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut part = String::new();
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            ',' => parts.push(std::mem::take(&mut part)),
            '\\' => part.push(characters.next().filter(|it| matches!(it, ',' | '\\'))?),
            other => part.push(other),
        }
    }
    parts.push(part);
    Some(parts)
}

/// The values of the key attributes of a class, from the text of a key.
///
/// # Errors
///
/// Why the text cannot be the key of an object of this class; it does not contain the text.
pub fn values(class: &Class, text: &str) -> Result<Vec<Value>, String> {
    let keys = class.keys();
    let (name, count) = (&class.name, keys.len());
    let Some(parts) = split(text, count) else {
        return Err(format!("the key of a {name} has {count} parts, joined by `,`"));
    };
    let parsed = keys.zip(&parts).map(|(attribute, part)| {
        let value = value(&attribute.ty, part);
        value.map_err(|reason| format!("the key of a {name}: `{}`: {reason}", attribute.name))
    });
    parsed.collect()
}

/// A part of a key may be an empty text: databases have such keys.
fn value(ty: &AttributeType, part: &str) -> Result<Value, String> {
    let value = match ty {
        AttributeType::Text(_) => return Ok(Value::from(part)),
        _ => literal::value(ty, part).map_err(str::to_owned)?,
    };
    match (ty, &value) {
        (_, Value::Null) => Err("a value is required".into()),
        (AttributeType::Choice(enumeration), _) => match enumeration.refusal(part) {
            Some(reason) => Err(reason),
            None => Ok(value),
        },
        _ => Ok(value),
    }
}

/// The text of a key of these values.
pub(crate) fn text(values: &[Value]) -> String {
    join(&values.iter().map(ToString::to_string).collect::<Vec<_>>())
}
