//! A message that a customer left, on the wire.

use caruso_api::contact::v1 as wire;
use caruso_contact::{Contact, Personal};

use super::{Sources, timestamp};

/// Nothing while the customer speaks, and where they left none.
pub(super) fn voicemail(sources: &Sources<'_>, contact: &Contact) -> Option<wire::Voicemail> {
    let voicemail = contact.voicemail?;
    let (length, left_at) = voicemail.left?;
    let number = contact.customer_number().and_then(Personal::known);
    let queue = contact.queue.as_ref();
    let purpose = queue.and_then(|queue| sources.configuration.purpose_of(queue));
    Some(wire::Voicemail {
        length: prost_types::Duration::try_from(length).ok(),
        left_at: Some(timestamp(left_at)),
        keep_until: Some(timestamp(voicemail.keep_until)),
        can_call_back: number.is_some() && purpose.is_some(),
    })
}
