//! Operations that send e-mails: letters out of values.
//!
//! Source: RFC 5322, sections 2.2 and 3.6.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_markup::{Attribute, Element, Finding, Node, suggest};

use crate::outcome::{Object, Outcome, to_text};
use crate::{Operation, codes, command};

/// Most letters of an address with its name, and of what a letter is about.
const MAX_HEADER: usize = 500;

/// Letters that go to a mail server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Who sends them, as `Lek and Linge Energy <service@example.org>`.
    pub from: String,
    /// How long the mail server may take for one of them.
    pub limit: Duration,
    /// By the name of the operation.
    pub messages: BTreeMap<String, Message>,
}

/// One operation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Whether it may be sent again where nobody knows whether it was.
    pub is_repeatable: bool,
    to: Text,
    subject: Text,
    paragraphs: Vec<Text>,
    operation: Operation,
    words: String,
}

/// A letter, but for who sends it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// An address, which may have a name before it; one line.
    pub to: String,
    /// One line.
    pub subject: String,
    /// Paragraphs with an empty line between; those of which nothing is left are left out.
    pub text: String,
}

/// Texts with values between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Text(Vec<Piece>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A parameter.
    Value(String),
}

impl Message {
    /// The letter for these arguments.
    ///
    /// # Errors
    /// In words, where a value cannot stand in a header: one that has a line break would begin
    /// another.
    pub fn letter(&self, given: &Object) -> Result<Letter, String> {
        let paragraphs = self.paragraphs.iter().map(|it| it.filled(given));
        let paragraphs: Vec<_> = paragraphs.filter(|it| !it.is_empty()).collect();
        Ok(Letter {
            to: header("address", self.to.filled(given))?,
            subject: header("subject", self.subject.filled(given))?,
            text: paragraphs.join("\n\n") + "\n",
        })
    }

    /// What came of it when the mail server took it.
    pub fn done(&self) -> Outcome {
        Outcome::done(&self.operation, Object::new(), &self.words)
    }
}

impl Text {
    fn filled(&self, given: &Object) -> String {
        let piece = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Value(name) => given.get(name).map(to_text).unwrap_or_default(),
        };
        self.0.iter().map(piece).collect::<String>().trim().to_owned()
    }
}

/// What stands in a header is one line of letters.
fn header(what: &str, text: String) -> Result<String, String> {
    if text.chars().any(char::is_control) {
        return Err(format!("the {what} has a line break, or another sign that is no letter"));
    }
    if text.is_empty() {
        return Err(format!("the {what} is empty"));
    }
    if text.chars().count() > MAX_HEADER {
        return Err(format!("the {what} has more than {MAX_HEADER} letters"));
    }
    Ok(text)
}

/// What the element says; with the operations by their names.
pub(crate) fn read(
    root: &Element,
    findings: &mut Vec<Finding>,
) -> (Mail, BTreeMap<String, Operation>) {
    let from = root.attribute("from");
    if let Some(from) = from.filter(|it| !is_sender(&it.value)) {
        let message = format!("`{from}` is no sender, as `Our company <service@example.org>`");
        findings.push(from.finding(codes::UNFIT_SETTING, message));
    }
    let from = from.map(|it| it.value.clone()).unwrap_or_default();
    let (mut messages, mut operations) = (BTreeMap::new(), BTreeMap::new());
    for element in root.children_named("message") {
        let Some(name) = element.attribute("operation") else { continue };
        command::check_name(name, findings);
        let message = message(element, findings);
        operations.insert(name.value.clone(), message.operation.clone());
        if messages.insert(name.value.clone(), message).is_some() {
            let message = format!("operation `{name}` stands here twice");
            findings.push(name.finding(codes::DUPLICATE, message));
        }
    }
    (Mail { from, limit: command::limit(root, findings), messages }, operations)
}

/// Whether it has an address, alone or in angle brackets behind a name, as far as can be seen here.
fn is_sender(from: &str) -> bool {
    let address = match from.split_once('<') {
        Some((_, behind)) => behind.strip_suffix('>').unwrap_or_default(),
        None => from,
    };
    let parts = address.split_once('@');
    let is_part = |part: &str| {
        let is_odd = |it: char| it.is_control() || it.is_whitespace() || "<>@,".contains(it);
        !part.is_empty() && !part.contains(is_odd)
    };
    parts.is_some_and(|(local, domain)| is_part(local) && is_part(domain))
        && !from.chars().any(char::is_control)
}

fn message(element: &Element, findings: &mut Vec<Finding>) -> Message {
    let operation = command::operation(element, findings);
    let mut read = |element: Option<&Element>| match element {
        Some(element) => text(element, &operation, findings),
        None => Text::default(),
    };
    let (to, subject) = (read(element.child("to")), read(element.child("subject")));
    let paragraphs = element.children_named("p").map(|it| read(Some(it))).collect();
    Message {
        is_repeatable: element.value("repeat") != Some("no"),
        words: element.value("words").unwrap_or_default().to_owned(),
        to,
        subject,
        paragraphs,
        operation,
    }
}

