//! The file of refused rows: as they were, with the reasons in a last column, so that they can be
//! corrected and loaded again.

use std::fs::{File, OpenOptions};
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::Path;

use caruso_object_model::row::{Record, Refusal};

use super::Outcome;
use super::batch::Fate;

/// The last column.
const REASON: &str = "reason";

/// The file, where one is wished.
#[derive(Debug)]
pub(super) struct RefusedFile {
    file: Option<File>,
    /// How long it is with all batches that are loaded.
    length: u64,
}

impl RefusedFile {
    /// Opens the file at the length that it had with the last batch, and writes the names into a
    /// new one.
    pub(super) fn open(
        path: Option<&Path>,
        columns: &[String],
        length: u64,
    ) -> std::io::Result<Self> {
        let Some(path) = path else { return Ok(Self { file: None, length: 0 }) };
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        // one that is shorter is another one
        let is_known = length > 0 && file.metadata()?.len() >= length;
        let mut refused = Self { file: Some(file), length: if is_known { length } else { 0 } };
        if !is_known {
            let names = columns.iter().map(String::as_bytes).chain([REASON.as_bytes()]);
            refused.length = refused.write(&csv_of([names.collect()])?)?;
        }
        Ok(refused)
    }

    /// Writes the refused rows of a batch behind those of the batches that are loaded; answers
    /// with the length of the file.
    pub(super) fn add(&mut self, records: &[Record], outcome: &Outcome) -> std::io::Result<u64> {
        if self.file.is_none() {
            return Ok(0);
        }
        let mut rows = Vec::new();
        for (record, fate) in records.iter().zip(&outcome.fates) {
            let Fate::Refused(refusals) = fate else { continue };
            let reason = reason(refusals);
            rows.push(record.fields().chain([reason.as_bytes()]).map(<[u8]>::to_vec).collect());
        }
        self.write(&csv_of(
            rows.iter().map(|row: &Vec<Vec<u8>>| row.iter().map(Vec::as_slice).collect()),
        )?)
    }

    /// The batch is loaded.
    pub(super) fn settle(&mut self, length: u64) {
        self.length = length;
    }

    fn write(&mut self, bytes: &[u8]) -> std::io::Result<u64> {
        let Some(file) = &mut self.file else { return Ok(0) };
        file.set_len(self.length)?;
        file.seek(SeekFrom::Start(self.length))?;
        file.write_all(bytes)?;
        Ok(self.length + bytes.len() as u64)
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
