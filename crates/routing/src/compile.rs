//! From `routing.xml` to a [`Configuration`], with every mistake at its place.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{DispositionId, NotAName, QueueId, ReasonId, ScriptId, Strategy, reason};
use caruso_markup::{Attribute, Document, Element, Finding, suggest};

use self::hours::AllHours;
use crate::configuration::{Configuration, Number, Queue, Titles, WrapUp};
use crate::{DEFAULT_OFFER_TIMEOUT, DEFAULT_WRAP_UP_TIME, OutboundRules, codes};

mod announcement;
mod callback;
mod capacity;
mod hours;
mod needs;
mod outbound;
mod outside;
mod overflow;
mod preferred_agent;
mod roster;
mod starving;
mod voicemail;

pub use roster::unmet;
pub use starving::advice;

/// What the rest of the application offers to `routing.xml`.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    /// Names of its dialogue scripts.
    pub scripts: BTreeSet<String>,
    /// Ids of its prompts.
    pub prompts: BTreeSet<String>,
}

/// Compiles a document that was read with `routing.dtd`.
///
/// # Errors
/// All mistakes of meaning at once, in the order of the file.
pub fn compile(document: &Document, scope: &Scope) -> Result<Configuration, Vec<Finding>> {
    let purposes = document.root.child("outbound").into_iter();
    let purposes = purposes.flat_map(|it| it.children_named("purpose"));
    let purposes = purposes.filter_map(|it| it.value("id").map(str::to_owned)).collect();
    let mut compiler = Compiler { scope, purposes, findings: Vec::new() };
    let configuration = compiler.routing(&document.root);
    if compiler.findings.is_empty() {
        Ok(configuration)
    } else {
        compiler.findings.sort();
        Err(compiler.findings)
    }
}

struct Compiler<'a> {
    scope: &'a Scope,
    /// What calls to customers may be about.
    purposes: BTreeSet<String>,
    findings: Vec<Finding>,
}

