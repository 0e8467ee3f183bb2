//! What a contract is made of, and how two of them go together.

use std::path::Path;

use caruso_contract::{Contract, Digest, Error, Kind, Relation, compare, merged, relation};
use proptest::prelude::*;
use prost_types::FileDescriptorSet;

const INVOICES: &str = "acme.billing.v1.Invoices";

const SHOP: &str = r#"
    syntax = "proto3";
    package acme.billing.v1;
    import "acme/money.proto";
    // Comments are no part of it.
    service Invoices {
      rpc Get(GetRequest) returns (Invoice);
      rpc Watch(GetRequest) returns (stream Invoice);
    }
    service Others { rpc Do(Unrelated) returns (Unrelated); }
    message GetRequest { string number = 1; }
    message Invoice {
      string number = 1;
      acme.Money amount = 2;
      repeated Line lines = 3;
      Status status = 4;
      oneof paid { string by_card = 5; string by_bank = 6; }
      map<string, string> notes = 7;
      optional string due_on = 8;
      message Line { string text = 1; Invoice corrects = 2; }
      enum Status { STATUS_UNSPECIFIED = 0; STATUS_OPEN = 1; STATUS_PAID = 2; }
    }
    message Unrelated { string nothing = 1; }
"#;
const MONEY: &str = r#"
    syntax = "proto3";
    package acme;
    message Money { int64 cents = 1; string currency = 2; }
    message Coin { Money of = 1; }
"#;

fn compile(shop: &str, money: &str) -> FileDescriptorSet {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("acme")).expect("a folder");
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).expect("written");
    };
    write("shop.proto", shop);
    write("acme/money.proto", money);
    protox::compile([Path::new("shop.proto")], [folder.path()]).expect("it compiles")
}

fn contract(shop: &str) -> Contract {
    Contract::from_set(&compile(shop, MONEY), INVOICES).expect("a contract")
}

fn told(old: &Contract, new: &Contract) -> Vec<String> {
    compare(old, new).iter().map(ToString::to_string).collect()
}

#[test]
fn it_holds_what_the_methods_reach_and_nothing_else() {
    let contract = contract(SHOP);
    let types: Vec<&str> = contract
        .set()
        .file
        .iter()
        .flat_map(|file| file.message_type.iter().map(|message| message.name()))
        .collect();
    assert_eq!(types, ["Money", "GetRequest", "Invoice"]);
    assert_eq!(contract.methods(), ["Get", "Watch"]);
    let again = Contract::from_bytes(&contract.to_bytes(), INVOICES).expect("its own bytes");
    assert_eq!(again, contract);
    assert_eq!(Digest::parse(contract.digest().as_str()).as_ref(), Some(contract.digest()));
}

#[test]
fn its_name_follows_from_what_travels() {
    let first = contract(SHOP);
    for (what, other) in [
        ("comments", SHOP.replace("Comments are", "No comment is")),
        ("what it does not reach", SHOP.replace("nothing = 1", "something = 2")),
        ("the order of types", {
            let (before, unrelated) = SHOP.split_at(SHOP.find("message Unrelated").expect("is"));
            before.replace("message GetRequest", &format!("{unrelated} message GetRequest"))
        }),
        ("the order of fields", {
            let amount = "acme.Money amount = 2;";
            SHOP.replace(amount, "")
                .replace("string number = 1;\n", &format!("{amount} string number = 1;\n"))
        }),
    ] {
        assert_ne!(other, SHOP, "{what}");
        assert_eq!(contract(&other).digest(), first.digest(), "{what}");
    }
    let longer = contract(&SHOP.replace("number = 1; }", "number = 1; string of = 2; }"));
    assert_ne!(longer.digest(), first.digest());
}

/// What is changed, and then the difference: kind, place in acme.billing.v1, words.
const DIFFERENCES: &str = r#"
Watch(GetRequest) → See(GetRequest)
    Missing Invoices/Watch: is gone
