//! A wrapper's file, by the kind that its element says.

use std::collections::BTreeMap;

use caruso_markup::{Document, Dtd, Element, Finding, suggest};

use crate::{Configured, Contents, HeldClass, Kind, codes, command, files, mail, rest, soap};

const DTD: &str = include_str!("../../../scripts-dtd/wrapper.dtd");
/// The elements that are kinds of wrappers.
const KINDS: [&str; 5] = ["files", "command", "rest", "soap", "mail"];

pub(crate) fn read(
    path: &str,
    contents: &Contents<'_>,
    classes: &BTreeMap<String, HeldClass>,
    findings: &mut Vec<Finding>,
) -> Option<Configured> {
    let content = contents.get(path)?;
    let dtd = match Dtd::parse("wrapper.dtd", DTD) {
        Ok(dtd) => dtd,
        Err(mistakes) => {
            findings.extend(mistakes);
            return None;
        }
    };
    let (document, mistakes) = Document::recover(path, content, &dtd);
    let is_whole = mistakes.is_empty();
    findings.extend(mistakes);
    let root = document?.root;
    if !is_whole && KINDS.contains(&root.name.as_str()) {
        // its mistakes have been found, and what else is wrong may come of them
        return None;
    }
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    let (kind, operations) = match root.name.as_str() {
        "files" => (Kind::Files(files::read(&root, classes, findings)), BTreeMap::new()),
        "command" => {
            without_classes(&root, classes, findings);
            let (command, operations) = command::read(&root, folder, contents, findings);
            (Kind::Command(command), operations)
        }
        "rest" => {
            let (rest, operations) = rest::read(&root, folder, (contents, classes), findings)?;
            (Kind::Rest(rest), operations)
        }
        "soap" => {
            without_classes(&root, classes, findings);
            let (soap, operations) = soap::read(&root, folder, contents, findings)?;
            (Kind::Soap(soap), operations)
        }
        "mail" => {
            without_classes(&root, classes, findings);
            let (mail, operations) = mail::read(&root, findings);
            (Kind::Mail(mail), operations)
        }
        other => {
            let message = format!("`{other}` is no kind of wrapper");
            let finding = root.finding(codes::UNKNOWN_KIND, message);
            let hint = format!("its element is one of: {}", KINDS.join(", "));
            findings.push(finding.with_hint(hint));
            return None;
        }
    };
    let stand_in = stand_in(&root, folder, contents, findings);
    Some(Configured { kind, operations, stand_in })
}

/// The path of the program that stands in for the other system, if one is named.
fn stand_in(
    root: &Element,
    folder: &str,
    contents: &Contents<'_>,
    findings: &mut Vec<Finding>,
) -> Option<String> {
    let written = root.attribute("stand-in")?;
    let path = format!("{folder}{written}");
    if !contents.contains_key(path.as_str()) {
        let message = format!("file `{path}` does not exist in the application");
        let hint = suggest(&path, contents.keys().copied());
        findings.push(written.finding(codes::UNKNOWN_FILE, message).with_suggestion(hint));
    }
    Some(path)
}

/// The model must not say that a wrapper holds classes whose kind has none.
fn without_classes(
    root: &Element,
    classes: &BTreeMap<String, HeldClass>,
    findings: &mut Vec<Finding>,
) {
    for name in classes.keys() {
        let message = format!("class `{name}` is held by this wrapper, which only has operations");
        findings.push(root.finding(codes::UNFIT_CLASS, message));
    }
}
