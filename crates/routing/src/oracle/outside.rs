//! Customers who are passed on to an outside number, and what happens there.

use caruso_contact::{Consulted, DestinationId};

use super::*;

/// The one destination of `routing.xml`.
pub(super) fn partner() -> Destination {
    Destination::Outside(named())
}

fn named() -> DestinationId {
    DestinationId::new("partner").expect("a name")
}

/// Whom an agent asks: a colleague, or somebody there.
pub(super) fn asked(which: usize, colleague: AgentId) -> Consulted {
    if which.is_multiple_of(5) { named().into() } else { colleague.into() }
}

/// Nothing is called for a customer but the number of the file, once for each time that an agent
/// passed them on.
pub(super) fn check(log: &[(Time, Event)], decision: &Decision) {
    let told = Told(log, Time::default(), false);
    for effect in &decision.effects {
        let (offer, permit) = match &effect.action {
            Action::CallOutside { offer, permit, .. }
            | Action::AskOutside { offer, permit, .. } => (*offer, permit),
            _ => continue,
        };
        assert_eq!((permit.called(), permit.evidence()), ("+31201234567", None));
        let asked = log.iter().filter(|(_, event)| {
            matches!(event, Event::Contact {
                event: ContactEvent::ConsultationAsked { offer: it, called: Some(_), .. }, ..
            } if *it == offer)
        });
        if let Action::AskOutside { .. } = &effect.action {
            assert_eq!(asked.count(), 1, "it is told before it is done");
            continue;
        }
        let Action::CallOutside { contact, .. } = effect.action else { continue };
        let of_leg = told.contact_events(contact).filter(|(_, event)| {
            matches!(event, ContactEvent::OutsideCalled { offer: it, .. } if *it == offer)
        });
        assert_eq!(of_leg.count(), 1, "it is told before it is done");
        let count = |is: fn(&ContactEvent) -> bool| {
            told.contact_events(contact).filter(|(_, event)| is(event)).count()
        };
        let passed_on = count(|it| matches!(it, ContactEvent::Transferred { .. }));
        assert!(count(|it| matches!(it, ContactEvent::OutsideCalled { .. })) <= passed_on);
    }
}

impl Day {
    /// What whoever is called outside does.
    pub(super) fn outside(&self, which: usize) -> Option<Input> {
        let legs = self.desk.router.domain().contacts().filter_map(|(_, it)| match &it.stage {
            Stage::Outside { offer, .. } => Some(*offer),
            _ => it
                .consultation
                .as_ref()
                .filter(|it| it.asked.colleague().is_none())
                .map(|it| it.offer),
        });
        let legs: Vec<OfferId> = legs.collect();
        let offer = *legs.get(which / 5 % legs.len().max(1))?;
        Some(match which % 5 {
            0 | 1 => Input::Answered { offer },
            2 => Input::OutsideNotReached { offer, because: NotReached::Busy },
            3 => Input::AgentLost { offer },
            _ => Input::AgentGone { offer },
        })
    }

    /// Whoever is outside has no agent any more, and waits nowhere until they come back.
    pub(super) fn check_outside(&self) {
        let told = Told(&self.desk.log, self.desk.now, self.is_aged);
        for (id, contact) in self.desk.router.domain().contacts() {
            let read = told.contact_events(id).fold(None, |read, (_, event)| match event {
                ContactEvent::OutsideCalled { .. } => Some(false),
                ContactEvent::OutsideConnected { .. } => read.map(|_| true),
                ContactEvent::OutsideNotReached { .. } | ContactEvent::Ended { .. } => None,
                _ => read,
            });
            let Stage::Outside { deadline, is_connected, .. } = &contact.stage else {
                assert_eq!(read, None);
                continue;
            };
            assert_eq!(read, Some(*is_connected));
            assert!(*deadline > self.desk.now && contact.is_call());
            assert!(told.place(id).is_none(), "it waits as well");
            let with_agent = AGENTS.map(agent).into_iter().find(|it| {
                let state = told.state(it);
                state.contact() == Some(id) && !matches!(state, AgentState::WrapUp { .. })
            });
            assert_eq!(with_agent, None);
        }
    }
}
