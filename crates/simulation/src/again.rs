//! A recorded log decided again: under the configuration that it was made under, every decision
//! must be the same, byte for byte.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use caruso_contact::{AgentEvent, ContactEvent, Event, OfferId};
use caruso_routing::{Configuration, Input, Refusal, Router};
use serde_json::Value;
use uuid::Uuid;

use crate::cause::{Cause, MOST_IN_DECISION, Scene};
use crate::recording::{Recorded, Recording};

/// A log that was decided again without a difference.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Same {
    /// Events.
    pub events: usize,
    /// Decisions, each of which made some of them.
    pub decisions: usize,
    /// How many of the events are offers.
    pub offers: usize,
}

/// The first place at which another decision comes out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Difference {
    /// Position of the event in the log.
    pub position: u64,
    /// Its line in the file.
    pub line: usize,
    /// The event as it was recorded; nothing where the decision had ended there.
    pub recorded: Option<Value>,
    /// What comes instead.
    pub decided: Decided,
}

/// What came out instead of what was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decided {
    /// Another event.
    Event(Value),
    /// Nothing more.
    Nothing,
    /// What must have been asked for is refused.
    Refused(Refusal),
    /// Nothing from outside leads to the event.
    Uncaused,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { position, line, recorded, decided } = self;
        writeln!(f, "line {line}, event {position}: another decision")?;
        match recorded {
            Some(event) => writeln!(f, "  recorded  {event}")?,
            None => writeln!(f, "  recorded  nothing more")?,
        }
        match decided {
            Decided::Event(event) => write!(f, "  now       {event}"),
            Decided::Nothing => write!(f, "  now       nothing more"),
            Decided::Refused(why) => write!(f, "  now       refused: {why}"),
            Decided::Uncaused => write!(f, "  now       nothing from outside leads to this"),
        }
    }
}

/// Decides all of a log again.
///
/// # Errors
/// The first difference.
pub fn decide_again(
    configuration: Arc<Configuration>,
    recording: &Recording,
) -> Result<Same, Box<Difference>> {
    let router = Router::new(configuration, recording.state.clone());
    let mut again = Again { router, offers: Offers::default(), last_id: FIRST_ID };
    let mut same = Same::default();
    while let Some(first) = recording.events.get(same.events) {
        let rest = &recording.events[same.events..];
        let made = again.decide(first, rest).map_err(|(offset, difference)| {
            let place = same.events + offset;
            Box::new(difference.at(place, recording.events.get(place)))
        })?;
        same.offers += rest[..made].iter().filter(|it| offered(&it.event).is_some()).count();
        same.events += made;
        same.decisions += 1;
    }
    Ok(same)
}

/// Ids of the second time, apart from all that were given the first time (UUIDv7).
const FIRST_ID: u128 = 0xca1a_0000_0000_0000_0000_0000_0000_0000;

struct Again {
    router: Router,
    offers: Offers,
    last_id: u128,
}

/// A difference before it has its place.
struct Unplaced {
    decided: Decided,
    is_surplus: bool,
}

impl Unplaced {
    fn at(self, place: usize, recorded: Option<&Recorded>) -> Difference {
        Difference {
            position: recorded.map_or(place as u64 + 1, |it| it.position),
            // the header is the first line
            line: place + 2,
            recorded: recorded.filter(|_| !self.is_surplus).map(|it| it.event.stripped()),
            decided: self.decided,
        }
    }
}

impl Again {
    /// Makes the decision that begins with an event; how many events it has, or at which of them
    /// it differs.
    fn decide(&mut self, first: &Recorded, rest: &[Recorded]) -> Result<usize, (usize, Unplaced)> {
        let causes = self.causes(first, rest);
        let mut nearest = (0, Unplaced { decided: Decided::Uncaused, is_surplus: false });
        let last = causes.len().saturating_sub(1);
        for (number, cause) in causes.into_iter().enumerate() {
            let before = (number < last).then(|| (self.router.clone(), self.offers.clone()));
            match self.follow(cause, rest) {
                Ok(made) => return Ok(made),
                Err(difference) => {
                    if number == 0 || difference.0 > nearest.0 {
                        nearest = difference;
                    }
                    if let Some(before) = before {
                        (self.router, self.offers) = before;
                    }
                }
            }
        }
        Err(nearest)
    }

