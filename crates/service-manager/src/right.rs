//! By what a component is here, and what that allows.

use std::collections::BTreeSet;

use caruso_api::registry::v1 as proto;
use caruso_component::{Revoked, permissions, status};
use tonic::{Code, Status};

use crate::admission::{Admission, Certified};

/// The right of a session: nothing but the component's name in development, else what its join
/// token says.
#[derive(Default)]
pub(crate) struct Right {
    component: String,
    join_token: String,
    /// The only interfaces that it may offer; none for all that its name may.
    interfaces: BTreeSet<String>,
    revoked: Option<Revoked>,
}

impl Right {
    pub(crate) async fn of(admission: &Admission, who: Option<&Certified>) -> Self {
        let (Some(who), Admission::Certified(certifying)) = (who, admission) else {
            return Self::default();
        };
        let tokens = certifying.tokens.lock().await;
        let token = tokens.all().get(&who.join_token);
        Self {
            component: who.component.clone(),
            join_token: who.join_token.clone(),
            interfaces: token.map(|token| token.interfaces.clone()).unwrap_or_default(),
            revoked: Some(certifying.revoked()),
        }
    }

    /// A component has no more than its own interfaces, and of them those that its token names.
    pub(crate) fn may_offer(&self, component: &str, interface: &str) -> bool {
        permissions::may_offer(component, interface)
            && (self.interfaces.is_empty() || self.interfaces.contains(interface))
    }

    /// Returns when other rights were revoked.
    pub(crate) async fn changed(&mut self) {
        let is_over = match &mut self.revoked {
            Some(revoked) => revoked.changed().await.is_err(),
            None => true,
        };
        if is_over {
            std::future::pending().await
        }
    }

    /// Whether the component may not be here any more.
    pub(crate) fn is_revoked(&self) -> bool {
        let revoked = self.revoked.as_ref();
        revoked.is_some_and(|revoked| revoked.borrow().contains(&self.join_token))
    }

    /// What the component must know of revoked rights.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` (CR0115) where its own is among them.
    pub(crate) fn revocations(&mut self) -> Result<proto::Revocations, Status> {
        let revoked = self.revoked.as_mut().map(|revoked| revoked.borrow_and_update().clone());
        let revoked = revoked.unwrap_or_default();
        if revoked.contains(&self.join_token) {
            let text = format!("the right of {} to be here was revoked", self.component);
            return Err(status(Code::Unauthenticated, "CR0115", text));
        }
        Ok(proto::Revocations { join_tokens: revoked.into_iter().collect() })
    }
}
