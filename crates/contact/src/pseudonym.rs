//! Events for whoever works with a log elsewhere: without what is personal, agents by pseudonyms.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::{AgentId, Event};

/// Fields of events that name an agent.
const AGENT_FIELDS: [&str; 5] =
    ["agent", "colleague", "transferred_by", "supervisor", "prioritized_by"];
/// Fields that somebody wrote, or that lead elsewhere: routing needs none of them.
const LEFT_OUT: [&str; 2] = ["script_session", "words"];
/// Fields whose content is the customer's, whatever it is called there.
const CONTACT_FIELDS: [&str; 2] = ["attributes", "declared"];

/// Other names for agents, which sort as their names do: routing prefers the first by name where
/// nothing else decides, and comes to the same with these.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pseudonyms(BTreeMap<AgentId, AgentId>);

impl Pseudonyms {
    /// Pseudonyms for all of these: `agent-00001`, `agent-00002` … in the order of the names. The
    /// same names get the same pseudonyms.
    pub fn of(agents: BTreeSet<AgentId>) -> Self {
        let numbered = agents.into_iter().zip(1..).map(|(agent, number): (AgentId, u32)| {
            let pseudonym = AgentId::new(&format!("agent-{number:05}"));
            (agent, pseudonym.expect("short, and no control character"))
        });
        Self(numbered.collect())
    }

    /// The pseudonym of an agent; of one who is none of them, `agent-00000`.
    pub fn name(&self, agent: &AgentId) -> AgentId {
        let unknown = || AgentId::new("agent-00000").expect("short");
        self.0.get(agent).cloned().unwrap_or_else(unknown)
    }

    /// The JSON of an event as [`Event::stripped`] gives it, with pseudonyms instead of names.
    pub fn rename(&self, event: &mut Value) {
        match event {
            Value::Object(fields) => {
                for (name, value) in fields {
                    match value {
                        Value::String(agent) if AGENT_FIELDS.contains(&name.as_str()) => {
                            *agent = self.renamed(agent);
                        }
                        _ if CONTACT_FIELDS.contains(&name.as_str()) => {}
                        _ => self.rename(value),
                    }
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.rename(item)),
            _ => {}
        }
    }

    fn renamed(&self, agent: &str) -> String {
        let agent = AgentId::new(agent).map(|agent| self.name(&agent));
        agent.map(|agent| agent.to_string()).unwrap_or_default()
    }
}

impl Event {
    /// The event's JSON without what routing does not need: all that is
    /// [`Personal`](crate::Personal) reads as erased, and the session of the script at the desk
    /// and the words of a supervisor are left out. It reads back as an event.
    pub fn stripped(&self) -> Value {
        let mut event = serde_json::to_value(self).expect("events have a JSON form");
        for pointer in self.personal_pointers() {
            if let Some(field) = event.pointer_mut(pointer) {
                *field = json!({ "erased": true });
            }
        }
        if let Some(Value::Object(told)) = event.get_mut("event") {
            LEFT_OUT.iter().for_each(|field| _ = told.remove(*field));
        }
        event
    }

    /// The agents whom it names.
    pub fn agents(&self) -> BTreeSet<AgentId> {
        let mut found = BTreeSet::new();
        collect(&self.stripped(), &mut found);
        found
    }
}

fn collect(event: &Value, found: &mut BTreeSet<AgentId>) {
    match event {
        Value::Object(fields) => {
            for (name, value) in fields {
                match value {
                    Value::String(agent) if AGENT_FIELDS.contains(&name.as_str()) => {
                        found.extend(AgentId::new(agent).ok());
                    }
                    _ if CONTACT_FIELDS.contains(&name.as_str()) => {}
                    _ => collect(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{
        AttributeValue, Channel, ContactEvent, ContactId, OfferId, Personal, QueueId, Time,
    };

    fn agent(name: &str) -> AgentId {
        AgentId::new(name).expect("a name")
    }

    fn told(event: ContactEvent) -> Event {
        Event::Contact { contact: ContactId(Uuid::from_u128(7)), event }
    }

    #[test]
    fn nothing_personal_is_left_and_it_reads_back() {
        let asked = told(ContactEvent::ConsultationAsked {
            agent: agent("anna"),
            offer: OfferId(Uuid::from_u128(1)),
            asked: agent("bram").into(),
            called: None,
            deadline: Time::from_millis(1),
            note: "Jansen of 0612345678".to_owned().into(),
            script_session: Some("session-17".to_owned()),
            line: None,
        });
        let arrived = told(ContactEvent::Arrived {
            calling: Some("+31612345678".to_owned().into()),
            signalled: Some("0031612345678".to_owned().into()),
            called: "0305550100".to_owned(),
            channel: Channel::Voice,
        });
        let entered = told(ContactEvent::QueueEntered {
            queue: QueueId::new("faults").expect("a name"),
            priority: 0,
            counts_from: None,
            attributes: Personal::Known([("name".to_owned(), "Jansen".to_owned())].into()),
            answers: None,
            since: None,
            declared: [("agent".to_owned(), AttributeValue::Choice("anna".to_owned()))].into(),
        });
        let names = Pseudonyms::of(asked.agents());
        for event in [asked, arrived, entered] {
            let mut json = event.stripped();
            names.rename(&mut json);
            let text = json.to_string();
            for secret in ["612345678", "Jansen", "bram", "session-17"] {
                assert!(!text.contains(secret), "{text}");
            }
            let read: Event = serde_json::from_value(json.clone()).expect("an event");
            assert_eq!(read.stripped(), json);
        }
    }

    #[test]
    fn pseudonyms_sort_as_the_names_do_and_touch_nothing_of_the_customers() {
        let names = Pseudonyms::of(["cees", "anna", "bram"].map(agent).into());
        assert_eq!(names.name(&agent("anna")).as_str(), "agent-00001");
        assert!(names.name(&agent("bram")) < names.name(&agent("cees")));
        let mut event = json!({
            "declared": { "agent": "anna" },
            "candidates": [{ "agent": "bram" }],
        });
        names.rename(&mut event);
        assert_eq!(event["declared"]["agent"], "anna");
        assert_eq!(event["candidates"][0]["agent"], "agent-00002");
    }
}
