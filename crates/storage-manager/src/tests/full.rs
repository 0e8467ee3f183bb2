//! Databases whose disk is full.

use caruso_object_model::Operation;
use caruso_test_kit::disk::Disk;
use sea_orm::ConnectionTrait;

use super::changing::{apply, report};
use super::lab::Lab;
use super::{query, utilities, utilities_data};
use crate::{Engine, Error, Installation};

/// Units of work until a disk of a few mebibytes is full, at most.
const MANY: usize = 5_000;

async fn open(installation: &Installation) -> Engine {
    let model = utilities();
    let data = utilities_data(&model);
    Engine::open("test", model.into(), &data, installation).await.expect("it opens")
}

/// A report of which some hundred fill a page or two each.
fn long() -> Operation {
    let mut operation = report();
    if let Operation::Create { attributes, .. } = &mut operation {
        attributes.insert("description".to_owned(), "There is no power. ".repeat(26).into());
    }
    operation
}

async fn reports(engine: &Engine) -> u32 {
    let filter = crate::Query {
        class: "FaultReport".to_owned(),
        wants_count: true,
        page_size: 1,
        ..Default::default()
    };
    engine.query(&filter).await.expect("reading goes on").count.expect("they are counted")
}

/// Writes until there is no room; answers with the key of the unit of work that found none.
async fn write_until_full(engine: &Engine) -> String {
    let before = reports(engine).await;
    for at in 0..MANY {
        let key = format!("full-{at}");
        match apply(engine, &key, vec![long(), long()]).await {
            Ok(applied) => assert!(!applied.is_repeat),
            Err(error) => {
                assert!(
                    matches!(&error, Error::Full { database } if database == "utilities"),
                    "{error:?}"
                );
                assert_eq!(error.to_string(), "the disk of database `utilities` is full");
                let written = u32::try_from(at).expect("few") * 2;
                assert_eq!(reports(engine).await, before + written, "whole units or nothing");
                return key;
            }
        }
    }
    panic!("the disk was never full");
}

async fn a_full_disk_is_said(lab: &Lab) {
    let Some((installation, disk)) = lab.on_a_small_disk("utilities") else { return };
    let engine = open(&installation).await;
    disk.fill().expect("it is filled");
    let key = write_until_full(&engine).await;
    let again = apply(&engine, &key, vec![long(), long()]).await.expect_err("it is still full");
    assert!(matches!(again, Error::Full { .. }), "{again:?}");
    let known = query(&engine, "Customer", "number eq '100001'").await.expect("reading goes on");
    assert_eq!(known.objects.len(), 1);
    let before = reports(&engine).await;
    Disk::make_room(&disk).expect("there is room");
    let applied = apply(&engine, &key, vec![long(), long()]).await.expect("there is room");
    assert!(!applied.is_repeat, "nothing was done before");
    assert_eq!(reports(&engine).await, before + 2);
    let repeated = apply(&engine, &key, vec![long(), long()]).await.expect("it is known");
    assert!(repeated.is_repeat);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_a_file_is_said_and_nothing_is_half_done() {
    a_full_disk_is_said(&Lab::file()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_postgresql_is_said_and_nothing_is_half_done() {
    if let Some(lab) = Lab::postgresql() {
        a_full_disk_is_said(&lab).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_mariadb_is_said_and_nothing_is_half_done() {
    if let Some(lab) = Lab::mariadb() {
        a_full_disk_is_said(&lab).await;
    }
}

/// Without a disk of its own, which only root can have.
#[tokio::test]
async fn a_file_that_may_grow_no_more_is_full() {
    let lab = Lab::file();
    let engine = open(&lab.installation("utilities")).await;
    let writer = &engine.databases.values().next().expect("there is one").writer;
    let pages = |most: &str| format!("PRAGMA max_page_count = {most}");
    writer.execute_unprepared(&pages("1")).await.expect("as many as there are");
    let key = write_until_full(&engine).await;
    // the bound is that of a connection, which may have gone with it
    writer.execute_unprepared(&pages("1000000")).await.expect("there is room");
    let before = reports(&engine).await;
    assert!(!apply(&engine, &key, vec![long(), long()]).await.expect("there is room").is_repeat);
    assert_eq!(reports(&engine).await, before + 2);
}
