//! The classes whose objects a program holds, and those objects as it gives them.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::{Map, Value as Json};

use crate::protocol::Change;
use crate::{Type, Value, Values};

/// Most classes of a program.
pub const MAX_CLASSES: usize = 100;
/// Most objects that a program is asked for at once, and most values of one name in a question.
pub const MAX_OBJECTS: usize = 200;

/// A class as a program describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Held {
    /// The name of the class in the model.
    pub name: String,
    /// The attributes and relations by which it looks for objects.
    #[serde(default)]
    pub searches: BTreeSet<String>,
    /// Whether it changes objects; `writable` in JSON, else false.
    #[serde(default, rename = "writable")]
    pub is_writable: bool,
}

/// A class as the application declares it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeclaredClass {
    /// Its attributes, and its relations to one as texts.
    pub members: BTreeMap<String, Type>,
    /// Those by which the wrapper looks for objects.
    pub searches: BTreeSet<String>,
    /// Whether the wrapper changes objects.
    pub is_writable: bool,
}

/// An object as a program has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Object {
    /// What it has of the declared attributes and relations.
    pub values: Values,
    /// Those whose value is not of the declared type.
    pub unreadable: Vec<String>,
}

/// Some objects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    /// At most [`MAX_OBJECTS`].
    pub objects: Vec<Object>,
    /// Where the program goes on; empty at the end.
    pub next: String,
}

impl DeclaredClass {
    /// What is wrong with a change of an object; nothing if the program may be asked for it.
    pub(crate) fn finding(&self, change: &Change) -> Option<String> {
        let class = &change.class;
        if !self.is_writable {
            return Some(format!("the model does not say that `{class}` is writable"));
        }
        change.was.iter().chain(&change.values).find_map(|(name, value)| {
            let Some(kind) = self.members.get(name) else {
                return Some(format!("`{class}` has no `{name}`"));
            };
            let is_fine = value.as_ref().is_none_or(|value| kind.takes(value));
            (!is_fine).then(|| format!("`{class}.{name}` must be {}", kind.name()))
        })
    }

    /// An object, each value of its declared type; what is not declared is dropped.
    pub(crate) fn object(&self, mut given: Map<String, Json>) -> Object {
        let mut object = Object::default();
        for (name, kind) in &self.members {
            match given.remove(name) {
                None | Some(Json::Null) => {}
                Some(json) => match Value::from_json(json).and_then(|it| it.read_as(*kind)) {
                    Some(value) => _ = object.values.insert(name.clone(), value),
                    None => object.unreadable.push(name.clone()),
                },
            }
        }
        object
    }
}

/// What is wrong with the classes that a program describes; nothing if they are usable.
pub(crate) fn finding(classes: &[Held]) -> Option<String> {
    if classes.len() > MAX_CLASSES {
        return Some(format!("it must describe at most {MAX_CLASSES} classes"));
    }
    let mut known = BTreeSet::new();
    let twice = classes.iter().find(|class| !known.insert(&class.name))?;
    Some(format!("the class {:?} is described twice", twice.name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_of_another_type_is_unreadable_and_the_others_are_there() {
        let members = [("number", Type::Text), ("amount", Type::Decimal), ("due", Type::Date)];
        let members = members.map(|(name, kind)| (name.to_owned(), kind)).into();
        let class = DeclaredClass { members, ..DeclaredClass::default() };
        let given = json!({"number": "F1", "amount": "12,50", "due": "2026-01-31", "x": 1});
        let Json::Object(given) = given else { panic!("an object") };
        let object = class.object(given);
        assert_eq!(object.values["number"], Value::Text("F1".into()));
        assert_eq!(object.values["due"].kind(), Type::Date);
        assert_eq!((object.values.len(), object.unreadable), (2, vec!["amount".to_owned()]));
        let Json::Object(given) = json!({"number": ["F1"], "due": null}) else { panic!("object") };
        let object = class.object(given);
        assert_eq!((object.values.len(), object.unreadable), (0, vec!["number".to_owned()]));
    }

    #[test]
    fn a_class_is_described_once() {
        let class = Held { name: "Invoice".into(), ..Held::default() };
        assert_eq!(finding(std::slice::from_ref(&class)), None);
        assert!(finding(&[class.clone(), class]).expect("twice").contains("described twice"));
    }
}
