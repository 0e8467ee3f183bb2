//! The directory's own types as messages, and back.

use std::time::Duration;

use caruso_api::registry::v1 as proto;

use crate::contracts::Contracts;
use crate::registry::{
    ComponentState, Consumer, Offer, OfferState, Offering, Outcome, Session, Time,
};

/// With the digest of its contract as it was read before.
pub(crate) fn offering(offered: proto::OfferedInterface, contract: Option<String>) -> Offering {
    Offering {
        interface: offered.interface,
        address: offered.address,
        properties: offered.properties.into_iter().collect(),
        contract,
    }
}

pub(crate) fn outcome(told: proto::Outcome) -> Outcome {
    let proto::Outcome { method, instance, calls, failures, microseconds } = told;
    Outcome { method, instance, calls, failures, microseconds }
}

/// As a consumer sees it who speaks by these contracts.
pub(crate) fn offer(offer: Offer, contracts: &Contracts, to: &Consumer) -> proto::Offer {
    let contract = offer.offering.contract.clone().unwrap_or_default();
    let level = contracts.entry(&contract).and_then(|entry| entry.level).unwrap_or(0);
    let spoken = to.contracts.get(&offer.offering.interface);
    let lacks_something = spoken.is_some_and(|spoken| !contracts.covers(&contract, spoken));
    let state = match offer.state {
        OfferState::Routable => proto::OfferState::Routable,
        OfferState::Suspect => proto::OfferState::Suspect,
        OfferState::Leaving => proto::OfferState::Leaving,
        OfferState::Unreachable => proto::OfferState::Unreachable,
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
        contract,
        level,
        lacks_something,
        finding: offer.finding.unwrap_or_default(),
    }
}

pub(crate) fn component(
    instance: &str,
    session: &Session,
    offers: Vec<proto::Offer>,
    now: Time,
) -> proto::Component {
    let state = match session.state() {
        ComponentState::Serving => proto::ComponentState::Serving,
        ComponentState::Degraded => proto::ComponentState::Degraded,
        ComponentState::Suspect => proto::ComponentState::Suspect,
        ComponentState::Draining => proto::ComponentState::Draining,
        ComponentState::Standby => proto::ComponentState::Standby,
    };
    proto::Component {
        component: session.component.clone(),
        instance: instance.to_owned(),
        version: session.version.clone(),
        state: state.into(),
        since_last_beat: Some(duration(session.silence(now))),
        offers,
        release_digest: session.release.clone(),
        release_refusals: session.refusals.clone(),
        uses: session.uses().iter().map(|(component, outcome)| used(component, outcome)).collect(),
    }
}

fn used(component: &str, outcome: &Outcome) -> proto::Use {
    let Outcome { method, instance, calls, failures, microseconds } = outcome.clone();
    let outcome = proto::Outcome { method, instance, calls, failures, microseconds };
    proto::Use { component: component.to_owned(), outcome: Some(outcome) }
}

/// Durations here are seconds and minutes, far within the range of the message.
pub(crate) fn duration(duration: Duration) -> prost_types::Duration {
    prost_types::Duration {
        seconds: i64::try_from(duration.as_secs()).unwrap_or(i64::MAX),
        nanos: i32::try_from(duration.subsec_nanos()).unwrap_or(0),
    }
}
