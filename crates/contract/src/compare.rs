//! In what two makes of an interface differ, and what that means to those who speak by them.
//!
//! The rules are those by which protobuf stays readable on the wire and as JSON: a number means one
//! field for ever, under one name, of one type and cardinality; a method keeps what it takes, gives
//! and streams; the zero of an enumeration keeps its name. What is new is passed over by whoever
//! does not know it.

use std::collections::BTreeSet;
use std::fmt;

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, MethodDescriptorProto,
};

use crate::Contract;
use crate::names::{Named, Names};

/// What kind of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The new one has more.
    Added,
    /// The new one lacks something, and has reserved its number and name.
    Retired,
    /// The new one lacks something.
    Missing,
    /// The same name or number means something else: neither can read the other.
    Changed,
}

/// One difference, at its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Difference {
    /// `package.Service/Method`, `package.Message.field` or `package.Enumeration.VALUE`.
    pub place: String,
    /// What kind.
    pub kind: Kind,
    /// What is different, for people; goes on from the place.
    pub words: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.place, self.words)
    }
}

/// How two makes of an interface go together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// Nothing differs.
    Same,
    /// The second has all of the first, and more.
    Extends,
    /// The second lacks something of the first and has nothing that is new.
    Lacks,
    /// Each has something that the other lacks.
    Diverged,
    /// They disagree on what something means.
    Conflict,
}

/// What it means to whoever speaks by `old` that another speaks by `new`.
pub fn relation(old: &Contract, new: &Contract) -> Relation {
    let differences = compare(old, new);
    let has = |kind| differences.iter().any(|difference| difference.kind == kind);
    match (has(Kind::Changed), has(Kind::Missing), has(Kind::Added)) {
        (true, _, _) => Relation::Conflict,
        (false, true, true) => Relation::Diverged,
        (false, true, false) => Relation::Lacks,
        (false, false, true) => Relation::Extends,
        // what is only retired is still understood
        (false, false, false) if differences.is_empty() => Relation::Same,
        (false, false, false) => Relation::Extends,
    }
}

/// Every difference between two makes of one interface, sorted by place.
pub fn compare(old: &Contract, new: &Contract) -> Vec<Difference> {
    if old.digest() == new.digest() {
        return Vec::new();
    }
    let mut walk = Walk {
        old: Names::of(old.set()),
        new: Names::of(new.set()),
        seen: BTreeSet::new(),
        found: Vec::new(),
    };
    walk.service(old, new);
    walk.found.sort();
    walk.found.dedup();
    walk.found
}

struct Walk<'a> {
    old: Names<'a>,
    new: Names<'a>,
    seen: BTreeSet<String>,
    found: Vec<Difference>,
}

