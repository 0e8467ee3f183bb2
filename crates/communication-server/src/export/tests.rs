use std::time::Duration;

use caruso_contact::{
    AgentEvent, Channel, ContactEvent, ContactId, EventId, Party, Personal, QueueId, SkillId,
};
use caruso_journal::Installation;
use uuid::Uuid;

use super::*;
use crate::log::Log;

const PATIENCE: Duration = Duration::from_secs(20);

fn agent(name: &str, event: AgentEvent) -> Event {
    Event::Agent { agent: AgentId::new(name).expect("a name"), event }
}

fn contact(number: u128, event: ContactEvent) -> Event {
    Event::Contact { contact: ContactId(Uuid::from_u128(number)), event }
}

fn arrived(number: u128) -> Event {
    let calling = Some(Personal::Known("0612345678".to_owned()));
    let called = "0305550100".to_owned();
    contact(
        number,
        ContactEvent::Arrived { calling, signalled: None, called, channel: Channel::Voice },
    )
}

/// A log with an event each second: bram signs in, anna comes, a customer calls and goes.
async fn log(folder: &std::path::Path, calls: u64) -> (Journal, Exporter) {
    let installation = Installation { realm: "test".to_owned(), site: "main".to_owned() };
    let journal = Journal::open(&folder.join("contacts.db"), &installation).await.expect("new");
    let mut log = Log::new(journal.clone());
    log.adopt_release("release-1");
    let queues = [QueueId::new("faults").expect("a name")].into();
    let skill = SkillId::new("gas").expect("a name");
    let skills = [(skill, 3.try_into().expect("a level"))].into();
    let mut events = vec![
        agent("bram", AgentEvent::SignedIn { queues, teams: ["service".to_owned()].into() }),
        agent("anna", AgentEvent::SkillsSet { skills }),
    ];
    for number in 1..=calls {
        events.push(arrived(number.into()));
        let cause = caruso_contact::EndCause::HungUp;
        let by = Party::Customer;
        events.push(contact(number.into(), ContactEvent::Ended { by, cause }));
    }
    for (event, second) in events.into_iter().zip(1..) {
        let at = Time::from_millis(second * 1000);
        let durable = log.append(&[(EventId(Uuid::now_v7()), event)], Vec::new(), at, "test");
        durable.expect("it is open").wait().await.expect("written");
    }
    (journal.clone(), Exporter::new(journal))
}

fn all() -> Period {
    Period { from: Time::default(), to: Time::from_millis(u64::MAX), rest_of: None }
}

/// Bounds, state and events of an export.
async fn taken(
    mut parts: mpsc::Receiver<Told>,
) -> (Option<wire::ExportBounds>, Vec<u8>, Vec<wire::ExportedEvent>) {
    let (mut bounds, mut state, mut events) = (None, Vec::new(), Vec::new());
    let all = async {
        while let Some(told) = parts.recv().await {
            match told.expect("it is well").part.expect("a part") {
                Part::Bounds(told) => bounds = Some(told),
                Part::State(piece) => state.extend(piece),
                Part::Events(page) => events.extend(page.events),
            }
        }
    };
    tokio::time::timeout(PATIENCE, all).await.expect("it ends");
    (bounds, state, events)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_holds_nothing_personal_and_no_name_of_an_agent() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, exporter) = log(folder.path(), 2).await;
    let (bounds, state, events) = taken(exporter.export(all())).await;
    assert_eq!(bounds, Some(wire::ExportBounds { after: 0, through: 6 }));
    assert_eq!(serde_json::from_slice::<Domain>(&state).expect("a state"), Domain::default());
    let text: Vec<String> =
        events.iter().map(|it| String::from_utf8_lossy(&it.payload).into_owned()).collect();
    let text = text.join("\n");
    assert!(!["0612345678", "anna", "bram"].iter().any(|it| text.contains(it)), "{text}");
    // in the order of the names, not of the coming
    let first: Event = serde_json::from_slice(&events[0].payload).expect("an event");
    assert_eq!(
        first.agents().first().map(|it| it.as_str().to_owned()).as_deref(),
        Some("agent-00002")
    );
    assert!(events.iter().all(|it| it.release_digest == "release-1"));
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_period_begins_with_the_state_that_came_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, exporter) = log(folder.path(), 2).await;
    let period = Period { from: Time::from_millis(4_000), to: Time::from_millis(6_000), ..all() };
    let (bounds, state, events) = taken(exporter.export(period)).await;
    assert_eq!(bounds, Some(wire::ExportBounds { after: 3, through: 5 }));
    assert_eq!(events.iter().map(|it| it.position).collect::<Vec<_>>(), [4, 5]);
    let state: Domain = serde_json::from_slice(&state).expect("a state");
    assert_eq!(state.contacts().count(), 1, "the customer who waits then");
    let agents: Vec<&str> = state.agents().map(|(agent, _)| agent.as_str()).collect();
    assert_eq!(agents, ["agent-00001", "agent-00002"]);
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_broke_off_goes_on_to_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, exporter) = log(folder.path(), 900).await;
    let (bounds, _, whole) = taken(exporter.export(all())).await;
    let bounds = bounds.expect("told");
    let mut first = exporter.export(all());
    for _ in 0..2 {
        first.recv().await.expect("bounds and state").expect("well");
    }
    drop(first);
    // what is appended meanwhile is no part of it, nor are its agents
    let mut log = Log::new(journal.clone());
    log.adopt_release("release-2");
    let late = agent("aart", AgentEvent::PhoneRegistered);
    let at = Time::from_millis(9_000_000);
    let durable = log.append(&[(EventId(Uuid::now_v7()), late)], Vec::new(), at, "test");
    durable.expect("it is open").wait().await.expect("written");
    let given = Bounds { after: bounds.after, through: bounds.through };
    let period = Period { rest_of: Some((given, 1_500)), ..all() };
    let (told, state, rest) = taken(exporter.export(period)).await;
    assert_eq!((told, state.len()), (None, 0));
    assert_eq!(rest, whole[1_500..]);
    journal.close().await;
}
