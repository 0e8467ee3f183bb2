//! Binary numbers of 32 bits are the decimals that people wrote, and are found by them.

use caruso_database::{
    Access, Address, Codec, DatabaseConnection, DbBackend, Physical, Place, connect,
};
use caruso_expression::Value;
use caruso_object_model::{AttributeType, Stored};
use caruso_test_kit::{mariadb, postgres};
use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query};

const NUMBERS: [&str; 6] = ["0.1", "-2.75", "16777216", "3.14159", "123456.7", "0"];

fn value(text: &str) -> Value {
    Value::Decimal(text.parse().expect("a number"))
}

async fn open(url: &str) -> DatabaseConnection {
    let address: Address = url.parse().expect("an address");
    connect(&address, Access::Write, 1).await.expect("it opens")
}

/// How many rows hold a number, as the database compares.
async fn found(connection: &DatabaseConnection, codec: &Codec, number: &str) -> usize {
    let Place::At(cell, is_exact) = codec.place(&value(number)) else { return 0 };
    let mut select = Query::select();
    select.column(Alias::new("n")).from(Alias::new("t"));
    select.and_where(Expr::col(Alias::new("n")).eq(Expr::val(cell)));
    let rows = connection.query_all(&select).await.expect("it answers");
    if is_exact { rows.len() } else { 0 }
}

async fn singles_are_decimals(url: &str, declared: &str) {
    let connection = open(url).await;
    let backend: DbBackend = connection.get_database_backend();
    let create = format!("CREATE TABLE t (at integer, n {declared})");
    connection.execute_unprepared(&create).await.expect("it is made");
    let (ty, stored) = (AttributeType::Decimal(5), Stored::default());
    let codec = Codec::resolve(backend, &ty, &stored, &Physical::Single, declared);
    let codec = codec.expect("a number is a number");
    for (at, number) in (0_i64..).zip(NUMBERS) {
        // half as somebody else writes them, half as we do
        if at % 2 == 0 {
            let insert = format!("INSERT INTO t VALUES ({at}, {number})");
            connection.execute_unprepared(&insert).await.expect("it is written");
            continue;
        }
        let raw = codec.encode(&value(number)).expect("it has so few digits");
        let mut insert = Query::insert();
        insert.into_table(Alias::new("t")).columns(["at", "n"].map(Alias::new));
        insert.values_panic([Expr::val(at), Expr::val(raw)]);
        connection.execute(&insert).await.expect("it is written");
    }
    let mut select = Query::select();
    select.column(Alias::new("n")).from(Alias::new("t")).order_by("at", sea_orm::Order::Asc);
    let rows = connection.query_all(&select).await.expect("it answers");
    let read = rows.iter().map(|row| codec.decode(row, 0).expect("a number"));
    let expected: Vec<Value> = NUMBERS.iter().map(|number| value(number)).collect();
    assert_eq!(read.collect::<Vec<_>>(), expected);
    for number in NUMBERS {
        assert_eq!(found(&connection, &codec, number).await, 1, "{number}");
    }
    for near in ["0.10001", "3.1416", "16777217"] {
        assert_eq!(found(&connection, &codec, near).await, 0, "{near}");
        let is_kept = codec.encode(&value(near)).is_some();
        assert_eq!(is_kept, near != "16777217", "what it cannot hold is no cell: {near}");
    }
}

#[tokio::test]
async fn singles_of_postgresql_are_decimals() {
    match postgres::Server::start() {
        Ok(server) => singles_are_decimals(&server.expect("it starts").url(), "real").await,
        Err(missing) => eprintln!("{missing}"),
    }
}

#[tokio::test]
async fn singles_of_mariadb_are_decimals() {
    match mariadb::Server::start() {
        Ok(server) => singles_are_decimals(&server.expect("it starts").url(), "float").await,
        Err(missing) => eprintln!("{missing}"),
    }
}
