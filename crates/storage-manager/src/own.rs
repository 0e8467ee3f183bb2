//! Our own tables: the index of telephone numbers, the units of work that were applied, who changed
//! what, and what is still to be done to new tables. In an owned database they stand beside the
//! objects, for any other in a file of our own.

use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ConnectionTrait, DbBackend, DbErr};

/// Statements that make what is not there; words in braces are types.
const TABLES: [&str; 7] = [
    "CREATE TABLE IF NOT EXISTS caruso_phone_number (
        object_class {KEY} NOT NULL, object_key {KEY} NOT NULL, attribute {KEY} NOT NULL,
        number {KEY} NOT NULL, owner_class {KEY} NOT NULL, owner_key {KEY} NOT NULL,
        PRIMARY KEY (object_class, object_key, attribute)) {END}",
    "CREATE INDEX IF NOT EXISTS caruso_phone_number_by_number ON caruso_phone_number (number)",
    "CREATE TABLE IF NOT EXISTS caruso_unit (
        idempotency_key {KEY} NOT NULL PRIMARY KEY, fingerprint {KEY} NOT NULL,
        result {TEXT} NOT NULL, applied_at {KEY} NOT NULL) {END}",
    "CREATE TABLE IF NOT EXISTS caruso_change (
        id {COUNTER} PRIMARY KEY, position {INT} NULL, applied_at {KEY} NOT NULL,
        idempotency_key {KEY} NOT NULL,
        actor {TEXT} NOT NULL, request {TEXT} NOT NULL, reason {TEXT} NOT NULL,
        contact {TEXT} NOT NULL, operation {KEY} NOT NULL, object_class {KEY} NOT NULL,
        object_key {KEY} NOT NULL, revision {KEY} NOT NULL,
        values_before {TEXT} NOT NULL, values_after {TEXT} NOT NULL) {END}",
    "CREATE INDEX IF NOT EXISTS caruso_change_by_object
        ON caruso_change (object_class, object_key)",
    "CREATE INDEX IF NOT EXISTS caruso_change_in_order ON caruso_change (position, id)",
    "CREATE TABLE IF NOT EXISTS caruso_state (
        name {KEY} NOT NULL PRIMARY KEY, content {TEXT} NOT NULL) {END}",
];

/// Makes the tables that are not there.
pub(crate) async fn prepare(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    let (key, text, int, counter, end) = match own.get_database_backend() {
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
    for statement in TABLES {
        let statement = statement
            .replace("{KEY}", key)
            .replace("{TEXT}", text)
            .replace("{INT}", int)
            .replace("{COUNTER}", counter)
            .replace("{END}", end);
        own.execute_unprepared(&statement).await?;
    }
    Ok(())
}

/// What was kept under a name.
pub(crate) async fn state(own: &impl ConnectionTrait, name: &str) -> Result<Option<String>, DbErr> {
    let select = Query::select()
        .column("content")
        .from("caruso_state")
        .and_where(Expr::col("name").eq(name))
        .take();
    let row = own.query_one(&select).await?;
    row.map(|row| row.try_get_by_index(0)).transpose()
}

/// Keeps something under a name in place of what was there.
pub(crate) async fn set_state(
    own: &impl ConnectionTrait,
    name: &str,
    content: Option<&str>,
) -> Result<(), DbErr> {
    let delete =
        Query::delete().from_table("caruso_state").and_where(Expr::col("name").eq(name)).take();
    own.execute(&delete).await?;
    let Some(content) = content else { return Ok(()) };
    let insert = Query::insert()
        .into_table("caruso_state")
        .columns(["name", "content"])
        .values_panic([name.into(), content.into()])
        .take();
    own.execute(&insert).await.map(drop)
}
