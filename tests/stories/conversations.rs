//! A customer on the web comes to an agent: through a crash, and from browser to browser.

use caruso_api::contact::v1::{AgentState, Channel as By, Contact};
use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::script::v1::{AnswerRequest, Channel, StartRequest, View};
use caruso_component::permissions::names::SELF_SERVICE;
use caruso_component::{Component, InterfaceChannel};
use caruso_tests::{Browser, Copy, Desk, Installation, Phone, Plan, Status, until};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// What customers may ask on the web; some of it goes to an agent.
const ASK_US: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="ask-us" version="1.0.0" language="en" languages="nl" channels="web" start="topic">
  <title>Ask us<in language="nl">Vraag het ons</in></title>
  <ask id="topic" type="choice">
    <say>What is it about?<in language="nl">Waar gaat het over?</in></say>
    <choice value="moving">Moving house<in language="nl">Verhuizen</in></choice>
    <choice value="nothing">Nothing any more<in language="nl">Niets meer</in></choice>
    <next when="topic eq 'moving'" to="day"/>
    <next to="done"/>
  </ask>
  <ask id="day" type="date">
    <say>On which day do you move?<in language="nl">Op welke dag verhuist u?</in></say>
    <next to="to_moving"/>
  </ask>
  <handoff id="to_moving" queue="moving">
    <say>A colleague looks at it today.
      <in language="nl">Een collega kijkt er vandaag naar.</in></say>
    <attribute name="topic" value="topic"/>
  </handoff>
  <end id="done" outcome="nothing"><say>Goodbye.<in language="nl">Tot ziens.</in></say></end>
</script>
"#;

pub(crate) fn example() -> Copy {
    let copy = Copy::new();
    std::fs::write(copy.path().join("scripts/ask-us.xml"), ASK_US).expect("writable");
    let page = "<web path=\"ask\" script=\"ask-us\"/></application>";
    copy.replace("application.xml", "</application>", page);
    copy
}

/// The pages for customers, as the script engine sees them.
pub(crate) struct Pages {
    component: Component,
}

impl Pages {
    pub(crate) async fn of(system: &Installation) -> Self {
        let options = system.options();
        let joined = Component::join(options, SELF_SERVICE, CancellationToken::new()).await;
        Self { component: joined.expect("the token lets everybody in") }
    }

    fn engine(&self) -> ScriptEngineClient<InterfaceChannel> {
        ScriptEngineClient::new(self.component.caller("caruso.script.v1.ScriptEngine"))
    }

    async fn start(&self) -> View {
        let request = StartRequest {
            request_id: Uuid::now_v7().to_string(),
            script: "ask-us".to_owned(),
            channel: Channel::Web.into(),
            language: "nl".to_owned(),
            ..Default::default()
        };
        let started = self.engine().start(request).await.expect("it is published");
        started.into_inner().view.expect("a view")
    }

    async fn answer(&self, view: &View, value: &str) -> View {
        let request = AnswerRequest {
            request_id: Uuid::now_v7().to_string(),
            session_id: view.session_id.clone(),
            sequence: view.sequence,
            step: view.step.clone(),
            value: value.to_owned(),
            ..Default::default()
        };
        let answered = self.engine().answer(request).await.expect("a value of the step");
        answered.into_inner().view.expect("a view")
    }

    /// A session up to its hand-off.
    pub(crate) async fn asks_about_moving(&self) -> View {
        let view = self.answer(&self.start().await, "moving").await;
        self.answer(&view, "2027-01-15").await
    }
}

/// A contact once it is as wanted.
async fn contact(desk: &mut Desk, id: &str, what: &str, is: impl Fn(&Contact) -> bool) -> Contact {
    until(what, async || {
        let contacts = desk.contacts().await;
        contacts.into_iter().find(|it| it.contact_id == id && is(it))
    })
    .await
}

