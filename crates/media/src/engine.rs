//! All legs of a node and what goes between them. No sockets, no clock: commands, packets and
//! time come in, packets leave through [`Wire`], events are collected.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::leg::{Leg, Seed, Wire};
use crate::mix::{self, MixId, Part};
use crate::play::Playing;
use crate::prompts::Prompt;
use crate::tap::{Frame, Tap};
use crate::{Audience, Command, Event, LegId, PlayId, Prompts, Refusal, Sound, Statistics};

/// The limits that the engine keeps; see [`crate::Options`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) legs: usize,
    pub(crate) prompts_per_play: usize,
    pub(crate) silence: Duration,
}

/// The state of a node.
#[derive(Debug)]
pub(crate) struct Engine<W> {
    legs: HashMap<LegId, Leg<W>>,
    prompts: Prompts,
    limits: Limits,
    last_mix: u64,
    /// What happened and was not yet told.
    pub(crate) events: Vec<Event>,
}

impl<W: Wire> Engine<W> {
    pub(crate) fn new(limits: Limits, prompts: Prompts) -> Self {
        Self { legs: HashMap::new(), prompts, limits, last_mix: 0, events: Vec::new() }
    }

    /// How many legs are open.
    pub(crate) fn len(&self) -> usize {
        self.legs.len()
    }

    pub(crate) fn ids(&self) -> Vec<LegId> {
        self.legs.keys().copied().collect()
    }

    /// What later plays find. What plays now goes on.
    pub(crate) fn replace_prompts(&mut self, prompts: Prompts) {
        self.prompts = prompts;
    }

    /// Whether a leg of this id can be opened.
    pub(crate) fn admit(&self, leg: LegId) -> Result<(), Refusal> {
        let limit = self.limits.legs;
        match self.legs.len() {
            _ if self.legs.contains_key(&leg) => Err(Refusal::LegExists),
            open if open >= limit => Err(Refusal::LegLimit { limit }),
            _ => Ok(()),
        }
    }

    /// Opens an admitted leg on its sockets.
    pub(crate) fn open(&mut self, leg: LegId, wire: W, seed: Seed, now: Duration) {
        self.legs.insert(leg, Leg::new(leg, wire, seed, now));
    }

    /// Closes a leg; its sockets and counts.
    pub(crate) fn close(&mut self, leg: LegId, now: Duration) -> Option<(W, Statistics)> {
        self.part(leg);
        Some(self.legs.remove(&leg)?.close(now))
    }

    /// A tap into a leg, in place of an earlier one.
    pub(crate) fn tap(&mut self, leg: LegId) -> Result<Tap, Refusal> {
        let (tap, end) = Tap::new();
        self.leg(leg)?.tap = Some(end);
        Ok(tap)
    }

    /// Carries out a command that needs no sockets: not those that open, secure and close legs.
    pub(crate) fn command(&mut self, command: Command, now: Duration) {
        let (leg, result) = match command {
            Command::Allocate { leg }
            | Command::AllocateSecured { leg, .. }
            | Command::Secure { leg, .. }
            | Command::Release { leg } => (leg, Ok(())),
            Command::Remote { leg, remote } => {
                (leg, self.leg(leg).map(|found| found.agree(remote, now)))
            }
            Command::Play { leg, play, sounds, repeats } => {
                (leg, self.play(leg, play, sounds, repeats))
            }
            Command::Stop { leg } => (leg, self.leg(leg).map(|found| found.play = None)),
            Command::Connect { a, b } => {
                let at_fault = if self.legs.contains_key(&a) { b } else { a };
                (at_fault, self.connect(a, b))
            }
            Command::Mix { legs, third } => {
                let missing = legs.iter().find(|leg| !self.legs.contains_key(*leg));
                (*missing.unwrap_or(&legs[0]), self.mix(legs, third))
            }
            Command::Disconnect { a } => (a, self.leg(a).map(|_| ()).map(|()| self.part(a))),
            Command::SendKey { leg, key } => (leg, self.leg(leg).and_then(|l| l.press(key))),
        };
        if let Err(why) = result {
            self.events.push(Event::Refused { leg, why });
        }
    }

    fn leg(&mut self, leg: LegId) -> Result<&mut Leg<W>, Refusal> {
        self.legs.get_mut(&leg).ok_or(Refusal::UnknownLeg)
    }

