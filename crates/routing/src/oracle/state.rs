//! The state after a step: what stands in it is what the log says, in every index.

use super::*;

impl Day {
    /// The phones that ring for contacts are those of agents who are offered them, but for who is
    /// asked by a colleague; and more than one rings only where the queue says so.
    fn check_rings(&self, asked: &BTreeSet<AgentId>) {
        let domain = self.desk.router.domain();
        let mut rung = BTreeSet::new();
        for (id, contact) in domain.contacts() {
            let Stage::Offered { rings, by } = &contact.stage else { continue };
            let is_for_all = !self.is_aged && by.is_none() && contact.callback.is_none();
            let is_urgent = contact.queue().is_some_and(|queue| queue.as_str() == "urgent");
            assert!(rings.len() == 1 || rings.len() > 1 && is_for_all && is_urgent);
            rung.extend(rings.iter().map(|it| (it.agent.clone(), id, it.offer)));
        }
        let offered = domain.agents().filter_map(|(name, agent)| match agent.state {
            AgentState::Offered { contact, offer } => Some((name.clone(), contact, offer)),
            _ => None,
        });
        let offered = offered.filter(|(name, ..)| !asked.contains(name));
        assert_eq!(offered.collect::<BTreeSet<_>>(), rung);
    }

    /// Who dials does so for one contact that is dialled by them, until a deadline.
    fn check_dialling(&self) {
        let told = Told(&self.desk.log, self.desk.now, self.is_aged);
        let dialled = self.desk.router.domain().contacts().filter_map(|(id, contact)| {
            let Stage::Dialling { agent, offer, deadline, .. } = &contact.stage else {
                return None;
            };
            assert!(*deadline > self.desk.now);
            if contact.is_aside {
                assert_ne!(told.state(agent).contact(), Some(id), "the state knows nothing of it");
                return None;
            }
            Some((agent.clone(), AgentState::Dialling { contact: id, offer: *offer }))
        });
        let states = AGENTS.map(agent).map(|id| (id.clone(), told.state(&id)));
        let dialling = states.into_iter().filter(|(_, it)| it.name() == "dialling");
        assert_eq!(dialling.collect::<BTreeMap<_, _>>(), dialled.collect());
    }

    /// At most one agent has to do with a contact, and it knows; each state has its index.
    pub(super) fn check_state(&self) {
        self.check_consultations();
        self.check_dialling();
        self.check_listening();
        self.check_outside();
        let domain = self.desk.router.domain();
        let finishes = |state: &AgentState| matches!(state, AgentState::WrapUp { .. });
        let asked = domain.contacts().filter_map(|(_, contact)| contact.consultation.as_ref());
        let asked: BTreeSet<AgentId> =
            asked.filter_map(|it| it.asked.colleague().cloned()).collect();
        self.check_rings(&asked);
        let rings = |state: &AgentState| matches!(state, AgentState::Offered { .. });
        let with_customers = domain.agents().filter(|(name, agent)| {
            !finishes(&agent.state) && !rings(&agent.state) && !asked.contains(*name)
        });
        let busy: Vec<ContactId> =
            with_customers.filter_map(|(_, agent)| agent.state.contact()).collect();
        let distinct: BTreeSet<ContactId> = busy.iter().copied().collect();
        assert_eq!(busy.len(), distinct.len(), "two agents have to do with one contact");
        assert!(busy.iter().all(|contact| domain.contact(*contact).is_some()));
        for (name, agent) in domain.agents() {
            let contact = finishes(&agent.state).then(|| agent.state.contact()).flatten();
            assert_eq!(domain.wrap_up(name).map(|it| it.contact), contact);
        }
        let wrap_ups = domain.wrap_ups.iter().map(|(name, it)| (it.deadline, name.clone()));
        assert_eq!(wrap_ups.collect::<BTreeSet<_>>(), domain.wrap_up_deadlines);
        let resumptions = domain.agents().filter_map(|(id, it)| Some((it.resumes_at?, id.clone())));
        assert_eq!(resumptions.collect::<BTreeSet<_>>(), domain.resumptions);
        for (_, agent) in domain.agents().filter(|(_, agent)| agent.state == AgentState::Ready) {
            assert!(agent.has_phone, "ready without a phone");
        }
        let deadlines = domain.contacts().filter_map(|(id, it)| Some((it.deadline()?, id)));
        assert_eq!(deadlines.collect::<BTreeSet<_>>(), domain.deadlines);
        let mut replayed =
            Router::new(self.desk.router.configuration().clone().into(), Domain::default());
        for (at, event) in &self.desk.log {
            replayed.apply(*at, event);
        }
        assert_eq!(replayed.domain(), domain, "the state is not the fold of the log");
        for queue in QUEUES.map(|name| QueueId::new(name).expect("a name")) {
            let is_in = |it: &&Ongoing| {
                let is_waiting = matches!(it.stage, Stage::Waiting | Stage::Offered { .. });
                it.is_on_line() && is_waiting && it.place.as_ref().is_some_and(|it| it.0 == queue)
            };
            let calls = domain.contacts().map(|(_, it)| it).filter(is_in).count();
            assert_eq!(self.desk.router.length(&queue, true), calls);
        }
        Told(&self.desk.log, self.desk.now, self.is_aged).assert_conserved();
    }
}
