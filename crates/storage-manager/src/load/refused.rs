//! The file of refused rows: as they were, with the reasons in a last column, so that they can be
//! corrected and loaded again.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use caruso_object_model::row::{REASON, Record, Refusal};

use super::batch::Fate;
use super::{Error, Outcome, failed_at};

/// The file, where one is wished.
#[derive(Debug)]
pub(super) struct RefusedFile {
    file: Option<(PathBuf, File)>,
    /// How long it is with all batches that are loaded.
    length: u64,
}

impl RefusedFile {
    /// Opens the file at the length that it had with the last batch, and writes the names into a
    /// new one. One that holds something else is left as it is.
    pub(super) fn open(
        path: Option<&Path>,
        columns: &[String],
        length: u64,
    ) -> Result<Self, Error> {
        let Some(path) = path else { return Ok(Self { file: None, length: 0 }) };
        let failed = failed_at(path);
        let mut options = OpenOptions::new();
        let file = options.create(true).truncate(false).write(true).open(path).map_err(&failed)?;
        let there = file.metadata().map_err(&failed)?.len();
        let is_known = length > 0 && there >= length;
        if there > 0 && !is_known {
            return Err(Error::RefusedIsThere(path.display().to_string()));
        }
        let length = if is_known { length } else { 0 };
        let mut refused = Self { file: Some((path.to_owned(), file)), length };
        if !is_known {
            let names = columns.iter().map(String::as_bytes).chain([REASON.as_bytes()]);
            refused.length = refused.write(&csv_of([names.collect()]).map_err(&failed)?)?;
        }
        Ok(refused)
    }

    /// Writes the refused rows of a batch behind those of the batches that are loaded; answers
    /// with the length of the file.
    pub(super) fn add(&mut self, records: &[Record], outcome: &Outcome) -> Result<u64, Error> {
        let Some((path, _)) = &self.file else { return Ok(0) };
        let failed = failed_at(path);
        let mut rows = Vec::new();
        for (record, fate) in records.iter().zip(&outcome.fates) {
            let Fate::Refused(refusals) = fate else { continue };
            let reason = reason(refusals);
            rows.push(record.fields().chain([reason.as_bytes()]).map(<[u8]>::to_vec).collect());
        }
        let rows = rows.iter().map(|row: &Vec<Vec<u8>>| row.iter().map(Vec::as_slice).collect());
        self.write(&csv_of(rows).map_err(failed)?)
    }

    /// The batch is loaded.
    pub(super) fn settle(&mut self, length: u64) {
        self.length = length;
    }

    fn write(&mut self, bytes: &[u8]) -> Result<u64, Error> {
        let length = self.length;
        let Some((path, file)) = &mut self.file else { return Ok(0) };
        let written = file
            .set_len(length)
            .and_then(|()| file.seek(SeekFrom::Start(length)))
            .and_then(|_| file.write_all(bytes));
        written.map_err(failed_at(path))?;
        Ok(length + bytes.len() as u64)
    }
}

/// Rows as the bytes of a CSV file.
fn csv_of<'a>(rows: impl IntoIterator<Item = Vec<&'a [u8]>>) -> std::io::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        writer.write_record(row).map_err(std::io::Error::other)?;
    }
    writer.into_inner().map_err(|error| std::io::Error::other(error.to_string()))
}

fn reason(refusals: &[Refusal]) -> String {
    let said = refusals.iter().map(|refusal| match refusal.name.as_str() {
        "" => refusal.reason.clone(),
        name => format!("{name}: {}", refusal.reason),
    });
    said.collect::<Vec<_>>().join("; ")
}
