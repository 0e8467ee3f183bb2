//! Customers who were passed on to an outside number.

use caruso_contact::{EndCause, OfferId};
use caruso_routing::{Input, NotReached};

use super::{Cause, Scene};

impl Scene<'_> {
    /// Nobody talked there: the network said so, or the time was over.
    pub(super) fn not_there(&self, offer: OfferId, cause: EndCause) -> Vec<Cause> {
        let offer = (self.own)(offer);
        let because = match cause {
            EndCause::Busy => NotReached::Busy,
            EndCause::Rejected => NotReached::Rejected,
            EndCause::NoAnswer => NotReached::NoAnswer,
            EndCause::Congestion => NotReached::Congestion,
            _ => NotReached::Unreachable,
        };
        vec![Input::OutsideNotReached { offer, because }.into(), Input::Tick.into()]
    }
}
