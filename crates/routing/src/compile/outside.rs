//! Outside numbers to which agents pass customers on.

use std::collections::BTreeMap;

use caruso_contact::DestinationId;
use caruso_markup::{Attribute, Element};

use super::Compiler;
use crate::permit::{OutboundRules, OutsideNumber, called_number};
use crate::{Number, codes};

impl Compiler<'_> {
    /// The destinations of the file; `own` are the numbers that customers call.
    pub(super) fn destinations(
        &mut self,
        outbound: &Element,
        rules: &OutboundRules,
        own: &BTreeMap<String, Number>,
    ) -> Vec<(DestinationId, OutsideNumber)> {
        let mut all: Vec<(DestinationId, OutsideNumber)> = Vec::new();
        for element in outbound.children_named("destination") {
            let titles = self.titles(element);
            let number = element.attribute("number");
            let number = number.and_then(|it| self.outside_number(it, rules, own));
            let Some(attribute) = element.attribute("id") else { continue };
            let Some(id) = self.name(attribute, DestinationId::new) else { continue };
            if all.iter().any(|(known, _)| *known == id) {
                self.duplicate(attribute, "destination");
            } else if let Some(number) = number {
                all.push((id, OutsideNumber { titles, number }));
            }
        }
        all
    }

    /// A number that may be called and leads to somebody else, as E.164.
    fn outside_number(
        &mut self,
        attribute: &Attribute,
        rules: &OutboundRules,
        own: &BTreeMap<String, Number>,
    ) -> Option<String> {
        let text = &attribute.value;
        let called = called_number(rules, text);
        let (message, hint) = match &called {
            None => {
                (format!("`{text}` is not a telephone number"), "no short or emergency numbers")
            }
            Some(called) if own.keys().any(|own| is_same(rules, own, called)) => {
                let message = format!("`{text}` is a number of yours, which customers call");
                (message, "name the queue: the agent passes the customer on to it directly")
            }
            Some(called) if !rules.may_reach(called) => {
                let message = format!("`{text}` begins as numbers do that may not be called");
                (message, "add its beginning to `allow`, or shorten `deny`")
            }
            Some(_) => return called,
        };
        let finding = attribute.finding(codes::DESTINATION, message);
        self.findings.push(finding.with_hint(hint));
        None
    }
}

/// Whether a number of ours, in whatever spelling of the trunk, is this one.
fn is_same(rules: &OutboundRules, own: &str, called: &str) -> bool {
    let digits = called.strip_prefix('+').unwrap_or(called);
    own == digits || called_number(rules, own).is_some_and(|own| own == called)
}
