//! How many messages wait, and how a phone is told (RFC 3842 §3.5).

use std::fmt;

use serde::{Deserialize, Serialize};

/// How many messages wait for somebody.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Messages {
    /// That nobody has heard.
    pub new: u32,
    /// That somebody has heard, and that wait nevertheless.
    pub old: u32,
}

/// The body of a NOTIFY.
pub(super) struct Summary<'a> {
    pub(super) messages: Messages,
    /// The address that the phone has subscribed to.
    pub(super) account: &'a str,
}

impl fmt::Display for Summary<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Messages { new, old } = self.messages;
        let is_waiting = if new > 0 { "yes" } else { "no" };
        write!(
            out,
            "Messages-Waiting: {is_waiting}\r\nMessage-Account: {}\r\n\
             Voice-Message: {new}/{old}\r\n",
            self.account
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lamp_is_lit_for_what_nobody_has_heard() {
        let said = |new, old| {
            let messages = Messages { new, old };
            Summary { messages, account: "sip:101@192.0.2.1" }.to_string()
        };
        assert_eq!(
            said(2, 1),
            "Messages-Waiting: yes\r\nMessage-Account: sip:101@192.0.2.1\r\n\
             Voice-Message: 2/1\r\n"
        );
        assert!(said(0, 3).starts_with("Messages-Waiting: no\r\n"));
    }
}
