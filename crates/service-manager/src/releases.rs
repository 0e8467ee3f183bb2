//! The application's release as the manager holds it.

use std::path::Path;

use caruso_component::{Release, read_file, replace_file};

use crate::Error;

/// The release in force, in the data folder.
const CURRENT: &str = "release.bin";
/// The one before.
const PREVIOUS: &str = "release-before.bin";
/// The releases that the manager holds.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    /// In force.
    pub(crate) current: Release,
    /// The one before, to go back to.
    pub(crate) previous: Option<Release>,
    /// The one that components are asked about.
    pub(crate) proposed: Option<Release>,
}

impl Held {
    /// Keeps the release that was given, or takes the one kept before.
    pub(crate) fn load(data: &Path, given: Option<Release>) -> Result<Self, Error> {
        let kept = read(&data.join(CURRENT))?;
        let previous = read(&data.join(PREVIOUS))?;
        let mut held = Self {
            current: given.clone().or_else(|| kept.clone()).ok_or(Error::NoRelease)?,
            previous,
            proposed: None,
        };
        if let (Some(given), Some(kept)) = (given, kept)
            && given != kept
        {
            held.previous = Some(kept);
        }
        held.save(data)?;
        Ok(held)
    }

    /// Writes what is in force, and what was before.
    pub(crate) fn save(&self, data: &Path) -> Result<(), caruso_component::Error> {
        if let Some(previous) = &self.previous {
            replace_file(&data.join(PREVIOUS), &previous.to_bytes())?;
        }
        replace_file(&data.join(CURRENT), &self.current.to_bytes())
    }

    /// The same with another release in force.
    pub(crate) fn with(&self, release: Release) -> Self {
        let previous = Some(self.current.clone());
        Self { current: release, previous, proposed: None }
    }

    /// The release of a digest.
    pub(crate) fn find(&self, digest: &str) -> Option<&Release> {
        let all = [Some(&self.current), self.previous.as_ref(), self.proposed.as_ref()];
        all.into_iter().flatten().find(|release| release.digest() == digest)
    }
}

fn read(path: &Path) -> Result<Option<Release>, Error> {
    let Some(content) = read_file(path)? else { return Ok(None) };
    Release::from_bytes(content).map(Some).ok_or_else(|| Error::Damaged(path.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn what_was_in_force_before_is_kept_over_a_restart() {
        let data = tempfile::tempdir().expect("a folder");
        let release = |text: &'static str| {
            Release::new(BTreeMap::from([("application.xml".to_owned(), text.into())]))
        };
        assert!(matches!(Held::load(data.path(), None), Err(Error::NoRelease)));
        let first = Held::load(data.path(), Some(release("1"))).expect("given");
        assert_eq!((first.current.clone(), &first.previous), (release("1"), &None));
        first.with(release("2")).save(data.path()).expect("written");
        let again = Held::load(data.path(), None).expect("kept");
        assert_eq!((again.current, again.previous), (release("2"), Some(release("1"))));
        let same = Held::load(data.path(), Some(release("2"))).expect("given");
        assert_eq!(same.previous, Some(release("1")), "nothing has changed");
        let other = Held::load(data.path(), Some(release("3"))).expect("given");
        assert_eq!(other.previous, Some(release("2")));
        assert!(other.find(release("1").digest()).is_none());
    }
}
