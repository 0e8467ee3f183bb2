//! Certifies components, and keeps the tokens by which they are let in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwapOption;
use caruso_api::registry::v1 as proto;
use caruso_certificates::{Authority, Client, Credential, Identity, Key, Server, is_name};
use caruso_component::permissions::names::SERVICE_MANAGER;
use caruso_component::token::{hex, now_seconds};
use caruso_component::{
    Acceptor, Caller, JoinToken, Revoked, Secret, read_file, replace_file, require_private_file,
    status,
};
use sha2::{Digest as _, Sha256};
use tokio::sync::{Mutex, watch};
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::admission::Certified;
use crate::join_tokens::{JoinTokens, Refusal};
use crate::{Error, authority};

/// The file of the owner's join token in the data folder, made at the first start, mode 0600.
pub const JOIN_TOKEN_FILE: &str = "join-token";
/// The tokens for single components in the data folder.
const FILE: &str = "join-tokens.json";
/// A certificate is valid this long.
const LIFE: Duration = Duration::from_secs(24 * 3600);
/// What certificates call the token of the owner; it can not be revoked.
const OWNER: &str = "owner";
/// A failed renewal of the manager's own certificate is tried again after this.
const TRY_AGAIN: Duration = Duration::from_secs(60);

/// The authority and the join tokens.
#[derive(Debug)]
pub(crate) struct Certifying {
    authority: Authority,
    /// Lets in every component, as often as it likes.
    owner: Secret<String>,
    pub(crate) tokens: Mutex<JoinTokens>,
    /// Those that were revoked, for everybody who must know.
    revoked: watch::Sender<BTreeSet<String>>,
    pub(crate) life: Duration,
    data: PathBuf,
    /// What the manager's own connections are accepted with.
    acceptor: Acceptor,
    /// What its own are made with.
    client: ArcSwapOption<Client>,
}

/// SHA-256 of a secret, in hexadecimal digits. Digests are compared, so that the time tells nothing
/// about the secret.
pub(crate) fn digest(secret: &str) -> String {
    hex(&Sha256::digest(secret))
}

impl Certifying {
    /// Reads everything from the data folder, or makes it.
    pub(crate) fn load_or_create(data: &Path) -> Result<Self, Error> {
        let authority = authority::load_or_create(data)?;
        let owner = owner(data, &authority)?;
        let tokens = match read_file(&data.join(FILE))? {
            None => JoinTokens::default(),
            Some(content) => {
                serde_json::from_slice(&content).map_err(|_| Error::Damaged(data.join(FILE)))?
            }
        };
        let revoked = watch::Sender::new(tokens.revoked(now_seconds()));
        Ok(Self {
            authority,
            owner,
            tokens: Mutex::new(tokens),
            revoked,
            life: LIFE,
            data: data.to_owned(),
            acceptor: Acceptor::default(),
            client: ArcSwapOption::empty(),
        })
    }

    /// Ids of the tokens whose right was revoked.
    pub(crate) fn revoked(&self) -> Revoked {
        self.revoked.subscribe()
    }

    /// What connections are accepted with.
    pub(crate) fn acceptor(&self) -> Acceptor {
        Arc::clone(&self.acceptor)
    }

    /// What the manager connects to components with; none before it is certified.
    pub(crate) fn client(&self) -> Option<Arc<Client>> {
        self.client.load_full()
    }

    /// A token's text, with the fingerprint of this authority.
    pub(crate) fn text(&self, secret: &str) -> Secret<String> {
        let secret = Secret::new(secret.to_owned());
        JoinToken { secret, authority: self.authority.fingerprint() }.to_text()
    }

