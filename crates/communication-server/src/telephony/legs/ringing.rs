//! An agent's phone is called: those that are registered, one after the other, or else the one
//! behind a trunk.

use std::collections::VecDeque;
use std::net::SocketAddr;

use caruso_contact::OfferId;
use caruso_media as media;
use caruso_routing::NotTaken;
use caruso_sip::sdp::Local;
use caruso_sip::{Binding, Call, Caller, Ended, Failure, Target, Transport};
use tracing::{info, warn};

use super::codecs::sounding;
use super::phones::Page;
use super::{Callee, HOPS, Legs, Name, Phase, Side};

impl Legs {
    /// Has ports opened for an agent who is to be called: such as browsers need, where the next
    /// phone is one.
    pub(super) async fn open_for(&mut self, name: Name) {
        let Some(side) = self.sides.get(&name) else { return };
        let Phase::Calling { extension, beside, left, .. } = &side.phase else { return };
        let next = match left {
            Some(left) => left.front().map(|it| it.transport),
            None => self.phones_at(extension).front().map(|it| it.transport),
        };
        let leg = side.media;
        let command = if next == Some(Transport::Web) {
            let codecs = self.codecs_beside(*beside).iter().map(|it| sounding(*it)).collect();
            media::Command::AllocateSecured { leg, codecs }
        } else {
            media::Command::Allocate { leg }
        };
        self.sound(command).await;
    }

    /// The ports for an agent's sound are there: the phone is called.
    pub(super) async fn call_with(&mut self, offer: OfferId, address: SocketAddr) {
        let name = Name::Agent(offer);
        let Some(Side { phase: Phase::Calling { beside, .. }, .. }) = self.sides.get(&name) else {
            return;
        };
        let local = Local::new(address, self.codecs_beside(*beside));
        self.call_agent(name, local).await;
    }

    /// The same where the phone is a browser, with the description that it is offered.
    pub(super) async fn call_browser(&mut self, leg: media::LegId, offer: String) {
        let Some(name) = self.by_media.get(&leg).copied() else { return };
        match Local::secured(offer) {
            Ok(local) => self.call_agent(name, local).await,
            Err(error) => {
                warn!(%error, "what a browser is to be offered is not readable");
                self.gone(name).await;
            }
        }
    }

    async fn call_agent(&mut self, name: Name, local: Local) {
        let Some(side) = self.sides.get_mut(&name) else { return };
        let Phase::Calling { extension, calling, beside, left } = &mut side.phase else { return };
        let (extension, calling, beside) = (extension.clone(), calling.clone(), *beside);
        let left = left.take();
        let is_here = left.is_some() || self.registered.contains(&extension);
        let remote = self.remote_phones.get(&extension).filter(|_| !is_here).cloned();
        let is_called = match remote {
            Some(phone) => {
                let is_confirmed = phone.is_confirmed;
                let way = self.way(Callee::Phone { phone, calling }, local);
                self.ring_by_next(name, way, |way| Phase::RingingFar { is_confirmed, way })
            }
            None => {
                let left = left.unwrap_or_else(|| self.phones_at(&extension));
                self.ring_at_next(name, (calling, beside), local, left).await
            }
        };
        if !is_called {
            self.gone(name).await;
        }
    }

    /// The phones that are registered at an extension, the newest first.
    fn phones_at(&self, extension: &str) -> VecDeque<Binding> {
        let registrations = self.endpoint.registrations();
        let registered = registrations.borrow();
        registered.bindings(extension).iter().rev().cloned().collect()
    }

    /// Calls the phones that are left until one can be; whether there was one. Where the next needs
    /// ports of the other kind, it is called when they are there.
    async fn ring_at_next(
        &mut self,
        name: Name,
        (calling, beside): (String, Option<Name>),
        local: Local,
        mut left: VecDeque<Binding>,
    ) -> bool {
        while let Some(binding) = left.pop_front() {
            if (binding.transport == Transport::Web) != local.is_secured() {
                left.push_front(binding);
                let extension = String::new();
                let phase = Phase::Calling { extension, calling, beside, left: Some(left) };
                return self.open_anew(name, phase).await;
            }
            let page = Page::of(&self.endpoint.registrations().borrow(), &binding);
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
            (side.leg, side.page) = (Some(leg), page);
            side.phase = Phase::Ringing { calling, local, left, beside };
            self.listen(self.told_as(name), events);
            return true;
        }
        false
    }

    /// Exchanges the ports of a leg for those that the next phone needs.
    async fn open_anew(&mut self, name: Name, phase: Phase) -> bool {
        let leg = media::LegId(self.number());
        let Some(side) = self.sides.get_mut(&name) else { return false };
        let before = std::mem::replace(&mut side.media, leg);
        (side.leg, side.phase) = (None, phase);
        self.by_media.remove(&before);
        self.by_media.insert(leg, name);
        self.sound(media::Command::Release { leg: before }).await;
        self.open_for(name).await;
        true
    }

    /// A phone failed before anybody answered, though nobody declined: whether another one that is
    /// registered at the extension is called.
    pub(super) async fn goes_on_at_another(&mut self, name: Name, how: Ended) -> bool {
        let Some(Side { phase: Phase::Ringing { calling, local, left, beside }, .. }) =
            self.sides.get_mut(&name)
        else {
            return false;
        };
        if !has_failed(how) {
            return false;
        }
        let (calling, local, beside) = (calling.clone(), local.clone(), *beside);
        let left = std::mem::take(left);
        let is_called = self.ring_at_next(name, (calling, beside), local, left).await;
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
