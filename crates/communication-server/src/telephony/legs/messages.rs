//! Customers who leave a message: the greeting, the tone, what they say, the end of the call.

use std::time::Duration;

use caruso_contact::ContactId;
use caruso_media::Sound;
use tokio::sync::oneshot;
use tracing::warn;

use super::{Happening, Legs, Name};
use crate::telephony::message::Event;
use crate::telephony::recording::{self, Terms};

/// How far a customer is with their message.
#[derive(Debug)]
pub(super) enum Speaker {
    /// Hears the greeting.
    Greeted(Terms),
    /// Hears the tone.
    Prompted(Terms),
    /// Speaks; dropping the sender ends it.
    Speaking(char, #[expect(dead_code, reason = "held until it is over")] oneshot::Sender<()>),
}

impl Legs {
    /// Plays the greeting and the tone; what is said then is recorded.
    pub(super) async fn take_message(&mut self, contact: ContactId, say: Sound, terms: Terms) {
        let name = Name::Caller(contact);
        if !self.sides.contains_key(&name) {
            return self.news.push_back(Event::Recorded { contact, length: None });
        }
        self.speakers.insert(contact, Speaker::Greeted(terms));
        self.play(name, vec![say, Sound::Samples(recording::tone())], false).await;
    }

    /// What a customer was to hear is over; who was to leave a message speaks from now on.
    pub(super) async fn played(&mut self, contact: ContactId) {
        match self.speakers.get(&contact) {
            Some(Speaker::Greeted(terms) | Speaker::Prompted(terms)) => {
                let terms = *terms;
                self.record(contact, terms).await;
            }
            Some(Speaker::Speaking(..)) => {}
            None => self.news.push_back(Event::Played { contact }),
        }
    }

    async fn record(&mut self, contact: ContactId, terms: Terms) {
        let Some(leg) = self.sides.get(&Name::Caller(contact)).map(|it| it.media) else { return };
        let tap = match self.node.tap(leg).await {
            Ok(tap) => tap,
            Err(error) => {
                warn!(contact.id = %contact, %error, "a message cannot be heard");
                return self.hang_up(Name::Caller(contact)).await;
            }
        };
        let (stop, stopped) = oneshot::channel();
        self.speakers.insert(contact, Speaker::Speaking(terms.key, stop));
        self.recorded += 1;
        let (recordings, recorded) = (self.recordings.clone(), self.happening.clone());
        tokio::spawn(async move {
            let length = recording::record(recordings, contact, terms, tap, stopped).await;
            // who takes it ends only with the process
            let _ = recorded.send(Happening::Recorded(contact, length)).await;
        });
    }

    /// A customer pressed a key: the one that goes on to the tone, or ends the message, is ours.
    pub(super) async fn customer_pressed(&mut self, contact: ContactId, key: char) {
        match self.speakers.get(&contact) {
            None => self.news.push_back(Event::Key { contact, key }),
            Some(Speaker::Greeted(terms)) if terms.key == key => {
                let terms = *terms;
                self.speakers.insert(contact, Speaker::Prompted(terms));
                let tone = Sound::Samples(recording::tone());
                self.play(Name::Caller(contact), vec![tone], false).await;
            }
            // told by the recording, which ends with its sender
            Some(Speaker::Speaking(ends, _)) if *ends == key => {
                self.speakers.remove(&contact);
            }
            Some(_) => {}
        }
    }

    /// The leg of a customer is gone. Who speaks is told by the recording, which ends with the leg.
    pub(super) fn speaker_gone(&mut self, contact: ContactId) {
        let speaker = self.speakers.remove(&contact);
        if matches!(speaker, Some(Speaker::Greeted(_) | Speaker::Prompted(_))) {
            self.news.push_back(Event::Recorded { contact, length: None });
        }
    }

    /// What was said is told, and the call ends.
    pub(super) async fn has_spoken(&mut self, contact: ContactId, length: Option<Duration>) {
        self.recorded -= 1;
        self.hang_up(Name::Caller(contact)).await;
        self.news.push_back(Event::Recorded { contact, length });
    }
}
