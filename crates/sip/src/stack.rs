//! The stack on our sockets, and the way to a peer.

use crate::options::Options;
use crate::succession::Datagram;
use crate::transport::Transport;
use crate::wire::gate::Gate;
use crate::wire::tcp::Connections;
use crate::wire::udp::GuardedUdp;
use rsipstack::sip::uri::ParamsExt;
use rsipstack::sip::{Host, Request, SipMessage, StatusCodeKind, Uri};
use rsipstack::transaction::endpoint::{
    EndpointInnerRef, EndpointOption, TargetLocator, TransportEventInspector,
};
use rsipstack::transaction::key::{TransactionKey, TransactionRole};
use rsipstack::transaction::transaction::Transaction;
use rsipstack::transaction::{CallIdFormat, EndpointBuilder};
use rsipstack::transport::udp::UdpConnection;
use rsipstack::transport::{SipAddr, SipConnection, TransportEvent, TransportLayer};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// Time to resolve a host name.
const RESOLVE_TIME: Duration = Duration::from_secs(2);

/// Where the endpoint's datagrams come from: its socket, and who passes some on.
pub(crate) struct Datagrams {
    pub(crate) socket: UdpSocket,
    pub(crate) yielded: CancellationToken,
    pub(crate) passed_on: mpsc::Receiver<Datagram>,
}

pub(crate) async fn build(
    options: &Options,
    datagrams: Datagrams,
    gate: &Arc<Gate>,
    connections: &Arc<OnceLock<Weak<Connections>>>,
    stop: &CancellationToken,
) -> rsipstack::Result<rsipstack::transaction::Endpoint> {
    let layer = TransportLayer::new(stop.clone());
    let Datagrams { socket, yielded, passed_on } = datagrams;
    let socket = Arc::new(GuardedUdp::new(socket, gate.clone(), yielded, passed_on));
    let udp = UdpConnection::from_socket(socket, None, Some(stop.child_token())).await?;
    layer.add_transport(udp.into());
    let timers = EndpointOption {
        t1: options.t1,
        t2: options.t1 * 8,
        t4: options.t1 * 10,
        t1x64: options.t1 * 64,
        callid_format: CallIdFormat::Uuid,
        ..EndpointOption::default()
    };
    let endpoint = EndpointBuilder::new()
        .with_user_agent(&options.user_agent)
        .with_transport_layer(layer)
        .with_cancel_token(stop.clone())
        .with_option(timers)
        .with_target_locator(Box::new(Locator(connections.clone())))
        .with_transport_inspector(Box::new(NoStrangers))
        .build();
    Ok(endpoint)
}

/// Finds the way for requests within a dialog. Connections are ours, never the stack's, so that
/// everything read passes the gate.
struct Locator(Arc<OnceLock<Weak<Connections>>>);

#[async_trait::async_trait]
impl TargetLocator for Locator {
    async fn locate(&self, uri: &Uri) -> rsipstack::Result<SipAddr> {
        let unreachable = || rsipstack::Error::Error("peer is not reachable".to_owned());
        let (peer, transport) = resolve(uri).await.ok_or_else(unreachable)?;
        if transport == Transport::Udp {
            return Ok(SipAddr::new(rsipstack::sip::Transport::Udp, peer.into()));
        }
        let connections = self.0.get().and_then(Weak::upgrade).ok_or_else(unreachable)?;
        connections.ensure(peer).await.map_err(|_| unreachable())?;
        Ok(SipAddr::new(rsipstack::sip::Transport::Tcp, peer.into()))
    }
}

/// Drops what arrives on a connection that the stack opened itself: it has not passed the gate.
struct NoStrangers;

#[async_trait::async_trait]
impl TransportEventInspector for NoStrangers {
    async fn handle(&self, event: TransportEvent) -> Option<TransportEvent> {
        match &event {
            TransportEvent::Incoming(_, SipConnection::Udp(_) | SipConnection::Channel(_), _) => {
                Some(event)
            }
            TransportEvent::Incoming(_, _, _) => None,
            TransportEvent::New(_) | TransportEvent::Closed(_) => Some(event),
        }
    }
}

/// Address and transport of a URI; a host name is asked of the system.
pub(crate) async fn resolve(uri: &Uri) -> Option<(SocketAddr, Transport)> {
    let transport = match uri.transport() {
        None | Some(rsipstack::sip::Transport::Udp) => Transport::Udp,
        Some(rsipstack::sip::Transport::Tcp) => Transport::Tcp,
        Some(_) => return None,
    };
    let port = uri.host_with_port.port.map_or(5060, |port| port.value());
    let peer = match &uri.host_with_port.host {
        Host::IpAddr(ip) => SocketAddr::new(*ip, port),
        Host::Domain(name) => {
            let lookup = tokio::net::lookup_host((name.0.as_str(), port));
            tokio::time::timeout(RESOLVE_TIME, lookup).await.ok()?.ok()?.next()?
        }
    };
    Some((peer, transport))
}

/// Sends a request of ours that belongs to no dialog of the stack: the final status that it got, or
/// nothing where nobody answers.
pub(crate) async fn final_status(
    endpoint: &EndpointInnerRef,
    request: Request,
    to: SipAddr,
) -> Option<u16> {
    let key = TransactionKey::from_request(&request, TransactionRole::Client).ok()?;
    let mut transaction = Transaction::new_client(key, request, endpoint.clone(), None);
    transaction.destination = Some(to);
    transaction.send().await.ok()?;
    while let Some(message) = transaction.receive().await {
        if let SipMessage::Response(response) = message
            && response.status_code.kind() != StatusCodeKind::Provisional
        {
            return Some(response.status_code.code());
        }
    }
    None
}
