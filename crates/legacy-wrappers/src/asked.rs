//! The lines of the host, as whoever answers them in the place of a program reads them.

use std::collections::BTreeMap;

use caruso_application::configured::Object;
use serde::Deserialize;
use serde_json::Value as Json;

/// What is to be done.
pub(crate) enum Asked {
    Invoke(Wish),
    Get { class: String, keys: Vec<String> },
    Query { class: String, wanted: BTreeMap<String, Vec<Json>>, limit: usize, cursor: String },
    Apply(Applied),
}

/// A change of an object that is wanted.
#[derive(Deserialize)]
pub(crate) struct Applied {
    pub(crate) class: String,
    pub(crate) change: String,
    #[serde(default)]
    pub(crate) key: String,
    #[serde(default)]
    pub(crate) was: Object,
    #[serde(default)]
    pub(crate) values: Object,
    pub(crate) idempotency_key: String,
    #[serde(default)]
    pub(crate) actor: String,
}

/// An operation that is wanted.
pub(crate) struct Wish {
    pub(crate) operation: String,
    pub(crate) arguments: Object,
    pub(crate) key: String,
    pub(crate) actor: String,
}

/// What is not for the other system.
pub(crate) enum Unread {
    Description,
    /// A request of another kind, or with other fields.
    Unknown,
}

/// A request with its id; nothing where there is none, so that nobody waits for an answer. Fields
/// that it does not know are passed over.
pub(crate) fn read(line: &[u8]) -> Option<(u64, Result<Asked, Unread>)> {
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
        Apply(Applied),
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
        Ok(Line::Apply(applied)) => Ok(Asked::Apply(applied)),
        Err(_) => Err(Unread::Unknown),
    };
    Some((id, asked))
}
