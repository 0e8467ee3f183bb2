//! What comes, changes and goes in the directory.

use std::collections::BTreeMap;

use anyhow::bail;
use caruso_api::registry::v1 as wire;
use caruso_component::{Component, MOST_INTERFACES};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;

use super::reflected;
use crate::Format;
use crate::client::registry;

/// Prints a line for each change, until the service manager ends it.
pub(super) async fn watch(component: &Component, format: Format) -> anyhow::Result<()> {
    let mut interfaces = reflected::interfaces(component).await?;
    interfaces.extend(caruso_api::CONTRACTS.iter().map(|it| it.interface.to_owned()));
    interfaces.sort();
    interfaces.dedup();
    if interfaces.len() > MOST_INTERFACES {
        eprintln!("caruso: of {} interfaces {MOST_INTERFACES} are watched", interfaces.len());
        interfaces.truncate(MOST_INTERFACES);
    }
    let (requests, stream) = mpsc::channel(8);
    let subscribe = wire::Subscribe { interfaces, ..Default::default() };
    requests.send(request(wire::watch_request::Message::Subscribe(subscribe))).await?;
    let mut registry = registry(component);
    let mut answers = registry.watch(ReceiverStream::new(stream)).await?.into_inner();
    let mut known = BTreeMap::new();
    while let Some(answer) = answers.message().await? {
        let revision = answer.revision;
        for line in changes(&mut known, answer, format) {
            println!("{line}");
        }
        let acknowledge = wire::watch_request::Message::Acknowledge(wire::Acknowledge { revision });
        requests.send(request(acknowledge)).await?;
    }
    bail!("the service manager has ended")
}

fn request(message: wire::watch_request::Message) -> wire::WatchRequest {
    wire::WatchRequest { message: Some(message) }
}

/// What a message tells beyond what was known, one line each.
fn changes(
    known: &mut BTreeMap<String, wire::Offer>,
    message: wire::WatchResponse,
    format: Format,
) -> Vec<String> {
    let revision = message.revision;
    let mut gone = message.gone;
    if message.is_snapshot {
        let is_there = |id: &String| message.offers.iter().any(|offer| offer.id == *id);
        gone.extend(known.keys().filter(|id| !is_there(id)).cloned());
    }
    let mut lines = Vec::new();
    for offer in gone.iter().filter_map(|id| known.remove(id)) {
        lines.push(line(revision, "gone", &offer, format));
    }
    for offer in message.offers {
        if known.get(&offer.id) != Some(&offer) {
            lines.push(line(revision, state(&offer), &offer, format));
            known.insert(offer.id.clone(), offer);
        }
    }
    lines
}

fn state(offer: &wire::Offer) -> &'static str {
    match offer.state() {
        wire::OfferState::Routable => "routable",
        wire::OfferState::Suspect => "suspect",
        wire::OfferState::Leaving => "leaving",
        wire::OfferState::Unreachable => "unreachable",
        wire::OfferState::Unspecified => "unknown",
    }
}

fn line(revision: u64, event: &str, offer: &wire::Offer, format: Format) -> String {
    let wire::Offer { component, version, interface, address, instance, .. } = offer;
    match format {
        Format::Text => {
            format!("{revision:<8} {event:<9} {interface:<40} {component} {version} {address}")
        }
        Format::Json => json!({
            "revision": revision,
            "event": event,
            "interface": interface,
            "component": component,
            "version": version,
            "instance": instance,
            "address": address,
        })
        .to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_new_is_told() {
        let offer = |id: &str, state: wire::OfferState| wire::Offer {
            id: id.to_owned(),
            component: id.to_owned(),
            state: state.into(),
            ..Default::default()
        };
        let mut known = BTreeMap::new();
        let mut told = |is_snapshot, offers, gone: &[&str]| {
            let gone = gone.iter().map(|id| (*id).to_owned()).collect();
            let message = wire::WatchResponse {
                revision: 1,
                is_snapshot,
                offers,
                gone,
                ..Default::default()
            };
            let lines = changes(&mut known, message, Format::Text);
            lines
                .iter()
                .map(|line| line.split_whitespace().skip(1).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
        };
        use wire::OfferState::{Routable, Suspect};
        let both = || vec![offer("a", Routable), offer("b", Routable)];
        assert_eq!(told(true, both(), &[]), ["routable a", "routable b"]);
        assert_eq!(
            told(false, vec![offer("a", Routable), offer("b", Suspect)], &[]),
            ["suspect b"]
        );
        assert_eq!(told(true, vec![offer("a", Routable)], &[]), ["gone b"]);
        assert_eq!(told(false, vec![], &["a", "c"]), ["gone a"]);
    }
}
