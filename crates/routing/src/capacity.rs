//! How much an agent can have at a time.

use std::collections::BTreeMap;

use caruso_contact::Channel;

/// What an agent has to give.
pub const CAPACITY: u8 = 100;

/// How many of an agent's [`CAPACITY`] points a contact takes, by its channel; all of them where
/// nothing is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capacity(BTreeMap<Channel, u8>);

impl Capacity {
    /// That which a contact of this channel takes.
    pub fn points(&self, channel: Channel) -> u8 {
        self.0.get(&channel).copied().unwrap_or(CAPACITY)
    }

    /// Says how many, 1 to [`CAPACITY`]; answers what was said before.
    pub(crate) fn set(&mut self, channel: Channel, points: u8) -> Option<u8> {
        self.0.insert(channel, points)
    }
}
