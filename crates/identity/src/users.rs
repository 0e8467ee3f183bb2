//! What can be of a user, and what follows from a change: people in, people out.

use std::collections::BTreeMap;

use caruso_component::Role;

use crate::demo::{MAX_SKILLS, PROFICIENCIES};
use crate::people::{People, Person};

/// Most users.
pub(crate) const MAX_USERS: usize = 10_000;
/// Shortest and longest password and secret of a phone, in bytes.
const PASSWORD: std::ops::RangeInclusive<usize> = 8..=crate::password::LONGEST;
const DEVICE_SECRET: std::ops::RangeInclusive<usize> = 8..=128;
const MAX_NAME: usize = 64;
const MAX_DISPLAY_NAME: usize = 100;
const MAX_EXTENSION: usize = 15;

/// Why a change cannot be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// Somebody has this log-in name or extension.
    Taken(String),
    /// It contradicts itself, or what must be.
    Wrong(String),
    /// There is no such user.
    Unknown(String),
}

/// What is changed of a user; the rest stays.
#[derive(Debug, Default)]
pub(crate) struct Change {
    pub(crate) display_name: Option<String>,
    pub(crate) roles: Option<Vec<Role>>,
    pub(crate) team: Option<String>,
    pub(crate) extension: Option<String>,
    pub(crate) skills: Option<BTreeMap<String, u8>>,
    /// Its hash.
    pub(crate) password: Option<String>,
    pub(crate) device_secret: Option<String>,
}

/// Whether a password may be one.
pub(crate) fn check_password(password: &str) -> Result<(), Refusal> {
    let is_one = PASSWORD.contains(&password.len());
    is_one.then_some(()).ok_or_else(|| {
        wrong(format!("a password has {} to {} bytes", PASSWORD.start(), PASSWORD.end()))
    })
}

impl People {
    /// Adds a user, who has a password.
    pub(crate) fn add(&mut self, name: &str, person: Person) -> Result<(), Refusal> {
        if self.person(name).is_some() {
            return Err(Refusal::Taken(format!("somebody has the log-in name `{name}`")));
        }
        if self.all().count() >= MAX_USERS {
            return Err(wrong(format!("there are {MAX_USERS} users, and there can be no more")));
        }
        let is_sign = |it: char| it.is_ascii_alphanumeric() || matches!(it, '.' | '_' | '-');
        if name.is_empty() || name.len() > MAX_NAME || !name.chars().all(is_sign) {
            let signs = "letters, digits, `.`, `_` and `-`";
            return Err(wrong(format!("a log-in name has 1 to {MAX_NAME} {signs}")));
        }
        self.check(name, &person)?;
        self.insert(name, person);
        Ok(())
    }

    /// Changes a user. Gives what they are then.
    pub(crate) fn change(&mut self, name: &str, change: Change) -> Result<(), Refusal> {
        let mut person = self.person(name).cloned().ok_or_else(|| unknown(name))?;
        let was_administrator = person.roles.contains(&Role::Administrator);
        set(&mut person.display_name, change.display_name);
        set(&mut person.roles, change.roles);
        set(&mut person.team, change.team);
        set(&mut person.skills, change.skills);
        set(&mut person.password, change.password);
        set(&mut person.device_secret, change.device_secret);
        set(&mut person.extension, change.extension);
        if person.extension.is_empty() {
            person.device_secret.clear();
        }
        if was_administrator && !person.roles.contains(&Role::Administrator) {
            self.check_administrators(name)?;
        }
        self.check(name, &person)?;
        self.insert(name, person);
        Ok(())
    }

    /// Removes a user; false where there is none.
    pub(crate) fn remove(&mut self, name: &str) -> Result<bool, Refusal> {
        let person = self.person(name);
        if person.is_some_and(|person| person.roles.contains(&Role::Administrator)) {
            self.check_administrators(name)?;
        }
        Ok(self.take(name))
    }

    /// Somebody else must be able to manage people.
    fn check_administrators(&self, but: &str) -> Result<(), Refusal> {
        let mut others = self.all().filter(|(name, _)| *name != but);
        let is_there = others.any(|(_, person)| person.roles.contains(&Role::Administrator));
        is_there.then_some(()).ok_or_else(|| wrong(format!("`{but}` is the last administrator")))
    }

