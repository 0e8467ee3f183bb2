//! Signed tokens: JWT (RFC 7519) with EdDSA over Ed25519 (RFC 8037), nothing else.
//!
//! The algorithm is fixed on both sides; a token that names another is refused before its claims
//! are looked at. Component and user tokens name different audiences, so that neither passes as the
//! other.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::{Error, Role, disk};

/// Audience of component tokens.
pub const COMPONENT_AUDIENCE: &str = "caruso/component";
/// Audience of user tokens.
pub const USER_AUDIENCE: &str = "caruso/user";
/// Longest token that is looked at, in bytes.
const LONGEST: usize = 4096;

/// Claims of a component token, signed by the service manager.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentClaims {
    /// Kind and name of the component, for example `script-engine`.
    pub sub: String,
    /// The running instance; the same as its session.
    pub instance: String,
    /// [`COMPONENT_AUDIENCE`].
    pub aud: String,
    /// Seconds since 1970.
    pub iat: u64,
    /// Seconds since 1970; the token is void from this second on.
    pub exp: u64,
}

/// Claims of a user token, signed by identity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserClaims {
    /// Log-in name.
    pub sub: String,
    /// What the user may do.
    pub roles: Vec<Role>,
    /// The log-in session.
    pub sid: String,
    /// [`USER_AUDIENCE`].
    pub aud: String,
    /// Seconds since 1970.
    pub iat: u64,
    /// Seconds since 1970; the token is void from this second on.
    pub exp: u64,
}

/// What both kinds of claims have.
pub trait Claims: Serialize + DeserializeOwned {
    /// The audience that such tokens must name.
    const AUDIENCE: &'static str;
    /// The audience the token names.
    fn audience(&self) -> &str;
    /// When it ends, in seconds since 1970.
    fn expires_at(&self) -> u64;
}

impl Claims for ComponentClaims {
    const AUDIENCE: &'static str = COMPONENT_AUDIENCE;
    fn audience(&self) -> &str {
        &self.aud
    }
    fn expires_at(&self) -> u64 {
        self.exp
    }
}

impl Claims for UserClaims {
    const AUDIENCE: &'static str = USER_AUDIENCE;
    fn audience(&self) -> &str {
        &self.aud
    }
    fn expires_at(&self) -> u64 {
        self.exp
    }
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Invalid {
    /// Not a token of ours at all.
    #[error("the token is malformed")]
    Malformed,
    /// Not signed by the key, or changed since.
    #[error("the signature of the token is wrong")]
    Signature,
    /// For another purpose.
    #[error("the token is for another audience")]
    Audience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
}

/// A private key that signs tokens.
pub struct TokenSigner {
    key: SigningKey,
    id: String,
}

impl TokenSigner {
    /// Reads the key from a file of the data folder, or makes one at the first start (mode 0600).
    ///
    /// # Errors
    /// When the file cannot be read or written, is no key, or others may read it.
    pub fn load_or_create(path: &Path) -> Result<Self, Error> {
        if let Some(content) = disk::read(path)? {
            disk::require_private(path)?;
            let seed: [u8; 32] = content.try_into().map_err(|_| {
                Error::data(path)(std::io::Error::other("expected a key of 32 bytes"))
            })?;
            return Ok(Self::from_seed(seed));
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| Error::data(path)(std::io::Error::other(error)))?;
        disk::replace(path, &seed)?;
        Ok(Self::from_seed(seed))
    }

    /// The key that a seed of 32 random bytes makes.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let key = SigningKey::from_bytes(&seed);
        let id = id_of(&key.verifying_key());
        Self { key, id }
    }

    /// Named in the header of every token; the beginning of the public key's SHA-256.
    pub fn key_id(&self) -> &str {
        &self.id
    }

    /// Ed25519, 32 bytes.
    pub fn public_key(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    /// The token with these claims.
    pub fn sign<C: Claims>(&self, claims: &C) -> String {
        let header = Header { alg: "EdDSA".to_owned(), kid: self.id.clone() };
        let signed = format!("{}.{}", encode(&header), encode(claims));
        let signature = self.key.sign(signed.as_bytes());
        format!("{signed}.{}", BASE64.encode(signature.to_bytes()))
    }
}

impl std::fmt::Debug for TokenSigner {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("TokenSigner").field("id", &self.id).finish_non_exhaustive()
    }
}

fn encode(value: &impl Serialize) -> String {
    let json = serde_json::to_vec(value).expect("headers and claims are plain structs");
    BASE64.encode(json)
}

fn id_of(key: &VerifyingKey) -> String {
    hex(&Sha256::digest(key.as_bytes())[..8])
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        write!(text, "{byte:02x}").expect("a string takes all that is written");
        text
    })
}

/// A public key that verifies tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    id: String,
}

