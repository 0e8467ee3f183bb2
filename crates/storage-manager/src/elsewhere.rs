//! Changing a database that is not ours: our own tables stand in a file of our own, so that there
//! is no transaction over both.
//!
//! First the file says what is about to happen, then it happens, then the file says that it has. A
//! unit of work that comes again after a crash in between finds the first entry, and looks at the
//! objects to tell whether it was carried out.

use crate::apply::{Applied, Note, seen_of};
use crate::database::Database;
use crate::error::{Error, unavailable};
use crate::work::Work;

/// Applies a unit of work to a database that is not ours.
///
/// # Errors
///
/// As [`crate::Engine::apply`].
pub(crate) async fn apply(note: &Note<'_>, database: &Database) -> Result<Applied, Error> {
    let failed = unavailable(&database.name);
    let name = format!("about {}", note.unit.idempotency_key);
    let begun = {
        let own = database.begin_unit().await.map_err(&failed)?;
        if let Some(first) = note.first_result(&own).await? {
            return Ok(first);
        }
        let begun = caruso_database::kept(&own, &name).await.map_err(&failed)?;
        caruso_database::keep(&own, &name, Some(&note.fingerprint())).await.map_err(&failed)?;
        own.commit().await.map_err(&failed)?;
        begun.is_some_and(|before| before == note.fingerprint())
    };
    let transaction = database.begin_objects().await.map_err(&failed)?;
    let work = Work { engine: note.engine, database, transaction };
    let happened = if begun && work.was_done(note.unit).await? {
        work.what_came(note.unit).await?
    } else {
        match work.carry_out(note.unit).await {
            Ok(happened) => happened,
            Err(error) => {
                if !error.is_passing() {
                    caruso_database::keep(&database.writer, &name, None).await.map_err(&failed)?;
                }
                return Err(error);
            }
        }
    };
    work.transaction.commit().await.map_err(&failed)?;
    let own = database.begin_unit().await.map_err(&failed)?;
    note.enter(&database.reader, &own, &happened).await?;
    caruso_database::keep(&own, &name, None).await.map_err(&failed)?;
    own.commit().await.map_err(&failed)?;
    Ok(Applied { objects: seen_of(happened), is_repeat: false })
}
