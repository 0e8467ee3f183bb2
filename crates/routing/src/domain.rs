//! The state of a routing domain, as a fold over its events.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use caruso_contact::{
    AgentEvent, AgentId, AgentState, AttributeValue, Channel, ContactEvent, ContactId, Event,
    HoldPlace, Imposed, Intervention, OfferId, QueueId, ReasonId, Skills, Time,
};
use serde::{Deserialize, Serialize};

use crate::LONGEST_TALK;
use crate::ongoing::{Consultation, Ongoing, Place, Preferred, Required, Ringing, Stage};
use crate::pace::Pace;

mod announced;
mod called_back;
mod dialled;
mod interrupted;
mod listened;
mod outside;
mod recorded;

/// All contacts that are going on and all agents. Holds nothing personal.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Domain {
    pub(crate) agents: BTreeMap<AgentId, Agent>,
    pub(crate) contacts: BTreeMap<ContactId, Ongoing>,
    /// Waiting contacts that are not being offered, first in line first.
    pub(crate) lines: BTreeMap<QueueId, BTreeSet<Place>>,
    /// Ready agents, longest ready first.
    pub(crate) ready: BTreeSet<(Time, AgentId)>,
    /// Offers that ring or were accepted and whose contact goes on.
    pub(crate) offers: BTreeMap<OfferId, ContactId>,
    /// When states end by themselves; each contact has at most one.
    pub(crate) deadlines: BTreeSet<(Time, ContactId)>,
    /// What agents finish; the contact may go on elsewhere meanwhile.
    pub(crate) wrap_ups: BTreeMap<AgentId, Finishing>,
    /// When wrap-ups end by themselves.
    pub(crate) wrap_up_deadlines: BTreeSet<(Time, AgentId)>,
    /// When agents are ready again by themselves.
    #[serde(default)]
    pub(crate) resumptions: BTreeSet<(Time, AgentId)>,
    /// How fast queues move.
    #[serde(default)]
    pub(crate) paces: BTreeMap<QueueId, Pace>,
}

/// The contact that an agent finishes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finishing {
    /// The contact.
    pub contact: ContactId,
    /// The queue that the agent had it from, whose dispositions and rules hold.
    pub queue: Option<QueueId>,
    /// Until when at the longest.
    pub deadline: Time,
}

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// What the agent does.
    pub state: AgentState,
    /// Since when.
    pub since: Time,
    /// Ready since; an offer that was taken back does not change it.
    pub ready_since: Time,
    /// Whether the phone can be called.
    pub has_phone: bool,
    /// Queues that the agent serves.
    pub queues: BTreeSet<QueueId>,
    /// What the agent can do.
    pub skills: Skills,
    /// What the agent has laid aside for another contact; the last is taken up first.
    #[serde(default)]
    pub interrupted: Vec<ContactId>,
    /// Contacts that the agent has talked with since signing in.
    pub taken: u32,
    /// When a contact of each queue was last offered to the agent.
    pub last_offered: BTreeMap<QueueId, Time>,
    /// Reason for not ready after the contact; nothing for ready.
    pub next: Option<ReasonId>,
    /// When the agent, who is not ready, is ready again by themselves.
    #[serde(default)]
    pub resumes_at: Option<Time>,
    /// A supervisor's word on the state, as long as it holds.
    #[serde(default)]
    pub imposed: Option<Imposed>,
}

impl Domain {
    /// The agent, if they ever signed in or had a phone.
    pub fn agent(&self, agent: &AgentId) -> Option<&Agent> {
        self.agents.get(agent)
    }

