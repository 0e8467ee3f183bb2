//! Processes that serve at a loopback address of their own.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Stdio;

use tokio::net::unix::pipe::Receiver;
use tokio::process::{Child, Command};

/// Where a process finds the address at which it is to serve.
const LISTEN: &str = "CARUSO_LISTEN";

/// A process, and where it serves as soon as it does.
pub(crate) struct Serving {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
    /// What it writes to standard output and standard error, which is for people.
    pub(crate) told: Receiver,
}

/// Starts a process that serves at a free loopback address.
///
/// # Errors
/// Where the system has no address, or cannot start it.
pub(crate) fn serving(mut command: Command) -> io::Result<Serving> {
    let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
    let (told, output) = io::pipe()?;
    let child = command
        .env(LISTEN, address.to_string())
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .spawn()?;
    Ok(Serving { child, address, told: Receiver::from_owned_fd(told.into())? })
}