impl Walk<'_> {
    fn note(&mut self, place: impl Into<String>, kind: Kind, words: impl Into<String>) {
        self.found.push(Difference { place: place.into(), kind, words: words.into() });
    }

    fn service(&mut self, old: &Contract, new: &Contract) {
        let methods = |contract: &Contract| {
            contract.service().map(|service| service.method.clone()).unwrap_or_default()
        };
        let (before, after) = (methods(old), methods(new));
        let named = |methods: &[MethodDescriptorProto], name: &str| {
            methods.iter().find(|method| method.name() == name).cloned()
        };
        for method in &before {
            let place = format!("{}/{}", old.interface(), method.name());
            match named(&after, method.name()) {
                Some(now) => self.method(&place, method, &now),
                None => self.note(place, Kind::Missing, "is gone"),
            }
        }
        for method in after.iter().filter(|method| named(&before, method.name()).is_none()) {
            let place = format!("{}/{}", new.interface(), method.name());
            self.note(place, Kind::Added, "is new");
        }
    }

    fn method(&mut self, place: &str, old: &MethodDescriptorProto, new: &MethodDescriptorProto) {
        for (what, before, after) in [
            ("takes", old.input_type(), new.input_type()),
            ("answers", old.output_type(), new.output_type()),
        ] {
            if before == after {
                self.named(before);
            } else {
                let words = format!("{what} {} in place of {}", plain(after), plain(before));
                self.note(place, Kind::Changed, words);
            }
        }
        for (what, before, after) in [
            ("what it takes", old.client_streaming(), new.client_streaming()),
            ("what it answers", old.server_streaming(), new.server_streaming()),
        ] {
            if before != after {
                let how = if after { "a stream now" } else { "no stream any more" };
                self.note(place, Kind::Changed, format!("has changed: {what} is {how}"));
            }
        }
    }

    /// Compares the types of this name, once.
    fn named(&mut self, name: &str) {
        if !self.seen.insert(name.to_owned()) {
            return;
        }
        match (self.old.get(name), self.new.get(name)) {
            (Some(Named::Message(old)), Some(Named::Message(new))) => self.message(name, old, new),
            (Some(Named::Enumeration(old)), Some(Named::Enumeration(new))) => {
                self.enumeration(name, old, new);
            }
            // one that is not reached there is told by what led to it
            (None, _) | (_, None) => {}
            _ => self.note(plain(name), Kind::Changed, "is of another kind"),
        }
    }

    fn message(&mut self, name: &str, old: &DescriptorProto, new: &DescriptorProto) {
        for field in &old.field {
            let place = format!("{}.{}", plain(name), field.name());
            let number = field.number();
            let same = new.field.iter().find(|it| it.number() == number);
            let moved = new.field.iter().find(|it| it.name() == field.name());
            match (same, moved) {
                (Some(now), _) => self.field(&place, (old, field), (new, now)),
                (None, Some(now)) => {
                    let words = format!("has number {} in place of {number}", now.number());
                    self.note(place, Kind::Changed, words);
                }
                (None, None) if is_reserved(new, field) => {
                    self.note(place, Kind::Retired, "is retired");
                }
                (None, None) => {
                    self.note(place, Kind::Missing, format!("(number {number}) is gone"));
                }
            }
        }
        for field in &new.field {
            let has = |it: &&FieldDescriptorProto| {
                it.number() == field.number() || it.name() == field.name()
            };
            if old.field.iter().any(|it| has(&it)) {
                continue;
            }
            let place = format!("{}.{}", plain(name), field.name());
            if is_reserved(old, field) {
                self.note(place, Kind::Changed, "has a number or name that was retired");
            } else if field.label() == Label::Required {
                self.note(place, Kind::Changed, "is new and required");
            } else {
                self.note(place, Kind::Added, "is new");
            }
        }
    }

    fn field(
        &mut self,
        place: &str,
        (old_in, old): (&DescriptorProto, &FieldDescriptorProto),
        (new_in, new): (&DescriptorProto, &FieldDescriptorProto),
    ) {
        let mut changed = |words: String| self.note(place, Kind::Changed, words);
        if old.name() != new.name() {
            changed(format!("(number {}) is called {} now", old.number(), new.name()));
        }
        if old.json_name() != new.json_name() && old.name() == new.name() {
            changed(format!("is {} in JSON in place of {}", new.json_name(), old.json_name()));
        }
        if (old.r#type(), old.type_name()) != (new.r#type(), new.type_name()) {
            changed(format!("is {} in place of {}", of_type(new), of_type(old)));
        }
        if old.label() != new.label() {
            changed(format!("is {} in place of {}", often(new), often(old)));
        }
        if choice(old_in, old) != choice(new_in, new) {
            changed("belongs to another choice (oneof)".to_owned());
        }
        if old.type_name() == new.type_name() && !old.type_name().is_empty() {
            self.named(old.type_name());
        }
    }

    fn enumeration(&mut self, name: &str, old: &EnumDescriptorProto, new: &EnumDescriptorProto) {
        for value in &old.value {
            let place = format!("{}.{}", plain(name), value.name());
            let names: Vec<&str> = new
                .value
                .iter()
                .filter(|it| it.number() == value.number())
                .map(prost_types::EnumValueDescriptorProto::name)
                .collect();
            let is_retired = new
                .reserved_range
                .iter()
                .any(|range| (range.start()..=range.end()).contains(&value.number()))
                && new.reserved_name.iter().any(|name| name == value.name());
            if names.contains(&value.name()) {
                continue;
            } else if let Some(now) = names.first() {
                let words = format!("(number {}) is called {now} now", value.number());
                self.note(place, Kind::Changed, words);
            } else if let Some(now) = new.value.iter().find(|it| it.name() == value.name()) {
                let words = format!("is {} in place of {}", now.number(), value.number());
                self.note(place, Kind::Changed, words);
            } else if is_retired {
                self.note(place, Kind::Retired, "is retired");
            } else {
                self.note(place, Kind::Missing, format!("(number {}) is gone", value.number()));
            }
        }
        for value in &new.value {
            let is_known = |it: &prost_types::EnumValueDescriptorProto| {
                it.number() == value.number() || it.name() == value.name()
            };
            if !old.value.iter().any(is_known) {
                let place = format!("{}.{}", plain(name), value.name());
                self.note(place, Kind::Added, "is new");
            }
        }
    }
}

fn plain(name: &str) -> &str {
    name.trim_start_matches('.')
}

/// Whether the message has put number and name of this field aside. Ranges do not hold their end.
fn is_reserved(message: &DescriptorProto, field: &FieldDescriptorProto) -> bool {
    let in_range = |range: &prost_types::descriptor_proto::ReservedRange| {
        (range.start()..range.end()).contains(&field.number())
    };
    message.reserved_range.iter().any(in_range)
        && message.reserved_name.iter().any(|name| name == field.name())
}

/// The choice that a field belongs to; one that is only `optional` belongs to none.
fn choice<'a>(message: &'a DescriptorProto, field: &FieldDescriptorProto) -> Option<&'a str> {
    if field.proto3_optional() {
        return None;
    }
    let at = usize::try_from(field.oneof_index?).ok()?;
    message.oneof_decl.get(at).map(prost_types::OneofDescriptorProto::name)
}

fn of_type(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum | Type::Group => plain(field.type_name()).to_owned(),
        other => other.as_str_name().trim_start_matches("TYPE_").to_lowercase(),
    }
}

fn often(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Optional => "single",
        Label::Required => "required",
        Label::Repeated => "repeated",
    }
}
