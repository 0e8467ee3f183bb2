//! `caruso.monitor.v1.Monitor`.

use std::time::Duration;

use caruso_api::monitor::v1 as proto;
use caruso_component::status;
use caruso_contact::Time;
use caruso_metrics::Period;
use futures::StreamExt as _;
use futures::stream::BoxStream;
use proto::monitor_server::Monitor;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tonic::{Code, Request, Response, Status};

use crate::convert;
use crate::picture::{DAYS_KEPT, Picture, kept_since, now};

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
        let period = period(request.get_ref(), now)?;
        let known = self.picture.lock();
        if !known.has_begun {
            let words = "the monitor has not read the contact events yet";
            return Err(status(Code::Unavailable, "CL0102", words));
        }
        let rows = known.figures.incoming_calls(period, SERVICE_LEVEL_THRESHOLD, now);
        if rows.len() > MAX_ROWS {
            let words = format!("the report has {} rows; at most {MAX_ROWS}", rows.len());
            return Err(wrong_period(format!("{words} are possible, ask for a shorter period")));
        }
        Ok(Response::new(proto::ReportIncomingCallsResponse {
            rows: rows.iter().map(|row| convert::row(&known, row)).collect(),
            service_level_threshold: Some(convert::duration(SERVICE_LEVEL_THRESHOLD)),
        }))
    }
}

fn period(request: &proto::ReportIncomingCallsRequest, now: Time) -> Result<Period, Status> {
    let moment = |at: &Option<prost_types::Timestamp>, name: &str| {
        let at = at.as_ref().and_then(convert::time);
        at.ok_or_else(|| wrong_period(format!("`{name}` must be a moment after 1970")))
    };
    let (from, to) = (moment(&request.from, "from")?, moment(&request.to, "to")?);
    let interval = request.interval.map(Duration::try_from).transpose();
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
