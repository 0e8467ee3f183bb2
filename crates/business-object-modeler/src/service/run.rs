//! The component: it joins, and serves whatever release is in force.

use caruso_api::modeler::v1::modeler_server::ModelerServer;
use caruso_component::permissions::names::MODELER;
use caruso_component::{Component, Offered};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use tonic::service::Routes;

use super::databases::Installation;
use super::models::MOST_BYTES;
use super::{PageOf, Service};

/// What it offers.
const INTERFACE: &str = "caruso.modeler.v1.Modeler";
/// A request has two models at most, and little else.
const LARGEST_REQUEST: usize = 2 * MOST_BYTES + 1024 * 1024;

/// What the modeler must be told to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// As for every component.
    pub component: caruso_component::Options,
    /// What belongs to one installation.
    pub installation: Installation,
    /// The help page of a code, where there is one.
    pub page_of: PageOf,
}

/// The help page of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Page {
    /// What the code means, in a few words.
    pub title: &'static str,
    /// What happened, why, and what to do.
    pub text: &'static str,
}

/// Joins the service manager and serves until the component leaves. It serves whatever release is
/// in force, one whose model does not fit its databases, too: that is what it is asked about.
///
/// # Errors
/// As [`Component::join`] and [`Component::serve`].
pub async fn run(
    options: Options,
    shutdown: CancellationToken,
) -> Result<(), caruso_component::Error> {
    let Options { component, installation, page_of } = options;
    let component = Component::join(component, MODELER, shutdown).await?;
    let service = Service::new(installation, component.releases(), page_of);
    let _following = AbortOnDropHandle::new(tokio::spawn(follow(component.clone())));
    let server = ModelerServer::new(service).max_decoding_message_size(LARGEST_REQUEST);
    component.serve(Routes::new(server), [Offered::interface(INTERFACE)]).await
}

/// Takes every release: a model that a call finds unsound is a finding, not a failure.
async fn follow(component: Component) {
    component.take_releases(|_| Ok(()), |()| ()).await;
}
