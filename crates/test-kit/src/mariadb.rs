//! MariaDB: a server of a test's own.
//!
//! It is what Debian's `mariadb-server` installs, with the server's defaults but a small buffer
//! pool and Debian's character set (`utf8mb4`, collation `utf8mb4_general_ci`). No configuration of
//! the system is read. It listens on a loopback port only and lets in one user, who may do all.
//!
//! Starting takes about a second. Every test is a process of its own under nextest, so let a few
//! tests do much with one server.

use crate::certificate::Certificate;
use crate::guard::{Engine, Guard, NAME, User};
use crate::program::{Failed, Missing, find};
use std::ops::{Deref, DerefMut};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGE: &str = "mariadb-server";
const MISSING: Missing = Missing::Program { program: "mariadbd", package: PACKAGE };
const CLIENT: &str = "mariadb";
/// The database that is always there.
const ADMINISTRATIVE: &str = "mysql";

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
        find("mariadbd", PACKAGE)?;
        find("mariadb-install-db", PACKAGE)?;
        let mut programs = find(CLIENT, PACKAGE)?;
        programs.pop();
        let engine = Engine {
            program: "mariadbd",
            script: include_str!("mariadb.sh"),
            programs,
            user: User::of("mysql", MISSING)?,
            scheme: "mysql",
            administrative: ADMINISTRATIVE,
            client,
        };
        let settings: Vec<String> = settings.iter().map(|setting| format!("--{setting}")).collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
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

fn client(server: &Guard, database: &str) -> Command {
    let database = if database.is_empty() { ADMINISTRATIVE } else { database };
    let mut command = Command::new(server.programs().join(CLIENT));
    command
        .args(["--no-defaults", "--batch", "--skip-column-names", "--host=127.0.0.1"])
        .args([&format!("--port={}", server.port()), &format!("--user={NAME}")])
        .args(["--default-character-set=utf8mb4", database])
        .env_clear()
        .env("MYSQL_PWD", server.secret());
    command
}
