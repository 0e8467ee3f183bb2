//! The dialogue script beside a contact.

use std::time::Duration;

use caruso_api::script::v1::{
    CancelRequest, Channel, ContinueRequest, HangUpRequest, StartRequest, View, WatchRequest,
};
use caruso_api::storage::v1::Value;
use caruso_api::storage::v1::value::Kind;
use caruso_component::Backoff;
use tokio::sync::mpsc;
use tonic::{Code, Request, Status};

use super::agent::is_final;
use super::state::{HangUpKey, Input, ScriptKey};
use crate::peers::Peers;
use crate::sessions::Session;

/// Starts the script, or takes it up where it is, and follows it.
pub(super) async fn follow(
    peers: Peers,
    session: Session,
    key: ScriptKey,
    inputs: mpsc::Sender<Input>,
) {
    let mut backoff = Backoff::default();
    loop {
        let ended = once(&peers, &session, &key, &inputs, &mut backoff).await;
        let contact = key.contact.clone();
        if let Err(error) = ended {
            // A session that the engine has forgotten is started again.
            if is_final(&error) && error.code() != Code::NotFound {
                let problem = error.message().to_owned();
                let _ = inputs.send(Input::ScriptProblem { contact, problem }).await;
                return;
            }
            tracing::info!(contact.id = key.contact, %error, "the script is late");
        }
        if inputs.send(Input::ScriptLost { contact }).await.is_err() {
            return;
        }
        tokio::time::sleep(backoff.failed()).await;
    }
}

async fn once(
    peers: &Peers,
    session: &Session,
    key: &ScriptKey,
    inputs: &mpsc::Sender<Input>,
    backoff: &mut Backoff,
) -> Result<(), Status> {
    if let Some(read) = &key.read {
        // who asks gave it to be read: the front office reads it for whoever is asked
        let watch = Request::new(WatchRequest { session_id: read.clone() });
        return follow_views(peers, watch, key, inputs, backoff).await;
    }
    let mut scripts = peers.scripts.clone();
    let start = start_request(key, &session.user().name);
    let started = scripts.start(session.request(start).await?).await;
    let view = match started {
        Err(error) if error.code() == Code::NotFound => {
            return Err(Status::failed_precondition(error.message()));
        }
        started => started?.into_inner().view,
    };
    let Some(mut view) = view else { return Ok(()) };
    if key.transfers > 0 {
        match take_over(peers, key, &view.session_id, &session.user().name).await {
            Ok(taken) => view = taken.unwrap_or(view),
            // it came to its end with a colleague: there is nothing to go on with
            Err(error) if error.code() == Code::FailedPrecondition => {
                show(inputs, key, view).await;
                return std::future::pending().await;
            }
            Err(error) => return Err(error),
        }
    }
    let watch = WatchRequest { session_id: view.session_id.clone() };
    show(inputs, key, view).await;
    follow_views(peers, session.request(watch).await?, key, inputs, backoff).await
}

/// Whether an agent may give a session to be read: it is one of theirs.
pub(crate) async fn may_give(peers: &Peers, session: &Session, script_session: &str) -> bool {
    let watch = WatchRequest { session_id: script_session.to_owned() };
    let asked = async { peers.scripts.clone().watch(session.request(watch).await?).await };
    tokio::time::timeout(WAIT_FOR_SESSION, asked).await.is_ok_and(|asked| asked.is_ok())
}

/// Shows a session now and each time that it changes.
async fn follow_views(
    peers: &Peers,
    watch: Request<WatchRequest>,
    key: &ScriptKey,
    inputs: &mpsc::Sender<Input>,
    backoff: &mut Backoff,
) -> Result<(), Status> {
    let mut stream = peers.scripts.clone().watch(watch).await?.into_inner();
    while let Some(answer) = stream.message().await? {
        backoff.succeeded();
        if let Some(view) = answer.view {
            show(inputs, key, view).await;
        }
    }
    Ok(())
}

