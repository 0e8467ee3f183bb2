//! The directory on disk: sessions and offers, so that a restarted manager knows whom to expect.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::registry::{Registry, Session};

/// A restart skips this many revisions: more than may be lost between the last write and a crash.
const SKIP: u64 = 1_000_000;

#[derive(Serialize, Deserialize)]
struct Kept {
    revision: u64,
    sessions: BTreeMap<String, Session>,
}

fn path(data: &Path) -> PathBuf {
    data.join("directory.json")
}

/// The directory of the last run; an empty one at the first start.
pub(crate) fn load(data: &Path) -> Result<Registry, Error> {
    let path = path(data);
    let Some(content) = caruso_component::read_file(&path)? else { return Ok(Registry::default()) };
    let kept: Kept = serde_json::from_slice(&content).map_err(|_| Error::Damaged(path))?;
    Ok(Registry::restore(kept.sessions, kept.revision + SKIP))
}

/// What [`save`] writes, taken while the registry is locked.
pub(crate) fn snapshot(registry: &Registry) -> Vec<u8> {
    let kept = Kept { revision: registry.revision(), sessions: registry.sessions().clone() };
    serde_json::to_vec(&kept).expect("sessions are plain structs with text keys")
}

pub(crate) fn save(data: &Path, content: &[u8]) -> Result<(), caruso_component::Error> {
    caruso_component::replace_file(&path(data), content)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_directory_survives_a_restart_with_later_revisions() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let mut registry = load(folder.path()).expect("first start");
        registry.open(Duration::ZERO, "s1", "a", "1.0.0", vec![1]).expect("room");
        save(folder.path(), &snapshot(&registry)).expect("written");
        let mut restored = load(folder.path()).expect("second start");
        assert!(restored.revision() > registry.revision());
        assert_eq!(restored.resume(Duration::ZERO, "s1", "a", &[1]), Some(1));
        std::fs::write(folder.path().join("directory.json"), "{").expect("own file");
        assert!(matches!(load(folder.path()), Err(Error::Damaged(_))));
    }
}
