//! A caller is known by the number that they type, and asked about each of their connections by
//! keys. By messages the same script comes to the same.

use caruso_api::script::v1::message_dialogue_client::MessageDialogueClient;
use caruso_api::script::v1::script_engine_client::ScriptEngineClient;
use caruso_api::script::v1::{
    BeginRequest, Channel, Happening, HistoryRequest, ReplyRequest, StartRequest, turn,
};
use caruso_component::permissions::names::{COMMAND_LINE, COMMUNICATION_SERVER};
use caruso_component::{Component, InterfaceChannel};
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State, sound, until};
use tokio_util::sync::CancellationToken;

const READINGS: &str = "0305550101";
/// Nobody's: who calls is known by what they type.
const CALLING: &str = "0687654321";
const NOTES: &str = r#"SELECT "KLANTNR", "NOTITIE" FROM "KLANTCONTACT" WHERE "KANAAL" = ?"#;

/// Asks for the number, has the connections asked about, and then whatever else there is.
const SCRIPT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="readings" version="1.0.0" language="en" channels="ivr message" start="phone">
  <title>Readings</title>
  <ask id="phone" type="phone">
    <say>Under which telephone number do we know you?</say>
    <next to="theirs"/>
  </ask>
  <call id="theirs" script="readings-of"><with name="number" value="phone"/>
    <next when="theirs.outcome eq 'noted'" to="others"/>
    <next to="stranger"/>
  </call>
  <roster id="others" each="other" max="3" start="meter">
    <row>Meter <v of="other"/></row>
    <ask id="meter" type="digits" min="4" max="6">
      <say>What is the number of another meter in your house?</say>
      <next to="more"/>
    </ask>
    <another id="more"><say>Is there one more meter?</say></another>
    <next to="thanks"/>
  </roster>
  <end id="thanks" outcome="noted">
    <say>Thank you for <v of="theirs.count.or(0)"/> readings and
      <v of="others.size()"/> numbers.</say>
  </end>
  <end id="stranger" outcome="unknown"><say>We do not know this number.</say></end>
</script>
"#;

/// Reads whose number it is, and asks about each of their connections.
const CALLED: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE script SYSTEM "dialogue-script.dtd">
<script id="readings-of" version="1.0.0" language="en" channels="ivr message" start="known">
  <title>Readings of a customer</title>
  <input name="number" required="yes"/>
  <find name="customer" class="Customer" number="number"/>
  <related name="connections" class="Connection" attribute="customer" to="customer"/>
  <decide id="known">
    <next when="has(customer) and connections.size() gt 0" to="each_one"/>
    <next to="nobody"/>
  </decide>
  <roster id="each_one" each="connection" from="connections" start="value">
    <row><v of="connection.medium"/></row>
    <ask id="value" type="decimal" min="0" max="9999999">
      <say>What does your meter for <v of="connection.medium"/> say?</say>
      <next to="note"/>
    </ask>
    <do id="note">
      <create name="noted" class="Interaction" undo="keep">
        <title>Reading</title>
        <set name="customer" value="customer"/>
        <set name="channel" value="'rows'"/>
        <set name="started_at" value="now"/>
        <set name="topic" value="'reading'"/>
        <set name="note" value="connection.ean + ' reads ' + string(value)"/>
      </create>
      <next to="each_one"/>
    </do>
    <next to="done"/>
  </roster>
  <end id="done" outcome="noted"><result name="count" value="each_one.size()"/></end>
  <end id="nobody" outcome="unknown"/>
</script>
"#;

/// The connections of Eva de Vries.
const CONNECTIONS: [&str; 2] = ["871687100041000645", "871687100041000874"];

/// Each step, its row, its answer, the keys and the words that mean it.
const ANSWERS: [(&str, &str, &str, &str, &str); 7] = [
    ("phone", "", "+31612345678", "0612345678#", "06 12 34 56 78"),
    ("theirs/value", CONNECTIONS[0], "1234.5", "1234*5#", "1234.5"),
    ("theirs/value", CONNECTIONS[1], "77", "77#", "77"),
    ("meter", "1", "4711", "4711#", "4711"),
    ("more", "1", "true", "1", "yes"),
    ("meter", "2", "0815", "0815#", "0815"),
    ("more", "2", "false", "2", "no"),
];

