use caruso_contact::{
    AgentEvent, AgentId, Channel, EndCause, EventId, IvrEnd, Party, Personal, QueueId, ScriptId,
};
use caruso_journal::{Installation, Journal};
use uuid::Uuid;

use super::*;

const DAY: u64 = 24 * 3600 * 1000;

fn contact(number: u64, event: ContactEvent) -> Event {
    Event::Contact { contact: ContactId(Uuid::from_u128(number.into())), event }
}

/// A day: an agent signs in and out, a customer begins a conversation that waits for three days,
/// and the one of three days before goes.
fn day(number: u64) -> Vec<Event> {
    let agent = AgentId::new(&format!("agent-{}", number % 3)).expect("a name");
    let queue = QueueId::new("faults").expect("a name");
    let (queues, teams) = ([queue.clone()].into(), ["service".to_owned()].into());
    let calling = Some(Personal::Known(format!("+3161234{number:04}")));
    let arrived = ContactEvent::Arrived {
        calling,
        signalled: None,
        called: String::new(),
        channel: Channel::Web,
    };
    let script = ScriptId::new("fault-report").expect("a name");
    let mut events = vec![
        Event::Agent { agent, event: AgentEvent::SignedIn { queues, teams } },
        contact(number, arrived),
        contact(number, ContactEvent::IvrStarted { script }),
        contact(number, ContactEvent::IvrEnded { outcome: IvrEnd::HandedOff }),
        contact(
            number,
            ContactEvent::QueueEntered {
                queue,
                priority: 0,
                counts_from: None,
                since: None,
                attributes: Personal::Known(BTreeMap::new()),
                answers: None,
                declared: BTreeMap::new(),
            },
        ),
    ];
    if let Some(before) = number.checked_sub(3) {
        let (by, cause) = (Party::Customer, EndCause::HungUp);
        events.push(contact(before, ContactEvent::Ended { by, cause }));
    }
    events
}

async fn open(folder: &std::path::Path) -> (Journal, Log) {
    let installation = Installation { realm: "test".to_owned(), site: "main".to_owned() };
    let journal = Journal::open(&folder.join("contacts.db"), &installation).await.expect("ours");
    (journal.clone(), Log::new(journal))
}

/// Appends days; with their states, as the server that runs does, or without.
async fn live(log: &Log, days: std::ops::Range<u64>, mut known: Option<&mut Known>) {
    for number in days {
        let at = Time::from_millis((number + 1) * DAY);
        let events: Vec<_> =
            day(number).into_iter().map(|event| (EventId(Uuid::now_v7()), event)).collect();
        let durable = log.append(&events, Vec::new(), at, "test").expect("it is open");
        let last = durable.last();
        durable.wait().await.expect("written");
        let Some(known) = known.as_deref_mut() else { continue };
        let first = last + 1 - events.len() as u64;
        for (position, (_, event)) in (first..).zip(&events) {
            known.apply(at, event, true);
            known.states.saw(position, event);
        }
        known.last = at;
        if let Some(snapshot) = known.states.due(last, at, known.router.domain()) {
            log.keep(snapshot).await.expect("it is open");
        }
    }
}

async fn read(log: &Log) -> Known {
    Known::read(log, Arc::default()).await.expect("it can be read")
}

/// Both know the same, but for contacts that were over when the one began to read.
fn assert_same(long: &Known, short: &Known) {
    assert_eq!(long.router.domain(), short.router.domain());
    assert_eq!(long.last, short.last);
    for (id, _) in long.router.domain().contacts() {
        assert_eq!(long.history.contact(id), short.history.contact(id));
        assert!(long.history.contact(id).is_some());
    }
}

fn known_contacts(known: &Known) -> usize {
    known.history.latest(1_000).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_reads_the_last_month_and_knows_what_all_of_the_log_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, log) = open(folder.path()).await;
    let mut running = read(&log).await;
    live(&log, 0..90, Some(&mut running)).await;
    let started = read(&log).await;
    assert_same(&running, &started);
    // the days of the window, and who had come earlier and was still there
    assert_eq!((known_contacts(&running), known_contacts(&started)), (90, 34));
    // and so does the one after that, and one who kept nothing
    let (mut running, other) = (started, tempfile::tempdir().expect("a folder"));
    live(&log, 90..130, Some(&mut running)).await;
    assert_same(&running, &read(&log).await);
    let (without, plain) = open(other.path()).await;
    live(&plain, 0..130, None).await;
    assert_same(&read(&plain).await, &read(&log).await);
    journal.close().await;
    without.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_start_of_another_version_reads_everything_and_the_next_does_not() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, log) = open(folder.path()).await;
    live(&log, 0..90, None).await;
    let first = read(&log).await;
    assert_eq!(known_contacts(&first), 90);
    let second = read(&log).await;
    assert_same(&first, &second);
    // a state kept on the way is one of the middle of a day
    assert_eq!(known_contacts(&second), 35);
    journal.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_of_a_state_is_read_from_the_log() {
    let folder = tempfile::tempdir().expect("a folder");
    let (journal, log) = open(folder.path()).await;
    live(&log, 0..60, None).await;
    let (position, recorded_at) = (10, Time::from_millis(20 * DAY));
    let (form, state) = (FORM.to_owned(), b"{\"domain\":".to_vec());
    log.keep(Snapshot { position, recorded_at, form, state }).await.expect("it is open");
    let known = read(&log).await;
    assert_eq!(known_contacts(&known), 60);
    journal.close().await;
}
