//! A filter of a request: text with arguments into a checked expression.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::ops::Range;

use caruso_expression::{Checked, Literal, Type, Value, check, parse};
use caruso_object_model::{Class, ClassSchema, Model};

use crate::Error;

/// The name under which a filter finds the values that come with it.
const ARGUMENT: &str = "argument";

/// A filter that checks.
#[derive(Debug)]
pub(crate) struct Filter<'a> {
    pub(crate) checked: Checked,
    /// Its source.
    text: &'a str,
    /// How often arguments stand in it.
    pub(crate) arguments: usize,
}

impl Filter<'_> {
    /// The argument that stands at these bytes.
    pub(crate) fn argument(&self, at: &Range<usize>) -> Option<&str> {
        self.text.get(at.clone())?.strip_prefix(ARGUMENT)?.strip_prefix('.')
    }
}

/// Checks a filter over a class. Arguments are bound as constants, never pasted into the text.
///
/// # Errors
///
/// [`Error::Filter`] with all mistakes.
pub(crate) fn checked<'a>(
    model: &Model,
    class: &Class,
    text: &'a str,
    arguments: &BTreeMap<String, Value>,
) -> Result<Filter<'a>, Error> {
    let expression = parse(text).map_err(|error| Error::Filter(vec![shown(&error)]))?;
    let count = Cell::new(0);
    let expression = expression.bind(ARGUMENT, &|name| {
        count.set(count.get() + 1);
        literal(arguments.get(name)?)
    });
    let checked = check(&expression, &ClassSchema { model, class }, Some(&Type::Bool))
        .map_err(|errors| Error::Filter(errors.iter().map(shown).collect()))?;
    Ok(Filter { checked, text, arguments: count.get() })
}

/// A value as a constant. Days, instants and money are written as text, which the checker reads
/// again.
fn literal(value: &Value) -> Option<Literal> {
    match value {
        Value::Bool(value) => Some(Literal::Bool(*value)),
        Value::Int(number) => Some(Literal::Int(*number)),
        Value::Decimal(number) => Some(Literal::Decimal(*number)),
        Value::Text(_) | Value::Date(_) | Value::Instant(_) | Value::Money(_) => {
            Some(Literal::Text(value.to_string()))
        }
        _ => None,
    }
}

fn shown(error: &caruso_expression::Error) -> String {
    let hint = error.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
    format!("at {}: {}{hint}", error.at.start, error.message)
}
