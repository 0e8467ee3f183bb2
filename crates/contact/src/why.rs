//! Why a contact was offered to an agent: as data, and in sentences for the desk.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Time, spoken};

/// Most candidates, and most excluded agents, that one offer names; the rest is counted.
pub const MAX_NAMED: usize = 16;

/// The reasons of one offer: enough to make the decision again by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Why {
    /// The clock of the decision.
    pub decided_at: Time,
    /// First ranking term of the contact: larger is served first.
    pub priority: u8,
    /// Second ranking term of the contact: since when it waits in the queue.
    pub waiting_since: Time,
    /// Contacts of the same queue that wait behind this one.
    pub waiting_behind: u32,
    /// Agents who could take it, longest ready first (then by name); the first one was chosen.
    pub candidates: Vec<Candidate>,
    /// Candidates beyond [`MAX_NAMED`].
    pub more_candidates: u32,
    /// Signed-in agents of the queue who could not take it, with the clause that says so.
    pub excluded: Vec<Excluded>,
    /// Excluded beyond [`MAX_NAMED`].
    pub more_excluded: u32,
    /// Who chose the agent by name; then nobody was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transferred_by: Option<AgentId>,
}

/// An agent who could take the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// The ranking term: ready since; earlier is served first.
    pub ready_since: Time,
}

/// An agent who could not take the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Who.
    pub agent: AgentId,
    /// The clause.
    pub clause: Clause,
}

/// Why an agent of the queue could not take a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clause {
    /// Not ready.
    NotReady,
    /// Another contact is being offered to them.
    Offered,
    /// Talks.
    Talking,
    /// Finishes a contact.
    WrapUp,
}

impl Why {
    /// The reasons in English sentences, addressed to the agent who was chosen. `queue_title`
    /// is what agents call the queue, `name` what they call each other.
    pub fn sentences(&self, queue_title: &str, name: &dyn Fn(&AgentId) -> String) -> Vec<String> {
        if let Some(by) = &self.transferred_by {
            return vec![format!("{} transferred the customer to you.", name(by))];
        }
        let mut sentences = vec![self.about_the_contact(queue_title)];
        sentences.extend(self.about_the_agent(name));
        sentences
    }

    fn about_the_contact(&self, queue_title: &str) -> String {
        let waited = self.decided_at.since(self.waiting_since);
        let place = match self.waiting_behind {
            0 => "nobody else waits there".to_owned(),
            1 => "first in line, one more waits".to_owned(),
            behind => format!("first in line, {behind} more wait"),
        };
        if waited < Duration::from_secs(1) {
            format!("The caller came straight from the queue {queue_title}; {place}.")
        } else {
            format!("The caller waited {} in the queue {queue_title}; {place}.", spoken(waited))
        }
    }

    fn about_the_agent(&self, name: &dyn Fn(&AgentId) -> String) -> Option<String> {
        let chosen = self.candidates.first()?;
        let ready = spoken(self.decided_at.since(chosen.ready_since));
        let others: Vec<String> = self.excluded.iter().map(|it| excluded(it, name)).collect();
        let mut sentence = match self.candidates.get(1) {
            None if others.is_empty() => format!("You were ready for {ready}"),
            None => format!("You were the only one ready: {ready}"),
            Some(_) => format!("You have been ready longest: {ready}"),
        };
        if let Some(next) = self.candidates.get(1) {
            let since = spoken(self.decided_at.since(next.ready_since));
            sentence.push_str(&format!("; {} was next: {since}", name(&next.agent)));
        }
        for other in others {
            sentence.push_str("; ");
            sentence.push_str(&other);
        }
        if self.more_excluded > 0 {
            sentence.push_str(&format!("; {} more were not free", self.more_excluded));
        }
        sentence.push('.');
        Some(sentence)
    }
}

fn excluded(excluded: &Excluded, name: &dyn Fn(&AgentId) -> String) -> String {
    let name = name(&excluded.agent);
    match excluded.clause {
        Clause::NotReady => format!("{name} was not ready"),
        Clause::Offered => format!("{name}'s phone was ringing"),
        Clause::Talking => format!("{name} was busy"),
        Clause::WrapUp => format!("{name} was in wrap-up"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn agent(name: &str) -> AgentId {
        AgentId::new(name).expect("a name")
    }

    fn why(candidates: &[(&str, u64)], excluded: &[(&str, Clause)], behind: u32) -> Why {
        let candidate = |(name, since): &(&str, u64)| Candidate {
            agent: agent(name),
            ready_since: Time::from_millis(*since),
        };
        let exclude =
            |(name, clause): &(&str, Clause)| Excluded { agent: agent(name), clause: *clause };
        Why {
            decided_at: Time::from_millis(300_000),
            priority: 0,
            waiting_since: Time::from_millis(260_000),
            waiting_behind: behind,
            candidates: candidates.iter().map(candidate).collect(),
            more_candidates: 0,
            excluded: excluded.iter().map(exclude).collect(),
            more_excluded: 0,
            transferred_by: None,
        }
    }

    fn sentences(why: &Why) -> String {
        why.sentences("Faults", &|agent| agent.as_str().to_uppercase()).join(" ")
    }

    #[test]
    fn the_reasons_are_told_in_sentences() {
        assert_eq!(
            sentences(&why(
                &[("anna", 48_000), ("cees", 100_000)],
                &[("bram", Clause::Talking)],
                2
            )),
            "The caller waited 40 s in the queue Faults; first in line, 2 more wait. \
             You have been ready longest: 4 min 12 s; CEES was next: 3 min 20 s; BRAM was busy."
        );
        assert_eq!(
            sentences(&why(&[("anna", 290_000)], &[("bram", Clause::NotReady)], 0)),
            "The caller waited 40 s in the queue Faults; nobody else waits there. \
             You were the only one ready: 10 s; BRAM was not ready."
        );
    }

    #[test]
    fn who_was_chosen_by_name_is_told_by_whom_and_offers_of_before_read_back() {
        let mut chosen = why(&[("bram", 290_000)], &[], 0);
        let before = serde_json::to_value(&chosen).expect("JSON");
        assert!(before.get("transferred_by").is_none(), "as before there were any");
        chosen.transferred_by = Some(agent("anna"));
        assert_eq!(sentences(&chosen), "ANNA transferred the customer to you.");
        let json = serde_json::to_value(&chosen).expect("JSON");
        assert_eq!(serde_json::from_value::<Why>(json).expect("its own form"), chosen);
    }
}
