//! All files together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_dialogue::{Scope, Script};
use caruso_markup::{Document, Dtd, Finding, Location, suggest};
use caruso_object_model::phone::Country;
use caruso_object_model::{Class, Data, Member, Model, type_of};
use caruso_routing::Configuration;

use crate::manifest::{self, Manifest, must_be_given};
use crate::{Application, codes, held};

/// Paths and contents, in the order of the paths.
pub(crate) type Files<'a> = BTreeMap<&'a str, &'a [u8]>;

const ROUTING: &str = "routing.xml";

/// Compiles, or gives every finding.
pub(crate) fn compile(files: Files<'_>) -> Result<Application, Vec<Finding>> {
    let mut findings = Vec::new();
    check_places(&files, &mut findings);
    let mut manifest = manifest::read(&files, &mut findings);
    let (model, mistakes) = Model::read(below(&files, "objects/", ".xml"));
    findings.extend(mistakes);
    held::classes(&mut manifest.wrappers, &model, &mut findings);
    let history = manifest.history(&model, &mut findings);
    let prompts = prompts(&files, &manifest.language, &mut findings);
    let data = data_files(&files, &model, &mut findings);
    let script_names = below(&files, "scripts/", ".xml").map(|(path, _)| stem(path).to_owned());
    let scope = caruso_routing::Scope {
        scripts: script_names.collect(),
        prompts: prompts.keys().cloned().collect(),
    };
    let (routing, queues) = routing(&files, &scope, &mut findings);
    let documents = script_documents(&files, &mut findings);
    let scope = script_scope(&manifest, &model, queues, &prompts, documents);
    let mut advice = Vec::new();
    let scripts = scripts(&scope, &mut findings, &mut advice);
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Err(findings);
    }
    let Manifest { id, titles, language, zone, wrappers, .. } = manifest;
    Ok(Application {
        id,
        titles,
        language,
        zone,
        wrappers,
        history,
        model: Arc::new(model),
        routing: Arc::new(routing),
        scripts,
        prompts,
        data,
        advice,
    })
}

/// The files of a folder with an ending; not those of folders below it.
fn below<'a>(
    files: &Files<'a>,
    folder: &'static str,
    ending: &'static str,
) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let files: Vec<_> = files.iter().map(|(path, content)| (*path, *content)).collect();
    files.into_iter().filter(move |(path, _)| {
        let name = path.strip_prefix(folder).and_then(|rest| rest.strip_suffix(ending));
        name.is_some_and(|name| !name.contains('/'))
    })
}

/// The name of a file without folders and ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// An XML file in a place where nobody looks is most likely a mistyped folder.
fn check_places(files: &Files<'_>, findings: &mut Vec<Finding>) {
    for needed in [manifest::FILE, ROUTING] {
        if !files.contains_key(needed) {
            let message = format!("the application has no file `{needed}`");
            let at = Location::start_of(needed);
            findings.push(Finding::new(codes::MISSING_FILE, &at, message));
        }
    }
    for path in files.keys().filter(|path| path.ends_with(".xml")) {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_known = match folder {
            "" => matches!(*path, manifest::FILE | ROUTING),
            folder => matches!(folder, "objects" | "scripts"),
        };
        if !is_known {
            let message = "nothing reads an XML file at this place";
            let known = ["application.xml", "routing.xml", "objects", "scripts"];
            let hint = suggest(if folder.is_empty() { path } else { folder }, known);
            let at = Location::start_of(path);
            findings.push(Finding::new(codes::MISPLACED_FILE, &at, message).with_suggestion(hint));
        }
    }
}

