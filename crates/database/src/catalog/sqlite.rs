//! The catalog of an SQLite file, from its master table and the functions that stand for pragmas.

mod ddl;

use std::collections::{HashMap, HashSet};

use sea_orm::{DatabaseConnection, DbErr, JsonValue, QueryResult, RuntimeErr, SqlxError, Value};

use super::draft::{Drafts, IndexColumn, KeyColumn, rows};
use super::{Catalog, Column, TableKind, TableName};
use crate::physical::{Collation, Physical};

/// What there is, of which kind, without the engine's own, and the shadow tables that hold the
/// innards of virtual ones. Two things that are of the whole file come with each: whether anything
/// in it names a way to compare, and whether `ANALYZE` has counted.
const TABLES: &str = r"
SELECT m.name, m.sql, l.type AS kind,
    EXISTS (SELECT 1 FROM sqlite_master WHERE sql LIKE '%collate%') AS is_any_collated,
    EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1') AS is_analysed
FROM sqlite_master AS m
JOIN pragma_table_list AS l ON l.name = m.name AND l.schema = 'main' AND l.type <> 'shadow'
WHERE m.type IN ('table', 'view') AND m.name NOT LIKE 'sqlite\_%' ESCAPE '\'";
const WANTED: &str = " AND m.name IN (SELECT value FROM json_each(?))";

const COLUMNS: &str = r#"
SELECT t.value AS "table", c.name, c.type AS declared, c."notnull" AS is_strict,
    c.dflt_value AS expression, c.pk AS place, c.hidden
FROM json_each(?) AS t JOIN pragma_table_xinfo(t.value) AS c
WHERE c.hidden <> 1 ORDER BY t.key, c.cid"#;

const INDEXES: &str = r#"
SELECT t.value AS "table", i.name AS "index", i.origin, i."unique" AS is_unique, c.name
FROM json_each(?) AS t JOIN pragma_index_list(t.value) AS i
JOIN pragma_index_xinfo(i.name) AS c
WHERE c.key = 1 AND i.partial = 0 ORDER BY t.key, i.seq, c.seqno"#;

/// The other table's names as it has them itself, and its primary key where the key names no
/// columns; without a key that names none, to a table that is gone.
const FOREIGN_KEYS: &str = r#"
SELECT t.value AS "table", CAST(k.id AS TEXT) AS key, k."from" AS name,
    coalesce(m.name, k."table") AS target_table, coalesce(c.name, k."to") AS target
FROM json_each(?) AS t JOIN pragma_foreign_key_list(t.value) AS k
LEFT JOIN sqlite_master AS m ON m.type = 'table' AND m.name = k."table" COLLATE NOCASE
LEFT JOIN pragma_table_info(k."table") AS c
    ON c.name = k."to" COLLATE NOCASE OR k."to" IS NULL AND c.pk = k.seq + 1
WHERE target IS NOT NULL ORDER BY t.key, k.id, k.seq"#;

const ROWS: &str = r#"
SELECT tbl AS "table", max(CAST(stat AS INTEGER)) AS estimate FROM sqlite_stat1 GROUP BY tbl"#;

/// A table before its columns are read.
struct Found {
    name: String,
    kind: Kind,
    /// The columns whose texts do not compare by their bytes.
    loose: HashSet<String>,
    /// Whether anything in the file names a way to compare.
    is_any_collated: bool,
    /// Whether the rows have been counted.
    is_analysed: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Table,
    /// An extension of the engine makes it up.
    Virtual,
    View,
}

pub(super) async fn read(
    connection: &DatabaseConnection,
    wanted: Option<&[TableName]>,
) -> Result<Catalog, DbErr> {
    let found = tables(connection, wanted).await?;
    let mut drafts = Drafts::new();
    for table in &found {
        let is_view = table.kind == Kind::View;
        let kind = if is_view { TableKind::View } else { TableKind::Table };
        drafts.add(table.name.clone(), table_name(table.name.clone()), kind, None, None);
    }
    let names = || [list(found.iter().map(|table| table.name.as_str()))];

    let keyed = indexes(connection, names(), &mut drafts).await?;
    columns(connection, &found, &keyed, &mut drafts).await?;
    let keys = rows(connection, FOREIGN_KEYS, names()).await?;
    drafts.foreign_keys(&keys.iter().map(key_column).collect::<Result<Vec<_>, _>>()?);
    if found.iter().any(|table| table.is_analysed) {
        for row in rows(connection, ROWS, []).await? {
            let estimate: i64 = row.try_get("", "estimate")?;
            if let Some(table) = drafts.table(&row.try_get("", "table")?) {
                table.rows = u64::try_from(estimate).ok();
            }
        }
    }
    Ok(drafts.finish())
}

