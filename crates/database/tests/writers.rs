//! Transactions over connections that are kept come to the end that they are brought to.

use caruso_database::{Access, Address, DbBackend, Writers, connect};
use caruso_test_kit::{mariadb, postgres};
use sea_orm::{ConnectionTrait, Statement};

const INSERT: &str = "INSERT INTO t VALUES (1)";

async fn number(connection: &impl ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    let row = connection.query_one_raw(statement).await.expect("it answers").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

async fn rows(connection: &impl ConnectionTrait) -> i64 {
    number(connection, "SELECT COUNT(*) FROM t").await
}

/// One transaction at a time, so that each is behind the end of the one before.
async fn each_comes_to_its_end(address: Address) {
    let source = connect(&address, Access::Write, 2).await.expect("it opens");
    source.execute_unprepared("CREATE TABLE t (x integer)").await.expect("it is made");
    let writers = Writers::new(source.clone(), 1);
    let kept = writers.begin().await.expect("it begins");
    kept.execute_unprepared(INSERT).await.expect("it is written");
    kept.commit().await.expect("it lasts");
    let dropped = writers.begin().await.expect("it begins");
    dropped.execute_unprepared(INSERT).await.expect("it is written");
    drop(dropped);
    let taken_back = writers.begin().await.expect("it begins");
    assert_eq!(rows(&taken_back).await, 1, "what was dropped is not there");
    taken_back.execute_unprepared(INSERT).await.expect("it is written");
    taken_back.rollback().await.expect("it is taken back");
    let broken = writers.begin().await.expect("it begins");
    broken.execute_unprepared("SELECT nothing FROM nowhere").await.expect_err("no such table");
    drop(broken);
    let last = writers.begin().await.expect("it begins");
    last.execute_unprepared(INSERT).await.expect("the one before is over");
    last.commit().await.expect("it lasts");
    assert_eq!(rows(&source).await, 2);
}

/// The connection that is kept breaks while nobody uses it.
async fn a_broken_one_is_replaced(address: Address) {
    let source = connect(&address, Access::Write, 2).await.expect("it opens");
    let writers = Writers::new(source.clone(), 1);
    let first = writers.begin().await.expect("it begins");
    let (id, end) = match first.get_database_backend() {
        DbBackend::MySql => ("SELECT CAST(CONNECTION_ID() AS SIGNED)", "KILL"),
        _ => ("SELECT pg_backend_pid()::bigint", "SELECT pg_terminate_backend"),
    };
    let id = number(&first, id).await;
    first.commit().await.expect("there is nothing to it");
    source.execute_unprepared(&format!("{end} ({id})")).await.expect("it is ended");
    let second = writers.begin().await.expect("another one takes its place");
    second.execute_unprepared(INSERT).await.expect("it is written");
    second.commit().await.expect("it lasts");
    assert_eq!(rows(&source).await, 3);
}

#[tokio::test]
async fn in_a_file() {
    let folder = tempfile::tempdir().expect("a folder");
    each_comes_to_its_end(Address::of_file(&folder.path().join("t.sqlite"))).await;
}

#[tokio::test]
async fn on_postgresql() {
    match postgres::Server::start() {
        Ok(server) => on_a_server(&server.expect("it starts").url()).await,
        Err(missing) => eprintln!("{missing}"),
    }
}

#[tokio::test]
async fn on_mariadb() {
    match mariadb::Server::start() {
        Ok(server) => on_a_server(&server.expect("it starts").url()).await,
        Err(missing) => eprintln!("{missing}"),
    }
}

async fn on_a_server(url: &str) {
    let address: Address = url.parse().expect("an address");
    each_comes_to_its_end(address.clone()).await;
    a_broken_one_is_replaced(address).await;
}
