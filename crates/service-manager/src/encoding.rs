//! Parts of answers as bytes, made once for all that are told the same.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use caruso_api::encoded::Encoded;
use caruso_api::registry::v1 as proto;
use prost::Message as _;

use crate::contracts::Contracts;
use crate::convert;
use crate::registry::{Consumer, Part, Piece, Registry};

/// Parts that are kept, and bytes of all of them; beyond either all are made anew.
const MOST_KEPT: usize = 1_024;
const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Which answer a part belongs to: they number the same field differently.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Answer {
    Resolve,
    Watch,
}

/// What is told: of which interface, to whom, since when.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Key {
    answer: Answer,
    interface: String,
    /// The contract of the consumer.
    spoken: Option<String>,
    since: Option<u64>,
}

#[derive(Debug)]
struct Kept {
    /// Revision of the interface, and state of the contracts, of which it was made.
    of: (u64, u64),
    bytes: Bytes,
}

#[derive(Debug, Default)]
struct All {
    kept: HashMap<Key, Kept>,
    bytes: usize,
}

/// The parts that were made last.
#[derive(Debug, Default)]
pub(crate) struct Encodings(Mutex<All>);

impl Encodings {
    /// The answer to a question for one interface.
    pub(crate) fn resolved(
        &self,
        registry: &Registry,
        contracts: &Contracts,
        interface: &str,
    ) -> Encoded {
        let head = proto::ResolveResponse { revision: registry.revision(), offers: Vec::new() };
        let mut pieces = vec![Bytes::from(head.encode_to_vec())];
        if let Some(piece) = registry.whole(interface) {
            let to = Consumer::default();
            pieces.push(self.part(Answer::Resolve, registry, contracts, &piece, &to));
        }
        Encoded { pieces }
    }

    /// A piece of a consumer's news.
    pub(crate) fn told(
        &self,
        registry: &Registry,
        contracts: &Contracts,
        piece: &Piece,
        to: &Consumer,
    ) -> Bytes {
        self.part(Answer::Watch, registry, contracts, piece, to)
    }

    fn part(
        &self,
        answer: Answer,
        registry: &Registry,
        contracts: &Contracts,
        piece: &Piece,
        to: &Consumer,
    ) -> Bytes {
        let of = (piece.until, contracts.version());
        let key = Key {
            answer,
            interface: piece.interface.clone(),
            spoken: to.contracts.get(&piece.interface).cloned(),
            since: piece.since,
        };
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = all.kept.get(&key).filter(|kept| kept.of == of) {
            return kept.bytes.clone();
        }
        let Part { offers, gone } = registry.part(piece);
        let offers = offers.into_iter().map(|offer| convert::offer(offer, contracts, to)).collect();
        let bytes = Bytes::from(match answer {
            Answer::Resolve => proto::ResolveResponse { revision: 0, offers }.encode_to_vec(),
            Answer::Watch => {
                proto::WatchResponse { offers, gone, ..Default::default() }.encode_to_vec()
            }
        });
        all.keep(key, Kept { of, bytes: bytes.clone() });
        bytes
    }
}

impl All {
    fn keep(&mut self, key: Key, kept: Kept) {
        if self.kept.len() >= MOST_KEPT || self.bytes + kept.bytes.len() > MOST_BYTES {
            self.kept.clear();
            self.bytes = 0;
        }
        self.bytes += kept.bytes.len();
        if let Some(before) = self.kept.insert(key, kept) {
            self.bytes -= before.bytes.len();
        }
    }
}
