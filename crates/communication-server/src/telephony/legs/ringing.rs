//! An agent's phone is called: those that are registered, one after the other, or else the one
//! behind a trunk.

use std::collections::VecDeque;
use std::net::SocketAddr;

use caruso_contact::OfferId;
use caruso_routing::NotTaken;
use caruso_sip::sdp::Local;
use caruso_sip::{Binding, Call, Caller, Ended, Failure, Target};
use tracing::info;

use super::{Callee, HOPS, Legs, Name, Phase, Side};

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
            None => self.ring_here(name, &extension, calling, local),
        };
        if !is_called {
            self.gone(name).await;
        }
    }

    /// Calls the phones that are registered, the newest first, until one can be; whether there was.
    fn ring_here(&mut self, name: Name, extension: &str, calling: String, local: Local) -> bool {
        let registrations = self.endpoint.registrations();
        let left = registrations.borrow().bindings(extension).iter().rev().cloned().collect();
        self.ring_at_next(name, calling, local, left)
    }

    fn ring_at_next(
        &mut self,
        name: Name,
        calling: String,
        local: Local,
        mut left: VecDeque<Binding>,
    ) -> bool {
        while let Some(binding) = left.pop_front() {
            let call = Call {
                target: Target::Phone(Box::new(binding)),
                from: Caller { number: calling.clone(), name: None },
                local: local.clone(),
                headers: Vec::new(),
                max_forwards: HOPS,
                login: None,
            };
            let (leg, events) = match self.endpoint.call(call) {
                Ok(begun) => begun,
                Err(error) => {
                    info!(?name, reason = %error, "a phone cannot be called");
                    continue;
                }
            };
            let Some(side) = self.sides.get_mut(&name) else { return false };
            side.leg = Some(leg);
            side.phase = Phase::Ringing { calling, local, left };
            self.listen(self.told_as(name), events);
            return true;
        }
        false
    }

    /// A phone failed before anybody answered, though nobody declined: whether another one that is
    /// registered at the extension is called.
    pub(super) fn goes_on_at_another(&mut self, name: Name, how: Ended) -> bool {
        let Some(Side { phase: Phase::Ringing { calling, local, left }, .. }) =
            self.sides.get_mut(&name)
        else {
            return false;
        };
        if !has_failed(how) {
            return false;
        }
        let (calling, local) = (calling.clone(), local.clone());
        let left = std::mem::take(left);
        let is_called = self.ring_at_next(name, calling, local, left);
        if is_called {
            info!(?name, ?how, "an agent's other phone is called, since one failed");
        }
        is_called
    }
}

/// Whether it was the phone that failed, and not somebody there who declined.
fn has_failed(how: Ended) -> bool {
    match how {
        Ended::Failed(failure) => failure != Failure::Closed,
        Ended::Rejected { code } => {
            matches!(code, 404 | 408 | 410 | 480 | 481 | 488 | 500..=599)
        }
        Ended::Cancelled | Ended::HungUp { .. } => false,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_that_fails_is_followed_by_another_and_who_declines_is_not_asked_elsewhere() {
        for (code, expected) in
            [(503, true), (480, true), (404, true), (486, false), (603, false), (403, false)]
        {
            assert_eq!(has_failed(Ended::Rejected { code }), expected, "{code}");
        }
        assert!(has_failed(Ended::Failed(Failure::Unreachable)));
        assert!(!has_failed(Ended::Failed(Failure::Closed)) && !has_failed(Ended::Cancelled));
    }
}
