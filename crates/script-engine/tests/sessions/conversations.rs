//! Sessions on the web and by messages are contacts: what the communication server is told of them.

use caruso_api::contact::v1 as contact;
use caruso_component::status;
use caruso_contact::ContactId;
use contact::conversations_server::Conversations;
use contact::report_request::Stand;
use tonic::{Code, Request, Response, Status};

use super::*;
use crate::peers::pass;

#[tonic::async_trait]
impl Conversations for World {
    async fn report(
        &self,
        request: Request<contact::ReportRequest>,
    ) -> Result<Response<contact::ReportResponse>, Status> {
        let is_lost = match pass(&self.contacts).await {
            Err(refused) if refused.code() == Code::FailedPrecondition => {
                return Err(status(Code::ResourceExhausted, "CC0112", "no room"));
            }
            passed => passed?,
        };
        lock(&self.reports).push(request.into_inner());
        if is_lost {
            Err(Status::unavailable("lost"))
        } else {
            Ok(Response::new(contact::ReportResponse {}))
        }
    }
}

fn start_on(channel: Channel, request: &str) -> Start {
    let (script, language) = ("question".to_owned(), "nl".to_owned());
    let number = Datum::Text("0612345678".to_owned());
    let inputs = BTreeMap::from([("calling_number".to_owned(), number)]);
    Start { request: request.to_owned(), script, channel, language, inputs, ..Start::default() }
}

async fn say_on_the_web(engine: &Engine, view: &View, value: &str) {
    let by = By::component("self-service");
    engine.answer(answer(view, value, value), by).await.expect("a choice");
}

/// The reports of a contact, once the last one is as wanted.
async fn told(world: &World, session: &str, is_last: impl Fn(&Stand) -> bool) -> Vec<Stand> {
    let waiting = async {
        loop {
            let reports = lock(&world.reports).clone();
            let of_it = reports.into_iter().filter(|it| it.contact_id == session);
            let stands: Vec<Stand> = of_it.filter_map(|it| it.stand).collect();
            if stands.last().is_some_and(&is_last) {
                return stands;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("it is told")
}

const GOES_ON: Stand = Stand::GoesOn(contact::GoesOn {});

fn is_over(stand: &Stand) -> bool {
    *stand != GOES_ON
}

#[tokio::test]
async fn a_session_on_the_web_is_a_contact_from_its_start_to_its_hand_off() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start_on(Channel::Web, "w1")).await.expect("it starts");
    assert_eq!(told(&world, &view.session, |it| *it == GOES_ON).await, [GOES_ON]);
    say_on_the_web(&engine, &view, "meter").await;
    let stands = told(&world, &view.session, is_over).await;
    let Stand::HandedOff(handed_off) = &stands[1] else { panic!("{stands:?}") };
    let attributes = [("kind", "meter"), ("language", "nl")];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(handed_off.queue, "faults");
    assert_eq!(handed_off.attributes, attributes.into());
    let (question, answer) = ("Waar gaat het over?".to_owned(), "Mijn meter".to_owned());
    assert_eq!(handed_off.answers, [contact::Answer { question, answer }]);
    let first = lock(&world.reports)[0].clone();
    assert_eq!(first.channel(), contact::Channel::Web);
    assert_eq!((&*first.script, &*first.calling_number), ("question", "0612345678"));
    engine.close().await;
}

#[tokio::test]
async fn what_became_of_a_conversation_is_told_also_when_nobody_listened_at_first() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.contacts.send_replace(Mode::Down);
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start_on(Channel::Web, "w1")).await.expect("nobody waits for it");
    say_on_the_web(&engine, &view, "nothing").await;
    engine.close().await;

    let engine = open(folder.path(), &world, settings()).await;
    world.contacts.send_replace(Mode::LosesAnswers);
    told(&world, &view.session, is_over).await;
    world.contacts.send_replace(Mode::Up);
    let finished = Stand::Finished(contact::Finished {});
    told(&world, &view.session, |it| *it == finished).await;
    engine.close().await;
}

#[tokio::test]
async fn where_there_is_no_room_for_its_beginning_its_end_is_told() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.contacts.send_replace(Mode::Refuses);
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start_on(Channel::Message, "m1")).await.expect("it starts");
    let by = || By::component("communication-server");
    let say = |message: &str| (id(&view), message.to_owned(), "quite something else".to_owned());
    let (session, message, text) = say("m2");
    engine.reply(session, message, text, by()).await.expect("it is taken");
    world.contacts.send_replace(Mode::Up);
    let (session, message, text) = say("m3");
    engine.reply(session, message, text, by()).await.expect("it is taken");
    let misunderstood = Stand::NotUnderstood(contact::NotUnderstood {});
    told(&world, &view.session, |it| *it == misunderstood).await;
    assert_eq!(lock(&world.reports)[0].channel(), contact::Channel::Message);
    engine.close().await;
}

/// Nothing but the report of its end says on which channel it was.
#[tokio::test]
async fn a_conversation_with_which_an_agent_went_on_was_one_of_the_channel_where_it_began() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    world.contacts.send_replace(Mode::Refuses);
    let engine = open(folder.path(), &world, settings()).await;
    let view = engine.start(start_on(Channel::Message, "m1")).await.expect("it starts");
    let (channel, actor) = (Channel::Agent, Some("anna".to_owned()));
    let to = Elsewhere { request: "c1".into(), channel, actor, ..Elsewhere::default() };
    let by = By::component("communication-server");
    engine.go_on(id(&view), to, by).await.expect("an agent goes on");
    engine.cancel(id(&view), "gone".to_owned(), By::user("anna")).await.expect("it is over");
    world.contacts.send_replace(Mode::Up);
    told(&world, &view.session, |it| *it == Stand::Left(contact::Left {})).await;
    assert_eq!(lock(&world.reports)[0].channel(), contact::Channel::Message);
    engine.close().await;
}

#[tokio::test]
async fn only_conversations_that_nobody_else_opened_are_told() {
    let (folder, world) = (tempfile::tempdir().expect("a folder"), World::default());
    let engine = open(folder.path(), &world, settings()).await;
    let gateways: ContactId = "01990000-0000-7000-8000-000000000002".parse().expect("an id");
    let given = Start { contact: Some(gateways), ..start_on(Channel::Message, "m1") };
    engine.start(given).await.expect("the gateway has a contact");
    begin(&engine, "s1", "K-1").await;
    let left = engine.start(start_on(Channel::Web, "w1")).await.expect("it starts");
    let by = By::component("self-service");
    engine.cancel(id(&left), "nobody finished it".to_owned(), by).await.expect("it is broken off");
    told(&world, &left.session, |it| *it == Stand::Left(contact::Left {})).await;
    let reports = lock(&world.reports).clone();
    assert!(reports.iter().all(|it| it.contact_id == left.session), "{reports:?}");
    engine.close().await;
}
