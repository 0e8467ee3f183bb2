//! What a script would be like where no agent explains it: on the telephone keypad, in messages, on
//! the web.

use caruso_expression::{Kind, parse};
use caruso_markup::{Element, Finding};

use super::each;
use crate::codes;
use crate::parts::{steps, steps_named};

pub(super) fn telephone(root: &Element) -> Vec<Finding> {
    let channels = root.value("channels").unwrap_or_default();
    let has = |channel: &str| names(channels, channel);
    let mut findings = Vec::new();
    for (channel, place) in [("message", "in messages"), ("web", "on the web page")] {
        let heard = steps(root).filter(|_| has(channel));
        findings.extend(heard.filter(|step| is_silent(step, channel)).map(|step| {
            let message = format!("{place}, nothing is said here");
            step.finding(codes::SILENT, message).with_hint("add a `say`")
        }));
    }
    findings.extend(steps_named(root, "roster").filter_map(|it| unnamed_row(it, channels)));
    if !has("ivr") {
        findings.extend(steps(root).flat_map(|it| no_effect(it, has("message"))));
        return findings;
    }
    for step in steps(root) {
        findings.extend(long_menu(step));
        if !has("agent") {
            findings.extend(no_key(step));
        }
        if is_silent(step, "ivr") {
            let message = "on the telephone, nothing is said here";
            findings.push(step.finding(codes::SILENT, message).with_hint("add a `say`"));
        }
    }
    findings
}

/// Whether a step that somebody should hear says nothing on a channel. On the web, a hand-off is
/// the last page: nobody takes over there.
fn is_silent(step: &Element, channel: &str) -> bool {
    let is_said = |say: &Element| say.value("channels").is_none_or(|it| names(it, channel));
    let is_shown = matches!(step.name.as_str(), "ask" | "matrix" | "info" | "another" | "wait")
        || channel == "web" && step.name == "handoff";
    is_shown && !step.children_named("say").any(is_said)
}

/// A roster over a list whose questions are asked one by one, and no text of which says what row
/// they are about. The steps of rosters inside may say it.
fn unnamed_row(roster: &Element, channels: &str) -> Option<Finding> {
    let (row, from) = (roster.value("each")?, roster.attribute("from")?);
    let alone = ["ivr", "message"].into_iter().filter(|it| names(channels, it));
    let mut silent = alone.filter(|channel| !is_named(roster, row, channel)).peekable();
    let place = match *silent.peek()? {
        "ivr" => "on the telephone",
        _ => "in messages",
    };
    let message = format!("{place}, nobody learns which of `{}` is asked about", from.value);
    let hint = format!("use `{row}` in a `say`");
    Some(roster.finding(codes::UNNAMED_ROW, message).with_hint(hint))
}

/// Whether some text that is said on a channel uses a name.
fn is_named(element: &Element, name: &str, channel: &str) -> bool {
    let is_said = element.name == "say"
        && element.value("channels").is_none_or(|it| names(it, channel))
        && mentions(element, name);
    is_said || element.elements().any(|it| is_named(it, name, channel))
}

fn mentions(text: &Element, name: &str) -> bool {
    text.elements().any(|inside| {
        let expression = inside.value("of").and_then(|it| parse(it).ok());
        let mut is_used = false;
        if let Some(expression) = expression {
            each(expression.root(), &mut |node| {
                is_used |= matches!(&node.kind, Kind::Name(it) if it == name);
            });
        }
        is_used || mentions(inside, name)
    })
}

fn names(channels: &str, channel: &str) -> bool {
    channels.split_whitespace().any(|it| it == channel)
}

fn long_menu(step: &Element) -> Option<Finding> {
    let keyed = |it: &&Element| it.attribute("key").is_some();
    let choices = || step.children_named("choice");
    // without keys of their own, all have one by their place
    let is_choice = step.value("type") == Some("choice");
    let keys = match choices().filter(keyed).count() {
        0 if is_choice => choices().count(),
        keys => keys,
    };
    let message = format!("the menu has {keys} choices");
    let hint = format!("divide it: more than {} are hard to keep in mind", crate::MAX_MENU);
    (keys > crate::MAX_MENU).then(|| step.finding(codes::LONG_MENU, message).with_hint(hint))
}

fn no_key(step: &Element) -> Vec<Finding> {
    let default = step.value("default");
    if step.children_named("choice").all(|it| it.attribute("key").is_none()) {
        return Vec::new();
    }
    let choices = step.children_named("choice");
    let silent = choices.filter(|it| it.attribute("key").is_none() && it.value("value") != default);
    let finding = |choice: &Element| {
        let message = "nobody can make this choice: it has no key and is not the default";
        choice.finding(codes::NO_KEY, message).with_hint("give it a `key`")
    };
    silent.map(finding).collect()
}

/// What only the telephone heeds, and messages heed where there are some.
fn no_effect(step: &Element, has_messages: bool) -> Vec<Finding> {
    let hint = "leave it out, or add `ivr` to the channels of the script";
    let keys = step.children_named("choice").filter_map(|it| it.attribute("key"));
    let default = step.attribute("default").filter(|_| !has_messages);
    let attributes = default.into_iter().chain(keys);
    let of_attribute = attributes.map(|it| {
        let message = format!("`{}` has no effect on an agent's desk", it.name);
        it.finding(codes::NO_EFFECT, message).with_hint(hint)
    });
    let of_text = step.child("no-input").map(|it| {
        let message = "`no-input` and `no-match` have no effect on an agent's desk";
        it.finding(codes::NO_EFFECT, message).with_hint(hint)
    });
    of_attribute.chain(of_text).collect()
}
