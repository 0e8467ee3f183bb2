use proptest::prelude::*;

use super::index::MOST_GONE;
use super::*;

/// All news of a watcher in one.
struct Change {
    revision: u64,
    is_snapshot: bool,
    offers: Vec<Offer>,
    gone: Vec<String>,
}

impl Registry {
    fn resolve(&self, interface: &str) -> Vec<Offer> {
        self.whole(interface).map_or_else(Vec::new, |piece| self.part(&piece).offers)
    }

    fn changes(&self, after: u64, interfaces: &BTreeSet<String>) -> Option<Change> {
        let News { revision, is_snapshot, pieces } = self.news(after, interfaces)?;
        let (mut offers, mut gone) = (Vec::new(), Vec::new());
        for piece in &pieces {
            let part = self.part(piece);
            assert!(piece.since.is_none() || !(part.offers.is_empty() && part.gone.is_empty()));
            offers.extend(part.offers);
            gone.extend(part.gone);
        }
        Some(Change { revision, is_snapshot, offers, gone })
    }
}

fn offering(interface: &str, address: &str) -> Offering {
    Offering {
        interface: interface.to_owned(),
        address: format!("http://{address}"),
        properties: BTreeMap::new(),
        contract: None,
    }
}

fn seconds(seconds: u64) -> Time {
    Duration::from_secs(seconds)
}

