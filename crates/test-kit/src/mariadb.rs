//! MariaDB: a server of a test's own.
//!
//! It is what Debian's `mariadb-server` installs, with the server's defaults but a small buffer
//! pool and Debian's character set (`utf8mb4`, collation `utf8mb4_general_ci`). No configuration of
//! the system is read. It listens on a loopback port only and lets in one user, who may do all.
//!
//! Starting takes about a second. Every test is a process of its own under nextest, so let a few
//! tests do much with one server.

use crate::guard::{Engine, Guard, NAME, User};
use crate::program::{Missing, find};
use crate::server::{Kind, Started};
use std::process::Command;
use std::sync::OnceLock;

const PACKAGE: &str = "mariadb-server";
const MISSING: Missing = Missing::Program { program: "mariadbd", package: PACKAGE };
const CLIENT: &str = "mariadb";
/// The database that is always there.
const ADMINISTRATIVE: &str = "mysql";

/// A server of this engine.
pub type Server = crate::server::Server<MariaDb>;

/// What it is as a server.
#[derive(Debug)]
pub struct MariaDb;

impl Kind for MariaDb {
    fn engine() -> Result<Engine, Missing> {
        find("mariadbd", PACKAGE)?;
        find("mariadb-install-db", PACKAGE)?;
        let mut programs = find(CLIENT, PACKAGE)?;
        programs.pop();
        Ok(Engine {
            program: "mariadbd",
            script: include_str!("mariadb.sh"),
            programs,
            user: User::of("mysql", MISSING)?,
            scheme: "mysql",
            administrative: ADMINISTRATIVE,
            client,
        })
    }

    fn settings(settings: &[&str]) -> Vec<String> {
        settings.iter().map(|setting| format!("--{setting}")).collect()
    }

    fn shared() -> &'static OnceLock<Started<Self>> {
        static SHARED: OnceLock<Started<MariaDb>> = OnceLock::new();
        &SHARED
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
