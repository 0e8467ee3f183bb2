//! Figures and lists: who sees which.

use caruso_api::contact::v1 as contact;
use caruso_api::desk::v1 as desk;
use caruso_api::monitor::v1 as monitor;
use tonic::Code;

use super::Stage;
use super::fake::lock;

#[tokio::test]
async fn figures_are_for_supervisors_and_old_ones_are_marked() {
    let stage = Stage::start().await;
    let mut anna = stage.log_in("anna").await;
    let report = || {
        let query = monitor::ReportQuery {
            report: "waiting".to_owned(),
            first: "2026-10-25".to_owned(),
            ..Default::default()
        };
        desk::RunReportRequest { query: Some(query) }
    };
    let refused = anna.wire.run_report(anna.request(report())).await;
    assert_eq!(refused.expect_err("an agent").code(), Code::PermissionDenied);
    let refused = anna.wire.export_report(anna.request(Default::default())).await;
    assert_eq!(refused.expect_err("an agent").code(), Code::PermissionDenied);

    let mut sofie = stage.log_in("sofie").await;
    let listed = sofie.wire.list_reports(sofie.request(desk::ListReportsRequest {})).await;
    let listed = listed.expect("a list").into_inner().reports.expect("of the monitor");
    assert_eq!(listed.reports[0].id, "waiting");
    let table = sofie.wire.run_report(sofie.request(report())).await.expect("a report");
    assert_eq!(table.into_inner().table.expect("a table").report, "waiting");
    let of =
        monitor::ListReportContactsRequest { column: "offered".to_owned(), ..Default::default() };
    let request = sofie.request(desk::ListReportContactsRequest { of: Some(of) });
    let contacts = sofie.wire.list_report_contacts(request).await.expect("contacts");
    assert_eq!(contacts.into_inner().contacts.expect("a list").count, 3);
    let of = monitor::ExportReportRequest { format: "csv".to_owned(), ..Default::default() };
    let request = sofie.request(desk::ExportReportRequest { of: Some(of) });
    let file = sofie.wire.export_report(request).await.expect("a file").into_inner();
    assert_eq!(file.file.expect("a file").content, b"a,b\r\n");
    let told = stage.world.told();
    for what in [
        "lists reports",
        "reads waiting of 2026-10-25",
        "asks who is behind offered",
        "exports csv",
    ] {
        assert!(told.contains(&format!("sofie {what}")), "{what}: {told:?}");
    }

    let request = sofie.request(desk::WatchStatusRequest {});
    let mut stream = sofie.wire.watch_status(request).await.expect("a status").into_inner();
    let mut read = async || stream.message().await.expect("live").expect("no end").status;
    let first = read().await.expect("figures");
    assert_eq!((first.position, first.is_stale), (7, false));
    let second = read().await.expect("the same, marked");
    assert_eq!((second.position, second.is_stale), (7, true));
}

#[tokio::test]
async fn an_agent_lists_own_contacts_only() {
    let stage = Stage::start().await;
    let by = |agent: &str| contact::Contact { agent: agent.to_owned(), ..Default::default() };
    lock(&stage.world.contacts).extend([by("anna"), by("bram")]);
    for (user, expected) in [("anna", 1), ("sofie", 2)] {
        let mut browser = stage.log_in(user).await;
        let listed =
            browser.wire.list_contacts(browser.request(desk::ListContactsRequest::default())).await;
        let listed = listed.expect("a list").into_inner();
        assert_eq!(listed.contacts.len(), expected, "{user}");
        assert_eq!(listed.agent_names["anna"], "Anna de Vries");
        // the fake has every contact that is asked for, and nobody handled it
        let contact_id = "older".to_owned();
        let request = browser.request(desk::ListContactsRequest { contact_id });
        let listed = browser.wire.list_contacts(request).await.expect("a list").into_inner();
        let is_there = listed.contacts.iter().any(|it| it.contact_id == "older");
        assert_eq!(is_there, user == "sofie", "{user}");
    }
}
