//! Queues that may starve: no mistake, and yet most likely not meant.

use std::collections::BTreeSet;

use caruso_contact::QueueId;
use caruso_markup::{Document, Finding};

use crate::configuration::Configuration;
use crate::{Queue, codes};

/// What is no mistake of a file and yet most likely not meant, in its order: queues in which nobody
/// is served as long as somebody waits in another. Priorities are strict there, and whoever serves
/// the one serves the other first. Priorities that contacts bring along are not looked at.
pub fn advice(document: &Document, configuration: &Configuration) -> Vec<Finding> {
    if configuration.age.is_some() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for element in document.root.children_named("queue") {
        let Some(id) = element.attribute("id") else { continue };
        let Some((queue, _)) = configuration.queues.get_key_value(id.value.as_str()) else {
            continue;
        };
        let Some(other) = goes_first(configuration, queue) else { continue };
        let message = format!(
            "as long as anybody waits in `{other}`, nobody in `{queue}` is served: all who serve \
             it serve `{other}` first"
        );
        let hint = "say in `age` of routing how much waiting is worth one priority, or give a team \
                    this queue without the other";
        found.push(id.finding(codes::STARVES, message).with_hint(hint));
    }
    found
}

/// The queue of the largest priority that goes before this one wherever it is served.
fn goes_first<'a>(configuration: &'a Configuration, queue: &QueueId) -> Option<&'a QueueId> {
    let own = fixed(configuration.queues.get(queue)?)?;
    let teams: Vec<&BTreeSet<QueueId>> =
        configuration.teams.values().filter(|serves| serves.contains(queue)).collect();
    let before = configuration.queues.iter().filter_map(|(id, other)| {
        let priority = fixed(other).filter(|priority| *priority > own)?;
        teams.iter().all(|serves| serves.contains(id)).then_some((priority, id))
    });
    before.max_by_key(|(priority, _)| *priority).filter(|_| !teams.is_empty()).map(|(_, id)| id)
}

/// The priority of all who wait in a queue, where it is the same of all.
fn fixed(queue: &Queue) -> Option<u8> {
    queue.priority_by.is_none().then_some(queue.priority)
}

#[cfg(test)]
mod tests {
    use caruso_markup::Dtd;

    use super::*;
    use crate::Scope;

    const STRICT: &str = r#"<!DOCTYPE routing SYSTEM "routing.dtd"><routing>
<reasons><reason id="b"><title language="en">B</title></reason></reasons>
<queue id="urgent" priority="2" music="m" script="s"><title language="en">U</title>
<disposition id="done"><title language="en">D</title></disposition></queue>
<queue id="calm" music="m" script="s"><title language="en">C</title>
<disposition id="done"><title language="en">D</title></disposition></queue>
<team id="all" serves="urgent calm"/>
<number called="100" script="s" fallback="calm"/></routing>"#;

    fn advised(text: &str) -> Vec<String> {
        let dtd = Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound");
        let document = Document::read("routing.xml", text, &dtd).expect("valid");
        let scope = Scope { scripts: ["s".to_owned()].into(), prompts: ["m".to_owned()].into() };
        let configuration = crate::compile(&document, &scope).expect("it makes sense");
        let found = advice(&document, &configuration);
        assert!(
            found.iter().all(|finding| finding.code == codes::STARVES && finding.hint.is_some())
        );
        found.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_queue_that_waits_for_another_without_end_is_told_at_its_place() {
        let said = advised(STRICT);
        assert_eq!(said.len(), 1, "{said:?}");
        let expected = "routing.xml:5:12: as long as anybody waits in `urgent`, nobody in `calm`";
        assert!(said[0].starts_with(expected), "{}", said[0]);
    }

    #[test]
    fn who_is_served_by_others_too_or_whose_waiting_counts_does_not_starve() {
        let calm = "<team id=\"calm\" serves=\"calm\"/>\n<number";
        for (what, with) in [
            ("<routing>", "<routing age=\"2m\">"),
            (" priority=\"2\"", ""),
            ("<number", calm),
            ("<team", "<team id=\"calm\" serves=\"calm\"/><team"),
        ] {
            assert_eq!(advised(&STRICT.replacen(what, with, 1)), Vec::<String>::new(), "{with}");
        }
        let brought = "<attribute name=\"grade\" type=\"int\" default=\"1\"/>\n<queue";
        let brought = STRICT.replacen("<queue", brought, 1);
        let brought = brought.replace("priority=\"2\"", "priority-by=\"grade\"");
        assert_eq!(advised(&brought), Vec::<String>::new());
    }
}
