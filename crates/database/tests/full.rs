//! A file that is full loses nothing that was acknowledged afterwards.

use caruso_database::{Access, Address, DatabaseConnection, Failure, connect};
use sea_orm::{
    ConnectionTrait, DbErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

/// Some pages in one transaction.
async fn write(connection: &DatabaseConnection, rows: u32) -> Result<(), DbErr> {
    let mode = Some(SqliteTransactionMode::Immediate);
    let options = TransactionOptions { sqlite_transaction_mode: mode, ..Default::default() };
    let transaction = connection.begin_with_options(options).await?;
    for _ in 0..rows {
        let insert = "INSERT INTO t VALUES (hex(randomblob(1000)))";
        transaction.execute_unprepared(insert).await?;
    }
    transaction.commit().await
}

async fn rows(connection: &DatabaseConnection) -> i64 {
    let backend = connection.get_database_backend();
    let count = Statement::from_string(backend, "SELECT COUNT(*) FROM t");
    let row = connection.query_one_raw(count).await.expect("it answers").expect("a row");
    row.try_get_by_index(0).expect("a number")
}

#[tokio::test]
async fn what_is_acknowledged_after_a_full_file_is_there_for_everybody() {
    let folder = tempfile::tempdir().expect("a folder");
    let address = Address::of_file(&folder.path().join("small.sqlite"));
    let writer = connect(&address, Access::Write, 1).await.expect("it opens");
    writer.execute_unprepared("CREATE TABLE t (x text)").await.expect("a table");
    write(&writer, 2).await.expect("there is room");
    let reader = connect(&address, Access::Read, 1).await.expect("it opens");
    // twice: the second time finds what the first one left
    for _ in 0..2 {
        let most = "PRAGMA max_page_count = 1";
        writer.execute_unprepared(most).await.expect("as many as there are");
        let full = write(&writer, 50).await.expect_err("there is no room");
        assert_eq!(Failure::of(&full), Failure::Full, "{full}");
        assert_eq!(rows(&reader).await, 2, "nothing of it was written");
    }
    // a new connection, which may grow again
    write(&writer, 3).await.expect("there is room");
    assert_eq!(rows(&reader).await, 5, "acknowledged, and seen by others");
    let again = connect(&address, Access::Write, 1).await.expect("it opens");
    write(&again, 1).await.expect("nobody holds the file");
    assert_eq!(rows(&reader).await, 6);
}