impl Compiler<'_> {
    fn routing(&mut self, root: &Element) -> Configuration {
        let age = self.duration(root, "age", 1..=3600);
        let mut configuration = Configuration { age, ..Configuration::default() };
        let reasons = root.child("reasons");
        for element in reasons.into_iter().flat_map(|it| it.children_named("reason")) {
            self.reason(element, &mut configuration);
        }
        for element in root.children_named("pause") {
            self.pause(element, &mut configuration);
        }
        for element in root.children_named("capacity") {
            self.capacity(element, &mut configuration);
        }
        for element in root.children_named("skill") {
            self.skill(element, &mut configuration);
        }
        for element in root.children_named("attribute") {
            self.attribute(element, &mut configuration);
        }
        let hours = self.all_hours(root);
        for element in root.children_named("queue") {
            self.queue(element, &hours, &mut configuration);
        }
        let queues = root.children_named("queue").filter_map(|queue| queue.value("id"));
        let queues: BTreeSet<&str> = queues.collect();
        for element in root.children_named("team") {
            self.team(element, &queues, &mut configuration);
        }
        for element in root.children_named("number") {
            self.number(element, &mut configuration);
        }
        let outbound = root.child("outbound");
        let rules = outbound.and_then(|it| {
            let rules = self.outbound(it, &hours)?;
            let destinations = self.destinations(it, &rules, &configuration.numbers);
            Some(OutboundRules { destinations, ..rules })
        });
        configuration.outbound = rules.map(Arc::new);
        self.nobody_serves(root, &configuration);
        self.circles(root);
        configuration
    }

    fn reason(&mut self, element: &Element, configuration: &mut Configuration) {
        let titles = self.titles(element);
        let Some(attribute) = element.attribute("id") else { return };
        let Some(id) = self.name(attribute, ReasonId::new) else { return };
        if reason::ALL.contains(&id.as_str()) {
            let message = format!("the reason `{id}` is one that the system itself gives");
            self.findings.push(attribute.finding(codes::RESERVED_REASON, message));
        } else if configuration.has_reason(&id) {
            self.duplicate(attribute, "reason");
        } else {
            configuration.reasons.push((id, titles));
        }
    }

    fn pause(&mut self, element: &Element, configuration: &mut Configuration) {
        let time = self.duration(element, "for", 1..=3600);
        let Some(after) = element.attribute("after") else { return };
        let (Ok(reason), Some(time)) = (ReasonId::new(&after.value), time) else { return };
        if configuration.pauses.insert(reason, time).is_some() {
            self.duplicate(after, "pause after");
        }
    }

    fn queue(&mut self, element: &Element, hours: &AllHours, configuration: &mut Configuration) {
        let titles = self.titles(element);
        let priority_by = self.priority_by(element, configuration);
        let preferred = self.preferred(element, configuration);
        let needs = self.needs(element, configuration);
        let preferred_agent = self.preferred_agent(element);
        let callback = self.callback(element);
        let announcement = self.announcement(element);
        let overflows = self.overflows(element);
        let voicemail = self.voicemail(element);
        let hours = self.hours_of(element, hours, &overflows);
        let wrap_up = wrap_up(element);
        let dispositions = self.dispositions(element, wrap_up);
        let offer_timeout = self.duration(element, "offer-timeout", 1..=300);
        let wrap_up_time = self.duration(element, "wrap-up-time", 1..=3600);
        let maximum_length = self.length(element);
        let script = self.script(element);
        let music = self.prompt(element);
        let Some(id) = element.attribute("id") else { return };
        let Some(id) = self.name(id, QueueId::new) else { return };
        let (Some(script), Some(music)) = (script, music) else { return };
        let queue = Queue {
            titles,
            priority: element.value("priority").and_then(|it| it.parse().ok()).unwrap_or(0),
            priority_by,
            needs,
            preferred,
            preferred_agent,
            strategy: strategy(element),
            offer_timeout: offer_timeout.unwrap_or(DEFAULT_OFFER_TIMEOUT),
            maximum_length,
            callback,
            announcement,
            voicemail,
            overflows,
            hours,
            music,
            script,
            wrap_up,
            wrap_up_time: wrap_up_time.unwrap_or(DEFAULT_WRAP_UP_TIME),
            dispositions,
        };
        configuration.queues.insert(id, queue);
    }

    fn dispositions(&mut self, queue: &Element, wrap_up: WrapUp) -> Vec<(DispositionId, Titles)> {
        let mut dispositions: Vec<(DispositionId, Titles)> = Vec::new();
        for element in queue.children_named("disposition") {
            let titles = self.titles(element);
            let Some(attribute) = element.attribute("id") else { continue };
            let Some(id) = self.name(attribute, DispositionId::new) else { continue };
            if dispositions.iter().any(|(known, _)| *known == id) {
                self.duplicate(attribute, "disposition");
            } else {
                dispositions.push((id, titles));
            }
        }
        let at = queue.attribute("wrap-up").or_else(|| queue.attribute("id"));
        let is_asked = wrap_up != WrapUp::None;
        if let Some(at) = at.filter(|_| is_asked == dispositions.is_empty()) {
            let message = match is_asked {
                true => "the queue has no disposition to choose from",
                false => "nobody is asked for the dispositions of a queue without wrap-up",
            };
            let hint = "declare some, or say `wrap-up=\"none\"`";
            self.findings.push(at.finding(codes::DISPOSITIONS, message.to_owned()).with_hint(hint));
        }
        dispositions
    }

    fn team(
        &mut self,
        element: &Element,
        known: &BTreeSet<&str>,
        configuration: &mut Configuration,
    ) {
        let Some(id) = element.attribute("id") else { return };
        let Some(serves) = element.attribute("serves") else { return };
        let mut queues = BTreeSet::new();
        for (offset, name) in words(&serves.value) {
            if known.contains(name) {
                queues.extend(QueueId::new(name));
            } else {
                let message = format!("the queue `{name}` is unknown");
                let finding = serves.finding_at(offset, codes::UNKNOWN_QUEUE, message);
                let hint = suggest(name, known.iter().copied());
                self.findings.push(finding.with_suggestion(hint));
            }
        }
        if configuration.teams.insert(id.value.clone(), queues).is_some() {
            self.duplicate(id, "team");
        }
    }

    fn number(&mut self, element: &Element, configuration: &mut Configuration) {
        let script = self.script(element);
        let fallback = element.value("fallback").and_then(|id| QueueId::new(id).ok());
        let (Some(script), Some(fallback)) = (script, fallback) else { return };
        let Some(called) = element.attribute("called") else { return };
        for (offset, number) in words(&called.value) {
            let digits = number.strip_prefix('+').unwrap_or(number);
            let is_number = (1..=32).contains(&digits.len())
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if !is_number {
                let message = format!("`{number}` is not a telephone number");
                self.findings.push(called.finding_at(offset, codes::NUMBER, message));
                continue;
            }
            let language = element.value("language").map(str::to_owned);
            let (script, fallback) = (script.clone(), fallback.clone());
            let entry = Number { script, language, fallback };
            if configuration.numbers.insert(number.to_owned(), entry).is_some() {
                let message = format!("the number `{number}` is declared twice");
                self.findings.push(called.finding_at(offset, codes::DUPLICATE, message));
            }
        }
    }

    fn nobody_serves(&mut self, root: &Element, configuration: &Configuration) {
        let served: BTreeSet<&QueueId> = configuration.teams.values().flatten().collect();
        for element in root.children_named("queue") {
            let id = element.attribute("id").filter(|id| {
                let is_known = configuration.queues.contains_key(id.value.as_str());
                is_known && !served.iter().any(|queue| queue.as_str() == id.value)
            });
            if let Some(id) = id {
                let message = format!("no team serves the queue `{}`", id.value);
                let finding = id.finding(codes::NOBODY_SERVES, message);
                self.findings.push(finding.with_hint("name it in `serves` of a team"));
            }
        }
    }

    fn titles(&mut self, element: &Element) -> Titles {
        let mut titles = BTreeMap::new();
        for title in element.children_named("title") {
            let Some(language) = title.attribute("language") else { continue };
            if titles.insert(language.value.clone(), title.text()).is_some() {
                self.duplicate(language, "title in the language");
            }
        }
        titles
    }

    fn script(&mut self, element: &Element) -> Option<ScriptId> {
        let attribute = element.attribute("script")?;
        let scope = self.scope;
        let code = codes::UNKNOWN_SCRIPT;
        self.check_known(attribute, &scope.scripts, code, "dialogue script");
        self.name(attribute, ScriptId::new)
    }

    fn prompt(&mut self, element: &Element) -> Option<String> {
        let attribute = element.attribute("music")?;
        let scope = self.scope;
        self.check_known(attribute, &scope.prompts, codes::UNKNOWN_PROMPT, "prompt");
        Some(attribute.value.clone())
    }

    fn check_known(
        &mut self,
        attribute: &Attribute,
        known: &BTreeSet<String>,
        code: &'static str,
        what: &str,
    ) {
        let name = attribute.value.as_str();
        if !known.contains(name) {
            let finding = attribute.finding(code, format!("the {what} `{name}` is unknown"));
            let hint = suggest(name, known.iter().map(String::as_str));
            self.findings.push(finding.with_suggestion(hint));
        }
    }

    fn name<T>(
        &mut self,
        attribute: &Attribute,
        new: impl Fn(&str) -> Result<T, NotAName>,
    ) -> Option<T> {
        let name = new(&attribute.value);
        name.map_err(|error| self.findings.push(attribute.finding(codes::NAME, error.to_string())))
            .ok()
    }

    fn duplicate(&mut self, attribute: &Attribute, what: &str) {
        let message = format!("the {what} `{}` is declared twice", attribute.value);
        self.findings.push(attribute.finding(codes::DUPLICATE, message));
    }

    fn duration(
        &mut self,
        element: &Element,
        name: &str,
        seconds: RangeInclusive<u64>,
    ) -> Option<Duration> {
        let attribute = element.attribute(name)?;
        let duration = parse_duration(&attribute.value).filter(|it| seconds.contains(it));
        if duration.is_none() {
            let message = format!("`{}` is not a duration for `{name}`", attribute.value);
            let (least, most) = (seconds.start(), seconds.end());
            let hint = format!("expected {least}s to {most}s, such as 20s or 2m");
            self.findings.push(attribute.finding(codes::DURATION, message).with_hint(hint));
        }
        duration.map(Duration::from_secs)
    }

    fn length(&mut self, queue: &Element) -> usize {
        const DEFAULT: usize = 100;
        let Some(attribute) = queue.attribute("maximum-length") else { return DEFAULT };
        let length = attribute.value.parse().ok().filter(|it| (1..=10_000).contains(it));
        length.unwrap_or_else(|| {
            let message = format!("`{}` is not a number of callers", attribute.value);
            let finding = attribute.finding(codes::LENGTH, message);
            self.findings.push(finding.with_hint("expected 1 to 10000"));
            DEFAULT
        })
    }
}

