//! Interrupts: what may come at any time, in the graph a part of its own.
//!
//! As a roster is, an interrupt is two steps: `id/row`, where it begins, and `id`, where it is
//! over. Nothing leads to the one and nothing leads on from the other, so that what is known inside
//! begins with inputs and data, and what is outside never knows of it.

use std::collections::BTreeSet;

use caruso_expression::Type;
use caruso_markup::{Attribute, Element};

use super::Compiler;
use super::names::Names;
use crate::codes;
use crate::interrupts::{Interrupt, Trigger};
use crate::message::folded;
use crate::parts::{Part, row_of};
use crate::rows::{Roster, Rows};
use crate::script::{Channel, StepKind};

impl Compiler<'_> {
    /// What can be begun, in the order of the file.
    pub(super) fn interrupts(&mut self, root: &Element) -> Vec<Interrupt> {
        let mut interrupts: Vec<Interrupt> = Vec::new();
        let mut words = BTreeSet::new();
        for (element, number) in root.children_named("interrupt").zip(1..) {
            if number > crate::MAX_INTERRUPTS {
                let message = format!("there are over {} interrupts", crate::MAX_INTERRUPTS);
                self.findings.push(element.finding(codes::SIZE, message));
                break;
            }
            let when = element.attribute("when").and_then(|it| {
                let names = self.names.of_sources();
                self.formula(it, &names, Some(&Type::Bool))
            });
            let on = match element.value("on") {
                Some("hang-up") => Trigger::HangUp,
                _ => Trigger::Demand,
            };
            let channels = self.begun_on(element, on);
            if on == Trigger::HangUp {
                self.check_left(element, &channels);
            }
            let title =
                element.child("title").map(|it| self.text_of(it, &Names::new(self.scope), true));
            let Some(title) = title else { continue };
            let also = self.words_of(element, on, &mut words);
            let id = element.value("id").unwrap_or_default().to_owned();
            interrupts.push(Interrupt { id, title, on, channels, when, also, at: 0 });
        }
        interrupts
    }

    /// Where it can be begun.
    fn begun_on(&mut self, interrupt: &Element, on: Trigger) -> BTreeSet<Channel> {
        let own = self.channels.iter().copied().filter(|it| on.is_on(*it));
        let own: BTreeSet<Channel> = own.collect();
        let hint = match on {
            Trigger::Demand => "it can at the desk (agent), on the web and in messages",
            Trigger::HangUp => "calls are at the desk (agent) and on the telephone (ivr)",
        };
        let mut channels = BTreeSet::new();
        let Some(attribute) = interrupt.attribute("channels") else {
            if own.is_empty() {
                let message = "the interrupt can be begun on no channel of the script";
                let finding = interrupt.finding(codes::CHANNEL, message);
                self.findings.push(finding.with_hint(hint));
            }
            return own;
        };
        for word in attribute.value.split_whitespace() {
            let channel = self.channel_of(attribute, word);
            if let Some(channel) = channel.filter(|it| !on.is_on(*it)) {
                let message = format!("on `{}`, the interrupt cannot begin", channel.word());
                self.find(attribute, codes::CHANNEL, message, Some(hint.to_owned()));
            }
            channels.extend(channel);
        }
        channels
    }

    /// Where the customer has hung up, nobody can be handed off, and on the telephone nobody hears
    /// and answers.
    fn check_left(&mut self, interrupt: &Element, channels: &BTreeSet<Channel>) {
        for step in interrupt.elements().filter(|it| it.name != "title") {
            let is_heard = matches!(step.name.as_str(), "ask" | "page" | "matrix" | "info");
            let (message, hint) = match step.name.as_str() {
                "handoff" => {
                    ("the customer has hung up, and cannot be handed off", "end it instead")
                }
                _ if is_heard && channels.contains(&Channel::Ivr) => (
                    "on the telephone nobody is there any more when the customer has hung up",
                    "channels=\"agent\" on the interrupt, where the agent reads and answers it",
                ),
                _ => continue,
            };
            self.findings.push(step.finding(codes::CHANNEL, message).with_hint(hint));
        }
    }

    /// Words by which messages begin it, by language; none of them may mean an earlier one as well.
    fn words_of(
        &mut self,
        interrupt: &Element,
        on: Trigger,
        taken: &mut BTreeSet<(String, String)>,
    ) -> Vec<(String, Vec<String>)> {
        let mut all = Vec::new();
        let translated =
            interrupt.child("title").into_iter().flat_map(|it| it.children_named("in"));
        for element in std::iter::once(interrupt).chain(translated) {
            let Some(attribute) = element.attribute("also") else { continue };
            if on == Trigger::HangUp {
                let message = "it begins when the customer hangs up, and by no words".to_owned();
                let hint = "leave the words out".to_owned();
                self.find(attribute, codes::INTERRUPT, message, Some(hint));
            }
            let language = element.value("language").unwrap_or(&self.language).to_owned();
            let words: Vec<String> = attribute.value.split(',').map(folded).collect();
            for word in &words {
                let is_number = word.chars().all(|it| it.is_ascii_digit());
                if is_number || !taken.insert((language.to_lowercase(), word.clone())) {
                    self.say_word(attribute, word);
                }
            }
            all.push((language, words));
        }
        all
    }

    fn say_word(&mut self, attribute: &Attribute, word: &str) {
        let message = format!("`{word}` is no word, or stands for an interrupt already");
        let hint = "give each interrupt words of its own; numbers stand for choices".to_owned();
        self.find(attribute, codes::DUPLICATE, message, Some(hint));
    }

    /// Where it begins.
    pub(super) fn interrupt(&mut self, element: &Element) -> StepKind {
        let id = element.value("id").unwrap_or_default().to_owned();
        let title =
            element.child("title").map(|it| self.text_of(it, &Names::new(self.scope), true));
        let label = Box::new(title.unwrap_or_else(|| self.title_of(&id)));
        StepKind::Row(Box::new(Roster {
            id,
            each: String::new(),
            label,
            rows: Rows::Begun,
            fields: Vec::new(),
            another: None,
            rows_at: 0,
            another_at: None,
            inside: Vec::new(),
        }))
    }

    /// Nothing leads into an interrupt: it begins when it comes. Inside, only the way back leads
    /// to it.
    pub(super) fn check_begun(&mut self, steps: &[Part<'_>]) {
        let ids = steps.iter().map(|it| it.element).filter(|it| it.name == "interrupt");
        let ids: BTreeSet<&str> = ids.filter_map(|it| it.value("id")).collect();
        if ids.is_empty() {
            return;
        }
        for part in steps {
            let inside = part.rosters.last().and_then(|it| it.value("id"));
            let next = part.element.children_named("next").chain([part.element]);
            let ways = next.filter_map(|it| it.attribute("to").or_else(|| it.attribute("start")));
            for to in ways.filter(|it| ids.contains(it.value.as_str())) {
                if inside != Some(to.value.as_str()) {
                    let message = format!("`{}` is an interrupt, to which nothing leads", to.value);
                    let hint = format!("it is begun when it comes, at `{}`", row_of(&to.value));
                    self.find(to, codes::INTERRUPT, message, Some(hint));
                }
            }
        }
    }
}

/// Words about a step that leads into an interrupt or out of it; nothing where none is meant.
pub(super) fn across(
    to: &str,
    target: Option<&Element>,
    own: Option<&Element>,
) -> Option<(String, String)> {
    let id = |it: &Element| it.value("id").unwrap_or_default().to_owned();
    let is_interrupt = |it: &&Element| it.name == "interrupt";
    if let Some(interrupt) = target.filter(is_interrupt).map(id) {
        let message = format!("`{to}` stands in the interrupt `{interrupt}`");
        return Some((message, "an interrupt is begun when it comes, at its `start`".to_owned()));
    }
    let interrupt = own.filter(is_interrupt).map(id)?;
    let message = format!("`{to}` is no step of the interrupt `{interrupt}`");
    let hint = format!(
        "the way back is `to=\"{interrupt}\"`: the conversation then stands where it stood"
    );
    Some((message, hint))
}
