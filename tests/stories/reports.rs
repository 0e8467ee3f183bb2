//! Calls are made, and every form of a report says the same of them: the screen, its file, the
//! command, the contacts behind each figure, and the live status.

use caruso_api::contact::v1::AgentState;
use caruso_api::monitor::v1 as monitor;
use caruso_tests::{Copy, Desk, Installation, Phone, Plan, State};
use serde_json::Value;

use crate::preferred::moves;

/// A report of the company's own, and one that it has from everybody and changes.
const OWN: &str = r#"<!DOCTYPE report SYSTEM "report.dtd">
<report id="own" by="queue channel"><title language="en">Our own</title>
<column figure="offered"/><column id="fast" figure="answered-within" within="2m"/>
</report>"#;
const CHANGED: &str = r#"<!DOCTYPE report-overlay SYSTEM "report.dtd">
<report-overlay report="incoming-calls" service-level="SL-negative" within="2m">
<without column="promises-kept"/><without column="max-wait"/>
<column figure="answer-rate"/></report-overlay>"#;

async fn installed() -> (Copy, Installation) {
    let copy = Copy::new();
    let folder = copy.path().join("reports");
    std::fs::create_dir_all(&folder).expect("writable");
    std::fs::write(folder.join("own.xml"), OWN).expect("writable");
    std::fs::write(folder.join("incoming.xml"), CHANGED).expect("writable");
    let plan = Plan { application: copy.path().to_owned(), ..Plan::default() };
    let system = Installation::up(plan).await;
    (copy, system)
}

/// One customer is answered, one hangs up waiting, and one waits; both telephones are there as long
/// as what is given back.
async fn three_calls(system: &Installation, sofie: &mut Desk) -> [Phone; 2] {
    let phone = Phone::register(system.sip, "101", "phone-101").await.expect("her secret");
    let mut anna = Desk::log_in(&system.http, "anna").await;
    anna.become_ready().await;
    let status = sofie.status();
    let answered = moves(system, "0612345678").await;
    phone.until("it rings", |state| matches!(state, State::Ringing(_))).await;
    phone.answer();
    anna.until_state(AgentState::Talking).await;
    status.until_waiting("moving", 0).await;
    let gone = moves(system, "0687654321").await;
    status.until_waiting("moving", 1).await;
    gone.hang_up();
    status.until_waiting("moving", 0).await;
    let waits = moves(system, "0611111111").await;
    status.until_waiting("moving", 1).await;
    answered.hang_up();
    let contact = anna.until_state(AgentState::WrapUp).await;
    anna.dispose(&contact.contact_id, "move-recorded").await;
    // she is offered the one who waits, and does not answer
    phone.until("it rings", |state| matches!(state, State::Ringing(_))).await;
    [phone, waits]
}

fn number(table: &monitor::ReportTable, row: &monitor::ReportRow, column: &str) -> u64 {
    let index = table.columns.iter().position(|it| it.id == column).expect("a column");
    row.values[index].number.expect("a number")
}

