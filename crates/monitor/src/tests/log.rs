//! A contact log that a test writes, served as the communication server would.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use caruso_api::contact::v1 as proto;
use caruso_contact::{
    AgentEvent, AgentId, AgentState, Channel, ContactEvent, ContactId, EndCause, Event, OfferEnd,
    OfferId, Party, QueueId, StateCause, Time, Why, WrapUpEnd,
};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};
use proto::contacts_server::Contacts;
use tokio::sync::watch;
use tonic::{Request, Response, Status};
use uuid::Uuid;

use crate::{convert, picture};

#[derive(Clone)]
pub(super) struct Log {
    shared: Arc<Mutex<Written>>,
    length: watch::Sender<u64>,
}

struct Written {
    start: Time,
    events: Vec<proto::Event>,
    asked: Vec<u64>,
    beginning: Option<proto::Beginning>,
}

impl Default for Log {
    fn default() -> Self {
        let start = picture::now();
        let written = Written { start, events: Vec::new(), asked: Vec::new(), beginning: None };
        Self { shared: Arc::new(Mutex::new(written)), length: watch::Sender::new(0) }
    }
}

impl Log {
    fn lock(&self) -> MutexGuard<'_, Written> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn length(&self) -> u64 {
        *self.length.borrow()
    }

    /// The positions after which it was asked to go on.
    pub(super) fn asked(&self) -> Vec<u64> {
        self.lock().asked.clone()
    }

    /// Recent events begin behind this position, before which one agent was known.
    pub(super) fn begins(&self, after: u64, agent: &str, queue: &str) {
        let (agent, queues) = (agent.to_owned(), vec![queue.to_owned()]);
        let agents = vec![proto::KnownAgent { agent, queues }];
        self.lock().beginning = Some(proto::Beginning { after, agents, ..Default::default() });
    }

    /// Each event is recorded one millisecond after the one before.
    fn append(&self, event: &Event) {
        let mut written = self.lock();
        let position = written.events.len() as u64 + 1;
        let recorded_at = Time::from_millis(written.start.as_millis() + position);
        written.events.push(proto::Event {
            position,
            contact_id: event.contact().map(|it| it.to_string()).unwrap_or_default(),
            r#type: event.type_name().to_owned(),
            schema_version: u32::from(Event::SCHEMA_VERSION),
            recorded_at: Some(convert::timestamp(recorded_at)),
            payload: serde_json::to_vec(event).expect("events are JSON"),
            ..Default::default()
        });
        self.length.send_replace(position);
    }

    fn tell(&self, contact: ContactId, event: ContactEvent) {
        self.append(&Event::Contact { contact, event });
    }

    pub(super) fn arrive(&self, calling: &str) -> ContactId {
        let id = ContactId(Uuid::from_u128(u128::from(self.length()) + 1));
        let calling = Some(calling.to_owned().into());
        let called = "0305550100".into();
        self.tell(
            id,
            ContactEvent::Arrived { calling, signalled: None, called, channel: Channel::Voice },
        );
        id
    }

    pub(super) fn enter(&self, id: ContactId, queue: &str) {
        let queue = QueueId::new(queue).expect("a name");
        let attributes = std::collections::BTreeMap::new().into();
        let (priority, answers) = (0, None);
        let (counts_from, since) = (None, None);
        let entered = ContactEvent::QueueEntered {
            queue,
            priority,
            counts_from,
            attributes,
            answers,
            since,
            declared: Default::default(),
        };
        self.tell(id, entered);
    }

    pub(super) fn offer(&self, id: ContactId, to: &str) {
        let now = Time::default();
        let why = Why {
            decided_at: now,
            priority: 0,
            waiting_since: now,
            counts_from: None,
            waiting_behind: 0,
            asked: None,
            strategy: Default::default(),
            preferred: None,
            candidates: Vec::new(),
            more_candidates: 0,
            excluded: Vec::new(),
            more_excluded: 0,
            overflowed_from: None,
            preferred_agent: None,
            prioritized_by: None,
            transferred_by: None,
        };
        let queue = QueueId::new("faults").expect("a name");
        let (offer, agent) = (OfferId(Uuid::nil()), agent(to));
        self.tell(id, ContactEvent::Offered { offer, queue, agent, deadline: now, why });
    }

    pub(super) fn no_answer(&self, id: ContactId) {
        let (offer, agent) = (OfferId(Uuid::nil()), agent("anna"));
        let reason = OfferEnd::NoAnswer;
        self.tell(id, ContactEvent::OfferEnded { offer, agent, reason });
    }

    pub(super) fn connect(&self, id: ContactId) {
        let (offer, agent) = (OfferId(Uuid::nil()), agent("anna"));
        self.tell(id, ContactEvent::Connected { offer, agent });
        self.state("anna", AgentState::Talking { contact: id });
    }

    pub(super) fn abandon(&self, id: ContactId) {
        self.tell(id, ContactEvent::Ended { by: Party::Customer, cause: EndCause::HungUp });
    }

    /// Talk of two milliseconds, wrap-up of one.
    pub(super) fn finish(&self, id: ContactId) {
        self.tell(id, ContactEvent::Ended { by: Party::Agent, cause: EndCause::HungUp });
        let deadline = Time::default();
        self.tell(id, ContactEvent::WrapUpStarted { agent: agent("anna"), deadline });
        let cause = WrapUpEnd::Finished;
        self.tell(id, ContactEvent::WrapUpEnded { agent: agent("anna"), cause });
    }

    pub(super) fn agent_ready(&self, name: &str, queues: &[&str]) {
        let queues = queues.iter().map(|name| QueueId::new(name).expect("a name")).collect();
        let event = AgentEvent::SignedIn { queues, teams: Default::default() };
        self.append(&Event::Agent { agent: agent(name), event });
        self.state(name, AgentState::Ready);
    }

    pub(super) fn state(&self, name: &str, to: AgentState) {
        let (from, cause) = (AgentState::SignedOut, StateCause::Chosen);
        let event = AgentEvent::StateChanged { from, to, cause };
        self.append(&Event::Agent { agent: agent(name), event });
    }

    fn after(&self, position: u64) -> Vec<proto::Event> {
        let position = usize::try_from(position).expect("a short log");
        self.lock().events.iter().skip(position).cloned().collect()
    }
}

