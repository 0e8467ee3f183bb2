//! A server, a caller on its trunk, and a phone, on loopback with short timers.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub(crate) mod peer;

use caruso_sip::sdp::{Codec, Local, Negotiated};
use caruso_sip::{
    Account, Algorithm, Call, Caller, Counts, Credentials, Ended, Endpoint, Incoming, Leg,
    LegEvent, LegEvents, Limits, Options, Secret, Target, Transport,
};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;

/// How long anything may take; a test that needs this long has failed.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);
pub(crate) const HOUR: Duration = Duration::from_secs(3600);
/// T1 of the tests: all timers of SIP run 25 times as fast.
pub(crate) const T1: Duration = Duration::from_millis(20);

pub(crate) struct Phones;

impl Credentials for Phones {
    fn lookup(&self, extension: &str) -> Option<Secret> {
        ["101", "102"].contains(&extension).then(|| Secret::new("geheim"))
    }
}

pub(crate) struct Bench {
    pub(crate) server: Endpoint,
    pub(crate) calls: mpsc::Receiver<Incoming>,
    pub(crate) caller: Endpoint,
    pub(crate) phone: Endpoint,
    rings: mpsc::Receiver<Incoming>,
}

pub(crate) async fn bound(mut options: Options) -> (Endpoint, mpsc::Receiver<Incoming>) {
    options.t1 = T1;
    Endpoint::bind(options).await.expect("loopback can be listened on")
}

pub(crate) fn local(port: u16) -> Local {
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    Local::new(address, &[Codec::Pcma, Codec::Pcmu])
}

pub(crate) fn call(server: SocketAddr, number: &str, transport: Transport) -> Call {
    let over = if transport == Transport::Tcp { ";transport=tcp" } else { "" };
    Call {
        target: Target::Uri(format!("sip:{number}@{server}{over}")),
        from: Caller { number: "0612345678".to_owned(), name: None },
        local: local(4000),
        headers: Vec::new(),
        max_forwards: 70,
        login: None,
    }
}

impl Bench {
    pub(crate) async fn start() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        Self::challenging(limits, &[Algorithm::Md5]).await
    }

    pub(crate) async fn challenging(limits: Limits, algorithms: &[Algorithm]) -> Self {
        let loopback = "127.0.0.1".parse().expect("an address");
        let mut options = Options::new(local(0).address);
        options.trunks.push(loopback);
        options.credentials = Arc::new(Phones);
        options.algorithms = algorithms.to_vec();
        options.limits = limits;
        let (server, calls) = bound(options).await;
        let (caller, _) = bound(Options::new(local(0).address)).await;
        let mut options = Options::new(local(0).address);
        options.trunks.push(loopback);
        let (phone, rings) = bound(options).await;
        Self { server, calls, caller, phone, rings }
    }

    pub(crate) fn call(&self, number: &str) -> (Leg, LegEvents) {
        let request = call(self.server.local_addr(), number, Transport::Udp);
        self.caller.call(request).expect("legs are left")
    }

    pub(crate) fn account(&self, extension: &str, transport: Transport) -> Account {
        Account {
            registrar: self.server.local_addr(),
            transport,
            extension: extension.to_owned(),
            secret: Secret::new("geheim"),
        }
    }

    pub(crate) async fn incoming(&mut self) -> Incoming {
        let call = tokio::time::timeout(PATIENCE, self.calls.recv()).await;
        call.expect("a call comes in").expect("the server is open")
    }

    pub(crate) async fn rung(&mut self) -> Incoming {
        let call = tokio::time::timeout(PATIENCE, self.rings.recv()).await;
        call.expect("the phone rings").expect("the phone is open")
    }

    /// Waits until every table of every endpoint is empty.
    pub(crate) async fn is_empty(&self) {
        for endpoint in [&self.server, &self.caller, &self.phone] {
            let rest = Counts { connections: endpoint.counts().connections, ..Counts::default() };
            wait_for(|| endpoint.counts() == rest).await;
        }
    }
}

/// Waits until the condition holds, looking again every few milliseconds.
pub(crate) async fn wait_for(condition: impl Fn() -> bool) {
    let held = async {
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while !condition() {
            tick.tick().await;
        }
    };
    tokio::time::timeout(PATIENCE, held).await.expect("the condition comes to hold");
}

/// The outcome of the answered call.
pub(crate) async fn agreed(events: &mut LegEvents) -> Negotiated {
    loop {
        match tokio::time::timeout(PATIENCE, events.next()).await.expect("in time") {
            Some(LegEvent::Answered(agreed)) => return agreed,
            Some(LegEvent::Ringing | LegEvent::Early(_)) => {}
            other => unreachable!("{other:?} before the answer"),
        }
    }
}

/// How the leg ended, after whatever else it tells.
pub(crate) async fn ended(events: &mut LegEvents) -> Ended {
    loop {
        match tokio::time::timeout(PATIENCE, events.next()).await.expect("in time") {
            Some(LegEvent::Ended(ended)) => return ended,
            Some(_) => {}
            None => unreachable!("the last event is Ended"),
        }
    }
}
