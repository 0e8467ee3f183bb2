//! The monitor, which has one report.

use super::*;

#[tonic::async_trait]
impl Monitor for Peer {
    type WatchStatusStream = Answers<monitor::WatchStatusResponse>;

    async fn watch_status(
        &self,
        _: Request<monitor::WatchStatusRequest>,
    ) -> Answer<Self::WatchStatusStream> {
        let first = monitor::WatchStatusResponse { position: 7, ..Default::default() };
        let then_breaks = Err(Status::unavailable("the monitor restarts"));
        Ok(Response::new(Box::pin(futures::stream::iter([Ok(first), then_breaks]))))
    }

    async fn list_reports(
        &self,
        request: Request<monitor::ListReportsRequest>,
    ) -> Answer<monitor::ListReportsResponse> {
        self.0.note(&request, "lists reports".to_owned());
        let report = monitor::Report { id: "waiting".to_owned(), ..Default::default() };
        Ok(Response::new(monitor::ListReportsResponse {
            reports: vec![report],
            ..Default::default()
        }))
    }

    async fn run_report(
        &self,
        request: Request<monitor::RunReportRequest>,
    ) -> Answer<monitor::RunReportResponse> {
        let query = request.get_ref().query.clone().unwrap_or_default();
        self.0.note(&request, format!("reads {} of {}", query.report, query.first));
        let table = monitor::ReportTable { report: query.report, ..Default::default() };
        Ok(Response::new(monitor::RunReportResponse { table: Some(table) }))
    }

    async fn list_report_contacts(
        &self,
        request: Request<monitor::ListReportContactsRequest>,
    ) -> Answer<monitor::ListReportContactsResponse> {
        let column = request.get_ref().column.clone();
        self.0.note(&request, format!("asks who is behind {column}"));
        Ok(Response::new(monitor::ListReportContactsResponse { count: 3, ..Default::default() }))
    }

    async fn export_report(
        &self,
        request: Request<monitor::ExportReportRequest>,
    ) -> Answer<monitor::ExportReportResponse> {
        let format = request.get_ref().format.clone();
        self.0.note(&request, format!("exports {format}"));
        Ok(Response::new(monitor::ExportReportResponse {
            content: b"a,b\r\n".to_vec(),
            ..Default::default()
        }))
    }
}
