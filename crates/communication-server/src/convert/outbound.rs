//! A call that we made, on the wire.

use caruso_api::contact::v1 as wire;
use caruso_contact::{Outbound, spoken};

use super::{LANGUAGE, Sources, timestamp};
use crate::domain::RefusedCall;

pub(super) fn outbound(sources: &Sources<'_>, outbound: &Outbound) -> wire::Outbound {
    let evidence = &outbound.evidence;
    let rules = sources.configuration.outbound.as_ref();
    let purpose = rules.and_then(|rules| rules.purpose(&evidence.purpose));
    let title = purpose.map(|it| caruso_routing::title(&it.titles, LANGUAGE).to_owned());
    wire::Outbound {
        agent: sources.roster.display_name(&outbound.agent),
        purpose: evidence.purpose.to_string(),
        purpose_title: title.unwrap_or_else(|| evidence.purpose.to_string()),
        called_at: outbound.called_at.map(timestamp),
        is_permitted: evidence.denied.is_none(),
        evidence: sentences(sources, outbound),
    }
}

pub(super) fn refused(call: &RefusedCall) -> wire::RefusedCall {
    let RefusedCall { number, reason, at } = call.clone();
    wire::RefusedCall { number, reason, at: Some(timestamp(at)) }
}

/// What was decided, and by what.
fn sentences(sources: &Sources<'_>, outbound: &Outbound) -> Vec<String> {
    let evidence = &outbound.evidence;
    let mut told = Vec::new();
    if outbound.at_phone {
        told.push("Dialled at the telephone.".to_owned());
    }
    told.push(match evidence.denied {
        Some(rule) => format!("The call was not made: {}.", rule.words()),
        None if evidence.is_emergency => "An emergency number: no rule holds it up.".to_owned(),
        None => "The call was permitted.".to_owned(),
    });
    if !evidence.zones.is_empty() {
        told.push(format!("Hours by the clock of {}.", evidence.zones.join(", ")));
    }
    if let Some(attempts) = evidence.attempts {
        let rules = sources.configuration.outbound.as_ref();
        let counts = rules.and_then(|rules| rules.purpose(&evidence.purpose)?.attempts);
        let within = counts.map(|(_, within)| format!(" within {}", spoken(within)));
        let within = within.unwrap_or_default();
        let times = if attempts == 1 { "time" } else { "times" };
        told.push(format!("The number had been called {attempts} {times}{within}."));
    }
    told
}