impl PublicKey {
    /// From the 32 bytes of an Ed25519 key; `None` where they are none.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
        Some(Self { id: id_of(&key), key })
    }

    /// As [`TokenSigner::key_id`].
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Ed25519, 32 bytes.
    pub fn to_bytes(&self) -> [u8; 32] {
        self.key.to_bytes()
    }

    /// The claims of a token that this key signed, for this audience, still valid at `now` (seconds
    /// since 1970).
    ///
    /// # Errors
    /// As [`Invalid`] says.
    pub fn verify<C: Claims>(&self, token: &str, now: u64) -> Result<C, Invalid> {
        if token.len() > LONGEST {
            return Err(Invalid::Malformed);
        }
        let (signed, signature) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
        let (header, claims) = signed.split_once('.').ok_or(Invalid::Malformed)?;
        let header: Header = decode(header)?;
        if header.alg != "EdDSA" {
            return Err(Invalid::Malformed);
        }
        let signature = BASE64.decode(signature).map_err(|_| Invalid::Malformed)?;
        let signature = Signature::from_slice(&signature).map_err(|_| Invalid::Malformed)?;
        self.key.verify_strict(signed.as_bytes(), &signature).map_err(|_| Invalid::Signature)?;
        let claims: C = decode(claims)?;
        if claims.audience() != C::AUDIENCE {
            return Err(Invalid::Audience);
        }
        if now >= claims.expires_at() {
            return Err(Invalid::Expired);
        }
        Ok(claims)
    }
}

/// The id of the key that a token says it was signed with.
pub fn key_id(token: &str) -> Option<String> {
    if token.len() > LONGEST {
        return None;
    }
    let (header, _) = token.split_once('.')?;
    decode::<Header>(header).ok().map(|header| header.kid)
}

fn decode<T: DeserializeOwned>(part: &str) -> Result<T, Invalid> {
    let json = BASE64.decode(part).map_err(|_| Invalid::Malformed)?;
    serde_json::from_slice(&json).map_err(|_| Invalid::Malformed)
}

/// The wall clock in seconds since 1970, as tokens count.
pub fn now_seconds() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |passed| passed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims() -> ComponentClaims {
        ComponentClaims {
            sub: "script-engine".into(),
            instance: "i1".into(),
            aud: COMPONENT_AUDIENCE.into(),
            iat: 100,
            exp: 200,
        }
    }

    #[test]
    fn a_token_is_valid_for_its_key_its_audience_and_its_time_only() {
        let signer = TokenSigner::from_seed([7; 32]);
        let key = PublicKey::from_bytes(&signer.public_key()).expect("a key");
        let token = signer.sign(&claims());
        assert_eq!(key_id(&token).as_deref(), Some(key.id()));
        assert_eq!(key.verify::<ComponentClaims>(&token, 199), Ok(claims()));
        assert_eq!(key.verify::<ComponentClaims>(&token, 200), Err(Invalid::Expired));
        assert_eq!(key.verify::<UserClaims>(&token, 150), Err(Invalid::Malformed));

        let other = TokenSigner::from_seed([8; 32]);
        let other = PublicKey::from_bytes(&other.public_key()).expect("a key");
        assert_eq!(other.verify::<ComponentClaims>(&token, 150), Err(Invalid::Signature));

        let mut foreign = claims();
        foreign.aud = USER_AUDIENCE.into();
        let token = signer.sign(&foreign);
        assert_eq!(key.verify::<ComponentClaims>(&token, 150), Err(Invalid::Audience));
    }

    #[test]
    fn a_changed_token_or_one_without_algorithm_is_refused() {
        let signer = TokenSigner::from_seed([7; 32]);
        let key = PublicKey::from_bytes(&signer.public_key()).expect("a key");
        let token = signer.sign(&claims());
        let mut forged = claims();
        forged.sub = "command-line".into();
        let parts: Vec<&str> = token.split('.').collect();
        let swapped = format!("{}.{}.{}", parts[0], encode(&forged), parts[2]);
        assert_eq!(key.verify::<ComponentClaims>(&swapped, 150), Err(Invalid::Signature));
        let none = encode(&Header { alg: "none".into(), kid: key.id().into() });
        let unsigned = format!("{none}.{}.{}", parts[1], parts[2]);
        assert_eq!(key.verify::<ComponentClaims>(&unsigned, 150), Err(Invalid::Malformed));
        for text in ["", ".", "..", "a.b.c", &"x".repeat(10_000)] {
            assert_eq!(key.verify::<ComponentClaims>(text, 150), Err(Invalid::Malformed));
        }
    }

    #[test]
    fn a_key_is_made_once_and_kept() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("key");
        let first = TokenSigner::load_or_create(&path).expect("made");
        let second = TokenSigner::load_or_create(&path).expect("read");
        assert_eq!(first.public_key(), second.public_key());
    }
}
