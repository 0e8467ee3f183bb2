//! Whether somebody serves gRPC at an address: `grpc.health.v1.Health/Check` over a connection of
//! its own.

use std::time::Duration;

use bytes::Bytes;
use caruso_certificates::Client;
use http::header::{CONTENT_TYPE, TE};
use http::{Method, Request, Uri};
use http_body_util::Full;
use hyper::client::conn::http2::Builder;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Time for a connection to be made.
const CONNECT: Duration = Duration::from_secs(1);
/// Time for everything after that.
const ANSWER: Duration = Duration::from_secs(2);
/// One empty message, not compressed.
const EMPTY: [u8; 5] = [0; 5];

/// What was found at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probed {
    /// gRPC is spoken there; over TLS by the component that was meant.
    Answers,
    /// Nobody takes connections, or it is somebody else who does; with the reason.
    Nobody(String),
    /// A connection was made, and no answer came within 2 s.
    Late,
}

/// Asks at an address such as `http://127.0.0.1:7070` whether somebody serves; with a `client`,
/// whether it is this component. What is answered is not looked at: whoever does not serve this
/// service, or says that it is not serving now, is there.
pub async fn probe(address: &str, component: &str, client: Option<&Client>) -> Probed {
    let scheme = if client.is_some() { "https" } else { "http" };
    let uri = address.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some(scheme));
    let Some(authority) = uri.as_ref().and_then(Uri::authority) else {
        return Probed::Nobody(format!("it is no address of {scheme}://"));
    };
    let connecting = TcpStream::connect(authority.as_str());
    let stream = match tokio::time::timeout(CONNECT, connecting).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => return Probed::Nobody(format!("no connection: {error}")),
        Err(_) => return Probed::Nobody(format!("no connection within {CONNECT:?}")),
    };
    let asking = async {
        let Some(client) = client else { return ask(stream, authority.as_str(), scheme).await };
        match client.connect(component, stream).await {
            Ok(stream) => ask(stream, authority.as_str(), scheme).await,
            Err(error) if Client::is_untrusted(&error) => {
                Err(format!("it is not {component} of this installation who answers"))
            }
            Err(error) => Err(format!("no TLS with it: {error}")),
        }
    };
    match tokio::time::timeout(ANSWER, asking).await {
        Ok(Ok(())) => Probed::Answers,
        Ok(Err(reason)) => Probed::Nobody(reason),
        Err(_) => Probed::Late,
    }
}

async fn ask<T>(stream: T, authority: &str, scheme: &str) -> Result<(), String>
where
    T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let no_grpc = |error: hyper::Error| format!("what answers there is no gRPC: {error}");
    let handshake = Builder::new(TokioExecutor::new()).handshake(TokioIo::new(stream));
    let (mut sender, connection) = handshake.await.map_err(no_grpc)?;
    let request = Request::builder()
        .method(Method::POST)
        .uri(format!("{scheme}://{authority}/grpc.health.v1.Health/Check"))
        .header(CONTENT_TYPE, "application/grpc")
        .header(TE, "trailers")
        .body(Full::new(Bytes::from_static(&EMPTY)))
        .map_err(|error| error.to_string())?;
    let answered = async {
        let response = sender.send_request(request).await.map_err(no_grpc)?;
        let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        match kind.is_some_and(|kind| kind.starts_with("application/grpc")) {
            true => Ok(()),
            false => Err(format!("what answers there is no gRPC: {}", response.status())),
        }
    };
    tokio::pin!(answered);
    tokio::select! {
        answered = &mut answered => answered,
        ended = connection => match ended {
            Ok(()) => answered.await,
            Err(error) => Err(no_grpc(error)),
        },
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    async fn at(listener: &TcpListener) -> String {
        format!("http://{}", listener.local_addr().expect("it has one"))
    }

    #[tokio::test]
    async fn who_serves_grpc_answers_whatever_it_says() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = at(&listener).await;
        // a server without the service of health answers that it does not implement it
        let (_, health) = tonic_health::server::health_reporter();
        let incoming = tonic::transport::server::TcpIncoming::from(listener);
        let routes = tonic::service::Routes::new(health);
        let router = tonic::transport::Server::builder().add_routes(routes);
        tokio::spawn(router.serve_with_incoming(incoming));
        assert_eq!(probe(&address, "erp", None).await, Probed::Answers);
    }

    #[tokio::test]
    async fn where_nobody_or_somebody_else_listens_the_reason_is_told() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = at(&listener).await;
        let answering = async {
            let (mut stream, _) = listener.accept().await.expect("it comes");
            let mut preface = [0; 24];
            stream.read_exact(&mut preface).await.expect("it speaks first");
            stream.write_all(b"SMTP 554 no\r\n").await.expect("open");
        };
        let (found, ()) = tokio::join!(probe(&address, "erp", None), answering);
        assert!(matches!(&found, Probed::Nobody(why) if why.contains("no gRPC")), "{found:?}");
        drop(listener);
        let found = probe(&address, "erp", None).await;
        assert!(matches!(&found, Probed::Nobody(why) if why.contains("refused")), "{found:?}");
        let found = probe("https://127.0.0.1:1", "erp", None).await;
        assert!(matches!(&found, Probed::Nobody(why) if why.contains("no address")), "{found:?}");
    }
}
