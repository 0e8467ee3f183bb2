//! Tables of an owned database, and our own tables. Nothing here ever touches a database that is
//! not ours, and nothing alters a table that is there.

use caruso_object_model::{KeySource, Model};
use sea_orm::sea_query::{
    Alias, ColumnDef, ForeignKey, Index, IndexCreateStatement, Table, TableCreateStatement,
};

use crate::codec;
use crate::plan::Plan;

/// Our own tables: the index of telephone numbers, the units of work that were applied, and who
/// changed what.
pub(crate) const OWN: [&str; 4] = [
    "CREATE TABLE IF NOT EXISTS caruso_number (
        class TEXT NOT NULL, key TEXT NOT NULL, attribute TEXT NOT NULL,
        number TEXT NOT NULL, owner_class TEXT NOT NULL, owner_key TEXT NOT NULL,
        PRIMARY KEY (class, key, attribute)) STRICT",
    "CREATE INDEX IF NOT EXISTS caruso_number_by_number ON caruso_number (number)",
    "CREATE TABLE IF NOT EXISTS caruso_unit (
        idempotency_key TEXT NOT NULL PRIMARY KEY, fingerprint TEXT NOT NULL,
        result TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT",
    "CREATE TABLE IF NOT EXISTS caruso_audit (
        id INTEGER PRIMARY KEY, applied_at TEXT NOT NULL, idempotency_key TEXT NOT NULL,
        actor TEXT NOT NULL, request TEXT NOT NULL, reason TEXT NOT NULL, contact TEXT NOT NULL,
        operation TEXT NOT NULL, class TEXT NOT NULL, key TEXT NOT NULL,
        before TEXT NOT NULL, after TEXT NOT NULL) STRICT",
];

/// The table of a class.
pub(crate) fn table(model: &Model, plan: &Plan) -> TableCreateStatement {
    let class = &plan.class;
    let mut table = Table::create();
    table.table(Alias::new(&class.table));
    for column in &plan.columns {
        let mut definition = ColumnDef::new(Alias::new(&column.column));
        if codec::is_number(&column.ty) {
            definition.integer();
        } else {
            definition.text();
        }
        if column.target.is_none() && column.member == class.key().name {
            definition.not_null().primary_key();
            if class.key_source == KeySource::Assigned {
                definition.auto_increment();
            }
        } else if column.is_required {
            definition.not_null();
        }
        table.col(definition);
    }
    table.col(ColumnDef::new(Alias::new(&class.revision_column)).integer().not_null());
    for relation in class.to_one() {
        let Some(target) = model.class(&relation.class) else { continue };
        table.foreign_key(
            ForeignKey::create()
                .from(Alias::new(&class.table), Alias::new(&relation.column))
                .to(Alias::new(&target.table), Alias::new(&target.key().column)),
        );
    }
    table.extra("STRICT");
    table
}

/// An index for each relation, so that the objects of another object are found.
pub(crate) fn indexes(plan: &Plan) -> Vec<IndexCreateStatement> {
    let class = &plan.class;
    let index = |column: &str| {
        Index::create()
            .name(format!("caruso_{}_{column}", class.table))
            .table(Alias::new(&class.table))
            .col(Alias::new(column))
            .take()
    };
    class.to_one().iter().map(|relation| index(&relation.column)).collect()
}
