//! The listening sockets of this process, which another process may inherit that takes its place.
//!
//! Both then read from one queue, so that no connection is refused or lost while one of them
//! stops and the other begins. Sockets travel over a Unix socket in the abstract namespace, to
//! processes of the same user only.

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, SocketType, getsockname, recvmsg, sendmsg, sockopt,
};

use crate::neighbour;
use crate::session::lock;

/// What other processes ask about.
const MATTER: &str = "sockets";
/// Sockets that one process hands over.
const MOST: usize = 8;
/// A process that does not hand over within this time has nothing to hand over.
const PATIENCE: Duration = Duration::from_secs(2);

/// Those that this process listens at, once [`hand_over`] was called.
static OWN: Mutex<Option<Vec<OwnedFd>>> = Mutex::new(None);
/// Those that this process has inherited and not used yet.
static INHERITED: Mutex<Vec<OwnedFd>> = Mutex::new(Vec::new());

/// Hands the sockets at which this process listens from now on to whoever asks under its process
/// id, until it ends.
///
/// # Errors
/// When the socket for asking cannot be made.
pub fn hand_over() -> io::Result<()> {
    let asked = neighbour::listen(MATTER)?;
    lock(&OWN).get_or_insert_default();
    // a thread of its own, so that a busy runtime keeps nobody waiting
    std::thread::Builder::new().name("sockets".to_owned()).spawn(move || {
        for stream in asked.incoming().flatten() {
            if let Err(error) = send(&stream) {
                tracing::warn!(%error, "the sockets cannot be handed over");
            }
        }
    })?;
    Ok(())
}

/// Whether this process hands its sockets over.
pub fn hands_over() -> bool {
    lock(&OWN).is_some()
}

/// Takes those listening sockets of another process of the same user that listen at one of the
/// addresses `at`; answers with how many it has got. [`inherited_tcp`] and [`inherited_udp`] give
/// them; [`server::listen`](crate::server::listen) uses them. The others are closed at once:
/// whoever still calls there is to be refused, and not to wait for somebody who accepts.
///
/// # Errors
/// When the other process hands nothing over.
pub fn inherit(process: u32, at: &[SocketAddr]) -> io::Result<usize> {
    let stream = neighbour::connect(MATTER, process)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let is_ours = |socket: &OwnedFd| address_of(socket).is_some_and(|it| at.contains(&it));
    let ours: Vec<OwnedFd> = receive(&stream)?.into_iter().filter(is_ours).collect();
    let count = ours.len();
    lock(&INHERITED).extend(ours);
    Ok(count)
}

/// An inherited socket that accepts connections at this address.
pub fn inherited_tcp(address: SocketAddr) -> Option<TcpListener> {
    inherited(address, SocketType::STREAM).map(TcpListener::from)
}

/// An inherited socket that gets datagrams at this address.
pub fn inherited_udp(address: SocketAddr) -> Option<UdpSocket> {
    inherited(address, SocketType::DGRAM).map(UdpSocket::from)
}

fn inherited(address: SocketAddr, kind: SocketType) -> Option<OwnedFd> {
    let mut inherited = lock(&INHERITED);
    let is_meant = |socket: &OwnedFd| {
        address_of(socket) == Some(address)
            && sockopt::socket_type(socket).is_ok_and(|it| it == kind)
    };
    let at = inherited.iter().position(is_meant)?;
    Some(inherited.swap_remove(at))
}

fn address_of(socket: &OwnedFd) -> Option<SocketAddr> {
    getsockname(socket).ok()?.try_into().ok()
}

/// This process listens at this socket, where it hands over at all.
pub fn listens_at(socket: BorrowedFd<'_>) {
    if let Some(own) = lock(&OWN).as_mut().filter(|own| own.len() < MOST)
        && let Ok(socket) = socket.try_clone_to_owned()
    {
        own.push(socket);
    }
}

fn send(stream: &UnixStream) -> io::Result<()> {
    stream.set_write_timeout(Some(PATIENCE))?;
    neighbour::require_same_user(stream)?;
    let own = lock(&OWN);
    let sockets: Vec<BorrowedFd<'_>> = own.iter().flatten().map(|socket| socket.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut ancillary = SendAncillaryBuffer::new(&mut space);
    ancillary.push(SendAncillaryMessage::ScmRights(&sockets));
    // one byte at least must go with them
    sendmsg(stream, &[IoSlice::new(b"s")], &mut ancillary, SendFlags::NOSIGNAL)?;
    Ok(())
}

fn receive(stream: &UnixStream) -> io::Result<Vec<OwnedFd>> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MOST))];
    let mut ancillary = RecvAncillaryBuffer::new(&mut space);
    let mut byte = [0];
    let mut into = [IoSliceMut::new(&mut byte)];
    recvmsg(stream, &mut into, &mut ancillary, RecvFlags::CMSG_CLOEXEC)?;
    let mut sockets = Vec::new();
    for message in ancillary.drain() {
        if let RecvAncillaryMessage::ScmRights(received) = message {
            sockets.extend(received);
        }
    }
    Ok(sockets)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    /// Both ends stand in one process here; that they are two makes no difference to the kernel.
    #[test]
    fn a_connection_that_came_before_the_change_is_taken_after_it() {
        hand_over().expect("nobody else has this process id");
        let old = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let at = old.local_addr().expect("bound");
        listens_at(old.as_fd());
        let mut customer = TcpStream::connect(at).expect("it waits to be accepted");
        let other = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let elsewhere = other.local_addr().expect("bound");
        listens_at(other.as_fd());
        assert_eq!(inherit(std::process::id(), &[at]).expect("handed over"), 1);
        drop((old, other));
        assert!(inherited_tcp(elsewhere).is_none(), "nobody asked for it");
        assert!(inherited_udp(at).is_none(), "it is none for datagrams");
        let new = inherited_tcp(at).expect("it is the same");
        let (mut accepted, _) = new.accept().expect("the customer");
        accepted.write_all(b"hello").expect("sent");
        drop(accepted);
        let mut heard = String::new();
        customer.read_to_string(&mut heard).expect("heard");
        assert_eq!(heard, "hello");
        assert!(inherit(u32::MAX, &[at]).is_err(), "nobody has this process id");
    }
}
