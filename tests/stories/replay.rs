//! The same log gives the same decisions: what happened outside is read off the contact event log
//! of a system that has stopped, and told again to a router of our own.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use caruso_application::Application;
use caruso_contact::{
    AgentEvent, AgentId, AgentState, ConsultationEnd, ContactEvent, ContactId, EndCause, Envelope,
    Event, HoldPlace, IvrEnd, OfferEnd, OfferId, Overflow, Party, PreferenceEnd, StateCause,
    WrapUpEnd,
};
use caruso_journal::{Installation, Journal};
use caruso_routing::{Configuration, Destination, Domain, Input, NotTaken, Router};
use serde_json::Value;
use uuid::Uuid;

/// The team of every agent of the demo.
const TEAM: &str = "service";
const MOST: u32 = 1_000;

/// Decides again all that was decided under an application whose data folder this is.
///
/// # Panics
/// Where a decision differs.
pub(crate) async fn decides_the_same(application: &Path, data: &Path) {
    let configuration = configuration(application);
    let log = log(&data.join("communication-server/contacts.db")).await;
    let (mut place, mut offers) = (0, 0);
    let mut router = Router::new(configuration, Domain::default());
    let mut renamed = Renamed::default();
    while let Some((now, event)) = log.get(place).map(|it| (it.recorded_at, &it.payload)) {
        let leg = Leg::of(event, log.iter().take(place).map(|it| &it.payload));
        let input = renamed.back(cause(event, &log[place + 1..], &leg));
        let decided = router.handle(input, now, &mut Uuid::now_v7).expect("it was decided once");
        assert!(!decided.events.is_empty(), "{event:?} comes of nothing");
        for (_, again) in decided.events {
            let recorded = &log.get(place).expect("no more than was recorded").payload;
            offers += usize::from(renamed.learn(recorded, &again));
            let again = renamed.forth(&again);
            assert_eq!(serde_json::to_value(recorded).expect("JSON"), again, "event {place}");
            place += 1;
        }
    }
    assert!(offers > 0, "the log holds no offer");
    println!("{place} events, {offers} offers decided again, all the same");
}

fn configuration(application: &Path) -> Arc<Configuration> {
    let mut files = BTreeMap::new();
    collect(application, application, &mut files);
    files.remove("demo.toml");
    let named = files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice()));
    Application::compile(named).expect("it was compiled before").routing
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).expect("below it").to_string_lossy().into_owned();
            files.insert(name, std::fs::read(&path).expect("readable"));
        }
    }
}

async fn log(file: &Path) -> Vec<Envelope<Event>> {
    let installation = Installation { realm: "utilities".to_owned(), site: "main".to_owned() };
    let journal = Journal::open(file, &installation).await.expect("nobody else has it");
    let mut log = Vec::new();
    let mut after = 0;
    while let Ok(read) = journal.read_stream("contacts", after, MOST).await
        && let Some(last) = read.last()
    {
        after = last.position;
        log.extend(read.into_iter().map(|it| it.try_map(event).expect("an event")));
    }
    journal.close().await;
    log
}

fn event(payload: Value) -> Result<Event, serde_json::Error> {
    serde_json::from_value(payload)
}

/// Offers have other ids the second time.
#[derive(Default)]
struct Renamed(BTreeMap<Uuid, Uuid>);

impl Renamed {
    /// Notes the id of an offer; whether it was one.
    fn learn(&mut self, recorded: &Event, again: &Event) -> bool {
        let offer = |event: &Event| match event {
            Event::Contact { event: ContactEvent::Offered { offer, .. }, .. }
            | Event::Contact { event: ContactEvent::ConsultationAsked { offer, .. }, .. } => {
                Some(offer.0)
            }
            _ => None,
        };
        let pair = offer(recorded).zip(offer(again));
        pair.is_some_and(|(recorded, again)| self.0.insert(recorded, again).is_none())
    }

