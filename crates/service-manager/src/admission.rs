//! Who may join: a token in a file of the data folder, or anybody on this machine in development
//! mode.

use std::net::SocketAddr;
use std::path::Path;

use caruso_component::token::hex;
use caruso_component::{Secret, read_file, replace_file, require_private_file, status};
use sha2::{Digest as _, Sha256};
use tonic::{Code, Status};

/// The join token's file in the data folder, made at the first start, mode 0600.
pub const JOIN_TOKEN_FILE: &str = "join-token";

/// Decides who may join.
#[derive(Debug)]
pub(crate) struct Admission {
    token: Secret<String>,
    is_development: bool,
}

impl Admission {
    /// Reads the join token, or makes one of 32 random bytes.
    pub(crate) fn load_or_create(
        data: &Path,
        is_development: bool,
    ) -> Result<Self, caruso_component::Error> {
        let path = data.join(JOIN_TOKEN_FILE);
        if read_file(&path)?.is_some() {
            require_private_file(&path)?;
        } else {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes).map_err(|error| {
                caruso_component::Error::data(&path)(std::io::Error::other(error))
            })?;
            replace_file(&path, hex(&bytes).as_bytes())?;
        }
        Ok(Self { token: Secret::<String>::read(&path)?, is_development })
    }

    pub(crate) fn is_production(&self) -> bool {
        !self.is_development
    }

    /// Lets a component in, or says why not.
    pub(crate) fn admit(&self, token: &str, from: Option<SocketAddr>) -> Result<(), Status> {
        let is_here = from.is_some_and(|address| address.ip().is_loopback());
        if token.is_empty() && self.is_development && is_here {
            return Ok(());
        }
        // Digests are compared, so that the time tells nothing about the token.
        if Sha256::digest(token) == Sha256::digest(self.token.expose()) {
            return Ok(());
        }
        let reason = if token.is_empty() { "a join token is needed" } else { "wrong join token" };
        Err(status(Code::Unauthenticated, "CR0101", reason))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_needed_except_on_this_machine_in_development() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let here: Option<SocketAddr> = Some(([127, 0, 0, 1], 5000).into());
        let elsewhere: Option<SocketAddr> = Some(([192, 0, 2, 1], 5000).into());
        let production = Admission::load_or_create(folder.path(), false).expect("made");
        let development = Admission::load_or_create(folder.path(), true).expect("read");
        let token = production.token.expose().clone();
        assert_eq!(token.len(), 64);
        for (admission, given, from, is_in) in [
            (&production, token.as_str(), elsewhere, true),
            (&production, "", here, false),
            (&production, "guess", here, false),
            (&development, "", here, true),
            (&development, "", elsewhere, false),
            (&development, "guess", here, false),
            (&development, token.as_str(), elsewhere, true),
        ] {
            assert_eq!(admission.admit(given, from).is_ok(), is_in, "{given} {from:?}");
        }
    }
}