fn agent(name: &str) -> AgentId {
    AgentId::new(name).expect("a name")
}

#[tonic::async_trait]
impl Contacts for Log {
    type WatchEventsStream = BoxStream<'static, Result<proto::WatchEventsResponse, Status>>;

    /// In messages of up to seven events, the next one as soon as there is something.
    async fn watch_events(
        &self,
        request: Request<proto::WatchEventsRequest>,
    ) -> Result<Response<Self::WatchEventsStream>, Status> {
        let after = request.get_ref().after;
        self.lock().asked.push(after);
        let beginning = (after == 0).then(|| {
            let kept = self.lock().beginning.clone().unwrap_or_default();
            proto::Beginning { last: self.length(), ..kept }
        });
        let after = beginning.as_ref().map_or(after, |beginning| beginning.after);
        let first = beginning.map(|beginning| {
            let (events, beginning) = (Vec::new(), Some(beginning));
            Ok(proto::WatchEventsResponse { events, beginning })
        });
        let messages = stream::unfold((self.clone(), after), |(log, after)| async move {
            let mut length = log.length.subscribe();
            length.wait_for(|length| *length > after).await.ok()?;
            let mut events = log.after(after);
            events.truncate(7);
            let next = events.last().map_or(after, |event| event.position);
            let message = proto::WatchEventsResponse { events, beginning: None };
            Some((Ok(message), (log, next)))
        });
        Ok(Response::new(stream::iter(first).chain(messages).boxed()))
    }

    type ExportStream = BoxStream<'static, Result<proto::ExportResponse, Status>>;

    async fn export(
        &self,
        _: Request<proto::ExportRequest>,
    ) -> Result<Response<Self::ExportStream>, Status> {
        Err(Status::unimplemented("the monitor asks for events only"))
    }

    async fn list(
        &self,
        _: Request<proto::ListContactsRequest>,
    ) -> Result<Response<proto::ListContactsResponse>, Status> {
        Err(Status::unimplemented("the monitor asks for events only"))
    }

    async fn list_abandoned(
        &self,
        _: Request<proto::ListAbandonedRequest>,
    ) -> Result<Response<proto::ListAbandonedResponse>, Status> {
        Err(Status::unimplemented("the monitor asks for events only"))
    }

    async fn get(
        &self,
        _: Request<proto::GetContactRequest>,
    ) -> Result<Response<proto::GetContactResponse>, Status> {
        Err(Status::unimplemented("the monitor asks for events only"))
    }

    async fn identify(
        &self,
        _: Request<proto::IdentifyRequest>,
    ) -> Result<Response<proto::IdentifyResponse>, Status> {
        Err(Status::unimplemented("the monitor asks for events only"))
    }
}
