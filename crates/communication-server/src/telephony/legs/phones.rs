//! Agents' phones: which can be called, and the legs of those that call us.
//!
//! Until it is decided what such a call is, nothing is told to the phone. Then it hears what
//! whoever it calls would let any caller hear, is answered when they answer, and is refused with
//! the status that says why they did not.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media};
use caruso_routing::Permit;
use caruso_sip::sdp::Local;
use caruso_sip::{Ended, Failure, Incoming, Named, Registrations};
use tracing::info;
use uuid::Uuid;

use super::{CODECS, Legs, Name, Phase, Side};
use crate::telephony::message::Event;

/// What a phone is told where nobody answers (RFC 3261 §21.4.18).
const NOBODY_ANSWERS: u16 = 480;
/// What a phone is told where its call has no way out (RFC 3261 §21.5.4).
pub(super) const NO_WAY: u16 = 503;

impl Legs {
    /// Which phones can be called now.
    pub(in crate::telephony) fn registered(&mut self, now: &Registrations) {
        let now: BTreeSet<String> = now.extensions().map(str::to_owned).collect();
        for extension in now.difference(&self.registered).cloned() {
            self.news.push_back(Event::PhoneRegistered { extension });
        }
        for extension in self.registered.difference(&now).cloned() {
            self.news.push_back(Event::PhoneUnregistered { extension });
        }
        self.registered = now;
    }

    /// A phone calls: others decide what that is.
    pub(super) fn phone_calls(&mut self, extension: String, call: Incoming) {
        let (offer, contact) = (OfferId(Uuid::now_v7()), ContactId(Uuid::now_v7()));
        let called = call.invitation.called_number.clone();
        self.undecided.insert(offer, call);
        self.news.push_back(Event::PhoneCalls { offer, contact, extension, called });
    }

    /// The call is to a number of ours: the agent is a caller like others.
    pub(super) fn take_as_caller(&mut self, offer: OfferId, contact: ContactId) {
        let Some(Incoming { leg, events, .. }) = self.undecided.remove(&offer) else { return };
        // one that has ended tells so itself
        let _ = leg.ring();
        self.insert(Name::Caller(contact), Some(leg), Phase::Arrived);
        self.listen(Name::Caller(contact), events);
    }

    pub(super) async fn call_for_phone(
        &mut self,
        contact: ContactId,
        offer: OfferId,
        permit: Permit,
    ) {
        self.let_phone_wait(offer).await;
        self.insert(Name::Caller(contact), None, Phase::Permitted(permit));
        self.call_customer(contact, offer).await;
    }

    pub(super) async fn call_colleague(
        &mut self,
        offer: OfferId,
        colleague: OfferId,
        extension: String,
        calling: String,
    ) {
        self.let_phone_wait(offer).await;
        self.rings_at_phone(Name::Agent(offer));
        let phase = Phase::Calling { extension, calling, beside: None };
        let leg = self.insert(Name::Agent(colleague), None, phase);
        self.sound(media::Command::Allocate { leg }).await;
    }

    /// A phone's call is over before anybody was called for it.
    pub(super) fn forget_undecided(&mut self, name: Name) {
        let Name::Agent(offer) = name else { return };
        if let Some(call) = self.undecided.remove(&offer) {
            let _ = call.leg.reject(NOBODY_ANSWERS, None);
        }
    }

    /// The phone waits for whoever is called.
    async fn let_phone_wait(&mut self, offer: OfferId) {
        let Some(Incoming { leg, events, .. }) = self.undecided.remove(&offer) else { return };
        let phase = Phase::Dialling { address: None, refusal: NOBODY_ANSWERS };
        let media = self.insert(Name::Agent(offer), Some(leg), phase);
        self.listen(Name::Agent(offer), events);
        self.sound(media::Command::Allocate { leg: media }).await;
    }

    /// Refuses a phone's call that is not answered, with words that phones may show.
    pub(super) async fn refuse_phone(&mut self, offer: OfferId, code: u16, words: String) {
        let leg = match self.undecided.remove(&offer) {
            Some(call) => Some(call.leg),
            None => self.remove(Name::Agent(offer)).await.and_then(|side| side.leg),
        };
        if let Some(leg) = leg {
            let _ = leg.reject(code, Some(&words));
        }
    }

