//! Reading the file beside the loading: in a thread of its own, a few batches ahead.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use caruso_object_model::Model;
use caruso_object_model::row::{Record, Rows, RowsError, Start, refusals};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{Error, Existing, LoadOptions, failed_at};
use crate::engine::Engine;
use crate::plan::Plan;

/// Batches that are read ahead.
const AHEAD: usize = 2;
/// Bytes of the file that are read at once.
const BUFFER: usize = 1 << 17;

/// Rows that are loaded together.
#[derive(Debug)]
pub(super) struct Chunk {
    pub(super) records: Vec<Record>,
    /// Where the next one starts.
    pub(super) end: Start,
}

/// A file while it is read.
#[derive(Debug)]
pub(super) struct Reading {
    columns: Vec<String>,
    chunks: Receiver<Result<Chunk, RowsError>>,
}

impl Reading {
    /// Starts to read behind the rows that an earlier run had done with, so many at once.
    pub(super) fn start(
        engine: &Engine,
        plan: &Plan,
        path: &Path,
        options: &LoadOptions,
        start: Option<Start>,
        most: usize,
    ) -> Result<Self, Error> {
        let columns = rows(&engine.model, plan, path)?.columns().to_vec();
        let (sender, chunks) = channel(AHEAD);
        let (model, class) = (Arc::clone(&engine.model), plan.class.name.clone());
        let (path, is_whole) = (path.to_owned(), options.existing != Existing::Update);
        tokio::task::spawn_blocking(move || {
            let Some(class) = model.class(&class) else { return };
            let file = match File::open(path) {
                Ok(file) => BufReader::with_capacity(BUFFER, file),
                Err(error) => {
                    let _ = sender.blocking_send(Err(RowsError::File(error.into())));
                    return;
                }
            };
            let rows = Rows::new(&model, class, file).and_then(|mut rows| {
                start.map_or(Ok(()), |start| rows.go_on(start))?;
                Ok(rows)
            });
            let sent = match rows {
                Ok(mut rows) => send_all(&mut rows, most, &sender, |record| {
                    if is_whole {
                        let more = refusals(&model, class, &record.row, &record.refusals);
                        record.refusals.extend(more);
                    }
                }),
                Err(error) => Err(error),
            };
            if let Err(error) = sent {
                let _ = sender.blocking_send(Err(error));
            }
        });
        Ok(Self { columns, chunks })
    }

    /// The names in the first row.
    pub(super) fn columns(&self) -> &[String] {
        &self.columns
    }

    /// The next batch; `None` behind the last one.
    pub(super) async fn next(&mut self) -> Result<Option<Chunk>, RowsError> {
        self.chunks.recv().await.transpose()
    }
}

fn rows<'m>(
    model: &'m Model,
    plan: &'m Plan,
    path: &Path,
) -> Result<Rows<'m, BufReader<File>>, Error> {
    let file = File::open(path).map_err(failed_at(path))?;
    Ok(Rows::new(model, &plan.class, BufReader::new(file))?)
}

/// Reads to the end of the file, or until nobody listens.
fn send_all<R: std::io::Read + std::io::Seek>(
    rows: &mut Rows<'_, R>,
    most: usize,
    sender: &Sender<Result<Chunk, RowsError>>,
    check: impl Fn(&mut Record),
) -> Result<(), RowsError> {
    loop {
        let mut records = Vec::with_capacity(most);
        while records.len() < most
            && let Some(mut record) = rows.read()?
        {
            check(&mut record);
            records.push(record);
        }
        let is_last = records.len() < most;
        let chunk = Chunk { records, end: rows.start() };
        if chunk.records.is_empty() || sender.blocking_send(Ok(chunk)).is_err() || is_last {
            return Ok(());
        }
    }
}