Get(GetRequest) returns (Invoice) → Get(GetRequest) returns (GetRequest)
    Changed Invoices/Get: answers acme.billing.v1.GetRequest in place of acme.billing.v1.Invoice
returns (stream Invoice) → returns (Invoice)
    Changed Invoices/Watch: has changed: what it answers is no stream any more
rpc Watch → rpc Put(Invoice) returns (Invoice); rpc Watch
    Added Invoices/Put: is new
{ string number = 1; } → { bytes number = 1; }
    Changed GetRequest.number: is bytes in place of string
{ string number = 1; } → { string number = 2; }
    Changed GetRequest.number: has number 2 in place of 1
{ string number = 1; } → { string of = 1; }
    Changed GetRequest.number: (number 1) is called of now
{ string number = 1; } → { repeated string number = 1; }
    Changed GetRequest.number: is repeated in place of single
{ string number = 1; } → { string number = 1 [json_name = "no"]; }
    Changed GetRequest.number: is no in JSON in place of number
{ string number = 1; } → { }
    Missing GetRequest.number: (number 1) is gone
{ string number = 1; } → { reserved 1; reserved "number"; }
    Retired GetRequest.number: is retired
string by_bank = 6; } → } string by_bank = 6;
    Changed Invoice.by_bank: belongs to another choice (oneof)
STATUS_PAID = 2 → STATUS_SETTLED = 2
    Changed Invoice.Status.STATUS_PAID: (number 2) is called STATUS_SETTLED now
STATUS_PAID = 2 → STATUS_PAID = 3
    Changed Invoice.Status.STATUS_PAID: is 3 in place of 2
STATUS_PAID = 2; → 
    Missing Invoice.Status.STATUS_PAID: (number 2) is gone
STATUS_PAID = 2; → reserved 2; reserved "STATUS_PAID";
    Retired Invoice.Status.STATUS_PAID: is retired
STATUS_PAID = 2; → STATUS_PAID = 2; STATUS_LOST = 3;
    Added Invoice.Status.STATUS_LOST: is new
map<string, string> → map<string, bytes>
    Changed Invoice.NotesEntry.value: is bytes in place of string
optional string due_on = 8; → 
    Missing Invoice.due_on: (number 8) is gone
message Line { → message Line { string vat = 9;
    Added Invoice.Line.vat: is new
"#;

#[test]
fn every_difference_is_told_at_its_place() {
    let old = contract(SHOP);
    let lines: Vec<&str> = DIFFERENCES.trim().lines().collect();
    for row in lines.chunks(2) {
        let (from, to) = row[0].split_once(" →").expect("a change");
        assert!(SHOP.contains(from), "{from}");
        let new = contract(&SHOP.replacen(from, to.trim(), 1));
        let found: Vec<String> = compare(&old, &new)
            .iter()
            .map(|it| {
                let place = it.place.strip_prefix("acme.billing.v1.").expect("in the package");
                format!("{:?} {place}: {}", it.kind, it.words)
            })
            .collect();
        assert!(found.iter().any(|it| it == row[1].trim()), "{}: {found:?}", row[0]);
    }
}

#[test]
fn what_is_imported_counts_as_well() {
    let old = contract(SHOP);
    let money = MONEY.replace("int64 cents", "sint64 cents");
    let new = Contract::from_set(&compile(SHOP, &money), INVOICES).expect("a contract");
    assert_eq!(told(&old, &new), ["acme.Money.cents is sint64 in place of int64"]);
    let coin = MONEY.replace("Money of = 1", "string of = 1");
    let new = Contract::from_set(&compile(SHOP, &coin), INVOICES).expect("a contract");
    assert_eq!(new.digest(), old.digest());
}

#[test]
fn a_retired_number_does_not_come_back() {
    let retired =
        contract(&SHOP.replace("{ string number = 1; }", "{ reserved 1; reserved \"number\"; }"));
    assert_eq!(relation(&contract(SHOP), &retired), Relation::Extends);
    let again = contract(SHOP);
    let found = compare(&retired, &again);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].kind, Kind::Changed);
}

