//! Several contracts as one descriptor set, for tools that ask by names.

use std::collections::BTreeMap;

use prost_types::{FileDescriptorProto, FileDescriptorSet};

use crate::Contract;

/// All files of the contracts, each once, with every service and type that any of them has of it;
/// each file after those that it imports. Where two have a type of the same name, the first one's
/// is taken.
pub fn merged<'a>(contracts: impl IntoIterator<Item = &'a Contract>) -> FileDescriptorSet {
    let mut files: BTreeMap<&str, FileDescriptorProto> = BTreeMap::new();
    for file in contracts.into_iter().flat_map(|contract| &contract.set().file) {
        match files.get_mut(file.name()) {
            None => {
                files.insert(file.name(), file.clone());
            }
            Some(known) => join(known, file),
        }
    }
    let mut ordered = Vec::new();
    let names: Vec<&str> = files.keys().copied().collect();
    for name in names {
        place(name, &mut files, &mut ordered);
    }
    FileDescriptorSet { file: ordered }
}

fn join(known: &mut FileDescriptorProto, more: &FileDescriptorProto) {
    for message in &more.message_type {
        if !known.message_type.iter().any(|it| it.name() == message.name()) {
            known.message_type.push(message.clone());
        }
    }
    for enumeration in &more.enum_type {
        if !known.enum_type.iter().any(|it| it.name() == enumeration.name()) {
            known.enum_type.push(enumeration.clone());
        }
    }
    for service in &more.service {
        if !known.service.iter().any(|it| it.name() == service.name()) {
            known.service.push(service.clone());
        }
    }
    for import in &more.dependency {
        if !known.dependency.contains(import) {
            known.dependency.push(import.clone());
        }
    }
}

fn place(
    name: &str,
    files: &mut BTreeMap<&str, FileDescriptorProto>,
    ordered: &mut Vec<FileDescriptorProto>,
) {
    // taken out first, so that files which import each other end
    let Some(file) = files.remove(name) else { return };
    for import in &file.dependency {
        place(import, files, ordered);
    }
    ordered.push(file);
}
