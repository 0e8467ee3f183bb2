//! The catalog of MariaDB, from its information schema.

use std::collections::HashSet;

use sea_orm::{DatabaseConnection, DbErr, QueryResult, Value};

use super::draft::{Drafts, IndexColumn, KeyColumn, rows};
use super::{Catalog, Column, TableKind, TableName};
use crate::physical::{Collation, Physical};

/// The end of the names of the collations that tell all texts apart; others take no notice of
/// blanks at the end.
const EXACT: &str = "_nopad_bin";

/// Texts of the information schema may come as bytes, unless they are cast. A schema that is the
/// connection's own has none.
const TABLES: &str = "
SELECT CAST(NULLIF(TABLE_SCHEMA, DATABASE()) AS CHAR) AS `schema`,
    CAST(TABLE_NAME AS CHAR) AS name, TABLE_TYPE = 'VIEW' AS is_view,
    CAST(TABLE_ROWS AS UNSIGNED) AS estimate, CAST(TABLE_COMMENT AS CHAR) AS comment
FROM information_schema.TABLES
WHERE TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW')";

const COLUMNS: &str = "
SELECT CAST(NULLIF(TABLE_SCHEMA, DATABASE()) AS CHAR) AS `schema`,
    CAST(TABLE_NAME AS CHAR) AS name, CAST(COLUMN_NAME AS CHAR) AS `column`,
    CAST(COLUMN_TYPE AS CHAR) AS declared, CAST(DATA_TYPE AS CHAR) AS type,
    IS_NULLABLE = 'YES' AS is_nullable, CAST(COLUMN_DEFAULT AS CHAR) AS expression,
    CAST(CHARACTER_MAXIMUM_LENGTH AS UNSIGNED) AS length,
    CAST(NUMERIC_PRECISION AS UNSIGNED) AS digits, CAST(NUMERIC_SCALE AS UNSIGNED) AS scale,
    CAST(COLLATION_NAME AS CHAR) AS collation, EXTRA LIKE '%auto_increment%' AS is_assigned,
    IS_GENERATED = 'ALWAYS' AS is_computed, CAST(COLUMN_COMMENT AS CHAR) AS comment
FROM information_schema.COLUMNS
WHERE TRUE";
const COLUMNS_ORDER: &str = " ORDER BY TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION";

/// What makes a text JSON.
const CHECKS: &str = "
SELECT CAST(NULLIF(CONSTRAINT_SCHEMA, DATABASE()) AS CHAR) AS `schema`,
    CAST(TABLE_NAME AS CHAR) AS name, CAST(CHECK_CLAUSE AS CHAR) AS clause
FROM information_schema.CHECK_CONSTRAINTS
WHERE CHECK_CLAUSE LIKE 'json!_valid(%' ESCAPE '!'";

const INDEXES: &str = "
SELECT CAST(NULLIF(TABLE_SCHEMA, DATABASE()) AS CHAR) AS `schema`,
    CAST(TABLE_NAME AS CHAR) AS name, CAST(INDEX_NAME AS CHAR) AS `index`,
    NON_UNIQUE = 0 AS is_unique, CAST(COLUMN_NAME AS CHAR) AS `column`
FROM information_schema.STATISTICS
WHERE INDEX_TYPE IN ('BTREE', 'HASH')";
const INDEXES_ORDER: &str = " ORDER BY TABLE_SCHEMA, TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX";

const FOREIGN_KEYS: &str = "
SELECT CAST(NULLIF(TABLE_SCHEMA, DATABASE()) AS CHAR) AS `schema`,
    CAST(TABLE_NAME AS CHAR) AS name, CAST(CONSTRAINT_NAME AS CHAR) AS `key`,
    CAST(COLUMN_NAME AS CHAR) AS `column`,
    CAST(NULLIF(REFERENCED_TABLE_SCHEMA, DATABASE()) AS CHAR) AS target_schema,
    CAST(REFERENCED_TABLE_NAME AS CHAR) AS target_table,
    CAST(REFERENCED_COLUMN_NAME AS CHAR) AS target
FROM information_schema.KEY_COLUMN_USAGE
WHERE REFERENCED_TABLE_NAME IS NOT NULL";
const FOREIGN_KEYS_ORDER: &str =
    " ORDER BY TABLE_SCHEMA, TABLE_NAME, CONSTRAINT_NAME, ORDINAL_POSITION";

/// Which tables a statement is about: a condition, and the values of its parameters. It may let
/// some more pass, for capitals mean nothing to the information schema.
struct Scope {
    condition: String,
    values: Vec<Value>,
}

