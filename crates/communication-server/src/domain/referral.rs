//! An agent passes the customer on by their phone's own key (REFER).

use caruso_contact::{OfferId, Personal};
use caruso_routing::{Destination, Input, Refusal};
use tracing::info;
use uuid::Uuid;

use super::Owner;
use crate::Error;
use crate::telephony::Command;

impl Owner {
    /// The phone joins the customer and the colleague whom its agent asks by another line: the
    /// colleague has the customer, as when the agent gives them to the colleague at the desk.
    pub(super) async fn join(&mut self, offer: OfferId, other: OfferId) -> Result<(), Error> {
        let Some((contact, agent)) = self.router.domain().asks_by(offer, other) else {
            self.command(Command::AnswerReferral { offer, code: 403 }).await;
            return Ok(());
        };
        let actor = agent.as_str().to_owned();
        let now = self.clock.now();
        match self.router.handle(Input::Complete { agent, contact }, now, &mut Uuid::now_v7) {
            Ok(decision) => {
                // before the effects, which end the leg
                self.command(Command::AnswerReferral { offer, code: 200 }).await;
                self.commit(decision, now, &actor, None).await
            }
            Err(refusal) => {
                info!(contact.id = %contact, reason = %refusal, "a phone's transfer was refused");
                self.command(Command::AnswerReferral { offer, code: 403 }).await;
                Ok(())
            }
        }
    }

    /// The number is a colleague's extension, who must be ready.
    pub(super) async fn refer(&mut self, offer: OfferId, to: &str) -> Result<(), Error> {
        let talk = self.router.domain().talk(offer);
        let colleague = self.roster.at_extension(to).cloned();
        let (Some((contact, agent)), Some(colleague)) = (talk, colleague) else {
            self.command(Command::AnswerReferral { offer, code: 404 }).await;
            return Ok(());
        };
        let actor = agent.as_str().to_owned();
        let to = Destination::Agent(colleague);
        let input = Input::Transfer { agent, contact, to, note: Personal::Known(String::new()) };
        let now = self.clock.now();
        match self.router.handle(input, now, &mut Uuid::now_v7) {
            Ok(decision) => {
                // before the effects, which end the leg
                self.command(Command::AnswerReferral { offer, code: 200 }).await;
                self.commit(decision, now, &actor, None).await
            }
            Err(refusal) => {
                info!(contact.id = %contact, reason = %refusal, "a phone's transfer was refused");
                let code = if refusal == Refusal::NotReady { 480 } else { 403 };
                self.command(Command::AnswerReferral { offer, code }).await;
                Ok(())
            }
        }
    }
}