/// Prompts by id: those of the language, and those without one.
fn prompts(
    files: &Files<'_>,
    language: &str,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, String> {
    let mut prompts = BTreeMap::new();
    let of_language = format!("prompts/{language}/");
    for path in files.keys().filter(|path| path.ends_with(".wav")) {
        let is_common = path.strip_prefix("prompts/").is_some_and(|name| !name.contains('/'));
        if !is_common && !path.starts_with(&of_language) {
            continue;
        }
        if let Some(other) = prompts.insert(stem(path).to_owned(), (*path).to_owned()) {
            let message = format!("`{other}` has the same name");
            findings.push(Finding::new(codes::DUPLICATE, &Location::start_of(path), message));
        }
    }
    prompts
}

/// Files of data by class. Their rows are checked here, and read by whoever fills a database.
fn data_files(
    files: &Files<'_>,
    model: &Model,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, String> {
    findings.extend(Data::read(model, below(files, "data/", ".csv")).err().unwrap_or_default());
    let paths = below(files, "data/", ".csv").map(|(path, _)| path);
    paths.map(|path| (stem(path).to_owned(), path.to_owned())).collect()
}

/// The routing, and the queues that scripts may name: also those of a file with other mistakes.
fn routing(
    files: &Files<'_>,
    scope: &caruso_routing::Scope,
    findings: &mut Vec<Finding>,
) -> (Configuration, BTreeSet<String>) {
    let Some(content) = files.get(ROUTING) else { return Default::default() };
    let dtd = match Dtd::parse("routing.dtd", caruso_routing::DTD) {
        Ok(dtd) => dtd,
        Err(mistakes) => {
            findings.extend(mistakes);
            return Default::default();
        }
    };
    let (document, mistakes) = Document::recover(ROUTING, content, &dtd);
    findings.extend(mistakes);
    let Some(document) = document else { return Default::default() };
    let queues = document.root.children_named("queue");
    let queues = queues.filter_map(|queue| queue.value("id")).map(str::to_owned).collect();
    match caruso_routing::compile(&document, scope) {
        Ok(configuration) => (configuration, queues),
        Err(mistakes) => {
            findings.extend(mistakes);
            (Configuration::default(), queues)
        }
    }
}

fn script_scope(
    manifest: &Manifest,
    model: &Model,
    queues: BTreeSet<String>,
    prompts: &BTreeMap<String, String>,
    scripts: BTreeMap<String, Arc<Document>>,
) -> Scope {
    let mut operations = BTreeMap::new();
    for wrapper in &manifest.wrappers {
        for (name, operation) in &wrapper.operations {
            let parameter = |(name, (ty, is_required)): (&String, &(_, bool))| {
                let ty = caruso_expression::Type::clone(ty);
                let is_required = *is_required;
                (name.clone(), caruso_dialogue::Attribute { ty, is_required, is_derived: false })
            };
            let operation = caruso_dialogue::Operation {
                parameters: operation.parameters.iter().map(parameter).collect(),
                results: operation.results.clone(),
            };
            operations.insert(format!("{}.{name}", wrapper.name), operation);
        }
    }
    Scope {
        classes: model.classes().map(|class| (class.name.clone(), script_class(class))).collect(),
        queues,
        operations,
        scripts,
        prompts: prompts.keys().cloned().collect(),
        zone: jiff::tz::TimeZone::get(&manifest.zone).ok(),
        country: country(model),
    }
}

/// The country of all classes; nothing where they have several.
fn country(model: &Model) -> Option<Country> {
    let mut countries = model.classes().map(|class| class.country);
    let first = countries.next()?;
    countries.all(|other| other == first).then_some(first)
}

/// A class as scripts see it: attributes, and relations to one.
fn script_class(class: &Class) -> caruso_dialogue::Class {
    let attribute = |name: &String, member, is_required| {
        let is_derived = matches!(member, Member::Derived(_));
        (name.clone(), caruso_dialogue::Attribute { ty: type_of(member), is_required, is_derived })
    };
    let own = class
        .attributes()
        .iter()
        .map(|it| attribute(&it.name, Member::Attribute(it), must_be_given(class, it)));
    let derived = class.derived().iter();
    let derived = derived.map(|it| attribute(&it.name, Member::Derived(it), false));
    let relations = class.to_one().iter();
    let relations = relations.map(|it| attribute(&it.name, Member::ToOne(it), it.is_required));
    caruso_dialogue::Class {
        attributes: own.chain(derived).chain(relations).collect(),
        held_by: class.wrapper.clone().filter(|_| !class.is_writable),
    }
}

/// The documents of scripts by the names of their files, which are their ids.
fn script_documents(
    files: &Files<'_>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Arc<Document>> {
    let mut documents = BTreeMap::new();
    for (path, content) in below(files, "scripts/", ".xml") {
        let document = match Document::read(path, content, caruso_dialogue::dtd()) {
            Ok(document) => document,
            Err(mistakes) => {
                findings.extend(mistakes);
                continue;
            }
        };
        if let Some(id) = document.root.attribute("id").filter(|id| id.value != stem(path)) {
            let message = format!("the script's id is `{}`, its file's name is not", id.value);
            let hint = format!("write `{}`, or rename the file", stem(path));
            findings.push(id.finding(codes::NAME_OF_FILE, message).with_hint(hint));
        }
        documents.insert(stem(path).to_owned(), Arc::new(document));
    }
    documents
}

fn scripts(
    scope: &Scope,
    findings: &mut Vec<Finding>,
    advice: &mut Vec<Finding>,
) -> BTreeMap<String, Arc<Script>> {
    let mut scripts = BTreeMap::new();
    for document in scope.scripts.values() {
        match caruso_dialogue::compile(document, scope) {
            Ok(script) => {
                advice.extend(caruso_dialogue::lint(document));
                scripts.insert(script.id().to_owned(), Arc::new(script));
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    scripts
}
