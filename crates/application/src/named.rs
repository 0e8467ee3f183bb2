//! The scripts that `routing.xml` names run where it needs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use caruso_dialogue::{Channel, Script};
use caruso_markup::{Attribute, Document, Finding};

use crate::codes;

/// A script that is named.
pub(crate) struct Named {
    /// Where.
    script: Attribute,
    /// Whether it opens at the desk; all others talk with callers.
    is_at_desk: bool,
    /// The language in which it is to begin, where that is said.
    language: Option<Attribute>,
}

/// All that the file names: those of queues open at the desk, all others talk with callers.
pub(crate) fn named(routing: &Document) -> Vec<Named> {
    let queues: Vec<_> = routing.root.children_named("queue").collect();
    let at_desk = queues.iter().copied().map(|element| (element, true));
    let within = ["callback", "announcement"].into_iter();
    let within = within.flat_map(|name| queues.iter().flat_map(move |it| it.children_named(name)));
    let called = routing.root.children_named("number").chain(within);
    let all = at_desk.chain(called.map(|element| (element, false)));
    let named = all.filter_map(|(element, is_at_desk)| {
        let script = element.attribute("script")?.clone();
        Some(Named { script, is_at_desk, language: element.attribute("language").cloned() })
    });
    named.collect()
}

impl Named {
    /// What is wrong with it; nothing of a script that is not sound itself.
    pub(crate) fn findings(&self, scripts: &BTreeMap<String, Arc<Script>>) -> Vec<Finding> {
        let Some(script) = scripts.get(&self.script.value) else { return Vec::new() };
        let unspoken = self.language.as_ref().and_then(|language| unspoken(script, language));
        self.runs_elsewhere(script).into_iter().chain(unspoken).collect()
    }

    fn runs_elsewhere(&self, script: &Script) -> Option<Finding> {
        let (channel, word, place) = match self.is_at_desk {
            true => (Channel::Agent, "agent", "at the desk"),
            false => (Channel::Ivr, "ivr", "on the telephone"),
        };
        if script.runs_on(channel) {
            return None;
        }
        let message = format!("`{}` does not run {place}", script.id());
        let hint = format!("write `{word}` among the `channels` of the script");
        Some(self.script.finding(codes::SCRIPT_CHANNEL, message).with_hint(hint))
    }
}

/// A number whose callers would hear another language than it says.
fn unspoken(script: &Script, language: &Attribute) -> Option<Finding> {
    let primary = |tag: &str| tag.split('-').next().unwrap_or_default().to_ascii_lowercase();
    if primary(script.language_for(&language.value)) == primary(&language.value) {
        return None;
    }
    let message = format!("`{}` is not spoken by `{}`", language.value, script.id());
    let known: Vec<&str> = script.languages().collect();
    let hint = format!("the script has {}", known.join(", "));
    Some(language.finding(codes::UNSPOKEN_LANGUAGE, message).with_hint(hint))
}
