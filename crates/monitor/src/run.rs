//! The monitor as a component.

use caruso_api::contact::v1::contacts_client::ContactsClient;
use caruso_api::identity::v1::identity_client::IdentityClient;
use caruso_api::monitor::v1::monitor_server::MonitorServer;
use caruso_component::permissions::names::MONITOR;
use caruso_component::{Component, Error, Offered, Options};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use crate::picture::Picture;
use crate::publish::{publish, status};
use crate::service::Service;
use crate::{follow, names};

/// Joins, follows the contact events, and serves the live status and the reports until the
/// component leaves. It serves from the start; until the log was reached the status is stale and
/// reports are unavailable.
///
/// # Errors
/// As [`Component::join`] and [`Component::serve`].
pub async fn run(options: Options, shutdown: CancellationToken) -> Result<(), Error> {
    let component = Component::join(options, MONITOR, shutdown).await?;
    let (service, _tasks) = start(&component);
    // consumers stay with another instance until this one knows as much
    component.set_degraded(true);
    let (mut status, reading) = (service.watchers.clone(), component.clone());
    let _reading = AbortOnDropHandle::new(tokio::spawn(async move {
        if status.wait_for(|status| !status.is_stale).await.is_ok() {
            reading.set_degraded(false);
        }
    }));
    let routes = Routes::new(MonitorServer::new(service));
    component.serve(routes, [Offered::interface("caruso.monitor.v1.Monitor")]).await
}

/// The service, and the tasks that feed it for as long as they are kept.
pub(crate) fn start(component: &Component) -> (Service, Vec<AbortOnDropHandle<()>>) {
    let picture = Picture::default();
    let (sender, watchers) = watch::channel(status(&picture));
    let contacts = ContactsClient::new(component.caller("caruso.contact.v1.Contacts"));
    let identity = IdentityClient::new(component.caller("caruso.identity.v1.Identity"));
    let tasks = vec![
        tokio::spawn(follow::follow(contacts, picture.clone())),
        tokio::spawn(names::follow_agents(identity, picture.clone())),
        tokio::spawn(names::follow_releases(component.clone(), picture.clone())),
        tokio::spawn(publish(picture.clone(), sender)),
    ];
    (Service { picture, watchers }, tasks.into_iter().map(AbortOnDropHandle::new).collect())
}
