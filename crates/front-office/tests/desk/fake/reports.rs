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

    async fn report_incoming_calls(
        &self,
        request: Request<monitor::ReportIncomingCallsRequest>,
    ) -> Answer<monitor::ReportIncomingCallsResponse> {
        let monitor::ReportIncomingCallsRequest { from, to, interval } = request.get_ref();
        let seconds = |at: &Option<Timestamp>| at.as_ref().map_or(0, |at| at.seconds);
        let interval = interval.as_ref().map_or(0, |interval| interval.seconds);
        let what = format!("reports {} s by {interval} s", seconds(to) - seconds(from));
        self.0.note(&request, what);
        Ok(Response::new(monitor::ReportIncomingCallsResponse::default()))
    }

    async fn report_outgoing_calls(
        &self,
        _: Request<monitor::ReportOutgoingCallsRequest>,
    ) -> Answer<monitor::ReportOutgoingCallsResponse> {
        Err(Status::unimplemented("nobody asks here"))
    }
}