    /// Lets a component in by its join token.
    pub(crate) async fn enrol(
        &self,
        caller: &Caller,
        request: proto::EnrolRequest,
    ) -> Result<proto::Certificate, Status> {
        let component = request.component;
        if !may_be_named(&component) {
            return Err(no_name());
        }
        let until = SystemTime::now() + self.life;
        let secret = digest(&request.join_token);
        // the request is looked at before a use of the token is spent on it
        let instance = uuid::Uuid::now_v7().to_string();
        let certify = |token: &str| {
            self.certify(&request.signing_request, &component, &instance, token, until)
        };
        if secret == digest(self.owner.expose()) {
            caller.note(format!("{component}, join token {OWNER}"));
            return certify(OWNER);
        }
        certify(OWNER)?;
        let admit = |tokens: &mut JoinTokens| {
            tokens.admit(now_seconds(), &secret, &component, seconds(until))
        };
        match self.change(admit).await? {
            Ok(token) => {
                caller.note(format!("{component}, join token {token}"));
                certify(&token)
            }
            Err((refusal, token)) => {
                let token = token.unwrap_or_else(|| "unknown".to_owned());
                caller.note(format!("{component}, join token {token}"));
                tracing::warn!(component, token, ?refusal, "nobody was let in");
                Err(refused(refusal, request.join_token.is_empty()))
            }
        }
    }

    /// Another certificate for somebody who has one.
    pub(crate) async fn renew(
        &self,
        caller: &Caller,
        who: Certified,
        request: proto::RenewRequest,
    ) -> Result<proto::Certificate, Status> {
        let Certified { component, instance, join_token } = who;
        caller.note(format!("{component}, join token {join_token}"));
        let until = SystemTime::now() + self.life;
        let instance =
            if request.starts_anew { uuid::Uuid::now_v7().to_string() } else { instance };
        let certificate =
            self.certify(&request.signing_request, &component, &instance, &join_token, until)?;
        if join_token != OWNER {
            let renewed = self.change(|tokens| tokens.renew(&join_token, seconds(until))).await?;
            renewed.map_err(gone)?;
        }
        Ok(certificate)
    }

    fn certify(
        &self,
        request: &[u8],
        component: &str,
        instance: &str,
        join_token: &str,
        until: SystemTime,
    ) -> Result<proto::Certificate, Status> {
        use caruso_certificates::Error;
        let failed = |error: Error| match error {
            Error::Request(_) => status(Code::InvalidArgument, "CR0117", error.to_string()),
            Error::Name(_) => no_name(),
            other => Status::internal(other.to_string()),
        };
        let identity = Identity::new(self.authority.realm(), component, instance);
        let identity = identity.map_err(failed)?;
        let chain = self.authority.certify(request, &identity, join_token, until);
        let renew_after = Some(crate::convert::duration(self.life * 2 / 3));
        Ok(proto::Certificate { chain: chain.map_err(failed)?, renew_after })
    }

    /// Changes the tokens and writes them before anybody learns of it; what cannot be written has
    /// not happened.
    pub(crate) async fn change<T>(
        &self,
        change: impl FnOnce(&mut JoinTokens) -> T,
    ) -> Result<T, Status> {
        let mut tokens = self.tokens.lock().await;
        let mut next = tokens.clone();
        let answer = change(&mut next);
        next.forget(now_seconds());
        if next == *tokens {
            return Ok(answer);
        }
        let json = serde_json::to_vec(&next).expect("tokens are plain structs with text keys");
        let path = self.data.join(FILE);
        let saved = tokio::task::spawn_blocking(move || replace_file(&path, &json)).await;
        let failed = |reason: String| Status::unavailable(format!("it cannot be kept: {reason}"));
        saved
            .map_err(|error| failed(error.to_string()))?
            .map_err(|error| failed(error.to_string()))?;
        *tokens = next;
        let revoked = tokens.revoked(now_seconds());
        self.revoked.send_if_modified(|known| {
            let is_other = *known != revoked;
            *known = revoked;
            is_other
        });
        Ok(answer)
    }

