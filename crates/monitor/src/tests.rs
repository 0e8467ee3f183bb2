//! The monitor in process: a real service manager, a contact log that the test writes.

use std::time::Duration;

use caruso_api::monitor::v1 as proto;
use caruso_contact::{
    AgentState, Channel, ContactEvent, ContactId, Event, IvrEnd, QueueId, ScriptId, Time,
};
use futures::StreamExt as _;
use proto::monitor_server::Monitor as _;
use tokio::time::timeout;
use tonic::Request;

use crate::convert;
use crate::picture::{Gap, Known, Picture};
use crate::publish::publish;
use crate::service::Service;

mod company;
mod log;
mod reports;

use company::Company;
use log::Log;

/// Longest that any test waits for anything.
const PATIENCE: Duration = Duration::from_secs(20);

/// The first status that is as wanted.
async fn until(
    service: &Service,
    what: &str,
    wanted: impl Fn(&proto::WatchStatusResponse) -> bool,
) -> proto::WatchStatusResponse {
    let request = Request::new(proto::WatchStatusRequest {});
    let mut stream = service.watch_status(request).await.expect("a stream").into_inner();
    let found = async {
        while let Some(status) = stream.next().await {
            let status = status.expect("the publisher lives");
            if wanted(&status) {
                return status;
            }
        }
        panic!("the stream ended before {what}");
    };
    timeout(PATIENCE, found).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

fn queue<'a>(status: &'a proto::WatchStatusResponse, id: &str) -> &'a proto::QueueStatus {
    status.queues.iter().find(|queue| queue.queue == id).expect("a queue of the release")
}

/// Whether the release was read.
fn has_titles(status: &proto::WatchStatusResponse) -> bool {
    status.queues.iter().any(|queue| queue.title == "Faults")
}

#[tokio::test]
async fn the_status_shows_queues_agents_and_contacts_by_their_names() {
    let company = Company::start().await;
    let service = company.monitor().await;
    let log = Log::default();
    log.agent_ready("anna", &["faults", "moving"]);
    let (first, second) = (log.arrive("0612345678"), log.arrive("0698765432"));
    log.enter(first, "faults");
    log.enter(second, "faults");
    log.offer(first, "anna");
    log.connect(first);
    let _identity = company.identity(&[("anna", "Anna de Wit"), ("bram", "Bram Bos")]).await;
    let _server = company.communication_server(&log).await;
    let status = until(&service, "all events and names", |status| {
        let has_names = status.agents.iter().any(|agent| agent.display_name == "Bram Bos");
        status.position == log.length() && !status.is_stale && has_names && has_titles(status)
    });
    let status = status.await;
    let faults = queue(&status, "faults");
    assert_eq!((faults.title.as_str(), faults.waiting, faults.agents_ready), ("Faults", 1, 0));
    assert_eq!((faults.offered_today, faults.answered_today, faults.abandoned_today), (2, 1, 0));
    assert!(faults.longest_waiting_since.is_some());
    let moving = queue(&status, "moving");
    assert_eq!((moving.title.as_str(), moving.waiting), ("Moving house", 0));
    let told: Vec<_> = status
        .agents
        .iter()
        .map(|it| (it.display_name.as_str(), it.state.as_str(), it.since.is_some()))
        .collect();
    assert_eq!(told, [("Anna de Wit", "talking", true), ("Bram Bos", "signed-out", false)]);
    assert_eq!(status.agents[0].contact_id, first.to_string());
    let mut told: Vec<_> = status
        .contacts
        .iter()
        .map(|it| (it.calling_number.as_str(), it.segment.as_str(), it.agent.as_str()))
        .collect();
    told.sort_unstable();
    assert_eq!(told, [("0612345678", "with-agent", "anna"), ("0698765432", "waiting", "")]);
}

#[tokio::test]
async fn a_broken_stream_makes_it_stale_and_is_resumed_without_counting_twice() {
    let company = Company::start().await;
    let service = company.monitor().await;
    let log = Log::default();
    let waits = log.arrive("0612345678");
    log.enter(waits, "faults");
    let server = company.communication_server(&log).await;
    until(&service, "both events", |status| status.position == log.length()).await;
    server.stop().await;
    let stale = until(&service, "stale", |status| status.is_stale).await;
    assert_eq!(queue(&stale, "faults").waiting, 1);

    log.abandon(waits);
    let other = log.arrive("0698765432");
    log.enter(other, "faults");
    let server = company.communication_server(&log).await;
    let live =
        until(&service, "live again", |status| !status.is_stale && status.position == log.length());
    let live = live.await;
    let faults = queue(&live, "faults");
    assert_eq!((faults.waiting, faults.offered_today, faults.abandoned_today), (1, 2, 1));
    let asked = log.asked();
    let is_resumed = asked.len() > 1 && asked[1..].iter().all(|after| *after == 2);
    assert!(asked[0] == 0 && is_resumed, "{asked:?}");
    server.stop().await;
}