#[test]
fn relations_say_who_may_meet() {
    let base = contract(SHOP);
    let with =
        |text: &str| contract(&SHOP.replace("number = 1; }", &format!("number = 1; {text} }}")));
    let (a, b) = (with("string of = 2;"), with("string by = 3;"));
    assert_eq!(relation(&base, &contract(SHOP)), Relation::Same);
    assert_eq!(relation(&base, &a), Relation::Extends);
    assert_eq!(relation(&a, &base), Relation::Lacks);
    assert_eq!(relation(&a, &b), Relation::Diverged);
    assert_eq!(relation(&a, &with("string by = 2;")), Relation::Conflict);
}

#[test]
fn merged_files_hold_what_any_of_them_has() {
    let set = compile(SHOP, MONEY);
    let others = Contract::from_set(&set, "acme.billing.v1.Others").expect("a contract");
    let invoices = contract(SHOP);
    let both = merged([&others, &invoices]);
    let names: Vec<&str> = both.file.iter().map(|file| file.name()).collect();
    assert_eq!(names, ["acme/money.proto", "shop.proto"], "imports first");
    for contract in [&others, &invoices] {
        let again = Contract::from_set(&both, contract.interface()).expect("it is in there");
        assert_eq!(again.digest(), contract.digest());
    }
}

#[test]
fn what_is_no_contract_is_told_why() {
    let set = compile(SHOP, MONEY);
    assert_eq!(
        Contract::from_set(&set, "acme.billing.v1.Offers"),
        Err(Error::NoService("acme.billing.v1.Offers".to_owned()))
    );
    let alone = FileDescriptorSet {
        file: set.file.iter().filter(|file| file.package() != "acme").cloned().collect(),
    };
    assert_eq!(Contract::from_set(&alone, INVOICES), Err(Error::NoType(".acme.Money".to_owned())));
    assert!(matches!(Contract::from_bytes(&[255, 1], INVOICES), Err(Error::Unreadable(_))));
    let large = vec![0; caruso_contract::MOST_BYTES + 1];
    assert!(matches!(Contract::from_bytes(&large, INVOICES), Err(Error::TooLarge(_))));
    let mut message = prost_types::DescriptorProto::default();
    for _ in 0..40 {
        message = prost_types::DescriptorProto { nested_type: vec![message], ..Default::default() };
    }
    let file =
        prost_types::FileDescriptorProto { message_type: vec![message], ..Default::default() };
    let deep = FileDescriptorSet { file: vec![file] };
    assert_eq!(Contract::from_set(&deep, INVOICES), Err(Error::TooDeep));
}

proptest! {
    /// Bytes of others are read in bounded time, or refused; never worse.
    #[test]
    fn damaged_sets_are_refused_or_read(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let whole = contract(SHOP);
        let mut bytes = whole.to_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(read) = Contract::from_bytes(&bytes, INVOICES) {
            compare(&whole, &read);
            compare(&read, &whole);
        }
    }

    /// What one has more the other lacks, whatever it is.
    #[test]
    fn differences_are_the_same_from_both_sides(
        first in prop::collection::btree_set(2..40_u32, 0..6),
        second in prop::collection::btree_set(2..40_u32, 0..6),
    ) {
        let with = |numbers: &std::collections::BTreeSet<u32>| {
            let field = |it: &u32| format!("string f{it} = {it}; ");
            let fields: String = numbers.iter().map(field).collect();
            contract(&SHOP.replace("number = 1; }", &format!("number = 1; {fields} }}")))
        };
        let (old, new) = (with(&first), with(&second));
        let count = |kind| compare(&old, &new).iter().filter(|it| it.kind == kind).count();
        prop_assert_eq!(count(Kind::Missing), first.difference(&second).count());
        prop_assert_eq!(count(Kind::Added), second.difference(&first).count());
        prop_assert_eq!(count(Kind::Changed), 0);
    }
}
