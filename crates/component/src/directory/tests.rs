use super::*;

fn offer(id: &str, interface: &str, state: proto::OfferState) -> proto::Offer {
    proto::Offer {
        id: id.to_owned(),
        interface: interface.to_owned(),
        address: format!("http://127.0.0.1:4{id}"),
        component: "storage-manager".to_owned(),
        instance: format!("instance-{id}"),
        state: state.into(),
        generation: 1,
        ..proto::Offer::default()
    }
}

fn message(revision: u64, is_snapshot: bool, offers: Vec<proto::Offer>) -> proto::WatchResponse {
    proto::WatchResponse { revision, is_snapshot, offers, ..Default::default() }
}

fn picks(handle: &Handle, times: usize) -> Vec<String> {
    (0..times).filter_map(|_| handle.resolve(|target| target.offer.id.clone())).collect()
}

use proto::OfferState::{Leaving, Routable, Suspect};

#[test]
fn who_has_all_of_our_contract_is_chosen_before_who_lacks_something() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let handle = directory.handle("a");
    let older = proto::Offer { lacks_something: true, ..offer("1", "a", Routable) };
    directory.apply(message(1, true, vec![older.clone()]));
    assert_eq!(picks(&handle, 1), ["1"], "better than nobody");
    directory.apply(message(2, false, vec![offer("2", "a", Routable), offer("3", "a", Suspect)]));
    assert_eq!(picks(&handle, 2), ["2", "2"]);
    directory.apply(message(3, false, vec![offer("2", "a", Leaving)]));
    assert_eq!(picks(&handle, 2), ["1", "1"], "an older build before one that is silent");
}

#[test]
fn requests_go_round_the_routable_offers_and_to_suspects_last() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let handle = directory.handle("a");
    assert_eq!(picks(&handle, 1), Vec::<String>::new());
    directory.apply(message(
        1,
        true,
        vec![offer("1", "a", Routable), offer("2", "a", Suspect), offer("3", "a", Routable)],
    ));
    assert_eq!(picks(&handle, 4), ["3", "1", "3", "1"]);
    directory.apply(message(
        2,
        false,
        vec![offer("1", "a", Leaving), offer("3", "a", Leaving), offer("9", "b", Routable)],
    ));
    assert_eq!(picks(&handle, 2), ["2", "2"]);
    assert_eq!(directory.revision(), 2);
}

#[test]
fn the_freer_of_two_neighbours_is_chosen() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let handle = directory.handle("a");
    directory.apply(message(1, true, vec![offer("1", "a", Routable), offer("2", "a", Routable)]));
    assert_eq!(picks(&handle, 1), ["1"]);
    handle.snapshot().targets()[0].peer.begin();
    assert_eq!(picks(&handle, 3), ["2", "2", "2"]);
    handle.snapshot().targets()[0].peer.end();
    assert_eq!(picks(&handle, 2), ["1", "2"]);
}

#[test]
fn a_slow_address_gets_little_until_it_is_fast_again() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let handle = directory.handle("a");
    directory.apply(message(1, true, vec![offer("1", "a", Routable), offer("2", "a", Routable)]));
    let (start, ms) = (std::time::Instant::now(), std::time::Duration::from_millis);
    let served = |at: usize, seconds: u64, millis: u64| {
        let now = start + std::time::Duration::from_secs(seconds);
        handle.snapshot().targets()[at].peer.balance().served(now, ms(millis));
    };
    served(0, 0, 20);
    served(1, 0, 2);
    let to_first = |picks: &[String]| picks.iter().filter(|id| *id == "1").count();
    let probes = to_first(&picks(&handle, 600));
    assert!((4..=6).contains(&probes), "{probes} of 600 go to the slow one");
    (0..4).for_each(|_| handle.snapshot().targets()[1].peer.begin());
    assert!(to_first(&picks(&handle, 10)) == 0, "five times two is less than 20");
    (0..12).for_each(|_| handle.snapshot().targets()[1].peer.begin());
    assert!(to_first(&picks(&handle, 10)) == 10, "seventeen times two is more");
    (0..16).for_each(|_| handle.snapshot().targets()[1].peer.end());
    served(0, 200, 2);
    assert_eq!(to_first(&picks(&handle, 10)), 5, "both are as good");
}

#[test]
fn a_snapshot_voids_what_was_known_and_a_delta_changes_only_what_it_names() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let (a, b) = (directory.handle("a"), directory.handle("b"));
    directory.apply(message(1, true, vec![offer("1", "a", Routable), offer("2", "b", Routable)]));
    let untouched = Arc::clone(&b.snapshot());
    let mut gone = message(2, false, vec![offer("3", "a", Routable)]);
    gone.gone = vec!["1".to_owned()];
    directory.apply(gone);
    assert_eq!(picks(&a, 1), ["3"]);
    assert!(Arc::ptr_eq(&untouched, &b.snapshot()));
    directory.apply(message(3, true, vec![]));
    assert_eq!((picks(&a, 1).len(), picks(&b, 1).len()), (0, 0));
}

#[test]
fn the_copy_on_disk_gives_the_same_picture_again() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    directory.apply(message(7, true, vec![offer("1", "a", Routable), offer("2", "a", Leaving)]));
    let restored = Directory::new(Arc::new(Transport::Plain));
    restored.apply(directory.copy());
    assert_eq!(restored.revision(), 7);
    assert_eq!(picks(&restored.handle("a"), 2), ["1", "1"]);
    assert_eq!(restored.copy(), directory.copy());
}

#[test]
fn an_unchanged_address_keeps_its_connection_and_a_gone_one_is_let_go() {
    let directory = Directory::new(Arc::new(Transport::Plain));
    let handle = directory.handle("a");
    directory.apply(message(1, true, vec![offer("1", "a", Routable)]));
    let before = Arc::clone(&handle.snapshot().targets()[0].peer);
    directory.apply(message(2, false, vec![offer("1", "a", Suspect)]));
    assert!(Arc::ptr_eq(&before, &handle.snapshot().targets()[0].peer));
    drop(before);
    directory.apply(message(3, true, vec![]));
    assert_eq!(directory.peers.len(), 0);
}