/// A session that a colleague began goes on with this agent. The front office asks for it by
/// itself: an agent may give away what they work with, and take nothing.
async fn take_over(
    peers: &Peers,
    key: &ScriptKey,
    session_id: &str,
    agent: &str,
) -> Result<Option<View>, Status> {
    let request = ContinueRequest {
        request_id: format!("{session_id}/{agent}/{}", key.transfers),
        session_id: session_id.to_owned(),
        channel: Channel::Agent.into(),
        language: String::new(),
        actor: agent.to_owned(),
    };
    Ok(peers.scripts.clone().r#continue(request).await?.into_inner().view)
}

async fn show(inputs: &mpsc::Sender<Input>, key: &ScriptKey, view: View) {
    let contact = key.contact.clone();
    // The desk is closed: nobody waits for it.
    let _ = inputs.send(Input::Script { contact, view: Box::new(view) }).await;
}

/// A script engine that does not answer within this time keeps nobody from asking a colleague.
const WAIT_FOR_SESSION: Duration = Duration::from_millis(500);

/// The attribute of a hand-off that says in which language the customer is spoken to.
const LANGUAGE: &str = "language";

/// One session for a contact, script and customer, however often it is started. What a script does
/// not declare as an input is ignored by the engine.
fn start_request(key: &ScriptKey, agent: &str) -> StartRequest {
    let text = |text: &String| Value { kind: Some(Kind::Text(text.clone())) };
    let mut inputs: std::collections::BTreeMap<String, Value> =
        key.attributes.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    if !key.customer.is_empty() {
        let reference = Value { kind: Some(Kind::Reference(key.customer.clone())) };
        inputs.insert("customer".to_owned(), reference);
    }
    StartRequest {
        request_id: format!("{}/{}/{}", key.contact, key.script, key.customer),
        script: key.script.clone(),
        channel: Channel::Agent.into(),
        language: key.attributes.get(LANGUAGE).cloned().unwrap_or_default(),
        contact_id: key.contact.clone(),
        inputs,
        actor: agent.to_owned(),
    }
}

/// Tells a session that the customer has hung up; tries until the script engine has it.
pub(super) async fn hang_up(peers: Peers, session: Session, key: HangUpKey) {
    let request = HangUpRequest {
        request_id: format!("{}/hung-up", key.contact),
        session_id: key.session.clone(),
    };
    let told = async || {
        let request = session.request(request.clone()).await?;
        peers.scripts.clone().hang_up(request).await
    };
    let mut backoff = Backoff::default();
    while let Err(error) = told().await {
        if is_final(&error) {
            tracing::warn!(contact.id = key.contact, %error, "the script knows of no hang-up");
            return;
        }
        tokio::time::sleep(backoff.failed()).await;
    }
}

/// Ends a session whose contact has left the desk. Best effort: a session that stays open waits for
/// nobody.
pub(super) async fn cancel(peers: Peers, session: Session, script_session: String) {
    let reason = "the contact has left the desk".to_owned();
    let request = CancelRequest { session_id: script_session, reason };
    let told = async { peers.scripts.clone().cancel(session.request(request).await?).await };
    if let Err(error) = told.await {
        tracing::debug!(%error, "a script session was not cancelled");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(customer: &str) -> ScriptKey {
        ScriptKey {
            contact: "c1".to_owned(),
            script: "fault-report".to_owned(),
            customer: customer.to_owned(),
            attributes: [("topic".to_owned(), "gas".to_owned())].into(),
            transfers: 0,
            read: None,
        }
    }

    #[test]
    fn the_same_contact_script_and_customer_start_one_session() {
        let first = start_request(&key("k1"), "anna");
        assert_eq!(first, start_request(&key("k1"), "anna"));
        assert_ne!(first.request_id, start_request(&key("k2"), "anna").request_id);
    }

    #[test]
    fn what_is_known_goes_into_the_script() {
        let request = start_request(&key("k1"), "anna");
        let kind = |name: &str| request.inputs.get(name).and_then(|value| value.kind.clone());
        assert_eq!(kind("customer"), Some(Kind::Reference("k1".to_owned())));
        assert_eq!(kind("topic"), Some(Kind::Text("gas".to_owned())));
        assert!(!start_request(&key(""), "anna").inputs.contains_key("customer"));
        assert_eq!(request.language, "");
    }

    #[test]
    fn the_language_of_the_hand_off_is_that_of_the_script() {
        let mut dutch = key("k1");
        dutch.attributes.insert("language".to_owned(), "nl-BE".to_owned());
        assert_eq!(start_request(&dutch, "anna").language, "nl-BE");
    }
}
