//! Outside numbers to which customers are passed on, on the wire.

use caruso_api::contact::v1 as wire;
use caruso_contact::{DestinationId, Outside};
use caruso_routing::{Configuration, title};

use super::{LANGUAGE, Sources, known, timestamp};

/// Those that the application names, in the order of their titles.
pub(super) fn destinations(configuration: &Configuration) -> Vec<wire::OutsideDestination> {
    let rules = configuration.outbound.iter();
    let named = rules.flat_map(|rules| &rules.destinations);
    let mut all: Vec<_> = named
        .map(|(id, it)| wire::OutsideDestination {
            id: id.to_string(),
            title: title(&it.titles, LANGUAGE).to_owned(),
        })
        .collect();
    all.sort_by(|a, b| a.title.cmp(&b.title));
    all
}

/// What people call a number; its id where the current release no longer has it.
pub(super) fn named(sources: &Sources<'_>, destination: &DestinationId) -> String {
    let rules = sources.configuration.outbound.as_ref();
    let named = rules.and_then(|rules| rules.destination(destination));
    named.map_or_else(|| destination.to_string(), |it| title(&it.titles, LANGUAGE).to_owned())
}

pub(super) fn outside(sources: &Sources<'_>, outside: &Outside) -> wire::Outside {
    wire::Outside {
        agent: sources.roster.display_name(&outside.agent),
        title: named(sources, &outside.destination),
        number: known(Some(&outside.number)),
        called_at: Some(timestamp(outside.called_at)),
        answered_at: outside.connected_at.map(timestamp),
        not_reached: outside.not_reached.map(|it| it.name().to_owned()).unwrap_or_default(),
    }
}