    fn play(
        &mut self,
        leg: LegId,
        play: PlayId,
        sounds: Vec<Sound>,
        repeats: bool,
    ) -> Result<(), Refusal> {
        let limit = self.limits.prompts_per_play;
        if sounds.len() > limit {
            return Err(Refusal::PromptLimit { limit });
        }
        let is_heard = |sound: &Sound| !matches!(sound, Sound::Samples(none) if none.is_empty());
        let find = |sound| match sound {
            Sound::Samples(samples) => Ok(Arc::new(Prompt::new(samples))),
            Sound::Prompt(id) => {
                self.prompts.find(&id).ok_or(Refusal::UnknownPrompt { prompt: id })
            }
        };
        let heard = sounds.into_iter().filter(is_heard);
        let found = heard.map(find).collect::<Result<Vec<_>, _>>()?;
        let leg_found = self.leg(leg)?;
        if found.is_empty() {
            leg_found.play = None;
            self.events.push(Event::Played { leg, play });
        } else {
            leg_found.play = Some(Playing::new(play, found, repeats));
        }
        Ok(())
    }

    fn connect(&mut self, a: LegId, b: LegId) -> Result<(), Refusal> {
        if a == b {
            return Err(Refusal::SameLeg);
        }
        if !self.legs.contains_key(&a) || !self.legs.contains_key(&b) {
            return Err(Refusal::UnknownLeg);
        }
        self.part(a);
        self.part(b);
        for (leg, peer) in [(a, b), (b, a)] {
            // music that went on would hide the peer
            let found = self.leg(leg)?;
            (found.peer, found.play) = (Some(peer), None);
        }
        Ok(())
    }

    fn mix(&mut self, legs: [LegId; 3], third: Audience) -> Result<(), Refusal> {
        let [a, b, c] = legs;
        if a == b || b == c || a == c {
            return Err(Refusal::SameLeg);
        }
        if !legs.iter().all(|leg| self.legs.contains_key(leg)) {
            return Err(Refusal::UnknownLeg);
        }
        self.last_mix += 1;
        let mix = MixId(self.last_mix);
        for leg in legs {
            self.part(leg);
            let found = self.leg(leg)?;
            let mut part = Part::new(mix);
            let is_deaf = match third {
                Audience::Both => false,
                Audience::First => leg == b,
                Audience::Nobody => leg != c,
            };
            part.deaf_to = is_deaf.then_some(c);
            (found.part, found.play) = (Some(part), None);
        }
        Ok(())
    }

    /// What everybody in a mix hears of the others in the next 20 ms.
    fn sum_up(&mut self) {
        let parts = self.legs.iter_mut();
        let parts = parts.filter_map(|(id, leg)| Some((*id, leg.part.as_mut()?)));
        let said: Vec<(LegId, MixId, Frame)> =
            parts.filter_map(|(id, part)| Some((id, part.mix, part.take()?))).collect();
        let parts = self.legs.iter_mut();
        for (id, part) in parts.filter_map(|(id, leg)| Some((*id, leg.part.as_mut()?))) {
            let is_heard = |who| who != id && part.deaf_to != Some(who);
            let others = said.iter().filter(|(who, mix, _)| is_heard(*who) && *mix == part.mix);
            part.heard = mix::sum(others.map(|(.., frame)| frame));
        }
    }

    fn part(&mut self, leg: LegId) {
        if let Some(found) = self.legs.get_mut(&leg) {
            found.part = None;
        }
        let peer = self.legs.get_mut(&leg).and_then(|leg| leg.peer.take());
        if let Some(peer) = peer.and_then(|peer| self.legs.get_mut(&peer)) {
            peer.peer = None;
        }
    }

    /// A datagram on a leg's RTP port. It is rewritten in place when it goes on to a peer.
    pub(crate) fn receive(
        &mut self,
        leg: LegId,
        from: SocketAddr,
        datagram: &mut [u8],
        now: Duration,
    ) {
        let Some(found) = self.legs.get_mut(&leg) else { return };
        if let Some(passing) = found.receive(from, datagram, now, &mut self.events)
            && let Some(peer) = self.legs.get_mut(&passing.to)
        {
            peer.forward(passing, datagram, now);
        }
    }

    /// A datagram on a leg's RTCP port.
    pub(crate) fn receive_control(
        &mut self,
        leg: LegId,
        from: SocketAddr,
        datagram: &[u8],
        now: Duration,
    ) {
        if let Some(found) = self.legs.get_mut(&leg) {
            found.receive_control(from, datagram, now);
        }
    }

    /// Everything that is due; called every 20 ms while there are legs.
    pub(crate) fn tick(&mut self, now: Duration) {
        self.sum_up();
        for leg in self.legs.values_mut() {
            leg.tick(now, self.limits.silence, &mut self.events);
        }
    }
}

#[cfg(test)]
mod tests;
