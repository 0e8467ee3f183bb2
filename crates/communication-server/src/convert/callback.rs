//! A customer who is called back, on the wire.

use caruso_api::contact::v1 as wire;
use caruso_contact::{Callback, Contact};

use super::timestamp;

pub(super) fn callback(callback: &Callback) -> wire::Callback {
    wire::Callback {
        asked_at: Some(timestamp(callback.asked_at)),
        expires_at: Some(timestamp(callback.expires_at)),
        attempts: callback.attempts,
    }
}

/// What is said of a customer who waits to be called back.
pub(super) fn sentences(contact: &Contact) -> impl Iterator<Item = String> {
    let waits = contact.callback.as_ref().filter(|_| {
        contact.ended.is_none() && contact.agent.is_none() && contact.outbound.is_none()
    });
    let told = waits.map(|callback| {
        let mut told = "The customer has hung up and is to be called back.".to_owned();
        match callback.attempts {
            0 => {}
            1 => told.push_str(" They were called once and not reached."),
            often => told.push_str(&format!(" They were called {often} times and not reached.")),
        }
        if callback.not_before.is_some() {
            told.push_str(" For a short while nobody is offered the call; the place is kept.");
        }
        told
    });
    told.into_iter()
}
