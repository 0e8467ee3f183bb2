//! The catalog of PostgreSQL, from `pg_catalog`: the information schema is many times slower and
//! says neither row estimates nor indexes.

use std::collections::HashMap;

use sea_orm::{DatabaseConnection, DbErr, JsonValue, QueryResult, Value};

use super::draft::{Drafts, IndexColumn, KeyColumn, rows};
use super::{Catalog, Column, TableKind, TableName};
use crate::physical::{Collation, Physical};

/// The schema that goes without saying.
const PUBLIC: &str = "public";
/// Locales that order texts by code points.
const BY_CODE_POINTS: [&str; 4] = ["C", "POSIX", "C.UTF-8", "C.utf8"];

/// Ordinary, partitioned and foreign tables, views and materialized views. Until version 14 a table
/// that was never analysed has 0 rows instead of -1. A partitioned table itself has none.
const TABLES: &str = "
SELECT c.oid::int8 AS id, n.nspname::text AS schema, c.relname::text AS name,
    c.relkind IN ('v', 'm') AS is_view, d.description AS comment,
    CASE WHEN c.relkind = 'v' THEN NULL
        WHEN c.relkind = 'p' THEN (
            SELECT CASE WHEN min(l.reltuples) >= 0 THEN sum(l.reltuples) END
            FROM pg_catalog.pg_partition_tree(c.oid) AS p
            JOIN pg_catalog.pg_class AS l ON l.oid = p.relid AND p.isleaf)
        WHEN c.reltuples > 0 OR c.relpages > 0
            OR c.reltuples = 0 AND current_setting('server_version_num')::int4 >= 140000
            THEN c.reltuples
    END::int8 AS estimate
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_description AS d
    ON d.objoid = c.oid AND d.classoid = 'pg_catalog.pg_class'::regclass AND d.objsubid = 0";
const ALL: &str = "
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND NOT c.relispartition
    AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'";
const WANTED: &str = "
JOIN json_to_recordset($1::json) AS w(schema text, name text)
    ON n.nspname = w.schema::name AND c.relname = w.name::name
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')";

/// Domains are followed to the type below the last of them.
const COLUMNS: &str = "
WITH RECURSIVE domain(id, base, modifier, is_strict, has_default) AS (
    SELECT oid, typbasetype, typtypmod, typnotnull, typdefault IS NOT NULL
    FROM pg_catalog.pg_type WHERE typtype = 'd'
    UNION ALL
    SELECT d.id, t.typbasetype, CASE d.modifier WHEN -1 THEN t.typtypmod ELSE d.modifier END,
        d.is_strict OR t.typnotnull, d.has_default OR t.typdefault IS NOT NULL
    FROM domain AS d JOIN pg_catalog.pg_type AS t ON t.oid = d.base AND t.typtype = 'd'),
resolved AS (
    SELECT d.* FROM domain AS d JOIN pg_catalog.pg_type AS t ON t.oid = d.base AND t.typtype <> 'd')
SELECT a.attrelid::int8 AS id, a.attname::text AS name,
    pg_catalog.format_type(a.atttypid, a.atttypmod) AS declared,
    t.typname::text AS type, s.nspname = 'pg_catalog' AS is_builtin,
    CASE t.typtype WHEN 'e' THEN quote_ident(s.nspname) || '.' || quote_ident(t.typname) END
        AS enumeration,
    coalesce(r.modifier, a.atttypmod) AS modifier,
    a.attnotnull OR coalesce(r.is_strict, false) AS is_strict,
    a.attidentity::text <> '' AS is_identity, a.attgenerated::text <> '' AS is_computed,
    coalesce(r.has_default, false) AS has_domain_default,
    pg_catalog.pg_get_expr(f.adbin, f.adrelid) AS expression,
    l.collisdeterministic AS is_deterministic,
    CASE l.collprovider WHEN 'd' THEN coalesce(to_jsonb(b) ->> 'datlocprovider', 'c')
        ELSE l.collprovider::text END AS provider,
    CASE l.collprovider WHEN 'd' THEN b.datcollate::text ELSE l.collcollate::text END AS locale,
    c.description AS comment
FROM unnest($1::oid[]) AS w(id)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = w.id AND a.attnum > 0 AND NOT a.attisdropped
JOIN pg_catalog.pg_database AS b ON b.datname = current_database()
LEFT JOIN resolved AS r ON r.id = a.atttypid
JOIN pg_catalog.pg_type AS t ON t.oid = coalesce(r.base, a.atttypid)
JOIN pg_catalog.pg_namespace AS s ON s.oid = t.typnamespace
LEFT JOIN pg_catalog.pg_attrdef AS f ON f.adrelid = a.attrelid AND f.adnum = a.attnum
LEFT JOIN pg_catalog.pg_collation AS l ON l.oid = a.attcollation
LEFT JOIN pg_catalog.pg_description AS c ON c.objoid = a.attrelid
    AND c.classoid = 'pg_catalog.pg_class'::regclass AND c.objsubid = a.attnum
