//! The people, in one document.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use caruso_component::{Role, read_file, replace_file, require_private_file};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{Demo, Error, password};

/// One user as kept. Holds secrets: no debug form.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Person {
    pub(crate) display_name: String,
    pub(crate) roles: Vec<Role>,
    pub(crate) team: String,
    pub(crate) extension: String,
    #[serde(default)]
    pub(crate) skills: BTreeMap<String, u8>,
    /// PHC string.
    pub(crate) password: String,
    pub(crate) device_secret: String,
}

/// Every user by log-in name.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct People {
    users: BTreeMap<String, Person>,
}

impl People {
    /// Reads the document; while there is nobody, takes in the demo users.
    pub(crate) fn load(data: &Path, demo: Option<&Demo>) -> Result<Self, Error> {
        let path = file(data);
        let mut people: Self = load(&path)?.unwrap_or_default();
        if let Some(demo) = demo
            && people.users.is_empty()
        {
            people.users = seeded(demo)?;
            save(&path, &people)?;
            tracing::info!(users = people.users.len(), "demo users taken in");
        }
        Ok(people)
    }

    pub(crate) fn person(&self, name: &str) -> Option<&Person> {
        self.users.get(name)
    }

    /// Everybody, by log-in name.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Person)> {
        self.users.iter().map(|(name, person)| (name.as_str(), person))
    }

    pub(crate) fn insert(&mut self, name: &str, person: Person) {
        self.users.insert(name.to_owned(), person);
    }

    /// False where there is none.
    pub(crate) fn take(&mut self, name: &str) -> bool {
        self.users.remove(name).is_some()
    }

    /// Everybody who takes contacts, and supervisors who have a telephone.
    pub(crate) fn agents(&self) -> impl Iterator<Item = (&String, &Person)> {
        let listens =
            |it: &Person| it.roles.contains(&Role::Supervisor) && !it.extension.is_empty();
        self.users.iter().filter(move |(_, it)| it.roles.contains(&Role::Agent) || listens(it))
    }

    /// The secret of the phone at an extension.
    pub(crate) fn device_secret(&self, extension: &str) -> Option<&str> {
        let has_it = |person: &&Person| !extension.is_empty() && person.extension == extension;
        self.users.values().find(has_it).map(|person| person.device_secret.as_str())
    }

    /// The hash of the user's password; of nobody's for an unknown name, so that the check takes
    /// as long.
    pub(crate) fn password_of(&self, name: &str, nobody: &str) -> String {
        self.users.get(name).map_or(nobody, |person| &person.password).to_owned()
    }
}

/// Where they are kept.
pub(crate) fn file(data: &Path) -> PathBuf {
    data.join("people.json")
}

/// Equal passwords share one hash, which takes a tenth of a second: those of a demo are public.
fn seeded(demo: &Demo) -> Result<BTreeMap<String, Person>, Error> {
    let mut users = BTreeMap::new();
    let mut hashes: BTreeMap<&str, String> = BTreeMap::new();
    for user in demo.users() {
        let password = match hashes.get(&*user.password) {
            Some(hash) => hash.clone(),
            None => password::hash(&user.password)?,
        };
        hashes.insert(&user.password, password.clone());
        let person = Person {
            display_name: user.display_name.clone(),
            roles: user.roles.clone(),
            team: user.team.clone(),
            extension: user.extension.clone(),
            skills: user.skills.clone(),
            password,
            device_secret: user.device_secret.clone(),
        };
        users.insert(user.name.clone(), person);
    }
    Ok(users)
}

/// A document of the data folder; `None` before it was first written.
pub(crate) fn load<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    let Some(content) = read_file(path)? else { return Ok(None) };
    require_private_file(path)?;
    let damaged = |error: serde_json::Error| Error::Damaged {
        path: PathBuf::from(path),
        reason: error.to_string(),
    };
    serde_json::from_slice(&content).map(Some).map_err(damaged)
}

/// Replaces a document as a whole, synced to disk.
pub(crate) fn save<T: Serialize>(path: &Path, document: &T) -> Result<(), Error> {
    let content = serde_json::to_vec_pretty(document).expect("documents are plain structs");
    Ok(replace_file(path, &content)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn demo_users_are_taken_in_once_and_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let text = |name: &str| {
            format!(
                "[[user]]\nname = '{name}'\ndisplay-name = 'X'\nroles = ['agent']\n\
                 team = 'service'\nextension = '101'\npassword = 'demo'\ndevice-secret = 'phone'\n\
                 skills = {{ gas = 3 }}\n"
            )
        };
        let demo = Demo::parse(&text("anna")).expect("readable");
        People::load(folder.path(), Some(&demo)).expect("seeded");
        let other = Demo::parse(&text("eve")).expect("readable");
        let people = People::load(folder.path(), Some(&other)).expect("kept");
        assert!(people.person("anna").is_some() && people.person("eve").is_none());
        assert_eq!(people.agents().count(), 1);
        assert_eq!(people.person("anna").map(|it| it.skills["gas"]), Some(3));
        assert_eq!(people.device_secret("101"), Some("phone"));
        assert_eq!((people.device_secret(""), people.device_secret("999")), (None, None));
        let document = std::fs::read_to_string(folder.path().join("people.json"));
        assert!(!document.expect("written").contains("\"demo\""), "no password in the clear");
    }
}
