//! What one statement counts better than a scan: keys that come twice, and what leads to nothing.

use caruso_database::{Codec, DatabaseConnection, DbBackend, TableKind, dialect};
use caruso_expression::Value;
use caruso_object_model::key;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Order, Query, SelectStatement, TableRef};
use sea_orm::{ConnectionTrait, DbErr, QueryResult};

use super::tally::text_of;
use super::{Counted, Example, MOST_EXAMPLES, why};
use crate::live::{Led, Live};
use crate::statement;
use crate::united::Keys;

/// The table that is asked, and the one that it leads to.
const OWN: &str = "o";
const OTHER: &str = "k";

/// Keys that come more than once; nothing where the database itself sees to it that none does.
///
/// # Errors
///
/// The connection is lost.
pub(super) async fn repeats(
    connection: &DatabaseConnection,
    live: &Live<'_>,
) -> Result<Option<Counted>, DbErr> {
    let Some(keys) = live.key() else { return Ok(None) };
    if live.is_key_declared() && live.table.kind == TableKind::Table {
        return Ok(None);
    }
    let backend = connection.get_database_backend();
    let columns = keys.iter().map(|held| (held.column.name.as_str(), &held.codec));
    let columns: Vec<(&str, &Codec)> = columns.collect();
    let statement = grouped(statement::table(&live.table.name), backend, &columns, true)
        .and_having(Expr::from(statement::count()).gt(Expr::cust("1")))
        .take();
    counted(connection, &statement, &columns).await.map(Some)
}

/// Keys that come more than once in all tables of an abstract class together.
///
/// # Errors
///
/// The connection is lost.
pub(super) async fn shared(connection: &DatabaseConnection, keys: &Keys) -> Result<Counted, DbErr> {
    let columns = keys.columns.iter().map(|(name, codec)| (name.as_str(), codec));
    let columns: Vec<(&str, &Codec)> = columns.collect();
    let backend = connection.get_database_backend();
    let statement = grouped(keys.from.clone(), backend, &columns, true)
        .and_having(Expr::from(statement::count()).gt(Expr::cust("1")))
        .take();
    counted(connection, &statement, &columns).await
}

/// How many rows all tables of an abstract class have together.
///
/// # Errors
///
/// What the driver says.
pub(super) async fn rows(connection: &DatabaseConnection, keys: &Keys) -> Result<u64, DbErr> {
    let from = keys.from.clone().alias(Alias::new(OWN));
    let select = Query::select().expr(statement::count()).from(from).take();
    let row = connection.query_one(&select).await?;
    let rows: Option<i64> = row.map(|row| row.try_get_by_index(0)).transpose()?;
    Ok(rows.and_then(|rows| u64::try_from(rows).ok()).unwrap_or(0))
}

/// What was not counted, and why.
pub(super) fn not_asked(why: &str) -> Counted {
    Counted { failed: Some(why.to_owned()), ..Counted::default() }
}

