//! A recording as it is heard: a WAV file, any part of it.

use std::io::SeekFrom;
use std::time::Duration;

use caruso_contact::ContactId;
use caruso_journal::Key;
use caruso_media::g711::Law;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};

use super::Error;
use super::form::{HEADER, Header, PIECE, SEALED, about};
use crate::loudness::Loudness;

/// Bytes of the header of a WAV file of 16 bit linear samples.
const WAV_HEADER: u64 = 44;
const RATE: u64 = 8_000;

/// A recording that can be heard.
#[derive(Debug)]
pub(crate) struct Heard {
    contact: ContactId,
    key: Key,
    file: File,
    samples: u64,
}

impl Heard {
    pub(super) async fn open(contact: ContactId, key: Key, mut file: File) -> Result<Self, Error> {
        Header::read(&mut file).await?;
        let size = file.metadata().await?.len();
        let mut heard = Self { contact, key, file, samples: 0 };
        let pieces = size.saturating_sub(HEADER as u64).div_ceil(SEALED as u64);
        // the last one may be shorter, or torn
        heard.samples = match pieces.checked_sub(1) {
            Some(last) => last * PIECE as u64 + heard.piece(last).await?.len() as u64,
            None => 0,
        };
        Ok(heard)
    }

    /// Bytes of the WAV file: 8 kHz, mono, 16 bit.
    pub(crate) fn size(&self) -> u64 {
        WAV_HEADER + 2 * self.samples
    }

    /// The bytes of the WAV file from an offset on, at most as many as asked for and some 3 kB;
    /// none behind the end.
    pub(crate) async fn read(&mut self, offset: u64, most: u64) -> Result<Vec<u8>, Error> {
        let mut bytes = match offset.checked_sub(WAV_HEADER) {
            None => self.header()[usize::try_from(offset).unwrap_or_default()..].to_vec(),
            Some(at) if at / 2 >= self.samples => Vec::new(),
            Some(at) => {
                let piece = self.piece(at / 2 / PIECE as u64).await?;
                let linear = piece.iter().flat_map(|code| Law::Mu.decode(*code).to_le_bytes());
                linear.skip(usize::try_from(at % (2 * PIECE as u64)).unwrap_or_default()).collect()
            }
        };
        bytes.truncate(usize::try_from(most).unwrap_or(usize::MAX));
        Ok(bytes)
    }

    /// How long it is, where somebody is heard on it.
    pub(super) async fn spoken(mut self) -> Result<Option<Duration>, Error> {
        let mut loudness = Loudness::default();
        for place in 0..self.samples.div_ceil(PIECE as u64) {
            let piece = self.piece(place).await?;
            let samples: Vec<i16> = piece.iter().map(|code| Law::Mu.decode(*code)).collect();
            samples.chunks(caruso_media::FRAME_SAMPLES).for_each(|frame| loudness.hear(frame));
        }
        let length = Duration::from_millis(self.samples * 1_000 / RATE);
        Ok(loudness.is_speech().then_some(length))
    }

    /// The code words of a piece; none where it is torn.
    async fn piece(&mut self, place: u64) -> Result<Vec<u8>, Error> {
        let at = HEADER as u64 + place * SEALED as u64;
        self.file.seek(SeekFrom::Start(at)).await?;
        let mut sealed = Vec::with_capacity(SEALED);
        (&mut self.file).take(SEALED as u64).read_to_end(&mut sealed).await?;
        Ok(self.key.open(&sealed, &about(self.contact, place)).unwrap_or_default())
    }

    /// RIFF, PCM, one channel.
    fn header(&self) -> [u8; WAV_HEADER as usize] {
        let data = u32::try_from(2 * self.samples).unwrap_or(u32::MAX);
        let mut header = [0; WAV_HEADER as usize];
        let mut at = 0;
        let mut put = |bytes: &[u8]| {
            header[at..at + bytes.len()].copy_from_slice(bytes);
            at += bytes.len();
        };
        put(b"RIFF");
        put(&data.saturating_add(36).to_le_bytes());
        put(b"WAVEfmt ");
        put(&16_u32.to_le_bytes());
        put(&1_u16.to_le_bytes());
        put(&1_u16.to_le_bytes());
        put(&8_000_u32.to_le_bytes());
        put(&16_000_u32.to_le_bytes());
        put(&2_u16.to_le_bytes());
        put(&16_u16.to_le_bytes());
        put(b"data");
        put(&data.to_le_bytes());
        header
    }
}
