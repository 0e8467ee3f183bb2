//! What is kept in a database about itself, by name: in a table of ours, `caruso_state`.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr};

use crate::catalog::{Catalog, TableName};

/// The table.
const STATE_TABLE: &str = "caruso_state";

/// A statement that makes a table of ours, in the words of an engine. In braces stand: KEY, a text
/// that is compared letter by letter; TEXT, a text of any length; INT; COUNTER, which counts
/// rows; END, what ends the statement.
pub fn own_table(backend: DbBackend, statement: &str) -> String {
    let (key, text, int, counter, end) = match backend {
        DbBackend::Postgres => (
            "varchar(255) COLLATE \"C\"",
            "text COLLATE \"C\"",
            "bigint",
            "bigint GENERATED ALWAYS AS IDENTITY",
            "",
        ),
        DbBackend::MySql => (
            "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin",
            "bigint",
            "bigint AUTO_INCREMENT",
            "ENGINE = InnoDB",
        ),
        _ => ("TEXT", "TEXT", "INTEGER", "INTEGER", "STRICT"),
    };
    statement
        .replace("{KEY}", key)
        .replace("{TEXT}", text)
        .replace("{INT}", int)
        .replace("{COUNTER}", counter)
        .replace("{END}", end)
}

/// Makes the table for what is kept, where it is not there.
///
/// # Errors
///
/// What the driver says.
pub async fn make_state_table(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    let statement = "CREATE TABLE IF NOT EXISTS caruso_state (
        name {KEY} NOT NULL PRIMARY KEY, content {TEXT} NOT NULL) {END}";
    own.execute_unprepared(&own_table(own.get_database_backend(), statement)).await.map(drop)
}

/// True when there is a table for what is kept.
///
/// # Errors
///
/// What the driver says.
pub(crate) async fn has_state_table(connection: &DatabaseConnection) -> Result<bool, DbErr> {
    let wanted = TableName { schema: None, name: STATE_TABLE.to_owned() };
    let catalog = Catalog::read(connection, Some(std::slice::from_ref(&wanted))).await?;
    Ok(catalog.table(&wanted).is_some())
}

/// What was kept under a name.
///
/// # Errors
///
/// What the driver says, as when there is no such table.
pub async fn kept(own: &impl ConnectionTrait, name: &str) -> Result<Option<String>, DbErr> {
    let select = Query::select()
        .column("content")
        .from(STATE_TABLE)
        .and_where(Expr::col("name").eq(name))
        .take();
    let row = own.query_one(&select).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Keeps something under a name in place of what was there; nothing, if there is no content.
///
/// # Errors
///
/// What the driver says.
pub async fn keep(
    own: &impl ConnectionTrait,
    name: &str,
    content: Option<&str>,
) -> Result<(), DbErr> {
    let delete =
        Query::delete().from_table(STATE_TABLE).and_where(Expr::col("name").eq(name)).take();
    own.execute(&delete).await?;
    let Some(content) = content else { return Ok(()) };
    let insert = Query::insert()
        .into_table(STATE_TABLE)
        .columns(["name", "content"])
        .values_panic([name.into(), content.into()])
        .take();
    own.execute(&insert).await.map(drop)
}
