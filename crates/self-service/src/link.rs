//! Signed links: whoever has one reaches its session, and nobody can make one up.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use caruso_component::Secret;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use uuid::Uuid;

/// How long a link leads to its session: as long as the script engine lets one rest.
pub(crate) const LIFE: Duration = Duration::from_secs(24 * 3600);
/// A clock may be wrong by this when it says that a session is from the future.
const SKEW: Duration = Duration::from_secs(60);
/// What is signed begins with this, so that no other signature of the key can be a link's.
const PURPOSE: &[u8] = b"caruso self-service session 1\0";

/// The key of all links of an installation.
#[derive(Debug, Clone)]
pub(crate) struct Links(Secret<[u8; 32]>);

/// Why a link leads nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dead {
    /// It was not made here.
    Unknown,
    /// Its time is over.
    Expired,
}

impl Links {
    pub(crate) fn new(key: Secret<[u8; 32]>) -> Self {
        Self(key)
    }

    fn mac(&self, session: Uuid) -> Hmac<Sha256> {
        let key = self.0.expose();
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
        mac.update(PURPOSE);
        mac.update(session.as_bytes());
        mac
    }

    /// The token of a session: its id and HMAC-SHA-256 of it, 64 characters of base64url.
    pub(crate) fn token(&self, session: Uuid) -> String {
        let mut token = session.as_bytes().to_vec();
        token.extend_from_slice(&self.mac(session).finalize().into_bytes());
        BASE64.encode(token)
    }

    /// The session of a token. When it began stands in its id (UUID version 7).
    ///
    /// # Errors
    /// The token was not made with this key, or the session began too long before `now`.
    pub(crate) fn session(&self, token: &str, now: SystemTime) -> Result<Uuid, Dead> {
        let bytes = BASE64.decode(token).map_err(|_| Dead::Unknown)?;
        let (id, mac) = bytes.split_first_chunk::<16>().ok_or(Dead::Unknown)?;
        let session = Uuid::from_bytes(*id);
        // compares in constant time
        self.mac(session).verify_slice(mac).map_err(|_| Dead::Unknown)?;
        let (seconds, nanos) = session.get_timestamp().ok_or(Dead::Unknown)?.to_unix();
        let began = UNIX_EPOCH + Duration::new(seconds, nanos);
        match now.duration_since(began) {
            Ok(age) if age < LIFE => Ok(session),
            Err(ahead) if ahead.duration() < SKEW => Ok(session),
            _ => Err(Dead::Expired),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(byte: u8) -> Links {
        Links::new(Secret::new([byte; 32]))
    }

    #[test]
    fn a_link_leads_to_its_session_until_its_time_is_over() {
        let (session, now) = (Uuid::now_v7(), SystemTime::now());
        let token = links(1).token(session);
        assert_eq!(token.len(), 64);
        assert_eq!(links(1).session(&token, now), Ok(session));
        let hour = Duration::from_secs(3600);
        assert_eq!(links(1).session(&token, now + LIFE - hour), Ok(session));
        assert_eq!(links(1).session(&token, now + LIFE + hour), Err(Dead::Expired));
        assert_eq!(links(1).session(&token, now - hour), Err(Dead::Expired));
    }

    #[test]
    fn a_link_that_was_changed_in_any_place_leads_nowhere() {
        let (session, now) = (Uuid::now_v7(), SystemTime::now());
        let token = links(1).token(session);
        assert_eq!(links(2).session(&token, now), Err(Dead::Unknown), "another key");
        for at in 0..token.len() {
            let mut other = token.clone().into_bytes();
            other[at] = if other[at] == b'A' { b'B' } else { b'A' };
            let other = String::from_utf8(other).expect("ASCII");
            assert_eq!(links(1).session(&other, now), Err(Dead::Unknown), "at {at}");
        }
        for text in ["", "A", &token[..63], &format!("{token}A"), &format!("{token}=")] {
            assert_eq!(links(1).session(text, now), Err(Dead::Unknown), "{text}");
        }
    }
}
