//! Databases that stop, return, and change under the running system.

use std::collections::BTreeSet;
use std::future::{Future, poll_fn};
use std::task::Poll;

use caruso_expression::Value;
use caruso_object_model::Operation;

use super::changing::{apply, report, update};
use super::lab::{Lab, beside, execute};
use super::{query, utilities, utilities_data, values};
use crate::{Engine, Error, Installation};

async fn open(installation: &Installation) -> Engine {
    let model = utilities();
    let data = utilities_data(&model);
    Engine::open("test", model.into(), &data, installation).await.expect("it opens")
}

/// Tells of each test on a server what it is; there is none where the server is missing.
fn labs() -> impl Iterator<Item = Lab> {
    [Lab::postgresql(), Lab::mariadb()].into_iter().flatten()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_is_said_and_found_again() {
    for mut lab in labs() {
        let engine = open(&lab.installation("utilities")).await;
        let reads = || query(&engine, "Customer", "number eq '100001'");
        assert_eq!(reads().await.expect("it answers").objects.len(), 1);
        lab.kill();
        let error = reads().await.expect_err("it is down");
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        let error = apply(&engine, "k1", vec![report()]).await.expect_err("it is down");
        assert!(matches!(error, Error::Unavailable { .. }), "{error}");
        lab.restart();
        // whatever connections there were, none of them is handed to a request
        for _ in 0..10 {
            assert_eq!(reads().await.expect("it answers again").objects.len(), 1);
        }
        assert!(!apply(&engine, "k1", vec![report()]).await.expect("it answers").is_repeat);
    }
}

/// Polls a future so often, and then nobody waits for it any more.
async fn give_up<T>(future: impl Future<Output = T>, after: u32) {
    let (mut future, mut polls) = (Box::pin(future), 0..after);
    poll_fn(|context| match polls.next() {
        Some(_) => future.as_mut().poll(context).map(drop),
        None => Poll::Ready(()),
    })
    .await;
}

#[tokio::test]
async fn a_request_that_is_given_up_spoils_no_connection() {
    for lab in labs() {
        let installation = lab.installation("utilities");
        let engine = open(&installation).await;
        let database = engine.database(engine.plan("Customer").expect("known")).expect("known");
        let beside = beside(&installation).await;
        for moment in 0..24 {
            let filter = format!("number eq '10000{}'", moment % 4);
            give_up(query(&engine, "Customer", &filter), moment).await;
            for number in 100_001..100_004 {
                let filter = format!("number eq '{number}'");
                let found = query(&engine, "Customer", &filter).await.expect("it answers");
                let number = Value::from(number.to_string());
                assert_eq!(values(&found, "number"), [number], "given up at moment {moment}");
            }
            let key = format!("k{moment}");
            give_up(apply(&engine, &key, vec![report()]), moment).await;
            let kept = caruso_database::keep(&database.writer, &key, Some("kept")).await;
            kept.unwrap_or_else(|error| panic!("given up at moment {moment}: {error}"));
            let kept = caruso_database::kept(&beside, &key).await.expect("it answers");
            assert_eq!(kept.as_deref(), Some("kept"), "given up at moment {moment}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_before_a_crash_is_there_once() {
    for mut lab in labs() {
        let installation = lab.installation("utilities");
        let engine = open(&installation).await;
        let before = number_of_reports(&engine).await;
        let writers = (0..4_u32).map(|writer| {
            let engine = engine.clone();
            tokio::spawn(async move {
                let mut done = BTreeSet::new();
                for number in 0..200 {
                    let key = format!("{writer}-{number}");
                    match apply(&engine, &key, vec![report()]).await {
                        Ok(applied) => done.insert((key, applied.objects[0].key.clone())),
                        Err(_) => break,
                    };
                }
                done
            })
        });
        let writers: Vec<_> = writers.collect();
        while number_of_reports(&engine).await < before + 40 {
            tokio::task::yield_now().await;
        }
        lab.kill();
        let mut acknowledged = BTreeSet::new();
        for writer in writers {
            acknowledged.extend(writer.await.expect("it ends well"));
        }
        lab.restart();
        assert!(acknowledged.len() >= 30, "{}", acknowledged.len());
        for (key, made) in &acknowledged {
            let again = apply(&engine, key, vec![report()]).await.expect("it answers");
            assert!(again.is_repeat, "{key} was acknowledged");
            assert_eq!(again.objects[0].key, *made);
        }
        // one of each writer may have happened without being acknowledged
        let reports = number_of_reports(&engine).await - before;
        let extra = reports - acknowledged.len();
        assert!(extra <= 4, "{reports} reports, {} acknowledged", acknowledged.len());
    }
}

async fn number_of_reports(engine: &Engine) -> usize {
    let query = crate::Query {
        class: "FaultReport".into(),
        page_size: 1,
        wants_count: true,
        ..crate::Query::default()
    };
    let count = engine.query(&query).await.expect("it answers").count;
    usize::try_from(count.expect("it was wanted")).expect("few")
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_may_change_while_requests_come() {
    for lab in labs() {
        let installation = lab.installation("utilities");
        let engine = open(&installation).await;
        let reads = async || {
            let page = query(&engine, "Customer", "number eq '100001'").await.expect("it answers");
            page.objects[0].attributes["name"].clone()
        };
        for _ in 0..8 {
            assert_eq!(reads().await, Value::from("Eva de Vries"));
        }
        let connection = beside(&installation).await;
        let wider = match connection.get_database_backend() {
            caruso_database::DbBackend::Postgres => {
                "ALTER TABLE \"KLANT\" ALTER COLUMN \"NAAM\" TYPE text"
            }
            _ => "ALTER TABLE \"KLANT\" MODIFY \"NAAM\" text",
        };
        execute(&connection, wider).await;
        execute(&connection, "ALTER TABLE \"KLANT\" ADD \"NIEUW\" integer").await;
        for _ in 0..8 {
            assert_eq!(reads().await, Value::from("Eva de Vries"), "no request fails");
        }
        execute(&connection, "ALTER TABLE \"KLANT\" DROP COLUMN \"MEMO\"").await;
        let error = query(&engine, "Customer", "").await.expect_err("it is no longer there");
        assert!(matches!(error, Error::Stale { .. }), "{error}");
        tokio::time::timeout(std::time::Duration::from_secs(5), engine.changed())
            .await
            .expect("the change is told");
        let change = update("Customer", "100001", "1", &[("name", "x".into())]);
        let error = apply(&engine, "k1", vec![change]).await.expect_err("the model does not fit");
        assert!(matches!(error, Error::Stale { .. }), "{error}");
        let delete =
            Operation::Delete { class: "Move".into(), key: "1".into(), revision: "1".into() };
        let error = apply(&engine, "k2", vec![delete]).await.expect_err("there is none");
        assert!(matches!(error, Error::NotFound(_)), "other tables are as they were");
    }
}
