//! First models, as people read them.

use std::collections::BTreeMap;

use caruso_database::{Catalog, Collation, Column, DbBackend, Physical, Table, TableKind};
use caruso_object_model::Model;

use super::catalogs::*;
use crate::import::{Profile, Sample, Samples, database_name, first_model};

/// A schema that nobody designed for us.
fn nasty() -> Catalog {
    let tables =
        vec![klant(), vertr_kopf(), contact_points(), kontakt_hist(), customers(), codes()];
    Catalog { tables }
}

fn klant() -> Table {
    table(
        "KLANT",
        &["MANDT", "KD NR"],
        vec![
            filled("MANDT", padded(3)),
            filled("KD NR", int()),
            Column {
                comment: Some("The name on the invoice".to_owned()),
                ..filled("NAME 1", text(40))
            },
            column("SPERRE", padded(1)),
            column("Geändert", int()),
            column("SALDO", decimal(15, 2)),
            column("KURS", decimal(20, 12)),
            column("FAKTOR", Physical::Float),
            column("TEL NR", text(20)),
            column("in", int()),
            column("BILD", Physical::Bytes),
            column("SRT", padded(2)),
            filled("VERSIE", int()),
        ],
    )
}

fn vertr_kopf() -> Table {
    leads(
        leads(
            table(
                "VERTR$KOPF",
                &["ID"],
                vec![
                    Column { is_assigned: true, ..filled("ID", int()) },
                    filled("MANDT", padded(3)),
                    filled("KD_NR", int()),
                    column("VERTRETER_ID", int()),
                    column("ANGELEGT", Physical::DateTime),
                    column(
                        "MOOD",
                        Physical::Enum {
                            name: Some("\"crm\".\"mood\"".to_owned()),
                            values: strings(&["happy", "so-so", "+1", ""]),
                        },
                    ),
                ],
            ),
            &["KD_NR", "MANDT"],
            "KLANT",
            &["KD NR", "MANDT"],
        ),
        &["VERTRETER_ID"],
        "VERTRETER",
        &["ID"],
    )
}

fn contact_points() -> Table {
    leads(
        table(
            "contact_points",
            &["id"],
            vec![
                filled("id", Physical::Uuid),
                filled("order_id", int()),
                column("value", text(60)),
                Column { comment: Some("a -- b\nc".to_owned()), ..column("t", Physical::Time) },
            ],
        ),
        &["order_id"],
        "VERTR$KOPF",
        &["ID"],
    )
}

fn kontakt_hist() -> Table {
    leads(
        table(
            "Kontakt--Hist",
            &[],
            vec![column("order_id", int()), filled("TEXT", text(2_000)), column("text", text(10))],
        ),
        &["order_id"],
        "VERTR$KOPF",
        &["ID"],
    )
}

fn customers() -> Table {
    Table {
        kind: TableKind::View,
        indexes: Vec::new(),
        ..table("customers", &[], vec![column("customer_id", int()), column("n", int())])
    }
}

fn codes() -> Table {
    let loose = Physical::Text { length: None, is_padded: false, collation: Collation::Loose };
    Table {
        unique: vec![strings(&["code"])],
        comment: Some("What contracts are about.".to_owned()),
        ..table("klant", &[], vec![filled("code", text(4)), column("txt", loose)])
    }
}

fn profile(values: u64, distinct: &[(&str, u64)]) -> Profile {
    let distinct: BTreeMap<String, u64> =
        distinct.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect();
    Profile { values, distinct: Some(distinct), ..Profile::default() }
}

fn samples() -> Samples {
    let many = |values| Profile { values, ..Profile::default() };
    let columns = [
        ("SPERRE", profile(1234, &[("J", 1200), ("N", 34)])),
        (
            "Geändert",
            Profile { days: 1230, no_days: BTreeMap::from([("0".to_owned(), 4)]), ..many(1234) },
        ),
        ("SRT", profile(1234, &[("P ", 1000), ("Z ", 234)])),
        ("TEL NR", Profile { phones: 1100, ..many(1234) }),
        ("FAKTOR", Profile { decimals: 3, ..many(1234) }),
    ];
    let sample = |rows, columns: Vec<(&str, Profile)>| Sample {
        rows,
        is_whole: true,
        columns: columns.into_iter().map(|(name, it)| (name.to_owned(), it)).collect(),
    };
    let distinct = Profile { is_distinct: true, ..many(7) };
    let phones = Profile { phones: 30, dialled: 30, ..many(31) };
    let tables = [
        (name("KLANT"), sample(1234, columns.into())),
        (name("contact_points"), sample(31, vec![("value", phones)])),
        (name("Kontakt--Hist"), sample(7, vec![("TEXT", distinct.clone())])),
        (name("customers"), sample(7, vec![("customer_id", distinct)])),
    ];
    Samples { tables: tables.into(), unread: vec![name("klant")] }
}

#[test]
fn a_schema_that_nobody_designed_for_us_becomes_a_model_that_can_be_read() {
    let files = first_model(&nasty(), &samples(), &options(DbBackend::Postgres));
    let [file] = files.as_slice() else { panic!("one file, not {}", files.len()) };
    let (model, findings) = Model::read([("crm.xml", file.as_bytes())]);
    assert_eq!(findings, [], "{file}");
    assert_eq!(model.classes().count(), 4);
    assert!(file.lines().all(|line| line.chars().count() <= 100), "{file}");
    insta::assert_snapshot!("nasty", file);
}

#[test]
fn a_class_that_was_kept_back_is_sound_once_it_has_a_key() {
    let files = first_model(&nasty(), &samples(), &options(DbBackend::MySql));
    let (before, rest) = files[0].split_once("  <!-- `Kontakt--Hist`").unwrap_or_else(|| {
        files[0].split_once("  <!-- `Kontakt- -Hist`").expect("the class is kept back")
    });
    let (inside, after) = rest.split_once("</class> -->").expect("the comment ends");
    let class = &inside[inside.find("  <class").expect("it has the class")..];
    let class = class.replace("key=\"\"", "key=\"text\"");
    let file = format!("{before}{class}</class>{after}");
    let (model, findings) = Model::read([("crm.xml", file.as_bytes())]);
    assert_eq!(findings, [], "{file}");
    assert!(model.classes().any(|class| class.table == "Kontakt--Hist"), "{file}");
}

#[test]
fn a_large_catalog_becomes_several_files() {
    let columns = || (0..200).map(|at| filled(&format!("COLUMN {at}"), int())).collect();
    let table = |at| table(&format!("TABLE {at}"), &["COLUMN 0"], columns());
    let catalog = Catalog { tables: (0..60).map(table).collect() };
    let files = first_model(&catalog, &Samples::default(), &options(DbBackend::MySql));
    assert!(files.len() > 1);
    let named: Vec<(String, &String)> =
        files.iter().enumerate().map(|(at, file)| (format!("{at}.xml"), file)).collect();
    let (model, findings) =
        Model::read(named.iter().map(|(name, file)| (name.as_str(), file.as_bytes())));
    assert_eq!(findings, []);
    assert_eq!(model.classes().count(), 60);
}

#[test]
fn a_database_is_named_after_its_address() {
    for (address, name) in [
        ("postgres://crm@host:5432/Kunden-DB", "kunden_db"),
        ("sqlite:/var/lib/old.crm.sqlite", "old_crm"),
        ("sqlite:crm.db", "crm"),
        ("mysql://root@host/", "main"),
    ] {
        assert_eq!(database_name(address), name, "{address}");
    }
}
