//! The people of a demo application: a list that is taken in only while there is nobody yet.

use std::collections::{BTreeMap, BTreeSet};

use caruso_component::Role;
use serde::Deserialize;

use crate::Error;

/// A list of demo users, as `demo.toml` writes it:
///
/// ```
/// let demo = caruso_identity::Demo::parse(r#"
///     [[user]]
///     name = "anna"
///     display-name = "Anna de Vries"
///     roles = ["agent"]
///     team = "service"
///     extension = "101"
///     password = "demo"
///     device-secret = "phone-101"
///     skills = { dutch = 5 }
/// "#)?;
/// assert_eq!(demo.users()[0].name, "anna");
/// # Ok::<_, caruso_identity::Error>(())
/// ```
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Demo {
    #[serde(rename = "user", default)]
    users: Vec<DemoUser>,
}

/// One demo user. Passwords of a demo are public; they are still not printed.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct DemoUser {
    /// Log-in name.
    pub name: String,
    /// As people write it.
    pub display_name: String,
    /// What the user may do.
    pub roles: Vec<Role>,
    /// Team as named in the application's routing file; empty for users who take no contacts.
    #[serde(default)]
    pub team: String,
    /// Extension of the desk phone; empty for users without one.
    #[serde(default)]
    pub extension: String,
    /// Proficiency, 1 to 5, by skill as named in the application's routing file.
    #[serde(default)]
    pub skills: BTreeMap<String, u8>,
    /// Password at the first log-in.
    pub password: String,
    /// Secret of the desk phone; needed with an extension.
    #[serde(default)]
    pub device_secret: String,
}

/// How well a skill may be had.
pub(crate) const PROFICIENCIES: std::ops::RangeInclusive<u8> = 1..=5;
/// Most skills of one user.
pub(crate) const MAX_SKILLS: usize = 100;

impl Demo {
    /// Reads the list.
    ///
    /// # Errors
    /// [`Error::Demo`] with line and column, or naming the user that contradicts another.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let demo: Self = toml::from_str(text).map_err(|error| Error::Demo(error.to_string()))?;
        let (mut names, mut extensions) = (BTreeSet::new(), BTreeSet::new());
        for user in &demo.users {
            let wrong = |reason: &str| Err(Error::Demo(format!("{}: {reason}", user.name)));
            if user.name.is_empty() || !names.insert(&user.name) {
                return wrong("every user needs a name of their own");
            }
            if !user.extension.is_empty() && !extensions.insert(&user.extension) {
                return wrong("another user has this extension");
            }
            if user.extension.is_empty() != user.device_secret.is_empty() {
                return wrong("an extension and a device secret go together");
            }
            if user.skills.values().any(|level| !PROFICIENCIES.contains(level)) {
                return wrong("the proficiency of a skill is a whole number from 1 to 5");
            }
            if user.skills.len() > MAX_SKILLS {
                return wrong("a user has at most 100 skills");
            }
        }
        Ok(demo)
    }

    /// The users, in the order of the list.
    pub fn users(&self) -> &[DemoUser] {
        &self.users
    }
}

impl std::fmt::Debug for Demo {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_list().entries(&self.users).finish()
    }
}

impl std::fmt::Debug for DemoUser {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("DemoUser").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(name: &str, extension: &str, secret: &str) -> String {
        format!(
            "[[user]]\nname = '{name}'\ndisplay-name = 'X'\nroles = ['agent']\n\
             extension = '{extension}'\npassword = 'demo'\ndevice-secret = '{secret}'\n"
        )
    }

    #[test]
    fn contradictions_are_named() {
        for (text, expected) in [
            (user("a", "1", "x") + &user("a", "2", "x"), "a: every user needs a name"),
            (user("a", "1", "x") + &user("b", "1", "x"), "b: another user has this extension"),
            (user("a", "1", ""), "a: an extension and a device secret go together"),
            (user("a", "1", "x") + "skills = { gas = 6 }", "a: the proficiency of a skill"),
            ("[[user]]\nnaem = 'a'".to_owned(), "unknown field `naem`"),
            ("[[user]]\nname = 'a'\ndisplay-name=''\nroles=['king']".to_owned(), "king"),
        ] {
            let error = Demo::parse(&text).expect_err("refused").to_string();
            assert!(error.contains(expected), "{error}");
        }
        assert!(Demo::parse("").expect("an empty list").users().is_empty());
    }

    #[test]
    fn the_demo_of_the_example_is_as_the_documentation_promises() {
        let text = include_str!("../../../examples/utilities/demo.toml");
        let demo = Demo::parse(text).expect("readable");
        let of = |name: &str| {
            let found = demo.users().iter().find(|user| user.name == name);
            found.unwrap_or_else(|| panic!("{name} is missing"))
        };
        assert_eq!((of("anna").extension.as_str(), of("bram").extension.as_str()), ("101", "102"));
        assert_eq!(of("sofie").roles, [Role::Supervisor]);
        assert_eq!(of("admin").roles, [Role::Administrator]);
        assert!(demo.users().iter().all(|user| user.password == "demo"));
        assert!(!format!("{demo:?}").contains("demo"));
    }
}
