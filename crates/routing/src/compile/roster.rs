//! Queues that nobody serves, or whose requirements nobody meets, of those who work here.

use std::collections::BTreeMap;

use caruso_contact::{AttributeValue, QueueId, Skills};
use caruso_markup::{Attribute, Document, Element, Finding};

use crate::configuration::{AttributeType, Configuration};
use crate::{Needs, codes};

/// Most combinations of what contacts may be like that are tried for a queue.
const MOST_CASES: usize = 1024;

/// The queues in which contacts wait in vain, whoever of these people works: nobody serves them,
/// or nobody meets the last requirement for some contacts. `people` are teams, as the file names
/// them, and skills.
///
/// Of whole numbers the default is tried, of all other attributes every value.
pub fn unmet(
    document: &Document,
    configuration: &Configuration,
    people: &[(String, Skills)],
) -> Vec<Finding> {
    let queues = document.root.children_named("queue");
    queues.filter_map(|element| of_queue(element, configuration, people)).collect()
}

fn of_queue(
    element: &Element,
    configuration: &Configuration,
    people: &[(String, Skills)],
) -> Option<Finding> {
    let (id, queue) = configuration.queues.get_key_value(element.value("id")?)?;
    let serve = || people.iter().filter(|(team, _)| serves(configuration, team, id));
    if serve().next().is_none() {
        let message = format!("nobody is in a team that serves `{id}`");
        let hint = "put somebody in one: as things stand whoever waits here waits in vain";
        let finding = element.attribute("id")?.finding(codes::NOBODY_THERE, message);
        return Some(finding.with_hint(hint));
    }
    let needs = queue.needs.as_ref()?;
    let agents: Vec<Vec<u8>> = serve().map(|(_, skills)| levels(needs, skills)).collect();
    let last = u8::try_from(needs.steps.len() - 1).ok()?;
    let is_met = |case: &Vec<AttributeValue>| {
        agents.iter().any(|levels| needs.unmet(last, levels, case).is_none())
    };
    let cases = cases(needs, configuration);
    let case = cases.iter().find(|case| !is_met(case))?;
    let contacts = in_words(needs, case, cases.len() > 1);
    let message = format!("nobody who serves `{id}` meets this{contacts}");
    let hint = "relax it with time, or give somebody the skills: whoever waits for that waits in \
                vain";
    Some(condition(element)?.finding(codes::NOBODY_MEETS, message).with_hint(hint))
}

fn serves(configuration: &Configuration, team: &str, queue: &QueueId) -> bool {
    configuration.teams.get(team).is_some_and(|serves| serves.contains(queue))
}

fn levels(needs: &Needs, skills: &Skills) -> Vec<u8> {
    needs.skills.iter().map(|skill| skills.get(skill).map_or(0, |it| it.level())).collect()
}

/// What contacts may be like, in the order of the attributes that the requirements name.
fn cases(needs: &Needs, configuration: &Configuration) -> Vec<Vec<AttributeValue>> {
    let mut cases = vec![Vec::new()];
    for name in &needs.attributes {
        let attribute = &configuration.attributes[name];
        let values = match &attribute.ty {
            AttributeType::Bool => [true, false].map(AttributeValue::Bool).to_vec(),
            AttributeType::Int => vec![attribute.default.clone()],
            AttributeType::Choice(values) => {
                values.iter().cloned().map(AttributeValue::Choice).collect()
            }
        };
        let longer = cases.iter().flat_map(|case: &Vec<AttributeValue>| {
            values.iter().map(|value| case.iter().chain([value]).cloned().collect())
        });
        cases = longer.take(MOST_CASES).collect();
    }
    cases
}

fn in_words(needs: &Needs, case: &[AttributeValue], is_one_of_several: bool) -> String {
    let values: BTreeMap<&String, &AttributeValue> = needs.attributes.iter().zip(case).collect();
    let values: Vec<String> =
        values.iter().map(|(name, value)| format!("`{name}` is `{value}`")).collect();
    match is_one_of_several {
        true => format!(" where {}", values.join(" and ")),
        false => String::new(),
    }
}

/// The last condition of a queue.
fn condition(queue: &Element) -> Option<&Attribute> {
    let needs = queue.child("needs")?;
    needs.children_named("relax").last().unwrap_or(needs).attribute("when")
}

#[cfg(test)]
mod tests {
    use caruso_contact::SkillId;
    use caruso_markup::Dtd;

    use super::*;
    use crate::Scope;

    const ASKING: &str = r#"<!DOCTYPE routing SYSTEM "routing.dtd"><routing>
<reasons><reason id="b"><title language="en">B</title></reason></reasons>
<skill id="gas"/><skill id="dutch"/>
<attribute name="language" values="nl en" default="nl"/>
<attribute name="grade" type="int" default="2"/>
<queue id="q" music="m" script="s"><title language="en">Q</title>
<needs when="skill.gas ge 3"><relax after="1m" when="skill.gas ge contact.grade and
    (contact.language eq 'en' or skill.dutch ge 1)"/></needs>
<disposition id="done"><title language="en">D</title></disposition></queue>
<queue id="free" music="m" script="s"><title language="en">F</title>
<disposition id="done"><title language="en">D</title></disposition></queue>
<team id="all" serves="q free"/><team id="some" serves="free"/>
<number called="100" script="s" fallback="q"/></routing>"#;

    fn told(people: &[(&str, &[(&str, u8)])]) -> Vec<String> {
        let dtd = Dtd::parse("routing.dtd", crate::DTD).expect("the DTD is sound");
        let document = Document::read("routing.xml", ASKING, &dtd).expect("valid");
        let scope = Scope { scripts: ["s".to_owned()].into(), prompts: ["m".to_owned()].into() };
        let configuration = crate::compile(&document, &scope).expect("it makes sense");
        let skill = |(name, level): &(&str, u8)| {
            (SkillId::new(name).expect("a name"), (*level).try_into().expect("1 to 5"))
        };
        let people: Vec<(String, Skills)> = people
            .iter()
            .map(|(team, skills)| ((*team).to_owned(), skills.iter().map(skill).collect()))
            .collect();
        unmet(&document, &configuration, &people).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn who_waits_in_vain_is_told_at_the_last_condition() {
        let place = "routing.xml:7:54: nobody who serves `q` meets this where";
        let nobody = told(&[("some", &[("gas", 5), ("dutch", 5)])]);
        let expected = "routing.xml:6:12: nobody is in a team that serves `q`";
        assert!(nobody[0].starts_with(expected), "{nobody:?}");
        let expected = format!("{place} `grade` is `2` and `language` is `nl`");
        let ignorant = told(&[("all", &[])]);
        assert!(ignorant[0].starts_with(&expected), "{ignorant:?}");
        let english = told(&[("all", &[("gas", 2)])]);
        assert!(english[0].contains("`language` is `nl`"), "{english:?}");
        let weak = told(&[("all", &[("gas", 1), ("dutch", 5)])]);
        assert_eq!(weak.len(), 1, "{weak:?}");
    }

    #[test]
    fn several_people_may_meet_it_together() {
        let both = told(&[("all", &[("gas", 2), ("dutch", 1)]), ("some", &[])]);
        assert_eq!(both, Vec::<String>::new());
        let each = told(&[("all", &[("gas", 4)]), ("all", &[("gas", 2), ("dutch", 3)])]);
        assert_eq!(each, Vec::<String>::new());
    }
}
