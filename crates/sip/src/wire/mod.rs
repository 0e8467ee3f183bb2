//! Our side of the wire: what is read from and written to the network passes here before the
//! stack sees it. Everything but [`udp`], [`tcp`] and [`web`] is pure.

pub(crate) mod check;
pub(crate) mod gate;
pub(crate) mod mark;
pub(crate) mod message;
pub(crate) mod plain;
mod rate;
mod reply;
pub(crate) mod tcp;
pub(crate) mod udp;
pub(crate) mod web;

#[cfg(test)]
mod torture;
