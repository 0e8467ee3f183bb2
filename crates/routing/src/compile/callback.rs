//! Customers who hang up and are called back.

use caruso_contact::PurposeId;
use caruso_markup::{Element, suggest};

use super::Compiler;
use crate::codes;
use crate::configuration::{Callback, CallbackOffer};

/// A customer who is not reached is called so often where the file does not say it.
const DEFAULT_ATTEMPTS: u32 = 3;
/// Most attempts that can be allowed.
const MOST_ATTEMPTS: u32 = 10;
/// Longest time between two attempts: a day.
const LONGEST_AGAIN: u64 = 86_400;
/// Longest that a customer waits to be called: a week.
const LONGEST: u64 = 7 * 86_400;

impl Compiler<'_> {
    pub(super) fn callback(&mut self, queue: &Element) -> Option<Callback> {
        let element = queue.child("callback")?;
        let say = element.attribute("say")?;
        let prompts = &self.scope.prompts;
        self.check_known(say, prompts, codes::UNKNOWN_PROMPT, "prompt");
        let purpose = self.purpose_of(element);
        let attempts = self.attempts_of(element);
        let again = self.duration(element, "again", 60..=LONGEST_AGAIN);
        let offer = self.callback_offer(element);
        let expires = self.duration(element, "expires", 3600..=LONGEST);
        Some(Callback {
            by: element.value("by")?.to_owned(),
            purpose: purpose?,
            say: say.value.clone(),
            attempts,
            again: again?,
            expires: expires?,
            offer,
        })
    }

    /// The prompt and the script belong together.
    fn callback_offer(&mut self, element: &Element) -> Option<CallbackOffer> {
        let (offer, script) = (element.attribute("offer"), element.attribute("script"));
        let (Some(offer), Some(_)) = (offer, script) else {
            if let Some(at) = offer.or(script) {
                let missing = if offer.is_some() { "script" } else { "offer" };
                let message = format!("the callback has no `{missing}`");
                let hint = "expected both, `offer`, a prompt, and `script`, which asks for the \
                            number, or none of them";
                self.findings.push(at.finding(codes::CALLBACK, message).with_hint(hint));
            }
            return None;
        };
        let prompts = &self.scope.prompts;
        self.check_known(offer, prompts, codes::UNKNOWN_PROMPT, "prompt");
        let script = self.script(element)?;
        let key = element.value("key").and_then(|it| it.chars().next())?;
        Some(CallbackOffer { prompt: offer.value.clone(), key, script })
    }

    fn purpose_of(&mut self, element: &Element) -> Option<PurposeId> {
        let attribute = element.attribute("purpose")?;
        if !self.purposes.contains(&attribute.value) {
            let message = format!("there is no purpose `{}` of calls", attribute.value);
            let finding = attribute.finding(codes::CALLBACK, message);
            let hint = suggest(&attribute.value, self.purposes.iter().map(String::as_str));
            let finding = match self.purposes.is_empty() {
                true => finding.with_hint("declare it in `outbound`, at the end of the file"),
                false => finding.with_suggestion(hint),
            };
            self.findings.push(finding);
        }
        PurposeId::new(&attribute.value).ok()
    }

    fn attempts_of(&mut self, element: &Element) -> u32 {
        let Some(attribute) = element.attribute("attempts") else { return DEFAULT_ATTEMPTS };
        let most = attribute.value.parse().ok().filter(|it| (1..=MOST_ATTEMPTS).contains(it));
        most.unwrap_or_else(|| {
            let message = format!("`{}` is not a number of calls", attribute.value);
            let finding = attribute.finding(codes::CALLBACK, message);
            self.findings.push(finding.with_hint(format!("expected 1 to {MOST_ATTEMPTS}")));
            DEFAULT_ATTEMPTS
        })
    }
}
