//! `caruso.contact.v1.Conversations`: contacts that are no calls, as those who lead them report.

use std::collections::BTreeMap;

use caruso_api::contact::v1 as wire;
use caruso_api::contact::v1::conversations_server::Conversations;
use caruso_component::status;
use caruso_contact::{Answer, Channel, ContactId, Personal, QueueId, ScriptId};
use caruso_routing::{Conversation, Input, Stand};
use tonic::{Code, Request, Response, Status};
use wire::report_request::Stand as Told;

use crate::agents::{Codes, stopping};
use crate::domain::Handle;

/// Who is named as the author of what is reported: the engine that leads the conversations.
const ACTOR: &str = "script-engine";
/// Most bytes of what is handed over, as JSON: it must fit into one batch of the log, in which it
/// stands beside other events.
const MAX_BYTES: usize = 128 * 1024;
/// Longest number of a customer.
const MAX_NUMBER_BYTES: usize = 64;

/// The service.
#[derive(Clone, Debug)]
pub(crate) struct ConversationsService {
    owner: Handle,
}

impl ConversationsService {
    /// A service that tells this owner.
    pub(crate) fn new(owner: Handle) -> Self {
        Self { owner }
    }
}

#[tonic::async_trait]
impl Conversations for ConversationsService {
    async fn report(
        &self,
        request: Request<wire::ReportRequest>,
    ) -> Result<Response<wire::ReportResponse>, Status> {
        let input = reported(request.into_inner()).map_err(impossible)?;
        let answer = self.owner.ask(input, ACTOR).await.map_err(stopping)?;
        answer.map_err(|refusal| Codes("CC0112").of(refusal))?;
        Ok(Response::new(wire::ReportResponse {}))
    }
}

fn impossible(why: &str) -> Status {
    status(Code::InvalidArgument, "CC0111", why)
}

/// What the report says, in our words; or why it cannot be.
fn reported(request: wire::ReportRequest) -> Result<Input, &'static str> {
    if request.calling_number.len() > MAX_NUMBER_BYTES {
        return Err("the customer's number is longer than 64 bytes");
    }
    let channel = match request.channel() {
        wire::Channel::Web => Channel::Web,
        wire::Channel::Message => Channel::Message,
        wire::Channel::Telephone | wire::Channel::Voicemail | wire::Channel::Unspecified => {
            return Err("a conversation is on the web or by messages");
        }
    };
    let id = request.contact_id.parse::<ContactId>().ok().filter(|id| is_of_time(*id));
    let contact = id.ok_or("the id of the contact is no UUID of version 7")?;
    let script = ScriptId::new(&request.script).map_err(|_| "the script has no name")?;
    let calling = Some(request.calling_number).filter(|number| !number.is_empty());
    let calling = calling.map(Personal::Known);
    let stand = match request.stand.ok_or("it does not say where the conversation stands")? {
        Told::GoesOn(_) => Stand::GoesOn,
        Told::Finished(_) => Stand::Finished,
        Told::Left(_) => Stand::Left,
        Told::NotUnderstood(_) => Stand::Failed,
        Told::HandedOff(handed_off) => handed_off_to(handed_off)?,
    };
    let conversation = Conversation { channel, calling, script };
    Ok(Input::Reported { contact, conversation, stand })
}

fn handed_off_to(handed_off: wire::HandedOff) -> Result<Stand, &'static str> {
    let wire::HandedOff { queue, attributes, answers } = handed_off;
    let queue = QueueId::new(&queue).map_err(|_| "the queue has no name")?;
    let attributes: BTreeMap<String, String> = attributes.into_iter().collect();
    let answers: Vec<Answer> = answers.into_iter().map(answer).collect();
    let bytes = serde_json::to_vec(&(&attributes, &answers)).map_or(usize::MAX, |it| it.len());
    if bytes > MAX_BYTES {
        return Err("what is handed over is larger than 128 KiB");
    }
    Ok(Stand::HandedOff { queue, attributes: attributes.into(), answers: answers.into() })
}

/// Contacts are listed in the order of their ids.
fn is_of_time(id: ContactId) -> bool {
    id.0.get_version() == Some(uuid::Version::SortRand)
}

fn answer(wire::Answer { question, answer }: wire::Answer) -> Answer {
    Answer { question, answer }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> wire::ReportRequest {
        wire::ReportRequest {
            contact_id: uuid::Uuid::now_v7().to_string(),
            channel: wire::Channel::Web.into(),
            script: "move-online".to_owned(),
            stand: Some(Told::GoesOn(wire::GoesOn {})),
            ..Default::default()
        }
    }

    fn refused(change: impl FnOnce(&mut wire::ReportRequest)) -> &'static str {
        let mut wrong = request();
        change(&mut wrong);
        reported(wrong).expect_err("it cannot be")
    }

    #[test]
    fn a_report_that_cannot_be_is_refused_with_its_reason() {
        assert!(matches!(reported(request()), Ok(Input::Reported { stand: Stand::GoesOn, .. })));
        let of_calls = wire::Channel::Telephone.into();
        assert!(refused(|it| it.channel = of_calls).starts_with("a conversation is on the web"));
        assert!(refused(|it| it.channel = 77).starts_with("a conversation is on the web"));
        let random = "9f0f6b4e-4ca5-4f58-9e0e-0f2b4fb0a3f1".to_owned();
        assert!(refused(|it| it.contact_id = random).contains("version 7"));
        assert!(refused(|it| it.contact_id.clear()).contains("version 7"));
        assert!(refused(|it| it.script.clear()).contains("script"));
        assert!(refused(|it| it.stand = None).contains("where the conversation stands"));
        let nowhere = Some(Told::HandedOff(wire::HandedOff::default()));
        assert!(refused(|it| it.stand = nowhere).contains("queue"));
        let number = "7".repeat(MAX_NUMBER_BYTES + 1);
        assert!(refused(|it| it.calling_number = number).contains("64 bytes"));
        let attributes = [("text".to_owned(), "\u{1}".repeat(MAX_BYTES / 6))].into();
        let queue = "moving".to_owned();
        let much = wire::HandedOff { queue, attributes, ..Default::default() };
        assert!(refused(|it| it.stand = Some(Told::HandedOff(much))).contains("128 KiB"));
        assert_eq!(impossible("x").code(), Code::InvalidArgument);
    }
}
