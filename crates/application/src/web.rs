//! What everybody may start on the web.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_dialogue::{Channel, Script};
use caruso_markup::{Attribute, Document, Element, Finding, suggest};

use crate::codes;

/// Most bytes of a path.
const MOST_BYTES: usize = 64;
/// The path below which conversations have their pages.
const TAKEN: &str = "s";

/// Paths and scripts in the order of the file, each held against the scripts that there are. A
/// script with mistakes of its own is told by those alone.
pub(crate) fn published(
    elements: &[Element],
    scripts: &BTreeMap<String, Arc<Script>>,
    documents: &BTreeMap<String, Arc<Document>>,
    findings: &mut Vec<Finding>,
) -> Vec<(String, String)> {
    let mut published: Vec<(String, String)> = Vec::new();
    for element in elements {
        let (Some(path), Some(named)) = (element.attribute("path"), element.attribute("script"))
        else {
            continue;
        };
        findings.extend(wrong_path(path));
        if published.iter().any(|(known, _)| *known == path.value) {
            let message = format!("the path `{}` is taken", path.value);
            findings.push(path.finding(codes::DUPLICATE, message));
        }
        match scripts.get(&named.value) {
            Some(script) => findings.extend(closed(script, named)),
            None if documents.contains_key(&named.value) => {}
            None => {
                let message = format!("there is no script `{}`", named.value);
                let hint = suggest(&named.value, documents.keys().map(String::as_str));
                findings.push(named.finding(codes::WEB_SCRIPT, message).with_suggestion(hint));
            }
        }
        published.push((path.value.clone(), named.value.clone()));
    }
    published
}

fn wrong_path(path: &Attribute) -> Option<Finding> {
    let text = &path.value;
    let is_good = |it: char| it.is_ascii_lowercase() || it.is_ascii_digit() || it == '-';
    let message = match text.as_str() {
        TAKEN => format!("below `{TAKEN}` are the pages of conversations"),
        _ if text.len() <= MOST_BYTES && text.chars().all(is_good) => return None,
        _ => format!("`{text}` cannot be the path of a page"),
    };
    let hint = format!("use small letters, digits and hyphens, at most {MOST_BYTES}");
    Some(path.finding(codes::WEB_PATH, message).with_hint(hint))
}

/// Why nobody could start a script on the web.
fn closed(script: &Script, named: &Attribute) -> Option<Finding> {
    if !script.runs_on(Channel::Web) {
        let message = format!("`{}` does not run on the web", named.value);
        let hint = "write `web` among the `channels` of the script";
        return Some(named.finding(codes::WEB_SCRIPT, message).with_hint(hint));
    }
    let (needed, ..) = script.inputs().find(|(_, _, is_required)| *is_required)?;
    let message = format!("`{}` needs the input `{needed}`, which nobody gives there", named.value);
    let hint = "let the script ask for it, or make the input one that may be missing";
    Some(named.finding(codes::WEB_SCRIPT, message).with_hint(hint))
}
