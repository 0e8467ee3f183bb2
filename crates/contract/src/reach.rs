//! The part of a descriptor set that one service reaches.

use std::collections::BTreeSet;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, ServiceDescriptorProto,
};

use crate::Error;
use crate::names::{Named, Names, scope};

/// The files with nothing in them but the service and the types that its methods reach, each type
/// with everything that is nested in it. In the order of their names; without comments and
/// extensions, which say nothing about what travels.
pub(crate) fn reached(
    set: &FileDescriptorSet,
    interface: &str,
) -> Result<FileDescriptorSet, Error> {
    let unknown = || Error::NoService(interface.to_owned());
    let (_, service) = service(set, interface).ok_or_else(unknown)?;
    let names = Names::of(set);
    let mut wanted = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    for method in &service.method {
        open.extend([method.input_type().to_owned(), method.output_type().to_owned()]);
    }
    while let Some(name) = open.pop() {
        let outermost =
            names.outermost(&name).ok_or_else(|| Error::NoType(name.clone()))?.to_owned();
        if wanted.insert(outermost.clone())
            && let Some(Named::Message(message)) = names.get(&outermost)
        {
            references(message, &mut open);
        }
    }
    let mut files: Vec<FileDescriptorProto> =
        set.file.iter().filter_map(|file| pruned(file, interface, &wanted)).collect();
    files.sort_by(|a, b| a.name().cmp(b.name()));
    imports(&mut files, &names);
    Ok(FileDescriptorSet { file: files })
}

/// The service of that full name, and its file.
pub(crate) fn service<'a>(
    set: &'a FileDescriptorSet,
    interface: &str,
) -> Option<(&'a FileDescriptorProto, &'a ServiceDescriptorProto)> {
    let all = set.file.iter().flat_map(|file| file.service.iter().map(move |it| (file, it)));
    all.into_iter().find(|(file, service)| is_named(file, service, interface))
}

fn is_named(file: &FileDescriptorProto, service: &ServiceDescriptorProto, interface: &str) -> bool {
    format!("{}.{}", scope(file), service.name()).strip_prefix('.') == Some(interface)
}

/// The types that a message and everything nested in it speak of.
fn references(message: &DescriptorProto, open: &mut Vec<String>) {
    let named = message.field.iter().filter(|field| !field.type_name().is_empty());
    open.extend(named.map(|field| field.type_name().to_owned()));
    for nested in &message.nested_type {
        references(nested, open);
    }
}

/// The file with what is wanted of it; `None` where that is nothing.
fn pruned(
    file: &FileDescriptorProto,
    interface: &str,
    wanted: &BTreeSet<String>,
) -> Option<FileDescriptorProto> {
    let scope = scope(file);
    let is_wanted = |name: &str| wanted.contains(&format!("{scope}.{name}"));
    let mut kept = FileDescriptorProto {
        name: file.name.clone(),
        package: file.package.clone(),
        syntax: file.syntax.clone(),
        ..FileDescriptorProto::default()
    };
    kept.message_type.extend(file.message_type.iter().filter(|it| is_wanted(it.name())).cloned());
    kept.enum_type.extend(file.enum_type.iter().filter(|it| is_wanted(it.name())).cloned());
    kept.service.extend(file.service.iter().filter(|it| is_named(file, it, interface)).cloned());
    kept.message_type.sort_by(|a, b| a.name().cmp(b.name()));
    kept.enum_type.sort_by(|a, b| a.name().cmp(b.name()));
    kept.message_type.iter_mut().for_each(plain);
    kept.enum_type.iter_mut().for_each(in_order);
    for service in &mut kept.service {
        service.method.sort_by(|a, b| a.name().cmp(b.name()));
    }
    let is_empty = kept.message_type.is_empty() && kept.enum_type.is_empty();
    (!is_empty || !kept.service.is_empty()).then_some(kept)
}

/// A message as every compiler would write it: with the JSON names that it has by rule, fields in
/// the order of their numbers, and without extensions.
fn plain(message: &mut DescriptorProto) {
    message.extension.clear();
    message.field.sort_by_key(FieldDescriptorProto::number);
    for field in &mut message.field {
        if field.json_name.is_none() {
            field.json_name = Some(json_name(field.name()));
        }
    }
    message.nested_type.sort_by(|a, b| a.name().cmp(b.name()));
    message.enum_type.sort_by(|a, b| a.name().cmp(b.name()));
    message.nested_type.iter_mut().for_each(plain);
    message.enum_type.iter_mut().for_each(in_order);
}

/// Zero stands first, as it must; the others follow by number.
fn in_order(enumeration: &mut EnumDescriptorProto) {
    enumeration
        .value
        .sort_by_key(|value| (value.number() != 0, value.number(), value.name().to_owned()));
}

/// `due_on` is `dueOn`, as the language guide of protobuf has it.
fn json_name(name: &str) -> String {
    let mut json = String::with_capacity(name.len());
    let mut is_next_large = false;
    for letter in name.chars() {
        match letter {
            '_' => is_next_large = true,
            _ if is_next_large => {
                json.push(letter.to_ascii_uppercase());
                is_next_large = false;
            }
            _ => json.push(letter),
        }
    }
    json
}

/// Lets each file import those that hold what it speaks of, and no others.
fn imports(files: &mut [FileDescriptorProto], names: &Names<'_>) {
    let homes: Vec<(String, BTreeSet<String>)> = files
        .iter()
        .map(|file| {
            let scope = scope(file);
            let messages = file.message_type.iter().map(DescriptorProto::name);
            let all = messages.chain(file.enum_type.iter().map(|it| it.name()));
            (file.name().to_owned(), all.map(|name| format!("{scope}.{name}")).collect())
        })
        .collect();
    for file in files {
        let mut spoken = Vec::new();
        file.message_type.iter().for_each(|message| references(message, &mut spoken));
        for method in file.service.iter().flat_map(|service| &service.method) {
            spoken.extend([method.input_type().to_owned(), method.output_type().to_owned()]);
        }
        let outermost: BTreeSet<&str> =
            spoken.iter().filter_map(|name| names.outermost(name)).collect();
        let is_used = |types: &BTreeSet<String>| outermost.iter().any(|name| types.contains(*name));
        let used = homes.iter().filter(|(home, types)| home != file.name() && is_used(types));
        file.dependency = used.map(|(home, _)| home.clone()).collect();
    }
}
