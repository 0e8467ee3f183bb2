//! Ids: those that are given (UUIDs) and those that an application or a person names.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// Where new ids come from. Cores take it as an input, so that a replay gives the same ids.
///
/// The shell's source gives UUIDv7 of the batch's time; tests count.
pub trait IdSource {
    /// The next id; never one given before.
    fn next_id(&mut self) -> Uuid;
}

impl<F: FnMut() -> Uuid> IdSource for F {
    fn next_id(&mut self) -> Uuid {
        self()
    }
}

macro_rules! given_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

given_id! {
    /// One contact with a customer; a UUIDv7, given by whoever received it.
    ContactId
}
given_id! {
    /// One fact in a log; a UUIDv7.
    EventId
}
given_id! {
    /// One offer of a contact to an agent. It is the id of the event that made the offer.
    OfferId
}

/// Longest name that an id may have, in bytes.
pub const MAX_NAME_BYTES: usize = 64;

/// A name that cannot be an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to {MAX_NAME_BYTES} bytes, none of them a control character")]
pub struct NotAName;

macro_rules! name_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id of this name.
            ///
            /// # Errors
            /// Empty, longer than [`MAX_NAME_BYTES`], or with control characters.
            pub fn new(name: &str) -> Result<Self, NotAName> {
                let is_name = !name.is_empty()
                    && name.len() <= MAX_NAME_BYTES
                    && !name.chars().any(char::is_control);
                if is_name { Ok(Self(name.into())) } else { Err(NotAName) }
            }

            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let name = String::deserialize(deserializer)?;
                Self::new(&name).map_err(serde::de::Error::custom)
            }
        }
    };
}

name_id! {
    /// An agent: the user name that `identity` knows.
    AgentId
}
name_id! {
    /// A queue of `routing.xml`.
    QueueId
}
name_id! {
    /// Why an agent is not ready: a reason of `routing.xml`, or one of [`reason`](crate::reason).
    ReasonId
}
name_id! {
    /// How a contact was disposed of: a disposition of its queue in `routing.xml`.
    DispositionId
}
name_id! {
    /// What a call that we make is about: a purpose of `routing.xml`.
    PurposeId
}
name_id! {
    /// An outside number to which customers can be passed on: a destination of `routing.xml`.
    DestinationId
}
name_id! {
    /// A skill that `routing.xml` declares.
    SkillId
}
name_id! {
    /// A dialogue script of the application.
    ScriptId
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_neither_empty_nor_long_nor_full_of_control_characters() {
        assert_eq!(QueueId::new("faults").expect("a good name").as_str(), "faults");
        assert_eq!(QueueId::new(""), Err(NotAName));
        assert_eq!(QueueId::new("a\nb"), Err(NotAName));
        assert_eq!(QueueId::new(&"x".repeat(65)), Err(NotAName));
    }

    #[test]
    fn a_bad_name_is_refused_when_read_from_a_log() {
        assert!(serde_json::from_str::<AgentId>("\"\"").is_err());
        let anna: AgentId = serde_json::from_str("\"anna\"").expect("a good name");
        assert_eq!(serde_json::to_string(&anna).expect("a string"), "\"anna\"");
    }
}