#[tokio::test]
async fn it_begins_where_recent_events_do_and_knows_who_worked_before() {
    let company = Company::start().await;
    let service = company.monitor().await;
    let log = Log::default();
    for number in ["0612345678", "0698765432"] {
        let waits = log.arrive(number);
        log.enter(waits, "faults");
    }
    log.begins(2, "anna", "faults");
    log.state("anna", AgentState::Ready);
    let server = company.communication_server(&log).await;
    let status = until(&service, "all", |status| status.position == log.length()).await;
    let faults = queue(&status, "faults");
    assert_eq!((faults.waiting, faults.agents_ready), (1, 1), "{status:?}");
    assert_eq!(log.asked(), [0]);
    server.stop().await;
}

#[test]
fn a_position_counts_once_and_a_gap_is_an_error() {
    let mut known = Known::default();
    let at = Time::from_millis(1);
    assert_eq!(known.fold(1, at, None), Ok(()));
    assert_eq!(known.fold(1, at, None), Ok(()));
    assert_eq!(known.fold(3, at, None), Err(Gap { after: 1, next: 3 }));
    assert_eq!(known.fold(2, at, None), Ok(()));
    assert_eq!(known.position, 2);
}

#[test]
fn the_day_begins_at_midnight_in_the_zone_of_the_application() {
    let mut known = Known::default();
    known.adopt(&company::application());
    let millis = |text: &str| {
        let at: jiff::Timestamp = text.parse().expect("a moment");
        Time::from_millis(u64::try_from(at.as_millisecond()).expect("after 1970"))
    };
    // Summer time in Amsterdam began at 01:00 UTC.
    let start = known.start_of_day(millis("2026-03-29T20:00:00Z"));
    assert_eq!(start, millis("2026-03-28T23:00:00Z"));
    let start = known.start_of_day(millis("2026-03-29T22:30:00Z"));
    assert_eq!(start, millis("2026-03-29T22:00:00Z"));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_gets_at_most_four_messages_a_second() {
    let picture = Picture::default();
    let (sender, mut watcher) = tokio::sync::watch::channel(Default::default());
    let publishing = tokio::spawn(publish(picture.clone(), sender));
    let mut messages = 0;
    let end = tokio::time::Instant::now() + Duration::from_secs(10);
    let mut tick = tokio::time::interval(Duration::from_millis(10));
    while tokio::time::Instant::now() < end {
        tokio::select! {
            _ = tick.tick() => picture.change(|known| known.position += 1),
            _ = watcher.changed() => messages += 1,
        }
    }
    assert!((35..=41).contains(&messages), "{messages} in 10 s");
    publishing.abort();
}

#[test]
fn a_conversation_is_counted_while_a_script_leads_it_and_listed_once_it_waits() {
    let (mut known, at) = (Known::default(), Time::from_millis(1_000));
    let contact = ContactId(uuid::Uuid::from_u128(1));
    let told = |known: &mut Known, event: ContactEvent| {
        let position = known.position + 1;
        known.fold(position, at, Some(&Event::Contact { contact, event })).expect("in order");
    };
    let (channel, called) = (Channel::Web, String::new());
    told(&mut known, ContactEvent::Arrived { calling: None, signalled: None, called, channel });
    let script = ScriptId::new("question").expect("a name");
    told(&mut known, ContactEvent::IvrStarted { script });
    let status = convert::status(&known, at);
    assert_eq!((status.contacts.len(), status.conversations), (0, 1));
    told(&mut known, ContactEvent::IvrEnded { outcome: IvrEnd::HandedOff });
    let queue = QueueId::new("faults").expect("a name");
    let attributes = std::collections::BTreeMap::new().into();
    let (priority, answers) = (0, Some(Vec::new().into()));
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
    told(&mut known, entered);
    let status = convert::status(&known, at);
    assert_eq!((status.contacts.len(), status.conversations), (1, 0));
    assert_eq!((&*status.contacts[0].channel, &*status.contacts[0].segment), ("web", "waiting"));
    assert_eq!((status.queues[0].waiting, status.queues[0].offered_today), (1, 1));
}
