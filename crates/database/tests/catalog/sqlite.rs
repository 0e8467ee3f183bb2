//! SQLite.

use sea_orm::ConnectionTrait as _;

use super::Is::{Assigned, Computed, Default, Strict};
use super::*;

const SCHEMA: &str = r#"
CREATE TABLE "KD STAMM" (
    "MANDT" CHAR(3) NOT NULL, "KD NR" INTEGER NOT NULL,
    "NAME 1" VARCHAR(40) NOT NULL COLLATE NOCASE, [order] TEXT, `Geändert` DATETIME
    DEFAULT CURRENT_TIMESTAMP, saldo DECIMAL(12,2) NOT NULL DEFAULT 0, leer TEXT DEFAULT NULL,
    PRIMARY KEY ("KD NR", "MANDT"), UNIQUE ("order", "NAME 1"));
CREATE UNIQUE INDEX u1 ON "KD STAMM" ("NAME 1") WHERE "NAME 1" <> '';
CREATE UNIQUE INDEX u2 ON "KD STAMM" ("MANDT", lower("NAME 1"));
CREATE INDEX i1 ON "KD STAMM" (lower("order"), "MANDT");
CREATE UNIQUE INDEX u3 ON "KD STAMM" ("order");
CREATE TABLE "VERTR$KOPF" (
    "V#" INTEGER PRIMARY KEY, mandt CHAR(3), kunde INT, netto NUMERIC,
    brutto NUMERIC GENERATED ALWAYS AS (netto * 1.19) STORED, art TEXT AS ('x') VIRTUAL,
    FOREIGN KEY (mandt, kunde) REFERENCES "kd stamm" (mandt, "kd nr"),
    FOREIGN KEY (kunde, mandt) REFERENCES "KD STAMM");
INSERT INTO "VERTR$KOPF" (netto) VALUES (1), (2), (3);
CREATE TABLE "ohne schlüssel" (
    a BOOLEAN, b, c REAL, d JSON, e DATE, f TIME, g BLOB, h UUID, i BIGINT, j CLOB, k GEOMETRY);
CREATE TABLE streng (k TEXT PRIMARY KEY COLLATE RTRIM, n INT NOT NULL, x ANY) STRICT, WITHOUT ROWID;
CREATE TABLE kurz (k TEXT PRIMARY KEY REFERENCES "nicht da");
CREATE VIEW "Sicht" AS SELECT "NAME 1", 1 AS eins FROM "KD STAMM";
CREATE VIEW kaputt AS SELECT * FROM "nicht da";
CREATE VIRTUAL TABLE suche USING fts5(worte);
ANALYZE "VERTR$KOPF";
"#;

fn customers() -> Table {
    let name = text(Some(40), Collation::Loose);
    let columns = vec![
        column("MANDT", "CHAR(3)", text(Some(3), Collation::Exact), &[Strict]),
        column("KD NR", "INTEGER", int(64), &[Strict]),
        column("NAME 1", "VARCHAR(40)", name, &[Strict]),
        column("order", "TEXT", text(None, Collation::Exact), &[]),
        column("Geändert", "DATETIME", Physical::DateTime, &[Default]),
        column("saldo", "DECIMAL(12,2)", decimal(12, 2), &[Strict, Default]),
        column("leer", "TEXT", text(None, Collation::Exact), &[]),
    ];
    Table {
        primary_key: names(&["KD NR", "MANDT"]),
        unique: lists(&[&["order"], &["order", "NAME 1"]]),
        indexes: lists(&[&["KD NR", "MANDT"], &["MANDT"], &["order"], &["order", "NAME 1"]]),
        ..table("KD STAMM", columns)
    }
}

fn contracts() -> Table {
    let any = Physical::Decimal { precision: None, scale: None };
    let columns = vec![
        column("V#", "INTEGER", int(64), &[Strict, Assigned]),
        column("mandt", "CHAR(3)", text(Some(3), Collation::Exact), &[]),
        column("kunde", "INT", int(64), &[]),
        column("netto", "NUMERIC", any.clone(), &[]),
        column("brutto", "NUMERIC", any, &[Computed]),
        column("art", "TEXT", text(None, Collation::Exact), &[Computed]),
    ];
    let to_customer = |columns, target| key(columns, named("KD STAMM"), target);
    Table {
        primary_key: names(&["V#"]),
        indexes: lists(&[&["V#"]]),
        foreign_keys: vec![
            to_customer(&["kunde", "mandt"], &["KD NR", "MANDT"]),
            to_customer(&["mandt", "kunde"], &["MANDT", "KD NR"]),
        ],
        rows: Some(3),
        ..table("VERTR$KOPF", columns)
    }
}

fn all_types() -> Table {
    let columns = [
        ("a", "BOOLEAN", Physical::Bool),
        ("b", "", Physical::Other),
        ("c", "REAL", Physical::Float),
        ("d", "JSON", Physical::Json),
        ("e", "DATE", Physical::Date),
        ("f", "TIME", Physical::Time),
        ("g", "BLOB", Physical::Bytes),
        ("h", "UUID", Physical::Uuid),
        ("i", "BIGINT", int(64)),
        ("j", "CLOB", text(None, Collation::Exact)),
        ("k", "GEOMETRY", Physical::Other),
    ];
    let columns = columns.map(|(name, declared, physical)| column(name, declared, physical, &[]));
    table("ohne schlüssel", columns.into())
}

fn keyed_by_text() -> [Table; 2] {
    let short = vec![column("k", "TEXT", text(None, Collation::Exact), &[])];
    let strict = vec![
        column("k", "TEXT", text(None, Collation::Loose), &[Strict]),
        column("n", "INT", int(64), &[Strict]),
        column("x", "ANY", Physical::Other, &[]),
    ];
    [table("kurz", short), table("streng", strict)].map(|table| Table {
        primary_key: names(&["k"]),
        indexes: lists(&[&["k"]]),
        ..table
    })
}

fn views() -> [Table; 2] {
    let columns = vec![
        column("NAME 1", "VARCHAR(40)", text(Some(40), Collation::Loose), &[]),
        column("eins", "", Physical::Other, &[]),
    ];
    let search = table("suche", vec![column("worte", "", Physical::Other, &[])]);
    [Table { kind: TableKind::View, ..table("Sicht", columns) }, search]
}

#[tokio::test]
async fn sqlite_says_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let url = format!("sqlite:{}", folder.path().join("odd.db").display());
    let writer = open(&url, Access::Write).await;
    writer.execute_unprepared(SCHEMA).await.expect("valid SQL");
    let connection = open(&url, Access::Read).await;
    let [view, search] = views();
    let [short, strict] = keyed_by_text();
    let expected = [customers(), view, contracts(), short, all_types(), strict, search];
    assert_is(&read(&connection, None).await, &expected);

    assert_wanting_restricts(&connection, &[named("KD STAMM"), named("Sicht")]).await;
    let other_case = read(&connection, Some(&[named("kd stamm"), named("kaputt")])).await;
    assert_eq!(other_case, Catalog::default(), "names are compared exactly");
}
