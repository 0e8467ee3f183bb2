//! The wall clock, in the two forms that are needed.

use caruso_contact::Time;
use jiff::Timestamp;

/// Now.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// A moment as the journal writes it; before 1970, its first one.
pub(crate) fn time(at: Timestamp) -> Time {
    Time::from_millis(u64::try_from(at.as_millisecond()).unwrap_or_default())
}
