//! MariaDB: a server of a test's own.
//!
//! It is what Debian's `mariadb-server` installs, with the server's defaults but a small buffer
//! pool and Debian's character set (`utf8mb4`, collation `utf8mb4_general_ci`). No configuration of
//! the system is read. It listens on a loopback port only and lets in one user, who may do all.
//!
//! Starting takes about a second. Every test is a process of its own under nextest, so let a few
//! tests do much with one server.

use crate::guard::{Engine, Guard, NAME, User};
use crate::program::{Failed, Missing, find};
use std::path::Path;
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
        find("mariadbd", PACKAGE)?;
        find("mariadb-install-db", PACKAGE)?;
        let mut programs = find(CLIENT, PACKAGE)?;
        programs.pop();
        let engine = Engine {
            program: "mariadbd",
            script: include_str!("mariadb.sh"),
            programs,
            user: User::of("mysql", MISSING)?,
            client,
        };
        let settings: Vec<String> = settings.iter().map(|setting| format!("--{setting}")).collect();
        let settings: Vec<&str> = settings.iter().map(String::as_str).collect();
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

    /// The address of the database `mysql`, as its administrator:
    /// `mysql://USER:SECRET@127.0.0.1:PORT/mysql`.
    pub fn url(&self) -> String {
        self.0.url("mysql", ADMINISTRATIVE)
    }

    /// Makes an empty database and answers with its address. The name is of small letters, digits
    /// and underscores.
    ///
    /// # Errors
    /// [`Failed`] with what the client program says, as when the name is taken.
    pub fn database(&self, name: &str) -> Result<String, Failed> {
        self.0.create_database(name)?;
        Ok(self.0.url("mysql", name))
    }

    /// Runs statements in a database by `mariadb`, until the first that fails, and answers with the
    /// rows: fields separated by tabulators, a line each.
    ///
    /// # Errors
    /// [`Failed`] with what the client program says.
    pub fn run(&self, database: &str, sql: &str) -> Result<String, Failed> {
        self.0.run(database, sql)
    }

    /// Ends it at once by SIGKILL, as a crash does, and waits until it is gone.
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
