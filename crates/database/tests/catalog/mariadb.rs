//! MariaDB.

use caruso_test_kit::mariadb::Server;

use super::Is::{Assigned, Computed, Default, Strict};
use super::*;

const SCHEMA: &str = r"
CREATE TABLE `KD STAMM` (
    `MANDT` char(3), `KD NR` int COMMENT 'von Hand vergeben', `NAME 1` varchar(40) NOT NULL,
    `Kürzel` varchar(8) COLLATE utf8mb4_nopad_bin, `Geändert` datetime DEFAULT now(),
    `order` varchar(50) COLLATE utf8mb4_bin, notiz text,
    anrede enum('Herr', 'it''s', 'a\\b') NOT NULL DEFAULT 'Herr',
    saldo decimal(12, 2) NOT NULL DEFAULT 0, nothing varchar(9) DEFAULT NULL,
    PRIMARY KEY (`KD NR`, `MANDT`), UNIQUE (`order`, `Kürzel`), KEY (notiz(20), `NAME 1`),
    FULLTEXT (`NAME 1`)) COMMENT 'Kunden, alle';
CREATE TABLE `VERTR$KOPF` (
    `V#` bigint unsigned AUTO_INCREMENT PRIMARY KEY, `MANDT` char(3), kunde int,
    netto decimal(10, 2), brutto decimal(10, 2) AS (netto * 1.19) STORED,
    halb decimal(10, 2) AS (netto / 2) VIRTUAL,
    FOREIGN KEY (kunde, `MANDT`) REFERENCES `KD STAMM` (`KD NR`, `MANDT`));
INSERT INTO `VERTR$KOPF` (netto) VALUES (1), (2), (3);
CREATE TABLE `ohne schlüssel` (
    a boolean, b smallint unsigned, c float, d double, e date, f time, g timestamp NULL, h uuid,
    i json, j mediumint, k blob, l decimal, m set('a', 'b'), n longtext, o tinyint(1) unsigned,
    p binary(4), q year, r bigint, s tinytext, t datetime(6));
CREATE VIEW `Sicht` AS SELECT `NAME 1`, saldo, 1 AS eins FROM `KD STAMM`;
CREATE TABLE weg (n int);
CREATE VIEW kaputt AS SELECT n FROM weg;
DROP TABLE weg;
CREATE SEQUENCE zahlen;
CREATE TABLE neben.`order` (
    id int PRIMARY KEY, vertrag bigint unsigned UNIQUE,
    FOREIGN KEY (vertrag) REFERENCES odd.`VERTR$KOPF` (`V#`));
ANALYZE TABLE `KD STAMM`, `VERTR$KOPF`, `ohne schlüssel`, neben.`order`;
";

fn customers() -> Table {
    let loose = |length| text(length, Collation::Loose);
    let tenant = Physical::Text { length: Some(3), is_padded: true, collation: Collation::Loose };
    let number = column("KD NR", "int(11)", int(32), &[Strict]);
    let form = Physical::Enum { name: None, values: names(&["Herr", "it's", r"a\b"]) };
    let form_declared = r"enum('Herr','it''s','a\\b')";
    let columns = vec![
        column("MANDT", "char(3)", tenant, &[Strict]),
        Column { comment: Some("von Hand vergeben".to_owned()), ..number },
        column("NAME 1", "varchar(40)", loose(Some(40)), &[Strict]),
        column("Kürzel", "varchar(8)", text(Some(8), Collation::Exact), &[]),
        column("Geändert", "datetime", Physical::DateTime, &[Default]),
        column("order", "varchar(50)", loose(Some(50)), &[]),
        column("notiz", "text", loose(None), &[]),
        column("anrede", form_declared, form, &[Strict, Default]),
        column("saldo", "decimal(12,2)", decimal(12, 2), &[Strict, Default]),
        column("nothing", "varchar(9)", loose(Some(9)), &[]),
    ];
    Table {
        primary_key: names(&["KD NR", "MANDT"]),
        unique: lists(&[&["order", "Kürzel"]]),
        indexes: lists(&[&["KD NR", "MANDT"], &["notiz", "NAME 1"], &["order", "Kürzel"]]),
        rows: Some(0),
        comment: Some("Kunden, alle".to_owned()),
        ..table("KD STAMM", columns)
    }
}

