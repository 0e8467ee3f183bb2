//! A customer's call reaches us.

use caruso_contact::{AgentId, Channel, ContactId, Personal, Time};
use caruso_routing::{Input, Refusal};
use tracing::info;
use uuid::Uuid;

use super::{Owner, RETRY_AFTER, SYSTEM};
use crate::{Error, telephony};

impl Owner {
    /// With whom this number talked last, where a queue wants to know.
    fn acquaintance(&self, number: &str) -> Option<(AgentId, Time)> {
        let is_asked = self.router.configuration().asks_for_acquaintance();
        is_asked.then(|| self.history.last_talk(number)).flatten()
    }

    /// A customer has one number, however the network writes it; what that was stays in the log.
    pub(super) async fn customer_calls(
        &mut self,
        contact: ContactId,
        signalled: Option<String>,
        called: String,
    ) -> Result<(), Error> {
        let number = signalled.as_deref().and_then(|it| self.callers.read(it));
        let caller = match number {
            Some(number) => (Some(number.clone()), signalled.filter(|it| *it != number)),
            None => (signalled, None),
        };
        self.arrived(contact, caller, called).await
    }

    /// A call that cannot be admitted is refused at the trunk: nothing is recorded of it.
    pub(super) async fn arrived(
        &mut self,
        contact: ContactId,
        (calling, signalled): (Option<String>, Option<String>),
        called: String,
    ) -> Result<(), Error> {
        let known = calling.as_deref().and_then(|number| self.acquaintance(number));
        let calling = calling.map(Personal::Known);
        let signalled = signalled.map(Personal::Known);
        let channel = Channel::Voice;
        let input = Input::Arrived { contact, calling, signalled, called, channel };
        let now = self.clock.now();
        match self.router.handle(input, now, &mut Uuid::now_v7) {
            Ok(decision) => {
                self.commit(decision, now, SYSTEM, None).await?;
                if let Some((agent, at)) = known {
                    self.decide(Input::Acquainted { contact, agent, at }, SYSTEM, None).await?;
                }
                Ok(())
            }
            Err(refusal) => {
                info!(contact.id = %contact, reason = %refusal, "a call was refused");
                let retry_after = (refusal == Refusal::Full).then_some(RETRY_AFTER);
                self.command(telephony::Command::RefuseCaller { contact, retry_after }).await;
                Ok(())
            }
        }
    }
}