    /// All agents by name.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentId, &Agent)> {
        self.agents.iter()
    }

    /// The contact, while it goes on.
    pub fn contact(&self, contact: ContactId) -> Option<&Ongoing> {
        self.contacts.get(&contact)
    }

    /// All contacts that go on, by id.
    pub fn contacts(&self) -> impl Iterator<Item = (ContactId, &Ongoing)> {
        self.contacts.iter().map(|(id, contact)| (*id, contact))
    }

    /// Who talks with whom by the phone that this offer made ring; nothing for a colleague who is
    /// consulted.
    pub fn talk(&self, offer: OfferId) -> Option<(ContactId, AgentId)> {
        let contact = *self.offers.get(&offer)?;
        match &self.contacts.get(&contact)?.stage {
            Stage::Talking { offer: own, agent, .. } if *own == offer => {
                Some((contact, agent.clone()))
            }
            _ => None,
        }
    }

    /// About whom an agent asks by these two legs of their phone, of which one has the customer and
    /// the other the colleague.
    pub fn asks_by(&self, one: OfferId, other: OfferId) -> Option<(ContactId, AgentId)> {
        let contact = *self.offers.get(&one)?;
        let known = self.contacts.get(&contact)?;
        let line = known.consultation.as_ref()?.line?;
        match &known.stage {
            Stage::Talking { offer, agent, .. }
                if [(*offer, line), (line, *offer)].contains(&(one, other)) =>
            {
                Some((contact, agent.clone()))
            }
            _ => None,
        }
    }

    /// What an agent finishes.
    pub fn wrap_up(&self, agent: &AgentId) -> Option<&Finishing> {
        self.wrap_ups.get(agent)
    }

    /// The moment at which a state ends by itself.
    pub(crate) fn next_deadline(&self) -> Option<Time> {
        let contact = self.deadlines.first().map(|(at, _)| *at);
        let agent = self.wrap_up_deadlines.first().map(|(at, _)| *at);
        let resumption = self.resumptions.first().map(|(at, _)| *at);
        contact.into_iter().chain(agent).chain(resumption).min()
    }

    /// How many conversations a script leads.
    pub(crate) fn led(&self) -> usize {
        let is_led = |it: &&Ongoing| it.stage == Stage::Ivr && !it.is_call();
        self.contacts.values().filter(is_led).count()
    }

    /// Folds one event, recorded at `at`.
    pub fn apply(&mut self, at: Time, event: &Event) {
        match event {
            Event::Contact { contact, event } => self.apply_contact(at, *contact, event),
            Event::Agent { agent, event } => self.apply_agent(at, agent, event),
        }
    }

    fn apply_contact(&mut self, at: Time, id: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::Arrived { called, channel, .. } => self.arrived(at, id, called, *channel),
            ContactEvent::Dialled { .. }
            | ContactEvent::CustomerCalled { .. }
            | ContactEvent::CallbackAsked { .. }
            | ContactEvent::CallbackPostponed { .. }
            | ContactEvent::CallbackDue => self.apply_call_of_ours(at, id, event),
            ContactEvent::QueueEntered {
                queue, priority, counts_from, since, declared, ..
            } => {
                let place = Place::new(id, since.unwrap_or(at), *priority, *counts_from);
                self.queued(at, id, (queue.clone(), place), since.is_none(), declared);
            }
            ContactEvent::Overflowed { .. } => self.overflowed(id),
            ContactEvent::VoicemailStarted { .. } | ContactEvent::VoicemailLeft { .. } => {
                self.apply_voicemail(id, event);
            }
            ContactEvent::Intervened { supervisor, what } => self.intervened(id, supervisor, what),
            ContactEvent::WaitAnnounced { .. }
            | ContactEvent::AsideStarted { .. }
            | ContactEvent::AsideEnded => self.apply_aside(at, id, event),
            ContactEvent::Acquainted { agent, at } => self.acquaint(id, agent, *at),
            ContactEvent::AgentPreferred { agent, until, cause } => {
                let (agent, until, cause) = (agent.clone(), *until, *cause);
                self.prefer(id, Some(Preferred { agent, until, cause }));
            }
            ContactEvent::PreferenceEnded { .. } => self.prefer(id, None),
            ContactEvent::RequirementSet { step, attributes, until } => {
                let (step, attributes, until) = (*step, attributes.clone(), *until);
                self.require(id, Required { step, attributes, until });
            }
            ContactEvent::Offered { offer, queue, agent, deadline, why, .. } => {
                if let Some(known) = self.agents.get_mut(agent) {
                    known.last_offered.insert(queue.clone(), at);
                }
                let (offer, agent, deadline) = (*offer, agent.clone(), *deadline);
                let by = why.transferred_by.clone();
                self.rings(id, Ringing { offer, agent, deadline }, by);
            }
            ContactEvent::OfferEnded { offer, .. } => self.offer_ended(id, *offer),
            ContactEvent::Connected { offer, agent } => self.connected(at, id, *offer, agent),
            ContactEvent::Held { place, .. } => self.hold(id, Some(*place)),
            ContactEvent::Retrieved { .. } => self.hold(id, None),
            ContactEvent::ConsultationAsked { .. }
            | ContactEvent::ConsultationAnswered { .. }
            | ContactEvent::ConferenceStarted { .. }
            | ContactEvent::ConsultationEnded { .. } => self.apply_consultation(id, event),
            ContactEvent::ListeningAsked { .. }
            | ContactEvent::ListeningStarted { .. }
            | ContactEvent::ListeningChanged { .. }
            | ContactEvent::ListeningEnded { .. } => self.apply_listening(id, event),
            ContactEvent::WrapUpStarted { agent, deadline } => {
                self.finish(id, agent, *deadline);
            }
            ContactEvent::Ended { .. } => self.ended(id),
            ContactEvent::WrapUpEnded { agent, .. } => self.finished(agent),
            ContactEvent::OutsideCalled { .. }
            | ContactEvent::OutsideConnected { .. }
            | ContactEvent::OutsideNotReached { .. } => self.apply_outside(at, id, event),
            ContactEvent::Interrupted { agent } | ContactEvent::Resumed { agent } => {
                self.lay_aside(id, agent, matches!(event, ContactEvent::Interrupted { .. }));
            }
            ContactEvent::Transferred { .. }
            | ContactEvent::AgentLost { .. }
            | ContactEvent::IvrStarted { .. }
            | ContactEvent::IvrEnded { .. }
            | ContactEvent::CustomerIdentified { .. }
            | ContactEvent::Disposed { .. } => {}
        }
    }

    fn arrived(&mut self, at: Time, id: ContactId, called: &str, channel: Channel) {
        self.contacts.insert(id, Ongoing::begun(at, called, channel));
        self.enter(id, Stage::Ivr);
    }

    fn queued(
        &mut self,
        at: Time,
        id: ContactId,
        place: (QueueId, Place),
        is_first: bool,
        declared: &BTreeMap<String, AttributeValue>,
    ) {
        // out of the line of the place it had before
        self.leave(id);
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.place = Some(place);
            (contact.queued_at, contact.stage) = (at, Stage::Ended);
            (contact.required, contact.preferred_agent) = (None, None);
            (contact.callback, contact.announced, contact.hears_script) = (None, None, false);
            if is_first {
                contact.overflowed_from = None;
            }
            contact.declared.extend(declared.clone());
        }
        self.enter(id, Stage::Waiting);
    }

    fn connected(&mut self, at: Time, id: ContactId, offer: OfferId, agent: &AgentId) {
        if let Some(known) = self.agents.get_mut(agent) {
            known.taken = known.taken.saturating_add(1);
        }
        self.prefer(id, None);
        self.note_turn(at, id);
        self.reached(id);
        let (agent, deadline) = (agent.clone(), at.after(LONGEST_TALK));
        self.enter(id, Stage::Talking { offer, agent, deadline, held: None });
    }

    fn acquaint(&mut self, id: ContactId, agent: &AgentId, at: Time) {
        if let Some(contact) = self.contacts.get_mut(&id) {
            contact.acquainted = Some((agent.clone(), at));
        }
    }

    fn apply_consultation(&mut self, id: ContactId, event: &ContactEvent) {
        match event {
            ContactEvent::ConsultationAsked { offer, asked, deadline, line, .. } => {
                let (offer, asked, line) = (*offer, asked.clone(), *line);
                let rings_until = Some(*deadline);
                let is_conference = false;
                let asked = Consultation { offer, asked, rings_until, is_conference, line };
                self.consult(id, Some(asked));
            }
            ContactEvent::ConsultationAnswered { .. } => {
                let asked = self.contacts.get(&id).and_then(|it| it.consultation.clone());
                let answered = |asked| Consultation { rings_until: None, ..asked };
                self.consult(id, asked.map(answered));
            }
            ContactEvent::ConferenceStarted { .. } => self.confer(id, true),
            ContactEvent::ConsultationEnded { .. } => self.consult(id, None),
            _ => {}
        }
    }

    fn require(&mut self, id: ContactId, required: Required) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        // before `declared` was told, this was all that a log said of the attributes
        for (name, value) in &required.attributes {
            contact.declared.entry(name.clone()).or_insert_with(|| value.clone());
        }
        contact.required = Some(required);
        let stage = contact.stage.clone();
        self.enter(id, stage);
    }

    fn overflowed(&mut self, id: ContactId) {
        if let Some(contact) = self.contacts.get_mut(&id) {
            let place = contact.place.as_ref();
            contact.overflowed_from = place.map(|(queue, _)| queue.clone());
        }
    }

    fn intervened(&mut self, id: ContactId, supervisor: &AgentId, what: &Intervention) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        match (what, &mut contact.place) {
            (Intervention::BroughtForward { ahead, counts_from }, Some((_, place))) => {
                (place.ahead, place.counts_from) = (Reverse(*ahead), *counts_from);
            }
            (Intervention::Prioritized { priority, counts_from }, Some((_, place))) => {
                *place = Place::new(id, place.entered, *priority, *counts_from);
                contact.prioritized = Some((supervisor.clone(), *priority));
            }
            _ => {}
        }
        let stage = contact.stage.clone();
        self.enter(id, stage);
    }

    /// A phone rings, the first or one more.
    fn rings(&mut self, id: ContactId, ringing: Ringing, by: Option<AgentId>) {
        let stage = self.contacts.get(&id).map(|contact| contact.stage.clone());
        let mut rings = match stage {
            Some(Stage::Offered { rings, .. }) => rings,
            _ => Vec::new(),
        };
        rings.push(ringing);
        self.enter(id, Stage::Offered { rings, by });
    }

    /// A phone rings no longer; the contact waits alone once none does.
    fn offer_ended(&mut self, id: ContactId, offer: OfferId) {
        let stage = self.contacts.get(&id).map(|contact| contact.stage.clone());
        let stage = match stage {
            Some(Stage::Offered { mut rings, by }) if rings.len() > 1 => {
                rings.retain(|it| it.offer != offer);
                Stage::Offered { rings, by }
            }
            _ => Stage::Waiting,
        };
        self.enter(id, stage);
    }

    fn prefer(&mut self, id: ContactId, preferred: Option<Preferred>) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        contact.preferred_agent = preferred;
        let stage = contact.stage.clone();
        self.enter(id, stage);
    }

    /// After a conversation, or a call to a customer, wrap-up follows in the same batch; otherwise
    /// it is over.
    fn ended(&mut self, id: ContactId) {
        let contact = self.contacts.get(&id);
        let has_agent = |stage: &Stage| {
            matches!(stage, Stage::Talking { .. } | Stage::Dialling { is_called: true, .. })
        };
        let is_beside = |contact: &Ongoing| contact.is_aside || contact.is_interrupted;
        if contact.is_some_and(|contact| has_agent(&contact.stage) && !is_beside(contact)) {
            self.enter(id, Stage::Ended);
        } else {
            self.forget_interrupted(id);
            self.remove(id);
        }
    }

    /// The agent begins to finish what they had; a contact that has ended is theirs alone now.
    fn finish(&mut self, id: ContactId, agent: &AgentId, deadline: Time) {
        let contact = self.contacts.get(&id);
        let queue = contact.and_then(|it| it.place.as_ref()).map(|(queue, _)| queue.clone());
        let has_ended = contact.is_some_and(|contact| contact.stage == Stage::Ended);
        self.wrap_ups.insert(agent.clone(), Finishing { contact: id, queue, deadline });
        self.wrap_up_deadlines.insert((deadline, agent.clone()));
        if has_ended {
            self.remove(id);
        }
    }

    fn finished(&mut self, agent: &AgentId) {
        if let Some(Finishing { deadline, .. }) = self.wrap_ups.remove(agent) {
            self.wrap_up_deadlines.remove(&(deadline, agent.clone()));
        }
    }

    /// A conference is a consultation again when the customer is put on hold.
    fn hold(&mut self, id: ContactId, place: Option<HoldPlace>) {
        if place.is_some() {
            self.confer(id, false);
        }
        if let Some(Ongoing { stage: Stage::Talking { held, .. }, .. }) = self.contacts.get_mut(&id)
        {
            *held = place;
        }
    }

    fn confer(&mut self, id: ContactId, is_conference: bool) {
        let contact = self.contacts.get_mut(&id);
        if let Some(asked) = contact.and_then(|contact| contact.consultation.as_mut()) {
            asked.is_conference = is_conference;
        }
    }

    fn consult(&mut self, id: ContactId, consultation: Option<Consultation>) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        contact.consultation = consultation;
        let stage = contact.stage.clone();
        self.enter(id, stage);
    }

    fn remove(&mut self, id: ContactId) {
        self.leave(id);
        self.contacts.remove(&id);
    }

    pub(crate) fn enter(&mut self, id: ContactId, stage: Stage) {
        self.leave(id);
        let Some(contact) = self.contacts.get_mut(&id) else { return };
        contact.stage = stage;
        if let Some(deadline) = contact.deadline() {
            self.deadlines.insert((deadline, id));
        }
        let asked = contact.consultation.iter().flat_map(Consultation::legs);
        self.offers.extend(asked.map(|leg| (leg, id)));
        self.offers.extend(contact.listening.iter().map(|it| (it.offer, id)));
        match (&contact.stage, &contact.place) {
            (Stage::Waiting, Some((queue, place))) => {
                self.lines.entry(queue.clone()).or_default().insert(place.clone());
            }
            (stage, _) => self.offers.extend(stage.legs().map(|leg| (leg, id))),
        }
    }

    /// Takes the contact out of every index.
    fn leave(&mut self, id: ContactId) {
        let Some(contact) = self.contacts.get(&id) else { return };
        if let Some(deadline) = contact.deadline() {
            self.deadlines.remove(&(deadline, id));
        }
        for leg in contact.consultation.iter().flat_map(Consultation::legs) {
            self.offers.remove(&leg);
        }
        if let Some(listening) = &contact.listening {
            self.offers.remove(&listening.offer);
        }
        match (&contact.stage, &contact.place) {
            (Stage::Waiting, Some((queue, place))) => {
                if let Some(line) = self.lines.get_mut(queue) {
                    line.remove(place);
                    if line.is_empty() {
                        self.lines.remove(queue);
                    }
                }
            }
            (stage, _) => stage.legs().for_each(|leg| _ = self.offers.remove(&leg)),
        }
    }

    fn apply_agent(&mut self, at: Time, id: &AgentId, event: &AgentEvent) {
        if !self.agents.contains_key(id) {
            self.agents.insert(id.clone(), Agent::signed_out(at));
        }
        let Some(agent) = self.agents.get_mut(id) else { return };
        match event {
            AgentEvent::SignedIn { queues, .. } => {
                agent.queues.clone_from(queues);
                agent.taken = 0;
            }
            AgentEvent::QueuesSet { queues, .. } => agent.queues.clone_from(queues),
            AgentEvent::SkillsSet { skills } => agent.skills.clone_from(skills),
            AgentEvent::SignedOut => {}
            AgentEvent::NextStateChosen { reason } => agent.choose_next(reason.as_ref()),
            AgentEvent::Imposed { supervisor, state, words } => {
                let (supervisor, state, words) = (supervisor.clone(), state.clone(), words.clone());
                agent.imposed = Some(Imposed { supervisor, at, state, words });
            }
            AgentEvent::ResumesAt { at } => {
                agent.resumes_at = Some(*at);
                self.resumptions.insert((*at, id.clone()));
            }
            AgentEvent::PhoneRegistered => agent.has_phone = true,
            AgentEvent::PhoneUnregistered => agent.has_phone = false,
            AgentEvent::StateChanged { from, to, .. } => {
                self.ready.remove(&(agent.ready_since, id.clone()));
                if let Some(at) = agent.resumes_at.take() {
                    self.resumptions.remove(&(at, id.clone()));
                }
                agent.change(at, from, to);
                if agent.state == AgentState::Ready {
                    self.ready.insert((agent.ready_since, id.clone()));
                }
            }
        }
    }
}

impl Agent {
    fn signed_out(at: Time) -> Self {
        Self {
            state: AgentState::SignedOut,
            since: at,
            ready_since: at,
            has_phone: false,
            queues: BTreeSet::new(),
            skills: Skills::new(),
            taken: 0,
            last_offered: BTreeMap::new(),
            interrupted: Vec::new(),
            next: None,
            resumes_at: None,
            imposed: None,
        }
    }

    fn choose_next(&mut self, reason: Option<&ReasonId>) {
        self.next = reason.cloned();
        self.imposed = self.imposed.take().filter(|it| it.state.is_next(reason));
    }

    fn change(&mut self, at: Time, from: &AgentState, to: &AgentState) {
        let is_offer_back = matches!(from, AgentState::Offered { .. });
        if *to == AgentState::Ready && !is_offer_back {
            self.ready_since = at;
        }
        if to.contact().is_none() {
            self.next = None;
        }
        self.imposed = self.imposed.take().filter(|it| it.state.outlives(to));
        self.state = to.clone();
        self.since = at;
    }
}
