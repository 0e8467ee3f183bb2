use caruso_expression::Value;

use super::changing::{apply, now, report, update};
use super::lab::Lab;
use super::{example, suite};
use crate::{Changed, Engine, Error};

suite!(
    the_history_of_an_object_says_who_changed_what_and_why,
    whoever_follows_misses_nothing,
    a_follower_may_want_some_classes,
);

fn notes(key: &str, revision: &str, text: &str) -> caruso_object_model::Operation {
    update("Customer", key, revision, &[("notes", text.into())])
}

async fn the_history_of_an_object_says_who_changed_what_and_why(lab: &Lab) {
    let engine = example(lab).await;
    for number in 1..=3 {
        let change = notes("100001", &number.to_string(), &format!("note {number}"));
        apply(&engine, &format!("k{number}"), vec![change]).await.expect("it is sound");
    }
    let first = engine.history("Customer", "100001", 2, "").await.expect("it is sound");
    let newest = &first.changes[0];
    assert_eq!((newest.operation.as_str(), newest.revision.as_str()), ("update", "4"));
    assert_eq!(newest.actor, "script-engine");
    assert_eq!(newest.reason, "dialogue script fault, session s1");
    assert_eq!(newest.before, [("notes".to_owned(), Value::from("note 2"))].into());
    assert_eq!(newest.after, [("notes".to_owned(), Value::from("note 3"))].into());
    assert!((newest.at.as_nanosecond() - now().as_nanosecond()).abs() < 1_000);
    let token = &first.next_page_token;
    let second = engine.history("Customer", "100001", 2, token).await.expect("it is sound");
    assert_eq!((second.changes.len(), second.next_page_token.as_str()), (1, ""));
    assert_eq!(second.changes[0].before, [].into(), "there was no note at first");
    let none = engine.history("Customer", "100002", 0, "").await.expect("it is sound");
    assert_eq!(none.changes, []);
    let error = engine.history("Customer", "100001", 0, "x").await.expect_err("no token");
    assert!(matches!(error, Error::PageToken));
}

async fn all_after(engine: &Engine, after: u64, count: usize) -> Vec<Changed> {
    let mut positions = engine.positions("utilities").expect("it is followed");
    let mut changes = Vec::new();
    let mut last = after;
    while changes.len() < count {
        let next = engine.changes("utilities", last, &[]).await.expect("it answers");
        if next.is_empty() {
            positions.changed().await.expect("the publisher lives");
        }
        last = next.last().map_or(last, |change| change.position);
        changes.extend(next);
    }
    changes
}

async fn whoever_follows_misses_nothing(lab: &Lab) {
    let engine = example(lab).await;
    let publishing = tokio::spawn(engine.clone().publish_all());
    let writers = (0..4_u32).map(|writer| {
        let engine = engine.clone();
        tokio::spawn(async move {
            for number in 0..5 {
                let key = format!("w{writer}-{number}");
                apply(&engine, &key, vec![report(), report()]).await.expect("it is sound");
            }
        })
    });
    let writers: Vec<_> = writers.collect();
    let changes = all_after(&engine, 0, 40).await;
    for writer in writers {
        writer.await.expect("it ends well");
    }
    let positions: Vec<u64> = changes.iter().map(|change| change.position).collect();
    assert_eq!(positions, (1..=40).collect::<Vec<u64>>());
    let mut keys: Vec<_> = changes.iter().map(|change| change.key.as_str()).collect();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), 40, "each report once");
    let again = all_after(&engine, 17, 23).await;
    assert_eq!(again, changes[17..]);
    assert!(changes[0].changed.contains(&"urgency".to_owned()));
    publishing.abort();
}

async fn a_follower_may_want_some_classes(lab: &Lab) {
    let engine = example(lab).await;
    apply(&engine, "k1", vec![report(), notes("100001", "1", "x")]).await.expect("it is sound");
    let database = engine.databases.values().next().expect("there is one");
    assert_eq!(engine.publish(database).await.expect("it answers"), 2);
    assert_eq!(engine.publish(database).await.expect("nothing is new"), 2);
    let wanted = ["Customer".to_owned()];
    let changes = engine.changes("utilities", 0, &wanted).await.expect("it answers");
    let [change] = changes.as_slice() else { panic!("{changes:?}") };
    assert_eq!((change.position, change.key.as_str()), (2, "100001"));
    assert_eq!((change.operation.as_str(), change.revision.as_str()), ("update", "2"));
    assert_eq!(change.changed, ["notes"]);
    assert_eq!(change.idempotency_key, "k1");
    let unknown = ["Custmer".to_owned()];
    let error = engine.changes("utilities", 0, &unknown).await.expect_err("no such class");
    assert!(matches!(error, Error::UnknownClass { .. }));
    let error = engine.changes("utilites", 0, &[]).await.expect_err("no such database");
    assert_eq!(error.to_string(), "there is no database `utilites`, did you mean `utilities`?");
}
