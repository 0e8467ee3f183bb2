use std::path::Path;

use super::*;

const INTERFACE: &str = "acme.billing.v1.Invoices";

/// A contract with a request of these fields.
fn contract(fields: &str) -> Contract {
    let folder = tempfile::tempdir().expect("a folder");
    let text = format!(
        "syntax = \"proto3\"; package acme.billing.v1; \
         service Invoices {{ rpc Get(Request) returns (Request); }} \
         message Request {{ string number = 1; {fields} }}"
    );
    std::fs::write(folder.path().join("billing.proto"), text).expect("written");
    let set = protox::compile([Path::new("billing.proto")], [folder.path()]).expect("it compiles");
    Contract::from_set(&set, INTERFACE).expect("a contract")
}

fn by(component: &str) -> Origin {
    Origin { component: component.to_owned(), version: "1.0.0".to_owned() }
}

fn used(contract: &Contract, component: &str, is_offered: bool) -> InUse {
    let digest = contract.digest().as_str().to_owned();
    InUse { digest, who: by(component), is_offered }
}

fn digest_of(contract: &Contract) -> &str {
    contract.digest().as_str()
}

/// Keeps contracts, and lets the first so many be offered.
fn kept(all: &[&Contract], offered: usize) -> Contracts {
    let mut contracts = Contracts::default();
    for (at, contract) in all.iter().enumerate() {
        contracts.put((*contract).clone(), by("billing"), &BTreeSet::new()).expect("room");
        if at < offered {
            assert!(contracts.offered(digest_of(contract)));
        }
    }
    contracts
}

#[test]
fn levels_count_what_extends_what() {
    let first = contract("");
    let second = contract("string of = 2;");
    let third = contract("string of = 2; string by = 3;");
    let aside = contract("string by = 3;");
    let contracts = kept(&[&first, &second, &third, &aside], 4);
    let level = |it: &Contract| contracts.entry(digest_of(it)).and_then(|entry| entry.level);
    assert_eq!([&first, &second, &third, &aside].map(level), [1, 2, 3, 2].map(Some));
    let in_order: Vec<&str> = contracts.of(INTERFACE).iter().map(|(it, _)| digest_of(it)).collect();
    assert_eq!(in_order, [&third, &aside, &second, &first].map(digest_of));
}

#[test]
fn what_others_read_differently_is_refused_and_named() {
    let (old, new) = (contract("string of = 2;"), contract("bytes of = 2;"));
    let contracts = kept(&[&old, &new], 1);
    let alone = contracts.objections(digest_of(&new), &[]);
    assert!(alone.is_empty(), "nobody speaks by the old one any more: {alone:?}");
    let consumer = contracts.objections(digest_of(&new), &[used(&old, "script-engine", false)]);
    let place = "acme.billing.v1.Request.of is bytes in place of string";
    assert_eq!(consumer, [format!("{place}, but script-engine 1.0.0 uses it as it was")]);
    let provider = contracts.objections(digest_of(&new), &[used(&old, "billing", true)]);
    assert_eq!(provider, [format!("{place}, but billing 1.0.0 offers it as it was")]);
}

#[test]
fn what_was_offered_does_not_go_while_somebody_uses_it() {
    let (whole, less) = (contract("string of = 2;"), contract(""));
    let contracts = kept(&[&whole, &less], 1);
    let use_of = [used(&whole, "script-engine", false)];
    assert_eq!(
        contracts.objections(digest_of(&less), &use_of),
        ["acme.billing.v1.Request.of (number 2) is gone, \
          but script-engine 1.0.0 uses it as it was"]
    );
    let known = kept(&[&less, &whole], 2);
    assert!(known.objections(digest_of(&less), &use_of).is_empty(), "an earlier build comes back");
    let first = kept(&[&whole, &less], 0);
    assert!(first.objections(digest_of(&less), &use_of).is_empty(), "a consumer that is ahead");
}

#[test]
fn an_offer_covers_what_it_has_all_of() {
    let (old, new) = (contract(""), contract("string of = 2;"));
    let contracts = kept(&[&old, &new], 2);
    let covers = |a: &Contract, b: &Contract| contracts.covers(digest_of(a), digest_of(b));
    assert!(covers(&new, &old) && covers(&new, &new));
    assert!(!covers(&old, &new) && !covers(&old, &new));
    assert!(contracts.covers(digest_of(&old), "") && contracts.covers("", digest_of(&new)));
}

#[test]
fn the_oldest_that_nobody_uses_makes_room() {
    let all: Vec<Contract> = (0..=MOST_OF_INTERFACE)
        .map(|it| contract(&format!("string f{it} = {};", it + 2)))
        .collect();
    let (last, first) = all.split_last().expect("some");
    let mut contracts = kept(&first.iter().collect::<Vec<_>>(), 0);
    let everything = first.iter().map(|it| digest_of(it).to_owned()).collect();
    assert_eq!(contracts.put(last.clone(), by("a"), &everything), Err(Full::OfInterface));
    let used = BTreeSet::from([digest_of(&first[0]).to_owned()]);
    contracts.put(last.clone(), by("a"), &used).expect("room is made");
    assert!(
        contracts.get(digest_of(last)).is_some() && contracts.get(digest_of(&first[0])).is_some()
    );
    assert!(contracts.get(digest_of(&first[1])).is_none());
}

#[test]
fn they_survive_a_restart_and_damage_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let (old, new) = (contract(""), contract("string of = 2;"));
    let mut contracts = Contracts::load(folder.path()).expect("none yet");
    for it in [&old, &new] {
        contracts.put(it.clone(), by("billing"), &BTreeSet::new()).expect("room");
    }
    contracts.offered(digest_of(&old));
    save(&contracts.files()).expect("written");
    let again = Contracts::load(folder.path()).expect("read");
    assert_eq!(again.entries, contracts.entries);
    assert_eq!(again.get(digest_of(&new)), Some(&new));
    let file = folder.path().join(FOLDER).join(format!("{}.pb", digest_of(&new)));
    std::fs::write(&file, new.to_bytes().split_last().expect("bytes").1).expect("own file");
    assert!(matches!(Contracts::load(folder.path()), Err(Error::Damaged(path)) if path == file));
}
