//! What is left behind: rows of the company's database, orders in the ERP's file.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use caruso_test_kit::{Missing, mariadb, postgres};
use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Connection as _, Row as _, SqliteConnection};

/// Where the company's database is.
#[derive(Clone, Debug, Default)]
pub enum Company {
    /// A file in the data folder, which the system makes.
    #[default]
    OwnFile,
    /// A database of a PostgreSQL.
    PostgreSql(Arc<postgres::Server>, String),
    /// A database of a MariaDB.
    MariaDb(Arc<mariadb::Server>, String),
}

/// The name of the database on a server.
const NAME: &str = "utilities";

impl Company {
    /// An empty database of a PostgreSQL of its own.
    ///
    /// # Errors
    /// [`Missing`] where it is not installed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn on_postgresql() -> Result<Self, Missing> {
        let server = postgres::Server::start()?.expect("it starts");
        let url = server.database(NAME).expect("it makes a database");
        Ok(Self::PostgreSql(Arc::new(server), url))
    }

    /// An empty database of a MariaDB of its own.
    ///
    /// # Errors
    /// [`Missing`] where it is not installed.
    ///
    /// # Panics
    /// When it does not start.
    pub fn on_mariadb() -> Result<Self, Missing> {
        let server = mariadb::Server::start()?.expect("it starts");
        let url = server.database(NAME).expect("it makes a database");
        Ok(Self::MariaDb(Arc::new(server), url))
    }

    /// Its URL, if it is on a server.
    pub(crate) fn url(&self) -> Option<&str> {
        match self {
            Self::OwnFile => None,
            Self::PostgreSql(_, url) | Self::MariaDb(_, url) => Some(url),
        }
    }
}

/// The company's database, opened only to read.
#[derive(Debug)]
pub enum Records {
    /// A file.
    File(SqliteConnection),
    /// On a server, through its client program.
    Server(Company),
}

impl Records {
    /// Opens the database of the example of an installation with this data folder.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open(company: &Company, data: &Path) -> Self {
        if company.url().is_some() {
            return Self::Server(company.clone());
        }
        let file = data.join("storage-manager/utilities.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).read_only(true);
        let opened = SqliteConnection::connect_with(&options).await;
        Self::File(opened.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// Rows of a query with names in double quotes and one `?` for the parameter, each value as
    /// text, null as empty text.
    ///
    /// # Panics
    /// When the query is wrong.
    pub async fn rows(&mut self, query: &'static str, parameter: &str) -> Vec<Vec<String>> {
        let query_of_server = query.replace('?', &format!("'{parameter}'"));
        let printed = match self {
            Self::File(connection) => {
                let rows = sqlx::query(query).bind(parameter).fetch_all(connection).await;
                return rows.expect("a query of a test").iter().map(texts).collect();
            }
            Self::Server(Company::PostgreSql(server, _)) => server.run(NAME, &query_of_server),
            Self::Server(Company::MariaDb(server, _)) => {
                server.run(NAME, &query_of_server.replace('"', "`"))
            }
            Self::Server(Company::OwnFile) => return Vec::new(),
        };
        let printed = printed.expect("a query of a test");
        // the client programs have separators of their own
        let fields = |line: &str| line.split(['|', '\t']).map(str::to_owned).collect();
        printed.lines().map(fields).collect()
    }
}

fn texts(row: &SqliteRow) -> Vec<String> {
    let text = |index| {
        let text = row.try_get::<Option<String>, _>(index);
        let number = || row.try_get::<Option<i64>, _>(index).ok().flatten().map(|n| n.to_string());
        text.unwrap_or_else(|_| number()).unwrap_or_default()
    };
    (0..row.len()).map(text).collect()
}

/// The ERP's file of service orders.
#[derive(Clone, Debug)]
pub struct Orders(PathBuf);

impl Orders {
    /// The file in the data folder of an installation.
    pub fn of(data: &Path) -> Self {
        Self(data.join("erp/files/service-orders.csv"))
    }

    /// Its orders without the header; none while there is no file.
    pub fn read(&self) -> Vec<String> {
        let text = std::fs::read_to_string(&self.0).unwrap_or_default();
        text.lines().skip(1).map(str::to_owned).collect()
    }
}