ORDER BY a.attrelid, a.attnum";

const ENUMERATIONS: &str = "
SELECT quote_ident(n.nspname) || '.' || quote_ident(t.typname) AS name, e.enumlabel::text AS value
FROM pg_catalog.pg_enum AS e
JOIN pg_catalog.pg_type AS t ON t.oid = e.enumtypid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace
ORDER BY e.enumtypid, e.enumsortorder";

/// Without columns that an index only carries along.
const INDEXES: &str = "
SELECT i.indrelid::int8 AS id, i.indexrelid::text AS index, i.indisprimary AS is_primary,
    i.indisunique AS is_unique, a.attname::text AS name
FROM unnest($1::oid[]) AS w(id)
JOIN pg_catalog.pg_index AS i ON i.indrelid = w.id AND i.indisvalid AND i.indpred IS NULL
JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid
JOIN pg_catalog.pg_am AS m ON m.oid = x.relam AND m.amname = 'btree'
CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(number, place)
LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number
WHERE k.place <= i.indnkeyatts
ORDER BY i.indrelid, i.indexrelid, k.place";

/// A key that leads to a partitioned table is there again for each of its partitions.
const FOREIGN_KEYS: &str = "
SELECT c.conrelid::int8 AS id, c.oid::text AS key, a.attname::text AS name,
    n.nspname::text AS target_schema, t.relname::text AS target_table, b.attname::text AS target
FROM unnest($1::oid[]) AS w(id)
JOIN pg_catalog.pg_constraint AS c ON c.conrelid = w.id AND c.contype = 'f'
JOIN pg_catalog.pg_class AS t ON t.oid = c.confrelid
JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
CROSS JOIN LATERAL unnest(c.conkey, c.confkey) WITH ORDINALITY AS k(here, there, place)
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.conrelid AND a.attnum = k.here
JOIN pg_catalog.pg_attribute AS b ON b.attrelid = c.confrelid AND b.attnum = k.there
WHERE c.conparentid = 0 OR NOT t.relispartition
ORDER BY c.conrelid, c.oid, k.place";

type Enumerations = HashMap<String, Vec<String>>;

pub(super) async fn read(
    connection: &DatabaseConnection,
    wanted: Option<&[TableName]>,
) -> Result<Catalog, DbErr> {
    let mut drafts = tables(connection, wanted).await?;
    let ids: Vec<String> = drafts.keys().map(i64::to_string).collect();
    let ids = || [Value::from(format!("{{{}}}", ids.join(",")))];

    let mut enumerations = Enumerations::new();
    for row in rows(connection, ENUMERATIONS, []).await? {
        enumerations.entry(row.try_get("", "name")?).or_default().push(row.try_get("", "value")?);
    }
    for row in rows(connection, COLUMNS, ids()).await? {
        drafts.column(&row.try_get("", "id")?, column(&row, &enumerations)?);
    }
    let indexes = rows(connection, INDEXES, ids()).await?;
    drafts.indexes(&indexes.iter().map(index_column).collect::<Result<Vec<_>, _>>()?);
    let keys = rows(connection, FOREIGN_KEYS, ids()).await?;
    drafts.foreign_keys(&keys.iter().map(key_column).collect::<Result<Vec<_>, _>>()?);
    Ok(drafts.finish())
}

async fn tables(
    connection: &DatabaseConnection,
    wanted: Option<&[TableName]>,
) -> Result<Drafts<i64>, DbErr> {
    let found = match wanted {
        None => rows(connection, &format!("{TABLES}{ALL}"), []).await?,
        Some(wanted) => {
            let names = JsonValue::from_iter(wanted.iter().map(|table| {
                let schema = table.schema.as_deref().unwrap_or(PUBLIC);
                JsonValue::from_iter([("schema", schema), ("name", &table.name)])
            }));
            let names = Value::from(names.to_string());
            rows(connection, &format!("{TABLES}{WANTED}"), [names]).await?
        }
    };
    let mut drafts = Drafts::new();
    for row in found {
        let is_view: bool = row.try_get("", "is_view")?;
        let estimate: Option<i64> = row.try_get("", "estimate")?;
        drafts.add(
            row.try_get("", "id")?,
            table_name(&row, "schema", "name")?,
            if is_view { TableKind::View } else { TableKind::Table },
            estimate.and_then(|rows| u64::try_from(rows).ok()),
            row.try_get("", "comment")?,
        );
    }
    Ok(drafts)
}

fn table_name(row: &QueryResult, schema: &str, name: &str) -> Result<TableName, DbErr> {
    let schema: String = row.try_get("", schema)?;
    Ok(TableName { schema: Some(schema).filter(|it| it != PUBLIC), name: row.try_get("", name)? })
}

