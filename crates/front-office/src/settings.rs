//! What the pages need to know of the application's release.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use caruso_api::desk::v1::{Purpose, Reason};
use caruso_application::Application;
use caruso_application::routing::{Configuration, title};
use caruso_component::{Component, Release};

/// What the pages need to know of the application; empty before the first release.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Settings {
    /// Why an agent may be not ready.
    pub(crate) reasons: Vec<Reason>,
    /// What calls to customers may be about.
    pub(crate) purposes: Vec<Purpose>,
    /// Titles of the queues by id.
    pub(crate) queues: BTreeMap<String, String>,
    /// Titles of the dispositions by id.
    pub(crate) dispositions: BTreeMap<String, String>,
    /// Numbers that customers may call.
    pub(crate) numbers: Vec<String>,
    /// IANA name of the zone in which days begin; `UTC` before the first release.
    pub(crate) zone: String,
}

impl Settings {
    fn of(application: &Application) -> Self {
        let Application { language, routing, zone, .. } = application;
        let Configuration { reasons, queues, numbers, outbound, .. } = &**routing;
        let purposes = outbound.iter().flat_map(|rules| &rules.purposes).map(|(id, purpose)| {
            Purpose { id: id.to_string(), title: title(&purpose.titles, language).to_owned() }
        });
        let reasons = reasons.iter().map(|(id, titles)| Reason {
            id: id.to_string(),
            title: title(titles, language).to_owned(),
        });
        let dispositions = queues.values().flat_map(|queue| &queue.dispositions);
        let dispositions =
            dispositions.map(|(id, titles)| (id.to_string(), title(titles, language).to_owned()));
        let queues =
            queues.iter().map(|(id, queue)| (id.to_string(), queue.title(language).to_owned()));
        Self {
            dispositions: dispositions.collect(),
            reasons: reasons.collect(),
            purposes: purposes.collect(),
            queues: queues.collect(),
            numbers: numbers.keys().cloned().collect(),
            zone: zone.clone(),
        }
    }
}

/// The settings of the release in force.
pub(crate) type Current = Arc<ArcSwap<Settings>>;

/// Settings before the first release.
pub(crate) fn none_yet() -> Current {
    Arc::new(ArcSwap::from_pointee(Settings { zone: "UTC".to_owned(), ..Settings::default() }))
}

/// Takes over each release that the service manager announces, or says why not.
pub(crate) async fn follow(component: Component, current: Current) {
    component.take_releases(read, |settings| current.store(Arc::new(settings))).await;
}

fn read(release: &Release) -> Result<Settings, Vec<String>> {
    release.compiled(Application::compile).map(|application| Settings::of(&application))
}
