//! How a session begins, and how it goes on elsewhere.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::datum::Datum;
use crate::event::{Event, Started};
use crate::refusal::Refusal;
use crate::script::{Channel, Script, Source};
use crate::state::State;

/// How to begin.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Start {
    /// Id of the session, at most 40 bytes, so that keys of actions stay within 128.
    pub session: String,
    /// Id of the request; a repeat changes nothing.
    pub request: String,
    /// Where it runs.
    pub channel: Channel,
    /// The language of the customer, as BCP 47 has it: the nearest that the script has is spoken,
    /// its own for one that it has not, or where this is empty.
    pub language: String,
    /// The agent's log-in name; nothing on the telephone.
    pub actor: Option<String>,
    /// The contact.
    pub contact: Option<String>,
    /// Inputs by name: simple values, and references to objects. Those the script does not declare
    /// are left out.
    pub inputs: BTreeMap<String, Datum>,
}

pub(crate) fn begin(
    script: &Script,
    state: &State,
    start: &Start,
    now: Timestamp,
) -> Result<Option<Event>, Refusal> {
    if state.requests.contains(&start.request) {
        return Ok(None);
    }
    if state.started.is_some() {
        return Err(Refusal::AlreadyStarted);
    }
    if !script.runs_on(start.channel) {
        return Err(Refusal::Channel);
    }
    let mut inputs = BTreeMap::new();
    for (name, source) in &script.sources {
        let wrong = |wanted: &str| Refusal::Input(name.to_owned(), wanted.to_owned());
        let (Source::Value { is_required, .. } | Source::Object { is_required, .. }) = source
        else {
            continue;
        };
        match (start.inputs.get(name), source) {
            (None, _) if *is_required => return Err(wrong("be given")),
            (None, _) => continue,
            (Some(given), Source::Value { ty, .. }) if given.is_of(ty) => {}
            (Some(Datum::Reference { class: given, .. }), Source::Object { class, .. })
                if given == class => {}
            (Some(_), Source::Object { class, .. }) => {
                return Err(wrong(&format!("be the key of a {class}")));
            }
            (Some(_), Source::Value { ty, .. }) => return Err(wrong(&format!("be of type {ty}"))),
            (Some(_), _) => {}
        }
        inputs.extend(start.inputs.get_key_value(name).map(|(k, v)| (k.clone(), v.clone())));
    }
    Ok(Some(Event::Started(Started {
        session: start.session.clone(),
        request: start.request.clone(),
        script: script.reference(),
        channel: start.channel,
        language: script.language_for(&start.language).to_owned(),
        actor: start.actor.clone(),
        contact: start.contact.clone(),
        at: Some(now),
        inputs,
    })))
}

/// The session goes on elsewhere. Nothing where it is there already.
pub(crate) fn go_on(
    script: &Script,
    state: &State,
    request: String,
    (channel, language): (Channel, &str),
    actor: Option<String>,
) -> Result<Option<Event>, Refusal> {
    let Some(started) = &state.started else { return Err(Refusal::NotStarted) };
    if state.requests.contains(&request) {
        return Ok(None);
    }
    if state.closing.is_some() {
        return Err(Refusal::Over);
    }
    if state.requests.len() >= crate::MAX_REQUESTS {
        return Err(Refusal::TooLong);
    }
    if !script.runs_on(channel) {
        return Err(Refusal::Channel);
    }
    let language = match language {
        "" => started.language.clone(),
        wanted => script.language_for(wanted).to_owned(),
    };
    let here = (started.channel, started.language.as_str(), started.actor.as_ref());
    let is_here = here == (channel, language.as_str(), actor.as_ref());
    Ok((!is_here).then_some(Event::Continued { request, channel, language, actor }))
}
