//! Conversations that the engine leads by itself, on the web and by messages: contacts that are no
//! calls. Where one stands is told to the communication server through the outbox, at least once; a
//! later report holds without the earlier ones.
//!
//! The contact of such a session has the id of the session. It is over as soon as the conversation
//! waits until a time; if it is handed off later, that is another contact. One that somebody else
//! opened has an id of its own, and whoever opened it says what became of it.

use std::collections::BTreeMap;
use std::time::Duration;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::conversations_client::ConversationsClient;
use caruso_contact::ContactId;
use caruso_dialogue::{Channel, Closing, Datum, NOT_UNDERSTOOD, Script, State, View};
use caruso_journal::{Batch, Due, Errand, Failed, Retry, Settled};
use serde::{Deserialize, Serialize};
use tonic::{Code, Status};
use uuid::Uuid;

use crate::actions::{Failure, failure};
use crate::engine::Shared;
use crate::{Error, clock};

/// A communication server that is away for an hour loses nothing; after a day somebody must look.
const RETRY: Retry =
    Retry { first: Duration::from_millis(500), longest: Duration::from_secs(60), attempts: 1440 };
/// Input of a script that is the customer's number.
const CALLING_NUMBER: &str = "calling_number";
/// Attribute of a hand-off that says in which language the customer is spoken to.
const LANGUAGE: &str = "language";
/// Answers that the agent gets to read, at most.
const MOST_ANSWERS: usize = 200;
/// Characters of a question or an answer there; what is longer is cut.
const MOST_CHARACTERS: usize = 500;
/// Bytes of all of them, and of all attributes; what comes behind is cut. A report must fit beside
/// events into one batch of a journal, here and there.
const MOST_BYTES: usize = 24 * 1024;

/// What is told, as it stands in the outbox.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    contact: String,
    channel: Channel,
    /// The customer's number; empty where it is not known.
    calling: String,
    script: String,
    stand: Stand,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Stand {
    GoesOn,
    Finished,
    Left,
    NotUnderstood,
    HandedOff {
        queue: String,
        attributes: BTreeMap<String, String>,
        /// Questions with their answers.
        answers: Vec<(String, String)>,
    },
}

/// Whether the engine opens a contact for sessions of a channel: there is no call, and nobody else
/// who knows when they begin and end.
pub(crate) fn is_led_here(channel: Channel) -> bool {
    match channel {
        Channel::Web | Channel::Message => true,
        Channel::Agent | Channel::Ivr => false,
    }
}

/// What is to be told when a session goes from one state to another; nothing where its contact is
/// not the engine's own, or where nothing changed for it.
pub(crate) fn errand(script: &Script, before: &State, after: &State) -> Option<Errand> {
    let started = after.started()?;
    let id: Uuid = started.session.parse().ok()?;
    if started.contact.as_ref() != Some(&started.session) {
        return None;
    }
    let waits = (before.has_waited(), after.has_waited());
    let mut contact = started.session.clone();
    let (key, stand) = match (before.closing(), after.closing()) {
        // who waits for nobody has gone, for the time being
        (None, None) if waits == (false, true) => (format!("contact-{id}-over"), Stand::Finished),
        (None, Some(Closing::HandedOff { .. })) if waits.0 => {
            contact = Uuid::now_v7().to_string();
            (format!("contact-{id}-again"), over(script, after, after.closing()?))
        }
        (None, _) if waits.0 => return None,
        (None, Some(closing)) => (format!("contact-{id}-over"), over(script, after, closing)),
        (None, None) if before.started().is_none() => (format!("contact-{id}"), Stand::GoesOn),
        _ => return None,
    };
    let report = Report {
        contact,
        channel: after.began_on(),
        calling: match started.inputs.get(CALLING_NUMBER) {
            Some(Datum::Text(number)) => number.clone(),
            _ => String::new(),
        },
        script: started.script.id.clone(),
        stand,
    };
    let body = serde_json::to_value(report).ok()?;
    let due_at = clock::time(clock::now());
    Some(Errand { key, contact_id: Some(ContactId(id)), body, due_at })
}

fn over(script: &Script, after: &State, closing: &Closing) -> Stand {
    match closing {
        Closing::Ended { .. } => Stand::Finished,
        Closing::Cancelled { reason } if reason == NOT_UNDERSTOOD => Stand::NotUnderstood,
        Closing::Cancelled { .. } => Stand::Left,
        Closing::HandedOff { queue, attributes, .. } => {
            let mut room = Room(MOST_BYTES);
            let fitting = |(name, value): (&String, &String)| (name.clone(), room.cut(value));
            let mut attributes: BTreeMap<_, _> = attributes.iter().map(fitting).collect();
            let language = after.started().map(|it| it.language.clone()).unwrap_or_default();
            if !language.is_empty() {
                attributes.entry(LANGUAGE.to_owned()).or_insert(language);
            }
            Stand::HandedOff { queue: queue.clone(), attributes, answers: answers(script, after) }
        }
    }
}

