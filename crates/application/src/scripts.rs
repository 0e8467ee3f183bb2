//! The files of dialogue scripts, and what companies put on those that they have from others.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_dialogue::{dtd, overlaid};
use caruso_markup::{Document, Finding, suggest};

use crate::codes;
use crate::compile::{Files, below, stem};

/// The documents of scripts by the names of their files, which are their ids, with what is put on
/// them.
pub(crate) fn documents(
    files: &Files<'_>,
    findings: &mut Vec<Finding>,
) -> BTreeMap<String, Arc<Document>> {
    let mut documents = BTreeMap::new();
    for (path, content) in below(files, "scripts/", ".xml") {
        let document = match Document::read(path, content, dtd()) {
            Ok(document) => document,
            Err(mistakes) => {
                findings.extend(mistakes);
                continue;
            }
        };
        if is_misplaced(&document, "script", "overlays", findings) {
            continue;
        }
        if let Some(id) = document.root.attribute("id").filter(|id| id.value != stem(path)) {
            let message = format!("the script's id is `{}`, its file's name is not", id.value);
            let hint = format!("write `{}`, or rename the file", stem(path));
            findings.push(id.finding(codes::NAME_OF_FILE, message).with_hint(hint));
        }
        documents.insert(stem(path).to_owned(), document);
    }
    for (script, overlays) in overlays(files, findings) {
        let Some(document) = documents.get_mut(&script) else {
            let named = overlays.iter().filter_map(|it| it.root.attribute("script"));
            let is_there = files.contains_key(format!("scripts/{script}.xml").as_str());
            findings.extend(named.filter(|_| !is_there).map(|named| {
                let hint = suggest(&script, documents.keys().map(String::as_str));
                let message = format!("there is no script `{script}` to put this on");
                named.finding(codes::OVERLAID_SCRIPT, message).with_suggestion(hint)
            }));
            continue;
        };
        let mistakes;
        (*document, mistakes) = overlaid(document, &overlays);
        findings.extend(mistakes);
    }
    documents.into_iter().map(|(id, document)| (id, Arc::new(document))).collect()
}

/// Overlays by the script that each is for.
fn overlays(files: &Files<'_>, findings: &mut Vec<Finding>) -> BTreeMap<String, Vec<Document>> {
    let mut overlays: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for (path, content) in below(files, "overlays/", ".xml") {
        match Document::read_part(path, content, dtd()) {
            Ok(overlay) => {
                if !is_misplaced(&overlay, "overlay", "scripts", findings) {
                    let script = overlay.root.value("script").unwrap_or_default().to_owned();
                    overlays.entry(script).or_default().push(overlay);
                }
            }
            Err(mistakes) => findings.extend(mistakes),
        }
    }
    overlays
}

/// Whether a file is of another kind than those of its folder, which is then said.
fn is_misplaced(document: &Document, kind: &str, other: &str, findings: &mut Vec<Finding>) -> bool {
    let is_misplaced = document.root.name != kind;
    if is_misplaced {
        let message = format!("the files of this folder are each a `{kind}`");
        let finding = document.root.finding(codes::MISPLACED_FILE, message);
        findings.push(finding.with_hint(format!("put it into the folder `{other}`")));
    }
    is_misplaced
}
