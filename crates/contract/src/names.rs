//! Messages and enumerations of a descriptor set by their full names.

use std::collections::BTreeMap;

use prost_types::{DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet};

/// What a full name, with its leading dot, stands for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Named<'a> {
    Message(&'a DescriptorProto),
    Enumeration(&'a EnumDescriptorProto),
}

/// Every type of the set, nested ones included.
#[derive(Debug, Default)]
pub(crate) struct Names<'a> {
    types: BTreeMap<String, Named<'a>>,
    /// The outermost type in which each one stands.
    outermost: BTreeMap<String, String>,
}

impl<'a> Names<'a> {
    pub(crate) fn of(set: &'a FileDescriptorSet) -> Self {
        let mut names = Self::default();
        for file in &set.file {
            let scope = scope(file);
            for message in &file.message_type {
                let name = format!("{scope}.{}", message.name());
                names.message(name.clone(), &name, message);
            }
            for enumeration in &file.enum_type {
                let name = format!("{scope}.{}", enumeration.name());
                names.outermost.insert(name.clone(), name.clone());
                names.types.insert(name, Named::Enumeration(enumeration));
            }
        }
        names
    }

    fn message(&mut self, name: String, outermost: &str, message: &'a DescriptorProto) {
        for nested in &message.nested_type {
            self.message(format!("{name}.{}", nested.name()), outermost, nested);
        }
        for enumeration in &message.enum_type {
            let inner = format!("{name}.{}", enumeration.name());
            self.outermost.insert(inner.clone(), outermost.to_owned());
            self.types.insert(inner, Named::Enumeration(enumeration));
        }
        self.outermost.insert(name.clone(), outermost.to_owned());
        self.types.insert(name, Named::Message(message));
    }

    pub(crate) fn get(&self, name: &str) -> Option<Named<'a>> {
        self.types.get(name).copied()
    }

    pub(crate) fn outermost(&self, name: &str) -> Option<&str> {
        self.outermost.get(name).map(String::as_str)
    }
}

/// Where names of a file begin: `.package`, or nothing where it has none.
pub(crate) fn scope(file: &FileDescriptorProto) -> String {
    match file.package() {
        "" => String::new(),
        package => format!(".{package}"),
    }
}