    /// An input about a recorded offer, as one about the offer made again.
    fn back(&self, input: Input) -> Input {
        let again = |offer: caruso_contact::OfferId| {
            caruso_contact::OfferId(*self.0.get(&offer.0).expect("it was offered"))
        };
        match input {
            Input::Answered { offer } => Input::Answered { offer: again(offer) },
            Input::AgentGone { offer } => Input::AgentGone { offer: again(offer) },
            Input::AgentLost { offer } => Input::AgentLost { offer: again(offer) },
            Input::PhoneHeld { offer } => Input::PhoneHeld { offer: again(offer) },
            Input::PhoneRetrieved { offer } => Input::PhoneRetrieved { offer: again(offer) },
            Input::NotTaken { offer, because } => Input::NotTaken { offer: again(offer), because },
            other => other,
        }
    }

    /// An event made again, in the recorded names.
    fn forth(&self, event: &Event) -> Value {
        let mut text = serde_json::to_string(event).expect("JSON");
        for (recorded, again) in &self.0 {
            text = text.replace(&again.to_string(), &recorded.to_string());
        }
        serde_json::from_str(&text).expect("JSON")
    }
}

/// What was told before about the leg by which the agent of a contact talks.
#[derive(Default)]
struct Leg {
    offer: Option<OfferId>,
    held: Option<HoldPlace>,
}

impl Leg {
    fn of<'a>(event: &Event, before: impl Iterator<Item = &'a Event>) -> Self {
        let mut leg = Self::default();
        for told in before.filter(|it| it.contact().is_some() && it.contact() == event.contact()) {
            let Event::Contact { event, .. } = told else { continue };
            match event {
                ContactEvent::Connected { offer, .. } => leg.offer = Some(*offer),
                ContactEvent::Held { place, .. } => leg.held = Some(*place),
                _ => {}
            }
        }
        leg
    }

    fn offer(&self) -> OfferId {
        self.offer.expect("an agent talks")
    }
}

/// What must have happened outside for a decision to begin with this event.
fn cause(event: &Event, rest: &[Envelope<Event>], leg: &Leg) -> Input {
    match event {
        Event::Contact { contact, event } => of_contact(*contact, event, rest, leg),
        Event::Agent { agent, event } => of_agent(agent.clone(), event),
    }
}

fn of_contact(
    contact: ContactId,
    event: &ContactEvent,
    rest: &[Envelope<Event>],
    leg: &Leg,
) -> Input {
    let next = rest.first().map(|it| &it.payload);
    match event.clone() {
        ContactEvent::Arrived { calling, called, channel } => {
            Input::Arrived { contact, calling, called, channel }
        }
        ContactEvent::IvrEnded { outcome: IvrEnd::HandedOff } => match next {
            Some(Event::Contact {
                event: ContactEvent::QueueEntered { queue, attributes, .. },
                ..
            }) => {
                Input::HandedOff { contact, queue: queue.clone(), attributes: attributes.clone() }
            }
            other => panic!("handed over to nobody, but {other:?}"),
        },
        ContactEvent::IvrEnded { outcome: IvrEnd::Failed } => Input::IvrFailed { contact },
        ContactEvent::IvrEnded { outcome: IvrEnd::CallerGone } => Input::CallerGone { contact },
        ContactEvent::CustomerIdentified { customer } => Input::Identified { contact, customer },
        ContactEvent::OfferEnded { offer, reason, .. } => match reason {
            OfferEnd::NoAnswer => Input::Tick,
            OfferEnd::CallerGone => Input::CallerGone { contact },
            OfferEnd::Rejected => Input::NotTaken { offer, because: NotTaken::Rejected },
            OfferEnd::Busy => Input::NotTaken { offer, because: NotTaken::Busy },
            OfferEnd::Unreachable => Input::NotTaken { offer, because: NotTaken::Unreachable },
            OfferEnd::Cancelled => panic!("these systems were not restarted"),
        },
        ContactEvent::Connected { offer, .. } => Input::Answered { offer },
        ContactEvent::Acquainted { agent, at } => Input::Acquainted { contact, agent, at },
        ContactEvent::PreferenceEnded { cause: PreferenceEnd::TimeOver } => Input::Tick,
        ContactEvent::AgentLost { .. } => Input::AgentLost { offer: leg.offer() },
        ContactEvent::Transferred { agent, note } => {
            Input::Transfer { agent, contact, to: destination(contact, rest), note }
        }
        ContactEvent::Held { agent, place: HoldPlace::Desk } => match next {
            Some(Event::Contact {
                event: asked @ ContactEvent::ConsultationAsked { .. }, ..
            }) => question(contact, asked),
            _ => Input::Hold { agent, contact },
        },
        asked @ ContactEvent::ConsultationAsked { .. } => question(contact, &asked),
        ContactEvent::ConsultationAnswered { offer, .. } => Input::Answered { offer },
        ContactEvent::ConsultationEnded { offer, reason, .. } => {
            end_of_question(contact, offer, reason, next)
        }
        ContactEvent::Held { .. } => Input::PhoneHeld { offer: leg.offer() },
        ContactEvent::Retrieved { .. } if leg.held == Some(HoldPlace::Telephone) => {
            Input::PhoneRetrieved { offer: leg.offer() }
        }
        ContactEvent::Retrieved { agent } | ContactEvent::ConferenceStarted { agent }
            if is_conference(event) || next.is_some_and(is_conference_told) =>
        {
            Input::Confer { agent, contact }
        }
        ContactEvent::Retrieved { agent } => Input::Retrieve { agent, contact },
        ContactEvent::Ended { by: Party::Customer, .. } => Input::CallerGone { contact },
        ContactEvent::Ended { by: Party::Agent, .. } => match next {
            Some(Event::Contact { event: ContactEvent::WrapUpStarted { agent, .. }, .. }) => {
                Input::HangUp { agent: agent.clone(), contact }
            }
            other => panic!("an agent hung up, then {other:?}"),
        },
        ContactEvent::Overflowed { cause: Overflow::Waited }
        | ContactEvent::Ended { cause: EndCause::WaitedTooLong, .. }
        | ContactEvent::WrapUpEnded { cause: WrapUpEnd::TimeOver, .. } => Input::Tick,
        ContactEvent::Disposed { agent, disposition, note } => {
            Input::Dispose { agent, contact, disposition, note }
        }
        other => panic!("no decision begins with {other:?}"),
    }
}

