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
use crate::program::{Failed, Missing, find};
use std::path::{Path, PathBuf};
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
        let engine = Engine {
            program: "postgres",
            script: include_str!("postgres.sh"),
            programs: programs()?,
            user: User::of("postgres", MISSING)?,
            client,
        };
        let settings: Vec<&str> = settings.iter().flat_map(|setting| ["-c", setting]).collect();
        Ok(Guard::start(engine, &settings).map(Self))
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

    /// The address of the database `postgres`, as its administrator:
    /// `postgres://USER:SECRET@127.0.0.1:PORT/postgres`.
    pub fn url(&self) -> String {
        self.0.url("postgres", ADMINISTRATIVE)
    }

    /// Makes an empty database and answers with its address. The name is of small letters, digits
    /// and underscores.
    ///
    /// # Errors
    /// [`Failed`] with what the client program says, as when the name is taken.
    pub fn database(&self, name: &str) -> Result<String, Failed> {
        self.0.create_database(name)?;
        Ok(self.0.url("postgres", name))
    }

    /// Runs statements in a database by `psql`, until the first that fails, and answers with the
    /// rows: fields separated by `|`, a line each.
    ///
    /// # Errors
    /// [`Failed`] with what the client program says.
    pub fn run(&self, database: &str, sql: &str) -> Result<String, Failed> {
        self.0.run(database, sql)
    }

    /// Ends all its processes at once by SIGKILL, as a crash does, and waits until they are gone.
    pub fn kill(&mut self) {
        self.0.kill();
    }

    /// Starts it again with the same data on the same port, and waits until it answers. A running
    /// one is killed before.
    ///
    /// # Errors
    /// [`Failed`] with what it wrote.
    pub fn restart(&mut self) -> Result<(), Failed> {
        self.0.restart()
    }

    /// Where it keeps everything; gone when it is.
    pub fn folder(&self) -> &Path {
        self.0.folder()
    }

    /// What it has written so far, for the message of a failing test.
    pub fn output(&self) -> String {
        self.0.output()
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