fn table_name(name: String) -> TableName {
    TableName { schema: None, name }
}

/// A value that `json_each` takes apart.
fn list<'a>(names: impl Iterator<Item = &'a str>) -> Value {
    JsonValue::from_iter(names).to_string().into()
}

async fn tables(
    connection: &DatabaseConnection,
    wanted: Option<&[TableName]>,
) -> Result<Vec<Found>, DbErr> {
    let masters = match wanted {
        None => rows(connection, TABLES, []).await?,
        Some(wanted) => {
            let ours = wanted.iter().filter(|table| table.schema.is_none());
            let names = list(ours.map(|table| table.name.as_str()));
            rows(connection, &format!("{TABLES}{WANTED}"), [names]).await?
        }
    };
    masters.iter().map(found).collect()
}

fn found(row: &QueryResult) -> Result<Found, DbErr> {
    let kind: String = row.try_get("", "kind")?;
    let kind = match kind.as_str() {
        "table" => Kind::Table,
        "view" => Kind::View,
        _ => Kind::Virtual,
    };
    let sql: String = row.try_get("", "sql")?;
    let is_any_collated: i32 = row.try_get("", "is_any_collated")?;
    let is_analysed: i32 = row.try_get("", "is_analysed")?;
    Ok(Found {
        name: row.try_get("", "name")?,
        kind,
        loose: if kind == Kind::Table { ddl::loose_columns(&sql) } else { HashSet::new() },
        is_any_collated: is_any_collated != 0,
        is_analysed: is_analysed != 0,
    })
}

/// Answers with the tables that have an index of their primary key. One without has the number of
/// its rows as its key.
async fn indexes(
    connection: &DatabaseConnection,
    names: [Value; 1],
    drafts: &mut Drafts<String>,
) -> Result<HashSet<String>, DbErr> {
    let mut keyed = HashSet::new();
    let mut columns = Vec::new();
    for row in rows(connection, INDEXES, names).await? {
        let table: String = row.try_get("", "table")?;
        let origin: String = row.try_get("", "origin")?;
        let is_unique: i32 = row.try_get("", "is_unique")?;
        if origin == "pk" {
            keyed.insert(table.clone());
        }
        columns.push(IndexColumn {
            table,
            index: row.try_get("", "index")?,
            is_primary: origin == "pk",
            is_unique: is_unique != 0,
            column: row.try_get("", "name")?,
        });
    }
    drafts.indexes(&columns);
    Ok(keyed)
}

/// Tables at once, all others one by one: a view that refers to what is gone, or a virtual table
/// whose extension is not here, fails the whole statement.
async fn columns(
    connection: &DatabaseConnection,
    found: &[Found],
    keyed: &HashSet<String>,
    drafts: &mut Drafts<String>,
) -> Result<(), DbErr> {
    let plain = found.iter().filter(|table| table.kind == Kind::Table);
    let mut all = rows(connection, COLUMNS, [list(plain.map(|table| table.name.as_str()))]).await?;
    for other in found.iter().filter(|table| table.kind != Kind::Table) {
        match rows(connection, COLUMNS, [list([other.name.as_str()].into_iter())]).await {
            Ok(rows) => all.extend(rows),
            Err(DbErr::Query(RuntimeErr::SqlxError(error)))
                if matches!(*error, SqlxError::Database(_)) => {}
            Err(error) => return Err(error),
        }
    }
    let tables: HashMap<&str, &Found> = found.iter().map(|it| (it.name.as_str(), it)).collect();
    for row in all {
        let name: String = row.try_get("", "table")?;
        let Some(table) = tables.get(name.as_str()) else { continue };
        let column = column(&row, table, keyed.contains(&name))?;
        if let Some(draft) = drafts.table(&name).filter(|_| column.is_assigned) {
            draft.primary_key = vec![column.name.clone()];
        }
        drafts.column(&name, column);
    }
    Ok(())
}

