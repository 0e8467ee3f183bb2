//! What comes of calls to others: counted at the address, told to the manager with each beat.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use http::header::HeaderName;
use tonic::Code;

/// Header or trailer of the outcome.
pub(crate) const GRPC_STATUS: HeaderName = HeaderName::from_static("grpc-status");
/// Methods and instances of one beat; what is more waits for the next.
pub(crate) const MOST: usize = 256;

#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    calls: u64,
    failures: u64,
    microseconds: u64,
}

/// The calls to one address since they were last asked for.
#[derive(Debug, Default)]
pub(crate) struct Outcomes {
    counted: Mutex<BTreeMap<&'static str, Counts>>,
}

impl Outcomes {
    /// The answer to a call has begun after so long, or it will not come.
    pub(crate) fn called(&self, method: &'static str, took: Duration) {
        let took = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.count(method, |counts| {
            counts.calls += 1;
            counts.microseconds = counts.microseconds.saturating_add(took);
        });
    }

    /// A call was not served.
    pub(crate) fn failed(&self, method: &'static str) {
        self.count(method, |counts| counts.failures += 1);
    }

    fn count(&self, method: &'static str, with: impl FnOnce(&mut Counts)) {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        with(counted.entry(method).or_default());
    }

    /// Takes at most so many rows out, as calls of this instance.
    pub(crate) fn take(&self, most: usize, instance: &str) -> Vec<proto::Outcome> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = Vec::new();
        while taken.len() < most
            && let Some((method, counts)) = counted.pop_first()
        {
            let Counts { calls, failures, microseconds } = counts;
            let (method, instance) = (method.to_owned(), instance.to_owned());
            taken.push(proto::Outcome { method, instance, calls, failures, microseconds });
        }
        taken
    }
}

/// Whether the callee did not serve the call. What it refuses is served.
pub(crate) fn is_failure(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::DeadlineExceeded
            | Code::Internal
            | Code::Unknown
            | Code::DataLoss
            | Code::Unimplemented
    )
}
