//! Whether the people of the demo fit the rules: who is in no team, can what nothing asks for, and
//! which customers wait for nobody.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use anyhow::Context;
use caruso_application::{Application, Finding, routing};
use caruso_contact::{SkillId, Skills};
use caruso_identity::{Demo, DemoUser};
use caruso_markup::Location;
use serde::Deserialize;
use toml::Spanned;

use crate::folder;

/// Who is offered which contact, in an application's folder.
pub(super) const ROUTING: &str = "routing.xml";

/// What of the list is looked at here, with its places.
#[derive(Deserialize)]
struct People {
    #[serde(default)]
    user: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    #[serde(default)]
    team: Option<Spanned<String>>,
    #[serde(default)]
    skills: BTreeMap<Spanned<String>, u8>,
}

/// What does not fit, where the folder has a list of people.
pub(super) fn misfits(folder: &Path, application: &Application) -> anyhow::Result<Vec<Finding>> {
    let path = folder.join(folder::DEMO_FILE);
    if !path.is_file() {
        return Ok(Vec::new());
    }
    let text = std::fs::read_to_string(&path)?;
    let unreadable = || format!("cannot read {}", path.display());
    let people = Demo::parse(&text).with_context(unreadable)?;
    let people: Vec<_> = people.users().iter().map(|it| (it.team.clone(), skills(it))).collect();
    let mut found = undeclared(&text, &application.routing).with_context(unreadable)?;
    if let Some(document) = &application.routing_document {
        found.extend(routing::unmet(document, &application.routing, &people));
    }
    Ok(found)
}

fn skills(user: &DemoUser) -> Skills {
    let skill =
        |(name, level): (&String, &u8)| Some((SkillId::new(name).ok()?, (*level).try_into().ok()?));
    user.skills.iter().filter_map(skill).collect()
}

/// Teams and skills that the rules do not know.
fn undeclared(text: &str, rules: &routing::Configuration) -> Result<Vec<Finding>, toml::de::Error> {
    let People { user } = toml::from_str(text)?;
    let mut found = Vec::new();
    let mut tell = |at: Range<usize>, what: &str, name: &str, hint: &str| {
        let message = format!("{ROUTING} declares no {what} `{name}`");
        let finding = Finding::new(routing::codes::UNDECLARED, &location(text, at.start), message);
        found.push(finding.with_hint(hint));
    };
    for Person { team, skills } in &user {
        if let Some(team) = team.as_ref().filter(|it| !rules.teams.contains_key(it.as_ref())) {
            let hint = "without a team nobody is offered a contact";
            tell(team.span(), "team", team.as_ref(), hint);
        }
        for skill in skills.keys().filter(|it| !rules.skills.contains(it.as_ref().as_str())) {
            tell(skill.span(), "skill", skill.as_ref(), "no queue can ask for it");
        }
    }
    Ok(found)
}

fn location(text: &str, offset: usize) -> Location {
    let before = text.get(..offset).unwrap_or_default();
    let count = |number: usize| u32::try_from(number + 1).unwrap_or(u32::MAX);
    let line = before.rsplit('\n').next().unwrap_or_default();
    let (line, column) = (before.matches('\n').count(), line.chars().count());
    Location { file: folder::DEMO_FILE.into(), line: count(line), column: count(column) }
}

#[cfg(test)]
mod tests {
    use caruso_component::Release;

    use crate::folder::Folder;

    use super::*;

    const ANNA: &str = "[[user]]\nname = \"anna\"\ndisplay-name = \"Anna\"\nroles = [\"agent\"]\n\
                        team = \"service\"\npassword = \"demo\"\nskills = { electricity = 1 }\n";

    /// The example with another text in its rules, and these people.
    fn told(text: &str, by: &str, people: Option<&str>) -> Vec<Finding> {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
        let Folder { release, .. } = folder::read(&example).expect("a folder");
        let rules = release.file(ROUTING).expect("it has one");
        let rules = String::from_utf8_lossy(rules).replace(text, by);
        let mut files = release.files().clone();
        files.insert(ROUTING.to_owned(), rules.into_bytes().into());
        let release = Release::new(files);
        let application = release.compiled(Application::compile).expect("it is sound");
        let folder = tempfile::tempdir().expect("a folder");
        if let Some(people) = people {
            std::fs::write(folder.path().join(folder::DEMO_FILE), people).expect("writable");
        }
        misfits(folder.path(), &application).expect("it can be read")
    }

    #[test]
    fn the_people_of_the_example_fit() {
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/utilities");
        let application = folder::read(&example).expect("a folder").application;
        let application = application.expect("it is sound");
        let told = misfits(&example, &application).expect("it can be read");
        assert_eq!(told, [], "in the end everybody will do");
    }

    #[test]
    fn what_nobody_of_them_can_do_is_told() {
        let last = "<relax after=\"2m\" when=\"true\"/>";
        let strict = told(last, "", Some(ANNA));
        assert_eq!((strict.len(), strict[0].code), (1, "CQ0122"));
        assert_eq!(told(last, "", None), [], "there is no list");
    }

    #[test]
    fn a_queue_whose_teams_have_nobody_is_told() {
        let sofie = ANNA.replace("team = \"service\"\n", "").replace("agent", "supervisor");
        let empty = told("", "", Some(&sofie));
        let codes: Vec<_> = empty.iter().map(|it| it.code).collect();
        assert_eq!(codes, ["CQ0127", "CQ0127"], "{empty:?}");
    }

    #[test]
    fn a_team_or_skill_that_the_rules_do_not_know_is_told_at_its_place() {
        let people = ANNA.replace("service", "servise").replace("electricity", "electrisity");
        let more = format!("{ANNA}{}", people.replace("anna", "bram"));
        let told = told("", "", Some(&more));
        let places: Vec<_> = told.iter().map(|it| (&*it.file, it.line, it.column)).collect();
        assert_eq!(places, [("demo.toml", 12, 8), ("demo.toml", 14, 12)]);
        assert_eq!(told[0].message, "routing.xml declares no team `servise`");
        assert_eq!(told[1].message, "routing.xml declares no skill `electrisity`");
    }
}