fn column(row: &QueryResult, table: &Found, is_keyed: bool) -> Result<Column, DbErr> {
    let name: String = row.try_get("", "name")?;
    let declared: String = row.try_get("", "declared")?;
    let is_strict: i32 = row.try_get("", "is_strict")?;
    let place: i32 = row.try_get("", "place")?;
    let hidden: i32 = row.try_get("", "hidden")?;
    let expression: Option<String> = row.try_get("", "expression")?;
    let has_expression = expression.is_some_and(|it| !it.eq_ignore_ascii_case("null"));
    let is_loose = match table.kind {
        Kind::Table => table.loose.contains(&name),
        // whose columns it shows is not known
        Kind::Virtual | Kind::View => table.is_any_collated,
    };
    let is_assigned = table.kind == Kind::Table && place > 0 && !is_keyed;
    // 2 and 3 are computed, when read and when written
    let is_computed = hidden >= 2;
    Ok(Column {
        physical: physical(&declared, if is_loose { Collation::Loose } else { Collation::Exact }),
        name,
        declared,
        is_nullable: is_strict == 0 && !is_assigned,
        is_assigned,
        is_computed,
        has_default: has_expression || is_assigned || is_computed,
        comment: None,
    })
}

fn key_column(row: &QueryResult) -> Result<KeyColumn<String>, DbErr> {
    Ok(KeyColumn {
        table: row.try_get("", "table")?,
        constraint: row.try_get("", "key")?,
        column: row.try_get("", "name")?,
        target_table: table_name(row.try_get("", "target_table")?),
        target_column: row.try_get("", "target")?,
    })
}

/// By the first word that says something: `UNSIGNED BIG INT`, `DOUBLE PRECISION`, `VARCHAR(30)`.
/// The engine takes any words, and any value.
fn physical(declared: &str, collation: Collation) -> Physical {
    let (words, rest) = declared.split_once('(').unwrap_or((declared, ""));
    let numbers = rest.split(')').next().unwrap_or_default().split(',');
    let mut numbers = numbers.map(|number| number.trim().parse().ok());
    let first = numbers.next().flatten();
    let second = numbers.next().flatten();
    let word = |word: &str| {
        Some(match word.to_ascii_uppercase().as_str() {
            "BOOL" | "BOOLEAN" => Physical::Bool,
            "INT" | "INTEGER" | "TINYINT" | "SMALLINT" | "MEDIUMINT" | "BIGINT" | "INT2"
            | "INT4" | "INT8" => Physical::Int { bits: 64, is_unsigned: false },
            "CHAR" | "CHARACTER" | "VARCHAR" | "NCHAR" | "NVARCHAR" | "TEXT" | "CLOB" => {
                Physical::Text { length: first, is_padded: false, collation }
            }
            "DEC" | "DECIMAL" | "NUMERIC" => {
                Physical::Decimal { precision: first, scale: second.or(first.and(Some(0))) }
            }
            "REAL" | "FLOAT" | "DOUBLE" => Physical::Float,
            "DATE" => Physical::Date,
            "TIME" => Physical::Time,
            "DATETIME" | "TIMESTAMP" => Physical::DateTime,
            "BLOB" | "BINARY" | "VARBINARY" => Physical::Bytes,
            "JSON" => Physical::Json,
            "UUID" => Physical::Uuid,
            _ => return None,
        })
    };
    words.split_whitespace().find_map(word).unwrap_or(Physical::Other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_usual_words_say_what_a_column_holds() {
        let text =
            |length| Physical::Text { length, is_padded: false, collation: Collation::Exact };
        let decimal = |precision, scale| Physical::Decimal { precision, scale };
        let int = Physical::Int { bits: 64, is_unsigned: false };
        for (declared, expected) in [
            ("UNSIGNED BIG INT", int.clone()),
            ("int(11)", int),
            ("VARYING CHARACTER(20)", text(Some(20))),
            ("text", text(None)),
            ("DECIMAL(10, 2)", decimal(Some(10), Some(2))),
            ("numeric(7)", decimal(Some(7), Some(0))),
            ("NUMERIC", decimal(None, None)),
            ("DOUBLE PRECISION", Physical::Float),
            ("timestamp", Physical::DateTime),
            ("FLOATING POINT", Physical::Other),
            ("", Physical::Other),
        ] {
            assert_eq!(physical(declared, Collation::Exact), expected, "{declared}");
        }
    }
}
