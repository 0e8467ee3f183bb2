//! Asks at the addresses of components whether somebody answers there.

use std::sync::Arc;
use std::time::Duration;

use caruso_component::{Probed, probe};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::admission::Admission;
use crate::registry::Probe;
use crate::shared::Shared;

/// It is seen this often whether there is something to ask, and at most so many are asked at once:
/// 64 in a second, whatever there is.
const LOOK: Duration = Duration::from_millis(250);
const AT_ONCE: usize = 16;

impl Shared {
    /// Asks until the manager stops.
    pub(crate) async fn keep_probing(self: Arc<Self>, stop: CancellationToken) {
        let mut tick = tokio::time::interval(LOOK);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut running = JoinSet::new();
        while stop.run_until_cancelled(tick.tick()).await.is_some() {
            while running.try_join_next().is_some() {}
            let now = self.now();
            let probes = self.registry().probes(now, AT_ONCE - running.len());
            for probe in probes {
                running.spawn(Arc::clone(&self).ask(probe));
            }
        }
    }

    async fn ask(self: Arc<Self>, asked: Probe) {
        let Probe { component, address, .. } = &asked;
        let found = match &self.admission {
            Admission::Development(_) => probe(address, component, None).await,
            Admission::Certified(certifying) => match certifying.client() {
                Some(client) => probe(address, component, Some(&client)).await,
                None => Probed::Late,
            },
        };
        let found = match found {
            Probed::Answers => Some(Ok(())),
            Probed::Nobody(reason) => Some(Err(reason)),
            Probed::Late => None,
        };
        self.event(|registry, now| registry.probed(now, &asked, found));
    }
}
