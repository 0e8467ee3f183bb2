//! The gate by tables, and that no number gets through that no rule lets through.

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::hours::Opening;

const HOUR: Duration = Duration::from_secs(3600);

fn rules() -> OutboundRules {
    let daytime = Opening { days: [true; 7], from: 9 * 60, to: 20 * 60 };
    let hours = Hours {
        zone: TimeZone::get("Europe/Amsterdam").expect("a zone"),
        open: vec![daytime],
        closed: Default::default(),
    };
    let purpose = |hours, attempts, heeds_do_not_call| Purpose {
        titles: Titles::new(),
        queue: QueueId::new("calm").expect("a name"),
        hours,
        attempts,
        heeds_do_not_call,
    };
    let names = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect();
    OutboundRules {
        country: Country::by_code("NL").expect("it is known"),
        allowed: names(&["+31", "+32", "+44", "+1", "+88"]),
        denied: names(&["+31900", "+31906", "+1900"]),
        ring_time: Duration::from_secs(45),
        purposes: vec![
            (id("marketing"), purpose(Some(Arc::new(hours)), Some((2, 24 * HOUR)), true)),
            (id("service"), purpose(None, None, false)),
        ],
        phones: None,
        destinations: Vec::new(),
    }
}

fn id(name: &str) -> PurposeId {
    PurposeId::new(name).expect("a name")
}

fn at(text: &str) -> Time {
    let at: Timestamp = text.parse().expect("an instant");
    Time::from_millis(at.as_millisecond().cast_unsigned())
}

fn unknown() -> KnownOfNumber {
    KnownOfNumber { listed: Listed::No, attempts: Vec::new() }
}

fn decide(number: &str, purpose: &str, known: &KnownOfNumber, time: &str) -> Option<DialRule> {
    match permit(&rules(), number, &id(purpose), known, at(time)) {
        Ok(permit) => permit.evidence().and_then(|it| it.denied),
        Err(denied) => denied.evidence.denied,
    }
}

fn evidence(permit: &Permit) -> &DialEvidence {
    permit.evidence().expect("it rests on rules")
}

const NOON: &str = "2026-07-01T10:00:00Z";

#[test]
fn only_destinations_that_are_allowed_are_called_and_the_longest_beginning_decides() {
    for (number, rule) in [
        ("06-12345678", None),
        ("+31 (0)6 12345678", None),
        ("+32 470 12 34 56", None),
        // premium rates at home and in America, and an island that nobody expects
        ("0900-1234567", Some(DialRule::Destination)),
        ("09061234567", Some(DialRule::Destination)),
        ("+1 900 555 0100", Some(DialRule::Destination)),
        ("+252 61 1234567", Some(DialRule::Destination)),
        ("00 882 1612345", None),
        ("0049 30 1234567", Some(DialRule::Destination)),
        ("12345", Some(DialRule::NotANumber)),
        ("06-1234567x", Some(DialRule::NotANumber)),
        ("", Some(DialRule::NotANumber)),
        ("sip:victim@example.org", Some(DialRule::NotANumber)),
    ] {
        assert_eq!(decide(number, "service", &unknown(), NOON), rule, "{number}");
    }
}

#[test]
fn emergency_numbers_pass_every_rule() {
    let known = KnownOfNumber { listed: Listed::Yes, attempts: vec![at(NOON); 9] };
    for number in ["112", " 1 1 2 "] {
        let night = at("2026-07-01T01:00:00Z");
        let permitted = permit(&rules(), number, &id("marketing"), &known, night);
        let permitted = permitted.expect("nothing holds it up");
        assert_eq!((permitted.called(), evidence(&permitted).is_emergency), ("112", true));
    }
    // that of another country is no number here
    let rule = decide("110", "service", &unknown(), NOON);
    assert_eq!(rule, Some(DialRule::NotANumber));
}

#[test]
fn who_does_not_want_to_be_called_is_called_for_what_they_asked_for_alone() {
    let listed = |listed| KnownOfNumber { listed, attempts: Vec::new() };
    for (purpose, is, rule) in [
        ("marketing", Listed::Yes, Some(DialRule::DoNotCall)),
        ("marketing", Listed::Unknown, Some(DialRule::DoNotCallUnknown)),
        ("marketing", Listed::No, None),
        ("service", Listed::Yes, None),
        ("service", Listed::Unknown, None),
    ] {
        assert_eq!(decide("0612345678", purpose, &listed(is), NOON), rule, "{purpose} {is:?}");
    }
}

