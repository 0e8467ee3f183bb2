//! Customers who hung up while they waited, on the wire.

use caruso_api::contact::v1 as wire;

use super::{Sources, timestamp, title};
use crate::abandoned::Entry;

pub(crate) fn abandoned(sources: &Sources<'_>, entry: &Entry) -> wire::Abandoned {
    let calling = entry.calling.as_ref().map(|(agent, _)| sources.roster.display_name(agent));
    wire::Abandoned {
        contact_id: entry.contact.to_string(),
        number: entry.number.clone(),
        queue: entry.queue.to_string(),
        queue_title: title(sources, &entry.queue),
        hung_up_at: Some(timestamp(entry.at)),
        waited: prost_types::Duration::try_from(entry.waited).ok(),
        times: entry.times,
        attempts: entry.attempts,
        tried_at: entry.tried_at.map(timestamp),
        calling_agent: calling.unwrap_or_default(),
        can_call_back: sources.configuration.purpose_of(&entry.queue).is_some(),
    }
}
