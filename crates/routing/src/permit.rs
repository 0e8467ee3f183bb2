//! The gate: whether a customer may be called.
//!
//! No call of ours reaches a customer without a [`Permit`], which nothing but [`permit`] makes, nor
//! an outside number without one of `to_destination`, which knows those alone that the application
//! names.
//! What [`permit`] decides, and by what, is told either way ([`DialEvidence`]). Rules are asked in
//! this order, and the first that forbids the call decides: what is no number, destinations, the
//! list of who does not want to be called, hours at the called party, attempts. Emergency numbers
//! pass all of them.
//!
//! ```compile_fail
//! fn forged(evidence: caruso_contact::DialEvidence) -> caruso_routing::Permit {
//!     caruso_routing::Permit { called: "+31612345678".to_owned(), evidence: Some(evidence) }
//! }
//! ```

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use caruso_contact::{DestinationId, DialEvidence, DialRule, PurposeId, QueueId, Time};
use caruso_object_model::phone::{Country, normalize};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::configuration::Titles;
use crate::{Hours, zones};

/// Emergency numbers of all countries that we know the numbers of.
const EMERGENCY: [&str; 1] = ["112"];
/// Those of one country beside them: police, fire brigade, ambulance.
const EMERGENCY_OF: [(&str, &[&str]); 2] = [("BE", &["100", "101"]), ("DE", &["110"])];

/// What an application allows of calls that its agents make.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutboundRules {
    /// Where numbers without calling code belong.
    pub country: Country,
    /// How the numbers begin that may be called, as E.164; what none of them fits may not.
    pub allowed: BTreeSet<String>,
    /// How those of them begin that may not. The longest beginning that fits decides.
    pub denied: BTreeSet<String>,
    /// How long a customer's phone rings.
    pub ring_time: Duration,
    /// What calls may be about, in the order of the file; at least one.
    pub purposes: Vec<(PurposeId, Purpose)>,
    /// Calls that agents dial at their own phones; nothing where they call no customer from there.
    pub phones: Option<PhoneRules>,
    /// Outside numbers to which agents pass customers on, in the order of the file.
    pub destinations: Vec<(DestinationId, OutsideNumber)>,
}

/// An outside number to which agents pass customers on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OutsideNumber {
    /// What people call it.
    pub titles: Titles,
    /// The number, as E.164.
    pub number: String,
}

/// What an application allows of calls that agents dial at their own phones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PhoneRules {
    /// What such calls are about: nobody asks at a phone.
    pub purpose: PurposeId,
    /// Whether agents may call who have not signed in at the desk.
    pub is_for_all: bool,
}

/// What a call may be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purpose {
    /// What people call it.
    pub titles: Titles,
    /// Whose script, dispositions, wrap-up and music hold.
    pub queue: QueueId,
    /// When customers may be called, by the clock where they are; nothing for always.
    pub hours: Option<Arc<Hours>>,
    /// How often a number may be called within how long, whatever for; nothing for any number.
    pub attempts: Option<(u32, Duration)>,
    /// Whether who does not want to be called is not called.
    pub heeds_do_not_call: bool,
}

/// What is known of a number beside the rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownOfNumber {
    /// Whether it stands on the list of who does not want to be called.
    pub listed: Listed,
    /// When customers with this number were called within the last [`LONGEST_COUNT`].
    pub attempts: Vec<Time>,
}

/// Attempts can be counted within this time.
pub const LONGEST_COUNT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Whether a number stands on the list of who does not want to be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listed {
    /// It does.
    Yes,
    /// It does not, or there is no list.
    No,
    /// The list cannot be read.
    Unknown,
}

/// The right to call a customer at the moment of its evidence, or an outside number for one. It is
/// not printed whom. It can be carried to another process of the same installation.
#[derive(PartialEq, Eq, Clone, Serialize, Deserialize)]
pub struct Permit {
    called: String,
    evidence: Option<DialEvidence>,
}

impl Permit {
    /// The number, as E.164 or an emergency number.
    pub fn called(&self) -> &str {
        &self.called
    }

    /// What it was decided by; nothing where the application itself names the number.
    pub fn evidence(&self) -> Option<&DialEvidence> {
        self.evidence.as_ref()
    }
}

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit").field("evidence", &self.evidence).finish_non_exhaustive()
    }
}

/// A call that may not be made. It is not printed to whom.
#[derive(Clone, PartialEq, Eq)]
pub struct Denied {
    /// The number as E.164, where it is one.
    pub called: Option<String>,
    /// The rule, and what it was decided by.
    pub evidence: DialEvidence,
}

impl fmt::Debug for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denied").field("evidence", &self.evidence).finish_non_exhaustive()
    }
}

/// The number that a text means under these rules; nothing where it is none, or an emergency
/// number.
pub fn called_number(rules: &OutboundRules, text: &str) -> Option<String> {
    let number = normalize(text, rules.country).ok().filter(|_| emergency(rules, text).is_none());
    number.map(|number| number.as_str().to_owned())
}

