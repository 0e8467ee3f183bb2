//! For which agent alone contacts wait at first.

use caruso_markup::Element;

use super::Compiler;
use crate::codes;
use crate::configuration::PreferredAgent;

/// Longest that a contact waits for one agent alone.
const LONGEST: u64 = 600;
/// Longest that an acquaintance lasts: a year.
const LONGEST_WITHIN: u64 = 365 * 86_400;

impl Compiler<'_> {
    pub(super) fn preferred_agent(&mut self, queue: &Element) -> Option<PreferredAgent> {
        let element = queue.child("preferred-agent")?;
        let time = self.duration(element, "for", 1..=LONGEST);
        let within = element.attribute("within");
        let within = within.and_then(|_| self.duration(element, "within", 1..=LONGEST_WITHIN));
        let by = element.value("by").map(str::to_owned);
        if let (Some(at), None, None) = (element.attribute("for"), &by, element.attribute("within"))
        {
            let message = "nothing says which agent is preferred".to_owned();
            let hint = "say `by`, what the script hands over, or `within`, such as 7d, for whom \
                        the customer talked with";
            self.findings.push(at.finding(codes::PREFERRED_AGENT, message).with_hint(hint));
        }
        Some(PreferredAgent { time: time?, by, within })
    }
}