    fn causes(&self, first: &Recorded, rest: &[Recorded]) -> Vec<Cause> {
        let own = |offer: OfferId| self.offers.own(offer);
        let same = rest.iter().take(MOST_IN_DECISION).take_while(|it| it.at == first.at).count();
        let scene = Scene {
            configuration: self.router.configuration(),
            domain: self.router.domain(),
            rest: &rest[1..same],
            own: &own,
        };
        scene.causes(&first.event)
    }

    /// Decides, and compares with what was recorded.
    fn follow(&mut self, cause: Cause, rest: &[Recorded]) -> Result<usize, (usize, Unplaced)> {
        let (now, last_id) = (rest[0].at, &mut self.last_id);
        let mut ids = || {
            *last_id += 1;
            Uuid::from_u128(*last_id)
        };
        let mut stands = 0;
        let decision = match cause {
            Cause::Input(input) => self.router.handle(*input, now, &mut ids),
            Cause::Restart => Ok(self.router.recover(&Default::default(), now, &mut ids)),
            Cause::Told(events) => {
                stands = events.min(rest.len());
                rest[..stands].iter().for_each(|it| self.router.apply(it.at, &it.event));
                self.router.handle(Input::Tick, now, &mut ids)
            }
        };
        let unplaced = |decided, is_surplus| Unplaced { decided, is_surplus };
        let decision =
            decision.map_err(|refusal| (0, unplaced(Decided::Refused(refusal), false)))?;
        let made = stands + decision.events.len();
        if made == 0 {
            return Err((0, unplaced(Decided::Nothing, false)));
        }
        for (number, (_, event)) in decision.events.into_iter().enumerate() {
            let offset = stands + number;
            let recorded = rest.get(offset).filter(|it| it.at == now);
            let Some(recorded) = recorded else {
                let event = self.offers.recorded(event.stripped());
                return Err((offset, unplaced(Decided::Event(event), true)));
            };
            let event = self.offers.told(&recorded.event, event);
            if event != recorded.event.stripped() {
                return Err((offset, unplaced(Decided::Event(event), false)));
            }
        }
        Ok(made)
    }
}

/// Offers have other ids the second time.
#[derive(Clone, Debug, Default)]
struct Offers {
    own: HashMap<OfferId, OfferId>,
    recorded: HashMap<String, String>,
}

impl Offers {
    fn own(&self, recorded: OfferId) -> OfferId {
        self.own.get(&recorded).copied().unwrap_or(recorded)
    }

    /// The JSON of an event of the second time in the ids of the first, after the two offers that
    /// it and the recorded event may make were held to be the same.
    fn told(&mut self, recorded: &Event, again: Event) -> Value {
        if let (Some(first), Some(second)) = (offered(recorded), offered(&again)) {
            self.own.insert(first, second);
            self.recorded.insert(second.to_string(), first.to_string());
        }
        let again = match (recorded, again) {
            // logs of before teams were told
            (
                Event::Agent { event: AgentEvent::SignedIn { teams: told, .. }, .. },
                Event::Agent { agent, event: AgentEvent::SignedIn { queues, .. } },
            ) if told.is_empty() => {
                let event = AgentEvent::SignedIn { queues, teams: Default::default() };
                Event::Agent { agent, event }
            }
            (_, again) => again,
        };
        self.recorded(again.stripped())
    }

    fn recorded(&self, mut again: Value) -> Value {
        self.rename(&mut again);
        again
    }

    fn rename(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(recorded) = self.recorded.get(text) {
                    recorded.clone_into(text);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|it| self.rename(it)),
            Value::Object(fields) => fields.values_mut().for_each(|it| self.rename(it)),
            _ => {}
        }
    }
}

fn offered(event: &Event) -> Option<OfferId> {
    match event {
        Event::Contact {
            event:
                ContactEvent::Offered { offer, .. }
                | ContactEvent::ListeningAsked { offer, .. }
                | ContactEvent::OutsideCalled { offer, .. }
                | ContactEvent::ConsultationAsked { offer, .. },
            ..
        } => Some(*offer),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
