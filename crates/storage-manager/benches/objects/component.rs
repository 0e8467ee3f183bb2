//! The measured process: the storage manager as a component, alone.

use std::collections::BTreeMap;
use std::path::Path;

use caruso_component::{LogFormat, Options, init_telemetry};
use caruso_storage_manager::{DatabaseOptions, Installation};
use tokio_util::sync::CancellationToken;

use crate::application::DATABASE;
use crate::child;

pub(crate) const NAME: &str = "storage-manager";

/// Serves the objects of a database that it owns.
pub(crate) async fn serve(manager: &str, database: &str, data: &str) -> anyhow::Result<()> {
    child::end_with_parent();
    init_telemetry(LogFormat::Text, "info", &[]);
    let data = Path::new(data).join(NAME);
    let database = DatabaseOptions { address: database.parse()?, is_owned: true };
    let options = caruso_storage_manager::Options {
        component: Options::new(manager).with_data(&data),
        installation: Installation {
            databases: BTreeMap::from([(DATABASE.to_owned(), database)]),
            data,
            has_demo_data: false,
        },
    };
    Ok(caruso_storage_manager::run(options, CancellationToken::new()).await?)
}
