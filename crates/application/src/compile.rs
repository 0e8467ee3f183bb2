//! All files together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use caruso_dialogue::{Recorded, Scope, Script, Vocabularies};
use caruso_markup::{Document, Dtd, Finding, Location, suggest};
use caruso_object_model::{Class, Data, Member, Model, type_of};
use caruso_routing::Configuration;

use crate::callers::{self, Callers};
use crate::manifest::{self, Manifest, must_be_given};
use crate::named::{self, Named};
use crate::{Application, Unheard, codes, held, scripts, web};

/// Paths and contents, in the order of the paths.
pub(crate) type Files<'a> = BTreeMap<&'a str, &'a [u8]>;

const ROUTING: &str = "routing.xml";
/// Folder of what a company puts on the routing that it has from others.
const ROUTING_OVERLAYS: &str = "overlays/routing";
/// Folder of recorded words and sentences, below that of their language.
const PHRASES: &str = "phrases";

/// Compiles, or gives every finding.
pub(crate) fn compile(files: Files<'_>) -> Result<Application, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut manifest = manifest::read(&files, &mut findings);
    check_places(&files, &manifest, &mut findings);
    let (model, mistakes) = Model::read(below(&files, "objects/", ".xml"));
    findings.extend(mistakes);
    held::classes(&mut manifest.wrappers, &model, &mut findings);
    held::configured(&mut manifest.wrappers, &files, &mut findings);
    let history = manifest.history(&model, &mut findings);
    let prompts = prompts(&files, &manifest.language, &mut findings);
    let data = data_files(&files, &model, &mut findings);
    let script_names = below(&files, "scripts/", ".xml").map(|(path, _)| stem(path).to_owned());
    let scope = caruso_routing::Scope {
        scripts: script_names.collect(),
        prompts: prompts.keys().cloned().collect(),
    };
    let read = routing(&files, &scope, &mut findings);
    let Routing { configuration: routing, advice: routing_advice, queues, .. } = read;
    let (routing_document, reasons, named) = (read.document, read.reasons, read.scripts);
    let scope = caruso_reports::Scope { queues: queues.clone(), reasons };
    let (reports, mistakes) = caruso_reports::read(below(&files, "reports/", ".xml"), &scope);
    findings.extend(mistakes);
    let documents = scripts::documents(&files, &mut findings);
    let scope = script_scope(&manifest, &model, &routing, queues, &prompts, documents);
    let mut advice = Vec::new();
    let scripts = compiled(&scope, &mut findings, &mut advice);
    let web = web::published(&manifest.web, &scripts, &scope.scripts, &mut findings);
    findings.extend(named.iter().flat_map(|it| it.findings(&scripts)));
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Err(findings);
    }
    let unheard = unheard(&scripts);
    let Manifest { id, titles, language, zone, wrappers, .. } = manifest;
    Ok(Application {
        id,
        titles,
        language,
        zone,
        wrappers,
        web,
        history,
        callers: Callers::of(&model, &routing),
        model: Arc::new(model),
        routing: Arc::new(routing),
        routing_document: routing_document.map(Arc::new),
        reports,
        scripts,
        documents: scope.scripts,
        prompts,
        data,
        advice,
        routing_advice,
        unheard,
    })
}

/// The files of a folder with an ending; not those of folders below it.
pub(crate) fn below<'a>(
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
pub(crate) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// An XML file in a place where nobody looks is most likely a mistyped folder.
fn check_places(files: &Files<'_>, manifest: &Manifest, findings: &mut Vec<Finding>) {
    for needed in [manifest::FILE, ROUTING] {
        if !files.contains_key(needed) {
            let message = format!("the application has no file `{needed}`");
            let at = Location::start_of(needed);
            findings.push(Finding::new(codes::MISSING_FILE, &at, message));
        }
    }
    let is_wrapper = |path: &str| manifest.wrappers.iter().any(|it| it.program == path);
    let elsewhere = files.keys().filter(|path| path.ends_with(".xml") && !is_wrapper(path));
    for path in elsewhere {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let is_known = match folder {
            "" => matches!(*path, manifest::FILE | ROUTING),
            "objects" | "overlays" | "reports" | "scripts" | ROUTING_OVERLAYS => true,
            _ => false,
        };
        if !is_known {
            let message = "nothing reads an XML file at this place";
            let known =
                ["application.xml", "routing.xml", "objects", "overlays", "reports", "scripts"];
            let hint = suggest(if folder.is_empty() { path } else { folder }, known);
            let at = Location::start_of(path);
            findings.push(Finding::new(codes::MISPLACED_FILE, &at, message).with_suggestion(hint));
        }
    }
}

