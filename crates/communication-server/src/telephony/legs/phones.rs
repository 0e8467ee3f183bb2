//! Agents' phones: which can be called, and the legs of those that call us.
//!
//! Until it is decided what such a call is, nothing is told to the phone. Then it hears what
//! whoever it calls would let any caller hear, is answered when they answer, and is refused with
//! the status that says why they did not.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media};
use caruso_routing::Permit;
use caruso_sip::sdp::Local;
use caruso_sip::{Binding, Ended, Failure, Incoming, Named, Registrations, Transport};
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use super::{CODECS, Legs, Name, Phase, Side};
use crate::telephony::message::Event;

/// A page that is loaded again, or a network that changes, takes its phone away for a moment, which
/// need not concern the agent.
const COMES_BACK: Duration = Duration::from_secs(8);
/// What a phone is told where nobody answers (RFC 3261 §21.4.18).
const NOBODY_ANSWERS: u16 = 480;
/// What a phone is told where its call has no way out (RFC 3261 §21.5.4).
pub(super) const NO_WAY: u16 = 503;

/// A page in which there is a phone. It keeps its name when it connects anew, and a page that is
/// loaded again has another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Page {
    extension: String,
    name: String,
}

impl Page {
    /// The page that is registered so; nothing where it is no browser.
    pub(super) fn of(registrations: &Registrations, binding: &Binding) -> Option<Self> {
        let name = Self::name(binding)?.to_owned();
        let is_there = |extension: &&str| registrations.bindings(extension).contains(binding);
        let extension = registrations.extensions().find(is_there)?.to_owned();
        Some(Self { extension, name })
    }

    /// The user part of its Contact, which it makes up when it begins.
    fn name(binding: &Binding) -> Option<&str> {
        let is_browser = binding.transport == Transport::Web;
        let uri = is_browser.then_some(binding.contact.as_str())?;
        Some(uri.split_once('@')?.0)
    }
}

impl Legs {
    /// Which phones can be called now.
    pub(in crate::telephony) fn registered(&mut self, now: &Registrations) {
        let in_browser = |extension: &&str| {
            now.bindings(extension).iter().any(|it| it.transport == Transport::Web)
        };
        self.ask_after_pages(now);
        let browsers = now.extensions().filter(in_browser).map(str::to_owned).collect();
        let now: BTreeSet<String> = now.extensions().map(str::to_owned).collect();
        for extension in now.difference(&self.registered).cloned() {
            let before = self.awaited.len();
            self.awaited.retain(|(_, awaited)| *awaited != extension);
            if self.awaited.len() == before {
                self.news.push_back(Event::PhoneRegistered { extension });
            }
        }
        for extension in self.registered.difference(&now).cloned() {
            if self.browsers.contains(&extension) {
                self.awaited.push_back((Instant::now() + COMES_BACK, extension));
            } else {
                self.news.push_back(Event::PhoneUnregistered { extension });
            }
        }
        self.browsers = browsers;
        self.registered = now;
    }

    /// Where a page has taken the place of one in a call, it was loaded again, and the call is
    /// dead: asking shows that at once.
    fn ask_after_pages(&self, now: &Registrations) {
        let replaced = |page: &Page| {
            let pages = now.bindings(&page.extension).iter().filter_map(Page::name);
            let mut pages = pages.peekable();
            pages.peek().is_some() && pages.all(|name| name != page.name)
        };
        for side in self.sides.values().filter(|it| matches!(it.phase, Phase::Up)) {
            if let Side { leg: Some(leg), page: Some(page), .. } = side
                && replaced(page)
            {
                // one that has ended tells so itself
                let _ = leg.probe();
            }
        }
    }

    /// When the next phone in a browser counts as gone.
    pub(super) fn is_missed_at(&self) -> Option<Instant> {
        self.awaited.front().map(|(until, _)| *until)
    }

    /// Phones in browsers that have not come back are gone.
    pub(super) fn tell_missed(&mut self) {
        let now = Instant::now();
        while let Some((_, extension)) = self.awaited.pop_front_if(|(until, _)| *until <= now) {
            self.news.push_back(Event::PhoneUnregistered { extension });
        }
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
        let phase = Phase::Calling { extension, calling, beside: None, left: None };
        self.insert(Name::Agent(colleague), None, phase);
        self.open_for(Name::Agent(colleague)).await;
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
