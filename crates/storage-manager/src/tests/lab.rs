//! Where the tests have their databases.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};

use caruso_database::{Access, Address, DatabaseConnection, DbBackend, connect};
use caruso_test_kit::disk::Disk;
use caruso_test_kit::{mariadb, postgres};
use sea_orm::{ConnectionTrait, Statement};
use tempfile::TempDir;

use crate::{DatabaseOptions, Installation};

/// An engine, and a folder that goes with it.
pub(super) struct Lab {
    folder: TempDir,
    server: Server,
    databases: AtomicU32,
}

enum Server {
    File,
    Postgres(postgres::Server),
    MariaDb(mariadb::Server),
}

impl Lab {
    fn new(server: Server) -> Self {
        let folder = TempDir::new().expect("a folder");
        Self { folder, server, databases: AtomicU32::new(0) }
    }

    pub(super) fn file() -> Self {
        Self::new(Server::File)
    }

    /// `None`, and a printed line, where the server is not installed.
    pub(super) fn postgresql() -> Option<Self> {
        match postgres::Server::start() {
            Ok(server) => Some(Self::new(Server::Postgres(server.expect("it starts")))),
            Err(missing) => {
                eprintln!("skipped: {missing}");
                None
            }
        }
    }

    /// `None`, and a printed line, where the server is not installed.
    pub(super) fn mariadb() -> Option<Self> {
        match mariadb::Server::start() {
            Ok(server) => Some(Self::new(Server::MariaDb(server.expect("it starts")))),
            Err(missing) => {
                eprintln!("skipped: {missing}");
                None
            }
        }
    }

    /// An owned, empty database on a disk that is soon full. `None`, and a printed line, where this
    /// user may not mount one.
    pub(super) fn on_a_small_disk(&self, name: &str) -> Option<(Installation, Disk)> {
        let mount = |folder: &Path, mebibytes| match Disk::mount(folder, mebibytes) {
            Ok(disk) => Some(disk.expect("it is mounted")),
            Err(missing) => {
                eprintln!("{missing}");
                None
            }
        };
        let mut installation = self.installation(name);
        let disk = match &self.server {
            Server::File => {
                let folder = self.folder.path().join("small");
                std::fs::create_dir(&folder).expect("a folder");
                let disk = mount(&folder, 4)?;
                let address = Address::of_file(&folder.join("small.sqlite"));
                installation.databases.values_mut().for_each(|it| it.address = address.clone());
                disk
            }
            Server::Postgres(server) => {
                // a folder of the server's, which only the server itself can make
                let folder = server.folder().join("data/small");
                let place = folder.display();
                let make = format!("COPY (SELECT 1) TO PROGRAM 'mkdir -m 700 {place}'");
                server.run("postgres", &make).expect("a folder");
                let disk = mount(&folder, 16)?;
                let tablespace = format!("CREATE TABLESPACE small LOCATION '{place}'");
                server.run("postgres", &tablespace).expect("a tablespace");
                let create = "CREATE DATABASE small TABLESPACE small";
                server.run("postgres", create).expect("a database");
                let url = server.url().replace("/postgres", "/small");
                let address: Address = url.parse().expect("an address");
                installation.databases.values_mut().for_each(|it| it.address = address.clone());
                disk
            }
            Server::MariaDb(server) => {
                let url = server.database("small").expect("a database");
                let disk = mount(&server.folder().join("data/small"), 4)?;
                let address: Address = url.parse().expect("an address");
                installation.databases.values_mut().for_each(|it| it.address = address.clone());
                disk
            }
        };
        Some((installation, disk))
    }

    /// Ends the server at once; a file has none.
    pub(super) fn kill(&mut self) {
        match &mut self.server {
            Server::File => {}
            Server::Postgres(server) => server.kill(),
            Server::MariaDb(server) => server.kill(),
        }
    }

    /// Starts it again where it was.
    pub(super) fn restart(&mut self) {
        match &mut self.server {
            Server::File => {}
            Server::Postgres(server) => server.restart().expect("it starts again"),
            Server::MariaDb(server) => server.restart().expect("it starts again"),
        }
    }

    pub(super) fn backend(&self) -> DbBackend {
        match self.server {
            Server::File => DbBackend::Sqlite,
            Server::Postgres(_) => DbBackend::Postgres,
            Server::MariaDb(_) => DbBackend::MySql,
        }
    }

    /// An owned, empty database under the name that a model uses, and an own folder.
    pub(super) fn installation(&self, name: &str) -> Installation {
        let number = self.databases.fetch_add(1, Ordering::Relaxed);
        let fresh = format!("{name}{number}");
        let url = match &self.server {
            Server::File => {
                format!("sqlite:{}", self.folder.path().join(format!("{fresh}.sqlite")).display())
            }
            Server::Postgres(server) => server.database(&fresh).expect("a database"),
            Server::MariaDb(server) => server.database(&fresh).expect("a database"),
        };
        let address = url.parse().expect("an address");
        let options = DatabaseOptions { address, is_owned: true };
        Installation {
            databases: BTreeMap::from([(name.to_owned(), options)]),
            data: self.folder.path().join(format!("own{number}")),
            has_demo_data: true,
        }
    }
}

/// The same databases as somebody else's.
pub(super) fn foreign(installation: &Installation) -> Installation {
    let mut foreign = installation.clone();
    foreign.databases.values_mut().for_each(|options| options.is_owned = false);
    foreign
}

/// A connection to the only database of an installation, beside the engine.
pub(super) async fn beside(installation: &Installation) -> DatabaseConnection {
    let options = installation.databases.values().next().expect("there is one");
    connect(&options.address, Access::Write, 1).await.expect("it opens")
}

/// Statements in the words of all engines: `"` around names.
pub(super) async fn execute(connection: &DatabaseConnection, statement: &str) {
    let backend = connection.get_database_backend();
    let statement = match backend {
        DbBackend::MySql => statement.replace('"', "`"),
        _ => statement.to_owned(),
    };
    let done = connection.execute_unprepared(&statement).await;
    done.unwrap_or_else(|error| panic!("{error}: {statement}"));
}

/// The number that a statement gives.
pub(super) async fn number(connection: &DatabaseConnection, statement: &str) -> i64 {
    let backend = connection.get_database_backend();
    let statement = match backend {
        DbBackend::MySql => statement.replace('"', "`"),
        _ => statement.to_owned(),
    };
    let row = connection.query_one_raw(Statement::from_string(backend, statement)).await;
    row.expect("it answers").expect("a row").try_get_by_index(0).expect("a number")
}
