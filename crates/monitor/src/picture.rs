//! What the monitor knows, shared by those who feed it and those who show it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use caruso_api::contact::v1::{Beginning, KnownAgent};
use caruso_application::Application;
use caruso_application::reports::Definition;
use caruso_application::routing::title;
use caruso_contact::{AgentEvent, AgentId, Event, QueueId, Time};
use caruso_metrics::Figures;
use jiff::tz::TimeZone;
use jiff::{Timestamp, Zoned};
use tokio::sync::Notify;

/// What began earlier is dropped once it is over.
pub const DAYS_KEPT: u64 = 31;
const KEPT: Duration = Duration::from_secs(DAYS_KEPT * 24 * 3600);

/// What the monitor knows; the same for all clones.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    known: Mutex<Known>,
    changed: Notify,
}

/// What is known at one moment.
#[derive(Debug)]
pub(crate) struct Known {
    pub(crate) figures: Figures,
    /// Of the last event folded; 0 before the first.
    pub(crate) position: u64,
    /// Whether the events arrive as they happen.
    pub(crate) is_live: bool,
    /// Whether the log was ever reached.
    pub(crate) has_begun: bool,
    /// Titles of the queues of the release.
    pub(crate) titles: BTreeMap<QueueId, String>,
    /// Display names of the agents.
    pub(crate) names: BTreeMap<String, String>,
    /// The reports of the release.
    pub(crate) reports: BTreeMap<String, Arc<Definition>>,
    /// Language of its texts.
    pub(crate) language: String,
    /// IANA name of its zone.
    pub(crate) zone_name: String,
    zone: TimeZone,
    forgotten_before: Time,
}

impl Default for Known {
    fn default() -> Self {
        Self {
            figures: Figures::default(),
            position: 0,
            is_live: false,
            has_begun: false,
            titles: BTreeMap::new(),
            names: BTreeMap::new(),
            reports: BTreeMap::new(),
            language: String::new(),
            zone_name: "UTC".to_owned(),
            zone: TimeZone::UTC,
            forgotten_before: Time::default(),
        }
    }
}

/// Events between the last one folded and this one are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    pub(crate) after: u64,
    pub(crate) next: u64,
}

impl Picture {
    pub(crate) fn lock(&self) -> MutexGuard<'_, Known> {
        self.shared.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes what is known, and tells the publisher.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut Known) -> T) -> T {
        let result = change(&mut self.lock());
        self.shared.changed.notify_one();
        result
    }

    /// Returns after the next change; at once if there was one since the last return.
    pub(crate) async fn changed(&self) {
        self.shared.changed.notified().await;
    }
}

impl Known {
    /// Folds an event of the log, once. An event of an unknown kind has a place, but no effect.
    pub(crate) fn fold(
        &mut self,
        position: u64,
        recorded_at: Time,
        event: Option<&Event>,
    ) -> Result<(), Gap> {
        if position <= self.position {
            return Ok(());
        }
        if position > self.position + 1 {
            return Err(Gap { after: self.position, next: position });
        }
        self.position = position;
        if let Some(event) = event {
            self.figures.apply(recorded_at, event);
        }
        self.forget(recorded_at);
        Ok(())
    }

    /// Begins where recent events do, with the agents who were known before them.
    pub(crate) fn begin(&mut self, beginning: &Beginning) {
        if self.position > 0 {
            return;
        }
        self.position = beginning.after;
        for KnownAgent { agent, queues } in &beginning.agents {
            let Ok(agent) = AgentId::new(agent) else { continue };
            let queues = queues.iter().filter_map(|it| QueueId::new(it).ok()).collect();
            let event = AgentEvent::SignedIn { queues, teams: Default::default() };
            self.figures.apply(Time::default(), &Event::Agent { agent, event });
        }
    }

    /// Whether all is known that there was when the log began to be followed.
    pub(crate) fn reached(&mut self, last: Option<u64>) {
        if last.is_some_and(|last| self.position >= last) {
            self.is_live = true;
            self.has_begun = true;
        }
    }

    /// Drops what is too old, once an hour of the log's own time.
    fn forget(&mut self, now: Time) {
        let before = kept_since(now);
        if before.since(self.forgotten_before) >= Duration::from_secs(3600) {
            self.figures.forget_before(before);
            self.forgotten_before = before;
        }
    }

    /// Takes titles, reports and zone from the application.
    pub(crate) fn adopt(&mut self, application: &Application) {
        let titled = |(id, queue): (&QueueId, &caruso_application::routing::Queue)| {
            (id.clone(), title(&queue.titles, &application.language).to_owned())
        };
        self.titles = application.routing.queues.iter().map(titled).collect();
        self.reports.clone_from(&application.reports);
        self.language.clone_from(&application.language);
        self.zone_name.clone_from(&application.zone);
        self.zone = TimeZone::get(&application.zone).unwrap_or(TimeZone::UTC);
    }

    /// What people call the queue; its id if nobody does.
    pub(crate) fn title<'a>(&'a self, queue: &'a QueueId) -> &'a str {
        let title = self.titles.get(queue).map(String::as_str);
        title.filter(|title| !title.is_empty()).unwrap_or(queue.as_str())
    }

    /// When the day of `now` began, in the application's zone.
    pub(crate) fn start_of_day(&self, now: Time) -> Time {
        let millis = i64::try_from(now.as_millis()).unwrap_or(i64::MAX);
        let now_here = Timestamp::from_millisecond(millis).map(|it| it.to_zoned(self.zone.clone()));
        let start = now_here.and_then(|now: Zoned| now.start_of_day());
        let start = start.map(|start| start.timestamp().as_millisecond());
        start.ok().and_then(|start| u64::try_from(start).ok()).map_or(now, Time::from_millis)
    }
}

/// The moment from which on reports are complete.
pub(crate) fn kept_since(now: Time) -> Time {
    let kept = u64::try_from(KEPT.as_millis()).unwrap_or(u64::MAX);
    Time::from_millis(now.as_millis().saturating_sub(kept))
}

/// The wall clock.
pub(crate) fn now() -> Time {
    let millis = Timestamp::now().as_millisecond();
    Time::from_millis(u64::try_from(millis).unwrap_or_default())
}
