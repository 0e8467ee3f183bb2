//! What must have happened outside for a decision to begin with an event.
//!
//! The log holds what was decided, not what was asked for. Of the first event of a decision it can
//! be told what led to it; all others follow. Where several things lead to the same beginning
//! (who hung up, the agent's telephone or the desk), all are named, and the decision tells.

use std::collections::{BTreeMap, BTreeSet};

use caruso_contact::{
    AgentEvent, AgentId, AgentState, AttributeValue, Channel, ConsultationEnd, Consulted,
    ContactEvent, ContactId, EndCause, Event, HoldPlace, Intervention, IvrEnd, ListeningEnd,
    OfferEnd, OfferId, Party, Personal, Preference, QueueId, ScriptId, StateCause, WrapUpEnd,
    reason,
};
use caruso_routing::{
    AtPhone, Configuration, Conversation, Destination, Domain, Input, NotReached, NotTaken,
    Ongoing, Stage, Stand,
};

use crate::recording::Recorded;

mod callback;
mod outside;

/// Something from outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// It happened, or somebody wanted it.
    Input(Box<Input>),
    /// The process was started anew.
    Restart,
    /// It was decided by what no log tells, such as the number that an agent called: so many events
    /// stand as they are.
    Told(usize),
}

impl From<Input> for Cause {
    fn from(input: Input) -> Self {
        Self::Input(Box::new(input))
    }
}

/// What is known where a decision begins.
pub(crate) struct Scene<'a> {
    pub(crate) configuration: &'a Configuration,
    /// Routing before the decision, which has its own ids of offers.
    pub(crate) domain: &'a Domain,
    /// The events behind the first one of the same moment, at most [`MOST_IN_DECISION`].
    pub(crate) rest: &'a [Recorded],
    /// The router's own id of a recorded offer.
    pub(crate) own: &'a dyn Fn(OfferId) -> OfferId,
}

