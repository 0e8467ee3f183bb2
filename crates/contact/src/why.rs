//! Why a contact was offered to an agent: as data, and in sentences for the desk.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AgentId, Preference, QueueId, SkillId, Time, spoken};

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
    /// The ranking term in place of both, where priority counts as waiting and there is some: since
    /// when the wait counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts_from: Option<Time>,
    /// Contacts of the same queue that wait behind this one.
    pub waiting_behind: u32,
    /// What the queue asked of the agent; nothing where it asks nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<Asked>,
    /// How the agents were ranked.
    #[serde(default, skip_serializing_if = "Strategy::is_default")]
    pub strategy: Strategy,
    /// The skill of which more goes first, before the strategy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred: Option<SkillId>,
    /// Agents who could take it, in the order of their ranking; the first one was chosen.
    pub candidates: Vec<Candidate>,
    /// Candidates beyond [`MAX_NAMED`].
    pub more_candidates: u32,
    /// Signed-in agents of the queue who could not take it, with the clause that says so.
    pub excluded: Vec<Excluded>,
    /// Excluded beyond [`MAX_NAMED`].
    pub more_excluded: u32,
    /// The queue in which the contact waited before it came over to this one, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overflowed_from: Option<QueueId>,
    /// Why the contact waited for this agent alone, if it did; then nobody was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferred_agent: Option<Preference>,
    /// The supervisor who gave the contact its priority, if one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prioritized_by: Option<AgentId>,
    /// Who chose the agent by name; then nobody was compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transferred_by: Option<AgentId>,
}

/// What a queue asked of the agent when the contact was offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// Which of the queue's requirements was in force, counted from 0.
    pub step: u8,
    /// Its text.
    pub when: String,
    /// When the next one would have taken effect; nothing where it was the last.
    pub until: Option<Time>,
}

/// An agent who could take the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// Who.
    pub agent: AgentId,
    /// Ready since; of [`Strategy::LongestIdle`] the ranking term, else the last but the name.
    pub ready_since: Time,
    /// Level of the preferred skill, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<u8>,
    /// How many points of their capacity contacts take that the agent has; nothing where they have
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub load: Option<u8>,
    /// The term of [`Strategy::FewestContacts`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken: Option<u32>,
    /// The term of [`Strategy::RoundRobin`]; nothing before the first offer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_offered: Option<Time>,
}

impl Candidate {
    /// Without the terms of a ranking.
    pub fn ready(agent: AgentId, ready_since: Time) -> Self {
        Self { agent, ready_since, load: None, level: None, taken: None, last_offered: None }
    }
}

/// Who of several agents goes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// Who is ready longest.
    #[default]
    LongestIdle,
    /// Who has talked with the fewest contacts since signing in.
    FewestContacts,
    /// Whose last offer of the queue is longest ago.
    RoundRobin,
    /// Always the same order: that of their names.
    Linear,
    /// The phones of all ring who can take it, those first who are ready longest.
    RingAll,
}

impl Strategy {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An agent who could not take the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excluded {
    /// Who.
    pub agent: AgentId,
    /// The clause.
    pub clause: Clause,
    /// The part of the requirement that the agent does not meet, where that is the clause.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<String>,
}

/// Why an agent of the queue could not take a contact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Clause {
    /// Not ready.
    NotReady,
    /// Another contact is being offered to them.
    Offered,
    /// Calls a customer.
    Dialling,
    /// Talks.
    Talking,
    /// Finishes a contact.
    WrapUp,
    /// Ready, but does not meet the requirement in force.
    Requirement,
}

impl Why {
    /// The reasons in English sentences, addressed to the agent who was chosen out of `queue`.
    /// `title` is what agents call a queue, `name` what they call each other.
    pub fn sentences(
        &self,
        queue: &QueueId,
        title: &dyn Fn(&QueueId) -> String,
        name: &dyn Fn(&AgentId) -> String,
    ) -> Vec<String> {
        if let Some(by) = &self.transferred_by {
            return vec![format!("{} transferred the customer to you.", name(by))];
        }
        let mut sentences = vec![self.about_the_contact(&title(queue))];
        sentences
            .extend(self.prioritized_by.as_ref().map(|by| prioritized(&name(by), self.priority)));
        let came_over = |from| format!("They came over from the queue {}.", title(from));
        sentences.extend(self.overflowed_from.as_ref().map(came_over));
        if let Some(preferred) = self.preferred_agent {
            sentences.push(
                match preferred {
                    Preference::Named => "The customer is yours: the script asked for you.",
                    Preference::Acquainted => "The customer knows you: they talked with you last.",
                }
                .to_owned(),
            );
            return sentences;
        }
        sentences.extend(self.asked.as_ref().map(|asked| self.about_the_requirement(asked)));
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
        let priority = match self.counts_from.map(|from| self.waiting_since.since(from)) {
            Some(worth) if !worth.is_zero() => {
                format!("; priority {} counted as {} of waiting", self.priority, spoken(worth))
            }
            _ => String::new(),
        };
        if waited < Duration::from_secs(1) {
            format!("The caller came straight from the queue {queue_title}; {place}{priority}.")
        } else {
            let waited = spoken(waited);
            format!("The caller waited {waited} in the queue {queue_title}; {place}{priority}.")
        }
    }

