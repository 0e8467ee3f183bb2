//! `caruso.telephony.v1.Telephone`: how it stands with trunks and phones.

use std::time::{Duration, UNIX_EPOCH};

use caruso_api::telephony::v1 as wire;
use caruso_component::status;
use caruso_contact::Time;
use caruso_sip::{Binding, Health, Transport, Trunk};
use tokio::time::Instant;
use tonic::{Code, Request, Response, Status};
use wire::telephone_server::Telephone;

use crate::convert::timestamp;
use crate::telephony::{Noted, View};

/// The service.
#[derive(Debug)]
pub(crate) struct TelephoneService {
    view: View,
}

impl TelephoneService {
    pub(crate) fn new(view: View) -> Self {
        Self { view }
    }
}

#[tonic::async_trait]
impl Telephone for TelephoneService {
    async fn describe(
        &self,
        _: Request<wire::DescribeRequest>,
    ) -> Result<Response<wire::DescribeResponse>, Status> {
        let View { address, trunks, registrations, counter } = &self.view;
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
    }
}
