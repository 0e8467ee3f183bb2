//! Instances that wait to take the place of others.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{OfferState, Registry, Session};

/// What an instance says that stands by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standby {
    /// Digests of the contracts of what it may offer, by interface.
    pub contracts: BTreeMap<String, String>,
    /// It can serve while the others still do.
    pub is_beside: bool,
    /// It has all that it needs of the others while they run.
    #[serde(skip)]
    pub has_taken: bool,
}

impl Session {
    /// What it said, if it stands by.
    pub fn standby(&self) -> Option<&Standby> {
        self.standby.as_ref()
    }

    /// Whether new work is led to it, and not as to the last.
    fn takes_work(&self) -> bool {
        !self.offers.is_empty() && self.offer_state() == OfferState::Routable
    }
}

impl Registry {
    /// The instance waits to take over. One that offers something does not stand by.
    pub fn stand_by(&mut self, id: &str, standby: Standby) {
        if let Some(session) = self.sessions.get_mut(id).filter(|it| it.offers.is_empty()) {
            session.standby = Some(standby);
            self.unsaved.insert(id.to_owned());
        }
    }

    /// The instance has what it needs of those whose place it takes.
    pub fn taking_over(&mut self, id: &str) {
        let standby = self.sessions.get_mut(id).and_then(|session| session.standby.as_mut());
        if let Some(standby) = standby {
            standby.has_taken = true;
        }
    }

    /// Who stands by for a component; of several the one that came last.
    pub fn standing_by(&self, component: &str) -> Option<(&str, &Session)> {
        let ours = self.of(component).filter(|(_, it)| it.standby.is_some() && it.is_live());
        // ids grow with time
        ours.last()
    }

    /// The instances of a component that do not stand by.
    pub fn serving(&self, component: &str) -> impl Iterator<Item = (&str, &Session)> {
        self.of(component).filter(|(_, session)| session.standby.is_none())
    }

    /// Whether who stands by has what it needs; `None` where it is gone.
    pub fn has_taken(&self, id: &str) -> Option<bool> {
        let session = self.sessions.get(id).filter(|session| session.is_live())?;
        Some(session.standby.as_ref().is_some_and(|standby| standby.has_taken))
    }

    /// An instance of the component that takes new work and was not there before.
    pub fn successor(&self, component: &str, before: &BTreeSet<String>) -> Option<String> {
        let mut all = self.serving(component);
        let new = all.find(|(id, session)| !before.contains(*id) && session.takes_work());
        new.map(|(id, _)| id.to_owned())
    }

    fn of(&self, component: &str) -> impl Iterator<Item = (&str, &Session)> {
        let all = self.sessions.iter().map(|(id, session)| (id.as_str(), session));
        all.filter(move |(_, session)| session.component == component)
    }
}
