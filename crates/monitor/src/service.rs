//! `caruso.monitor.v1.Monitor`.

use caruso_api::monitor::v1 as proto;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use proto::monitor_server::Monitor;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Request, Response, Status};

use crate::picture::{Picture, now};
use crate::reports;

/// The gRPC service.
#[derive(Clone, Debug)]
pub(crate) struct Service {
    pub(crate) picture: Picture,
    pub(crate) watchers: watch::Receiver<proto::WatchStatusResponse>,
}

#[tonic::async_trait]
impl Monitor for Service {
    type WatchStatusStream = BoxStream<'static, Result<proto::WatchStatusResponse, Status>>;

    async fn watch_status(
        &self,
        _: Request<proto::WatchStatusRequest>,
    ) -> Result<Response<Self::WatchStatusStream>, Status> {
        let stream = WatchStream::new(self.watchers.clone());
        Ok(Response::new(stream.map(Ok).boxed()))
    }

    async fn list_reports(
        &self,
        _: Request<proto::ListReportsRequest>,
    ) -> Result<Response<proto::ListReportsResponse>, Status> {
        Ok(Response::new(reports::listed(&self.picture.lock())))
    }

    async fn run_report(
        &self,
        request: Request<proto::RunReportRequest>,
    ) -> Result<Response<proto::RunReportResponse>, Status> {
        let known = self.picture.lock();
        let plan = reports::plan(&known, request.get_ref().query.as_ref(), now())?;
        let table = reports::table(&known, &plan)?;
        drop(known);
        let table = Some(reports::told(&plan, &table));
        Ok(Response::new(proto::RunReportResponse { table }))
    }

    async fn list_report_contacts(
        &self,
        request: Request<proto::ListReportContactsRequest>,
    ) -> Result<Response<proto::ListReportContactsResponse>, Status> {
        let request = request.into_inner();
        let known = self.picture.lock();
        let plan = reports::plan(&known, request.query.as_ref(), now())?;
        let cell = reports::cell(&request);
        if !plan.definition.columns.iter().any(|it| it.id == cell.column) {
            return Err(reports::wrong_word("column", &cell.column));
        }
        let (contacts, count) = plan.contacts(&known.figures, &cell);
        Ok(Response::new(proto::ListReportContactsResponse {
            contacts: reports::behind(&known, &contacts),
            count: u32::try_from(count).unwrap_or(u32::MAX),
        }))
    }

    async fn export_report(
        &self,
        request: Request<proto::ExportReportRequest>,
    ) -> Result<Response<proto::ExportReportResponse>, Status> {
        let request = request.into_inner();
        let known = self.picture.lock();
        let plan = reports::plan(&known, request.query.as_ref(), now())?;
        let table = reports::table(&known, &plan)?;
        drop(known);
        Ok(Response::new(reports::file(&table, &request.format)?))
    }
}
