//! Connections as the server side gets them: handshakes one beside the other, bounded in number and
//! time.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use caruso_certificates::{Presented, ServerStream};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::transport::server::Connected;

use crate::transport::Acceptor;

/// Handshakes at a time; more wait.
const MOST_HANDSHAKES: usize = 64;
/// Time for a handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);
/// A failing accept (too many open files) is tried again after this.
const PAUSE: Duration = Duration::from_millis(50);
/// Connections that wait to be served.
const QUEUE: usize = 16;

/// Who is at the other end of a TLS connection, in the extensions of every request that came over
/// it.
#[derive(Debug, Clone)]
pub struct Connection {
    /// What the certificate says; `None` where none was shown.
    pub presented: Option<Arc<Presented>>,
}

/// A TLS connection that was accepted.
#[derive(Debug)]
pub(crate) struct Secured {
    stream: ServerStream,
    connection: Connection,
}

/// Every connection whose handshake succeeded, for as long as the stream is held.
pub(crate) fn accepted(
    listener: TcpListener,
    acceptor: Acceptor,
) -> impl futures::Stream<Item = io::Result<Secured>> {
    let (sender, receiver) = mpsc::channel(QUEUE);
    let accepting = AbortOnDropHandle::new(tokio::spawn(accept(listener, acceptor, sender)));
    let connections = ReceiverStream::new(receiver);
    futures::StreamExt::map(connections, move |connection| {
        let _held = &accepting;
        Ok(connection)
    })
}

async fn accept(listener: TcpListener, acceptor: Acceptor, connections: mpsc::Sender<Secured>) {
    let room = Arc::new(Semaphore::new(MOST_HANDSHAKES));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection cannot be accepted");
                tokio::time::sleep(PAUSE).await;
                continue;
            }
        };
        let (acceptor, connections) = (Arc::clone(&acceptor), connections.clone());
        tokio::spawn(async move {
            let secured = tokio::time::timeout(HANDSHAKE, secure(stream, &acceptor)).await;
            match secured {
                // nobody takes it while the server stops
                Ok(Ok(secured)) => drop(connections.send(secured).await),
                Ok(Err(error)) => tracing::info!(%error, "a connection was refused"),
                Err(_) => tracing::info!("a connection was refused: no handshake in time"),
            }
            drop(permit);
        });
    }
}

async fn secure(stream: TcpStream, acceptor: &Acceptor) -> io::Result<Secured> {
    stream.set_nodelay(true)?;
    let server = acceptor.load_full();
    let server = server.ok_or_else(|| io::Error::other("there is no certificate yet"))?;
    let (stream, presented) = server.accept(stream).await?;
    Ok(Secured { stream, connection: Connection { presented: presented.map(Arc::new) } })
}

impl Connected for Secured {
    type ConnectInfo = Connection;

    fn connect_info(&self) -> Connection {
        self.connection.clone()
    }
}

impl AsyncRead for Secured {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Secured {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
