//! How connections are made and accepted: in the clear in development, else by certificates.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwapOption;
use caruso_certificates::{Client, Credential, Fingerprint, Key, Server};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::token::{hex, now_seconds};
use crate::{Error, JoinToken, Options, disk};

/// What connections are accepted with; none before the component is certified.
pub type Acceptor = Arc<ArcSwapOption<Server>>;

/// The same for everything that connects.
#[derive(Debug)]
pub(crate) enum Transport {
    /// In the clear: development.
    Plain,
    /// TLS in which both sides show certificates.
    Certified(Certified),
}

/// The certificate that is used now.
#[derive(Debug)]
pub(crate) struct Certified {
    unknown: Client,
    authority: Fingerprint,
    client: ArcSwapOption<Client>,
    acceptor: Acceptor,
    credential: ArcSwapOption<Credential>,
    /// Grows with every other certificate: connections made with an earlier one take no new calls.
    number: AtomicU64,
    file: Option<PathBuf>,
    /// SHA-256 of the join token's secret; a kept certificate that another one gave is not used.
    given_by: Option<String>,
}

/// A certificate that is kept.
#[derive(Serialize, Deserialize)]
struct Kept {
    key: Vec<u8>,
    chain: Vec<Vec<u8>>,
    given_by: Option<String>,
}

/// File of the certificate and its key in a component's data folder.
pub const CERTIFICATE_FILE: &str = "certificate.json";

impl Transport {
    /// As the address of the service manager says, with the certificate of an earlier run where
    /// one is kept that is still good.
    pub(crate) fn new(options: &Options, token: Option<&JoinToken>) -> Result<Self, Error> {
        if options.service_manager.starts_with("http://") {
            return match token {
                None => Ok(Self::Plain),
                Some(_) => Err(Error::TokenInTheClear(options.service_manager.clone())),
            };
        }
        let file = options.data.as_ref().map(|folder| folder.join(CERTIFICATE_FILE));
        let given_by = token.map(|token| hex(&Sha256::digest(token.secret.expose())));
        let kept = file.as_deref().and_then(|file| load(file, given_by.as_deref()));
        let kept = kept.filter(|kept| token.is_none_or(|it| it.authority == kept.authority()));
        let authority = match (token, &kept) {
            (Some(token), _) => token.authority,
            (None, Some(kept)) => kept.authority(),
            (None, None) => return Err(Error::NoJoinToken(options.service_manager.clone())),
        };
        let certified = Certified {
            unknown: Client::unknown(authority).map_err(Error::Certificates)?,
            authority,
            client: ArcSwapOption::empty(),
            acceptor: Arc::default(),
            credential: ArcSwapOption::empty(),
            number: AtomicU64::new(0),
            file,
            given_by,
        };
        if let Some(kept) = kept {
            certified.take(kept)?;
        }
        Ok(Self::Certified(certified))
    }

    pub(crate) fn scheme(&self) -> &'static str {
        match self {
            Self::Plain => "http",
            Self::Certified(_) => "https",
        }
    }

    /// Names the certificate that connections are made with now.
    pub(crate) fn number(&self) -> u64 {
        match self {
            Self::Plain => 0,
            Self::Certified(certified) => certified.number.load(Ordering::Acquire),
        }
    }

    /// What connections are accepted with; `None` for those in the clear.
    pub(crate) fn acceptor(&self) -> Option<Acceptor> {
        match self {
            Self::Plain => None,
            Self::Certified(certified) => Some(Arc::clone(&certified.acceptor)),
        }
    }
}

impl Certified {
    /// What connections are made with: certified, or to become so.
    pub(crate) fn client(&self) -> Client {
        self.client.load().as_deref().unwrap_or(&self.unknown).clone()
    }

    /// The authority of this installation.
    pub(crate) fn authority(&self) -> Fingerprint {
        self.authority
    }

    /// The certificate, where there is one whose time is not over.
    pub(crate) fn credential(&self) -> Option<Arc<Credential>> {
        let credential = self.credential.load_full();
        credential.filter(|credential| now_seconds() < credential.presented().expires_at)
    }

    /// From now on new connections are made and accepted with this one.
    pub(crate) fn take(&self, credential: Credential) -> Result<(), Error> {
        let client = Client::of(&credential).map_err(Error::Certificates)?;
        let server = Server::of(&credential).map_err(Error::Certificates)?;
        self.client.store(Some(Arc::new(client)));
        self.acceptor.store(Some(Arc::new(server)));
        self.credential.store(Some(Arc::new(credential)));
        self.number.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// From now on new connections are made as by somebody unknown.
    pub(crate) fn forget(&self) {
        self.client.store(None);
        self.credential.store(None);
        self.number.fetch_add(1, Ordering::Release);
    }

    /// Keeps the certificate for the next start. Failing to costs a use of the join token then.
    pub(crate) fn keep(&self) {
        let (Some(file), Some(credential)) = (&self.file, self.credential.load_full()) else {
            return;
        };
        let kept = Kept {
            key: credential.key_to_der(),
            chain: credential.chain().to_vec(),
            given_by: self.given_by.clone(),
        };
        let json = serde_json::to_vec(&kept).expect("bytes have a JSON form");
        if let Err(error) = disk::replace(file, &json) {
            tracing::warn!(%error, "the certificate cannot be kept");
        }
    }
}

/// The certificate of an earlier run, where there is one that is whole, that the same join token
/// gave, where one is told, and whose time is not over.
fn load(file: &Path, given_by: Option<&str>) -> Option<Credential> {
    let json = disk::read(file).ok().flatten()?;
    let kept: Kept = serde_json::from_slice(&json).ok()?;
    if given_by.is_some() && kept.given_by.as_deref() != given_by {
        return None;
    }
    let credential = Credential::new(Key::from_der(&kept.key).ok()?, kept.chain).ok()?;
    (now_seconds() < credential.presented().expires_at).then_some(credential)
}