fn index_column(row: &QueryResult) -> Result<IndexColumn<i64>, DbErr> {
    Ok(IndexColumn {
        table: row.try_get("", "id")?,
        index: row.try_get("", "index")?,
        is_primary: row.try_get("", "is_primary")?,
        is_unique: row.try_get("", "is_unique")?,
        column: row.try_get("", "name")?,
    })
}

fn key_column(row: &QueryResult) -> Result<KeyColumn<i64>, DbErr> {
    Ok(KeyColumn {
        table: row.try_get("", "id")?,
        constraint: row.try_get("", "key")?,
        column: row.try_get("", "name")?,
        target_table: table_name(row, "target_schema", "target_table")?,
        target_column: row.try_get("", "target")?,
    })
}

fn column(row: &QueryResult, enumerations: &Enumerations) -> Result<Column, DbErr> {
    let expression: Option<String> = row.try_get("", "expression")?;
    let expression = expression.filter(|it| it != "NULL" && !it.starts_with("NULL::"));
    let is_drawn = expression.as_ref().is_some_and(|it| it.starts_with("nextval("));
    let is_computed = row.try_get("", "is_computed")?;
    let is_identity: bool = row.try_get("", "is_identity")?;
    let has_domain_default: bool = row.try_get("", "has_domain_default")?;
    Ok(Column {
        name: row.try_get("", "name")?,
        declared: row.try_get("", "declared")?,
        physical: physical(row, enumerations)?,
        is_nullable: !row.try_get("", "is_strict")?,
        is_assigned: is_identity || is_drawn,
        is_computed,
        has_default: expression.is_some() || is_identity || has_domain_default,
        comment: row.try_get("", "comment")?,
    })
}

fn physical(row: &QueryResult, enumerations: &Enumerations) -> Result<Physical, DbErr> {
    let enumeration: Option<String> = row.try_get("", "enumeration")?;
    if let Some(name) = enumeration {
        let values = enumerations.get(&name).cloned().unwrap_or_default();
        return Ok(Physical::Enum { name: Some(name), values });
    }
    let name: String = row.try_get("", "type")?;
    let is_builtin: bool = row.try_get("", "is_builtin")?;
    let modifier = modifier(row.try_get("", "modifier")?);
    let text =
        |length, is_padded| Ok(Physical::Text { length, is_padded, collation: collation(row)? });
    // an extension's type: texts that differ by capitals alone are equal
    if name == "citext" {
        let (length, is_padded, collation) = (None, false, Collation::Loose);
        return Ok(Physical::Text { length, is_padded, collation });
    }
    if !is_builtin {
        return Ok(Physical::Other);
    }
    Ok(match name.as_str() {
        "text" => return text(None, false),
        "varchar" => return text(modifier, false),
        "bpchar" => return text(modifier, true),
        "numeric" => decimal(modifier),
        other => plain(other),
    })
}

/// What a type's modifier says beyond its four bytes of length; `None` where it says nothing.
fn modifier(modifier: i32) -> Option<u32> {
    u32::try_from(modifier.checked_sub(4)?).ok()
}

/// The precision is in the upper half, the scale, a signed number of 11 bits, in the lower one.
fn decimal(modifier: Option<u32>) -> Physical {
    let Some(modifier) = modifier else {
        return Physical::Decimal { precision: None, scale: None };
    };
    let (precision, scale) = (modifier >> 16, modifier & 0x7ff);
    if scale < 0x400 {
        return Physical::Decimal { precision: Some(precision), scale: Some(scale) };
    }
    // whole tens, hundreds, …: zeros between the last digit and the point
    let zeros = 0x800 - scale;
    Physical::Decimal { precision: Some(precision + zeros), scale: Some(0) }
}

fn plain(name: &str) -> Physical {
    let int = |bits| Physical::Int { bits, is_unsigned: false };
    match name {
        "bool" => Physical::Bool,
        "int2" => int(16),
        "int4" => int(32),
        "int8" => int(64),
        "float4" => Physical::Single,
        "float8" => Physical::Float,
        "date" => Physical::Date,
        "time" => Physical::Time,
        "timestamp" => Physical::DateTime,
        "timestamptz" => Physical::Instant,
        "uuid" => Physical::Uuid,
        "json" | "jsonb" => Physical::Json,
        "bytea" => Physical::Bytes,
        _ => Physical::Other,
    }
}

fn collation(row: &QueryResult) -> Result<Collation, DbErr> {
    let is_deterministic: Option<bool> = row.try_get("", "is_deterministic")?;
    let provider: Option<String> = row.try_get("", "provider")?;
    let locale: Option<String> = row.try_get("", "locale")?;
    let is_by_code_points = match provider.as_deref() {
        // the one that is built in knows no other order
        Some("b") => true,
        Some("c") => locale.is_some_and(|it| BY_CODE_POINTS.contains(&it.as_str())),
        _ => false,
    };
    Ok(match is_deterministic {
        Some(false) => Collation::Loose,
        _ if is_by_code_points => Collation::Exact,
        _ => Collation::Sorted,
    })
}
