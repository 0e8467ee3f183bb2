//! The session timer (RFC 4028): how a leg learns that its peer has gone without a word.
//!
//! One side refreshes the session in time, which also asks whether the other is still there. Where
//! we may choose it is us, and for a peer that knows nothing of timers it is us as well; where the
//! peer has taken it on, its silence ends the call.

use std::time::Duration;

use rsipstack::sip::{Header, Headers, Method, StatusCode};
use tokio::time::Instant;

/// A peer that refreshes is given this long after its time, or a third of the interval where that
/// is shorter (RFC 4028 §10).
const GRACE: Duration = Duration::from_secs(32);
/// When to ask again where the session was just being changed.
const SOON: Duration = Duration::from_secs(1);
/// The longest interval that a peer can ask for, so that adding it to a time cannot overflow.
const LONGEST: u64 = 86_400;

/// What the endpoint asks of its sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    /// The interval that we ask for.
    pub(crate) interval: Duration,
    /// The shortest that we take: Min-SE.
    pub(crate) least: Duration,
    /// How long a peer of whom nothing is heard may take to say that it is still there.
    pub(crate) probe: Duration,
}

/// What a message says about session timers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    interval: Option<Duration>,
    refresher: Option<Role>,
    least: Option<Duration>,
    knows_timers: bool,
    takes_update: Option<bool>,
}

/// The refresher by its part in the transaction that settles it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Client,
    Server,
}

/// Who refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refresher {
    Us,
    Peer,
}

/// What is to be done at [`Timer::due`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Refresh with this method.
    Refresh(Method),
    /// The peer has not refreshed: end the call.
    End,
}

/// The timer of one session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Timer {
    terms: Terms,
    interval: Duration,
    refresher: Refresher,
    takes_update: bool,
    due: Instant,
}

impl Said {
    /// Reads the fields of a request or a response.
    pub(crate) fn by(headers: &Headers) -> Self {
        let mut said = Self::default();
        for header in headers.iter() {
            match header {
                Header::SessionExpires(field) => {
                    let mut parts = field.value().split(';').map(str::trim);
                    said.interval = parts.next().and_then(seconds);
                    said.refresher = parts.find_map(|parameter| {
                        let (name, value) = parameter.split_once('=')?;
                        name.trim().eq_ignore_ascii_case("refresher").then_some(())?;
                        match value.trim().to_ascii_lowercase().as_str() {
                            "uac" => Some(Role::Client),
                            "uas" => Some(Role::Server),
                            _ => None,
                        }
                    });
                }
                Header::MinSE(field) => {
                    said.least = field.value().split(';').next().and_then(seconds);
                }
                Header::Supported(field) => said.knows_timers |= lists(field.value(), "timer"),
                Header::Require(field) => said.knows_timers |= lists(field.value(), "timer"),
                Header::Allow(field) => {
                    let takes =
                        said.takes_update.unwrap_or(false) || lists(field.value(), "UPDATE");
                    said.takes_update = Some(takes);
                }
                _ => {}
            }
        }
        said
    }

    /// The field of a 422 where the peer asks for less than we take (RFC 4028 §9). One that knows
    /// no timers did not ask: a proxy between us did.
    pub(crate) fn too_short(&self, terms: Terms) -> Option<Header> {
        let interval = self.interval.filter(|_| self.knows_timers)?;
        (interval < terms.least).then(|| Header::MinSE(terms.least.as_secs().to_string().into()))
    }
}

impl Timer {
    /// Of a session that begins with the peer's INVITE, or our INVITE's 2xx.
    pub(super) fn new(terms: Terms, now: Instant) -> Self {
        let interval = terms.interval;
        let mut timer =
            Self { terms, interval, refresher: Refresher::Us, takes_update: false, due: now };
        timer.restart(now);
        timer
    }

    /// The peer's INVITE or UPDATE settles the timer anew; gives the fields of its 2xx.
    pub(super) fn asked(&mut self, said: Said, now: Instant) -> Vec<Header> {
        let wanted = said.interval.unwrap_or(self.terms.interval).min(self.terms.interval);
        self.interval = wanted.max(self.terms.least).max(said.least.unwrap_or_default());
        let by_peer = said.knows_timers && said.refresher == Some(Role::Client);
        self.refresher = if by_peer { Refresher::Peer } else { Refresher::Us };
        self.takes_update = said.takes_update.unwrap_or(self.takes_update);
        self.restart(now);
        let mut fields = vec![
            Header::Supported("timer".into()),
            self.session_expires(if by_peer { "uac" } else { "uas" }),
        ];
        if by_peer {
            fields.push(Header::Require("timer".into()));
        }
        fields
    }