/// Keys that a relation has and no object of the other class; `target` is that class beside its
/// table.
///
/// # Errors
///
/// The connection is lost.
pub(super) async fn orphans(
    connection: &DatabaseConnection,
    live: &Live<'_>,
    led: &Led<'_>,
    target: Option<&Live<'_>>,
) -> Result<Counted, DbErr> {
    let keys = target.and_then(Live::key);
    let (Some(target), Some(keys)) = (target, keys) else {
        return Ok(not_asked("the other table is not there or does not fit"));
    };
    let are_alike = led.columns.iter().zip(&keys).all(|((_, codec), key)| {
        codec.is_alike(&key.codec) || codec.is_text() && key.codec.is_text()
    });
    if !are_alike {
        return Ok(not_asked("the columns do not compare with the key"));
    }
    let backend = connection.get_database_backend();
    let columns = led.columns.iter().map(|(column, codec)| (column.name.as_str(), codec));
    let columns: Vec<(&str, &Codec)> = columns.collect();
    let statement = |is_exact: bool| {
        let mut others = Query::select();
        others.expr(Expr::cust("1")).from(statement::table(&target.table.name).alias(OTHER));
        for ((column, codec), key) in led.columns.iter().zip(&keys) {
            let own = Expr::col((OWN, Alias::new(&column.name)));
            let other = Expr::col((OTHER, Alias::new(&key.column.name)));
            others.and_where(if is_exact && codec.is_text() {
                let exact = |it, codec: &Codec| dialect::exact(backend, codec.collation(), it);
                exact(own, codec).eq(exact(other, &key.codec))
            } else {
                own.eq(other)
            });
        }
        let is_there = Expr::exists(others.take());
        let from = statement::table(&live.table.name);
        let mut select = grouped(from, backend, &columns, false);
        if let Some((column, codec)) = &led.kind
            && let Some(code) = codec.encode(&Value::from(led.relation.name.as_str()))
        {
            let kind = Expr::col((OWN, Alias::new(&column.name)));
            select.and_where(kind.eq(dialect::parameter(codec, code)));
        }
        select.and_where(is_there.not()).take()
    };
    let answer = counted(connection, &statement(false), &columns).await?;
    // columns of different collations are compared only when told how
    if answer.failed.is_some() && columns.iter().any(|(_, codec)| codec.is_text()) {
        return counted(connection, &statement(true), &columns).await;
    }
    Ok(answer)
}

/// The groups of rows with the same of these columns, none of which is empty, the largest first:
/// the columns, how many rows, how many groups, how many rows in all groups. `is_exact` tells texts
/// apart by their code points.
fn grouped(
    from: TableRef,
    backend: DbBackend,
    columns: &[(&str, &Codec)],
    is_exact: bool,
) -> SelectStatement {
    let mut select = Query::select();
    for (name, codec) in columns {
        let column = Expr::col((OWN, Alias::new(*name)));
        select.and_where(column.clone().is_not_null());
        let column = if is_exact && codec.is_text() {
            dialect::exact(backend, codec.collation(), column)
        } else {
            column
        };
        select.expr(column.clone()).add_group_by([column]);
    }
    let integer = if backend == DbBackend::MySql { "SIGNED" } else { "bigint" };
    select
        .expr(statement::count())
        .expr(Expr::cust("COUNT(*) OVER ()"))
        .expr(Expr::cust("SUM(COUNT(*)) OVER ()").cast_as(integer))
        .from(from.alias(Alias::new(OWN)))
        .order_by_expr(statement::count().into(), Order::Desc)
        .limit(MOST_EXAMPLES as u64)
        .take()
}

async fn counted(
    connection: &DatabaseConnection,
    statement: &SelectStatement,
    columns: &[(&str, &Codec)],
) -> Result<Counted, DbErr> {
    let rows = match connection.query_all(statement).await {
        Ok(rows) => rows,
        Err(error) => return Ok(Counted { failed: Some(why(error)?), ..Counted::default() }),
    };
    let number = |row: &QueryResult, at: usize| -> Result<u64, DbErr> {
        let number: i64 = row.try_get_by_index(columns.len() + at)?;
        Ok(u64::try_from(number).unwrap_or(0))
    };
    let mut counted = Counted::default();
    for row in &rows {
        counted.keys = number(row, 1)?;
        counted.rows = number(row, 2)?;
        let value = shown(row, columns);
        counted.examples.push(Example { value, count: number(row, 0)? });
    }
    Ok(counted)
}

/// A key for people.
fn shown(row: &QueryResult, columns: &[(&str, &Codec)]) -> String {
    let part = |(at, (_, codec)): (usize, &(&str, &Codec))| {
        let Ok(raw) = codec.read(row, at) else { return "?".to_owned() };
        let text = text_of(&raw);
        codec.value(raw).map_or(text, |value| value.to_string())
    };
    let parts: Vec<String> = columns.iter().enumerate().map(part).collect();
    key::join(&parts)
}
