//! Legs of customers whom agents call, and of whoever is called outside for a customer: permitted,
//! called, ringing.

use std::net::SocketAddr;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media, Sound};
use caruso_routing::{NotReached, Permit};
use caruso_sip::sdp::{Local, Negotiated};
use caruso_sip::{Call, Ended, Trunk};
use tracing::{info, warn};

use super::{Callee, Legs, Name, Phase, Side, Way, remote};
use crate::telephony::message::{Command, Event};
use crate::telephony::{outbound, trunks};

impl Legs {
    pub(super) async fn call_out(&mut self, command: Command) {
        match command {
            Command::CallCustomer { contact, offer } => self.call_customer(contact, offer).await,
            Command::CallBack { contact, offer, permit } => {
                self.call_back(contact, offer, permit).await;
            }
            Command::CallOutside { contact, offer, permit } => {
                self.call_outside(Name::Caller(contact), offer, permit).await;
            }
            Command::AskOutside { agent, offer, permit } => {
                self.call_outside(Name::Agent(agent), offer, permit).await;
            }
            _ => {}
        }
    }

    /// Calls a customer who has hung up. While the leg of then is still there, which is to be gone
    /// soon, nobody can be called: events of both would have the same name.
    async fn call_back(&mut self, contact: ContactId, agent: OfferId, permit: Permit) {
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
        side.phase = Phase::CallingOut { permit: permit.clone(), ears: Some(Name::Agent(agent)) };
        let leg = side.media;
        self.sound(media::Command::Allocate { leg }).await;
    }

    /// Calls an outside number for a customer, or an agent who asks there. One who has gone
    /// meanwhile is told of otherwise.
    async fn call_outside(&mut self, ears: Name, leg: OfferId, permit: Permit) {
        if !self.sides.contains_key(&ears) {
            return;
        }
        let calling = Phase::CallingOut { permit, ears: Some(ears) };
        let leg = self.insert(Name::Agent(leg), None, calling);
        self.sound(media::Command::Allocate { leg }).await;
    }

    /// The ports for the sound of who is called are there: they are called.
    pub(super) async fn call_out_with(&mut self, name: Name, address: SocketAddr) {
        let Some(Side { phase: Phase::CallingOut { permit, ears }, .. }) = self.sides.get(&name)
        else {
            return;
        };
        let (permit, ears) = (permit.clone(), *ears);
        let local = Local::new(address, self.codecs_beside(ears));
        let way = self.way(Callee::Permitted(permit), local);
        if !self.ring_by_next(name, way, |way| Phase::RingingOut { ears, way }) {
            self.gone(name).await;
        }
    }

    /// The way to somebody by all trunks in their turn.
    pub(super) fn way(&self, callee: Callee, local: Local) -> Way {
        Way { callee, local, left: self.trunks.in_turn().into() }
    }

    /// Calls by the next trunk by which a call can be begun, with the phase of then: whether there
    /// was one.
    pub(super) fn ring_by_next(
        &mut self,
        name: Name,
        mut way: Way,
        phase: impl FnOnce(Option<Way>) -> Phase,
    ) -> bool {
        while let Some(trunk) = way.left.pop_front() {
            let Some(call) = self.call_by(&trunk, &way) else { return false };
            let (leg, events) = match self.endpoint.call(call) {
                Ok(begun) => begun,
                Err(error) => {
                    let server = trunk.server;
                    warn!(?name, server, %error, "no call can be begun by a trunk");
                    continue;
                }
            };
            let Some(side) = self.sides.get_mut(&name) else { return false };
            side.leg = Some(leg);
            side.phase = phase(Some(way));
            self.listen(self.told_as(name), events);
            return true;
        }
        false
    }

    /// The call; nothing to a customer where there is no number of ours that they may see.
    fn call_by(&self, trunk: &Trunk, way: &Way) -> Option<Call> {
        let local = way.local.clone();
        match &way.callee {
            Callee::Permitted(permit) => {
                Some(outbound::call(trunk, self.caller_id.as_deref()?, permit, local))
            }
            Callee::Phone { phone, calling } => Some(remote::call(phone, trunk, calling, local)),
        }
    }

    /// The call ended before it rang, for want of the trunk: whether another one is tried.
    pub(super) fn goes_on_by_another(&mut self, name: Name, how: Ended) -> bool {
        if !trunks::is_away(how) {
            return false;
        }
        let is_called = match self.sides.get_mut(&name).map(|side| &mut side.phase) {
            Some(Phase::RingingOut { ears, way }) => {
                let ears = *ears;
                let Some(way) = way.take() else { return false };
                self.ring_by_next(name, way, |way| Phase::RingingOut { ears, way })
            }
            Some(Phase::RingingFar { is_confirmed, way }) => {
                let is_confirmed = *is_confirmed;
                let Some(way) = way.take() else { return false };
                self.ring_by_next(name, way, |way| Phase::RingingFar { is_confirmed, way })
            }
            _ => return false,
        };
        if is_called {
            info!(?name, "somebody is called by the next trunk");
        }
        is_called
    }

    /// Who is connected to somebody else hears no longer what becomes of a call that is made for
    /// them.
    pub(super) fn turn_away(&mut self, from: [Name; 2]) {
        for (name, side) in &mut self.sides {
            if let Phase::CallingOut { ears, .. } | Phase::RingingOut { ears, .. } = &mut side.phase
            {
                *ears = ears.filter(|ears| from.contains(name) || !from.contains(ears));
            }
        }
    }

    /// What an agent or a customer hears while whoever is called for them does not answer.
    pub(super) async fn let_them_hear(&mut self, name: Name, early: Option<Negotiated>) {
        // it has reached the network: no other trunk is tried from here on
        let ears = match self.sides.get_mut(&name).map(|side| &mut side.phase) {
            Some(Phase::RingingOut { ears, way }) => {
                *way = None;
                *ears
            }
            Some(Phase::RingingFar { way, .. }) => return *way = None,
            _ => return,
        };
        let Some(ears) = ears else { return };
        match early {
            Some(agreed) => {
                self.agreed(name, agreed).await;
                self.let_phone_hear(ears).await;
                self.connect(name, ears).await;
            }
            None if self.rings_at_phone(ears) => {}
            None => self.play(ears, vec![Sound::Samples(outbound::ringing_tone())], true).await,
        }
    }
}
