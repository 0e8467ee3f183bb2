//! The model as a schema of expressions.

use caruso_expression::{Missing, Schema, Type};

use crate::model::{Attribute, AttributeType, Class, Member, Model};

/// The type of an attribute or relation in expressions.
pub fn type_of(member: Member<'_>) -> Type {
    let (ty, is_required) = match member {
        Member::Attribute(attribute) => (value_type(attribute), attribute.is_required),
        Member::ToOne(relation) => {
            (Type::Object(relation.class.as_str().into()), relation.is_required)
        }
        Member::ToMany(relation) => (Type::Object(relation.class.as_str().into()).list(), true),
        Member::Derived(derived) => return derived.ty.clone(),
    };
    if is_required { ty } else { ty.optional() }
}

fn value_type(attribute: &Attribute) -> Type {
    match &attribute.ty {
        AttributeType::Bool => Type::Bool,
        AttributeType::Int => Type::Int,
        AttributeType::Decimal(_) => Type::Decimal,
        AttributeType::Money { currency, .. } => Type::Money(*currency),
        AttributeType::Text(_) => Type::Text,
        AttributeType::Date => Type::Date,
        AttributeType::Instant => Type::Instant,
        AttributeType::Choice(enumeration) => Type::Choice(enumeration.choice.clone()),
    }
}

/// The classes, without free names. Scripts add theirs and leave the members to this.
impl Schema for Model {
    fn variable(&self, _name: &str) -> Option<Type> {
        None
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        self.class(class)?.member(name).map(type_of)
    }

    fn variables(&self) -> Vec<String> {
        Vec::new()
    }

    fn members(&self, class: &str) -> Vec<String> {
        let members = self.class(class).into_iter().flat_map(Class::member_names);
        members.map(str::to_owned).collect()
    }
}

/// The members of one class as free names: what a filter over that class may write. A missing
/// value compares false.
#[derive(Debug, Clone, Copy)]
pub struct ClassSchema<'a> {
    /// The model.
    pub model: &'a Model,
    /// The class whose members are the free names.
    pub class: &'a Class,
}

impl Schema for ClassSchema<'_> {
    fn variable(&self, name: &str) -> Option<Type> {
        self.class.member(name).map(type_of)
    }

    fn member(&self, class: &str, name: &str) -> Option<Type> {
        self.model.member(class, name)
    }

    fn variables(&self) -> Vec<String> {
        self.class.member_names().map(str::to_owned).collect()
    }

    fn members(&self, class: &str) -> Vec<String> {
        self.model.members(class)
    }

    fn missing(&self) -> Missing {
        Missing::ComparesFalse
    }
}
