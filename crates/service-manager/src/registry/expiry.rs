//! The ends of leases, and many of them at once.
//!
//! Where a large part of the sessions would end within one lease, it is more likely that something
//! between them and the manager has failed than that all of them have: they are kept as suspects,
//! which consumers choose last and judge for themselves, until enough are back to believe the
//! leases again, or somebody who has looked says so.

use std::collections::{BTreeMap, BTreeSet};

use super::{ASLEEP, LEASE, Registry, SILENT, Session, Time};

/// Fewer sessions may end at once.
pub const MASS: usize = 5;
/// And so may this part of all, in percent.
pub const MASS_PERCENT: usize = 30;

/// Sessions that are kept beyond their leases.
#[derive(Debug)]
pub(super) struct Kept {
    /// Whether they are back.
    sessions: BTreeMap<String, bool>,
    /// Streams with greater numbers were opened since.
    streams: u64,
}

impl Session {
    /// It ends within one lease unless it gives a sign of life.
    fn is_at_risk(&self, now: Time) -> bool {
        self.was_here && (self.stream.is_none() || self.silence(now) >= SILENT)
    }
}

impl Registry {
    /// Looks at the clock: silent sessions become suspect, those at the end of their lease are
    /// gone, but for a mass of them at once, which is kept. When the manager itself was stopped for
    /// a while, everybody gets a full lease again.
    pub fn look(&mut self, now: Time) {
        let was_asleep = now.saturating_sub(self.looked_at) > ASLEEP;
        self.looked_at = now;
        if was_asleep {
            for session in self.sessions.values_mut() {
                session.heard_at = now;
            }
            return;
        }
        self.believe_again(now);
        let over = self.ids(|session| session.silence(now) >= LEASE);
        if !over.is_empty() {
            self.end_leases(now, over);
        }
        for id in self.ids(|session| session.silence(now) >= SILENT && !session.is_silent) {
            self.change(&id, |session| session.is_silent = true);
        }
    }

    fn end_leases(&mut self, now: Time, over: Vec<String>) {
        if self.kept.is_none() && self.is_mass(now) {
            let at_risk = self.ids(|session| session.is_at_risk(now));
            let cause = self.cause(&at_risk);
            let (silent, all) = (at_risk.len(), self.sessions.len());
            tracing::warn!(
                silent,
                all,
                cause,
                "many components went silent together: they stay suspect until half of them are \
                 back, or until `caruso services expire`"
            );
            self.kept = Some(Kept { sessions: BTreeMap::new(), streams: self.streams });
        }
        for id in over {
            let was_here = self.sessions.get(&id).is_some_and(|session| session.was_here);
            match &mut self.kept {
                Some(kept) if was_here => _ = kept.sessions.insert(id, false),
                _ => {
                    tracing::warn!(instance = id, "lease over");
                    self.remove(&id);
                }
            }
        }
    }

    /// Whether so many would end within one lease that they are not believed to have.
    fn is_mass(&self, now: Time) -> bool {
        let here = || self.sessions.values().filter(|session| session.was_here);
        let at_risk = here().filter(|session| session.is_at_risk(now)).count();
        at_risk >= MASS && at_risk * 100 > here().count() * MASS_PERCENT
    }

    /// What those have in common that went silent.
    pub(super) fn cause(&self, at_risk: &[String]) -> String {
        let sessions: Vec<&Session> =
            at_risk.iter().filter_map(|id| self.sessions.get(id)).collect();
        let broken = sessions.iter().filter(|session| session.stream.is_none()).count();
        let how = match sessions.len() - broken {
            0 => "their connections broke".to_owned(),
            silent if broken == 0 => format!("all {silent} connections stand and nothing comes"),
            silent => format!("{broken} connections broke, {silent} stand and nothing comes"),
        };
        let bound = sessions.iter().flat_map(|session| session.offers.values());
        let hosts: BTreeSet<&str> = bound.map(|bound| host(&bound.offering.address)).collect();
        let hosts: Vec<&str> = hosts.into_iter().collect();
        match hosts.as_slice() {
            [] => how,
            [host] => format!("{how}; all are at {host}: that machine, or the way to it"),
            hosts => {
                let some = hosts.iter().take(8).copied().collect::<Vec<_>>().join(", ");
                format!("{how}; they are at {} hosts ({some}): the way to them", hosts.len())
            }
        }
    }

    /// Ends the keeping once half of those that are kept are back: in their sessions, or as another
    /// instance of the component. The others of them have one more lease.
    fn believe_again(&mut self, now: Time) {
        let Some(mut kept) = self.kept.take() else { return };
        let opened: BTreeSet<String> = self
            .sessions
            .values()
            .filter(|session| session.stream.is_some_and(|stream| stream > kept.streams))
            .filter(|session| session.silence(now) < LEASE)
            .map(|session| session.component.clone())
            .collect();
        kept.sessions.retain(|id, _| self.sessions.contains_key(id));
        for (id, is_back) in &mut kept.sessions {
            let session = self.sessions.get(id);
            *is_back = session.is_some_and(|session| {
                session.silence(now) < LEASE || opened.contains(&session.component)
            });
        }
        let back = kept.sessions.values().filter(|is_back| **is_back).count();
        if back * 2 < kept.sessions.len() {
            self.kept = Some(kept);
            return;
        }
        tracing::info!(back, kept = kept.sessions.len(), "leases end again as they should");
        for id in kept.sessions.into_keys() {
            let Some(session) = self.sessions.get_mut(&id) else { continue };
            if session.silence(now) < LEASE {
                continue;
            }
            if opened.contains(&session.component) {
                self.remove(&id);
            } else {
                session.heard_at = now;
            }
        }
    }

    /// Sessions that are kept beyond their leases and are not back.
    pub fn kept(&self) -> impl Iterator<Item = &str> {
        let kept = self.kept.iter().flat_map(|kept| &kept.sessions);
        let away = kept.filter(|(id, is_back)| !**is_back && self.sessions.contains_key(*id));
        away.map(|(id, _)| id.as_str())
    }

    /// Somebody has looked: those that are kept and not back are gone. Answers who they were.
    pub fn expire(&mut self, now: Time) -> Vec<String> {
        self.believe_again(now);
        let gone: Vec<String> = self.kept().map(str::to_owned).collect();
        self.kept = None;
        for id in &gone {
            tracing::warn!(instance = id, "lease over, as an operator says");
            self.remove(id);
        }
        gone
    }
}

/// Of an address such as `http://127.0.0.1:7070`.
fn host(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.rsplit_once(':').map_or(rest, |(host, _)| host)
}
