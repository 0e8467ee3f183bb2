//! Texts: what stands in them, and whether they can be shown in the languages and on the channels
//! for which they are written.

use std::collections::BTreeSet;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element, Node, suggest};

use super::Compiler;
use super::names::Names;
use crate::codes;
use crate::languages::{is_same, is_tag};
use crate::message::folded;
use crate::script::{Channel, Choice, Prompt, Role};
use crate::template::{Piece, Template};
use crate::texts::{Meant, Text, Variant};
use crate::words::{Format, Words};

impl Compiler<'_> {
    /// The languages that a script has beside its own.
    pub(super) fn languages(&mut self, root: &Element) {
        let mut named = BTreeSet::new();
        for name in ["language", "languages"] {
            let Some(attribute) = root.attribute(name) else { continue };
            for tag in attribute.value.split_whitespace() {
                if !is_tag(tag) {
                    let message = format!("`{tag}` is no language");
                    let hint = "name it as BCP 47 does: en, nl-BE".to_owned();
                    self.find(attribute, codes::LANGUAGE, message, Some(hint));
                } else if name == "languages" && !named.insert(tag.to_ascii_lowercase()) {
                    let message = format!("the language `{tag}` stands twice");
                    self.find(attribute, codes::DUPLICATE, message, None);
                } else if name == "languages" && !is_same(tag, &self.language) {
                    self.others.push(tag.to_owned());
                }
            }
        }
    }

    /// What is shown at a step.
    pub(super) fn prompts(&mut self, step: &Element, names: &Names<'_>) -> Vec<Prompt> {
        let mut prompts: Vec<(&Element, Prompt)> = Vec::new();
        for element in step.elements() {
            let role = match element.name.as_str() {
                "say" => Role::Say,
                "note" => Role::Note,
                "no-input" => Role::NoInput,
                "no-match" => Role::NoMatch,
                _ => continue,
            };
            let text = self.text(element, names);
            let prompt = Prompt { role, text, channels: self.channels_of(element, role) };
            prompts.push((element, prompt));
        }
        self.hear(step, &prompts);
        prompts.into_iter().map(|(_, prompt)| prompt).collect()
    }

    /// The channels to which a text is restricted; nothing where it is not.
    fn channels_of(&mut self, element: &Element, role: Role) -> Option<BTreeSet<Channel>> {
        let attribute = element.attribute("channels")?;
        let mut channels = BTreeSet::new();
        for word in attribute.value.split_whitespace() {
            if let Some(channel) = self.channel_of(attribute, word) {
                if !role.belongs_to(channel) {
                    let message = format!("`{}` is not shown on `{word}`", element.name);
                    self.find(attribute, codes::CHANNEL, message, None);
                }
                channels.insert(channel);
            }
        }
        Some(channels)
    }

    /// A channel of the script.
    pub(super) fn channel_of(&mut self, attribute: &Attribute, word: &str) -> Option<Channel> {
        let channel = Channel::of(word).filter(|it| self.channels.contains(it));
        if channel.is_none() {
            let message = format!("the script does not run on `{word}`");
            let hint = suggest(word, self.channels.iter().map(|it| it.word()));
            self.find(attribute, codes::CHANNEL, message, hint);
        }
        channel
    }

    /// A text with what it is in other languages and for other channels.
    pub(super) fn text(&mut self, element: &Element, names: &Names<'_>) -> Text {
        self.text_of(element, names, element.name == "choice")
    }

    /// The same, of what may have other words by which it is chosen.
    pub(super) fn text_of(
        &mut self,
        element: &Element,
        names: &Names<'_>,
        is_chosen: bool,
    ) -> Text {
        let meant = Meant { language: self.language.clone(), channel: None };
        let template = self.template(element, element, &meant.language, names);
        let recording = element.attribute("recording");
        let recordings = recording.map(|it| self.recordings(it, &template, true));
        let own = Variant { meant, template, recordings: recordings.unwrap_or_default() };
        let mut others: Vec<Variant> = Vec::new();
        for other in element.children_named("in") {
            let Some(meant) = self.meant(other) else { continue };
            if others.iter().map(|it| &it.meant).chain([&own.meant]).any(|it| *it == meant) {
                let message = "the text stands here twice for the same language and channel";
                self.findings.push(other.finding(codes::DUPLICATE, message));
            }
            let template = self.template(other, element, &meant.language, names);
            if template.pieces.is_empty() {
                let message = "the text is empty";
                self.findings.push(other.finding(codes::TEXT, message));
            }
            if let Some(also) = other.attribute("also").filter(|_| !is_chosen) {
                let message = format!("a `{}` cannot be chosen", element.name);
                self.find(also, codes::TEXT, message, None);
            }
            let named = other.attribute("recording");
            if let Some(named) = named.filter(|_| !may_be_recorded(element)) {
                let message = format!("`{}` is not played", element.name);
                self.find(named, codes::TEXT, message, None);
            }
            let name = named.or(recording);
            let recordings = name.map(|it| self.recordings(it, &template, false));
            let recordings = recordings.unwrap_or_default();
            others.push(Variant { meant, template, recordings });
        }
        Text::new(own, others)
    }

    /// Other words for a choice, by language; none of them may mean an earlier choice as well.
    pub(super) fn also(
        &mut self,
        choice: &Element,
        others: &[Choice],
    ) -> Vec<(String, Vec<String>)> {
        let mut all: Vec<(String, Vec<String>)> = Vec::new();
        for element in std::iter::once(choice).chain(choice.children_named("in")) {
            let Some(attribute) = element.attribute("also") else { continue };
            let language = element.value("language").unwrap_or(&self.language).to_owned();
            let words: Vec<String> = attribute.value.split(',').map(folded).collect();
            for word in &words {
                let means = |(tag, words): &(String, Vec<String>)| {
                    is_same(tag, &language) && words.contains(word)
                };
                if word.is_empty() || others.iter().any(|it| it.also.iter().any(means)) {
                    let message = format!("`{word}` says nothing, or means another choice too");
                    self.find(attribute, codes::DUPLICATE, message, None);
                }
            }
            all.push((language, words));
        }
        all
    }

    /// For whom a translation is.
    fn meant(&mut self, other: &Element) -> Option<Meant> {
        let (language, channel) = (other.attribute("language"), other.attribute("channel"));
        if language.is_none() && channel.is_none() {
            let message = "for which language or channel is it?";
            let finding = other.finding(codes::LANGUAGE, message);
            self.findings.push(finding.with_hint("say `language`, `channel`, or both"));
            return None;
        }
        let tag = language.map_or(self.language.as_str(), |it| it.value.as_str());
        let known = || std::iter::once(&self.language).chain(&self.others);
        let Some(tag) = known().find(|it| is_same(it, tag)).cloned() else {
            let message = format!("the script does not declare the language `{tag}`");
            let known: Vec<&str> = known().map(String::as_str).collect();
            let hint = format!("it has {}: add it to `languages`", known.join(", "));
            self.find(language?, codes::LANGUAGE, message, Some(hint));
            return None;
        };
        let channel = match channel {
            Some(attribute) => Some(self.channel_of(attribute, &attribute.value)?),
            None => None,
        };
        Some(Meant { language: tag, channel })
    }

    /// The ids of the recorded prompts of a text in its language: of `reading`, where it holds
    /// values `reading-1`, `reading-2` and so on for the texts between them. Where one is not
    /// recorded in that language, a translation is not heard, which is advice and no mistake.
    fn recordings(&mut self, name: &Attribute, text: &Template, is_own: bool) -> Vec<String> {
        let parts = 1..=text.audible_texts();
        let names: Vec<String> = match text.has_values() {
            true => parts.map(|part| format!("{}-{part}", name.value)).collect(),
            false => vec![name.value.clone()],
        };
        let ids = names.iter().map(|it| self.recording(name, it, &text.language, is_own));
        // all are looked at, so that each that is missing is found
        let ids: Vec<Option<String>> = ids.collect();
        ids.into_iter().collect::<Option<_>>().unwrap_or_default()
    }

    /// The id of a recorded prompt in a language; `at` is where it is named.
    fn recording(
        &mut self,
        at: &Attribute,
        name: &str,
        language: &str,
        is_own: bool,
    ) -> Option<String> {
        let scope = self.scope;
        let known = &scope.prompts;
        let recorded = known.get(name);
        let id = recorded.and_then(|it| it.id(language)).map(str::to_owned);
        if recorded.is_none() {
            let hint = suggest(name, known.keys().map(String::as_str));
            let message = format!("there is no recorded prompt `{name}`");
            self.find(at, codes::UNKNOWN_RECORDING, message, hint);
        } else if id.is_none() && is_own {
            let message = format!("`{name}` is not recorded in `{language}`");
            self.find(at, codes::UNKNOWN_RECORDING, message, None);
        }
        id
    }

    /// Text and values, white space between words tidied. `element` is that in which it stands.
    fn template(
        &mut self,
        text: &Element,
        element: &Element,
        language: &str,
        names: &Names<'_>,
    ) -> Template {
        let mut pieces: Vec<Piece> = Vec::new();
        for child in &text.children {
            match child {
                Node::Text(text) => match pieces.last_mut() {
                    Some(Piece::Text(before)) => {
                        *before = tidy(&format!("{before} {}", text.value));
                    }
                    Some(Piece::Value { .. }) => pieces.push(Piece::Text(tidy(&text.value))),
                    None if text.value.trim().is_empty() => {}
                    None => pieces.push(Piece::Text(tidy(&text.value).trim_start().to_owned())),
                },
                Node::Element(child) if child.name == "v" => {
                    if !may_have_values(element) {
                        let message = format!("`{}` has no values in it", element.name);
                        self.findings.push(child.finding(codes::TEXT, message));
                    } else if let Some(of) = child.attribute("of") {
                        let shown = self.shown_value(of, child.attribute("format"), names);
                        if let Some(Piece::Value { formula, .. }) = &shown {
                            self.check_private(of, element, formula, names);
                        }
                        pieces.extend(shown);
                    }
                }
                // what it is in another language
                Node::Element(_) => {}
            }
        }
        if let Some(Piece::Text(last)) = pieces.last_mut() {
            last.truncate(last.trim_end().len());
        }
        pieces.retain(|it| !matches!(it, Piece::Text(text) if text.is_empty()));
        let words = Words::new(language, self.zone.clone());
        Template { pieces, words, language: language.to_owned() }
    }

    fn shown_value(
        &mut self,
        of: &Attribute,
        format: Option<&Attribute>,
        names: &Names<'_>,
    ) -> Option<Piece> {
        let formula = self.formula(of, names, None)?;
        let labels = formula.bare_name().and_then(|it| names.labels.get(it)).cloned();
        let problem = match formula.ty() {
            // several choices have their words
            Type::List(_) if labels.is_some() => None,
            Type::Optional(_) | Type::Null => Some(format!("`{}` may be missing", of.value)),
            Type::List(_) | Type::Object(_) => Some("a list or an object has no words".to_owned()),
            _ => None,
        };
        if let Some(problem) = problem {
            let hint = formula.ty().is_optional();
            let hint = hint.then(|| "give a default with `.or(…)`".to_owned());
            self.find(of, codes::TEXT, problem, hint);
            return None;
        }
        let format = match format {
            Some(attribute) => self.format(attribute, formula.ty()),
            None => Format::Long,
        };
        Some(Piece::Value { formula, format, labels })
    }

    fn format(&mut self, attribute: &Attribute, ty: &Type) -> Format {
        let (format, is_right, wanted) = match attribute.value.as_str() {
            "short" => {
                (Format::Short, matches!(ty, Type::Date | Type::Instant), "a date or an instant")
            }
            "spelled" => {
                (Format::Spelled, matches!(ty, Type::Text | Type::Int), "a text or a whole number")
            }
            _ => (Format::Long, true, ""),
        };
        if !is_right {
            let message = format!("only {wanted} is written {}", attribute.value);
            self.find(attribute, codes::TEXT, message, None);
        }
        format
    }
}

/// Whether values may stand in texts of an element.
fn may_have_values(element: &Element) -> bool {
    matches!(element.name.as_str(), "say" | "note" | "check" | "choices" | "row" | "subject" | "p")
}

fn may_be_recorded(element: &Element) -> bool {
    matches!(element.name.as_str(), "say" | "item" | "no-input" | "no-match")
}

/// White space between words becomes one blank, also at the ends.
fn tidy(text: &str) -> String {
    let mut tidy = String::new();
    for c in text.chars() {
        if !c.is_whitespace() {
            tidy.push(c);
        } else if !tidy.ends_with(' ') {
            tidy.push(' ');
        }
    }
    tidy
}
