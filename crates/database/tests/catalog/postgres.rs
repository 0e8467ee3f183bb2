//! PostgreSQL.

use caruso_test_kit::postgres::Server;

use super::Is::{Assigned, Computed, Default, Strict};
use super::*;

const SCHEMA: &str = r#"
CREATE SCHEMA "Büro";
CREATE TYPE "Büro"."Anrede$" AS ENUM ('Herr', 'Frau', 'it''s');
ALTER TYPE "Büro"."Anrede$" ADD VALUE 'Firma' BEFORE 'Frau';
CREATE DOMAIN betrag AS numeric(12, 2) DEFAULT 0 NOT NULL;
CREATE DOMAIN klein AS betrag CHECK (VALUE < 100);
CREATE EXTENSION citext;
CREATE COLLATION loose (provider = icu, locale = 'und-u-ks-level2', deterministic = false);

CREATE TABLE "KD STAMM" (
    "MANDT" char(3), "KD NR" integer, "NAME 1" varchar(40) NOT NULL COLLATE "de-x-icu",
    "Kürzel" varchar(8) COLLATE "C", "Geändert" timestamp DEFAULT now(), "order" text,
    "E-Mail" text COLLATE loose, anrede "Büro"."Anrede$" DEFAULT 'Frau', saldo klein,
    "gone" integer,
    PRIMARY KEY ("KD NR", "MANDT"), UNIQUE ("order", "Kürzel"));
ALTER TABLE "KD STAMM" DROP COLUMN "gone";
COMMENT ON TABLE "KD STAMM" IS 'Kunden, alle';
COMMENT ON COLUMN "KD STAMM"."KD NR" IS 'von Hand vergeben';
CREATE UNIQUE INDEX ON "KD STAMM" ("NAME 1") WHERE "NAME 1" <> '';
CREATE UNIQUE INDEX ON "KD STAMM" ("MANDT", lower("NAME 1"));
CREATE INDEX ON "KD STAMM" (lower("E-Mail"), "MANDT");
CREATE UNIQUE INDEX ON "KD STAMM" ("E-Mail") INCLUDE (saldo);
CREATE INDEX ON "KD STAMM" USING hash ("order");

CREATE TABLE "VERTR$KOPF" (
    "V#" bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "lfd" serial NOT NULL,
    "MANDT" char(3), kunde integer, netto numeric(10, 2), nothing text DEFAULT NULL,
    brutto numeric(10, 2) GENERATED ALWAYS AS (netto * 1.19) STORED,
    FOREIGN KEY ("MANDT", kunde) REFERENCES "KD STAMM" ("MANDT", "KD NR"));
INSERT INTO "VERTR$KOPF" (netto) VALUES (1), (2), (3);
ANALYZE "VERTR$KOPF";

CREATE TABLE "ohne schlüssel" (
    a boolean, b smallint, c real, d double precision, e date, f time, g timestamptz, h uuid,
    i json, j jsonb, k bytea, l numeric, m text[], n numeric(3, -2), o interval, p bpchar,
    q timestamp(0), r "Büro"."Anrede$"[], s citext);

CREATE TABLE "Büro"."order" (
    id integer PRIMARY KEY, vertrag bigint UNIQUE REFERENCES "VERTR$KOPF",
    tag date, UNIQUE (id, tag),
    FOREIGN KEY (id, tag) REFERENCES "Büro"."order" (id, tag));

CREATE VIEW "Büro"."Sicht" AS SELECT "NAME 1", saldo, 1 AS eins FROM "KD STAMM";
CREATE MATERIALIZED VIEW stand AS SELECT "V#" FROM "VERTR$KOPF";
CREATE UNIQUE INDEX ON stand ("V#");

CREATE TABLE hist (tag date NOT NULL, n integer, PRIMARY KEY (tag, n)) PARTITION BY RANGE (tag);
CREATE TABLE hist_alt PARTITION OF hist FOR VALUES FROM (MINVALUE) TO ('2026-01-01');
CREATE TABLE hist_neu PARTITION OF hist FOR VALUES FROM ('2026-01-01') TO (MAXVALUE);
INSERT INTO hist VALUES ('2025-05-05', 1), ('2026-05-05', 2);
ANALYZE hist_alt, hist_neu;
CREATE TABLE zu_hist (tag date, n integer, FOREIGN KEY (tag, n) REFERENCES hist);
"#;

fn anrede() -> Physical {
    Physical::Enum {
        name: Some("\"Büro\".\"Anrede$\"".to_owned()),
        values: names(&["Herr", "Firma", "Frau", "it's"]),
    }
}

fn padded(length: Option<u32>) -> Physical {
    Physical::Text { length, is_padded: true, collation: Collation::Exact }
}

fn customers() -> Table {
    let number = column("KD NR", "integer", int(32), &[Strict]);
    let sorted = text(Some(40), Collation::Sorted);
    let short = text(Some(8), Collation::Exact);
    let changed = "timestamp without time zone";
    let columns = vec![
        column("MANDT", "character(3)", padded(Some(3)), &[Strict]),
        Column { comment: Some("von Hand vergeben".to_owned()), ..number },
        column("NAME 1", "character varying(40)", sorted, &[Strict]),
        column("Kürzel", "character varying(8)", short, &[]),
        column("Geändert", changed, Physical::DateTime, &[Default]),
        column("order", "text", text(None, Collation::Exact), &[]),
        column("E-Mail", "text", text(None, Collation::Loose), &[]),
        column("anrede", "\"Büro\".\"Anrede$\"", anrede(), &[Default]),
        column("saldo", "klein", decimal(12, 2), &[Strict, Default]),
    ];
    Table {
        primary_key: names(&["KD NR", "MANDT"]),
        unique: lists(&[&["E-Mail"], &["order", "Kürzel"]]),
        indexes: lists(&[&["KD NR", "MANDT"], &["E-Mail"], &["MANDT"], &["order", "Kürzel"]]),
        comment: Some("Kunden, alle".to_owned()),
        ..table("KD STAMM", columns)
    }
}