async fn comes_back(system: &mut Installation, component: &str) {
    system.kill(component);
    system.start(component);
    system.until_serves(component).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_keeps_its_place_through_a_crash_and_is_handled_like_a_call() {
    let example = example();
    let plan = Plan { application: example.path().to_owned(), ..Plan::default() };
    let mut system = Installation::of_processes(plan).await;
    let pages = Pages::of(&system).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let status: Status = sofie.status();

    let (first, begun) = (pages.asks_about_moving().await, pages.start().await);
    status.until_waiting("moving", 1).await;
    comes_back(&mut system, "communication-server").await;
    let second = pages.asks_about_moving().await;
    status.until_waiting("moving", 2).await;
    let goes_on = contact(&mut sofie, &begun.session_id, "it goes on", |_| true).await;
    assert_eq!((goes_on.channel(), goes_on.ended_at), (By::Web, None), "nobody has ended it");
    pages.answer(&begun, "nothing").await;
    let over = contact(&mut sofie, &begun.session_id, "it is over", |it| it.ended_at.is_some());
    let over = over.await;
    assert_eq!((over.end_cause.as_str(), over.queue.as_str()), ("finished", ""));

    let mut anna = Desk::log_in(&system.http, "anna").await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("her phone");
    anna.become_ready().await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, first.session_id, "who came first is first, crash or not");
    assert_eq!((offered.channel(), offered.queue.as_str()), (By::Web, "moving"));
    let answers: Vec<_> =
        offered.answers.iter().map(|it| (it.question.as_str(), it.answer.as_str())).collect();
    assert_eq!(answers[0], ("Waar gaat het over?", "Verhuizen"));
    assert_eq!((answers.len(), answers[1].0), (2, "Op welke dag verhuist u?"));
    assert_eq!(offered.attributes["language"], "nl");
    assert!(!offered.why.is_empty());
    anna.decline(&offered.contact_id).await.expect("it is offered");
    anna.until_state(AgentState::NotReady).await;
    anna.become_ready().await;
    let offered = anna.until_state(AgentState::Offered).await;
    assert_eq!(offered.contact_id, first.session_id, "declined, it is still first");
    anna.accept(&offered.contact_id).await.expect("it is offered");
    anna.until_state(AgentState::Talking).await;
    assert_eq!(phone.state(), caruso_tests::State::Idle, "no phone rings");
    let script = anna.until("the script starts", |desk| desk.script.is_some()).await.script;
    let script = script.expect("it is there");
    assert_eq!((script.script.as_str(), script.language.as_str()), ("moving-house", "nl"));

    comes_back(&mut system, "communication-server").await;
    until("she closes what she has in hand", async || anna.hang_up(&first.session_id).await.ok())
        .await;
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&first.session_id, "move-recorded").await;
    let done = contact(&mut sofie, &first.session_id, "it is over", |it| {
        it.segments.last().is_some_and(|last| last.kind == "wrap-up" && last.ended_at.is_some())
    });
    let done = done.await;
    assert_eq!((done.end_cause.as_str(), done.disposition.as_str()), ("closed", "move-recorded"));
    let kinds: Vec<_> = done.segments.iter().map(|it| it.kind.as_str()).collect();
    let path = ["ivr", "waiting", "offered", "waiting", "offered", "with-agent", "wrap-up"];
    assert_eq!(kinds, path);
    assert_eq!(done.agent, "anna");

    status.until_waiting("moving", 1).await;
    let rows = sofie.report().await;
    let row = rows.iter().find(|it| it.queue == "moving").expect("two were offered");
    let counts = [row.offered, row.answered, row.abandoned, row.flowed_out, row.still_waiting];
    assert_eq!(counts, [2, 1, 0, 0, 1], "and what went to no queue is not in it");
    let waits = contact(&mut sofie, &second.session_id, "it waits", |_| true).await;
    assert_eq!(waits.ended_at, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_customer_on_the_web_comes_to_an_agent_in_the_browser() {
    let (mut customer, mut agent) = match (Browser::open_without_javascript(), Browser::open()) {
        (Ok(customer), Ok(agent)) => (customer, agent),
        (Err(missing), _) | (_, Err(missing)) => return println!("{missing}"),
    };
    let example = example();
    let plan = Plan { application: example.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("her phone");
    agent.log_in(&system.http, "anna").await;
    agent.sees("heading", "You are not ready").await;
    agent.press("Alt+R").await;
    agent.sees("heading", "You are ready").await;

    customer.open_page(&format!("{}/ask", system.self_service)).await;
    customer.click("button", "Start").await;
    customer.choose("Moving house").await;
    customer.click("button", "Continue").await;
    customer.fill_in("On which day do you move?", "2027-01-15").await;
    customer.click("button", "Continue").await;
    customer.reads("A colleague looks at it today.").await;

    agent.sees("heading", "Incoming contact").await;
    agent.reads("On the web").await;
    agent.reads("Why it comes to you").await;
    agent.reads("On which day do you move?").await;
    agent.is_content().await;
    agent.picture("web-offered.png").await;
    agent.click("button", "Accept").await;
    agent.sees("heading", "In conversation").await;
    agent.reads("Without a customer no move can be recorded here.").await;
    agent.reads("What the customer answered").await;
    agent.is_content().await;
    agent.picture("web-accepted.png").await;
    agent.press("Alt+H").await;
    agent.reads("The conversation is closed.").await;
    agent.choose("Move recorded").await;
    agent.press("Alt+C").await;
    agent.sees("heading", "You are ready").await;
    assert_eq!(phone.state(), caruso_tests::State::Idle, "no phone rings");
    customer.reads("A colleague looks at it today.").await;
}
