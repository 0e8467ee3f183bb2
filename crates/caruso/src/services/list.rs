//! Every component with its state, its offers, and what others say of calls to it.

use std::collections::BTreeMap;

use caruso_api::registry::v1 as wire;
use caruso_api::registry::v1::registry_client::RegistryClient;
use caruso_component::InterfaceChannel;
use serde_json::json;

use super::graph::{Calls, interface_of};
use crate::Format;

/// Prints the list.
pub(super) async fn list(
    registry: &mut RegistryClient<InterfaceChannel>,
    is_development: bool,
    format: Format,
) -> anyhow::Result<()> {
    let listed = registry.list_components(wire::ListComponentsRequest {}).await?;
    print(&listed.into_inner(), is_development, format);
    Ok(())
}

/// Lets go of those that are kept as suspects, and prints who they were.
pub(super) async fn expire(
    registry: &mut RegistryClient<InterfaceChannel>,
    format: Format,
) -> anyhow::Result<()> {
    let instances = registry.expire(wire::ExpireRequest {}).await?.into_inner().instances;
    match format {
        Format::Text if instances.is_empty() => println!("none is kept beyond its lease"),
        Format::Text => instances.iter().for_each(|instance| println!("{instance} is gone")),
        Format::Json => println!("{}", json!({ "instances": instances })),
    }
    Ok(())
}

/// What consumers say of an offer, by its id.
fn load(listed: &wire::ListComponentsResponse) -> BTreeMap<String, Calls> {
    let mut load: BTreeMap<String, Calls> = BTreeMap::new();
    let uses = listed.components.iter().flat_map(|component| &component.uses);
    for outcome in uses.filter_map(|used| used.outcome.as_ref()) {
        load.entry(format!("{}/{}", outcome.instance, interface_of(outcome)))
            .or_default()
            .add(outcome);
    }
    load
}

fn print(listed: &wire::ListComponentsResponse, is_development: bool, format: Format) {
    let load = load(listed);
    match format {
        Format::Text => {
            if is_development {
                println!("development mode: in the clear, nobody proves who they are");
            }
            println!("release {}, revision {}\n", listed.release_digest, listed.revision);
            if !listed.kept.is_empty() {
                println!(
                    "{} went silent together and are kept as suspects until half of them are \
                     back; the service manager's log names what they have in common. Let go of \
                     them: caruso services expire\n",
                    listed.kept.len()
                );
            }
            println!(
                "{:<24} {:<10} {:<9} {:<9} offers",
                "component", "state", "version", "release"
            );
            for component in &listed.components {
                println!(
                    "{:<24} {:<10} {:<9} {:<9} {}",
                    component.component,
                    state(component),
                    component.version,
                    release(component),
                    component.instance
                );
                for refusal in &component.release_refusals {
                    println!("    refused: {refusal}");
                }
                for offer in &component.offers {
                    let calls = load.get(&offer.id).map(Calls::in_words).unwrap_or_default();
                    println!("    {:<38} {:<22} {calls}", offer.interface, offer.address);
                    if !offer.finding.is_empty() {
                        println!("        nobody is led there: {}", offer.finding);
                    }
                }
            }
        }
        Format::Json => {
            let components = listed.components.iter().map(|it| document(it, &load));
            println!(
                "{}",
                json!({
                    "is_development": is_development,
                    "release": listed.release_digest,
                    "revision": listed.revision,
                    "kept": listed.kept,
                    "components": components.collect::<Vec<_>>(),
                })
            );
        }
    }
}

pub(super) fn document(
    component: &wire::Component,
    load: &BTreeMap<String, Calls>,
) -> serde_json::Value {
    let offer = |offer: &wire::Offer| {
        let calls = load.get(&offer.id).copied().unwrap_or_default();
        json!({
            "interface": offer.interface,
            "address": offer.address,
            "properties": offer.properties,
            "generation": offer.generation,
            "contract": offer.contract,
            "level": offer.level,
            "finding": offer.finding,
            "calls": calls.document(),
        })
    };
    json!({
        "component": component.component,
        "instance": component.instance,
        "version": component.version,
        "state": state(component),
        "release": component.release_digest,
        "refusals": component.release_refusals,
        "offers": component.offers.iter().map(offer).collect::<Vec<_>>(),
    })
}

pub(super) fn state(component: &wire::Component) -> &'static str {
    match component.state() {
        wire::ComponentState::Serving => "serving",
        wire::ComponentState::Degraded => "degraded",
        wire::ComponentState::Suspect => "suspect",
        wire::ComponentState::Draining => "draining",
        wire::ComponentState::Standby => "standby",
        wire::ComponentState::Unspecified => "unknown",
    }
}

pub(super) fn release(component: &wire::Component) -> &'static str {
    if !component.release_refusals.is_empty() {
        "refused"
    } else if component.release_digest.is_empty() {
        "–"
    } else {
        "applied"
    }
}
