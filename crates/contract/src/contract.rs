//! One contract, and the name that follows from what stands in it.

use std::fmt;

use prost::Message as _;
use prost_types::{FileDescriptorSet, ServiceDescriptorProto};
use sha2::{Digest as _, Sha256};

use crate::reach;

/// A descriptor set that is taken in, in bytes.
pub const MOST_BYTES: usize = 1024 * 1024;
/// Messages nested in each other; a deeper set is refused before it is walked.
const DEEPEST: usize = 32;

/// Names a contract by what stands in it: SHA-256 of its canonical form, 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(String);

impl Digest {
    /// Takes 64 hexadecimal digits in small letters; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let is_hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        (text.len() == 64 && text.bytes().all(is_hex)).then(|| Self(text.to_owned()))
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Why something is no contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are no descriptor set.
    #[error("these are not the bytes of a descriptor set: {0}")]
    Unreadable(String),
    /// More than [`MOST_BYTES`].
    #[error("a descriptor set has at most {MOST_BYTES} bytes, this one has {0}")]
    TooLarge(usize),
    /// Messages are nested deeper than anybody writes them.
    #[error("messages are nested more than {DEEPEST} deep")]
    TooDeep,
    /// No file of the set has the service.
    #[error("the descriptor set has no service {0}")]
    NoService(String),
    /// A method or field speaks of a type that the set does not hold: a set must come with its
    /// imports.
    #[error("the descriptor set lacks the type {0}; it must hold its imports as well")]
    NoType(String),
}

/// One interface with all that its methods reach, in canonical form.
#[derive(Debug, Clone, PartialEq)]
pub struct Contract {
    interface: String,
    set: FileDescriptorSet,
    digest: Digest,
}

impl Contract {
    /// The contract of one service of a compiled set, for example `acme.billing.v1.Invoices`.
    ///
    /// # Errors
    /// [`Error::NoService`], [`Error::NoType`], [`Error::TooDeep`].
    pub fn from_set(set: &FileDescriptorSet, interface: &str) -> Result<Self, Error> {
        let depth = |message| depth(message, 0);
        let all = set.file.iter().flat_map(|file| &file.message_type);
        if all.map(depth).max().unwrap_or(0) >= DEEPEST {
            return Err(Error::TooDeep);
        }
        let set = reach::reached(set, interface)?;
        let digest = Sha256::digest(set.encode_to_vec());
        let digest = Digest(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        Ok(Self { interface: interface.to_owned(), set, digest })
    }

    /// The same of an encoded `FileDescriptorSet`, as `protoc --descriptor_set_out
    /// --include_imports` writes it.
    ///
    /// # Errors
    /// As [`from_set`](Self::from_set); [`Error::Unreadable`], [`Error::TooLarge`].
    pub fn from_bytes(bytes: &[u8], interface: &str) -> Result<Self, Error> {
        if bytes.len() > MOST_BYTES {
            return Err(Error::TooLarge(bytes.len()));
        }
        let set = FileDescriptorSet::decode(bytes);
        let set = set.map_err(|error| Error::Unreadable(error.to_string()))?;
        Self::from_set(&set, interface)
    }

    /// Package and service.
    pub fn interface(&self) -> &str {
        &self.interface
    }

    /// Its name.
    pub fn digest(&self) -> &Digest {
        &self.digest
    }

    /// Its files, each importing only what it needs of the others.
    pub fn set(&self) -> &FileDescriptorSet {
        &self.set
    }

    /// What [`from_bytes`](Self::from_bytes) reads.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.set.encode_to_vec()
    }

    pub(crate) fn service(&self) -> Option<&ServiceDescriptorProto> {
        reach::service(&self.set, &self.interface).map(|(_, service)| service)
    }

    /// The names of its methods, sorted.
    pub fn methods(&self) -> Vec<&str> {
        let service = self.service();
        service.into_iter().flat_map(|service| &service.method).map(|it| it.name()).collect()
    }
}

fn depth(message: &prost_types::DescriptorProto, at: usize) -> usize {
    if at >= DEEPEST {
        return at;
    }
    message.nested_type.iter().map(|nested| depth(nested, at + 1)).max().unwrap_or(at)
}
