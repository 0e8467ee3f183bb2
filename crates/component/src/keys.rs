//! Public keys: the service manager's for component tokens, identity's for user tokens.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::{ArcSwap, ArcSwapOption};
use caruso_api::identity::v1::ListKeysRequest;
use caruso_api::identity::v1::identity_client::IdentityClient;
use tonic::Status;

use crate::InterfaceChannel;
use crate::token::PublicKey;

/// Unknown key ids make identity be asked at most this often; sooner where it did not answer.
const ASK_AGAIN: Duration = Duration::from_secs(5);
const TRY_AGAIN: Duration = Duration::from_secs(1);

/// The key that verifies component tokens; none until the first welcome.
pub type ComponentKey = Arc<ArcSwapOption<PublicKey>>;

/// The keys that verify user tokens, by id. Known keys answer locally, also while identity is away.
#[derive(Debug, Clone)]
pub struct UserKeys {
    inner: Arc<Inner>,
}

/// The last question to identity, and why it failed.
#[derive(Debug)]
struct Asked {
    at: Instant,
    failure: Option<Status>,
}

impl Asked {
    /// What it says for a key that is still unknown; `None` where it is time to ask again.
    fn answer(&self) -> Option<Result<Option<PublicKey>, Status>> {
        let (is_fresh, answer) = match &self.failure {
            None => (self.at.elapsed() < ASK_AGAIN, Ok(None)),
            Some(failure) => (self.at.elapsed() < TRY_AGAIN, Err(failure.clone())),
        };
        is_fresh.then_some(answer)
    }
}

#[derive(Debug)]
struct Inner {
    known: ArcSwap<BTreeMap<String, PublicKey>>,
    source: Option<IdentityClient<InterfaceChannel>>,
    asked: tokio::sync::Mutex<Option<Asked>>,
}

impl UserKeys {
    /// These keys and no others. With none, no user token is accepted.
    pub fn fixed(keys: impl IntoIterator<Item = PublicKey>) -> Self {
        Self::new(keys, None)
    }

    /// The keys of identity, fetched when a token names one that is not known yet.
    pub(crate) fn from_identity(channel: InterfaceChannel) -> Self {
        Self::new([], Some(IdentityClient::new(channel)))
    }

    fn new(
        keys: impl IntoIterator<Item = PublicKey>,
        source: Option<IdentityClient<InterfaceChannel>>,
    ) -> Self {
        let known = keys.into_iter().map(|key| (key.id().to_owned(), key)).collect();
        let known = ArcSwap::from_pointee(known);
        Self { inner: Arc::new(Inner { known, source, asked: tokio::sync::Mutex::default() }) }
    }

    /// The key of this id; `None` where identity does not know it either.
    pub(crate) async fn key(&self, id: &str) -> Result<Option<PublicKey>, Status> {
        let known = || self.inner.known.load().get(id).cloned();
        if let Some(key) = known() {
            return Ok(Some(key));
        }
        let Some(source) = &self.inner.source else { return Ok(None) };
        let mut asked = self.inner.asked.lock().await;
        if let Some(key) = known() {
            return Ok(Some(key));
        }
        if let Some(answer) = asked.as_ref().and_then(Asked::answer) {
            return answer;
        }
        let answer = source.clone().list_keys(ListKeysRequest {}).await;
        let failure = answer.as_ref().err().cloned();
        *asked = Some(Asked { at: Instant::now(), failure });
        let answer = answer?.into_inner();
        let keys = answer.keys.iter().filter_map(|key| {
            PublicKey::from_bytes(&key.public_key).map(|public| (key.id.clone(), public))
        });
        self.inner.known.store(Arc::new(keys.collect()));
        Ok(known())
    }
}
