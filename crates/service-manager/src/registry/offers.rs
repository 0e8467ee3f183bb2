//! Whether offers can be taken.

use std::collections::BTreeSet;

use super::{MOST_OFFERS, Offering};

/// Properties of one offer, and bytes of all of them.
const MOST_PROPERTIES: usize = 32;
const MOST_PROPERTY_BYTES: usize = 16 * 1024;

/// What is wrong with offers; nothing where they can be taken.
pub(super) fn findings(offers: &[Offering]) -> Vec<String> {
    let mut findings = Vec::new();
    if offers.len() > MOST_OFFERS {
        findings.push(format!("{} offers are more than {MOST_OFFERS}", offers.len()));
    }
    let mut seen = BTreeSet::new();
    for offering in offers {
        let interface = &offering.interface;
        if !seen.insert(interface) {
            findings.push(format!("{interface} is offered twice"));
        }
        let is_address = ["http://", "https://"].iter().any(|it| offering.address.starts_with(it));
        if !is_address || offering.address.len() > 256 {
            findings.push(format!("{interface}: `{}` is no address", offering.address));
        }
        let bytes: usize = offering.properties.iter().map(|(k, v)| k.len() + v.len()).sum();
        if offering.properties.len() > MOST_PROPERTIES || bytes > MOST_PROPERTY_BYTES {
            findings.push(format!("{interface} has too many properties"));
        }
    }
    findings
}
