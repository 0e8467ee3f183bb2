//! Whether a customer may be called, and what that was decided by.

use serde::{Deserialize, Serialize};

use crate::{PurposeId, Time};

/// What a decision about a call rests on. The rules themselves are those of the release that the
/// event's envelope names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DialEvidence {
    /// What the call is about.
    pub purpose: PurposeId,
    /// When it was decided.
    pub decided_at: Time,
    /// The rule that forbids the call; nothing for one that is permitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<DialRule>,
    /// An emergency number, which no rule holds up.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_emergency: bool,
    /// IANA names of the zones by whose clocks the hours were read; none where the purpose has no
    /// hours, or another rule decided before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    /// How often the number was called within the period that the purpose counts, before this
    /// call; nothing where it counts none, or another rule decided before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempts: Option<u32>,
}

/// A rule that forbids a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DialRule {
    /// It is no telephone number.
    NotANumber,
    /// Numbers that begin so may not be called.
    Destination,
    /// The number stands on the list of who does not want to be called.
    DoNotCall,
    /// It is not known who does not want to be called.
    DoNotCallUnknown,
    /// It is too early, too late or the wrong day at the called party.
    OutOfHours,
    /// The number was called as often as may be.
    TooManyAttempts,
}

impl DialRule {
    /// The rule in words, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotANumber => "this is not a telephone number",
            Self::Destination => "numbers of this destination may not be called",
            Self::DoNotCall => "whoever has this number does not want to be called",
            Self::DoNotCallUnknown => "the list of who does not want to be called cannot be read",
            Self::OutOfHours => "it is outside of the hours for such calls at the called party",
            Self::TooManyAttempts => "this number was called as often as it may be for now",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_decide_stays_out_of_the_log() {
        let evidence = DialEvidence {
            purpose: PurposeId::new("service").expect("a name"),
            decided_at: Time::from_millis(7),
            denied: Some(DialRule::Destination),
            is_emergency: false,
            zones: Vec::new(),
            attempts: None,
        };
        let json = serde_json::to_string(&evidence).expect("a document");
        let short = r#"{"purpose":"service","decided_at":7,"denied":"destination"}"#;
        assert_eq!(json, short);
        assert_eq!(serde_json::from_str::<DialEvidence>(short).expect("it reads"), evidence);
    }
}
