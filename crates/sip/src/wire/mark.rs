//! The mark of this endpoint in the tags and branches that it makes.
//!
//! A later instance that has taken over the public port must know, from a message alone, which
//! generation of the server owns its dialog. So every tag and branch that leaves here begins with
//! `g<generation>-<instance>-`, and the mark is taken off again before the stack sees a message.
//! Which tag is ours follows from the message alone: we are always an end of the dialog, so ours
//! is the From tag of requests that we send and of responses that we get, the To tag of responses
//! that we send and of requests that we get; ours are the branches of requests that we send.

use super::message::{Field, Message, parameter};
use std::borrow::Cow;

/// What RFC 3261 §8.1.1.7 puts before every branch.
const COOKIE: &str = "z9hG4bK";

/// The mark as text: `g7-1f0c9a2e-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mark(pub(crate) String);

/// Whose tag an incoming message carries in our place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Owner {
    /// None: a request outside dialogs.
    Nobody,
    /// Ours.
    This,
    /// That of another generation or of nobody we know.
    Other,
}

impl Mark {
    /// `instance` tells two endpoints of one generation apart.
    pub(crate) fn new(generation: u32, instance: u32) -> Self {
        Self(format!("g{generation}-{instance:08x}-"))
    }

    /// Puts the mark into a message of ours.
    pub(crate) fn put(&self, message: &mut Message<'_>) {
        let ours = if message.is_request() { "From" } else { "To" };
        edit(&mut message.fields, ours, "tag", |tag| Some(format!("{}{tag}", self.0)));
        if message.is_request() {
            edit(&mut message.fields, "Via", "branch", |branch| {
                let rest = branch.strip_prefix(COOKIE)?;
                Some(format!("{COOKIE}{}{rest}", self.0))
            });
        }
    }

    /// Takes the mark off an incoming message and says whose the dialog is.
    pub(crate) fn take(&self, message: &mut Message<'_>) -> Owner {
        let mut owner = Owner::Nobody;
        let ours = if message.is_request() { "To" } else { "From" };
        edit(&mut message.fields, ours, "tag", |tag| {
            owner = Owner::Other;
            let rest = tag.strip_prefix(self.0.as_str())?;
            owner = Owner::This;
            Some(rest.to_owned())
        });
        if message.is_request() {
            self.take_named(message);
        } else {
            edit(&mut message.fields, "Via", "branch", |branch| {
                let rest = branch.strip_prefix(COOKIE)?.strip_prefix(self.0.as_str())?;
                Some(format!("{COOKIE}{rest}"))
            });
        }
        owner
    }

    /// Takes the mark off the tags of dialogs that a request names (RFC 3891 §3).
    fn take_named(&self, message: &mut Message<'_>) {
        let names = ["Refer-To", "r"];
        let is_one = |field: &&mut Field<'_>| {
            names.iter().any(|name| field.name.eq_ignore_ascii_case(name))
                && field.value.contains(&self.0)
        };
        for field in message.fields.iter_mut().filter(is_one) {
            field.value = Cow::Owned(field.value.replace(&self.0, ""));
        }
    }

    /// Whether a request has passed here before: one of its Via branches is ours (RFC 3261 §16.3).
    pub(crate) fn is_loop(&self, message: &Message<'_>) -> bool {
        message.is_request()
            && message.values("Via").any(|via| {
                via.match_indices(COOKIE).any(|(at, cookie)| {
                    via.get(at + cookie.len()..).is_some_and(|rest| rest.starts_with(&self.0))
                })
            })
    }
}

/// Replaces one parameter in the first field of that name; `None` leaves it.
fn edit(fields: &mut [Field<'_>], name: &str, key: &str, new: impl FnOnce(&str) -> Option<String>) {
    let Some(field) = fields.iter_mut().find(|field| field.name.eq_ignore_ascii_case(name)) else {
        return;
    };
    let Some(place) = parameter(&field.value, key) else { return };
    let replaced = field.value.get(place.clone()).and_then(new);
    if let Some(text) = replaced {
        let mut value = field.value.to_string();
        value.replace_range(place, &text);
        field.value = Cow::Owned(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(to: &str) -> String {
        format!(
            "BYE sip:a@h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKabc;rport\r\n\
             From: <sip:b@h>;tag=mine\r\nTo: {to}\r\n\r\n"
        )
    }

    #[test]
    fn a_marked_request_comes_back_unmarked_in_its_response() {
        let mark = Mark::new(7, 0x1f);
        let text = request("<sip:a@h>;tag=peer");
        let mut sent = Message::cut(text.as_bytes()).expect("well shaped");
        mark.put(&mut sent);
        let via = sent.top_via().expect("Via");
        assert!(via.contains("branch=z9hG4bKg7-0000001f-abc;rport"), "{via}");
        assert_eq!(sent.value("From"), Some("<sip:b@h>;tag=g7-0000001f-mine"));
        assert_eq!(sent.value("To"), Some("<sip:a@h>;tag=peer"));
        assert!(mark.is_loop(&sent));

        let mut answer = sent.clone();
        answer.start = super::super::message::Start::Response {
            version: "SIP/2.0",
            code: "200",
            phrase: "OK",
        };
        assert_eq!(mark.take(&mut answer), Owner::This);
        assert_eq!(answer.value("From"), Some("<sip:b@h>;tag=mine"));
        assert_eq!(answer.top_via(), Some("SIP/2.0/UDP h;branch=z9hG4bKabc;rport"));
    }

    #[test]
    fn a_dialog_of_ours_that_a_request_names_is_named_without_the_mark() {
        let mark = Mark::new(7, 0x1f);
        let refer = request("<sip:a@h>;tag=g7-0000001f-x").replace(
            "\r\n\r\n",
            "\r\nRefer-To: <sip:2@h?Replaces=1%3Bto-tag%3Dg7-0000001f-y%3Bfrom-tag%3Dz>\r\n\r\n",
        );
        let mut message = Message::cut(refer.as_bytes()).expect("well shaped");
        assert_eq!(mark.take(&mut message), Owner::This);
        let named = Some("<sip:2@h?Replaces=1%3Bto-tag%3Dy%3Bfrom-tag%3Dz>");
        assert_eq!(message.value("Refer-To"), named);
    }

    #[test]
    fn tags_of_another_generation_are_told_apart() {
        let mark = Mark::new(7, 0x1f);
        for (to, owner) in [
            ("<sip:a@h>", Owner::Nobody),
            ("<sip:a@h>;tag=g7-0000001f-x", Owner::This),
            ("<sip:a@h>;tag=g6-0000001f-x", Owner::Other),
            ("<sip:a@h>;tag=x", Owner::Other),
        ] {
            let text = request(to);
            let mut message = Message::cut(text.as_bytes()).expect("well shaped");
            assert_eq!(mark.take(&mut message), owner, "{to}");
        }
    }
}
