//! PostgreSQL: a server of a test's own.
//!
//! It is what Debian's `postgresql` installs, the newest version where there are several, with that
//! version's defaults (`fsync` on), UTF-8 and the locale `C.UTF-8`. The system's own clusters and
//! their configuration are left alone. It listens on a loopback port only and lets in one user, who
//! may do all.
//!
//! Starting takes about half a second. Every test is a process of its own under nextest, so let a
//! few tests do much with one server.

use crate::certificate::Certificate;
use crate::guard::{Engine, Guard, NAME, User};
use crate::program::{Failed, Missing, find};
use std::ops::{Deref, DerefMut};
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

const MISSING: Missing = Missing::Program { program: "postgres", package: "postgresql" };
/// Where Debian has a folder for each version.
const VERSIONS: &str = "/usr/lib/postgresql";
/// The database that is always there.
const ADMINISTRATIVE: &str = "postgres";

/// A server that runs until it is dropped or its process ends, however that ends.
#[derive(Debug)]
pub struct Server(Guard);

impl Deref for Server {
    type Target = Guard;

    fn deref(&self) -> &Guard {
        &self.0
    }
}

impl DerefMut for Server {
    fn deref_mut(&mut self) -> &mut Guard {
        &mut self.0
    }
}

impl Server {
    /// Starts a server in a new folder, on a free loopback port, and waits until it answers.
    ///
    /// Blocks its thread.
    ///
    /// # Errors
    /// [`Missing`] without the program.
    pub fn start() -> Result<Result<Self, Failed>, Missing> {
        Self::start_with(&[])
    }

    /// Starts a server with settings besides the usual ones, each `NAME=VALUE`.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with(settings: &[&str]) -> Result<Result<Self, Failed>, Missing> {
        Self::begin(settings, None)
    }

    /// Starts a server that shows this certificate to clients that want TLS.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn start_with_certificate(
        certificate: &Certificate,
    ) -> Result<Result<Self, Failed>, Missing> {
        Self::begin(&[], Some(certificate))
    }

    fn begin(
        settings: &[&str],
        certificate: Option<&Certificate>,
    ) -> Result<Result<Self, Failed>, Missing> {
        let engine = Engine {
            program: "postgres",
            script: include_str!("postgres.sh"),
            programs: programs()?,
            user: User::of("postgres", MISSING)?,
            scheme: "postgres",
            administrative: ADMINISTRATIVE,
            client,
        };
        let settings: Vec<&str> = settings.iter().flat_map(|setting| ["-c", setting]).collect();
        Ok(Guard::start(engine, &settings, certificate).map(Self))
    }

    /// The server that all tests of this process share, started by the first who asks. It cannot be
    /// killed; databases of different tests need different names.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn shared() -> Result<Result<&'static Self, &'static Failed>, Missing> {
        static SHARED: OnceLock<Result<Result<Server, Failed>, Missing>> = OnceLock::new();
        let shared = SHARED.get_or_init(Self::start);
        shared.as_ref().map(Result::as_ref).map_err(Missing::clone)
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
