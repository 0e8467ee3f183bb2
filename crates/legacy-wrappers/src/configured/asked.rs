//! The lines of the host, as a wrapper without a program reads them.

use std::collections::BTreeMap;

use caruso_application::configured::Object;
use serde::Deserialize;
use serde_json::Value as Json;

/// What is to be done.
pub(super) enum Asked {
    Invoke(Wish),
    Get { class: String, keys: Vec<String> },
    Query { class: String, wanted: BTreeMap<String, Vec<Json>>, limit: usize, cursor: String },
    Apply,
}

/// An operation that is wanted.
pub(super) struct Wish {
    pub(super) operation: String,
    pub(super) arguments: Object,
    pub(super) key: String,
    pub(super) actor: String,
}

/// What is not for the other system.
pub(super) enum Unread {
    Description,
    /// A request of another kind, or with other fields.
    Unknown,
}

/// A request with its id; nothing where there is none, so that nobody waits for an answer. Fields
/// that it does not know are passed over.
pub(super) fn read(line: &[u8]) -> Option<(u64, Result<Asked, Unread>)> {
    #[derive(Deserialize)]
    struct Numbered {
        id: u64,
    }
    #[derive(Deserialize)]
    #[serde(tag = "do", rename_all = "lowercase")]
    enum Line {
        Describe,
        Invoke {
            operation: String,
            arguments: Object,
            key: String,
            #[serde(default)]
            actor: String,
        },
        Get {
            class: String,
            keys: Vec<String>,
        },
        Query {
            class: String,
            #[serde(default)]
            r#where: BTreeMap<String, Vec<Json>>,
            limit: usize,
            #[serde(default)]
            cursor: String,
        },
        Apply,
    }
    let Numbered { id } = serde_json::from_slice(line).ok()?;
    let asked = match serde_json::from_slice(line) {
        Ok(Line::Describe) => Err(Unread::Description),
        Ok(Line::Invoke { operation, arguments, key, actor }) => {
            Ok(Asked::Invoke(Wish { operation, arguments, key, actor }))
        }
        Ok(Line::Get { class, keys }) => Ok(Asked::Get { class, keys }),
        Ok(Line::Query { class, r#where: wanted, limit, cursor }) => {
            Ok(Asked::Query { class, wanted, limit, cursor })
        }
        Ok(Line::Apply) => Ok(Asked::Apply),
        Err(_) => Err(Unread::Unknown),
    };
    Some((id, asked))
}
