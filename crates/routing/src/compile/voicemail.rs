//! Customers who leave a message.

use caruso_markup::Element;

use super::Compiler;
use crate::codes;
use crate::configuration::Voicemail;

/// Longest message, in seconds.
const LONGEST: u64 = 900;
const DAY: u64 = 86_400;

impl Compiler<'_> {
    /// `voicemail` and the overflows that lead to it belong together.
    pub(super) fn voicemail(&mut self, queue: &Element) -> Option<Voicemail> {
        let mut taking = queue.children_named("overflow").filter_map(|it| it.attribute("take"));
        let takes = taking.next();
        let Some(element) = queue.child("voicemail") else {
            if let Some(takes) = takes {
                let message = "the queue does not say how messages are taken".to_owned();
                let finding = takes.finding(codes::VOICEMAIL, message);
                let hint = "put `voicemail` before the overflows, with the greeting in `say`";
                self.findings.push(finding.with_hint(hint));
            }
            return None;
        };
        let say = element.attribute("say")?;
        let prompts = &self.scope.prompts;
        self.check_known(say, prompts, codes::UNKNOWN_PROMPT, "prompt");
        if takes.is_none() {
            let message = "nobody ever leaves a message in this queue".to_owned();
            let finding = say.finding(codes::VOICEMAIL, message);
            let hint = "say `take=\"message\"` in an overflow of the queue";
            self.findings.push(finding.with_hint(hint));
        }
        let longest = self.duration(element, "longest", 5..=LONGEST);
        let silence = self.duration(element, "silence", 2..=60);
        let keep = self.duration(element, "keep", 3600..=400 * DAY);
        Some(Voicemail {
            say: say.value.clone(),
            longest: longest?,
            silence: silence?,
            key: element.value("key").and_then(key)?,
            keep: keep?,
        })
    }
}

fn key(name: &str) -> Option<char> {
    match name {
        "hash" => Some('#'),
        "star" => Some('*'),
        digit => digit.chars().next(),
    }
}
