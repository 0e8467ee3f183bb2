//! An agent's phone is called: the one that is registered, or else the one behind a trunk.

use std::net::SocketAddr;

use caruso_contact::OfferId;
use caruso_routing::NotTaken;
use caruso_sip::sdp::Local;
use caruso_sip::{Call, Caller, Ended, Target};
use tracing::info;

use super::{Callee, HOPS, Legs, Name, Phase};

impl Legs {
    /// The ports for an agent's sound are there: the phone is called.
    pub(super) async fn call_with(&mut self, offer: OfferId, address: SocketAddr) {
        let name = Name::Agent(offer);
        let Some(side) = self.sides.get(&name) else { return };
        let Phase::Calling { extension, calling, beside } = &side.phase else { return };
        let (extension, calling) = (extension.clone(), calling.clone());
        let local = Local::new(address, self.codecs_beside(*beside));
        let is_here = self.registered.contains(&extension);
        let remote = self.remote_phones.get(&extension).filter(|_| !is_here).cloned();
        let is_called = match remote {
            Some(phone) => {
                let is_confirmed = phone.is_confirmed;
                let way = self.way(Callee::Phone { phone, calling }, local);
                self.ring_by_next(name, way, |way| Phase::RingingFar { is_confirmed, way })
            }
            None => self.ring_here(name, extension, calling, local),
        };
        if !is_called {
            self.gone(name).await;
        }
    }

    /// Calls the phone that is registered; whether there is one.
    fn ring_here(&mut self, name: Name, extension: String, calling: String, local: Local) -> bool {
        let call = Call {
            target: Target::Extension(extension),
            from: Caller { number: calling, name: None },
            local,
            headers: Vec::new(),
            max_forwards: HOPS,
            login: None,
        };
        let (leg, events) = match self.endpoint.call(call) {
            Ok(begun) => begun,
            Err(error) => {
                info!(?name, reason = %error, "a phone cannot be called");
                return false;
            }
        };
        let Some(side) = self.sides.get_mut(&name) else { return false };
        side.leg = Some(leg);
        side.phase = Phase::Ringing;
        self.listen(name, events);
        true
    }
}

/// Why a phone did not take a call, from its final status (RFC 3261 §21.4, §21.6).
pub(super) fn not_taken(how: Ended) -> NotTaken {
    match how {
        Ended::Rejected { code: 486 | 600 } => NotTaken::Busy,
        // who hangs up an answer has not confirmed it
        Ended::Rejected { code: 403 | 603 } | Ended::HungUp { .. } => NotTaken::Rejected,
        _ => NotTaken::Unreachable,
    }
}
