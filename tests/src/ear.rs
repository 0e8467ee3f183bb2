//! Hears what arrives at the sound port of a telephone that is not ours, by a raw socket.

use std::io::Read as _;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use caruso_media::g711::Law;
use socket2::{Domain, Protocol, Socket, Type};

/// How long the ear listens before it looks whether it is still wanted.
const PAUSE: Duration = Duration::from_millis(200);
const UDP: usize = 8;
const RTP: usize = 12;
const A_LAW: u8 = 8;

/// Listens until it is dropped.
#[derive(Debug)]
pub(crate) struct Ear {
    heard: Arc<Mutex<Vec<i16>>>,
    is_wanted: Arc<AtomicBool>,
}

impl Ear {
    /// Begins to listen to what arrives at an address; needs root.
    pub(crate) fn at(address: SocketAddr) -> std::io::Result<Self> {
        let socket = Socket::new(Domain::IPV4, Type::RAW, Some(Protocol::UDP))?;
        socket.set_read_timeout(Some(PAUSE))?;
        let (heard, is_wanted) = (Arc::default(), Arc::new(AtomicBool::new(true)));
        let this = Self { heard: Arc::clone(&heard), is_wanted: Arc::clone(&is_wanted) };
        std::thread::spawn(move || {
            let mut packet = [0; 2048];
            while is_wanted.load(Ordering::Relaxed) {
                // nothing came in time
                let Ok(length) = (&socket).read(&mut packet) else { continue };
                if let Some(codes) = sound_for(address.port(), &packet[..length]) {
                    let samples = codes.iter().map(|code| Law::A.decode(*code));
                    heard.lock().unwrap_or_else(PoisonError::into_inner).extend(samples);
                }
            }
        });
        Ok(this)
    }

    /// Everything that was heard so far.
    pub(crate) fn heard(&self) -> Vec<i16> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Ear {
    fn drop(&mut self) {
        self.is_wanted.store(false, Ordering::Relaxed);
    }
}

/// The A-law of an IP packet (RFC 791, RFC 768, RFC 3550) that goes to this port.
fn sound_for(port: u16, packet: &[u8]) -> Option<&[u8]> {
    let header = usize::from(packet.first()? & 0x0f) * 4;
    let udp = packet.get(header..)?;
    let rtp = udp.get(UDP..)?;
    let is_ours = udp[2..4] == port.to_be_bytes();
    let is_a_law = *rtp.get(1)? & 0x7f == A_LAW;
    (is_ours && is_a_law).then(|| rtp.get(RTP..)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_law_for_the_port_is_heard() {
        let mut packet = vec![0x45; 20];
        packet.extend([0, 1, 0x0f, 0xa0, 0, 22, 0, 0]);
        packet.extend([0x80, A_LAW, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xd5, 0x55]);
        assert_eq!(sound_for(4000, &packet), Some([0xd5, 0x55].as_slice()));
        assert_eq!(sound_for(4001, &packet), None);
        packet[29] = 101;
        assert_eq!(sound_for(4000, &packet), None);
        assert_eq!(sound_for(4000, &packet[..24]), None);
        assert_eq!(sound_for(4000, &[]), None);
    }
}
