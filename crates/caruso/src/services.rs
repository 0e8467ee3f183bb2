//! `caruso services`: the directory of a running system.

use std::process::ExitCode;

use caruso_api::registry::v1 as wire;
use clap::{Args, Subcommand};
use serde_json::json;

mod tokens;

use crate::Format;
use crate::client::{System, registry};

/// What `caruso services` is told.
#[derive(Args, Debug)]
pub(crate) struct Options {
    #[command(flatten)]
    system: System,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Ask an instance to finish its work and leave
    Drain {
        /// As the list names it
        instance: String,
    },
    /// Join tokens that are for one component each
    Token {
        #[command(subcommand)]
        action: tokens::Action,
    },
}

/// Lists, or drains, or is about join tokens.
pub(crate) async fn services(options: Options, format: Format) -> anyhow::Result<ExitCode> {
    let component = options.system.join().await?;
    let mut registry = registry(&component);
    match options.action {
        None => {
            let listed = registry.list_components(wire::ListComponentsRequest {}).await?;
            print(&listed.into_inner(), component.is_in_development(), format);
        }
        Some(Action::Token { action }) => tokens::run(action, &component, format).await?,
        Some(Action::Drain { instance }) => {
            let drained = registry.drain(wire::DrainRequest { instance: instance.clone() }).await?;
            let revision = drained.into_inner().revision;
            match format {
                Format::Text => println!("{instance} leaves; routed around since {revision}"),
                Format::Json => {
                    println!("{}", json!({ "instance": instance, "revision": revision }))
                }
            }
        }
    }
    component.leave().await;
    Ok(ExitCode::SUCCESS)
}

fn print(listed: &wire::ListComponentsResponse, is_development: bool, format: Format) {
    match format {
        Format::Text => {
            if is_development {
                println!("development mode: in the clear, nobody proves who they are");
            }
            println!("release {}, revision {}\n", listed.release_digest, listed.revision);
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
                    println!("    {:<38} {}", offer.interface, offer.address);
                }
            }
        }
        Format::Json => println!(
            "{}",
            json!({
                "is_development": is_development,
                "release": listed.release_digest,
                "revision": listed.revision,
                "components": listed.components.iter().map(document).collect::<Vec<_>>(),
            })
        ),
    }
}

fn document(component: &wire::Component) -> serde_json::Value {
    let offer = |offer: &wire::Offer| {
        json!({
            "interface": offer.interface,
            "address": offer.address,
            "properties": offer.properties,
            "generation": offer.generation,
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

fn state(component: &wire::Component) -> &'static str {
    match component.state() {
        wire::ComponentState::Serving => "serving",
        wire::ComponentState::Degraded => "degraded",
        wire::ComponentState::Suspect => "suspect",
        wire::ComponentState::Draining => "draining",
        wire::ComponentState::Unspecified => "unknown",
    }
}

fn release(component: &wire::Component) -> &'static str {
    if !component.release_refusals.is_empty() {
        "refused"
    } else if component.release_digest.is_empty() {
        "–"
    } else {
        "applied"
    }
}
