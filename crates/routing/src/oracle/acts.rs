//! What people and telephones do on a random day; numbers choose among what there is.

use super::*;

impl Day {
    /// What happens to calls that agents make.
    pub(super) fn dialling(
        &self,
        kind: u8,
        which: usize,
        agent: AgentId,
        theirs: ContactId,
    ) -> Input {
        match (kind, which % 3) {
            (28 | 29, _) => {
                // some of the numbers may not be called
                let called = if which.is_multiple_of(5) { "09001234567" } else { "0612345678" };
                let mut wish = dial(agent.as_str(), 5_000 + self.desk.log.len() as u128, called);
                if let (Input::Dial { message, .. }, true) = (&mut wish, which % 2 == 1) {
                    *message = Some(theirs);
                }
                wish
            }
            (30, _) => Input::CustomerAnswered { contact: theirs },
            (_, 0) => Input::CustomerNotReached { contact: theirs, because: NotReached::Busy },
            (_, 1) => Input::CallerGone { contact: theirs },
            _ => Input::HangUp { agent, contact: theirs },
        }
    }

    /// What agents do with their phones by themselves.
    pub(super) fn at_phone(&self, kind: u8, which: usize, agent: AgentId) -> Input {
        match kind {
            45 => {
                let called = ["0612345678", "09001234567", "112"][which % 3];
                dials(agent.as_str(), 7_000 + self.desk.log.len() as u128, called)
            }
            46 => Input::AtPhone(AtPhone::Begins { agent }),
            _ => Input::AtPhone(AtPhone::Ends { agent }),
        }
    }

    /// An agent asks a colleague by another line of the phone, which is hung up or joined.
    pub(super) fn by_line(
        &self,
        kind: u8,
        which: usize,
        (agent, colleague, contact): (AgentId, AgentId, ContactId),
    ) -> Option<Input> {
        let line = OfferId(uuid::Uuid::from_u128(9_000_000 + self.desk.log.len() as u128));
        let asked = self.desk.router.domain().contact(contact);
        let asked = asked.and_then(|it| it.consultation.as_ref());
        Some(match (kind, asked) {
            (48, _) => Input::AtPhone(AtPhone::Consults { agent, contact, colleague, line }),
            (49, asked) => Input::Answered { offer: asked?.offer },
            (_, asked) if which.is_multiple_of(2) => Input::AgentGone { offer: asked?.line? },
            (_, asked) => Input::AgentLost { offer: asked?.line? },
        })
    }

    /// A script that talked with a customer is at its end, or a message is.
    pub(super) fn of_customer(&self, kind: u8, which: usize) -> Option<Input> {
        let contact = self.calls[which.checked_rem(self.calls.len())?];
        let length = (!which.is_multiple_of(4)).then_some(12_000);
        Some(match kind {
            44 => Input::Recorded { contact, length },
            _ => Input::IvrFinished { contact },
        })
    }

    /// A customer wants to be called back, who waits or does not.
    pub(super) fn asks_while_waiting(&self, which: usize) -> Option<Input> {
        let which = which.checked_rem(self.calls.len())?;
        Some(asks_back(self.calls[which].0.as_u128(), "calm", "06 1234 5678"))
    }

    /// A phone answers; some of the numbers to call back may not be called now, or at all.
    pub(super) fn answered(&self, offer: OfferId, which: usize) -> Input {
        if self.desk.router.domain().called_back_by(offer).is_none() {
            return Input::Answered { offer };
        }
        let number = if which.is_multiple_of(5) { "+319001234" } else { "+31612345678" };
        let attempts = vec![self.desk.now; which % 4];
        let known = KnownOfNumber { listed: Listed::No, attempts };
        Input::CallBack { offer, number: number.to_owned(), known }
    }

    /// An agent begins to work, or what the teams serve is other than before.
    pub(super) fn of_team(&self, kind: u8, which: usize, agent: AgentId) -> Input {
        let team = if which.is_multiple_of(3) { "calm" } else { "all" };
        let teams = vec![team.to_owned()];
        if kind == 1 { Input::SignIn { agent, teams } } else { Input::TeamsKnown { agent, teams } }
    }

    /// What a supervisor does.
    pub(super) fn intervention(&self, kind: u8, which: usize, agent: AgentId) -> Option<Input> {
        let supervisor = crate::tests::agent("sofie");
        let contact = || Some(self.calls[which.checked_rem(self.calls.len())?]);
        Some(match kind {
            34 => {
                let state = match which % 3 {
                    0 => ImposedState::Ready,
                    1 => ImposedState::NotReady { reason: ReasonId::new("break").ok()? },
                    _ => ImposedState::SignedOut,
                };
                Input::Impose { supervisor, agent, state, words: String::new() }
            }
            35 => {
                let queue = QueueId::new(QUEUES[which % QUEUES.len()]).ok()?;
                Input::Move { supervisor, contact: contact()?, queue }
            }
            36 if which.is_multiple_of(2) => {
                let priority = which as u8 % 10;
                Input::SetPriority { supervisor, contact: contact()?, priority }
            }
            36 => Input::BringForward { supervisor, contact: contact()? },
            _ => Input::End { supervisor, contact: contact()? },
        })
    }

    /// A supervisor listens to a conversation, or to another one.
    pub(super) fn listening(&self, kind: u8, which: usize, contact: ContactId) -> Input {
        // who is an agent, too, may take over
        let supervisor = crate::tests::agent(if which < 12 { "sofie" } else { "dirk" });
        let mut listening = self.desk.router.domain().contacts().filter_map(|(_, it)| {
            let it = it.listening.as_ref()?;
            Some(it.offer)
        });
        let leg = listening.next();
        match (kind, which % 4, leg) {
            (38, ..) => {
                let modes = [ListeningMode::Listen, ListeningMode::Whisper, ListeningMode::Barge];
                Input::Listen { supervisor, contact, mode: modes[which % 3] }
            }
            (39, _, Some(offer)) => Input::Answered { offer },
            (_, 0, Some(offer)) => Input::AgentGone { offer },
            (_, 1, Some(offer)) => Input::NotTaken { offer, because: NotTaken::Busy },
            (_, 2, Some(offer)) => Input::AgentLost { offer },
            (_, 3, Some(offer)) if which > 11 => {
                Input::TakeOver { contact: self.desk.router.domain().offers[&offer], supervisor }
            }
            _ => Input::StopListening { supervisor, contact },
        }
    }
}
