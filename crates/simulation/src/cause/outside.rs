//! Customers who were passed on to an outside number, and agents who ask there.

use caruso_contact::{AgentId, ConsultationEnd, ContactId, EndCause, OfferId};
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

    /// A question to somebody outside is over; the agent has the customer by the leg `own`.
    pub(super) fn end_of_question_outside(
        &self,
        (contact, agent, own): (ContactId, AgentId, OfferId),
        offer: OfferId,
        reason: ConsultationEnd,
    ) -> Vec<Cause> {
        let not_reached = |because| vec![Cause::from(Input::OutsideNotReached { offer, because })];
        match reason {
            ConsultationEnd::Completed => vec![Input::Complete { agent, contact }.into()],
            ConsultationEnd::Finished => vec![
                Input::AgentGone { offer }.into(),
                Input::EndConsultation { agent, contact }.into(),
            ],
            ConsultationEnd::Cancelled => {
                vec![Input::EndConsultation { agent, contact }.into(), Cause::Restart]
            }
            ConsultationEnd::NoAnswer => {
                let said = not_reached(NotReached::NoAnswer);
                std::iter::once(Input::Tick.into()).chain(said).collect()
            }
            ConsultationEnd::Rejected => not_reached(NotReached::Rejected),
            ConsultationEnd::Busy => not_reached(NotReached::Busy),
            ConsultationEnd::Unreachable => not_reached(NotReached::Unreachable),
            ConsultationEnd::CallOver => vec![
                Input::CallerGone { contact }.into(),
                Input::AgentGone { offer: own }.into(),
                Input::Tick.into(),
                Cause::Restart,
            ],
        }
    }
}