fn set(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// A directory with component `a` offering `x` on stream 1.
fn with_one() -> Registry {
    let mut registry = Registry::default();
    let stream = registry.open(seconds(0), "s1", "a", "1.0.0", vec![1]);
    assert_eq!(stream, Some(1));
    assert_eq!(registry.offer("s1", vec![offering("x", "h:1")]), Ok(1));
    registry
}

fn state_of(registry: &Registry) -> Option<OfferState> {
    registry.resolve("x").first().map(|offer| offer.state)
}

/// Looks at the clock every half second, as the shell does.
fn pass(registry: &mut Registry, from: u64, to: u64) {
    for half in from * 2..=to * 2 {
        registry.look(Duration::from_millis(half * 500));
    }
}

#[test]
fn a_broken_stream_makes_suspect_at_once_and_gone_at_the_end_of_the_lease() {
    let mut registry = with_one();
    pass(&mut registry, 0, 2);
    registry.lose("s1", 1);
    assert_eq!(state_of(&registry), Some(OfferState::Suspect));
    pass(&mut registry, 2, 9);
    assert_eq!(state_of(&registry), Some(OfferState::Suspect));
    registry.look(seconds(10));
    assert_eq!(state_of(&registry), None);
    assert_eq!(registry.revision(), 3);
}

#[test]
fn a_silent_component_is_suspect_after_two_beats_and_back_with_the_next() {
    let mut registry = with_one();
    pass(&mut registry, 0, 6);
    assert_eq!(state_of(&registry), Some(OfferState::Suspect));
    registry.beat(seconds(7), "s1", false);
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    registry.beat(seconds(8), "s1", true);
    assert_eq!(state_of(&registry), Some(OfferState::Suspect));
}

#[test]
fn a_clean_goodbye_is_gone_at_once() {
    let mut registry = with_one();
    registry.leave("s1", 1);
    assert_eq!(state_of(&registry), None);
    assert!(registry.sessions().is_empty());
}

#[test]
fn a_resumed_session_keeps_its_offers_and_the_old_stream_cannot_hurt_it() {
    let mut registry = with_one();
    // Half open: the old stream is not known to be broken yet.
    assert_eq!(registry.resume(seconds(4), "s1", "a", &[1]), Some(2));
    registry.lose("s1", 1);
    registry.leave("s1", 1);
    assert_eq!(registry.offer("s1", vec![offering("x", "h:1")]), Ok(1));
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    assert_eq!(registry.revision(), 1, "no flap");
    for (id, component, secret) in [("s1", "a", 2), ("s1", "b", 1), ("s2", "a", 1)] {
        assert_eq!(registry.resume(seconds(4), id, component, &[secret]), None);
    }
}

#[test]
fn a_new_address_is_a_new_generation_and_a_new_property_is_not() {
    let mut registry = with_one();
    let mut changed = offering("x", "h:1");
    changed.properties.insert("sip".to_owned(), "127.0.0.1:5060".to_owned());
    assert_eq!(registry.offer("s1", vec![changed]), Ok(2));
    assert_eq!(registry.resolve("x")[0].generation, 1);
    assert_eq!(registry.offer("s1", vec![offering("x", "h:2")]), Ok(3));
    assert_eq!(registry.resolve("x")[0].generation, 3);
}

#[test]
fn wrong_offers_are_refused_together_and_nothing_is_taken() {
    let mut registry = with_one();
    let wrong = vec![
        offering("y", "h:1"),
        offering("y", "h:1"),
        Offering { address: "nowhere".to_owned(), ..offering("z", "") },
    ];
    let findings = registry.offer("s1", wrong).expect_err("refused");
    assert_eq!(findings, ["y is offered twice", "z: `nowhere` is no address"]);
    assert_eq!(registry.resolve("x").len(), 1);
}

#[test]
fn a_manager_that_slept_does_not_blame_its_components() {
    let mut registry = with_one();
    pass(&mut registry, 0, 1);
    registry.look(seconds(61));
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    pass(&mut registry, 61, 72);
    assert_eq!(state_of(&registry), None);
}

#[test]
fn a_drain_is_over_when_every_watcher_of_the_interface_has_acknowledged() {
    let mut registry = with_one();
    registry.subscribe(1, set(&["x"]), super::Consumer::default());
    registry.subscribe(2, set(&["x", "y"]), super::Consumer::default());
    registry.subscribe(3, set(&["y"]), super::Consumer::default());
    let (revision, interfaces) = registry.drain("s1").expect("there");
    assert_eq!((revision, state_of(&registry)), (2, Some(OfferState::Leaving)));
    assert_eq!(registry.uninformed(revision, &interfaces), 2);
    registry.acknowledge(1, 2);
    registry.acknowledge(1, 1);
    assert_eq!(registry.uninformed(revision, &interfaces), 1);
    registry.unsubscribe(2);
    assert_eq!(registry.uninformed(revision, &interfaces), 0);
    assert_eq!(registry.drain("s1").map(|(revision, _)| revision), Some(2), "a repeat is the same");
    assert_eq!(registry.drain("s9"), None);
}

#[test]
fn a_restored_session_is_suspect_and_has_one_lease_to_come_back() {
    let before = with_one();
    let mut registry = Registry::restore(before.sessions().clone(), 1000);
    registry.look(seconds(0));
    assert_eq!(state_of(&registry), Some(OfferState::Suspect));
    assert_eq!(registry.resume(seconds(1), "s1", "a", &[1]), Some(1));
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    let mut lost = Registry::restore(before.sessions().clone(), 1000);
    pass(&mut lost, 0, 10);
    assert_eq!(state_of(&lost), None);
}

#[test]
fn a_watch_older_than_the_history_gets_a_snapshot() {
    let mut registry = with_one();
    for _ in 0..MOST_GONE + 1 {
        registry.offer("s1", vec![]).expect("taken");
        registry.offer("s1", vec![offering("x", "h:1")]).expect("taken");
    }
    assert_eq!(registry.index.buried(), MOST_GONE);
    assert!(registry.changes(1, &set(&["x"])).expect("changed").is_snapshot);
    let recent = registry.changes(registry.revision() - 1, &set(&["x"])).expect("changed");
    assert!(!recent.is_snapshot);
    assert_eq!((recent.offers.len(), recent.gone.len()), (1, 0));
}

/// Ten components that each offer `x` at their own host, all heard at 1 s.
fn with_ten() -> Registry {
    let mut registry = Registry::default();
    registry.look(seconds(1));
    for number in 0..10 {
        let (id, component) = (format!("s{number}"), format!("c{number}"));
        registry.open(seconds(1), &id, &component, "1.0.0", vec![1]).expect("room");
        let offers = vec![offering("x", &format!("h{number}:1"))];
        registry.offer(&id, offers).expect("taken");
    }
    registry
}

/// Looks every half second while the sessions of these numbers beat.
fn beaten(registry: &mut Registry, from: u64, to: u64, alive: std::ops::Range<u64>) {
    for half in from * 2..=to * 2 {
        let now = Duration::from_millis(half * 500);
        for number in alive.clone() {
            registry.beat(now, &format!("s{number}"), false);
        }
        registry.look(now);
    }
}

#[test]
fn many_that_went_silent_together_stay_suspect_until_half_of_them_are_back() {
    let mut registry = with_ten();
    beaten(&mut registry, 1, 60, 0..4);
    let states = |registry: &Registry| {
        let offers = registry.resolve("x");
        let suspect = offers.iter().filter(|offer| offer.state == OfferState::Suspect).count();
        (offers.len(), suspect)
    };
    assert_eq!(states(&registry), (10, 6));
    assert_eq!(registry.kept().count(), 6);
    beaten(&mut registry, 61, 70, 0..6);
    assert_eq!((states(&registry), registry.kept().count()), ((10, 4), 4));
    beaten(&mut registry, 71, 72, 0..7);
    assert_eq!((states(&registry), registry.kept().count()), ((10, 3), 0), "believed again");
    beaten(&mut registry, 73, 83, 0..7);
    assert_eq!(states(&registry), (7, 0), "and three are no mass");
}

#[test]
fn a_few_and_those_of_an_earlier_run_are_no_mass() {
    let mut registry = with_ten();
    beaten(&mut registry, 1, 12, 0..6);
    assert_eq!((registry.resolve("x").len(), registry.kept().count()), (6, 0), "four");
    let mut restored = Registry::restore(with_ten().sessions().clone(), 1_000);
    pass(&mut restored, 0, 10);
    assert_eq!((restored.resolve("x").len(), restored.kept().count()), (0, 0), "never heard");
}

#[test]
fn who_comes_back_as_another_instance_is_back() {
    let mut registry = with_ten();
    beaten(&mut registry, 1, 30, 0..4);
    for number in 4..7 {
        let (id, component) = (format!("t{number}"), format!("c{number}"));
        registry.open(seconds(30), &id, &component, "1.0.0", vec![1]).expect("room");
    }
    registry.look(Duration::from_millis(30_500));
    let left: Vec<&str> = registry.sessions().keys().map(String::as_str).collect();
    let expected = ["s0", "s1", "s2", "s3", "s7", "s8", "s9", "t4", "t5", "t6"];
    assert_eq!(left, expected, "those in whose place they are, are gone");
}

#[test]
fn an_operator_ends_it_and_hears_whom_it_was_about() {
    let mut registry = with_ten();
    assert!(registry.expire(seconds(1)).is_empty());
    beaten(&mut registry, 1, 30, 0..4);
    registry.beat(seconds(30), "s9", false);
    assert_eq!(registry.expire(seconds(30)), ["s4", "s5", "s6", "s7", "s8"]);
    assert_eq!(registry.resolve("x").len(), 5);
    assert!(registry.expire(seconds(30)).is_empty());
}

#[test]
fn a_warning_says_what_they_have_in_common() {
    let mut registry = with_ten();
    let all: Vec<String> = (0..6).map(|number| format!("s{number}")).collect();
    let cause = registry.cause(&all);
    assert!(cause.starts_with("all 6 connections stand and nothing comes; they are at 6 hosts"));
    for (number, id) in all.iter().enumerate() {
        registry.lose(id, number as u64 + 1);
        registry.offer(id, vec![offering("x", &format!("10.0.0.5:{number}"))]).expect("taken");
    }
    let cause = registry.cause(&all);
    let expected = "their connections broke; all are at 10.0.0.5: that machine, or the way to it";
    assert_eq!(cause, expected);
}

/// What is to be asked now, each answered so.
fn asked(registry: &mut Registry, now: Time, found: Option<Result<(), &str>>) -> Vec<String> {
    let probes = registry.probes(now, 16);
    for probe in &probes {
        let found = found.map(|found| found.map_err(str::to_owned));
        registry.probed(now, probe, found);
    }
    probes.into_iter().map(|probe| probe.address).collect()
}

#[test]
fn nobody_is_led_where_nobody_answers_until_somebody_does() {
    let (mut registry, half) = (with_one(), Duration::from_millis(500));
    assert_eq!(asked(&mut registry, seconds(1), Some(Err("refused"))), ["http://h:1"]);
    assert_eq!(state_of(&registry), Some(OfferState::Routable), "it may have been too early");
    assert!(asked(&mut registry, seconds(1), None).is_empty());
    asked(&mut registry, seconds(1) + half, Some(Err("refused")));
    let offer = &registry.resolve("x")[0];
    let told = (offer.state, offer.finding.as_deref());
    assert_eq!(told, (OfferState::Unreachable, Some("refused")));
    assert!(registry.changes(1, &set(&["x"])).is_some(), "watchers are told");
    assert_eq!(asked(&mut registry, seconds(4), None).len(), 1, "too late says nothing");
    assert_eq!(state_of(&registry), Some(OfferState::Unreachable));
    asked(&mut registry, seconds(7), Some(Ok(())));
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    assert!(asked(&mut registry, seconds(16), None).is_empty());
    assert_eq!(asked(&mut registry, seconds(17), None).len(), 1, "every ten seconds");
}

#[test]
fn where_consumers_are_served_nobody_is_asked_and_a_new_address_is_new() {
    let mut registry = with_one();
    registry.open(seconds(0), "s2", "b", "1.0.0", vec![1]).expect("room");
    asked(&mut registry, seconds(1), Some(Err("refused")));
    asked(&mut registry, seconds(2), Some(Err("refused")));
    assert_eq!(state_of(&registry), Some(OfferState::Unreachable));
    let outcome = |failures| Outcome {
        method: "/x/Do".to_owned(),
        instance: "s1".to_owned(),
        calls: 2,
        failures,
        microseconds: 9,
    };
    registry.outcomes(seconds(3), "s2", [outcome(2)]);
    assert_eq!(state_of(&registry), Some(OfferState::Unreachable));
    registry.outcomes(seconds(3), "s2", [outcome(1)]);
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    assert!(asked(&mut registry, seconds(12), None).is_empty());
    asked(&mut registry, seconds(13), Some(Err("refused")));
    asked(&mut registry, seconds(14), Some(Err("refused")));
    assert_eq!(state_of(&registry), Some(OfferState::Unreachable));
    registry.offer("s1", vec![offering("x", "h:2")]).expect("taken");
    assert_eq!(state_of(&registry), Some(OfferState::Routable));
    assert_eq!(asked(&mut registry, seconds(15), None), ["http://h:2"]);
}

#[test]
fn only_who_is_there_is_asked_and_nothing_of_browsers_and_each_address_once() {
    let mut registry = with_one();
    let pages = offering("caruso.web.v1.Pages", "h:9");
    let offers = vec![offering("x", "h:1"), offering("y", "h:1"), pages];
    registry.offer("s1", offers).expect("taken");
    assert!(registry.probes(seconds(1), 0).is_empty());
    assert_eq!(asked(&mut registry, seconds(1), Some(Ok(()))), ["http://h:1"]);
    registry.lose("s1", 1);
    assert!(asked(&mut registry, seconds(60), None).is_empty());
}

/// What can happen, for the property test.
#[derive(Debug, Clone)]
enum Event {
    Expire,
    Open(u8),
    Offer(u8, Vec<u8>),
    Beat(u8, bool),
    Lose(u8),
    Leave(u8),
    Resume(u8),
    Drain(u8),
    Wait(u8),
    Read(u8),
}

fn event() -> impl Strategy<Value = Event> {
    let session = 0..9u8;
    prop_oneof![
        1 => Just(Event::Expire),
        4 => session.clone().prop_map(Event::Open),
        4 => (session.clone(), proptest::collection::vec(0..3u8, 0..3))
            .prop_map(|(session, interfaces)| Event::Offer(session, interfaces)),
        4 => (session.clone(), any::<bool>()).prop_map(|(s, degraded)| Event::Beat(s, degraded)),
        2 => session.clone().prop_map(Event::Lose),
        1 => session.clone().prop_map(Event::Leave),
        2 => session.clone().prop_map(Event::Resume),
        1 => session.prop_map(Event::Drain),
        3 => (1..25u8).prop_map(Event::Wait),
        3 => (0..2u8).prop_map(Event::Read),
    ]
}

/// The same rules, written as plainly as possible: every question is answered from the facts.
#[derive(Debug, Default)]
struct Naive {
    sessions: BTreeMap<u8, NaiveSession>,
    /// While many are kept beyond their leases: who is or was.
    kept: Option<BTreeSet<u8>>,
}

#[derive(Debug, Clone, Default)]
struct NaiveSession {
    stream: Option<u64>,
    heard_at: Time,
    is_degraded: bool,
    is_leaving: bool,
    /// It has a new lease without having been heard.
    is_forgiven: bool,
    offers: BTreeSet<u8>,
}

impl Naive {
    fn offers(&self, now: Time) -> BTreeMap<String, OfferState> {
        let mut offers = BTreeMap::new();
        for (id, session) in &self.sessions {
            let silence = now - session.heard_at;
            let is_suspect = session.stream.is_none()
                || session.is_degraded
                || session.is_forgiven
                || silence >= SILENT;
            let state = match (session.is_leaving, is_suspect) {
                (true, _) => OfferState::Leaving,
                (false, true) => OfferState::Suspect,
                (false, false) => OfferState::Routable,
            };
            for interface in &session.offers {
                offers.insert(format!("s{id}/i{interface}"), state);
            }
        }
        offers
    }

    fn is_over(&self, id: u8, now: Time) -> bool {
        now - self.sessions[&id].heard_at >= LEASE
    }

    fn away(&self, now: Time) -> BTreeSet<u8> {
        let kept = self.kept.iter().flatten().copied();
        kept.filter(|id| self.sessions.contains_key(id) && self.is_over(*id, now)).collect()
    }

    fn believe_again(&mut self, now: Time) {
        let here = |id: &u8| self.sessions.contains_key(id);
        let Some(kept) = self.kept.take() else { return };
        let kept: BTreeSet<u8> = kept.into_iter().filter(here).collect();
        self.kept = Some(kept.clone());
        let away = self.away(now);
        if (kept.len() - away.len()) * 2 >= kept.len() {
            self.kept = None;
            for id in away {
                if let Some(session) = self.sessions.get_mut(&id) {
                    session.heard_at = now;
                    session.is_forgiven = true;
                }
            }
        }
    }

    fn expire(&mut self, now: Time) {
        self.believe_again(now);
        let over: Vec<u8> =
            self.sessions.keys().copied().filter(|id| self.is_over(*id, now)).collect();
        let at_risk =
            |session: &&NaiveSession| session.stream.is_none() || now - session.heard_at >= SILENT;
        let at_risk = self.sessions.values().filter(at_risk).count();
        let is_mass = at_risk >= 5 && at_risk as f64 > 0.3 * self.sessions.len() as f64;
        if is_mass && !over.is_empty() && self.kept.is_none() {
            self.kept = Some(BTreeSet::new());
        }
        match &mut self.kept {
            Some(kept) => kept.extend(over),
            None => self.sessions.retain(|id, _| !over.contains(id)),
        }
    }
}

/// A consumer that knows only what it was told.
#[derive(Debug, Default)]
struct Consumer {
    revision: u64,
    known: BTreeMap<String, OfferState>,
}

impl Consumer {
    fn read(&mut self, registry: &Registry, interfaces: &BTreeSet<String>) {
        let Some(change) = registry.changes(self.revision, interfaces) else { return };
        if change.is_snapshot {
            self.known.clear();
        }
        for id in &change.gone {
            self.known.remove(id);
        }
        let told = change.offers.into_iter().map(|offer| (offer.id, offer.state));
        self.known.extend(told);
        self.revision = change.revision;
    }
}

fn step(registry: &mut Registry, naive: &mut Naive, now: &mut Time, event: &Event) {
    let name = |id: &u8| format!("s{id}");
    match event {
        Event::Open(id) => {
            if !naive.sessions.contains_key(id) {
                let stream = registry.open(*now, &name(id), &name(id), "1.0.0", vec![*id]);
                let session = NaiveSession { stream, heard_at: *now, ..NaiveSession::default() };
                naive.sessions.insert(*id, session);
            }
        }
        Event::Offer(id, interfaces) => {
            let set: BTreeSet<u8> = interfaces.iter().copied().collect();
            let offers = set.iter().map(|i| offering(&format!("i{i}"), "h:1")).collect();
            let taken = registry.offer(&name(id), offers);
            assert_eq!(taken.is_ok(), naive.sessions.contains_key(id));
            if let Some(session) = naive.sessions.get_mut(id) {
                session.offers = set;
            }
        }
        Event::Beat(id, is_degraded) => {
            registry.beat(*now, &name(id), *is_degraded);
            if let Some(session) = naive.sessions.get_mut(id) {
                session.heard_at = *now;
                session.is_forgiven = false;
                session.is_degraded = *is_degraded;
            }
        }
        Event::Lose(id) => {
            let session = naive.sessions.get_mut(id);
            if let Some(stream) = session.and_then(|session| session.stream.take()) {
                registry.lose(&name(id), stream);
            }
        }
        Event::Leave(id) => {
            if let Some(stream) = naive.sessions.get(id).and_then(|session| session.stream) {
                registry.leave(&name(id), stream);
                naive.sessions.remove(id);
            }
        }
        Event::Resume(id) => {
            let stream = registry.resume(*now, &name(id), &name(id), &[*id]);
            assert_eq!(stream.is_some(), naive.sessions.contains_key(id));
            if let Some(session) = naive.sessions.get_mut(id) {
                session.stream = stream;
                session.is_forgiven = false;
                session.heard_at = *now;
            }
        }
        Event::Drain(id) => {
            registry.drain(&name(id));
            if let Some(session) = naive.sessions.get_mut(id) {
                session.is_leaving = true;
            }
        }
        Event::Wait(halves) => {
            for _ in 0..*halves {
                *now += Duration::from_millis(500);
                registry.look(*now);
                naive.expire(*now);
            }
        }
        Event::Expire => {
            let gone = registry.expire(*now);
            naive.believe_again(*now);
            let away = naive.away(*now);
            assert_eq!(gone, away.iter().map(name).collect::<Vec<_>>());
            naive.kept = None;
            naive.sessions.retain(|id, _| !away.contains(id));
        }
        Event::Read(_) => {}
    }
}

proptest! {
    #[test]
    fn the_directory_and_every_watcher_agree_with_a_naive_model(
        events in proptest::collection::vec(event(), 1..120)
    ) {
        let mut registry = Registry::default();
        let (mut naive, mut now) = (Naive::default(), seconds(1));
        registry.look(now);
        let all = set(&["i0", "i1", "i2"]);
        let some = set(&["i1"]);
        let (mut wide, mut narrow) = (Consumer::default(), Consumer::default());
        let mut revision = 0;
        for event in &events {
            step(&mut registry, &mut naive, &mut now, event);
            prop_assert!(registry.revision() >= revision);
            revision = registry.revision();
            let expected = naive.offers(now);
            let present = all.iter().flat_map(|interface| registry.resolve(interface));
            let actual: BTreeMap<_, _> = present.map(|o| (o.id, o.state)).collect();
            prop_assert_eq!(&actual, &expected);
            if let Event::Read(which) = event {
                let (consumer, interfaces) =
                    if *which == 0 { (&mut wide, &all) } else { (&mut narrow, &some) };
                consumer.read(&registry, interfaces);
                let ours: BTreeMap<_, _> = expected
                    .into_iter()
                    .filter(|(id, _)| interfaces.iter().any(|name| id.ends_with(name.as_str())))
                    .collect();
                prop_assert_eq!(&consumer.known, &ours);
            }
        }
    }
}
