//! Personal fields under a key: XChaCha20-Poly1305, a random nonce of 24 bytes before the text.

use chacha20poly1305::aead::{Aead as _, Payload};
use chacha20poly1305::{KeyInit as _, XChaCha20Poly1305, XNonce};

use crate::Error;

const NONCE: usize = 24;

/// A key of one contact, or of one stream: [`Journal::key`](crate::Journal::key). Never printed.
#[derive(Clone)]
pub struct Key(XChaCha20Poly1305);

impl std::fmt::Debug for Key {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Key")
    }
}

impl Key {
    /// Bytes of nonce and tag.
    pub const OVERHEAD: usize = NONCE + 16;

    /// `None` where `secret` has not 32 bytes.
    pub(crate) fn new(secret: &[u8]) -> Option<Self> {
        XChaCha20Poly1305::new_from_slice(secret).ok().map(Self)
    }

    /// Encrypts; only [`Key::open`] with the same `about` reads it again. The result is
    /// [`Key::OVERHEAD`] bytes longer than the text.
    ///
    /// # Errors
    /// [`Error::Randomness`] when the system gives none.
    pub fn seal(&self, text: &[u8], about: &[u8]) -> Result<Vec<u8>, Error> {
        let nonce = random::<NONCE>()?;
        let payload = Payload { msg: text, aad: about };
        let sealed = self.0.encrypt(&XNonce::from(nonce), payload);
        let sealed = sealed.expect("a batch is far below the cipher's 256 GiB");
        Ok([nonce.as_slice(), &sealed].concat())
    }

    /// `None` where it was not written with this key about this, or was changed since.
    pub fn open(&self, sealed: &[u8], about: &[u8]) -> Option<Vec<u8>> {
        let (nonce, text) = sealed.split_first_chunk::<NONCE>()?;
        self.0.decrypt(&XNonce::from(*nonce), Payload { msg: text, aad: about }).ok()
    }
}

/// Bytes for a key or a nonce.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Error::Randomness)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_text_opens_only_unchanged_and_where_it_belongs() {
        let key = Key::new(&[7; 32]).expect("32 bytes");
        let mut sealed = key.seal(b"0612345678", b"event 1").expect("randomness");
        assert_eq!(key.open(&sealed, b"event 1").as_deref(), Some(b"0612345678".as_slice()));
        assert_eq!(key.open(&sealed, b"event 2"), None);
        assert_eq!(Key::new(&[8; 32]).expect("32 bytes").open(&sealed, b"event 1"), None);
        *sealed.last_mut().expect("not empty") ^= 1;
        assert_eq!(key.open(&sealed, b"event 1"), None);
        assert_eq!(key.open(b"short", b"event 1"), None);
        assert!(Key::new(b"short").is_none());
    }
}
