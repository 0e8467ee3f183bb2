//! Which extension is reachable where, and until when (RFC 3261 §10.3).

use crate::transport::Transport;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;

/// One place where an extension can be reached.
#[derive(Clone, PartialEq, Eq)]
pub struct Binding {
    /// The URI that the phone wants to be called by.
    pub contact: String,
    /// Where its REGISTER came from, and so where calls to it go: the Contact of a phone behind
    /// an address translator names an address that does not exist here.
    pub destination: SocketAddr,
    /// What its REGISTER came over.
    pub transport: Transport,
    /// When it ends unless renewed.
    pub expires: Instant,
    pub(crate) call_id: String,
    pub(crate) cseq: u32,
}

impl std::fmt::Debug for Binding {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Binding")
            .field("destination", &self.destination)
            .field("transport", &self.transport)
            .finish_non_exhaustive()
    }
}

/// All bindings, by extension; within one, the newest is the last.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Registrations {
    by_extension: BTreeMap<String, Vec<Binding>>,
}

/// Why a binding is not made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    TooMany,
    OutOfOrder,
}

impl Registrations {
    /// Whether the extension can be called.
    pub fn is_registered(&self, extension: &str) -> bool {
        self.by_extension.contains_key(extension)
    }

    /// The extensions that can be called.
    pub fn extensions(&self) -> impl Iterator<Item = &str> {
        self.by_extension.keys().map(String::as_str)
    }

    /// Where the extension can be reached, oldest first.
    pub fn bindings(&self, extension: &str) -> &[Binding] {
        self.by_extension.get(extension).map_or(&[], Vec::as_slice)
    }

    /// All bindings with their extensions, the oldest of each first.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&str, &Binding)> {
        let all = self.by_extension.iter();
        all.flat_map(|(name, bindings)| bindings.iter().map(move |it| (name.as_str(), it)))
    }

    /// The newest binding, which is the one that is called.
    pub(crate) fn newest(&self, extension: &str) -> Option<&Binding> {
        self.bindings(extension).last()
    }

    /// Whose phone sends from exactly there.
    pub(crate) fn extension_at(&self, source: SocketAddr) -> Option<&str> {
        self.find(|binding| binding.destination == source)
    }

    /// Whether any phone is registered from that host.
    pub(crate) fn knows_host(&self, source: SocketAddr) -> bool {
        self.find(|binding| binding.destination.ip() == source.ip()).is_some()
    }

    fn find(&self, matches: impl Fn(&Binding) -> bool) -> Option<&str> {
        let mut all = self.by_extension.iter();
        all.find(|(_, bindings)| bindings.iter().any(&matches)).map(|(name, _)| name.as_str())
    }

    /// Makes or renews a binding.
    pub(crate) fn bind(
        &mut self,
        extension: &str,
        binding: Binding,
        limit: usize,
    ) -> Result<(), Refused> {
        let bindings = self.by_extension.entry(extension.to_owned()).or_default();
        let old = bindings.iter().position(|old| old.contact == binding.contact);
        if let Some(old) = old.and_then(|at| bindings.get(at)) {
            if old.call_id == binding.call_id && old.cseq >= binding.cseq {
                return Err(Refused::OutOfOrder);
            }
        } else if bindings.len() >= limit {
            return Err(Refused::TooMany);
        }
        if let Some(at) = old {
            bindings.remove(at);
        }
        bindings.push(binding);
        Ok(())
    }

    /// Removes one binding, or all of an extension with `None`.
    pub(crate) fn unbind(&mut self, extension: &str, contact: Option<&str>) {
        self.retain(|name, binding| {
            name != extension || contact.is_some_and(|contact| binding.contact != contact)
        });
    }

    /// Removes what has expired. Says whether anything was.
    pub(crate) fn expire(&mut self, now: Instant) -> bool {
        self.retain(|_, binding| binding.expires > now)
    }

    /// Removes what was reachable over a connection that has gone.
    pub(crate) fn close(&mut self, peer: SocketAddr) -> bool {
        self.retain(|_, b| b.transport == Transport::Udp || b.destination != peer)
    }

    fn retain(&mut self, keep: impl Fn(&str, &Binding) -> bool) -> bool {
        let count = |all: &Self| all.by_extension.values().map(Vec::len).sum::<usize>();
        let before = count(self);
        self.by_extension.retain(|name, bindings| {
            bindings.retain(|binding| keep(name, binding));
            !bindings.is_empty()
        });
        before != count(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn binding(port: u16, cseq: u32, now: Instant) -> Binding {
        Binding {
            contact: format!("sip:101@192.0.2.9:{port}"),
            destination: SocketAddr::from(([192, 0, 2, 9], port)),
            transport: Transport::Udp,
            expires: now + Duration::from_secs(60),
            call_id: "c".to_owned(),
            cseq,
        }
    }

    #[test]
    fn bindings_are_renewed_limited_and_expire() {
        let now = Instant::now();
        let mut all = Registrations::default();
        assert_eq!(all.bind("101", binding(1, 1, now), 2), Ok(()));
        assert_eq!(all.bind("101", binding(2, 1, now), 2), Ok(()));
        assert_eq!(all.bind("101", binding(3, 1, now), 2), Err(Refused::TooMany));
        assert_eq!(all.bind("101", binding(1, 1, now), 2), Err(Refused::OutOfOrder));
        assert_eq!(all.bind("101", binding(1, 2, now), 2), Ok(()));
        assert_eq!(all.newest("101").map(|binding| binding.destination.port()), Some(1));
        assert_eq!(all.extension_at(SocketAddr::from(([192, 0, 2, 9], 2))), Some("101"));
        assert!(!all.expire(now + Duration::from_secs(59)));
        assert!(all.expire(now + Duration::from_secs(60)));
        assert!(!all.is_registered("101"));
    }

    #[test]
    fn one_binding_or_all_are_taken_away() {
        let now = Instant::now();
        let mut all = Registrations::default();
        for port in 1..=3 {
            all.bind("101", binding(port, 1, now), 5).expect("below the limit");
        }
        all.unbind("101", Some("sip:101@192.0.2.9:2"));
        assert_eq!(all.bindings("101").len(), 2);
        all.unbind("101", None);
        assert_eq!(all, Registrations::default());
    }
}
