use crate::{AgentId, ConsultationEnd, Consulted, ContactEvent, OfferId, Personal, Time};

/// An agent asks a colleague about the customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consultation {
    /// Names the leg of who is asked.
    pub offer: OfferId,
    /// Who asks.
    pub agent: AgentId,
    /// Who is asked.
    pub asked: Consulted,
    /// When.
    pub asked_at: Time,
    /// What it is about; may be empty.
    pub note: Personal<String>,
    /// The session of the dialogue script at the agent's desk.
    pub script_session: Option<String>,
    /// When the colleague answered.
    pub answered_at: Option<Time>,
    /// Whether the customer hears the two.
    pub is_conference: bool,
    /// When and why it ended; nothing while it goes on.
    pub ended: Option<(Time, ConsultationEnd)>,
}

impl Consultation {
    /// That of a question; nothing if `event` is none.
    pub(super) fn asked(at: Time, event: &ContactEvent) -> Option<Self> {
        let ContactEvent::ConsultationAsked { agent, offer, asked, note, script_session, .. } =
            event
        else {
            return None;
        };
        Some(Self {
            offer: *offer,
            agent: agent.clone(),
            asked: asked.clone(),
            asked_at: at,
            note: note.clone(),
            script_session: script_session.clone(),
            answered_at: None,
            is_conference: false,
            ended: None,
        })
    }

    /// Whether the colleague got the customer at this moment.
    pub(super) fn is_completed(&self, at: Time) -> bool {
        self.ended == Some((at, ConsultationEnd::Completed))
    }
}