impl Scene<'_> {
    /// What may have led to a decision that begins with this event, the likeliest first; nothing
    /// where none does.
    pub(crate) fn causes(&self, event: &Event) -> Vec<Cause> {
        match event {
            Event::Contact { contact, event } => self.of_contact(*contact, event),
            Event::Agent { agent, event: AgentEvent::StateChanged { from, .. } }
                if is_own_call(from) && !is_wanted(event) =>
            {
                vec![Input::AtPhone(AtPhone::Ends { agent: agent.clone() }).into(), Cause::Restart]
            }
            Event::Agent { agent, event } => {
                self.of_agent(agent.clone(), event).into_iter().map(Cause::from).collect()
            }
        }
    }

    fn of_contact(&self, contact: ContactId, event: &ContactEvent) -> Vec<Cause> {
        match event {
            ContactEvent::Arrived { calling, signalled, called, channel } => {
                vec![self.arrival(contact, (calling, signalled), called, *channel).into()]
            }
            ContactEvent::IvrEnded { outcome } => self.end_of_script(contact, *outcome),
            ContactEvent::CustomerIdentified { customer } => {
                vec![Input::Identified { contact, customer: customer.clone() }.into()]
            }
            ContactEvent::OfferEnded { offer, reason, .. } => {
                vec![self.end_of_offer(contact, *offer, *reason)]
            }
            ContactEvent::CallbackAsked { .. } => vec![self.asks_back(contact).into()],
            ContactEvent::AsideStarted { .. } => self.presses_key(contact),
            ContactEvent::AsideEnded => vec![Input::IvrFinished { contact }.into(), Cause::Restart],
            ContactEvent::Dialled { agent, evidence, at_phone, is_aside, .. } => {
                let told = match evidence.denied {
                    // itself and its end, or the call
                    Some(_) => 2,
                    None if *is_aside => 2,
                    None => self.dialled(agent) + usize::from(*at_phone),
                };
                vec![Cause::Told(told)]
            }
            ContactEvent::CustomerCalled { .. } => {
                match self.contact(contact).map(|it| &it.stage) {
                    Some(Stage::Dialling { offer, .. }) => {
                        vec![Input::Answered { offer: *offer }.into()]
                    }
                    // itself, and that the agent dials
                    Some(Stage::Offered { .. }) => vec![Cause::Told(2)],
                    _ => Vec::new(),
                }
            }
            ContactEvent::Connected { .. } if self.is_dialled(contact) => {
                vec![Input::CustomerAnswered { contact }.into()]
            }
            ContactEvent::OutsideNotReached { offer, cause } => self.not_there(*offer, *cause),
            ContactEvent::Connected { offer, .. }
            | ContactEvent::OutsideConnected { offer }
            | ContactEvent::ListeningStarted { offer, .. }
            | ContactEvent::ConsultationAnswered { offer, .. } => {
                vec![Input::Answered { offer: (self.own)(*offer) }.into()]
            }
            ContactEvent::ConsultationEnded { offer, asked, reason } => {
                self.end_of_question(contact, *offer, asked, *reason)
            }
            ContactEvent::ListeningEnded { offer, supervisor, reason } => {
                self.end_of_listening(contact, *offer, supervisor, *reason)
            }
            ContactEvent::Ended { by, cause } => self.end(contact, *by, *cause),
            ContactEvent::VoicemailLeft { length } => {
                vec![Input::Recorded { contact, length: Some(*length) }.into()]
            }
            ContactEvent::RequirementSet { .. } => vec![Input::Tick.into(), Cause::Restart],
            ContactEvent::CallbackPostponed { cause, .. } => {
                self.not_reached(contact, Party::System, *cause)
            }
            ContactEvent::Interrupted { agent } => self.taken_up(agent),
            ContactEvent::WrapUpEnded { agent, cause: WrapUpEnd::Skipped } => {
                self.chosen(agent).map(Cause::from).into_iter().collect()
            }
            ContactEvent::Overflowed { .. }
            | ContactEvent::CallbackDue
            | ContactEvent::WaitAnnounced { .. }
            | ContactEvent::PreferenceEnded { .. }
            | ContactEvent::WrapUpEnded { .. }
            | ContactEvent::Offered { .. } => vec![Input::Tick.into()],
            _ => self.wish(contact, event).into_iter().map(Cause::from).collect(),
        }
    }

    /// What an agent wants of a contact.
    fn wish(&self, contact: ContactId, event: &ContactEvent) -> Option<Input> {
        Some(match event.clone() {
            ContactEvent::Transferred { agent, note } => {
                Input::Transfer { agent, contact, to: self.destination(contact)?, note }
            }
            ContactEvent::Held { agent, place: HoldPlace::Desk } => {
                match self.next(contact, |it| matches!(it, ContactEvent::ConsultationAsked { .. }))
                {
                    Some(asked) => return self.wish(contact, &asked.clone()),
                    None => Input::Hold { agent, contact },
                }
            }
            ContactEvent::Held { .. } => Input::PhoneHeld { offer: self.leg(contact)?.0 },
            ContactEvent::Retrieved { agent } => {
                let confers = |it: &_| matches!(it, ContactEvent::ConferenceStarted { .. });
                match self.leg(contact)? {
                    _ if self.next(contact, confers).is_some() => Input::Confer { agent, contact },
                    (offer, Some(HoldPlace::Telephone)) => Input::PhoneRetrieved { offer },
                    _ => Input::Retrieve { agent, contact },
                }
            }
            ContactEvent::ConsultationAsked { agent, asked, line: Some(line), .. } => {
                let colleague = asked.colleague()?.clone();
                Input::AtPhone(AtPhone::Consults { agent, contact, colleague, line })
            }
            ContactEvent::ConsultationAsked { agent, asked, note, .. } => {
                Input::Consult { agent, contact, asked, note, script_session: None }
            }
            ContactEvent::ConferenceStarted { agent } => Input::Confer { agent, contact },
            ContactEvent::Intervened { supervisor, what } => match what {
                Intervention::Moved => {
                    let Destination::Queue(queue) = self.destination(contact)? else { return None };
                    Input::Move { supervisor, contact, queue }
                }
                Intervention::BroughtForward { .. } => Input::BringForward { supervisor, contact },
                Intervention::Prioritized { priority, .. } => {
                    Input::SetPriority { supervisor, contact, priority }
                }
                Intervention::Ended => Input::End { supervisor, contact },
                Intervention::TookOver => Input::TakeOver { supervisor, contact },
            },
            ContactEvent::ListeningAsked { supervisor, mode, .. }
            | ContactEvent::ListeningChanged { supervisor, mode } => {
                Input::Listen { supervisor, contact, mode }
            }
            ContactEvent::Acquainted { agent, at } => Input::Acquainted { contact, agent, at },
            ContactEvent::AgentLost { .. } => Input::AgentLost { offer: self.leg(contact)?.0 },
            ContactEvent::Disposed { agent, disposition, note } => {
                Input::Dispose { agent, contact, disposition, note }
            }
            _ => return None,
        })
    }

    fn arrival(
        &self,
        contact: ContactId,
        (calling, signalled): (&Option<Personal<String>>, &Option<Personal<String>>),
        called: &str,
        channel: Channel,
    ) -> Input {
        let (calling, called) = (calling.clone(), called.to_owned());
        if channel.is_call() {
            let signalled = signalled.clone();
            return Input::Arrived { contact, calling, signalled, called, channel };
        }
        let script = self.of_it(contact).find_map(|event| match event {
            ContactEvent::IvrStarted { script } => Some(script.clone()),
            _ => None,
        });
        let script = script.unwrap_or_else(unknown_script);
        let conversation = Conversation { channel, calling, script };
        Input::Reported { contact, conversation, stand: Stand::GoesOn }
    }

    fn end_of_script(&self, contact: ContactId, outcome: IvrEnd) -> Vec<Cause> {
        let is_call = self.contact(contact).is_some_and(Ongoing::is_call);
        match (outcome, self.of_it(contact).next()) {
            (IvrEnd::HandedOff, Some(ContactEvent::QueueEntered { queue, declared, .. })) => {
                vec![self.hand_over(contact, queue.clone(), declared)]
            }
            (IvrEnd::Failed, Some(ContactEvent::QueueEntered { declared, .. })) if is_call => {
                let lost = self.hand_over(contact, no_queue(), declared);
                vec![Input::IvrFailed { contact }.into(), lost]
            }
            (IvrEnd::Failed, Some(ContactEvent::QueueEntered { declared, .. })) => {
                vec![self.hand_over(contact, no_queue(), declared)]
            }
            (IvrEnd::Failed, Some(ContactEvent::Ended { cause, .. })) => match cause {
                EndCause::Restarted => vec![Cause::Restart],
                EndCause::Lost => vec![Input::Tick.into()],
                EndCause::BrokenOff => vec![self.report(contact, Stand::Failed)],
                _ => vec![Input::IvrFailed { contact }.into()],
            },
            (IvrEnd::Finished, _) if is_call => vec![Input::IvrFinished { contact }.into()],
            (IvrEnd::Finished, _) => vec![self.report(contact, Stand::Finished)],
            (IvrEnd::CallerGone, _) if is_call => vec![Input::CallerGone { contact }.into()],
            (IvrEnd::CallerGone, _) => vec![self.report(contact, Stand::Left)],
            _ => Vec::new(),
        }
    }

    /// Of what was handed over, what routing kept is known.
    fn hand_over(
        &self,
        contact: ContactId,
        queue: QueueId,
        declared: &BTreeMap<String, AttributeValue>,
    ) -> Cause {
        let given = declared.iter().map(|(name, value)| (name.clone(), value.to_string()));
        let given = given.chain(self.named(contact)).chain(self.number_of_hand_over(contact));
        let attributes = Personal::Known(given.collect());
        if self.contact(contact).is_some_and(Ongoing::is_call) {
            return Input::HandedOff { contact, queue, attributes }.into();
        }
        let answers = Personal::Known(Vec::new());
        self.report(contact, Stand::HandedOff { queue, attributes, answers })
    }

    /// The agent whom the script named, as it handed that over.
    fn named(&self, contact: ContactId) -> Option<(String, String)> {
        let queue = self.of_it(contact).find_map(|event| match event {
            ContactEvent::QueueEntered { queue, .. } => Some(queue),
            _ => None,
        })?;
        let queue = self.configuration.queues.get(queue)?;
        let by = queue.preferred_agent.as_ref()?.by.clone()?;
        self.of_it(contact).find_map(|event| match event {
            ContactEvent::AgentPreferred { agent, cause: Preference::Named, .. } => {
                Some((by.clone(), agent.to_string()))
            }
            _ => None,
        })
    }

    fn report(&self, contact: ContactId, stand: Stand) -> Cause {
        let channel = self.contact(contact).map_or(Channel::Web, |it| it.channel);
        let conversation = Conversation { channel, calling: None, script: unknown_script() };
        Input::Reported { contact, conversation, stand }.into()
    }

    fn end_of_offer(&self, contact: ContactId, offer: OfferId, reason: OfferEnd) -> Cause {
        let offer = (self.own)(offer);
        let not_taken = |because| Input::NotTaken { offer, because }.into();
        let is_called_back = self.contact(contact).is_some_and(|it| it.callback.is_some());
        match reason {
            OfferEnd::NoAnswer => Input::Tick.into(),
            OfferEnd::AnsweredElsewhere => {
                let answered = self.of_it(contact).find_map(|event| match event {
                    ContactEvent::Connected { offer, .. } => Some((self.own)(*offer)),
                    _ => None,
                });
                Input::Answered { offer: answered.unwrap_or(offer) }.into()
            }
            OfferEnd::CallerGone if is_called_back => Input::CallbackSettled { contact }.into(),
            OfferEnd::CallerGone => Input::CallerGone { contact }.into(),
            OfferEnd::Rejected => not_taken(NotTaken::Rejected),
            OfferEnd::Busy => not_taken(NotTaken::Busy),
            OfferEnd::Unreachable => not_taken(NotTaken::Unreachable),
            OfferEnd::Cancelled => match self.forbidden_callback(contact) {
                Some(events) => Cause::Told(events),
                None => Cause::Restart,
            },
        }
    }

    fn end_of_question(
        &self,
        contact: ContactId,
        offer: OfferId,
        asked: &Consulted,
        reason: ConsultationEnd,
    ) -> Vec<Cause> {
        let offer = (self.own)(offer);
        let not_taken = |because| vec![Cause::from(Input::NotTaken { offer, because })];
        let agent = self.contact(contact).and_then(|it| match &it.stage {
            Stage::Talking { agent, offer, .. } => Some((agent.clone(), *offer)),
            _ => None,
        });
        let Some((agent, own)) = agent else { return Vec::new() };
        let Some(colleague) = asked.colleague() else {
            return self.end_of_question_outside((contact, agent, own), offer, reason);
        };
        match reason {
            ConsultationEnd::Completed => vec![Input::Complete { agent, contact }.into()],
            ConsultationEnd::Finished => vec![Input::AgentGone { offer }.into()],
            ConsultationEnd::Cancelled => {
                let line = self.contact(contact).and_then(|it| it.consultation.as_ref()?.line);
                let gone = line.map(|offer| Cause::from(Input::AgentGone { offer }));
                let ends = Input::EndConsultation { agent, contact };
                gone.into_iter().chain([ends.into(), Cause::Restart]).collect()
            }
            ConsultationEnd::NoAnswer => vec![Input::Tick.into()],
            ConsultationEnd::Rejected => {
                let decline = Input::Decline { agent: colleague.clone(), contact };
                vec![Input::NotTaken { offer, because: NotTaken::Rejected }.into(), decline.into()]
            }
            ConsultationEnd::Busy => not_taken(NotTaken::Busy),
            ConsultationEnd::Unreachable => not_taken(NotTaken::Unreachable),
            ConsultationEnd::CallOver => vec![
                Input::CallerGone { contact }.into(),
                Input::AgentGone { offer: own }.into(),
                Input::Tick.into(),
                Cause::Restart,
            ],
        }
    }

    /// How many events tell of a call that an agent wants to make: itself, the agent's state, and
    /// what comes after it.
    fn dialled(&self, agent: &AgentId) -> usize {
        let state = self.domain.agent(agent).map(|it| &it.state);
        // itself, the agent's state, and what comes after it; or the end of the message that the
        // agent had, before
        match state {
            Some(AgentState::NotReady { .. }) => 3,
            Some(AgentState::Talking { .. }) => 5,
            _ => 2,
        }
    }

    fn is_dialled(&self, contact: ContactId) -> bool {
        self.contact(contact).is_some_and(|it| matches!(it.stage, Stage::Dialling { .. }))
    }

    /// The call that an agent makes, or to a customer who asked for it, reaches nobody.
    fn not_reached(&self, contact: ContactId, by: Party, cause: EndCause) -> Vec<Cause> {
        let Some(Stage::Dialling { offer, agent, .. }) = self.contact(contact).map(|it| &it.stage)
        else {
            return Vec::new();
        };
        let (offer, agent) = (*offer, agent.clone());
        let because = match cause {
            EndCause::Busy => NotReached::Busy,
            EndCause::Rejected => NotReached::Rejected,
            EndCause::Unreachable => NotReached::Unreachable,
            EndCause::Congestion => NotReached::Congestion,
            EndCause::NoAnswer => NotReached::NoAnswer,
            EndCause::Restarted => return vec![Cause::Restart],
            _ if by == Party::Customer => return vec![Input::CallerGone { contact }.into()],
            _ => {
                return vec![
                    Input::HangUp { agent, contact }.into(),
                    Input::AgentGone { offer }.into(),
                    Input::Tick.into(),
                ];
            }
        };
        vec![Input::CustomerNotReached { contact, because }.into(), Input::Tick.into()]
    }

    fn end_of_listening(
        &self,
        contact: ContactId,
        offer: OfferId,
        supervisor: &AgentId,
        reason: ListeningEnd,
    ) -> Vec<Cause> {
        let offer = (self.own)(offer);
        let stop = || Input::StopListening { supervisor: supervisor.clone(), contact };
        let not_taken = |because| vec![Input::NotTaken { offer, because }.into()];
        match reason {
            ListeningEnd::Finished => vec![stop().into(), Input::AgentGone { offer }.into()],
            ListeningEnd::Rejected => not_taken(NotTaken::Rejected),
            ListeningEnd::Busy => not_taken(NotTaken::Busy),
            ListeningEnd::Unreachable => not_taken(NotTaken::Unreachable),
            ListeningEnd::NoAnswer => vec![Input::Tick.into()],
            ListeningEnd::Cancelled | ListeningEnd::Passed | ListeningEnd::TookOver => {
                vec![Cause::Restart]
            }
            ListeningEnd::CallOver => self.end_of_call(contact),
        }
    }

    /// What ends a call in which a supervisor listens.
    fn end_of_call(&self, contact: ContactId) -> Vec<Cause> {
        let talk = self.contact(contact).and_then(|it| match &it.stage {
            Stage::Talking { agent, offer, .. } => Some((agent.clone(), *offer)),
            _ => None,
        });
        let mut causes = vec![Input::CallerGone { contact }.into()];
        if let Some((agent, offer)) = talk {
            causes.push(Input::HangUp { agent, contact }.into());
            causes.push(Input::AgentGone { offer }.into());
        }
        causes.extend([Input::Tick.into(), Cause::Restart]);
        causes
    }

    fn end(&self, contact: ContactId, by: Party, cause: EndCause) -> Vec<Cause> {
        match (by, cause, self.contact(contact).map(|it| &it.stage)) {
            (_, EndCause::Restarted, _) => vec![Cause::Restart],
            (_, EndCause::NoMessage, _) => vec![Input::Recorded { contact, length: None }.into()],
            (_, EndCause::CalledAgain, _) => vec![Input::CallbackSettled { contact }.into()],
            (_, _, Some(Stage::Dialling { .. })) => self.not_reached(contact, by, cause),
            (Party::Outside, _, Some(Stage::Outside { offer, .. })) => {
                vec![Input::AgentGone { offer: *offer }.into()]
            }
            (Party::Customer, ..) => vec![Input::CallerGone { contact }.into()],
            (Party::Agent, _, Some(Stage::Talking { agent, offer, .. })) => vec![
                Input::HangUp { agent: agent.clone(), contact }.into(),
                Input::AgentGone { offer: *offer }.into(),
            ],
            _ => vec![Input::Tick.into()],
        }
    }

    fn of_agent(&self, agent: AgentId, event: &AgentEvent) -> Option<Input> {
        Some(match event.clone() {
            AgentEvent::SignedIn { queues, teams } => {
                let teams = match teams.is_empty() {
                    true => teams_of(self.configuration, &queues),
                    false => teams.into_iter().collect(),
                };
                Input::SignIn { agent, teams }
            }
            AgentEvent::QueuesSet { teams, .. } => {
                Input::TeamsKnown { agent, teams: teams.into_iter().collect() }
            }
            AgentEvent::SkillsSet { skills } => Input::SkillsKnown { agent, skills },
            AgentEvent::Imposed { supervisor, state, words } => {
                Input::Impose { supervisor, agent, state, words }
            }
            AgentEvent::PhoneRegistered => Input::PhoneRegistered { agent },
            AgentEvent::PhoneUnregistered => Input::PhoneUnregistered { agent },
            AgentEvent::NextStateChosen { reason: None } => Input::SetReady { agent },
            AgentEvent::NextStateChosen { reason: Some(reason) } => {
                Input::SetNotReady { agent, reason }
            }
            AgentEvent::StateChanged { to, cause: StateCause::Chosen, .. } => match to {
                AgentState::NotReady { reason } => Input::SetNotReady { agent, reason },
                _ => Input::SetReady { agent },
            },
            AgentEvent::StateChanged { to, .. } if is_own_call(&to) => {
                Input::AtPhone(AtPhone::Begins { agent })
            }
            AgentEvent::StateChanged { to: AgentState::SignedOut, .. } => Input::SignOut { agent },
            AgentEvent::StateChanged {
                cause: StateCause::PauseOver | StateCause::PhoneLost,
                ..
            } => Input::Tick,
            AgentEvent::StateChanged { .. }
            | AgentEvent::ResumesAt { .. }
            | AgentEvent::SignedOut => return None,
        })
    }

    /// What an agent took up instead of what they had.
    fn taken_up(&self, agent: &AgentId) -> Vec<Cause> {
        let resumed = self.rest.iter().find_map(|it| match &it.event {
            Event::Contact { contact, event: ContactEvent::Resumed { agent: of } }
                if of == agent =>
            {
                Some(*contact)
            }
            _ => None,
        });
        let take_up = |contact| Input::TakeUp { agent: agent.clone(), contact }.into();
        resumed.map(take_up).into_iter().collect()
    }

    /// What an agent chose who went on without closing a contact.
    fn chosen(&self, agent: &AgentId) -> Option<Input> {
        let own = self.rest.iter().find_map(|it| match &it.event {
            Event::Agent { agent: of, event } if of == agent => Some(event),
            _ => None,
        });
        self.of_agent(agent.clone(), own?)
    }

    fn contact(&self, contact: ContactId) -> Option<&Ongoing> {
        self.domain.contact(contact)
    }

    /// The leg of the agent who talks, and where the call is held.
    fn leg(&self, contact: ContactId) -> Option<(OfferId, Option<HoldPlace>)> {
        match self.contact(contact)?.stage {
            Stage::Talking { offer, held, .. } => Some((offer, held)),
            _ => None,
        }
    }

    /// Where a contact was passed on to: what is told of it next beside the wrap-up.
    fn destination(&self, contact: ContactId) -> Option<Destination> {
        self.of_it(contact).find_map(|event| match event {
            ContactEvent::QueueEntered { queue, .. } => Some(Destination::Queue(queue.clone())),
            ContactEvent::Offered { agent, .. } => Some(Destination::Agent(agent.clone())),
            ContactEvent::OutsideCalled { destination, .. } => {
                Some(Destination::Outside(destination.clone()))
            }
            _ => None,
        })
    }

    /// The event behind the first one, if it is of the same contact and as asked for.
    fn next(
        &self,
        contact: ContactId,
        is: impl Fn(&ContactEvent) -> bool,
    ) -> Option<&ContactEvent> {
        match &self.rest.first()?.event {
            Event::Contact { contact: of, event } if *of == contact && is(event) => Some(event),
            _ => None,
        }
    }

    /// What is told of a contact next.
    fn of_it(&self, contact: ContactId) -> impl Iterator<Item = &ContactEvent> {
        self.rest.iter().filter_map(move |it| match &it.event {
            Event::Contact { contact: of, event } if *of == contact => Some(event),
            _ => None,
        })
    }
}

/// How far an event of the same decision is looked for.
pub(crate) const MOST_IN_DECISION: usize = 64;

/// The teams of a configuration whose queues are all among these.
pub(crate) fn teams_of(configuration: &Configuration, queues: &BTreeSet<QueueId>) -> Vec<String> {
    let teams = configuration.teams.iter().filter(|(_, serves)| serves.is_subset(queues));
    teams.map(|(team, _)| team.clone()).collect()
}

/// Whether the agent's phone is in a call that is no contact.
fn is_own_call(state: &AgentState) -> bool {
    matches!(state, AgentState::NotReady { reason } if reason.as_str() == reason::OWN_CALL)
}

/// Whether somebody wanted the state.
fn is_wanted(event: &Event) -> bool {
    matches!(
        event,
        Event::Agent {
            event: AgentEvent::StateChanged {
                cause: StateCause::Chosen | StateCause::SignedOut,
                ..
            },
            ..
        }
    )
}

fn unknown_script() -> ScriptId {
    ScriptId::new("unknown").expect("a name")
}

/// No queue has a name that begins so: what was handed over to it goes to the fallback.
fn no_queue() -> QueueId {
    QueueId::new("\u{a0}none").expect("a name")
}
