//! One script, four channels: whoever gives the same answers comes to the same, at the desk, by the
//! keys of a telephone, in messages and on the web. On the telephone some of it is recorded, and a
//! voice says the rest.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use caruso_api::contact::v1::AgentState;
use caruso_api::script::v1::message_dialogue_client::MessageDialogueClient;
use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::script::v1::{
    BeginRequest, Channel, Happening, HistoryRequest, ReplyRequest, StartRequest, turn,
};
use caruso_component::permissions::names::{COMMAND_LINE, COMMUNICATION_SERVER};
use caruso_component::{Component, InterfaceChannel};
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State, sound, until};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

const SCRIPT: &str = "annual-reading";
const MAIN: &str = "0305550100";
const READINGS: &str = "0305550101";
const CALLING: &str = "0687654321";
const NOTES: &str = r#"SELECT "NOTITIE" FROM "KLANTCONTACT" WHERE "KANAAL" = ?"#;

/// Each step, its answer, the keys and the words that mean it.
const ANSWERS: [(&str, &str, &str, &str); 7] = [
    ("number", "100001", "100001", "100001"),
    ("reading", "1234.5", "1234*5#", "1234.5"),
    ("right", "true", "1", "yes"),
    ("read_on", "2025-12-31", "31122025", "31 December 2025"),
    ("changed", "true", "1", "Yes!"),
    ("persons", "3", "3#", "3"),
    ("may_advise", "true", "1", "yes please"),
];

/// What came of a session.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    answers: Vec<(String, String)>,
    /// What was sent, and what became of it.
    actions: BTreeSet<(String, String)>,
    end: String,
}

/// The example, in which agents lead through the script, and it has a number and a page. Nobody
/// recorded how it begins, nor what stands around the digits that it says.
fn example() -> Copy {
    let copy = Copy::new();
    let script = format!("scripts/{SCRIPT}.xml");
    for recording in ["reading-number", "reading-right"] {
        copy.replace(&script, &format!(" recording=\"{recording}\""), "");
    }
    copy.replace("routing.xml", "script=\"fault-report\"", &format!("script=\"{SCRIPT}\""));
    let number = format!("<number called=\"{READINGS}\" script=\"{SCRIPT}\" fallback=\"faults\"/>");
    copy.replace("routing.xml", "<outbound ", &format!("{number}<outbound "));
    let page = format!("<web path=\"reading\" script=\"{SCRIPT}\"/></application>");
    copy.replace("application.xml", "</application>", &page);
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_answers_come_to_the_same_on_every_channel() {
    let is_there = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    if !is_there {
        return println!("left out: espeak-ng is not installed");
    }
    let example = example();
    let plan = Plan { application: example.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let gateway = joined(&system, COMMUNICATION_SERVER).await;
    let sessions = [
        at_the_desk(&system).await,
        by_telephone(&system, &gateway).await,
        by_messages(&gateway).await,
        on_the_web(&system).await,
    ];
    let reader = joined(&system, COMMAND_LINE).await;
    let mut engine = ScriptEngineClient::new(reader.caller("caruso.script.v1.ScriptEngine"));
    let mut outcomes = Vec::new();
    for session in &sessions {
        outcomes.push(outcome(&mut engine, session).await);
    }
    let answers = ANSWERS.map(|(step, value, ..)| (step.to_owned(), value.to_owned()));
    assert_eq!(outcomes[0].answers, answers);
    assert_eq!(outcomes[0].end, "noted");
    for (channel, outcome) in ["telephone", "messages", "web"].iter().zip(&outcomes[1..]) {
        assert_eq!(*outcome, outcomes[0], "by {channel} and at the desk");
    }
    let mut records = system.records().await;
    let mut notes = records.rows(NOTES, "reading").await.concat();
    notes.sort();
    let note = "100001 reads 1234.5 on 2025-12-31, people: 3";
    let advice = "100001 wants advice on the tariff";
    assert_eq!(notes, [[note; 4], [advice; 4]].concat());
}

async fn joined(system: &Installation, name: &str) -> Component {
    let joined = Component::join(system.options(), name, CancellationToken::new()).await;
    joined.expect("everybody may join")
}

/// What stands in the history of a session, once its two actions were carried out.
async fn outcome(engine: &mut ScriptEngineClient<InterfaceChannel>, session: &str) -> Outcome {
    let request =
        HistoryRequest { session_id: session.to_owned(), page_size: 500, ..Default::default() };
    let what = format!("the actions of {session} are carried out");
    let happenings: Vec<Happening> = until(&what, async || {
        let history = engine.clone().history(request.clone()).await.expect("it may be read");
        let happenings = history.into_inner().happenings;
        let confirmed = happenings.iter().filter(|it| it.kind == "script.action-confirmed");
        (confirmed.count() == 2).then_some(happenings)
    })
    .await;
    let of_kind = |kind: &'static str| happenings.iter().filter(move |it| it.kind == kind);
    let answers = of_kind("script.answered").map(|it| (it.step.clone(), it.value.clone()));
    let actions = of_kind("script.action-queued").map(|it| (it.kind.clone(), it.value.clone()));
    let ends: Vec<String> = of_kind("script.ended").map(|it| it.value.clone()).collect();
    Outcome { answers: answers.collect(), actions: actions.collect(), end: ends.concat() }
}

/// Anna is called and asks; the session of her script.
async fn at_the_desk(system: &Installation) -> String {
    let mut anna = Desk::log_in(&system.http, "anna").await;
    let desk_phone = Phone::register(system.sip, "101", "phone-101").await.expect("her phone");
    anna.become_ready().await;
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, MAIN, CALLING);
    customer.until("talking", |state| *state == State::Talking).await;
    customer.press('1');
    desk_phone.until("ringing", |state| matches!(state, State::Ringing(_))).await;
    desk_phone.answer();
    let contact = anna.until_state(AgentState::Talking).await;
    let mut session = String::new();
    for (step, value, ..) in ANSWERS {
        session = anna.answer(step, value).await.session_id;
    }
    assert_eq!(anna.outcome().await, "noted");
    anna.hang_up(&contact.contact_id).await.expect("she talks");
    anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact.contact_id, "advice-given").await;
    session
}

