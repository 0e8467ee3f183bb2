//! First models of catalogs that nobody would make.

use caruso_database::{
    Catalog, Codec, Collation, Column, DbBackend, ForeignKey, Physical, Table, TableKind, TableName,
};
use caruso_object_model::{Class, Model};
use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::catalogs::options;
use crate::import::{Profile, Sample, Samples, first_model};

fn odd_name() -> impl Strategy<Value = String> {
    prop_oneof![
        select(vec!["in", "not", "NAME 1", "name", "Name", "id", "ID", "version", "Größe", "a--b"])
            .prop_map(str::to_owned),
        "[A-Za-z_]{1,3}",
        "[\\x20-\\x7e]{1,8}",
        "\\PC{1,5}",
    ]
}

fn physical() -> impl Strategy<Value = Physical> {
    let text =
        (any::<bool>(), prop::option::of(0u32..2_000_000)).prop_map(|(is_padded, length)| {
            Physical::Text { length, is_padded, collation: Collation::Loose }
        });
    let number =
        select(vec![8u8, 16, 32, 64]).prop_map(|bits| Physical::Int { bits, is_unsigned: false });
    let decimal = (prop::option::of(1u32..38), prop::option::of(0u32..12))
        .prop_map(|(precision, scale)| Physical::Decimal { precision, scale });
    let values = prop::collection::btree_set("\\PC{0,3}", 0..4);
    let list = (values, any::<bool>()).prop_map(|(values, is_typed)| Physical::Enum {
        name: is_typed.then(|| "\"public\".\"Mood\"".to_owned()),
        values: values.into_iter().collect(),
    });
    let others = select(vec![
        Physical::Bool,
        Physical::Float,
        Physical::Single,
        Physical::Date,
        Physical::Time,
        Physical::DateTime,
        Physical::Instant,
        Physical::Uuid,
        Physical::Json,
        Physical::Bytes,
        Physical::Other,
    ]);
    prop_oneof![3 => text, 3 => number, 1 => decimal, 1 => list, 2 => others]
}

fn column() -> impl Strategy<Value = Column> {
    let comment = prop::option::of("\\PC{0,80}");
    (odd_name(), physical(), any::<bool>(), any::<bool>(), comment).prop_map(
        |(name, physical, is_nullable, is_assigned, comment)| Column {
            name,
            declared: "TYPE -- OF --".to_owned(),
            physical,
            is_nullable,
            is_assigned,
            is_computed: false,
            has_default: false,
            comment,
        },
    )
}

/// A table, and what its foreign keys are made of when all tables are known.
fn table() -> impl Strategy<Value = (Table, Vec<Vec<Index>>)> {
    let columns = vec(column(), 0..8);
    let choices = vec(vec(any::<Index>(), 1..4), 4);
    (odd_name(), any::<bool>(), columns, choices, prop::option::of("\\PC{0,80}")).prop_map(
        |(name, is_view, columns, choices, comment)| {
            let mut distinct: Vec<Column> = Vec::new();
            for column in columns {
                if distinct.iter().all(|it| it.name != column.name) {
                    distinct.push(column);
                }
            }
            let pick = |at: usize| -> Vec<String> { picked(&distinct, &choices[at]) };
            let (primary_key, unique) = (pick(0), vec![pick(1)]);
            let table = Table {
                name: TableName { schema: None, name },
                kind: if is_view { TableKind::View } else { TableKind::Table },
                indexes: vec![primary_key.clone()],
                primary_key: if choices[0].len() == 1 { Vec::new() } else { primary_key },
                unique,
                foreign_keys: Vec::new(),
                rows: None,
                comment,
                columns: distinct,
            };
            (table, choices)
        },
    )
}

fn picked(columns: &[Column], choices: &[Index]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for choice in choices.iter().filter(|_| !columns.is_empty()) {
        let name = &choice.get(columns).name;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

fn catalog() -> impl Strategy<Value = Catalog> {
    vec(table(), 0..6).prop_map(|drawn| {
        let mut tables: Vec<Table> = Vec::new();
        for (table, _) in &drawn {
            if tables.iter().all(|it| it.name != table.name) {
                tables.push(table.clone());
            }
        }
        let targets = tables.clone();
        for (at, table) in tables.iter_mut().enumerate() {
            for choices in drawn[at].1.iter().skip(2) {
                let target = choices[0].get(&targets);
                let columns = picked(&table.columns, choices);
                if columns.len() == target.primary_key.len() {
                    table.foreign_keys.push(ForeignKey {
                        columns,
                        table: target.name.clone(),
                        target: target.primary_key.clone(),
                    });
                }
            }
        }
        Catalog { tables }
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    let distinct = prop::option::of(btree_map(
        prop_oneof![
            select(vec!["J", "N", "X", " ", "", "1", "0", "20260131"]).prop_map(str::to_owned),
            "\\PC{0,3}",
        ],
        1u64..100,
        1..5,
    ));
    (distinct, 0u64..100, 0u64..100, any::<bool>(), 0u32..15).prop_map(
        |(distinct, all, zeros, is_distinct, decimals)| Profile {
            values: all + zeros,
            is_distinct,
            distinct,
            days: all,
            no_days: [("0".to_owned(), zeros)].into_iter().filter(|(_, it)| *it > 0).collect(),
            phones: all,
            dialled: all,
            decimals,
            ..Profile::default()
        },
    )
}

fn samples(catalog: &Catalog, profiles: &[Profile]) -> Samples {
    let mut profiles = profiles.iter().cycle().cloned();
    let tables = catalog.tables.iter().map(|table| {
        let columns = table.columns.iter().filter(|it| {
            matches!(
                it.physical,
                Physical::Text { .. }
                    | Physical::Int { .. }
                    | Physical::Decimal { .. }
                    | Physical::Float
                    | Physical::Single
            )
        });
        let columns = columns.filter_map(|it| Some((it.name.clone(), profiles.next()?)));
        let sample = Sample { rows: 100, is_whole: true, columns: columns.collect() };
        (table.name.clone(), sample)
    });
    Samples { tables: tables.collect(), unread: Vec::new() }
}

/// Every column of the class is in the catalog and holds what the class says.
fn assert_fits(model: &Model, class: &Class, catalog: &Catalog, backend: DbBackend) {
    let name = TableName { schema: class.schema.clone(), name: class.table.clone() };
    let table = catalog.table(&name).expect("the table is there");
    let column = |name: &str| {
        let found = table.columns.iter().find(|it| it.name == name);
        found.unwrap_or_else(|| panic!("there is no column {name:?}"))
    };
    for it in class.attributes() {
        let physical = &column(&it.column).physical;
        Codec::resolve(backend, &it.ty, &it.stored, physical, "").expect("it fits");
    }
    for relation in class.to_one() {
        let target = model.target(relation).expect("it leads somewhere");
        for (name, key) in relation.columns.iter().zip(target.keys()) {
            let physical = &column(name).physical;
            Codec::resolve(backend, &key.ty, &key.stored, physical, "").expect("it leads");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn a_first_model_reads_back_without_a_finding_and_fits(
        catalog in catalog(),
        profiles in vec(profile(), 0..6),
        backend in select(vec![DbBackend::Sqlite, DbBackend::Postgres, DbBackend::MySql]),
    ) {
        let samples = samples(&catalog, &profiles);
        let files = first_model(&catalog, &samples, &options(backend));
        let (model, findings) = Model::read([("crm.xml", files[0].as_bytes())]);
        prop_assert!(findings.is_empty(), "{findings:?}\n{}", files[0]);
        for class in model.classes() {
            assert_fits(&model, class, &catalog, backend);
        }
    }
}
