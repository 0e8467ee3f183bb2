//! What is read of a database whose author used every freedom, on each engine.

mod mariadb;
mod postgres;
mod sqlite;

use caruso_database::{
    Access, Address, Catalog, Collation, Column, DatabaseConnection, ForeignKey, Physical, Table,
    TableKind, TableName, connect,
};

/// What is out of the ordinary about a column; an ordinary one may hold nothing and gets nothing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Is {
    Strict,
    Assigned,
    Computed,
    Default,
}

fn column(name: &str, declared: &str, physical: Physical, is: &[Is]) -> Column {
    Column {
        name: name.to_owned(),
        declared: declared.to_owned(),
        physical,
        is_nullable: !is.contains(&Is::Strict),
        is_assigned: is.contains(&Is::Assigned),
        is_computed: is.contains(&Is::Computed),
        has_default: is.iter().any(|it| *it != Is::Strict),
        comment: None,
    }
}

fn table(name: &str, columns: Vec<Column>) -> Table {
    Table {
        name: named(name),
        kind: TableKind::Table,
        columns,
        primary_key: Vec::new(),
        unique: Vec::new(),
        indexes: Vec::new(),
        foreign_keys: Vec::new(),
        rows: None,
        comment: None,
    }
}

fn named(name: &str) -> TableName {
    TableName { schema: None, name: name.to_owned() }
}

fn within(schema: &str, name: &str) -> TableName {
    TableName { schema: Some(schema.to_owned()), name: name.to_owned() }
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

fn lists(lists: &[&[&str]]) -> Vec<Vec<String>> {
    lists.iter().map(|list| names(list)).collect()
}

fn key(columns: &[&str], table: TableName, target: &[&str]) -> ForeignKey {
    ForeignKey { columns: names(columns), table, target: names(target) }
}

const fn int(bits: u8) -> Physical {
    Physical::Int { bits, is_unsigned: false }
}

fn text(length: Option<u32>, collation: Collation) -> Physical {
    Physical::Text { length, is_padded: false, collation }
}

fn decimal(precision: u32, scale: u32) -> Physical {
    Physical::Decimal { precision: Some(precision), scale: Some(scale) }
}

async fn open(url: &str, access: Access) -> DatabaseConnection {
    let address: Address = url.parse().expect("an address");
    connect(&address, access, 2).await.expect("the database is there")
}

async fn read(connection: &DatabaseConnection, wanted: Option<&[TableName]>) -> Catalog {
    Catalog::read(connection, wanted).await.expect("readable")
}

/// Table by table, for a message that can be read.
fn assert_is(catalog: &Catalog, expected: &[Table]) {
    let found: Vec<String> = catalog.tables.iter().map(|it| it.name.to_string()).collect();
    let tables: Vec<String> = expected.iter().map(|it| it.name.to_string()).collect();
    assert_eq!(found, tables);
    for (table, expected) in catalog.tables.iter().zip(expected) {
        for (column, expected) in table.columns.iter().zip(&expected.columns) {
            assert_eq!(column, expected, "of {}", table.name);
        }
        assert_eq!(table, expected);
    }
}

/// Wanting tables gives those that are there, as they are among all, and nothing else.
async fn assert_wanting_restricts(connection: &DatabaseConnection, there: &[TableName]) {
    let all = read(connection, None).await;
    let not_there = [named("no such table"), within("no such schema", &there[0].name)];
    let wanted = [there, &not_there].concat();
    let some = read(connection, Some(&wanted)).await;
    let expected: Vec<&Table> = there.iter().filter_map(|name| all.table(name)).collect();
    assert_eq!(expected.len(), there.len(), "all has them");
    assert_eq!(some.tables.iter().collect::<Vec<_>>(), expected);
    assert_eq!(read(connection, Some(&[])).await, Catalog::default());
}
