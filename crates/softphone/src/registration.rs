//! Stays registered.

use std::sync::Arc;
use std::time::Duration;

use caruso_sip::{Account, Endpoint, Error};
use tokio::task::JoinHandle;

/// How long a registration is asked for.
const EXPIRES: Duration = Duration::from_secs(300);
/// After a failure it is tried again this soon.
const AGAIN: Duration = Duration::from_secs(5);
/// The registration is taken back within this time, or it expires.
const PATIENCE: Duration = Duration::from_secs(1);

/// A registration that is kept fresh.
#[derive(Debug)]
pub(crate) struct Registration {
    account: Account,
    keeping: JoinHandle<()>,
}

impl Registration {
    /// Registers; from then on, again at half time.
    pub(crate) async fn begin(endpoint: Arc<Endpoint>, account: Account) -> Result<Self, Error> {
        let granted = endpoint.register(&account, EXPIRES).await?;
        let keeping = tokio::spawn(keep(endpoint, account.clone(), granted));
        Ok(Self { account, keeping })
    }

    /// Takes the registration back.
    pub(crate) async fn end(self, endpoint: &Endpoint) {
        self.keeping.abort();
        let ending = endpoint.register(&self.account, Duration::ZERO);
        // what cannot be taken back expires
        let _ = tokio::time::timeout(PATIENCE, ending).await;
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.keeping.abort();
    }
}

async fn keep(endpoint: Arc<Endpoint>, account: Account, mut granted: Duration) {
    loop {
        tokio::time::sleep(granted / 2).await;
        granted = match endpoint.register(&account, EXPIRES).await {
            Ok(granted) => granted,
            Err(_) => AGAIN * 2,
        };
    }
}