fn wrap_up(queue: &Element) -> WrapUp {
    match queue.value("wrap-up") {
        Some("none") => WrapUp::None,
        Some("optional") => WrapUp::Optional,
        Some("required") => WrapUp::Required,
        _ => WrapUp::Timed,
    }
}

fn strategy(queue: &Element) -> Strategy {
    match queue.value("strategy") {
        Some("fewest-contacts") => Strategy::FewestContacts,
        Some("round-robin") => Strategy::RoundRobin,
        Some("linear") => Strategy::Linear,
        Some("ring-all") => Strategy::RingAll,
        _ => Strategy::LongestIdle,
    }
}

/// Words between blanks, with the byte at which each begins.
fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = text.as_ptr() as usize;
    text.split_ascii_whitespace().map(move |word| (word.as_ptr() as usize - start, word))
}

/// Whole seconds of `20s`, `2m`, `1h` or `7d`.
fn parse_duration(text: &str) -> Option<u64> {
    let (number, factor) = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)]
        .into_iter()
        .find_map(|(unit, factor)| Some((text.strip_suffix(unit)?, factor)))?;
    let is_number = (1..=6).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_digit());
    number.parse::<u64>().ok().filter(|_| is_number).map(|number| number * factor)
}

#[cfg(test)]
mod tests;
