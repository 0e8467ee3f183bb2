//! Shapes of JSON: what an answer must look like, and which plain values stand where.

use std::collections::BTreeMap;

use caruso_expression::Type;
use serde_json::{Map, Value as Json};

use crate::command::is_name;
use crate::outcome::{Object, is_of, to_text};

/// The shape of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Schema {
    /// Anything: nothing is said, or more than is looked at.
    Any,
    /// A plain value; whether it may be `null`.
    Plain(Type, bool),
    /// Elements of one shape.
    List(Box<Schema>),
    /// Fields by name; whether it may be `null`.
    Fields(BTreeMap<String, Field>, bool),
}

/// A field of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) schema: Schema,
    pub(crate) is_required: bool,
    /// Whether only answers have it.
    pub(crate) is_read_only: bool,
}

/// A plain value somewhere in a tree of fields, or a list of such, as an operation knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Leaf {
    /// As operations name it.
    pub(crate) name: String,
    /// The fields that lead to it, one or two.
    pub(crate) path: Vec<String>,
    pub(crate) kind: Type,
    /// Whether it is a list, which operations know as a text with one value a line.
    pub(crate) is_list: bool,
    pub(crate) is_required: bool,
}

impl Schema {
    /// Why a value has another shape; its place and nothing of it.
    pub(crate) fn finding(&self, value: &Json, at: &str) -> Option<String> {
        match (self, value) {
            (Self::Any, _) | (Self::Plain(_, true) | Self::Fields(_, true), Json::Null) => None,
            (Self::Plain(kind, _), value) => {
                (!is_of(kind, value)).then(|| format!("`{at}` is not {kind}"))
            }
            (Self::List(schema), Json::Array(values)) => {
                let mut values = values.iter().enumerate();
                values.find_map(|(index, it)| schema.finding(it, &format!("{at}/{index}")))
            }
            (Self::List(_), _) => Some(format!("`{at}` is no list")),
            (Self::Fields(fields, _), Json::Object(values)) => {
                fields.iter().find_map(|(name, field)| match values.get(name) {
                    Some(value) => field.schema.finding(value, &format!("{at}/{name}")),
                    None if field.is_required => Some(format!("`{at}/{name}` is missing")),
                    None => None,
                })
            }
            (Self::Fields(..), _) => Some(format!("`{at}` is no object")),
        }
    }

    /// The plain values of its fields, and of fields of those, as operations know them. What is
    /// deeper, or has no name that scripts can write, is `Err` with its place where it is required,
    /// and else left out.
    pub(crate) fn leaves(&self) -> Vec<Result<Leaf, String>> {
        let Self::Fields(fields, _) = self else { return Vec::new() };
        let mut leaves = Vec::new();
        for (name, field) in fields {
            match &field.schema {
                Self::Fields(inner, _) => {
                    for (below, it) in inner {
                        let path = [name, below].map(Clone::clone).to_vec();
                        leaves.extend(leaf(path, it, field.is_required));
                    }
                }
                _ => leaves.extend(leaf(vec![name.clone()], field, true)),
            }
        }
        leaves
    }
}

fn leaf(path: Vec<String>, field: &Field, is_outer_required: bool) -> Option<Result<Leaf, String>> {
    let (kind, is_list) = match &field.schema {
        Schema::Plain(kind, _) => (Some(kind.clone()), false),
        Schema::List(inner) => match &**inner {
            Schema::Plain(kind, _) => (Some(kind.clone()), true),
            _ => (None, true),
        },
        Schema::Any | Schema::Fields(..) => (None, false),
    };
    let name = path.iter().map(|it| snake(it)).collect::<Vec<_>>().join("_");
    let is_required = field.is_required && is_outer_required;
    match kind.filter(|_| is_name(&name)) {
        Some(kind) => Some(Ok(Leaf { name, path, kind, is_list, is_required })),
        None if is_required => Some(Err(path.join("/"))),
        None => None,
    }
}

impl Leaf {
    /// The type of it to operations.
    pub(crate) fn outward(&self) -> Type {
        if self.is_list { Type::Text } else { self.kind.clone() }
    }

    /// Its value out of an answer.
    pub(crate) fn of(&self, answer: &Json) -> Option<Json> {
        let value = self.path.iter().try_fold(answer, |value, name| value.get(name))?;
        match value {
            Json::Null => None,
            Json::Array(values) if self.is_list => {
                let lines: Vec<_> = values.iter().map(to_text).collect();
                Some(lines.join("\n").into())
            }
            value => Some(value.clone()),
        }
    }

