//! What is missing in a language that the script declares: texts, and on the telephone recordings.
//! It is said in another language instead, so the script runs.

use caruso_markup::{Element, Finding, Node};

use crate::codes;
use crate::languages::{is_same, ranges};
use crate::scope::Scope;
use crate::script::Channel;
use crate::texts::{Audience, Meant, chosen};

/// Most texts of which it is said one by one that they are not translated.
const MOST: usize = 20;

/// The languages and channels of a script.
struct Spoken<'d> {
    own: &'d str,
    others: Vec<&'d str>,
    channels: Vec<Channel>,
    scope: &'d Scope,
}

pub(super) fn translated(root: &Element, scope: &Scope) -> Vec<Finding> {
    let Some(declared) = root.attribute("languages") else { return Vec::new() };
    let own = root.value("language").unwrap_or_default();
    let others = declared.value.split_whitespace().filter(|it| !is_same(it, own));
    let spoken = Spoken { own, others: others.collect(), channels: channels_of(root), scope };
    let mut texts = Vec::new();
    for step in root.elements().filter(|it| it.name != "test") {
        collect(step, &mut texts);
    }
    // by their titles, customers begin them
    let interrupts = root.children_named("interrupt");
    let begun = interrupts.filter(|it| is_begun_by_customers(it, &spoken.channels));
    texts.extend(begun.filter_map(|it| it.child("title")));
    let mut untranslated: Vec<Finding> =
        texts.iter().filter_map(|text| spoken.untranslated(text)).collect();
    let more = untranslated.len().saturating_sub(MOST);
    untranslated.truncate(MOST);
    if more > 0 {
        let message = format!("{more} more texts are missing in one of these languages");
        untranslated.push(declared.finding(codes::UNTRANSLATED, message));
    }
    let unspoken = texts.iter().filter_map(|text| spoken.unspoken(text));
    untranslated.extend(unspoken);
    untranslated
}

fn channels_of(element: &Element) -> Vec<Channel> {
    let channels = element.value("channels").unwrap_or_default().split_whitespace();
    channels.filter_map(Channel::of).collect()
}

/// The texts that a customer is told. Notes and titles are for agents, who can do without.
fn collect<'d>(element: &'d Element, texts: &mut Vec<&'d Element>) {
    let is_told = matches!(
        element.name.as_str(),
        "say"
            | "check"
            | "choice"
            | "item"
            | "choices"
            | "low"
            | "high"
            | "no-input"
            | "no-match"
            | "subject"
            | "p"
    );
    if is_told {
        texts.push(element);
    }
    element.elements().for_each(|child| collect(child, texts));
}

fn is_begun_by_customers(interrupt: &Element, channels: &[Channel]) -> bool {
    let own = interrupt.attribute("channels").map(|_| channels_of(interrupt));
    let channels = own.as_deref().unwrap_or(channels);
    let is_customers = |it: &Channel| matches!(it, Channel::Message | Channel::Web);
    interrupt.value("on") != Some("hang-up") && channels.iter().any(is_customers)
}

/// Whether there are words in it, and not signs and values alone.
fn has_words(text: &Element) -> bool {
    text.children.iter().any(|it| match it {
        Node::Text(text) => text.value.chars().any(char::is_alphabetic),
        Node::Element(_) => false,
    })
}

impl Spoken<'_> {
    /// The channels on which a text is said.
    fn channels(&self, text: &Element) -> Vec<Channel> {
        match text.name.as_str() {
            "no-input" | "no-match" => vec![Channel::Ivr],
            _ if text.attribute("channels").is_some() => channels_of(text),
            _ => self.channels.clone(),
        }
    }

    /// What a text is in other languages and for other channels.
    fn variants<'t>(&self, text: &'t Element) -> Vec<(Meant, &'t Element)> {
        let variants = text.children_named("in").map(|it| {
            let language = it.value("language").unwrap_or(self.own).to_owned();
            (Meant { language, channel: it.value("channel").and_then(Channel::of) }, it)
        });
        variants.collect()
    }

    fn untranslated(&self, text: &Element) -> Option<Finding> {
        if !has_words(text) {
            return None;
        }
        let variants = self.variants(text);
        let channels = self.channels(text);
        let is_missing = |language: &&&str| {
            channels.iter().any(|channel| {
                let audience = Audience { language, channel: *channel };
                let place = chosen(variants.iter().map(|(it, _)| it), self.own, audience);
                let language = place.and_then(|it| variants.get(it)).map_or(self.own, |it| {
                    let (meant, _) = it;
                    meant.language.as_str()
                });
                !ranges(audience.language).any(|it| is_same(it, language))
            })
        };
        let missing: Vec<&str> = self.others.iter().filter(is_missing).copied().collect();
        let message = format!("the text is missing in {}", missing.join(", "));
        let hint = "say it in `in`; without that, it is said in another language";
        let finding = || text.finding(codes::UNTRANSLATED, message).with_hint(hint);
        (!missing.is_empty()).then(finding)
    }

    /// Translations that are written and cannot be heard.
    fn unspoken(&self, text: &Element) -> Option<Finding> {
        if !self.channels.contains(&Channel::Ivr) || !self.channels(text).contains(&Channel::Ivr) {
            return None;
        }
        let is_unheard = |(meant, it): &(Meant, &Element)| {
            let name = it.value("recording").or_else(|| text.value("recording"));
            let recorded = name.and_then(|it| self.scope.prompts.get(it));
            let is_played = meant.channel.is_none_or(|it| it == Channel::Ivr);
            is_played && recorded.is_some_and(|it| it.id(&meant.language).is_none())
        };
        let unheard = self.variants(text).into_iter().filter(is_unheard);
        let unheard: Vec<String> = unheard.map(|(meant, _)| meant.language).collect();
        let message = format!("the text is not recorded in {}", unheard.join(", "));
        let hint = "put the recording into `prompts/LANGUAGE`; until then, another is played";
        let finding = || text.finding(codes::UNSPOKEN, message).with_hint(hint);
        (!unheard.is_empty()).then(finding)
    }
}
