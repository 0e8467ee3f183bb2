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

    /// A call that cannot be admitted is refused at the trunk: nothing is recorded of it.
    pub(super) async fn arrived(
        &mut self,
        contact: ContactId,
        calling: Option<String>,
        called: String,
    ) -> Result<(), Error> {
        let known = calling.as_deref().and_then(|number| self.acquaintance(number));
        let calling = calling.map(Personal::Known);
        let input = Input::Arrived { contact, calling, called, channel: Channel::Voice };
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