    /// A 2xx to our INVITE or refresh settles the timer anew.
    pub(super) fn answered(&mut self, said: Said, now: Instant) {
        if let Some(interval) = said.interval {
            self.interval = interval.max(self.terms.least);
            let by_peer = said.refresher == Some(Role::Server);
            self.refresher = if by_peer { Refresher::Peer } else { Refresher::Us };
        }
        self.takes_update = said.takes_update.unwrap_or(self.takes_update);
        self.restart(now);
    }

    /// What our refresh got as its final answer; whether the peer is still there (RFC 4028 §10).
    pub(super) fn refreshed(&mut self, code: u16, said: Said, now: Instant) -> bool {
        match StatusCode::from(code) {
            StatusCode::RequestTimeout | StatusCode::CallTransactionDoesNotExist => return false,
            StatusCode::SessionIntervalTooSmall if said.least > Some(self.interval) => {
                self.interval = said.least.unwrap_or(self.interval);
                self.later(now);
            }
            // It is about to change the session itself.
            StatusCode::RequestPending => self.due = now + self.interval / 4,
            StatusCode::MethodNotAllowed | StatusCode::NotImplemented if self.takes_update => {
                self.takes_update = false;
                self.later(now);
            }
            _ if (200..300).contains(&code) => self.answered(said, now),
            // It answers, so it is there.
            _ => self.restart(now),
        }
        true
    }

    /// Asks again soon.
    pub(super) fn later(&mut self, now: Instant) {
        self.due = now + SOON;
    }

    pub(super) fn terms(&self) -> Terms {
        self.terms
    }

    /// When something is to be done.
    pub(super) fn due(&self) -> Instant {
        self.due
    }

    /// What is to be done then.
    pub(super) fn to_do(&self) -> Due {
        match self.refresher {
            Refresher::Us => Due::Refresh(self.method()),
            Refresher::Peer => Due::End,
        }
    }

    /// How we refresh: an UPDATE changes nothing else, but not every peer takes it.
    pub(super) fn method(&self) -> Method {
        if self.takes_update { Method::Update } else { Method::Invite }
    }

    /// The fields of our refresh.
    pub(super) fn fields(&self) -> Vec<Header> {
        vec![
            Header::Supported("timer".into()),
            self.session_expires("uac"),
            Header::MinSE(self.terms.least.as_secs().to_string().into()),
        ]
    }

    fn session_expires(&self, refresher: &str) -> Header {
        let text = format!("{};refresher={refresher}", self.interval.as_secs());
        Header::SessionExpires(text.into())
    }

    fn restart(&mut self, now: Instant) {
        self.due = now
            + match self.refresher {
                Refresher::Us => self.interval / 2,
                Refresher::Peer => self.interval - GRACE.min(self.interval / 3),
            };
    }
}

fn seconds(text: &str) -> Option<Duration> {
    text.trim().parse::<u64>().ok().map(|seconds| Duration::from_secs(seconds.min(LONGEST)))
}

