//! Passwords, kept as argon2id hashes.

use argon2::password_hash::phc::{Output, ParamsString, PasswordHash, Salt};
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use argon2::{Algorithm, Argon2, Params, Version};

use crate::Error;

/// Longest password that is hashed, in bytes.
pub(crate) const LONGEST: usize = 256;

/// Argon2id with the second recommended option of RFC 9106 §4: 64 MiB of memory, three passes, four
/// lanes, a salt of 16 bytes.
fn hasher() -> Argon2<'static> {
    let params = Params::new(64 * 1024, 3, 4, None).expect("the parameters of RFC 9106 are valid");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// The hash of a password with a new salt, as a PHC string.
pub(crate) fn hash(password: &str) -> Result<String, Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::Hash(error.to_string()))?;
    let hash = hasher().hash_password_with_salt(password.as_bytes(), &salt);
    Ok(hash.map_err(|error| Error::Hash(error.to_string()))?.to_string())
}

/// A hash that takes as long to check as any other, and that no password is known to have. It is
/// drawn and not calculated, so that no start waits for it.
pub(crate) fn of_nobody() -> Result<String, Error> {
    let (mut salt, mut hash) = ([0; 16], [0; 32]);
    for bytes in [&mut salt[..], &mut hash[..]] {
        getrandom::fill(bytes).map_err(|error| Error::Hash(error.to_string()))?;
    }
    let drawn = || {
        Ok::<_, argon2::password_hash::Error>(PasswordHash {
            algorithm: Algorithm::Argon2id.ident(),
            version: Some(Version::V0x13.into()),
            params: ParamsString::try_from(hasher().params())?,
            salt: Some(Salt::new(&salt)?),
            hash: Some(Output::new(&hash)?),
        })
    };
    Ok(drawn().map_err(|error| Error::Hash(error.to_string()))?.to_string())
}

/// Whether the password is the one of the hash. Takes the parameters from the hash, so that older
/// ones stay good when ours grow.
pub(crate) fn is_right(password: &str, hash: &str) -> bool {
    hasher().verify_password(password.as_bytes(), hash).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_names_the_parameters_of_the_rfc_and_knows_its_password() {
        let (first, second) = (hash("demo").expect("hashed"), hash("demo").expect("hashed"));
        assert!(first.starts_with("$argon2id$v=19$m=65536,t=3,p=4$"), "{first}");
        assert_ne!(first, second, "every hash has a salt of its own");
        assert!(is_right("demo", &first));
        assert!(!is_right("Demo", &first));
        assert!(!is_right("demo", "no hash"));
        let nobody = of_nobody().expect("drawn");
        let form = |hash: &str| {
            hash.rsplit_once('$').map(|(form, hash)| {
                (
                    form.rsplit_once('$').map(|(form, salt)| (form.to_owned(), salt.len())),
                    hash.len(),
                )
            })
        };
        assert_eq!(form(&nobody), form(&first), "it takes as long to check");
        assert!(!is_right("demo", &nobody));
    }
}
