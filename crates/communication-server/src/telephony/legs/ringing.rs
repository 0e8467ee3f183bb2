//! An agent's phone is called: the one that is registered, or else the one behind a trunk.

use std::net::SocketAddr;

use caruso_contact::OfferId;
use caruso_routing::NotTaken;
use caruso_sip::sdp::Local;
use caruso_sip::{Call, Caller, Ended, Error, Target};
use tracing::info;

use super::{CODECS, HOPS, Legs, Name, Phase, remote};

impl Legs {
    /// The ports for an agent's sound are there: the phone is called.
    pub(super) async fn call_with(&mut self, offer: OfferId, address: SocketAddr) {
        let name = Name::Agent(offer);
        let Some(side) = self.sides.get_mut(&name) else { return };
        let Phase::Calling { extension, calling } = &side.phase else { return };
        let local = Local::new(address, &CODECS);
        let registered = || Call {
            target: Target::Extension(extension.clone()),
            from: Caller { number: calling.clone(), name: None },
            local: local.clone(),
            headers: Vec::new(),
            max_forwards: HOPS,
            login: None,
        };
        let is_here = self.registered.contains(extension);
        let remote = self.remote_phones.get(extension).filter(|_| !is_here);
        let call = match remote {
            Some(phone) => remote::call(phone, &self.trunks, calling, local.clone()),
            None => Some(registered()),
        };
        let is_confirmed = remote.is_some_and(|phone| phone.is_confirmed);
        let call = call.ok_or(Error::NotRegistered);
        match call.and_then(|call| self.endpoint.call(call)) {
            Ok((leg, events)) => {
                side.leg = Some(leg);
                side.phase = if is_confirmed { Phase::RingingFar } else { Phase::Ringing };
                self.listen(self.told_as(name), events);
            }
            Err(error) => {
                info!(offer.id = %offer, reason = %error, "a phone cannot be called");
                self.gone(name).await;
            }
        }
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
