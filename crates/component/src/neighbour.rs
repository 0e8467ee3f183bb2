//! Other processes of the same user on this machine, by their process ids: Unix sockets in the
//! abstract namespace.

use std::io;
use std::os::fd::AsFd;
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};

use rustix::net::sockopt;

/// Where other processes reach this one about a matter.
///
/// # Errors
/// When this process listens about it already.
pub fn listen(matter: &str) -> io::Result<UnixListener> {
    UnixListener::bind_addr(&address(matter, std::process::id())?)
}

/// The way to another process about a matter.
///
/// # Errors
/// When it does not listen about it, or is another user's.
pub fn connect(matter: &str, process: u32) -> io::Result<UnixStream> {
    let stream = UnixStream::connect_addr(&address(matter, process)?)?;
    require_same_user(&stream)?;
    Ok(stream)
}

/// The user of the process at the other end is asked of the kernel.
///
/// # Errors
/// When it is not ours.
pub fn require_same_user(stream: impl AsFd) -> io::Result<()> {
    let peer = sockopt::socket_peercred(stream)?;
    if peer.uid != rustix::process::geteuid() {
        return Err(io::Error::other("the process is another user's"));
    }
    Ok(())
}

fn address(matter: &str, process: u32) -> io::Result<SocketAddr> {
    SocketAddr::from_abstract_name(format!("caruso/{matter}/{process}"))
}
