//! The component `demo`: simulated customers and demo phones, so that everything can be tried in a
//! browser alone. Both speak real SIP and RTP to the communication server.

mod bridge;
mod service;

use caruso_api::demo::v1::demo_server::DemoServer;
use caruso_component::{Component, Offered, Options, permissions};
use tokio_util::sync::CancellationToken;
use tonic::service::Routes;

use service::Service;

/// What a simulated customer says where nobody speaks for them.
pub(crate) const CUSTOMER: &[u8] = include_bytes!("demo/customer.wav");

/// Runs the component until `shutdown`.
pub(crate) async fn run(options: Options, shutdown: CancellationToken) -> anyhow::Result<()> {
    let component = Component::join(options, permissions::names::DEMO, shutdown).await?;
    let routes = Routes::new(DemoServer::new(Service::new(component.clone())));
    component.serve(routes, [Offered::interface("caruso.demo.v1.Demo")]).await?;
    Ok(())
}