    /// Puts its value into what is sent.
    pub(crate) fn put(&self, body: &mut Object, value: &Json) -> Result<(), String> {
        let value = match self.is_list {
            false => self.inward(value.clone()),
            true => {
                let text = to_text(value);
                let lines = text.lines().map(|line| {
                    let value = crate::outcome::of_text(&self.kind, line.trim());
                    let value = value.map(|it| self.inward(it));
                    value.ok_or_else(|| format!("a line of `{}` is not {}", self.name, self.kind))
                });
                lines.collect::<Result<Vec<_>, _>>()?.into()
            }
        };
        let (last, before) = self.path.split_last().expect("a path has a name");
        let mut fields = body;
        for name in before {
            let inner = fields.entry(name.clone()).or_insert_with(|| Json::Object(Map::new()));
            let Json::Object(inner) = inner else { return Ok(()) };
            fields = inner;
        }
        fields.insert(last.clone(), value);
        Ok(())
    }

    /// Decimals are numbers to others.
    fn inward(&self, value: Json) -> Json {
        match (&self.kind, &value) {
            (Type::Decimal, Json::String(text)) => text.parse().map_or(value, Json::Number),
            _ => value,
        }
    }
}

/// A name as scripts write it: `customerId` and `Customer-Id` are `customer_id`.
pub(crate) fn snake(name: &str) -> String {
    let mut snake = String::new();
    let mut was_small = false;
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && was_small {
            snake.push('_');
        }
        was_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        match letter {
            '-' | '.' | ' ' => snake.push('_'),
            letter => snake.push(letter.to_ascii_lowercase()),
        }
    }
    snake
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(schema: Schema, is_required: bool) -> Field {
        Field { schema, is_required, is_read_only: false }
    }

    fn order() -> Schema {
        let plain = |kind| Schema::Plain(kind, false);
        let inner = [("zipCode".to_owned(), field(plain(Type::Text), true))].into();
        let fields = [
            ("customerId", field(plain(Type::Int), true)),
            ("address", field(Schema::Fields(inner, false), true)),
            ("tags", field(Schema::List(plain(Type::Text).into()), false)),
            ("price", field(plain(Type::Decimal), false)),
            ("more", field(Schema::Any, false)),
        ];
        Schema::Fields(fields.map(|(name, it)| (name.to_owned(), it)).into(), false)
    }

    #[test]
    fn names_are_those_that_scripts_write() {
        for (name, expected) in
            [("customerId", "customer_id"), ("X-Api-Key", "x_api_key"), ("EAN", "ean")]
        {
            assert_eq!(snake(name), expected);
        }
    }

    #[test]
    fn another_shape_is_told_by_its_place() {
        let fine = json!({"customerId": 1, "address": {"zipCode": "x"}, "tags": ["a"], "x": 1});
        assert_eq!(order().finding(&fine, ""), None);
        for (value, expected) in [
            (json!({"address": {"zipCode": "x"}}), "`/customerId` is missing"),
            (json!({"customerId": "1", "address": {"zipCode": "x"}}), "`/customerId` is not int"),
            (json!({"customerId": 1, "address": {}}), "`/address/zipCode` is missing"),
            (
                json!({"customerId": 1, "address": {"zipCode": "x"}, "tags": ["a", 1]}),
                "`/tags/1` is not text",
            ),
            (json!([]), "`` is no object"),
        ] {
            let said = order().finding(&value, "");
            assert!(said.is_some_and(|it| it == expected || value.is_array()), "{expected}");
        }
    }

    #[test]
    fn plain_values_go_in_and_out_of_two_levels() {
        let leaves: Vec<Leaf> = order().leaves().into_iter().map(|it| it.expect("plain")).collect();
        let names: Vec<_> = leaves.iter().map(|it| (it.name.as_str(), it.is_required)).collect();
        let expected =
            [("address_zip_code", true), ("customer_id", true), ("price", false), ("tags", false)];
        assert_eq!(names, expected);
        let given =
            json!({"address_zip_code": "1", "customer_id": 7, "price": "1.5", "tags": "a\nb"});
        let mut body = Object::new();
        for leaf in &leaves {
            leaf.put(&mut body, &given[&leaf.name]).expect("it fits");
        }
        let sent = json!({"address": {"zipCode": "1"}, "customerId": 7, "price": 1.5,
            "tags": ["a", "b"]});
        assert_eq!(Json::Object(body), sent);
        assert_eq!(leaves[3].of(&sent), Some(json!("a\nb")));
        assert_eq!(leaves[0].of(&sent), Some(json!("1")));
    }
}
