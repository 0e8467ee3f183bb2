//! etcd as a registry: a key for an offer, under the lease of its instance. Its messages are those
//! of `etcdserverpb`, as far as they are needed.

use std::process::Command;
use std::time::{Duration, Instant};

use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::Request;
use tonic::client::Grpc;
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::Channel;
use tonic_prost::ProstCodec;

use crate::process::Process;
use crate::rounds::Watchers;

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Range {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    range_end: Vec<u8>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct RangeAnswer {
    #[prost(bytes = "vec", repeated, tag = "2")]
    kvs: Vec<Vec<u8>>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Put {
    #[prost(bytes = "vec", tag = "1")]
    key: Vec<u8>,
    #[prost(bytes = "vec", tag = "2")]
    value: Vec<u8>,
    #[prost(int64, tag = "3")]
    lease: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Grant {
    #[prost(int64, tag = "1")]
    ttl: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Granted {
    #[prost(int64, tag = "2")]
    id: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct KeepAlive {
    #[prost(int64, tag = "1")]
    id: i64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Watch {
    #[prost(message, optional, tag = "1")]
    create: Option<Range>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Watched {
    #[prost(bool, tag = "3")]
    created: bool,
    #[prost(bytes = "vec", repeated, tag = "11")]
    events: Vec<Vec<u8>>,
}

/// What no message is asked of.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Anything {}

/// A server with an empty folder.
pub(crate) struct Etcd {
    pub(crate) process: Process,
    channels: Vec<Channel>,
    _folder: TempDir,
}

fn path(path: &'static str) -> PathAndQuery {
    PathAndQuery::from_static(path)
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    listener.local_addr().expect("it has one").port()
}

impl Etcd {
    /// `None` where it is not installed.
    pub(crate) async fn start() -> Option<Self> {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
        let url = |port: u16| format!("http://127.0.0.1:{port}");
        let (client, peer) = (url(free_port()), url(free_port()));
        let mut command = Command::new("etcd");
        command.arg("--data-dir").arg(folder.path()).args([
            "--listen-client-urls",
            &client,
            "--advertise-client-urls",
            &client,
            "--listen-peer-urls",
            &peer,
            "--initial-advertise-peer-urls",
            &peer,
            "--initial-cluster",
            &format!("default={peer}"),
        ]);
        let process = Process::start(&mut command).ok()?;
        let mut channels = Vec::new();
        for _ in 0..4 {
            channels.push(connect(&client).await);
        }
        let etcd = Self { process, channels, _folder: folder };
        // it answers before it has elected itself
        while etcd.try_put("ready", Vec::new(), 0).await.is_err() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Some(etcd)
    }

    fn channel(&self, at: usize) -> Channel {
        self.channels[at % self.channels.len()].clone()
    }

    async fn call<Q, A>(&self, to: &'static str, request: Q) -> Result<A, tonic::Status>
    where
        Q: prost::Message + 'static,
        A: prost::Message + Default + 'static,
    {
        let mut grpc = Grpc::new(self.channel(0));
        grpc.ready().await.map_err(|error| tonic::Status::unavailable(error.to_string()))?;
        let codec = ProstCodec::<Q, A>::default();
        Ok(grpc.unary(Request::new(request), path(to), codec).await?.into_inner())
    }

    async fn try_put(&self, key: &str, value: Vec<u8>, lease: i64) -> Result<(), tonic::Status> {
        let put = Put { key: key.into(), value, lease };
        self.call::<_, Anything>("/etcdserverpb.KV/Put", put).await.map(|_| ())
    }

    /// Acknowledged once it is on disk.
    pub(crate) async fn put(&self, key: &str, value: Vec<u8>, lease: i64) {
        self.try_put(key, value, lease).await.expect("taken");
    }

    pub(crate) async fn grant(&self) -> i64 {
        let granted = self.call("/etcdserverpb.Lease/LeaseGrant", Grant { ttl: 600 }).await;
        let Granted { id } = granted.expect("granted");
        id
    }

    /// How many keys begin so; all of them are read.
    pub(crate) async fn range(&self, prefix: &str) -> usize {
        let answer = self.call("/etcdserverpb.KV/Range", range(prefix)).await;
        let RangeAnswer { kvs } = answer.expect("read");
        kvs.len()
    }

    /// Sends so many signs of life on one stream, each after the answer to the one before.
    pub(crate) async fn keep_alive(&self, lease: i64, times: usize) {
        let (up, requests) = mpsc::channel(1);
        let mut grpc = Grpc::new(self.channel(0));
        grpc.ready().await.expect("connected");
        let codec = ProstCodec::<KeepAlive, Anything>::default();
        let to = path("/etcdserverpb.Lease/LeaseKeepAlive");
        up.send(KeepAlive { id: lease }).await.expect("open");
        let opened = grpc.streaming(Request::new(ReceiverStream::new(requests)), to, codec);
        let mut answers = opened.await.expect("opened").into_inner();
        for _ in 1..times {
            answers.message().await.expect("alive").expect("open");
            up.send(KeepAlive { id: lease }).await.expect("open");
        }
        answers.message().await.expect("alive").expect("open");
    }

    /// So many watches of one prefix, all of them begun.
    pub(crate) async fn watch(&self, prefix: &str, count: usize) -> Watchers {
        let (tell, told) = mpsc::channel(count);
        for at in 0..count {
            let (up, requests) = mpsc::channel(1);
            up.send(Watch { create: Some(range(prefix)) }).await.expect("open");
            let mut grpc = Grpc::new(self.channel(at));
            grpc.ready().await.expect("connected");
            let codec = ProstCodec::<Watch, Watched>::default();
            let to = path("/etcdserverpb.Watch/Watch");
            let opened = grpc.streaming(Request::new(ReceiverStream::new(requests)), to, codec);
            let mut changes = opened.await.expect("opened").into_inner();
            let first = changes.message().await.expect("watches").expect("open");
            assert!(first.created && first.events.is_empty(), "a watch begins so");
            let tell = tell.clone();
            tokio::spawn(async move {
                while let Ok(Some(change)) = changes.message().await {
                    if !change.events.is_empty() && tell.send(Instant::now()).await.is_err() {
                        break;
                    }
                }
                drop(up);
            });
        }
        Watchers { count, told }
    }
}

/// All keys that begin so.
fn range(prefix: &str) -> Range {
    let mut range_end = prefix.as_bytes().to_vec();
    *range_end.last_mut().expect("no empty prefix") += 1;
    Range { key: prefix.into(), range_end }
}

async fn connect(address: &str) -> Channel {
    let endpoint = Channel::from_shared(address.to_owned()).expect("an address");
    let endpoint = endpoint.tcp_nodelay(true);
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        match endpoint.connect().await {
            Ok(channel) => return channel,
            Err(error) => assert!(Instant::now() < until, "etcd does not start: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