/// Prompts by id: those of the application's language and those without one by their name, others
/// by language and name, as `nl/welcome`.
fn prompts(
    files: &Files<'_>,
    language: &str,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, String> {
    let mut prompts = BTreeMap::new();
    for path in files.keys().filter(|path| path.ends_with(".wav")) {
        let id = match language_of(path) {
            None => match phrase(path) {
                Some((folder, name)) => format!("{folder}/{PHRASES}/{name}"),
                None => continue,
            },
            Some("") => stem(path).to_owned(),
            Some(other) if other.eq_ignore_ascii_case(language) => stem(path).to_owned(),
            Some(other) => format!("{other}/{}", stem(path)),
        };
        if let Some(other) = prompts.insert(id, (*path).to_owned()) {
            let message = format!("`{other}` has the same name");
            findings.push(Finding::new(codes::DUPLICATE, &Location::start_of(path), message));
        }
    }
    prompts
}

/// The folder of a prompt, which is its language; empty for one without, nothing for another file.
fn language_of(path: &str) -> Option<&str> {
    let below = path.strip_prefix("prompts/")?;
    let (folder, _) = below.rsplit_once('/').unwrap_or(("", below));
    (!folder.contains('/')).then_some(folder)
}

/// The language and the name of a recorded word or sentence; nothing for another file.
fn phrase(path: &str) -> Option<(&str, &str)> {
    let (language, file) = path.strip_prefix("prompts/")?.split_once('/')?;
    let name = file.strip_prefix(PHRASES)?.strip_prefix('/')?.strip_suffix(".wav")?;
    (!name.contains('/')).then_some((language, name))
}

/// Recorded words and sentences by language.
fn vocabularies(prompts: &BTreeMap<String, String>) -> Vocabularies {
    let mut all: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (id, path) in prompts {
        let Some((language, name)) = phrase(path) else { continue };
        let words = all.entry(language.to_ascii_lowercase()).or_default();
        words.insert(name.to_owned(), id.clone());
    }
    all.into_iter().map(|(language, words)| (language, Arc::new(words))).collect()
}

/// Prompts as scripts name them.
fn recorded(prompts: &BTreeMap<String, String>) -> BTreeMap<String, Recorded> {
    let mut recorded: BTreeMap<String, Recorded> = BTreeMap::new();
    for (id, path) in prompts {
        let Some(language) = language_of(path).map(str::to_owned) else { continue };
        let of_name = recorded.entry(stem(path).to_owned()).or_default();
        of_name.ids.insert(language, id.clone());
    }
    recorded
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

/// What `routing.xml` says.
#[derive(Default)]
struct Routing {
    configuration: Configuration,
    /// With its overlays; nothing where there is none to be read.
    document: Option<Document>,
    /// What is no mistake of it.
    advice: Vec<Finding>,
    /// The queues that scripts may name: also those of a file with other mistakes.
    queues: BTreeSet<String>,
    /// The reasons that reports may name, in the same way.
    reasons: BTreeSet<String>,
    /// The scripts that it names.
    scripts: Vec<Named>,
}

/// What nobody recorded, each place once, whatever scripts call the one in which it stands.
fn unheard(scripts: &BTreeMap<String, Arc<Script>>) -> Vec<Unheard> {
    let mut places: BTreeMap<&Finding, bool> = BTreeMap::new();
    for it in scripts.values().flat_map(|it| it.unheard()) {
        *places.entry(&it.finding).or_default() |= it.is_question;
    }
    let places = places.into_iter();
    places.map(|(it, is_question)| Unheard { finding: it.clone(), is_question }).collect()
}

fn routing(
    files: &Files<'_>,
    scope: &caruso_routing::Scope,
    findings: &mut Vec<Finding>,
) -> Routing {
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
    let document = routing_with_overlays(document, files, &dtd, findings);
    let queues = document.root.children_named("queue");
    let queues = queues.filter_map(|queue| queue.value("id")).map(str::to_owned).collect();
    let reasons = document.root.children_named("reasons");
    let reasons = reasons.flat_map(|it| it.children_named("reason"));
    let reasons = reasons.filter_map(|it| it.value("id")).map(str::to_owned).collect();
    let scripts = named::named(&document);
    let compiled = caruso_routing::compile(&document, scope);
    let configuration = compiled.unwrap_or_else(|mistakes| {
        findings.extend(mistakes);
        Configuration::default()
    });
    let advice = caruso_routing::advice(&document, &configuration);
    Routing { configuration, document: Some(document), advice, queues, reasons, scripts }
}

/// The routing with what the company puts on it.
fn routing_with_overlays(
    document: Document,
    files: &Files<'_>,
    dtd: &Dtd,
    findings: &mut Vec<Finding>,
) -> Document {
    let mut overlays = Vec::new();
    for (path, content) in below(files, "overlays/routing/", ".xml") {
        match Document::read_part(path, content, dtd) {
            Ok(overlay) if overlay.root.name == "routing-overlay" => overlays.push(overlay),
            Ok(other) => {
                let message = "the files of this folder are each a `routing-overlay`";
                findings.push(other.root.finding(codes::MISPLACED_FILE, message));
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    if overlays.is_empty() {
        return document;
    }
    let (document, mistakes) = caruso_routing::overlaid(&document, &overlays, dtd);
    findings.extend(mistakes);
    document
}

fn script_scope(
    manifest: &Manifest,
    model: &Model,
    routing: &Configuration,
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
    let attributes = routing.attributes.iter();
    let attributes = attributes.map(|(name, it)| (name.clone(), it.ty.to_expression(name)));
    Scope {
        contact_attributes: attributes.collect(),
        classes: model.classes().map(|class| (class.name.clone(), script_class(class))).collect(),
        queues,
        operations,
        scripts,
        prompts: recorded(prompts),
        vocabularies: vocabularies(prompts),
        zone: jiff::tz::TimeZone::get(&manifest.zone).ok(),
        country: callers::of_all(model),
    }
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
    let sensitive = class.attributes().iter().filter(|it| it.is_sensitive);
    caruso_dialogue::Class {
        sensitive: sensitive.map(|it| it.name.clone()).collect(),
        attributes: own.chain(derived).chain(relations).collect(),
        held_by: class.wrapper.clone().filter(|_| !class.is_writable),
    }
}

/// The scripts that are sound.
fn compiled(
    scope: &Scope,
    findings: &mut Vec<Finding>,
    advice: &mut Vec<Finding>,
) -> BTreeMap<String, Arc<Script>> {
    let mut scripts = BTreeMap::new();
    for document in scope.scripts.values() {
        match caruso_dialogue::compile(document, scope) {
            Ok(script) => {
                advice.extend(caruso_dialogue::lint(document, scope));
                advice.extend(script.advice().iter().cloned());
                scripts.insert(script.id().to_owned(), Arc::new(script));
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    scripts
}
