//! Ports for programs that must be told theirs.
//!
//! They come from a range that the system gives to nobody who does not ask for a port of it: one
//! of the range for outgoing connections could be taken between the look and the program's start.

use std::io::{self, Read as _};
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};

/// The first port that is looked at.
const FIRST: u16 = 10_000;
/// How many there are.
const COUNT: u16 = 10_000;
/// How many are looked at before giving up.
const LOOKS: usize = 64;

/// An even port that was free a moment ago for UDP and TCP, with the next one.
///
/// # Errors
/// When the address is not this machine's, or none of many was free.
pub(crate) fn free_ports(ip: IpAddr) -> io::Result<u16> {
    UdpSocket::bind(SocketAddr::new(ip, 0))?;
    for _ in 0..LOOKS {
        let port = (FIRST + u16::from_le_bytes(random()?) % COUNT) & !1;
        if is_free(ip, port) && is_free(ip, port + 1) {
            return Ok(port);
        }
    }
    Err(io::ErrorKind::AddrInUse.into())
}

fn is_free(ip: IpAddr, port: u16) -> bool {
    let address = SocketAddr::new(ip, port);
    UdpSocket::bind(address).is_ok() && TcpListener::bind(address).is_ok()
}

/// Bytes that nobody can guess.
pub(crate) fn random<const LENGTH: usize>() -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    std::fs::File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}
