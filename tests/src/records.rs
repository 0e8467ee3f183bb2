//! What is left behind: rows of the company's database, orders in the ERP's file.

use std::path::{Path, PathBuf};

use sqlx::sqlite::{SqliteConnectOptions, SqliteRow};
use sqlx::{Connection as _, Row as _, SqliteConnection};

/// The company's database, opened only to read.
#[derive(Debug)]
pub struct Records(SqliteConnection);

impl Records {
    /// Opens the database of the example in the data folder of an installation.
    ///
    /// # Panics
    /// When there is none.
    pub async fn open(data: &Path) -> Self {
        let file = data.join("storage-manager/utilities.sqlite");
        let options = SqliteConnectOptions::new().filename(&file).read_only(true);
        let opened = SqliteConnection::connect_with(&options).await;
        Self(opened.unwrap_or_else(|error| panic!("{}: {error}", file.display())))
    }

    /// Rows of a query, each value as text, null as empty text.
    ///
    /// # Panics
    /// When the query is wrong.
    pub async fn rows(&mut self, query: &'static str, parameter: &str) -> Vec<Vec<String>> {
        let rows = sqlx::query(query).bind(parameter).fetch_all(&mut self.0).await;
        rows.expect("a query of a test").iter().map(texts).collect()
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