/// White space between words is one blank.
fn text(element: &Element, operation: &Operation, findings: &mut Vec<Finding>) -> Text {
    let mut pieces = Vec::new();
    for node in &element.children {
        match node {
            Node::Text(text) => pieces.push(Piece::Text(tidy(&text.value))),
            Node::Element(value) => {
                let Some(of) = value.attribute("of") else { continue };
                check_parameter(of, operation, findings);
                pieces.push(Piece::Value(of.value.clone()));
            }
        }
    }
    Text(pieces)
}

fn tidy(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let before = if text.starts_with(char::is_whitespace) { " " } else { "" };
    let behind = if text.ends_with(char::is_whitespace) && !words.is_empty() { " " } else { "" };
    format!("{before}{words}{behind}")
}

/// What `of` names must be a parameter of the operation.
fn check_parameter(of: &Attribute, operation: &Operation, findings: &mut Vec<Finding>) {
    if !operation.parameters.contains_key(&of.value) {
        let message = format!("there is no parameter `{of}`");
        let known = operation.parameters.keys().map(String::as_str);
        let finding = of.finding(codes::UNFIT_SETTING, message);
        findings.push(finding.with_suggestion(suggest(&of.value, known)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::{Configured, Contents, Kind};

    const MAIL: &str = "<mail from='Lek &amp; Linge &lt;us@example.org>'>\n\
        <message operation='confirm' words='It is on its way.'>\
        <parameter name='to' type='text'/><parameter name='day' type='date'/>\
        <parameter name='note' type='text' required='no'/>\
        <to><v of='to'/></to><subject>Your visit on <v of='day'/></subject>\
        <p>We  come\n on <v of='day'/>.</p><p><v of='note'/></p></message></mail>";

    fn read(text: &str) -> Result<Mail, Vec<String>> {
        let text = format!("<!DOCTYPE mail SYSTEM \"wrapper.dtd\">\n{text}");
        let files = Contents::from([("m/mail.xml", text.as_bytes())]);
        let mut findings = Vec::new();
        let configured = Configured::read("m/mail.xml", &files, &BTreeMap::new(), &mut findings);
        match configured.map(|it| it.kind) {
            Some(Kind::Mail(mail)) if findings.is_empty() => Ok(mail),
            _ => Err(findings.iter().map(|it| format!("{} {it}", it.code)).collect()),
        }
    }

    fn letter(given: Json) -> Result<Letter, String> {
        let Json::Object(given) = given else { panic!("an object") };
        read(MAIL).expect("it is sound").messages["confirm"].letter(&given)
    }

    #[test]
    fn a_letter_has_its_values_in_place() {
        let given =
            json!({"to": "Eva <eva@example.com>", "day": "2026-12-24", "note": "Ring\ntwice."});
        let expected = Letter {
            to: "Eva <eva@example.com>".into(),
            subject: "Your visit on 2026-12-24".into(),
            text: "We come on 2026-12-24.\n\nRing\ntwice.\n".into(),
        };
        assert_eq!(letter(given), Ok(expected));
        let without = letter(json!({"to": "a@b.c", "day": "2026-12-24"})).expect("a letter");
        assert_eq!(without.text, "We come on 2026-12-24.\n");
    }

    #[test]
    fn no_value_begins_a_header_of_its_own() {
        for to in ["a@example.com\r\nBcc: all@example.com", "a@b.c\nb@b.c", "a\u{0}@b.c"] {
            let refused = letter(json!({"to": to, "day": "2026-12-24"})).expect_err("no line");
            assert!(refused.starts_with("the address has a line break"), "{refused}");
        }
        let refused = letter(json!({"to": "a@b.c", "day": "1\nBcc: all@b.c"}));
        assert!(refused.expect_err("no line").starts_with("the subject has a line break"));
        assert_eq!(letter(json!({"to": " ", "day": "x"})), Err("the address is empty".into()));
        let long = letter(json!({"to": "a".repeat(501), "day": "x"})).expect_err("too long");
        assert_eq!(long, "the address has more than 500 letters");
    }

    #[test]
    fn mistakes_are_named_at_their_place() {
        let wrong =
            MAIL.replace("&lt;us@example.org>", "us").replacen("<v of='day'/>", "<v of='dy'/>", 1);
        assert_eq!(
            read(&wrong).expect_err("two mistakes"),
            [
                "CW0304 m/mail.xml:2:13: `Lek & Linge us` is no sender, as \
                 `Our company <service@example.org>`",
                "CW0304 m/mail.xml:3:226: there is no parameter `dy`\n    did you mean `day`?",
            ]
        );
        let (_, message) = MAIL.split_once('\n').expect("two lines");
        let message = message.trim_end_matches("</mail>");
        let twice = MAIL.replace("</mail>", &format!("{message}</mail>"));
        let said = read(&twice).expect_err("twice");
        assert!(said[0].contains("operation `confirm` stands here twice"), "{said:?}");
        assert!(is_sender("us@example.org") && !is_sender("us@b@c") && !is_sender("a\n <a@b>"));
    }
}
