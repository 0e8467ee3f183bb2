//! What others learn of the directory: whoever asks, whoever watches, the disk.

use std::collections::BTreeSet;

use super::{Bound, Offer, OfferedContract, Offering, Registry, Session, offer_id};

/// What a watcher must be told of the interfaces it watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Everything up to here is contained.
    pub revision: u64,
    /// Whatever the watcher knew is void.
    pub is_snapshot: bool,
    /// One for each interface of which something is to be told.
    pub pieces: Vec<Piece>,
}

/// What is to be told of one interface: the same for all who are to be told the same piece.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Piece {
    /// Package and service.
    pub interface: String,
    /// Everything after this revision; all that there is without one.
    pub since: Option<u64>,
    /// Revision of the last change that is contained.
    pub until: u64,
}

/// The content of a [`Piece`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// New and changed offers.
    pub offers: Vec<Offer>,
    /// Ids of offers that are gone.
    pub gone: Vec<String>,
}

/// What has changed since it was last asked for, as it is to be kept.
#[derive(Debug)]
pub struct Unsaved {
    /// Everything up to here is contained.
    pub revision: u64,
    /// Sessions by their id; `None` for those that are gone.
    pub sessions: Vec<(String, Option<Session>)>,
}

impl Registry {
    /// Every offer of one session.
    pub fn offers_of(&self, id: &str) -> Vec<Offer> {
        let session = self.sessions.get(id);
        session.map_or_else(Vec::new, |session| {
            session.offers.values().map(|bound| session.present(id, bound)).collect()
        })
    }

    fn offers(&self, interface: &str, is_meant: impl Fn(&Bound) -> bool) -> Vec<Offer> {
        let Some(entry) = self.index.get(interface) else { return Vec::new() };
        let all = entry.instances.keys().filter_map(|id| {
            let session = self.sessions.get(&**id)?;
            let bound = session.offers.get(interface).filter(|bound| is_meant(bound))?;
            Some(session.present(id, bound))
        });
        all.collect()
    }

    /// What a watcher of these interfaces that knows revision `after` must be told; a snapshot
    /// where it knows nothing (0) or the history does not reach back. `None` when nothing happened
    /// to them.
    pub fn news(&self, after: u64, interfaces: &BTreeSet<String>) -> Option<News> {
        let revision = self.revision;
        let is_snapshot = after == 0 || after < self.history_from || after > revision;
        let known = interfaces.iter().filter_map(|it| Some((it, self.index.get(it)?)));
        let pieces: Vec<Piece> = known
            .filter(|(_, entry)| is_snapshot || entry.changed_at > after)
            .map(|(interface, entry)| Piece {
                interface: interface.clone(),
                since: (!is_snapshot).then(|| entry.since(after)),
                until: entry.changed_at,
            })
            .collect();
        (is_snapshot || !pieces.is_empty()).then_some(News { revision, is_snapshot, pieces })
    }

    /// All of an interface; `None` where nobody offers it and nobody did lately.
    pub fn whole(&self, interface: &str) -> Option<Piece> {
        let until = self.index.get(interface)?.changed_at;
        Some(Piece { interface: interface.to_owned(), since: None, until })
    }

    /// The content of a piece as it is now.
    pub fn part(&self, piece: &Piece) -> Part {
        let Piece { interface, since, .. } = piece;
        let after = since.unwrap_or(0);
        let offers = self.offers(interface, |bound| since.is_none() || bound.changed_at > after);
        let mut gone = BTreeSet::new();
        if let Some(entry) = self.index.get(interface).filter(|_| since.is_some()) {
            let buried = entry.gone.iter().rev().take_while(|(revision, _)| *revision > after);
            let buried = buried.filter(|(_, instance)| !entry.instances.contains_key(instance));
            gone.extend(buried.map(|(_, instance)| offer_id(instance, interface)));
        }
        Part { offers, gone: gone.into_iter().collect() }
    }

    /// The interfaces of which something has changed since this was last asked.
    pub fn take_touched(&mut self) -> BTreeSet<String> {
        self.index.take_touched()
    }

    /// Whether there is something to be kept.
    pub fn is_unsaved(&self) -> bool {
        !self.unsaved.is_empty()
    }

    /// The sessions that are to be kept, or forgotten, since this was last asked.
    pub fn take_unsaved(&mut self) -> Unsaved {
        let sessions = std::mem::take(&mut self.unsaved).into_iter().map(|id| {
            let session = self.sessions.get(&id).cloned();
            (id, session)
        });
        Unsaved { revision: self.revision, sessions: sessions.collect() }
    }

    /// Every offer that has a contract.
    pub fn offered_contracts(&self) -> impl Iterator<Item = OfferedContract<'_>> {
        self.sessions.iter().flat_map(|(instance, session)| {
            session.offers.values().filter_map(move |bound| {
                let Offering { interface, contract, .. } = &bound.offering;
                let digest = contract.as_deref()?;
                Some(OfferedContract { instance, session, interface, digest })
            })
        })
    }

    /// Of each contract by which the interface is offered one offer of a live instance, but not of
    /// this one.
    pub fn offered_by(
        &self,
        interface: &str,
        but: &str,
    ) -> impl Iterator<Item = OfferedContract<'_>> {
        let contracts = self.index.get(interface).into_iter().flat_map(|it| &it.contracts);
        contracts.filter_map(move |(digest, instances)| {
            let others = instances.iter().filter(|instance| ***instance != *but);
            let mut offers = others.filter_map(|instance| {
                let session = self.sessions.get(&**instance).filter(|it| it.is_live())?;
                let (interface, _) = session.offers.get_key_value(interface)?;
                Some(OfferedContract { instance, session, interface, digest })
            });
            offers.next()
        })
    }
}
