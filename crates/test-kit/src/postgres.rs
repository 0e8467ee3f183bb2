//! PostgreSQL: a server of a test's own.
//!
//! It is what Debian's `postgresql` installs, the newest version where there are several, with that
//! version's defaults (`fsync` on), UTF-8 and the locale `C.UTF-8`. The system's own clusters and
//! their configuration are left alone. It listens on a loopback port only and lets in one user, who
//! may do all.
//!
//! Starting takes about half a second. Every test is a process of its own under nextest, so let a
//! few tests do much with one server.

use crate::guard::{Engine, Guard, NAME, User};
use crate::program::{Missing, find};
use crate::server::{Kind, Started};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

const MISSING: Missing = Missing::Program { program: "postgres", package: "postgresql" };
/// Where Debian has a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The database that is always there.
const ADMINISTRATIVE: &str = "postgres";

/// A server of this engine.
pub type Server = crate::server::Server<PostgreSql>;

/// What it is as a server.
#[derive(Debug)]
pub struct PostgreSql;

impl Kind for PostgreSql {
    fn engine() -> Result<Engine, Missing> {
        Ok(Engine {
            program: "postgres",
            script: include_str!("postgres.sh"),
            programs: programs()?,
            user: User::of("postgres", MISSING)?,
            scheme: "postgres",
            administrative: ADMINISTRATIVE,
            client,
        })
    }

    fn settings(settings: &[&str]) -> Vec<String> {
        settings.iter().flat_map(|setting| ["-c".to_owned(), (*setting).to_owned()]).collect()
    }

    fn shared() -> &'static OnceLock<Started<Self>> {
        static SHARED: OnceLock<Started<PostgreSql>> = OnceLock::new();
        &SHARED
    }
}

/// The folder of the newest version's programs: Debian's, or where else `initdb` is found.
fn programs() -> Result<PathBuf, Missing> {
    let versions = std::fs::read_dir(VERSIONS).into_iter().flatten().flatten();
    let version = |path: &PathBuf| path.file_name()?.to_str()?.parse::<u32>().ok();
    let newest = versions
        .map(|entry| entry.path())
        .filter(|path| path.join("bin/initdb").is_file())
        .max_by_key(version);
    if let Some(newest) = newest {
        return Ok(newest.join("bin"));
    }
    let mut found = find("initdb", "postgresql").map_err(|_| MISSING)?;
    found.pop();
    Ok(found)
}

fn client(server: &Guard, database: &str) -> Command {
    let database = if database.is_empty() { ADMINISTRATIVE } else { database };
    let mut command = Command::new(server.programs().join("psql"));
    command
        .args(["-X", "-q", "-w", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", "127.0.0.1"])
        .args(["-p", &server.port().to_string(), "-U", NAME, "-d", database])
        .env_clear()
        .env("PGPASSWORD", server.secret())
        .env("PGCLIENTENCODING", "UTF8");
    command
}
