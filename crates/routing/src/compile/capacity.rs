//! How much of an agent a contact takes.

use caruso_contact::Channel;
use caruso_markup::Element;

use super::Compiler;
use crate::configuration::Configuration;
use crate::{CAPACITY, codes};

impl Compiler<'_> {
    pub(super) fn capacity(&mut self, element: &Element, configuration: &mut Configuration) {
        let (Some(channel), Some(points)) =
            (element.attribute("channel"), element.attribute("points"))
        else {
            return;
        };
        let number = points.value.parse().ok().filter(|it| (1..=CAPACITY).contains(it));
        let Some(number) = number else {
            let message = format!("`{}` is no share of what an agent has", points.value);
            let finding = points.finding(codes::CAPACITY, message);
            self.findings.push(finding.with_hint("expected 1 to 100"));
            return;
        };
        let name = match channel.value.as_str() {
            "web" => Channel::Web,
            "message" => Channel::Message,
            "voicemail" => Channel::Voicemail,
            _ => Channel::Voice,
        };
        if configuration.capacity.set(name, number).is_some() {
            self.duplicate(channel, "capacity of");
        }
    }
}