/// Whether a number may be called for a purpose at a time; a purpose that there is not counts as
/// the first.
///
/// # Errors
/// The first rule that forbids it.
pub fn permit(
    rules: &OutboundRules,
    number: &str,
    purpose: &PurposeId,
    known: &KnownOfNumber,
    at: Time,
) -> Result<Permit, Denied> {
    let mut evidence = DialEvidence {
        purpose: purpose.clone(),
        decided_at: at,
        denied: None,
        is_emergency: false,
        zones: Vec::new(),
        attempts: None,
    };
    if let Some(called) = emergency(rules, number) {
        evidence.is_emergency = true;
        return Ok(Permit { called, evidence: Some(evidence) });
    }
    let called = called_number(rules, number);
    let purpose = rules.purpose(purpose).or_else(|| rules.purposes.first().map(|(_, it)| it));
    evidence.denied = match (&called, purpose) {
        (Some(called), Some(purpose)) => forbids(rules, called, purpose, known, &mut evidence),
        _ => Some(DialRule::NotANumber),
    };
    match called {
        Some(called) if evidence.denied.is_none() => {
            Ok(Permit { called, evidence: Some(evidence) })
        }
        called => Err(Denied { called, evidence }),
    }
}

/// The right to call an outside number for a customer; nothing where the application names none
/// so, or numbers that begin like it may not be called.
pub(crate) fn to_destination(rules: &OutboundRules, id: &DestinationId) -> Option<Permit> {
    let called = rules.destination(id).map(|it| it.number.clone())?;
    rules.may_reach(&called).then_some(Permit { called, evidence: None })
}

/// What a log tells of a verdict: the number, where it is one, and the evidence; nothing of a
/// permit that rests on none.
pub(crate) fn told(verdict: &Result<Permit, Denied>) -> Option<(Option<String>, DialEvidence)> {
    match verdict {
        Ok(permit) => Some((Some(permit.called.clone()), permit.evidence.clone()?)),
        Err(denied) => Some((denied.called.clone(), denied.evidence.clone())),
    }
}

/// The rule that forbids a call; what it looked at enters the evidence.
fn forbids(
    rules: &OutboundRules,
    called: &str,
    purpose: &Purpose,
    known: &KnownOfNumber,
    evidence: &mut DialEvidence,
) -> Option<DialRule> {
    if !rules.may_reach(called) {
        return Some(DialRule::Destination);
    }
    match known.listed {
        _ if !purpose.heeds_do_not_call => {}
        Listed::Yes => return Some(DialRule::DoNotCall),
        Listed::Unknown => return Some(DialRule::DoNotCallUnknown),
        Listed::No => {}
    }
    if let Some(hours) = &purpose.hours {
        let zones = zones_of(called, hours);
        evidence.zones = zones.iter().filter_map(|it| it.iana_name().map(str::to_owned)).collect();
        if !zones.iter().all(|zone| hours.is_open_by(zone, evidence.decided_at)) {
            return Some(DialRule::OutOfHours);
        }
    }
    let (most, within) = purpose.attempts?;
    let since = evidence.decided_at.before(within);
    let made = known.attempts.iter().filter(|at| **at > since).count();
    let made = u32::try_from(made).unwrap_or(u32::MAX);
    evidence.attempts = Some(made);
    (made >= most).then_some(DialRule::TooManyAttempts)
}

/// The zones in which the called party may be: all that its calling code has; where that is not
/// known, the one of the hours themselves.
fn zones_of(called: &str, hours: &Hours) -> Vec<TimeZone> {
    let names = zones::of_number(called);
    let zones: Vec<TimeZone> = names.iter().filter_map(|it| TimeZone::get(it).ok()).collect();
    if zones.is_empty() { vec![hours.zone.clone()] } else { zones }
}

/// Whether a text is an emergency number, which every phone may call.
pub fn is_emergency(rules: &OutboundRules, text: &str) -> bool {
    emergency(rules, text).is_some()
}

/// The emergency number that a text is, however it is spaced.
pub(crate) fn emergency(rules: &OutboundRules, text: &str) -> Option<String> {
    let digits: String = text.chars().filter(|it| !it.is_whitespace()).collect();
    let own = EMERGENCY_OF.iter().filter(|(country, _)| *country == rules.country.code());
    let mut all = EMERGENCY.iter().chain(own.flat_map(|(_, numbers)| *numbers));
    all.any(|number| *number == digits).then_some(digits)
}

impl OutboundRules {
    /// A purpose by its id.
    pub fn purpose(&self, id: &PurposeId) -> Option<&Purpose> {
        self.purposes.iter().find(|(known, _)| known == id).map(|(_, purpose)| purpose)
    }

    /// A destination by its id.
    pub fn destination(&self, id: &DestinationId) -> Option<&OutsideNumber> {
        self.destinations.iter().find(|(known, _)| known == id).map(|(_, it)| it)
    }

    /// What a call is about that is dialled at a phone: an emergency number can be called whatever
    /// for.
    pub(crate) fn phone_purpose(&self) -> Option<&PurposeId> {
        let first = || self.purposes.first().map(|(id, _)| id);
        self.phones.as_ref().map(|phones| &phones.purpose).or_else(first)
    }

    /// Whether the destination is one that may be called.
    pub(crate) fn may_reach(&self, called: &str) -> bool {
        let longest = |all: &BTreeSet<String>| {
            all.iter().filter(|it| called.starts_with(it.as_str())).map(String::len).max()
        };
        longest(&self.allowed) > longest(&self.denied)
    }

    /// A number that may be called as far as its destination goes, to stand for one that is not
    /// known; nothing where hardly any may.
    pub fn any_number(&self) -> Option<String> {
        let digits = (1..=9).map(|digit: u8| digit.to_string().repeat(9));
        let numbers = digits.flat_map(|rest| {
            self.allowed.iter().map(move |beginning| format!("{beginning}{rest}"))
        });
        let mut allowed = numbers.filter_map(|number| called_number(self, &number));
        allowed.find(|number| self.may_reach(number))
    }
}

#[cfg(test)]
mod tests;
