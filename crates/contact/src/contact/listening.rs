//! A supervisor on the line of a conversation, as its events tell it.

use crate::{AgentId, ContactEvent, ListeningMode, Time};

/// A supervisor listens to the conversation, or their telephone rings for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening {
    /// Who.
    pub supervisor: AgentId,
    /// Who hears them.
    pub mode: ListeningMode,
    /// Since when they are on the line; nothing while their telephone rings.
    pub since: Option<Time>,
}

impl Listening {
    pub(super) fn asked(event: &ContactEvent) -> Option<Self> {
        match event {
            ContactEvent::ListeningAsked { supervisor, mode, .. } => {
                Some(Self { supervisor: supervisor.clone(), mode: *mode, since: None })
            }
            _ => None,
        }
    }
}