fn example() -> Copy {
    let copy = Copy::new();
    copy.add("scripts/readings.xml", SCRIPT);
    copy.add("scripts/readings-of.xml", CALLED);
    let number = format!("<number called=\"{READINGS}\" script=\"readings\" fallback=\"faults\"/>");
    copy.replace("routing.xml", "<outbound ", &format!("{number}<outbound "));
    copy
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_is_known_by_what_they_type_and_asked_about_each_row() {
    let is_there = std::process::Command::new("espeak-ng").arg("--version").output().is_ok();
    if !is_there {
        return println!("left out: espeak-ng is not installed");
    }
    let example = example();
    let plan = Plan { application: example.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    let gateway = joined(&system, COMMUNICATION_SERVER).await;
    let sessions = [by_telephone(&system, &gateway).await, by_messages(&gateway).await];
    let reader = joined(&system, COMMAND_LINE).await;
    let mut engine = ScriptEngineClient::new(reader.caller("caruso.script.v1.ScriptEngine"));
    let expected = ANSWERS.map(|(step, row, value, ..)| [step, row, value].map(str::to_owned));
    for session in &sessions {
        let happenings = history(&mut engine, session).await;
        let of_kind = |kind: &'static str| happenings.iter().filter(move |it| it.kind == kind);
        let answered = of_kind("script.answered");
        let answered: Vec<[String; 3]> =
            answered.map(|it| [it.step.clone(), it.row.clone(), it.value.clone()]).collect();
        assert_eq!(answered, expected);
        let ended: Vec<&str> = of_kind("script.ended").map(|it| it.value.as_str()).collect();
        assert_eq!(ended, ["noted"]);
        assert_eq!(of_kind("script.data-read").count(), 2, "who it is, and what is theirs");
    }
    let mut records = system.records().await;
    let mut notes = records.rows(NOTES, "rows").await;
    notes.sort();
    let note = |at: usize, reads: &str| {
        vec!["100001".to_owned(), format!("{} reads {reads}", CONNECTIONS[at])]
    };
    let once = [note(0, "1234.5"), note(1, "77")];
    let twice: Vec<Vec<String>> = once.into_iter().flat_map(|it| [it.clone(), it]).collect();
    assert_eq!(notes, twice);
}

async fn joined(system: &Installation, name: &str) -> Component {
    let joined = Component::join(system.options(), name, CancellationToken::new()).await;
    joined.expect("everybody may join")
}

/// What happened in a session, once its two actions were carried out.
async fn history(
    engine: &mut ScriptEngineClient<InterfaceChannel>,
    session: &str,
) -> Vec<Happening> {
    let request =
        HistoryRequest { session_id: session.to_owned(), page_size: 500, ..Default::default() };
    until(&format!("the actions of {session} are carried out"), async || {
        let history = engine.clone().history(request.clone()).await.expect("it may be read");
        let happenings = history.into_inner().happenings;
        let confirmed = happenings.iter().filter(|it| it.kind == "script.action-confirmed");
        (confirmed.count() == 2).then_some(happenings)
    })
    .await
}

/// A customer listens and presses keys; the session of the call.
async fn by_telephone(system: &Installation, gateway: &Component) -> String {
    let customer = Phone::open(system.sip.ip()).await;
    customer.call(system.sip, READINGS, CALLING);
    let mut heard = 0;
    for (step, row, _, keys, _) in ANSWERS {
        until(&format!("{step} {row} is heard"), async || {
            (sound::audible_seconds(&customer.heard()[heard..]) > 1.0).then_some(())
        })
        .await;
        keys.chars().for_each(|key| customer.press(key));
        heard = customer.heard().len();
    }
    customer.until("over", |state| matches!(state, State::Ended(_))).await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let contacts = sofie.contacts().await;
    let contact = contacts.iter().find(|it| it.agent.is_empty()).expect("it reached no agent");
    // the same request again gives the session that it began
    let request = StartRequest {
        request_id: format!("ivr-{}", contact.contact_id),
        script: "readings".to_owned(),
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
        BeginRequest { request_id: "m0".into(), script: "readings".into(), ..Default::default() };
    let begun = dialogue.begin(request).await.expect("it begins").into_inner();
    let mut turn = begun.turn;
    for (number, (step, _, _, _, text)) in ANSWERS.into_iter().enumerate() {
        let message_id = format!("m{}", number + 1);
        let session_id = begun.session_id.clone();
        let request = ReplyRequest { session_id, message_id, text: text.to_owned() };
        let replied = dialogue.reply(request).await.unwrap_or_else(|it| panic!("{step}: {it}"));
        turn = replied.into_inner().turn;
    }
    let end = turn.expect("a turn").state;
    assert!(matches!(&end, Some(turn::State::End(end)) if end.outcome == "noted"), "{end:?}");
    begun.session_id
}
