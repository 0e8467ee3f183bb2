//! Who a component is, proved by certificates.
//!
//! An installation has one small [`Authority`], which the service manager keeps. Whoever is let in
//! makes a [`Key`] of its own, has its public half certified, and holds a [`Credential`] from then
//! on, with which it calls and serves: TLS 1.3 in which both sides prove who they are.
//!
//! A certificate (RFC 5280) names exactly one [`Identity`], by a URI in the form of SPIFFE
//! (`spiffe://REALM/component/NAME/INSTANCE`) for whoever is called, and by a host name
//! (`NAME.REALM`) for whoever calls: what any TLS library compares by itself. It knows nothing of
//! join tokens but their ids, reads no files and asks no clock but that of TLS. Its invariant:
//! **a connection is one to the component that was asked for, of the authority with this
//! [`Fingerprint`], or there is none**.
//!
//! ```
//! # fn main() -> Result<(), caruso_certificates::Error> {
//! use std::time::{Duration, SystemTime};
//! use caruso_certificates::{Authority, Credential, Identity, Key};
//!
//! let authority = Authority::generate(SystemTime::now())?;
//! let key = Key::generate()?;
//! let identity = Identity::new(authority.realm(), "erp", "1")?;
//! let until = SystemTime::now() + Duration::from_secs(3600);
//! let chain = authority.certify(&key.signing_request()?, &identity, "3f2a", until)?;
//! let credential = Credential::new(key, chain)?;
//! assert_eq!(credential.presented().identity.to_string(), identity.to_string());
//! # Ok(())
//! # }
//! ```

mod authority;
mod connection;
mod credential;
mod error;
mod fingerprint;
mod identity;
mod key;
mod presented;
mod verifier;

pub use authority::Authority;
pub use connection::{Client, ClientStream, Server, ServerStream};
pub use credential::Credential;
pub use error::Error;
pub use fingerprint::Fingerprint;
pub use identity::{Identity, is_name};
pub use key::Key;
pub use presented::Presented;

#[cfg(test)]
mod tests;
