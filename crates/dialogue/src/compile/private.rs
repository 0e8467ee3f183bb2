//! Sensitive values that leave the house: in e-mails, and in messages.

use caruso_expression::{Type, Typed, TypedKind};
use caruso_markup::{Attribute, Element};

use super::Compiler;
use super::names::Names;
use crate::codes;
use crate::formula::Formula;
use crate::script::Channel;

impl Compiler<'_> {
    /// Advises where a sensitive value stands in an e-mail or a message, and some path to it asks
    /// for no consent first. What that was about, and whether it was given, is for the author to
    /// know.
    pub(super) fn check_private(
        &mut self,
        of: &Attribute,
        text: &Element,
        formula: &Formula,
        names: &Names<'_>,
    ) {
        // what is called is looked at by itself
        if !names.prefix.is_empty() {
            return;
        }
        let way = match text.name.as_str() {
            "p" | "subject" => "in an e-mail",
            "say" if self.is_sent(text) => "in a message",
            _ => return,
        };
        let Some((class, attribute)) = formula.roots().find_map(|it| self.sensitive(it)) else {
            return;
        };
        if self.consents.iter().any(|it| names.is_sure(it)) {
            return;
        }
        let message = format!("`{attribute}` of {class} is sensitive, and goes out {way}");
        let hint = "ask for consent before it, on each path";
        self.advice.push(of.finding(codes::PRIVATE, message).with_hint(hint));
    }

    fn is_sent(&self, say: &Element) -> bool {
        let only = say.value("channels");
        let is_meant = only.is_none_or(|it| it.split_whitespace().any(|it| it == "message"));
        is_meant && self.channels.contains(&Channel::Message)
    }

    /// The class and name of a sensitive attribute whose value is used.
    fn sensitive(&self, node: &Typed) -> Option<(String, String)> {
        if let TypedKind::Member(object, name) = &node.kind
            && let Type::Object(class) = object.ty.present()
            && self.scope.classes.get(&**class).is_some_and(|it| it.sensitive.contains(&**name))
        {
            return Some((class.to_string(), name.to_string()));
        }
        node.children().into_iter().find_map(|it| self.sensitive(it))
    }
}
