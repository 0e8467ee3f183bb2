//! Reports of a real log, asked as the contract has it.

use caruso_api::monitor::v1 as proto;
use proto::monitor_server::Monitor as _;
use tonic::{Code, Request, Status};

use super::company::Company;
use super::log::Log;
use super::{has_titles, queue, until};
use crate::service::Service;

fn query(report: &str) -> proto::ReportQuery {
    proto::ReportQuery { report: report.to_owned(), ..Default::default() }
}

async fn run(service: &Service, query: proto::ReportQuery) -> Result<proto::ReportTable, Status> {
    let request = Request::new(proto::RunReportRequest { query: Some(query) });
    let answer = service.run_report(request).await?.into_inner();
    Ok(answer.table.expect("a table"))
}

/// The numbers of a row, by column.
fn number(table: &proto::ReportTable, row: &proto::ReportRow, column: &str) -> Option<u64> {
    let index = table.columns.iter().position(|it| it.id == column).expect("a column");
    row.values[index].number
}

async fn code(refused: Result<proto::ReportTable, Status>) -> (Code, String) {
    let refused = refused.expect_err("not possible");
    let code = caruso_component::code_of(&refused).expect("with a code");
    (refused.code(), code)
}

/// 90 contacts: a third waits or is abandoned, the rest is answered after an offer in vain.
fn busy_day(log: &Log) -> [u64; 3] {
    log.agent_ready("anna", &["faults"]);
    let (mut answered, mut abandoned, mut waiting) = (0, 0, 0);
    for number in 0..90 {
        let contact = log.arrive("0612345678");
        log.enter(contact, "faults");
        match number % 4 {
            0 => waiting += 1,
            1 => {
                log.abandon(contact);
                abandoned += 1;
            }
            _ => {
                log.offer(contact, "anna");
                log.no_answer(contact);
                log.offer(contact, "anna");
                log.connect(contact);
                log.finish(contact);
                answered += 1;
            }
        }
    }
    [answered, abandoned, waiting]
}

#[tokio::test]
async fn a_report_its_files_its_contacts_and_the_live_status_agree() {
    let company = Company::start().await;
    let service = company.monitor().await;
    let log = Log::default();
    let [answered, abandoned, waiting] = busy_day(&log);
    let _server = company.communication_server(&log).await;
    let is_whole =
        |status: &proto::WatchStatusResponse| status.position == log.length() && has_titles(status);
    let status = until(&service, "the whole log", is_whole).await;
    // the last day of which the log tells and the one before, whenever this runs
    let mut asked = query("incoming-calls");
    let today = jiff::Timestamp::now().in_tz("Europe/Amsterdam").expect("a zone").date();
    asked.first = today.yesterday().expect("a day").to_string();
    asked.last = today.tomorrow().expect("a day").to_string();
    let table = run(&service, asked.clone()).await.expect("a good period");
    let [row] = &table.rows[..] else { panic!("one queue, one interval: {:?}", table.rows) };
    assert_eq!(row.groups[0].title, "Faults");
    let is = |column| number(&table, row, column).expect("a number");
    assert_eq!(is("offered"), 90);
    assert_eq!(
        [is("answered"), is("abandoned"), is("still-waiting")],
        [answered, abandoned, waiting]
    );
    assert_eq!(is("ASA"), 4, "milliseconds");
    let faults = queue(&status, "faults");
    assert_eq!(u64::from(faults.waiting), is("still-waiting"));
    let exported = |format: &str| proto::ExportReportRequest {
        query: Some(asked.clone()),
        format: format.to_owned(),
    };
    let csv = service.export_report(Request::new(exported("csv"))).await.expect("a file");
    let csv = csv.into_inner();
    let text = String::from_utf8(csv.content).expect("UTF-8");
    let start = format!("Faults,90,{answered},{abandoned},0,{waiting},");
    assert!(text.lines().any(|line| line.starts_with(&start)), "{text}");
    assert!(csv.file_name.starts_with("incoming-calls-") && csv.file_name.ends_with(".csv"));
    for column in ["offered", "answered", "abandoned", "still-waiting"] {
        let request = proto::ListReportContactsRequest {
            query: Some(asked.clone()),
            column: column.to_owned(),
            interval: Some(row.interval),
            groups: row.groups.iter().map(|it| it.id.clone()).collect(),
        };
        let listed = service.list_report_contacts(Request::new(request)).await.expect("a list");
        let listed = listed.into_inner();
        assert_eq!(u64::from(listed.count), is(column));
        assert_eq!(listed.contacts.len() as u64, is(column));
    }
}

#[tokio::test]
async fn a_report_needs_a_period_that_can_be_and_a_log_that_was_read() {
    let company = Company::start().await;
    let service = company.monitor().await;
    let unread = code(run(&service, query("waiting")).await).await;
    assert_eq!(unread, (Code::Unavailable, "CL0102".to_owned()));
    let log = Log::default();
    let waits = log.arrive("0612345678");
    log.enter(waits, "faults");
    let _server = company.communication_server(&log).await;
    let is_whole =
        |status: &proto::WatchStatusResponse| status.position == log.length() && has_titles(status);
    until(&service, "the log and the release", is_whole).await;

    let with = |change: fn(&mut proto::ReportQuery)| {
        let mut query = query("waiting");
        change(&mut query);
        query
    };
    let none = code(run(&service, query("no-such")).await).await;
    assert_eq!(none, (Code::NotFound, "CL0103".to_owned()));
    let periods: [fn(&mut proto::ReportQuery); 4] = [
        |it| it.first = "yesterday".to_owned(),
        |it| (it.first, it.last) = ("2026-03-02".to_owned(), "2026-03-01".to_owned()),
        |it| it.first = "2020-01-01".to_owned(),
        |it| it.first = "9999-12-31".to_owned(),
    ];
    for change in periods {
        let refused = code(run(&service, with(change)).await).await;
        assert_eq!(refused, (Code::InvalidArgument, "CL0101".to_owned()));
    }
    let words: [fn(&mut proto::ReportQuery); 5] = [
        |it| it.interval = "2h".to_owned(),
        |it| it.by = "colour".to_owned(),
        |it| it.compare = "never".to_owned(),
        |it| it.service_level = "offered".to_owned(),
        |it| it.within = Some(prost_types::Duration { seconds: -1, nanos: 0 }),
    ];
    for change in words {
        let refused = code(run(&service, with(change)).await).await;
        assert_eq!(refused, (Code::InvalidArgument, "CL0104".to_owned()));
    }
    let request =
        proto::ListReportContactsRequest { query: Some(query("waiting")), ..Default::default() };
    let refused = service.list_report_contacts(Request::new(request)).await;
    assert_eq!(refused.expect_err("no column").code(), Code::InvalidArgument);
}

#[tokio::test]
async fn the_reports_of_the_release_are_listed_with_what_can_be_chosen() {
    let company = Company::start().await;
    let service = company.monitor().await;
    until(&service, "the release", has_titles).await;
    let listed = service.list_reports(Request::new(proto::ListReportsRequest {})).await;
    let listed = listed.expect("a list").into_inner();
    let availability = listed.reports.iter().find(|it| it.id == "agent-availability");
    let availability = availability.expect("everybody has it");
    assert_eq!(availability.dimensions, ["agent", "team"]);
    assert_eq!(availability.title, "Agent availability");
    assert_eq!(listed.service_levels.len(), 7);
    assert!(listed.queues.iter().any(|it| it.title == "Moving house"));
    let titles: Vec<&String> = listed.reports.iter().map(|it| &it.title).collect();
    assert!(titles.is_sorted(), "{titles:?}");
}
