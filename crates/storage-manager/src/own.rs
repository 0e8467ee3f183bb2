//! Our own tables: the index of telephone numbers, the units of work that were applied, who changed
//! what, and what is still to be done to new tables. In an owned database they stand beside the
//! objects, for any other in a file of our own.

use caruso_database::{make_state_table, own_table};
use sea_orm::{ConnectionTrait, DbErr};

/// Statements that make what is not there, for [`own_table`].
const TABLES: [&str; 6] = [
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
];

/// Makes the tables that are not there.
pub(crate) async fn prepare(own: &impl ConnectionTrait) -> Result<(), DbErr> {
    for statement in TABLES {
        let statement = own_table(own.get_database_backend(), statement);
        own.execute_unprepared(&statement).await?;
    }
    make_state_table(own).await
}
