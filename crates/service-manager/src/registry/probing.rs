//! Whether somebody answers where a component says that it serves: when to ask, and what comes of
//! it. Most often a wrapper that cannot be called has told a wrong address.

use std::time::Duration;

use super::{Registry, Session, Time};

/// An address of which no consumer has said that it was served is asked at this often.
pub const PROBE_EVERY: Duration = Duration::from_secs(10);
/// Where nobody answered, it is asked again after this; first sooner, since it may have been too
/// early.
const AGAIN: Duration = Duration::from_secs(2);
const AT_ONCE: Duration = Duration::from_millis(500);
/// So often in a row nobody must have answered for nobody to be led there.
const FAILURES: u32 = 2;
/// What is for browsers is not asked at: it is behind whatever they come through.
const FOR_BROWSERS: [&str; 2] = ["caruso.desk.v1.Desk", "caruso.web.v1.Pages"];

/// What is known of an address of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Check {
    due_at: Time,
    is_asked: bool,
    failures: u32,
    /// Why nobody is led there.
    finding: Option<String>,
}

/// An address at which somebody is to be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// The session that offers something there.
    pub instance: String,
    /// Who is to answer.
    pub component: String,
    /// For example `http://127.0.0.1:41234`.
    pub address: String,
}

impl Session {
    /// Why nobody is led to this address.
    pub(super) fn finding(&self, address: &str) -> Option<&str> {
        self.checks.get(address)?.finding.as_deref()
    }

    fn is_asked_for(&self) -> bool {
        self.stream.is_some() && !self.is_leaving
    }
}

impl Registry {
    /// The addresses that are to be asked at now, at most so many.
    pub fn probes(&mut self, now: Time, most: usize) -> Vec<Probe> {
        let mut probes = Vec::new();
        for (id, session) in self.sessions.iter_mut().filter(|(_, it)| it.is_asked_for()) {
            let offers = session.offers.values().map(|bound| &bound.offering);
            let asked = offers.filter(|it| !FOR_BROWSERS.contains(&it.interface.as_str()));
            for address in asked.map(|offering| &offering.address) {
                let is_due = session
                    .checks
                    .get(address)
                    .is_none_or(|check| !check.is_asked && now >= check.due_at);
                if !is_due || probes.len() >= most {
                    continue;
                }
                session.checks.entry(address.clone()).or_default().is_asked = true;
                let (instance, component) = (id.clone(), session.component.clone());
                probes.push(Probe { instance, component, address: address.clone() });
            }
        }
        probes
    }

    /// What has come of a probe: an answer, or the reason why there is none; `None` where it was
    /// too late to say.
    pub fn probed(&mut self, now: Time, probe: &Probe, found: Option<Result<(), String>>) {
        let Some(session) = self.sessions.get_mut(&probe.instance) else { return };
        let Some(check) = session.checks.get_mut(&probe.address) else { return };
        check.is_asked = false;
        match found {
            Some(Err(reason)) => {
                check.failures = (check.failures + 1).min(FAILURES);
                let is_known = check.failures >= FAILURES;
                check.due_at = now + if is_known { AGAIN } else { AT_ONCE };
                if is_known && check.finding.is_none() {
                    tracing::warn!(
                        component = probe.component,
                        address = probe.address,
                        reason,
                        "nobody is led there"
                    );
                    self.find(&probe.instance, &probe.address, Some(reason));
                }
            }
            Some(Ok(())) => self.seen_answering(now, &probe.instance, &probe.address),
            None => check.due_at = now + AGAIN,
        }
    }

    /// Somebody answers there: a probe, or a consumer says so.
    pub(super) fn seen_answering(&mut self, now: Time, instance: &str, address: &str) {
        let session = self.sessions.get_mut(instance);
        let check = session.and_then(|session| session.checks.get_mut(address));
        let Some(check) = check else { return };
        check.failures = 0;
        check.due_at = now + PROBE_EVERY;
        if check.finding.is_some() {
            self.find(instance, address, None);
        }
    }

    /// Changes how consumers treat what is offered there, as one revision.
    fn find(&mut self, instance: &str, address: &str, finding: Option<String>) {
        let Some(session) = self.sessions.get_mut(instance) else { return };
        let Some(check) = session.checks.get_mut(address) else { return };
        check.finding = finding;
        self.revision += 1;
        for (interface, bound) in &mut session.offers {
            if bound.offering.address == address {
                bound.changed_at = self.revision;
                self.index.touch(interface, self.revision);
            }
        }
    }
}
