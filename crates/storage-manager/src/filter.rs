//! A filter of a request: text with arguments into a checked expression.

use std::collections::BTreeMap;

use caruso_expression::{Checked, Literal, Type, Value, check, parse};
use caruso_object_model::{Class, ClassSchema, Model};

use crate::Error;

/// The name under which a filter finds the values that come with it.
const ARGUMENT: &str = "argument";

/// Checks a filter over a class. Arguments are bound as constants, never pasted into the text.
///
/// # Errors
///
/// [`Error::Filter`] with all mistakes.
pub(crate) fn checked(
    model: &Model,
    class: &Class,
    filter: &str,
    arguments: &BTreeMap<String, Value>,
) -> Result<Checked, Error> {
    let expression = parse(filter).map_err(|error| Error::Filter(vec![shown(&error)]))?;
    let expression = expression.bind(ARGUMENT, &|name| literal(arguments.get(name)?));
    check(&expression, &ClassSchema { model, class }, Some(&Type::Bool))
        .map_err(|errors| Error::Filter(errors.iter().map(shown).collect()))
}

/// A value as a constant. Days and instants are written as text, which the checker reads again.
fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(value) => Some(Literal::Bool(*value)),
        Value::Int(number) => Some(Literal::Int(*number)),
        Value::Decimal(number) => Some(Literal::Decimal(*number)),
        Value::Text(_) | Value::Date(_) | Value::Instant(_) => {
            Some(Literal::Text(value.to_string()))
        }
        Value::Null | Value::List(_) | Value::Object(_) => None,
    }
}

fn shown(error: &caruso_expression::Error) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("at {}: {}{hint}", error.at.start, error.message)
}
