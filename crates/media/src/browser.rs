//! The socket of a browser's leg, with what encrypts on it.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::time::Instant;

use tokio::net::UdpSocket;

use crate::secured::{Error, Secured};

/// A browser's leg on the network, shared by who sends, who reads and who keeps the time; all on
/// one thread.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    secured: Rc<RefCell<Secured>>,
    pub(crate) socket: Rc<UdpSocket>,
}

impl Browser {
    pub(crate) fn new(secured: Secured, socket: Rc<UdpSocket>) -> Self {
        Self { secured: Rc::new(RefCell::new(secured)), socket }
    }

    pub(crate) fn answer(&self, text: &str) -> Result<(), Error> {
        self.with(|secured| secured.answer(text, Instant::now()))
    }

    /// Sends a plain packet.
    pub(crate) fn send(&self, packet: &[u8]) {
        self.with(|secured| secured.send(packet, Instant::now()));
    }

    /// Judges a datagram; the plain packets that came of it.
    pub(crate) fn receive(&self, from: SocketAddr, datagram: &[u8]) -> Vec<Vec<u8>> {
        self.with(|secured| {
            secured.receive(from, datagram, Instant::now());
            std::iter::from_fn(|| secured.heard()).collect()
        })
    }

    pub(crate) fn tick(&self) {
        self.with(|secured| secured.tick(Instant::now()));
    }

    fn with<T>(&self, does: impl FnOnce(&mut Secured) -> T) -> T {
        let mut secured = self.secured.borrow_mut();
        let done = does(&mut secured);
        while let Some((to, datagram)) = secured.outgoing() {
            // what the socket does not take is lost, as any packet of sound
            if let Err(error) = socket2::SockRef::from(&*self.socket).send_to(&datagram, &to.into())
            {
                tracing::trace!(%error, "a datagram to a browser was not sent");
            }
        }
        done
    }
}
