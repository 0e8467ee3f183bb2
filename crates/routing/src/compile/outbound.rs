//! Calls that agents make: what about, whereto, when and how often.

use std::collections::BTreeSet;
use std::time::Duration;

use caruso_contact::{PurposeId, QueueId};
use caruso_markup::{Attribute, Element, suggest};
use caruso_object_model::phone::Country;

use super::hours::AllHours;
use super::{Compiler, words};
use crate::codes;
use crate::permit::{LONGEST_COUNT, OutboundRules, PhoneRules, Purpose};

/// A customer's phone rings so long where the file does not say it.
const DEFAULT_RING_TIME: Duration = Duration::from_secs(45);
/// Attempts are counted within this time where the file does not say it.
const DEFAULT_COUNT: Duration = Duration::from_secs(24 * 3600);
/// Most attempts that can be allowed.
const MOST_ATTEMPTS: u32 = 100;

impl Compiler<'_> {
    pub(super) fn outbound(
        &mut self,
        element: &Element,
        hours: &AllHours,
    ) -> Option<OutboundRules> {
        let country = element.attribute("country").and_then(|it| self.country(it));
        let allowed = self.beginnings(element, "allow");
        let denied = self.beginnings(element, "deny");
        let ring_time = self.duration(element, "ring-time", 15..=120);
        let mut purposes: Vec<(PurposeId, Purpose)> = Vec::new();
        for element in element.children_named("purpose") {
            let Some((id, purpose)) = self.purpose(element, hours) else { continue };
            if purposes.iter().all(|(known, _)| *known != id) {
                purposes.push((id, purpose));
            } else if let Some(attribute) = element.attribute("id") {
                self.duplicate(attribute, "purpose");
            }
        }
        let ring_time = ring_time.unwrap_or(DEFAULT_RING_TIME);
        let phones = self.phones(element, &purposes);
        let destinations = Vec::new();
        let country = country?;
        Some(OutboundRules { country, allowed, denied, ring_time, purposes, phones, destinations })
    }

    /// What calls are about that agents dial at their phones.
    fn phones(
        &mut self,
        element: &Element,
        purposes: &[(PurposeId, Purpose)],
    ) -> Option<PhoneRules> {
        let is_for_all = element.value("phone-agents") == Some("all");
        let Some(attribute) = element.attribute("phone-purpose") else {
            if let Some(given) = element.attribute("phone-agents").filter(|_| is_for_all) {
                let message = "it is not said what calls from phones are about".to_owned();
                let finding = given.finding(codes::PHONE_PURPOSE, message);
                self.findings.push(finding.with_hint("add `phone-purpose`, one of the purposes"));
            }
            return None;
        };
        let found = purposes.iter().find(|(id, _)| id.as_str() == attribute.value);
        let Some((purpose, _)) = found else {
            let message = format!("there is no purpose `{}`", attribute.value);
            let finding = attribute.finding(codes::PHONE_PURPOSE, message);
            let known = purposes.iter().map(|(id, _)| id.as_str());
            self.findings.push(finding.with_suggestion(suggest(&attribute.value, known)));
            return None;
        };
        Some(PhoneRules { purpose: purpose.clone(), is_for_all })
    }

    fn country(&mut self, attribute: &Attribute) -> Option<Country> {
        let country = Country::by_code(&attribute.value);
        if country.is_none() {
            let message = format!("telephone numbers of `{}` are not known", attribute.value);
            let finding = attribute.finding(codes::OUTBOUND, message);
            let finding = finding.with_suggestion(suggest(&attribute.value, Country::codes()));
            self.findings.push(finding);
        }
        country
    }

    /// How numbers begin: a plus and digits.
    fn beginnings(&mut self, element: &Element, name: &str) -> BTreeSet<String> {
        let Some(attribute) = element.attribute(name) else { return BTreeSet::new() };
        let mut beginnings = BTreeSet::new();
        for (offset, word) in words(&attribute.value) {
            let digits = word.strip_prefix('+').unwrap_or_default();
            let is_beginning = (1..=15).contains(&digits.len())
                && !digits.starts_with('0')
                && digits.bytes().all(|byte| byte.is_ascii_digit());
            if is_beginning {
                beginnings.insert(word.to_owned());
            } else {
                let message = format!("`{word}` is not how an international number begins");
                let finding = attribute.finding_at(offset, codes::OUTBOUND, message);
                self.findings.push(finding.with_hint("a plus and digits, such as +31 or +31900"));
            }
        }
        beginnings
    }

    fn purpose(&mut self, element: &Element, all: &AllHours) -> Option<(PurposeId, Purpose)> {
        let titles = self.titles(element);
        let hours = element.attribute("hours").map(|named| {
            let known = all.get(&named.value);
            if known.is_none() {
                let message = format!("there are no hours `{}`", named.value);
                let finding = named.finding(codes::HOURS, message);
                let hint = suggest(&named.value, all.keys().map(String::as_str));
                self.findings.push(finding.with_suggestion(hint));
            }
            known.cloned().flatten()
        });
        let attempts = self.attempts(element);
        let queue = element.value("queue").and_then(|id| QueueId::new(id).ok())?;
        let id = self.name(element.attribute("id")?, PurposeId::new)?;
        let heeds_do_not_call = element.value("do-not-call") != Some("ignored");
        let hours = hours.flatten();
        Some((id, Purpose { titles, queue, hours, attempts, heeds_do_not_call }))
    }

    /// How often a number may be called within how long.
    fn attempts(&mut self, element: &Element) -> Option<(u32, Duration)> {
        let within = self.duration(element, "within", 60..=LONGEST_COUNT.as_secs());
        let Some(attribute) = element.attribute("attempts") else {
            if let Some(within) = element.attribute("within") {
                let message = "it is not said how often within this time".to_owned();
                let finding = within.finding(codes::OUTBOUND, message);
                self.findings.push(finding.with_hint("add `attempts`, such as attempts=\"3\""));
            }
            return None;
        };
        let most = attribute.value.parse().ok().filter(|it| (1..=MOST_ATTEMPTS).contains(it));
        if most.is_none() {
            let message = format!("`{}` is not a number of calls", attribute.value);
            let finding = attribute.finding(codes::OUTBOUND, message);
            self.findings.push(finding.with_hint(format!("expected 1 to {MOST_ATTEMPTS}")));
        }
        Some((most?, within.unwrap_or(DEFAULT_COUNT)))
    }
}
