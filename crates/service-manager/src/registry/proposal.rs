//! A release that somebody wants to put in force: who is asked, and what they say.

use std::collections::BTreeMap;

use super::{Registry, Session};

/// The release that is being examined, if one is.
#[derive(Debug, Default)]
pub(super) struct Proposal {
    /// Empty while none is.
    digest: String,
    answers: BTreeMap<String, Vec<String>>,
}

/// What a component says about a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Kind and name of the component.
    pub component: String,
    /// The session's id.
    pub instance: String,
    /// Why it cannot work with it; nothing where it has not answered.
    pub refusals: Option<Vec<String>>,
}

impl Proposal {
    /// Takes an answer about the proposed release; whether it was one.
    pub(super) fn answer(&mut self, id: &str, digest: &str, refusals: &[String]) -> bool {
        let is_meant = !self.digest.is_empty() && self.digest == digest;
        if is_meant {
            self.answers.insert(id.to_owned(), refusals.to_vec());
        }
        is_meant
    }
}

impl Session {
    /// Whether it can be asked about releases: it has answered to one before, and is there.
    fn takes_releases(&self) -> bool {
        let has_answered = !self.release.is_empty() || !self.refusals.is_empty();
        has_answered && self.is_here()
    }

    fn is_here(&self) -> bool {
        self.stream.is_some() && !self.is_leaving
    }
}

impl Registry {
    /// Components are asked about this release from now on; the sessions of all that are to
    /// answer.
    pub fn propose(&mut self, digest: &str) -> Vec<String> {
        self.proposal = Proposal { digest: digest.to_owned(), answers: BTreeMap::new() };
        self.ids(Session::takes_releases)
    }

    /// What those who are asked say of the proposed release. Whoever has gone meanwhile is not
    /// among them.
    pub fn examined(&self, asked: &[String]) -> Vec<Answer> {
        self.answers(asked, |id, _| self.proposal.answers.get(id).cloned())
    }

    /// Nobody is asked any more.
    pub fn withdraw(&mut self) {
        self.proposal = Proposal::default();
    }

    /// Those who were asked are told that it is in force: what they refused before is over.
    pub fn announce(&mut self, asked: &[String]) {
        for id in asked {
            if let Some(session) = self.sessions.get_mut(id) {
                session.refusals.clear();
            }
        }
    }

    /// What those who were asked say of the release in force: applied, or refused.
    pub fn applied(&self, asked: &[String], digest: &str) -> Vec<Answer> {
        self.answers(asked, |_, session| {
            let has_it = session.release == digest || !session.refusals.is_empty();
            has_it.then(|| session.refusals.clone())
        })
    }

    fn answers(
        &self,
        asked: &[String],
        refusals: impl Fn(&str, &Session) -> Option<Vec<String>>,
    ) -> Vec<Answer> {
        let here = asked.iter().filter_map(|id| {
            let session = self.sessions.get(id).filter(|session| session.is_here())?;
            Some(Answer {
                component: session.component.clone(),
                instance: id.clone(),
                refusals: refusals(id, session),
            })
        });
        here.collect()
    }
}
