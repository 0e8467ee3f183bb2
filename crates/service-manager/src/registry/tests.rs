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

/// What can happen, for the property test.
#[derive(Debug, Clone)]
enum Event {
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
    let session = 0..4u8;
    prop_oneof![
        session.clone().prop_map(Event::Open),
        (session.clone(), proptest::collection::vec(0..3u8, 0..3))
            .prop_map(|(session, interfaces)| Event::Offer(session, interfaces)),
        (session.clone(), any::<bool>()).prop_map(|(s, degraded)| Event::Beat(s, degraded)),
        session.clone().prop_map(Event::Lose),
        session.clone().prop_map(Event::Leave),
        session.clone().prop_map(Event::Resume),
        session.prop_map(Event::Drain),
        (1..25u8).prop_map(Event::Wait),
        (0..2u8).prop_map(Event::Read),
    ]
}

/// The same rules, written as plainly as possible: every question is answered from the facts.
#[derive(Debug, Default)]
struct Naive {
    sessions: BTreeMap<u8, NaiveSession>,
}

#[derive(Debug, Clone, Default)]
struct NaiveSession {
    stream: Option<u64>,
    heard_at: Time,
    is_degraded: bool,
    is_leaving: bool,
    offers: BTreeSet<u8>,
}

impl Naive {
    fn offers(&self, now: Time) -> BTreeMap<String, OfferState> {
        let mut offers = BTreeMap::new();
        for (id, session) in &self.sessions {
            let silence = now - session.heard_at;
            let is_suspect = session.stream.is_none() || session.is_degraded || silence >= SILENT;
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

    fn expire(&mut self, now: Time) {
        self.sessions.retain(|_, session| now - session.heard_at < LEASE);
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
                let stream = registry.open(*now, &name(id), "c", "1.0.0", vec![*id]);
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
            let stream = registry.resume(*now, &name(id), "c", &[*id]);
            assert_eq!(stream.is_some(), naive.sessions.contains_key(id));
            if let Some(session) = naive.sessions.get_mut(id) {
                session.stream = stream;
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
