//! Whether a script can be called from another.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_markup::{Document, Element};

use crate::codes;
use crate::parts::steps_named;

/// Why a script cannot be called from another, and what to do.
pub(super) fn trouble(caller: &Element, callee: &Element) -> Option<(String, String)> {
    let id = callee.value("id").unwrap_or_default();
    if callee.child("interrupt").is_some() {
        let message = format!("`{id}` has interrupts, which a called script cannot");
        return Some((message, "let the caller have them".to_owned()));
    }
    if steps_named(callee, "end").next().is_none() {
        let message = format!("`{id}` has no `end`, so that nothing can come after it");
        return Some((message, "give it an end, or hand off in this script".to_owned()));
    }
    let words = |root: &Element, name| root.value(name).unwrap_or_default().to_owned();
    let channels = words(callee, "channels");
    let own = words(caller, "channels");
    let lacks = |it: &&str| !channels.split_whitespace().any(|known| known == *it);
    if let Some(channel) = own.split_whitespace().find(lacks) {
        let message = format!("`{id}` does not run on `{channel}`, as this script does");
        return Some((message, format!("add `{channel}` to the channels of `{id}`")));
    }
    let (language, own) = (words(callee, "language"), words(caller, "language"));
    (language != own).then(|| {
        let message = format!("`{id}` speaks `{language}`, this script `{own}`");
        (message, "call a script of the same language".to_owned())
    })
}

/// Whether calls come back to a script, or are nested too deep.
pub(super) fn chained<'s>(
    scripts: &'s BTreeMap<String, Arc<Document>>,
    own: &str,
    id: &'s str,
    path: &mut Vec<&'s str>,
    looked: &mut usize,
) -> Option<(&'static str, String)> {
    path.push(id);
    *looked += 1;
    let shown = || path.iter().map(|it| format!("`{it}`")).collect::<Vec<_>>().join(", ");
    if id == own {
        return Some((codes::RECURSION, format!("the calls come back to `{own}`: {}", shown())));
    }
    if path.len() > crate::MAX_CALLS_DEEP || *looked > crate::MAX_STEPS {
        let most = crate::MAX_CALLS_DEEP;
        return Some((codes::SIZE, format!("calls are nested over {most} deep: {}", shown())));
    }
    let calls = scripts.get(id).into_iter().flat_map(|it| steps_named(&it.root, "call"));
    for called in calls.filter_map(|it| it.value("script")) {
        // one that calls itself says so where it stands
        if called != own && path.contains(&called) {
            continue;
        }
        if let Some(found) = chained(scripts, own, called, path, looked) {
            return Some(found);
        }
    }
    path.pop();
    None
}
