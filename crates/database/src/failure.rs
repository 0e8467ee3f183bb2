//! What went wrong in a database, in words that all engines share. Never with a value.

use sea_orm::{DbErr, RuntimeErr};
use sqlx::mysql::MySqlDatabaseError;
use sqlx::postgres::PgDatabaseError;

/// What went wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// Another row has these values already; the constraint or index that says so, where the engine
    /// names it (SQLite: the columns).
    Duplicate(String),
    /// A row leads to one that is not there, or is led to by others.
    Reference,
    /// A column that needs a value would have none.
    Missing,
    /// A condition of the database's own does not hold.
    Check,
    /// A column cannot hold a value.
    Value,
    /// Others were faster or hold a lock: the whole transaction may be tried again.
    Conflict,
    /// The connection or the database may only be read.
    ReadOnly,
    /// The tables are no longer what they were when the statement was made.
    Stale,
    /// The disk is full.
    Full,
    /// The user of the address lacks a right.
    Denied,
    /// The statement took longer than it may.
    Slow,
    /// The connection broke; whether the statement was carried out is not known.
    Lost,
    /// There is no connection to be had.
    Down,
    /// Something else.
    Other,
}

impl Failure {
    /// What an error of a driver means.
    pub fn of(error: &DbErr) -> Self {
        let runtime = match error {
            DbErr::ConnectionAcquire(_) => return Self::Down,
            DbErr::Conn(_) => return Self::Down,
            DbErr::Exec(runtime) | DbErr::Query(runtime) => runtime,
            _ => return Self::Other,
        };
        let RuntimeErr::SqlxError(error) = runtime else { return Self::Down };
        let sqlx::Error::Database(database) = &**error else {
            return match &**error {
                sqlx::Error::ColumnNotFound(_) | sqlx::Error::ColumnDecode { .. } => Self::Stale,
                sqlx::Error::Encode(_) => Self::Value,
                sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => Self::Down,
                _ => Self::Lost,
            };
        };
        if let Some(error) = database.try_downcast_ref::<PgDatabaseError>() {
            return postgres(error.code(), error.constraint());
        }
        if let Some(error) = database.try_downcast_ref::<MySqlDatabaseError>() {
            return mariadb(error.number(), error.message());
        }
        let code = database.code().and_then(|code| code.parse().ok()).unwrap_or(0);
        sqlite(code, database.message())
    }
}

/// By SQLSTATE (PostgreSQL 15, appendix A).
fn postgres(code: &str, constraint: Option<&str>) -> Failure {
    match code {
        "23505" => Failure::Duplicate(constraint.unwrap_or_default().to_owned()),
        "23503" => Failure::Reference,
        "23502" => Failure::Missing,
        "23514" | "23P01" | "44000" => Failure::Check,
        "40001" | "40P01" | "55P03" => Failure::Conflict,
        "25006" => Failure::ReadOnly,
        "0A000" | "26000" | "42703" | "42P01" | "42883" | "42804" | "3F000" => Failure::Stale,
        "53100" => Failure::Full,
        "42501" => Failure::Denied,
        "57014" => Failure::Slow,
        _ if code.starts_with("22") => Failure::Value,
        "57P01" | "57P02" | "57P03" | "08006" | "08003" => Failure::Lost,
        _ if code.starts_with("28") => Failure::Denied,
        _ if ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class)) => Failure::Down,
        _ => Failure::Other,
    }
}

/// By the server's error number.
fn mariadb(number: u16, message: &str) -> Failure {
    match number {
        1062 | 1169 | 1586 => Failure::Duplicate(quoted_last(message)),
        1216 | 1217 | 1451 | 1452 => Failure::Reference,
        1048 | 1364 => Failure::Missing,
        4025 => Failure::Check,
        1264 | 1265 | 1292 | 1366 | 1406 | 1411 | 1690 => Failure::Value,
        1205 | 1213 => Failure::Conflict,
        1290 | 1792 | 1836 => Failure::ReadOnly,
        1054 | 1146 | 1243 | 1615 => Failure::Stale,
        1021 | 1114 | 1030 | 1026 => Failure::Full,
        1044 | 1045 | 1142 | 1143 | 1227 | 1698 => Failure::Denied,
        1969 | 3024 => Failure::Slow,
        1053 | 1077 | 1079 | 1080 | 1158..=1161 | 1927 => Failure::Lost,
        1040 => Failure::Down,
        _ => Failure::Other,
    }
}

/// `Duplicate entry '…' for key 'NAME'`: the name, never the entry.
fn quoted_last(message: &str) -> String {
    let mut parts = message.rsplit('\'');
    parts.next();
    let name = parts.next().unwrap_or_default();
    name.rsplit('.').next().unwrap_or_default().to_owned()
}

/// By the extended result code.
fn sqlite(code: i32, message: &str) -> Failure {
    match code {
        1555 | 2067 | 2579 => {
            let columns = message.rsplit(": ").next().unwrap_or_default();
            Failure::Duplicate(columns.to_owned())
        }
        787 | 1811 => Failure::Reference,
        1299 => Failure::Missing,
        275 => Failure::Check,
        3091 | 18 | 20 => Failure::Value,
        1 | 17 => Failure::Stale,
        _ => match code & 0xff {
            5 | 6 => Failure::Conflict,
            8 => Failure::ReadOnly,
            13 => Failure::Full,
            3 | 23 => Failure::Denied,
            9 => Failure::Slow,
            10 | 11 | 14 | 26 => Failure::Down,
            _ => Failure::Other,
        },
    }
}