impl Scope {
    fn new(wanted: Option<&[TableName]>) -> Self {
        let Some(wanted) = wanted else {
            return Self { condition: "= DATABASE()".to_owned(), values: Vec::new() };
        };
        let schemas: HashSet<&str> =
            wanted.iter().filter_map(|table| table.schema.as_deref()).collect();
        let names = vec!["?"; wanted.len()].join(", ");
        let condition =
            format!("IN (DATABASE(){}) AND TABLE_NAME IN ({names})", ", ?".repeat(schemas.len()));
        let names = wanted.iter().map(|table| table.name.as_str());
        Self { condition, values: schemas.into_iter().chain(names).map(Value::from).collect() }
    }

    async fn rows(
        &self,
        connection: &DatabaseConnection,
        (sql, schema, order): (&str, &str, &str),
    ) -> Result<Vec<QueryResult>, DbErr> {
        let sql = format!("{sql} AND {schema} {}{order}", self.condition);
        rows(connection, &sql, self.values.clone()).await
    }
}

pub(super) async fn read(
    connection: &DatabaseConnection,
    wanted: Option<&[TableName]>,
) -> Result<Catalog, DbErr> {
    if wanted.is_some_and(<[TableName]>::is_empty) {
        return Ok(Catalog::default());
    }
    let scope = Scope::new(wanted);
    let own = "TABLE_SCHEMA";
    let mut drafts = Drafts::new();
    for row in scope.rows(connection, (TABLES, own, "")).await? {
        let name = table_name(&row, "schema", "name")?;
        if wanted.is_none_or(|wanted| wanted.contains(&name)) {
            add(&mut drafts, name, &row)?;
        }
    }
    let mut documents = HashSet::new();
    for row in scope.rows(connection, (CHECKS, "CONSTRAINT_SCHEMA", "")).await? {
        let clause: String = row.try_get("", "clause")?;
        if let Some(column) = checked(&clause) {
            documents.insert((table_name(&row, "schema", "name")?, column));
        }
    }
    for row in scope.rows(connection, (COLUMNS, own, COLUMNS_ORDER)).await? {
        let table = table_name(&row, "schema", "name")?;
        let place = (table, row.try_get::<String>("", "column")?);
        let column = column(&row, place.1.clone(), documents.contains(&place))?;
        drafts.column(&place.0, column);
    }
    let indexes = scope.rows(connection, (INDEXES, own, INDEXES_ORDER)).await?;
    drafts.indexes(&indexes.iter().map(index_column).collect::<Result<Vec<_>, _>>()?);
    let keys = scope.rows(connection, (FOREIGN_KEYS, own, FOREIGN_KEYS_ORDER)).await?;
    drafts.foreign_keys(&keys.iter().map(key_column).collect::<Result<Vec<_>, _>>()?);
    Ok(drafts.finish())
}

fn table_name(row: &QueryResult, schema: &str, name: &str) -> Result<TableName, DbErr> {
    Ok(TableName { schema: row.try_get("", schema)?, name: row.try_get("", name)? })
}

fn add(drafts: &mut Drafts<TableName>, name: TableName, row: &QueryResult) -> Result<(), DbErr> {
    let is_view: bool = row.try_get("", "is_view")?;
    // of a view, the comment is `VIEW`
    let comment: Option<String> = row.try_get("", "comment")?;
    let comment = comment.filter(|_| !is_view);
    let kind = if is_view { TableKind::View } else { TableKind::Table };
    drafts.add(name.clone(), name, kind, row.try_get("", "estimate")?, comment);
    Ok(())
}

/// The column that must be JSON, where the clause asks for nothing else.
fn checked(clause: &str) -> Option<String> {
    let name = clause.strip_prefix("json_valid(`")?.strip_suffix("`)")?;
    let is_one = !name.replace("``", "").contains('`');
    is_one.then(|| name.replace("``", "`"))
}

fn index_column(row: &QueryResult) -> Result<IndexColumn<TableName>, DbErr> {
    let index: String = row.try_get("", "index")?;
    Ok(IndexColumn {
        table: table_name(row, "schema", "name")?,
        is_primary: index == "PRIMARY",
        index,
        is_unique: row.try_get("", "is_unique")?,
        column: row.try_get("", "column")?,
    })
}

