//! A supervisor's leg in a conversation.

use caruso_contact::{ContactId, ListeningMode, OfferId};
use caruso_media::{self as media, Audience};

use super::{Legs, Name};

impl Legs {
    /// Mixes the three, as long as all are there.
    pub(super) async fn let_listen(
        &mut self,
        contact: ContactId,
        offer: OfferId,
        supervisor: OfferId,
        mode: ListeningMode,
    ) {
        let names = [Name::Agent(offer), Name::Caller(contact), Name::Agent(supervisor)];
        let [agent, customer, third] = names.map(|name| self.sides.get(&name).map(|it| it.media));
        let audience = match mode {
            ListeningMode::Listen => Audience::Nobody,
            ListeningMode::Whisper => Audience::First,
            ListeningMode::Barge => Audience::Both,
        };
        if let (Some(a), Some(b), Some(c)) = (agent, customer, third) {
            self.sound(media::Command::Mix { legs: [a, b, c], third: audience }).await;
        }
    }
}
