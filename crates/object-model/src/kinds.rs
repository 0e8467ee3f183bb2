//! Classes that are a kind of another one, and the tables that hold their objects.

use caruso_expression::{Comparison, Typed, TypedKind, Value};

use crate::model::{Attribute, Class, KeySource, Labels, Model, Revision, ToOne};

/// A further table that holds a part of each object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its schema; the connection's default if nothing is said.
    pub schema: Option<String>,
    /// Its name.
    pub table: String,
    /// The columns that hold the key, in the order of the key attributes.
    pub key: Vec<String>,
}

impl Model {
    /// The classes that a class is a kind of, the nearest first.
    pub fn bases<'a>(&'a self, class: &'a Class) -> impl Iterator<Item = &'a Class> {
        std::iter::successors(Some(class), |class| self.class(class.base.as_deref()?)).skip(1)
    }

    /// The classes that are a kind of a class, near and far.
    pub fn kinds<'a>(&'a self, class: &'a Class) -> impl Iterator<Item = &'a Class> {
        self.classes().filter(|kind| self.bases(kind).any(|base| base.name == class.name))
    }

    /// The names of a class, of those that it is a kind of, and of those that are a kind of it: an
    /// object of one may be one of each.
    pub fn family<'a>(&'a self, class: &'a Class) -> impl Iterator<Item = &'a str> {
        let others = self.bases(class).chain(self.kinds(class));
        std::iter::once(class).chain(others).map(|class| class.name.as_str())
    }

    /// True when an object of one class is also one of another.
    pub fn is_a(&self, class: &str, other: &str) -> bool {
        let class = self.class(class);
        class.is_some_and(|it| it.name == other || self.bases(it).any(|base| base.name == other))
    }

    /// The classes whose tables hold the objects of an abstract class, in the order of their names;
    /// none of any other.
    pub fn variants<'a>(&'a self, class: &'a Class) -> impl Iterator<Item = &'a Class> {
        let is_variant = |it: &&Class| class.is_abstract && it.base.as_ref() == Some(&class.name);
        self.classes().filter(is_variant)
    }

    /// The tables of the model, each as a class that has all that the table holds. Where no class
    /// is a kind of another one, these are the classes.
    pub fn holders(&self) -> impl Iterator<Item = Class> {
        self.classes().filter_map(|class| self.holder(class))
    }

    /// The table of a class as a class; `None` if others hold its objects.
    pub fn holder(&self, class: &Class) -> Option<Class> {
        if class.is_abstract {
            return None;
        }
        if class.base.is_none() && self.kinds(class).next().is_none() {
            return Some(class.clone());
        }
        let own = match (&class.base, class.has_table) {
            (None, _) => 0,
            (Some(_), true) => class.parts.len(),
            (Some(_), false) => return None,
        };
        let mut holder = self.bare_holder(class, own);
        for kind in std::iter::once(class).chain(self.kinds(class)) {
            let is_own = kind.name == class.name;
            let is_held = |is_inherited: bool, part: usize| !is_inherited && part == own;
            let attributes = kind.attributes.iter().filter(|it| is_held(it.is_inherited, it.part));
            holder.attributes.extend(attributes.map(|it| Attribute {
                // the objects of other kinds have none
                is_required: it.is_required && is_own,
                part: 0,
                ..it.clone()
            }));
            let to_one = kind.to_one.iter().filter(|it| is_held(it.is_inherited, it.part));
            holder.to_one.extend(to_one.map(|it| ToOne {
                is_required: it.is_required && is_own,
                part: 0,
                ..it.clone()
            }));
            holder.unique.extend(kind.unique.iter().skip(kind.inherited_unique).cloned());
            holder.indexes.extend(kind.indexes.iter().skip(kind.inherited_indexes).cloned());
        }
        if own == 0 {
            holder.key.clone_from(&class.key);
            holder.constraints.clone_from(&class.constraints);
        }
        let is_here = |name: &String| holder.member(name).is_some();
        let unique = holder.unique.iter().filter(|names| names.iter().all(is_here)).cloned();
        let unique = unique.collect();
        let indexes = holder.indexes.iter().filter(|names| names.iter().all(is_here)).cloned();
        (holder.indexes, holder.unique) = (indexes.collect(), unique);
        Some(holder)
    }

    /// A holder with the key alone, and the relation to what has it otherwise.
    fn bare_holder(&self, class: &Class, own: usize) -> Class {
        let mut holder = Class {
            base: None,
            when: Vec::new(),
            parts: Vec::new(),
            attributes: Vec::new(),
            derived: Vec::new(),
            to_one: Vec::new(),
            to_many: Vec::new(),
            constraints: Vec::new(),
            unique: Vec::new(),
            indexes: Vec::new(),
            rules: Vec::new(),
            ..class.clone()
        };
        let (Some(part), Some(base)) = (own.checked_sub(1).map(|at| &class.parts[at]), &class.base)
        else {
            return holder;
        };
        holder.schema.clone_from(&part.schema);
        holder.table.clone_from(&part.table);
        (holder.revision, holder.changed_at) = (Revision::Content, None);
        holder.key_source = KeySource::Given;
        holder.attributes = class
            .keys()
            .zip(&part.key)
            .map(|(key, column)| Attribute { column: column.clone(), part: 0, ..key.clone() })
            .collect();
        holder.key = (0..holder.attributes.len()).collect();
        holder.to_one.push(ToOne {
            id: class.id.clone(),
            name: base.clone(),
            labels: Labels::default(),
            class: base.clone(),
            columns: part.key.clone(),
            kind: None,
            part: 0,
            is_required: true,
            is_inherited: false,
        });
        holder
    }
}

impl Class {
    /// The values that objects of this class have and others of its base need not have: what its
    /// `where` says of single attributes.
    pub fn fixed(&self) -> Vec<(&str, &Value)> {
        let mut fixed = Vec::new();
        self.when.iter().for_each(|when| add_fixed(when.root(), &mut fixed));
        fixed
    }
}

fn add_fixed<'a>(node: &'a Typed, fixed: &mut Vec<(&'a str, &'a Value)>) {
    match &node.kind {
        TypedKind::And(parts) => parts.iter().for_each(|part| add_fixed(part, fixed)),
        TypedKind::Compare(Comparison::Equal, one, other) => match (&one.kind, &other.kind) {
            (TypedKind::Variable(name), TypedKind::Literal(value))
            | (TypedKind::Literal(value), TypedKind::Variable(name)) => fixed.push((name, value)),
            _ => {}
        },
        TypedKind::IsTrue(flag) => add_flag(flag, &Value::Bool(true), fixed),
        TypedKind::Not(not) => {
            let flag = match &not.kind {
                TypedKind::IsTrue(flag) => flag,
                _ => not,
            };
            add_flag(flag, &Value::Bool(false), fixed);
        }
        _ => add_flag(node, &Value::Bool(true), fixed),
    }
}

fn add_flag<'a>(node: &'a Typed, value: &'static Value, fixed: &mut Vec<(&'a str, &'a Value)>) {
    if let TypedKind::Variable(name) = &node.kind {
        fixed.push((name, value));
    }
}
