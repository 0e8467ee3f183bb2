//! A customer who leaves a message, as the events tell it.

use std::time::Duration;

use super::{Contact, SegmentKind};
use crate::{Channel, ContactEvent, Time};

/// A message that a customer left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voicemail {
    /// Until when the recording is kept.
    pub keep_until: Time,
    /// How long it is, and when it was left; nothing while the customer speaks, and where they
    /// left none.
    pub left: Option<(Duration, Time)>,
}

impl Contact {
    pub(super) fn leave_message(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::VoicemailStarted { keep_until, .. } => {
                self.voicemail = Some(Voicemail { keep_until: *keep_until, left: None });
                self.open(at, SegmentKind::Voicemail, None);
            }
            ContactEvent::VoicemailLeft { length } => {
                self.channel = Channel::Voicemail;
                self.close(at, "left");
                if let Some(voicemail) = &mut self.voicemail {
                    voicemail.left = Some((Duration::from_millis(*length), at));
                }
            }
            _ => {}
        }
    }
}
