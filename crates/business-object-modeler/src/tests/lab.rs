//! A database that nobody designed for us, on each engine.

use caruso_database::{Access, Address, DatabaseConnection, DbBackend, connect};
use caruso_test_kit::{mariadb, postgres};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

/// An engine with the database in it.
pub(super) struct Lab {
    pub(super) connection: DatabaseConnection,
    pub(super) address: Address,
    _server: Server,
}

#[allow(dead_code, reason = "held until the test ends")]
enum Server {
    File(TempDir),
    Postgres(postgres::Server),
    MariaDb(mariadb::Server),
}

impl Lab {
    pub(super) async fn file() -> Self {
        let folder = TempDir::new().expect("a folder");
        let address = Address::of_file(&folder.path().join("crm.sqlite"));
        Self::filled(address, Server::File(folder)).await
    }

    /// `None`, and a printed line, where the server is not installed.
    pub(super) async fn postgresql() -> Option<Self> {
        match postgres::Server::start() {
            Ok(server) => {
                let server = server.expect("it starts");
                let url = server.database("crm").expect("a database");
                let address = url.parse().expect("an address");
                Some(Self::filled(address, Server::Postgres(server)).await)
            }
            Err(missing) => {
                eprintln!("skipped: {missing}");
                None
            }
        }
    }

    /// `None`, and a printed line, where the server is not installed.
    pub(super) async fn mariadb() -> Option<Self> {
        match mariadb::Server::start() {
            Ok(server) => {
                let server = server.expect("it starts");
                let url = server.database("crm").expect("a database");
                let address = url.parse().expect("an address");
                Some(Self::filled(address, Server::MariaDb(server)).await)
            }
            Err(missing) => {
                eprintln!("skipped: {missing}");
                None
            }
        }
    }

    async fn filled(address: Address, server: Server) -> Self {
        let writer = connect(&address, Access::Write, 1).await.expect("it opens");
        for statement in SCHEMA.split(';').filter(|it| !it.trim().is_empty()) {
            execute(&writer, statement).await;
        }
        for statement in rows() {
            execute(&writer, &statement).await;
        }
        writer.close().await.expect("it closes");
        let connection = connect(&address, Access::Read, 2).await.expect("it opens");
        Self { connection, address, _server: server }
    }

    pub(super) fn backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }
}

pub(super) async fn execute(connection: &DatabaseConnection, statement: &str) {
    let statement = match connection.get_database_backend() {
        DbBackend::MySql => statement.replace('"', "`"),
        _ => statement.to_owned(),
    };
    let done = connection.execute_unprepared(&statement).await;
    done.unwrap_or_else(|error| panic!("{error}: {statement}"));
}

const SCHEMA: &str = r#"
    CREATE TABLE "KLANT" (
        "MANDT" char(3) NOT NULL,
        "KD NR" integer NOT NULL,
        "NAME 1" varchar(40),
        "SPERRE" char(1) NOT NULL,
        "Geändert" integer NOT NULL,
        "SALDO" decimal(15,2),
        "SRT" char(2),
        "TEL" varchar(20),
        "LEER" varchar(10),
        "VERSIE" integer NOT NULL,
        PRIMARY KEY ("MANDT", "KD NR"));
    CREATE TABLE "VERTR$KOPF" (
        "ID" integer NOT NULL PRIMARY KEY,
        "MANDT" char(3) NOT NULL,
        "KD_NR" integer,
        "BIS" integer);
    CREATE TABLE "VERTR$POS" (
        "VERTR_ID" integer NOT NULL,
        "POS" integer NOT NULL,
        "TXT" varchar(20),
        PRIMARY KEY ("VERTR_ID", "POS"),
        FOREIGN KEY ("VERTR_ID") REFERENCES "VERTR$KOPF" ("ID"));
    CREATE TABLE "Kontakt Hist" ("NR" integer NOT NULL, "TXT" varchar(20));
    CREATE TABLE "ARCHIV" ("ID" integer NOT NULL PRIMARY KEY, "WAS" varchar(10));
"#;

/// 60 customers; every tenth has something wrong, and so have some contracts.
fn rows() -> Vec<String> {
    let mut rows = Vec::new();
    for at in 1..=60 {
        let flag = if at % 10 == 0 { "Q" } else { ["J", "N"][at % 2] };
        let changed = if at % 20 == 0 { 20_230_231 } else { [0, 20_240_229][at % 2] };
        let name = if at == 7 { "NULL".to_owned() } else { format!("'Name {at}'") };
        let kind = ["P", "Z"][at % 2];
        let number = if at % 6 == 0 { "keine".to_owned() } else { format!("06123456{at:02}") };
        rows.push(format!(
            "INSERT INTO \"KLANT\" VALUES ('001', {at}, {name}, '{flag}', {changed}, {at}.50, \
             '{kind}', '{number}', NULL, 1)"
        ));
    }
    for at in 1..=30 {
        // three lead to customers that are not there, two to none
        let customer = match at {
            5 | 6 => "77".to_owned(),
            7 => "78".to_owned(),
            8 | 9 => "NULL".to_owned(),
            other => other.to_string(),
        };
        let until = if at % 3 == 0 { 99_991_231 } else { 20_251_231 };
        rows.push(format!("INSERT INTO \"VERTR$KOPF\" VALUES ({at}, '001', {customer}, {until})"));
        rows.push(format!("INSERT INTO \"VERTR$POS\" VALUES ({at}, 1, 'Position')"));
    }
    for at in [1, 2, 2, 3, 3, 3].into_iter().chain(4..=20) {
        rows.push(format!("INSERT INTO \"Kontakt Hist\" VALUES ({at}, 'Text')"));
    }
    rows
}
