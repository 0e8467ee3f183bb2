//! Who is on the line beside an agent and a customer.

use super::*;

impl Day {
    /// Who listens does so to an agent and a customer who have each other alone, as the log says.
    pub(super) fn check_listening(&self) {
        let told = Told(&self.desk.log, self.desk.now, self.is_aged);
        let mut supervisors = BTreeSet::new();
        for (id, contact) in self.desk.router.domain().contacts() {
            let listening = contact.listening.as_ref();
            assert_eq!(listening.map(|it| (it.supervisor.clone(), it.mode)), told.listening(id));
            let Some(listening) = listening else { continue };
            assert!(matches!(contact.stage, Stage::Talking { .. }) && contact.is_call());
            assert!(contact.consultation.is_none());
            assert!(listening.rings_until.is_none_or(|until| until > self.desk.now));
            assert!(supervisors.insert(listening.supervisor.clone()), "two at a time");
        }
    }

    /// Who is asked about a contact is busy with it, as the log says, and rings until a deadline.
    pub(super) fn check_consultations(&self) {
        let told = Told(&self.desk.log, self.desk.now, self.is_aged);
        for (id, contact) in self.desk.router.domain().contacts() {
            let asked = contact.consultation.as_ref();
            assert_eq!(asked.map(|it| it.asked.clone()), told.asked(id));
            let Some(asked) = asked else { continue };
            assert!(matches!(contact.stage, Stage::Talking { .. }) && contact.is_call());
            let state = match asked.rings_until {
                Some(_) => AgentState::Offered { contact: id, offer: asked.offer },
                None => AgentState::Talking { contact: id },
            };
            if let Some(colleague) = asked.asked.colleague() {
                assert_eq!(told.state(colleague), state);
            }
            let is_held = !matches!(contact.stage, Stage::Talking { held: None, .. });
            assert!(!asked.is_conference || !is_held && asked.rings_until.is_none());
        }
    }
}
