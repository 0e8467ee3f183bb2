//! What an e-mail of a script says.

use std::collections::BTreeMap;

use crate::datum::Datum;
use crate::environment::Environment;
use crate::event::Task;
use crate::texts::Text;

/// The name of the address among the values of the action.
pub(crate) const TO: &str = "to";
/// The names of what it says.
pub(crate) const TEXTS: [&str; 2] = ["subject", "text"];
/// All names by which tests know its parts.
pub(crate) const VALUES: [&str; 3] = [TO, "subject", "text"];

/// The e-mail as it is sent, in the language of the session.
pub(crate) fn task(
    environment: &Environment<'_>,
    values: &BTreeMap<String, Datum>,
    subject: &Text,
    paragraphs: &[Text],
) -> Task {
    let audience = environment.audience();
    let fill = |text: &Text| text.fill(environment, audience).text;
    let subject: Vec<String> = fill(subject).split_whitespace().map(str::to_owned).collect();
    let paragraphs: Vec<String> = paragraphs.iter().map(fill).collect();
    Task::Email {
        to: values.get(TO).map(ToString::to_string).unwrap_or_default(),
        // a value may have several lines
        subject: subject.join(" "),
        text: format!("{}\n", paragraphs.join("\n\n")),
    }
}
