//! Commands that ask a running system: the command line joins as a component, like everybody else.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use caruso_api::registry::v1 as wire;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_component::{Component, InterfaceChannel, Options, REGISTRY, permissions};
use clap::Args;
use tokio_util::sync::CancellationToken;
use tonic::{Code, Status};

use crate::joining::Joining;

/// Pause between two looks at what serves.
const PAUSE: Duration = Duration::from_millis(50);
/// A running system is reached within this time, or it does not run.
const PATIENCE: Duration = Duration::from_secs(5);

/// Which running system.
#[derive(Args, Clone, Debug)]
pub(crate) struct System {
    #[command(flatten)]
    joining: Joining,
}

impl System {
    /// Joins as the command line.
    pub(crate) async fn join(&self) -> anyhow::Result<Component> {
        let options = self.joining.options()?;
        join(options).await.with_context(|| {
            let advice = match self.joining.has_token() {
                true => "one that runs with --dev takes no join token",
                false => "one that runs without --dev wants --join-token-file",
            };
            let address = self.joining.address();
            format!("no running system at {address} (start one with `caruso up`; {advice})")
        })
    }
}

async fn join(options: Options) -> anyhow::Result<Component> {
    let name = permissions::names::COMMAND_LINE;
    let joining = Component::join(options, name, CancellationToken::new());
    match tokio::time::timeout(PATIENCE, joining).await {
        Ok(joined) => Ok(joined?),
        Err(_) => bail!("it does not answer within {} s", PATIENCE.as_secs()),
    }
}

/// The registry of a running system.
pub(crate) fn registry(component: &Component) -> RegistryClient<InterfaceChannel> {
    RegistryClient::new(component.caller(REGISTRY))
}

/// Where people and telephones reach a system that serves.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    pub(crate) http: String,
    pub(crate) sip: String,
    /// Empty where nothing is published there.
    pub(crate) self_service: String,
}

/// Waits until every named component serves with the release. Those that may be missing without
/// harm (a wrapper whose system is away) are told and not waited for.
pub(crate) async fn until_all_serve(
    address: &str,
    names: &[String],
    patience: Duration,
) -> anyhow::Result<Ready> {
    let component = join(Options::new(address)).await?;
    let mut registry = registry(&component);
    let started = Instant::now();
    loop {
        let request = wire::ListComponentsRequest {};
        let listed = match registry.list_components(request).await {
            Ok(listed) => listed.into_inner().components,
            // a busy machine may be late
            Err(status) if may_pass(&status) && started.elapsed() <= patience => {
                tokio::time::sleep(PAUSE).await;
                continue;
            }
            Err(status) => return Err(status.into()),
        };
        let missing = missing(&listed, names);
        let is_refused = listed.iter().any(|component| !component.release_refusals.is_empty());
        if missing.is_empty() || is_refused || started.elapsed() > patience {
            let (optional, needed): (Vec<_>, Vec<_>) = missing
                .into_iter()
                .partition(|name| !crate::components::ALL.contains(&name.as_str()));
            for name in optional {
                eprintln!("caruso: {name} does not serve yet; what needs it waits");
            }
            if !needed.is_empty() {
                let refusals = listed.iter().flat_map(|component| &component.release_refusals);
                let refusals: String = refusals.map(|refusal| format!("\n  {refusal}")).collect();
                bail!("not serving: {}{refusals}", needed.join(", "));
            }
            component.leave().await;
            return Ok(ready(&listed));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

fn may_pass(status: &Status) -> bool {
    matches!(status.code(), Code::Unavailable | Code::DeadlineExceeded)
}

fn missing(listed: &[wire::Component], names: &[String]) -> Vec<String> {
    let serving = listed.iter().filter(|component| !component.offers.is_empty());
    let serving: BTreeSet<&str> = serving.map(|component| component.component.as_str()).collect();
    names.iter().filter(|name| !serving.contains(name.as_str())).cloned().collect()
}

fn ready(listed: &[wire::Component]) -> Ready {
    let offers = || listed.iter().flat_map(|component| &component.offers);
    let desk = offers().find(|offer| offer.interface == "caruso.desk.v1.Desk");
    let agents = offers().find(|offer| offer.interface == "caruso.contact.v1.Agents");
    let pages = offers().find(|offer| offer.interface == caruso_self_service::INTERFACE);
    let sip = agents.and_then(|offer| offer.properties.get("sip"));
    Ready {
        http: desk.map(|offer| offer.address.clone()).unwrap_or_default(),
        sip: sip.cloned().unwrap_or_default(),
        self_service: pages.map(|offer| offer.address.clone()).unwrap_or_default(),
    }
}
