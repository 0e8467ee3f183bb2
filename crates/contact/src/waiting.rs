//! Why a contact waits: as data, and in sentences.

use std::collections::BTreeMap;

use crate::why::{excluded, prioritized};
use crate::{AgentId, Asked, AttributeValue, Excluded, Preference, QueueId, Time, spoken};

/// What a contact waits for, and why nobody who is there can take it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// When this was so.
    pub at: Time,
    /// Where it waits.
    pub queue: QueueId,
    /// Since when its place counts.
    pub since: Time,
    /// How many of the same queue are before it.
    pub ahead: usize,
    /// What the queue asks of an agent; nothing where it asks nothing.
    pub asked: Option<Asked>,
    /// What it asks for next, once the time of this is over.
    pub next: Option<String>,
    /// The contact attributes that it asks for.
    pub attributes: BTreeMap<String, AttributeValue>,
    /// Signed-in agents of the queue, with the clause by which each cannot take it.
    pub excluded: Vec<Excluded>,
    /// Such agents beyond [`MAX_NAMED`](crate::MAX_NAMED).
    pub more_excluded: u32,
    /// The agent for whom alone it waits, why, and until when; the queue asks nothing meanwhile.
    pub preferred_agent: Option<(AgentId, Preference, Time)>,
    /// The supervisor who gave it its priority, and which; nothing where nobody did.
    pub prioritized: Option<(AgentId, u8)>,
    /// When the queue keeps it no longer, where that is said.
    pub overflows_at: Option<Time>,
}

impl Waiting {
    /// In English sentences. `title` is what agents call a queue, `name` what they call each
    /// other.
    pub fn sentences(
        &self,
        title: &dyn Fn(&QueueId) -> String,
        name: &dyn Fn(&AgentId) -> String,
    ) -> Vec<String> {
        let mut sentences = vec![self.about_the_place(&title(&self.queue))];
        let given = self.prioritized.as_ref();
        sentences.extend(given.map(|(by, priority)| prioritized(&name(by), *priority)));
        if let Some((agent, cause, until)) = &self.preferred_agent {
            let left = spoken(until.since(self.at));
            sentences.push(about_the_preference(&name(agent), *cause, &left));
        } else {
            sentences.extend(self.asked.as_ref().map(|asked| self.about_the_requirement(asked)));
            sentences.push(self.about_the_agents(name));
        }
        sentences.extend(self.overflows_at.map(|at| {
            let left = spoken(at.since(self.at));
            format!("If nobody takes the contact, it leaves the queue in {left}.")
        }));
        sentences
    }

    fn about_the_place(&self, queue: &str) -> String {
        let place = match self.ahead {
            0 => "the first in line".to_owned(),
            1 => "behind one other".to_owned(),
            ahead => format!("behind {ahead} others"),
        };
        let waited = spoken(self.at.since(self.since));
        format!("The customer has waited {waited} in the queue {queue}, {place}.")
    }

    fn about_the_requirement(&self, asked: &Asked) -> String {
        let mut sentence = format!("The queue asks for {}", asked.when);
        for (attribute, value) in &self.attributes {
            sentence.push_str(&format!("; contact.{attribute} is {value}"));
        }
        if let (Some(until), Some(next)) = (asked.until, &self.next) {
            let left = spoken(until.since(self.at));
            sentence.push_str(&format!("; in {left} it asks for {next} instead"));
        }
        sentence + "."
    }

    fn about_the_agents(&self, name: &dyn Fn(&AgentId) -> String) -> String {
        if self.excluded.is_empty() {
            return "Nobody has signed in who serves the queue.".to_owned();
        }
        let agents: Vec<String> = self.excluded.iter().map(|it| excluded(it, "is", name)).collect();
        let mut sentence = agents.join("; ");
        if self.more_excluded > 0 {
            sentence.push_str(&format!("; {} more are not free", self.more_excluded));
        }
        sentence + "."
    }
}

fn about_the_preference(agent: &str, cause: Preference, left: &str) -> String {
    let because = match cause {
        Preference::Named => "the script asked for them",
        Preference::Acquainted => "the customer talked with them last",
    };
    format!("It waits for {agent} alone for {left} more: {because}.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Clause;

    fn waiting() -> Waiting {
        Waiting {
            at: Time::from_millis(300_000),
            queue: QueueId::new("faults").expect("a name"),
            since: Time::from_millis(260_000),
            ahead: 0,
            asked: None,
            next: None,
            attributes: BTreeMap::new(),
            excluded: Vec::new(),
            more_excluded: 0,
            preferred_agent: None,
            prioritized: None,
            overflows_at: None,
        }
    }

    fn told(waiting: &Waiting) -> String {
        waiting.sentences(&|_| "Faults".to_owned(), &|it| it.as_str().to_uppercase()).join(" ")
    }

    #[test]
    fn a_queue_without_anybody_is_told() {
        let mut waiting = waiting();
        waiting.ahead = 2;
        waiting.overflows_at = Some(Time::from_millis(420_000));
        assert_eq!(
            told(&waiting),
            "The customer has waited 40 s in the queue Faults, behind 2 others. \
             Nobody has signed in who serves the queue. \
             If nobody takes the contact, it leaves the queue in 2 min."
        );
    }

    #[test]
    fn for_whom_alone_it_waits_is_told_with_why_and_how_long() {
        let mut waiting = waiting();
        let anna = AgentId::new("anna").expect("a name");
        let until = Time::from_millis(312_000);
        waiting.preferred_agent = Some((anna, Preference::Acquainted, until));
        assert_eq!(
            told(&waiting),
            "The customer has waited 40 s in the queue Faults, the first in line. \
             It waits for ANNA alone for 12 s more: the customer talked with them last."
        );
    }

    #[test]
    fn what_is_asked_for_is_told_with_what_comes_next_and_each_agent_with_why_not() {
        let mut waiting = waiting();
        let when = "skill.gas ge 3".to_owned();
        let until = Some(Time::from_millis(320_000));
        waiting.asked = Some(Asked { step: 0, when: when.clone(), until });
        waiting.next = Some("skill.gas ge 1".to_owned());
        let business = AttributeValue::Choice("business".to_owned());
        waiting.attributes = BTreeMap::from([("segment".to_owned(), business)]);
        let agent = |name: &str, clause, unmet| Excluded {
            agent: AgentId::new(name).expect("a name"),
            clause,
            unmet,
        };
        waiting.excluded = vec![
            agent("anna", Clause::Requirement, Some(when)),
            agent("bram", Clause::Talking, None),
        ];
        waiting.more_excluded = 3;
        assert_eq!(
            told(&waiting),
            "The customer has waited 40 s in the queue Faults, the first in line. \
             The queue asks for skill.gas ge 3; contact.segment is business; \
             in 20 s it asks for skill.gas ge 1 instead. \
             ANNA is ready, but does not meet skill.gas ge 3; BRAM is busy; 3 more are not free."
        );
    }
}
