//! The secrets of the phones, in memory for the registrar.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use caruso_sip::{Credentials, Secret};

/// Secrets by extension; shared between whoever learns them and the registrar.
#[derive(Clone, Default)]
pub(crate) struct DeviceSecrets(Arc<RwLock<HashMap<String, Secret>>>);

impl DeviceSecrets {
    /// These are all there are from now on.
    pub(crate) fn replace(&self, secrets: HashMap<String, Secret>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = secrets;
    }
}

impl Credentials for DeviceSecrets {
    fn lookup(&self, extension: &str) -> Option<Secret> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(extension).cloned()
    }
}

impl fmt::Debug for DeviceSecrets {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DeviceSecrets(…)")
    }
}