fn contracts() -> Table {
    let columns = vec![
        column("V#", "bigint", int(64), &[Strict, Assigned]),
        column("lfd", "integer", int(32), &[Strict, Assigned]),
        column("MANDT", "character(3)", padded(Some(3)), &[]),
        column("kunde", "integer", int(32), &[]),
        column("netto", "numeric(10,2)", decimal(10, 2), &[]),
        column("nothing", "text", text(None, Collation::Exact), &[]),
        column("brutto", "numeric(10,2)", decimal(10, 2), &[Computed]),
    ];
    Table {
        primary_key: names(&["V#"]),
        indexes: lists(&[&["V#"]]),
        foreign_keys: vec![key(&["MANDT", "kunde"], named("KD STAMM"), &["MANDT", "KD NR"])],
        rows: Some(3),
        ..table("VERTR$KOPF", columns)
    }
}

fn all_types() -> Table {
    let any = Physical::Decimal { precision: None, scale: None };
    let columns = [
        ("a", "boolean", Physical::Bool),
        ("b", "smallint", int(16)),
        ("c", "real", Physical::Single),
        ("d", "double precision", Physical::Float),
        ("e", "date", Physical::Date),
        ("f", "time without time zone", Physical::Time),
        ("g", "timestamp with time zone", Physical::Instant),
        ("h", "uuid", Physical::Uuid),
        ("i", "json", Physical::Json),
        ("j", "jsonb", Physical::Json),
        ("k", "bytea", Physical::Bytes),
        ("l", "numeric", any),
        ("m", "text[]", Physical::Other),
        ("n", "numeric(3,-2)", decimal(5, 0)),
        ("o", "interval", Physical::Other),
        ("p", "bpchar", padded(None)),
        ("q", "timestamp(0) without time zone", Physical::DateTime),
        ("r", "\"Büro\".\"Anrede$\"[]", Physical::Other),
        ("s", "citext", text(None, Collation::Loose)),
    ];
    let columns = columns.map(|(name, declared, physical)| column(name, declared, physical, &[]));
    table("ohne schlüssel", columns.into())
}

fn orders() -> Table {
    let columns = vec![
        column("id", "integer", int(32), &[Strict]),
        column("vertrag", "bigint", int(64), &[]),
        column("tag", "date", Physical::Date, &[]),
    ];
    Table {
        name: within("Büro", "order"),
        primary_key: names(&["id"]),
        unique: lists(&[&["id", "tag"], &["vertrag"]]),
        indexes: lists(&[&["id"], &["id", "tag"], &["vertrag"]]),
        foreign_keys: vec![
            key(&["id", "tag"], within("Büro", "order"), &["id", "tag"]),
            key(&["vertrag"], named("VERTR$KOPF"), &["V#"]),
        ],
        ..table("", columns)
    }
}

fn views() -> [Table; 2] {
    let name = text(Some(40), Collation::Sorted);
    let columns = vec![
        column("NAME 1", "character varying(40)", name, &[]),
        column("saldo", "klein", decimal(12, 2), &[Strict, Default]),
        column("eins", "integer", int(32), &[]),
    ];
    let (name, kind) = (within("Büro", "Sicht"), TableKind::View);
    let view = Table { name, kind, ..table("", columns) };
    let held = table("stand", vec![column("V#", "bigint", int(64), &[])]);
    let (unique, indexes) = (lists(&[&["V#"]]), lists(&[&["V#"]]));
    [view, Table { kind, unique, indexes, rows: Some(3), ..held }]
}

fn partitioned() -> [Table; 2] {
    let columns = |is: &[Is]| {
        vec![column("tag", "date", Physical::Date, is), column("n", "integer", int(32), is)]
    };
    let table_of_parts = Table {
        primary_key: names(&["tag", "n"]),
        indexes: lists(&[&["tag", "n"]]),
        rows: Some(2),
        ..table("hist", columns(&[Strict]))
    };
    let foreign_keys = vec![key(&["tag", "n"], named("hist"), &["tag", "n"])];
    [table_of_parts, Table { foreign_keys, ..table("zu_hist", columns(&[])) }]
}

#[tokio::test]
async fn postgres_says_what_it_has() {
    let server = match Server::start() {
        Ok(started) => started.expect("the server runs"),
        Err(missing) => return println!("{missing}"),
    };
    let url = server.database("odd").expect("a new name");
    server.run("odd", SCHEMA).expect("valid SQL");
    let connection = open(&url, Access::Read).await;
    let [view, held] = views();
    let [hist, to_hist] = partitioned();
    let expected = [customers(), contracts(), hist, all_types(), held, to_hist, view, orders()];
    assert_is(&read(&connection, None).await, &expected);

    assert_wanting_restricts(&connection, &[named("KD STAMM"), within("Büro", "Sicht")]).await;
    let part = read(&connection, Some(&[named("hist_neu")])).await;
    assert_eq!(part.tables.len(), 1, "a partition can be wanted");
    assert_eq!(part.tables[0].rows, Some(1));
}