fn key_column(row: &QueryResult) -> Result<KeyColumn<TableName>, DbErr> {
    Ok(KeyColumn {
        table: table_name(row, "schema", "name")?,
        constraint: row.try_get("", "key")?,
        column: row.try_get("", "column")?,
        target_table: table_name(row, "target_schema", "target_table")?,
        target_column: row.try_get("", "target")?,
    })
}

fn column(row: &QueryResult, name: String, is_document: bool) -> Result<Column, DbErr> {
    let declared: String = row.try_get("", "declared")?;
    let physical = if is_document { Physical::Json } else { physical(row, &declared)? };
    let expression: Option<String> = row.try_get("", "expression")?;
    let is_assigned = row.try_get("", "is_assigned")?;
    let is_computed = row.try_get("", "is_computed")?;
    Ok(Column {
        name,
        declared,
        physical,
        is_nullable: row.try_get("", "is_nullable")?,
        is_assigned,
        is_computed,
        has_default: expression.is_some_and(|it| it != "NULL") || is_assigned || is_computed,
        comment: row.try_get("", "comment")?,
    })
}

fn physical(row: &QueryResult, declared: &str) -> Result<Physical, DbErr> {
    let number = |column| -> Result<Option<u32>, DbErr> {
        let number: Option<u64> = row.try_get("", column)?;
        Ok(number.and_then(|it| u32::try_from(it).ok()))
    };
    let kind: String = row.try_get("", "type")?;
    if declared == "tinyint(1)" {
        return Ok(Physical::Bool);
    }
    Ok(match kind.as_str() {
        "char" => text(row, number("length")?, true)?,
        "varchar" => text(row, number("length")?, false)?,
        // their limits are in bytes
        "tinytext" | "text" | "mediumtext" | "longtext" => text(row, None, false)?,
        "enum" => Physical::Enum { name: None, values: values(declared) },
        "decimal" => Physical::Decimal { precision: number("digits")?, scale: number("scale")? },
        other => plain(other, declared.contains("unsigned")),
    })
}

fn plain(kind: &str, is_unsigned: bool) -> Physical {
    let int = |bits| Physical::Int { bits, is_unsigned };
    match kind {
        "tinyint" => int(8),
        "smallint" => int(16),
        "mediumint" => int(24),
        "int" => int(32),
        "bigint" => int(64),
        "float" => Physical::Single,
        "double" => Physical::Float,
        "date" => Physical::Date,
        "time" => Physical::Time,
        "datetime" => Physical::DateTime,
        "timestamp" => Physical::Instant,
        "uuid" => Physical::Uuid,
        "json" => Physical::Json,
        "binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob" => Physical::Bytes,
        _ => Physical::Other,
    }
}

fn text(row: &QueryResult, length: Option<u32>, is_padded: bool) -> Result<Physical, DbErr> {
    let name: Option<String> = row.try_get("", "collation")?;
    let is_exact = name.is_some_and(|name| name.ends_with(EXACT));
    let collation = if is_exact { Collation::Exact } else { Collation::Loose };
    Ok(Physical::Text { length, is_padded, collation })
}

/// The values of `enum('a','it''s','back\\slash')`.
fn values(declared: &str) -> Vec<String> {
    let Some(list) = declared.strip_prefix("enum(").and_then(|it| it.strip_suffix(')')) else {
        return Vec::new();
    };
    let mut values = Vec::new();
    let mut rest = list.chars().peekable();
    // what is between two values is a comma
    while rest.find(|c| *c == '\'').is_some() {
        let mut value = String::new();
        while let Some(c) = rest.next() {
            match c {
                '\'' if rest.next_if_eq(&'\'').is_none() => break,
                '\\' => value.extend(rest.next().map(escaped)),
                _ => value.push(c),
            }
        }
        values.push(value);
    }
    values
}

/// What a letter behind a backslash stands for.
fn escaped(letter: char) -> char {
    match letter {
        'n' => '\n',
        'r' => '\r',
        '0' => '\0',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_values_of_an_enumeration_are_free_of_their_quotes() {
        let declared = r"enum('it''s','b\\s','x,''y','new\nline','','a'',''b')";
        let expected = ["it's", r"b\s", "x,'y", "new\nline", "", "a','b"];
        assert_eq!(values(declared), expected);
        assert_eq!(values("set('a')"), [""; 0]);
    }

    #[test]
    fn only_a_check_of_one_column_makes_it_json() {
        assert_eq!(checked("json_valid(`a``b`)").as_deref(), Some("a`b"));
        assert_eq!(checked("json_valid(`a`) or json_valid(`b`)"), None);
        assert_eq!(checked("`a` > 0"), None);
    }
}
