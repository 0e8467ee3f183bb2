//! Recorded audio by id, decoded once and shared by all legs.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use crate::g711::Law;
use crate::{PromptId, wav};

/// How much audio one store holds: 128 MiB of 16 bit samples, over two hours.
pub const MAX_BYTES: usize = 128 << 20;

/// One prompt: samples, and their code words once a leg needed them.
#[derive(Debug)]
pub struct Prompt {
    samples: Vec<i16>,
    mu: OnceLock<Box<[u8]>>,
    a: OnceLock<Box<[u8]>>,
}

impl Prompt {
    pub(crate) fn new(samples: Vec<i16>) -> Self {
        Self { samples, mu: OnceLock::new(), a: OnceLock::new() }
    }

    pub(crate) fn samples(&self) -> &[i16] {
        &self.samples
    }

    /// The code words, one byte a sample. Encoded at the first call (about 1 ms a minute of
    /// audio), afterwards only read.
    pub(crate) fn codes(&self, law: Law) -> &[u8] {
        let cell = match law {
            Law::Mu => &self.mu,
            Law::A => &self.a,
        };
        cell.get_or_init(|| self.samples.iter().map(|&sample| law.encode(sample)).collect())
    }
}

/// All prompts of an application. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Prompts {
    by_id: Arc<HashMap<PromptId, Arc<Prompt>>>,
}

/// Why a prompt cannot be used; names it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Its file is no usable WAV file.
    #[error("prompt `{id}`: {source}")]
    Wav {
        /// Which prompt.
        id: PromptId,
        /// What is wrong with the file.
        source: wav::Error,
    },
    /// Two files have one id.
    #[error("prompt `{id}` is given twice")]
    Twice {
        /// Which prompt.
        id: PromptId,
    },
    /// With it the store would hold more than [`MAX_BYTES`].
    #[error("prompt `{id}`: all prompts together exceed {MAX_BYTES} bytes of samples")]
    TooMuch {
        /// The first that does not fit.
        id: PromptId,
    },
}

impl Prompts {
    /// Decodes WAV files, see [`wav::read`] for the kinds.
    ///
    /// # Errors
    /// All findings at once: files that are no usable WAV, ids given twice, too much audio.
    pub fn read<Id, Bytes>(files: impl IntoIterator<Item = (Id, Bytes)>) -> Result<Self, Vec<Error>>
    where
        Id: Into<PromptId>,
        Bytes: AsRef<[u8]>,
    {
        let mut by_id = HashMap::new();
        let mut errors = Vec::new();
        let mut room = MAX_BYTES;
        for (id, bytes) in files {
            let id = id.into();
            match wav::read(bytes.as_ref()) {
                Err(source) => errors.push(Error::Wav { id, source }),
                Ok(_) if by_id.contains_key(&id) => errors.push(Error::Twice { id }),
                Ok(samples) if samples.len() * 2 > room => errors.push(Error::TooMuch { id }),
                Ok(samples) => {
                    room -= samples.len() * 2;
                    by_id.insert(id, Arc::new(Prompt::new(samples)));
                }
            }
        }
        if errors.is_empty() { Ok(Self { by_id: Arc::new(by_id) }) } else { Err(errors) }
    }

    /// Whether a prompt of this id can be played.
    #[must_use]
    pub fn contains(&self, id: &PromptId) -> bool {
        self.by_id.contains_key(id)
    }

    pub(crate) fn find(&self, id: &PromptId) -> Option<Arc<Prompt>> {
        self.by_id.get(id).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bad_file_is_named() {
        let good = wav::write(&[1, 2, 3]).expect("small");
        let files = [("a", &good[..]), ("en/bad", b"nonsense"), ("a", &good), ("cut", &good[..48])];
        let errors = Prompts::read(files).expect_err("three are bad");
        let texts: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), 3, "{texts:?}");
        assert_eq!(texts[0], "prompt `en/bad`: not a readable wav file");
        assert_eq!(texts[1], "prompt `a` is given twice");
        assert!(texts[2].starts_with("prompt `cut`"));
    }

    #[test]
    fn both_laws_are_encoded_from_the_same_samples() {
        let samples = [0, 1_000, -1_000, i16::MAX];
        let prompts =
            Prompts::read([("tone", wav::write(&samples).expect("small"))]).expect("good");
        assert!(prompts.contains(&"tone".into()) && !prompts.contains(&"other".into()));
        let prompt = prompts.find(&"tone".into()).expect("just read");
        for law in [Law::Mu, Law::A] {
            let decoded: Vec<i16> = prompt.codes(law).iter().map(|&c| law.decode(c)).collect();
            let expected: Vec<i16> = samples.map(|s| law.decode(law.encode(s))).to_vec();
            assert_eq!(decoded, expected);
        }
    }
}