fn contracts() -> Table {
    let tenant = Physical::Text { length: Some(3), is_padded: true, collation: Collation::Loose };
    let number = Physical::Int { bits: 64, is_unsigned: true };
    let columns = vec![
        column("V#", "bigint(20) unsigned", number, &[Strict, Assigned]),
        column("MANDT", "char(3)", tenant, &[]),
        column("kunde", "int(11)", int(32), &[]),
        column("netto", "decimal(10,2)", decimal(10, 2), &[]),
        column("brutto", "decimal(10,2)", decimal(10, 2), &[Computed]),
        column("halb", "decimal(10,2)", decimal(10, 2), &[Computed]),
    ];
    Table {
        primary_key: names(&["V#"]),
        indexes: lists(&[&["V#"], &["kunde", "MANDT"]]),
        foreign_keys: vec![key(&["kunde", "MANDT"], named("KD STAMM"), &["KD NR", "MANDT"])],
        rows: Some(3),
        ..table("VERTR$KOPF", columns)
    }
}

fn all_types() -> Table {
    let unsigned = |bits| Physical::Int { bits, is_unsigned: true };
    let columns = [
        ("a", "tinyint(1)", Physical::Bool),
        ("b", "smallint(5) unsigned", unsigned(16)),
        ("c", "float", Physical::Single),
        ("d", "double", Physical::Float),
        ("e", "date", Physical::Date),
        ("f", "time", Physical::Time),
        ("g", "timestamp", Physical::Instant),
        ("h", "uuid", Physical::Uuid),
        ("i", "longtext", Physical::Json),
        ("j", "mediumint(9)", int(24)),
        ("k", "blob", Physical::Bytes),
        ("l", "decimal(10,0)", decimal(10, 0)),
        ("m", "set('a','b')", Physical::Other),
        ("n", "longtext", text(None, Collation::Loose)),
        ("o", "tinyint(1) unsigned", unsigned(8)),
        ("p", "binary(4)", Physical::Bytes),
        ("q", "year(4)", Physical::Other),
        ("r", "bigint(20)", int(64)),
        ("s", "tinytext", text(None, Collation::Loose)),
        ("t", "datetime(6)", Physical::DateTime),
    ];
    let columns = columns.map(|(name, declared, physical)| column(name, declared, physical, &[]));
    Table { rows: Some(0), ..table("ohne schlüssel", columns.into()) }
}

fn view() -> Table {
    let columns = vec![
        column("NAME 1", "varchar(40)", text(Some(40), Collation::Loose), &[Strict]),
        column("saldo", "decimal(12,2)", decimal(12, 2), &[Strict, Default]),
        // MariaDB says so, although nobody can write it
        column("eins", "int(1)", int(32), &[Strict, Default]),
    ];
    Table { kind: TableKind::View, ..table("Sicht", columns) }
}

fn beside() -> Table {
    let contract = Physical::Int { bits: 64, is_unsigned: true };
    let columns = vec![
        column("id", "int(11)", int(32), &[Strict]),
        column("vertrag", "bigint(20) unsigned", contract, &[]),
    ];
    Table {
        name: within("neben", "order"),
        primary_key: names(&["id"]),
        unique: lists(&[&["vertrag"]]),
        indexes: lists(&[&["id"], &["vertrag"]]),
        foreign_keys: vec![key(&["vertrag"], named("VERTR$KOPF"), &["V#"])],
        rows: Some(0),
        ..table("", columns)
    }
}

#[tokio::test]
async fn mariadb_says_what_it_has() {
    let server = match Server::start() {
        Ok(started) => started.expect("the server runs"),
        Err(missing) => return println!("{missing}"),
    };
    let url = server.database("odd").expect("a new name");
    server.database("neben").expect("a new name");
    server.run("odd", SCHEMA).expect("valid SQL");
    let connection = open(&url, Access::Read).await;
    assert_is(&read(&connection, None).await, &[customers(), view(), contracts(), all_types()]);

    assert_wanting_restricts(&connection, &[named("KD STAMM"), named("Sicht")]).await;
    let wanted = [within("neben", "order"), named("order"), within("neben", "KD STAMM")];
    assert_is(&read(&connection, Some(&wanted)).await, &[beside()]);
}
