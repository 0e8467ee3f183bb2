//! Lines to remote phones that stay open: called once, silent between offers, each of which is
//! announced on them.
//!
//! The leg of a line has a name of its own while nobody uses it, and that of the offer meanwhile.
//! Its events come under the first. A line that is not there is opened by the next offer, as any
//! remote phone is called.

use std::time::Duration;

use caruso_contact::{ContactId, OfferId};
use caruso_media::{self as media, Sound};
use caruso_routing::NotTaken;
use caruso_sip::Ended;
use tokio::time::Instant;
use tracing::info;
use uuid::Uuid;

use super::{Legs, Name, Phase, remote, ringing};
use crate::telephony::message::Event;

/// A line that is opened is to be answered, and confirmed, within this time.
const LONGEST_OPENING: Duration = Duration::from_secs(45);

/// A line to a remote phone.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub(super) extension: String,
    /// The name that its leg has now.
    pub(super) leg: OfferId,
    /// Its name while nobody uses it.
    own: OfferId,
    /// For how long it stays open while nobody uses it.
    keeps: Duration,
    /// When it ends, if nobody uses it then.
    until: Instant,
    /// Whether it ends with what it is used for.
    is_closing: bool,
}

impl Line {
    fn is_idle(&self) -> bool {
        self.leg == self.own
    }

    /// Whether nobody has used it for long enough.
    fn is_over(&self, now: Instant) -> bool {
        self.is_idle() && self.until <= now
    }
}

/// What a phone rings for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rings {
    /// A contact, of which the agent is to be told.
    ForContact(ContactId),
    /// A call that the agent wants to make.
    AsWanted,
}

impl Legs {
    /// Rings a phone; on its open line, it is announced.
    pub(super) async fn ring(
        &mut self,
        offer: OfferId,
        extension: String,
        calling: String,
        why: Rings,
    ) {
        match self.line_at(&extension) {
            Some(own) => self.ring_by_line(own, offer, why).await,
            None => {
                if let Some(keeps) = self.stays_open(&extension) {
                    self.begin_line(&extension, keeps, Some(offer));
                }
                let beside = match why {
                    Rings::ForContact(contact) => Some(Name::Caller(contact)),
                    Rings::AsWanted => None,
                };
                let calling = Phase::Calling { extension, calling, beside, left: None };
                self.call_phone(offer, calling).await;
            }
        }
    }

    /// Nothing where it is open, or the phone is one whose line does not stay.
    pub(super) async fn open_line(&mut self, extension: String) {
        if self.line_at(&extension).is_some() {
            return;
        }
        if let Some(keeps) = self.stays_open(&extension) {
            let own = self.begin_line(&extension, keeps, None);
            let (calling, beside) = (String::new(), None);
            self.call_phone(own, Phase::Calling { extension, calling, beside, left: None }).await;
        }
    }

    /// Ends it at once, or with what it is used for.
    pub(super) async fn close_line(&mut self, extension: &str) {
        let Some(own) = self.line_at(extension) else { return };
        let Some(line) = self.lines.get_mut(&own) else { return };
        line.is_closing = true;
        if line.is_idle() {
            self.hang_up(Name::Agent(own)).await;
        }
    }

    async fn call_phone(&mut self, offer: OfferId, calling: Phase) {
        self.insert(Name::Agent(offer), None, calling);
        self.open_for(Name::Agent(offer)).await;
    }

    /// How long a line to this phone stays open, if it does; a phone that has registered is rung.
    fn stays_open(&self, extension: &str) -> Option<Duration> {
        let phone = self.remote_phones.get(extension)?;
        phone.stays_open.filter(|_| !self.registered.contains(extension))
    }

    fn line_at(&self, extension: &str) -> Option<OfferId> {
        self.lines.values().find(|line| line.extension == extension).map(|line| line.own)
    }

    fn begin_line(&mut self, extension: &str, keeps: Duration, leg: Option<OfferId>) -> OfferId {
        let own = OfferId(Uuid::now_v7());
        let line = Line {
            extension: extension.to_owned(),
            leg: leg.unwrap_or(own),
            own,
            keeps,
            until: Instant::now() + LONGEST_OPENING,
            is_closing: false,
        };
        self.lines.insert(own, line);
        own
    }

    /// A line that is still being opened rings on for the offer.
    async fn ring_by_line(&mut self, own: OfferId, offer: OfferId, why: Rings) {
        let is_idle = self.lines.get(&own).is_some_and(Line::is_idle);
        if !is_idle || !self.rename(own, own, offer) {
            let because = NotTaken::Busy;
            return self.news.push_back(Event::AgentNotTaken { offer, because });
        }
        let name = Name::Agent(offer);
        let Some(side) = self.sides.get_mut(&name).filter(|it| matches!(it.phase, Phase::Up))
        else {
            return;
        };
        side.phase = Phase::Announced;
        match why {
            Rings::AsWanted => self.confirmed(offer).await,
            Rings::ForContact(_) => {
                self.play(name, vec![Sound::Samples(remote::tones())], true).await;
                self.news.push_back(Event::LineAnnounced { offer });
            }
        }
    }

    /// The leg of a line gets another name; whether it has one.
    fn rename(&mut self, own: OfferId, from: OfferId, to: OfferId) -> bool {
        let Some(side) = self.sides.remove(&Name::Agent(from)) else { return false };
        self.by_media.insert(side.media, Name::Agent(to));
        self.sides.insert(Name::Agent(to), side);
        if let Some(line) = self.lines.get_mut(&own) {
            line.leg = to;
        }
        true
    }

