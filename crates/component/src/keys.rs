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

/// Unknown key ids make identity be asked at most this often.
const ASK_AGAIN: Duration = Duration::from_secs(5);

/// The key that verifies component tokens; none until the first welcome.
pub type ComponentKey = Arc<ArcSwapOption<PublicKey>>;

/// The keys that verify user tokens, by id. Known keys answer locally, also while identity is away.
#[derive(Debug, Clone)]
pub struct UserKeys {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    known: ArcSwap<BTreeMap<String, PublicKey>>,
    source: Option<IdentityClient<InterfaceChannel>>,
    asked_at: tokio::sync::Mutex<Option<Instant>>,
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
        Self { inner: Arc::new(Inner { known, source, asked_at: tokio::sync::Mutex::default() }) }
    }

    /// The key of this id; `None` where identity does not know it either.
    pub(crate) async fn key(&self, id: &str) -> Result<Option<PublicKey>, Status> {
        let known = || self.inner.known.load().get(id).cloned();
        if let Some(key) = known() {
            return Ok(Some(key));
        }
        let Some(source) = &self.inner.source else { return Ok(None) };
        let mut asked_at = self.inner.asked_at.lock().await;
        if let Some(key) = known() {
            return Ok(Some(key));
        }
        if asked_at.is_some_and(|at| at.elapsed() < ASK_AGAIN) {
            return Ok(None);
        }
        let answer = source.clone().list_keys(ListKeysRequest {}).await?.into_inner();
        *asked_at = Some(Instant::now());
        let keys = answer.keys.iter().filter_map(|key| {
            PublicKey::from_bytes(&key.public_key).map(|public| (key.id.clone(), public))
        });
        self.inner.known.store(Arc::new(keys.collect()));
        Ok(known())
    }
}