/// A customer listens and presses keys; the session of the call.
async fn by_telephone(system: &Installation, gateway: &Component) -> String {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, READINGS, CALLING);
    let mut heard = 0;
    for (step, _, keys, _) in ANSWERS {
        // what was typed is read out
        let seconds = if step == "right" { 3.0 } else { 1.0 };
        until(&format!("{step} is heard"), async || {
            (sound::audible_seconds(&customer.heard()[heard..]) > seconds).then_some(())
        })
        .await;
        keys.chars().for_each(|key| customer.press(key));
        heard = customer.heard().len();
    }
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
    let last = sound::audible_seconds(&customer.heard()[heard..]);
    assert!((1.0..8.0).contains(&last), "the thanks took {last} s");

    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contacts = sofie.contacts().await;
    let contact = contacts.iter().find(|it| it.agent.is_empty()).expect("it reached no agent");
    // the same request again gives the session that it began
    let request = StartRequest {
        request_id: format!("ivr-{}", contact.contact_id),
        script: SCRIPT.to_owned(),
        channel: Channel::Ivr.into(),
        contact_id: contact.contact_id.clone(),
        ..Default::default()
    };
    let mut engine = ScriptEngineClient::new(gateway.caller("caruso.script.v1.ScriptEngine"));
    let started = engine.start(request).await.expect("it was started").into_inner();
    started.view.expect("a view").session_id
}

/// A customer writes; the session of the messages.
async fn by_messages(gateway: &Component) -> String {
    let interface = "caruso.script.v1.MessageDialogue";
    let mut dialogue = MessageDialogueClient::new(gateway.caller(interface));
    let request =
        BeginRequest { request_id: "m0".into(), script: SCRIPT.into(), ..Default::default() };
    let begun = dialogue.begin(request).await.expect("it begins").into_inner();
    let mut turn = begun.turn;
    for (number, (step, _, _, text)) in ANSWERS.into_iter().enumerate() {
        let message_id = format!("m{}", number + 1);
        let session_id = begun.session_id.clone();
        let request = ReplyRequest { session_id, message_id, text: text.to_owned() };
        turn = dialogue
            .reply(request)
            .await
            .unwrap_or_else(|it| panic!("{step}: {it}"))
            .into_inner()
            .turn;
    }
    let end = turn.expect("a turn").state;
    assert!(matches!(&end, Some(turn::State::End(end)) if end.outcome == "noted"), "{end:?}");
    begun.session_id
}

/// A customer fills in pages; the session of the link.
async fn on_the_web(system: &Installation) -> String {
    let address = system.self_service.trim_start_matches("http://").trim_end_matches('/');
    let started = http(address, "POST", "/reading", "lang=en").await;
    let path = location(&started);
    for (step, value, ..) in ANSWERS {
        let page = http(address, "GET", &path, "").await;
        let sequence = hidden(&page, "sequence");
        assert_eq!(hidden(&page, "step"), step);
        let form = format!("step={step}&row=&sequence={sequence}&value={value}");
        let answered = http(address, "POST", &path, &form).await;
        assert!(answered.starts_with("HTTP/1.1 303"), "{step}: {answered}");
    }
    let page = http(address, "GET", &path, "").await;
    assert!(page.contains("We have noted your reading."), "{page}");
    let token = path.rsplit('/').next().unwrap_or_default();
    let bytes = URL_SAFE_NO_PAD.decode(token).expect("a token");
    Uuid::from_slice(&bytes[..16]).expect("it begins with the session").to_string()
}

/// A request over a connection of its own, as a browser without JavaScript makes it; the answer as
/// it came.
async fn http(address: &str, method: &str, path: &str, form: &str) -> String {
    let mut connection = TcpStream::connect(address).await.expect("pages are served");
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    );
    connection.write_all(request.as_bytes()).await.expect("it is taken");
    let mut answer = Vec::new();
    connection.read_to_end(&mut answer).await.expect("it is answered");
    String::from_utf8_lossy(&answer).into_owned()
}

/// Where an answer leads.
fn location(answer: &str) -> String {
    let line = answer.lines().find_map(|it| it.strip_prefix("location: "));
    let target = line.unwrap_or_else(|| panic!("it leads nowhere: {answer}"));
    target.find("/s/").map(|at| target[at..].trim().to_owned()).expect("it leads to a session")
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let field = field.unwrap_or_else(|| panic!("no {name}: {page}"));
    field.split('"').next().unwrap_or_default().to_owned()
}