    fn about_the_requirement(&self, asked: &Asked) -> String {
        let step = match asked.step {
            0 => "The queue asks for".to_owned(),
            step => format!("After {step} of its steps, the queue asks for"),
        };
        match asked.until {
            Some(until) => {
                let left = spoken(until.since(self.decided_at));
                format!("{step} {}; its next step was {left} away.", asked.when)
            }
            None => format!("{step} {}.", asked.when),
        }
    }

    fn about_the_agent(&self, name: &dyn Fn(&AgentId) -> String) -> Option<String> {
        let chosen = self.candidates.first()?;
        let ready = spoken(self.decided_at.since(chosen.ready_since));
        let others: Vec<String> =
            self.excluded.iter().map(|it| excluded(it, "was", name)).collect();
        let mut sentence = match self.candidates.get(1) {
            None if others.is_empty() => format!("You were ready for {ready}"),
            None if self.asked.is_some() => {
                format!("You were the only one ready who meets it: {ready}")
            }
            None => format!("You were the only one ready: {ready}"),
            Some(next) => self.before_the_next(chosen, next, &name(&next.agent)),
        };
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

impl Why {
    /// The term by which the agent who was chosen goes before the next.
    fn before_the_next(&self, chosen: &Candidate, next: &Candidate, name: &str) -> String {
        if chosen.load != next.load {
            let [own, other] = [chosen, next].map(|it| it.load.unwrap_or_default());
            return format!("You have least to do: {own} of 100; {name} was next: {other}");
        }
        if let (Some(skill), Some(best), Some(level)) = (&self.preferred, chosen.level, next.level)
            && best != level
        {
            return format!("You have most of {skill}: {best}; {name} was next: {level}");
        }
        match self.strategy {
            Strategy::FewestContacts if chosen.taken != next.taken => {
                let taken = |it: &Candidate| it.taken.unwrap_or_default();
                let (fewest, more) = (taken(chosen), taken(next));
                format!("You have taken the fewest contacts: {fewest}; {name} was next: {more}")
            }
            Strategy::RoundRobin if chosen.last_offered != next.last_offered => {
                format!("It was your turn; {name} is next")
            }
            Strategy::RingAll => {
                "The phones ring of all who can take it; who answers first has the customer"
                    .to_owned()
            }
            Strategy::Linear => format!("You come first by name; {name} is next"),
            _ => {
                let [ready, since] =
                    [chosen, next].map(|it| spoken(self.decided_at.since(it.ready_since)));
                format!("You have been ready longest: {ready}; {name} was next: {since}")
            }
        }
    }
}

/// By whom a contact has its priority.
pub(crate) fn prioritized(supervisor: &str, priority: u8) -> String {
    format!("{supervisor} gave it the priority {priority}.")
}

/// An agent with the clause; `is` says when that is so.
pub(crate) fn excluded(excluded: &Excluded, is: &str, name: &dyn Fn(&AgentId) -> String) -> String {
    let name = name(&excluded.agent);
    match excluded.clause {
        Clause::NotReady => format!("{name} {is} not ready"),
        Clause::Offered => format!("{name}'s phone {is} ringing"),
        Clause::Dialling | Clause::Talking => format!("{name} {is} busy"),
        Clause::WrapUp => format!("{name} {is} in wrap-up"),
        Clause::Requirement => {
            let unmet = excluded.unmet.as_deref().unwrap_or("the requirement");
            format!("{name} {is} ready, but does not meet {unmet}")
        }
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
            load: None,
            level: None,
            taken: None,
            last_offered: None,
        };
        let exclude = |(name, clause): &(&str, Clause)| Excluded {
            agent: agent(name),
            clause: *clause,
            unmet: (*clause == Clause::Requirement).then(|| "skill.gas ge 3".to_owned()),
        };
        Why {
            decided_at: Time::from_millis(300_000),
            priority: 0,
            waiting_since: Time::from_millis(260_000),
            counts_from: None,
            waiting_behind: behind,
            asked: None,
            strategy: Strategy::default(),
            preferred: None,
            candidates: candidates.iter().map(candidate).collect(),
            more_candidates: 0,
            excluded: excluded.iter().map(exclude).collect(),
            more_excluded: 0,
            overflowed_from: None,
            preferred_agent: None,
            prioritized_by: None,
            transferred_by: None,
        }
    }

    fn queue(name: &str) -> QueueId {
        QueueId::new(name).expect("a name")
    }

    fn title(queue: &QueueId) -> String {
        if queue.as_str() == "faults" { "Faults".to_owned() } else { "Moving".to_owned() }
    }

    fn sentences(why: &Why) -> String {
        why.sentences(&queue("faults"), &title, &|agent| agent.as_str().to_uppercase()).join(" ")
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
    fn a_requirement_is_told_with_its_step_and_who_does_not_meet_it() {
        let mut why = why(&[("anna", 290_000)], &[("bram", Clause::Requirement)], 0);
        let when = "skill.gas ge 3".to_owned();
        why.asked = Some(Asked { step: 0, when, until: Some(Time::from_millis(330_000)) });
        assert_eq!(
            sentences(&why),
            "The caller waited 40 s in the queue Faults; nobody else waits there. \
             The queue asks for skill.gas ge 3; its next step was 30 s away. \
             You were the only one ready who meets it: 10 s; \
             BRAM was ready, but does not meet skill.gas ge 3."
        );
        why.asked = Some(Asked { step: 2, when: "true".to_owned(), until: None });
        assert!(sentences(&why).contains("After 2 of its steps, the queue asks for true."));
    }

    #[test]
    fn who_came_over_from_another_queue_is_told_so() {
        let mut why = why(&[("anna", 290_000)], &[], 0);
        why.overflowed_from = Some(queue("moving"));
        assert_eq!(
            sentences(&why),
            "The caller waited 40 s in the queue Faults; nobody else waits there. \
             They came over from the queue Moving. You were ready for 10 s."
        );
    }

    #[test]
    fn who_waited_for_one_agent_alone_is_told_so() {
        let mut why = why(&[("anna", 290_000)], &[("bram", Clause::Talking)], 0);
        let before = serde_json::to_value(&why).expect("JSON");
        assert!(before.get("preferred_agent").is_none(), "as before there were any");
        why.preferred_agent = Some(Preference::Acquainted);
        assert_eq!(
            sentences(&why),
            "The caller waited 40 s in the queue Faults; nobody else waits there. \
             The customer knows you: they talked with you last."
        );
        why.preferred_agent = Some(Preference::Named);
        assert!(sentences(&why).ends_with("The customer is yours: the script asked for you."));
        let json = serde_json::to_value(&why).expect("JSON");
        assert_eq!(serde_json::from_value::<Why>(json).expect("its own form"), why);
    }

    #[test]
    fn a_priority_that_a_supervisor_gave_is_told_with_who_did() {
        let mut why = why(&[("anna", 290_000)], &[], 1);
        (why.priority, why.prioritized_by) = (7, Some(agent("sofie")));
        assert_eq!(
            sentences(&why),
            "The caller waited 40 s in the queue Faults; first in line, one more waits. SOFIE gave \
             it the priority 7. You were ready for 10 s."
        );
    }

    #[test]
    fn a_priority_that_counts_as_waiting_is_told() {
        let mut why = why(&[("anna", 290_000)], &[], 0);
        (why.priority, why.counts_from) = (2, Some(Time::from_millis(20_000)));
        assert_eq!(
            sentences(&why),
            "The caller waited 40 s in the queue Faults; nobody else waits there; \
             priority 2 counted as 4 min of waiting. You were ready for 10 s."
        );
    }

    #[test]
    fn each_strategy_is_told_by_its_own_term() {
        let mut why = why(&[("anna", 290_000), ("bram", 280_000)], &[], 0);
        let told =
            |why: &Why| why.sentences(&queue("faults"), &title, &|it| it.to_string())[1].clone();
        (why.candidates[0].taken, why.candidates[1].taken) = (Some(2), Some(3));
        why.strategy = Strategy::FewestContacts;
        assert_eq!(told(&why), "You have taken the fewest contacts: 2; bram was next: 3.");
        why.candidates[1].last_offered = Some(Time::from_millis(1));
        why.strategy = Strategy::RoundRobin;
        assert_eq!(told(&why), "It was your turn; bram is next.");
        why.strategy = Strategy::Linear;
        assert_eq!(told(&why), "You come first by name; bram is next.");
        why.preferred = SkillId::new("gas").ok();
        (why.candidates[0].level, why.candidates[1].level) = (Some(5), Some(0));
        assert_eq!(told(&why), "You have most of gas: 5; bram was next: 0.");
    }

    #[test]
    fn reasons_of_before_there_were_requirements_are_read() {
        let told = why(&[("anna", 1)], &[("bram", Clause::Talking)], 0);
        let json = serde_json::to_string(&told).expect("a document");
        let new = ["asked", "unmet", "counts_from", "strategy", "preferred", "level", "taken"];
        assert!(!json.contains("overflowed_from"), "{json}");
        assert!(new.iter().all(|field| !json.contains(field)), "{json}");
        assert_eq!(serde_json::from_str::<Why>(&json).expect("the same"), told);
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
