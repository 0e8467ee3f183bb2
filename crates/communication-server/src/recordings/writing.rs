//! A recording while it is made.

use std::sync::Arc;

use caruso_contact::ContactId;
use caruso_journal::Key;
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;

use super::form::{PIECE, about};
use super::{Error, Shared};

/// A recording while it is made.
#[derive(Debug)]
pub(crate) struct Writing {
    shared: Arc<Shared>,
    contact: ContactId,
    key: Key,
    file: File,
    place: u64,
    codes: Vec<u8>,
}

impl Writing {
    pub(super) async fn begin(
        shared: Arc<Shared>,
        contact: ContactId,
        key: Key,
        mut file: File,
        header: &[u8],
    ) -> Result<Self, Error> {
        file.write_all(header).await?;
        Ok(Self { shared, contact, key, file, place: 0, codes: Vec::with_capacity(PIECE) })
    }

    /// Takes code words (G.711 µ-law); what makes a whole piece is given to the system.
    pub(crate) async fn write(&mut self, codes: &[u8]) -> Result<(), Error> {
        for code in codes {
            self.codes.push(*code);
            if self.codes.len() == PIECE {
                self.seal().await?;
            }
        }
        Ok(())
    }

    /// Writes the rest, and waits for the disk.
    pub(crate) async fn finish(mut self) -> Result<(), Error> {
        if !self.codes.is_empty() {
            self.seal().await?;
        }
        self.file.sync_all().await?;
        Ok(())
    }

    async fn seal(&mut self) -> Result<(), Error> {
        let sealed = self.key.seal(&self.codes, &about(self.contact, self.place))?;
        self.codes.clear();
        self.shared.take(sealed.len())?;
        self.place += 1;
        self.file.write_all(&sealed).await?;
        // tokio's file keeps what is written until then
        self.file.flush().await?;
        Ok(())
    }
}