fn of_agent(agent: AgentId, event: &AgentEvent) -> Input {
    match event.clone() {
        AgentEvent::SignedIn { .. } => Input::SignIn { agent, teams: vec![TEAM.to_owned()] },
        AgentEvent::SkillsSet { skills } => Input::SkillsKnown { agent, skills },
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
        AgentEvent::StateChanged { cause: StateCause::PauseOver, .. } => Input::Tick,
        AgentEvent::StateChanged { to: AgentState::SignedOut, .. } => Input::SignOut { agent },
        other => panic!("no decision begins with {other:?}"),
    }
}

fn is_conference(event: &ContactEvent) -> bool {
    matches!(event, ContactEvent::ConferenceStarted { .. })
}

fn is_conference_told(event: &Event) -> bool {
    matches!(event, Event::Contact { event, .. } if is_conference(event))
}

/// What ends a consultation.
fn end_of_question(
    contact: ContactId,
    offer: OfferId,
    reason: ConsultationEnd,
    next: Option<&Event>,
) -> Input {
    match (reason, next) {
        (
            ConsultationEnd::Completed,
            Some(Event::Contact { event: ContactEvent::Transferred { agent, .. }, .. }),
        ) => Input::Complete { agent: agent.clone(), contact },
        (ConsultationEnd::Finished, _) => Input::AgentGone { offer },
        (ConsultationEnd::CallOver, _) => Input::CallerGone { contact },
        other => panic!("no colleague of these stories leaves a question {other:?}"),
    }
}

/// An agent asks a colleague.
fn question(contact: ContactId, asked: &ContactEvent) -> Input {
    match asked.clone() {
        ContactEvent::ConsultationAsked { agent, colleague, note, script_session, .. } => {
            Input::Consult { agent, contact, colleague, note, script_session }
        }
        other => panic!("nobody is asked by {other:?}"),
    }
}

/// Where a contact was passed on to: what is told of it next beside the wrap-up.
fn destination(id: ContactId, rest: &[Envelope<Event>]) -> Destination {
    let of_it = rest.iter().filter_map(|it| match &it.payload {
        Event::Contact { contact, event } if *contact == id => Some(event),
        _ => None,
    });
    let mut places = of_it.filter_map(|event| match event {
        ContactEvent::QueueEntered { queue, .. } => Some(Destination::Queue(queue.clone())),
        ContactEvent::Offered { agent, .. } => Some(Destination::Agent(agent.clone())),
        _ => None,
    });
    places.next().expect("it goes somewhere")
}
