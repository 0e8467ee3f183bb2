//! What a component remembers of its last session, so that it can start while the manager is away.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::disk;

/// Token and key of the last session. The token ends by itself.
#[derive(Serialize, Deserialize)]
pub(crate) struct Remembered {
    pub(crate) component_token: String,
    pub(crate) token_key: Vec<u8>,
}

impl Remembered {
    pub(crate) fn new(component_token: &str, token_key: &[u8]) -> Self {
        Self { component_token: component_token.to_owned(), token_key: token_key.to_vec() }
    }

    /// Failing to remember costs a later start without manager, nothing else.
    pub(crate) fn save(&self, folder: &Path) {
        let json = serde_json::to_vec(self).expect("text and bytes have a JSON form");
        if let Err(error) = disk::replace(&path(folder), &json) {
            tracing::warn!(%error, "the session cannot be remembered");
        }
    }

    pub(crate) fn load(folder: &Path) -> Option<Self> {
        let json = disk::read(&path(folder)).ok().flatten()?;
        serde_json::from_slice(&json).ok()
    }
}

fn path(folder: &Path) -> PathBuf {
    folder.join("session.json")
}