/// The table in its JSON form has the texts' numbers.
fn is_same(table: &monitor::ReportTable, document: &Value) {
    assert_eq!(document["rows"].as_array().map(Vec::len), Some(table.rows.len()));
    for (row, told) in table.rows.iter().zip(document["rows"].as_array().expect("rows")) {
        for (column, value) in table.columns.iter().zip(&row.values) {
            let told = &told["figures"][&column.id];
            match value.number {
                None => assert!(told.is_null(), "{}: {told}", column.id),
                Some(number) => {
                    let shown = match column.unit.as_str() {
                        "s" => ((number + 500) / 1000).to_string(),
                        "%" => format!("{}.{}", number / 10, number % 10),
                        _ => number.to_string(),
                    };
                    assert_eq!(told.to_string(), shown, "{}", column.id);
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn screen_file_command_contacts_and_live_status_agree() {
    let (_copy, system) = installed().await;
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    let phones = three_calls(&system, &mut sofie).await;
    let table = sofie.table("incoming-calls").await;
    let [row] = &table.rows[..] else { panic!("one queue: {:?}", table.rows) };
    let is = |column: &str| number(&table, row, column);
    assert_eq!(is("offered"), 3);
    let outcomes = ["answered", "abandoned", "flowed-out", "still-waiting"];
    assert_eq!(outcomes.map(is).iter().sum::<u64>(), 3, "nothing is lost");
    assert_eq!([is("answered"), is("abandoned")], [1, 1]);
    // as the overlay has it
    assert_eq!(table.service_level, "SL-negative");
    assert_eq!((is("service-level"), is("answer-rate")), (500, 333));
    assert!(!table.columns.iter().any(|it| it.id == "promises-kept"));

    let printed = system.run(&["report", "incoming-calls", "--format", "json"]);
    let document: Value = serde_json::from_slice(&printed.stdout).expect("a document");
    is_same(&table, &document);
    let csv = sofie.exported("incoming-calls", "csv").await;
    let printed = system.run(&["report", "incoming-calls", "--format", "csv"]);
    assert_eq!(String::from_utf8_lossy(&csv), String::from_utf8_lossy(&printed.stdout));
    let line = String::from_utf8_lossy(&csv).lines().nth(1).map(str::to_owned);
    let waits = is("still-waiting");
    let start = format!("Moving house,3,1,1,{},{waits},50.0,", is("flowed-out"));
    assert!(line.as_ref().is_some_and(|it| it.starts_with(&start)), "{line:?}, not {start}");

    let contacts = sofie.contacts().await;
    for column in ["offered", "answered", "abandoned"] {
        let behind = sofie.behind("incoming-calls", column).await;
        assert_eq!(u64::from(behind.count), is(column), "{column}");
        for contact in &behind.contacts {
            assert!(contacts.iter().any(|it| it.contact_id == contact.contact_id));
        }
    }
    let answered = sofie.behind("incoming-calls", "answered").await;
    assert_eq!(answered.contacts[0].agent_name, "Anna de Vries");
    let own = sofie.table("own").await;
    assert_eq!((own.title.as_str(), number(&own, &own.rows[0], "offered")), ("Our own", 3));
    let times = sofie.table("agent-availability").await;
    let anna = times.rows.iter().find(|it| it.groups[0].id == "anna").expect("she worked");
    assert!(number(&times, anna, "talking-time") > 0);
    drop(phones);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_lists_reports_writes_files_and_says_what_is_wrong() {
    let (_copy, system) = installed().await;
    let listed = system.run(&["report", "--format", "json"]);
    let listed: Value = serde_json::from_slice(&listed.stdout).expect("a document");
    let ids: Vec<&str> = listed["reports"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|it| it["id"].as_str())
        .collect();
    assert!(ids.contains(&"own") && ids.contains(&"agent-availability"), "{ids:?}");
    for (format, start) in [("xlsx", &b"PK"[..]), ("pdf", b"%PDF-"), ("csv", b"Queue,")] {
        let file = system.data().join(format!("report.{format}"));
        let name = file.to_str().expect("a path");
        let done = system.run(&[
            "report",
            "waiting",
            "--interval",
            "none",
            "--format",
            format,
            "--output",
            name,
        ]);
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let content = std::fs::read(&file).expect("it was written");
        assert!(content.starts_with(start), "{format}");
    }
    let wrong = [
        (&["report", "no-such"][..], "CL0103"),
        (&["report", "waiting", "--by", "colour"], "CL0104"),
        (&["report", "waiting", "--from", "2020-01-01"], "CL0101"),
    ];
    for (arguments, code) in wrong {
        let refused = system.run(arguments);
        let said = String::from_utf8_lossy(&refused.stderr).into_owned();
        assert!(refused.status.code() == Some(1) && said.contains(code), "{said}");
    }
    let usage = system.run(&["contacts", "list", "--format", "csv"]);
    assert_eq!(usage.status.code(), Some(2));
    let mut sofie = Desk::log_in(&system.http, "sofie").await;
    assert_eq!(sofie.reports().await, ids);
}
