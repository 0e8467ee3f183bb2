//! A naive reading of the log: everything is found by going through all of it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::take;

use caruso_contact::{
    AgentEvent, AgentId, AgentState, ConsultationEnd, Consulted, ContactEvent, ContactId, EndCause,
    Event, Intervention, ListeningMode, Party, QueueId, Skills, Time,
};

use super::AGENTS;
use crate::tests::agent;

/// What the log says so far, found by going through all of it; when it is read; and whether waiting
/// makes up for priority, with strategies other than the longest idle, and queues overflow.
pub(super) struct Told<'a>(pub(super) &'a [(Time, Event)], pub(super) Time, pub(super) bool);

impl Told<'_> {
    pub(super) fn contact_events(
        &self,
        id: ContactId,
    ) -> impl Iterator<Item = (Time, &ContactEvent)> {
        self.0.iter().filter_map(move |(at, event)| match event {
            Event::Contact { contact, event } if *contact == id => Some((*at, event)),
            _ => None,
        })
    }

    pub(super) fn agent_events(&self, id: &AgentId) -> impl Iterator<Item = (Time, &AgentEvent)> {
        self.0.iter().filter_map(move |(at, event)| match event {
            Event::Agent { agent, event } if agent == id => Some((*at, event)),
            _ => None,
        })
    }

    pub(super) fn state(&self, id: &AgentId) -> AgentState {
        let changes = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::StateChanged { to, .. } => Some(to.clone()),
            _ => None,
        });
        changes.last().unwrap_or(AgentState::SignedOut)
    }

    /// Since when the agent is ready, or was before they had something, offers that were taken back
    /// aside.
    pub(super) fn ready_since(&self, id: &AgentId) -> Option<Time> {
        let mut since = None;
        for (at, event) in self.agent_events(id) {
            if let AgentEvent::StateChanged { from, to: AgentState::Ready, .. } = event
                && !matches!(from, AgentState::Offered { .. })
            {
                since = Some(at);
            }
        }
        since.filter(|_| self.load(id).is_some())
    }

    pub(super) fn serves(&self, id: &AgentId, queue: &QueueId) -> bool {
        let signed_in = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::SignedIn { queues, .. } | AgentEvent::QueuesSet { queues, .. } => {
                Some(queues)
            }
            _ => None,
        });
        signed_in.last().is_some_and(|queues| queues.contains(queue))
    }

    pub(super) fn skills(&self, id: &AgentId) -> Skills {
        let told = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::SkillsSet { skills } => Some(skills.clone()),
            _ => None,
        });
        told.last().unwrap_or_default()
    }

    /// What `routing.xml` asks for, in other words.
    pub(super) fn is_needed(
        &self,
        id: &AgentId,
        contact: ContactId,
        queue: &QueueId,
        since: Time,
    ) -> bool {
        if queue.as_str() != "expert" {
            return true;
        }
        let skills = self.skills(id);
        let level = |name: &str| skills.get(name).map_or(0, |it| it.level());
        let given = self.attributes(contact);
        let is_english = given.get("language").is_some_and(|it| it == "en");
        let grade = given.get("grade").and_then(|it| it.parse().ok()).unwrap_or(1);
        match self.1.since(since).as_secs() {
            0..10 => level("gas") > 2 && (is_english || level("dutch") >= grade),
            10..30 => level("gas") > 1,
            30.. => level("gas") > 0 || grade > 3,
        }
    }

    /// All that a script ever handed over; no move from one queue to another takes any away.
    pub(super) fn attributes(&self, contact: ContactId) -> BTreeMap<String, String> {
        let given = self.contact_events(contact).filter_map(|(_, event)| match event {
            ContactEvent::QueueEntered { attributes, .. } => attributes.known().cloned(),
            _ => None,
        });
        given.flatten().collect()
    }

    /// For whom alone a contact waits.
    pub(super) fn preferred_agent(&self, contact: ContactId) -> Option<AgentId> {
        let mut preferred = None;
        for (_, event) in self.contact_events(contact) {
            match event {
                ContactEvent::AgentPreferred { agent, .. } => preferred = Some(agent.clone()),
                ContactEvent::QueueEntered { .. }
                | ContactEvent::Connected { .. }
                | ContactEvent::PreferenceEnded { .. } => preferred = None,
                _ => {}
            }
        }
        preferred
    }

    /// Whether somebody can wait for this agent alone, who serves the queue and is not away.
    pub(super) fn is_there(&self, id: &AgentId, queue: &QueueId) -> bool {
        let here = !matches!(self.state(id), AgentState::SignedOut | AgentState::NotReady { .. });
        let chosen = self.agent_events(id).fold(None, |next, (_, event)| match event {
            AgentEvent::NextStateChosen { reason } => reason.clone(),
            AgentEvent::StateChanged { to: AgentState::NotReady { .. }, .. }
            | AgentEvent::StateChanged { to: AgentState::Ready, .. }
            | AgentEvent::StateChanged { to: AgentState::SignedOut, .. } => None,
            _ => next,
        });
        here && chosen.is_none() && self.serves(id, queue)
    }

    /// For whom alone a contact must wait that has just entered this queue.
    pub(super) fn must_wait_for(&self, contact: ContactId, queue: &QueueId) -> Option<AgentId> {
        if queue.as_str() != "calm" || !self.2 {
            return None;
        }
        let entered = self.contact_events(contact).filter_map(|(_, event)| match event {
            ContactEvent::QueueEntered { attributes, .. } => attributes.known(),
            _ => None,
        });
        let named = entered.last().and_then(|given| given.get("manager"));
        let known = self.contact_events(contact).filter_map(|(_, event)| match event {
            ContactEvent::Acquainted { agent, .. } => Some(agent.clone()),
            _ => None,
        });
        let named = named.map(|name| agent(name));
        named.into_iter().chain(known.last()).find(|id| self.is_there(id, queue))
    }

    /// The priority that a contact has in a queue.
    pub(super) fn priority(&self, contact: ContactId, queue: &QueueId) -> u8 {
        let given = self.contact_events(contact).filter_map(|(_, event)| match event {
            ContactEvent::Intervened {
                what: Intervention::Prioritized { priority, .. }, ..
            } => Some(*priority),
            _ => None,
        });
        if let Some(given) = given.last() {
            return given;
        }
        let grade = || self.attributes(contact).get("grade").and_then(|it| it.parse().ok());
        match (queue.as_str(), self.2) {
            ("urgent", _) => 1,
            ("expert", true) => grade().unwrap_or(1),
            _ => 0,
        }
    }

    /// Everybody who waits and is not being offered: (priority, since, id, queue).
    pub(super) fn waiting(&self) -> Vec<(u8, Time, ContactId, QueueId)> {
        let ids: BTreeSet<ContactId> =
            self.0.iter().filter_map(|(_, event)| event.contact()).collect();
        ids.into_iter().filter_map(|id| self.place(id)).collect()
    }

    pub(super) fn place(&self, id: ContactId) -> Option<(u8, Time, ContactId, QueueId)> {
        self.stand(id).filter(|(_, is_offered)| !is_offered).map(|(place, _)| place)
    }

    /// The place of a contact in its queue, as long as it waits there or phones ring for it, and
    /// whether they do.
    fn stand(&self, id: ContactId) -> Option<((u8, Time, ContactId, QueueId), bool)> {
        let mut place = None;
        let mut waits = false;
        let mut rings = BTreeSet::new();
        for (at, event) in self.contact_events(id) {
            match event {
                ContactEvent::QueueEntered { queue, since, .. } => {
                    let priority = self.priority(id, queue);
                    place = Some((priority, since.unwrap_or(at), id, queue.clone()));
                    waits = true;
                }
                ContactEvent::Offered { offer, .. } => _ = rings.insert(*offer),
                ContactEvent::OfferEnded { offer, .. } => {
                    rings.remove(offer);
                    waits = true;
                }
                ContactEvent::CallbackDue => waits = true,
                ContactEvent::Connected { .. } | ContactEvent::CustomerCalled { .. } => {
                    rings.clear();
                    waits = false;
                }
                ContactEvent::CallbackAsked { .. }
                | ContactEvent::CallbackPostponed { .. }
                | ContactEvent::VoicemailStarted { .. }
                | ContactEvent::Ended { .. } => waits = false,
                _ => {}
            }
        }
        place.filter(|_| waits).map(|place| (place, !rings.is_empty()))
    }

    /// Whether the customer has hung up and has not been reached since.
    pub(super) fn is_called_back(&self, contact: ContactId) -> bool {
        self.contact_events(contact).fold(false, |is, (_, event)| match event {
            ContactEvent::CallbackAsked { .. } => true,
            ContactEvent::Connected { .. } => false,
            _ => is,
        })
    }

    /// Whether it is a call; who has left a message has hung up.
    fn is_call(&self, contact: ContactId) -> bool {
        self.contact_events(contact).fold(false, |is, (_, event)| match event {
            ContactEvent::Arrived { channel, .. } => channel.is_call(),
            ContactEvent::Dialled { .. } => true,
            ContactEvent::VoicemailLeft { .. } => false,
            _ => is,
        })
    }

    /// When a call that waits and is not being offered entered its queue, with the queue.
    pub(super) fn calls(&self) -> Vec<(Time, QueueId, ContactId)> {
        let entered = |id| {
            let events = self.contact_events(id);
            let entries = events.filter(|(_, it)| matches!(it, ContactEvent::QueueEntered { .. }));
            entries.last().map(|(at, _)| at).unwrap_or_default()
        };
        let waiting = self.waiting().into_iter().filter(|(_, _, id, _)| self.is_call(*id));
        let waiting = waiting.filter(|(_, _, id, _)| !self.is_called_back(*id));
        waiting.map(|(_, _, id, queue)| (entered(id), queue, id)).collect()
    }

    /// How many are in a queue, also those who are being offered, of calls or of the others.
    pub(super) fn length(&self, of: &QueueId, as_is: ContactId) -> usize {
        let is_in = |id: &ContactId| {
            let (mut last, mut waits) = (None, false);
            for (_, event) in self.contact_events(*id) {
                match event {
                    ContactEvent::QueueEntered { queue, .. } => (last, waits) = (Some(queue), true),
                    // by name too: nobody else comes into their place
                    ContactEvent::Offered { .. } => waits = true,
                    ContactEvent::Connected { .. }
                    | ContactEvent::VoicemailStarted { .. }
                    | ContactEvent::Ended { .. } => waits = false,
                    _ => {}
                }
            }
            let is_here = waits && last == Some(of) && !self.is_called_back(*id);
            is_here && self.is_call(*id) == self.is_call(as_is)
        };
        let ids: BTreeSet<ContactId> = self.0.iter().filter_map(|(_, it)| it.contact()).collect();
        ids.iter().filter(|id| is_in(id)).count()
    }

    pub(super) fn is_served(&self, queue: &QueueId) -> bool {
        let here = |id: &AgentId| self.state(id) != AgentState::SignedOut;
        AGENTS.map(agent).iter().any(|id| here(id) && self.serves(id, queue))
    }

    /// With how many the agent has talked since the last sign-in.
    pub(super) fn taken(&self, id: &AgentId) -> u64 {
        let mut taken = 0;
        for (_, event) in self.0 {
            match event {
                Event::Agent { agent, event: AgentEvent::SignedIn { .. } } if agent == id => {
                    taken = 0
                }
                Event::Contact { event: ContactEvent::Connected { agent, .. }, .. } => {
                    taken += u64::from(agent == id);
                }
                _ => {}
            }
        }
        taken
    }

    pub(super) fn last_offered(&self, id: &AgentId, of: &QueueId) -> Time {
        let mut offers = self.0.iter().rev().filter_map(|(at, event)| match event {
            Event::Contact { event: ContactEvent::Offered { agent, queue, .. }, .. } => {
                (agent == id && queue == of).then_some(*at)
            }
            _ => None,
        });
        offers.next().unwrap_or_default()
    }

    /// How many points the contacts take that the agent has, who can be offered another one:
    /// whoever is ready, or has something that is no call, has a phone and does not go away next.
    pub(super) fn load(&self, id: &AgentId) -> Option<u32> {
        let AgentState::Talking { contact } = self.state(id) else {
            return (self.state(id) == AgentState::Ready).then_some(0);
        };
        let goes_away = self.agent_events(id).fold(None, |next, (_, event)| match event {
            AgentEvent::NextStateChosen { reason } => reason.clone(),
            AgentEvent::StateChanged { to, .. } if to.contact().is_none() => None,
            _ => next,
        });
        let phone = self.agent_events(id).filter_map(|(_, event)| match event {
            AgentEvent::PhoneRegistered => Some(true),
            AgentEvent::PhoneUnregistered => Some(false),
            _ => None,
        });
        if self.is_call(contact) || goes_away.is_some() || phone.last() != Some(true) {
            return None;
        }
        let theirs = 1 + self.laid_aside(id).len();
        u32::try_from(theirs * 40).ok()
    }

    /// What an agent has laid aside, in that order.
    pub(super) fn laid_aside(&self, id: &AgentId) -> Vec<ContactId> {
        let mut aside = Vec::new();
        for (_, event) in self.0 {
            let Event::Contact { contact, event } = event else { continue };
            match event {
                ContactEvent::Interrupted { agent } if agent == id => aside.push(*contact),
                ContactEvent::Resumed { agent } if agent == id => {
                    aside.retain(|it| it != contact);
                }
                ContactEvent::Ended { .. } => aside.retain(|it| it != contact),
                _ => {}
            }
        }
        aside
    }

    /// Whether the agent could be offered the contact beside what they have.
    pub(super) fn has_room(&self, id: &AgentId, contact: ContactId) -> bool {
        let takes = if self.is_call(contact) { 60 } else { 40 };
        self.load(id).is_some_and(|load| load + takes <= 100)
    }

    pub(super) fn candidates(
        &self,
        contact: ContactId,
        queue: &QueueId,
        at: Time,
    ) -> Vec<(Time, AgentId)> {
        let agents = AGENTS.map(agent).into_iter().filter(|id| self.serves(id, queue));
        let agents = agents.filter(|id| self.has_room(id, contact));
        let preferred = self.preferred_agent(contact);
        let agents = agents.filter(|id| match &preferred {
            Some(preferred) => preferred == id,
            None => self.is_needed(id, contact, queue, at),
        });
        let mut ready: Vec<_> =
            agents.filter_map(|id| self.ready_since(&id).map(|since| (since, id))).collect();
        ready.sort_by_key(|(since, id)| {
            let (level, term, idle) = match (self.2, queue.as_str()) {
                (true, "calm") => (0, self.taken(id), *since),
                (true, "urgent") => (0, self.last_offered(id, queue).as_millis(), *since),
                (true, "expert") => {
                    (self.skills(id).get("gas").map_or(0, |it| it.level()), 0, Time::default())
                }
                _ => (0, 0, *since),
            };
            (self.load(id), u8::MAX - level, term, idle, id.clone())
        });
        ready
    }

    /// By what a contact that waits is before others: its wait and priority, or what was said when
    /// it was brought forward in this line.
    pub(super) fn key(&self, id: ContactId) -> (i64, i64, ContactId) {
        let Some(((priority, since, ..), _)) = self.stand(id) else { return (0, 0, id) };
        let worth = i64::from(priority) * 10_000;
        let mut key = match self.2 {
            true => (0, since.as_millis() as i64 - worth, id),
            false => (-worth, since.as_millis() as i64, id),
        };
        let of_this_line = self.contact_events(id).fold(None, |brought, (_, event)| match event {
            ContactEvent::QueueEntered { .. }
            | ContactEvent::Intervened { what: Intervention::Prioritized { .. }, .. } => None,
            ContactEvent::Intervened {
                what: Intervention::BroughtForward { ahead, counts_from, .. },
                ..
            } => Some((*ahead, *counts_from)),
            _ => brought,
        });
        if let Some((ahead, counts_from)) = of_this_line {
            key = (-i64::from(ahead) * 10_000, counts_from.as_millis() as i64, id);
        }
        key
    }

    /// The next offer that must be made, by trying everybody. In an aged day a priority is worth
    /// ten seconds of waiting.
    pub(super) fn must_be_offered(&self) -> Option<(ContactId, AgentId)> {
        let mut waiting = self.waiting();
        waiting.sort_by_key(|(_, _, id, _)| self.key(*id));
        let mut pairs = waiting.into_iter().filter_map(|(_, since, id, queue)| {
            self.candidates(id, &queue, since).into_iter().next().map(|(_, agent)| (id, agent))
        });
        pairs.next()
    }

    /// Whose phone must ring along with others that ring already, once nobody waits whom anybody
    /// who is ready could take: where all ring for whoever is in `urgent`, was not given to one by
    /// name, and is on the line or writes.
    pub(super) fn must_ring_along(&self) -> Option<(ContactId, AgentId)> {
        if self.2 || self.must_be_offered().is_some() {
            return None;
        }
        let ids: BTreeSet<ContactId> =
            self.0.iter().filter_map(|(_, event)| event.contact()).collect();
        let rung = ids.into_iter().filter_map(|id| Some((id, self.stand(id)?)));
        let mut rung: Vec<_> = rung
            .filter(|(id, ((.., queue), is_offered))| {
                *is_offered && queue.as_str() == "urgent" && !self.is_by_name(*id)
            })
            .map(|(id, ((_, since, ..), _))| (self.key(id), id, since))
            .filter(|(_, id, _)| !self.is_called_back(*id))
            .collect();
        rung.sort();
        let urgent = QueueId::new("urgent").expect("a name");
        let mut pairs = rung.into_iter().filter_map(|(_, id, since)| {
            let first = self.candidates(id, &urgent, since).into_iter().next();
            first.map(|(_, agent)| (id, agent))
        });
        pairs.next()
    }

    /// Whether its last offer was by name.
    fn is_by_name(&self, id: ContactId) -> bool {
        let offers = self.contact_events(id).filter_map(|(_, event)| match event {
            ContactEvent::Offered { why, .. } => Some(why.transferred_by.is_some()),
            _ => None,
        });
        offers.last() == Some(true)
    }

    /// Who is asked about a contact. An agent who leaves then loses nobody the customer.
    pub(super) fn asked(&self, id: ContactId) -> Option<Consulted> {
        let mut asked = None;
        let mut over = false;
        for (_, event) in self.contact_events(id) {
            match event {
                ContactEvent::ConsultationAsked { asked: whom, .. } => {
                    assert!(asked.replace(whom.clone()).is_none(), "two at a time");
                }
                ContactEvent::ConsultationEnded { reason, .. } => {
                    assert!(asked.take().is_some(), "it was not begun");
                    over = *reason == ConsultationEnd::CallOver;
                    continue;
                }
                ContactEvent::Ended { by, .. } => {
                    assert!(asked.is_none() && (*by != Party::Agent || !over));
                }
                _ => assert!(!over, "the end of the call follows"),
            }
            over = false;
        }
        asked
    }

    /// Who listens to a conversation, or is rung for it, and who is to hear them.
    pub(super) fn listening(&self, id: ContactId) -> Option<(AgentId, ListeningMode)> {
        let mut listening = None;
        for (_, event) in self.contact_events(id) {
            match event {
                ContactEvent::ListeningAsked { supervisor, mode, .. } => {
                    let before = listening.replace((supervisor.clone(), *mode));
                    assert!(before.is_none(), "two at a time");
                }
                ContactEvent::ListeningChanged { mode, .. } => {
                    listening = listening.map(|(supervisor, _)| (supervisor, *mode));
                }
                ContactEvent::ListeningEnded { .. } => {
                    assert!(listening.take().is_some(), "it was not begun");
                }
                ContactEvent::Ended { .. }
                | ContactEvent::Offered { .. }
                | ContactEvent::QueueEntered { .. }
                | ContactEvent::ConsultationAnswered { .. } => {
                    assert!(listening.is_none(), "it goes on without the conversation");
                }
                _ => {}
            }
        }
        listening
    }

    /// offered = answered + abandoned + flowed out + still waiting.
    pub(super) fn assert_conserved(&self) {
        let count = |is: &dyn Fn(&ContactEvent) -> bool| {
            let events = self.0.iter().filter_map(|(_, event)| match event {
                Event::Contact { event, .. } => Some(event),
                Event::Agent { .. } => None,
            });
            events.filter(|event| is(event)).count()
        };
        let offered = count(&|event| matches!(event, ContactEvent::QueueEntered { .. }));
        let (mut answered, mut abandoned, mut flowed_out, mut waiting) = (0, 0, 0, 0);
        for id in self.0.iter().filter_map(|(_, e)| e.contact()).collect::<BTreeSet<_>>() {
            // whether the contact is in a stay in a queue of which nothing has come yet
            let mut waits = false;
            for (_, event) in self.contact_events(id) {
                match event {
                    ContactEvent::QueueEntered { .. } => {
                        flowed_out += usize::from(std::mem::replace(&mut waits, true));
                    }
                    ContactEvent::Connected { .. } => answered += usize::from(take(&mut waits)),
                    ContactEvent::VoicemailStarted { .. } => {
                        flowed_out += usize::from(take(&mut waits));
                    }
                    ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp } => {
                        abandoned += usize::from(take(&mut waits));
                    }
                    ContactEvent::Ended { .. } => flowed_out += usize::from(take(&mut waits)),
                    _ => {}
                }
            }
            waiting += usize::from(waits);
        }
        assert_eq!(offered, answered + abandoned + flowed_out + waiting);
    }
}
