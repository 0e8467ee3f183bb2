//! Legs of customers whom agents call: permitted, called, ringing.

use std::net::SocketAddr;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media, Sound};
use caruso_routing::{NotReached, Permit};
use caruso_sip::sdp::{Local, Negotiated};
use tracing::info;

use super::{CODECS, Legs, Name, Phase, Side};
use crate::telephony::message::Event;
use crate::telephony::outbound;

impl Legs {
    /// Calls a customer who has hung up. While the leg of then is still there, which is to be gone
    /// soon, nobody can be called: events of both would have the same name.
    pub(super) async fn call_back(&mut self, contact: ContactId, agent: OfferId, permit: Permit) {
        let name = Name::Caller(contact);
        if self.sides.contains_key(&name) {
            let because = NotReached::Congestion;
            return self.news.push_back(Event::CustomerNotReached { contact, because });
        }
        self.insert(name, None, Phase::Permitted(permit));
        self.call_customer(contact, agent).await;
    }

    /// The permit is spent on one call.
    pub(super) async fn call_customer(&mut self, contact: ContactId, agent: OfferId) {
        let Some(side) = self.sides.get_mut(&Name::Caller(contact)) else { return };
        let Phase::Permitted(permit) = &side.phase else { return };
        side.phase = Phase::CallingOut { permit: permit.clone(), agent };
        let leg = side.media;
        self.sound(media::Command::Allocate { leg }).await;
    }

    /// The ports for the sound of a customer are there: they are called.
    pub(super) async fn call_out_with(&mut self, contact: ContactId, address: SocketAddr) {
        let name = Name::Caller(contact);
        let Some(side) = self.sides.get_mut(&name) else { return };
        let Phase::CallingOut { permit, agent } = &side.phase else { return };
        let agent = *agent;
        let local = Local::new(address, &CODECS);
        let called = self.trunk.as_ref().map(|trunk| outbound::call(trunk, permit, local));
        match called.map(|call| self.endpoint.call(call)) {
            Some(Ok((leg, events))) => {
                side.leg = Some(leg);
                side.phase = Phase::RingingOut { agent };
                self.listen(name, events);
            }
            failed => {
                let reason = failed.and_then(Result::err).map(|error| error.to_string());
                let reason = reason.unwrap_or_else(|| "there is no trunk".to_owned());
                info!(contact.id = %contact, reason, "a customer cannot be called");
                self.gone(name).await;
            }
        }
    }

    /// What an agent hears while the customer whom they call does not answer.
    pub(super) async fn let_agent_hear(&mut self, contact: ContactId, early: Option<Negotiated>) {
        let name = Name::Caller(contact);
        let Some(Side { phase: Phase::RingingOut { agent }, .. }) = self.sides.get(&name) else {
            return;
        };
        let agent = Name::Agent(*agent);
        match early {
            Some(agreed) => {
                self.agreed(name, agreed).await;
                self.bridge(name, agent).await;
            }
            None => self.play(agent, vec![Sound::Samples(outbound::ringing_tone())], true).await,
        }
    }
}
