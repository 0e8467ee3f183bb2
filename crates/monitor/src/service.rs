//! `caruso.monitor.v1.Monitor`.

use std::time::Duration;

use caruso_api::monitor::v1 as proto;
use caruso_component::status;
use caruso_contact::Time;
use caruso_metrics::Period;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use prost_types::Timestamp;
use proto::monitor_server::Monitor;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Code, Request, Response, Status};

use crate::convert;
use crate::picture::{DAYS_KEPT, Known, Picture, kept_since, now};

/// Most rows of one report; they fit into one message.
pub const MAX_ROWS: usize = 10_000;
/// Threshold of the service level column.
const SERVICE_LEVEL_THRESHOLD: Duration = Duration::from_secs(20);

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

    async fn report_incoming_calls(
        &self,
        request: Request<proto::ReportIncomingCallsRequest>,
    ) -> Result<Response<proto::ReportIncomingCallsResponse>, Status> {
        let now = now();
        let proto::ReportIncomingCallsRequest { from, to, interval } = request.into_inner();
        let period = period(from, to, interval, now)?;
        let known = self.picture.lock();
        has_begun(&known)?;
        let rows = known.figures.incoming_calls(period, SERVICE_LEVEL_THRESHOLD, now);
        fit(rows.len())?;
        Ok(Response::new(proto::ReportIncomingCallsResponse {
            rows: rows.iter().map(|row| convert::row(&known, row)).collect(),
            service_level_threshold: Some(convert::duration(SERVICE_LEVEL_THRESHOLD)),
        }))
    }

    async fn report_outgoing_calls(
        &self,
        request: Request<proto::ReportOutgoingCallsRequest>,
    ) -> Result<Response<proto::ReportOutgoingCallsResponse>, Status> {
        let proto::ReportOutgoingCallsRequest { from, to, interval } = request.into_inner();
        let period = period(from, to, interval, now())?;
        let known = self.picture.lock();
        has_begun(&known)?;
        let rows = known.figures.outgoing_calls(period);
        fit(rows.len())?;
        Ok(Response::new(proto::ReportOutgoingCallsResponse {
            rows: rows.iter().map(|row| convert::outgoing_row(&known, row)).collect(),
        }))
    }
}

fn has_begun(known: &Known) -> Result<(), Status> {
    let words = "the monitor has not read the contact events yet";
    if known.has_begun { Ok(()) } else { Err(status(Code::Unavailable, "CL0102", words)) }
}

/// Whether so many rows fit into one answer.
fn fit(rows: usize) -> Result<(), Status> {
    if rows <= MAX_ROWS {
        return Ok(());
    }
    let words = format!("the report has {rows} rows; at most {MAX_ROWS}");
    Err(wrong_period(format!("{words} are possible, ask for a shorter period")))
}

fn period(
    from: Option<Timestamp>,
    to: Option<Timestamp>,
    interval: Option<prost_types::Duration>,
    now: Time,
) -> Result<Period, Status> {
    let moment = |at: Option<Timestamp>, name: &str| {
        let at = at.as_ref().and_then(convert::time);
        at.ok_or_else(|| wrong_period(format!("`{name}` must be a moment after 1970")))
    };
    let (from, to) = (moment(from, "from")?, moment(to, "to")?);
    let interval = interval.map(Duration::try_from).transpose();
    let interval = interval.map_err(|_| wrong_period("the interval is negative"))?;
    if from < kept_since(now) {
        let words = format!("the monitor knows the last {DAYS_KEPT} days; ask for a later period");
        return Err(wrong_period(words));
    }
    Period::new(from, to, interval).map_err(|error| wrong_period(error.to_string()))
}

fn wrong_period(words: impl Into<String>) -> Status {
    status(Code::InvalidArgument, "CL0101", words)
}