fn lists(value: &str, token: &str) -> bool {
    value.split(',').any(|one| one.trim().eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TERMS: Terms =
        Terms { interval: Duration::from_secs(1800), least: Duration::from_secs(90), probe: SOON };

    fn said(fields: &[(&str, &str)]) -> Said {
        let fields: Vec<Header> = fields
            .iter()
            .map(|(name, value)| match *name {
                "Session-Expires" => Header::SessionExpires((*value).into()),
                "Min-SE" => Header::MinSE((*value).into()),
                "Supported" => Header::Supported((*value).into()),
                "Require" => Header::Require((*value).into()),
                _ => Header::Allow((*value).into()),
            })
            .collect();
        Said::by(&fields.into())
    }

    fn timer(now: Instant) -> Timer {
        Timer::new(TERMS, now)
    }

    /// When something is due, in seconds after `now`, and what.
    fn plan(timer: &Timer, now: Instant) -> (u64, Due) {
        ((timer.due() - now).as_secs(), timer.to_do())
    }

    fn texts(fields: &[Header]) -> Vec<String> {
        fields.iter().map(ToString::to_string).collect()
    }

    #[tokio::test]
    async fn who_refreshes_and_when_follows_from_what_the_caller_says() {
        let now = Instant::now();
        let (we, peer) = ("uas", "uac");
        for (fields, interval, refresher, due, to_do) in [
            (&[][..], 1800, we, 900, Due::Refresh(Method::Invite)),
            (&[("Allow", "INVITE, UPDATE")], 1800, we, 900, Due::Refresh(Method::Update)),
            (
                &[("Supported", "100rel, timer"), ("Session-Expires", "600;refresher=uac")],
                600,
                peer,
                568,
                Due::End,
            ),
            (
                &[("Supported", "timer"), ("Session-Expires", "90; Refresher = UAC")],
                90,
                peer,
                60,
                Due::End,
            ),
            (
                &[("Require", "timer"), ("Session-Expires", "600;refresher=uas")],
                600,
                we,
                300,
                Due::Refresh(Method::Invite),
            ),
            (
                &[("Supported", "timer"), ("Session-Expires", "7200"), ("Min-SE", "3600")],
                3600,
                we,
                1800,
                Due::Refresh(Method::Invite),
            ),
            // Asked for by a proxy on behalf of a phone that cannot.
            (&[("Session-Expires", "30;refresher=uac")], 90, we, 45, Due::Refresh(Method::Invite)),
            (
                &[("Session-Expires", "soon;refresher=me")],
                1800,
                we,
                900,
                Due::Refresh(Method::Invite),
            ),
        ] {
            let mut timer = timer(now);
            let answer = texts(&timer.asked(said(fields), now));
            let expected = format!("Session-Expires: {interval};refresher={refresher}");
            assert!(answer.contains(&expected), "{fields:?}: {answer:?}");
            let is_required = answer.contains(&"Require: timer".to_owned());
            assert_eq!(is_required, refresher == peer, "{fields:?}");
            assert_eq!(plan(&timer, now), (due, to_do), "{fields:?}");
        }
    }

    #[test]
    fn less_than_we_take_is_refused_to_whoever_asked_for_it() {
        let short = [("Session-Expires", "60")];
        assert_eq!(said(&short).too_short(TERMS), None);
        let field = said(&[short[0], ("Supported", "timer")]).too_short(TERMS);
        assert_eq!(field.map(|field| field.to_string()), Some("Min-SE: 90".to_owned()));
        let enough = [("Session-Expires", "90"), ("Supported", "timer")];
        assert_eq!(said(&enough).too_short(TERMS), None);
    }

    #[tokio::test]
    async fn the_answer_to_a_refresh_says_how_it_goes_on() {
        let now = Instant::now();
        let update = [("Allow", "UPDATE"), ("Session-Expires", "600;refresher=uac")];
        for (code, fields, is_there, due, to_do) in [
            (200, &[][..], true, 300, Due::Refresh(Method::Update)),
            (200, &[("Session-Expires", "300;refresher=uas")], true, 268, Due::End),
            (408, &[], false, 300, Due::Refresh(Method::Update)),
            (481, &[], false, 300, Due::Refresh(Method::Update)),
            (491, &[], true, 150, Due::Refresh(Method::Update)),
            (405, &[], true, 1, Due::Refresh(Method::Invite)),
            (422, &[("Min-SE", "1200")], true, 1, Due::Refresh(Method::Update)),
            // Nothing that a longer interval would help.
            (422, &[], true, 300, Due::Refresh(Method::Update)),
            (500, &[], true, 300, Due::Refresh(Method::Update)),
        ] {
            let mut timer = timer(now);
            timer.answered(said(&update), now);
            assert_eq!(timer.refreshed(code, said(fields), now), is_there, "{code} {fields:?}");
            assert_eq!(plan(&timer, now), (due, to_do), "{code} {fields:?}");
        }
    }

    #[tokio::test]
    async fn an_interval_found_too_short_is_asked_for_longer() {
        let now = Instant::now();
        let mut timer = timer(now);
        timer.answered(said(&[("Session-Expires", "100;refresher=uac")]), now);
        timer.refreshed(422, said(&[("Min-SE", "1200")]), now);
        let fields = texts(&timer.fields());
        assert!(fields.contains(&"Session-Expires: 1200;refresher=uac".to_owned()), "{fields:?}");
    }

    #[tokio::test]
    async fn no_number_overflows() {
        let now = Instant::now();
        let huge = format!("{};refresher=uas", u64::MAX);
        let mut timer = timer(now);
        timer.answered(said(&[("Session-Expires", &huge), ("Min-SE", &huge)]), now);
        assert_eq!(plan(&timer, now), (86_400 - 32, Due::End));
    }
}