#[test]
fn hours_are_those_at_the_called_party() {
    for (number, time, rule) in [
        // nine to eight by the clock of Amsterdam, in summer
        ("0612345678", "2026-07-01T06:59:59Z", Some(DialRule::OutOfHours)),
        ("0612345678", "2026-07-01T07:00:00Z", None),
        ("0612345678", "2026-07-01T18:00:00Z", Some(DialRule::OutOfHours)),
        // London is an hour behind
        ("+442079460000", "2026-07-01T07:00:00Z", Some(DialRule::OutOfHours)),
        ("+442079460000", "2026-07-01T18:00:00Z", None),
        // from Newfoundland to Hawaii it must be day
        ("+12025550100", "2026-07-01T18:00:00Z", Some(DialRule::OutOfHours)),
        ("+12025550100", "2026-07-01T19:00:00Z", None),
        // where the clock is not known, it is that of the hours
        ("+8821612345", "2026-07-01T07:00:00Z", None),
    ] {
        assert_eq!(decide(number, "marketing", &unknown(), time), rule, "{number} {time}");
    }
    let permitted = permit(&rules(), "+442079460000", &id("marketing"), &unknown(), at(NOON));
    assert_eq!(evidence(&permitted.expect("at noon")).zones, ["Europe/London"]);
}

#[test]
fn attempts_count_within_their_time() {
    let made = |times: &[&str]| KnownOfNumber {
        listed: Listed::No,
        attempts: times.iter().map(|it| at(it)).collect(),
    };
    let yesterday = "2026-06-30T10:00:00Z";
    let just_within = "2026-06-30T10:00:01Z";
    let twice = made(&[just_within, "2026-07-01T09:00:00Z"]);
    let rule = decide("0612345678", "marketing", &twice, NOON);
    assert_eq!(rule, Some(DialRule::TooManyAttempts));
    let once = made(&[yesterday, "2026-07-01T09:00:00Z"]);
    assert_eq!(decide("0612345678", "marketing", &once, NOON), None);
    assert_eq!(decide("0612345678", "service", &twice, NOON), None, "it counts none");
    let permitted = permit(&rules(), "0612345678", &id("marketing"), &once, at(NOON));
    assert_eq!(evidence(&permitted.expect("the second")).attempts, Some(1));
}

#[test]
fn a_permit_and_a_denial_do_not_show_the_number() {
    let permitted = permit(&rules(), "0612345678", &id("service"), &unknown(), at(NOON));
    let denied = permit(&rules(), "09001234567", &id("service"), &unknown(), at(NOON));
    assert!(!format!("{permitted:?} {denied:?}").contains("1234567"));
}

proptest! {
    /// Read anew and without the gate's own code: what is permitted begins as it may, was not
    /// called too often, is at home by day, and wants to be called.
    #[test]
    fn nothing_is_permitted_that_a_rule_forbids(
        number in "(\\+|00|0)?[0-9 ()-]{0,18}|[0-9]{3}|.{0,8}",
        is_marketing in any::<bool>(),
        listed in prop_oneof![Just(Listed::Yes), Just(Listed::No), Just(Listed::Unknown)],
        attempts in prop::collection::vec(0_u64..200_000_000, 0..5),
        seconds in 1_780_000_000_u64..1_800_000_000,
    ) {
        let now = Time::from_millis(seconds * 1000);
        let attempts: Vec<Time> =
            attempts.iter().map(|ago| now.before(Duration::from_millis(*ago))).collect();
        let recent = attempts.iter().filter(|it| now.since(**it) < 24 * HOUR).count();
        let known = KnownOfNumber { listed, attempts };
        let purpose = if is_marketing { "marketing" } else { "service" };
        let Ok(permit) = permit(&rules(), &number, &id(purpose), &known, now) else {
            return Ok(());
        };
        let called = permit.called();
        if called == "112" {
            return Ok(());
        }
        let is_number = called[1..].bytes().all(|it| it.is_ascii_digit()) && called.len() >= 8;
        prop_assert!(called.starts_with('+') && is_number);
        let begins = |all: &[&str]| all.iter().any(|it| called.starts_with(it));
        prop_assert!(begins(&["+31", "+32", "+44", "+1", "+88"]));
        prop_assert!(!begins(&["+31900", "+31906", "+1900"]));
        if is_marketing {
            prop_assert!(listed == Listed::No && recent < 2);
            // the widest that any of these clocks can be: 9:00 in Paris is 7:00 or 8:00 UTC
            let hour = seconds / 3600 % 24;
            prop_assert!((7..24).contains(&hour) || called.starts_with("+1"));
        }
    }
}
