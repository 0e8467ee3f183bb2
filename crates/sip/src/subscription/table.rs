//! Who has subscribed, within limits. Pure: what is done for a subscription stands elsewhere.

use std::collections::HashMap;
use std::net::SocketAddr;

/// Names the dialog of a subscription: Call-ID, our tag, the phone's.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) call_id: String,
    pub(super) our_tag: String,
    pub(super) their_tag: String,
}

/// A subscription with the way to whoever looks after it.
#[derive(Debug)]
struct Entry<W> {
    extension: String,
    source: SocketAddr,
    /// CSeq of its latest SUBSCRIBE.
    seq: u32,
    way: W,
}

/// Why a subscription is not made, or not renewed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// The extension has as many as it may.
    TooManyOfOne,
    /// There are as many as there may be.
    TooMany,
    /// There is no such subscription, or it is another's.
    Unknown,
    /// A later request was here before.
    OutOfOrder,
}

/// All subscriptions.
#[derive(Debug)]
pub(super) struct Table<W> {
    entries: HashMap<Key, Entry<W>>,
    most_of_one: usize,
    most: usize,
}

impl<W> Table<W> {
    pub(super) fn new(most_of_one: usize, most: usize) -> Self {
        Self { entries: HashMap::new(), most_of_one, most }
    }

    /// Makes one. A phone that begins anew, as after a loss of power, takes the place of its former
    /// subscription: it comes from the same address.
    pub(super) fn begin(
        &mut self,
        key: Key,
        (extension, source): (&str, SocketAddr),
        seq: u32,
        way: W,
    ) -> Result<(), Refused> {
        self.entries.retain(|_, it| it.extension != extension || it.source != source);
        let own = self.entries.values().filter(|it| it.extension == extension).count();
        if own >= self.most_of_one {
            return Err(Refused::TooManyOfOne);
        }
        if self.entries.len() >= self.most {
            return Err(Refused::TooMany);
        }
        self.entries.insert(key, Entry { extension: extension.to_owned(), source, seq, way });
        Ok(())
    }

    /// The way to one that this extension renews.
    pub(super) fn renew(&mut self, key: &Key, extension: &str, seq: u32) -> Result<&W, Refused> {
        let entry = self.entries.get_mut(key).filter(|it| it.extension == extension);
        let entry = entry.ok_or(Refused::Unknown)?;
        if seq <= entry.seq {
            return Err(Refused::OutOfOrder);
        }
        entry.seq = seq;
        Ok(&entry.way)
    }

    pub(super) fn end(&mut self, key: &Key) {
        self.entries.remove(key);
    }

    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u16) -> Key {
        Key { call_id: number.to_string(), our_tag: "a".into(), their_tag: "b".into() }
    }

    fn at(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 9], port))
    }

    #[test]
    fn one_extension_has_few_and_all_have_no_more_than_there_may_be() {
        let mut table = Table::new(2, 3);
        assert_eq!(table.begin(key(1), ("101", at(1)), 1, ()), Ok(()));
        assert_eq!(table.begin(key(2), ("101", at(2)), 1, ()), Ok(()));
        assert_eq!(table.begin(key(3), ("101", at(3)), 1, ()), Err(Refused::TooManyOfOne));
        assert_eq!(table.begin(key(4), ("102", at(4)), 1, ()), Ok(()));
        assert_eq!(table.begin(key(5), ("103", at(5)), 1, ()), Err(Refused::TooMany));
        assert_eq!(table.begin(key(6), ("101", at(2)), 1, ()), Ok(()), "it begins anew");
        assert_eq!(table.renew(&key(2), "101", 2), Err(Refused::Unknown));
        table.end(&key(4));
        assert_eq!(table.begin(key(5), ("103", at(5)), 1, ()), Ok(()));
        assert_eq!(table.len(), 3);
    }

    #[test]
    fn only_its_own_extension_renews_one_and_in_order() {
        let mut table = Table::new(2, 3);
        table.begin(key(1), ("101", at(1)), 5, ()).expect("there is room");
        assert_eq!(table.renew(&key(1), "102", 6), Err(Refused::Unknown));
        assert_eq!(table.renew(&key(1), "101", 5), Err(Refused::OutOfOrder));
        assert_eq!(table.renew(&key(1), "101", 6), Ok(&()));
        assert_eq!(table.renew(&key(1), "101", 6), Err(Refused::OutOfOrder));
    }
}
