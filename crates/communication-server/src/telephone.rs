//! `caruso.telephony.v1.Telephone`: how it stands with trunks and phones.

use std::time::{Duration, UNIX_EPOCH};

use caruso_api::telephony::v1 as wire;
use caruso_component::status;
use caruso_contact::Time;
use caruso_sip::{Binding, Health, Transport, Trunk, Tunnel, TunnelError};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Request, Response, Status, Streaming};
use tracing::info;
use wire::telephone_server::Telephone;

use crate::agents::{agent, stopping};
use crate::convert::timestamp;
use crate::domain::Handle;
use crate::telephony::{Noted, View};

/// Messages that wait for a slow reader.
const AHEAD: usize = 16;

/// The service.
#[derive(Debug)]
pub(crate) struct TelephoneService {
    view: View,
    owner: Handle,
}

impl TelephoneService {
    pub(crate) fn new(view: View, owner: Handle) -> Self {
        Self { view, owner }
    }
}

#[tonic::async_trait]
impl Telephone for TelephoneService {
    type ConnectStream = ReceiverStream<Result<wire::ConnectResponse, Status>>;

    async fn connect(
        &self,
        request: Request<Streaming<wire::ConnectRequest>>,
    ) -> Result<Response<Self::ConnectStream>, Status> {
        let agent = agent(&request)?;
        let extension = self.owner.extension(agent.clone()).await.map_err(stopping)?;
        let extension = extension.ok_or_else(|| {
            status(Code::FailedPrecondition, "CC0152", "you have no extension for a phone")
        })?;
        let tunnel = self.view.tunnels.open(&extension).await.map_err(|error| match error {
            TunnelError::Closed => Status::unavailable("another server takes phones now"),
            TunnelError::TooMany => {
                status(Code::ResourceExhausted, "CC0153", "too many phones are connected")
            }
        })?;
        info!(agent = %agent, extension, "a phone in a browser is connected");
        let (reader, messages) = mpsc::channel(AHEAD);
        tokio::spawn(carry(request.into_inner(), tunnel, reader));
        Ok(Response::new(ReceiverStream::new(messages)))
    }

    async fn describe(
        &self,
        _: Request<wire::DescribeRequest>,
    ) -> Result<Response<wire::DescribeResponse>, Status> {
        let View { address, trunks, registrations, counter, .. } = &self.view;
        let counts = counter.counts().ok_or_else(|| {
            status(Code::Unavailable, "CC0151", "the telephone side of this server has ended")
        })?;
        let registered = registrations.borrow().clone();
        let phones = registered.extensions().flat_map(|extension| {
            let newest_first = registered.bindings(extension).iter().rev();
            newest_first.map(|binding| phone(extension, binding)).collect::<Vec<_>>()
        });
        Ok(Response::new(wire::DescribeResponse {
            address: address.to_string(),
            trunks: trunks.all().map(|(it, noted)| trunk(it, noted)).collect(),
            phones: phones.collect(),
            legs: u32::try_from(counts.legs).unwrap_or(u32::MAX),
            subscriptions: u32::try_from(counts.subscriptions).unwrap_or(u32::MAX),
        }))
    }
}

/// Carries messages both ways until either side ends.
async fn carry(
    mut said: Streaming<wire::ConnectRequest>,
    tunnel: Tunnel,
    reader: mpsc::Sender<Result<wire::ConnectResponse, Status>>,
) {
    let Tunnel { into, mut out } = tunnel;
    let hear = async move {
        while let Ok(Some(wire::ConnectRequest { message })) = said.message().await {
            if into.send(message.into_bytes()).await.is_err() {
                return;
            }
        }
    };
    let tell = async move {
        while let Some(message) = out.recv().await {
            // what the stack writes is text
            let message = String::from_utf8_lossy(&message).into_owned();
            if reader.send(Ok(wire::ConnectResponse { message })).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = hear => {}
        () = tell => {}
    }
}

fn trunk(trunk: &Trunk, Noted { health, since }: Noted) -> wire::Trunk {
    let (state, status) = match health {
        Health::Unknown => (wire::TrunkState::Unknown, 0),
        Health::Up => (wire::TrunkState::Up, 0),
        Health::Unreachable => (wire::TrunkState::Unreachable, 0),
        Health::Refused(status) => (wire::TrunkState::Refused, status),
    };
    let since = since.duration_since(UNIX_EPOCH).unwrap_or_default();
    let since = Time::from_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX));
    wire::Trunk {
        server: trunk.server.clone(),
        transport: transport(trunk.transport).into(),
        registers: trunk.account.is_some(),
        state: state.into(),
        status: status.into(),
        since: Some(timestamp(since)),
    }
}

fn phone(extension: &str, binding: &Binding) -> wire::Phone {
    let left = binding.expires.saturating_duration_since(Instant::now().into());
    wire::Phone {
        extension: extension.to_owned(),
        contact: binding.contact.clone(),
        from: binding.destination.to_string(),
        transport: transport(binding.transport).into(),
        expires_in: prost_types::Duration::try_from(Duration::from_secs(left.as_secs())).ok(),
    }
}

fn transport(transport: Transport) -> wire::Transport {
    match transport {
        Transport::Udp => wire::Transport::Udp,
        Transport::Tcp => wire::Transport::Tcp,
        Transport::Web => wire::Transport::Web,
    }
}
