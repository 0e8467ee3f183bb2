//! Who hears whom.

use caruso_contact::{ContactId, OfferId};
use caruso_media as media;

use super::{Legs, Name};

impl Legs {
    pub(super) async fn bridge(&mut self, one: Name, other: Name) {
        self.turn_away([one, other]);
        for name in [one, other] {
            self.answer_phone(name).await;
        }
        self.connect(one, other).await;
    }

    pub(super) async fn connect(&mut self, one: Name, other: Name) {
        let [a, b] = [one, other].map(|name| self.sides.get(&name).map(|side| side.media));
        if let (Some(a), Some(b)) = (a, b) {
            self.sound(media::Command::Connect { a, b }).await;
        }
    }

    pub(super) async fn confer(&mut self, contact: ContactId, a: OfferId, b: OfferId) {
        let names = [Name::Caller(contact), Name::Agent(a), Name::Agent(b)];
        if let [Some(x), Some(y), Some(z)] =
            names.map(|name| self.sides.get(&name).map(|side| side.media))
        {
            let (legs, third) = ([x, y, z], media::Audience::Both);
            self.sound(media::Command::Mix { legs, third }).await;
        }
    }

    pub(super) async fn part(&mut self, name: Name) {
        if let Some(a) = self.sides.get(&name).map(|side| side.media) {
            self.sound(media::Command::Disconnect { a }).await;
        }
    }
}