    fn check(&self, name: &str, person: &Person) -> Result<(), Refusal> {
        let Person { display_name, roles, extension, skills, device_secret, .. } = person;
        let length = display_name.chars().count();
        if length == 0 || length > MAX_DISPLAY_NAME || display_name.chars().any(char::is_control) {
            return Err(wrong(format!("a name has 1 to {MAX_DISPLAY_NAME} characters")));
        }
        if roles.is_empty() {
            return Err(wrong("a user has at least one role".to_owned()));
        }
        let is_number = extension.bytes().all(|it| it.is_ascii_digit());
        if extension.len() > MAX_EXTENSION || !is_number {
            return Err(wrong(format!("an extension has 1 to {MAX_EXTENSION} digits")));
        }
        let mut others = self.all().filter(|(other, _)| *other != name);
        if !extension.is_empty() && others.any(|(_, other)| other.extension == *extension) {
            return Err(Refusal::Taken(format!("somebody has the extension {extension}")));
        }
        if extension.is_empty() != device_secret.is_empty() {
            return Err(wrong("an extension and a secret of its phone go together".to_owned()));
        }
        if !device_secret.is_empty() && !DEVICE_SECRET.contains(&device_secret.len()) {
            let (least, most) = (DEVICE_SECRET.start(), DEVICE_SECRET.end());
            return Err(wrong(format!("the secret of a phone has {least} to {most} bytes")));
        }
        if let Some((skill, _)) = skills.iter().find(|(_, level)| !PROFICIENCIES.contains(level)) {
            return Err(wrong(format!("the proficiency of `{skill}` is not one of 1 to 5")));
        }
        if skills.len() > MAX_SKILLS {
            return Err(wrong(format!("a user has at most {MAX_SKILLS} skills")));
        }
        Ok(())
    }
}

fn set<T>(place: &mut T, new: Option<T>) {
    if let Some(new) = new {
        *place = new;
    }
}

fn wrong(text: String) -> Refusal {
    Refusal::Wrong(text)
}

fn unknown(name: &str) -> Refusal {
    Refusal::Unknown(format!("there is no user `{name}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person(roles: &[Role], extension: &str) -> Person {
        Person {
            display_name: "Eva".to_owned(),
            roles: roles.to_vec(),
            team: String::new(),
            extension: extension.to_owned(),
            skills: BTreeMap::new(),
            password: "hash".to_owned(),
            device_secret: if extension.is_empty() { String::new() } else { "x".repeat(8) },
        }
    }

    fn people() -> People {
        let mut people = People::default();
        people.add("admin", person(&[Role::Administrator], "")).expect("the first");
        people.add("anna", person(&[Role::Agent], "101")).expect("another");
        people
    }

    #[test]
    fn what_cannot_be_is_refused_and_changes_nothing() {
        let people = people();
        let add = |name: &str, change: fn(&mut Person)| {
            let mut person = person(&[Role::Agent], "102");
            change(&mut person);
            let mut people = people.clone();
            let refused = people.add(name, person).expect_err(name);
            assert!(people.all().count() == 2);
            format!("{refused:?}")
        };
        for (name, change, expected) in [
            ("anna", (|_| {}) as fn(&mut Person), "Taken"),
            ("", |_| {}, "log-in name"),
            ("a b", |_| {}, "log-in name"),
            ("eve", |it| it.extension = "101".to_owned(), "Taken"),
            ("eve", |it| it.extension = "1o2".to_owned(), "digits"),
            ("eve", |it| it.extension.clear(), "go together"),
            ("eve", |it| it.device_secret.clear(), "go together"),
            ("eve", |it| it.device_secret = "short".to_owned(), "8 to 128"),
            ("eve", |it| it.roles.clear(), "one role"),
            ("eve", |it| it.display_name.clear(), "1 to 100"),
            ("eve", |it| it.display_name = "a\nb".to_owned(), "1 to 100"),
            ("eve", |it| _ = it.skills.insert("gas".to_owned(), 6), "proficiency"),
        ] {
            let said = add(name, change);
            assert!(said.contains(expected), "{said}");
        }
        assert!(check_password("1234567").is_err() && check_password("12345678").is_ok());
    }

    #[test]
    fn a_change_leaves_the_rest_and_without_an_extension_there_is_no_phone() {
        let mut people = people();
        let skills = BTreeMap::from([("gas".to_owned(), 3)]);
        let change = Change { skills: Some(skills.clone()), ..Change::default() };
        people.change("anna", change).expect("a skill");
        let anna = people.person("anna").expect("still there");
        assert_eq!((&anna.skills, anna.extension.as_str()), (&skills, "101"));
        let change = Change { extension: Some(String::new()), ..Change::default() };
        people.change("anna", change).expect("no phone any more");
        assert_eq!(people.device_secret("101"), None);
        let nobody = people.change("eve", Change::default()).expect_err("nobody");
        assert_eq!(nobody, Refusal::Unknown("there is no user `eve`".to_owned()));
    }

    #[test]
    fn somebody_can_always_manage_people() {
        let mut people = people();
        assert!(people.remove("admin").is_err());
        let agent = Change { roles: Some(vec![Role::Agent]), ..Change::default() };
        assert!(people.change("admin", agent).is_err());
        let both = vec![Role::Agent, Role::Administrator];
        let both = Change { roles: Some(both), ..Change::default() };
        people.change("anna", both).expect("a second one");
        assert_eq!(people.remove("admin"), Ok(true));
        assert_eq!(people.remove("admin"), Ok(false), "a repeat does nothing");
    }
}
