//! What the guide shows is what happens.

use caruso_database::{Access, Address, Catalog, DatabaseConnection, DbBackend, connect};
use sea_orm::ConnectionTrait;
use tempfile::TempDir;

use super::catalogs::options;
use crate::import::{Samples, first_model};

const GUIDE: &str = include_str!("../../../../docs/guide/your-database.md");
const PRACTICE: &str = include_str!("../../../../docs/guide/practice.sql");

async fn practice(folder: &TempDir) -> DatabaseConnection {
    let address = Address::of_file(&folder.path().join("fiets.db"));
    let writer = connect(&address, Access::Write, 1).await.expect("it opens");
    writer.execute_unprepared(PRACTICE).await.expect("it is filled");
    writer
}

#[tokio::test]
async fn the_guide_shows_the_model_that_the_practice_database_gets() {
    let folder = TempDir::new().expect("a folder");
    let connection = practice(&folder).await;
    let options = options(DbBackend::Sqlite);
    let catalog = Catalog::read(&connection, None).await.expect("a catalog");
    let samples = Samples::read(&connection, &catalog, options.country, |_| {}).await;
    let files = first_model(&catalog, &samples.expect("samples"), &options);
    let blocks: Vec<&str> =
        GUIDE.split("```xml\n").skip(1).filter_map(|it| it.split("```").next()).take(2).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        assert!(files[0].contains(block), "{block}\nis not in\n{}", files[0]);
    }
}