    /// The ports for the sound of a phone that calls are there.
    pub(super) fn phone_sounds(&mut self, offer: OfferId, at: SocketAddr) {
        if let Some(Side { phase: Phase::Dialling { address, .. }, .. }) =
            self.sides.get_mut(&Name::Agent(offer))
        {
            *address = Some(at);
        }
    }

    /// It rings where a phone calls; whether it is one that calls us.
    pub(super) fn rings_at_phone(&self, name: Name) -> bool {
        let Some(Side { leg: Some(leg), phase: Phase::Dialling { .. }, .. }) =
            self.sides.get(&name)
        else {
            return false;
        };
        let _ = leg.ring();
        true
    }

    /// There is sound before the answer for a phone that calls us.
    pub(super) async fn let_phone_hear(&mut self, name: Name) {
        let Some(Side {
            leg: Some(leg),
            phase: Phase::Dialling { address: Some(address), .. },
            ..
        }) = self.sides.get(&name)
        else {
            return;
        };
        match leg.progress(&Local::new(*address, &CODECS)) {
            Ok(Some(agreed)) => self.agreed(name, agreed).await,
            // it hears nothing before the answer
            Ok(None) => _ = leg.ring(),
            Err(error) => info!(reason = %error, "a phone cannot hear the network"),
        }
    }

    /// Answers a phone that calls us; nothing where it does not.
    pub(super) async fn answer_phone(&mut self, name: Name) {
        let Some(side) = self.sides.get_mut(&name) else { return };
        let Phase::Dialling { address, .. } = side.phase else { return };
        let (Some(leg), Some(address)) = (&side.leg, address) else { return };
        match leg.answer(&Local::new(address, &CODECS)) {
            Ok(agreed) => {
                side.phase = Phase::Up;
                if let Some(agreed) = agreed {
                    self.agreed(name, agreed).await;
                }
            }
            // one that has ended tells so itself, and any other is to end
            Err(error) => {
                info!(reason = %error, "a phone's call cannot be answered");
                let _ = leg.reject(488, None);
            }
        }
    }

    /// Tells a phone what became of its wish to pass somebody on.
    pub(super) fn answer_referral(&self, name: Name, code: u16) {
        let side = self.sides.get(&name);
        if let Some(leg) = side.and_then(|side| side.leg.as_ref()) {
            let _ = leg.answer_referral(code);
        }
    }

    /// A phone joins two of its calls; no phone joins those of another.
    pub(super) fn joins(&mut self, name: Name, named: &Named) {
        let is_it = |(it, side): &(&Name, &Side)| {
            **it != name && side.leg.as_ref().is_some_and(|leg| leg.is_named(named))
        };
        let other = self.sides.iter().find(is_it).map(|(name, _)| *name);
        match (name, other) {
            (Name::Agent(offer), Some(Name::Agent(other))) => {
                self.news.push_back(Event::AgentJoins { offer, other });
            }
            _ => self.answer_referral(name, 481),
        }
    }

    /// Whom a phone called is not reached: what it is told when its call ends.
    pub(super) fn note_refusal(&mut self, phase: &Phase, code: u16) {
        let (Phase::RingingOut { ears: Some(ears), .. }
        | Phase::CallingOut { ears: Some(ears), .. }) = phase
        else {
            return;
        };
        if let Some(Side { phase: Phase::Dialling { refusal, .. }, .. }) = self.sides.get_mut(ears)
        {
            *refusal = code;
        }
    }
}

/// What a phone is told of a call that ended so: the network's own word, where it means the same to
/// a phone of ours.
pub(super) fn refusal(how: Ended) -> u16 {
    match how {
        // those are between us and the trunk
        Ended::Rejected { code: 401 | 403 | 407 | 500..=599 } => NO_WAY,
        Ended::Rejected { code: code @ 404..=699 } => code,
        Ended::Failed(Failure::Unreachable | Failure::Closed) => NO_WAY,
        _ => NOBODY_ANSWERS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_is_told_what_the_network_says_and_nothing_of_our_own_affairs() {
        for (code, expected) in
            [(486, 486), (404, 404), (603, 603), (407, 503), (403, 503), (502, 503), (302, 480)]
        {
            assert_eq!(refusal(Ended::Rejected { code }), expected, "{code}");
        }
        assert_eq!(refusal(Ended::Failed(Failure::Unreachable)), 503);
        assert_eq!(refusal(Ended::Cancelled), 480);
    }
}
