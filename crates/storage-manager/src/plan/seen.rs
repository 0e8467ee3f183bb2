//! An object as it stands in a row: what a read makes of it, a [`StoredObject`] or the bytes of a
//! message, is made of this, with no name copied and no map in between.

use caruso_database::Unreadable;
use caruso_expression::{Budget, Type, Value, Values};
use caruso_object_model::{AttributeType, Derived, key};
use sea_orm::QueryResult;

use super::{Plan, StoredObject, text};
use crate::rights::{Shown, Sight};

/// An object as it was read. Attributes and relations that are missing are absent.
#[derive(Debug, PartialEq)]
pub(crate) struct Seen<'a> {
    /// Its class.
    pub(crate) class: &'a str,
    /// Its key as text.
    pub(crate) key: String,
    /// Changes whenever the object does.
    pub(crate) revision: String,
    /// Attributes, relations to one and derived attributes, each once, in no order.
    pub(crate) values: Vec<Named<'a>>,
    /// Those whose cells mean nothing.
    pub(crate) unreadable: Vec<&'a str>,
    /// Those that the user may not see.
    pub(crate) withheld: Vec<&'a str>,
}

/// A value with its name.
#[derive(Debug, PartialEq)]
pub(crate) struct Named<'a> {
    pub(crate) name: &'a str,
    pub(crate) sort: Sort,
    pub(crate) value: Value,
}

/// What texts of an attribute or relation are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sort {
    Plain,
    /// Names of values of an enumeration.
    Choice,
    /// Keys of other objects.
    Reference,
}

impl Sort {
    /// Of an attribute.
    pub(crate) fn of(ty: &AttributeType) -> Self {
        match ty {
            AttributeType::Choice(_) => Self::Choice,
            _ => Self::Plain,
        }
    }

    /// Of a derived attribute.
    pub(crate) fn of_derived(derived: &Derived) -> Self {
        match derived.ty.present() {
            Type::Choice(_) => Self::Choice,
            _ => Self::Plain,
        }
    }
}

/// For expressions over an object.
struct Known<'a>(&'a [Named<'a>]);

impl Values for Known<'_> {
    fn variable(&self, name: &str) -> Value {
        let known = self.0.iter().find(|it| it.name == name);
        known.map_or(Value::Null, |it| it.value.clone())
    }
}

impl Seen<'_> {
    /// With everything of its own.
    pub(crate) fn stored(self) -> StoredObject {
        let owned = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        let values = self.values.into_iter().map(|it| (it.name.to_owned(), it.value));
        StoredObject {
            class: self.class.to_owned(),
            key: self.key,
            revision: self.revision,
            attributes: values.collect(),
            unreadable: owned(self.unreadable),
            withheld: owned(self.withheld),
        }
    }
}

impl Plan {
    /// The object in a row of [`Plan::select`], behind so many other cells.
    pub(crate) fn seen<'a>(
        &'a self,
        row: &QueryResult,
        first: usize,
        sight: &'a Sight,
    ) -> Seen<'a> {
        let columns = self.columns.iter().zip(first..);
        let raws: Vec<_> = columns.map(|(it, at)| it.codec.read(row, at)).collect();
        let revision = self.revision(row, first, &raws);
        let cells = self.columns.iter().zip(raws);
        let cells = cells.map(|(column, raw)| raw.and_then(|raw| column.codec.value(raw)));
        let cells: Vec<_> = cells.collect();
        let part = |place: &usize| cells[*place].as_ref().map(text).unwrap_or_default();
        let key = match &self.key[..] {
            [place] => key::join(&[part(place)]),
            places => key::join(&places.iter().map(part).collect::<Vec<_>>()),
        };
        let mut seen = Seen {
            class: &self.class.name,
            key,
            revision,
            values: Vec::with_capacity(self.members.len() + sight.derived.len()),
            unreadable: Vec::new(),
            withheld: self.withheld(row, first, sight),
        };
        for member in &self.members {
            if seen.withheld.contains(&&*member.name) {
                continue;
            }
            let kind = member.kind.map(|it| &cells[it]);
            match member.value(&cells[member.columns.clone()], kind) {
                Ok(Value::Null) => {}
                Ok(value) => {
                    let (name, sort) = (&*member.name, member.sort);
                    seen.values.push(Named { name, sort, value });
                }
                Err(Unreadable) => seen.unreadable.push(&member.name),
            }
        }
        self.derive(row, first + self.flags() + sight.members.len(), sight, &mut seen);
        seen
    }

    /// Adds the derived attributes of an object; those of the statement begin at a place.
    fn derive<'a>(
        &'a self,
        row: &QueryResult,
        mut place: usize,
        sight: &'a Sight,
        seen: &mut Seen<'a>,
    ) {
        let stored = seen.values.len();
        for ((name, shown), derived) in sight.derived.iter().zip(self.class.derived()) {
            let value = match shown {
                Shown::Asked(operand) => {
                    place += 1;
                    operand.codec.decode(row, place - 1).map_err(drop)
                }
                // of what is stored, not of other derived attributes
                Shown::AfterReading(value) => {
                    let known = Known(&seen.values[..stored]);
                    value.evaluate(&known, Budget::default()).map_err(drop)
                }
            };
            let sort = Sort::of_derived(derived);
            match value {
                _ if seen.withheld.contains(&&**name) => {}
                Ok(Value::Null) => {}
                Ok(value) => seen.values.push(Named { name, sort, value }),
                Err(()) => seen.unreadable.push(name),
            }
        }
    }

    /// The members of a row that are not seen.
    fn withheld<'a>(&self, row: &QueryResult, first: usize, sight: &'a Sight) -> Vec<&'a str> {
        let first = first + self.flags();
        let is_seen = |index| matches!(self.flag.decode(row, first + index), Ok(Value::Int(1)));
        let hidden = sight.members.iter().enumerate().filter(|(index, _)| !is_seen(*index));
        hidden.map(|(_, (name, _))| name.as_str()).collect()
    }
}