/// What the customer answered, in the words that they read.
fn answers(script: &Script, state: &State) -> Vec<(String, String)> {
    let trail = View::of(script, state).map(|view| view.trail).unwrap_or_default();
    let mut room = Room(MOST_BYTES);
    let answers = trail.iter().take(MOST_ANSWERS);
    answers
        .map(|it| (room.cut(short(&it.question)), room.cut(short(&it.label))))
        .filter(|(question, _)| !question.is_empty())
        .collect()
}

/// What of a text is for the desk.
fn short(text: &str) -> &str {
    text.char_indices().nth(MOST_CHARACTERS).map_or(text, |(end, _)| &text[..end])
}

/// Bytes that are left for texts.
struct Room(usize);

impl Room {
    /// As much of a text as there is room for, without what cannot be read: a control character
    /// takes six bytes in JSON.
    fn cut(&mut self, text: &str) -> String {
        let end = text.floor_char_boundary(self.0);
        self.0 -= end;
        text[..end].replace(|it: char| it.is_control() && it != '\n', " ")
    }
}

/// One attempt to tell it.
pub(crate) async fn tell(shared: &Shared, due: &Due, report: Report) {
    let Some(contacts) = shared.peers.contacts() else {
        return settle(shared, Settled::Done { key: due.key.clone() }, due).await;
    };
    let is_first = report.stand == Stand::GoesOn;
    let request = request(report);
    let told = async { ConversationsClient::new(contacts).report(request).await };
    let told = tokio::time::timeout(shared.settings.act_within, told);
    let Some(told) = shared.stop.run_until_cancelled(told).await else { return };
    match told.unwrap_or_else(|_| Err(Status::deadline_exceeded("no answer in time"))) {
        Ok(_) => settle(shared, Settled::Done { key: due.key.clone() }, due).await,
        // there is no room for more of them now; what becomes of it is told in the end
        Err(status) if is_first && status.code() == Code::ResourceExhausted => {
            settle(shared, Settled::Done { key: due.key.clone() }, due).await;
        }
        Err(status) => failed(shared, due, failure(status)).await,
    }
}

async fn failed(shared: &Shared, due: &Due, failure: Failure) {
    let key = due.key.clone();
    let code = match failure {
        Failure::Final { code, .. } => {
            tracing::warn!(errand = key, code, "a report of a conversation was refused");
            return settle(shared, Settled::Dead { key, reason: code }, due).await;
        }
        Failure::Passing { code } => code,
    };
    let now = clock::time(clock::now());
    match shared.journal.failed(due, now, &RETRY, &code).await {
        Ok(Failed::Again { .. }) => tracing::info!(errand = key, code, "it is told again later"),
        Ok(Failed::Exhausted) => {
            tracing::warn!(errand = key, code, "nobody heard what became of a conversation");
            settle(shared, Settled::Dead { key, reason: code }, due).await;
        }
        Err(error) => tracing::error!(errand = key, %error, "a report stays claimed"),
    }
}

async fn settle(shared: &Shared, settled: Settled, due: &Due) {
    let mut batch = Batch::new(due.stream.clone(), "script-engine");
    batch.recorded_at = clock::time(clock::now());
    batch.settled.push(settled);
    let written = async { Ok::<_, Error>(shared.journal.append(batch)?.durable().await?) };
    match written.await {
        Ok(_) => shared.journal.release(&due.key),
        Err(error) => tracing::error!(errand = due.key, %error, "a report stays claimed"),
    }
}

fn request(report: Report) -> wire::ReportRequest {
    use wire::report_request::Stand as Told;
    let Report { contact, channel, calling, script, stand } = report;
    let channel = match channel {
        Channel::Message => wire::Channel::Message,
        Channel::Web | Channel::Agent | Channel::Ivr => wire::Channel::Web,
    };
    let stand = match stand {
        Stand::GoesOn => Told::GoesOn(wire::GoesOn {}),
        Stand::Finished => Told::Finished(wire::Finished {}),
        Stand::Left => Told::Left(wire::Left {}),
        Stand::NotUnderstood => Told::NotUnderstood(wire::NotUnderstood {}),
        Stand::HandedOff { queue, attributes, answers } => {
            let answer = |(question, answer)| wire::Answer { question, answer };
            let answers = answers.into_iter().map(answer).collect();
            Told::HandedOff(wire::HandedOff { queue, attributes, answers })
        }
    };
    wire::ReportRequest {
        contact_id: contact,
        channel: channel.into(),
        calling_number: calling,
        script,
        stand: Some(stand),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_much_for_the_desk_is_cut_between_two_characters() {
        assert_eq!(short(&"é".repeat(501)), "é".repeat(500));
        assert_eq!(short("one\ntwo"), "one\ntwo");
        let mut room = Room(5);
        assert_eq!(room.cut("a\u{1}\n"), "a \n");
        assert_eq!(
            (room.cut("éé"), room.cut("b"), room.cut("c")),
            ("é".into(), "".into(), "".into())
        );
    }
}