    /// Somebody at a remote phone says that they are there, by a key or at the desk.
    pub(super) async fn confirmed(&mut self, offer: OfferId) {
        let Some(side) = self.sides.get_mut(&Name::Agent(offer)) else { return };
        if matches!(side.phase, Phase::Confirming | Phase::Announced) {
            side.phase = Phase::Up;
            self.has_answered(offer).await;
        }
    }

    /// An agent is there, or a line is open from now on, on which nothing is heard.
    pub(super) async fn has_answered(&mut self, offer: OfferId) {
        match self.lines.get_mut(&offer) {
            Some(line) => {
                line.until = Instant::now() + line.keeps;
                self.fall_silent(offer).await;
            }
            None => self.news.push_back(Event::AgentAnswered { offer }),
        }
    }

    async fn fall_silent(&mut self, offer: OfferId) {
        self.part(Name::Agent(offer)).await;
        if let Some(leg) = self.sides.get(&Name::Agent(offer)).map(|side| side.media) {
            self.sound(media::Command::Stop { leg }).await;
        }
    }

    /// Ends an agent's leg; one that is a line stays, unless it was never answered.
    pub(super) async fn drop_agent(&mut self, offer: OfferId) {
        let name = Name::Agent(offer);
        let line = self.line_of(name).filter(|line| !line.is_closing);
        let side = self.sides.get_mut(&name);
        match (line, side) {
            (Some(Line { own, keeps, .. }), Some(side))
                if matches!(side.phase, Phase::Up | Phase::Announced) =>
            {
                side.phase = Phase::Up;
                self.fall_silent(offer).await;
                self.rename(own, offer, own);
                if let Some(line) = self.lines.get_mut(&own) {
                    line.until = Instant::now() + keeps;
                }
            }
            _ => self.hang_up(name).await,
        }
    }

    /// The line whose leg this is.
    pub(super) fn line_of(&self, name: Name) -> Option<Line> {
        self.lines.values().find(|line| Name::Agent(line.leg) == name).cloned()
    }

    /// The name now of a leg whose events come under this one.
    pub(super) fn now_called(&self, name: Name) -> Name {
        match name {
            Name::Agent(own) => self.lines.get(&own).map_or(name, |line| Name::Agent(line.leg)),
            Name::Caller(_) => name,
        }
    }

    /// Under which name the events of a leg come.
    pub(super) fn told_as(&self, name: Name) -> Name {
        self.line_of(name).map_or(name, |line| Name::Agent(line.own))
    }

    /// When the first line ends that nobody uses.
    pub(super) fn first_line_ends_at(&self) -> Option<Instant> {
        self.lines.values().filter(|line| line.is_idle()).map(|line| line.until).min()
    }

    /// Ends lines that nobody has used for long enough, or has answered.
    pub(super) async fn end_idle_lines(&mut self) {
        let now = Instant::now();
        let over = self.lines.values().filter(|line| line.is_over(now));
        for Line { own, extension, .. } in over.cloned().collect::<Vec<_>>() {
            let name = Name::Agent(own);
            let was_open = self.sides.get(&name).is_some_and(|it| matches!(it.phase, Phase::Up));
            info!(extension, was_open, "a line to a remote phone ends");
            self.hang_up(name).await;
            if !was_open {
                self.news.push_back(Event::LineLost { extension });
            }
        }
    }
}

/// What a line that ended by itself was to whom: whoever talks by it did not hang up, since the
/// desk ends conversations and the line stays.
pub(super) fn fell(line: Line, offer: OfferId, phase: &Phase, how: Ended) -> Event {
    match phase {
        _ if line.is_idle() => Event::LineLost { extension: line.extension },
        Phase::Up => Event::AgentLost { offer },
        _ => Event::AgentNotTaken { offer, because: ringing::not_taken(how) },
    }
}

/// A call to a phone that could not be made.
pub(super) fn not_made(line: Option<Line>, offer: OfferId) -> Event {
    match line.filter(Line::is_idle) {
        Some(Line { extension, .. }) => Event::LineLost { extension },
        None => Event::AgentNotTaken { offer, because: NotTaken::Unreachable },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(leg: u128) -> Line {
        let own = OfferId(Uuid::from_u128(1));
        let (extension, leg) = ("105".to_owned(), OfferId(Uuid::from_u128(leg)));
        let keeps = Duration::from_secs(60);
        Line { extension, leg, own, keeps, until: Instant::now() + keeps, is_closing: false }
    }

    #[test]
    fn a_line_ends_that_nobody_has_used_for_long_enough() {
        let (unused, used) = (line(1), line(2));
        let second = Duration::from_secs(1);
        assert!(!unused.is_over(unused.until - second) && unused.is_over(unused.until));
        assert!(!used.is_over(used.until + second));
    }

    #[test]
    fn what_a_line_was_to_whom_says_what_its_end_means() {
        let hung_up = Ended::Rejected { code: 603 };
        let offer = OfferId(Uuid::from_u128(2));
        let fell =
            |leg, phase| super::fell(line(leg), OfferId(Uuid::from_u128(leg)), &phase, hung_up);
        let lost = Event::LineLost { extension: "105".to_owned() };
        assert_eq!(fell(1, Phase::Up), lost);
        assert_eq!(fell(1, Phase::RingingFar { is_confirmed: true, way: None }), lost);
        assert_eq!(fell(2, Phase::Up), Event::AgentLost { offer });
        let because = NotTaken::Rejected;
        assert_eq!(fell(2, Phase::Announced), Event::AgentNotTaken { offer, because });
        assert_eq!(not_made(Some(line(1)), line(1).own), lost);
        let because = NotTaken::Unreachable;
        assert_eq!(not_made(Some(line(2)), offer), Event::AgentNotTaken { offer, because });
    }
}
