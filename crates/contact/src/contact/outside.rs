//! A customer whom an agent passed on to an outside number, as the events tell it.

use super::{Contact, SegmentKind};
use crate::{AgentId, ContactEvent, DestinationId, EndCause, Personal, Time};

/// An outside number was called for the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outside {
    /// Who passed the customer on.
    pub agent: AgentId,
    /// Which of the destinations of `routing.xml`.
    pub destination: DestinationId,
    /// The number, as E.164.
    pub number: Personal<String>,
    /// When it was called.
    pub called_at: Time,
    /// When somebody answered there.
    pub connected_at: Option<Time>,
    /// Why nobody talked; nothing while it rings, and where somebody answered.
    pub not_reached: Option<EndCause>,
}

impl Contact {
    pub(super) fn go_outside(&mut self, at: Time, event: &ContactEvent) {
        match event {
            ContactEvent::OutsideCalled { agent, destination, called, .. } => {
                self.outside.push(Outside {
                    agent: agent.clone(),
                    destination: destination.clone(),
                    number: called.clone(),
                    called_at: at,
                    connected_at: None,
                    not_reached: None,
                });
                self.open(at, SegmentKind::CallingOutside, Some(agent));
            }
            ContactEvent::OutsideConnected { .. } => {
                self.close(at, "answered");
                if let Some(last) = self.outside.last_mut() {
                    last.connected_at = Some(at);
                }
                self.open(at, SegmentKind::Outside, None);
            }
            ContactEvent::OutsideNotReached { cause, .. } => {
                self.close(at, cause.name());
                if let Some(last) = self.outside.last_mut() {
                    last.not_reached = Some(*cause);
                }
            }
            _ => {}
        }
    }
}
