//! The form of a recording's file.

use caruso_contact::{ContactId, Time};
use caruso_journal::Key;
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::Error;

/// What such a file begins with; the last byte is the version.
const MAGIC: [u8; 8] = *b"CARUSOV\x01";
/// Bytes of the header.
pub(super) const HEADER: usize = 16;
/// Code words (G.711 µ-law, 8 kHz) of a piece: 200 ms.
pub(super) const PIECE: usize = 1_600;
/// Bytes of a piece in the file.
pub(super) const SEALED: usize = PIECE + Key::OVERHEAD;

/// What stands before the pieces. It is not encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// When the file is to be deleted.
    pub(super) keep_until: Time,
}

impl Header {
    pub(super) fn to_bytes(self) -> [u8; HEADER] {
        let mut bytes = [0; HEADER];
        bytes[..8].copy_from_slice(&MAGIC);
        bytes[8..].copy_from_slice(&self.keep_until.as_millis().to_be_bytes());
        bytes
    }

    /// Reads it from the beginning of a file.
    pub(super) async fn read(file: &mut File) -> Result<Self, Error> {
        let mut bytes = [0; HEADER];
        file.read_exact(&mut bytes).await.map_err(|_| Error::Foreign)?;
        let (magic, time) = bytes.split_at(8);
        let time = <[u8; 8]>::try_from(time).map_err(|_| Error::Foreign)?;
        if magic != MAGIC {
            return Err(Error::Foreign);
        }
        Ok(Self { keep_until: Time::from_millis(u64::from_be_bytes(time)) })
    }
}

/// What a piece is bound to: whose it is, and its place from 0.
pub(super) fn about(contact: ContactId, place: u64) -> [u8; 24] {
    let mut about = [0; 24];
    about[..16].copy_from_slice(contact.0.as_bytes());
    about[16..].copy_from_slice(&place.to_be_bytes());
    about
}
