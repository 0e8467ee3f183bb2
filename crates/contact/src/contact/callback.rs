//! A customer who wants to be called back, as the events tell it.

use super::{Contact, Segment, SegmentKind};
use crate::{ContactEvent, Personal, Time};

/// A customer hung up and is to be called back when it is their turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Callback {
    /// Where to, as E.164.
    pub number: Personal<String>,
    /// When they asked.
    pub asked_at: Time,
    /// Until when they wait at the longest.
    pub expires_at: Time,
    /// Before that they are not called; nothing while they stand in line, and since they talked.
    pub not_before: Option<Time>,
    /// How often they were called and not reached.
    pub attempts: u32,
}

impl Contact {
    pub(super) fn call_back(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::CallbackAsked { number, not_before, expires_at } => {
                self.callback = Some(Callback {
                    number: number.clone(),
                    asked_at: at,
                    expires_at: *expires_at,
                    not_before: Some(*not_before),
                    attempts: 0,
                });
            }
            ContactEvent::CallbackPostponed { cause, is_attempt, not_before, .. } => {
                self.outbound = None;
                let is_waiting = |it: &Segment| it.kind == SegmentKind::Waiting;
                if !self.current_segment().is_some_and(is_waiting) {
                    self.close(at, cause.name());
                    self.open(at, SegmentKind::Waiting, None);
                }
                if let Some(callback) = &mut self.callback {
                    callback.attempts += u32::from(*is_attempt);
                    callback.not_before = Some(*not_before);
                }
            }
            ContactEvent::CallbackDue => {
                if let Some(callback) = &mut self.callback {
                    callback.not_before = None;
                }
            }
            _ => {}
        }
    }
}
