//! How a component becomes certified and stays so.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use caruso_api::registry::v1 as proto;
use caruso_certificates::{Credential, Key};
use proto::enrolment_client::EnrolmentClient;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::{Code, Status};

use crate::backoff::Backoff;
use crate::transport::{Certified, Transport};
use crate::{InterfaceChannel, JoinToken};

/// Interface of the rpcs by which components become certified.
pub(crate) const ENROLMENT: &str = "caruso.registry.v1.Enrolment";

/// Makes keys, and has them certified.
#[derive(Debug)]
pub(crate) struct Enrolment {
    name: String,
    token: Option<JoinToken>,
    client: EnrolmentClient<InterfaceChannel>,
    transport: Arc<Transport>,
    /// Whether the certificate is one of this run.
    is_of_this_run: AtomicBool,
    /// When the certificate is to be renewed; `None` while there is none of this run.
    due: watch::Sender<Option<Instant>>,
}

impl Enrolment {
    pub(crate) fn new(
        name: &str,
        token: Option<JoinToken>,
        channel: InterfaceChannel,
        transport: Arc<Transport>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            token,
            client: EnrolmentClient::new(channel),
            transport,
            is_of_this_run: AtomicBool::new(false),
            due: watch::Sender::new(None),
        }
    }

    /// Sees to it that there is a certificate of this run: by that of an earlier one, or by the
    /// join token. Nothing to do in development.
    pub(crate) async fn ensure(&self) -> Result<(), Status> {
        let Transport::Certified(certified) = &*self.transport else { return Ok(()) };
        let is_of_this_run = self.is_of_this_run.load(Ordering::Acquire);
        match certified.credential() {
            Some(_) if is_of_this_run => Ok(()),
            Some(_) => match self.renew(certified, true).await {
                Err(status) if is_refusal(&status) && self.token.is_some() => {
                    tracing::info!(reason = status.message(), "the kept certificate is void");
                    self.enrol(certified).await
                }
                renewed => renewed,
            },
            None => self.enrol(certified).await,
        }
    }

    /// By the join token, over a connection without certificate.
    async fn enrol(&self, certified: &Certified) -> Result<(), Status> {
        let none = || Status::unauthenticated("the certificate is void and there is no join token");
        let token = self.token.as_ref().ok_or_else(none)?;
        certified.forget();
        let (key, signing_request) = request()?;
        let request = proto::EnrolRequest {
            component: self.name.clone(),
            join_token: token.secret.expose().clone(),
            signing_request,
        };
        let answer = self.client.clone().enrol(request).await?.into_inner();
        self.take(certified, key, answer.certificate)
    }

    async fn renew(&self, certified: &Certified, starts_anew: bool) -> Result<(), Status> {
        let (key, signing_request) = request()?;
        let request = proto::RenewRequest { signing_request, starts_anew };
        let answer = self.client.clone().renew(request).await?.into_inner();
        self.take(certified, key, answer.certificate)
    }

    fn take(
        &self,
        certified: &Certified,
        key: Key,
        certificate: Option<proto::Certificate>,
    ) -> Result<(), Status> {
        let certificate = certificate.unwrap_or_default();
        let unusable =
            |reason: String| Status::internal(format!("no usable certificate: {reason}"));
        let credential = Credential::new(key, certificate.chain);
        let credential = credential.map_err(|error| unusable(error.to_string()))?;
        let presented = credential.presented().clone();
        if credential.authority() != certified.authority()
            || presented.identity.component != self.name
        {
            return Err(unusable(format!("it is for {}", presented.identity)));
        }
        certified.take(credential).map_err(|error| unusable(error.to_string()))?;
        certified.keep();
        let after = certificate.renew_after.and_then(|given| Duration::try_from(given).ok());
        self.is_of_this_run.store(true, Ordering::Release);
        self.due.send_replace(after.map(|after| Instant::now() + after));
        tracing::info!(component = self.name, identity = %presented.identity, "certified");
        Ok(())
    }

    /// Renews each certificate when it is time. Running streams go on with the old one; every new
    /// connection is made with the new one.
    pub(crate) async fn keep_renewed(self: Arc<Self>) {
        let Transport::Certified(certified) = &*self.transport else { return };
        let mut due = self.due.subscribe();
        let mut backoff = Backoff::default();
        loop {
            let at = *due.borrow_and_update();
            let is_due = async {
                match at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                changed = due.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    continue;
                }
                () = is_due => {}
            }
            match self.renew(certified, false).await {
                Ok(()) => backoff.succeeded(),
                Err(status) => {
                    let reason = status.message();
                    tracing::warn!(component = self.name, reason, "the certificate is not renewed");
                    self.due.send_replace(Some(Instant::now() + backoff.failed()));
                }
            }
        }
    }
}

/// A new key, and the request to certify it.
fn request() -> Result<(Key, Vec<u8>), Status> {
    let failed = |error: caruso_certificates::Error| Status::internal(error.to_string());
    let key = Key::generate().map_err(failed)?;
    let request = key.signing_request().map_err(failed)?;
    Ok((key, request))
}

fn is_refusal(status: &Status) -> bool {
    matches!(status.code(), Code::Unauthenticated | Code::PermissionDenied)
}