    /// Certifies the manager itself.
    pub(crate) fn certify_manager(&self) -> Result<(), Error> {
        let failed = |reason| Error::Authority { file: self.data.clone(), reason };
        let key = Key::generate().map_err(failed)?;
        let instance = uuid::Uuid::now_v7().to_string();
        let identity = Identity::new(self.authority.realm(), SERVICE_MANAGER, &instance);
        let identity = identity.map_err(failed)?;
        let request = key.signing_request().map_err(failed)?;
        let until = SystemTime::now() + self.life;
        let chain = self.authority.certify(&request, &identity, OWNER, until);
        let credential = Credential::new(key, chain.map_err(failed)?).map_err(failed)?;
        let server = Server::open_to_unknown(&credential).map_err(failed)?;
        self.client.store(Some(Arc::new(Client::of(&credential).map_err(failed)?)));
        self.acceptor.store(Some(Arc::new(server)));
        Ok(())
    }

    /// Renews the manager's own certificate each time it is due.
    pub(crate) async fn keep_certified(&self, stop: CancellationToken) {
        let mut pause = self.life * 2 / 3;
        while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
            pause = match self.certify_manager() {
                Ok(()) => self.life * 2 / 3,
                Err(error) => {
                    tracing::error!(%error, "the certificate is not renewed");
                    TRY_AGAIN
                }
            };
        }
    }
}

/// The owner's join token: read from its file, or made. A file without the fingerprint of this
/// authority is completed.
fn owner(data: &Path, authority: &Authority) -> Result<Secret<String>, Error> {
    let path = data.join(JOIN_TOKEN_FILE);
    let kept = match read_file(&path)? {
        None => None,
        Some(_) => {
            require_private_file(&path)?;
            Some(Secret::<String>::read(&path)?)
        }
    };
    let secret = match &kept {
        Some(kept) => kept.expose().split('.').next().unwrap_or_default().to_owned(),
        None => random()?,
    };
    let secret = Secret::new(secret);
    let token = JoinToken { secret: secret.clone(), authority: authority.fingerprint() };
    let text = token.to_text();
    if text.expose().parse() != Ok(token) {
        return Err(Error::Damaged(path));
    }
    if kept.as_ref() != Some(&text) {
        replace_file(&path, text.expose().as_bytes())?;
    }
    Ok(secret)
}

/// 32 random bytes in hexadecimal digits.
pub(crate) fn random() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::NoRandomness(error.to_string()))?;
    Ok(hex(&bytes))
}

/// Nobody else is named like the service manager.
pub(crate) fn may_be_named(component: &str) -> bool {
    is_name(component) && component != SERVICE_MANAGER
}

pub(crate) fn no_name() -> Status {
    let text = "a component is named by 1 to 63 of a-z, 0-9 and -, with no - at the ends, and not \
                service-manager";
    status(Code::InvalidArgument, "CR0107", text)
}

fn seconds(moment: SystemTime) -> u64 {
    // in full seconds, as certificates have it, rounded up
    moment.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |passed| passed.as_secs() + 1)
}

fn refused(refusal: Refusal, has_none: bool) -> Status {
    let unauthenticated = |code, text| status(Code::Unauthenticated, code, text);
    match refusal {
        Refusal::Unknown if has_none => unauthenticated("CR0101", "a join token is needed"),
        Refusal::Unknown => unauthenticated("CR0101", "wrong join token"),
        Refusal::UsedUp => {
            unauthenticated("CR0113", "the join token was used as often as it may be")
        }
        Refusal::Expired => unauthenticated("CR0114", "the join token has expired"),
        Refusal::Revoked => unauthenticated("CR0115", "the join token was revoked"),
        Refusal::Foreign => {
            let text = "the join token is for another component";
            status(Code::PermissionDenied, "CR0116", text)
        }
    }
}

/// Whoever was let in may not stay.
fn gone(refusal: Refusal) -> Status {
    let text = match refusal {
        Refusal::Revoked => "the join token was revoked by which this component was let in",
        _ => "the join token by which this component was let in is not known any more",
    };
    status(Code::Unauthenticated, "CR0115", text)
}
