//! The directory's own types as messages, and back.

use std::time::Duration;

use caruso_api::registry::v1 as proto;

use crate::registry::{Change, ComponentState, Offer, OfferState, Offering, Session, Time};

pub(crate) fn offering(offered: proto::OfferedInterface) -> Offering {
    Offering {
        interface: offered.interface,
        address: offered.address,
        properties: offered.properties.into_iter().collect(),
    }
}

pub(crate) fn offer(offer: Offer) -> proto::Offer {
    let state = match offer.state {
        OfferState::Routable => proto::OfferState::Routable,
        OfferState::Suspect => proto::OfferState::Suspect,
        OfferState::Leaving => proto::OfferState::Leaving,
    };
    proto::Offer {
        id: offer.id,
        interface: offer.offering.interface,
        address: offer.offering.address,
        properties: offer.offering.properties.into_iter().collect(),
        component: offer.component,
        instance: offer.instance,
        version: offer.version,
        state: state.into(),
        generation: offer.generation,
    }
}

pub(crate) fn change(change: Change) -> proto::WatchResponse {
    proto::WatchResponse {
        revision: change.revision,
        is_snapshot: change.is_snapshot,
        offers: change.offers.into_iter().map(offer).collect(),
        gone: change.gone,
    }
}

pub(crate) fn component(
    instance: &str,
    session: &Session,
    offers: Vec<Offer>,
    now: Time,
) -> proto::Component {
    let state = match session.state() {
        ComponentState::Serving => proto::ComponentState::Serving,
        ComponentState::Degraded => proto::ComponentState::Degraded,
        ComponentState::Suspect => proto::ComponentState::Suspect,
        ComponentState::Draining => proto::ComponentState::Draining,
    };
    proto::Component {
        component: session.component.clone(),
        instance: instance.to_owned(),
        version: session.version.clone(),
        state: state.into(),
        since_last_beat: Some(duration(session.silence(now))),
        offers: offers.into_iter().map(offer).collect(),
        release_digest: session.release.clone(),
        release_refusals: session.refusals.clone(),
    }
}

/// Durations here are seconds and minutes, far within the range of the message.
pub(crate) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(0),
    }
}
